"""News travels up by handlers: a lower wing emits a named event with the fact it tells of; higher wings listen.

The event is written in the emitter's transaction and handled as a job afterwards, at least once: handlers are idempotent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from foundation import jobs
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id

Listener = Callable[[Mapping[str, Any]], Awaitable[None]]
_listeners: dict[str, list[Listener]] = {}


def on(name: str, listener: Listener) -> None:
    """Let ``listener`` be told of events called ``name``; called from ``main.create_app``'s wings."""
    known = _listeners.setdefault(name, [])
    if listener not in known:
        known.append(listener)


async def emit(name: str, body: Mapping[str, Any]) -> UUID:
    """Tell, within the current transaction. ``body`` holds ids and codes, never personal data."""
    event = new_id()
    await fetch(
        f"INSERT INTO outbox_event (id, name, body, made_at) VALUES ($1, $2, $3::jsonb, {NOW_SQL})",
        event, name, msgspec.json.encode(body).decode(),
    )  # fmt: skip
    await jobs.enqueue("outbox", {"event": str(event)}, None)
    return event


@jobs.handler("outbox")
async def deliver(job: jobs.JobContext) -> None:
    """Tell every listener, all in one transaction; a second delivery of a handled event does nothing."""
    async with transaction():
        row = await fetchrow(
            "SELECT name, body FROM outbox_event WHERE id = $1 AND handled_at IS NULL FOR UPDATE",
            UUID(job.args["event"]),
        )
        if row is None:
            return
        for listener in _listeners.get(row["name"], ()):
            await listener(msgspec.json.decode(row["body"]))
        await fetch(f"UPDATE outbox_event SET handled_at = {NOW_SQL} WHERE id = $1", UUID(job.args["event"]))
