"""演示赛季: the demonstration season of 2026. Synthetic people; the real regions, trades and proportions of the city.

Everything is done through the same operations that people use, at the season's own times. The season's clock stands at
14 April 2026, 14:36, whenever it is started, and runs on from there; it never goes back behind what was done in it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time

from commands.season import (
    accounts,
    city,
    clock_of_season,
    contests,
    documents,
    honours,
    last_year,
    notices,
    past_honours,
    studios,
    trips,
)
from foundation.database import engine, fetchval
from foundation.web.application import open_pool


async def _load(*, whole_city: bool) -> bool:
    """Load what is missing; returns whether anything was loaded."""
    await open_pool(size=6)
    try:
        loaded = False
        if not await fetchval("SELECT 1 FROM organisation LIMIT 1"):
            loaded = True
            luck = random.Random("season 2026")  # noqa: S311 - reproducible invention, no secret
            await _step("组织、职工、账号", city.load(luck))
            await _step("竞赛", contests.load(luck))
            await _step("往年荣誉", past_honours.load(luck))
            await _step("上年五一劳动奖", last_year.load(luck))
            await _step("五一劳动奖评选", honours.load(luck))
            await _step("劳模疗休养", trips.load())
            await _step("创新工作室", studios.load(random.Random("studios 2026")))  # noqa: S311
            await _step("公示", notices.load())
            await _step("公文", documents.load())
        if whole_city:
            from commands.season.whole_city import load_whole_city

            await _step("全市职工", load_whole_city())
        await clock_of_season.anchor()
        return loaded
    finally:
        await engine().close_connection_pool()


async def _step(name: str, work) -> None:
    started = time.monotonic()
    print(f"  演示赛季 · {name} …", end="", flush=True)
    await work
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def load(*, city: bool = False) -> bool:
    """Load the season into an empty database; in a loaded one only set its clock."""
    logging.getLogger("piccolo").setLevel(logging.WARNING)
    _register_handlers()
    return asyncio.run(_load(whole_city=city))


def _register_handlers() -> None:
    from main import create_app

    create_app()


def print_accounts() -> None:
    """One line for each role: login, password, and where one is needed the second factor's current code and seed."""
    asyncio.run(accounts.show())


__all__ = ["load", "print_accounts"]
