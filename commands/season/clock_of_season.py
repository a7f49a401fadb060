"""The season's clock: how far its time is from the server's, kept in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from foundation import clock
from foundation.clock import SHANGHAI
from foundation.database import fetch, fetchval, transaction

NOW = datetime(2026, 4, 14, 14, 36, tzinfo=SHANGHAI)
"""A Tuesday, three working days before a registration closes, in the middle of an event's marking."""


@asynccontextmanager
async def at(moment: datetime) -> AsyncIterator[None]:
    """One step of the season: a transaction whose time is ``moment``."""
    async with transaction(), clock.moved_to(moment):
        yield


def on(month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = 2026) -> datetime:
    """A time in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


async def anchor() -> None:
    """Set the clock to the season's now, or to just after the newest thing that was done in it."""
    async with transaction():
        newest = await fetchval("SELECT max(at) FROM trail_entry")
        moment = max(NOW, newest + timedelta(seconds=1)) if newest else NOW
        offset = await fetchval("SELECT $1::timestamptz - now()", moment)
        await fetch(
            'INSERT INTO season_clock (id, "offset") VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET "offset" = $1',
            offset,
        )
