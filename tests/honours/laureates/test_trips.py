"""Recuperation trips (H73): the order of asking, places and who waits, the last day to answer, what enters the files; two at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import moved_to
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from honours.laureates import files, trip_rules, trips
from honours.laureates.schemas import CareForm, ChangeForm, FinishTripForm, InviteForm, TripForm
from tests.honours.support import held, honour, worker
from tests.support.people import House

NOW = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
FORM = TripForm(
    title="2026年春季疗休养", place="黄山示例疗养院", first_day=date(2026, 5, 11), last_day=date(2026, 5, 15),
    answer_by=date(2026, 4, 30), places=2,
)  # fmt: skip


@given(
    places=st.integers(1, 4),
    said=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["accepted", "declined"])), max_size=20),
)
def test_places_against_a_naive_queue(places, said):
    """Whoever says yes stands in line by the order of asking among those who wait; the line is as long as it is, places go first come."""
    answers = [""] * 6
    holds: list[int] = []
    waits: list[int] = []
    for at, word in said:
        answers = trip_rules.settled(answers, at, word, places)
        if word == "accepted" and at not in holds:
            if at not in waits:
                waits.append(at)
        elif word == "declined":
            holds, waits = [n for n in holds if n != at], [n for n in waits if n != at]
        while waits and len(holds) < places:
            first = min(waits)
            waits.remove(first)
            holds.append(first)
        assert {n for n, a in enumerate(answers) if a == "accepted"} == set(holds)
        assert {n for n, a in enumerate(answers) if a == "waiting"} == set(waits)


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (("2026-05-11", "2026-05-15", "2026-05-11"), set()),
        (("2026-04-13", "2026-04-20", "2026-04-13"), {"trip_past", "trip_answer_by"}),
        (("2026-05-11", "2026-05-10", "2026-05-12"), {"trip_days", "trip_answer_by"}),
    ],
)
def test_the_days_of_a_trip(days, codes):
    first, last, answer_by = map(date.fromisoformat, days)
    found = trip_rules.require_days(first, last, answer_by, date(2026, 4, 14))
    assert {one.code for one in found} == codes


class Three:
    """卫甲 (2015), 蒋乙 (2018, went in 2020) and 沈丙 (2021) of 甲厂, all model workers of the city; a city and a county officer."""

    async def build(self, house: House) -> Three:
        self.house = house
        self.city = await house.person("zheng", "city_officer", at="city")
        self.county = await house.person("wu", "county_officer", at="xuanzhou")
        self.far = await house.person("feng", "county_officer", at="ningguo")
        title = await honour(
            "XC-LM", "宣城市劳动模范", kind="person", family="model_worker", level="city", treatment="city_model"
        )
        self.files = {}
        for name, year in (("卫甲", 2015), ("蒋乙", 2018), ("沈丙", 2021)):
            person = await worker(house, name)
            await held(title, name, worker=person, year=year, conferred_on=date(year, 4, 30))
            self.files[name] = person
        await files.open_files()
        for name, person in self.files.items():
            self.files[name] = await fetchval("SELECT id FROM laureate WHERE worker = $1", person)
        await files.add_care(self.city, self.files["蒋乙"], CareForm(kind="trip", happened_on=date(2020, 6, 1)))
        return self

    async def names(self, trip) -> list[str]:
        return [one["name"] for one in await trips.candidates(self.city, await trips.trip_for(self.city, trip))]

    async def version(self, trip) -> int:
        return await fetchval("SELECT version FROM laureate_trip WHERE id = $1", trip)

    async def ask(self, trip, *names: str) -> dict[str, object]:
        await trips.invite(
            self.city, trip, InviteForm(laureates=tuple(self.files[n] for n in names), version=await self.version(trip))
        )
        return {one["name"]: one["id"] for one in await trips.invited(self.city, trip)}


@pytest.fixture
async def three(house):
    return await Three().build(house)


async def test_who_never_went_is_asked_first_then_the_earlier_honour(three):
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        assert await three.names(trip) == ["卫甲", "沈丙", "蒋乙"]
        await files.add_change(three.city, three.files["沈丙"], ChangeForm(kind="abroad", happened_on=date(2026, 3, 1)))
        assert await three.names(trip) == ["卫甲", "蒋乙"]
        await three.ask(trip, "卫甲")
        assert await three.names(trip) == ["蒋乙"], "nobody is asked twice"
        with pytest.raises(Refusal) as refused:
            await three.ask(trip, "沈丙")
        assert refused.value.code == "trip_unfit"


async def test_a_place_given_back_goes_to_the_first_who_waits(three):
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲", "蒋乙", "沈丙")
        said = [await trips.answer(three.county, asked[name], "accepted") for name in ("沈丙", "卫甲", "蒋乙")]
        assert said == ["accepted", "accepted", "waiting"]
        assert await trips.answer(three.city, asked["卫甲"], "declined") == "declined"
        now = {one["name"]: one["answer"] for one in await trips.invited(three.city, trip)}
        assert now == {"卫甲": "declined", "蒋乙": "accepted", "沈丙": "accepted"}


async def test_answers_have_a_last_day_and_only_ones_own_people(three):
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲")
        with pytest.raises(NotFound):
            await trips.answer(three.far, asked["卫甲"], "accepted")
        with pytest.raises(NotFound):
            await trips.invite(three.county, trip, InviteForm(laureates=(three.files["蒋乙"],), version=2))
    async with moved_to(datetime(2026, 4, 30, 15, 59, tzinfo=UTC)):
        assert await trips.answer(three.county, asked["卫甲"], "accepted") == "accepted"
    async with moved_to(datetime(2026, 4, 30, 16, 1, tzinfo=UTC)):  # 1 May in Shanghai
        with pytest.raises(Refusal) as late:
            await trips.answer(three.county, asked["卫甲"], "declined")
        assert late.value.code == "trip_answer_late"


async def test_who_went_has_it_in_the_file_and_a_settled_trip_stays(three):
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲", "沈丙", "蒋乙")
        for name in ("卫甲", "沈丙", "蒋乙"):
            await trips.answer(three.city, asked[name], "accepted")
        with pytest.raises(Refusal) as early:
            await trips.finish(
                three.city, trip, FinishTripForm(went=(asked["卫甲"],), version=await three.version(trip))
            )
        assert early.value.code == "trip_not_over"
    async with moved_to(datetime(2026, 5, 15, 2, 0, tzinfo=UTC)):
        version = await three.version(trip)
        with pytest.raises(Refusal) as waiting:
            await trips.finish(three.city, trip, FinishTripForm(went=(asked["蒋乙"],), version=version))
        assert waiting.value.code == "trip_not_accepted"
        with pytest.raises(Stale):
            await trips.finish(three.city, trip, FinishTripForm(version=version - 1))
        assert await trips.finish(three.city, trip, FinishTripForm(went=(asked["卫甲"],), version=version)) == 1
        cares = await fetch("SELECT laureate, happened_on FROM laureate_care WHERE kind = 'trip' ORDER BY happened_on")
        assert [(one["laureate"], one["happened_on"]) for one in cares] == [
            (three.files["蒋乙"], date(2020, 6, 1)), (three.files["卫甲"], date(2026, 5, 11)),
        ]  # fmt: skip
        with pytest.raises(Conflict):
            await trips.cancel(three.city, trip, "雨", version + 1)


async def test_a_cancelled_trip_takes_no_more_answers(three):
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲")
        with pytest.raises(Refusal):
            await trips.cancel(three.city, trip, " ", await three.version(trip))
        await trips.cancel(three.city, trip, "汛期", await three.version(trip))
        with pytest.raises(Refusal) as settled:
            await trips.answer(three.city, asked["卫甲"], "accepted")
        assert settled.value.code == "trip_settled"


async def test_a_county_sees_and_exports_its_own_people_only(three, browse):
    """P3: who of other counties goes on the city's trip is not this county's to know."""
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲")
        await trips.answer(three.city, asked["卫甲"], "accepted")
        assert [row[1] for row in (await trips.export_going(three.county, trip, "订票"))[1]] == ["卫甲"]
        assert (await trips.export_going(three.far, trip, "订票"))[1] == []
    path = f"/honours/laureate-trips/{trip}"
    assert "卫甲" in (await (await browse(three.county)).get(path)).text
    assert "卫甲" not in (await (await browse(three.far)).get(path)).text


async def test_who_died_before_or_lost_the_honour_did_not_go(three):
    """H73, H76: nothing enters the file of the dead, nor of who has no valid honour any more."""
    async with moved_to(NOW):
        trip = await trips.plan_trip(three.city, FORM)
        asked = await three.ask(trip, "卫甲", "沈丙")
        for name in ("卫甲", "沈丙"):
            await trips.answer(three.city, asked[name], "accepted")
    async with moved_to(datetime(2026, 5, 15, 2, 0, tzinfo=UTC)):
        await files.add_change(
            three.city, three.files["卫甲"], ChangeForm(kind="deceased", happened_on=date(2026, 5, 2))
        )
        await fetch("UPDATE roll_entry SET revoked_at = now(), revoked_on = '2026-05-03' WHERE name = '沈丙'")
        for name in ("卫甲", "沈丙"):
            with pytest.raises(Refusal) as refused:
                form = FinishTripForm(went=(asked[name],), version=await three.version(trip))
                await trips.finish(three.city, trip, form)
            assert (refused.value.code, refused.value.facts["names"]) == ("trip_could_not_go", name)
        assert await fetchval("SELECT count(*) FROM laureate_care WHERE happened_on = '2026-05-11'") == 0


async def test_a_refused_cancellation_keeps_what_was_typed(three, browse):
    trip = await trips.plan_trip(three.city, await today_form())
    page = await browse(three.city)
    answer = await page.submit(
        f"/honours/laureate-trips/{trip}/cancellation", {"reason": "汛期道路中断", "version": "9"}
    )
    assert answer.status_code == 422
    assert 'value="汛期道路中断"' in answer.text


async def today_form() -> TripForm:
    today = await fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    return TripForm(title="示例", place="示例", first_day=today, last_day=today, answer_by=today, places=1)


async def test_two_officers_share_out_the_last_place_once(committed):
    three = await Three().build(await House().build())
    today = await fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    trip = await trips.plan_trip(
        three.city, TripForm(title="示例", place="示例", first_day=today, last_day=today, answer_by=today, places=1)
    )
    asked = await three.ask(trip, "卫甲", "沈丙")
    said = await asyncio.gather(
        trips.answer(three.city, asked["卫甲"], "accepted"), trips.answer(three.county, asked["沈丙"], "accepted")
    )
    assert sorted(said) == ["accepted", "waiting"]


async def test_the_pages_and_the_api(three, browse):
    page, county = await browse(three.city), await browse(three.county)
    today = await fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    day = today.isoformat()
    fields = {"title": "示例疗休养", "place": "黄山", "first_day": day, "last_day": day, "answer_by": "", "places": "0"}
    wrong = await page.submit("/honours/laureate-trips", fields)
    assert wrong.status_code == 422
    assert 'value="示例疗休养"' in wrong.text
    made = await page.submit("/honours/laureate-trips", fields | {"answer_by": day, "places": "1"})
    assert made.status_code == 303
    path = made.headers["location"].split("?")[0]
    assert (await county.submit("/honours/laureate-trips", fields)).status_code == 403
    shown = (await page.get(path)).text
    assert shown.index("卫甲") < shown.index("沈丙") < shown.index("蒋乙")
    asked = await page.submit(f"{path}/invitations", {"laureates": str(three.files["卫甲"]), "version": "1"})
    assert asked.status_code == 303
    invitation = await fetchval("SELECT id FROM trip_invitation")
    assert (await county.submit(f"{path}/invitations/{invitation}/answer", {"answer": "accepted"})).status_code == 303
    assert (await page.submit(f"{path}/going", {"reason": ""})).status_code == 422
    sheet = await page.submit(f"{path}/going", {"reason": "订票"})
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    listed = (await county.get("/api/v1/laureates?q=weijia")).json()
    assert [one["name"] for one in listed["rows"]] == ["卫甲"]
    one = (await county.get(f"/api/v1/laureates/{three.files['卫甲']}")).json()
    assert (one["valid"], [h["title"] for h in one["honours"]]) == (True, ["宣城市劳动模范"])
    assert "health" not in one
    assert (await (await browse(three.far)).get(f"/api/v1/laureates/{three.files['卫甲']}")).status_code == 404


def test_refusals_are_named_at_once():
    found = trip_rules.require_days(date(2026, 4, 1), date(2026, 3, 1), date(2026, 5, 1), date(2026, 4, 14))
    with pytest.raises(Refusals) as refused:
        raise Refusals(found)
    assert len(refused.value.refusals) == 3
