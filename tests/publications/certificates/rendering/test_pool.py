"""The pool and its processes: limits that hold, deaths that are named, and a fresh process after each."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.schemas import RenderRefused

EXHAUSTING = "tests.publications.certificates.rendering.exhausting"


@pytest.fixture
def misbehaving():
    def make(**options):
        return RenderPool(module=EXHAUSTING, **({"memory": 512 << 20, "cpu_seconds": 1, "timeout": 20.0} | options))

    return make


async def refusal(pool, one) -> str:
    with pytest.raises(RenderRefused) as refused:
        await pool.render(one)
    return refused.value.code


async def test_real_sheets_from_the_real_worker(faces, certificate):
    async with RenderPool(processes=2) as pool:
        alone = await pool.render(certificate())
        assert alone.startswith(b"%PDF-1.7")
        assert alone == await pool.render(certificate())
        assert await refusal(pool, certificate(recipients=("赵\U0002abcd",))) == "render.glyph"
        sheets = [certificate(), certificate(issuer="会" * 90), certificate(number="XCJS-2026-HG-0002")]
        results = [result async for result in pool.render_many(sheets)]
        assert [type(result) for result in results] == [bytes, RenderRefused, bytes]
        assert results[1].field == "issuer"
        both = await asyncio.gather(*(pool.render(certificate(tier=tier)) for tier in (1, 2, 3)))
        assert both[0] == alone
        assert len(set(both)) == 3


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("MEMORY", "render.memory"),
        ("PAGE", "render.memory"),
        ("CPU", "render.cpu"),
        ("SLEEP", "render.timeout"),
        ("ABORT", "render.crashed"),
    ],
)
async def test_a_bomb_is_named_and_the_next_sheet_is_printed(misbehaving, certificate, kind, code):
    options = (
        {"timeout": 2.0}
        if kind == "SLEEP"
        else {"cpu_seconds": 60, "timeout": 60.0, "memory": 320 << 20}
        if kind == "PAGE"
        else {}
    )
    async with misbehaving(**options) as pool:
        assert await pool.render(certificate(number="BEFORE")) == b"BEFORE"
        assert await refusal(pool, certificate(number=kind)) == code
        assert await pool.render(certificate(number="AFTER")) == b"AFTER"


async def test_each_document_has_its_own_processor_time(misbehaving, certificate):
    """The budget is counted from each document, not from the process's start."""
    async with misbehaving(cpu_seconds=2) as pool:  # half a second each: together three seconds
        assert [one async for one in pool.render_many([certificate(number="HALF")] * 6)] == [b"HALF"] * 6


async def test_a_worker_can_reach_nothing(misbehaving, certificate, monkeypatch):
    monkeypatch.setenv("GONGJIANG_SECRET_KEY", "never to be seen")
    monkeypatch.setenv("DATABASE_URL", "postgresql://never")
    async with misbehaving() as pool:
        assert await pool.render(certificate(number="NETWORK")) == b"Forbidden"
        assert await pool.render(certificate(number="PROGRAM")) == b"Forbidden"
        names = (await pool.render(certificate(number="ENVIRONMENT"))).decode().split()
        assert not {"GONGJIANG_SECRET_KEY", "DATABASE_URL"} & set(names)
        assert set(names) <= {
            "FONTCONFIG_FILE",
            "HOME",
            "LANG",
            "LC_CTYPE",
            "PATH",
            "PYTHONDONTWRITEBYTECODE",
            "PYTHONPATH",
            "TMPDIR",
            "XDG_CACHE_HOME",
        }


async def test_print_does_not_break_the_conversation(misbehaving, certificate):
    async with misbehaving() as pool:
        assert await pool.render(certificate(number="PRINT")) == b"PRINT"
        assert await pool.render(certificate(number="AFTER")) == b"AFTER"


async def until(true) -> None:
    """Wait for what another process does, up to a minute."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def test_a_process_killed_while_idle_is_replaced(misbehaving, certificate):
    async with misbehaving() as pool:
        await pool.render(certificate(number="BEFORE"))
        async with pool._process() as process:
            pid = process.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not process.usable)
        assert await pool.render(certificate(number="AFTER")) == b"AFTER"


async def test_a_caller_who_leaves_does_not_spoil_the_next_answer(misbehaving, certificate):
    async with misbehaving() as pool:
        waiting = asyncio.create_task(pool.render(certificate(number="SLEEP")))
        await asyncio.sleep(0.5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await pool.render(certificate(number="AFTER")) == b"AFTER"
        async for first in pool.render_many([certificate(number="1"), certificate(number="2")]):
            assert first == b"1"
            break
        assert await pool.render(certificate(number="3")) == b"3"


async def test_a_full_queue_is_refused_at_once(misbehaving, certificate):
    async with misbehaving(waiting=1, timeout=3.0) as pool:
        slow = asyncio.create_task(pool.render(certificate(number="SLEEP")))
        await asyncio.sleep(0.5)
        queued = asyncio.create_task(pool.render(certificate(number="QUEUED")))
        await asyncio.sleep(0.1)
        assert await refusal(pool, certificate(number="LATE")) == "render.busy"
        outcomes = await asyncio.gather(slow, queued, return_exceptions=True)
        assert isinstance(outcomes[0], RenderRefused)
        assert outcomes[0].code == "render.timeout"


async def test_a_closed_pool_refuses_and_leaves_no_process(misbehaving, certificate):
    pool = misbehaving()
    assert await refusal(pool, certificate(number="EARLY")) == "render.closed"
    async with pool:
        await pool.render(certificate(number="BEFORE"))
        async with pool._process() as process:
            pid, folder = process.pid, process._folder
    assert not any(map(os.path.exists, (f"/proc/{pid}", folder)))
    assert await refusal(pool, certificate(number="LATE")) == "render.closed"


async def test_a_worker_that_cannot_start_is_named(certificate):
    async with RenderPool(module="publications.certificates.rendering.nowhere") as pool:
        assert await refusal(pool, certificate()) == "render.crashed"


async def test_absent_fonts_are_named_at_the_start(certificate, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    async with RenderPool() as pool:
        assert await refusal(pool, certificate()) == "render.fonts"


async def test_closing_ends_a_process_that_is_still_at_work(misbehaving, certificate, monkeypatch):
    monkeypatch.setattr("publications.certificates.rendering.pool._STOP_SECONDS", 0.3)
    async with misbehaving() as pool:
        work = asyncio.create_task(pool.render(certificate(number="SLEEP")))
        await until(lambda: pool._live)
        (process,) = pool._live
    with pytest.raises(RenderRefused):
        await work
    assert not process.usable
