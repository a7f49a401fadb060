"""The round that most of these tests start from."""

from __future__ import annotations

from dataclasses import dataclass

import pytest_asyncio

from foundation.clock import moved_to
from foundation.web.policy import Actor
from tests.honours.nominations import support
from tests.support.people import House


@dataclass
class People:
    """Who is there: the unit's contact, a colleague, the neighbour's contact, officers of both counties and the city."""

    qian: Actor
    sun: Actor
    zhou: Actor
    xuanzhou: Actor
    ningguo: Actor
    city: Actor


async def people_of(house: House) -> People:
    return People(
        qian=await house.person("qian", "enterprise_contact", at="jia"),
        sun=await house.person("sun", "enterprise_contact", at="jia"),
        zhou=await house.person("zhou", "enterprise_contact", at="yi"),
        xuanzhou=await house.person("li", "county_officer", at="xuanzhou"),
        ningguo=await house.person("wu", "county_officer", at="ningguo"),
        city=await house.person("zheng", "city_officer", at="city"),
    )


@pytest_asyncio.fixture
async def at_noon(db):
    """All of the test happens on 14 April 2026, with the year's working days known."""
    await support.calendar_2026()
    async with moved_to(support.NOW):
        yield


@pytest_asyncio.fixture
async def people(house: House) -> People:
    return await people_of(house)


@pytest_asyncio.fixture
async def round_(house: House, at_noon) -> support.Round:
    return await support.Round(house).build()
