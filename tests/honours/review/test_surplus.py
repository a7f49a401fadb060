"""差额推荐 at the county's gate and on the board (H16, H29)."""

from __future__ import annotations

import msgspec
import pytest

from foundation.database import fetch
from foundation.database.columns import new_id
from foundation.errors import Refusals
from honours.cycles.schemas import AwardRules, Surplus
from honours.nominations.stages import Stage
from honours.review import board, gates
from tests.honours.nominations import support
from tests.honours.review.conftest import Panel


def surplus_of(surplus: Surplus) -> tuple[AwardRules, ...]:
    awards = support.rule_set().awards
    return (msgspec.structs.replace(awards[0], surplus=surplus), *awards[1:])


async def quota_of(panel: Panel, county: str, places: int) -> None:
    await fetch("INSERT INTO quota (id, award, organisation, places, cancelled) VALUES ($1, $2, $3, $4, 0)", new_id(), panel.award, panel.house.organisations[county], places)  # fmt: skip


async def test_a_county_hands_on_its_places_and_what_is_invited_beyond_them(panel: Panel):
    """差额 20 %, rounded up: 2 places → 0.4 → 1 more. Two of 宁国 are at the city; a third passes, a fourth does not; a
    substitute and a separate listing are beyond it (H5, H16, H29)."""
    await panel.round.put_rules(support.rule_set(awards=surplus_of(Surplus(percent="20"))))
    await quota_of(panel, "ningguo", 2)
    third, fourth = await panel.whole("郑庚来"), await panel.whole("蒋辛南")
    other = await panel.whole("沈壬北", role="substitute")
    assert await gates.accept(panel.ningguo, third) is Stage.CITY
    with pytest.raises(Refusals) as refused:
        await gates.accept(panel.ningguo, fourth)
    (said,) = refused.value.refusals
    assert (said.code, said.rule, said.facts["n"], said.facts["sum"]) == (
        "surplus_full", "H29", 3, "20% × 2 = 0.4 → 1，2 + 1 = 3",
    )  # fmt: skip
    assert await gates.accept(panel.ningguo, other) is Stage.CITY
    await fetch("UPDATE nomination SET listing = 'separate', listing_reason = '竞赛优胜' WHERE id = $1", fourth)
    assert await gates.accept(panel.ningguo, fourth) is Stage.CITY


async def test_without_a_word_of_it_a_county_hands_on_as_before_and_equal_places_let_no_more_pass(panel: Panel):
    await quota_of(panel, "ningguo", 2)
    third, fourth = await panel.whole("郑庚来"), await panel.whole("蒋辛南")
    assert await gates.accept(panel.ningguo, third) is Stage.CITY
    await panel.round.put_rules(support.rule_set(awards=surplus_of(Surplus(count=0))))
    with pytest.raises(Refusals) as refused:
        await gates.accept(panel.ningguo, fourth)
    assert [(one.code, one.facts["sum"]) for one in refused.value.refusals] == [("surplus_full", "2")]


async def test_where_no_places_were_shared_out_all_counties_together_are_counted(panel: Panel):
    """2 places and 1 more in all; three of both counties are at the city already."""
    await fetch("UPDATE cycle_award SET places = 2 WHERE id = $1", panel.award)
    await panel.round.put_rules(support.rule_set(awards=surplus_of(Surplus(count=1))))
    with pytest.raises(Refusals) as refused:
        await gates.accept(panel.ningguo, await panel.whole("郑庚来"))
    assert [(one.code, one.facts["sum"]) for one in refused.value.refusals] == [("surplus_full", "2 + 1 = 3")]


async def test_the_board_writes_out_what_was_invited_and_how_many_must_go(panel: Panel, browse):
    """宁国: 1 place, 1 more invited, 2 there — not over what it was invited to; in all 3 for 2 places: one must go."""
    await fetch("UPDATE cycle_award SET places = 2 WHERE id = $1", panel.award)
    await panel.round.put_rules(support.rule_set(awards=surplus_of(Surplus(count=1))))
    await quota_of(panel, "ningguo", 1)
    await quota_of(panel, "xuanzhou", 1)
    found = await board.board_for(panel.city, panel.award)
    assert [one.code for one in board.obstacles_of(found)] == ["places_overrun"]
    text = (
        await (await browse(panel.city)).get(f"/honours/cycles/{panel.round.cycle}/awards/{panel.award}/composition")
    ).text
    for words in ("可推荐 4 个", "2 + 2 = 4", "1 + 1 = 2", "须差去 1 个"):
        assert words in text
    await fetch("UPDATE quota SET places = 0 WHERE organisation = $1", panel.house.organisations["ningguo"])
    over = [
        one
        for one in board.obstacles_of(await board.board_for(panel.city, panel.award))
        if one.code == "surplus_overrun"
    ]
    assert [(one.facts["n"], one.facts["most"]) for one in over] == [(2, 0)]
