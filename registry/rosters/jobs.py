"""A roster as long work: kept sealed, checked, confirmed, written; its bytes are dropped once it is written."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from foundation import jobs, storage, trail
from foundation.clock import NOW_SQL
from foundation.crypto import seal_secret, unseal_secret
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import Conflict, NotFound, Refusal
from foundation.listing import XLSX
from foundation.sheets.opening import check_container
from foundation.web.policy import Actor
from registry.accounts.queries import load_actor
from registry.permissions import Permission
from registry.rosters.importing import MOST_BYTES, MOST_UNZIPPED, import_workers
from registry.rosters.organisations import import_organisations

KIND = "registry.roster"
LABEL = "roster"
KINDS = ("workers", "organisations")
SHOWN_FAULTS = 500


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """A roster's job with what came of it."""

    id: UUID
    state: str
    write: bool
    kind: str
    file_name: str
    outcome: dict[str, Any]
    skip_known: bool

    @property
    def confirmable(self) -> bool:
        return self.state == "done" and not self.write and not self.outcome.get("fault_count", 1)


async def receive(actor: Actor, body: bytes, *, file_name: str, kind: str, skip_known: bool) -> UUID:
    """Keep an uploaded roster, sealed, and enqueue its check; returns the job's id. Refuses as ``check_container``."""
    import io

    if kind not in KINDS:
        raise Refusal("no_such_choice", "没有这个选项", field="kind")
    check_container(io.BytesIO(body), len(body), most_bytes=MOST_BYTES, most_unzipped=MOST_UNZIPPED)
    sealed = seal_secret(base64.b64encode(body).decode(), label=LABEL)
    async with transaction():
        await _drop_forgotten()
        file = await storage.keep(sealed, name=file_name, media_type=XLSX, made_by=actor.account)
        args = {"file": str(file), "kind": kind, "write": False, "skip_known": skip_known, "name": file_name[:100]}
        job = await jobs.enqueue(KIND, args, actor)
        await trail.record(actor, "roster.uploaded", "roster", job, {"kind": kind, "bytes": len(body)})
        return job


async def _drop_forgotten() -> None:
    """Rosters that nobody confirmed within a week."""
    rows = await fetch(
        f"SELECT DISTINCT (args->>'file')::uuid AS file FROM job WHERE kind = $1 AND made_at < {NOW_SQL} - interval '7 days'"
        " AND EXISTS (SELECT 1 FROM stored_file f WHERE f.id = (args->>'file')::uuid)",
        KIND,
    )
    for row in rows:
        await storage.drop(row["file"])


async def find_for(actor: Actor, job: UUID) -> Roster:
    """The actor's own roster; anybody else's is not found."""
    row = await fetchrow(
        "SELECT id, state, args, result FROM job WHERE id = $1 AND kind = $2 AND made_by = $3", job, KIND, actor.account
    )
    if row is None:
        raise NotFound
    return _roster(row)


def _roster(row: Any) -> Roster:
    args, result = msgspec.json.decode(row["args"]), msgspec.json.decode(row["result"])
    return Roster(
        id=row["id"], state=row["state"], write=args["write"], kind=args["kind"], file_name=args["name"],
        outcome=result.get("outcome", {}), skip_known=args["skip_known"],
    )  # fmt: skip


async def recent(actor: Actor) -> list[Any]:
    """The actor's last rosters: (roster, made at)."""
    rows = await fetch(
        "SELECT id, state, args, result, made_at FROM job WHERE kind = $1 AND made_by = $2 ORDER BY made_at DESC LIMIT 20",
        KIND, actor.account,
    )  # fmt: skip
    return [(_roster(row), row["made_at"]) for row in rows]


async def confirm(actor: Actor, job: UUID) -> UUID:
    """Enqueue the writing of a roster whose check found nothing; confirming again answers with the same job."""
    async with transaction():
        row = await fetchrow(
            "SELECT id, state, args, result FROM job WHERE id = $1 AND kind = $2 AND made_by = $3 FOR UPDATE",
            job, KIND, actor.account,
        )  # fmt: skip
        if row is None:
            raise NotFound
        if not _roster(row).confirmable:
            raise Conflict("roster_not_ready", "花名册还没有核对完，或仍有错误：不能写入")
        args = msgspec.json.decode(row["args"])
        if args.get("written_by"):
            return UUID(args["written_by"])
        made = await jobs.enqueue(KIND, {**args, "write": True}, actor)
        args["written_by"] = str(made)
        await fetch("UPDATE job SET args = $2::jsonb WHERE id = $1", job, msgspec.json.encode(args).decode())
        return made


@jobs.handler(KIND)
async def work(job: jobs.JobContext) -> None:
    """Check, or write. Begun again after a crash it starts over: the transaction that died wrote nothing."""
    actor = await load_actor(job.made_by) if job.made_by else None
    if actor is None or not Permission.BULK_IMPORT.allows(actor):
        raise Refusal("roster_forbidden", "发起人已没有导入花名册的权限")
    body, _name, _type = await storage.load(UUID(job.args["file"]))
    with tempfile.TemporaryDirectory(prefix="gongjiang-roster-") as folder:
        path = Path(folder) / "roster.xlsx"
        path.write_bytes(base64.b64decode(unseal_secret(body, label=LABEL)))
        if job.args["kind"] == "organisations":
            outcome = await import_organisations(path, actor, write=job.args["write"])
        else:
            outcome = await import_workers(
                path, actor, write=job.args["write"], skip_known=job.args["skip_known"], progress=job.progress
            )
    told = msgspec.to_builtins(outcome)
    told["faults"] = told["faults"][:SHOWN_FAULTS]
    job.result = {"href": f"/registry/rosters/{job.id}", "outcome": told}
    if job.args["write"] and not outcome.fault_count:
        await storage.drop(UUID(job.args["file"]))
