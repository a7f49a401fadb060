"""表彰决定、荣誉册与台账: decisions, frozen roll entries, revocations."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
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
    stage = Varchar(length=10, default="draft", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    version = Integer(default=1, null=False)
    decision_stage = Check(one_of("stage", ["draft", "issued", "published"]), name="decision_stage_known")


class RollEntry(Table):
    """荣誉册条目: one honour that one person, unit or team holds, frozen as it was decided; also the ledger of past years.

    Several honours may come from one decision (H2). A revoked entry stays (H77): ``revoked_at`` hides it from rolls and
    bases. Published are name, unit and post only (P3), portrait and deeds with consent (P2).
    """

    id = key()
    honour = ForeignKey(Honour, default=None, null=False, on_delete=OnDelete.restrict, index=True)
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
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    roll_entry_kind = Check(one_of("kind", ["person", "unit", "team"]), name="roll_entry_kind_known")
    roll_entry_source = Check(one_of("source", ["decision", "import", "record"]), name="roll_entry_source_known")
    roll_entry_once_a_decision = Unique(["decision", "honour", "nomination"])
