"""What notices are ordered with, typed into, and shown as."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.errors import Refusal
from foundation.forms import Line60, Line100, Line200, Line300, Paragraph
from publications.notices.rules import LEAST_DAYS, MOST_DAYS, Stage
from publications.notices.strip import Day, Standing

Roll = Annotated[str, msgspec.Meta(max_length=60_000, extra={"lines": True})]
Series = Annotated[str, msgspec.Meta(max_length=20)]


class SubjectOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list: what it is in its own wing, and its cells in the order of the headings."""

    cells: tuple[Line200, ...]
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,20}$")] = "other"
    source: UUID | None = None


class NoticeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that another wing asks for, or a form's draft once it is read. ``handling`` is derived where left out."""

    organisation: UUID
    level: str
    title: Line200
    basis: Paragraph
    headings: tuple[Line60, ...]
    subjects: tuple[SubjectOrder, ...]
    done: Paragraph = ""
    list_title: Line60 = ""
    days: int = LEAST_DAYS
    least: int = LEAST_DAYS
    planned_on: date | None = None
    channel: Line200 = ""
    series: Series = ""
    office: Line100
    address: Line200
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    email: Line200 = ""
    signature: Line200 = ""
    handling: UUID | None = None
    source_kind: str = ""
    source: UUID | None = None
    replaces: UUID | None = None


class DraftForm(msgspec.Struct, frozen=True, kw_only=True):
    """The draft as typed: heads in one line, the list one line each, cells parted by ``|`` or a tabulator."""

    organisation: UUID
    level: str
    title: Line200
    basis: Paragraph
    done: Paragraph = ""
    list_title: Line60 = ""
    headings: Line300 = ""
    subjects: Roll = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = LEAST_DAYS
    planned_on: date | None = None
    channel: Line200 = ""
    series: Series = ""
    office: Line100
    address: Line200
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    email: Line200 = ""
    signature: Line200 = ""
    replaces: UUID | None = None
    version: int = 0


class OpeningForm(msgspec.Struct, frozen=True, kw_only=True):
    """Opening: the last day that was seen, and that it was read over."""

    last_day: date
    checked: bool
    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line300


class ExtensionForm(msgspec.Struct, frozen=True, kw_only=True):
    """``days``: how many working days the whole period has from now on."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]
    reason: Line300


class SubjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list as kept."""

    id: UUID
    place: int
    kind: str
    source: UUID | None
    cells: tuple[str, ...]


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """How the last day was moved later."""

    kind: str
    before: date
    after: date
    reason: str
    made_at: datetime


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with all that its page needs; ``stage`` is what it is now, the clock considered."""

    id: UUID
    organisation: UUID
    organisation_name: str
    handling: UUID
    handling_name: str
    level: str
    channel: str
    series: str
    number: str | None
    title: str
    basis: str
    done: str
    list_title: str
    headings: tuple[str, ...]
    days: int
    least: int
    planned_on: date | None
    office: str
    address: str
    phone: str
    email: str
    signature: str
    stage: Stage
    opened_at: datetime | None
    first_day: date | None
    last_day: date | None
    ends_at: datetime | None
    ended_at: datetime | None
    concluded_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    replaces: UUID | None
    replaced_by: UUID | None
    source_kind: str
    source: UUID | None
    paper_fault: str
    version: int
    subjects: tuple[SubjectRow, ...]
    deadlines: tuple[Deadline, ...]


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """What was published, byte for byte."""

    html: bytes
    html_sha256: str
    roll: bytes
    roll_sha256: str
    published_at: datetime


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A period for the eye: its strip, its sheet of weeks, where it stands today."""

    first_day: date
    last_day: date
    strip: tuple[Day, ...]
    weeks: tuple[tuple[Day, ...], ...]
    standing: Standing


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a notice came out. ``clear``: the period is over and no objection is open. ``upheld`` holds the sources of the
    subjects whose objection was upheld (ids of their own wing where there are any, else of the line)."""

    stage: Stage
    last_day: date | None
    received: int
    open: int
    overdue: int
    clear: bool
    upheld: frozenset[UUID]
    upheld_whole: bool


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft would promise if it were opened on ``first_day``; or why no date can be told."""

    first_day: date
    period: Period | None = None
    refused: Refusal | None = None


class PublicNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as the public API has it: no person but those on the list, and those only while it may be shown."""

    id: UUID
    number: str | None
    title: str
    organisation: str
    level: str
    state: Stage
    first_day: date
    last_day: date
    working_days: int
    published_at: datetime
    html_sha256: str
    list_sha256: str
    sheet_sha256: str = ""
    """Of the sealed PDF at ``/notices/{id}/sheet``; empty while it is being made."""
    withdrawn_reason: str = ""
    replaced_by: UUID | None = None
    headings: tuple[str, ...] = ()
    subjects: tuple[tuple[str, ...], ...] = ()


class OpenNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the home page's strip."""

    id: UUID
    number: str
    level: str
    title: str
    subjects: int
    last_day: date
    strip: tuple[Day, ...]
    standing: Standing
