"""What goes into the verbs about results and what comes out of their pages and their API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from foundation.forms import Line300


class ConfirmForm(Struct, frozen=True, kw_only=True):
    """``shown`` is the fingerprint of the marks that the page showed."""

    shown: str = ""


class PublishForm(Struct, frozen=True, kw_only=True):
    """``certificates``: whether the winners' certificates are ordered; asked only for imported events."""

    certificates: bool = False


class ReasonForm(Struct, frozen=True, kw_only=True):
    """A step back and why."""

    reason: Line300 = ""


class NamesForm(Struct, frozen=True, kw_only=True):
    """Whether the live board names entrants."""

    named: bool = False


class Version(Struct, frozen=True, kw_only=True):
    """One published version of an event's result (成绩的一版)."""

    id: UUID
    number: int
    public_sha256: str
    confirmed_at: datetime
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str


class ResultHead(Struct, frozen=True, kw_only=True):
    """An event with its newest published version, as the public sees it."""

    event: UUID
    code: str
    title: str
    kind: str
    external: bool
    venue: str
    starts_at: datetime | None
    ends_at: datetime | None
    competition_title: str
    competition_code: str
    level: str
    plan_class: str
    year: int
    starts_on: date
    ends_on: date
    current: Version
    versions: tuple[Version, ...]

    @property
    def withdrawn(self) -> bool:
        """Whether the newest version was taken back and no other was published."""
        return self.current.withdrawn_at is not None

    @property
    def gathered(self) -> bool:
        """Its competition is only the year's collection of imported events: the event's own title says more."""
        return self.competition_code.startswith("imported-")


class PlaceRow(Struct, frozen=True, kw_only=True):
    """One frozen place of a published result."""

    id: UUID
    entry: str
    name: str
    unit: str
    rank: int | None
    shared: bool
    guest: bool
    status: str
    total: str
    modules: Mapping[str, str]
    award: str
    tier: int
    scaled: str
    ends_award: bool = False


class Checked(Struct, frozen=True, kw_only=True):
    """How a result was checked: counts that were true when it was confirmed."""

    sheets: int
    corrections: int
    judges: int
    marks: int


class PlaceOut(Struct, frozen=True, kw_only=True):
    """One place in the API. Numbers are decimal strings."""

    rank: int | None
    shared: bool
    entry: str
    name: str
    organisation: str
    guest: bool
    status: str
    total: str | None
    modules: Mapping[str, str]
    award: str | None
    scaled: str | None


class ResultOut(Struct, frozen=True, kw_only=True):
    """A published result in the API: its places in order, and where its open bundle is."""

    event: str
    title: str
    competition: str
    version: int
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str
    bundle: str
    bundle_sha256: str
    places: tuple[PlaceOut, ...]


class ResultLine(Struct, frozen=True, kw_only=True):
    """One published result in the API's list."""

    event: str
    title: str
    competition: str
    year: int
    level: str
    version: int
    published_at: datetime
    withdrawn: bool
    entries: int


class ResultPage(Struct, frozen=True, kw_only=True):
    """A page of the API's list."""

    total: int
    page: int
    pages: int
    results: tuple[ResultLine, ...]


class DeskView(Struct, frozen=True, kw_only=True):
    """What the chief judge sees of an event: live standings, obstacles, and its results so far."""

    rows: tuple[Mapping[str, Any], ...]
    progress: tuple[Mapping[str, Any], ...]
    shown: str
    complete: int
    entries: int
    missing: int
    obstacles: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]
