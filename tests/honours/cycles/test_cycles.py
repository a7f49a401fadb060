"""The life of a cycle: made, written, allotted, opened with every obstacle at once, locked; who sees what; two at once."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from foundation import clock
from foundation.clock import SHANGHAI
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from honours.catalogue.operations import ship_catalogue
from honours.cycles import operations, queries, showing
from honours.cycles.apportionment import County, Inputs, Measure
from honours.cycles.forms import CycleForm
from tests.honours.nominations.support import calendar_2026
from tests.honours.support import counted
from tests.support.people import House

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
UNIT_DUE = datetime(2026, 4, 3, 17, 30, tzinfo=SHANGHAI)


def form(house: House, **more) -> CycleForm:
    said = {
        "code": "2026-may1", "title": "2026年宣城市五一劳动奖", "year": 2026, "level": "city",
        "organisation": house.organisations["city"], "opens_on": date(2026, 3, 9), "unit_due_at": UNIT_DUE,
        "county_due_at": UNIT_DUE + timedelta(days=7),
    }  # fmt: skip
    return CycleForm(**{**said, **more})


@pytest.fixture
async def now(house):
    async with clock.moved_to(NOW):
        yield


@pytest.fixture
async def ready(house, now):
    await calendar_2026()
    await ship_catalogue(None)
    officer = await house.person("qian", "city_officer", at="city")
    return officer, await operations.create_cycle(officer, form(house))


def allotted(house, places: int = 60) -> Inputs:
    measure = (Measure(code="m0", label="职工", share="100"),)
    pairs = (("341802", "宣州", "xuanzhou", "200"), ("341881", "宁国", "ningguo", "100"))
    counties = tuple(
        County(code=code, name=name, values=(value,), organisation=str(house.organisations[key]))
        for code, name, key, value in pairs
    )
    return Inputs(places=places, measures=measure, counties=counties)


async def version(cycle) -> int:
    return (await queries.cycle_of(cycle)).version


async def test_a_cycle_begins_with_a_preset_and_next_years_with_its_rules(house, ready):
    officer, first = ready
    rules = await queries.rules_of(first)
    assert [award.honour for award in rules.awards] == ["city-may1-certificate", "city-may1-medal", "city-pioneer"]
    assert await queries.awards_of(first) == []  # not before it opens
    changed = replace(rules, awards=rules.awards[:2])
    assert await operations.save_rules(officer, first, changed, based_on=1, reason="先锋号另评") == 2
    later = await operations.create_cycle(officer, form(house, code="2027-may1", year=2027, begin=str(first)))
    assert await queries.rules_of(later) == changed
    assert (await queries.cycle_of(later)).copied_from == first


async def test_opening_makes_awards_quotas_and_keeps_the_reckoning(house, ready):
    officer, cycle = ready
    await operations.save_allotment(officer, cycle, "city-may1-medal", allotted(house), version=1)
    await operations.move_cycle(officer, cycle, "open", version=2)
    awards = await queries.awards_of(cycle)
    assert [(a.code, a.places) for a in awards] == [
        ("city-may1-certificate", 10),
        ("city-may1-medal", 60),
        ("city-pioneer", 40),
    ]
    quotas = {
        row["organisation"]: row["places"]
        for row in await fetch("SELECT organisation, places FROM quota WHERE award = $1", awards[1].id)
    }
    assert quotas == {house.organisations["xuanzhou"]: 40, house.organisations["ningguo"]: 20}
    kept = await fetchval("SELECT result FROM apportionment WHERE award = $1 AND number = 1", awards[1].id)
    assert [row["seats"] for row in msgspec.json.decode(kept)["rows"]] == [40, 20]
    assert [c.id for c in await queries.open_cycles()] == [cycle]


async def test_every_obstacle_to_opening_is_said_at_once(house, now):
    officer = await house.person("qian", "city_officer", at="city")
    cycle = await operations.create_cycle(
        officer, form(house, opens_on=None, unit_due_at=datetime(2025, 1, 1, tzinfo=SHANGHAI))
    )
    rules = await queries.rules_of(cycle)
    await operations.save_allotment(officer, cycle, "city-may1-medal", allotted(house, 58), version=1)
    await fetch("DELETE FROM honour WHERE code = 'city-pioneer'")
    await ship_catalogue(None)
    await fetch("UPDATE honour SET level = 'province' WHERE code = 'city-may1-certificate'")
    await fetch("UPDATE honour SET valid_until = 2020 WHERE code = 'city-pioneer'")
    with pytest.raises(Refusals) as refused:
        await operations.move_cycle(officer, cycle, "open", version=2)
    told = {(r.code, r.rule) for r in refused.value.refusals}
    assert told == {
        ("date_missing", "H35"), ("unit_due_past", "H35"), ("calendar_missing", "H32"), ("level_differs", "H2"),
        ("honour_not_conferred", "H2"), ("allotment_differs", "H29"),
    }  # fmt: skip
    differs = next(r for r in refused.value.refusals if r.code == "allotment_differs")
    assert (differs.facts["shared"], differs.facts["places"]) == (58, 60)
    await operations.save_rules(officer, cycle, replace(rules, awards=()), based_on=1, reason="清空")
    with pytest.raises(Refusals) as empty:
        await operations.move_cycle(officer, cycle, "open", version=3)
    assert "no_awards" in {r.code for r in empty.value.refusals}
    assert (await queries.cycle_of(cycle)).stage == "draft"


async def test_rules_and_places_are_locked_once_it_is_open_and_deadlines_only_move_later(house, ready):
    officer, cycle = ready
    rules = await queries.rules_of(cycle)
    await operations.move_cycle(officer, cycle, "open", version=1)
    with pytest.raises(Conflict) as locked:
        await operations.save_rules(officer, cycle, replace(rules, title="x"), based_on=1, reason="改")
    assert (locked.value.code, locked.value.rule) == ("rules_locked", "H28")
    with pytest.raises(Conflict):
        await operations.save_allotment(officer, cycle, "city-may1-medal", None, version=2)
    with pytest.raises(Refusals) as refused:
        await operations.edit_cycle(
            officer, cycle, form(house, title="别的", unit_due_at=UNIT_DUE - timedelta(hours=1), version=2)
        )
    assert {(r.code, r.field) for r in refused.value.refusals} == {
        ("cycle_open", "title"),
        ("only_later", "unit_due_at"),
    }
    await operations.edit_cycle(officer, cycle, form(house, unit_due_at=UNIT_DUE + timedelta(days=1), version=2))
    with pytest.raises(Refusal) as silent:
        await operations.move_cycle(officer, cycle, "cancel", version=3)
    assert silent.value.code == "reason_missing"
    await operations.move_cycle(officer, cycle, "close", version=3)
    with pytest.raises(Conflict):
        await operations.move_cycle(officer, cycle, "open", version=4)


async def test_refusals_of_making_and_writing(house, ready):
    officer, cycle = ready
    with pytest.raises(Refusals) as refused:
        await operations.create_cycle(
            officer,
            form(
                house,
                begin="no-such",
                organisation=house.organisations["jia"],
                county_due_at=UNIT_DUE,
                opens_on=date(2026, 5, 1),
            ),
        )
    assert {(r.code, r.field) for r in refused.value.refusals} == {
        ("code_taken", "code"), ("no_such_choice", "begin"), ("no_such_choice", "organisation"),
        ("dates_in_order", "unit_due_at"), ("dates_in_order", "county_due_at"),
    }  # fmt: skip
    rules = await queries.rules_of(cycle)
    assert await operations.save_rules(officer, cycle, rules, based_on=1) == 1  # nothing differs: no version
    with pytest.raises(Refusals) as unsaid:
        await operations.save_rules(officer, cycle, replace(rules, title="x"), based_on=1)
    assert [r.code for r in unsaid.value.refusals] == ["reason_missing"]
    with pytest.raises(Stale):
        await operations.save_rules(officer, cycle, replace(rules, title="x"), based_on=0, reason="r")
    with pytest.raises(NotFound):
        await operations.save_allotment(officer, cycle, "national-pioneer", None, version=1)
    with pytest.raises(Refusals) as wrong:
        await operations.save_allotment(
            officer, cycle, "city-may1-medal", replace(allotted(house), minimum=31), version=1
        )
    assert [r.code for r in wrong.value.refusals] == ["minimum_too_large"]


async def test_another_unions_officer_finds_nothing_and_below_only_what_is_open(house, ready, browse):
    officer, cycle = ready
    other = await house.organisation("chuzhou", "滁州市示例总工会", kind="city", region="341100")
    stranger = await house.person("wu", "city_officer", at="chuzhou")
    contact = await house.person("li", "enterprise_contact", at="jia")
    assert other
    for actor in (stranger, contact):
        browser = await browse(actor)
        assert "2026年宣城市五一劳动奖" not in (await browser.get("/honours/cycles")).text
        assert (await browser.get(f"/honours/cycles/{cycle}")).status_code == 404
    with pytest.raises(NotFound):
        await operations.move_cycle(stranger, cycle, "open", version=1)
    await operations.move_cycle(officer, cycle, "open", version=1)
    seen = await (await browse(contact)).get(f"/honours/cycles/{cycle}")
    assert seen.status_code == 200
    assert f"/honours/cycles/{cycle}/edit" not in seen.text
    assert (await (await browse(contact)).get(f"/honours/cycles/{cycle}/rules")).status_code == 200
    assert (await (await browse(stranger)).get(f"/honours/cycles/{cycle}/rules")).status_code == 404


async def test_pages_make_write_allot_and_open_a_cycle(house, now, browse):
    await calendar_2026()
    await ship_catalogue(None)
    officer = await house.person("qian", "city_officer", at="city")
    browser = await browse(officer)
    said = {
        "code": "2026-may1", "title": "2026年宣城市五一劳动奖", "year": "2026", "level": "city", "begin": "ningxia-2024",
        "organisation": str(house.organisations["city"]), "opens_on": "2026-03-09", "unit_due_at": "2026-04-03T17:30",
        "county_due_at": "2026-04-10T17:30", "version": "0",
    }  # fmt: skip
    assert (await browser.submit("/honours/cycles", said | {"year": "x"})).status_code == 422
    path = (await browser.submit("/honours/cycles", said)).headers["location"]
    shown = await browser.get(path)
    assert "级别与本周期不同" in shown.text  # Ningxia's are provincial titles
    blocked = await browser.submit(f"{path}/stage", {"action": "open", "version": "1"})
    assert blocked.status_code == 422
    filled = await browser.get(f"{path}/rules?from=city-default")
    fields = _fields(filled.text)
    assert fields["awards-1-composition-0-subset"] == ["产业工人"]
    wrong = await browser.post(
        f"{path}/rules",
        data={**fields, "awards-1-composition-0-amount": "120", "reason": "x", "_csrf_token": await browser.token()},
    )
    assert wrong.status_code == 422
    assert "比例应为 0 到 100 的数字" in wrong.text
    saved = await browser.post(
        f"{path}/rules", data={**fields, "reason": "改用市级默认", "_csrf_token": await browser.token()}
    )
    assert saved.status_code == 303, saved.text[:2000]
    diff = await browser.get(f"{path}/rules/difference?from=1&to=2")
    assert "宣城市五一劳动奖章：名额 60，单列 5" in diff.text
    rows = await browser.post(
        f"{path}/rules/rows", data={**fields, "act": "add-vetoes", "_csrf_token": await browser.token()}
    )
    assert rows.text.count('name="vetoes-') > filled.text.count('name="vetoes-')
    allot = f"{path}/allotments/city-may1-medal"
    figures = {
        "places": "60",
        "minimum": "0",
        "measures-0-label": "职工",
        "measures-0-share": "100",
        "counties-0-values-0": "2",
        "counties-1-values-0": "1",
        "version": "2",
    }
    tried = await browser.submit(allot, figures | {"act": "try"})
    assert tried.status_code == 200
    assert "<b>40</b>" in tried.text
    bad = await browser.submit(allot, figures | {"act": "save", "measures-0-share": "90"})
    assert bad.status_code == 422
    assert "合计应为 100%，现为 90%" in bad.text
    assert (await browser.submit(allot, figures | {"act": "save"})).status_code == 303
    opened = await browser.submit(f"{path}/stage", {"action": "open", "version": "3"})
    assert opened.status_code == 303
    frozen = await browser.get(allot)
    assert "<b>40</b>" in frozen.text
    assert 'name="measures-0-share"' not in frozen.text
    locked = await browser.get(f"{path}/rules")
    assert "规则已锁定" in locked.text
    refused = await browser.post(
        f"{path}/rules",
        data={**fields, "based_on": "2", "title": "y", "reason": "z", "_csrf_token": await browser.token()},
    )
    assert refused.status_code == 409
    assert "确需更改须取消本周期" in refused.text


def _fields(html: str) -> dict[str, list[str]]:
    """What a browser would send of the rule form."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.inside, self.select, self.found = False, "", {}

        def handle_starttag(self, tag, attrs):
            a = dict(attrs)
            if tag == "form":
                self.inside = a.get("id") == "rules"
            if not self.inside:
                return
            if tag == "input" and a.get("name") and (a.get("type") != "checkbox" or "checked" in a):
                self.found.setdefault(a["name"], []).append(a.get("value", ""))
            if tag == "select":
                self.select = a["name"]
            if tag == "option" and self.select and "selected" in a:
                self.found.setdefault(self.select, []).append(a["value"])

        def handle_endtag(self, tag):
            if tag == "select":
                self.select = ""
            if tag == "form":
                self.inside = False

    parser = Form()
    parser.feed(html)
    parser.found.pop("_csrf_token", None)
    return parser.found


async def test_two_officers_save_rules_at_once_and_one_hears_of_it(committed):
    house = await House().build()
    officer = await house.person("qian", "city_officer", at="city")
    cycle = await operations.create_cycle(officer, form(house))
    rules = await queries.rules_of(cycle)
    done = await asyncio.gather(
        *(
            operations.save_rules(officer, cycle, replace(rules, title=f"t{n}"), based_on=1, reason="r")
            for n in range(2)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Stale", "int"]
    assert await fetchval("SELECT count(*) FROM cycle_rule_set WHERE cycle = $1", cycle) == 2


async def test_two_officers_open_at_once_and_awards_are_made_once(committed):
    house = await House().build()
    async with transaction():
        await calendar_2026()
    await ship_catalogue(None)
    officer = await house.person("qian", "city_officer", at="city")
    later = datetime.now(SHANGHAI) + timedelta(days=2)
    for year in {later.year, (later + timedelta(days=7)).year} - {2026}:
        await fetch(
            "INSERT INTO calendar_year (year, source, filled_at) VALUES ($1, 'test', now()) ON CONFLICT DO NOTHING",
            year,
        )
    asked = form(house, opens_on=date(2026, 3, 9), unit_due_at=later, county_due_at=later + timedelta(days=7))
    cycle = await operations.create_cycle(officer, asked)
    done = await asyncio.gather(
        *(operations.move_cycle(officer, cycle, "open", version=1) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "NoneType"]
    assert len(await queries.awards_of(cycle)) == 3


async def test_the_list_asks_as_often_for_one_cycle_as_for_three(house, ready):
    officer, _cycle = ready
    scope = list(officer.organisations_as("city_officer"))
    asked = showing.LIST.ask({})
    with counted() as one:
        await showing.LIST.fetch(asked, showing.SCOPE, scope)
        await asyncio.sleep(0)
    for n in range(2):
        await operations.create_cycle(officer, form(house, code=f"c{n}"))
    with counted() as three:
        found = await showing.LIST.fetch(asked, showing.SCOPE, scope)
        await asyncio.sleep(0)
    assert len(found.rows) == 3
    assert len(one) == len(three) == 1


async def test_the_api_makes_reads_and_reckons(house, ready, browse):
    officer, cycle = ready
    browser = await browse(officer)
    listed = (await browser.get("/api/v1/cycles")).json()
    assert [one["code"] for one in listed["cycles"]] == ["2026-may1"]
    rules = (await browser.get(f"/api/v1/cycles/{cycle}/rules")).json()
    assert rules["number"] == 1
    body = {"rules": '{"title": 3}', "based_on": 1, "reason": "r"}
    assert (await browser.send_json("POST", f"/api/v1/cycles/{cycle}/rules", body)).status_code == 422
    text = msgspec.json.encode(rules["rules"] | {"title": "改过"}).decode()
    saved = await browser.send_json(
        "POST", f"/api/v1/cycles/{cycle}/rules", {"rules": text, "based_on": 1, "reason": "r"}
    )
    assert saved.json()["number"] == 2
    inputs = msgspec.to_builtins(allotted(house))
    reckoned = (await browser.send_json("POST", "/api/v1/cycles/apportionment", inputs)).json()
    assert [row["seats"] for row in reckoned["rows"]] == [40, 20]
    moved = await browser.send_json("POST", f"/api/v1/cycles/{cycle}/stage", {"action": "open", "version": 2})
    assert (moved.json()["cycle"]["stage"], len(moved.json()["awards"])) == ("open", 3)
