"""推荐申报: the nomination, its path through the gates, its materials, clearances, veto facts and consents."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from foundation.tables import StoredFile
from honours.nominations.stages import Stage
from honours.tables.catalogue import KINDS, Cycle, CycleAward
from registry.tables import Organisation, Worker


class Nomination(Table):
    """推荐对象: one person, unit or team put forward for one award by one unit (H1, H30)."""

    id = key()
    cycle = ForeignKey(Cycle, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    award = ForeignKey(CycleAward, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = Varchar(length=40, default=None, null=True, unique=True)
    """``XC-2026-JZ-0117``, given when it is first handed in."""
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The nominating unit."""
    first_gate = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """The county or industry union that reviews first (H33), or the running union itself for units directly under it."""
    kind = Varchar(length=10, default=None, null=False)
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    unit = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """The honoured unit, or the unit that the honoured team belongs to."""
    name = Varchar(length=200, default=None, null=False)
    """A person's name, a unit's full name, or unit and team (×××公司总装车间)."""
    unit_name = Varchar(length=200, default="", null=False)
    post = Varchar(length=100, default="", null=False)
    category = Varchar(length=20, default="", null=False)
    """H17: the one primary category; reviewed with its evidence at each gate."""
    flags = Array(base_column=Varchar(), default=list, null=False)
    """Identities that compositions ask for: codes of ``honours.cycles.schemas.FLAGS``."""
    unit_class = Varchar(length=12, default="", null=False)
    """enterprise, institution, organ, social: bases of some compositions, and who must be asked for clearance (H40–H44)."""
    role = Varchar(length=10, default="principal", null=False)
    """正选 or 递补 (H16)."""
    place = SmallInt(default=1, null=False)
    """次序: the order in which a unit, then its county, puts its candidates of one role."""
    listing = Varchar(length=10, default="regular", null=False)
    """常规 or 单列 (H5): separate listings are outside every base."""
    listing_reason = Varchar(length=200, default="", null=False)
    posthumous = Boolean(default=False, null=False)
    stage = Varchar(length=14, default=Stage.DRAFT.value, null=False, index=True)
    dossier = JSONB(default="{}", null=False)
    """The approval form (H63): ``honours.nominations.schemas.Dossier``. No ID number and no phone: those stay in the registry."""
    portrait = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    returned_due_at = Timestamptz(default=None, null=True)
    """Until when a returned nomination must be handed in again (H35)."""
    override_reason = Varchar(length=300, default="", null=False)
    """Why an exception of H10 or H12 was allowed, written by the officer who allowed it."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=300, default="", null=False)
    submitted_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    nomination_kind = Check(one_of("kind", KINDS), name="nomination_kind_known")
    nomination_stage = Check(one_of("stage", [stage.value for stage in Stage]), name="nomination_stage_known")
    nomination_role = Check(one_of("role", ["principal", "substitute"]), name="nomination_role_known")
    nomination_listing = Check(one_of("listing", ["regular", "separate"]), name="nomination_listing_known")
    nomination_nominee = Check(
        "(kind = 'person') = (worker IS NOT NULL) AND (kind = 'person' OR unit IS NOT NULL)",
        name="nomination_names_its_nominee",
    )


class GateOpinion(Table, tags=["append-only"]):
    """各级意见 (H33): what a gate did with a nomination: who, when, in what words; and what its unit did in answer."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    gate = Varchar(length=10, default=None, null=False)
    """unit, county, city, upper."""
    action = Varchar(length=16, default=None, null=False)
    """The move's action (``honours.nominations.stages``)."""
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    opinion = Varchar(length=500, default="", null=False)
    signed_by = Varchar(length=60, default="", null=False)
    """Whose name stands under it on paper, where it is somebody other than the account's holder."""
    due_at = Timestamptz(default=None, null=True)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class Material(Table):
    """材料 (H60): one file of a dossier; taken out, it stays in the history."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=30, default=None, null=False)
    file = ForeignKey(StoredFile, default=None, null=False, on_delete=OnDelete.restrict)
    note = Varchar(length=200, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    removed_at = Timestamptz(default=None, null=True)


class Clearance(Table):
    """征求意见 (H40–H45): one department asked about one nominee, and what it answered until when."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    department = Varchar(length=30, default=None, null=False)
    asked_on = Date(default=None, null=False)
    opinion = Varchar(length=10, default="", null=False)
    opinion_on = Date(default=None, null=True)
    valid_until = Date(default=None, null=True)
    note = Varchar(length=300, default="", null=False)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    clearance_opinion = Check(one_of("opinion", ["", "agree", "reserved", "disagree"]), name="clearance_opinion_known")
    clearance_once = Unique(["nomination", "department", "asked_on"])


class VetoFact(Table):
    """一票否决事实 (H50–H53): with source, date and document; another reviewer alone may remove it."""

    id = key()
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=30, default=None, null=False)
    happened_on = Date(default=None, null=False)
    until_on = Date(default=None, null=True)
    """The end of its effect where it has one of its own (a sanction's period, H52; a bar from the next cycle, H36)."""
    source = Varchar(length=200, default=None, null=False)
    document = Varchar(length=200, default="", null=False)
    note = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    removed_by = UUID(default=None, null=True)
    removed_at = Timestamptz(default=None, null=True)
    removed_reason = Varchar(length=300, default="", null=False)
    veto_names_somebody = Check("(worker IS NULL) <> (organisation IS NULL)", name="veto_fact_names_one")
    veto_second_person = Check(
        "removed_at IS NULL OR (removed_by IS NOT NULL AND removed_by IS DISTINCT FROM made_by)",
        name="veto_fact_removed_by_another",
    )


class PublicationConsent(Table, tags=["append-only"]):
    """公开同意 (P2): a nominee's consent to publication, or its withdrawal; the newest row counts."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    given = Boolean(default=None, null=False)
    wording = Varchar(length=20, default=None, null=False)
    """Version of the text that was consented to."""
    covers = Array(base_column=Varchar(), default=list, null=False)
    """roll (name, unit, post), portrait, deeds."""
    text = Text(default="", null=False)
    signed_on = Date(default=None, null=False)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
