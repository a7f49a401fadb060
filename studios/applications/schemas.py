"""The dossier of an application, part by part, and the forms around it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300, Paragraph

Count = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """名称、场所、设施: the name follows T7 and is generated; only the field of work is typed."""

    title_kind: Annotated[str, msgspec.Meta(pattern="^(劳模|工匠|学院)$")] = "劳模"
    field_of_work: Line200 = ""
    address: Line300 = ""
    area: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    """Square metres."""
    equipment: Paragraph = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """制度、经费、课题: house rules, yearly funds in yuan, what was worked on each year (T2)."""

    rules: Paragraph = ""
    funds: Count | None = None
    topics: Paragraph = ""
    """攻关课题, one a line, beginning with its year: ``2025 高强钢焊缝返修``."""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """成果 (T11): counts with the years they come from, and the story."""

    inventions: Count | None = None
    utility_models: Count | None = None
    improvements: Count | None = None
    methods: Count | None = None
    apprentices: Count | None = None
    trained: Count | None = None
    benefit: Count | None = None
    """万元."""
    summary: Paragraph = ""


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """申报书."""

    place: Place = Place()
    work: Work = Work()
    results: Results = Results()


SECTIONS: dict[str, type[msgspec.Struct]] = {"place": Place, "work": Work, "results": Results}


class StartForm(msgspec.Struct, frozen=True, kw_only=True):
    call: UUID
    leader: UUID


class VersionForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    worker: UUID
    duty: Line100 = ""
    version: int


class MoveForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer decides, in words."""

    opinion: Annotated[str, msgspec.Meta(max_length=500, extra={"lines": True})] = ""
    version: int


class VisitForm(msgspec.Struct, frozen=True, kw_only=True):
    """Arranging a visit: the day and the experts."""

    planned_on: date
    experts: tuple[UUID, ...] = ()
    version: int


class CallForm(msgspec.Struct, frozen=True, kw_only=True):
    title: Line200
    code: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]+(-[A-Z0-9]+){1,4}$", max_length=40)]
    opens_on: date
    closes_on: date


class ProgrammeForm(msgspec.Struct, frozen=True, kw_only=True):
    title: Line200
    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]{3,40}$")]
    level: Annotated[str, msgspec.Meta(pattern="^(national|province|city|county|enterprise)$")] = "city"
    kind: Annotated[str, msgspec.Meta(pattern="^(studio|college)$")] = "studio"
    preset: Line60 = "eight"


class NoticeForm(msgspec.Struct, frozen=True, kw_only=True):
    """Announcing what the meeting approved (公示)."""

    title: Line200
    basis: Paragraph
    days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5
    office: Line100
    address: Line200
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    email: Line200 = ""


class NamingForm(msgspec.Struct, frozen=True, kw_only=True):
    """The naming document (D2)."""

    title: Line200
    series: Line60
    named_on: date
    reason: Line300 = ""


def dossier_of(kept: str | bytes) -> Dossier:
    """The dossier as kept in the row."""
    return msgspec.json.decode(kept, type=Dossier)
