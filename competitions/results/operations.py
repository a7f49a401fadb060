"""Confirm, publish, withdraw (确认、发布、撤回), and freeze the board (封榜). One verb is one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from competitions.judging import live_signal
from competitions.permissions import Permission
from competitions.programme.bundles import bundle_of
from competitions.programme.queries import EventView, event_for
from competitions.programme.rules import EVENT_MOVES, EventStage
from competitions.results import rules
from competitions.results.freezing import freeze
from competitions.results.obstacles import obstacles_of
from competitions.results.proclaiming import order_winners, record_achievements, withdraw_achievements
from foundation import clock, moves, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import Conflict, Refusals
from foundation.web.policy import Actor
from publications.certificates.operations import revoke_source

CURRENT_SQL = """
SELECT id, number, bundle_sha256, published_at, withdrawn_at FROM result WHERE event = $1 ORDER BY number DESC LIMIT 1
"""


async def confirm_result(actor: Actor, event_id: UUID, *, shown: str = "") -> UUID:
    """The event's chief judge confirms what was marked (C24, C54); returns the frozen result.

    ``shown`` is the fingerprint of the marks that were looked at. Raises ``Refusals`` with every obstacle at once,
    ``Stale`` where marks changed since, ``Conflict`` where the event is not being judged or somebody was first.
    """
    async with transaction():
        event = await _held(actor, event_id)
        stage = EventStage(event.stage)
        moves.target(EVENT_MOVES, stage, "confirm")
        now = await clock.now()
        bundle = await bundle_of(event_id)
        made, found = await obstacles_of(event, bundle)
        rules.require_shown(shown, made.bundle_sha256)
        if found:
            raise Refusals(found)
        result, number = await freeze(event_id, bundle, made, by=actor.account, at=now)
        await moves.move("event", event_id, EVENT_MOVES, stage, "confirm")
        body = {"number": number, "sha256": made.bundle_sha256, "rows": len(made.rows)}
        await trail.record(actor, "result.confirmed", "result", result, body)
    live_signal.changed(event_id)
    return result


async def return_to_judging(actor: Actor, event_id: UUID, reason: str) -> None:
    """Back to marking, with a reason (C57): what was confirmed is kept and counts no more; the next one gets a new number."""
    async with transaction():
        event = await _held(actor, event_id)
        stage = EventStage(event.stage)
        moves.target(EVENT_MOVES, stage, "return_to_judging")
        reason = rules.require_reason(reason)
        current = await fetchrow(CURRENT_SQL, event_id)
        if current is not None and current["withdrawn_at"] is None:
            await _withdraw(current["id"], reason, await clock.now())
        await moves.move("event", event_id, EVENT_MOVES, stage, "return_to_judging")
        await trail.record(actor, "result.returned", "event", event_id, {"reason": reason})
    live_signal.changed(event_id)


async def publish_result(actor: Actor, event_id: UUID, *, certificates: bool | None = None) -> UUID:
    """Publish what was confirmed: everybody reads the frozen copy from now on; returns the result's id.

    In the same transaction the winners' achievements go to the registry and their certificates are ordered; of an imported
    event nobody is in the registry, and certificates are made only where ``certificates`` asks for them.
    """
    async with transaction():
        event = await _held(actor, event_id)
        stage = EventStage(event.stage)
        moves.target(EVENT_MOVES, stage, "publish")
        current = await fetchrow(CURRENT_SQL, event_id)
        rules.require_publishable(live=current is not None and current["withdrawn_at"] is None)
        assert current is not None
        now = await clock.now()
        await moves.move("event", event_id, EVENT_MOVES, stage, "publish")
        await fetch(
            "UPDATE result SET published_at = $2, published_by = $3, version = version + 1 WHERE id = $1",
            current["id"], now, actor.account,
        )  # fmt: skip
        told = 0 if event.external else await record_achievements(actor, event, current["id"])
        ordered = certificates if certificates is not None else not event.external
        orders = await order_winners(actor, event, current["id"]) if ordered else 0
        body = {
            "number": current["number"],
            "sha256": current["bundle_sha256"],
            "achievements": told,
            "certificates": orders,
        }
        await trail.record(actor, "result.published", "result", current["id"], body)
    live_signal.changed(event_id)
    return current["id"]


async def withdraw_publication(actor: Actor, event_id: UUID, reason: str) -> None:
    """Take a publication back in public, with its reason: achievements are withdrawn, certificates revoked (H77, D6)."""
    async with transaction():
        event = await _held(actor, event_id)
        stage = EventStage(event.stage)
        moves.target(EVENT_MOVES, stage, "withdraw_publication")
        reason = rules.require_reason(reason)
        current = await fetchrow(CURRENT_SQL, event_id)
        if current is None or current["published_at"] is None:
            raise Conflict("nothing_published", "该项目没有已发布的成绩")
        await _withdraw(current["id"], reason, await clock.now())
        await moves.move("event", event_id, EVENT_MOVES, stage, "withdraw_publication")
        told = await withdraw_achievements(actor, current["id"], reason)
        ended = await revoke_source(actor, current["id"], reason)
        body = {"reason": reason, "number": current["number"], "achievements": told, "certificates": ended}
        await trail.record(actor, "result.withdrawn", "result", current["id"], body)
    live_signal.changed(event_id)


async def freeze_board(actor: Actor, event_id: UUID, *, frozen: bool) -> None:
    """Let the public board stand still from now on (封榜), or move again; marking goes on. Twice is once."""
    async with transaction():
        event = await event_for(actor, event_id, Permission.RUN_COMPETITION, lock=True)
        if event.stage not in (EventStage.JUDGING, EventStage.CONFIRMED):
            raise Conflict("not_on_air", "只有评分中或已确认、未发布的项目可以封榜")
        if frozen == (event.frozen_at is not None):
            return
        await fetch(
            "UPDATE event SET frozen_at = $2, version = version + 1 WHERE id = $1",
            event_id, await clock.now() if frozen else None,
        )  # fmt: skip
        await trail.record(actor, "board.frozen" if frozen else "board.thawed", "event", event_id)
    live_signal.changed(event_id)


async def name_on_board(actor: Actor, event_id: UUID, *, named: bool) -> None:
    """Let the live board name entrants, or show their codes only, as long as those who mark may not know them (C51)."""
    async with transaction():
        await event_for(actor, event_id, Permission.RUN_COMPETITION, lock=True)
        await fetch("UPDATE event SET live_names = $2, version = version + 1 WHERE id = $1", event_id, named)
        await trail.record(actor, "board.named" if named else "board.coded", "event", event_id)
    live_signal.changed(event_id)


async def _held(actor: Actor, event_id: UUID) -> EventView:
    """The event where the actor is chief judge, its sheets and then itself locked, in the order in which marking locks them."""
    await event_for(actor, event_id, Permission.CONFIRM_RESULT)
    await fetch("SELECT id FROM seat WHERE event = $1 ORDER BY id FOR UPDATE", event_id)
    return await event_for(actor, event_id, Permission.CONFIRM_RESULT, lock=True)


async def _withdraw(result: Any, reason: str, now: datetime) -> None:
    await fetch(
        "UPDATE result SET withdrawn_at = $2, withdrawn_reason = $3, version = version + 1 WHERE id = $1",
        result, now, reason,
    )  # fmt: skip
