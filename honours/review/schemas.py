"""What review pages and the API take in and show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line200, Line300
from honours.review.methods import Criterion, Outcome, RoundRules

Opinion = Annotated[str, msgspec.Meta(max_length=500, extra={"lines": True})]
Small = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class CriterionForm(msgspec.Struct, frozen=True, kw_only=True):
    label: Line60 = ""
    weight: Annotated[str, msgspec.Meta(max_length=8)] = ""
    maximum: Annotated[str, msgspec.Meta(max_length=8)] = "100"


class RoundForm(msgspec.Struct, frozen=True, kw_only=True):
    """A round as typed; empty lines of criteria are dropped."""

    title: Line200
    method: Literal["scores", "approval", "ranked"]
    quorum_part: Small = 2
    quorum_whole: Small = 3
    threshold_part: Small = 1
    threshold_whole: Small = 2
    strict: bool = False
    most: Small = 0
    seats: Small = 0
    trim: bool = False
    criteria: tuple[CriterionForm, ...] = ()
    nomination: tuple[UUID, ...] = ()
    reviewer: tuple[UUID, ...] = ()
    version: int = 0

    def rules(self) -> RoundRules:
        """The form as rules; not yet checked."""
        kept = [one for one in self.criteria if one.label]
        return RoundRules(
            method=self.method, quorum=(self.quorum_part, self.quorum_whole), strict=self.strict, most=self.most,
            threshold=(self.threshold_part, self.threshold_whole), seats=self.seats, trim=self.trim,
            criteria=tuple(
                Criterion(code=f"c{n}", label=one.label, weight=one.weight or "0", maximum=one.maximum or "100")
                for n, one in enumerate(kept, 1)
            ) if self.method == "scores" else (),
        )  # fmt: skip


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    closes_at: datetime
    version: int


class VersionForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class RecusalForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line200


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    nomination: UUID
    choice: Annotated[int, msgspec.Meta(ge=0, le=250)] | None = None


class BallotForm(msgspec.Struct, frozen=True, kw_only=True):
    """A paper. ``sure``: the voter read that it cannot be taken back."""

    choices: tuple[Choice, ...] = ()
    sure: bool = False


class PointsForm(msgspec.Struct, frozen=True, kw_only=True):
    points: tuple[Annotated[str, msgspec.Meta(max_length=8)], ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A nominee on a round's paper."""

    nomination: UUID
    place: int
    name: str
    unit_name: str
    post: str
    number: str
    gate_name: str
    stage: str


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A reviewer as the chair sees one: who, whether voted, recused from how many. Never what."""

    id: UUID
    account: UUID
    name: str
    organisation_name: str
    voted: bool
    recusals: tuple[str, ...] = ()


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A round as its chair sees it."""

    id: UUID
    award: UUID
    cycle: UUID
    cycle_title: str
    honour_title: str
    organisation: UUID
    organisation_name: str
    number: int
    title: str
    rules: RoundRules
    stage: str
    closes_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    repeats: UUID | None
    version: int
    candidates: tuple[Candidate, ...] = ()
    seats: tuple[Seat, ...] = ()
    result: Outcome | None = None

    @property
    def voted(self) -> int:
        return sum(seat.voted for seat in self.seats)


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    """A gate's act on one nomination."""

    opinion: Opinion = ""
    signed_by: Line60 = ""
    due_at: datetime | None = None
    version: int


class BulkForm(msgspec.Struct, frozen=True, kw_only=True):
    """Ticked nominations, each ``id:version``; ``back``: the query string of the list."""

    chosen: tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f-]{36}:[0-9]{1,6}$")], ...] = ()
    opinion: Opinion = ""
    back: Line300 = ""
