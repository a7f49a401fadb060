"""What a person or a unit holds, as the other parts ask (H10, H12, H77)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

from honours.rolls.ledger import held_by_units, held_by_workers
from tests.honours.support import counted, held, honour, worker


async def test_people_hold_what_they_were_given_and_revoked_ones_say_so(house):
    medal = await honour("city-may1-medal", "宣城市五一劳动奖章", family="may1_medal", treatment="")
    province = await honour("province-may1-medal", "安徽省五一劳动奖章", level="province", family="may1_medal")
    zhao, qian = await worker(house, "赵立春"), await worker(house, "钱雨水", at="yi")
    await held(medal, "赵立春", worker=zhao)
    await held(
        province, "赵立春", worker=zhao, year=2025, conferred_on=date(2025, 4, 27), document_number="皖工〔2025〕3号"
    )
    await held(medal, "钱雨水", worker=qian, revoked_at=datetime(2024, 1, 2, tzinfo=UTC), repeat=None)
    nobody = uuid4()

    with counted() as asked:
        found = await held_by_workers([zhao, qian, nobody])
        await asyncio.sleep(0)  # the driver tells its loggers a turn later

    assert len(asked) == 1
    assert [(h.code, h.level, h.year, h.document_number, h.revoked) for h in found[zhao]] == [
        ("province-may1-medal", "province", 2025, "皖工〔2025〕3号", False),
        ("city-may1-medal", "city", 2023, "宣工〔2023〕9号", False),
    ]
    assert found[nobody] == []
    assert [h.revoked for h in found[qian]] == [True]
    assert {h.kind for h in found[zhao]} == {"person"}


async def test_units_hold_their_own_and_their_teams_but_not_their_peoples(house):
    flag = await honour("city-pioneer", "宣城市工人先锋号", kind="team", family="pioneer")
    plate = await honour("city-may1-certificate", "宣城市五一劳动奖状", kind="unit")
    medal = await honour("city-may1-medal", "宣城市五一劳动奖章")
    jia = house.organisations["jia"]
    zhao = await worker(house, "赵立春")
    await held(flag, "示例甲厂焊接一班", kind="team", organisation=jia, team_key="焊接一班")
    await held(plate, "示例甲厂", kind="unit", organisation=jia, team_key="", year=2020, conferred_on=date(2020, 5, 1))
    await held(medal, "赵立春", worker=zhao, organisation=jia)

    found = await held_by_units([jia, house.organisations["yi"]])

    assert [(h.code, h.kind, h.name) for h in found[jia]] == [
        ("city-pioneer", "team", "示例甲厂焊接一班"),
        ("city-may1-certificate", "unit", "示例甲厂"),
    ]
    assert found[house.organisations["yi"]] == []
