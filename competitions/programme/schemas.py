"""What the forms and the API of the programme take in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from foundation.forms import Code, Line200, Line300, Paragraph

Count = Annotated[int, Meta(ge=1, le=99)]
Moment = Annotated[datetime, Meta(tz=True)]


class CompetitionForm(Struct, frozen=True, kw_only=True):
    """A competition (竞赛). ``version`` is the one that was shown; 0 for a new one."""

    code: Code
    title: Line200
    level: Literal["national", "province", "city", "county", "enterprise"]
    plan_class: Literal["", "一类", "二类", "专项"] = ""
    organiser: UUID
    starts_on: date
    ends_on: date
    venue: Line200 = ""
    summary: Paragraph = ""
    version: int = 0


class EventForm(Struct, frozen=True, kw_only=True):
    """An event (竞赛项目). C10: at least 16 years old; C14: team size and how many entries a unit may send."""

    code: Code
    title: Line200
    kind: Literal["individual", "team"] = "individual"
    team_min: Count = 1
    team_max: Count = 1
    entries_per_unit: Count = 1
    min_age: Annotated[int, Meta(ge=16, le=65)] = 16
    occupation: Annotated[str, Meta(max_length=12)] = ""
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    venue: Line200 = ""
    live_public: bool = False
    version: int = 0


class MoveForm(Struct, frozen=True, kw_only=True):
    """A change of stage."""

    action: Literal["open", "close", "reopen", "open_registration", "to_draft", "start_judging", "reopen_registration"]
    reason: Line300 = ""
