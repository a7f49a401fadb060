"""Moves of a nomination (H33–H36): every pair of the table, whose turn it is, reasons, versions, numbers, two at once."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from foundation.clock import SHANGHAI
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, Forbidden, NotFound, Refusals, Stale
from honours.nominations.moving import move_nomination
from honours.nominations.numbering import stem_of
from honours.nominations.stages import MOVES, Stage
from honours.permissions import Permission
from tests.honours.nominations import support
from tests.honours.nominations.conftest import people_of
from tests.support.people import House

ACTIONS = sorted({action for _, action in MOVES})
DUE = datetime(2026, 4, 20, 17, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize("stage", list(Stage))
async def test_what_the_table_lacks_is_refused_and_what_it_has_happens(house, round_, people, stage):
    """No level is skipped (H33): a pair is either in the table, and then its own level may, or it is a conflict."""
    for action in ACTIONS:
        worker = await support.worker(house)
        it = await round_.nomination(worker, stage=stage.value)
        target = MOVES.get((stage, action))
        may = people.city if target is None else {
            Permission.NOMINATE: people.qian, Permission.REVIEW_FIRST: people.xuanzhou, Permission.REVIEW_LAST: people.city,
        }[target[1]]  # fmt: skip
        if target is None:
            with pytest.raises(Conflict):
                await move_nomination(may, it, action, opinion="示例理由", due_at=DUE)
            assert await fetchval("SELECT stage FROM nomination WHERE id = $1", it) == stage.value
        else:
            assert await move_nomination(may, it, action, opinion="示例理由", due_at=DUE) is target[0]
            row = await fetchrow("SELECT stage, version FROM nomination WHERE id = $1", it)
            assert row is not None
            assert (row["stage"], row["version"]) == (target[0].value, 2)
            said = await fetchrow("SELECT * FROM gate_opinion WHERE nomination = $1", it)
            assert said is not None
            assert (said["action"], said["opinion"], said["made_by"]) == (action, "示例理由", may.account)


@pytest.mark.parametrize("stage", list(Stage))
async def test_only_the_level_whose_turn_it_is_moves(house, round_, people, stage):
    """Another level that sees the nomination is forbidden; who does not see it finds nothing."""
    everyone = {
        Permission.NOMINATE: people.qian, Permission.REVIEW_FIRST: people.xuanzhou, Permission.REVIEW_LAST: people.city
    }  # fmt: skip
    for (at, action), (_to, permission) in MOVES.items():
        if at is not stage:
            continue
        it = await round_.nomination(await support.worker(house), stage=stage.value)
        for other, actor in everyone.items():
            if other is not permission:
                with pytest.raises(Forbidden):
                    await move_nomination(actor, it, action, opinion="示例理由", due_at=DUE)
        for stranger in (people.zhou, people.ningguo):
            with pytest.raises(NotFound):
                await move_nomination(stranger, it, action, opinion="示例理由", due_at=DUE)
        assert await fetchval("SELECT stage FROM nomination WHERE id = $1", it) == stage.value


@pytest.mark.parametrize("action", ["return", "reject"])
async def test_a_refusal_without_a_reason_is_refused(house, round_, people, action):
    it = await round_.nomination(await support.worker(house), stage="county")
    with pytest.raises(Refusals) as refused:
        await move_nomination(people.xuanzhou, it, action, opinion="  ", due_at=DUE)
    assert [(one.code, one.rule) for one in refused.value.refusals] == [("opinion_missing", "H33")]


async def test_a_return_has_a_day_and_handing_in_again_takes_it_away(house, round_, people):
    it = await round_.nomination(await support.worker(house), stage="county")
    await move_nomination(people.xuanzhou, it, "return", opinion="示例理由", due_at=DUE)
    assert await fetchval("SELECT returned_due_at FROM nomination WHERE id = $1", it) == DUE
    assert await fetchval("SELECT due_at FROM gate_opinion WHERE nomination = $1", it) == DUE
    await move_nomination(people.qian, it, "submit")
    assert await fetchval("SELECT returned_due_at FROM nomination WHERE id = $1", it) is None


async def test_a_day_that_has_passed_is_no_day(house, round_, people):
    it = await round_.nomination(await support.worker(house), stage="county")
    from foundation.errors import Refusal

    with pytest.raises(Refusal) as refused:
        await move_nomination(
            people.xuanzhou, it, "return", opinion="示例", due_at=datetime(2026, 4, 13, tzinfo=SHANGHAI)
        )
    assert refused.value.code == "due_in_the_past"
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", it) == "county"


async def test_a_stale_version_moves_nothing(house, round_, people):
    it = await round_.nomination(await support.worker(house), version=7)
    with pytest.raises(Stale) as stale:
        await move_nomination(people.qian, it, "submit", version=6)
    assert stale.value.facts["current"] == 7
    assert await move_nomination(people.qian, it, "submit", version=7) is Stage.COUNTY


async def test_numbers_are_gap_free_per_award_and_kept_through_a_return(house, round_, people):
    async def handed_in(award: str) -> str:
        of_person = award == "city-may1-medal"
        worker = await support.worker(house) if of_person else None
        it = await round_.nomination(worker, award=award, kind="person" if of_person else "unit")
        await move_nomination(people.qian, it, "submit")
        return await fetchval("SELECT number FROM nomination WHERE id = $1", it)

    assert [await handed_in("city-may1-medal") for _ in range(2)] == ["XC-2026-JZ-0001", "XC-2026-JZ-0002"]
    assert await handed_in("city-may1-certificate") == "XC-2026-ZH-0001"
    it = await round_.nomination(await support.worker(house))
    for actor, action in ((people.qian, "submit"), (people.xuanzhou, "return"), (people.qian, "submit")):
        await move_nomination(actor, it, action, opinion="示例", due_at=DUE)
    assert await fetchval("SELECT number FROM nomination WHERE id = $1", it) == "XC-2026-JZ-0003"
    assert await handed_in("city-may1-medal") == "XC-2026-JZ-0004"


@pytest.mark.parametrize(
    ("union", "family", "level", "stem"),
    [
        ("宣城市总工会", "may1_medal", "city", "XC-2026-JZ"),
        ("宣城市总工会", "may1_medal", "province", "XC-2026-SJZ"),
        ("宁国市总工会", "pioneer", "county", "NG-2026-XF"),
        ("绩溪县总工会", "model_worker", "county", "JX-2026-LM"),
    ],
)
def test_the_first_part_of_a_number(union, family, level, stem):
    assert stem_of(union, 2026, family, level) == stem


async def test_two_hand_in_at_once(committed):
    """Of two taps one moves; two nominations at once get two numbers without a gap."""
    async with transaction():
        house = await House().build()
        people = await people_of(house)
        round_ = await support.Round(house).build()
        one, other = [await round_.nomination(await support.worker(house, name)) for name in ("冯壬和", "陈丙午")]
    results = await asyncio.gather(
        *(move_nomination(people.qian, it, "submit") for it in (one, one, other)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Stage", "Stage"]
    numbers = {row["number"] for row in await fetch("SELECT number FROM nomination")}
    assert numbers == {"XC-2026-JZ-0001", "XC-2026-JZ-0002"}
