"""Bringing ten thousand honours of past years into the ledger, in a registry of 60,000 workers; a ratio of the same run.

Preview (upload: read, match with the registry, check, keep) and confirmation (check again, write), beside calamine reading the same
file plus ``COPY`` of the rows that came of it. Run: ``python -m tests.benchmarks ledger``.
"""

from __future__ import annotations

import asyncio
import io
import os
import statistics
import time
from typing import Any

from tests.support.databases import own_database

ROWS, WORKERS, ORGANISATIONS, ROUNDS = 10_000, 60_000, 2_000, 3
LINKED = 3 / 4
"""The part of the rows that name somebody of the registry."""
HEAD = ["荣誉名称", "表彰日期", "姓名或名称", "所在单位", "职务或岗位", "县市区", "文号", "人员类别"]


def run() -> dict[str, Any]:
    """One line: {"name", "ratio", …}, times in seconds."""
    return asyncio.run(_run())


async def _run() -> dict[str, Any]:
    from foundation.settings import settings

    async with own_database() as own:
        os.environ.update(own.env)
        settings.cache_clear()
        from foundation.database import engine

        await engine().start_connection_pool(min_size=2, max_size=6)
        try:
            return await _measured()
        finally:
            await engine().close_connection_pool()


async def _measured() -> dict[str, Any]:
    from foundation.database import fetch, fetchval
    from foundation.sheets import uploads
    from honours.rolls.importing import SHEET

    officer = await _city()
    body = await _sheet()
    previews, confirms, bares = [], [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        upload = await uploads.receive(officer, SHEET, body, file_name="往年.xlsx", scope=None)
        shown = await uploads.find_for(officer, SHEET, upload)
        previews.append(time.perf_counter() - start)
        if shown.fault_count or shown.row_count != ROWS:
            raise RuntimeError(f"{shown.fault_count} faulty of {shown.row_count} rows")
        start = time.perf_counter()
        written = await uploads.confirm(officer, SHEET, upload)
        confirms.append(time.perf_counter() - start)
        if written != await fetchval("SELECT count(*) FROM roll_entry"):
            raise RuntimeError("not every row was written")
        bares.append(_reading(body) + await _copying())
        await fetch("DELETE FROM roll_entry")
        await fetch("DELETE FROM ledger_import")
    preview, confirm, bare = map(statistics.median, (previews, confirms, bares))
    return {
        "name": "ledger_import", "ratio": round((preview + confirm) / bare, 2), "at_most": 4, "rows": ROWS,
        "preview_s": round(preview, 2), "confirm_s": round(confirm, 2), "calamine_and_copy_s": round(bare, 2),
    }  # fmt: skip


async def _city() -> Any:
    """A synthetic city with the shipped catalogue; its officer."""
    from commands.roster import generate
    from foundation.database import fetch, fetchval
    from honours.catalogue.operations import ship_catalogue
    from tests.support.people import House

    await generate(WORKERS, ORGANISATIONS, seed=7)
    await ship_catalogue(None)
    for table in ("worker", "organisation", "employment"):
        await fetch(f"ANALYZE {table}")
    house = House()
    house.organisations["city"] = await fetchval("SELECT id FROM organisation WHERE kind = 'city'")
    return await house.person("bench", "city_officer", at="city")


async def _sheet() -> bytes:
    """The rows as an officer has them: three of four name somebody of the registry who is the only one of the name there."""
    from openpyxl import Workbook

    from foundation.database import fetch

    people = await fetch(
        "SELECT w.name, o.unit_name, w.post FROM worker w JOIN organisation o ON o.id = w.organisation"
        " WHERE o.unit_name <> '' AND NOT EXISTS (SELECT 1 FROM worker x WHERE x.organisation = w.organisation"
        "   AND x.name = w.name AND x.id <> w.id) ORDER BY w.id LIMIT $1",
        int(ROWS * LINKED),
    )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("往年荣誉")
    sheet.append(HEAD)
    for n in range(ROWS):
        year = 1990 + n % 30
        known = people[n] if n < len(people) else None
        sheet.append([
            "宣城市五一劳动奖章", f"{year}-04-26", known["name"] if known else f"赵示例{n}",
            known["unit_name"] if known else f"示例旧厂{n % 900}", known["post"] if known else "钳工", "宣州区",
            f"宣工〔{year}〕8号", "产业工人",
        ])  # fmt: skip
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _reading(body: bytes) -> float:
    """Seconds that calamine takes for the file."""
    from python_calamine import CalamineWorkbook

    start = time.perf_counter()
    count = sum(1 for _ in CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).iter_rows())
    took = time.perf_counter() - start
    if count != ROWS + 1:
        raise RuntimeError(f"calamine read {count} rows")
    return took


async def _copying() -> float:
    """Seconds that ``COPY`` takes for the same entries, standing ready, under their own indexes; they are gone afterwards."""
    from foundation import clock
    from foundation.database import fetch, transaction
    from foundation.database.columns import new_id
    from honours.rolls.copying import COLUMNS, lines_of
    from registry.workers.bulk import copy_text

    held = await fetch("SELECT * FROM roll_entry")
    ready = lines_of([{**dict(one), "id": new_id()} for one in held], await clock.now())
    await fetch("DELETE FROM roll_entry")
    async with transaction():
        start = time.perf_counter()
        await copy_text("roll_entry", COLUMNS, ready)
        return time.perf_counter() - start
