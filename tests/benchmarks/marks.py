"""Durable marks through HTTP beside the same rows written by bare asyncpg, on one server, in one run.

Both sides write, for each mark, one row of ``mark``, one of ``idempotency_key`` and one of ``trail_entry`` in one durable
transaction (``fsync`` and ``synchronous_commit`` on), over 16 connections, into sheets of one event. Rounds alternate, and
each ratio is the median over the rounds. Then whole sheets of 20 marks in one request, beside one mark a request.
Run: ``python -m tests.benchmarks.marks``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

import asyncpg

from tests.support import ROOT

CONNECTIONS = 16
ENTRIES, ASPECTS = 60, 20
ROUNDS, MARKS, SHEETS = 5, 100, 20
"""In each round each connection writes so many single marks, and so many sheets of 20."""
RULES = {
    "modules": [
        {"code": "m", "aspects": [{"code": f"P{n:02}", "kind": "points", "max": "100", "step": "0.5"} for n in range(ASPECTS)]}
    ],
    "ranking": [{"by": "total"}],
}  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Both ratios, one dict each: name, ratio, and the rates they were made of (marks per second)."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    from foundation.database import embedded
    from foundation.settings import default_data_dir

    folder = default_data_dir().with_name(default_data_dir().name + "-bench") / "postgres"
    embedded.start(folder, durable=True)
    server = {**embedded.address(folder), "user": "postgres"}
    name = f"bench_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(**server, database="postgres")
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP_ROLE):
            await admin.execute(f'CREATE ROLE "{embedded.APP_ROLE}" LOGIN')
        await admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        try:
            return await _measure(server, name)
        finally:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await admin.close()


async def _measure(server: dict[str, Any], name: str) -> list[dict[str, Any]]:
    from foundation.database import embedded
    from foundation.settings import settings
    from tests.support.live import live_server

    def url(user: str) -> str:
        return f"postgresql://{user}@/{name}?host={server['host']}&port={server['port']}"

    app = url(embedded.APP_ROLE)
    env = {
        **os.environ, "DATABASE_URL": app, "DATABASE_OWNER_URL": url("postgres"), "PICCOLO_CONF": "piccolo_conf",
        "GONGJIANG_SECRET_KEY": settings().secret_key,
        "GONGJIANG_PERSONAL_DATA_KEY": settings().personal_data_key, "GONGJIANG_TRAIL_KEY": settings().trail_key,
    }  # fmt: skip
    subprocess.run(  # noqa: ASYNC221 - nothing else runs yet
        [sys.executable, "-m", "foundation.database.migrate"],
        env={**env, "GONGJIANG_DATABASE_ROLE": "owner"}, cwd=ROOT, check=True,
    )  # fmt: skip
    owner = await asyncpg.connect(**server, database=name)
    durable = [
        await owner.fetchval(f"SHOW {setting}") for setting in ("fsync", "synchronous_commit", "full_page_writes")
    ]
    assert durable == ["on", "on", "on"], durable
    sheets = await _season(owner)
    bare = [await asyncpg.connect(app) for _ in range(CONNECTIONS)]
    workers = os.cpu_count() or 1
    hosts = "127.0.0.1,localhost"
    keys = {k: v for k, v in env.items() if k.startswith(("GONGJIANG_SECRET", "GONGJIANG_PERSONAL", "GONGJIANG_TRAIL"))}
    async with live_server(app, workers=workers, quiet=True, GONGJIANG_HOSTS=hosts, **keys) as address:
        port = int(address.rsplit(":", 1)[1])
        lines = [await _Line.open(port, sheet) for sheet in sheets]
        try:
            found = await _rounds(owner, bare, lines, sheets)
        finally:
            for line in lines:
                line.writer.close()
    written = await owner.fetchval("SELECT count(*) FROM mark")
    assert written == await owner.fetchval(
        "SELECT sum(jsonb_array_length(body::jsonb->'marks')) FROM trail_entry WHERE action = 'marks.entered'"
    )
    for connection in (*bare, owner):
        await connection.close()
    return _report(found, workers)


async def _rounds(owner: Any, bare: list[Any], lines: list[_Line], sheets: list[_Sheet]) -> dict[str, list[float]]:
    """Marks per second of each way, by round; the first round of each warms up and does not count."""

    def prepared(name: str, n: int) -> Awaitable[None]:
        if name == "bare":
            return _bare(bare[n], _rows(sheets[n]))
        size, count = (1, MARKS) if name == "one" else (20, SHEETS)
        return lines[n].send([lines[n].request([sheets[n].cell() for _ in range(size)]) for _ in range(count)])

    written = {"bare": MARKS, "one": MARKS, "sheet": SHEETS * 20}
    found: dict[str, list[float]] = {name: [] for name in written}
    for at in range(ROUNDS + 1):
        if at == 1:
            await owner.execute("ANALYZE")  # as autovacuum does once an event is under way
        for name, marks in written.items():
            work = [prepared(name, n) for n in range(CONNECTIONS)]
            started = time.perf_counter()
            await asyncio.gather(*work)
            if at:
                found[name].append(CONNECTIONS * marks / (time.perf_counter() - started))
    return found


def _report(found: dict[str, list[float]], workers: int) -> list[dict[str, Any]]:
    rate = {name: round(statistics.median(rates), 1) for name, rates in found.items()}

    def ratio(a: str, b: str) -> float:
        return round(statistics.median(x / y for x, y in zip(found[a], found[b], strict=True)), 3)

    shared = {"connections": CONNECTIONS, "workers": workers, "rounds": ROUNDS}
    return [
        {"name": "marks through HTTP / bare asyncpg", "ratio": ratio("one", "bare"), "wanted": ">= 0.4", **shared,
         "http_marks_per_s": rate["one"], "bare_marks_per_s": rate["bare"]},
        {"name": "20 marks a request / one mark a request", "ratio": ratio("sheet", "one"), "wanted": ">= 4", **shared,
         "sheet_marks_per_s": rate["sheet"], "http_marks_per_s": rate["one"]},
    ]  # fmt: skip


class _Sheet:
    """One judge's sheet and the cells that are still to be marked, in order."""

    def __init__(
        self, seat: uuid.UUID, event: uuid.UUID, account: uuid.UUID, token: str, entries: dict[str, uuid.UUID]
    ) -> None:
        self.seat, self.event, self.account, self.token, self.entries = seat, event, account, token, entries
        self.version = 0
        self._cells = iter(())

    def cell(self) -> tuple[str, str, int]:
        """The next (entry, aspect, base): every cell once, then every cell again with its next version."""
        for found in self._cells:
            return found
        base = self.version
        self.version += 1
        self._cells = iter([(entry, f"P{n:02}", base) for entry in self.entries for n in range(ASPECTS)])
        return next(self._cells)


async def _season(owner: Any) -> list[_Sheet]:
    """One event, 16 judges on one panel, signed in: plain rows."""
    from foundation.web.sessions import digest

    city, competition, event, rule_set, panel = (uuid.uuid4() for _ in range(5))
    await owner.execute(
        "INSERT INTO organisation (id, name, kind, region, ancestors) VALUES ($1, '示例总工会', 'city', '341800', ARRAY[$1]::uuid[])",
        city,
    )
    await owner.execute(
        "INSERT INTO competition (id, code, title, organiser, region, year, starts_on, ends_on, stage) VALUES ($1, 'bench', '示例竞赛', $2, '341800', 2026, '2026-04-17', '2026-04-18', 'open')",
        competition,
        city,
    )
    await owner.execute(
        "INSERT INTO event (id, competition, code, title, stage) VALUES ($1, $2, 'bench', '示例项目', 'judging')",
        event,
        competition,
    )
    await owner.execute(
        "INSERT INTO rule_set (id, event, number, rules) VALUES ($1, $2, 1, $3)", rule_set, event, json.dumps(RULES)
    )
    await owner.execute("UPDATE event SET rule_set = $2 WHERE id = $1", event, rule_set)
    await owner.execute(
        "INSERT INTO panel (id, event, title, aspects) VALUES ($1, $2, '实操', $3)",
        panel,
        event,
        [f"P{n:02}" for n in range(ASPECTS)],
    )
    entries = {f"A{n:03}": uuid.uuid4() for n in range(ENTRIES)}
    await owner.executemany(
        "INSERT INTO entry (id, event, code, name, stage) VALUES ($1, $2, $3, '示例队', 'accepted')",
        [(key, event, code) for code, key in entries.items()],
    )
    sheets = []
    for n in range(CONNECTIONS):
        account, seat, token = uuid.uuid4(), uuid.uuid4(), secrets.token_urlsafe(32)
        await owner.execute("INSERT INTO account (id, login, name) VALUES ($1, $2, '示例裁判')", account, f"bench-{n}")
        await owner.execute(
            "INSERT INTO role_grant (id, account, role, event) VALUES ($1, $2, 'judge', $3)",
            uuid.uuid4(),
            account,
            event,
        )
        await owner.execute(
            "INSERT INTO seat (id, panel, event, code, account, name) VALUES ($1, $2, $3, $4, $5, '示例裁判')",
            seat,
            panel,
            event,
            f"J{n:02}",
            account,
        )
        await owner.execute(
            "INSERT INTO session (digest, account, state) VALUES ($1, $2, 'signed_in')", digest(token), account
        )
        sheets.append(_Sheet(seat, event, account, token, entries))
    return sheets


def _rows(sheet: _Sheet) -> list[tuple[Any, ...]]:
    """The arguments of the three inserts for the next marks, made before the clock starts."""
    made = []
    for _ in range(MARKS):
        entry, aspect, base = sheet.cell()
        body = json.dumps({"marks": [[entry, aspect, base, "13.5"]], "seat": str(sheet.seat)})
        key = (uuid.uuid4(), sheet.account, hashlib.sha256(body.encode()).digest(), body)
        mark = (sheet.event, sheet.seat, sheet.entries[entry], aspect, base + 1, "13.5", Decimal("13.5"), sheet.account)
        made.append((key, mark, (sheet.account, sheet.seat, body)))
    return made


async def _bare(connection: Any, rows: list[tuple[Any, ...]]) -> None:
    """The same three rows of each mark, in one transaction each."""
    for key, mark, trail in rows:
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO idempotency_key (id, account, digest, status, answer, made_at) VALUES ($1, $2, $3, 200, $4, now())",
                *key,
            )
            await connection.execute(
                "INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, reason, marked_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', now())",
                *mark,
            )
            await connection.execute(
                "INSERT INTO trail_entry (at, actor, action, subject_kind, subject, body)"
                " VALUES (now(), $1, 'marks.entered', 'seat', $2, $3)",
                *trail,
            )


class _Line:
    """One kept-alive connection that sends requests of one judge: as little client as HTTP allows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, sheet: _Sheet) -> None:
        self.reader, self.writer = reader, writer
        import base64
        import hmac

        from foundation.web.sessions import COOKIE, _key, digest

        csrf = (
            base64.urlsafe_b64encode(hmac.new(_key(), digest(sheet.token), hashlib.sha256).digest())
            .decode()
            .rstrip("=")
        )
        self.head = (
            f"PUT /api/v1/sheets/{sheet.seat}/marks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE}={sheet.token}\r\n"
            f"X-CSRF-Token: {csrf}\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: "
        ).encode()

    @classmethod
    async def open(cls, port: int, sheet: _Sheet) -> _Line:
        return cls(*await asyncio.open_connection("127.0.0.1", port), port, sheet)

    def request(self, cells: list[tuple[str, str, int]]) -> bytes:
        """The bytes of one request."""
        marks = [{"entry": entry, "aspect": aspect, "value": "13.5", "base": base} for entry, aspect, base in cells]
        body = json.dumps({"key": str(uuid.uuid4()), "marks": marks}).encode()
        return self.head + str(len(body)).encode() + b"\r\n\r\n" + body

    async def send(self, requests: list[bytes]) -> None:
        """One request after the other; an answer other than 200 ends the benchmark."""
        for request in requests:
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            answer = await self.reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{head.splitlines()[0]!r}: {answer[:400]!r}")


if __name__ == "__main__":
    for result in run():
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
