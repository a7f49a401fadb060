"""The worker process: does jobs, seals the trail. Run as many as there is work; they share by SKIP LOCKED."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from foundation import jobs
from foundation.database import engine, fetch, fetchrow
from foundation.database.connect import address
from foundation.errors import Refusal, Refusals
from foundation.jobs.queue import db_settings, queries_for
from foundation.settings import settings

log = structlog.get_logger("worker")
AT_ONCE = 2
SEAL_EVERY = 1.0
TICK_EVERY = 30.0
CLAIM_SQL = """
UPDATE job SET state = 'running', started_at = clock_timestamp()
WHERE id = $1 AND state IN ('waiting', 'running') RETURNING kind, args, made_by, cancel_asked
"""


async def do_job(job: UUID) -> None:
    """Run one job to its end and write how it ended; never raises for what the job itself did wrong."""
    row = await fetchrow(CLAIM_SQL, job)
    if row is None:
        return
    context = jobs.JobContext(job, row["kind"], msgspec.json.decode(row["args"]), row["made_by"])
    state, message = "done", None
    try:
        if row["cancel_asked"]:
            raise jobs.Cancelled
        function = jobs.handler_of(row["kind"])
        if function is None:
            raise LookupError(f"nobody handles jobs of kind {row['kind']!r}")
        await function(context)
    except jobs.Cancelled:
        state = "cancelled"
    except (Refusal, Refusals) as refused:
        state, message = "failed", str(refused)
    except Exception as why:
        log.error("job failed", job=str(job), kind=row["kind"], exc_info=why)
        state, message = "failed", type(why).__name__
    await fetch(
        "UPDATE job SET state = $2, message = coalesce($3, message), result = $4::jsonb, ended_at = clock_timestamp()"
        " WHERE id = $1",
        job, state, message[:300] if message else None, msgspec.json.encode(context.result).decode(),
    )  # fmt: skip


async def _seal_for_ever(stop: asyncio.Event) -> None:
    from foundation.trail.sealing import seal_waiting

    while not stop.is_set():
        try:
            await seal_waiting()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as why:
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
    """Work until told to stop (SIGTERM, SIGINT); with ``once``, until the queue is empty."""
    from pgqueuer import PgQueuer
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
    from pgqueuer.domain.types import Channel, QueueExecutionMode

    from foundation.web.application import open_pool

    await open_pool(size=AT_ONCE + 4)
    connection = await asyncpg.connect(**address(settings()))
    queuer = PgQueuer(
        connection=AsyncpgDriver(connection), channel=Channel(db_settings().channel), queries=queries_for(connection)
    )

    @queuer.entrypoint(jobs.ENTRYPOINT, concurrency_limit=AT_ONCE)
    async def _one(message: Any) -> None:
        await do_job(UUID(bytes=message.payload))

    stop = asyncio.Event()

    def stop_now() -> None:
        stop.set()
        queuer.shutdown.set()

    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(sign, stop_now)
    if once:
        await tick_once()
    beside = [] if once else [asyncio.create_task(_seal_for_ever(stop)), asyncio.create_task(_tick_for_ever(stop))]
    mode = QueueExecutionMode.drain if once else QueueExecutionMode.continuous
    try:
        await queuer.run(dequeue_timeout=timedelta(seconds=1 if once else 10), batch_size=AT_ONCE, mode=mode)
    finally:
        stop.set()
        await asyncio.gather(*beside)
        await connection.close()
        await engine().close_connection_pool()
