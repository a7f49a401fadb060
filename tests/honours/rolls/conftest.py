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
