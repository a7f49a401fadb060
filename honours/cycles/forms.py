"""What forms and programs send about cycles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line200, Line300
from honours.catalogue.schemas import Level

CycleYear = Annotated[int, msgspec.Meta(ge=1950, le=2100)]


class CycleForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cycle. ``begin``: the preset's key, or the id of the cycle whose newest rules are copied; only when it is made."""

    code: Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    title: Line200
    year: CycleYear
    level: Level
    organisation: UUID
    opens_on: date | None = None
    unit_due_at: datetime | None = None
    county_due_at: datetime | None = None
    begin: Line60 = "city-default"
    version: int = 0


class CycleMove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act on a cycle's stage."""

    action: Literal["open", "close", "reopen", "cancel"]
    reason: Line300 = ""
    version: int
