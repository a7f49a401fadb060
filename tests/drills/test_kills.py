"""kill -9 of the site, of PostgreSQL and of both while judges write: nothing acknowledged is lost, nothing stands twice.

The control runs the same drill with ``synchronous_commit = off`` and must lose: else the drill could not see a loss.
"""

from __future__ import annotations

import asyncio
import random

import asyncpg
import pytest

from foundation.database.embedded import APP_ROLE
from tests.drills.yard import Site, Yard, open_yard

ROUNDS = 4
LUCK = random.Random(20260417)


@pytest.fixture
async def yard():
    async with open_yard() as made:
        yield made


@pytest.fixture
async def site(yard):
    made = Site(yard.url(APP_ROLE), workers=2)
    await made.start()
    yield made
    await made.stop()


async def stands(yard: Yard, capsys, drill: str, **more) -> None:
    found = await yard.reckon()
    with capsys.disabled():
        print("\n" + found.line(drill, **more))
    assert found.acknowledged > 50, "too little was written to prove anything"
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())


async def test_the_site_is_killed(yard, site, capsys):
    async with yard.working(site):
        for _ in range(ROUNDS):
            await asyncio.sleep(LUCK.uniform(0.8, 1.6))
            await site.kill()
            await site.start()
        await asyncio.sleep(0.5)
    await stands(yard, capsys, "kill -9 of the site", kills=ROUNDS)


async def test_postgresql_is_killed(yard, site, capsys):
    back = []
    async with yard.working(site):
        for _ in range(ROUNDS):
            await asyncio.sleep(LUCK.uniform(0.8, 1.6))
            await yard.postgres.kill()
            await yard.postgres.start()
            back.append(round(await site.ready(10), 2))
        await asyncio.sleep(0.5)
    await stands(yard, capsys, "kill -9 of PostgreSQL", kills=ROUNDS, seconds_until_back=back)


async def test_both_are_killed_at_once(yard, site, capsys):
    async with yard.working(site):
        for _ in range(ROUNDS):
            await asyncio.sleep(LUCK.uniform(0.8, 1.6))
            await asyncio.gather(yard.postgres.kill(), site.kill())
            await yard.postgres.start()
            await site.start()
        await asyncio.sleep(0.5)
    await stands(yard, capsys, "kill -9 of both", kills=ROUNDS)


async def test_the_control_without_durable_commits_loses(yard, capsys):
    """Each judge stops at the kill: what was acknowledged and is gone is counted, not sent again."""
    admin = await asyncpg.connect(**yard.server, database="postgres")
    await admin.execute(f'ALTER DATABASE "{yard.name}" SET synchronous_commit = off')
    await admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.close()
    made = Site(yard.url(APP_ROLE), workers=1)
    try:
        await made.start()
        stop = asyncio.Event()
        tasks = [asyncio.create_task(judge.work(made, stop)) for judge in yard.judges]
        await asyncio.sleep(2)
        await yard.postgres.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await made.stop()
        await yard.postgres.start()
        admin = await asyncpg.connect(**yard.server, database="postgres")
        await admin.execute("ALTER SYSTEM RESET wal_writer_delay")
        await admin.execute("SELECT pg_reload_conf()")
        await admin.close()
    found = await yard.reckon()
    with capsys.disabled():
        print("\n" + found.line("control: synchronous_commit = off"))
    assert found.acknowledged > 50
    assert found.lost > 0, "the control lost nothing: this drill would not see a loss"
