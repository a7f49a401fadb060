"""A real server on a loopback port over a database of its own: for browsers, server-sent events and drills."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.support import ROOT


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def live_server(database_url: str, *, workers: int = 1, quiet: bool = False, **env: str):
    """Serve the application over ``database_url``; yields its address, ends the process afterwards.

    ``quiet`` throws its log away (a benchmark's would drown the terminal).
    Further settings as keyword arguments: ``live_server(url, GONGJIANG_DEMO="1")``.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    full = {
        **os.environ, "DATABASE_URL": database_url, "GONGJIANG_PORT": str(port), "GONGJIANG_PUBLIC_URL": address, **env
    }  # fmt: skip
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "main:create_app", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(workers), "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=full)  # noqa: ASYNC220 - returns at once
    try:
        await _ready(address, process)
        yield address
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 12)
        except subprocess.TimeoutExpired:
            process.kill()


async def _ready(address: str, process: subprocess.Popen[Any]) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError("the server ended at its start")
            try:
                if (await client.get(address + "/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not get ready")
