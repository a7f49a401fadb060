"""A small cycle under the real operations, whatever the order in which officers act; all in savepoints that are rolled back.

Invariants after every step: nobody skipped a level, no county beyond its quota was noticed nor more than there are places, nobody
with an open objection was noticed or went on, the board's counts are a count over the rows (H28, H29, H33, H34, H36).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.clock import moved_to
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals
from foundation.forms import bind_tree
from honours.review import board, gates, notices, plans
from publications.notices import operations
from publications.notices.objections import operations as objections
from publications.notices.objections.schemas import ObjectionForm
from tests.honours.nominations import support
from tests.honours.review.conftest import MEDAL, Panel, panel_of
from tests.honours.review.test_board import FLOOR
from tests.honours.review.test_listening import run_jobs
from tests.honours.review.test_notices import form
from tests.publications.notices.support_notices import person
from tests.support.people import House

PLACES, QUOTA = 2, {"ningguo": 2, "xuanzhou": 1}
NAMES = (("冯壬和", "yi"), ("何乙宁", "yi"), ("吴己明", "jia"), ("韩丁远", "jia"))
AHEAD = ("selected", "noticed", "forwarded", "honoured")
ACTS = (
    "accept", "accept", "accept", "city_accept", "city_accept", "city_accept", "return", "reject", "reserve", "promote",
    "disqualify", "plan", "plan", "plan", "object", "notice", "notice", "withdraw",
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), min_size=6, max_size=12)
AT_CITY = tuple(("accept", who) for who in range(4))
FULL = (*AT_CITY, ("city_accept", 0), ("city_accept", 2), ("reserve", 1), ("reserve", 3))
"""Examples begin with nothing done, with all at the city's review, or with both places filled and two in reserve."""
FAULTS = (Refusal, Refusals, Conflict, Forbidden, NotFound)


class Rollback(Exception):
    """Ends an example; nothing of it stays."""


@dataclass
class Cycle:
    """The small cycle, who acted, and which stages each nominee went through."""

    panel: Panel
    ids: list[UUID]
    passed: dict[UUID, set[str]] = field(default_factory=dict)
    done: int = 0
    last_gained: bool = False

    async def act(self, what: str, who: int) -> None:
        """One officer's act; a refusal is an answer, and leaves everything as it was."""
        with suppress(*FAULTS):
            async with transaction():
                await self._do(what, self.ids[who], who)
                self.done += 1
        await run_jobs()
        for row in await fetch("SELECT id, stage FROM nomination WHERE id = ANY($1::uuid[])", self.ids):
            self.passed.setdefault(row["id"], set()).add(row["stage"])

    async def _do(self, what: str, one: UUID, who: int) -> Any:
        panel = self.panel
        officer = panel.ningguo if who < 2 else panel.xuanzhou
        match what:
            case "accept":
                return await gates.accept(officer, one, opinion="同意")
            case "city_accept":
                return await gates.accept(panel.city, one, opinion="同意")
            case "return":
                return await gates.send_back(officer, one, opinion="请补材料")
            case "reject":
                return await gates.reject(panel.city, one, opinion="未通过复审")
            case "reserve":
                return await gates.reserve(panel.city, one)
            case "promote":
                return await gates.promote(panel.city, one)
            case "disqualify":
                return await gates.disqualify(panel.city, one, reason="查实弄虚作假")
            case "plan":
                return await self._plan(one)
            case "notice":
                return await notices.open_city(panel.city, panel.award, form())
            case "withdraw":
                notice = await fetchval("SELECT id FROM notice WHERE stage = 'open' ORDER BY made_at LIMIT 1")
                return await operations.withdraw(panel.city, notice, "名单有误，另行公示")
        return await self._object(one)

    async def _plan(self, one: UUID) -> None:
        """Bring one in for nobody, through the panel."""
        plan = await plans.save_plan(self.panel.city, self.panel.award, [], [one])
        await plans.submit_plan(self.panel.city, plan, version=1)
        await plans.decide_plan(self.panel.city, plan, adopt=True, minutes="复议通过", version=2)

    async def _object(self, one: UUID) -> None:
        line = await fetch(
            "SELECT s.id, s.notice FROM notice_subject s JOIN notice n ON n.id = s.notice WHERE s.source = $1 AND n.stage = 'open'", one
        )  # fmt: skip
        if line:
            values = bind_tree(person(subject=str(line[0]["id"])), ObjectionForm).data
            await objections.object_publicly(line[0]["notice"], values, None)

    async def check(self, before: dict[UUID, str]) -> None:
        rows = await fetch(
            "SELECT id, stage, role, first_gate, category FROM nomination WHERE award = $1", self.panel.award
        )
        await self._levels(rows)
        await self._places(rows)
        open_about = {row["source"] for row in await fetch(OBJECTED_SQL)}
        for row in rows:
            if row["id"] in open_about and before[row["id"]] != row["stage"]:
                assert row["stage"] not in ("noticed", "forwarded", "honoured"), "noticed with an open objection"
        await self._board(rows)

    async def _levels(self, rows: Any) -> None:
        said = await fetch("SELECT nomination, gate, action FROM gate_opinion")
        acts = {(row["nomination"], row["gate"], row["action"]) for row in said}
        for row in rows:
            one, passed = row["id"], self.passed.get(row["id"], set())
            if passed & {"city", "reserved", *AHEAD}:
                assert (one, "county", "accept") in acts
            if passed & set(AHEAD):
                assert {(one, "city", "accept"), (one, "city", "promote")} & acts
            if "noticed" in passed:
                assert "selected" in passed

    async def _places(self, rows: Any) -> None:
        lost = await fetchval("SELECT count(*) FROM cancelled_place WHERE award = $1", self.panel.award)
        ahead = [row for row in rows if row["stage"] in AHEAD]
        if self.last_gained:
            assert len(ahead) <= PLACES - lost
        for name, quota in QUOTA.items():
            county = self.panel.house.organisations[name]
            noticed = [row for row in rows if row["stage"] == "noticed" and row["first_gate"] == county]
            assert len(noticed) <= quota

    async def _board(self, rows: Any) -> None:
        seen = await board.board_for(self.panel.city, self.panel.award)
        if seen.gate == "county":
            return
        chosen = {
            row["id"]
            for row in rows
            if row["stage"] in AHEAD or (row["stage"] == "city" and row["role"] == "principal")
        }
        reserve = {row["id"] for row in rows if row["stage"] in ("city", "reserved")} - chosen
        assert {row.nomination for row in seen.field.chosen} == chosen
        assert {row.nomination for row in seen.field.reserve} == reserve
        workers = sum(row["id"] in chosen and row["category"] == "industrial_worker" for row in rows)
        assert (seen.lines[0].have, seen.lines[0].base, seen.lines[0].bound) == (
            workers, len(chosen), -(-35 * len(chosen) // 100)
        )  # fmt: skip


OBJECTED_SQL = """
SELECT s.source FROM notice_objection x JOIN notice n ON n.id = x.notice AND n.stage <> 'withdrawn'
JOIN notice_subject s ON s.notice = n.id AND (x.subject IS NULL OR x.subject = s.id) WHERE x.stage <> 'told'
"""


async def stages_of(ids: list[UUID]) -> dict[UUID, str]:
    return {row["id"]: row["stage"] for row in await fetch("SELECT id, stage FROM nomination WHERE id = ANY($1)", ids)}


async def small(house: House) -> tuple[Panel, list[UUID]]:
    """Four whole dossiers at two counties for two places."""
    await support.calendar_2026()
    panel = await panel_of(house, reviewers=0)
    rules = support.rule_set()
    awards = tuple(
        msgspec.structs.replace(one, composition=(FLOOR,), places=PLACES) if one.honour == MEDAL else one
        for one in rules.awards
    )
    await panel.round.put_rules(msgspec.structs.replace(rules, awards=awards))
    await fetch("UPDATE cycle_award SET places = $2 WHERE id = $1", panel.award, PLACES)
    for name, places in QUOTA.items():
        await fetch(
            "INSERT INTO quota (id, award, organisation, places, cancelled) VALUES ($1, $2, $3, $4, 0)",
            new_id(), panel.award, house.organisations[name], places,
        )  # fmt: skip
    return panel, [await panel.whole(name, at=at) for name, at in NAMES]


@pytest.fixture
def made() -> list[Any]:
    """The cycle that all examples of one test begin with, once it is built."""
    return []


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(start=st.sampled_from([(), AT_CITY, FULL]), steps=STEPS)
async def test_whatever_officers_do(house: House, made: list[Any], start, steps):
    async with moved_to(support.NOW):
        if not made:
            notices.listen()
            made.append(await small(house))
        panel, ids = made[0]
        with suppress(Rollback):
            async with transaction():
                cycle = Cycle(panel, ids)
                for what, who in (*start, *steps):
                    before = await stages_of(ids)
                    await cycle.act(what, who)
                    then = await stages_of(ids)
                    cycle.last_gained = any(then[one] in AHEAD and before[one] not in AHEAD for one in ids)
                    await cycle.check(before)
                raise Rollback


async def test_the_way_to_the_notice_is_open(house: House):
    """The machine's acts do reach the notice: else its invariants would hold of nothing."""
    async with moved_to(support.NOW):
        notices.listen()
        cycle = Cycle(*await small(house))
        way = (
            ("accept", 0),
            ("accept", 2),
            ("city_accept", 0),
            ("city_accept", 2),
            ("reject", 1),
            ("accept", 1),
            ("reject", 1),
        )
        for what, who in (*way, ("accept", 3), ("reject", 3), ("notice", 0), ("object", 0), ("withdraw", 0)):
            before = await stages_of(cycle.ids)
            await cycle.act(what, who)
            await cycle.check(before)
        assert cycle.done >= 10
        assert "noticed" in cycle.passed[cycle.ids[0]]
        assert (await stages_of(cycle.ids))[cycle.ids[0]] == "selected"


async def test_a_plan_fills_no_place_that_there_is_not(house: House):
    """Two places, both filled: the panel's own record brings nobody in beyond them (H29)."""
    async with moved_to(support.NOW):
        cycle = Cycle(*await small(house))
        for what, who in FULL:
            await cycle.act(what, who)
        assert cycle.done == len(FULL)
        with pytest.raises(Refusals) as refused:
            async with transaction():
                await cycle._plan(cycle.ids[1])
        assert [one.rule for one in refused.value.refusals] == ["H29"]
        assert "何乙宁" in str(refused.value.refusals[0])
