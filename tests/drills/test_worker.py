"""The worker: it outlives PostgreSQL, and what a killed one had begun another brings to its end."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from foundation.database.embedded import APP_ROLE
from tests.drills.slow import STEPS
from tests.drills.yard import LOG, Yard, open_yard
from tests.support import ROOT

ENQUEUE = """
import asyncio, sys
from foundation import jobs
from foundation.database import transaction
async def ask():
    async with transaction():
        await jobs.enqueue(sys.argv[1], {}, None)
asyncio.run(ask())
"""

SLOW = "kind = 'drill.slow'"
STEPPED = f"SELECT count(*) FROM rate_count r JOIN job j ON r.bucket LIKE j.id || ':%' WHERE {SLOW}"


@pytest.fixture
async def yard():
    async with open_yard() as made:
        yield made


@asynccontextmanager
async def worker(yard: Yard, module: str = "tests.drills.slow") -> AsyncIterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "DATABASE_URL": yard.url(APP_ROLE)}
    with LOG.open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=env, stderr=log)  # noqa: ASYNC220
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            await asyncio.to_thread(process.wait, 15)


async def wait_for(yard: Yard, sql: str, wanted: Any, seconds: float) -> float:
    """Until a query answers as wanted; how long that took."""
    began = time.monotonic()
    owner = await yard.owner()
    try:
        while time.monotonic() - began < seconds:
            if (found := await owner.fetchval(sql)) == wanted:
                return round(time.monotonic() - began, 2)
            await asyncio.sleep(0.1)
    finally:
        await owner.close()
    raise AssertionError(f"after {seconds} s: {found!r}, wanted {wanted!r}: {sql}")


async def sealed(yard: Yard) -> float:
    owner = await yard.owner()
    await owner.execute(
        "INSERT INTO trail_entry (at, action, subject_kind, body) VALUES (now(), 'drill.done', 'drill', '{}')"
    )
    await owner.close()
    unsealed = "SELECT count(*) FROM trail_entry e WHERE NOT EXISTS (SELECT 1 FROM trail_leaf l WHERE l.id = e.id)"
    return await wait_for(yard, unsealed, 0, 20)


async def test_sealing_and_jobs_go_on_after_restart_and_kill(yard, capsys):
    async with worker(yard) as process:
        took = {"at first": await sealed(yard)}
        await yard.postgres.stop()
        await yard.postgres.start()
        took["after a restart"] = await sealed(yard)
        await yard.postgres.kill()
        await yard.postgres.start()
        took["after kill -9"] = await sealed(yard)
        await yard._ours("-c", ENQUEUE, "trail.verify")
        took["a job"] = await wait_for(yard, "SELECT state FROM job WHERE kind = 'trail.verify'", "done", 20)
        assert process.poll() is None
    found = await yard.reckon()
    with capsys.disabled():
        print("\n" + json.dumps({"drill": "worker under restarts", "seconds": took, "trail_faults": len(found.trail)}))
    assert found.trail == ()
    assert process.returncode == 0, "told to end, it ends in order"


async def test_a_job_under_which_postgresql_dies_starts_again(yard, capsys):
    async with worker(yard):
        await yard._ours("-c", ENQUEUE, "drill.slow")
        await wait_for(yard, f"SELECT done >= 5 FROM job WHERE {SLOW}", True, 20)
        await yard.postgres.kill()
        await yard.postgres.start()
        took = await wait_for(yard, f"SELECT state FROM job WHERE {SLOW}", "done", 90)
    with capsys.disabled():
        print("\n" + json.dumps({"drill": "PostgreSQL killed under a job", "seconds_until_done": took}))
    await wait_for(yard, STEPPED, STEPS, 1)


async def test_a_job_of_a_killed_worker_is_done_by_another(yard, capsys):
    async with worker(yard) as first:
        await yard._ours("-c", ENQUEUE, "drill.slow")
        await wait_for(yard, f"SELECT done >= 5 FROM job WHERE {SLOW}", True, 20)
        first.kill()
        await asyncio.to_thread(first.wait, 10)
    async with worker(yard):
        took = await wait_for(yard, f"SELECT state FROM job WHERE {SLOW}", "done", 90)
    with capsys.disabled():
        print("\n" + json.dumps({"drill": "worker killed within a job", "seconds_until_done": took}))
    await wait_for(yard, STEPPED, STEPS, 1)
