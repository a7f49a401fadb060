"""成果与师徒与补助: what a studio brings about, each counted once; who teaches whom; and the money (T4, T11)."""

from __future__ import annotations

from piccolo.columns import (
    UUID,
    BigInt,
    Boolean,
    Date,
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
from foundation.tables import StoredFile
from registry.tables import Worker
from studios.tables.studios import Studio

KINDS = ["invention", "utility", "improvement", "method", "award", "benefit", "training"]


class Output(Table):
    """成果 (T11): counted once over all years and studios: ``counted_key`` is unique."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    year = SmallInt(default=None, null=False, index=True)
    kind = Varchar(length=12, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    reference = Varchar(length=100, default="", null=False)
    """As it was typed: a patent's number, an award's document and place."""
    counted_key = Varchar(length=300, default=None, null=True, unique=True)
    """``studios.outputs.rules.natural_key``; NULL once struck, so that the rightful claim may follow."""
    achieved_on = Date(default=None, null=False)
    wan_yuan = Numeric(digits=(14, 4), default=None, null=True)
    """Benefit in 万元, exact."""
    people = Integer(default=None, null=True)
    """培训人次."""
    note = Varchar(length=300, default="", null=False)
    stage = Varchar(length=10, default="claimed", null=False)
    decision_reason = Varchar(length=300, default="", null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    output_kind = Check(one_of("kind", KINDS), name="output_kind_known")
    output_stage = Check(one_of("stage", ["claimed", "confirmed", "struck"]), name="output_stage_known")
    output_counted = Check("(stage = 'struck') = (counted_key IS NULL)", name="output_counted_unless_struck")
    output_benefit = Check(
        "(kind = 'benefit') = (wan_yuan IS NOT NULL) AND (wan_yuan IS NULL OR (wan_yuan > 0 AND wan_yuan < 1000000000))",
        name="output_benefit_has_amount",
    )
    output_people = Check(
        "(kind = 'training') = (people IS NOT NULL) AND coalesce(people, 1) > 0", name="output_training_counts"
    )


class OutputEvidence(Table):
    """佐证: one paper of an output."""

    id = key()
    output = ForeignKey(Output, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    file = ForeignKey(StoredFile, default=None, null=False, on_delete=OnDelete.restrict)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class Apprenticeship(Table):
    """名师带徒: an agreement of master and apprentice, active once for a pair; skill level before and after."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    master = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    apprentice = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    trade = Varchar(length=100, default="", null=False)
    goals = Text(default=None, null=False)
    agreed_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=False)
    skill_before = Varchar(length=2, default="", null=False)
    skill_after = Varchar(length=2, default="", null=False)
    verdict = Varchar(length=12, default="", null=False)
    assessment = Varchar(length=500, default="", null=False)
    ended_on = Date(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    apprenticeship_active_once = Unique(["master", "apprentice", "ended_on"], nulls_distinct=False)
    apprenticeship_two = Check("master <> apprentice", name="apprenticeship_of_two")
    apprenticeship_order = Check("ends_on > agreed_on AND ended_on >= agreed_on", name="apprenticeship_in_order")
    apprenticeship_verdict = Check(
        one_of("verdict", ["", "excellent", "qualified", "failed", "broken_off"]), name="apprenticeship_verdict_known"
    )
    apprenticeship_ended = Check("(verdict = '') = (ended_on IS NULL)", name="apprenticeship_ended_with_verdict")


class ApprenticeLog(Table, tags=["append-only"]):
    """带徒记录: what was taught on a day."""

    id = key()
    apprenticeship = ForeignKey(Apprenticeship, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    taught_on = Date(default=None, null=False)
    text = Varchar(length=500, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class NamingConsent(Table, tags=["append-only"]):
    """同意公开姓名 (P2): what a master or apprentice said, and by which wording; the newest row of a person holds."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    worker = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    given = Boolean(default=None, null=False)
    text_version = Varchar(length=20, default=None, null=False)
    said_on = Date(default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class Subsidy(Table):
    """补助 (T4): approved once for a studio, a kind and a year. Money is in fen."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=10, default=None, null=False)
    year = SmallInt(default=None, null=False, index=True)
    fen = BigInt(default=None, null=False)
    document_number = Varchar(length=80, default=None, null=False)
    approved_on = Date(default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    subsidy_once = Unique(["studio", "kind", "year"])
    subsidy_kind = Check(one_of("kind", ["named", "renewed", "excellent"]), name="subsidy_kind_known")
    subsidy_positive = Check("fen > 0", name="subsidy_above_zero")


class Tranche(Table):
    """拨付: one payment of a subsidy, paid once."""

    id = key()
    subsidy = ForeignKey(Subsidy, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = SmallInt(default=None, null=False)
    percent = SmallInt(default=None, null=False)
    fen = BigInt(default=None, null=False)
    paid_on = Date(default=None, null=True)
    reference = Varchar(length=80, default=None, null=True, unique=True)
    """凭证号 of the payment: no two payments have one."""
    paid_by = UUID(default=None, null=True)
    tranche_place = Unique(["subsidy", "place"])
    tranche_paid = Check("(paid_on IS NULL) = (reference IS NULL)", name="tranche_paid_with_reference")
    tranche_percent = Check("percent BETWEEN 1 AND 100 AND fen > 0", name="tranche_percent_in_range")


class Voucher(Table, tags=["append-only"]):
    """支出凭证: what was spent of a subsidy, for what."""

    id = key()
    subsidy = ForeignKey(Subsidy, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = Varchar(length=60, default=None, null=False)
    fen = BigInt(default=None, null=False)
    spent_on = Date(default=None, null=False)
    purpose = Varchar(length=200, default=None, null=False)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    voucher_once = Unique(["subsidy", "number"])
    voucher_positive = Check("fen > 0", name="voucher_above_zero")


class SubsidyReturn(Table, tags=["append-only"]):
    """退回结余: what was not spent and given back."""

    id = key()
    subsidy = ForeignKey(Subsidy, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    fen = BigInt(default=None, null=False)
    returned_on = Date(default=None, null=False)
    reference = Varchar(length=80, default=None, null=False, unique=True)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    subsidy_return_positive = Check("fen > 0", name="subsidy_return_above_zero")
