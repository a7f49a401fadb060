"""The programme for programs: the same operations, the same refusals, as problem+json."""

from __future__ import annotations

import msgspec
import pytest

from competitions.programme import rule_form
from competitions.scoring.bundle import Rules
from foundation.database import fetchval
from tests.competitions import support


def competition(house, **changes):
    return {
        "code": "2026-api", "title": "接口示例竞赛", "level": "city", "organiser": str(house.organisations["city"]),
        "starts_on": "2026-04-17", "ends_on": "2026-04-18", **changes,
    }  # fmt: skip


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


def faults(answer) -> dict[str, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return {fault["field"]: fault["code"] for fault in answer.json()["faults"]}


async def test_a_competition_with_an_event_and_rules_is_set_up_through_the_api(house, browse, qian):
    browser = await browse(qian)
    made = await browser.send_json("POST", "/api/v1/competitions", competition(house))
    assert made.status_code == 201
    where = f"/api/v1/competitions/{made.json()['id']}"
    assert (await browser.send_json("POST", f"{where}/stage", {"action": "open"})).json()["stage"] == "open"
    event = await browser.send_json(
        "POST",
        f"{where}/events",
        {"code": "2026-api-weld", "title": "焊工", "registration_closes_at": "2026-03-31T17:30:00+08:00"},
    )
    assert event.status_code == 201
    place = f"/api/v1/events/{event.json()['id']}"
    stopped = await browser.send_json("POST", f"{place}/stage", {"action": "open_registration"})
    assert (stopped.status_code, [f["code"] for f in stopped.json()["faults"]]) == (422, ["no_rule_set"])
    saved = await browser.send_json("POST", f"{place}/rules", {"rules": support.RULES, "hundred": True})
    assert (saved.status_code, saved.json()) == (201, {"number": 1, "rules": support.RULES})
    assert (await browser.get(f"{place}/rules")).json() == {"number": 1, "rules": support.RULES}
    moved = await browser.send_json("POST", f"{place}/stage", {"action": "open_registration"})
    assert moved.json()["stage"] == "registration"
    listed = (await browser.get("/api/v1/competitions", params={"q": "接口"})).json()
    assert [(c["code"], c["events"]) for c in listed["competitions"]] == [("2026-api", 1)]


async def test_faults_come_all_at_once_with_their_fields(house, browse, qian):
    browser = await browse(qian)
    bad = competition(house, code="代号", title=7, level="world", starts_on="soon", extra=1)
    answer = await browser.send_json("POST", "/api/v1/competitions", bad)
    assert answer.status_code == 422
    assert set(faults(answer)) == {"code", "title", "level", "starts_on", "extra"}
    assert await fetchval("SELECT count(*) FROM competition") == 0


async def test_rules_are_refused_by_json_path_and_by_version(house, browse, qian):
    stage = await support.event(house, stage="draft")
    browser = await browse(qian)
    place = f"/api/v1/events/{stage.event}/rules"
    wrong = {**support.RULES, "ranking": [{"by": "module:none"}], "mystery": 1, "places": {"total": 2.5}}
    answer = await browser.send_json("POST", place, {"rules": wrong, "based_on": 1})
    assert faults(answer) == {
        "$.event.rules.ranking[0].by": "unknown-module", "$.event.rules.mystery": "unknown",
        "$.event.rules.places.total": "type",
    }  # fmt: skip
    changed = {**support.RULES, "ties": "refuse"}
    stale = await browser.send_json("POST", place, {"rules": changed, "based_on": 0})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_rules")
    assert (await browser.send_json("POST", place, {"rules": changed, "based_on": 1})).json()["number"] == 2


async def test_a_neighbour_finds_nothing(house, browse):
    li = await house.person("li", "county_officer", at="ningguo")
    stage = await support.standard(house, at="xuanzhou")
    browser = await browse(li)
    for path in (
        f"/api/v1/competitions/{stage.competition}",
        f"/api/v1/events/{stage.event}",
        f"/api/v1/events/{stage.event}/rules",
    ):
        assert (await browser.get(path)).status_code == 404, path
    assert (await browser.get("/api/v1/competitions")).json()["total"] == 0
    for path, body in [
        (f"/api/v1/competitions/{stage.competition}/stage", {"action": "close"}),
        (f"/api/v1/competitions/{stage.competition}/events", {"code": "e", "title": "t"}),
        (f"/api/v1/events/{stage.event}/stage", {"action": "reopen_registration", "reason": "试"}),
        (f"/api/v1/events/{stage.event}/rules", {"rules": support.RULES}),
    ]:
        assert (await browser.send_json("POST", path, body)).status_code == 404, path


async def test_a_chief_judge_reads_the_event_and_changes_nothing(house, browse):
    stage = await support.standard(house)
    other = await support.event(house, code="other")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    browser = await browse(zhou)
    assert (await browser.get(f"/events/{stage.event}")).status_code == 200
    assert (await browser.get(f"/events/{other.event}")).status_code == 404
    assert (await browser.get(f"/events/{stage.event}/rules")).status_code == 403
    assert (
        await browser.submit(f"/events/{stage.event}/stage", {"action": "reopen_registration", "reason": "试"})
    ).status_code == 403


async def test_an_imported_event_has_no_registration(house, browse, qian):
    stage = await support.event(house, external=True)
    browser = await browse(qian)
    answer = await browser.send_json(
        "POST", f"/api/v1/events/{stage.event}/stage", {"action": "reopen_registration", "reason": "试"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "external_event")
    assert "重开报名" not in (await browser.get(f"/events/{stage.event}")).text


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-13-01T00:00",
        "noon",
        5,
        [],
        {},
    ],
)
async def test_odd_moments_are_refused_and_nothing_breaks(house, browse, qian, when):
    within = await support.competition(house)
    body = {"code": "e", "title": "t", "starts_at": when}
    answer = await (await browse(qian)).send_json("POST", f"/api/v1/competitions/{within}/events", body)
    assert (answer.status_code, set(faults(answer))) == (422, {"starts_at"})


@pytest.mark.parametrize("based_on", ["²", "-1", "99999999999999999999", "x", ""])
async def test_an_odd_version_in_the_form_is_stale_and_nothing_breaks(house, browse, qian, based_on):
    stage = await support.event(house, stage="draft")
    fields = dict(rule_form.leaves(rule_form.tree_of(msgspec.convert({**support.RULES, "ties": "refuse"}, Rules))))
    answer = await (await browse(qian)).submit(f"/events/{stage.event}/rules", {**fields, "based_on": based_on})
    assert answer.status_code == 412
