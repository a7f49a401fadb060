"""The paper of a public notice (公示, D4), from plain values: whoever keeps the notice calls this with its frozen copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from publications.documents.paper.pool import set_paper
from publications.documents.schemas import Annex, Block, Entry, Kind, Level, Of, Paper
from publications.documents.wording import day_of

BY_UNIT, BY_PERSON = "须加盖单位公章，并留联系人和联系方式。", "须签署真实姓名，并留联系方式。"
FAIRLY = "反映情况应当实事求是、客观公正。可以采取来信、来电、来访等方式，信函以邮戳日期为准。对反映人信息予以保密。"


class Period(Struct, frozen=True, kw_only=True):
    """公示时间: both days count (H32); ``days`` working days."""

    first: date
    last: date
    days: int

    def text(self) -> str:
        """2026年4月27日至2026年5月6日（5个工作日）。"""
        return f"{day_of(self.first)}至{day_of(self.last)}（{self.days}个工作日）。"


class Contact(Struct, frozen=True, kw_only=True):
    """Who takes objections (H34); ``also`` is one more line (本公示同时在…发布。)."""

    office: str
    address: str
    phone: str = ""
    email: str = ""
    also: str = ""

    def lines(self) -> list[str]:
        named = (
            ("联系部门", self.office),
            ("联系地址", self.address),
            ("联系电话", self.phone),
            ("电子邮箱", self.email),
        )
        return [f"{label}：{value}" for label, value in named if value] + ([self.also] if self.also else [])


def notice_paper(
    *,
    title: str,
    basis: Sequence[str],
    period: Period,
    contact: Contact,
    organ: str,
    signed_on: date,
    list_title: str,
    rows: Sequence[Sequence[str]],
    body: Sequence[str] = (),
    of: Of | None = None,
    qr_payload: str = "",
    qr_caption: tuple[str, ...] = (),
) -> Paper:
    """A notice as a document: ``basis`` and ``body`` are paragraphs before the times, ``rows`` the list's lines, the name
    first; ``of`` what they are (guessed where left out: names alone are units). A row of one cell that begins with 一、 is a heading. Render it with :func:`notice_pdf`."""
    heading = Level.FIRST
    blocks = [
        *(Block(text=text) for text in (*basis, *body) if text),
        Block(text="公示时间", level=heading),
        Block(text=period.text()),
        Block(text="受理方式", level=heading),
        Block(text="以单位名义反映", level=Level.SECOND),
        Block(text=BY_UNIT),
        Block(text="以个人名义反映", level=Level.SECOND),
        Block(text=BY_PERSON),
        Block(text=FAIRLY),
        Block(text="联系方式", level=heading),
        *(Block(text=line) for line in contact.lines()),
    ]
    entries = tuple(_entry(row) for row in rows if row and row[0])
    annexes = (
        (Annex(title=list_title, of=of or (Of.UNITS if _units(entries) else Of.PEOPLE), entries=entries),)
        if entries
        else ()
    )
    return Paper(
        kind=Kind.PUBLICITY, organs=(organ,), title=title, signed_on=signed_on, body=tuple(blocks), annexes=annexes,
        qr_payload=qr_payload, qr_caption=qr_caption,
    )  # fmt: skip


def _entry(row: Sequence[str]) -> Entry:
    name, *others = row
    heading = not any(others) and len(name) > 2 and name[1:3].find("、") >= 0 and name[0] in "一二三四五六七八九十"
    return Entry(name=name, detail="　".join(cell for cell in others if cell), heading=heading)


def _units(entries: Sequence[Entry]) -> bool:
    """A list of names alone is one of units."""
    return not any(entry.detail for entry in entries)


async def notice_pdf(paper: Paper) -> bytes:
    """The notice's PDF/A-3u, set in the sealed process. Raises ``RenderRefused``."""
    return await set_paper(paper)
