"""Forms about model workers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line100, Line300

Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=300)]


class ChangeForm(msgspec.Struct, frozen=True, kw_only=True):
    """动态管理 (H74)."""

    kind: Literal["work", "retired", "abroad", "returned", "moved", "deceased"]
    happened_on: date
    note: Line300 = ""


class CareForm(msgspec.Struct, frozen=True, kw_only=True):
    """What was done (H73)."""

    kind: Literal["trip", "visit", "checkup", "help", "lecture"]
    happened_on: date
    note: Line300 = ""


class HealthForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    health: Line300 = ""


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Reason


class PayForm(msgspec.Struct, frozen=True, kw_only=True):
    """The month and the total in fen that the officer saw."""

    month: str
    total: int


class RateForm(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the allowances' table: fen a month."""

    treatment: Literal["", "city_model", "province_model", "national_model"] = ""
    titles: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    amount: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    valid_from: date
    basis: Line300 = ""


class EntitlementRuleForm(msgspec.Struct, frozen=True, kw_only=True):
    """C4: the competition's level, the last rank, the honour."""

    level: Literal["national", "province", "city", "county"]
    rank: Annotated[int, msgspec.Meta(ge=1, le=100)]
    honour: UUID
    basis: Line300 = ""


class TripForm(msgspec.Struct, frozen=True, kw_only=True):
    """A trip to plan (H73)."""

    title: Line100
    place: Line100
    first_day: date
    last_day: date
    answer_by: date
    places: Annotated[int, msgspec.Meta(ge=1, le=500)]
    treatments: tuple[Literal["city_model", "province_model", "national_model"], ...] = ()
    """Whose treatment may go; none: everybody's with a file."""


class InviteForm(msgspec.Struct, frozen=True, kw_only=True):
    laureates: tuple[UUID, ...] = ()
    version: int


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    answer: Literal["accepted", "declined"]


class FinishTripForm(msgspec.Struct, frozen=True, kw_only=True):
    """Invitations of those who went."""

    went: tuple[UUID, ...] = ()
    version: int


class CancelTripForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line300
    version: int
