"""What a template may not say: both walls are tried, the reading of the text and the sandbox behind it."""

from __future__ import annotations

import pytest
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError, UndefinedError

from publications.certificates.designs import kinds
from publications.certificates.designs.language import LARGEST, Environment, faults
from publications.certificates.designs.samples import SAMPLES

NAMES = kinds.names("medal")
CERTIFICATE = SAMPLES["medal"]["plain"][1]

ESCAPES = {
    "dunder": "{{ certificate.__class__ }}",
    "dunder of a string": "{{ ''.__class__.__mro__ }}",
    "subscript": "{{ certificate['__class__'] }}",
    "subclasses": "{{ ().__class__.__base__.__subclasses__() }}",
    "call": "{{ certificate.issued_on.isoformat() }}",
    "string method": "{{ 'x'.format(1) }}",
    "format map": "{{ '{0.__class__}'.format(certificate) }}",
    "attr filter": "{{ certificate|attr('__class__') }}",
    "map filter": "{{ [certificate]|map(attribute='__class__')|list }}",
    "range": "{% for n in range(1000000000) %}x{% endfor %}",
    "big product": "{{ 'x' * 1000000000 }}",
    "big power": "{{ 9 ** 9 ** 9 }}",
    "include": "{% include 'medal.html' %}",
    "import": "{% import 'medal.html' as m %}",
    "from import": "{% from 'medal.html' import m %}",
    "extends": "{% extends 'medal.html' %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "set": "{% set x = 'a' %}{{ x }}",
    "namespace": "{{ namespace(a=1) }}",
    "cycler": "{{ cycler('a').__init__.__globals__ }}",
    "lipsum": "{{ lipsum() }}",
    "self": "{{ self }}",
    "caller": "{% call m() %}{% endcall %}",
    "secret": "{{ certificate.statement }}{{ certificate.qr_payload }}",
    "unknown": "{{ secret_key }}",
    "unknown field": "{{ certificate.salary }}",
    "test": "{{ 1 if certificate is defined }}",
    "loop over a constant": "{% for c in 'abc' %}x{% endfor %}",
    "recursive loop": "{% for c in certificate.number recursive %}{{ loop(c) }}{% endfor %}",
}


@pytest.mark.parametrize("case", ESCAPES)
def test_the_reading_refuses(case):
    assert faults(ESCAPES[case], NAMES)


@pytest.mark.parametrize(
    "case", sorted(set(ESCAPES) - {"set", "secret", "loop over a constant", "big product", "big power", "self"})
)
def test_the_sandbox_refuses_too(case):
    """Without the first wall. What it lets by (products, powers) the worker's limits end; ``self`` shows a name."""
    with pytest.raises((TemplateError, SecurityError, UndefinedError, TypeError)):
        Environment().from_string(ESCAPES[case]).render(certificate=CERTIFICATE, fit={"name": "x"})


def test_every_fault_is_told_at_once_with_its_line():
    found = faults("{{ nobody }}\n{% include 'x' %}\n<p>{{ certificate.salary }}</p>\n{{ fit.name|shuffle }}", NAMES)
    told = [fault.text() for fault in found]
    assert [one.partition(" 行")[0] for one in told] == ["第 1", "第 2", "第 3", "第 4"]
    assert "nobody" in told[0]
    assert "include" in told[1]
    assert "certificate.salary" in told[2]


@pytest.mark.parametrize(
    "source", ["{{ certificate.number ", "{% for a in certificate.number %}", "{% endif %}", "{{ 1 + }}"]
)
def test_bad_syntax_names_its_line(source):
    (fault,) = faults("<p>\n" + source, NAMES)
    assert fault.code == "template.syntax"
    assert int(str(fault.facts["line"])) >= 1


def test_a_long_text_and_deep_loops_are_refused():
    assert faults("x" * (LARGEST + 1), NAMES)[0].code == "template.size"
    deep = "{% for a in certificate.number %}" * 4 + "x" + "{% endfor %}" * 4
    assert "template.depth" in [fault.code for fault in faults(deep, NAMES)]
    nested = "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"
    assert faults(nested, NAMES)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_our_own_templates_say_nothing_forbidden(kind):
    assert [fault.text() for fault in faults(kinds.built_in(kind).html, kinds.names(kind))] == []


def test_values_are_escaped_and_never_marked_safe():
    made = Environment().from_string("{{ fit.name }}").render(fit={"name": "<script>"})
    assert made == "&lt;script&gt;"
    assert faults("{{ fit.name|safe }}", NAMES)


def test_a_mapping_has_entries_only():
    with pytest.raises(UndefinedError):
        Environment().from_string("{{ fit.items }}").render(fit={"name": "x"})
