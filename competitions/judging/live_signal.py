"""Telling that an event changed (直播榜的信号): after commit, at most twice a second for each event and process.

A NOTIFY inside each mark's transaction serialises all commits; so the board is told afterwards, and many marks share one
signal. Listeners hear the event's id on the channel ``event_changed``.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from uuid import UUID

import structlog

from foundation.database import fetch

CHANNEL = "event_changed"
EVERY = 0.5
"""Seconds between two signals for one event."""
END_SECONDS = 5.0
"""Seconds that the end of a process waits for its last signals."""

log = structlog.get_logger("live_signal")
_last: dict[UUID, float] = {}
_waiting: dict[UUID, asyncio.TimerHandle] = {}
_running: set[asyncio.Task[None]] = set()


def changed(event_id: UUID) -> None:
    """Call after the transaction that changed marks, statuses, adjustments or sheets of an event. Never waits."""
    if event_id in _waiting:
        return
    loop = asyncio.get_running_loop()
    wait = _last.get(event_id, -EVERY) + EVERY - time.monotonic()
    # A context of its own: the caller's holds the caller's transaction, on which nothing else may run.
    _waiting[event_id] = loop.call_later(max(wait, 0), _start, event_id, context=contextvars.Context())


def _start(event_id: UUID) -> None:
    _waiting.pop(event_id, None)
    _last[event_id] = time.monotonic()
    if len(_last) > 1000:
        for old in sorted(_last, key=_last.__getitem__)[:500]:
            del _last[old]
    task = asyncio.get_running_loop().create_task(_tell(event_id))
    _running.add(task)
    task.add_done_callback(_running.discard)


async def tell_now() -> None:
    """Send what still waits and see it through; at the end of a process's life, while its pool is open."""
    loop = asyncio.get_running_loop()
    for event_id, timer in list(_waiting.items()):
        timer.cancel()
        contextvars.Context().run(_start, event_id)
    running = [task for task in _running if task.get_loop() is loop]
    if running:
        await asyncio.wait(running, timeout=END_SECONDS)


async def _tell(event_id: UUID) -> None:
    try:
        await fetch("SELECT pg_notify($1, $2)", CHANNEL, str(event_id))
    except Exception as why:  # a missed signal delays a board by one mark; it must not disturb the judge
        log.warning("signal_lost", event_id=str(event_id), kind=type(why).__name__)
