"""The job while it is at work: several processes, faults on their own sheets, cancelled midway and taken up again."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from foundation.database import fetch, fetchval
from foundation.errors import Conflict
from foundation.jobs import worker
from foundation.settings import settings
from publications.certificates import operations, rendering_job
from publications.certificates.papers import claim_of
from publications.certificates.proof.signing import SignerProcess
from publications.certificates.rendering.pool import RenderPool
from tests.publications.certificates.support import PREFIX, issue, order
from tests.publications.certificates.test_killed import children_of, gone, until
from tests.support.people import House

BROKEN = "赵\U000e0041春"
"""A name with a character that may stand on no certificate."""


async def rows_of(source) -> list[Any]:
    return await fetch("SELECT * FROM certificate WHERE source = $1 ORDER BY number", source)


async def test_two_processes_make_each_sheet_once_and_faults_stay_on_theirs(db):
    source, _job = await issue(None, [order(f"p{n}", BROKEN if n in (1, 7) else "赵立春") for n in range(8)])
    rows = await rows_of(source)
    async with SignerProcess(settings()) as signer, RenderPool(processes=2) as pool:
        press = rendering_job.Press(signer, pool, 2)
        await press.know_templates(rows)
        made = {row["number"]: (pdf, credential) async for row, pdf, credential in press.make(rows)}
        assert len(pool._live) == 2
    assert sorted(made) == [row["number"] for row in rows]
    assert [number for number, (pdf, _) in sorted(made.items()) if not isinstance(pdf, bytes)] == [
        f"{PREFIX}-0002", f"{PREFIX}-0008",
    ]  # fmt: skip
    assert all(credential for pdf, credential in made.values() if isinstance(pdf, bytes))
    assert {row["number"]: claim_of(row).holder for row in rows}[f"{PREFIX}-0001"] == "赵立春"


async def test_more_processes_than_sheets(db):
    source, _job = await issue(None, [order("one")])
    rows = await rows_of(source)
    async with SignerProcess(settings()) as signer, RenderPool(processes=4) as pool:
        press = rendering_job.Press(signer, pool, 4)
        await press.know_templates(rows)
        assert [row["number"] async for row, _pdf, _credential in press.make(rows)] == [f"{PREFIX}-0001"]


async def test_a_renderer_that_dies_ends_the_making_by_name_and_leaves_nothing_behind(db):
    source, _job = await issue(None, [order(f"d{n}") for n in range(30)])
    rows = await rows_of(source)
    async with SignerProcess(settings()) as signer, RenderPool(processes=2) as pool:
        press = rendering_job.Press(signer, pool, 2)
        await press.know_templates(rows)
        seen = 0
        with pytest.raises(Exception, match="排版进程意外退出"):
            async for _made in press.make(rows):
                seen += 1
                if seen == 3:
                    next(iter(pool._live))._process.kill()
        assert 3 <= seen < 30
    assert {row["state"] for row in await rows_of(source)} == {"numbered"}


async def test_cancelled_midway_what_was_made_stays_and_the_rest_is_made_later(committed):
    """The person asks to stop while sheets are being set; no process of the job outlives it."""
    before = children_of(os.getpid())
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    source, job = await issue(None, [order(f"c{n}") for n in range(60)])
    assert job is not None
    working = asyncio.create_task(worker.do_job(job))

    async def far_enough() -> bool:
        return await fetchval("SELECT count(*) FROM certificate WHERE state = 'valid'") >= 5

    await until(far_enough)
    here = children_of(os.getpid()) - before
    await fetch("UPDATE job SET cancel_asked = true WHERE id = $1", job)
    async with asyncio.timeout(180):
        await working
    assert await fetchval("SELECT state FROM job WHERE id = $1", job) == "cancelled"
    made = [row["file"] for row in await rows_of(source) if row["state"] == "valid"]
    assert 5 <= len(made) < 60
    assert await fetchval("SELECT done FROM job WHERE id = $1", job) == len(made)
    assert all(gone(one) for one in here)
    again = await operations.render_source_again(qian, source)
    with pytest.raises(Conflict):
        await operations.render_source_again(qian, source)  # it waits already
    await worker.do_job(again)
    rows = await rows_of(source)
    assert {row["state"] for row in rows} == {"valid"}
    assert set(made) <= {row["file"] for row in rows}
    assert await fetchval("SELECT count(*) FROM stored_file") == 60


def test_as_many_processes_as_processors_but_four_at_most():
    assert settings().render_processes == 0
    assert rendering_job.processes() == min(4, len(os.sched_getaffinity(0)))
