"""The registry at the city's size: bringing in 340,203 workers, and finding one among them; ratios of the same run.

Import: checking and writing an xlsx through the command line, beside calamine reading the same file plus ``COPY`` of rows that
stand ready; the memory is that of all processes of the import together. Search: the whole page, from request to HTML, beside
the plain statements (all that match, sorted and counted) run bare on the same database, and beside its own. Run: ``python -m tests.benchmarks.registry``.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg

from tests.support import ROOT
from tests.support.databases import Own, own_database

WORKERS, ORGANISATIONS = 340_203, 6_226
ROUNDS = 7
QUERIES = (
    "张立春", "王霜降", "欧阳", "立春", "惊蛰", "谷雨", "甲子", "李丙寅", "尉迟", "司马小满", "白露", "冬至",
    "zhanglichun", "lichun", "ouyang", "zlc", "wsj", "linmang", "zhuge", "dashu", "王", "陈", "wang", "huanglidong", "w", "zh", "ng", "en",
)  # fmt: skip
READ = """
import sys, time
from python_calamine import CalamineWorkbook
start = time.perf_counter()
count = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())
print(time.perf_counter() - start)
"""


def run() -> list[dict[str, Any]]:
    """Both lines: {"name", "ratio", …}; times in seconds (search: milliseconds), memory in MiB."""
    return asyncio.run(_run())


async def _run() -> list[dict[str, Any]]:
    from foundation.settings import settings

    async with own_database() as own:
        os.environ.update(own.env)
        settings.cache_clear()
        from foundation.database import engine

        await engine().start_connection_pool(min_size=2, max_size=6)
        try:
            return [await _bring_in(own), await _find(own)]
        finally:
            await engine().close_connection_pool()


async def _bring_in(own: Own) -> dict[str, Any]:
    from commands.roster import _write_organisations, checked_of
    from foundation.database import transaction
    from registry.synthetic.organisations import make_organisations
    from registry.synthetic.people import make_workers
    from registry.synthetic.roster import write_roster

    city = make_organisations(ORGANISATIONS, WORKERS)
    async with transaction():
        ids, _ = await _write_organisations(city)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        count = write_roster(path, make_workers(city), city)
        people = ((checked_of(one), *ids[one.organisation]) for one in make_workers(city))
        copying = await _copy_ready(own, people)
        command = [sys.executable, "-m", "commands.cli", "roster", "import", str(path)]
        reading = _reading(path)
        checking, peak_check = _measured([*command, "--check"], own)
        writing, peak_write = _measured(command, own)
    return {
        "name": "roster_import", "ratio": round((checking + writing) / (reading + copying), 2), "at_most": 4,
        "workers": count, "check_s": round(checking, 1), "write_s": round(writing, 1),
        "calamine_s": round(reading, 1), "copy_s": round(copying, 1),
        "peak_mib": round(max(peak_check, peak_write)), "peak_at_most_mib": 1024,
    }  # fmt: skip


def _reading(path: Path) -> float:
    """Seconds that calamine takes for the file, in a process of its own."""
    told = subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True)
    return float(told.stdout)


async def _copy_ready(own: Own, people: Any) -> float:
    """Seconds that ``COPY`` alone takes for rows that stand ready; the tables are empty before and after."""
    from itertools import islice

    from foundation import clock
    from foundation.database import transaction
    from registry.workers import bulk

    now, took = await clock.now(), 0.0
    async with transaction():
        while batch := list(islice(people, 4_000)):
            lines = bulk.lines_of(batch, now)
            start = time.perf_counter()
            await bulk.copy_lines(lines)
            took += time.perf_counter() - start
    start = time.perf_counter()
    owner = await asyncpg.connect(own.owner)
    try:
        await owner.execute("TRUNCATE worker, subject_key, employment CASCADE")
    finally:
        await owner.close()
    return took


def _measured(command: list[str], own: Own) -> tuple[float, float]:
    """(seconds, peak MiB of the process and all its children), sampled twenty times a second."""
    import psutil

    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=own.env, stdout=subprocess.DEVNULL)
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            try:
                family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
                peak = max(peak, sum(_resident(one) for one in family))
            except psutil.Error:
                continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    took = time.perf_counter() - start
    done.set()
    watcher.join()
    if status:
        raise RuntimeError(f"{command} ended with {status}")
    return took, peak / 1024 / 1024


def _resident(process: Any) -> int:
    """Proportional memory: pages that processes share count once."""
    import psutil

    try:
        return process.memory_full_info().pss
    except (psutil.Error, AttributeError):
        return 0


async def _find(own: Own) -> dict[str, Any]:
    from foundation.database import fetchval
    from main import create_app
    from tests.support.people import House

    await _tidy(own)
    house = House()
    house.organisations["city"] = await fetchval("SELECT id FROM organisation WHERE kind = 'city'")
    officer = await house.person("bench", "city_officer", at="city")
    os.environ.setdefault("GONGJIANG_HOSTS", "testserver.local,127.0.0.1,localhost")
    from foundation.settings import settings

    settings.cache_clear()
    from foundation.web.sessions import COOKIE, open_session

    get = _getter(create_app(), f"{COOKIE}={await open_session(officer.account, state='signed_in')}")
    pages: list[float] = []
    bares: list[float] = []
    plains: list[float] = []
    ratios: list[float] = []
    for q in QUERIES:
        statements = await _statements_of(get, q)
        page, bare = [], []
        for _ in range(ROUNDS):
            page.append(await _timed(lambda q=q: get(q)))
            plains.append(await _timed(lambda q=q: _plain(q)))
            bare.append(await _timed(lambda s=statements: _replay(s)))
        pages += page
        bares += bare
        ratios.append(statistics.median(page) / statistics.median(bare))
    return {
        "name": "worker_search", "ratio": round(sum(pages) / sum(plains), 2), "at_most": 1.5,
        "ratio_to_own_sql": round(sum(pages) / sum(bares), 2), "ratio_by_query": {q: round(ratio, 2) for q, ratio in zip(QUERIES, ratios, strict=True)},
        "page_ms_p50": _ms(statistics.median(pages)), "page_ms_p95": _ms(_p95(pages)),
        "sql_ms_p50": _ms(statistics.median(bares)), "sql_ms_p95": _ms(_p95(bares)),
        "added_ms_p50": _ms(statistics.median(pages) - statistics.median(bares)), "workers": await fetchval("SELECT count(*) FROM worker"),
    }  # fmt: skip


async def _tidy(own: Own) -> None:
    """What autovacuum does within a minute or two of so large an import; the application's role may not."""
    owner = await asyncpg.connect(own.owner)
    try:
        await owner.execute("VACUUM ANALYZE worker", timeout=300)
        await owner.execute("VACUUM ANALYZE organisation", timeout=60)
        await owner.execute("VACUUM ANALYZE subject_key", timeout=60)
    finally:
        await owner.close()


def _getter(app: Any, cookie: str) -> Callable[[str], Awaitable[None]]:
    """The page from request to its last byte, asked of the application as a server does: a client's own work is not in it."""
    headers = [(b"host", b"testserver.local"), (b"cookie", cookie.encode()), (b"accept", b"text/html")]

    async def get(q: str) -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
            "path": "/registry/workers", "raw_path": b"/registry/workers", "root_path": "", "headers": headers,
            "query_string": urlencode({"q": q}).encode(), "client": ("127.0.0.1", 1), "server": ("testserver.local", 443),
        }  # fmt: skip
        got: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            got.append(message)

        await app(scope, receive, send)
        if got[0]["status"] != 200 or b"</html>" not in got[1]["body"]:
            raise RuntimeError(f"the page answered {got[0]['status']}")

    return get


async def _statements_of(get: Callable[[str], Awaitable[None]], q: str) -> list[tuple[str, Any]]:
    """The list's own statements with their parameters, as the page sends them."""
    from foundation.database import connection, transaction

    seen: list[tuple[str, Any]] = []

    def note(record: Any) -> None:
        if "FROM worker" in record.query or "worker w" in record.query:
            seen.append((record.query, record.args))

    async with transaction():
        connection().add_query_logger(note)
        try:
            await get(q)
        finally:
            connection().remove_query_logger(note)
    return seen


async def _plain(q: str) -> None:
    """What anybody would write: all that match, sorted, counted in the same pass; no way round for broad words."""
    import msgspec

    from registry.workers.queries import LIST

    plain = msgspec.structs.replace(LIST, lead=None)
    await plain.fetch(plain.ask({"q": q}))


async def _replay(statements: list[tuple[str, Any]]) -> None:
    from foundation.database import fetch

    for sql, args in statements:
        await fetch(sql, *args)


async def _timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    await act()
    return time.perf_counter() - start


def _p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line, ensure_ascii=False))
