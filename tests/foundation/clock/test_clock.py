"""Time that tests and the demonstration can move, and the calendar that deadlines rest on."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from foundation import clock, working_days
from foundation.clock import operations
from foundation.database import fetchval
from foundation.errors import Conflict, Refusal


async def test_now_is_the_transaction_time_and_moves_for_this_transaction_only(db):
    real = await fetchval("SELECT now()")
    assert await clock.now() == real
    async with clock.moved_to(datetime(2026, 4, 14, 6, 36, tzinfo=UTC)):
        assert await clock.now() == datetime(2026, 4, 14, 6, 36, tzinfo=UTC)
        assert await clock.today() == date(2026, 4, 14)
    assert await clock.now() == real


async def test_shanghai_has_its_own_midnight(db):
    async with clock.moved_to(datetime(2026, 4, 14, 16, 30, tzinfo=UTC)):
        assert await clock.today() == date(2026, 4, 15)


async def test_a_year_that_was_never_filled_is_refused(db):
    with pytest.raises(Refusal) as refused:
        await clock.calendar({2026, 2027})
    assert refused.value.code == "calendar_missing"
    assert "2026、2027" in refused.value.text()


async def test_a_filled_year_answers_the_acceptance_example(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    await operations.fill_year(qian, 2026)
    calendar = await clock.calendar({2026})
    assert working_days.last_day(date(2026, 4, 27), 5, calendar, years={2026}) == date(2026, 5, 6)  # A4
    with pytest.raises(Conflict):
        await operations.fill_year(qian, 2026)


async def test_an_amended_day_counts_at_once(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    await operations.fill_year(qian, 2026)
    await operations.set_day(qian, date(2026, 4, 28), "off", "示例临时放假")
    assert working_days.last_day(date(2026, 4, 27), 5, await clock.calendar({2026}), years={2026}) == date(2026, 5, 7)
    await operations.set_day(qian, date(2026, 4, 28), "plain", "")
    assert working_days.last_day(date(2026, 4, 27), 5, await clock.calendar({2026}), years={2026}) == date(2026, 5, 6)


async def test_the_calendar_page_is_the_city_officers(db, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    li = await house.person("li", "enterprise_contact", at="jia")
    officer = await browse(qian)
    refused = await officer.submit("/calendar", {"year": "1999"})
    assert refused.status_code == 422
    assert "不能小于 2004" in refused.text
    assert (await officer.submit("/calendar", {"year": "2026"})).status_code == 303
    shown = await officer.get("/calendar/2026")
    assert "国庆节" in shown.text
    assert (await (await browse(li)).get("/calendar/2026")).status_code == 403
