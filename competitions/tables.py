"""劳动和技能竞赛: competitions and events, entries, panels and marks, results."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigSerial,
    Boolean,
    Bytea,
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
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from registry.tables import Account, Organisation, Worker


class Competition(Table):
    """竞赛: one edition, holding one or more events."""

    id = key()
    code = Varchar(length=64, default=None, null=False, unique=True)
    title = Varchar(length=200, default=None, null=False)
    organiser = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    region = Varchar(length=6, default=None, null=False)
    level = Varchar(length=12, default="city", null=False)
    plan_class = Varchar(length=20, default="", null=False)
    """C1: 一类 / 二类 / 专项, where the yearly plan says so."""
    year = SmallInt(default=None, null=False, index=True)
    starts_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=False)
    venue = Varchar(length=200, default="", null=False)
    summary = Text(default="", null=False)
    stage = Varchar(length=12, default="draft", null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    competition_stage = Check(one_of("stage", ["draft", "open", "closed"]), name="competition_stage_known")
    competition_level = Check(
        one_of("level", ["national", "province", "city", "county", "enterprise"]), name="competition_level_known"
    )
    in_order = Check("ends_on >= starts_on", name="competition_in_order")


class Event(Table):
    """竞赛项目（工种）: what is entered, judged, ranked and awarded."""

    id = key()
    competition = ForeignKey(Competition, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    code = Varchar(length=128, default=None, null=False, unique=True)
    """At most 128, as published collections of events have them; all other codes are at most 64."""
    title = Varchar(length=200, default=None, null=False)
    stage = Varchar(length=20, default="draft", null=False, index=True)
    kind = Varchar(length=12, default="individual", null=False)
    team_min = SmallInt(default=1, null=False)
    team_max = SmallInt(default=1, null=False)
    entries_per_unit = SmallInt(default=1, null=False)
    """C14: how many teams or individuals one unit may send."""
    min_age = SmallInt(default=16, null=False)
    occupation = Varchar(length=12, default="", null=False)
    registration_opens_at = Timestamptz(default=None, null=True)
    registration_closes_at = Timestamptz(default=None, null=True)
    starts_at = Timestamptz(default=None, null=True)
    ends_at = Timestamptz(default=None, null=True)
    """The end of the contest: appeals are counted from here (C70)."""
    venue = Varchar(length=200, default="", null=False)
    external = Boolean(default=False, null=False)
    """Imported from a bundle: its entrants and judges are people of the bundle, not of the registry."""
    live_public = Boolean(default=True, null=False)
    """Whether the live board may be watched before publication."""
    live_names = Boolean(default=False, null=False)
    """Whether the live board names entrants; else it shows their codes, since those who mark may see it too (C51)."""
    frozen_at = Timestamptz(default=None, null=True)
    """封榜: from here on the public live board stands still."""
    rule_set = UUID(default=None, null=True)
    """The rule set in force (its newest locked or draft version)."""
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    event_stage = Check(
        one_of("stage", ["draft", "registration", "judging", "confirmed", "published"]), name="event_stage_known"
    )
    event_kind = Check(one_of("kind", ["individual", "team"]), name="event_kind_known")
    team_size = Check("team_min >= 1 AND team_max >= team_min", name="event_team_size")


class RuleSet(Table, tags=["append-only"]):
    """规则集: one version of an event's rules, in the words of the event bundle (``event.rules``), as written."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    rules = Text(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    rule_set_one_number = Unique(["event", "number"])


class Entry(Table):
    """参赛队/参赛选手: what an enterprise registered, or a bundle brought."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    code = Varchar(length=64, default=None, null=True)
    """参赛号, given at acceptance; unique in the event."""
    name = Varchar(length=200, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    organisation_name = Varchar(length=200, default="", null=False)
    entry_group = Varchar(length=100, default=None, null=True)
    stage = Varchar(length=12, default="draft", null=False)
    status = Varchar(length=12, default="competed", null=False)
    """C25: 0 is not an absence; who did not compete is not ranked."""
    guest = Boolean(default=False, null=False)
    entry_values = Text(default="{}", null=False)
    """Values of the ranking keys (``{"time": "118.5"}``), quantities as written."""
    bundle_extra = Text(default="{}", null=False)
    """Which optional fields an imported entry wrote out, so that export gives back the same bytes."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    return_reason = Varchar(length=500, default="", null=False)
    submitted_by = UUID(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    entry_one_code = Unique(["event", "code"])
    entry_stage = Check(
        one_of("stage", ["draft", "submitted", "returned", "accepted", "rejected", "withdrawn"]),
        name="entry_stage_known",
    )
    entry_status = Check(
        one_of("status", ["competed", "absent", "withdrawn", "disqualified"]), name="entry_status_known"
    )


class EntryMember(Table):
    """队员、领队、教练. ``worker`` is empty for people of a bundle; ``snapshot`` is frozen at close (C15)."""

    id = key()
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    competition = ForeignKey(Competition, default=None, null=False, on_delete=OnDelete.restrict)
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=200, default=None, null=False)
    role = Varchar(length=12, default="competitor", null=False)
    place = SmallInt(default=0, null=False)
    active = Boolean(default=True, null=False)
    """False once its entry is rejected or withdrawn: then the worker may be entered elsewhere (C13)."""
    snapshot = JSONB(default="{}", null=False)
    member_role = Check(one_of("role", ["competitor", "leader", "coach"]), name="entry_member_role_known")


class Panel(Table):
    """评分组: the seats that mark the same aspects."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(length=100, default=None, null=False)
    aspects = Array(base_column=Varchar(), default=list, null=False)
    place = SmallInt(default=0, null=False)


class Seat(Table):
    """评分席: one judge on one panel, with that judge's sheet. ``account`` is empty for judges of a bundle."""

    id = key()
    panel = ForeignKey(Panel, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    code = Varchar(length=64, default=None, null=False)
    """The judge's code in the bundle (J1); one judge has the same code on every panel of the event."""
    account = ForeignKey(Account, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100, default="", null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    sheet_state = Varchar(length=10, default="open", null=False)
    sheet_version = Integer(default=1, null=False)
    signed_at = Timestamptz(default=None, null=True)
    signature = Text(default="", null=False)
    """Strokes of the handwritten signature (JSON lists of points), drawn, never an image upload."""
    checksum = Bytea(default=None, null=True)
    vacated_at = Timestamptz(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    seat_one_code = Unique(["panel", "code"])
    sheet_known = Check(one_of("sheet_state", ["open", "signed"]), name="seat_sheet_state_known")


class Excusal(Table):
    """免评 (C61): this seat does not mark this entry. The reason is kept and never shown to the desk."""

    id = key()
    seat = ForeignKey(Seat, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    reason = Varchar(length=300, default=None, null=False)
    automatic = Boolean(default=True, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    excusal_once = Unique(["seat", "entry"])


class Mark(Table, tags=["append-only"]):
    """给分: a new row for each version. The next version's number is the compare-and-set (unique)."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict)
    seat = ForeignKey(Seat, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict)
    aspect = Varchar(length=64, default=None, null=False)
    version = SmallInt(default=None, null=False)
    value = Varchar(length=24, default=None, null=True)
    """As written ("13.5"); null is a mark taken back to blank, which is never zero."""
    amount = Numeric(digits=(19, 10), default=None, null=True)
    marked_by = UUID(default=None, null=True)
    second = UUID(default=None, null=True)
    """C57: the second signature where a signed mark is corrected."""
    reason = Varchar(length=300, default="", null=False)
    marked_at = Timestamptz(default=TimestamptzNow(), null=False)
    mark_one_version = Unique(["entry", "aspect", "seat", "version"])
    amount_is_value = Check(
        "(value IS NULL AND amount IS NULL) OR (value ~ '^-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,10})?$'"
        " AND amount = value::numeric AND amount <> 'NaN'::numeric)",
        name="mark_amount_is_value",
    )


class StatusChange(Table, tags=["append-only"]):
    """检录与处置 (C25): who was absent, withdrew or was disqualified, why, and who said so."""

    id = key()
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    was = Varchar(length=12, default=None, null=False)
    becomes = Varchar(length=12, default=None, null=False)
    reason = Varchar(length=300, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class Correction(Table, tags=["append-only"]):
    """更正 (C57): somebody asks that a signed mark be changed, with the old value, the new one and the reason."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    seat = ForeignKey(Seat, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict)
    aspect = Varchar(length=64, default=None, null=False)
    base = SmallInt(default=None, null=False)
    """The version that shall be corrected."""
    was = Varchar(length=24, default=None, null=True)
    becomes = Varchar(length=24, default=None, null=False)
    reason = Varchar(length=300, default=None, null=False)
    asked_by = UUID(default=None, null=False)
    asked_at = Timestamptz(default=TimestamptzNow(), null=False)


class CorrectionDecision(Table, tags=["append-only"]):
    """The second signature under a correction, or its refusal; one for each."""

    id = key()
    correction = ForeignKey(Correction, default=None, null=False, on_delete=OnDelete.restrict, unique=True)
    approved = Boolean(default=None, null=False)
    note = Varchar(length=300, default="", null=False)
    decided_by = UUID(default=None, null=False)
    decided_at = Timestamptz(default=TimestamptzNow(), null=False)


class Adjustment(Table, tags=["append-only"]):
    """加减分: a deduction or bonus on the total, with its reason; a correction cancels by reference."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = Integer(default=0, null=False)
    kind = Varchar(length=10, default=None, null=False)
    value = Varchar(length=24, default=None, null=False)
    reason = Varchar(length=300, default=None, null=False)
    cancels = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    adjustment_kind = Check(one_of("kind", ["deduction", "bonus", "cancel"]), name="adjustment_kind_known")


class Result(Table):
    """成绩: what the chief judge confirmed and published, frozen: the bundle that was scored and its standings."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    bundle = Text(default=None, null=False)
    bundle_sha256 = Varchar(length=64, default=None, null=False)
    standings = Text(default=None, null=False)
    public_bundle = Text(default=None, null=False)
    public_sha256 = Varchar(length=64, default=None, null=False)
    public_standings = Text(default=None, null=False)
    confirmed_by = UUID(default=None, null=True)
    confirmed_at = Timestamptz(default=TimestamptzNow(), null=False)
    published_by = UUID(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_reason = Varchar(length=300, default="", null=False)
    version = Integer(default=1, null=False)
    result_one_number = Unique(["event", "number"])


class ResultRow(Table):
    """One published place: name, unit, parts, total, award; searched and shown without opening the bundle."""

    id = key()
    result = ForeignKey(Result, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    entry_code = Varchar(length=64, default=None, null=False)
    name = Varchar(length=200, default=None, null=False)
    organisation_name = Varchar(length=200, default="", null=False)
    place = Integer(default=None, null=False)
    rank = Integer(default=None, null=True)
    shared = Boolean(default=False, null=False)
    guest = Boolean(default=False, null=False)
    status = Varchar(length=12, default="competed", null=False)
    total = Varchar(length=24, default="", null=False)
    modules = JSONB(default="{}", null=False)
    award = Varchar(length=60, default="", null=False)
    scaled = Varchar(length=10, default="", null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)


class ImportedBundle(Table):
    """A bundle as it came in: its canonical text, for an export of the same bytes and for the file's history."""

    id = key()
    event = ForeignKey(Event, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    canonical = Text(default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    imported_bundle_one_number = Unique(["event", "number"])
