"""Model workers' files, allowances, entitlements: rules by table, refusals, reach, two officers at once."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import moved_to
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Stale
from honours.laureates import allowances, entitlements, files, rules
from honours.laureates.rules import Rate, Title
from honours.laureates.schemas import CareForm, ChangeForm, EntitlementRuleForm, HealthForm, PayForm, RateForm
from registry.achievements import operations as achievements
from registry.achievements.schemas import Achieved
from tests.honours.nominations.support import NOW, PHONE, Round
from tests.honours.support import held, honour, worker
from tests.support.people import House

TABLE = [
    Rate(treatment=treatment, titles=titles, amount=fen, valid_from=date(2020, 1, 1))
    for treatment, titles, fen in allowances.EXAMPLE
]
GIVEN = Title(treatment="city_model", conferred_on=date(2020, 5, 1))


@pytest.mark.parametrize(("count", "fen"), [(1, 5000), (2, 6000), (3, 7000), (4, 7000)])
def test_the_example_of_h73(count, fen):
    assert rules.due([GIVEN] * count, TABLE, date(2026, 11, 1), "").amount == fen


def test_the_special_class_goes_before_the_count():
    special = Title(treatment="national_model", conferred_on=date(2000, 5, 1))
    assert rules.due([special, GIVEN, GIVEN], TABLE, date(2026, 11, 1), "").amount == 8000


@pytest.mark.parametrize(
    ("title", "standing", "paid", "why"),
    [
        (msgspec.structs.replace(GIVEN, revoked_on=date(2026, 11, 30)), "", False, "no_title"),
        (msgspec.structs.replace(GIVEN, revoked_on=date(2026, 12, 1)), "", False, ""),
        (msgspec.structs.replace(GIVEN, conferred_on=date(2026, 12, 1)), "", False, "no_title"),
        (GIVEN, "deceased", False, "deceased"),
        (GIVEN, "moved", False, "moved"),
        (GIVEN, "retired", False, ""),
        (GIVEN, "", True, "paid"),
    ],
)
def test_why_nothing_is_due(title, standing, paid, why):
    found = rules.due([title], TABLE, date(2026, 11, 1), standing, paid=paid)
    assert (found.why_not, found.amount) == (why, 0 if why else 5000)


@given(
    st.lists(
        st.builds(
            Title, treatment=st.sampled_from(rules.TREATMENT_ORDER),
            conferred_on=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
            revoked_on=st.none() | st.dates(date(2020, 1, 1), date(2026, 12, 31)),
        ), max_size=6,
    ),
    st.dates(date(2020, 1, 1), date(2026, 12, 31)),
)  # fmt: skip
def test_treatment_against_a_naive_count(titles, day):
    best, count = -1, 0
    for one in titles:
        if one.conferred_on <= day and not (one.revoked_on and one.revoked_on <= day):
            count += 1
            best = max(best, rules.TREATMENT_ORDER.index(one.treatment))
    assert rules.treatment_of(titles, day) == (rules.TREATMENT_ORDER[best] if count else "", count)


@pytest.mark.parametrize("text", ["2026-13", "2026", "", "26-11", "２０２６-11"])
def test_no_such_month(text):
    with pytest.raises(Refusal):
        rules.month_of(text)


async def _file(house, name: str = "赵立春", *, at: str = "jia") -> tuple[UUID, UUID]:
    medal = await fetchval("SELECT id FROM honour WHERE code = 'city-may1-medal'")
    if medal is None:
        medal = await honour("city-may1-medal", "宣城市五一劳动奖章", family="may1_medal", treatment="city_model")
    who = await worker(house, name, at=at)
    entry = await held(medal, name, worker=who)
    await files.open_files()
    return await fetchval("SELECT id FROM laureate WHERE worker = $1", who), entry


async def test_files_open_once_from_the_ledger_also_outside_the_registry(house):
    await _file(house)
    medal = await fetchval("SELECT id FROM honour WHERE code = 'city-may1-medal'")
    await held(medal, "钱雨水", unit_name="示例旧厂", region="341881")
    competition = await honour("skill", "宣城市技术能手", family="competition")
    await held(competition, "孙小满", unit_name="示例旧厂")

    assert (await files.open_files(), await files.open_files()) == (1, 0)
    assert {row["name"] for row in await fetch("SELECT name FROM laureate")} == {"赵立春", "钱雨水"}


async def test_a_county_sees_its_own_and_no_page_tells_a_number(house, browse):
    mine, _ = await _file(house)
    theirs, _ = await _file(house, "钱雨水", at="yi")
    officer = await browse(await house.person("wu", "county_officer", at="xuanzhou"))

    listed = await officer.get("/honours/laureates")
    shown = await officer.get(f"/honours/laureates/{mine}")

    assert listed.status_code == shown.status_code == 200
    assert "赵立春" in listed.text
    assert "钱雨水" not in listed.text
    assert (await officer.get(f"/honours/laureates/{theirs}")).status_code == 404
    assert PHONE not in listed.text + shown.text
    assert (await officer.get("/honours/allowances")).status_code == 403


async def test_health_is_sealed_and_read_for_a_reason_only(house, browse):
    mine, _ = await _file(house)
    actor = await house.person("wu", "county_officer", at="xuanzhou")
    await files.save_health(actor, mine, HealthForm(version=1, health="示例慢性病"))
    officer = await browse(actor)

    sealed = bytes(await fetchval("SELECT health_sealed FROM laureate WHERE id = $1", mine))
    assert "示例慢性病".encode() not in sealed
    assert "示例慢性病" not in (await officer.get(f"/honours/laureates/{mine}")).text
    assert (await officer.submit(f"/honours/laureates/{mine}/health-reading", {"reason": ""})).status_code == 422
    assert (
        "示例慢性病"
        in (await officer.submit(f"/honours/laureates/{mine}/health-reading", {"reason": "慰问前核对"})).text
    )
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'laureate.health_read'") == 1
    with pytest.raises(Stale):
        await files.save_health(actor, mine, HealthForm(version=1, health="别的"))


async def test_care_stops_with_the_honour_and_changes_after_death_are_refused(house):
    mine, entry = await _file(house)
    actor = await house.person("wu", "county_officer", at="xuanzhou")
    async with moved_to(NOW):
        with pytest.raises(Refusal, match="不能晚于今天"):
            await files.add_care(actor, mine, CareForm(kind="visit", happened_on=date(2026, 4, 15)))
        await files.add_care(actor, mine, CareForm(kind="visit", happened_on=date(2026, 4, 14)))
        assert (await files.listed(actor, {"due": "visit"})).total == 0
        assert (await files.listed(actor, {"due": "checkup"})).total == 1
        await fetch("UPDATE roll_entry SET revoked_at = now(), revoked_on = '2026-04-14' WHERE id = $1", entry)
        with pytest.raises(Refusal, match="待遇已停止"):
            await files.add_care(actor, mine, CareForm(kind="trip", happened_on=date(2026, 4, 14)))
        await files.add_change(actor, mine, ChangeForm(kind="deceased", happened_on=date(2026, 4, 1)))
        with pytest.raises(Refusal, match="已登记去世"):
            await files.add_change(actor, mine, ChangeForm(kind="work", happened_on=date(2026, 4, 14)))


async def test_a_month_is_paid_once_and_only_as_it_was_shown(house, browse):
    await _file(house)
    city = await house.person("zheng", "city_officer", at="city")
    await allowances.add_rate(city, RateForm(titles=1, amount=5000, valid_from=date(2020, 1, 1)))
    with pytest.raises(Stale):
        await allowances.pay(city, PayForm(month="2026-04", total=4999))
    assert await allowances.pay(city, PayForm(month="2026-04", total=5000)) == 5000
    with pytest.raises(Refusal, match="没有待发放"):
        await allowances.pay(city, PayForm(month="2026-04", total=5000))
    page = (await (await browse(city)).get("/honours/allowances?month=2026-04")).text
    assert "当月已发放" in page
    assert "50.00" in page


async def _result(house, name: str, rank: int, *, at: str = "jia") -> tuple[UUID, UUID]:
    who, source = await worker(house, name, at=at), new_id()
    fact = Achieved(
        holder_name=name, kind="competition", title="示例焊工大赛", achieved_on=date(2026, 4, 1), source_kind="result_row",
        source=source, worker=who, rank=rank,
    )  # fmt: skip
    return await achievements.record(None, fact), source


async def test_results_wait_start_a_separate_listing_once_and_vanish_when_withdrawn(house, browse):
    async with moved_to(NOW):
        round_ = await Round(house).build()
        city = await house.person("zheng", "city_officer", at="city")
        contact = await house.person("qian", "enterprise_contact", at="jia")
        medal = round_.honours["city-may1-medal"]
        await entitlements.add_rule(city, EntitlementRuleForm(level="city", rank=1, honour=medal))
        first, _ = await _result(house, "赵立春", 1)
        await _result(house, "钱雨水", 2)
        other, source = await _result(house, "孙小满", 1, at="yi")

        assert [row["holder_name"] for row in await entitlements.inbox(contact)] == ["赵立春"]
        assert {row["holder_name"] for row in await entitlements.inbox(city)} == {"赵立春", "孙小满"}
        assert "赵立春" in (await (await browse(contact)).get("/honours/entitlements")).text
        with pytest.raises(NotFound):
            await entitlements.start(contact, other, medal)

        made = await entitlements.start(contact, first, medal)
        row = (await fetch("SELECT stage, listing, listing_reason FROM nomination WHERE id = $1", made))[0]
        assert tuple(row.values()) == ("draft", "separate", "示例焊工大赛 第 1 名")
        with pytest.raises(NotFound):
            await entitlements.start(contact, first, medal)
        await achievements.withdraw(None, source=source, reason="成绩更正")
        assert await entitlements.inbox(city) == []


async def test_put_aside_stays_aside(house):
    round_ = await Round(house).build()
    city = await house.person("zheng", "city_officer", at="city")
    medal = round_.honours["city-may1-medal"]
    await entitlements.add_rule(city, EntitlementRuleForm(level="city", rank=3, honour=medal))
    first, _ = await _result(house, "赵立春", 3)
    await entitlements.dismiss(city, first, medal, "本人已获更高荣誉")
    assert await entitlements.inbox(city) == []
    assert await fetchval("SELECT reason FROM entitlement_answer") == "本人已获更高荣誉"


async def test_two_officers_pay_once(committed):
    async with transaction():
        house = await House().build()
        await _file(house)
        officers = [await house.person(name, "city_officer", at="city") for name in ("zheng", "feng")]
        await allowances.add_rate(officers[0], RateForm(titles=1, amount=5000, valid_from=date(2020, 1, 1)))

    async def pay(officer):
        try:
            return await allowances.pay(officer, PayForm(month="2026-04", total=5000))
        except Refusal as refused:
            return refused.code

    made = await asyncio.gather(*(pay(officer) for officer in officers))
    assert sorted(made, key=str) == [5000, "nothing_to_pay"]
    assert await fetchval("SELECT sum(amount) FROM allowance_payment") == 5000
