"""荣誉目录与评选周期: titles, the yearly round, its rule set, its awards and quotas."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from registry.tables import Organisation

LEVELS = ["national", "province", "city", "county"]
KINDS = ["person", "unit", "team"]


class Honour(Table):
    """荣誉: one title of the catalogue (H1–H4). What a year adds to it (quota, conditions) is its cycle's business."""

    id = key()
    code = Varchar(length=40, default=None, null=False, unique=True)
    """``city-may1-medal``; rule sets name honours by it."""
    title = Varchar(length=100, default=None, null=False)
    """宣城市五一劳动奖章, as decisions and certificates print it."""
    title_en = Varchar(length=100, default="", null=False)
    level = Varchar(length=10, default=None, null=False, index=True)
    kind = Varchar(length=10, default=None, null=False)
    family = Varchar(length=20, default="other", null=False)
    """may1_medal, may1_certificate, pioneer, model_worker, competition, other: H12 looks for the same title by ``code``."""
    conferrer = Varchar(length=200, default=None, null=False)
    """授予机关: alone decides a revocation (H76)."""
    conferred_here = Boolean(default=True, null=False)
    """Whether this city decides it; else its gates end with a recommendation to the level above (H33)."""
    treatment = Varchar(length=20, default="", null=False)
    """待遇 (H4): '', city_model, province_model, national_model."""
    prize = Integer(default=0, null=False)
    """One-time prize in yuan (H72)."""
    certificate = Varchar(length=40, default="", null=False)
    """The kind of sheet (``publications.certificates``) that its holders get."""
    series = Varchar(length=20, default="", null=False)
    """First part of the certificates' numbers: ``XCWY``, followed by the year (D6)."""
    valid_from = SmallInt(default=None, null=True)
    valid_until = SmallInt(default=None, null=True)
    """Years in which it is or was conferred; empty: still."""
    place = SmallInt(default=100, null=False)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    honour_level = Check(one_of("level", LEVELS), name="honour_level_known")
    honour_kind = Check(one_of("kind", KINDS), name="honour_kind_known")
    honour_prize = Check("prize >= 0", name="honour_prize_not_negative")


class Cycle(Table):
    """评选周期: one round of nominations, from the notice that opens it to the roll that ends it."""

    id = key()
    code = Varchar(length=40, default=None, null=False, unique=True)
    title = Varchar(length=200, default=None, null=False)
    year = SmallInt(default=None, null=False, index=True)
    level = Varchar(length=10, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The union that runs it: its officers open, review at its last gate and decide."""
    stage = Varchar(length=12, default="draft", null=False, index=True)
    copied_from = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    opens_on = Date(default=None, null=True)
    unit_due_at = Timestamptz(default=None, null=True)
    """Until when units hand in; later is abandoned (H35)."""
    county_due_at = Timestamptz(default=None, null=True)
    """Until when counties hand on."""
    allotments = JSONB(default="{}", null=False)
    """While a draft: honour's code → ``honours.cycles.apportionment.Inputs``; reckoned and frozen when the cycle opens (H29)."""
    opened_at = Timestamptz(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    cycle_stage = Check(
        one_of("stage", ["draft", "open", "review", "noticed", "decided", "published", "cancelled"]),
        name="cycle_stage_known",
    )
    cycle_level = Check(one_of("level", LEVELS), name="cycle_level_known")


class CycleRuleSet(Table, tags=["append-only"]):
    """规则集: one version of a cycle's rules (``honours.cycles.schemas.CycleRules`` as JSON). The newest one is in force."""

    id = key()
    cycle = ForeignKey(Cycle, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    rules = Text(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    cycle_rule_set_number = Unique(["cycle", "number"])


class CycleAward(Table):
    """奖项: an honour that a cycle awards; made from its rule set when the cycle opens, and not before."""

    id = key()
    cycle = ForeignKey(Cycle, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict)
    places = Integer(default=None, null=False)
    """名额: how many may be awarded as regular commendations; separate listings come on top (H5)."""
    place = SmallInt(default=0, null=False)
    cycle_award_once = Unique(["cycle", "honour"])
    cycle_award_places = Check("places >= 0", name="cycle_award_places_not_negative")


class Quota(Table):
    """分配名额: how many first choices a county or industry union may hand on for an award (H29)."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    places = Integer(default=None, null=False)
    cancelled = Integer(default=0, null=False)
    """Places lost to fraud (H36): never filled again."""
    quota_once = Unique(["award", "organisation"])
    quota_places = Check("places >= 0 AND cancelled >= 0 AND cancelled <= places", name="quota_places_in_range")


class Apportionment(Table, tags=["append-only"]):
    """名额分配: one reckoning of an award's quotas, with all its figures, so that anybody can do it again on paper (H29)."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    inputs = JSONB(default="{}", null=False)
    result = JSONB(default="{}", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    apportionment_number = Unique(["award", "number"])
