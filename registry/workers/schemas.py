"""What goes in and what comes out. No Struct that leaves the wing holds a personal number in the clear."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300
from registry.codes.nationalities import CHINA

Short = Annotated[str, msgspec.Meta(max_length=30)]


class WorkerForm(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as typed. ``sex``, ``born_on`` and ``nationality`` may stay empty: they follow from the ID number, and must agree (I1).

    When somebody is edited, an empty ``id_number`` or ``phone`` leaves the sealed one as it is.
    """

    name: Line100
    organisation: UUID | None = None
    id_number: Short = ""
    phone: Short = ""
    sex: Annotated[str, msgspec.Meta(max_length=10)] = ""
    born_on: date | None = None
    nationality: Line60 = ""
    ethnic_group: Line60 = "01"
    political_status: Line60 = "13"
    education: Line60 = ""
    job_category: Line60 = ""
    evidence: Line300 = ""
    is_migrant: bool = False
    is_non_public: bool = False
    is_new_form: bool = False
    skill_level: Line60 = ""
    occupation: Line60 = ""
    post: Line100 = ""
    employed_on: date | None = None
    version: int = 0


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A form after the rules: codes instead of words, numbers normalised."""

    name: str
    id_number: str
    phone: str
    sex: str
    born_on: date
    nationality: str = CHINA
    ethnic_group: str
    political_status: str
    education: str
    job_category: str
    evidence: str
    is_migrant: bool
    is_non_public: bool
    is_new_form: bool
    skill_level: str
    occupation: str
    post: str
    employed_on: date | None

    def __repr__(self) -> str:  # never in a log
        return "Checked(…)"


class ChangeForm(msgspec.Struct, frozen=True, kw_only=True):
    """A change of employer within what the actor keeps."""

    organisation: UUID
    post: Line100 = ""
    started_on: date
    reason: Line200 = ""
    version: int


class LeaveForm(msgspec.Struct, frozen=True, kw_only=True):
    """Leaving: retired, left, died."""

    left_on: date
    reason: Line200
    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line200


class UnmaskForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which number, and why (SECURITY 11)."""

    field: Literal["id_number", "phone"]
    reason: Annotated[str, msgspec.Meta(min_length=4, max_length=300)]


class MergeForm(msgspec.Struct, frozen=True, kw_only=True):
    other: UUID
    reason: Line200


class TransferForm(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for somebody who is registered with another unit: by number, so that nobody is looked up who is not known."""

    id_number: Short
    name: Line100
    organisation: UUID | None = None
    post: Line100 = ""
    reason: Line300


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    decision: Literal["accepted", "refused", "withdrawn"]
    reason: Line300 = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list: masked."""

    id: UUID
    name: str
    id_masked: str
    phone_masked: str
    unit: str
    organisation: UUID
    region: str
    job_category: str
    skill_level: str
    post: str
    left_at: datetime | None


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """One worker as the page shows: masked numbers, codes."""

    id: UUID
    organisation: UUID
    ancestors: list[UUID]
    unit: str
    region: str
    name: str
    id_masked: str
    phone_masked: str
    sex: str
    born_on: date
    nationality: str
    ethnic_group: str
    political_status: str
    education: str
    job_category: str
    evidence: str
    is_migrant: bool
    is_non_public: bool
    is_new_form: bool
    skill_level: str
    occupation: str
    post: str
    employed_on: date | None
    left_at: datetime | None
    merged_into: UUID | None
    erased_at: datetime | None
    version: int


class Employment(msgspec.Struct, frozen=True, kw_only=True):
    """任职经历: one stretch at one unit."""

    id: UUID
    organisation: UUID
    unit: str
    post: str
    started_on: date | None
    ended_on: date | None
    reason: str


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """A worker in a picker: enough to tell people of one name apart, no more."""

    id: UUID
    name: str
    unit: str
    organisation: UUID
    id_masked: str
    sex: str
    born_on: date
    skill_level: str
    occupation: str
    job_category: str
    post: str


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a worker."""

    id: UUID
    worker: UUID
    worker_name: str
    from_organisation: UUID
    from_unit: str
    to_organisation: UUID
    to_unit: str
    post: str
    reason: str
    decision: str
    decision_reason: str
    asked_at: datetime
    decided_at: datetime | None
