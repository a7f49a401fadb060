"""PostgreSQL restarted and frozen under a working site; more visitors than the house holds."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time

import httpx
import pytest

from foundation.database.embedded import APP_ROLE
from foundation.web.protection import IN_FLIGHT_LIMIT
from tests.drills.yard import Site, open_yard
from tests.support import ROOT

BACK = 10.0
"""Seconds within which service must be back (SECURITY, how it is proved)."""


@pytest.fixture
async def yard():
    async with open_yard() as made:
        yield made


@pytest.fixture
async def site(yard):
    made = Site(yard.url(APP_ROLE), workers=1)
    await made.start()
    yield made
    await made.stop()


async def test_postgresql_is_restarted_while_judges_write(yard, site, capsys):
    back = []
    async with yard.working(site):
        for _ in range(3):
            await asyncio.sleep(1)
            await yard.postgres.stop()
            await yard.postgres.start()
            back.append(round(await site.ready(BACK), 2))
        await asyncio.sleep(0.5)
    found = await yard.reckon()
    with capsys.disabled():
        print("\n" + found.line("restart of PostgreSQL", seconds_until_back=back))
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())


async def test_a_frozen_postgresql_is_503_in_time_and_thaws(yard, site, capsys):
    """Every process of the server stands still, as on a stalled disk: nobody waits longer than the time limits."""
    waits: list[float] = []
    async with yard.working(site):
        await asyncio.sleep(1)
        yard.postgres.signal_all(signal.SIGSTOP)
        try:
            async with httpx.AsyncClient(timeout=40) as client:
                for path in ("/verify", "/readyz", "/about/trail"):
                    began = time.monotonic()
                    answer = await client.get(site.address + path)
                    waits.append(round(time.monotonic() - began, 2))
                    assert answer.status_code == 503, (path, answer.status_code)
        finally:
            yard.postgres.signal_all(signal.SIGCONT)
        back = round(await site.ready(BACK), 2)
        await asyncio.sleep(0.5)
    found = await yard.reckon()
    with capsys.disabled():
        print("\n" + found.line("freeze of PostgreSQL", seconds_until_503=waits, seconds_until_back=back))
    assert max(waits) <= BACK
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())


async def test_ten_times_too_many_visitors(yard, site, capsys):
    """The public is told to wait; judges go on; afterwards everything is as before."""
    crowd, seconds = 10 * IN_FLIGHT_LIMIT["public"], 6
    async with yard.working(site):
        await asyncio.sleep(1)
        calm = [second for judge in yard.judges for second in judge.seconds]
        counted = [len(judge.seconds) for judge in yard.judges]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.drills.crowd", str(site.port), str(crowd), str(seconds), cwd=ROOT,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        said, _ = await process.communicate()
    judged = [second for judge, before in zip(yard.judges, counted, strict=True) for second in judge.seconds[before:]]
    answers = json.loads(said)
    found = await yard.reckon()
    async with httpx.AsyncClient(timeout=10) as client:
        after = [(await client.get(site.address + "/verify")).status_code for _ in range(20)]
    with capsys.disabled():
        shown = {"visitors": crowd, "answers": answers, "calm": spread(calm), "crowded": spread(judged)}
        print("\n" + found.line("10x overload", **shown))
    assert answers.get("503", 0) > 0, "the house was never full: this drill proves nothing"
    assert answers.get("200", 0) > 0
    assert set(answers) == {"200", "503"}, answers
    assert set(after) == {200}
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())
    assert spread(judged)["p99"] < 1


def spread(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile of how long judges waited, in seconds, and how many marks that were."""
    ordered = sorted(seconds)
    return {
        "marks": len(ordered), "p50": round(ordered[len(ordered) // 2], 3), "p99": round(ordered[len(ordered) * 99 // 100], 3)
    }  # fmt: skip
