"""评审: rounds, seats, recusals, scores, the sealed ballot box and its slips; plans of the composition; lost places.

Secrecy of a ballot (decision 0010): while a round is open there is no row a voter casts. Everybody's slips lie together in
the one sealed row of ``BallotBox``, which is shuffled and sealed anew with each vote under a key of the round's own; a seat
says only that its holder has voted. At the close all slips are written at once, shuffled, under random ids, one for each
nominee; the box and its key are deleted.
"""

from __future__ import annotations

import uuid

from piccolo.columns import (
    UUID,
    Array,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    Numeric,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from honours.tables.catalogue import CycleAward
from honours.tables.nominations import Nomination
from registry.tables import Account, Organisation

METHODS = ["scores", "approval", "ranked"]
ROUND_STAGES = ["draft", "open", "closed", "void"]
PLAN_STAGES = ["saved", "submitted", "adopted", "refused", "dropped"]


class ReviewRound(Table):
    """评审轮次: one panel's vote or scoring over some nominees of one award."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """Whose panel: the running union's, or a county's over its own nominees."""
    number = SmallInt(default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    method = Varchar(length=10, default=None, null=False)
    rules = Text(default=None, null=False)
    """``honours.review.methods.RoundRules`` as JSON; fixed once the round is open."""
    stage = Varchar(length=8, default="draft", null=False, index=True)
    closes_at = Timestamptz(default=None, null=True)
    opened_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    result = Text(default="", null=False)
    """The outcome as reckoned at the close (``methods.Outcome`` as JSON); empty before, and for a void round."""
    repeats = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    """The void or tied round that this one takes up again."""
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    review_round_number = Unique(["award", "organisation", "number"])
    review_round_method = Check(one_of("method", METHODS), name="review_round_method_known")
    review_round_stage = Check(one_of("stage", ROUND_STAGES), name="review_round_stage_known")


class RoundCandidate(Table):
    """A nominee that a round is about, in the order of its paper."""

    id = key()
    round = ForeignKey(ReviewRound, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = SmallInt(default=None, null=False)
    round_candidate_once = Unique(["round", "nomination"])


class RoundSeat(Table):
    """评委席: who may vote, once. No time stands here: it would tell which version of the box was this voter's."""

    id = key()
    round = ForeignKey(ReviewRound, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    account = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    voted = Boolean(default=False, null=False)
    round_seat_once = Unique(["round", "account"])


class RoundRecusal(Table):
    """回避: a reviewer who does not judge a nominee, found by the house or declared with a reason."""

    id = key()
    seat = ForeignKey(RoundSeat, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(length=10, default=None, null=False)
    """self, unit, above (found by the house) or declared."""
    reason = Varchar(length=200, default="", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    round_recusal_once = Unique(["seat", "nomination"])
    round_recusal_kind = Check(one_of("kind", ["self", "unit", "above", "declared"]), name="round_recusal_kind_known")


class ReviewScore(Table, tags=["append-only"]):
    """评分: one reviewer's points for one criterion of one nominee; the newest version counts until the hand-in."""

    id = key()
    seat = ForeignKey(RoundSeat, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict)
    criterion = Varchar(length=20, default=None, null=False)
    number = SmallInt(default=None, null=False)
    points = Numeric(digits=(6, 2), default=None, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    review_score_version = Unique(["seat", "nomination", "criterion", "number"])
    review_score_points = Check("points >= 0 AND points <= 1000", name="review_score_points_in_range")


class BallotBox(Table):
    """票箱: all slips of an open round in one sealed, shuffled row; deleted with its key at the close."""

    id = UUID(primary_key=True, default=uuid.uuid4, null=False)
    round = ForeignKey(ReviewRound, default=None, null=False, on_delete=OnDelete.cascade, unique=True)
    key = Bytea(default=None, null=False)
    """The round's own key, itself sealed under a secret of the house."""
    sealed = Bytea(default=None, null=False)


class BallotSlip(Table, tags=["append-only"]):
    """票: one choice for one nominee; no account, no time, a random id. Written shuffled at the close, all in one go."""

    id = UUID(primary_key=True, default=uuid.uuid4, null=False)
    round = ForeignKey(ReviewRound, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict)
    choice = SmallInt(default=None, null=False)
    """Approval: 1 yes, 2 no, 0 abstained. Ranked: the place given, 0 none."""
    ballot_slip_choice = Check("choice >= 0 AND choice <= 250", name="ballot_slip_choice_in_range")


class CompositionPlan(Table):
    """方案: a saved try of the composition: whom to move out and in, what the panel said of it."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    letter = Varchar(length=2, default=None, null=False)
    number = SmallInt(default=1, null=False)
    """Saving again under one letter makes its next version."""
    outs = Array(base_column=UUID(), default=list, null=False)
    ins = Array(base_column=UUID(), default=list, null=False)
    note = Varchar(length=300, default="", null=False)
    stage = Varchar(length=10, default="saved", null=False)
    minutes = Varchar(length=500, default="", null=False)
    """What the panel decided, as its record says (H16)."""
    submitted_by = UUID(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    composition_plan_version = Unique(["award", "letter", "number"])
    composition_plan_stage = Check(one_of("stage", PLAN_STAGES), name="composition_plan_stage_known")


class CancelledPlace(Table, tags=["append-only"]):
    """作废名额 (H36): a place lost to fraud; nobody may fill it."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, unique=True)
    reason = Varchar(length=500, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
