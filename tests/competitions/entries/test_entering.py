"""A unit enters its people: drafts, handing in, what is refused and all at once, whose business it is."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import pytest

from competitions.entries import operations, queries
from competitions.entries.operations import edit_entry, start_entry, submit_entry, withdraw_entry
from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from registry.tables import Achievement
from tests.competitions.entries.support import CLOSES, DURING, OPENS, lines, open_event, worker


@pytest.fixture
async def li(house):
    """李: the contact of 甲厂."""
    return await house.person("li", "enterprise_contact", at="jia")


async def entered(house, li, *people, event=None, **fields):
    stage = event or await open_event(house, **fields)
    made = await start_entry(li, stage.event, name="一队", members=lines(*people))
    return stage, made


async def codes(li, entry) -> set[tuple[str, str | None]]:
    """Hand in and return what was refused as (code, field)."""
    version = await fetchval("SELECT version FROM entry WHERE id = $1", entry)
    with pytest.raises(Refusals) as refused:
        await submit_entry(li, entry, version=version)
    return {(one.code, one.field) for one in refused.value.refusals}


async def test_a_team_goes_in_with_its_members_in_order(house, li):
    async with moved_to(DURING):
        wang, zhou, qian = [await worker(house, n) for n in ("王立春", "周雨水", "钱惊蛰")]
        _, entry = await entered(house, li, zhou, wang, (qian, "coach"))
        await submit_entry(li, entry, version=1)
        view = await queries.entry_for(li, entry)
        assert view.stage == "submitted"
        assert [(m.name, m.role, m.active) for m in view.members] == [
            ("周雨水", "competitor", True), ("王立春", "competitor", True), ("钱惊蛰", "coach", True),
        ]  # fmt: skip
        assert (view.submitted_at, view.submitted_by_name) == (DURING, li.name)
        trail = await fetch("SELECT action, body FROM trail_entry WHERE subject = $1 ORDER BY id", entry)
        assert [row["action"] for row in trail] == ["entry.started", "entry.submitted"]
        assert "王立春" not in "".join(row["body"] for row in trail)


async def test_everything_wrong_is_said_at_once_each_beside_its_person(house, li):
    async with moved_to(DURING):
        young = await worker(house, "孙小满", born_on=date(2010, 5, 10))  # 15 on 9 May 2026
        retired = await worker(house, "吴大雪", born_on=date(1962, 1, 1))
        holder = await worker(house, "冯芒种")
        await Achievement(
            worker=holder, holder_name="冯芒种", kind="title", title="全国技术能手", level="national",
            achieved_on=date(2023, 3, 1), source_kind="test", source=house.organisations["city"],
        ).save()  # fmt: skip
        gone = await worker(house, "褚霜降")
        _, entry = await entered(house, li, young, retired, holder, gone)
        await fetch("UPDATE worker SET left_at = now() WHERE id = $1", gone)
        assert await codes(li, entry) == {
            ("team_too_large", "members"), ("too_young", "members-0"), ("retired", "members-1"),
            ("holds_title", "members-2"), ("member_left", "members-3"),
        }  # fmt: skip
        assert await fetchval("SELECT stage FROM entry WHERE id = $1", entry) == "draft"
        assert await fetchval("SELECT bool_or(active) FROM entry_member WHERE entry = $1", entry) is False


async def test_a_title_holder_may_coach(house, li):
    async with moved_to(DURING):
        wang, zhou, holder = [await worker(house, n) for n in ("王立春", "周雨水", "冯芒种")]
        await Achievement(
            worker=holder, holder_name="冯芒种", kind="honour", title="中华技能大奖", level="national",
            achieved_on=date(2020, 3, 1), source_kind="test", source=house.organisations["city"],
        ).save()  # fmt: skip
        _, entry = await entered(house, li, wang, zhou, (holder, "coach"))
        await submit_entry(li, entry, version=1)
        assert (await queries.entry_for(li, entry)).stage == "submitted"


async def test_a_withdrawn_title_bars_nobody(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        await Achievement(
            worker=wang, holder_name="王立春", kind="title", title="全国技术能手", level="national",
            achieved_on=date(2020, 3, 1), source_kind="test", source=house.organisations["city"], withdrawn_at=DURING,
        ).save()  # fmt: skip
        _, entry = await entered(house, li, wang, zhou)
        await submit_entry(li, entry, version=1)


@pytest.mark.parametrize(("count", "refused"), [(1, "team_too_small"), (4, "team_too_large")])
async def test_team_size(house, li, count, refused):
    async with moved_to(DURING):
        people = [await worker(house, f"王{n}") for n in "立雨惊春"[:count]]
        _, entry = await entered(house, li, *people)
        assert await codes(li, entry) == {(refused, "members")}


async def test_a_coach_is_no_competitor_in_the_count(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        _, entry = await entered(house, li, wang, (zhou, "coach"))
        assert await codes(li, entry) == {("team_too_small", "members")}


async def test_a_unit_sends_no_more_than_its_number(house, li):
    async with moved_to(DURING):
        stage = await open_event(house, least=1, most=1, entries_per_unit=1)
        first = await start_entry(li, stage.event, members=lines(await worker(house, "王立春")))
        second = await start_entry(li, stage.event, members=lines(await worker(house, "周雨水")))
        await submit_entry(li, first, version=1)
        assert await codes(li, second) == {("unit_limit", "name")}
        await withdraw_entry(li, first, version=2)
        await submit_entry(li, second, version=1)


async def test_one_person_one_event_names_the_units_own_entry(house, li):
    async with moved_to(DURING):
        wang = await worker(house, "王立春")
        stage = await open_event(house, kind="team", least=1, most=1, title="汽车装调工")
        other = await open_event(
            house, code="2026-cnc", least=1, most=1, title="数控车工", competition_id=stage.competition
        )
        first = await start_entry(li, stage.event, name="先锋队", members=lines(wang))
        await submit_entry(li, first, version=1)
        second = await start_entry(li, other.event, members=lines(wang))
        with pytest.raises(Refusals) as refused:
            await submit_entry(li, second, version=1)
        (one,) = refused.value.refusals
        assert (one.code, one.rule, one.field) == ("entered_elsewhere", "C13", "members-0")
        assert "汽车装调工" in str(one)
        assert "先锋队" in str(one)


async def test_one_person_one_event_tells_nothing_of_another_unit(house, li):
    async with moved_to(DURING):
        wang = await worker(house, "王立春")
        stage = await open_event(house, least=1, most=1, title="汽车装调工")
        other = await open_event(
            house, code="2026-cnc", least=1, most=1, title="数控车工", competition_id=stage.competition
        )
        first = await start_entry(li, stage.event, name="先锋队", members=lines(wang))
        await submit_entry(li, first, version=1)
        await fetch("UPDATE worker SET organisation = $2 WHERE id = $1", wang, house.organisations["yi"])
        zhao = await house.person("zhao", "enterprise_contact", at="yi")
        second = await start_entry(zhao, other.event, members=lines(wang))
        with pytest.raises(Refusals) as refused:
            await submit_entry(zhao, second, version=1)
        (one,) = refused.value.refusals
        assert one.code == "entered_by_another"
        assert "装调" not in str(one)
        assert "先锋" not in str(one)


async def test_the_database_itself_lets_one_person_compete_once(house, li):
    async with moved_to(DURING):
        wang = await worker(house, "王立春")
        stage = await open_event(house, least=1, most=1)
        await submit_entry(li, await start_entry(li, stage.event, members=lines(wang)), version=1)
        second = await start_entry(li, stage.event, members=lines(wang))
        with pytest.raises(asyncpg.UniqueViolationError):
            async with transaction():
                await fetch("UPDATE entry_member SET active = true WHERE entry = $1", second)


async def test_another_competition_is_another_matter(house, li):
    async with moved_to(DURING):
        wang = await worker(house, "王立春")
        for code in ("a", "b"):  # two competitions
            stage = await open_event(house, code=code, least=1, most=1)
            await submit_entry(li, await start_entry(li, stage.event, members=lines(wang)), version=1)


async def test_the_window_opens_and_closes_to_the_second(house, li):
    wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
    second = timedelta(seconds=1)
    stage = await open_event(house)
    async with moved_to(OPENS - second):
        with pytest.raises(Refusal) as early:
            await start_entry(li, stage.event)
        assert early.value.code == "registration_not_yet"
    async with moved_to(OPENS):
        entry = await start_entry(li, stage.event, members=lines(wang, zhou))
    async with moved_to(CLOSES):
        with pytest.raises(Refusal) as late:
            await submit_entry(li, entry, version=1)
        assert (late.value.code, late.value.rule) == ("registration_closed", "C15")
        assert "2026-04-17 17:30:00" in str(late.value)
        with pytest.raises(Refusal):
            await edit_entry(li, entry, version=1, name="一队", members=[])
    async with moved_to(CLOSES - second):
        await submit_entry(li, entry, version=1)
    async with moved_to(CLOSES):
        with pytest.raises(Refusal, match="截止"):
            await withdraw_entry(li, entry, version=2)


@pytest.mark.parametrize("stage", ["draft", "judging", "confirmed", "published"])
async def test_only_a_registering_event_takes_entries(house, li, stage):
    async with moved_to(DURING):
        made = await open_event(house, stage=stage)
        with pytest.raises((Refusal, NotFound)):
            await start_entry(li, made.event)
        assert await fetchval("SELECT count(*) FROM entry") == 0


async def test_the_neighbour_finds_nothing(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        _, entry = await entered(house, li, wang, zhou)
        zhao = await house.person("zhao", "enterprise_contact", at="yi")
        for act in (
            queries.entry_for(zhao, entry),
            edit_entry(zhao, entry, version=1, name="x", members=[]),
            submit_entry(zhao, entry, version=1),
            withdraw_entry(zhao, entry, version=1),
            operations.discard_entry(zhao, entry, version=1),
        ):
            with pytest.raises(NotFound):
                await act
        assert [one.id for one in await queries.own_entries(zhao)] == []


async def test_a_neighbours_worker_cannot_be_listed(house, li):
    async with moved_to(DURING):
        stage, ours = await open_event(house), await worker(house, "王立春")
        theirs = await worker(house, "赵寒露", at="yi")
        with pytest.raises(Refusal) as refused:
            await start_entry(li, stage.event, members=lines(ours, theirs))
        assert refused.value.code == "not_our_worker"
        assert [one.name for one in await queries.pick_workers(li, "")] == ["王立春"]
        assert await queries.pick_workers(li, "zhl") == []


async def test_an_event_of_another_county_is_not_offered(house, li):
    async with moved_to(DURING):
        near = await open_event(house, at="xuanzhou", code="near")
        far = await open_event(house, at="ningguo", code="far")
        city = await open_event(house, at="city", code="city")
        assert {one.event.id for one in await queries.offers(li)} == {near.event, city.event}
        with pytest.raises(NotFound):
            await start_entry(li, far.event)


async def test_the_days_left_are_working_days(house, li):
    await fetch("INSERT INTO calendar_year (year, source) VALUES (2026, 'test')")
    await open_event(house)
    for moment, left in ((DURING, 3), (CLOSES - timedelta(seconds=1), 0)):  # Tuesday the 14th to Friday the 17th
        async with moved_to(moment):
            (offer,) = await queries.offers(li)
            assert (offer.days_left, offer.open, offer.closed) == (left, True, False)
    async with moved_to(CLOSES):
        (offer,) = await queries.offers(li)
        assert (offer.open, offer.closed) == (False, True)


async def test_without_a_calendar_no_days_are_guessed(house, li):
    await open_event(house)
    async with moved_to(DURING):
        (offer,) = await queries.offers(li)
        assert offer.days_left is None


async def test_two_windows_of_one_contact_do_not_overwrite_each_other(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        _, entry = await entered(house, li, wang)
        assert await edit_entry(li, entry, version=1, name="一队", members=lines(wang, zhou)) == 2
        with pytest.raises(Stale):
            await edit_entry(li, entry, version=1, name="旧窗口", members=[])
        assert len((await queries.entry_for(li, entry)).members) == 2


async def test_handing_in_twice_is_a_conflict_and_editing_afterwards_refused(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        _, entry = await entered(house, li, wang, zhou)
        await submit_entry(li, entry, version=1)
        with pytest.raises(Conflict):
            await submit_entry(li, entry, version=2)
        with pytest.raises(Refusal) as refused:
            await edit_entry(li, entry, version=2, name="x", members=[])
        assert refused.value.code == "entry_not_editable"


async def test_an_individual_is_one_and_gives_the_entry_its_name(house, li):
    async with moved_to(DURING):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        stage = await open_event(house, kind="individual", least=1, most=1)
        entry = await start_entry(li, stage.event, members=lines(wang, zhou))
        assert await codes(li, entry) == {("one_competitor", "members")}
        await edit_entry(li, entry, version=1, name="", members=lines(zhou))
        await submit_entry(li, entry, version=2)
        assert (await queries.entry_for(li, entry)).name == "周雨水"


async def test_a_draft_holds_nobody_and_can_be_thrown_away(house, li):
    async with moved_to(DURING):
        wang = await worker(house, "王立春")
        stage = await open_event(house, least=1, most=1)
        other = await open_event(house, code="other", least=1, most=1, competition_id=stage.competition)
        draft = await start_entry(li, stage.event, members=lines(wang))
        second = await start_entry(li, other.event, members=lines(wang))
        await submit_entry(li, second, version=1)
        await operations.discard_entry(li, draft, version=1)
        assert await fetchrow("SELECT 1 FROM entry WHERE id = $1", draft) is None
        with pytest.raises(Refusal):
            await operations.discard_entry(li, second, version=2)


class TestSubstitution:
    async def _submitted(self, house, li):
        wang, zhou = await worker(house, "王立春"), await worker(house, "周雨水")
        stage, entry = await entered(house, li, wang, zhou)
        await submit_entry(li, entry, version=1)
        return stage, entry, await queries.entry_for(li, entry)

    async def test_takes_the_place_and_the_reason_stays(self, house, li):
        async with moved_to(DURING):
            _, entry, view = await self._submitted(house, li)
            new = await worker(house, "钱惊蛰")
            await operations.substitute(li, entry, view.members[0].id, version=2, worker=new, reason="工伤休养")
            now = await queries.entry_for(li, entry)
            assert [(m.name, m.active) for m in now.members] == [("钱惊蛰", True), ("周雨水", True)]
            assert [(m.name, m.replaced_reason, m.replaced_by) for m in now.replaced] == [
                ("王立春", "工伤休养", "钱惊蛰")
            ]
            assert now.stage == "submitted"

    async def test_frees_who_went_out(self, house, li):
        async with moved_to(DURING):
            stage, entry, view = await self._submitted(house, li)
            new = await worker(house, "钱惊蛰")
            await operations.substitute(li, entry, view.members[0].id, version=2, worker=new, reason="工伤休养")
            other = await open_event(house, code="other", least=1, most=1, competition_id=stage.competition)
            again = await start_entry(li, other.event, members=lines(view.members[0].worker))
            await submit_entry(li, again, version=1)

    @pytest.mark.parametrize("reason", ["", "   "])
    async def test_wants_a_reason(self, house, li, reason):
        async with moved_to(DURING):
            _, entry, view = await self._submitted(house, li)
            new = await worker(house, "钱惊蛰")
            with pytest.raises(Refusal) as refused:
                await operations.substitute(li, entry, view.members[0].id, version=2, worker=new, reason=reason)
            assert refused.value.field == "reason"

    async def test_the_newcomer_meets_the_same_rules(self, house, li):
        async with moved_to(DURING):
            _, entry, view = await self._submitted(house, li)
            young = await worker(house, "孙小满", born_on=date(2011, 1, 1))
            with pytest.raises(Refusals) as refused:
                await operations.substitute(li, entry, view.members[0].id, version=2, worker=young, reason="顶替")
            assert [one.code for one in refused.value.refusals] == ["too_young"]
            theirs = await worker(house, "赵寒露", at="yi")
            with pytest.raises(Refusal) as refused_too:
                await operations.substitute(li, entry, view.members[0].id, version=2, worker=theirs, reason="顶替")
            assert refused_too.value.code == "not_our_worker"
            already = view.members[1].worker
            with pytest.raises(Refusal) as twice:
                await operations.substitute(li, entry, view.members[0].id, version=2, worker=already, reason="顶替")
            assert twice.value.code == "member_twice"

    async def test_ends_with_registration(self, house, li):
        async with moved_to(DURING):
            _, entry, view = await self._submitted(house, li)
            new = await worker(house, "钱惊蛰")
        async with moved_to(CLOSES):
            with pytest.raises(Refusal) as refused:
                await operations.substitute(li, entry, view.members[0].id, version=2, worker=new, reason="工伤")
            assert refused.value.code == "registration_closed"
