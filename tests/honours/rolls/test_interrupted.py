"""A publication that dies in the middle: nothing half is left, and it can be done again (real commits, a terminated connection)."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from foundation.clock import moved_to
from foundation.database import fetchval, transaction
from honours.rolls import deciding, publishing
from tests.honours.support import DECIDED, Ready, form
from tests.support.people import House

LEFT = (
    "SELECT (SELECT count(*) FROM roll) + (SELECT count(*) FROM roll_entry) + (SELECT count(*) FROM certificate)"
    " + (SELECT count(*) FROM achievement) + (SELECT count(*) FROM job)"
    " + (SELECT count(*) FROM nomination WHERE stage = 'honoured') + (SELECT count(*) FROM decision WHERE stage = 'published')"
    " + (SELECT count(*) FROM trail_entry WHERE action = 'roll.published')"
)


@pytest.fixture
async def decision(committed):
    """A decision that is issued, everything committed."""
    async with transaction():
        house = await House().build()
        async with moved_to(DECIDED):
            ready = await Ready(house).build()
            made = await deciding.draft(ready.city, ready.cycle, form())
            await deciding.issue(ready.city, made)
    return ready, made


@pytest.mark.parametrize("table", ["roll_entry", "achievement", "certificate", "nomination"])
async def test_a_connection_that_ends_in_the_middle_leaves_nothing_half(decision, table):
    """Another session holds a table that publication comes to at a different step each time, and then ends its connection."""
    ready, made = decision
    before = await fetchval(LEFT)

    async def publish() -> None:
        async with moved_to(DECIDED):
            await publishing.publish_roll(ready.city, made)

    async with transaction():
        await fetchval(f"LOCK TABLE {table} IN SHARE MODE")  # reading goes on; the first write waits
        running = asyncio.create_task(publish(), context=contextvars.Context())
        waiting = None
        for _attempt in range(600):
            waiting = await fetchval(
                "SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE NOT l.granted AND c.relname = $1",
                table,
            )
            if waiting or running.done():
                break
            await asyncio.sleep(0.05)
        assert waiting, "publication came to no write of this table"
        assert await fetchval("SELECT pg_terminate_backend($1)", waiting)
        with pytest.raises(Exception, match=r"terminat|closed|connection"):
            await running
    assert await fetchval(LEFT) == before
    async with moved_to(DECIDED):
        await publishing.publish_roll(ready.city, made)
    assert await fetchval("SELECT count(*) FROM roll_entry") == 5
    assert await fetchval("SELECT count(*) FROM certificate") == 5
    assert await fetchval("SELECT count(*) FROM roll") == 1
