"""kill -9 of the process that renders, midway: started again it goes on, and each certificate is issued exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from foundation import storage
from foundation.database import fetch, fetchval
from publications.certificates import keys
from publications.certificates.proof.examine import examine
from publications.certificates.proof.schemas import Finding
from tests.publications.certificates.support import PREFIX, issue, order
from tests.support import ROOT

COUNT, KILLS = 40, 3


async def start(job, url: str, processes: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.publications.certificates.rendering_in_a_process", str(job),
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url, "GONGJIANG_RENDER_PROCESSES": str(processes)},
        start_new_session=True,
    )  # fmt: skip


def children_of(process: int) -> set[int]:
    """Who was started by it; from /proc."""
    found = set()
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(place.read_text().rpartition(")")[2].split()[1]) == process:
                found.add(int(place.parent.name))
    return found


def gone(process: int) -> bool:
    """Ended, or ended and not yet collected by whoever inherited it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def until(condition, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - another process's progress, seen through the database
            await asyncio.sleep(0.05)


async def valid() -> int:
    return await fetchval("SELECT count(*) FROM certificate WHERE state = 'valid'")


@pytest.mark.parametrize("processes", [1, 2])
async def test_killed_midway_and_started_again_each_is_issued_once(committed, processes):
    url = url_of(committed)
    source, job = await issue(None, [order(f"k{n}", "赵立春") for n in range(COUNT)])
    orphans: set[int] = set()
    for kill in range(KILLS):
        before, process = await valid(), await start(job, url, processes)
        goal = before + 4 + 3 * kill

        async def far_enough(goal=goal) -> bool:
            return await valid() >= goal

        await until(far_enough)
        here = children_of(process.pid)
        assert len(here) >= 1 + processes, "the signer, and as many that set sheets"
        orphans |= here
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        assert goal <= await valid() < COUNT, "it was to be killed midway"
    assert orphans

    async def all_gone() -> bool:
        return all(gone(one) for one in orphans)

    await until(all_gone, 20.0)  # signer and renderer end when nobody speaks to them any more
    process = await start(job, url, processes)
    assert await process.wait() == 0
    await check_each_once(source)


def url_of(committed) -> str:
    """The test's own database, for another process."""
    config = committed.config
    if "dsn" in config:
        return config["dsn"]
    password = f":{config['password']}" if config.get("password") else ""
    return f"postgresql://{config['user']}{password}@{config['host']}:{config['port']}/{config['database']}"


async def check_each_once(source) -> None:
    rows = await fetch("SELECT * FROM certificate WHERE source = $1 ORDER BY number", source)
    assert [row["number"] for row in rows] == [f"{PREFIX}-{n:04d}" for n in range(1, COUNT + 1)]
    assert {row["state"] for row in rows} == {"valid"}
    assert len({row["file"] for row in rows}) == COUNT
    assert await fetchval("SELECT count(*) FROM stored_file") == COUNT
    assert await fetchval("SELECT count(*) FROM certificate_key WHERE kind = 'statement'") == 1
    assert await fetchval("SELECT state FROM job") == "done"
    published = await keys.published()
    for row in rows:
        body, name, _type = await storage.load(row["file"])
        found = await asyncio.to_thread(examine, body, published)
        assert (found.finding, found.number, name) == (Finding.GENUINE, row["number"], f"{row['number']}.pdf")
        assert found.credential == row["credential"]
