"""What goes in and out of the merging of duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from foundation.forms import Line200, Line300

Kind = Literal["worker", "organisation"]


class AskForm(msgspec.Struct, frozen=True, kw_only=True):
    """The record that goes into the one shown, and why they are the same."""

    other: UUID
    reason: Line200


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    decision: Literal["accepted", "refused", "withdrawn"]
    reason: Line300 = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request as its page shows it. ``follows``: what moves to the kept record, [(words, rows)]."""

    id: UUID
    kind: Kind
    keep: UUID
    other: UUID
    keep_name: str
    other_name: str
    keep_unit: str
    other_unit: str
    reason: str
    follows: tuple[tuple[str, int], ...]
    decision: str
    decision_reason: str
    asked_by: UUID
    asked_name: str
    asked_at: datetime
    decided_name: str
    decided_at: datetime | None
