"""What nobody asks for any more goes; what is still asked for stays; one worker does it once an hour."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from foundation.database import fetch, fetchval
from foundation.upkeep import tidy
from foundation.web.sessions import open_session


async def test_ended_sessions_and_old_keys_go_and_live_ones_stay(db):
    account = uuid4()
    for _ in range(3):
        await open_session(account, state="signed_in")
    await fetch(
        "UPDATE session SET seen_at = now() - interval '3 hours' WHERE digest = (SELECT min(digest) FROM session)"
    )
    await fetch(
        "UPDATE session SET started_at = now() - interval '13 hours' WHERE digest = (SELECT max(digest) FROM session)"
    )
    for age in ("31 days", "29 days"):
        await fetch("INSERT INTO idempotency_key (id, account, digest, made_at) VALUES ($1, $2, '', now() - $3::text::interval)", uuid4(), account, age)  # fmt: skip
    for name, age in (("old", "2 days"), ("new", "1 hour")):
        await fetch("INSERT INTO rate_count (bucket, window_start) VALUES ($1, now() - $2::text::interval)", name, age)
    assert await tidy()
    assert await fetchval("SELECT count(*) FROM session") == 1
    assert await fetchval("SELECT count(*) FROM idempotency_key") == 1
    assert [row["bucket"] for row in await fetch("SELECT bucket FROM rate_count ORDER BY 1")] == ["new", "upkeep"]


async def test_once_an_hour_in_the_whole_house(committed):
    turns = await asyncio.gather(*(tidy() for _ in range(6)))
    assert sorted(turns) == [False] * 5 + [True]
    await fetch("UPDATE rate_count SET window_start = now() - interval '61 minutes' WHERE bucket = 'upkeep'")
    assert await tidy()
