"""The same document for a word processor (WordprocessingML), for the office that must edit it. Pure.

The grid is the paper's: 22 lines of 28 characters on a 156 × 225 mm type area, mirrored margins, page numbers outside. Word
breaks the lines itself. It asks for the fonts that the standard names (仿宋_GB2312, 小标宋 …) and Word puts its own where
they are absent. The seal is left to the office: what is edited is no longer sealed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from publications.documents.composition import balanced, cells
from publications.documents.paper.layout import LEAD, NAME_CELLS, TITLE_MOST, head_rows, marks
from publications.documents.schemas import Annex, Level, Of, Paper
from publications.documents.wording import COUNTED, day_of, numbered

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
FONTS = {"Fang": "仿宋_GB2312", "Hei": "黑体", "Kai": "楷体_GB2312", "Song": "宋体", "Title": "方正小标宋简体"}
TWIPS = 1440 / 25.4
LINE, CELL = 580, 316
"""28.99 pt and 15.79 pt in twentieths of a point."""
CHARACTER_SPACE = round((15.79 - 16) * 4096)
"""What Word adds to every character so that 28 fill the line, in 1/4096 pt."""
RED = "E60012"


def twips(millimetres: float) -> int:
    return round(millimetres * TWIPS)


def run(text: str, family: str = "Fang", size: float = 16, *, colour: str = "") -> str:
    """A run; ``size`` in points."""
    font = quoteattr(FONTS[family])
    tint = f'<w:color w:val="{colour}"/>' if colour else ""
    half = round(size * 2)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii={font} w:hAnsi={font} w:eastAsia={font} w:hint="eastAsia"/>{tint}'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def paragraph(
    *runs: str, align: str = "both", first: int = 0, left: int = 0, right: int = 0, keep: bool = False, breaks: bool = False,
    outline: int | None = None, extra: str = "", line: int = LINE,
) -> str:  # fmt: skip
    """A paragraph; indents in hundredths of a character, the line's pitch exact. Its properties stand in the schema's order."""
    properties = "<w:keepNext/>" if keep else ""
    properties += "<w:pageBreakBefore/>" if breaks else ""
    properties += extra
    properties += f'<w:spacing w:before="0" w:after="0" w:line="{line}" w:lineRule="exact"/>'
    if first or left or right:
        hang = f'w:firstLineChars="{first}"' if first >= 0 else f'w:hangingChars="{-first}"'
        properties += f'<w:ind w:leftChars="{left}" w:rightChars="{right}" {hang}/>'
    properties += f'<w:jc w:val="{align}"/>'
    if outline is not None:
        properties += f'<w:outlineLvl w:val="{outline}"/>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def empty(rows: int = 1) -> str:
    return paragraph() * rows


def as_docx(paper: Paper) -> bytes:
    """The file. The same paper gives the same bytes."""
    body = "".join(_body(paper))
    document = f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}{_section()}</w:body></w:document>'
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(
            ("rId1", f"{R}/officeDocument", "word/document.xml"),
            ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _core(paper),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _relations(
            ("rId1", f"{R}/styles", "styles.xml"),
            ("rId2", f"{R}/settings", "settings.xml"),
            ("rId3", f"{R}/footer", "footer1.xml"),
            ("rId4", f"{R}/footer", "footer2.xml"),
        ),
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/footer1.xml": _footer("right"),
        "word/footer2.xml": _footer("left"),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)
    return packed.getvalue()


def _body(paper: Paper) -> Iterator[str]:
    if paper.red_head:
        yield from _head(paper)
    for line in balanced(paper.title, TITLE_MOST):
        yield paragraph(run(line, "Title", 22), align="center", outline=0)
    yield empty()
    if paper.addressees:
        yield paragraph(run(paper.addressees.rstrip("：:") + "："))
    for block, mark in numbered(paper.body):
        yield _block(mark + block.text, block.level)
    yield from _annex_note(paper)
    yield from _sign(paper)
    for place, annex in enumerate(paper.annexes, 1):
        yield from _annex(annex, place if len(paper.annexes) > 1 else 0)
    yield from _foot(paper)


def _head(paper: Paper) -> Iterator[str]:
    """The red head in the rows the paper gives it: the mark on the fourth row and below, number and rule, two rows free."""
    lines = marks(paper)
    rows = head_rows(paper)
    taken = 2 * len(lines)
    yield empty(max(0, rows - 5 - taken))
    size = min(45.0, 420 / max(len(line) for line in lines))
    for line in lines:
        yield paragraph(
            run(line, "Title", size, colour=RED), align="center" if len(lines) == 1 else "distribute", line=2 * LINE
        )
    yield empty(2)
    rule = f'<w:pBdr><w:bottom w:val="single" w:sz="16" w:space="4" w:color="{RED}"/></w:pBdr>'
    yield paragraph(run(paper.number or "　"), align="center", extra=rule)
    yield empty(2)


def _block(text: str, level: Level) -> str:
    family = LEAD.get(level, "")
    if not family:
        return paragraph(run(text), first=200)
    stop = text.find("。")
    lead = stop + 1 if 0 <= stop < len(text) - 1 else len(text)
    rest = [run(text[lead:])] if text[lead:] else []
    outline = 1 if level is Level.FIRST else 2
    return paragraph(run(text[:lead], family), *rest, first=200, keep=not rest, outline=None if rest else outline)


def _annex_note(paper: Paper) -> Iterator[str]:
    if paper.annexes:
        yield empty()
    for place, annex in enumerate(paper.annexes, 1):
        number = f"{place}．" if len(paper.annexes) > 1 else ""
        hang = 150 if number else 0
        lead = "附件：" if place == 1 else ""
        text = run(lead + number + annex.title.replace("\n", ""))
        yield paragraph(text, left=500 + hang, first=-(hang + (300 if lead else 0)))


def _sign(paper: Paper) -> Iterator[str]:
    """Organ and date: the date four characters in where a seal will stand, two where none will (D2)."""
    date = day_of(paper.signed_on)
    margin = 4 if paper.sealed else 2
    yield empty(2 if paper.sealed else 1)
    for organ in paper.organs:
        aside = margin + (cells(date) - cells(organ)) / 4 if len(paper.organs) == 1 else margin
        yield paragraph(run(organ), align="right", right=round(100 * max(0.0, aside)), keep=True)
    yield paragraph(run(date), align="right", right=100 * margin)


def _annex(annex: Annex, place: int) -> Iterator[str]:
    yield paragraph(run(f"附件{place or ''}", "Hei"), breaks=True)
    yield empty()
    for line in balanced(annex.title, TITLE_MOST):
        yield paragraph(run(line, "Title", 22), align="center", outline=1)
    if annex.of is not Of.TEXT and not any(entry.heading for entry in annex.entries):
        yield paragraph(run(f"（共{len(annex.roll)}{COUNTED[annex.of]}）", "Kai"), align="center")
    yield empty()
    tab = f'<w:tabs><w:tab w:val="left" w:pos="{CELL * NAME_CELLS // 2}"/></w:tabs>'
    for entry in annex.entries:
        name = entry.name[0] + "　" + entry.name[1] if len(entry.name) == 2 and annex.of is Of.PEOPLE else entry.name
        if entry.heading:
            yield paragraph(run(entry.name, "Hei"), first=200, keep=True)
        elif annex.of is Of.TEXT:
            yield paragraph(run(entry.name), first=200)
        elif entry.detail:
            yield paragraph(run(name), "<w:r><w:tab/></w:r>", run(entry.detail), left=800, first=-800, extra=tab)
        else:
            yield paragraph(run(name), left=100, first=-100)


def _foot(paper: Paper) -> Iterator[str]:
    """The foot (版记) after the last text: the office pushes it to the foot of the last even page when it is done."""
    if not paper.printed_by:
        return
    rule = '<w:{side} w:val="single" w:sz="{size}" w:space="1" w:color="000000"/>'
    top, bottom = rule.format(side="top", size=8), rule.format(side="bottom", size=8)
    thin = rule.format(side="top", size=6)
    yield empty()
    if paper.copies:
        text = run(f"抄送：{paper.copies.rstrip('。.')}。", size=14)
        yield paragraph(text, left=400, right=100, first=-300, extra=f"<w:pBdr>{top}</w:pBdr>")
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{twips(156) - 280}"/></w:tabs>'
    printed = f"{day_of(paper.printed_on or paper.signed_on)}印发"
    border = f"<w:pBdr>{thin if paper.copies else top}{bottom}</w:pBdr>{tab}"
    yield paragraph(
        run(paper.printed_by, size=14), "<w:r><w:tab/></w:r>", run(printed, size=14), left=100, right=100, extra=border
    )


def _section() -> str:
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:footerReference w:type="even" r:id="rId4"/>'
        f'<w:pgSz w:w="{twips(210)}" w:h="{twips(297)}"/>'
        f'<w:pgMar w:top="{twips(37)}" w:right="{twips(26)}" w:bottom="{twips(35)}" w:left="{twips(28)}"'
        f' w:header="{twips(15)}" w:footer="{twips(25.5)}" w:gutter="0"/>'
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="{CHARACTER_SPACE}"/></w:sectPr>'
    )


def _footer(side: str) -> str:
    """— 1 — in 四号宋体, one character in from the outer edge."""
    field = (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r>{_size(14)}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("1", "Song", 14)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    left, right = (100, 0) if side == "left" else (0, 100)
    content = paragraph(
        run("— ", "Song", 14), field, run(" —", "Song", 14), align=side, line=280, left=left, right=right
    )
    return f'<w:ftr xmlns:w="{W}">{content}</w:ftr>'


def _size(points: int) -> str:
    return f'<w:rPr><w:sz w:val="{points * 2}"/></w:rPr>'


def _styles() -> str:
    font = quoteattr(FONTS["Fang"])
    return (
        f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii={font} w:hAnsi={font}'
        f' w:eastAsia={font}/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>'
        '</w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/>'
        "</w:style></w:styles>"
    )


def _settings() -> str:
    return (
        f'<w:settings xmlns:w="{W}"><w:mirrorMargins/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="doNotCompress"/></w:settings>'
    )


def _core(paper: Paper) -> str:
    day = datetime(paper.signed_on.year, paper.signed_on.month, paper.signed_on.day, tzinfo=UTC)
    title = escape(paper.title.replace("\n", ""))
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:creator>{escape(paper.organs[0])}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day:%Y-%m-%dT%H:%M:%SZ}</dcterms:created></cp:coreProperties>'
    )


def _types() -> str:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    overrides = {
        "/word/document.xml": f"{main}.document.main+xml", "/word/styles.xml": f"{main}.styles+xml",
        "/word/settings.xml": f"{main}.settings+xml", "/word/footer1.xml": f"{main}.footer+xml",
        "/word/footer2.xml": f"{main}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }  # fmt: skip
    named = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{named}</Types>'
    )


def _relations(*links: tuple[str, str, str]) -> str:
    named = "".join(f'<Relationship Id="{one}" Type="{kind}" Target="{target}"/>' for one, kind, target in links)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{named}</Relationships>'
