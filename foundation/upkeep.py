"""Housekeeping: what nobody asks for any more goes, a little at every tick of a worker, once an hour in the whole house."""

from __future__ import annotations

from datetime import timedelta

from foundation.database import fetch, fetchval, transaction
from foundation.web.sessions import ABSOLUTE, IDLE

EVERY = timedelta(hours=1)
BUCKET = "upkeep"
KEYS_KEPT = timedelta(days=30)
"""How long a client-made key still gets its first answer again: longer than any tablet stays offline."""
TURN_SQL = """
INSERT INTO rate_count (bucket, window_start, count) VALUES ($1, clock_timestamp(), 1)
ON CONFLICT (bucket) DO UPDATE SET window_start = clock_timestamp(), count = rate_count.count + 1
WHERE rate_count.window_start < clock_timestamp() - $2::interval RETURNING count
"""


async def tick() -> None:
    """For the worker's clock."""
    await tidy()


async def tidy() -> bool:
    """Delete ended sessions, old counts, old keys and abandoned uploads; returns whether it was this worker's turn."""
    from foundation.sheets.uploads import purge

    async with transaction():
        if await fetchval(TURN_SQL, BUCKET, EVERY) is None:
            return False
        await fetch(
            "DELETE FROM session WHERE seen_at < clock_timestamp() - $1::interval OR started_at < clock_timestamp() - $2::interval",
            IDLE, ABSOLUTE,
        )  # fmt: skip
        await fetch(
            "DELETE FROM rate_count WHERE window_start < clock_timestamp() - interval '1 day' AND bucket <> $1", BUCKET
        )
        await fetch("DELETE FROM idempotency_key WHERE made_at < clock_timestamp() - $1::interval", KEYS_KEPT)
        await purge()
    return True
