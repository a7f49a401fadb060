"""创新工作室: programmes with their rules, the studios, their levels, people and history."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from registry.tables import Organisation, Worker
from studios.stages import Stage

LEVELS = ["national", "province", "city", "county", "enterprise"]


class Programme(Table):
    """创建项目: what may be applied for: 劳模和工匠人才创新工作室 at a level (T1), or 工匠学院."""

    id = key()
    code = Varchar(length=40, default=None, null=False, unique=True)
    title = Varchar(length=200, default=None, null=False)
    """宣城市劳模（工匠）创新工作室, as documents and plaques print it."""
    level = Varchar(length=12, default=None, null=False)
    kind = Varchar(length=10, default="studio", null=False)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The union that names by it."""
    open = UUID(default=None, null=True)
    """The call (申报批次) that takes applications now."""
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    programme_level = Check(one_of("level", LEVELS), name="programme_level_known")
    programme_kind = Check(one_of("kind", ["studio", "college"]), name="programme_kind_known")


class ProgrammeRuleSet(Table, tags=["append-only"]):
    """规则集: one version of a programme's rules (``studios.schemas.ProgrammeRules`` as JSON). The newest one is in force."""

    id = key()
    programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    rules = Text(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    programme_rule_set_number = Unique(["programme", "number"])


class Studio(Table):
    """工作室: named once, with one level now and all of them in :class:`StudioNaming` (T9)."""

    id = key()
    code = Varchar(length=40, default=None, null=False, unique=True)
    name = Varchar(length=200, default=None, null=False)
    """T7: 领衔人姓名 + （劳模/工匠）创新工作室."""
    title_kind = Varchar(length=10, default="劳模", null=False)
    """劳模 or 工匠, as the name has it."""
    field_of_work = Varchar(length=200, default="", null=False)
    """专业方向: 焊接与无损检测."""
    programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict)
    """The programme of its present level."""
    level = Varchar(length=12, default=None, null=False, index=True)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    county = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    region = Varchar(length=6, default=None, null=False, index=True)
    leader = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    leader_name = Varchar(length=100, default=None, null=False)
    leader_honour = UUID(default=None, null=True, index=True)
    """The registry's achievement that the leader qualifies by (T2); withdrawn, it opens a re-review (H77, T8)."""
    stage = Varchar(length=14, default=Stage.ACTIVE.value, null=False, index=True)
    named_on = Date(default=None, null=False)
    cycle_ends_on = Date(default=None, null=True)
    """Until when the naming holds without renewal (T4)."""
    last_grade = Varchar(length=12, default="", null=False)
    """优秀/合格/限期整改/不合格 of the newest assessment: excellent, qualified, rectify, failed."""
    last_assessed = SmallInt(default=None, null=True)
    address = Varchar(length=300, default="", null=False)
    profile = Text(default="", null=False)
    facts = JSONB(default="{}", null=False)
    ended_on = Date(default=None, null=True)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=300, default="", null=False)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_stage = Check(one_of("stage", [stage.value for stage in Stage]), name="studio_stage_known")
    studio_level = Check(one_of("level", LEVELS), name="studio_level_known")
    studio_grade = Check(
        one_of("last_grade", ["", "excellent", "qualified", "rectify", "failed"]), name="studio_grade_known"
    )


class StudioNaming(Table, tags=["append-only"]):
    """命名记录: the studio was named at a level by a document; the lower record stays when it rises (T9)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict)
    level = Varchar(length=12, default=None, null=False)
    named_on = Date(default=None, null=False)
    document_number = Varchar(length=80, default="", null=False)
    plaque_number = Varchar(length=60, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_naming_once = Unique(["studio", "level", "named_on"])


class StudioMember(Table):
    """成员: who works in it, from when to when; a worker of the registry or a name from elsewhere."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100, default=None, null=False)
    role = Varchar(length=10, default="member", null=False)
    skill_level = Varchar(length=2, default="", null=False)
    joined_on = Date(default=None, null=False)
    left_on = Date(default=None, null=True)
    studio_member_role = Check(one_of("role", ["leader", "member"]), name="studio_member_role_known")


class StudioEvent(Table, tags=["append-only"]):
    """大事记: what happened to a studio and when: its time-line, public where ``public_text`` says something."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=20, default=None, null=False)
    happened_on = Date(default=None, null=False)
    public_text = Varchar(length=200, default="", null=False)
    facts = JSONB(default="{}", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
