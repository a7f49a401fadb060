"""The bulk lane (SECURITY 15): ≤ 64 MB, ≤ 400 MB unzipped, all rows checked, one transaction, memory under 1 GiB.

The workbook is read in a process of its own, pieces are prepared in a pool, and this process only passes bytes: it asks
which people are registered already, sees doubles, and copies. One faulty row and nothing is written.
"""

from __future__ import annotations

import asyncio
import contextvars
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import aclosing
from pathlib import Path

import asyncpg
import msgspec

from foundation import clock, trail
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, Refusal
from foundation.settings import ROOT
from foundation.sheets import reader as cells
from foundation.sheets.opening import check_container
from foundation.web.policy import Actor
from registry.permissions import Permission
from registry.rosters import preparing
from registry.rosters.preparing import Fault, Piece, Unit
from registry.workers import bulk
from registry.workers.sheet import SHEET

MOST_BYTES = 64 * 1024 * 1024
MOST_UNZIPPED = 400 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_FAULTS = 1_000
IN_FLIGHT = 4
PIECE = 4_000
Progress = Callable[[int, int, str], Awaitable[None]]


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it. ``faults`` are the first thousand; nothing was written where ``fault_count`` is not 0."""

    rows: int = 0
    written: int = 0
    passed_over: int = 0
    fault_count: int = 0
    faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        self.fault_count += len(faults)
        self.faults = [*self.faults, *faults][:MOST_FAULTS] if faults else self.faults


async def _quiet(done: int, total: int, message: str) -> None:
    """Nobody watches."""


async def import_workers(
    path: Path, actor: Actor | None, *, write: bool, skip_known: bool = False, progress: Progress = _quiet
) -> Outcome:
    """Check a roster, and with ``write`` write it: everybody or nobody.

    ``actor`` None is the command line: every unit of the city. ``skip_known`` passes over who is registered already instead
    of refusing. Raises ``Refusal`` for what is no roster, ``Conflict`` where somebody was registered meanwhile.
    """
    look_into(path)
    units = await _units(actor)
    outside = contextvars.copy_context()  # progress is told outside the transaction, else nobody could see it

    async def tell(done: int, message: str) -> None:
        await asyncio.create_task(_as_coroutine(progress(done, 0, message)), context=outside)

    if not write:
        return await _run(path, units, tell, write=False, skip_known=skip_known)
    try:
        async with transaction():
            await fetch("SET LOCAL idle_in_transaction_session_timeout = '120s'")
            outcome = await _run(path, units, tell, write=True, skip_known=skip_known)
            if outcome.fault_count:
                raise _Faulty(outcome)
            body = {"rows": outcome.rows, "written": outcome.written}
            await trail.record(actor, "roster.imported", "roster", None, body)
            return outcome
    except _Faulty as faulty:
        faulty.outcome.written = 0
        return faulty.outcome
    except asyncpg.UniqueViolationError:
        raise Conflict("row_registered_meanwhile", "表中有人刚刚被登记：一行也没有写入，请刷新后核对") from None


def look_into(path: Path) -> None:
    """Size and zip directory against the bulk lane's own caps; refuses as ``check_container``."""
    with path.open("rb") as file:
        check_container(file, path.stat().st_size, most_bytes=MOST_BYTES, most_unzipped=MOST_UNZIPPED)


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable


class _Faulty(Exception):
    """Ends the transaction without a trace."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


async def _units(actor: Actor | None) -> dict[str, Unit]:
    """Open units by union code, within the actor's scope."""
    scope = None if actor is None else list(Permission.BULK_IMPORT.scope(actor))
    rows = await fetch(
        "SELECT union_code, id, region, unit_type FROM organisation WHERE union_code IS NOT NULL AND closed_at IS NULL"
        " AND ($1::uuid[] IS NULL OR ancestors && $1)",
        scope,
    )
    return {row["union_code"]: (row["id"], row["region"], row["unit_type"]) for row in rows}


async def _run(
    path: Path, units: dict[str, Unit], tell: Callable[[int, str], Awaitable[None]], *, write: bool, skip_known: bool
) -> Outcome:
    outcome = Outcome()
    seen: dict[bytes, int] = {}
    some_known = bool(await fetchval("SELECT EXISTS (SELECT 1 FROM worker)"))
    async with aclosing(pieces_of(path)) as pieces:
        head = await anext(pieces, None)
        places = _head(head)
        begin = (units, places, await clock.today(), await clock.now(), write)
        with _pool(begin) as pool:
            async for piece in _prepared(pool, _with_head(head, pieces)):
                outcome.rows += piece.rows
                outcome.add(piece.faults)
                passed = await _settle(piece, outcome, seen, some_known=some_known, skip_known=skip_known)
                if write and piece.lines is not None and not outcome.fault_count:
                    await bulk.copy_lines(piece.lines.without(passed))
                    outcome.written += len(piece.indexes) - len(passed)
                await tell(outcome.rows, "")
    if not outcome.rows:
        raise Refusal("sheet_no_rows", "表格里没有数据", field="file")
    return outcome


async def _settle(
    piece: Piece, outcome: Outcome, seen: dict[bytes, int], *, some_known: bool, skip_known: bool
) -> set[int]:
    """Doubles within the file, and who is registered already; returns the places of those that are passed over."""
    known = await bulk.known_indexes(piece.indexes) if some_known and piece.indexes else set()
    faults: list[Fault] = []
    passed: set[int] = set()
    for place, (number, index) in enumerate(zip(piece.numbers, piece.indexes, strict=True)):
        short = index[:12]
        if short in seen:
            told = Refusal("row_twice", "与第 {row} 行是同一个身份证号", row=seen[short]).text()
            faults.append(Fault(row=number, title="身份证号", message=told, rule="I1"))
        elif index in known and not skip_known:
            told = Refusal("row_registered", "已登记过，请从表中删去这一行").text()
            faults.append(Fault(row=number, title="身份证号", message=told, rule="I1"))
        elif index in known:
            passed.add(place)
        seen.setdefault(short, number)
    outcome.add(faults)
    outcome.passed_over += len(passed)
    return passed


def _head(body: bytes | None) -> dict[str, int]:
    """Where the columns stand; refuses as :meth:`foundation.sheets.Sheet.places`, and a roster without the unit's code."""
    _first, rows = msgspec.msgpack.decode(body, type=tuple[int, list[list[str]]]) if body else (1, [])
    if not rows or not any(rows[0]):
        raise Refusal("sheet_no_rows", "表格里没有数据", field="file")
    places = SHEET.places(rows[0])
    if "union_code" not in places:
        raise Refusal(
            "sheet_columns", "表头与模板不符——缺少：{missing}；多余或重复：{unknown}。请用下载的模板填写", field="file",
            missing=SHEET.field("union_code").title, unknown="—",
        )  # fmt: skip
    return places


async def _with_head(head: bytes | None, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    first, rows = msgspec.msgpack.decode(head or b"", type=tuple[int, list[list[str]]])
    if len(rows) > 1:
        yield msgspec.msgpack.encode((first + 1, rows[1:]))
    async for body in rest:
        yield body


async def pieces_of(path: Path) -> AsyncGenerator[bytes, None]:
    """Pieces from the reading process; refuses what it cannot read."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry.rosters.reader", str(path), str(MOST_ROWS), str(PIECE),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=1 << 20,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        while True:
            try:
                length = int.from_bytes(await process.stdout.readexactly(4), "big")
                if not length:
                    return
                yield await process.stdout.readexactly(length)
            except asyncio.IncompleteReadError:
                status = await process.wait()
                if status == cells.LOCKED:
                    raise Refusal("sheet_encrypted", "表格设了打开密码：请取消密码后再上传", field="file") from None
                if status == cells.BROKEN:
                    raise Refusal(
                        "sheet_broken", "文件已损坏，无法打开：请用 Excel 或 WPS 打开后另存为 xlsx", field="file"
                    ) from None
                raise Refusal(
                    "sheet_too_long", "表格超过 {most} 行或内容过多：请分成几份", field="file", most=MOST_ROWS
                ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class _pool(ProcessPoolExecutor):
    """Fresh processes, as many as cores but no more than two: PostgreSQL works at the same time."""

    def __init__(self, begin: tuple) -> None:
        super().__init__(
            max_workers=min(2, os.cpu_count() or 1), mp_context=multiprocessing.get_context("spawn"),
            initializer=preparing.begin, initargs=begin,
        )  # fmt: skip

    def __exit__(self, *exception: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)


async def _prepared(pool: ProcessPoolExecutor, pieces: AsyncIterator[bytes]) -> AsyncIterator[Piece]:
    """Pieces made ready, in order, at most ``IN_FLIGHT`` at once so that memory stays bounded."""
    waiting: deque[Future[Piece]] = deque()
    async for body in pieces:
        waiting.append(pool.submit(preparing.prepare, body))
        if len(waiting) >= IN_FLIGHT:
            yield await asyncio.wrap_future(waiting.popleft())
    while waiting:
        yield await asyncio.wrap_future(waiting.popleft())
