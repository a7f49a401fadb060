"""The bundle that is assembled of an event's rows."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET

from competitions.permissions import Permission
from competitions.programme.bundles import bundle_of
from competitions.programme.queries import event_for, rules_of
from competitions.scoring.bundle import Adjustment, Mark
from competitions.scoring.reading import check
from competitions.scoring.standings import standings
from foundation.database import connection, fetch
from foundation.errors import NotFound, Refusal
from tests.competitions import support

FULL = {
    "A01": {"T": ["80"], "P1": ["50", "51"], "P2": ["2", "3"]},
    "A02": {"T": ["90"], "P1": ["40", "41.5"], "P2": ["3", "3"]},
    "A03": {"T": ["70"], "P1": ["55", "55"], "P2": ["1", "2"]},
}


async def test_a_house_event_is_a_valid_bundle_that_scores(house):
    stage = await support.standard(house)
    await support.mark_all(stage, FULL)
    bundle = await bundle_of(stage.event)
    assert check(bundle) == []
    assert [entry.code for entry in bundle.entries] == ["A01", "A02", "A03"]
    first = bundle.entries[0]
    assert (first.organisation, first.members) == ("宣州区示例甲机械制造有限公司", ("示例选手1",))
    assert first.status is first.guest is first.values is first.group is UNSET
    # A01: T 80 · P1 (50+51)/2 = 50.50 · P2 2.5/3×40 = 33.33 → practice 83.83 → 24 + 58.681 = 82.68
    rows = {row.entry: row for row in standings(bundle).rows}
    assert rows["A01"].total == "82.68"


async def test_the_newest_mark_counts_and_one_taken_back_is_gone(house):
    stage = await support.standard(house)
    await support.mark(stage, "A01", "T", "J1", "80")
    await support.mark(stage, "A01", "T", "J1", "81.5", version=2)
    await support.mark(stage, "A02", "T", "J1", "77")
    await support.mark(stage, "A02", "T", "J1", None, version=2)
    marks = (await bundle_of(stage.event)).marks
    assert marks == (Mark(entry="A01", aspect="T", judge="J1", value="81.5"),)


async def test_only_accepted_and_numbered_entries_are_in_it(house):
    stage = await support.standard(house, entries=1)
    await support.entry(house, stage, "A08", entry_stage="withdrawn")
    await support.entry(house, stage, None)
    await support.entry(
        house, stage, "A09", guest=True, status="absent", entry_group="职工组", values={"time": "118.50"}
    )
    await support.mark(stage, "A08", "T", "J1", "99")
    bundle = await bundle_of(stage.event)
    assert [entry.code for entry in bundle.entries] == ["A01", "A09"]
    ninth = bundle.entries[1]
    assert (ninth.guest, ninth.status, ninth.group, ninth.values) == (True, "absent", "职工组", {"time": "118.50"})
    assert bundle.marks == ()


async def test_a_cancelled_adjustment_is_gone_and_the_others_keep_their_order(house):
    stage = await support.standard(house)
    await support.adjust(stage, "A02", "deduction", "2", "安全违规", place=0)
    wrong = await support.adjust(stage, "A01", "bonus", "1", "误加", place=1)
    await support.adjust(stage, "A01", "bonus", "0.50", "提前完成", place=2)
    await fetch(
        "INSERT INTO adjustment (id, event, entry, kind, value, reason, cancels)"
        " SELECT gen_random_uuid(), event, entry, 'cancel', value, '更正', id FROM adjustment WHERE id = $1",
        wrong,
    )
    assert (await bundle_of(stage.event)).adjustments == (
        Adjustment(entry="A02", kind="deduction", value="2", reason="安全违规"),
        Adjustment(entry="A01", kind="bonus", value="0.50", reason="提前完成"),
    )


async def test_the_number_of_queries_does_not_grow_with_the_event(house):
    stage = await support.standard(house)
    await support.mark_all(stage, FULL)
    asked_on = connection()
    asked: list[str] = []
    asked_on.add_query_logger(lambda query: asked.append(query.query))
    await bundle_of(stage.event)
    await asyncio.sleep(0)  # the loggers are called in the loop's next round
    few = len(asked)
    for number in range(10, 30):
        await support.entry(house, stage, f"A{number}", members=["示例甲", "示例乙"])
        await support.mark(stage, f"A{number}", "T", "J1", "60")
    await asyncio.sleep(0)
    asked.clear()
    assert len((await bundle_of(stage.event)).entries) == 23
    await asyncio.sleep(0)
    assert len(asked) == few == 4


async def test_an_event_without_rules_says_so(house):
    stage = await support.event(house, rules=None)
    with pytest.raises(Refusal) as refused:
        await bundle_of(stage.event)
    assert refused.value.code == "no_rule_set"
    assert await rules_of(stage.event) is None


async def test_an_event_is_found_within_the_scope_only(house):
    city = await support.event(house, at="city", code="e-city")
    county = await support.event(house, at="xuanzhou", code="e-xuanzhou")
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "county_officer", at="xuanzhou")
    li = await house.person("li", "county_officer", at="ningguo")
    zhou = await house.person("zhou", "chief_judge", event=county.event)

    async def sees(actor, stage, permission=Permission.SEE_COMPETITIONS):
        try:
            return (await event_for(actor, stage.event, permission)).id == stage.event
        except NotFound:
            return False

    assert await sees(qian, city)
    assert await sees(qian, county)
    assert await sees(sun, county)
    assert not await sees(sun, city)
    assert not await sees(li, county)
    assert not await sees(li, city)
    assert await sees(zhou, county)
    assert not await sees(zhou, city)
    assert not await sees(zhou, county, Permission.RUN_COMPETITION)
