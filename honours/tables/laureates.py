"""劳模档案: files of model workers, what changed in their lives, what was done for them, allowances, entitlements (H73, H74, C4)."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Bytea, Date, ForeignKey, Integer, SmallInt, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from honours.tables.catalogue import Honour
from honours.tables.nominations import Nomination
from registry.tables import Achievement, Organisation, Worker

CHANGES = ["work", "retired", "abroad", "returned", "moved", "deceased"]
CARES = ["trip", "visit", "checkup", "help", "lecture"]


class Laureate(Table):
    """劳模: one file for each holder. Honours, standing and treatment are never kept here: they follow from other rows."""

    id = key()
    worker = ForeignKey(Worker, default=None, null=True, unique=True, on_delete=OnDelete.restrict)
    holder = Varchar(length=420, default=None, null=True, unique=True)
    """Whom the registry does not have: name and unit as the ledger writes them, divided by a line feed."""
    name = Varchar(length=200, default=None, null=False)
    unit_name = Varchar(length=200, default="", null=False)
    region = Varchar(length=6, default="", null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=300, default="", null=False)
    health_sealed = Bytea(default=None, null=True)
    """Under the person's own key; the house's where the registry does not have the person."""
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    laureate_holder = Check("(worker IS NULL) <> (holder IS NULL)", name="laureate_names_one_holder")


class LaureateChange(Table, tags=["append-only"]):
    """动态管理 (H74): a move, retirement, long stay abroad, death."""

    id = key()
    laureate = ForeignKey(Laureate, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=10, default=None, null=False)
    happened_on = Date(default=None, null=False)
    note = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    laureate_change_kind = Check(one_of("kind", CHANGES), name="laureate_change_kind_known")


class LaureateCare(Table, tags=["append-only"]):
    """疗休养、慰问、体检、帮扶、宣讲 (H73): one thing done for or by a model worker."""

    id = key()
    laureate = ForeignKey(Laureate, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=10, default=None, null=False)
    happened_on = Date(default=None, null=False)
    note = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    laureate_care_kind = Check(one_of("kind", CARES), name="laureate_care_kind_known")


class AllowanceRate(Table, tags=["append-only"]):
    """荣誉津贴标准: fen a month for so many titles, or for one treatment, from a day on (H73)."""

    id = key()
    treatment = Varchar(length=20, default="", null=False)
    """'' for any."""
    titles = SmallInt(default=1, null=False)
    """From how many valid titles on."""
    amount = Integer(default=None, null=False)
    valid_from = Date(default=None, null=False)
    basis = Varchar(length=200, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    allowance_rate_once = Unique(["treatment", "titles", "valid_from"])
    allowance_rate_sane = Check("titles >= 1 AND amount >= 0", name="allowance_rate_in_range")


class AllowancePayment(Table, tags=["append-only"]):
    """荣誉津贴发放: one month's allowance of one model worker; never twice."""

    id = key()
    laureate = ForeignKey(Laureate, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    month = Date(default=None, null=False, index=True)
    """Its first day."""
    amount = Integer(default=None, null=False)
    treatment = Varchar(length=20, default="", null=False)
    titles = SmallInt(default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    allowance_payment_once = Unique(["laureate", "month"])


class EntitlementRule(Table):
    """成绩与荣誉对应 (C4): which results entitle to be put forward for which honour."""

    id = key()
    level = Varchar(length=12, default=None, null=False)
    """The competition's."""
    rank = SmallInt(default=None, null=False)
    """The last rank that counts."""
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict)
    basis = Varchar(length=200, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    ended_at = Timestamptz(default=None, null=True)
    entitlement_rule_once = Unique(["level", "honour", "ended_at"], nulls_distinct=False)
    entitlement_rule_rank = Check("rank >= 1", name="entitlement_rule_rank_positive")


class EntitlementAnswer(Table, tags=["append-only"]):
    """What became of an entitlement: a nomination was started, or it was put aside with a reason."""

    id = key()
    achievement = ForeignKey(Achievement, default=None, null=False, on_delete=OnDelete.restrict)
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    nomination = ForeignKey(Nomination, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    entitlement_answer_once = Unique(["achievement", "honour"])
    entitlement_answer_says = Check("nomination IS NOT NULL OR reason <> ''", name="entitlement_answer_says_what")
