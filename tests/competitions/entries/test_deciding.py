"""The organiser decides: numbers without a gap, reasons, races, whose business it is, what is frozen at the close."""

from __future__ import annotations

import asyncio
import io

import msgspec
import openpyxl
import pytest

from competitions.entries import deciding, queries, review
from competitions.entries.operations import edit_entry, freeze_snapshots, start_entry, submit_entry
from competitions.entries.schemas import Choice
from competitions.programme.operations import move_event
from competitions.results import todo
from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.navigation import asked
from tests.competitions import support
from tests.competitions.entries.support import CLOSES, DURING, lines, open_event, worker
from tests.support.people import House


@pytest.fixture
async def li(house):
    return await house.person("li", "enterprise_contact", at="jia")


@pytest.fixture
async def zhou(house):
    """周: the city's officer."""
    return await house.person("zhou", "city_officer", at="city")


async def waiting(house, li, stage, *names) -> list[Choice]:
    """Entries of one person each, handed in."""
    made = []
    for name in names:
        entry = await start_entry(li, stage.event, name=f"{name}队", members=lines(await worker(house, name)))
        await submit_entry(li, entry, version=1)
        made.append(Choice(id=entry, version=2))
    return made


async def small(house, **fields):
    return await open_event(house, least=1, most=1, entries_per_unit=20, **fields)


async def test_numbers_run_without_a_gap_within_an_event(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        first, second, third = await waiting(house, li, stage, "王立春", "周雨水", "钱惊蛰")
        assert await deciding.accept_entries(zhou, [second]) == ["A01"]
        await deciding.reject_entry(zhou, first, reason="工种不符")
        assert await deciding.accept_entries(zhou, [third]) == ["A02"]
        other = await small(house, code="other")
        (one,) = await waiting(house, li, other, "孙小满")
        assert await deciding.accept_entries(zhou, [one]) == ["A01"]


async def test_many_at_once_are_all_or_none(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        first, second, third = await waiting(house, li, stage, "王立春", "周雨水", "钱惊蛰")
        await deciding.return_entry(zhou, second, reason="缺教练")
        with pytest.raises(Conflict):
            await deciding.accept_entries(zhou, [first, second, third])
        assert await fetchval("SELECT count(*) FROM entry WHERE code IS NOT NULL") == 0
        assert await deciding.accept_entries(zhou, [first, third]) == ["A01", "A02"]
        with pytest.raises(Refusal):
            await deciding.accept_entries(zhou, [])


async def test_a_returned_entry_is_put_right_and_comes_again(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        (one,) = await waiting(house, li, stage, "王立春")
        with pytest.raises(Refusal) as refused:
            await deciding.return_entry(zhou, one, reason="  ")
        assert refused.value.field == "reason"
        await deciding.return_entry(zhou, one, reason="请补教练")
        (line,) = await queries.own_entries(li)
        assert (line.stage, line.return_reason, line.editable) == ("returned", "请补教练", True)
        assert await asked(queries.returned_count(li)) == 1
        coach = await worker(house, "冯芒种")
        wang = (await queries.entry_for(li, one.id)).members[0].worker
        version = await edit_entry(li, one.id, version=3, name="王队", members=lines(wang, (coach, "coach")))
        await submit_entry(li, one.id, version=version)
        view = await queries.entry_for(zhou, one.id)
        assert (view.stage, view.return_reason, len(view.members)) == ("submitted", "", 2)


async def test_a_returned_entry_stands_on_its_units_first_page_until_the_close(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        one, _other = await waiting(house, li, stage, "王立春", "周雨水")
        assert await todo.to_dos(li, DURING) == []
        await deciding.return_entry(zhou, one, reason="请补教练")
    (item,) = await todo.to_dos(li, DURING)
    assert (item.href, item.due, item.mine) == (f"/entries/{one.id}", CLOSES, True)
    assert "请补教练" in item.note
    assert await todo.to_dos(await house.person("zhao", "enterprise_contact", at="yi"), DURING) == []
    assert await todo.to_dos(li, CLOSES) == []


async def test_rejecting_frees_the_people(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        (one,) = await waiting(house, li, stage, "王立春")
        await deciding.reject_entry(zhou, one, reason="工种不符")
        wang = (await queries.entry_for(li, one.id)).members[0].worker
        other = await small(house, code="other", competition_id=stage.competition)
        again = await start_entry(li, other.event, members=lines(wang))
        await submit_entry(li, again, version=1)


async def test_an_officer_of_another_county_finds_nothing(house, li):
    async with moved_to(DURING):
        stage = await small(house, at="xuanzhou")
        (one,) = await waiting(house, li, stage, "王立春")
        outsider = await house.person("wu", "county_officer", at="ningguo")
        for act in (
            queries.entry_for(outsider, one.id),
            deciding.accept_entries(outsider, [one]),
            deciding.return_entry(outsider, one, reason="x"),
            deciding.reject_entry(outsider, one, reason="x"),
            deciding.strike_entry(outsider, one, reason="x"),
        ):
            with pytest.raises(NotFound):
                await act
        assert (await review.reviewed(outsider, {})).rows == []
        assert await asked(queries.waiting_count(outsider)) == 0
        own = await house.person("he", "county_officer", at="xuanzhou")
        assert [row["name"] for row in (await review.reviewed(own, {})).rows] == ["王立春队"]
        assert await deciding.accept_entries(own, [one]) == ["A01"]


async def test_the_officer_never_sees_a_draft(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        draft = await start_entry(li, stage.event, members=lines(await worker(house, "王立春")))
        with pytest.raises(NotFound):
            await queries.entry_for(zhou, draft)
        with pytest.raises(NotFound):
            await deciding.accept_entries(zhou, [Choice(id=draft, version=1)])
        assert (await review.reviewed(zhou, {})).rows == []


async def test_the_list_is_found_by_name_pinyin_member_and_unit(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        await waiting(house, li, stage, "王立春", "周雨水")
        for q, names in {"王立": ["王立春队"], "wanglichun": ["王立春队"], "zys": ["周雨水队"],
                         "甲机械": ["王立春队", "周雨水队"], "乙汽车": []}.items():  # fmt: skip
            assert sorted(row["name"] for row in (await review.reviewed(zhou, {"q": q})).rows) == sorted(names)
        assert [r["name"] for r in (await review.reviewed(zhou, {"sort": "-name"})).rows] == ["王立春队", "周雨水队"]
        assert (await review.reviewed(zhou, {"stage": "accepted"})).rows == []
        assert len((await review.reviewed(zhou, {"county": "341802"})).rows) == 2
        assert (await review.reviewed(zhou, {"county": "341881"})).rows == []


async def test_the_export_has_names_and_no_personal_number(house, li, zhou):
    async with moved_to(DURING):
        stage = await small(house)
        await waiting(house, li, stage, "王立春", "周雨水")
        body = await review.exported(zhou, {"q": "王立春"}, stage.event)
        rows = [[cell for cell in row if cell] for row in openpyxl.load_workbook(io.BytesIO(body)).active.values]
        assert rows[0][:3] == ["参赛号", "队名或姓名", "单位"]
        assert rows[1][:2] == ["王立春队", "宣州区示例甲机械制造有限公司"]
        assert len(rows) == 2
        assert not any("身份证" in cell or "手机" in cell for row in rows for cell in row)


class TestTheClose:
    async def test_freezes_what_stands_and_later_edits_change_nothing(self, house, li, zhou):
        async with moved_to(DURING):
            stage = await small(house)
            (one,) = await waiting(house, li, stage, "王立春")
            await deciding.accept_entries(zhou, [one])
            wang = (await queries.entry_for(zhou, one.id)).members[0].worker
            await fetch(
                "UPDATE worker SET name = '王立夏', post = '班长' WHERE id = $1", wang
            )  # before the close: counts
            assert await freeze_snapshots(stage.event) == 1
            await fetch("UPDATE worker SET name = '王白露', post = '主任', skill_level = '1' WHERE id = $1", wang)
            assert await freeze_snapshots(stage.event) == 0
            member = (await queries.entry_for(zhou, one.id)).members[0]
            assert (member.name, member.post, member.skill_level, member.frozen) == ("王立夏", "班长", "3", True)
            row = await fetchrow("SELECT snapshot::text AS kept FROM entry_member WHERE entry = $1", one.id)
            assert row is not None
            kept = msgspec.json.decode(row["kept"])
            assert set(kept) == {"name", "unit", "post", "skill_level", "sex", "age_band", "frozen_at"}
            assert (kept["age_band"], kept["sex"]) == ("35-44", "1")  # born 1 June 1990: 35 on 9 May 2026

    async def test_comes_with_the_move_to_judging(self, house, li, zhou):
        async with moved_to(DURING):
            stage = await small(house)
            (one,) = await waiting(house, li, stage, "王立春")
            await deciding.accept_entries(zhou, [one])
            await support.panel(house, stage, "理论", ["T"], ["J1"])
            await support.panel(house, stage, "实操", ["P1", "P2"], ["J2", "J3"])
        async with moved_to(CLOSES):
            await move_event(zhou, stage.event, "start_judging")
            assert (await queries.entry_for(li, one.id)).members[0].frozen

    async def test_leaves_drafts_alone(self, house, li):
        async with moved_to(DURING):
            stage = await small(house)
            await start_entry(li, stage.event, members=lines(await worker(house, "王立春")))
            assert await freeze_snapshots(stage.event) == 0

    async def test_what_is_accepted_afterwards_is_frozen_then(self, house, li, zhou):
        async with moved_to(DURING):
            stage = await small(house)
            (one,) = await waiting(house, li, stage, "王立春")
        async with moved_to(CLOSES):
            await deciding.accept_entries(zhou, [one])
            assert (await queries.entry_for(zhou, one.id)).members[0].frozen

    async def test_afterwards_only_the_officer_takes_out_and_the_number_stays(self, house, li, zhou):
        async with moved_to(DURING):
            stage = await small(house)
            (one,) = await waiting(house, li, stage, "王立春")
            await deciding.accept_entries(zhou, [one])
        async with moved_to(CLOSES):
            choice = Choice(id=one.id, version=3)
            await deciding.strike_entry(zhou, choice, reason="本人因病弃赛")
            view = await queries.entry_for(li, one.id)
            assert (view.stage, view.status, view.code) == ("accepted", "withdrawn", "A01")
            change = await fetchrow("SELECT was, becomes, reason FROM status_change WHERE entry = $1", one.id)
            assert tuple(change or ()) == ("competed", "withdrawn", "本人因病弃赛")
            with pytest.raises(Conflict):
                await deciding.strike_entry(zhou, Choice(id=one.id, version=4), reason="再来一次")

    async def test_nothing_is_decided_once_results_are_confirmed(self, house, li, zhou):
        async with moved_to(DURING):
            stage = await small(house)
            (one,) = await waiting(house, li, stage, "王立春")
            await fetch("UPDATE event SET stage = 'confirmed' WHERE id = $1", stage.event)
            with pytest.raises(Conflict):
                await deciding.accept_entries(zhou, [one])


class TestTwoAtOnce:
    """Real commits on two connections."""

    async def test_two_officers_accept_and_one_wins(self, committed):
        house = await House().build()
        li = await house.person("li", "enterprise_contact", at="jia")
        zhou = await house.person("zhou", "city_officer", at="city")
        wu = await house.person("wu", "city_officer", at="city")
        async with transaction(), moved_to(DURING):
            stage = await small(house)
            first, second = await waiting(house, li, stage, "王立春", "周雨水")

        async def accept(officer, *chosen):
            return await deciding.accept_entries(officer, list(chosen))

        got = await asyncio.gather(accept(zhou, first), accept(wu, first), return_exceptions=True)
        assert sorted(type(one).__name__ for one in got) == ["Conflict", "list"]
        assert await accept(wu, second) == ["A02"]

    async def test_two_officers_number_different_entries_without_gap_or_double(self, committed):
        house = await House().build()
        li = await house.person("li", "enterprise_contact", at="jia")
        officers = [await house.person(f"officer{n}", "city_officer", at="city") for n in range(2)]
        async with transaction(), moved_to(DURING):
            stage = await small(house)
            chosen = await waiting(house, li, stage, *(f"王{n}" for n in "立雨惊春清谷夏满"))
        await asyncio.gather(
            *(deciding.accept_entries(officers[n % 2], [one]) for n, one in enumerate(chosen))
        )  # fmt: skip
        codes = [row["code"] for row in await fetch("SELECT code FROM entry ORDER BY code")]
        assert codes == [f"A0{n}" for n in range(1, 9)]

    async def test_two_enterprises_enter_the_same_worker_and_one_wins(self, committed):
        """The worker moves from 甲 to 乙 while both hand in: whoever is second is refused beside the person (C13)."""
        house = await House().build()
        li = await house.person("li", "enterprise_contact", at="jia")
        zhao = await house.person("zhao", "enterprise_contact", at="yi")
        async with transaction(), moved_to(DURING):
            # A works unit above both, so that the worker is on either's books.
            stage = await small(house, registration_opens_at=None, registration_closes_at=None)
            wang = await worker(house, "王立春")
            await fetch(
                "UPDATE organisation SET ancestors = ancestors || $2::uuid[] WHERE id = $1",
                house.organisations["jia"], [house.organisations["yi"]],
            )  # fmt: skip
        ours = await start_entry(li, stage.event, name="甲队", members=lines(wang))
        theirs = await start_entry(zhao, stage.event, name="乙队", members=lines(wang))
        got = await asyncio.gather(
            submit_entry(li, ours, version=1), submit_entry(zhao, theirs, version=1), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in got) == ["NoneType", "Refusals"]
        (lost,) = [one for one in got if isinstance(one, Refusals)]
        assert [(one.code, one.rule, one.field) for one in lost.refusals] == [
            ("entered_by_another", "C13", "members-0")
        ]
        rows = await fetch("SELECT stage FROM entry ORDER BY stage")
        assert [row["stage"] for row in rows] == ["draft", "submitted"]

    async def test_a_unit_hands_in_two_teams_at_once_and_one_is_over_the_number(self, committed):
        house = await House().build()
        li = await house.person("li", "enterprise_contact", at="jia")
        async with transaction(), moved_to(DURING):
            stage = await open_event(
                house, least=1, most=1, entries_per_unit=1, registration_opens_at=None, registration_closes_at=None
            )
            people = [await worker(house, name) for name in ("王立春", "周雨水")]
        drafts = [await start_entry(li, stage.event, members=lines(one)) for one in people]
        got = await asyncio.gather(*(submit_entry(li, one, version=1) for one in drafts), return_exceptions=True)
        assert sorted(type(one).__name__ for one in got) == ["NoneType", "Refusals"]
        (lost,) = [one for one in got if isinstance(one, Refusals)]
        assert [one.code for one in lost.refusals] == ["unit_limit"]
