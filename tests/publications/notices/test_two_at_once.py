"""Two people at the same notice, the same series, the same objection: one of them is first (real commits)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec

from foundation import clock
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, Refusal, Refusals, Stale
from publications.notices import operations, sheet
from publications.notices.objections import operations as objections
from publications.notices.objections import retention
from publications.notices.objections.schemas import ObjectionForm, StepForm
from publications.notices.rules import ends_at
from tests.publications.notices.support_notices import at, calendar_2026, order, person
from tests.support.people import House


async def attempt(what, moment="2026-04-27 08:30") -> Any:
    """One person's whole transaction; what was refused, by its class."""
    try:
        async with transaction(), clock.moved_to(at(moment)):
            return await what()
    except (Refusal, Refusals) as refused:
        return refused


async def test_two_officers_open_the_same_draft(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "city_officer", at="city")
    made = await operations.draft_notice(qian, order(house, series="宣示工"))
    last = date(2026, 5, 6)
    outcomes = await asyncio.gather(
        *(attempt(lambda who=who: operations.open_draft(who, made, last_day=last, version=1)) for who in (qian, sun))
    )
    assert sorted(isinstance(o, Conflict | Stale) for o in outcomes) == [False, True]
    assert await fetchval("SELECT count(*) FROM notice_text WHERE notice = $1", made) == 1
    assert await fetchval("SELECT last FROM notice_series WHERE code = '宣示工'") == 1


async def test_eight_openings_take_eight_numbers_without_a_gap(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    await asyncio.gather(
        *(attempt(lambda: operations.open_notice(qian, order(house, series="宣示工"))) for _n in range(8))
    )
    numbers = {row["number"] for row in await fetch("SELECT number FROM notice")}
    assert numbers == {f"宣示工〔2026〕{n}号" for n in range(1, 9)}


async def test_one_withdraws_while_another_extends(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "city_officer", at="city")
    made = await attempt(lambda: operations.open_notice(qian, order(house)))
    outcomes = await asyncio.gather(
        attempt(lambda: operations.withdraw(qian, made, "示例：单位名称有误"), "2026-04-28 09:00"),
        attempt(lambda: operations.extend(sun, made, days=7, reason="示例：推迟刊登"), "2026-04-28 09:00"),
    )
    stage, last = (await fetch("SELECT stage, last_day FROM notice WHERE id = $1", made))[0]
    assert stage == "withdrawn"
    assert outcomes[0] is None
    assert last == (date(2026, 5, 6) if isinstance(outcomes[1], Refusal) else date(2026, 5, 8))


async def test_two_officers_conclude_the_same_objection_differently(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "city_officer", at="city")
    made = await attempt(lambda: operations.open_notice(qian, order(house)))
    form = msgspec.convert({**person(), "honest": True}, ObjectionForm)
    await attempt(lambda: objections.object_publicly(made, form, None))
    objection = await fetchval("SELECT id FROM notice_objection")
    for version, action in ((1, "accept"), (2, "verify")):
        await attempt(lambda a=action, v=version: objections.take_step(qian, objection, StepForm(action=a, version=v)))
    words = {"text": "示例依据充分可查", "signed_by": "冯立夏", "version": 3}
    outcomes = await asyncio.gather(
        attempt(lambda: objections.take_step(qian, objection, StepForm(action="uphold", **words))),
        attempt(lambda: objections.take_step(sun, objection, StepForm(action="dismiss", **words))),
    )
    assert sorted(isinstance(o, Refusal) for o in outcomes) == [False, True]
    kept = await fetch("SELECT action FROM notice_objection_step WHERE objection = $1 AND signed_by <> ''", objection)
    assert len(kept) == 1
    outcome = await fetchval("SELECT outcome FROM notice_objection WHERE id = $1", objection)
    assert {"uphold": "upheld", "dismiss": "dismissed"}[kept[0]["action"]] == outcome


async def test_two_workers_end_a_notice_once(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    made = await attempt(lambda: operations.open_notice(qian, order(house)))
    over = ends_at(date(2026, 5, 6)).isoformat(sep=" ", timespec="minutes")[:16]
    ended = await asyncio.gather(*(attempt(operations.end_due, over) for _n in range(3)))
    assert sum(ended) == 1
    assert await fetchval("SELECT count(*) FROM outbox_event WHERE name = 'notice.ended'") == 1
    assert await fetchval("SELECT ended_at FROM notice WHERE id = $1", made) == ends_at(date(2026, 5, 6))


async def test_two_workers_make_one_sheet(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with transaction(), clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(qian, order(house))
    await asyncio.gather(sheet.make(made), sheet.make(made))
    assert await fetchval("SELECT count(*) FROM notice_paper WHERE notice = $1", made) == 1
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'notice.sealed'") == 1


async def test_two_workers_erase_once(committed):
    house = await House().build()
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with transaction(), clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(qian, order(house))
        await objections.object_publicly(made, msgspec.convert({**person(), "honest": True}, ObjectionForm), None)
    objection = await fetchval("SELECT id FROM notice_objection")
    for action, more in (("decline", {}), ("tell", {"how": "phone", "on_day": "2026-04-27"})):
        version = await fetchval("SELECT version FROM notice_objection WHERE id = $1", objection)
        form = {"action": action, "version": version, "text": "不属于受理范围。", **more}
        async with transaction(), clock.moved_to(at("2026-04-27 10:00")):
            await objections.take_step(qian, objection, msgspec.convert(form, StepForm))
    later = await clock.now() + timedelta(days=4000)

    async def erase() -> int:
        async with transaction(), clock.moved_to(later):
            return await retention.erase_due()

    assert sum(await asyncio.gather(erase(), erase(), erase())) == 1
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'objection.erased'") == 1
