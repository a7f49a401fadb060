"""The word processor's file: sound packages, the standard's grid, every word of the paper in order, nothing from outside."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[attr-defined]
from msgspec import structs

from publications.documents.paper.docx import as_docx
from publications.documents.schemas import Block, Level
from tests.publications.documents import papers

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
TWIP = 25.4 / 1440
ORDER = ["keepNext", "pageBreakBefore", "pBdr", "tabs", "spacing", "ind", "jc", "outlineLvl"]
"""The order in which the schema (CT_PPr) wants the properties that we use."""
RUN_ORDER = ["rFonts", "color", "sz", "szCs"]


def parts(paper) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(as_docx(paper))) as archive:
        assert archive.testzip() is None
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}


@pytest.fixture(scope="module")
def package():
    return parts(papers.decision())


def test_every_part_is_declared_and_every_link_leads_to_a_part(package):
    types = package["[Content_Types].xml"]
    declared = {item.get("PartName", "").lstrip("/") for item in types}
    for name in package:
        assert name in declared or name.endswith(".rels") or name == "[Content_Types].xml"
    for name, base in (("_rels/.rels", ""), ("word/_rels/document.xml.rels", "word/")):
        for link in package[name]:
            assert base + link.get("Target") in package
            assert link.get("TargetMode") is None  # nothing outside
    ids = {link.get("Id") for link in package["word/_rels/document.xml.rels"]}
    used = {item.get(f"{R}id") for item in package["word/document.xml"].iter(f"{W}footerReference")}
    assert used <= ids
    assert len(used) == 2


def test_the_page_is_the_standards(package):
    section = package["word/document.xml"].find(f".//{W}sectPr")
    size, margins, grid = (section.find(f"{W}{name}") for name in ("pgSz", "pgMar", "docGrid"))
    assert [round(int(size.get(f"{W}{side}")) * TWIP) for side in ("w", "h")] == [210, 297]
    measured = [int(margins.get(f"{W}{side}")) * TWIP for side in ("top", "right", "bottom", "left")]
    assert measured == pytest.approx([37, 26, 35, 28], abs=0.02)
    assert grid.get(f"{W}type") == "linesAndChars"
    assert 22 * int(grid.get(f"{W}linePitch")) * TWIP == pytest.approx(225, abs=0.2)
    cell = 16 + int(grid.get(f"{W}charSpace")) / 4096  # points
    assert 28 * cell / 72 * 25.4 == pytest.approx(156, abs=0.1)
    settings_part = package["word/settings.xml"]
    assert settings_part.find(f"{W}mirrorMargins") is not None
    assert settings_part.find(f"{W}evenAndOddHeaders") is not None


def test_the_properties_stand_in_the_schemas_order(package):
    for item in package["word/document.xml"].iter(f"{W}pPr"):
        names = [child.tag.removeprefix(W) for child in item]
        assert names == sorted(names, key=ORDER.index)
    for item in package["word/document.xml"].iter(f"{W}rPr"):
        names = [child.tag.removeprefix(W) for child in item]
        assert names == sorted(names, key=RUN_ORDER.index)


def test_every_word_of_the_paper_is_there_in_order(package):
    paper = papers.decision()
    said = "".join(item.text or "" for item in package["word/document.xml"].iter(f"{W}t"))
    wanted = [
        paper.organs[0] + "文件",
        paper.number,
        paper.title,
        paper.addressees + "：",
        *[b.text for b in paper.body],
    ]
    for annex in paper.annexes:
        wanted += [
            annex.title,
            *[entry.name if len(entry.name) > 2 else "　".join(entry.name) for entry in annex.entries],
        ]
    at = 0
    for text in wanted:
        at = said.index(text, at) + len(text)
    assert "2026年4月28日印发" in said


def test_levels_have_their_fonts():
    body = tuple(
        Block(text=f"第{level.value}", level=level) for level in (Level.FIRST, Level.SECOND, Level.THIRD, Level.PLAIN)
    )
    document = parts(structs.replace(papers.grid(), body=body))["word/document.xml"]
    fonts = {}
    for one in document.iter(f"{W}r"):
        text = one.find(f"{W}t")
        if text is not None and text.text and "第" in text.text:
            fonts[text.text] = one.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia")
    assert fonts == {
        "一、第first": "黑体",
        "（一）第second": "楷体_GB2312",
        "1．第third": "仿宋_GB2312",
        "第plain": "仿宋_GB2312",
    }


@settings(max_examples=40, deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="￾￿"), min_size=1)
)
def test_any_text_gives_a_sound_file(text):
    """Angle brackets, ampersands, quotation marks: what goes in comes out."""
    document = parts(structs.replace(papers.grid(), body=(Block(text=text),)))["word/document.xml"]
    assert text in "".join(item.text or "" for item in document.iter(f"{W}t"))


def test_the_same_paper_gives_the_same_bytes():
    assert as_docx(papers.joint()) == as_docx(papers.joint())
