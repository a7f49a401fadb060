"""Ask for a merge, decide on it: the merge itself is the worker's or the organisation's own operation."""

from __future__ import annotations

import json
from uuid import UUID

import asyncpg

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound
from foundation.web.policy import Actor
from registry.merging import rules
from registry.merging.schemas import AskForm, DecisionForm, Kind
from registry.organisations import queries as organisations
from registry.organisations.operations import merge_organisation
from registry.organisations.schemas import MergeForm as OrganisationMerge
from registry.permissions import Permission
from registry.workers import queries as workers
from registry.workers.endings import merge_worker
from registry.workers.schemas import MergeForm as WorkerMerge


class _Rehearsed(Exception):
    """Ends a rehearsal: its savepoint is rolled back."""


async def ask_merge(actor: Actor, kind: Kind, keep: UUID, form: AskForm) -> UUID:
    """Say that ``form.other`` is the same as ``keep``; returns the request. Nothing moves yet.

    The merge is rehearsed and taken back, so that whatever stands against it is refused at once (see ``merge_worker`` and
    ``merge_organisation``) and the second person sees what would follow. Raises ``Conflict`` ``merge_asked`` where a
    request for the same record is open.
    """
    async with transaction():
        follows = await _rehearse(actor, kind, keep, form)
        made = new_id()
        try:
            async with transaction():
                await fetch(
                    "INSERT INTO merge_request (id, kind, keep, other, reason, follows, decision, decision_reason, asked_by,"
                    f" asked_at) VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, {NOW_SQL})",
                    made, kind, keep, form.other, form.reason, json.dumps(follows), actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Conflict("merge_asked", "这条记录已有合并申请在等确认") from None
        await trail.record(actor, "merge.asked", kind, keep, {"request": str(made), "other": str(form.other)})
        return made


async def _rehearse(actor: Actor, kind: Kind, keep: UUID, form: AskForm) -> dict[str, int]:
    moved: dict[str, int] = {}
    try:
        async with transaction():
            moved = await _merge(actor, kind, keep, form.other, form.reason)
            raise _Rehearsed
    except _Rehearsed:
        return moved


async def _merge(actor: Actor, kind: Kind, keep: UUID, other: UUID, reason: str) -> dict[str, int]:
    if kind == "worker":
        return await merge_worker(actor, keep, WorkerMerge(other=other, reason=reason))
    return await merge_organisation(actor, keep, OrganisationMerge(other=other, reason=reason))


async def decide_merge(actor: Actor, request: UUID, form: DecisionForm) -> dict[str, int]:
    """Confirm or refuse (somebody else who keeps both records), or withdraw (who asked). Returns what moved.

    Raises ``NotFound`` beyond the actor's scope, what ``rules.require_decidable`` refuses, and what stands against the merge
    by now.
    """
    async with transaction():
        row = await fetchrow("SELECT * FROM merge_request WHERE id = $1 FOR UPDATE", request)
        if row is None:
            raise NotFound
        for record in (row["keep"], row["other"]):
            await _require_kept(actor, row["kind"], record)
        rules.require_decidable(
            form.decision, stands=row["decision"], asked_by=row["asked_by"], by=actor.account, reason=form.reason
        )
        moved: dict[str, int] = {}
        if form.decision == "accepted":
            moved = await _merge(actor, row["kind"], row["keep"], row["other"], row["reason"])
        await fetch(
            "UPDATE merge_request SET decision = $2, decision_reason = $3, decided_by = $4,"
            f" decided_at = {NOW_SQL} WHERE id = $1",
            request, form.decision, form.reason, actor.account,
        )  # fmt: skip
        await trail.record(actor, f"merge.{form.decision}", row["kind"], row["keep"], {"request": str(request)})
        return moved


async def _require_kept(actor: Actor, kind: Kind, record: UUID) -> None:
    if kind == "worker":
        await workers.row_for(actor, record, Permission.KEEP_WORKERS, lock=True)
    else:
        await organisations.find_for(actor, record, Permission.KEEP_ORGANISATIONS, lock=True)
