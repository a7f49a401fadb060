"""The tables of the plumbing."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    Interval,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, new_id, one_of


class TrailEntry(Table, tags=["append-only"]):
    """One write, in the transaction that made it. Actor and subject are pseudonyms; ``body`` is canonical JSON."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=TimestamptzNow(), null=False)
    actor = UUID(default=None, null=True)
    action = Varchar(length=80, default=None, null=False, index=True)
    subject_kind = Varchar(length=40, default=None, null=False)
    subject = UUID(default=None, null=True, index=True)
    body = Text(default="{}", null=False)


class TrailSeal(Table, tags=["append-only"]):
    """A closed batch of trail rows: Merkle root over their leaves, chained to the seal before."""

    id = BigSerial(primary_key=True)
    sealed_at = Timestamptz(default=TimestamptzNow(), null=False)
    rows = Integer(default=None, null=False)
    root = Bytea(default=None, null=False)
    previous = Bytea(default=None, null=False)
    digest = Bytea(default=None, null=False, unique=True)
    signature = Bytea(default=None, null=True)


class TrailLeaf(Table, tags=["append-only"]):
    """Which seal a trail row went into, and at which leaf. A row without one is not sealed yet."""

    id = BigInt(primary_key=True, default=None, null=False)
    seal = ForeignKey(TrailSeal, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = Integer(default=None, null=False)


class Session(Table):
    """A signed-in browser. The key is sha256 of the cookie's token: the table alone opens nothing."""

    digest = Bytea(primary_key=True, default=None, null=False)
    account = UUID(default=None, null=False, index=True)
    state = Varchar(length=20, default="signed_in", null=False)
    started_at = Timestamptz(default=TimestamptzNow(), null=False)
    seen_at = Timestamptz(default=TimestamptzNow(), null=False)
    address = Varchar(length=64, default="", null=False)
    agent = Varchar(length=200, default="", null=False)
    flash = Text(default="", null=False)
    session_state = Check(one_of("state", ["second_factor", "enrol", "signed_in"]), name="session_state_known")


class RateCount(Table):
    """How often something was tried in a window: sign-ins, verifications, public forms."""

    bucket = Varchar(length=120, primary_key=True, default=None, null=False)
    window_start = Timestamptz(default=TimestamptzNow(), null=False)
    count = Integer(default=1, null=False)  # pyright: ignore[reportAssignmentType]  # Piccolo has a method of that name too


class IdempotencyKey(Table):
    """A client-made key that was answered: the same key and body get the same answer."""

    id = UUID(primary_key=True, default=None, null=False)
    account = UUID(default=None, null=False)
    digest = Bytea(default=None, null=False)
    status = SmallInt(default=200, null=False)
    answer = Text(default="", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class SubjectKey(Table):
    """The wrapped data key of one person. Deleting the row makes that person's fields unreadable for ever."""

    subject = UUID(primary_key=True, default=None, null=False)
    wrapped = Bytea(default=None, null=False)


class Job(Table):
    """Long work that a person can watch: progress, outcome, cancel."""

    id = key()
    kind = Varchar(length=60, default=None, null=False, index=True)
    args = JSONB(default="{}", null=False)
    state = Varchar(length=12, default="waiting", null=False, index=True)
    done = Integer(default=0, null=False)
    total = Integer(default=0, null=False)
    message = Varchar(length=300, default="", null=False)
    result = JSONB(default="{}", null=False)
    cancel_asked = Boolean(default=False, null=False)
    made_by = UUID(default=None, null=True, index=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    started_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    job_state = Check(one_of("state", ["waiting", "running", "done", "failed", "cancelled"]), name="job_state_known")


class OutboxEvent(Table):
    """A named event that a lower wing tells a higher one, written with the fact it tells of."""

    id = key()
    name = Varchar(length=80, default=None, null=False)
    body = JSONB(default="{}", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    handled_at = Timestamptz(default=None, null=True)


class StoredFile(Table):
    """A file in storage under a random name; what it is called and who may have it is its owner's business."""

    id = key()
    name = Varchar(length=200, default=None, null=False)
    media_type = Varchar(length=100, default=None, null=False)
    size = BigInt(default=None, null=False)
    sha256 = Bytea(default=None, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class CalendarDay(Table):
    """A day on which the week lies: a holiday on a weekday (``off``) or a make-up day on a weekend (``work``)."""

    day = Date(primary_key=True, default=None, null=False)
    kind = Varchar(length=4, default=None, null=False)
    name = Varchar(length=60, default="", null=False)
    source = Varchar(length=120, default="", null=False)
    day_kind = Check(one_of("kind", ["off", "work"]), name="calendar_day_kind_known")


class CalendarYear(Table):
    """A year whose holidays are known. Deadlines in any other year are refused, never guessed."""

    year = SmallInt(primary_key=True, default=None, null=False)
    source = Varchar(length=120, default="", null=False)
    filled_at = Timestamptz(default=TimestamptzNow(), null=False)


class SeasonClock(Table):
    """The demonstration's clock: how far its time is from the server's. Empty everywhere else."""

    id = SmallInt(primary_key=True, default=1, null=False)
    offset = Interval(default=None, null=False)
    only_one = Check("id = 1", name="season_clock_only_one")


class SheetUpload(Table):
    """An uploaded sheet between preview and confirmation: what was read, with each row's faults."""

    id = key()
    kind = Varchar(length=60, default=None, null=False)
    scope = UUID(default=None, null=True)
    file_name = Varchar(length=200, default="", null=False)
    rows = JSONB(default="[]", null=False)
    fault_count = Integer(default=0, null=False)
    row_count = Integer(default=0, null=False)
    made_by = UUID(default=None, null=False, index=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    confirmed_at = Timestamptz(default=None, null=True)


class Draft(Table):
    """What somebody typed into a form and has not sent."""

    id = key()
    account = UUID(default=new_id, null=False)
    form = Varchar(length=160, default=None, null=False)
    values = JSONB(default="{}", null=False)
    saved_at = Timestamptz(default=TimestamptzNow(), null=False)
    draft_one_a_form = Unique(["account", "form"])
