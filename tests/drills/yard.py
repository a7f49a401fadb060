"""The drill yard: a PostgreSQL of its own that may be killed, a site over it, judges who write, and the reckoning.

Everything listens on sockets of this machine only; every process is ended by its own id. A writer keeps what the site
acknowledged; whatever was not acknowledged it sends again under the same key, as the judge's desk does. Afterwards each
acknowledged mark must stand in the database exactly once, with one row of the trail for each request.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import psutil

from foundation.database import embedded
from foundation.settings import default_data_dir
from foundation.web.sessions import COOKIE, _key, digest
from tests.support import ROOT
from tests.support.live import free_port

FOLDER = default_data_dir().with_name(default_data_dir().name + "-drills") / "postgres"
LOG = FOLDER.with_name("site.log")
"""What the drilled site said; look here when a drill fails."""
JUDGES, ENTRIES, ASPECTS = 8, 25, 20
RULES = {
    "modules": [
        {"code": "m", "aspects": [{"code": f"P{n:02}", "kind": "points", "max": "100", "step": "0.5"} for n in range(ASPECTS)]}
    ],
    "ranking": [{"by": "total"}],
}  # fmt: skip
START = "import sys; from pathlib import Path; from foundation.database import embedded\n"
START += "embedded.start(Path(sys.argv[1]), durable=True, stop_at_exit=False)"


class Postgres:
    """The drill's own server: started, stopped, killed, frozen."""

    async def start(self) -> dict[str, Any]:
        """Start it, after a kill too; returns asyncpg's arguments for its owner."""
        for attempt in range(20):  # what a killed server leaves in shared memory goes with its last process
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", START, str(FOLDER), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            if await process.wait() == 0:
                return {**embedded.address(FOLDER), "user": "postgres"}
            await asyncio.sleep(0.25 * (attempt + 1))
        raise RuntimeError(f"the drill's server does not start; see {FOLDER / 'log'}")

    def processes(self) -> list[psutil.Process]:
        """The postmaster and all its children."""
        try:
            first = psutil.Process(int((FOLDER / "postmaster.pid").read_text().splitlines()[0]))
            return [first, *first.children(recursive=True)] if "postgres" in first.name() else []
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return []

    def signal_all(self, sign: int) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.send_signal(sign)

    async def kill(self) -> None:
        """kill -9 of every process at once: what was only in shared memory is gone."""
        doomed = self.processes()
        assert doomed, "nothing to kill"
        for process in doomed:
            with contextlib.suppress(psutil.Error):
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, doomed, 10)

    async def stop(self) -> None:
        """A fast shutdown, as a restart of the service does."""
        running = self.processes()
        if running:
            running[0].send_signal(signal.SIGINT)
            await asyncio.to_thread(psutil.wait_procs, running, 20)


class Site:
    """The application server, as ``gongjiang run`` starts it."""

    def __init__(self, url: str, *, workers: int = 1) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ, "DATABASE_URL": url, "GONGJIANG_PORT": str(self.port), "GONGJIANG_PUBLIC_URL": self.address,
            "GONGJIANG_HOSTS": "127.0.0.1", "GONGJIANG_WORKERS": str(workers),
        }  # fmt: skip
        self.command = [
            sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "main:create_app", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", str(workers), "--no-access-log", "--log-level", "error", "--backpressure",
            "512", "--workers-kill-timeout", "10",
        ]  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with LOG.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.env, stderr=log)  # noqa: ASYNC220
        await self.ready(30)

    async def ready(self, seconds: float) -> float:
        """Wait until it answers with the database behind it; returns how long that took."""
        began = time.monotonic()
        async with httpx.AsyncClient(timeout=2) as client:
            while time.monotonic() - began < seconds:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(self.address + "/readyz")).status_code == 200:
                        return time.monotonic() - began
                await asyncio.sleep(0.05)
        raise AssertionError(f"the site was not back within {seconds} s")

    async def kill(self) -> None:
        """kill -9 of the parent and every worker process."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        doomed = [parent, *parent.children(recursive=True)]
        for process in doomed:
            with contextlib.suppress(psutil.Error):
                process.kill()
        await asyncio.to_thread(self.process.wait, 10)
        await asyncio.to_thread(psutil.wait_procs, doomed[1:], 10)

    async def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                await asyncio.to_thread(self.process.wait, 15)
            except subprocess.TimeoutExpired:
                await self.kill()


class Judge:
    """Somebody who enters one mark after another, and knows which of them the site said it has."""

    def __init__(self, seat: uuid.UUID, token: str) -> None:
        self.seat, self.token = seat, token
        self.acknowledged: dict[str, tuple[str, str, int, str]] = {}
        self.again = 0
        self.seconds: list[float] = []
        self.other: dict[int, int] = {}
        self._cells = (
            (f"A{e:03}", f"P{a:02}", base) for base in range(1000) for e in range(ENTRIES) for a in range(ASPECTS)
        )
        csrf = base64.urlsafe_b64encode(hmac.new(_key(), digest(token), hashlib.sha256).digest()).decode().rstrip("=")
        self.headers = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf, "Accept": "application/json"}

    async def work(self, site: Site, stop: asyncio.Event) -> None:
        """Mark until told to stop; the last mark is brought to an end."""
        async with httpx.AsyncClient(timeout=20, headers=self.headers) as client:
            number = 0
            while not stop.is_set():
                entry, aspect, base = next(self._cells)
                number += 1
                await self._bring(client, site, entry, aspect, base, f"{(number % 200) * 5 / 10:g}")

    async def _bring(
        self, client: httpx.AsyncClient, site: Site, entry: str, aspect: str, base: int, value: str
    ) -> None:
        key = str(uuid.uuid4())
        body = {"key": key, "marks": [{"entry": entry, "aspect": aspect, "value": value, "base": base}]}
        began = time.monotonic()
        while time.monotonic() - began < 60:
            sent = time.monotonic()
            try:
                answer = await client.put(f"{site.address}/api/v1/sheets/{self.seat}/marks", json=body)
            except httpx.TransportError:
                self.again += 1
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 200:
                self.seconds.append(time.monotonic() - sent)
                self.acknowledged[key] = (entry, aspect, base + 1, value)
                return
            self.other[answer.status_code] = self.other.get(answer.status_code, 0) + 1
            if answer.status_code != 503:
                raise AssertionError(f"{answer.status_code}: {answer.text[:300]}")
            assert "retry-after" in answer.headers, "a 503 that does not say when to try again"
            self.again += 1
            await asyncio.sleep(0.2)
        raise AssertionError("a mark was not taken within a minute")


class Reckoning:
    """What stands in the database beside what was acknowledged."""

    def __init__(
        self, acknowledged: int, lost: int, changed: int, duplicated: int, trail: tuple[str, ...], again: int
    ) -> None:
        self.acknowledged, self.lost, self.changed, self.duplicated = acknowledged, lost, changed, duplicated
        self.trail, self.again = trail, again

    def line(self, drill: str, **more: Any) -> str:
        """One JSON line for people."""
        shown = {"drill": drill, "acknowledged": self.acknowledged, "lost": self.lost, "duplicated": self.duplicated}
        return json.dumps(
            {**shown, "changed": self.changed, "trail_faults": len(self.trail), "sent_again": self.again, **more}
        )


class Yard:
    """One drill's database, its judges, and the address of each role."""

    def __init__(self, postgres: Postgres, server: dict[str, Any], name: str) -> None:
        self.postgres, self.server, self.name = postgres, server, name
        self.judges: list[Judge] = []

    def url(self, user: str) -> str:
        return f"postgresql://{user}@/{self.name}?host={self.server['host']}&port={self.server['port']}"

    async def owner(self) -> asyncpg.Connection:
        return await asyncpg.connect(**self.server, database=self.name)

    @asynccontextmanager
    async def working(self, site: Site) -> AsyncIterator[None]:
        """All judges write meanwhile; on leaving each brings its last mark to an end. A judge's failure is the drill's."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(judge.work(site, stop)) for judge in self.judges]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def reckon(self) -> Reckoning:
        """Count: every acknowledged mark once, as it was sent; one trail row and one key for each request; seals whole."""
        await self._seal()
        owner = await self.owner()
        try:
            rows = await owner.fetch(
                "SELECT m.seat, n.code, m.aspect, m.version, m.value FROM mark m JOIN entry n ON n.id = m.entry"
            )
            keys = {str(row["id"]) for row in await owner.fetch("SELECT id FROM idempotency_key")}
            trailed = await owner.fetchval("SELECT count(*) FROM trail_entry WHERE action = 'marks.entered'")
        finally:
            await owner.close()
        stored: dict[tuple[Any, ...], list[str]] = {}
        for row in rows:
            stored.setdefault((row["seat"], row["code"], row["aspect"], row["version"]), []).append(row["value"])
        lost = changed = 0
        for judge in self.judges:
            for key, (entry, aspect, version, value) in judge.acknowledged.items():
                found = stored.get((judge.seat, entry, aspect, version), [])
                lost += not found or key not in keys
                changed += bool(found) and found != [value]
        acknowledged = sum(len(judge.acknowledged) for judge in self.judges)
        extra = max(0, len(rows) - acknowledged) + abs(trailed - len(keys)) + abs(len(rows) - len(keys))
        again = sum(judge.again for judge in self.judges)
        return Reckoning(acknowledged, lost, changed, extra, await self._trail_faults(), again)

    async def _seal(self) -> None:
        code = "import asyncio\nfrom foundation.trail.sealing import seal_waiting\n"
        code += "async def all():\n    while await seal_waiting(): pass\nasyncio.run(all())"
        await self._ours("-c", code)

    async def _trail_faults(self) -> tuple[str, ...]:
        said = await self._ours("-m", "commands.cli", "verify-trail", expect=(0, 1))
        return tuple(line for line in said.splitlines() if line.startswith("- "))

    async def _ours(self, *arguments: str, expect: tuple[int, ...] = (0,)) -> str:
        """A command of ours over this database; returns what it said on standard error."""
        env = {**os.environ, "DATABASE_URL": self.url(embedded.APP_ROLE), "DATABASE_OWNER_URL": self.url("postgres")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        _out, said = await process.communicate()
        assert process.returncode in expect, said.decode()[-2000:]
        return said.decode()


@asynccontextmanager
async def open_yard() -> AsyncIterator[Yard]:
    """A durable server, a migrated database with one event and its judges; the database is dropped, the server stopped."""
    postgres = Postgres()
    server = await postgres.start()
    name = f"drill_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(**server, database="postgres")
    if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP_ROLE):
        await admin.execute(f'CREATE ROLE "{embedded.APP_ROLE}" LOGIN')
    await admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    durable = [await admin.fetchval(f"SHOW {s}") for s in ("fsync", "synchronous_commit", "full_page_writes")]
    assert durable == ["on", "on", "on"]
    await admin.close()
    yard = Yard(postgres, server, name)
    try:
        await yard._ours("-m", "commands.cli", "migrate")
        owner = await yard.owner()
        yard.judges = await _season(owner)
        await owner.close()
        yield yard
    finally:
        postgres.signal_all(signal.SIGCONT)
        server = await postgres.start()
        admin = await asyncpg.connect(**server, database="postgres")
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()
        await postgres.stop()


async def _season(owner: asyncpg.Connection) -> list[Judge]:
    """One event in judging, one panel, so many judges signed in: plain rows, invented names."""
    city, competition, event, rule_set, panel = (uuid.uuid4() for _ in range(5))
    aspects = [f"P{n:02}" for n in range(ASPECTS)]
    for sql, *values in (
        ("INSERT INTO organisation (id, name, kind, region, ancestors) VALUES ($1, '示例总工会', 'city', '341800', ARRAY[$1]::uuid[])", city),
        ("INSERT INTO competition (id, code, title, organiser, region, year, starts_on, ends_on, stage) VALUES ($1, 'drill', '示例竞赛', $2, '341800', 2026, '2026-04-17', '2026-04-18', 'open')", competition, city),
        ("INSERT INTO event (id, competition, code, title, stage) VALUES ($1, $2, 'drill', '示例项目', 'judging')", event, competition),
        ("INSERT INTO rule_set (id, event, number, rules) VALUES ($1, $2, 1, $3)", rule_set, event, json.dumps(RULES)),
        ("UPDATE event SET rule_set = $2 WHERE id = $1", event, rule_set),
        ("INSERT INTO panel (id, event, title, aspects) VALUES ($1, $2, '实操', $3)", panel, event, aspects),
    ):  # fmt: skip
        await owner.execute(sql, *values)
    for n in range(ENTRIES):
        await owner.execute(
            "INSERT INTO entry (id, event, code, name, stage) VALUES ($1, $2, $3, '示例队', 'accepted')",
            uuid.uuid4(), event, f"A{n:03}",
        )  # fmt: skip
    judges = []
    for n in range(JUDGES):
        account, seat, token = uuid.uuid4(), uuid.uuid4(), secrets.token_urlsafe(32)
        await owner.execute("INSERT INTO account (id, login, name) VALUES ($1, $2, '示例裁判')", account, f"judge-{n}")
        await owner.execute(
            "INSERT INTO role_grant (id, account, role, event) VALUES ($1, $2, 'judge', $3)",
            uuid.uuid4(),
            account,
            event,
        )
        await owner.execute(
            "INSERT INTO seat (id, panel, event, code, account, name) VALUES ($1, $2, $3, $4, $5, '示例裁判')",
            seat, panel, event, f"J{n:02}", account,
        )  # fmt: skip
        await owner.execute(
            "INSERT INTO session (digest, account, state) VALUES ($1, $2, 'signed_in')", digest(token), account
        )
        judges.append(Judge(seat, token))
    return judges
