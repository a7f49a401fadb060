"""Achievements: told once by each source, corrected by telling again, withdrawn but never lost (H77)."""

from __future__ import annotations

import uuid
from datetime import date

import msgspec
import pytest

from foundation.database import fetchval
from foundation.errors import Refusal
from registry.achievements.operations import record, withdraw
from registry.achievements.queries import of_organisation, of_workers
from registry.achievements.schemas import Achieved


def fact(**changes) -> Achieved:
    base = {
        "holder_name": "示例甲", "kind": "competition", "title": "示例竞赛 数控车工", "achieved_on": date(2026, 4, 18),
        "source_kind": "result", "source": uuid.uuid4(), "rank": 1, "facts": {"total": "91.25"},
    }  # fmt: skip
    return Achieved(**{**base, **changes})


async def test_telling_again_corrects_and_never_doubles(house):
    jia = house.organisations["jia"]
    first = fact(organisation=jia)
    made = await record(None, first)
    again = await record(None, msgspec.structs.replace(first, rank=2, award="二等奖"))
    assert again == made
    (one,) = await of_organisation(jia)
    assert (one.rank, one.award, one.facts) == (2, "二等奖", {"total": "91.25"})


async def test_one_source_may_tell_several_holders(house):
    source = uuid.uuid4()
    for unit in ("jia", "yi"):
        await record(None, fact(organisation=house.organisations[unit], source=source))
    assert await fetchval("SELECT count(*) FROM achievement") == 2
    assert await withdraw(None, source=source, reason="成绩更正") == 2
    assert await withdraw(None, source=source, reason="成绩更正") == 0


async def test_what_was_withdrawn_stays_marked_does_not_count_and_is_told_upwards(house):
    jia = house.organisations["jia"]
    one = fact(organisation=jia)
    await record(None, one)
    await withdraw(None, source=one.source, reason="取消资格")
    assert await of_organisation(jia, withdrawn=False) == []
    (kept,) = await of_organisation(jia)
    assert kept.withdrawn_at is not None
    assert kept.withdrawn_reason == "取消资格"
    assert await fetchval("SELECT count(*) FROM outbox_event WHERE name = 'achievement.withdrawn'") == 1
    await record(None, one)  # told anew: it counts again
    assert len(await of_organisation(jia, withdrawn=False)) == 1


async def test_an_achievement_belongs_to_somebody(db):
    with pytest.raises(Refusal) as refused:
        await record(None, fact())
    assert refused.value.code == "achievement_without_holder"


async def test_a_rolled_back_result_leaves_no_achievement(house):
    from foundation.database import transaction

    with pytest.raises(RuntimeError):
        async with transaction():
            await record(None, fact(organisation=house.organisations["jia"]))
            raise RuntimeError
    assert await fetchval("SELECT count(*) FROM achievement") == 0
    assert await of_workers([uuid.uuid4()]) != {}
