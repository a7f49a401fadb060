"""The dossier as it is typed (H63), and what goes in and out of its pages.

Everything that somebody types is kept as text, right or wrong: a draft may be incomplete and faulty, and what is wrong is said
by ``rules``, never by losing it. ID number and phone are not among it: they stay sealed in the registry (SECURITY 11).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300, Paragraph

Short = Annotated[str, msgspec.Meta(max_length=20)]
Name = Annotated[str, msgspec.Meta(max_length=30)]
Long = Annotated[str, msgspec.Meta(max_length=12000, extra={"lines": True})]
Summary = Annotated[str, msgspec.Meta(max_length=4000, extra={"lines": True})]
Resume = Annotated[str, msgspec.Meta(max_length=3000, extra={"lines": True})]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the dossier's parts: unknown keys of an older version are passed over."""


class Basic(Part, frozen=True, kw_only=True):
    """1 基本情况. Codes are the registry's (I5); ``joined_work`` is ``2007-07``."""

    ethnic_group: Short = ""
    native_place: Line60 = ""
    political_status: Short = ""
    education: Short = ""
    joined_work: Short = ""
    post: Line100 = ""
    skill_level: Short = ""
    title: Line60 = ""
    """职称."""
    address: Line200 = ""
    postcode: Short = ""
    head: Line60 = ""
    """A unit's or team's 负责人."""
    members: Short = ""
    """职工人数, or how many the team has."""
    founded: Short = ""


class Identity(Part, frozen=True, kw_only=True):
    """2 类别与身份 (H17) and how the nominee is put forward (H5, H16)."""

    category: Short = ""
    declared: tuple[Short, ...] = ()
    """Identities beside those that the worker's record tells."""
    evidence: Line300 = ""
    unit_class: Short = ""
    role: Literal["principal", "substitute"] = "principal"
    place: Short = "1"
    listing: Literal["regular", "separate"] = "regular"
    listing_reason: Line200 = ""
    posthumous: bool = False


class History(Part, frozen=True, kw_only=True):
    """3 个人简历; for a unit or a team, what it is."""

    resume: Resume = ""


class Prize(Part, frozen=True, kw_only=True):
    """One line of 何时何地受过何种奖励."""

    when: Short = ""
    """``2022-11``."""
    title: Line100 = ""
    conferrer: Line100 = ""
    level: Short = ""


class Record(Part, frozen=True, kw_only=True):
    """4 奖励与处分: prizes beside those of the ledger; sanctions, or 无."""

    prizes: tuple[Prize, ...] = ()
    sanctions: Paragraph = ""


class Deeds(Part, frozen=True, kw_only=True):
    """5 先进事迹 (H61, H62)."""

    summary: Summary = ""
    deeds: Long = ""


class Procedure(Part, frozen=True, kw_only=True):
    """6 民主程序与单位公示 (H31, H32). Counts and days as typed."""

    meeting: Short = ""
    """congress 职代会, assembly 职工大会, village 村民会议."""
    held_on: Short = ""
    called: Short = ""
    present: Short = ""
    agreed: Short = ""
    notice_from: Short = ""
    notice: Annotated[str, msgspec.Meta(max_length=36)] = ""
    """A notice of ours that was published here; else dates and a scan."""
    no_objection: bool = False


class Dossier(Part, frozen=True, kw_only=True):
    """The approval form's own words; the columns of the nomination and the registry hold the rest."""

    basic: Basic = Basic()
    identity: Identity = Identity()
    history: History = History()
    record: Record = Record()
    deeds: Deeds = Deeds()
    procedure: Procedure = Procedure()


SECTIONS: dict[str, type[Part]] = {
    "basic": Basic, "identity": Identity, "history": History, "record": Record, "deeds": Deeds, "procedure": Procedure,
}  # fmt: skip
"""The sections that are typed, by the name in their address."""


class StartForm(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to put forward for what. A person by ``worker``; a unit by ``unit``; a team by ``unit`` and ``team``."""

    award: UUID
    worker: UUID | None = None
    unit: UUID | None = None
    team: Line100 = ""
    role: Literal["principal", "substitute"] = "principal"


class VersionForm(msgspec.Struct, frozen=True, kw_only=True):
    """The version that was shown."""

    version: int


class WithdrawForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    reason: Line300 = ""


class ConsentForm(msgspec.Struct, frozen=True, kw_only=True):
    """公开同意 (P2), as the nominee signed it."""

    given: Literal["yes", "no"]
    signed_on: date
    covers: tuple[Literal["roll", "portrait", "deeds"], ...] = ()


class AskForm(msgspec.Struct, frozen=True, kw_only=True):
    """Clearances to ask for."""

    departments: tuple[Name, ...]
    asked_on: date


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    """A department's answer."""

    version: int
    opinion: Literal["agree", "reserved", "disagree"]
    opinion_on: date
    note: Line300 = ""


class VetoForm(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that excludes (H53): with its source."""

    about: Literal["worker", "unit"]
    kind: Name
    happened_on: date
    until_on: date | None = None
    source: Line200
    document: Line200 = ""
    note: Line300 = ""


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=300)]


class WaiverForm(msgspec.Struct, frozen=True, kw_only=True):
    """An exception (H10, H12)."""

    rule: Literal["H10", "H12"]
    reason: Annotated[str, msgspec.Meta(min_length=4, max_length=300)]


class Content(Part, frozen=True, kw_only=True):
    """What was handed in: the dossier with the names of its papers, to be compared with a later one."""

    name: str
    post: str
    dossier: Dossier
    flags: tuple[str, ...] = ()
    materials: tuple[tuple[str, str], ...] = ()
    """(kind, file name)."""
    portrait: bool = False


def dossier_of(stored: Any) -> Dossier:
    """The column's JSON (text or already decoded) as a ``Dossier``."""
    tree = msgspec.json.decode(stored) if isinstance(stored, (str, bytes)) else stored
    return msgspec.convert(tree or {}, Dossier, strict=False)
