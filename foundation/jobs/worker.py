"""The worker process: does jobs, seals the trail. Run as many as there is work; they share by SKIP LOCKED."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog

from foundation import jobs
from foundation.database import engine, fetch, fetchrow, is_passing
from foundation.database.connect import address
from foundation.database.safe_engine import unreachable_is_passing
from foundation.errors import Refusal, Refusals
from foundation.jobs.queue import db_settings, queries_for
from foundation.settings import settings

log = structlog.get_logger("worker")
AT_ONCE = 2
SEAL_EVERY = 1.0
TRY_AGAIN = 1.0
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the attempts of a job under which the database goes away."""
T = TypeVar("T")
TICK_EVERY = 30.0
CLAIM_SQL = """
UPDATE job SET state = 'running', started_at = clock_timestamp()
WHERE id = $1 AND state IN ('waiting', 'running') RETURNING kind, args, made_by, cancel_asked
"""


async def do_job(job: UUID) -> None:
    """Run one job to its end and write how it ended; never raises for what the job itself did wrong.

    Where the database goes away under it, it starts again from the beginning, as a handler must be able to.
    """
    row = await fetchrow(CLAIM_SQL, job)
    if row is None:
        return
    context = jobs.JobContext(job, row["kind"], msgspec.json.decode(row["args"]), row["made_by"])
    try:
        state, message = await _patiently(lambda: _outcome(context, cancelled=row["cancel_asked"]))
    except Exception as why:
        state, message = "failed", type(why).__name__
    await _patiently(
        lambda: fetch(
            "UPDATE job SET state = $2, message = coalesce($3, message), result = $4::jsonb, ended_at = clock_timestamp()"
            " WHERE id = $1",
            job, state, message[:300] if message else None, msgspec.json.encode(context.result).decode(),
        )
    )  # fmt: skip


async def _outcome(context: jobs.JobContext, *, cancelled: bool) -> tuple[str, str | None]:
    """How the job ended, and its last word. Raises only what passes."""
    try:
        if cancelled:
            raise jobs.Cancelled
        function = jobs.handler_of(context.kind)
        if function is None:
            raise LookupError(f"nobody handles jobs of kind {context.kind!r}")
        await function(context)
    except jobs.Cancelled:
        return "cancelled", None
    except (Refusal, Refusals) as refused:
        return "failed", str(refused)
    except Exception as why:
        if is_passing(why):
            raise
        log.error("job failed", job=str(context.id), kind=context.kind, exc_info=why)
        return "failed", type(why).__name__
    return "done", None


async def _patiently(act: Callable[[], Awaitable[T]]) -> T:
    """Do it, again and again while the database is away; after the last attempt its fault is the job's."""
    for wait in (*WAITS, None):
        try:
            return await act()
        except Exception as why:
            if wait is None or not is_passing(why):
                raise
            log.warning("the database went away under a job, will try again", kind=type(why).__name__)
            await asyncio.sleep(wait)
    raise AssertionError("unreachable")


async def _seal_for_ever(stop: asyncio.Event) -> None:
    from foundation.trail.sealing import seal_waiting

    while not stop.is_set():
        try:
            await seal_waiting()
        except Exception as why:
            if not is_passing(why) and not isinstance(why, asyncpg.PostgresError):
                raise
            log.warning("sealing failed, will try again", kind=type(why).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SEAL_EVERY)


async def tick_once() -> None:
    """What came about by time alone; one that fails does not keep the others."""
    for function in jobs.ticks():
        try:
            await function()
        except Exception as why:
            log.warning("a tick failed, will try again", kind=type(why).__name__, exc_info=why)


async def _tick_for_ever(stop: asyncio.Event) -> None:
    while not stop.is_set():
        await tick_once()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), TICK_EVERY)


async def run(*, once: bool = False) -> None:
    """Work until told to stop (SIGTERM, SIGINT); with ``once``, until the queue is empty.

    Where the database goes away, it is waited for: a worker outlives restarts of PostgreSQL.
    """
    from foundation.web.application import open_pool

    await open_pool(size=AT_ONCE + 4)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(sign, stop.set)
    if once:
        await tick_once()
    beside = [] if once else [asyncio.create_task(_seal_for_ever(stop)), asyncio.create_task(_tick_for_ever(stop))]
    try:
        while not stop.is_set():
            try:
                await _work(stop, once=once)
            except Exception as why:
                if once or not _has_passing(why):
                    raise
                log.warning("the database is gone, will try again", kind=type(why).__name__)
            if once:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TRY_AGAIN)
    finally:
        stop.set()
        await asyncio.gather(*beside)
        await engine().close_connection_pool()


async def _work(stop: asyncio.Event, *, once: bool) -> None:
    """Take jobs over one connection, until told to stop or the connection ends."""
    from pgqueuer import PgQueuer
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
    from pgqueuer.domain.types import Channel, QueueExecutionMode

    with unreachable_is_passing():
        connection = await asyncpg.connect(**address(settings()), timeout=5)
    queuer = PgQueuer(
        connection=AsyncpgDriver(connection), channel=Channel(db_settings().channel), queries=queries_for(connection)
    )

    @queuer.entrypoint(jobs.ENTRYPOINT, concurrency_limit=AT_ONCE)
    async def _one(message: Any) -> None:
        await do_job(UUID(bytes=message.payload))

    async def pass_on() -> None:
        await stop.wait()
        queuer.shutdown.set()

    passing_on = asyncio.create_task(pass_on())
    connection.add_termination_listener(lambda _ended: queuer.shutdown.set())
    mode = QueueExecutionMode.drain if once else QueueExecutionMode.continuous
    try:
        await queuer.run(dequeue_timeout=timedelta(seconds=1 if once else 10), batch_size=AT_ONCE, mode=mode)
    finally:
        passing_on.cancel()
        with contextlib.suppress(asyncpg.InterfaceError, OSError, TimeoutError):
            await connection.close(timeout=2)


def _has_passing(why: BaseException) -> bool:
    return any(map(_has_passing, why.exceptions)) if isinstance(why, BaseExceptionGroup) else is_passing(why)
