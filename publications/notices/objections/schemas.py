"""Objections as they are sent in, entered, moved and shown."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Paragraph
from publications.notices.objections.rules import MOST_VERIFY_DAYS, VERIFY_DAYS, Stage

Phone = Annotated[str, msgspec.Meta(max_length=40)]


class Kind(StrEnum):
    """In whose name."""

    PERSON = "person"
    UNIT = "unit"


class Channel(StrEnum):
    """How it reached the office; ``web`` is the public form."""

    LETTER = "letter"
    PHONE = "phone"
    VISIT = "visit"


class ObjectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """The public form: real name and contact, or unit with seal and contact (H34)."""

    kind: Kind
    name: Line100
    person: Line60 = ""
    """A unit's contact person."""
    phone: Phone = ""
    email: Line200 = ""
    subject: UUID | None = None
    matter: Paragraph
    honest: bool = False
    file: str = ""
    """A browser sends a file input that was left empty as an empty text; a file itself is read apart."""


class RecordForm(ObjectionForm, frozen=True, kw_only=True):
    """An objection by letter, phone or visit, as an officer enters it."""

    channel: Channel
    received_at: datetime
    postmark: date | None = None
    original: bool = False
    """The officer saw the signature or the seal on the original."""


class StepForm(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an objection's way; which fields it wants depends on the action."""

    action: str
    version: int
    text: Paragraph = ""
    signed_by: Line60 = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_VERIFY_DAYS)] = VERIFY_DAYS
    how: str = ""
    on_day: date | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was taken."""

    action: str
    text: str
    signed_by: str
    on_day: date | None
    how: str
    by: str
    made_at: datetime


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """An objection for its officers; who objects stays masked (:class:`Complainant` is shown on asking, with a trail)."""

    id: UUID
    notice: UUID
    notice_title: str
    notice_number: str | None
    number: str
    subject: UUID | None
    subject_cells: tuple[str, ...]
    channel: str
    kind: str
    name_masked: str
    matter: str
    has_attachment: bool
    received_at: datetime
    postmark: date | None
    stage: Stage
    outcome: str
    verify_by: date | None
    overdue: bool
    told_at: datetime | None
    erased_at: datetime | None
    version: int
    steps: tuple[Step, ...]


class Complainant(msgspec.Struct, frozen=True, kw_only=True):
    """Who objects: shown only after it was written into the trail who looked."""

    name: str
    person: str = ""
    phone: str = ""
    email: str = ""
