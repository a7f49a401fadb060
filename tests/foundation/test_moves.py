"""Life-cycles: what the table does not name is refused; of two at once, one is first."""

from __future__ import annotations

import asyncio
from datetime import date
from enum import StrEnum
from itertools import product

import pytest

from foundation import moves
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict


class Stage(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    DONE = "done"


MOVES = {
    (Stage.DRAFT, "open"): (Stage.OPEN, None),
    (Stage.OPEN, "close"): (Stage.DONE, None),
    (Stage.OPEN, "back"): (Stage.DRAFT, None),
}
ACTIONS = ("open", "close", "back", "", "destroy")


@pytest.mark.parametrize(("stage", "action"), list(product(Stage, ACTIONS)))
def test_only_named_moves_lead_anywhere(stage, action):
    named = {("draft", "open"): "open", ("open", "close"): "done", ("open", "back"): "draft"}
    wanted = named.get((stage.value, action))
    if wanted is not None:
        assert moves.target(MOVES, stage, action) is Stage(wanted)
        return
    with pytest.raises(Conflict) as refused:
        moves.target(MOVES, stage, action)
    assert refused.value.code == "no_such_move"


def test_the_refusal_says_what_would_be_possible():
    with pytest.raises(Conflict, match="close、back"):
        moves.target(MOVES, Stage.OPEN, "destroy")
    assert moves.actions(MOVES, Stage.OPEN) == ["close", "back"]
    assert moves.actions(MOVES, Stage.DONE) == []


async def row(**values: object) -> object:
    """A competition stands in for any table with a stage and a version."""
    made = new_id()
    await fetch("CREATE TABLE IF NOT EXISTS pg_temp.thing (id uuid, stage text, version int)")
    await fetch("INSERT INTO pg_temp.thing VALUES ($1, $2, 1)", made, values.get("stage", "draft"))
    return made


async def test_a_move_counts_the_version_up_once(db):
    thing = await row()
    assert await moves.move("thing", thing, MOVES, Stage.DRAFT, "open") is Stage.OPEN
    assert tuple((await fetch("SELECT stage, version FROM thing WHERE id = $1", thing))[0]) == ("open", 2)


async def test_somebody_was_first(db):
    thing = await row(stage="open")
    with pytest.raises(Conflict) as refused:
        await moves.move("thing", thing, MOVES, Stage.DRAFT, "open")
    assert refused.value.code == "moved_meanwhile"
    assert await fetchval("SELECT version FROM thing WHERE id = $1", thing) == 1


async def test_another_rows_stage_is_left_alone(db):
    one, other = await row(), await row()
    await moves.move("thing", one, MOVES, Stage.DRAFT, "open")
    assert await fetchval("SELECT stage FROM thing WHERE id = $1", other) == "draft"


async def test_of_six_at_once_one_moves(committed):
    """Over six connections, on a real table: a competition's."""
    from competitions.tables import Competition
    from tests.support.people import House

    house = await House().build()
    made = Competition(
        code="c", title="示例竞赛", organiser=house.organisations["city"], region="341800", year=2026,
        starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 2),
    )  # fmt: skip
    await made.save()

    async def one() -> bool:
        try:
            async with transaction():
                await moves.move("competition", made.id, MOVES, Stage.DRAFT, "open")
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(*(one() for _ in range(6)))) == [False] * 5 + [True]
    assert tuple((await fetch("SELECT stage, version FROM competition"))[0]) == ("open", 2)
