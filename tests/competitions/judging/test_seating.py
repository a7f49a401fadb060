"""Panels and seats: who may sit where, who is excused, and what is refused with its arithmetic (C60, C61)."""

from __future__ import annotations

from uuid import UUID

import pytest

from competitions.judging.appointments import appoint, dismiss
from competitions.judging.schemas import AppointIn, ExcuseIn, PanelIn, SeatIn
from competitions.judging.seating import (
    change_panel,
    excuse,
    excuse_own_units,
    make_panel,
    remove_panel,
    seat_judge,
    settle_excusals,
    vacate_seat,
)
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from tests.competitions import support


def rules_with(minimum: int) -> dict:
    return {
        "modules": [{"code": "m", "aspects": [
            {"code": "P1", "kind": "points", "max": "60", "step": "0.5", "panel": {"minimum": minimum}},
            {"code": "P2", "kind": "judgement", "max": "40"}]}],
        "ranking": [{"by": "total"}],
    }  # fmt: skip


class Scene:
    """An event of the city with one entry of 甲 (A01) and one of 乙 (A02), an officer of the city, and one panel."""

    def __init__(self, house, stage, officer, panel: UUID) -> None:
        self.house, self.stage, self.officer, self.panel = house, stage, officer, panel

    async def judge(self, login: str, *, at: str | None = None):
        return await self.house.person(login, "judge", at=at)

    async def seat(self, judge, **kwargs) -> UUID:
        return await seat_judge(self.officer, self.panel, SeatIn(account=judge.account, **kwargs))

    async def excused(self) -> set[tuple[str, str, bool]]:
        rows = await fetch(
            "SELECT s.code AS seat, n.code, x.automatic FROM excusal x JOIN seat s ON s.id = x.seat JOIN entry n ON n.id = x.entry"
            " WHERE s.event = $1", self.stage.event,
        )  # fmt: skip
        return {(row["seat"], row["code"], row["automatic"]) for row in rows}


async def scene_of(house, minimum: int = 1) -> Scene:
    stage = await support.event(house, rules=rules_with(minimum))
    await support.entry(house, stage, "A01", at="jia")
    await support.entry(house, stage, "A02", at="yi")
    officer = await house.person("zhao", "city_officer", at="city")
    panel = await make_panel(officer, stage.event, PanelIn(title="实操组", aspects=("P1", "P2")))
    return Scene(house, stage, officer, panel)


@pytest.fixture
async def scene(house) -> Scene:
    return await scene_of(house)


async def code_of(awaitable) -> str:
    with pytest.raises((Refusal, Conflict)) as caught:
        await awaitable
    return caught.value.code


async def test_a_seated_judge_gets_a_code_and_the_role_within_the_event(scene):
    qian = await scene.judge("qian")
    seat = await scene.seat(qian)
    assert await fetchval("SELECT code FROM seat WHERE id = $1", seat) == "J1"
    assert scene.stage.event in (await scene.house.refresh(qian)).events_as("judge")


async def test_seating_ends_the_judges_sessions_since_the_roles_changed(scene):
    from foundation.web.sessions import open_session

    qian = await scene.judge("qian")
    await open_session(qian.account, state="signed_in")
    await scene.seat(qian)
    assert await fetchval("SELECT count(*) FROM session WHERE account = $1", qian.account) == 0


async def test_somebody_who_is_no_judge_is_not_seated(scene):
    outsider = await scene.house.person("sun", "enterprise_contact", at="jia")
    assert await code_of(scene.seat(outsider)) == "not_a_judge"


async def test_a_judge_who_was_struck_off_is_not_seated(scene):
    qian = await scene.judge("qian")
    await fetch("UPDATE role_grant SET ended_at = now() WHERE account = $1", qian.account)
    assert await code_of(scene.seat(qian)) == "not_a_judge"


async def test_two_judges_in_one_seat_and_one_judge_twice(scene):
    qian, li = await scene.judge("qian"), await scene.judge("li")
    await scene.seat(qian)
    assert await code_of(scene.seat(li, code="J1")) == "seat_taken"
    assert await code_of(scene.seat(qian)) == "seated_already"


async def test_the_database_itself_keeps_a_judge_from_sitting_twice_on_a_panel(scene):
    import asyncpg

    qian = await scene.judge("qian")
    seat = await scene.seat(qian)
    with pytest.raises(asyncpg.UniqueViolationError):
        await fetch(
            "INSERT INTO seat (id, panel, event, code, account) SELECT gen_random_uuid(), panel, event, 'J9', account"
            " FROM seat WHERE id = $1", seat,
        )  # fmt: skip


async def test_a_judge_has_one_code_on_all_panels_and_nobody_elses(house):
    stage = await support.event(house)
    officer = await house.person("zhao", "city_officer", at="city")
    theory = await make_panel(officer, stage.event, PanelIn(title="理论", aspects=("T",)))
    practice = await make_panel(officer, stage.event, PanelIn(title="实操", aspects=("P1", "P2")))
    qian, li = await house.person("qian", "judge", at="jia"), await house.person("li", "judge", at="yi")
    await seat_judge(officer, theory, SeatIn(account=qian.account))
    assert await code_of(seat_judge(officer, practice, SeatIn(account=qian.account, code="J7"))) == "another_code"
    assert await code_of(seat_judge(officer, practice, SeatIn(account=li.account, code="J1"))) == "code_of_another"
    again = await seat_judge(officer, practice, SeatIn(account=qian.account))
    other = await seat_judge(officer, practice, SeatIn(account=li.account))
    assert await fetchval("SELECT code FROM seat WHERE id = $1", again) == "J1"
    assert await fetchval("SELECT code FROM seat WHERE id = $1", other) == "J2"


@pytest.mark.parametrize("role", ["supervisor", "code_keeper"])
async def test_whoever_supervises_or_keeps_codes_does_not_judge_and_the_other_way_round(scene, role):
    qian, li = await scene.judge("qian"), await scene.judge("li")
    await appoint(scene.officer, scene.stage.event, AppointIn(account=qian.account, role=role))
    assert await code_of(scene.seat(qian)) == "roles_not_separate"
    await scene.seat(li)
    assert await code_of(appoint(scene.officer, scene.stage.event, AppointIn(account=li.account, role=role))) == (
        "roles_not_separate_reverse"
    )


async def test_a_new_chief_judge_relieves_the_one_before(scene):
    qian, li = await scene.judge("qian"), await scene.judge("li")
    event = scene.stage.event
    await appoint(scene.officer, event, AppointIn(account=qian.account, role="chief_judge"))
    await appoint(scene.officer, event, AppointIn(account=li.account, role="chief_judge"))
    assert event not in (await scene.house.refresh(qian)).events_as("chief_judge")
    assert event in (await scene.house.refresh(li)).events_as("chief_judge")
    await dismiss(scene.officer, event, li.account, "chief_judge")
    assert event not in (await scene.house.refresh(li)).events_as("chief_judge")
    with pytest.raises(NotFound):
        await dismiss(scene.officer, event, li.account, "chief_judge")


async def test_a_judge_of_the_entrys_enterprise_is_excused_from_it_alone(scene):
    await scene.seat(await scene.judge("qian"))
    await scene.seat(await scene.judge("li", at="jia"))
    assert await scene.excused() == {("J2", "A01", True)}


async def test_a_judge_of_the_same_group_is_excused_but_not_one_of_the_same_county(house):
    above = house.organisations
    group = await house.organisation("group", "示例集团工会", parent=above["xuanzhou"], unit="示例集团")
    await house.organisation("branch-a", "示例一分公司工会", parent=group)
    await house.organisation("branch-b", "示例二分公司工会", parent=group)
    await house.organisation("other", "示例丙厂工会", parent=above["xuanzhou"])
    stage = await support.event(house, rules=rules_with(1))
    await support.entry(house, stage, "A01", at="branch-a")
    officer = await house.person("zhao", "city_officer", at="city")
    panel = await make_panel(officer, stage.event, PanelIn(title="组", aspects=("P1", "P2")))
    scene = Scene(house, stage, officer, panel)
    await scene.seat(await scene.judge("neutral", at="other"))
    await scene.seat(await scene.judge("branch", at="branch-b"))
    await scene.seat(await scene.judge("head", at="group"))
    await scene.seat(await scene.judge("county", at="xuanzhou"))
    assert await scene.excused() == {("J2", "A01", True), ("J3", "A01", True)}


async def test_a_judge_whose_excusal_would_leave_too_few_is_not_seated_and_the_sum_is_said(house):
    scene = await scene_of(house, minimum=3)
    await scene.seat(await scene.judge("qian"))
    await scene.seat(await scene.judge("li"))
    with pytest.raises(Refusal) as caught:
        await scene.seat(await scene.judge("wang", at="jia"))
    assert (caught.value.code, caught.value.rule) == ("panel_too_small", "C61")
    assert "A01 在席 3 人 − 免评 1 人 = 2 人，少于 P1 P1 要求的 3 人" in str(caught.value)
    assert "至少 1 名" in str(caught.value)
    assert await fetchval("SELECT count(*) FROM seat WHERE event = $1", scene.stage.event) == 2, "nothing half-written"
    assert await scene.excused() == set()


async def test_the_same_judge_sits_once_enough_others_do(house):
    scene = await scene_of(house, minimum=3)
    for login in ("qian", "li", "zhou"):
        await scene.seat(await scene.judge(login))
    await scene.seat(await scene.judge("wang", at="jia"))
    assert await scene.excused() == {("J4", "A01", True)}


async def test_a_declared_relation_excuses_and_takes_back_what_was_given(scene):
    qian, li = await scene.judge("qian"), await scene.judge("li")
    seat = await scene.seat(qian)
    await scene.seat(li)
    scene.stage.judges["J1"] = qian
    await support.mark(scene.stage, "A02", "P1", "J1", "50")
    entry = scene.stage.entries["A02"]
    await excuse(scene.officer, ExcuseIn(seat=seat, entry=entry, reason="师徒关系"))
    assert await scene.excused() == {("J1", "A02", False)}
    rows = await fetch("SELECT version, value FROM mark WHERE seat = $1 ORDER BY version", seat)
    assert [tuple(row) for row in rows] == [(1, "50"), (2, None)]
    assert (
        await code_of(excuse(scene.officer, ExcuseIn(seat=seat, entry=entry, reason="师徒关系"))) == "excused_already"
    )


async def test_a_declared_relation_is_refused_where_too_few_would_be_left(scene):
    seat = await scene.seat(await scene.judge("qian"))
    given = ExcuseIn(seat=seat, entry=scene.stage.entries["A02"], reason="师徒关系")
    assert await code_of(excuse(scene.officer, given)) == "panel_too_small"
    assert await scene.excused() == set()


async def test_an_entry_accepted_later_is_excused_when_asked_again(scene):
    await scene.seat(await scene.judge("qian"))
    await scene.seat(await scene.judge("li", at="yi"))
    await support.entry(scene.house, scene.stage, "A03", at="yi")
    assert await excuse_own_units(scene.officer, scene.stage.event) == 1
    assert await excuse_own_units(scene.officer, scene.stage.event) == 0
    assert await scene.excused() == {("J2", "A02", True), ("J2", "A03", True)}


async def test_a_vacated_seat_keeps_its_marks_and_may_be_taken_again_by_the_same_judge(scene):
    qian = await scene.judge("qian")
    seat = await scene.seat(qian)
    await support.mark(scene.stage, "A01", "P1", "J1", "50")
    await vacate_seat(scene.officer, seat)
    assert scene.stage.event not in (await scene.house.refresh(qian)).events_as("judge")
    assert await fetchval("SELECT count(*) FROM mark WHERE seat = $1", seat) == 1
    assert await scene.seat(qian) == seat


async def test_a_vacated_code_is_not_handed_to_another(scene):
    await vacate_seat(scene.officer, await scene.seat(await scene.judge("qian")))
    other = await scene.seat(await scene.judge("li"))
    assert await fetchval("SELECT code FROM seat WHERE id = $1", other) == "J2"


async def test_a_signed_seat_is_not_vacated(scene):
    seat = await scene.seat(await scene.judge("qian"))
    await fetch("UPDATE seat SET sheet_state = 'signed' WHERE id = $1", seat)
    assert await code_of(vacate_seat(scene.officer, seat)) == "sheet_signed_stays"


async def test_an_aspect_belongs_to_one_panel_and_must_exist(scene):
    event, officer = scene.stage.event, scene.officer
    assert await code_of(make_panel(officer, event, PanelIn(title="又一组", aspects=("P2",)))) == "aspect_taken"
    assert await code_of(make_panel(officer, event, PanelIn(title="又一组", aspects=("X",)))) == "unknown_aspects"
    assert await code_of(make_panel(officer, event, PanelIn(title="又一组", aspects=()))) == "no_aspects"


async def test_a_marked_aspect_does_not_leave_its_panel(scene):
    seat = await scene.seat(await scene.judge("qian"))
    await support.mark(scene.stage, "A01", "P1", "J1", "50")
    assert (
        await code_of(change_panel(scene.officer, scene.panel, PanelIn(title="组", aspects=("P2",)))) == "aspect_marked"
    )
    await change_panel(scene.officer, scene.panel, PanelIn(title="新名", aspects=("P1",)))
    assert await fetchval("SELECT aspects FROM panel WHERE id = $1", scene.panel) == ["P1"]
    assert await code_of(remove_panel(scene.officer, scene.panel)) == "panel_in_use"
    assert seat


async def test_an_officer_of_another_county_finds_nothing(house):
    stage = await support.event(house, at="xuanzhou", rules=rules_with(1))
    stranger = await house.person("feng", "county_officer", at="ningguo")
    owner = await house.person("zhao", "county_officer", at="xuanzhou")
    panel = await make_panel(owner, stage.event, PanelIn(title="组", aspects=("P1",)))
    judge = await house.person("qian", "judge", at="jia")
    for attempt in (
        make_panel(stranger, stage.event, PanelIn(title="组", aspects=("P2",))),
        change_panel(stranger, panel, PanelIn(title="组", aspects=("P1",))),
        remove_panel(stranger, panel),
        seat_judge(stranger, panel, SeatIn(account=judge.account)),
        appoint(stranger, stage.event, AppointIn(account=judge.account, role="chief_judge")),
    ):
        with pytest.raises(NotFound):
            await attempt


@pytest.mark.parametrize("at", ["confirmed", "published"])
async def test_nothing_moves_once_the_results_are_confirmed(scene, at):
    await fetch("UPDATE event SET stage = $2 WHERE id = $1", scene.stage.event, at)
    assert await code_of(scene.seat(await scene.judge("qian"))) == "not_seatable"


async def test_when_judging_starts_later_entries_are_excused_and_a_panel_too_small_is_refused(house):
    scene = await scene_of(house, minimum=2)
    for login, at in (("qian", None), ("li", None), ("wang", "yi")):
        await scene.seat(await scene.judge(login, at=at))
    await support.entry(house, scene.stage, "A03", at="yi")
    await settle_excusals(scene.officer, scene.stage.event)
    assert ("J3", "A03", True) in await scene.excused()
    await fetch("UPDATE seat SET organisation = $1 WHERE code = 'J2'", house.organisations["yi"])
    with pytest.raises(Refusals) as caught:
        await settle_excusals(scene.officer, scene.stage.event)
    assert [one.code for one in caught.value.refusals] == ["panel_too_small"]
