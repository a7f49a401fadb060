"""What goes into an entry and what comes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from competitions.entries.rules import Occasion
from foundation.forms import Line100, Line300

Role = Annotated[str, msgspec.Meta(pattern=r"^(competitor|leader|coach)$")]
Reason = Annotated[str, msgspec.Meta(max_length=300)]


class StartForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first step: for which event, and the team's name (none for an individual)."""

    event: UUID
    name: Line100 = ""


class MemberForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the list; ``place`` orders it."""

    worker: UUID
    role: Role = "competitor"
    place: Annotated[int, msgspec.Meta(ge=0, le=999)] = 0


class EntryForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The editing page. ``act``: ``save``, ``submit``, ``add`` (the workers ticked) or ``remove:<worker>:<role>``."""

    version: int
    name: Line100 = ""
    members: list[MemberForm] = []
    add: list[UUID] = []
    add_role: Role = "competitor"
    act: Line100 = "save"
    q: Line100 = ""


class EntryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The API's entry: the whole list each time."""

    version: int
    name: Line100 = ""
    members: list[MemberForm] = []


class VersionForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act upon what was shown."""

    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision that says why."""

    version: int
    reason: Line300 = ""


class SubstituteForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who comes in for a member, and why."""

    version: int
    worker: UUID | None = None
    reason: Line300 = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it was shown, to accept it with others."""

    id: UUID
    version: int


class AcceptForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several entries at once, each ``<id>:<version>``; ``back`` is the list's query string."""

    entry: list[Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}:[0-9]{1,9}$")]] = []
    back: Line300 = ""


class EventHead(msgspec.Struct, frozen=True, kw_only=True):
    """An event as registration needs it."""

    id: UUID
    code: str
    title: str
    stage: str
    kind: str
    team_min: int
    team_max: int
    entries_per_unit: int
    min_age: int
    external: bool
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    starts_at: datetime | None
    venue: str
    competition: UUID
    competition_title: str
    competition_region: str
    organiser_name: str
    held_on: date

    @property
    def is_team(self) -> bool:
        return self.kind == "team"

    @property
    def occasion(self) -> Occasion:
        return Occasion(
            stage=self.stage, kind=self.kind, team_min=self.team_min, team_max=self.team_max,
            entries_per_unit=self.entries_per_unit, min_age=self.min_age, held_on=self.held_on,
            opens=self.registration_opens_at, closes=self.registration_closes_at, external=self.external,
        )  # fmt: skip


class EventOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a unit may enter: how long it is open, and how many entries are left to the unit."""

    event: EventHead
    entered: int
    open: bool
    closed: bool
    days_left: int | None = None
    """Working days after today up to the closing day; None where the calendar or the end is not known."""


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A member as shown; once frozen, as the snapshot has it (C15)."""

    id: UUID
    worker: UUID | None
    name: str
    role: str
    place: int
    active: bool
    unit: str
    post: str
    skill_level: str
    frozen: bool
    replaced_reason: str = ""
    replaced_by: str = ""

    @property
    def replaced(self) -> bool:
        return bool(self.replaced_reason)


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its event and its members in order; ``replaced`` are those who were substituted."""

    id: UUID
    event: EventHead
    code: str | None
    name: str
    organisation: UUID | None
    organisation_name: str
    region: str
    stage: str
    status: str
    return_reason: str
    version: int
    made_at: datetime
    submitted_at: datetime | None
    submitted_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    members: tuple[MemberView, ...]
    replaced: tuple[MemberView, ...]

    def of(self, role: str) -> list[MemberView]:
        """The members of one role, in order."""
        return [member for member in self.members if member.role == role]


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the unit's own list."""

    id: UUID
    code: str | None
    name: str
    stage: str
    status: str
    return_reason: str
    event: UUID
    event_title: str
    event_kind: str
    competition_title: str
    competitors: tuple[str, ...]
    leaders: tuple[str, ...]
    coaches: tuple[str, ...]
    submitted_at: datetime | None
    decided_at: datetime | None
    editable: bool = False


class WorkerChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A worker of the unit as the picker shows it: never a personal number."""

    id: UUID
    name: str
    post: str
    skill_level: str
    unit: str


class EntryApi(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the API gives it."""

    id: UUID
    event: UUID
    code: str | None
    name: str
    organisation: str
    stage: str
    status: str
    return_reason: str
    version: int
    members: tuple[MemberApi, ...]
    findings: tuple[FindingApi, ...] = ()


class MemberApi(msgspec.Struct, frozen=True, kw_only=True):
    """A member as the API gives it."""

    id: UUID
    worker: UUID | None
    name: str
    role: str
    place: int


class FindingApi(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say, as the API gives it."""

    severity: str
    code: str
    message: str
    field: str | None = None
    rule: str | None = None
