"""What goes in and what comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300

Kind = Literal["city", "county", "industry", "town", "grassroots"]
UnionState = Literal["own", "joint", "none", "dissolved"]
Members = Annotated[int, msgspec.Meta(ge=0, le=2_000_000)]
CodeText = Annotated[str, msgspec.Meta(max_length=30)]


class OrganisationForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer fills in. ``parent`` counts when it is made; afterwards it moves by its own act."""

    name: Line200
    kind: Kind = "grassroots"
    parent: UUID | None = None
    short_name: Line100 = ""
    region: Annotated[str, msgspec.Meta(max_length=6)] = ""
    union_code: CodeText = ""
    union_state: UnionState = "own"
    unit_name: Line200 = ""
    unit_code: CodeText = ""
    unit_type: Annotated[str, msgspec.Meta(max_length=20)] = ""
    industry: Annotated[str, msgspec.Meta(max_length=20)] = ""
    member_count: Members = 0
    contact_name: Line100 = ""
    contact_phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    address: Line300 = ""
    version: int = 0


class MoveForm(msgspec.Struct, frozen=True, kw_only=True):
    """Another parent, with the reason."""

    parent: UUID
    reason: Line200
    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is closed."""

    reason: Line200
    version: int


class MergeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The organisation that goes into this one."""

    other: UUID
    reason: Line200


class Above(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the path."""

    id: UUID
    name: str
    kind: str


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the tree: ``children`` counts what stands directly below and is open."""

    id: UUID
    name: str
    kind: str
    region: str
    children: int
    member_count: int


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation as its page shows it."""

    id: UUID
    name: str
    short_name: str
    kind: str
    parent: UUID | None
    ancestors: list[UUID]
    region: str
    union_code: str | None
    union_state: str
    unit_name: str
    unit_code: str | None
    unit_type: str
    industry: str
    member_count: int
    contact_name: str
    contact_phone: str
    address: str
    closed_at: datetime | None
    merged_into: UUID | None
    version: int
    made_at: datetime


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history."""

    at: datetime
    action: str
    facts: dict[str, Any]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What hangs on an organisation."""

    children: int
    below: int
    workers: int
    accounts: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation in a picker."""

    id: UUID
    name: str
    path: str
    kind: str
    region: Line60 = ""
