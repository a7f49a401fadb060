"""GB/T 9704 measured from the PDF itself (D1, D2, D7): rows, cells, margins, title, rule, seal, page numbers, foot."""

from __future__ import annotations

import io
import itertools
import math
from typing import Any

import msgspec
import pikepdf
import pytest

from publications.documents.paper.layout import ROWS, lay_out, roll_lines
from publications.documents.schemas import Annex, Block, Entry, Level, Of
from tests.publications.documents import papers as given

PITCH, CELL = 225 / 22, 156 / 28


def red(r: int, g: int, b: int) -> bool:
    return r > 150 and g < 90 and b < 90


def lines_of(page):
    """The middles of the page's lines, the page number left out."""
    return sorted({round(word.middle, 2) for word in page if word.bottom < 263.5})


def test_a_full_page_has_22_lines_of_28_characters(measured):
    page = [word for word in measured[1].pages[1] if word.bottom < 263.5]
    assert len(page) == 22
    assert {len(word.text) for word in page} == {28}
    middles = lines_of(page)
    assert middles[0] == pytest.approx(42.12, abs=0.1)
    assert middles[-1] == pytest.approx(256.89, abs=0.1)
    for above, below in itertools.pairwise(middles):
        assert below - above == pytest.approx(PITCH, abs=0.02)
    for word in page:
        assert word.right - word.left == pytest.approx(156, abs=0.15)


def test_margins_are_mirrored(measured):
    odd, even = measured[1].pages[2], measured[1].pages[1]
    assert {round(word.left, 1) for word in odd if len(word.text) == 28} == {28.0}
    assert {round(word.left, 1) for word in even if len(word.text) == 28} == {26.0}
    assert max(word.right for word in odd) <= 210 - 26 + 0.15
    assert max(word.right for word in even) <= 210 - 28 + 0.15


def test_lines_broken_early_are_spread_to_the_edge(measured):
    """Every line of a paragraph but its last ends at the edge, whatever it lost."""
    laid = lay_out(given.decision())
    for number, page in enumerate(laid):
        left = 28.0 if number % 2 == 0 else 26.0
        for piece in page.pieces:
            if piece.style or piece.tag != "p":
                continue
            for line in piece.lines[:-1]:
                words = [w for w in measured[0].pages[number] if w.text == line.text]
                assert words, line.text
                assert words[0].left == pytest.approx(left + line.indent / 2 * CELL, abs=0.1)
                assert words[0].right == pytest.approx(left + 156, abs=0.25), line.text


def test_the_pdf_breaks_lines_where_the_composer_does(measured):
    """Line by line over the whole text: WeasyPrint added no break and dropped no character."""
    for paper, pdf in ((given.decision(), measured[0]), (given.grid(), measured[1])):
        for number, page in enumerate(lay_out(paper)):
            rows: dict[int, str] = {}
            for word in sorted(pdf.pages[number], key=lambda word: word.left):
                if word.bottom < 263.5:
                    row = math.floor((word.middle - 37) / PITCH)
                    rows[row] = rows.get(row, "") + word.text
            for piece in page.pieces:
                for offset, line in enumerate(piece.lines):
                    assert rows[piece.row + offset] == "".join(line.text.split()), (number, piece.row + offset)


def test_the_head(measured):
    """Mark 35 mm under the type area's top; the rule 4 mm under the number; the title's first line on the 11th row."""
    left, top, right, bottom = measured[0].ink(0, red)
    assert top == pytest.approx(37 + 35, abs=0.15)
    assert (left, right) == (pytest.approx(28, abs=0.15), pytest.approx(184, abs=0.15))
    number = measured[0].word(0, "宣工〔2026〕12号")
    assert (number.left + number.right) / 2 == pytest.approx(28 + 78, abs=0.3)
    black = measured[0].ink(0, lambda r, g, b: max(r, g, b) < 100)
    assert black[1] < bottom  # the number's ink begins above the rule's lower edge
    mark = measured[0].word(0, given.ORGAN + "文件")
    assert (mark.left + mark.right) / 2 == pytest.approx(28 + 78, abs=1.5)
    title = measured[0].word(0, given.ORGAN)
    assert (title.left + title.right) / 2 == pytest.approx(28 + 78, abs=0.3)
    assert title.middle == pytest.approx(37 + 10.5 * PITCH, abs=0.6)
    assert title.middle - bottom == pytest.approx(2 * PITCH + 22 / 72 * 25.4 / 2, abs=1)  # two lines under the rule
    addressees = next(word for word in measured[0].pages[0] if word.text.startswith("各县"))
    assert addressees.left == pytest.approx(28, abs=0.05)
    assert addressees.text.endswith("：")


def test_the_rule_is_4_mm_under_the_number(measured):
    from PIL import Image

    measured[0].ink(0, red, dpi=600)
    image: Any = Image.open(measured[0].path.with_name("page0.ppm")).convert("RGB")
    middle = [image.getpixel((image.width // 2 + 3, y)) for y in range(image.height)]
    rules = [y for y, pixel in enumerate(middle) if red(*pixel) and y > 100 * 600 / 25.4]
    number = measured[0].word(0, "宣工〔2026〕12号")
    box = [
        y
        for y in range(int(number.top * 600 / 25.4), rules[0])
        if any(sum(image.getpixel((x, y))) < 250 for x in range(image.width // 3, image.width * 2 // 3, 2))
    ]
    assert (rules[0] - box[-1]) * 25.4 / 600 == pytest.approx(3.94, abs=0.15)
    assert len(rules) * 25.4 / 600 == pytest.approx(0.7, abs=0.1)


def test_the_seal_lies_over_organ_and_date(measured):
    number = next(n for n, page in enumerate(lay_out(given.decision())) if page.seals)
    left, top, right, bottom = measured[0].ink(number, red)
    assert right - left == pytest.approx(42, abs=0.15)
    assert bottom - top == pytest.approx(42, abs=0.15)
    date, organ = measured[0].word(number, "2026年4月28日"), measured[0].word(number, given.ORGAN)
    edge = 28 + 156 if number % 2 == 0 else 26 + 156
    assert edge - date.right == pytest.approx(4 * CELL, abs=0.2)  # 右空四字
    for word in (date, organ):
        assert (word.left + word.right) / 2 == pytest.approx((left + right) / 2, abs=0.15)
    block = (organ.middle + date.middle) / 2
    assert block - top == pytest.approx(0.56 * 42, abs=0.3)
    above = max(word.middle for word in measured[0].pages[number] if word.bottom < top + 2)
    assert top - (above + PITCH / 2) == pytest.approx(7.2, abs=0.3)  # within one line of the text
    with pikepdf.open(io.BytesIO(measured[0].bytes)) as pdf:
        assert "示例" not in "".join(word.text for word in measured[0].pages[number] if word.left > left)
        assert any("/Figure" in str(item.get("/S", "")) for item in pdf.objects if isinstance(item, pikepdf.Dictionary))


def test_page_numbers_stand_outside_one_character_in(measured):
    for number, page in enumerate(measured[0].pages):
        dashes = [word for word in page if word.text == "—" and word.top > 260]
        assert len(dashes) == 2
        if number % 2 == 0:
            assert 184 - max(word.right for word in dashes) == pytest.approx(14 / 72 * 25.4, abs=0.4)
        else:
            assert min(word.left for word in dashes) - 26 == pytest.approx(14 / 72 * 25.4, abs=0.6)
        (shown,) = [word for word in page if word.top > 260 and word.text.isdigit()]
        assert shown.text == str(number + 1)


def test_the_dash_lies_7_mm_under_the_type_area(measured):
    """The number's dash: the leftmost ink under the type area, a hair's line whose middle is measured."""
    from PIL import Image

    left, top, _right, bottom = measured[0].ink(0, lambda r, g, b: r < 120, dpi=600, below=263)
    image: Any = Image.open(measured[0].path.with_name("page0.ppm")).convert("L")
    x = round((left + 1.5) * 600 / 25.4)
    dash = [y for y in range(round(top * 600 / 25.4), round(bottom * 600 / 25.4) + 1) if image.getpixel((x, y)) < 128]
    assert sum(dash) / len(dash) * 25.4 / 600 - 262 == pytest.approx(7.0, abs=0.1)
    assert len(dash) * 25.4 / 600 < 0.6


def test_the_foot_closes_an_even_page_at_the_type_areas_edge(measured):
    pages = measured[0].pages
    assert len(pages) % 2 == 0
    left, _top, right, bottom = measured[0].ink(len(pages) - 1, lambda r, g, b: r < 120, below=220)
    printed = measured[0].word(len(pages) - 1, "2026年4月28日印发")
    assert printed.bottom < 262.1
    assert right == pytest.approx(26 + 156, abs=0.2)
    assert left == pytest.approx(26, abs=0.2)
    assert 182 - printed.right == pytest.approx(14 / 72 * 25.4, abs=0.2)
    assert bottom > 262


def test_annexes_begin_their_own_pages(measured):
    laid = lay_out(given.decision())
    first = [n for n, page in enumerate(laid) if page.pieces and page.pieces[0].style == "annex"]
    assert len(first) == 2
    for number, text in zip(first, ("附件1", "附件2"), strict=True):
        head = measured[0].word(number, text)
        assert head.middle == pytest.approx(42.12, abs=0.2)
        title = next(word for word in measured[0].pages[number] if word.text.startswith("2026年宣城市"))
        assert title.middle == pytest.approx(37 + 2.5 * PITCH, abs=0.6)
    count = next(word for word in measured[0].pages[first[1]] if word.text == "（共16名）")
    edge = 28 if first[1] % 2 == 0 else 26
    assert (count.left + count.right) / 2 == pytest.approx(edge + 78, abs=0.4)
    units = [word for word in measured[0].pages[first[1]] if word.text == "宣城示例机械制造有限公司焊工"]
    assert {round(word.left - edge - 8 * CELL, 1) for word in units} <= {-0.1, 0.0, 0.1}  # names in eight cells
    assert len(units) == 15


def test_joint_organs_stand_in_order_with_their_seals_apart(measured):
    """D7: the host first; every seal its own, no two touching."""
    laid = lay_out(given.joint())
    ((number, page),) = [(n, page) for n, page in enumerate(laid) if page.seals]
    assert [seal.organ for seal in page.seals] == list(given.joint().organs)
    assert [bool(seal.date) for seal in page.seals] == [False, False, True]
    axes = [measured[2].word(number, seal.organ) for seal in page.seals]
    for first, second in itertools.pairwise(axes):
        gap = math.dist(
            ((first.left + first.right) / 2, first.middle), ((second.left + second.right) / 2, second.middle)
        )
        assert gap > 42
    marks = [word.text for word in measured[2].pages[0] if word.top < 125]
    assert [organ for organ in given.joint().organs if organ in "".join(marks)] == list(given.joint().organs)


def test_it_says_that_it_is_pdf_a_and_accessible(measured):
    with pikepdf.open(io.BytesIO(measured[0].bytes)) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
            assert metadata["pdfuaid:part"] == "1"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "zh-CN"
        for page in pdf.pages:
            for font in page.Resources.get("/Font", {}).values():
                descendant = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile3" in descendant or "/FontFile2" in descendant


@pytest.mark.parametrize("size", range(60))
def test_the_sign_off_is_never_alone_whatever_the_length(size):
    """However long the text: the page of the signature holds text, and nothing stands under the 22nd row."""
    for annexes in ((), (Annex(title="名单", of=Of.UNITS, entries=(Entry(name="示例厂"),)),)):
        paper = given.grid()
        body = (Block(text="工" * 26 * 3), Block(text="会" * (26 + 28 * size)), Block(text="职" * 40))
        paper = type(paper)(
            **{
                **{f: getattr(paper, f) for f in paper.__struct_fields__},
                "body": body,
                "annexes": annexes,
                "sealed": True,
            }
        )
        pages = lay_out(paper)
        text = "".join(line.text for page in pages for piece in page.pieces for line in piece.lines)
        assert text.count("会") == 26 + 28 * size
        assert text.count("工") == 78
        assert text.count("职") == 40
        (signed,) = [page for page in pages if page.seals]
        assert [piece for piece in signed.pieces if piece.style == "" and piece.tag == "p"]
        for page in pages:
            assert page.used <= ROWS
            taken = [row for piece in page.pieces for row in range(piece.row, piece.row + len(piece.lines))]
            assert len(taken) == len(set(taken))
            assert max(taken) < ROWS


def test_a_foot_never_lies_on_text():
    for extra in range(30):
        paper = given.decision()
        fields = {f: getattr(paper, f) for f in paper.__struct_fields__}
        paper = type(paper)(**{**fields, "annexes": (), "body": (Block(text="工" * (26 + 28 * extra)),)})
        pages = lay_out(paper)
        assert len(pages) % 2 == 0
        assert pages[-1].foot
        assert not any(page.foot for page in pages[:-1])
        assert pages[-1].used + len(pages[-1].foot) - 1 <= ROWS
        if not pages[-2].used:
            assert not pages[-1].numbered
            assert not pages[-2].numbered


def test_names_in_their_cells():
    (line,) = roll_lines("李镒", "示例厂焊工")
    assert line.text == "李　镒" + "　" * 5 + "示例厂焊工"
    long = roll_lines("买买提江·吐尔逊·阿不都热合曼", "示例厂焊工")
    assert "".join(line.text for line in long).replace("　", "") == "买买提江·吐尔逊·阿不都热合曼示例厂焊工"


@pytest.mark.parametrize("lines", range(1, 25))
def test_headings_never_stand_at_a_foot_without_text_below_them(lines):
    """一、 with （一） under it, pushed down line by line: the page's last element is never a heading."""
    body = (
        Block(text="字" * 28 * lines), Block(text="总体要求", level=Level.FIRST), Block(text="加强领导", level=Level.SECOND),
        Block(text="各级工会要重视。" * 12),
    )  # fmt: skip
    paper = msgspec.structs.replace(given.grid(), title="格", body=body)
    pages = lay_out(paper)
    for page in pages[:-1]:
        assert page.pieces[-1].tag not in ("h2", "h3"), lines
