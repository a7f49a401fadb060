"""表彰决定、荣誉册与台账: decisions, frozen roll entries, revocations."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from foundation.tables import StoredFile
from honours.tables.catalogue import Cycle, Honour
from honours.tables.nominations import Nomination
from registry.tables import Organisation, Worker


class Decision(Table):
    """表彰决定 (H70): who decided what about a cycle's selected nominees, by which document."""

    id = key()
    cycle = ForeignKey(Cycle, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    document = UUID(default=None, null=True, index=True)
    """The official document (``publications.documents``) once it is drafted."""
    number = Varchar(length=80, default="", null=False)
    """宣工〔2026〕12号, once it is issued."""
    title = Varchar(length=200, default=None, null=False)
    decided_on = Date(default=None, null=False)
    wording = JSONB(default="{}", null=False)
    """What an officer wrote around the lists (``honours.rolls.schemas.Wording``)."""
    stage = Varchar(length=10, default="draft", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    version = Integer(default=1, null=False)
    decision_stage = Check(one_of("stage", ["draft", "issued", "published"]), name="decision_stage_known")


class DecisionLine(Table):
    """名单 (H71): one honour that a decision gives to one nominee. Several honours for one nominee are paired titles (H2)."""

    id = key()
    decision = ForeignKey(Decision, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict)
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = Integer(default=None, null=False)
    paired = Boolean(default=False, null=False)
    """Given on top of the title that the nominee was put forward for."""
    decision_line_once = Unique(["decision", "honour", "nomination"])
    decision_line_place = Unique(["decision", "honour", "place"])


class LedgerImport(Table):
    """往年荣誉导入: one confirmed sheet of past years; it may be undone until it is published."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    rows = Integer(default=None, null=False)
    linked = Integer(default=None, null=False)
    """How many rows were matched with somebody of the registry."""
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    published_by = UUID(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)
    undone_by = UUID(default=None, null=True)
    undone_at = Timestamptz(default=None, null=True)
    undone_reason = Varchar(length=300, default="", null=False)
    ledger_import_once = Check("published_at IS NULL OR undone_at IS NULL", name="ledger_import_published_or_undone")


class Roll(Table):
    """荣誉册: what the public reads of one decision, or of one year's document of the past."""

    id = key()
    code = Varchar(length=40, default=None, null=False, unique=True)
    """``2026-1``: year and the order in which that year's rolls were published; the page's address."""
    title = Varchar(length=200, default=None, null=False)
    """宣城市五一劳动奖: what the page is headed with."""
    year = SmallInt(default=None, null=False, index=True)
    decision = ForeignKey(Decision, default=None, null=True, unique=True, on_delete=OnDelete.restrict)
    batch = ForeignKey(LedgerImport, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    organ = Varchar(length=200, default="", null=False)
    document_number = Varchar(length=80, default="", null=False)
    decided_on = Date(default=None, null=False)
    sentence = Text(default="", null=False)
    """The sentence that confers (H70), as the document has it."""
    composition = JSONB(default="[]", null=False)
    """The composition's lines as they stood at publication: totals only, never a person (H20–H28, P3)."""
    digest = Varchar(length=64, default=None, null=False)
    """SHA-256 of the list as it was published, canonical JSON."""
    published_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)


class RollEntry(Table):
    """荣誉册条目: one honour that one person, unit or team holds, frozen as it was decided; also the ledger of past years.

    Several honours may come from one decision (H2). A revoked entry stays (H77): ``revoked_at`` hides it from rolls and
    bases. Published are name, unit and post only (P3), portrait and deeds with consent (P2).
    """

    id = key()
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    roll = ForeignKey(Roll, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """The public roll that shows it; none while an import is not published."""
    decision = ForeignKey(Decision, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    nomination = ForeignKey(Nomination, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    year = SmallInt(default=None, null=False, index=True)
    conferred_on = Date(default=None, null=False)
    document_number = Varchar(length=80, default="", null=False)
    place = Integer(default=None, null=False)
    """H71: its place in the annex."""
    kind = Varchar(length=10, default=None, null=False)
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """The honoured unit, the team's unit, or the person's unit at that time, where the registry has it."""
    name = Varchar(length=200, default=None, null=False)
    unit_name = Varchar(length=200, default="", null=False)
    post = Varchar(length=100, default="", null=False)
    region = Varchar(length=6, default="", null=False, index=True)
    county_name = Varchar(length=100, default="", null=False)
    category = Varchar(length=20, default="", null=False)
    unit_class = Varchar(length=12, default="", null=False)
    flags = Array(base_column=Varchar(), default=list, null=False)
    listing = Varchar(length=10, default="regular", null=False)
    posthumous = Boolean(default=False, null=False)
    summary = Text(default="", null=False)
    portrait = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=300, default="", null=False)
    stroke_key = Varchar(length=300, default="", null=False)
    source = Varchar(length=10, default="decision", null=False)
    """decision: made here; import: brought in from the rolls of past years; record: told by the level above."""
    batch = UUID(default=None, null=True, index=True)
    """The import that brought it."""
    published_at = Timestamptz(default=None, null=True, index=True)
    revoked_at = Timestamptz(default=None, null=True)
    revoked_on = Date(default=None, null=True)
    revoked_reason = Varchar(length=300, default="", null=False)
    team_key = Varchar(length=200, default=None, null=True)
    """Tells a unit's holdings apart: empty for the unit itself, the folded name of a team; none for people."""
    repeat = SmallInt(default=0, null=True)
    """H12: 0 for the only time that somebody holds a title; a further one, allowed with a reason, counts on; none: revoked."""
    repeat_reason = Varchar(length=300, default="", null=False)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    roll_entry_no_repeat = Unique(["honour", "worker", "repeat"])
    roll_entry_no_unit_repeat = Unique(["honour", "organisation", "team_key", "repeat"])
    roll_entry_kind = Check(one_of("kind", ["person", "unit", "team"]), name="roll_entry_kind_known")
    roll_entry_source = Check(one_of("source", ["decision", "import", "record"]), name="roll_entry_source_known")
    roll_entry_once_a_decision = Unique(["decision", "honour", "nomination"])


class RollCorrection(Table):
    """荣誉册更正: a fault of a published entry mended in public, with its reason; proposed by one, confirmed by another."""

    id = key()
    roll = ForeignKey(Roll, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(RollEntry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    before = JSONB(default="{}", null=False)
    after = JSONB(default="{}", null=False)
    """The fields that change: name, unit_name, post, region."""
    reason = Varchar(length=300, default=None, null=False)
    proposed_by = UUID(default=None, null=True)
    proposed_at = Timestamptz(default=TimestamptzNow(), null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    outcome = Varchar(length=10, default="", null=False)
    version = Integer(default=1, null=False)
    roll_correction_one_open = Unique(["entry", "decided_at"], nulls_distinct=False)
    roll_correction_outcome = Check(one_of("outcome", ["", "made", "dropped"]), name="roll_correction_outcome_known")
    roll_correction_two = Check(
        "outcome <> 'made' OR decided_by IS DISTINCT FROM proposed_by", name="roll_correction_by_another"
    )


class Revocation(Table):
    """撤销荣誉称号 (H75–H77): from a report up the chain to the body that conferred, which alone decides (H76)."""

    id = key()
    entry = ForeignKey(RollEntry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    reporter = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """Whose report it is: the unit, or a union that reports by itself."""
    cause = Varchar(length=20, default=None, null=False)
    facts = Text(default="", null=False)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    """Copies of the sanction, judgment or investigation."""
    stage = Varchar(length=10, default="reported", null=False, index=True)
    proposed_by = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_on = Date(default=None, null=True)
    """From this day the honour and its treatment end."""
    decided_organ = Varchar(length=200, default="", null=False)
    document_number = Varchar(length=80, default="", null=False)
    public_reason = Varchar(length=300, default="", null=False)
    decision_file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    ended_at = Timestamptz(default=None, null=True)
    medal_back_on = Date(default=None, null=True)
    certificate_back_on = Date(default=None, null=True)
    treatment_stopped_on = Date(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    revocation_one_open = Unique(["entry", "ended_at"], nulls_distinct=False)
    revocation_stage = Check(
        one_of("stage", ["reported", "endorsed", "proposed", "referred", "revoked", "kept", "withdrawn"]),
        name="revocation_stage_known",
    )
    revocation_two = Check(
        "decided_by IS NULL OR decided_by IS DISTINCT FROM proposed_by", name="revocation_decided_by_another"
    )


class RevocationStep(Table, tags=["append-only"]):
    """One step of a revocation: who said what, when."""

    id = key()
    revocation = ForeignKey(Revocation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    action = Varchar(length=12, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    opinion = Varchar(length=500, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
