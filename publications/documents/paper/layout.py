"""A document as pages of 22 rows (D1, D2): which line stands on which row of which page. Pure; the setter only draws it.

A row is 28.99 pt, a cell 15.79 pt. The sign-off never stands alone on a page, a heading never at its foot, an annex begins
its own page, and the foot (版记) closes an even page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec import Struct, structs

from publications.documents.composition import Line, balanced, cells, compose
from publications.documents.schemas import Annex, Block, Level, Of, Paper
from publications.documents.wording import COUNTED, day_of, numbered

ROWS, CELLS = 22, 28
HEAD_ROWS = 10
JOINT_MOST = 5
"""More organs than these do not fit the head: the host's mark alone stands there, which the standard allows (D7)."""
TITLE_MOST = 40
"""Half cells of 22 pt on a line: 20 characters would be 155.2 mm."""
NAME_CELLS = 16
"""Names of a roll stand in 8 cells."""
FOOT_MEASURE = 58
"""14 pt characters between the foot's edges: 29, in halves."""
LEAD = {Level.FIRST: "Hei", Level.SECOND: "Kai"}


class Piece(Struct, frozen=True, kw_only=True):
    """Lines of one element that stand on one page, from ``row`` on. The first ``lead`` characters (of these lines) are set
    in ``lead_family``, the rest in ``family``. ``tag`` is the element, ``style`` its place in the style sheet."""

    row: int
    lines: tuple[Line, ...]
    family: str = "Fang"
    lead: int = 0
    lead_family: str = ""
    tag: str = "p"
    style: str = ""


class Seal(Struct, frozen=True, kw_only=True):
    """A signature of one organ: ``axis`` in cells from the left edge, its ``row``, the date below it if it is the last."""

    organ: str
    row: int
    axis: float
    date: str
    sealed: bool


class Page(Struct, frozen=True, kw_only=True):
    """One page: pieces, signatures, the lines of the foot, whether it is counted aloud, whether it holds the QR."""

    pieces: tuple[Piece, ...] = ()
    seals: tuple[Seal, ...] = ()
    foot: tuple[Line, ...] = ()
    numbered: bool = True
    qr: bool = False

    @property
    def used(self) -> int:
        """Rows taken from the top."""
        ends = [piece.row + len(piece.lines) for piece in self.pieces]
        return max([0, *ends, *(seal.row + (2 if seal.date else 1) for seal in self.seals)])


class _Flow:
    """Fills pages from the top; ``row`` is the next free one."""

    def __init__(self, start: int) -> None:
        self.pages: list[list[Piece]] = [[]]
        self.seals: list[list[Seal]] = [[]]
        self.row = start

    def new_page(self) -> None:
        self.pages.append([])
        self.seals.append([])
        self.row = 0

    def blank(self, rows: int = 1) -> None:
        """Empty rows; at the top of a page they are dropped."""
        if self.row:
            self.row += rows

    def put(self, piece: Piece, *, together: int = 1) -> None:
        """An element, cut at the page's foot; at least ``together`` rows must be free before it begins."""
        if self.row + together > ROWS and self.row:
            self.new_page()
        lines, lead = piece.lines, piece.lead
        while lines:
            if self.row >= ROWS:
                self.new_page()
            here = lines[: ROWS - self.row]
            self.pages[-1].append(structs.replace(piece, row=self.row, lines=here, lead=lead))
            lead = max(0, lead - sum(len(line.text) for line in here))
            lines = lines[len(here) :]
            self.row += len(here)

    def make_room(self, rows: int) -> None:
        """Before a sign-off of so many rows: if it does not fit, it takes the last lines of text with it."""
        if self.row + rows <= ROWS:
            return
        moved: list[Piece] = []
        while self.pages[-1] and self.pages[-1][-1].style == "note":
            moved.insert(0, self.pages[-1].pop())
        if not moved and self.pages[-1]:
            last = self.pages[-1].pop()
            keep = len(last.lines) - 2 if len(last.lines) > 3 else 0
            if keep:
                kept = sum(len(line.text) for line in last.lines[:keep])
                self.pages[-1].append(structs.replace(last, lines=last.lines[:keep]))
                last = structs.replace(last, lines=last.lines[keep:], lead=max(0, last.lead - kept))
            moved = [last]
            while self.pages[-1] and self.pages[-1][-1].tag in ("h2", "h3"):  # a heading goes along
                moved.insert(0, self.pages[-1].pop())
        self.new_page()
        for piece in moved:
            self.put(piece)


def lay_out(paper: Paper) -> tuple[Page, ...]:
    """All pages of a document."""
    flow = _Flow(head_rows(paper))
    flow.put(_title(paper.title, "h1"))
    flow.blank()
    if paper.addressees:
        flow.put(Piece(row=0, lines=compose(paper.addressees.rstrip("：:") + "：")))
    for (block, mark), together in zip(numbered(paper.body), _kept_together(paper.body), strict=True):
        flow.put(_block(block, mark), together=together)
    note = _annex_note(paper.annexes)
    if note and (tail := 1 + sum(len(piece.lines) for piece in note) + sign_rows(paper)) <= ROWS - 3:
        flow.make_room(tail)  # the list of annexes and the sign-off stay with some text
    if note:
        flow.blank()
    for piece in note:
        flow.put(piece)
    qr_page = _sign(flow, paper)
    for place, annex in enumerate(paper.annexes, 1):
        _annex(flow, annex, place if len(paper.annexes) > 1 else 0)
    pages = [Page(pieces=tuple(p), seals=tuple(s)) for p, s in zip(flow.pages, flow.seals, strict=True)]
    if paper.qr_payload:
        pages[qr_page] = structs.replace(pages[qr_page], qr=pages[qr_page].used <= ROWS - 5)
    return tuple(_with_foot(pages, paper))


def _kept_together(body: tuple[Block, ...]) -> list[int]:
    """Rows that must be free before each block: a heading stands with a line below it, and headings that follow each other
    with each other."""
    rows = [1] * len(body)
    for place in range(len(body) - 1, -1, -1):
        if body[place].level in LEAD:
            rows[place] = 1 + (rows[place + 1] if place + 1 < len(body) else 1)
    return rows


def head_rows(paper: Paper) -> int:
    """Rows above the title: ten under a red head, more where several organs share it (D7), none on a public notice."""
    return HEAD_ROWS + math.ceil(1.5 * (len(marks(paper)) - 1)) if paper.red_head else 0


def marks(paper: Paper) -> tuple[str, ...]:
    """The red head's lines: 宣城市总工会文件; of several organs each its own line, 文件 beside them. A letter has no 文件."""
    if paper.mark:
        return (paper.mark,)
    if len(paper.organs) == 1 or len(paper.organs) > JOINT_MOST:
        return (paper.organs[0] + ("" if paper.kind == "letter" else "文件"),)
    return paper.organs


def _title(title: str, tag: str) -> Piece:
    lines = tuple(Line(text=line) for line in balanced(title, TITLE_MOST))
    return Piece(row=0, lines=lines, family="Title", tag=tag, style="title")


def _block(block: Block, mark: str) -> Piece:
    text = mark + block.text
    lines = compose(text, first=4)
    family = LEAD.get(block.level, "")
    if not family:
        return Piece(row=0, lines=lines)
    # （一）加强领导。各级工会…: what runs on after the heading's full stop is ordinary text.
    stop = text.find("。")
    lead = stop + 1 if 0 <= stop < len(text) - 1 else len(text)
    tag = "h2" if block.level is Level.FIRST else "h3"
    return Piece(row=0, lines=lines, lead=lead, lead_family=family, tag=tag if lead == len(text) else "p")


def _annex_note(annexes: tuple[Annex, ...]) -> list[Piece]:
    """附件：1．…, one row below the text, no stop at the end (D2)."""
    pieces = []
    for place, annex in enumerate(annexes, 1):
        number = f"{place}．" if len(annexes) > 1 else ""
        lead = "附件：" if place == 1 else ""
        first = 4 if lead else 10
        text = lead + number + annex.title.replace("\n", "")
        pieces.append(Piece(row=0, lines=compose(text, first=first, hanging=10 + cells(number)), style="note"))
    return pieces


def sign_rows(paper: Paper) -> int:
    """Rows that the signatures take, the empty ones above and below counted."""
    rows = -(-len(paper.organs) // _across(paper.organs))
    before, after = _around(paper)
    return rows * (before + 1) + (rows - 1) * after + (2 if paper.sealed else 1)


def _around(paper: Paper) -> tuple[int, int]:
    """Free rows above and below each row of organs: five rows from one to the next keep the seals apart."""
    return (2, 2) if paper.sealed else (1, 0)


def _sign(flow: _Flow, paper: Paper) -> int:
    """The signatures (D2, D7); returns the page they stand on."""
    date = day_of(paper.signed_on)
    across = _across(paper.organs)
    rows = [paper.organs[at : at + across] for at in range(0, len(paper.organs), across)]
    before, after = _around(paper)
    flow.make_room(sign_rows(paper))
    for place, organs in enumerate(rows):
        if flow.row + before + 2 > ROWS:
            flow.new_page()
        flow.row += before
        for column, organ in enumerate(organs):
            last = place == len(rows) - 1 and column == len(organs) - 1
            axis = (
                _axis(organ, date, sealed=paper.sealed) if len(paper.organs) == 1 else CELLS * (column + 0.5) / across
            )
            seal = Seal(organ=organ, row=flow.row, axis=axis, date=date if last else "", sealed=paper.sealed)
            flow.seals[-1].append(seal)
        flow.row += 1 + after
    return len(flow.pages) - 1


def _across(organs: tuple[str, ...]) -> int:
    """How many signatures stand in a row: three at most, their seals apart (42 mm each), their names within their column."""
    longest = max(cells(organ) for organ in organs)
    fits = 3 if longest <= 16 else 2 if longest <= 26 else 1
    return min(fits, len(organs))


def _axis(organ: str, date: str, *, sealed: bool) -> float:
    """The middle of organ and date in cells: the date ends four cells in (two unsealed), a long name at the edge."""
    margin = 4 if sealed else 2
    return min(CELLS - margin - cells(date) / 4, CELLS - cells(organ) / 4)


def _annex(flow: _Flow, annex: Annex, place: int) -> None:
    flow.new_page()
    flow.put(Piece(row=0, lines=(Line(text=f"附件{place or ''}"),), family="Hei", style="annex"))
    flow.row = 2
    flow.put(_title(annex.title, "h2"))
    counted = annex.of is not Of.TEXT and not any(entry.heading for entry in annex.entries)
    if counted:
        count = Line(text=f"（共{len(annex.roll)}{COUNTED[annex.of]}）")
        flow.put(Piece(row=0, lines=(count,), family="Kai", style="count"))
    flow.blank()
    for entry in annex.entries:
        if entry.heading:
            lines = compose(entry.name, first=4)
            flow.put(Piece(row=0, lines=lines, family="Hei", tag="h3"), together=2)
        elif annex.of is Of.TEXT:
            flow.put(Piece(row=0, lines=compose(entry.name, first=4)))
        else:
            flow.put(Piece(row=0, lines=roll_lines(entry.name, entry.detail), style="entry"))


def roll_lines(name: str, detail: str) -> tuple[Line, ...]:
    """A name in 8 cells and its unit and post after it, which hang there; without a detail the name hangs by one cell."""
    if not detail:
        return compose(name, hanging=2)
    shown = name[0] + "　" + name[1] if len(name) == 2 else name
    width = max(NAME_CELLS, -(-cells(shown) // 2) * 2 + 2)
    pad = width - cells(shown)
    shown += "　" * (pad // 2) + " " * (pad % 2)
    if width > 32:  # such a name needs the line for itself
        return (*compose(name, hanging=2), *compose(detail, first=NAME_CELLS, hanging=NAME_CELLS))
    first, *others = compose(detail, first=width, hanging=width)
    return (Line(text=shown + first.text, lost=first.lost), *others)


def _with_foot(pages: list[Page], paper: Paper) -> Iterable[Page]:
    """The foot at the bottom of an even page: the last one where it has room, else a new one (GB/T 9704, 7.4)."""
    if not paper.printed_by:
        return pages
    lines = (
        (*compose(f"抄送：{paper.copies.rstrip('。.')}。", measure=FOOT_MEASURE, hanging=6),) if paper.copies else ()
    )
    printed = Line(text=f"{day_of(paper.printed_on or paper.signed_on)}印发")
    foot = (*lines, Line(text=paper.printed_by), printed)
    room = ROWS - (len(lines) + 2)
    if len(pages) % 2 or pages[-1].used > room or pages[-1].qr:
        added = 1 if len(pages) % 2 else 2
        # Where blank pages stand before it, neither they nor the foot's own page are numbered.
        pages += [Page(numbered=added == 1) for _ in range(added)]
    pages[-1] = structs.replace(pages[-1], foot=foot)
    return pages
