"""H71 against a naive reference; two officers who publish at once."""

from __future__ import annotations

import asyncio
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.clock import moved_to
from foundation.database import fetchval, transaction
from foundation.errors import Conflict
from honours.rolls import deciding, publishing, rules
from honours.rolls.schemas import Line
from registry.strokes import STROKES
from tests.honours.support import DECIDED, Ready, form
from tests.support.people import House

people = st.tuples(
    st.sampled_from("丁王李钱赵魏"), st.sampled_from(["0341802", "0341881", "1教育工会", "2"]), st.integers(1, 40)
)


@settings(deadline=None)  # the first name loads the readings of all characters
@given(st.lists(people, max_size=25))
def test_groups_in_order_and_strokes_never_fall_within_one(drawn):
    lines = [
        Line(
            nomination=UUID(int=n + 1), honour=UUID(int=1), honour_title="奖章", honour_place=1, kind="person",
            name=surname + "示例", unit_name="", post="", region="", group=group, group_name="", rank=rank,
        )
        for n, (surname, group, rank) in enumerate(drawn)
    ]  # fmt: skip
    strokes = [(line.group, STROKES[line.name[0]]) for line in rules.ordered(lines, "strokes")]
    assert strokes == sorted((group, STROKES[surname]) for surname, group, _rank in drawn)
    given_order = rules.ordered(lines, "given")
    assert [(line.group, line.rank) for line in given_order] == sorted((group, rank) for _s, group, rank in drawn)
    assert [line.place for line in given_order] == list(range(1, len(drawn) + 1))
    assert {line.nomination for line in given_order} == {line.nomination for line in lines}


async def test_two_officers_publish_once(committed):
    async with transaction(), moved_to(DECIDED):
        ready = await Ready(await House().build()).build()
        decision = await deciding.draft(ready.city, ready.cycle, form())
        await deciding.issue(ready.city, decision)

    async def publish(officer):
        try:
            return await publishing.publish_roll(officer, decision)
        except Conflict as refused:
            return refused.code

    made = await asyncio.gather(publish(ready.city), publish(ready.second))
    assert made.count("roll_published") == 1
    assert await fetchval("SELECT count(*) FROM roll") == 1
    assert await fetchval("SELECT count(*) FROM roll_entry") == 5
