"""The gates: accepted, returned, rejected, abandoned, disqualified; what blocks, who may, two officers at once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from foundation.clock import moved_to
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from honours.nominations.moving import move_nomination
from honours.nominations.stages import MOVES, Stage
from honours.review import gates
from tests.honours.nominations import support
from tests.honours.review.conftest import Panel, panel_of
from tests.support.people import House


async def stage_of(nomination) -> str:
    return await fetchval("SELECT stage FROM nomination WHERE id = $1", nomination)


async def version_of(nomination) -> int:
    return await fetchval("SELECT version FROM nomination WHERE id = $1", nomination)


async def test_a_county_hands_on_and_the_city_selects(panel: Panel):
    made = await panel.whole("郑庚来")
    assert await gates.accept(panel.ningguo, made, opinion="同意推荐", version=await version_of(made)) is Stage.CITY
    assert await gates.accept(panel.city, made) is Stage.SELECTED
    said = await fetch(
        "SELECT gate, action, opinion FROM gate_opinion WHERE nomination = $1 ORDER BY made_at, id", made
    )
    assert [tuple(row) for row in said] == [("county", "accept", "同意推荐"), ("city", "accept", "")]


async def test_an_unfinished_dossier_is_not_accepted_and_every_reason_is_told(panel: Panel):
    """Without the pretended whole dossier: this one has neither deeds nor vote nor papers."""
    made = await panel.nominee("郑庚来", at="yi", stage="county")
    with pytest.raises(Refusals) as refused:
        await gates.accept(panel.ningguo, made)
    assert {"H60", "H31"} <= {one.rule for one in refused.value.refusals}
    assert await stage_of(made) == "county"


async def test_no_level_is_skipped(panel: Panel):
    """The city cannot take a dossier out of the county's hands, nor the county one that has gone on (H33)."""
    at_county = await panel.whole("郑庚来")
    with pytest.raises(Forbidden):
        await gates.accept(panel.city, at_county)
    with pytest.raises(Forbidden):
        await gates.accept(panel.ningguo, panel.nominees["冯壬和"])
    with pytest.raises(Conflict):
        await move_nomination(panel.city, panel.nominees["冯壬和"], "honour")
    assert not [action for (stage, action), (to, _p) in MOVES.items() if stage is Stage.COUNTY and to in (Stage.SELECTED, Stage.NOTICED, Stage.HONOURED)]  # fmt: skip


async def test_the_neighbour_finds_nothing(panel: Panel):
    made = await panel.whole("郑庚来")
    with pytest.raises(NotFound):
        await gates.accept(panel.xuanzhou, made)


async def test_a_stale_page_accepts_nothing(panel: Panel):
    made = await panel.whole("郑庚来")
    await fetch("UPDATE nomination SET version = 4 WHERE id = $1", made)
    with pytest.raises(Stale):
        await gates.accept(panel.ningguo, made, version=1)


async def test_the_countys_day_is_the_countys_end(panel: Panel):
    """24 April 17:30 counts; the second after is late (H35)."""
    made = await panel.whole("郑庚来")
    due = await fetchval("SELECT county_due_at FROM cycle WHERE id = $1", panel.round.cycle)
    async with moved_to(due + timedelta(seconds=1)):
        with pytest.raises(Refusals) as refused:
            await gates.accept(panel.ningguo, made)
    assert [one.rule for one in refused.value.refusals] == ["H35"]
    async with moved_to(due):
        assert await gates.accept(panel.ningguo, made) is Stage.CITY


async def test_bulk_accepts_the_clear_ones_and_says_why_the_others_stay(panel: Panel):
    clear, stale = await panel.whole("郑庚来"), await panel.whole("许辛越")
    lacking = await panel.nominee("陈癸成", at="yi", stage="county")
    chosen = [gates.Chosen(id=clear, version=await version_of(clear)), gates.Chosen(id=lacking, version=1), gates.Chosen(id=stale, version=999)]  # fmt: skip
    done, left = await gates.accept_clear(panel.ningguo, chosen)
    assert done == [clear]
    why = {one.name: {each.rule or each.code for each in one.why} for one in left}
    assert why["许辛越"] == {"nomination_changed"}
    assert {"H31", "H60"} <= why["陈癸成"]
    assert [await stage_of(one) for one in (clear, lacking, stale)] == ["city", "county", "county"]


async def test_returns_and_rejections_want_reasons(panel: Panel):
    for act in (gates.send_back, gates.reject):
        with pytest.raises((Refusal, Refusals)):
            await act(panel.city, panel.nominees["冯壬和"], opinion=" ")
    assert await gates.reject(panel.city, panel.nominees["冯壬和"], opinion="事迹不实") is Stage.REJECTED


async def test_what_is_late_is_abandoned_by_the_clock(panel: Panel):
    returned = await panel.nominee("郑庚来", stage="returned", returned_due_at=support.NOW - timedelta(minutes=1))
    in_time = await panel.nominee("孙丙安", stage="returned", returned_due_at=support.NOW + timedelta(minutes=1))
    draft = await panel.nominee("杨戊行", stage="draft")
    assert await gates.abandon_late() == 1
    assert [await stage_of(one) for one in (returned, in_time, draft)] == ["abandoned", "returned", "draft"]
    assert await gates.abandon_late() == 0
    async with moved_to(support.UNIT_DUE + timedelta(seconds=1)):
        await gates.abandon_late()
    assert await stage_of(draft) == "abandoned"


async def test_fraud_loses_the_place_the_substitute_and_the_next_cycle(panel: Panel):
    """H36: the quota shrinks, nobody takes the place, the unit stays out until the end of next year."""
    await fetch("UPDATE cycle_award SET places = 3 WHERE id = $1", panel.award)
    await fetch(
        "INSERT INTO quota (id, award, organisation, places, cancelled) VALUES (gen_random_uuid(), $1, $2, 2, 0)",
        panel.award, panel.house.organisations["ningguo"],
    )  # fmt: skip
    substitute = await panel.whole("施丙和", at="jia", role="substitute", stage="reserved")
    for name, at in (("郑庚来", "yi"), ("陈癸成", "yi"), ("许辛越", "jia")):
        await gates.accept(panel.city, await panel.whole(name, at=at, stage="city"))
    await gates.disqualify(panel.city, panel.nominees["郑庚来"], reason="身份不实")
    quota = (await fetch("SELECT places, cancelled FROM quota WHERE award = $1", panel.award))[0]
    assert tuple(quota) == (2, 1)
    with pytest.raises(Refusals) as refused:
        await gates.promote(panel.city, substitute)
    assert ("places_lost", "H36") in {(one.code, one.rule) for one in refused.value.refusals}
    fact = (await fetch("SELECT organisation, until_on FROM veto_fact"))[0]
    assert tuple(fact) == (panel.house.organisations["yi"], date(2027, 12, 31))


async def test_a_place_that_was_given_up_may_be_filled(panel: Panel):
    """The same without fraud: who is moved to the reserve leaves a place."""
    await fetch("UPDATE cycle_award SET places = 1 WHERE id = $1", panel.award)
    one, two = await panel.whole("郑庚来", stage="city"), await panel.whole("陈癸成", stage="city")
    await gates.accept(panel.city, one)
    with pytest.raises(Refusals) as refused:
        await gates.accept(panel.city, two)
    assert [one.code for one in refused.value.refusals] == ["places_full"]
    await gates.reserve(panel.city, one)
    assert await gates.accept(panel.city, two) is Stage.SELECTED


async def test_a_county_officer_disqualifies_nobody(panel: Panel):
    made = await panel.nominee("郑庚来", at="yi", stage="county")
    with pytest.raises(Forbidden):
        await gates.disqualify(panel.ningguo, made, reason="身份不实")
    assert await fetchval("SELECT count(*) FROM cancelled_place") == 0


async def test_two_officers_at_once_move_it_once(committed):
    async with transaction():
        await support.calendar_2026()
        panel = await panel_of(await House().build())
        async with moved_to(support.NOW):
            one, two = await panel.whole("冯壬和", stage="city"), await panel.whole("何乙宁", stage="city")
        await fetch("UPDATE cycle_award SET places = 1")
        await fetch("UPDATE clearance SET valid_until = '2099-12-31'")
    version = await version_of(one)
    first = await asyncio.gather(
        *(gates.accept(panel.city, one, version=version) for _ in range(3)), return_exceptions=True
    )
    assert sum(answer is Stage.SELECTED for answer in first) == 1
    assert await fetchval("SELECT count(*) FROM gate_opinion WHERE nomination = $1 AND action = 'accept'", one) == 1
    await gates.reserve(panel.city, one)
    both = await asyncio.gather(gates.promote(panel.city, one), gates.accept(panel.city, two), return_exceptions=True)
    assert sum(answer is Stage.SELECTED for answer in both) == 1  # one place: the award is locked before it is counted
