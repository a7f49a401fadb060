"""The round that these tests start from, on the day of the decision."""

from __future__ import annotations

import pytest_asyncio

from foundation.clock import moved_to
from tests.honours.support import DECIDED, Ready
from tests.support.people import House


@pytest_asyncio.fixture
async def ready(house: House):
    """Everybody noticed, the notice over, on 24 April 2026."""
    async with moved_to(DECIDED):
        yield await Ready(house).build()


@pytest_asyncio.fixture
async def ready_ledger(house: House):
    """An officer, two titles, and one entry of 2023 in the ledger."""
    from tests.honours.support import held, honour

    first = await honour("reference-a", "示例荣誉甲")
    await honour("reference-b", "示例荣誉乙")
    await held(first, "赵立春", unit_name="示例丙单位")
    return await house.person("zheng", "city_officer", at="city")
