"""The composition board: its counts against a brute force, tries, plans, a county's share, what blocks the notice, its queries."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.database import fetch, fetchval
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from honours.cycles.schemas import Candidate, Condition, Constraint, Predicate
from honours.nominations.candidates import Row
from honours.nominations.stages import Stage
from honours.review import board, plans, selection
from tests.honours.nominations.support import rule_set
from tests.honours.review.conftest import MEDAL, Panel
from tests.honours.support import counted

WORKERS = Predicate(all=(Condition(field="category", values=("industrial_worker",)),))
LEADERS = Predicate(all=(Condition(field="category", values=("enterprise_leader",)),))
FLOOR = Constraint(code="workers", label="产业工人", subset=WORKERS, op="min", percent="35", rule="H20")
CEILING = Constraint(code="leaders", label="企业负责人", subset=LEADERS, op="max", percent="13", rule="H22")


async def with_rules(panel: Panel, *constraints: Constraint, places: int = 60) -> None:
    """These lines; no department need be asked, so that the lines are all that speaks."""
    rules = rule_set(clearances=())
    awards = tuple(
        msgspec.structs.replace(one, composition=constraints, places=places) if one.honour == MEDAL else one
        for one in rules.awards
    )
    await panel.round.put_rules(msgspec.structs.replace(rules, awards=awards))
    await fetch("UPDATE cycle_award SET places = $2 WHERE id = $1", panel.award, places)


async def people(panel: Panel, **many: int) -> dict[str, list[UUID]]:
    """``worker=3, leader=1, r_worker=2``: so many at the city's review, with ``r_`` as substitutes."""
    kinds = {"worker": "industrial_worker", "leader": "enterprise_leader", "other": "other_frontline"}
    made: dict[str, list[UUID]] = {}
    for key, count in many.items():
        kind = kinds[key.removeprefix("r_")]
        role = "substitute" if key.startswith("r_") else "principal"
        made[key] = [
            await panel.round.nomination(
                await _worker(panel), name=f"{key}{n}", category=kind, role=role, stage="city", place=n + 1
            )
            for n in range(count)
        ]
    return made


async def _worker(panel: Panel) -> UUID:
    from tests.honours.nominations.support import worker

    return await worker(panel.house, "甲")


async def _clear(panel: Panel) -> None:
    await fetch("DELETE FROM clearance")
    await fetch("DELETE FROM nomination WHERE award = $1", panel.award)
    panel.nominees.clear()


def row(n: int, stage: str, category: str, role: str, listing: str = "regular") -> Row:
    one = UUID(int=n + 1)
    return Row(
        candidate=Candidate(id=str(one), kind="person", category=category, role=role, listing=listing), nomination=one, number="",
        name=f"人{n}", unit_name="", post="", stage=Stage(stage), place=n, organisation=one, first_gate=one, gate_name="", version=1,
    )  # fmt: skip


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["city", "selected", "reserved", "noticed"]), st.sampled_from(["industrial_worker", "enterprise_leader", "other"]),
        st.sampled_from(["principal", "substitute"]), st.sampled_from(["regular", "regular", "separate"]),
    ), max_size=25,
)  # fmt: skip


@given(ROWS, st.data())
def test_the_boards_counts_are_a_brute_force(kinds, data):
    """Who counts, line by line, before and after any try, counted one by one from the words of H5, H16 and H28."""
    rows = [row(n, *kind) for n, kind in enumerate(kinds)]
    field = selection.field_of(rows, {})
    chosen = {
        r.candidate.id for r in rows
        if r.candidate.listing == "regular"
        and (r.stage in ("selected", "noticed") or (r.stage == "city" and r.candidate.role == "principal"))
    }  # fmt: skip
    reserve = {r.candidate.id for r in rows if r.candidate.listing == "regular"} - chosen
    assert {r.candidate.id for r in field.chosen} == chosen
    assert {r.candidate.id for r in field.reserve} == reserve
    outs = data.draw(st.lists(st.sampled_from(sorted(chosen) or ["x"]), unique=True, max_size=4))
    ins = data.draw(st.lists(st.sampled_from(sorted(reserve) or ["x"]), unique=True, max_size=4))
    then = (chosen - set(outs)) | (set(ins) & reserve)
    by_id = {r.candidate.id: r.candidate.category for r in rows}
    workers = sum(by_id[one] == "industrial_worker" for one in then)
    leaders = sum(by_id[one] == "enterprise_leader" for one in then)
    floor, ceiling = selection.lines_of((FLOOR, CEILING), selection.after(field, outs, ins).chosen)
    assert (floor.have, floor.base, floor.bound) == (workers, len(then), -(-35 * len(then) // 100))
    assert (ceiling.have, ceiling.base, ceiling.bound) == (leaders, len(then), 13 * len(then) // 100)


async def test_two_industrial_workers_short_as_the_mock_has_it(panel: Panel):
    """60 first choices, 19 workers of 35 % → 21; 7 leaders of 13 % → 7: full, not over."""
    await _clear(panel)
    await with_rules(panel, FLOOR, CEILING)
    made = await people(panel, worker=19, leader=7, other=34, r_worker=2, r_leader=1)
    found = await board.board_for(panel.city, panel.award)
    floor, ceiling = found.lines
    assert (floor.have, floor.bound, floor.shortage, floor.text) == (19, 21, 2, "35% × 60 = 21.0 → 21")
    assert (ceiling.have, ceiling.bound, ceiling.ok, ceiling.full) == (7, 7, True, True)
    assert set(found.breaking) == {str(made["r_leader"][0])}  # one leader more would be over
    assert [one.code for one in board.obstacles_of(found)] == ["composition_short"]
    advice = board.advice(found)
    assert advice is not None
    assert (advice.helping, advice.ready) == (2, 2)
    assert advice.shrink is not None
    assert (advice.shrink.total, advice.shrink.text) == (54, "35% × 54 = 18.9 → 19")
    assert advice.shrink.ceilings == (("企业负责人", 7),)
    assert {len(swap.join) for swap in advice.swaps} == {2}
    _then, lines = board.tried(found, advice.swaps[0].leave, advice.swaps[0].join)
    assert all(one.after.ok for one in lines)


async def test_eight_leaders_are_one_too_many(panel: Panel):
    """A2: 60 medals, 8 leaders with at most 13 % → at most 7."""
    await _clear(panel)
    await with_rules(panel, CEILING)
    await people(panel, leader=8, other=52)
    assert [(one.code, one.rule) for one in board.obstacles_of(await board.board_for(panel.city, panel.award))] == [
        ("composition_over", "H22")
    ]


async def test_a_county_sees_its_own_share_and_no_more(panel: Panel):
    await with_rules(panel, FLOOR)
    found = await board.board_for(panel.ningguo, panel.award)
    assert {one.name for one in found.field.chosen} == {"冯壬和", "何乙宁"}
    assert found.lines[0].base == 2
    assert not found.award.runs
    with pytest.raises(NotFound):
        await plans.save_plan(panel.ningguo, panel.award, [panel.nominees["冯壬和"]], [])


async def test_a_county_over_its_quota_blocks_the_notice(panel: Panel):
    await fetch("INSERT INTO quota (id, award, organisation, places, cancelled) VALUES ($1, $2, $3, 2, 1)", new_id(), panel.award, panel.house.organisations["ningguo"])  # fmt: skip
    found = await board.board_for(panel.city, panel.award)
    assert [(one.code, one.facts["n"], one.facts["places"]) for one in board.obstacles_of(found)] == [
        ("quota_overrun", 2, 1)
    ]


async def test_a_plan_goes_through_the_panel_and_moves_everybody(panel: Panel):
    await _clear(panel)
    await with_rules(
        panel, Constraint(code="w", label="产业工人", subset=WORKERS, op="min", count=1, rule="H22"), places=2
    )
    made = await people(panel, other=2)
    out, into = made["other"][1], await panel.whole("何乙宁", role="substitute", stage="reserved")
    await fetch("UPDATE nomination SET stage = 'selected' WHERE id = $1", out)
    plan = await plans.save_plan(panel.city, panel.award, [out], [into])
    await plans.submit_plan(panel.city, plan, version=1)
    with pytest.raises(Refusal) as refused:
        await plans.decide_plan(panel.city, plan, adopt=True, minutes=" ", version=2)
    assert refused.value.rule == "H16"
    await plans.decide_plan(panel.city, plan, adopt=True, minutes="4月15日复议，7人到会，一致同意", version=2)
    stages = {
        one["id"]: one["stage"]
        for one in await fetch("SELECT id, stage FROM nomination WHERE id = ANY($1::uuid[])", [out, into])
    }
    assert stages == {out: "reserved", into: "selected"}
    with pytest.raises(Conflict):
        await plans.decide_plan(panel.city, plan, adopt=True, minutes="再来一次", version=3)


async def test_a_plan_brings_in_nobody_whom_the_citys_gate_would_refuse(panel: Panel):
    """An empty dossier among the substitutes: every gap is told with its name, and nobody has moved (H16, H44)."""
    out = panel.nominees["冯壬和"]
    whole = await panel.whole("何乙宁", role="substitute", stage="reserved")
    hollow = await panel.nominee("施丙和", role="substitute", stage="reserved")
    await fetch("DELETE FROM clearance WHERE nomination = $1", hollow)
    plan = await plans.save_plan(panel.city, panel.award, [out], [whole, hollow])
    await plans.submit_plan(panel.city, plan, version=1)
    with pytest.raises(Refusals) as refused:
        await plans.decide_plan(panel.city, plan, adopt=True, minutes="4月15日复议，7人到会，一致同意", version=2)
    assert {one.facts["name"] for one in refused.value.refusals} == {"施丙和"}
    assert "H44" in {one.rule for one in refused.value.refusals}  # the police were not asked about a worker
    assert "施丙和：" in str(refused.value.refusals[0])
    rows = await fetch("SELECT stage FROM nomination WHERE id = ANY($1::uuid[]) ORDER BY stage", [out, whole, hollow])
    assert [row["stage"] for row in rows] == ["city", "reserved", "reserved"]
    assert await fetchval("SELECT stage FROM composition_plan WHERE id = $1", plan) == "submitted"
    await plans.decide_plan(panel.city, plan, adopt=False, minutes="施丙和材料不全，不予采用", version=2)


async def test_a_department_that_was_never_asked_is_wanting(panel: Panel, browse):
    """H45: 缺意见 is also where nobody asked; at the county's gate nobody need have been asked."""
    unasked = panel.nominees["冯壬和"]
    await fetch("DELETE FROM clearance WHERE nomination = $1", unasked)
    found = await board.board_for(panel.city, panel.award)
    assert {who: one.lacking for who, one in found.opinions.items()} == {unasked: ("police",)}
    assert [(one.code, one.rule, one.facts["name"]) for one in board.obstacles_of(found)] == [
        ("clearance_lacking", "H45", "冯壬和")
    ]
    browser = await browse(panel.city)
    page = (await browser.get(f"/honours/cycles/{panel.round.cycle}/awards/{panel.award}/composition")).text
    assert "缺 1 个部门意见" in page
    assert "0/1" in page
    await fetch("UPDATE nomination SET stage = 'county' WHERE award = $1", panel.award)
    assert (await board.board_for(panel.ningguo, panel.award)).opinions == {}


async def test_a_head_of_a_state_enterprise_lacks_both_the_enterprises_and_the_leaders_departments(panel: Panel):
    """H40 with H41: five departments and two, of which one answered, one no longer counts, and five were never asked."""
    head = await panel.nominee("许辛越", category="enterprise_leader", flags=["state_owned"])
    await fetch("DELETE FROM clearance WHERE nomination = $1", head)
    await panel.agreed(head, "tax", "audit")
    await fetch("UPDATE clearance SET valid_until = '2026-04-13' WHERE nomination = $1 AND department = 'audit'", head)
    found = (await board.board_for(panel.city, panel.award)).opinions[head]
    assert (found.agreed, found.wanted) == (1, 7)
    assert set(found.lacking) == {"market", "labour", "safety", "environment", "audit", "discipline"}


async def test_a_plan_that_leaves_a_line_unmet_is_not_submitted(panel: Panel):
    await _clear(panel)
    await with_rules(panel, Constraint(code="w", label="产业工人", subset=WORKERS, op="min", count=1, rule="H22"))
    made = await people(panel, other=2, r_worker=1)
    plan = await plans.save_plan(panel.city, panel.award, [made["other"][0]], [])
    with pytest.raises(Refusals) as refused:
        await plans.submit_plan(panel.city, plan, version=1)
    assert [one.code for one in refused.value.refusals] == ["composition_short"]
    again = await plans.save_plan(panel.city, panel.award, [made["other"][0]], made["r_worker"], letter="A")
    assert [tuple(one) for one in await fetch("SELECT letter, number FROM composition_plan ORDER BY number")] == [
        ("A", 1),
        ("A", 2),
    ]
    await plans.submit_plan(panel.city, again, version=1)


async def test_an_empty_try_and_a_stranger_are_refused(panel: Panel):
    with pytest.raises(Refusal) as empty:
        await plans.save_plan(panel.city, panel.award, [], [])
    assert empty.value.code == "try_empty"
    with pytest.raises(Conflict):
        await plans.save_plan(panel.city, panel.award, [new_id()], [])
    assert await fetchval("SELECT count(*) FROM composition_plan") == 0


@pytest.mark.parametrize("more", [0, 40])
async def test_the_page_asks_the_same_number_of_questions_however_many_there_are(panel: Panel, browse, more):
    await with_rules(panel, FLOOR, CEILING)
    await people(panel, other=more)
    browser = await browse(panel.city)
    path = f"/honours/cycles/{panel.round.cycle}/awards/{panel.award}/composition"
    await browser.get(path)
    with counted() as sent:
        assert (await browser.get(path)).status_code == 200
    assert len(sent) == QUERIES, [one.split()[:8] for one in sent]


QUERIES = 13
"""None of them for each nominee: the session, the award, its nominees, results, opinions that are wanting, who was asked, objections, quotas, plans, the opinions on the rows shown, the day (twice), the frame."""


async def test_the_try_stands_in_the_address(panel: Panel, browse):
    await with_rules(panel, FLOOR)
    browser = await browse(panel.city)
    path = f"/honours/cycles/{panel.round.cycle}/awards/{panel.award}/composition"
    page = (await browser.get(f"{path}?out={panel.nominees['吴己明']}&in=no-uuid&out={new_id()}")).text
    assert "试换：移出" in page
    assert "正选 3 → 2 人" in page
    other = await browse(panel.ningguo)
    assert "存为方案" not in (await other.get(path)).text
