"""申报与走访: calls, applications with people, opinions and papers; visits with experts, answers and photos."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from foundation.tables import StoredFile
from registry.tables import Account, Organisation, Worker
from studios.applications.stages import Step
from studios.tables.studios import Programme, ProgrammeRuleSet, Studio


class StudioCall(Table):
    """申报批次: a programme takes applications between two days, by one version of its rules."""

    id = key()
    programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    rule_set = ForeignKey(ProgrammeRuleSet, default=None, null=False, on_delete=OnDelete.restrict)
    """Frozen when the call opened: every application of it is judged by these rules."""
    code = Varchar(length=40, default=None, null=False, unique=True)
    """``XC-CXGZS-2026``: applications are numbered under it."""
    title = Varchar(length=200, default=None, null=False)
    opens_on = Date(default=None, null=False)
    closes_on = Date(default=None, null=False)
    stage = Varchar(length=8, default="open", null=False)
    last_number = Integer(default=0, null=False)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_call_stage = Check(one_of("stage", ["open", "closed"]), name="studio_call_stage_known")
    studio_call_days = Check("closes_on >= opens_on", name="studio_call_days_in_order")


class StudioApplication(Table):
    """申报: one unit asks that one leader's studio be named (T2, T3, T7)."""

    id = key()
    call = ForeignKey(StudioCall, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = Varchar(length=50, default=None, null=True, unique=True)
    """Given when it is first handed in."""
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    county = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The county or industry union that recommends, or the naming union itself for units directly under it."""
    leader = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    leader_name = Varchar(length=100, default=None, null=False)
    leader_honour = UUID(default=None, null=True)
    """The registry's achievement that the leader qualifies by (T2, H77)."""
    upgrades = ForeignKey(Studio, default=None, null=True, on_delete=OnDelete.restrict)
    """The studio of the lower level that would rise (T9)."""
    title_kind = Varchar(length=10, default="劳模", null=False)
    stage = Varchar(length=10, default=Step.DRAFT.value, null=False, index=True)
    dossier = JSONB(default="{}", null=False)
    """``studios.applications.schemas.Dossier``."""
    returned_due_on = Date(default=None, null=True)
    notice = UUID(default=None, null=True, index=True)
    document = UUID(default=None, null=True)
    studio = ForeignKey(Studio, default=None, null=True, on_delete=OnDelete.restrict)
    """What it became."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    submitted_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_application_stage_ok = Check(
        one_of("stage", [step.value for step in Step]), name="studio_application_stage_known"
    )
    studio_application_kind_is_ok = Check(
        one_of("title_kind", ["劳模", "工匠", "学院"]), name="studio_application_kind_is_known"
    )


class ApplicationPerson(Table):
    """团队成员 of an application: workers of the registry, the leader beside them."""

    id = key()
    application = ForeignKey(StudioApplication, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    worker = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict)
    name = Varchar(length=100, default=None, null=False)
    skill_level = Varchar(length=2, default="", null=False)
    duty = Varchar(length=100, default="", null=False)
    place = SmallInt(default=1, null=False)
    application_person_once = Unique(["application", "worker"])


class ApplicationOpinion(Table, tags=["append-only"]):
    """各级意见: who did what with an application, in what words."""

    id = key()
    application = ForeignKey(StudioApplication, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    action = Varchar(length=16, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    opinion = Varchar(length=500, default="", null=False)
    due_on = Date(default=None, null=True)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class ApplicationPaper(Table):
    """申报材料: one file under one of the dossier's parts (T5); taken out, it stays in the history."""

    id = key()
    application = ForeignKey(StudioApplication, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    part = SmallInt(default=None, null=False)
    """Which of the rules' ``papers``, counted from 0."""
    file = ForeignKey(StoredFile, default=None, null=False, on_delete=OnDelete.restrict)
    note = Varchar(length=200, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    removed_at = Timestamptz(default=None, null=True)


class Visit(Table):
    """实地走访: experts look at a place by a scoring table; for an application, a yearly assessment, or a second look."""

    id = key()
    kind = Varchar(length=12, default=None, null=False)
    subject = UUID(default=None, null=False, index=True)
    """The application, or the studio whose year is assessed, or the studio that was told to mend (T8)."""
    title = Varchar(length=200, default=None, null=False)
    context = Varchar(length=200, default="", null=False)
    """2026 年度考核."""
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The unit that is visited."""
    union = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The union that sent the panel: its officers arrange and close."""
    table = Text(default=None, null=False)
    """The scoring table as it was when the visit was arranged (``studios.schemas.ScoringTable`` as JSON)."""
    outputs = JSONB(default="[]", null=False)
    """What the desk shows beside the table: ``[{label, before, now, twice}]`` (T11)."""
    earlier = JSONB(default="[]", null=False)
    """What was to be mended before: ``[{text, done}]``."""
    planned_on = Date(default=None, null=False)
    year = SmallInt(default=None, null=True)
    """The year that is assessed."""
    stage = Varchar(length=10, default="open", null=False)
    result = Varchar(length=20, default="", null=False)
    """The panel's total as printed, once closed."""
    grade = Varchar(length=12, default="", null=False)
    closed_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    visit_kind = Check(one_of("kind", ["application", "assessment", "revisit"]), name="visit_kind_known")
    visit_stage = Check(one_of("stage", ["open", "closed", "called_off"]), name="visit_stage_known")


class VisitExpert(Table):
    """评审专家: one seat of a visit's panel with its sheet; others never see its marks before the visit is closed."""

    id = key()
    visit = ForeignKey(Visit, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    account = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100, default=None, null=False)
    place = SmallInt(default=None, null=False)
    excused = Varchar(length=200, default="", null=False)
    """Why this expert does not score here (回避)."""
    signed_at = Timestamptz(default=None, null=True)
    total = Varchar(length=20, default="", null=False)
    """The sheet's total as it was signed."""
    fate = Varchar(length=14, default="", null=False)
    """What became of it in the panel: counted, dropped_low, dropped_high."""
    visit_expert_once = Unique(["visit", "account"])


class VisitAnswer(Table, tags=["append-only"]):
    """评分: one expert's answer to one item, in versions (``studios.scoring.Answer`` as JSON); the newest counts.

    ``item`` ``+code`` is a bonus: its answer is ``{"count": n}``.
    """

    id = key()
    expert = ForeignKey(VisitExpert, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    item = Varchar(length=40, default=None, null=False)
    number = SmallInt(default=None, null=False)
    answer = Text(default=None, null=False)
    note = Varchar(length=500, default="", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    visit_answer_version = Unique(["expert", "item", "number"])


class VisitPhoto(Table):
    """现场凭据: a picture taken on site, re-encoded without its own data; time and position as the device gave them."""

    id = key()
    """Made by the device: sent again, it is the same picture."""
    expert = ForeignKey(VisitExpert, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    item = Varchar(length=40, default=None, null=False)
    caption = Varchar(length=100, default="", null=False)
    file = ForeignKey(StoredFile, default=None, null=False, on_delete=OnDelete.restrict)
    taken_at = Timestamptz(default=None, null=False)
    latitude = Varchar(length=14, default="", null=False)
    """Decimal degrees (WGS 84), empty where the device told none."""
    longitude = Varchar(length=14, default="", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
