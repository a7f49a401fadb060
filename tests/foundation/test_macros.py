"""The components as they reach the browser: what was typed, where faults stand, what a chart draws."""

import re
from decimal import Decimal
from types import SimpleNamespace as Thing
from typing import Any

import pytest

from foundation import assets
from foundation.web.templates import environment

pytestmark = pytest.mark.skipif(not assets.PACKAGES.is_dir(), reason="front-end packages are not installed (npm ci)")


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    assets.build()


def draw(source: str, **context: Any) -> str:
    head = '{% import "macros/ui.html" as ui with context %}{% import "macros/charts.html" as charts with context %}'
    head += '{% import "macros/public.html" as pub with context %}'
    return environment().from_string(head + source).render(csrf_token="t", **context)


def form(values: dict[str, Any], faults: dict[str, list[Any]] | None = None) -> Thing:
    faults = faults or {}
    return Thing(values=values, faults=faults, all_faults=[(n, f) for n, fs in faults.items() for f in fs])


def fault(message: str, rule: str | None = None) -> Thing:
    return Thing(code="x", message=message, field=None, rule=rule)


def test_a_field_keeps_what_was_typed_and_escapes_it() -> None:
    html = draw('{{ ui.field(form, "name", "N", value="old") }}', form=form({"name": '"><script>'}))
    assert 'value="&#34;&gt;&lt;script&gt;"' in html
    assert "old" not in html


def test_faults_are_tied_to_their_control() -> None:
    bad = form({"idno": "1"}, {"idno": [fault("check digit", "I1"), fault("too short")]})
    html = draw('{{ ui.field(form, "idno", "ID", hint="18 places", required=True) }}', form=bad)
    assert 'aria-describedby="f-idno-hint f-idno-fault"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-required="true"' in html
    assert html.index('id="f-idno-fault"') < html.index("check digit") < html.index("I1") < html.index("too short")


def test_a_field_without_fault_says_nothing_of_one() -> None:
    html = draw('{{ ui.field(none, "a", "A") }}')
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html


def test_a_box_that_came_back_unticked_stays_unticked() -> None:
    source = '{{ ui.field(form, "ok", "OK", "checkbox", value=True) }}'
    assert " checked" in draw(source, form=None)
    assert " checked" not in draw(source, form=form({"name": "somebody"}))


def test_a_chosen_option_survives_whatever_its_type() -> None:
    source = '{{ ui.field(form, "n", "N", "select", options=[(1, "one"), (2, "two")]) }}'
    assert '<option value="2" selected>' in draw(source, form=form({"n": "2"}))
    assert '<option value="1" selected>' not in draw(source, form=form({"n": "2"}))


def test_a_password_is_never_written_back() -> None:
    assert "geheim" not in draw('{{ ui.field(form, "p", "P", "password") }}', form=form({"p": "geheim"}))


def test_the_summary_links_each_fault_to_its_field() -> None:
    bad = form({}, {"modules-0-title": [fault("missing")], "": [fault("three teams at most", "C14")]})
    html = draw("{{ ui.form_errors(form) }}", form=bad)
    assert '<a href="#f-modules-0-title">missing</a>' in html
    assert "three teams at most" in html
    assert html.count("<li>") == 2
    assert draw("{{ ui.form_errors(form) }}", form=form({"a": 1})).strip() == ""


def test_a_locked_button_keeps_its_place_and_lists_every_obstacle() -> None:
    html = draw('{{ ui.locked_button("Confirm", list) }}', list=[fault("27 marks missing", "C24"), fault("3 unsigned")])
    assert 'aria-disabled="true"' in html
    assert "<button disabled" not in html
    assert "27 marks missing" in html
    assert "3 unsigned" in html


@pytest.mark.parametrize(
    ("value", "top", "width"),
    [("1", "3", "33.33"), ("0", "5", "0"), ("7", "5", "100"), ("-2", "5", "0"), ("4", "0", "0"), ("2.5", "20", "12.5")],
)
def test_a_bar_is_the_share_kept_within_its_track(value: str, top: str, width: str) -> None:
    html = draw("{{ ui.bar(v, m) }}", v=Decimal(value), m=Decimal(top))
    found = re.search(r'class="fill"[^>]* width="([0-9.]+)%"', html)
    assert found
    assert Decimal(found[1]) == Decimal(width)


def test_a_floor_that_is_missed_shows_the_gap_and_one_that_is_met_does_not() -> None:
    short = draw('{{ ui.limit_bar(19, 21, 40, "floor") }}')
    assert re.search(r'class="gap"[^>]*x="47.5%"[^>]*width="5.0%"', short)
    assert 'class="gap"' not in draw('{{ ui.limit_bar(21, 21, 40, "floor") }}')


def test_a_full_ceiling_warns_and_a_broken_one_blocks() -> None:
    assert "s-warn" not in draw('{{ ui.limit_bar(6, 7, 40, "ceiling") }}')
    assert "s-warn" in draw('{{ ui.limit_bar(7, 7, 40, "ceiling") }}')
    assert "s-bad" in draw('{{ ui.limit_bar(8, 7, 40, "ceiling") }}')


def test_a_histogram_draws_decimals_and_names_itself() -> None:
    bins = [Thing(lo=0, hi=50, count=1), Thing(lo=50, hi=100, count=4)]
    html = draw(
        '{{ charts.histogram(bins, "Totals", "two bins", values, Decimal("50"), Decimal("75")) }}',
        bins=bins, values=[Decimal("12.5"), Decimal("99.99")], Decimal=Decimal,
    )  # fmt: skip
    heights = [int(h) for h in re.findall(r'class="col"[^>]*height="(\d+)"', html)]
    assert heights == [32, 128]  # bars start at zero: a quarter of the people, a quarter of the height
    assert '<title id="hist-1-t">Totals</title>' in html
    assert "M210.0 14v158" in html  # the median of 50 stands in the middle of 0 to 100
    assert html.count('class="rug"') == 2


def test_movement_is_told_in_words_not_only_in_colour() -> None:
    assert "升" in draw("{{ pub.movement(2) }}")
    assert "降" in draw("{{ pub.movement(-1) }}")
    assert "未变" in draw("{{ pub.movement(0) }}")


def test_the_pager_shows_first_last_and_neighbours() -> None:
    class Found:
        page, pages, first, last, total = 10, 20, 181, 200, 400

        def url(self, page: int) -> str:
            return f"?page={page}"

    html = draw("{{ ui.pager(list) }}", list=Found())
    shown = [int(n) for n in re.findall(r">(\d+)</(?:a|span)>", html)]
    assert shown == [1, 8, 9, 10, 11, 12, 20]
    assert '<span aria-current="page">10</span>' in html
    assert 'rel="next" href="?page=11"' in html


def test_sorting_again_turns_the_order() -> None:
    class Found:
        sort = "total"

        def url(self, **changes: Any) -> str:
            return "?sort=" + changes["sort"]

    assert 'href="?sort=-total"' in draw('{{ ui.sort_head("T", "total", list) }}', list=Found())
    assert 'aria-sort="ascending"' in draw('{{ ui.sort_head("T", "total", list) }}', list=Found())
    assert "aria-sort" not in draw('{{ ui.sort_head("N", "name", list) }}', list=Found())


def test_each_rule_text_opens_from_its_own_tag() -> None:
    html = draw('{{ ui.rule("H31", "words") }}{{ ui.rule("H31", "words") }}{{ ui.rule("C1") }}')
    targets = re.findall(r'popovertarget="([^"]+)"', html)
    assert len(set(targets)) == 2
    assert re.findall(r'popover id="([^"]+)"', html) == targets


def test_all_ticks_of_one_name_come_back_ticked() -> None:
    from foundation.forms import as_typed

    source = '{{ ui.choices(form, "flags", "F", [("a", "A"), ("b", "B"), ("c", "C")], multiple=True) }}'
    back = form(as_typed([("flags", "a"), ("flags", "c"), ("name", "N")]))
    ticked = re.findall(r'value="(\w)"[^>]* checked', draw(source, form=back))
    assert ticked == ["a", "c"]
    assert re.findall(r'value="(\w)"[^>]* checked', draw(source, form=form(as_typed([("flags", "b")])))) == ["b"]
