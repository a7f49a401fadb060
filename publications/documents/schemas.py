"""What a document says: plain values only, the same for the paper, the word processor's file and the frozen copy."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Optional = Annotated[str, Meta(max_length=300)]


class Kind(StrEnum):
    """文种."""

    DECISION = "decision"
    NOTICE = "notice"
    LETTER = "letter"
    PUBLICITY = "publicity"


class Level(StrEnum):
    """What a block of the body is (D2): 一、 in 黑体, （一） in 楷体, 1. and （1） in 仿宋, or a paragraph."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    PLAIN = "plain"


class Of(StrEnum):
    """What the lines of an annex are: it decides the word of measure (16名, 4个) and the pattern of H70."""

    PEOPLE = "people"
    UNITS = "units"
    TEAMS = "teams"
    TEXT = "text"


class Block(Struct, frozen=True, kw_only=True):
    """One paragraph of the body. A heading's ``text`` is without its number: numbers are counted, never typed."""

    text: Annotated[str, Meta(min_length=1, max_length=6000)]
    level: Level = Level.PLAIN


class Entry(Struct, frozen=True, kw_only=True):
    """One line of a roll (H71): a name and what stands beside it (unit and post). ``region`` is the county's code, empty for
    the city's own; ``heading`` makes the line a heading of the roll."""

    name: Line
    detail: Annotated[str, Meta(max_length=620)] = ""
    region: Annotated[str, Meta(max_length=12)] = ""
    heading: bool = False


class Annex(Struct, frozen=True, kw_only=True):
    """附件. ``honour`` is the title a roll's entries receive; a ``text`` annex holds paragraphs in ``entries``' names."""

    title: Line
    of: Of = Of.TEXT
    honour: Annotated[str, Meta(max_length=100)] = ""
    entries: Annotated[tuple[Entry, ...], Meta(max_length=5000)] = ()

    @property
    def roll(self) -> tuple[Entry, ...]:
        """The entries without headings."""
        return tuple(entry for entry in self.entries if not entry.heading)


class Paper(Struct, frozen=True, kw_only=True):
    """A whole document. ``organs`` sign it, the host first (D7); ``mark`` is the red head, empty: the organs and 文件.

    ``number`` is empty on a draft. ``signed_on`` is 成文日期. ``copies`` 抄送, ``printed_by`` and ``printed_on`` make the foot
    (版记). ``sample`` writes 示例 into the seal. ``qr_payload`` and ``qr_caption`` print a code beside the signature.
    """

    kind: Kind
    organs: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=12)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    signed_on: date
    mark: Annotated[str, Meta(max_length=60)] = ""
    number: Annotated[str, Meta(max_length=80)] = ""
    addressees: Annotated[str, Meta(max_length=600)] = ""
    body: Annotated[tuple[Block, ...], Meta(max_length=400)] = ()
    annexes: Annotated[tuple[Annex, ...], Meta(max_length=30)] = ()
    copies: Annotated[str, Meta(max_length=600)] = ""
    printed_by: Annotated[str, Meta(max_length=60)] = ""
    printed_on: date | None = None
    sealed: bool = True
    sample: bool = True
    qr_payload: Annotated[str, Meta(max_length=400)] = ""
    qr_caption: tuple[str, ...] = ()

    @property
    def red_head(self) -> bool:
        """Whether the sheet begins with the organ's red head: a public notice (公示) has none."""
        return self.kind is not Kind.PUBLICITY
