"""The catalogue of honours: what is shipped, who keeps it, what cannot be changed, its pages."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from foundation.database import fetch, fetchval
from foundation.errors import Forbidden, Refusals, Stale
from honours.catalogue import operations, queries
from honours.catalogue.schemas import HonourForm
from honours.catalogue.shipped import SHIPPED
from tests.honours.support import counted
from tests.support.people import House


def form(**more) -> HonourForm:
    said = {
        "code": "city-ace",
        "title": "宣城市金牌职工",
        "level": "city",
        "kind": "person",
        "conferrer": "宣城市总工会",
    }
    return HonourForm(**{**said, **more})


async def test_the_shipped_titles_are_the_real_ones_and_come_once(house):
    officer = await house.person("qian", "city_officer", at="city")
    assert await operations.ship_catalogue(officer) == len(SHIPPED)
    assert await operations.ship_catalogue(None) == 0
    known = await queries.honours_by_code()
    titles = {one.title for one in known.values()}
    assert {
        "全国五一劳动奖状", "全国五一劳动奖章", "全国工人先锋号", "全国劳动模范", "全国先进工作者", "安徽省五一劳动奖章",
        "宣城市五一劳动奖状", "宣城市五一劳动奖章", "宣城市工人先锋号", "宣城市劳动模范",
    } <= titles  # fmt: skip
    medal = known["national-may1-medal"]
    assert (medal.treatment, medal.prize, medal.conferred_here) == ("province_model", 10_000, False)  # H4, H72
    assert known["province-may1-medal"].treatment == ""  # H4: unverified for Anhui
    city = known["city-may1-medal"]
    assert (city.conferred_here, city.certificate, city.series) == (True, "medal", "XCWY")
    assert [(known[f"city-{c}"].kind) for c in ("may1-certificate", "may1-medal", "pioneer")] == [
        "unit",
        "person",
        "team",
    ]
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'honours.shipped'") == 1


async def test_what_an_officer_changed_survives_another_shipment(house):
    officer = await house.person("qian", "city_officer", at="city")
    await operations.ship_catalogue(officer)
    medal = (await queries.honours_by_code())["city-may1-medal"]
    changed = msgspec.convert(
        {f: getattr(medal, f) for f in HonourForm.__struct_fields__} | {"prize": 3000}, HonourForm
    )
    await operations.edit_honour(officer, medal.id, changed)
    await operations.ship_catalogue(officer)
    again = await queries.honour_of(medal.id)
    assert (again.prize, again.version) == (3000, 2)


async def test_everything_that_does_not_fit_is_said_at_once(house):
    officer = await house.person("qian", "city_officer", at="city")
    wrong = form(
        kind="unit",
        family="may1_medal",
        valid_from=2020,
        valid_until=2019,
        certificate="medal",
        treatment="city_model",
        prize=5,
    )
    with pytest.raises(Refusals) as refused:
        await operations.create_honour(officer, wrong)
    assert {(r.code, r.field, r.rule) for r in refused.value.refusals} == {
        ("kind_of_family", "kind", "H1"), ("years_in_order", "valid_until", None), ("sheet_of_kind", "certificate", "D5"),
        ("series_missing", "series", "D6"), ("treatment_of_person", "treatment", "H4"), ("prize_of_person", "prize", "H72"),
    }  # fmt: skip


async def test_county_officers_read_and_do_not_write(house, browse):
    county = await house.person("sun", "county_officer", at="xuanzhou")
    contact = await house.person("li", "enterprise_contact", at="jia")
    with pytest.raises(Forbidden):
        await operations.create_honour(county, form())
    await operations.ship_catalogue(None)
    for actor in (county, contact):
        browser = await browse(actor)
        listed = await browser.get("/honours/catalogue?level=city")
        assert "宣城市五一劳动奖章" in listed.text
        assert "全国五一劳动奖章" not in listed.text
        assert "/honours/catalogue/new" not in listed.text
        assert (await browser.submit("/honours/catalogue/shipment")).status_code == 403


async def test_a_title_in_use_keeps_its_code_level_and_kind(house):
    officer = await house.person("qian", "city_officer", at="city")
    made = await operations.create_honour(officer, form())
    cycle = await fetchval(
        "INSERT INTO cycle (id, code, title, year, level, organisation) VALUES (gen_random_uuid(), 'x', 'x', 2026, 'city', $1)"
        " RETURNING id",
        house.organisations["city"],
    )
    await fetch(
        "INSERT INTO cycle_award (id, cycle, honour, places) VALUES (gen_random_uuid(), $1, $2, 3)", cycle, made
    )
    with pytest.raises(Refusals) as refused:
        await operations.edit_honour(officer, made, form(code="city-other", kind="team", version=1))
    assert {r.field for r in refused.value.refusals} == {"code", "kind"}
    await operations.edit_honour(officer, made, form(title="宣城市金牌职工称号", version=1))
    assert (await queries.honour_of(made)).title == "宣城市金牌职工称号"


async def test_a_code_is_given_once_and_a_stale_form_is_refused(house, browse):
    officer = await house.person("qian", "city_officer", at="city")
    browser = await browse(officer)
    said = {
        "code": "city-ace",
        "title": "宣城市金牌职工",
        "level": "city",
        "kind": "person",
        "family": "other",
        "conferrer": "宣城市总工会",
        "prize": "0",
        "place": "9",
        "version": "0",
    }
    first = await browser.submit("/honours/catalogue", said)
    assert first.status_code == 303
    again = await browser.submit("/honours/catalogue", said)
    assert again.status_code == 422
    assert "代号“city-ace”已有人使用" in again.text
    assert 'value="宣城市金牌职工"' in again.text
    path = first.headers["location"]
    assert (await browser.submit(path, said | {"version": "1", "prize": "2000"})).status_code == 303
    stale = await browser.submit(path, said | {"version": "1", "prize": "9"})
    assert stale.status_code == 412
    assert "现为第 2 版" in stale.text
    assert await fetchval("SELECT prize FROM honour WHERE code = 'city-ace'") == 2000


async def test_two_officers_save_at_once_and_one_hears_of_it(committed):
    house = await House().build()
    officer = await house.person("qian", "city_officer", at="city")
    made = await operations.create_honour(officer, form())
    done = await asyncio.gather(
        operations.edit_honour(officer, made, form(prize=1, version=1)),
        operations.edit_honour(officer, made, form(prize=2, version=1)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "Stale"]
    assert any(isinstance(one, Stale) for one in done)
    assert (await queries.honour_of(made)).version == 2


async def test_the_list_asks_as_often_for_one_title_as_for_all(house):
    officer = await house.person("qian", "city_officer", at="city")
    await operations.create_honour(officer, form())
    with counted() as one:
        await queries.LIST.fetch(queries.LIST.ask({}), "true")
        await asyncio.sleep(0)  # the driver tells of a statement once the loop turns
    await operations.ship_catalogue(officer)
    with counted() as many:
        await queries.LIST.fetch(queries.LIST.ask({}), "true")
        await asyncio.sleep(0)  # the driver tells of a statement once the loop turns
    assert len(one) == len(many) == 1


async def test_the_empty_page_offers_the_shipment_and_the_api_reads_and_writes(house, browse):
    officer = await house.person("qian", "city_officer", at="city")
    browser = await browse(officer)
    empty = await browser.get("/honours/catalogue")
    assert 'action="/honours/catalogue/shipment"' in empty.text
    assert (await browser.submit("/honours/catalogue/shipment")).headers["location"] == "/honours/catalogue"
    listed = (await browser.get("/api/v1/honours")).json()["honours"]
    assert [one["level"] for one in listed] == sorted(
        (one["level"] for one in listed), key=["national", "province", "city", "county"].index
    )
    body = {
        "code": "city-ace",
        "title": "宣城市金牌职工",
        "level": "city",
        "kind": "person",
        "conferrer": "宣城市总工会",
    }
    made = (await browser.send_json("POST", "/api/v1/honours", body)).json()
    saved = await browser.send_json("PUT", f"/api/v1/honours/{made['id']}", body | {"prize": 800, "version": 1})
    assert (saved.json()["prize"], saved.json()["version"]) == (800, 2)
    refused = await browser.send_json(
        "PUT", f"/api/v1/honours/{made['id']}", body | {"kind": "team", "family": "may1_medal", "version": 2}
    )
    assert refused.status_code == 422
    exported = await browser.get("/honours/catalogue/export?level=city")
    assert exported.content[:2] == b"PK"
    shown = await browser.get(f"/honours/catalogue/{made['id']}")
    assert "H4" in shown.text
