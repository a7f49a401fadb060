"""Templates compile; every Chinese text on screen has its English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from foundation.i18n import WINGS, catalogue
from foundation.web.templates import environment
from tests.support import ROOT

KEYWORDS = {"_": None, "gettext": None, "N_": None, "Refusal": (2,), "Conflict": (2,), "Stale": (2,), "CrossSite": (2,)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
DOCUMENTS = ROOT / "publications" / "templates" / "documents"
FORMS = ROOT / "honours" / "templates" / "honours" / "nominations" / "paper"
HAN = re.compile(r"[\u3400-\u9fff]")


def test_every_template_compiles():
    names = environment().list_templates(extensions=["html"])
    assert len(names) > 20
    for name in names:
        environment().get_template(name)


def messages(wing: str) -> set[str]:
    options = {"**.html": {"extensions": "jinja2.ext.do", "trim_blocks": "true", "silent": "false"}}
    found = extract_from_dir(
        str(ROOT / wing), method_map=METHODS, keywords=KEYWORDS, options_map=options,
        directory_filter=lambda path: "piccolo_migrations" not in path and "static" not in path,
    )  # fmt: skip
    texts: set[str] = set()
    for _file, _line, message, _comments, _context in found:
        texts.update(
            part for part in (message if isinstance(message, tuple) else (message,)) if part and HAN.search(part)
        )
    return texts


@pytest.mark.parametrize("wing", WINGS)
def test_english_is_complete(wing):
    english = catalogue("en")
    missing = sorted(text for text in messages(wing) if text not in english)
    assert missing == []


def test_translations_keep_their_placeholders():
    for chinese, english in catalogue("en").items():
        for pattern in (r"\{(\w+)[^}]*\}", r"%\((\w+)\)s"):
            assert set(re.findall(pattern, chinese)) == set(re.findall(pattern, english)), chinese


@pytest.mark.parametrize(
    "path", sorted(p for w in WINGS for p in (ROOT / w / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_no_template_shows_chinese_outside_gettext(path: Path):
    if path.parent.name == "certificates" or path.parent in (DOCUMENTS, FORMS):
        return  # paper speaks Chinese only
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
    allowed = {"中文", "匠"}
    found = [run for run in re.findall(r"[\u4e00-\u9fff]+", bare) if run not in allowed]
    assert found == []


@pytest.mark.parametrize(
    "path", sorted(p for w in WINGS for p in (ROOT / w / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_no_template_holds_what_the_csp_refuses(path: Path):
    if "certificates" in path.parts or path.parent in (DOCUMENTS, FORMS):
        return  # printed on paper, never sent to a browser
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text), "style attribute"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "event attribute"
    assert not re.search(r"<script(?![^>]*src=)(?![^>]*type=.application/json)", text), "inline script"
    assert "<style" not in text, "inline style sheet"


@pytest.mark.parametrize(
    "path", sorted(p for w in WINGS for p in (ROOT / w / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_every_post_form_carries_the_token(path: Path):
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", text, flags=re.S | re.I):
        assert "csrf" in form, form[:120]
