"""Who holds a connection: every acquire from a pool is noted with its task and place, so that a leak has a name."""

from __future__ import annotations

import asyncio
import sys
import warnings
import weakref
from pathlib import Path
from typing import Any

import asyncpg.pool

from tests.support import ROOT

PATIENCE = 10.0
"""Seconds that a pool may wait at its end for a connection that somebody still holds."""
_taken: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def _place() -> str:
    """The frames of the project below this one, innermost first; an awaiting chain is a chain of frames."""
    found, frame = [], sys._getframe(2)
    while frame is not None and len(found) < 12:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts:
            found.append(f"{path.relative_to(ROOT)}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found)


def note_holders() -> None:
    """From now on each connection that leaves a pool is noted."""
    acquire = asyncpg.pool.Pool._acquire

    async def noted(self, timeout):  # noqa: ASYNC109 - the library's own signature
        proxy = await acquire(self, timeout)
        task = asyncio.current_task()
        _taken[proxy._holder] = f"{task.get_name() if task else 'no task'} at {_place()}"
        return proxy

    asyncpg.pool.Pool._acquire = noted


def holders(pool: Any) -> list[str]:
    """Who holds a connection of this pool just now: task and place of each."""
    return [_taken.get(holder, "unknown") for holder in pool._holders if holder._in_use is not None]


async def close_pool(engine: Any) -> None:
    """Close the engine's pool; a connection that something of a test still holds is ended, and its holder named."""
    closing = asyncio.ensure_future(engine.close_connection_pool())
    await asyncio.wait({closing}, timeout=PATIENCE)
    if not closing.done():
        held = holders(engine.pool)  # asked before: what is cancelled ends all connections and forgets who had them
        warnings.warn(f"a test left a connection in use, held by {held}", stacklevel=2)
        closing.cancel()
        await asyncio.wait({closing})
        engine.pool = None
    else:
        closing.result()
