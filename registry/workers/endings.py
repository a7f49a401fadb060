"""Merging two records of one person, and erasing a person by rule."""

from __future__ import annotations

import os
from uuid import UUID

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal
from foundation.outbox import emit
from foundation.web.policy import Actor
from registry.permissions import Permission
from registry.references import references_to, repoint
from registry.workers import queries, rules
from registry.workers.schemas import MergeForm

KEEP = Permission.KEEP_WORKERS
OWN = frozenset({("employment", "worker"), ("transfer", "worker")})
"""What belongs to the record itself, and goes with it."""


async def merge_worker(actor: Actor, keep: UUID, form: MergeForm) -> dict[str, int]:
    """Let the record ``form.other`` go into ``keep``: employments, achievements, entries and all else are re-pointed.

    Both must be the actor's. The other record stays, without its numbers' key, saying where it went. Returns how many rows
    of each table moved; raises ``merge_overlap`` where both stand in one place.
    """
    async with transaction():
        kept = await queries.row_for(actor, keep, KEEP, lock=True)
        if keep == form.other:
            raise Refusal("merge_same", "请选择另一名职工", field="other")
        try:
            other = await queries.row_for(actor, form.other, KEEP, lock=True)
        except NotFound:
            raise Refusal("worker_unknown", "没有这名职工", field="other") from None
        for row in (kept, other):
            if row["merged_into"] is not None or row["erased_at"] is not None:
                raise Conflict("worker_merged", "这条记录已并入另一名职工")
        moved = await repoint("worker", other["id"], keep)
        await _end_double(keep)
        await fetch(
            f"UPDATE worker SET merged_into = $2, left_at = coalesce(left_at, {NOW_SQL}), search_keys = '{{}}',"
            " phone_sealed = NULL, phone_index = NULL, version = version + 1 WHERE id = $1",
            other["id"], keep,
        )  # fmt: skip
        await fetch("DELETE FROM subject_key WHERE subject = $1", other["id"])
        await trail.record(actor, "worker.merged", "worker", keep, {"moved": moved})
        await trail.record(actor, "worker.merged_away", "worker", other["id"])
        await emit("worker.merged", {"kept": str(keep), "other": str(other["id"])})
        return moved


async def _end_double(worker: UUID) -> None:
    """Of several open employments the one at the present unit stays; the others end today."""
    await fetch(
        f"UPDATE employment e SET ended_on = greatest(({NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::date, e.started_on)"
        " FROM worker w WHERE w.id = e.worker AND e.worker = $1 AND e.ended_on IS NULL"
        " AND e.id <> (SELECT id FROM employment x WHERE x.worker = $1 AND x.ended_on IS NULL"
        " ORDER BY (x.organisation = w.organisation) DESC, x.started_on DESC NULLS LAST LIMIT 1)",
        worker,
    )


async def erase_worker(actor: Actor, worker: UUID) -> None:
    """Delete a person by rule (P2): the key is dropped, the name goes, the numbers can never be read again.

    Only officers; raises all that stands against it at once (P5: awards and results are kept).
    """
    async with transaction():
        row = await queries.row_for(actor, worker, Permission.KEEP_ORGANISATIONS, lock=True)
        if row["erased_at"] is not None:
            raise Conflict("worker_erased", "这名职工的个人信息已依规删除")
        achievements = await fetchval("SELECT count(*) FROM achievement WHERE worker = $1", worker)
        rules.require_erasable(row["left_at"], achievements=achievements, entries=await _referred(worker))
        # The index becomes noise: it must stay unique, and must not lead back to the number.
        await fetch(
            f"UPDATE worker SET name = '（已删除）', search_keys = '{{}}', sort_key = '', id_number_sealed = '',"
            " id_number_index = $2, phone_sealed = NULL, phone_index = NULL, evidence = '', post = '',"
            f" born_on = date_trunc('year', born_on)::date, erased_at = {NOW_SQL}, version = version + 1 WHERE id = $1",
            worker, os.urandom(32),
        )  # fmt: skip
        await fetch("DELETE FROM subject_key WHERE subject = $1", worker)
        await trail.record(actor, "worker.erased", "worker", worker)
        await emit("worker.erased", {"worker": str(worker)})


async def _referred(worker: UUID) -> int:
    """How many rows of other features hold this person."""
    count = 0
    for table, column in await references_to("worker"):
        if (table, column) not in OWN and table != "achievement":
            count += await fetchval(f'SELECT count(*) FROM {table} WHERE "{column}" = $1', worker)
    return count
