"""What leaves the house under the union's seal."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
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
from registry.tables import Organisation, Worker


class CertificateSeries(Table):
    """编号序列 (D6): gap-free, never reused; the row is locked while a number is taken."""

    id = key()
    prefix = Varchar(length=40, default=None, null=False, unique=True)
    """``XCJS-2026-HG``; a number is the prefix, a dash and the count, zero-padded to 4."""
    last = Integer(default=0, null=False)


class Certificate(Table):
    """证书. Everything it says is frozen in ``wording``; its code is kept only as a keyed hash."""

    id = key()
    series = ForeignKey(CertificateSeries, default=None, null=False, on_delete=OnDelete.restrict)
    number = Varchar(length=60, default=None, null=False, unique=True)
    code_sealed = Bytea(default=None, null=False)
    """The check code (16 base-32 characters, 80 bits), encrypted: it is printed again on a duplicate print."""
    code_index = Bytea(default=None, null=False)
    template = Varchar(length=40, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """The holder's unit in the registry, whose contact may download it; empty for external holders."""
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    holder = Varchar(length=300, default=None, null=False)
    award = Varchar(length=100, default=None, null=False)
    title = Varchar(length=300, default=None, null=False)
    wording = JSONB(default="{}", null=False)
    issued_on = Date(default=None, null=False)
    source_kind = Varchar(length=40, default=None, null=False)
    source = UUID(default=None, null=False, index=True)
    """The publication it was issued for; with ``holder_key`` it makes an issue happen once."""
    holder_key = Varchar(length=120, default=None, null=False)
    subject = UUID(default=None, null=True, index=True)
    """What it was given to, as the wing that asked for it knows it (an entry of a roll, a studio)."""
    state = Varchar(length=12, default="numbered", null=False, index=True)
    replaces = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    fault = Text(default="", null=False)
    credential = Text(default="", null=False)
    """The signed statement that the file carries; empty for what was issued before there were any."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    rendered_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_reason = Varchar(length=300, default="", null=False)
    certificate_issued_once = Unique(["source", "holder_key", "replaces"], nulls_distinct=False)
    certificate_state = Check(
        one_of("state", ["numbered", "valid", "faulty", "superseded", "revoked"]), name="certificate_state_known"
    )


class CertificateKey(Table):
    """The public half of a key that signs certificates, kept for ever: a retired key still verifies what it signed."""

    id = key()
    kind = Varchar(length=10, default=None, null=False)
    name = Varchar(length=64, default=None, null=False, unique=True)
    """A statement key's id (8 hex digits), a seal certificate's SHA-256."""
    public = Bytea(default=None, null=False)
    """32 bytes of Ed25519, or a certificate in DER."""
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    retired_at = Timestamptz(default=None, null=True)
    certificate_key_kind = Check(one_of("kind", ["statement", "seal"]), name="certificate_key_kind_known")


class NoticeSeries(Table):
    """公示发文字号: gap-free for each code and year; the row is locked while a number is taken."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    code = Varchar(length=40, default=None, null=False)
    """``宣工示``; a number is ``宣工示〔2026〕7号``."""
    year = SmallInt(default=None, null=False)
    last = Integer(default=0, null=False)
    notice_series_once = Unique(["code", "year"])


class Notice(Table):
    """公示 (H32, D4). A draft may be edited; from its opening what was said is frozen in :class:`NoticeText`."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    handling = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    """Whose officers handle objections, and alone see them (H34)."""
    level = Varchar(length=10, default=None, null=False, index=True)
    channel = Varchar(length=200, default="", null=False)
    series = Varchar(length=40, default="", null=False)
    number = Varchar(length=80, default=None, null=True, unique=True)
    title = Varchar(length=200, default=None, null=False)
    basis = Text(default="", null=False)
    done = Text(default="", null=False)
    list_title = Varchar(length=60, default="", null=False)
    headings = Array(base_column=Varchar(), default=list, null=False)
    """The heads of the list's columns; the first column is the name."""
    days = SmallInt(default=5, null=False)
    least = SmallInt(default=5, null=False)
    """The rule's minimum of working days for this notice."""
    planned_on = Date(default=None, null=True)
    office = Varchar(length=100, default="", null=False)
    address = Varchar(length=200, default="", null=False)
    phone = Varchar(length=40, default="", null=False)
    email = Varchar(length=200, default="", null=False)
    signature = Varchar(length=200, default="", null=False)
    stage = Varchar(length=10, default="draft", null=False, index=True)
    opened_at = Timestamptz(default=None, null=True)
    first_day = Date(default=None, null=True)
    last_day = Date(default=None, null=True)
    """What is promised now: it moves later only."""
    ended_at = Timestamptz(default=None, null=True)
    concluded_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_reason = Varchar(length=300, default="", null=False)
    replaces = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    paper_fault = Varchar(length=300, default="", null=False)
    """Why its paper could not be set (a character that no font has); empty otherwise."""
    source_kind = Varchar(length=40, default="", null=False)
    source = UUID(default=None, null=True, index=True)
    """What another wing published by it (a round of nominations, a naming of studios)."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    notice_stage = Check(
        one_of("stage", ["draft", "open", "ended", "concluded", "withdrawn"]), name="notice_stage_known"
    )
    notice_level = Check(one_of("level", ["unit", "county", "industry", "city", "province"]), name="notice_level_known")
    notice_days = Check("least >= 1 AND days >= least", name="notice_days_enough")
    notice_dated = Check(
        "stage = 'draft' OR (opened_at IS NOT NULL AND first_day IS NOT NULL AND last_day >= first_day)",
        name="notice_dated_when_open",
    )


class NoticeSubject(Table):
    """One line of a notice's list: names, units and posts only (P3)."""

    id = key()
    notice = ForeignKey(Notice, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    place = Integer(default=None, null=False)
    kind = Varchar(length=20, default="other", null=False)
    source = UUID(default=None, null=True, index=True)
    """What it is in its own wing (a nomination, a studio); empty for a typed line."""
    cells = Array(base_column=Varchar(), default=list, null=False)
    notice_subject_once = Unique(["notice", "place"])


class NoticeText(Table, tags=["append-only"]):
    """What was published, as bytes: the text as canonical HTML, the list as canonical JSON, each with its SHA-256."""

    id = key()
    notice = ForeignKey(Notice, default=None, null=False, unique=True, on_delete=OnDelete.restrict)
    html = Bytea(default=None, null=False)
    html_sha256 = Bytea(default=None, null=False)
    roll = Bytea(default=None, null=False)
    roll_sha256 = Bytea(default=None, null=False)
    published_at = Timestamptz(default=TimestamptzNow(), null=False)


class NoticePaper(Table, tags=["append-only"]):
    """公示件 (H32, D4): what was published as a sealed GB/T 9704 sheet, byte for byte, made soon after the opening."""

    id = key()
    notice = ForeignKey(Notice, default=None, null=False, unique=True, on_delete=OnDelete.restrict)
    pdf = Bytea(default=None, null=False)
    pdf_sha256 = Bytea(default=None, null=False)
    seal = Varchar(length=64, default="", null=False)
    """SHA-256 of the certificate that sealed it (``CertificateKey.name``)."""
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class NoticeDeadline(Table, tags=["append-only"]):
    """A later last day: an extension with its reason, or an amended calendar."""

    id = key()
    notice = ForeignKey(Notice, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=10, default=None, null=False)
    before = Date(default=None, null=False)
    after = Date(default=None, null=False)
    reason = Varchar(length=300, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    deadline_kind = Check(one_of("kind", ["extension", "calendar"]), name="notice_deadline_kind_known")
    deadline_later = Check('"after" > "before"', name="notice_deadline_only_later")


class NoticeObjection(Table):
    """异议 (H34). Who objects and what they say is sealed under a key of this objection's own."""

    id = key()
    notice = ForeignKey(Notice, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    subject = ForeignKey(NoticeSubject, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """The line it is about; empty: the notice as a whole."""
    number = Varchar(length=20, default=None, null=False, unique=True)
    channel = Varchar(length=10, default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    name_sealed = Bytea(default=None, null=False)
    contact_sealed = Bytea(default=None, null=False)
    matter_sealed = Bytea(default=None, null=False)
    attachment = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    """The scan with the unit's seal, encrypted under the same key."""
    received_at = Timestamptz(default=None, null=False)
    postmark = Date(default=None, null=True)
    stage = Varchar(length=10, default="received", null=False, index=True)
    outcome = Varchar(length=10, default="", null=False)
    verify_by = Date(default=None, null=True)
    erased_at = Timestamptz(default=None, null=True)
    """When name, contact and scan were erased, their time being over (P2)."""
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    objection_channel = Check(one_of("channel", ["web", "letter", "phone", "visit"]), name="objection_channel_known")
    objection_kind = Check(one_of("kind", ["person", "unit"]), name="objection_kind_known")
    objection_stage = Check(
        one_of("stage", ["received", "accepted", "verifying", "concluded", "declined", "told"]),
        name="objection_stage_known",
    )
    objection_outcome = Check(
        one_of("outcome", ["", "upheld", "dismissed", "declined"]), name="objection_outcome_known"
    )


class NoticeObjectionStep(Table, tags=["append-only"]):
    """One step of an objection: who, when, what was said (sealed with the objection's key)."""

    id = key()
    objection = ForeignKey(NoticeObjection, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    action = Varchar(length=12, default=None, null=False)
    text_sealed = Bytea(default=None, null=True)
    signed_by = Varchar(length=60, default="", null=False)
    """The leader who signs a conclusion (H34)."""
    on_day = Date(default=None, null=True)
    how = Varchar(length=10, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class DocumentSeries(Table):
    """发文字号 (D2): gap-free for each code and year; the row is locked while a number is taken."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    code = Varchar(length=40, default=None, null=False)
    """``宣工``; a number is ``宣工〔2026〕12号``."""
    year = SmallInt(default=None, null=False)
    last = Integer(default=0, null=False)
    document_series_once = Unique(["code", "year"])


class Document(Table):
    """公文 (D1–D4, D7). A draft may be edited; what was issued is frozen in :class:`DocumentCopy`."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=12, default=None, null=False, index=True)
    series = Varchar(length=40, default=None, null=False)
    number = Varchar(length=80, default=None, null=True, unique=True)
    title = Varchar(length=200, default=None, null=False)
    paper = JSONB(default="{}", null=False)
    """Everything the sheet says (``publications.documents.schemas.Paper``) but its number."""
    signed_on = Date(default=None, null=False)
    public = Boolean(default=False, null=False)
    stage = Varchar(length=10, default="draft", null=False, index=True)
    issued_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_reason = Varchar(length=300, default="", null=False)
    source_kind = Varchar(length=40, default="", null=False)
    source = UUID(default=None, null=True, index=True)
    """What another wing decided by it (a round of honours); empty for a document written here."""
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    document_kind = Check(one_of("kind", ["decision", "notice", "letter", "publicity"]), name="document_kind_known")
    document_stage = Check(one_of("stage", ["draft", "issued", "withdrawn"]), name="document_stage_known")
    document_numbered = Check(
        "(stage = 'draft') = (number IS NULL) AND (stage = 'draft') = (issued_at IS NULL)",
        name="document_numbered_when_issued",
    )


class DocumentCopy(Table, tags=["append-only"]):
    """What was issued, as bytes: the wording as canonical JSON and the PDF, each with its SHA-256."""

    id = key()
    document = ForeignKey(Document, default=None, null=False, unique=True, on_delete=OnDelete.restrict)
    wording = Bytea(default=None, null=False)
    wording_sha256 = Bytea(default=None, null=False)
    pdf = Bytea(default=None, null=False)
    pdf_sha256 = Bytea(default=None, null=False)
    seal = Varchar(length=64, default="", null=False)
    """SHA-256 of the certificate that sealed the PDF (``CertificateKey.name``); empty for what was issued before seals."""
    issued_at = Timestamptz(default=TimestamptzNow(), null=False)


class CertificateDesign(Table, tags=["append-only"]):
    """证书样式的一版: a kind's template as it was saved; what was issued by it keeps it for ever."""

    id = key()
    kind = Varchar(length=20, default=None, null=False)
    number = Integer(default=None, null=False)
    html = Text(default=None, null=False)
    css = Text(default=None, null=False)
    note = Varchar(length=200, default="", null=False)
    based_on = Integer(default=None, null=True)
    """The version that was open when this one was saved; none for the first, which the house brings along."""
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    certificate_design_once = Unique(["kind", "number"])


class CertificateDesignStep(Table, tags=["append-only"]):
    """What became of a version: handed in, put into force by a second person, or given back."""

    id = key()
    design = ForeignKey(CertificateDesign, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    action = Varchar(length=10, default=None, null=False)
    reason = Varchar(length=200, default="", null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    design_step_once = Unique(["design", "action"])
    design_step_action = Check(
        one_of("action", ["submitted", "confirmed", "returned"]), name="certificate_design_step_known"
    )
