"""Public roll pages over fifty years × 300 entries: ``python -m tests.benchmarks.rolls`` prints the server's time of each page."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from datetime import date

PAGES = (
    "/honours", "/honours?q=zhao", "/honours?year=2001", "/honours?q=示例&county=341881", "/honours/rolls/2025-1",
    "/honours/statistics", "/honours/wall", "/api/v1/honours/rolls/2025-1",
)  # fmt: skip
YEARS, ENTRIES, ROUNDS = range(1976, 2026), 300, 20


async def fill() -> None:
    """Fifty rolls of three hundred synthetic people, straight into the tables."""
    from foundation.database import connection, fetch, transaction
    from foundation.database.columns import new_id
    from honours.rolls.publishing import ENTRY_COLUMNS, INSERT_SQL, names_of
    from registry.codes import regions
    from tests.honours.support import honour

    async with transaction():
        medal = await honour("bench-medal", "宣城市五一劳动奖章")
        for year in YEARS:
            roll, day = new_id(), date(year, 5, 1)
            await fetch(
                "INSERT INTO roll (id, code, title, year, organ, document_number, decided_on, sentence, composition, digest,"
                " published_at) VALUES ($1, $2, '宣城市五一劳动奖', $3, '示例', '', $4, '', '[]', '', now())",
                roll, f"{year}-1", year, day,
            )  # fmt: skip
            rows = []
            for n in range(ENTRIES):
                name = "赵钱孙李周吴郑王冯陈"[n % 10] + "立春雨水惊蛰清明谷雨小满芒种夏至小暑"[n % 18] + "示"
                one = dict.fromkeys(ENTRY_COLUMNS) | names_of("person", name, f"示例单位{n}") | {
                    "id": new_id(), "honour": medal, "roll": roll, "year": year, "conferred_on": day, "document_number": "",
                    "place": n + 1, "kind": "person", "name": name, "unit_name": f"示例单位{n}", "post": "示例技师",
                    "region": regions.COUNTIES[n % 7], "county_name": regions.REGIONS[regions.COUNTIES[n % 7]].zh,
                    "category": "industrial_worker", "unit_class": "", "flags": [], "listing": "regular", "posthumous": False,
                    "summary": "", "source": "import", "repeat": 0, "repeat_reason": "",
                }  # fmt: skip
                rows.append(tuple(one[c] for c in ENTRY_COLUMNS))
            await connection().executemany(INSERT_SQL, rows)
        await fetch("UPDATE roll_entry SET published_at = now()")
        await fetch("ANALYZE roll_entry")


async def measure(app) -> None:
    from tests.support.people import browser_for

    browser = browser_for(app)
    for path in PAGES:
        taken = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            answer = await browser.get(path)
            taken.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, (path, answer.status_code)
        print(f"{path:<40} median {statistics.median(taken):6.1f} ms   worst {max(taken):6.1f} ms")


async def main() -> None:
    import tests.conftest as house

    databases = house.Databases()
    url = await databases.new()
    os.environ["DATABASE_URL"] = url
    from foundation.database import engine
    from foundation.database.safe_engine import make_engine, parse_url
    from foundation.settings import settings
    from main import create_app

    settings.cache_clear()
    db = engine()
    db.config = make_engine(parse_url(url)).config
    await db.start_connection_pool(min_size=1, max_size=5)
    await fill()
    app = create_app()
    async with app.lifespan():
        await measure(app)
    await db.close_connection_pool()
    for name in databases.made:
        await house._drop(databases.server, name)


if __name__ == "__main__":
    asyncio.run(main())
