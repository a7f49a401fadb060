"""PostgreSQL restarted and frozen under a working site; more visitors than the house holds."""

from __future__ import annotations

import asyncio
import json
import signal
import time

import httpx
import pytest

from foundation.database.embedded import APP_ROLE
from foundation.web.protection import IN_FLIGHT_LIMIT
from tests.drills.yard import Site, open_yard

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
    assert max(waits) < 15
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())


async def test_ten_times_too_many_visitors(yard, site, capsys):
    """The public is told to wait; judges go on; afterwards everything is as before."""
    crowd = 10 * IN_FLIGHT_LIMIT["public"]
    ends = time.monotonic() + 5
    answers: dict[str, int] = {}

    async def visitor(client: httpx.AsyncClient) -> None:
        while time.monotonic() < ends:
            try:
                answer = await client.get(site.address + "/verify")
                kind = str(answer.status_code)
                if answer.status_code == 503:
                    assert int(answer.headers["retry-after"]) > 0
            except httpx.TransportError as why:
                kind = type(why).__name__
            answers[kind] = answers.get(kind, 0) + 1

    limits = httpx.Limits(max_connections=crowd, max_keepalive_connections=crowd)
    async with yard.working(site), httpx.AsyncClient(timeout=30, limits=limits) as client:
        await asyncio.gather(*(visitor(client) for _ in range(crowd)))
    judged = sorted(second for judge in yard.judges for second in judge.seconds)
    found = await yard.reckon()
    async with httpx.AsyncClient(timeout=10) as client:
        after = [(await client.get(site.address + "/verify")).status_code for _ in range(20)]
    with capsys.disabled():
        p = {n: round(judged[min(len(judged) - 1, len(judged) * n // 100)], 2) for n in (50, 95, 99)}
        print(
            "\n"
            + found.line("10x overload", answers=json.dumps(answers), judges_seconds=p, judges_told_to_wait=found.again)
        )
    assert answers.get("503", 0) > 0, "the house was never full: this drill proves nothing"
    assert answers.get("200", 0) > 0
    assert set(answers) <= {"200", "503"}, answers
    assert set(after) == {200}
    assert (found.lost, found.changed, found.duplicated, found.trail) == (0, 0, 0, ())
