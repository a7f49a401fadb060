"""Long work: enqueued with the write that asks for it, watched by a person, safe to run again after a crash.

A job is a row of :class:`foundation.tables.Job` and a PgQueuer message, both written in the caller's transaction: the job
exists if and only if the write does. A handler must be able to start again from the beginning: a worker that was killed
leaves its job running, and another takes it up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, fetchval
from foundation.database.columns import new_id
from foundation.web.policy import Actor

ENTRYPOINT = "job"


class Cancelled(Exception):
    """The person who watches asked the job to stop; what was done stays done."""


class JobContext:
    """What a handler works with: its ``args``, who asked (``made_by``: an account id or None), and how far it is."""

    def __init__(self, id: UUID, kind: str, args: Mapping[str, Any], made_by: UUID | None) -> None:
        self.id, self.kind, self.args, self.made_by = id, kind, args, made_by
        self.result: dict[str, Any] = {}

    async def progress(self, done: int, total: int, message: str = "") -> None:
        """Show how far it is; raises :class:`Cancelled` where stopping was asked for. Call it outside a transaction."""
        asked = await fetchval(
            "UPDATE job SET done = $2, total = $3, message = $4 WHERE id = $1 RETURNING cancel_asked",
            self.id, done, total, message[:300],
        )  # fmt: skip
        if asked:
            raise Cancelled

    async def cancel_asked(self) -> bool:
        return bool(await fetchval("SELECT cancel_asked FROM job WHERE id = $1", self.id))


Handler = Callable[[JobContext], Awaitable[None]]
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of ``kind``; its module is imported by the wing's ``register()``."""

    def keep(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return keep


Tick = Callable[[], Awaitable[None]]
_ticks: list[Tick] = []


def tick(function: Tick) -> Tick:
    """Register what the worker does twice a minute: things that come about by time alone. Cheap where nothing is due,
    and safe to run in several workers at once."""
    if function not in _ticks:
        _ticks.append(function)
    return function


def ticks() -> tuple[Tick, ...]:
    return tuple(_ticks)


def handler_of(kind: str) -> Handler | None:
    return _handlers.get(kind)


async def enqueue(kind: str, args: Mapping[str, Any], actor: Actor | None) -> UUID:
    """Ask for a job within the current transaction; returns its id (its page is ``/jobs/<id>``)."""
    from foundation.jobs.queue import queries_for

    job = new_id()
    await fetch(
        "INSERT INTO job (id, kind, args, state, done, total, message, result, cancel_asked, made_by, made_at)"
        f" VALUES ($1, $2, $3::jsonb, 'waiting', 0, 0, '', '{{}}'::jsonb, false, $4, {NOW_SQL})",
        job, kind, msgspec.json.encode(args).decode(), actor.account if actor else None,
    )  # fmt: skip
    await queries_for(connection()).enqueue(ENTRYPOINT, job.bytes)
    return job
