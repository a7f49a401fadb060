"""``gongjiang run`` with the embedded server: killed without a word, nothing of it stays, and the next start just works."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from foundation.database import embedded
from tests.drills.yard import FOLDER, LOG
from tests.support import ROOT
from tests.support.live import free_port

DATA = FOLDER.with_name("run")


class House:
    """One ``gongjiang run`` over a data folder of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DATABASE_OWNER_URL")}
        self.env = {**kept, "GONGJIANG_DATA_DIR": str(DATA), "GONGJIANG_PORT": str(self.port), "GONGJIANG_WORKERS": "2"}
        self.env["GONGJIANG_STORAGE_URL"] = (DATA / "files").as_uri()

    async def start(self) -> tuple[subprocess.Popen[bytes], float]:
        """Start it; returns the process and the seconds until it was ready."""
        began = time.monotonic()
        with LOG.open("ab") as log:
            process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, "-m", "commands.cli", "run"], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )
        async with httpx.AsyncClient(timeout=2) as client:
            while time.monotonic() - began < 90:
                assert process.poll() is None, f"it ended at its start; see {LOG}"
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200:
                        return process, round(time.monotonic() - began, 1)
                await asyncio.sleep(0.1)
        raise AssertionError("not ready within 90 s")


async def gone(processes: list[psutil.Process], seconds: float) -> list[str]:
    """What of these still runs after so long."""
    _ended, alive = await asyncio.to_thread(psutil.wait_procs, processes, seconds)
    return [f"{p.pid} {' '.join(p.cmdline())[:120]}" for p in alive]


def ours(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its children and theirs, but not the database server, which is found again."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "postgres" not in child.name()]


@pytest.fixture
async def house():
    made = House()
    yield made
    if embedded.is_running(DATA / "postgres"):
        server = psutil.Process(int((DATA / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        server.send_signal(signal.SIGINT)
        await gone([server], 20)


async def test_killed_started_again_and_ended_in_order(house, capsys):
    first, _ = await house.start()
    children = ours(first)
    assert len(children) >= 3, "a worker, the server's parent and its processes"
    first.kill()
    first.wait()
    assert await gone(children, 15) == []

    second, again = await house.start()
    children = ours(second)
    granian = next(c for c in psutil.Process(second.pid).children() if "granian" in " ".join(c.cmdline()))
    held = granian.children(recursive=True)
    granian.kill()  # only the server's parent: its processes must not hold the port for ever
    assert await gone(held, 15) == []
    assert await gone(children, 15) == []
    await asyncio.to_thread(second.wait, 15)

    third, once_more = await house.start()
    children = ours(third)
    third.send_signal(signal.SIGTERM)
    began = time.monotonic()
    await asyncio.to_thread(third.wait, 25)
    took = round(time.monotonic() - began, 1)
    assert await gone(children, 1) == []
    with capsys.disabled():
        shown = {"drill": "gongjiang run killed", "seconds_until_ready": [again, once_more], "seconds_to_end": took}
        print("\n" + json.dumps(shown))
    assert took <= 12
    assert not embedded.is_running(DATA / "postgres"), "whoever started it stops it, whatever was killed before"
