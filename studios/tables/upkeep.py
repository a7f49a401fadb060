"""工作室管理: the yearly round, what was found wrong, why a studio is looked at again, and how it changed or ended."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from foundation.tables import StoredFile
from registry.tables import Organisation, Worker
from studios.tables.studios import Programme, Studio

GRADES = ["excellent", "qualified", "rectify", "failed"]


class AnnualReport(Table):
    """年度报告: what a studio did in a year, handed in by its enterprise and looked at by the county (T8)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    year = SmallInt(default=None, null=False)
    due_on = Date(default=None, null=False, index=True)
    stage = Varchar(length=10, default="draft", null=False)
    body = JSONB(default="{}", null=False)
    """``studios.upkeep.schemas.ReportBody``."""
    figures = JSONB(default="{}", null=False)
    """The outputs ledger's figures of the year, frozen when it was handed in (T11)."""
    submitted_at = Timestamptz(default=None, null=True)
    submitted_by = UUID(default=None, null=True)
    county_opinion = Varchar(length=500, default="", null=False)
    county_grade = Varchar(length=12, default="", null=False)
    county_by = UUID(default=None, null=True)
    county_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    annual_report_once = Unique(["studio", "year"])
    annual_report_stage = Check(
        one_of("stage", ["draft", "submitted", "returned", "opined"]), name="annual_report_stage_known"
    )
    annual_report_county_grade = Check(one_of("county_grade", ["", *GRADES]), name="annual_report_county_grade_known")


class Assessment(Table):
    """年度考核: the grade of a year, from the panel's total; lowered with a reason, raised only by two people (T8)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    year = SmallInt(default=None, null=False)
    visit = UUID(default=None, null=True)
    """The visit whose panel result it rests on; none: typed in from papers."""
    papers = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    total = Varchar(length=20, default=None, null=False)
    """The panel's printed total."""
    reckoned = Varchar(length=12, default=None, null=False)
    """The grade that the total comes to by the programme's lines."""
    grade = Varchar(length=12, default=None, null=False)
    raised = Boolean(default=False, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    """In force from here; a raised grade waits for it."""
    assessment_once = Unique(["studio", "year"])
    assessment_grades = Check(
        f"{one_of('reckoned', GRADES)} AND {one_of('grade', GRADES)}", name="assessment_grades_known"
    )
    assessment_reasoned = Check("grade = reckoned OR reason <> ''", name="assessment_change_reasoned")
    assessment_two_people = Check(
        "NOT raised OR decided_at IS NULL OR (decided_by IS NOT NULL AND decided_by <> made_by)",
        name="assessment_raised_by_two",
    )


class Rectification(Table):
    """限期整改: ordered with points and a last day; a second visit says whether they are mended (T8)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    assessment = ForeignKey(Assessment, default=None, null=True, on_delete=OnDelete.restrict)
    ordered_on = Date(default=None, null=False)
    due_on = Date(default=None, null=False, index=True)
    reported_on = Date(default=None, null=True)
    """When the enterprise said that all is mended."""
    revisit = UUID(default=None, null=True)
    revisited_on = Date(default=None, null=True)
    outcome = Varchar(length=10, default="", null=False)
    closed_on = Date(default=None, null=True)
    closing_reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    rectification_one_open = Unique(["studio", "closed_on"], nulls_distinct=False)
    rectification_outcome = Check(
        one_of("outcome", ["", "cleared", "withdrawn", "ended"]), name="rectification_outcome_known"
    )
    rectification_closed = Check("(outcome = '') = (closed_on IS NULL)", name="rectification_closed_with_outcome")


class RectificationPoint(Table):
    """整改事项: one thing to mend, the enterprise's answer, and what the second visit found."""

    id = key()
    rectification = ForeignKey(Rectification, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    place = SmallInt(default=None, null=False)
    text = Varchar(length=300, default=None, null=False)
    answer = Varchar(length=500, default="", null=False)
    mended = Boolean(default=None, null=True)
    rectification_point_place = Unique(["rectification", "place"])


class ReReview(Table):
    """复核: opened by itself where the leader no longer qualifies or is gone (A12, H77, T8)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    cause = Varchar(length=10, default=None, null=False)
    source = UUID(default=None, null=False, index=True)
    """The withdrawn achievement, or the worker who left."""
    opened_on = Date(default=None, null=False)
    due_on = Date(default=None, null=False, index=True)
    outcome = Varchar(length=12, default="", null=False)
    closed_on = Date(default=None, null=True)
    closing_reason = Varchar(length=300, default="", null=False)
    closed_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    re_review_one_open = Unique(["studio", "cause", "source", "closed_on"], nulls_distinct=False)
    re_review_cause = Check(one_of("cause", ["honour", "left", "moved", "officer"]), name="re_review_cause_known")
    re_review_outcome = Check(one_of("outcome", ["", "kept", "leader", "ended"]), name="re_review_outcome_known")
    re_review_closed = Check("(outcome = '') = (closed_on IS NULL)", name="re_review_closed_with_outcome")


class Renewal(Table, tags=["append-only"]):
    """续认定 (T4): a term more, by a document. Terms only move forward."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    from_on = Date(default=None, null=False)
    until_on = Date(default=None, null=False)
    document_number = Varchar(length=80, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    renewal_once = Unique(["studio", "from_on"])
    renewal_forward = Check("until_on > from_on", name="renewal_goes_forward")


class LeaderChange(Table, tags=["append-only"]):
    """变更领衔人 (T8): the new leader qualifies by a valid honour of the programme's level (T2); none where none is asked."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    before = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict)
    after = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.restrict)
    honour = UUID(default=None, null=True)
    name_before = Varchar(length=200, default=None, null=False)
    name_after = Varchar(length=200, default=None, null=False)
    changed_on = Date(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class StudioMerger(Table, tags=["append-only"]):
    """合并: one studio goes into another and is on the register no longer; its outputs stay counted where they were."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, unique=True)
    into_studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    merged_on = Date(default=None, null=False)
    reason = Varchar(length=300, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_merger_other = Check("studio <> into_studio", name="studio_merger_of_two")


class StudioMove(Table, tags=["append-only"]):
    """迁址: another place, and where the enterprise moved, another unit or county."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    from_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    to_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    address_before = Varchar(length=300, default="", null=False)
    address_after = Varchar(length=300, default="", null=False)
    moved_on = Date(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class PlaqueRecovery(Table):
    """收回牌匾: the checklist after a studio left the register (T8)."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, unique=True)
    opened_on = Date(default=None, null=False)
    due_on = Date(default=None, null=False, index=True)
    plaque_on = Date(default=None, null=True)
    certificate_on = Date(default=None, null=True)
    told_on = Date(default=None, null=True)
    """When enterprise and county were told in writing."""
    funds_on = Date(default=None, null=True)
    """When what was not spent was settled."""
    note = Text(default="", null=False)
    closed_on = Date(default=None, null=True)
    version = Integer(default=1, null=False)


class UpkeepReminder(Table, tags=["append-only"]):
    """到期提醒: that somebody was reminded so many working days ahead; each once."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=16, default=None, null=False)
    due_on = Date(default=None, null=False)
    days = SmallInt(default=None, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    upkeep_reminder_once = Unique(["studio", "kind", "due_on", "days"])


class StudioUpgrade(Table, tags=["append-only"]):
    """晋级 (T9): from one level to the next, by a document; the lower naming stays on record."""

    id = key()
    studio = ForeignKey(Studio, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    from_programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict)
    to_programme = ForeignKey(Programme, default=None, null=False, on_delete=OnDelete.restrict)
    upgraded_on = Date(default=None, null=False)
    document_number = Varchar(length=80, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    studio_upgrade_once = Unique(["studio", "to_programme"])
