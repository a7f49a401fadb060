"""What happens besides the marks (检录、处置、加减分): absences, withdrawals, disqualifications, deductions, bonuses."""

from __future__ import annotations

from uuid import UUID

from competitions.judging import live_signal, rules
from competitions.judging.schemas import AdjustmentIn, StatusIn
from competitions.permissions import Permission
from competitions.programme.queries import event_for
from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.exact.quantities import is_quantity, scaled
from foundation.web.policy import Actor


async def set_status(actor: Actor, entry_id: UUID, given: StatusIn) -> UUID:
    """C25: an entry was absent, withdrew, was disqualified, or competed after all; with the reason. Returns its event.

    Its marks stay and are not scored. Raises ``NotFound``, ``Conflict`` outside judging, ``Stale`` where somebody changed
    the entry meanwhile, ``Refusal`` where it has that status already.
    """
    async with transaction():
        row = await fetchrow(
            "SELECT id, event, status, version FROM entry WHERE id = $1 AND stage = 'accepted' FOR UPDATE", entry_id
        )
        if row is None:
            raise NotFound
        event = await event_for(actor, row["event"], Permission.RECORD_INCIDENT)
        rules.require_judging(event.stage)
        if row["status"] == given.status:
            raise Refusal("same_status", "已经是这个状态", field="status", rule="C25")
        moved = await fetchval(
            "UPDATE entry SET status = $2, version = version + 1 WHERE id = $1 AND version = $3 RETURNING id",
            entry_id, given.status, given.version,
        )  # fmt: skip
        if moved is None:
            raise Stale("entry_changed", "这件作品的登记刚刚被他人改动，请刷新后再试", field="version")
        await fetch(
            "INSERT INTO status_change (id, entry, was, becomes, reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new_id(), entry_id, row["status"], given.status, given.reason, actor.account, await clock.now(),
        )  # fmt: skip
        body = {"was": row["status"], "becomes": given.status}
        await trail.record(actor, "entry.status", "entry", entry_id, body)
    live_signal.changed(row["event"])
    return row["event"]


async def adjust(actor: Actor, event_id: UUID, given: AdjustmentIn) -> UUID:
    """A deduction or bonus on the total, with its reason; several add up. Returns its id.

    Raises ``Refusal`` for a value that is no positive quantity and for an entry that is not of the event.
    """
    async with transaction():
        event = await event_for(actor, event_id, Permission.RECORD_INCIDENT, lock=True)
        rules.require_judging(event.stage)
        if not is_quantity(given.value) or scaled(given.value) <= 0:
            raise Refusal("not_positive", "“{value}”不是大于 0 的分数", field="value", value=given.value)
        entry = await fetchval(
            "SELECT id FROM entry WHERE id = $1 AND event = $2 AND stage = 'accepted'", given.entry, event_id
        )
        if entry is None:
            raise Refusal("no_such_entry_here", "本项目没有这件作品", field="entry")
        made = new_id()
        await fetch(
            "INSERT INTO adjustment (id, event, entry, place, kind, value, reason, made_by, made_at) SELECT $1, $2, $3,"
            " (SELECT coalesce(max(place), -1) + 1 FROM adjustment WHERE event = $2), $4, $5, $6, $7, $8",
            made, event_id, entry, given.kind, given.value, given.reason, actor.account, await clock.now(),
        )  # fmt: skip
        await trail.record(actor, "adjustment.made", "entry", entry, {"kind": given.kind, "value": given.value})
    live_signal.changed(event_id)
    return made


async def cancel_adjustment(actor: Actor, adjustment_id: UUID, reason: str) -> UUID:
    """Take an adjustment back by reference; both rows stay. Returns the event. ``Conflict`` where it was cancelled."""
    async with transaction():
        row = await fetchrow(
            "SELECT id, event, entry, kind, value FROM adjustment WHERE id = $1 AND kind <> 'cancel'", adjustment_id
        )
        if row is None:
            raise NotFound
        event = await event_for(actor, row["event"], Permission.RECORD_INCIDENT, lock=True)
        rules.require_judging(event.stage)
        if await fetchval("SELECT true FROM adjustment WHERE cancels = $1", adjustment_id):
            raise Conflict("cancelled_already", "这一项加减分已经撤销")
        await fetch(
            "INSERT INTO adjustment (id, event, entry, place, kind, value, reason, cancels, made_by, made_at) SELECT $1, $2, $3,"
            " (SELECT coalesce(max(place), -1) + 1 FROM adjustment WHERE event = $2), 'cancel', $4, $5, $6, $7, $8",
            new_id(), row["event"], row["entry"], row["value"], reason, adjustment_id, actor.account, await clock.now(),
        )  # fmt: skip
        await trail.record(actor, "adjustment.cancelled", "entry", row["entry"], {"adjustment": adjustment_id})
    live_signal.changed(row["event"])
    return row["event"]
