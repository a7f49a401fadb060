"""Pages set by WeasyPrint inside the worker: every line where :mod:`layout` put it, every run as wide as its cells.

The fonts are cut to the document's own characters and nothing else can be loaded. The layout engine justifies Chinese not
at all, so what a line lost to an early break is spread by letter-spacing; and a face whose digits are no half cell, or
whose dots are narrow, is brought to the grid the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pydyf
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from publications.certificates.rendering import carrying, lettering
from publications.certificates.rendering.fetcher import ClosedFetcher
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.page import _complaints, deflate, qr_png
from publications.certificates.rendering.schemas import RenderRefused
from publications.documents.composition import Line
from publications.documents.paper import faces as fonts
from publications.documents.paper.layout import Page, Piece, Seal, lay_out, marks
from publications.documents.schemas import Kind, Paper

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "documents"
MM, ROW, CELL = 72 / 25.4, 28.99, 15.79
WIDTH = 156 * MM
MARK_TOP, MARK_SIZE, MARK_PITCH, JOINT_SIZE = 33.81 * MM, 45.0, 51.4, 34.0
RULE_TOP = 82.04 * MM
SEAL = 42.0 * MM
_FIXED = {
    "Title": "文件示例",
    "Fang": "附件：0123456789．一二三四五六七八九十、（）共年月日号〔〕抄送印发。　 ",
    "Kai": "（共名个）0123456789一二三四五六七八九十",
    "Hei": "附件0123456789一二三四五六七八九十、",
    "Song": "— 0123456789",
}


class Run(Struct, frozen=True, kw_only=True):
    """Characters of one family and one width; ``kind`` is the style sheet's class for half (n) and full (w) width."""

    text: str
    family: str
    kind: str = ""
    space: str = ""


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


class _Bare(HTML):
    """A page without the browser's own style sheet."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return []


class Setter:
    """Sets documents with the machine's faces."""

    def __init__(self, found: Mapping[str, Face]) -> None:
        self._faces = found

    def render(self, paper: Paper, *, for_seal: bool = False) -> bytes:
        """A document as PDF/A-3u, tagged; ``for_seal`` with the empty signature field. Raises `RenderRefused`: ``render.glyph`` beside its field, ``render.fault``."""
        fonts.check(paper, self._faces)
        fetcher, configuration = ClosedFetcher(), FontConfiguration()

        def finish(_document: Any, pdf: pydyf.PDF) -> None:
            carrying.claim_accessibility(pdf)
            if for_seal:
                carrying.leave_room_for_seal(pdf, paper.organs[0])
            deflate(pdf)

        rules = "".join(
            f"@font-face{{font-family:{family};src:url({fetcher.serve(data, 'font/otf')})}}"
            for family, data in self._cut(paper).items()
        )
        style = rules + (TEMPLATES / "paper.css").read_text("utf-8")
        with _complaints() as complaints:
            sheet = CSS(string=style, font_config=configuration, url_fetcher=fetcher)
            html = self._html(paper, fetcher)
            document = _Bare(string=html, url_fetcher=fetcher).render(stylesheets=[sheet], font_config=configuration)
            pdf = document.write_pdf(finisher=finish, pdf_variant="pdf/a-3u", pdf_tags=True)
        if fetcher.refused:
            raise RenderRefused("render.fetch", "页面试图读取外部资源：{addresses}", addresses=fetcher.refused[0][:80])
        if complaints:
            raise RenderRefused("render.fault", "排版程序报告问题：{complaint}", complaint=complaints[0][:200])
        assert pdf is not None
        return pdf

    def _cut(self, paper: Paper) -> dict[str, bytes]:
        wanted = {family: set(text) for family, text in _FIXED.items()}
        for _field, family, text in fonts.texts(paper):
            wanted[family] |= set(text)
        wanted["Fang"] |= wanted["Kai"]  # it lends its quotation marks
        wanted["Hei"] |= set("".join(paper.qr_caption))
        return {family: self._faces[family].cut(characters) for family, characters in wanted.items()}

    def _html(self, paper: Paper, fetcher: ClosedFetcher) -> str:
        pages = [self._page(page, paper, fetcher) for page in lay_out(paper)]
        head = self._head(paper) if paper.red_head else None
        return _environment().get_template("paper.html").render(paper=paper, pages=pages, head=head)

    def _page(self, page: Page, paper: Paper, fetcher: ClosedFetcher) -> dict[str, Any]:
        foot = None
        if page.foot:
            *lines, by, printed = page.foot
            foot = {
                "lines": [{"runs": self.runs(line, size=14), "indent": _pt(14 + line.indent * 7)} for line in lines],
                "by": self.runs(by, size=14),
                "printed": self.runs(printed, size=14),
            }
        qr = fetcher.serve(qr_png(paper.qr_payload), "image/png") if page.qr else ""
        return {
            "numbered": page.numbered,
            "pieces": [self._piece(piece) for piece in page.pieces],
            "signs": [self._sign(seal, paper, fetcher) for seal in page.seals],
            "foot": foot,
            "qr": qr,
        }

    def _piece(self, piece: Piece) -> dict[str, Any]:
        lines, lead = [], piece.lead
        for line in piece.lines:
            runs = self.runs(line, piece.family, lead, piece.lead_family) if piece.style != "title" else _plain(line)
            lead = max(0, lead - len(line.text))
            lines.append({"runs": runs, "indent": _pt(line.indent * CELL / 2)})
        return {"tag": piece.tag, "style": piece.style, "top": _pt(piece.row * ROW), "lines": lines}

    def runs(
        self, line: Line, family: str = "Fang", lead: int = 0, lead_family: str = "", *, size: int = 16
    ) -> list[Run]:
        """The line as runs whose letter-spacing brings every character to its cell, the lost cells spread between them."""
        cell = CELL if size == 16 else float(size)
        last = len(line.text) - 1
        extra = line.lost * cell / 2 / last if last > 0 else 0.0

        def kind(place: int) -> tuple[str, bool, bool]:
            char, base = line.text[place], lead_family if place < lead else family
            return fonts.family_of(char, base, self._faces), fonts.is_half(char), place == last

        result = []
        for (name, half, ends), places in groupby(range(len(line.text)), key=kind):
            text = "".join(line.text[place] for place in places)
            natural = fonts.advance(self._faces[name], text) * size / len(text)
            space = (cell / 2 if half else cell) - natural + (0 if ends else extra)
            result.append(Run(text=text, family=name, kind=" n" if half else " w", space=_pt(space)))
        return result

    def _sign(self, seal: Seal, paper: Paper, fetcher: ClosedFetcher) -> dict[str, Any]:
        axis = seal.axis * CELL
        middle = (seal.row + (1 if seal.date else 0.5)) * ROW
        address = ""
        if seal.sealed:
            drawing = lettering.seal(seal.organ, self._faces["Title"], sample=paper.sample)
            address = fetcher.serve(drawing.svg().encode(), "image/svg+xml")
        return {
            "organ": seal.organ, "seal": address, "left": _pt(axis - SEAL / 2), "seal_top": _pt(middle - 0.56 * SEAL),
            "top": _pt(seal.row * ROW), "text_left": _pt(axis - WIDTH), "text_right": _pt(-axis),
            "name": self.runs(Line(text=seal.organ)), "date_top": _pt((seal.row + 1) * ROW),
            "date": self.runs(Line(text=seal.date)) if seal.date else [],
        }  # fmt: skip

    def _head(self, paper: Paper) -> dict[str, Any]:
        lines = marks(paper)
        drop = 1.5 * ROW * (len(lines) - 1)
        shown = [_mark(text, place, lines) for place, text in enumerate(lines)]
        if len(lines) > 1 and paper.kind is not Kind.LETTER:
            shown.append(_joint_word(len(lines)))
        return {
            "marks": shown,
            "number": self.runs(Line(text=paper.number or "　")),
            "number_top": _pt(RULE_TOP - 1.71 * MM - ROW + drop),
            "rule_top": _pt(RULE_TOP + drop),
        }


def _mark(text: str, place: int, lines: tuple[str, ...]) -> dict[str, Any]:
    """One line of the red head: 45 pt, 51.4 pt from character to character, closer and smaller where it must be.

    Names of several organs stand in one size, spread to one width, 文件 beside them (D7).
    """
    if len(lines) == 1:
        pitch = min(MARK_PITCH, WIDTH / len(text))
        size = min(MARK_SIZE, pitch)
        # The space after the last character would push the line aside by half.
        left, right = pitch - size, 0.0
    else:
        left, right, room = 0.0, 0.0, WIDTH * 0.74
        size = min(JOINT_SIZE, room / max(len(line) for line in lines))
        pitch = (room - size) / max(1, len(text) - 1)
    return {
        "text": text, "top": _pt(MARK_TOP + (MARK_SIZE - size) / 2 + place * 1.5 * ROW), "size": _pt(size),
        "space": _pt(pitch - size), "left": _pt(left), "right": _pt(right),
    }  # fmt: skip


def _joint_word(of: int) -> dict[str, Any]:
    top = MARK_TOP + (of - 1) * 0.75 * ROW
    return {"text": "文件", "top": _pt(top), "size": _pt(40), "space": _pt(4), "left": _pt(WIDTH * 0.78), "right": "0"}


def _plain(line: Line) -> list[Run]:
    return [Run(text=line.text, family="Title")]


def _pt(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
