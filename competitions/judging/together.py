"""Marks that arrive at the same moment are written together (成组提交): while one statement waits for the disk, the next
gather. A mark that comes alone goes at once. Each request keeps its own key, rows, trail and answer.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import asyncpg
import structlog

from competitions.judging.statements import ENTER_MANY_SQL, ENTER_ONE_SQL
from foundation.database import engine, fetch, fetchval

MOST = 32
"""Requests in one statement."""

log = structlog.get_logger("together")
_waiting: list[tuple[tuple[Any, ...], asyncio.Future[bool]]] = []
_flight: asyncio.Task[None] | None = None


async def write_one(sent: tuple[Any, ...]) -> bool:
    """Write one mark, given as the arguments of ENTER_ONE_SQL; False where nothing was written (ask ENTER_SQL why)."""
    if engine().current_transaction.get() is not None:  # somebody's transaction: nobody else's marks belong into it
        return bool(await fetchval(ENTER_ONE_SQL, *sent))
    global _flight
    loop = asyncio.get_running_loop()
    written: asyncio.Future[bool] = loop.create_future()
    _waiting.append((sent, written))
    # Asked of the task itself, not of a callback: between its end and its callbacks a mark could wait for ever.
    if _flight is None or _flight.done() or _flight.get_loop() is not loop:
        _flight = loop.create_task(_fly(), context=contextvars.Context())
    return await written


async def _fly() -> None:
    while _waiting:
        batch, rest = _waiting[:MOST], _waiting[MOST:]
        _waiting[:] = rest
        keys: set[Any] = set()
        try:
            keys = await _written([sent for sent, _done in batch])
        except Exception as why:  # each goes its own way, where its own fault is said
            if not isinstance(why, asyncpg.UniqueViolationError):
                log.warning("alone_again", kind=type(why).__name__, marks=len(batch))
        finally:
            for sent, done in batch:
                if not done.done():
                    done.set_result(sent[2] in keys)


async def _written(batch: list[tuple[Any, ...]]) -> set[Any]:
    """The keys that were written."""
    if len(batch) == 1:
        return {batch[0][2]} if await fetchval(ENTER_ONE_SQL, *batch[0]) else set()
    columns = [list(column) for column in zip(*batch, strict=True)]
    columns[5] = [" ".join(codes) for codes in columns[5]]
    return {row["id"] for row in await fetch(ENTER_MANY_SQL, *columns)}
