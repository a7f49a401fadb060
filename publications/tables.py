"""What leaves the house under the union's seal."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Bytea, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
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
    state = Varchar(length=12, default="numbered", null=False, index=True)
    replaces = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict)
    file = ForeignKey(StoredFile, default=None, null=True, on_delete=OnDelete.restrict)
    fault = Text(default="", null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    rendered_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_reason = Varchar(length=300, default="", null=False)
    certificate_issued_once = Unique(["source", "holder_key", "replaces"], nulls_distinct=False)
    certificate_state = Check(
        one_of("state", ["numbered", "valid", "faulty", "superseded", "revoked"]), name="certificate_state_known"
    )
