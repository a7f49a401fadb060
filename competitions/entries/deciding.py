"""What the organiser does with entries: accept, return, reject, take out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from competitions.entries import queries, rules
from competitions.entries.operations import lock_entry
from competitions.entries.rules import MOVES, EntryStage
from competitions.entries.schemas import Choice, EntryView
from competitions.entries.snapshots import freeze_snapshots
from competitions.permissions import Permission
from competitions.programme.rules import EventStage
from foundation import clock, moves, trail
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.web.policy import Actor


async def accept_entries(actor: Actor, chosen: Sequence[Choice]) -> list[str]:
    """Accept entries, each getting the next 参赛号 of its event without a gap; all or none. Returns the numbers in order.

    Raises ``Conflict`` where one is no longer waiting (another officer was first), ``Stale`` where it changed,
    ``NotFound`` for an event of another organiser.
    """
    if not chosen:
        raise Refusal("nothing_chosen", "请先勾选要接收的报名", field="entry")
    async with transaction():
        events = await _hold_events(actor, [choice.id for choice in chosen])
        codes = []
        for choice in chosen:
            view = await _lock(actor, choice)
            _require_deciding(view)
            code = rules.next_code(await _codes(events[choice.id]))
            await _decide(actor, view, "accept", code=code)
            if rules.closed(view.event.occasion, await clock.now()):
                await freeze_snapshots(view.event.id, entry=view.id)
            codes.append(code)
        return codes


async def return_entry(actor: Actor, choice: Choice, *, reason: str) -> None:
    """退回: back to the unit with a reason, to be put right and handed in again before the close."""
    async with transaction():
        await _hold_events(actor, [choice.id])
        view = await _lock(actor, choice)
        await _decide(actor, view, "return", reason=rules.require_reason(reason))


async def reject_entry(actor: Actor, choice: Choice, *, reason: str) -> None:
    """不接收: refused for good, with a reason; its people may be entered elsewhere."""
    async with transaction():
        await _hold_events(actor, [choice.id])
        view = await _lock(actor, choice)
        await _decide(actor, view, "reject", reason=rules.require_reason(reason))
        await fetch("UPDATE entry_member SET active = false WHERE entry = $1", view.id)


async def strike_entry(actor: Actor, choice: Choice, *, reason: str) -> None:
    """The officer takes an entry out, also after the close. An accepted one keeps its number and is 弃赛: listed, not
    ranked (C25)."""
    async with transaction():
        await _hold_events(actor, [choice.id])
        view = await _lock(actor, choice)
        why = rules.require_reason(reason)
        _require_deciding(view)
        if view.stage == EntryStage.ACCEPTED:
            await _mark_withdrawn(actor, view, why)
        else:
            await _decide(actor, view, "strike", reason=why)
            await fetch("UPDATE entry_member SET active = false WHERE entry = $1", view.id)


def _require_deciding(view: EntryView) -> None:
    if view.event.stage not in (EventStage.REGISTRATION, EventStage.JUDGING):
        raise Conflict("event_past_entries", "该项目的成绩已确认，报名不能再变动")


async def _hold_events(actor: Actor, entries: Sequence[UUID]) -> dict[UUID, UUID]:
    """Hold the events of these entries against everybody else, in one order; entry → event. Raises ``NotFound``."""
    rows = await fetch(
        "SELECT n.id, n.event FROM entry n WHERE n.id = ANY($1::uuid[]) AND n.stage <> 'draft'"
        f" AND {queries.ORGANISED.format(entry='n', scope='$2')}",
        list(entries), list(Permission.DECIDE_ENTRY.scope(actor)),
    )  # fmt: skip
    events = {row["id"]: row["event"] for row in rows}
    if set(events) != set(entries):
        raise NotFound
    await fetch("SELECT 1 FROM event WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", sorted(set(events.values())))
    return events


async def _lock(actor: Actor, choice: Choice) -> EntryView:
    """The entry under lock; who comes second to a decision meets ``Conflict``, to an edit ``Stale``."""
    try:
        return await lock_entry(actor, choice.id, version=choice.version)
    except Stale:
        stage = await fetchval("SELECT stage FROM entry WHERE id = $1", choice.id)
        if stage != EntryStage.SUBMITTED:
            raise Conflict("decided_meanwhile", "该报名刚刚已由他人处理，请刷新后查看") from None
        raise


async def _codes(event: UUID) -> list[str]:
    rows = await fetch("SELECT code FROM entry WHERE event = $1 AND code IS NOT NULL", event)
    return [row["code"] for row in rows]


async def _decide(actor: Actor, view: EntryView, action: str, *, code: str | None = None, reason: str = "") -> None:
    to = await moves.move("entry", view.id, MOVES, EntryStage(view.stage), action)
    await fetch(
        "UPDATE entry SET decided_by = $2, decided_at = $3, return_reason = $4, code = coalesce($5, code) WHERE id = $1",
        view.id, actor.account, await clock.now(), reason, code,
    )  # fmt: skip
    body = {"event": str(view.event.id), **({"code": code} if code else {}), **({"reason": reason} if reason else {})}
    await trail.record(actor, f"entry.{to.value}", "entry", view.id, body)


async def _mark_withdrawn(actor: Actor, view: EntryView, why: str) -> None:
    changed = await fetchval(
        "UPDATE entry SET status = 'withdrawn', version = version + 1 WHERE id = $1 AND status = 'competed' RETURNING id",
        view.id,
    )
    if changed is None:
        raise Conflict("status_known", "该报名已不是“正常”状态，不能再作弃赛处理")
    await fetch(
        "INSERT INTO status_change (id, entry, was, becomes, reason, made_by, made_at)"
        " VALUES ($1, $2, 'competed', 'withdrawn', $3, $4, $5)",
        new_id(), view.id, why, actor.account, await clock.now(),
    )  # fmt: skip
    await trail.record(actor, "entry.status_changed", "entry", view.id, {"becomes": "withdrawn", "reason": why})
