"""Which boards somebody sees listed: an official those of the own events, an officer those within the scope."""

from __future__ import annotations

from uuid import uuid4

from competitions.judging.boards import waiting_count, watched
from competitions.judging.obstacles import missing_marks
from foundation.web.navigation import asked
from tests.competitions import support


async def test_an_official_sees_the_own_events_only(db, house, browse):
    stage = await support.event(house)
    chief = await house.person("zhang", "chief_judge", event=stage.event)
    stranger = await house.person("li", "chief_judge", event=uuid4())
    assert [event.id for event in await watched(chief)] == [stage.event]
    assert await asked(waiting_count(chief)) == 1
    assert await watched(stranger) == []
    shown = await (await browse(chief)).get("/boards")
    assert f"/events/{stage.event}/board" in shown.text
    assert f"/events/{stage.event}/board" not in (await (await browse(stranger)).get("/boards")).text


async def test_an_officer_sees_the_scope(db, house):
    stage = await support.event(house)
    city = await house.person("zhou", "city_officer", at="city")
    other = await house.person("wu", "county_officer", at="ningguo")
    assert [event.id for event in await watched(city)] == [stage.event]
    assert await watched(other) == []


async def test_every_seat_counts_as_missing_whatever_the_minimum(db, house):
    stage = await support.event(house)
    await support.entry(house, stage, "A01")
    await support.panel(house, stage, "实操", ["P1"], ["J1", "J2", "J3"])  # its minimum is 2
    assert await missing_marks(stage.event) == 3
