"""Competitions and events through their pages: all faults at once, whose they are, stages with every obstacle."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from competitions.programme import operations
from competitions.programme.schemas import CompetitionForm, EventForm
from foundation import clock
from foundation.database import fetch, fetchval
from foundation.errors import NotFound, Refusal, Refusals, Stale
from tests.competitions import support


def competition(house, **changes):
    fields = {
        "code": "2026-xc-08", "title": "第八届示例职工技能大赛", "level": "city", "organiser": str(house.organisations["city"]),
        "starts_on": "2026-04-17", "ends_on": "2026-04-18", "plan_class": "二类", "venue": "示例技师学院", "summary": "简介", "version": "0",
    }  # fmt: skip
    return {**fields, **changes}


def event_fields(**changes):
    fields = {
        "code": "2026-weld", "title": "焊工", "kind": "individual", "team_min": "1", "team_max": "1",
        "entries_per_unit": "2", "min_age": "18", "occupation": "6-18-02-04", "registration_opens_at": "2026-03-01T08:00",
        "registration_closes_at": "2026-03-31T17:30", "starts_at": "2026-04-17T08:30", "ends_at": "2026-04-17T17:00",
        "venue": "", "live_public": "true", "version": "0",
    }  # fmt: skip
    return {**fields, **changes}


def fault_fields(html: str) -> set[str]:
    return set(re.findall(r'id="f-([\w-]+)-fault"', html))


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


async def test_a_competition_is_made_shown_found_and_exported(house, browse, qian):
    browser = await browse(qian)
    made = await browser.submit("/competitions", competition(house))
    assert made.status_code == 303
    shown = await browser.get(made.headers["location"])
    assert "第八届示例职工技能大赛" in shown.text
    assert "二类" in shown.text
    for query, found in [("dbj", True), ("第八届", True), ("XC-08", True), ("第九届", False)]:
        listed = await browser.get("/competitions", params={"q": query})
        assert ("第八届示例职工技能大赛" in listed.text) is found, query
    for params, found in [
        ({"year": "2026"}, 1),
        ({"year": "2025"}, 0),
        ({"level": "county"}, 0),
        ({"stage": "draft"}, 1),
    ]:
        listed = await browser.get("/competitions", params=params)
        assert ("第八届示例职工技能大赛" in listed.text) == bool(found), params
    sheet = await browser.get("/competitions/export", params={"q": "第八届"})
    assert sheet.content[:2] == b"PK"
    assert "attachment" in sheet.headers["content-disposition"]


async def test_a_competition_says_everything_that_is_wrong_and_keeps_what_was_typed(house, browse, qian):
    bad = competition(
        house, code="第 8 届", title="", starts_on="2026-04-31", organiser="nobody", level="world", venue="馆" * 201
    )
    answer = await (await browse(qian)).submit("/competitions", bad)
    assert answer.status_code == 422
    assert fault_fields(answer.text) == {"code", "title", "starts_on", "organiser", "level", "venue"}
    assert 'value="第 8 届"' in answer.text
    assert await fetchval("SELECT count(*) FROM competition") == 0


async def test_rules_refuse_together_too(house, browse, qian):
    browser = await browse(qian)
    await browser.submit("/competitions", competition(house))
    again = competition(house, ends_on="2026-04-16", organiser=str(qian.account))
    answer = await browser.submit("/competitions", again)
    assert answer.status_code == 422
    assert fault_fields(answer.text) == {"code", "ends_on", "organiser"}


async def test_an_edit_of_an_older_version_is_refused_and_shows_the_current_one(house, browse, qian):
    browser = await browse(qian)
    path = (await browser.submit("/competitions", competition(house))).headers["location"]
    first = await browser.submit(path, competition(house, title="甲的改动", version="1"))
    assert first.status_code == 303
    second = await browser.submit(path, competition(house, title="乙的改动", version="1"))
    assert second.status_code == 412
    assert await fetchval("SELECT title FROM competition") == "甲的改动"


async def test_a_neighbour_county_neither_sees_nor_touches_it(house, browse):
    sun = await house.person("sun", "county_officer", at="xuanzhou")
    li = await house.person("li", "county_officer", at="ningguo")
    stage = await support.standard(house, at="xuanzhou", title="宣州焊工")
    ours, theirs = await browse(sun), await browse(li)
    paths = [f"/competitions/{stage.competition}", f"/competitions/{stage.competition}/edit", f"/events/{stage.event}",
             f"/events/{stage.event}/edit", f"/events/{stage.event}/rules", f"/events/{stage.event}/rules/export",
             f"/events/{stage.event}/bundle", f"/api/v1/events/{stage.event}/bundle"]  # fmt: skip
    for path in paths:
        assert (await ours.get(path)).status_code == 200, path
        assert (await theirs.get(path)).status_code == 404, path
    assert str(stage.competition) in (await ours.get("/competitions")).text
    assert str(stage.competition) not in (await theirs.get("/competitions")).text
    for path, body in [
        (f"/competitions/{stage.competition}", competition(house, version="1")),
        (f"/competitions/{stage.competition}/stage", {"action": "close"}),
        (f"/competitions/{stage.competition}/events", event_fields()),
        (f"/events/{stage.event}", event_fields(version="1")),
        (f"/events/{stage.event}/stage", {"action": "reopen_registration", "reason": "试"}),
        (f"/events/{stage.event}/rules", {"based_on": "1"}),
    ]:
        assert (await theirs.submit(path, body)).status_code == 404, path
    assert await fetchval("SELECT version FROM event WHERE id = $1", stage.event) == 1


async def test_a_county_officer_names_no_organiser_outside_the_county(house, browse):
    li = await house.person("li", "county_officer", at="ningguo")
    answer = await (await browse(li)).submit("/competitions", competition(house))
    assert (answer.status_code, fault_fields(answer.text)) == (422, {"organiser"})


@pytest.mark.parametrize("role", ["judge", "enterprise_contact", "system_admin", None])
async def test_only_officers_run_competitions(house, browse, role):
    person = await house.person("wu", role, at="jia") if role else None
    answer = await (await browse(person)).get("/competitions", headers={"accept": "application/json"})
    assert answer.status_code == (403 if role else 401)


async def test_a_word_that_is_no_id_is_not_found(browse, qian):
    browser = await browse(qian)
    for path in ("/competitions/none", "/events/none", "/events/none/rules", "/bundles/none"):
        assert (await browser.get(path)).status_code == 404, path


async def test_an_event_is_made_and_edited_with_shanghai_times(house, browse, qian):
    browser = await browse(qian)
    within = await support.competition(house)
    made = await browser.submit(f"/competitions/{within}/events", event_fields())
    assert made.status_code == 303
    closes = await fetchval("SELECT registration_closes_at FROM event")
    assert closes.isoformat() == "2026-03-31T09:30:00+00:00"
    edit = await browser.get(made.headers["location"] + "/edit")
    assert 'value="2026-03-31T17:30"' in edit.text


async def test_an_event_says_everything_that_is_wrong(house, browse, qian):
    within = await support.competition(house)
    bad = event_fields(
        code="",
        title="",
        team_min="0",
        team_max="100",
        entries_per_unit="x",
        min_age="15",
        starts_at="tomorrow",
        kind="duo",
    )
    answer = await (await browse(qian)).submit(f"/competitions/{within}/events", bad)
    assert answer.status_code == 422
    assert fault_fields(answer.text) == {
        "code", "title", "team_min", "team_max", "entries_per_unit", "min_age", "starts_at", "kind",
    }  # fmt: skip


async def test_code_and_kind_stand_fixed_once_registration_began(house, browse, qian):
    stage = await support.event(house, stage="registration", code="2026-weld")
    answer = await (await browse(qian)).submit(
        f"/events/{stage.event}", event_fields(code="other", kind="team", team_max="3", version="1")
    )
    assert answer.status_code == 422
    assert fault_fields(answer.text) == {"code"}  # the kind is not a field any more once it is fixed
    assert answer.text.count("报名开始后不能再改") >= 2


async def test_an_event_walks_to_judging_past_every_obstacle(house, browse, qian):
    browser = await browse(qian)
    stage = await support.event(house, stage="draft", rules=None, code="2026-weld")
    refused = await browser.submit(f"/events/{stage.event}/stage", {"action": "open_registration"})
    assert refused.status_code == 422
    for obstacle in ("还没有规则集", "还没有填写报名截止时间"):
        assert obstacle in refused.text
    await support.rule_set(stage.event, support.RULES)
    now = await clock.now()
    await fetch("UPDATE event SET registration_closes_at = $2 WHERE id = $1", stage.event, now - timedelta(hours=1))
    assert (await browser.submit(f"/events/{stage.event}/stage", {"action": "open_registration"})).status_code == 303
    refused = await browser.submit(f"/events/{stage.event}/stage", {"action": "start_judging"})
    assert refused.status_code == 422
    for obstacle in ("还没有已接受的报名", "还没有评分组和评分席"):
        assert obstacle in refused.text
    await support.entry(house, stage, "A01")
    await support.panel(house, stage, "理论", ["T"], ["J1"])
    await support.panel(house, stage, "实操", ["P1", "P2"], ["J2"])
    refused = await browser.submit(f"/events/{stage.event}/stage", {"action": "start_judging"})
    assert "评分项 P1 需要 2 名裁判，现有 1 名" in refused.text
    await support.panel(house, stage, "实操二", ["P1", "P2"], ["J3"])
    assert (await browser.submit(f"/events/{stage.event}/stage", {"action": "start_judging"})).status_code == 303
    assert await fetchval("SELECT stage FROM event WHERE id = $1", stage.event) == "judging"


async def test_going_back_wants_a_reason_and_no_marks(house, browse, qian):
    browser = await browse(qian)
    stage = await support.standard(house)
    missing = await browser.submit(f"/events/{stage.event}/stage", {"action": "reopen_registration"})
    assert (missing.status_code, "请写明理由" in missing.text) == (422, True)
    await support.mark(stage, "A01", "T", "J1", "80")
    marked = await browser.submit(f"/events/{stage.event}/stage", {"action": "reopen_registration", "reason": "漏报"})
    assert (marked.status_code, "已有 1 个给分" in marked.text) == (422, True)
    assert await fetchval("SELECT stage FROM event WHERE id = $1", stage.event) == "judging"


async def test_a_move_that_the_table_does_not_know_is_a_conflict(house, browse, qian):
    stage = await support.event(house, stage="confirmed")
    answer = await (await browse(qian)).submit(f"/events/{stage.event}/stage", {"action": "start_judging"})
    assert answer.status_code == 409
    unknown = await (await browse(qian)).submit(f"/events/{stage.event}/stage", {"action": "publish"})
    assert unknown.status_code == 422  # publishing belongs to the chief judge, not to this form


async def test_a_competition_with_a_running_event_is_not_closed(house, browse, qian):
    browser = await browse(qian)
    stage = await support.event(house, stage="judging", title="焊工")
    refused = await browser.submit(f"/competitions/{stage.competition}/stage", {"action": "close"})
    assert (refused.status_code, "项目“焊工”还没有发布成绩" in refused.text) == (422, True)
    await fetch("UPDATE event SET stage = 'published' WHERE id = $1", stage.event)
    assert (await browser.submit(f"/competitions/{stage.competition}/stage", {"action": "close"})).status_code == 303
    assert (await browser.submit(f"/competitions/{stage.competition}/events", event_fields())).status_code in (409, 422)


async def test_the_operations_themselves_keep_the_tenant_out(house):
    li = await house.person("li", "county_officer", at="ningguo")
    stage = await support.standard(house, at="xuanzhou")
    form = CompetitionForm(code="c", title="t", level="city", organiser=house.organisations["ningguo"], starts_on=(await clock.today()), ends_on=(await clock.today()), version=1)  # fmt: skip
    with pytest.raises(NotFound):
        await operations.edit_competition(li, stage.competition, form)
    with pytest.raises(NotFound):
        await operations.move_event(li, stage.event, "reopen_registration", reason="试")
    with pytest.raises(NotFound):
        await operations.create_event(li, stage.competition, EventForm(code="e", title="t"))


async def test_every_write_leaves_its_trace(house, browse, qian):
    browser = await browse(qian)
    path = (await browser.submit("/competitions", competition(house))).headers["location"]
    await browser.submit(path, competition(house, version="1"))
    await browser.submit(path + "/stage", {"action": "open"})
    actions = [row["action"] for row in await fetch("SELECT action FROM trail_entry ORDER BY id")]
    assert [a for a in actions if a.startswith("competition.")] == [
        "competition.created",
        "competition.edited",
        "competition.open",
    ]


async def test_stale_and_refusals_are_told_apart(house, qian):
    stage = await support.event(house, stage="draft")
    with pytest.raises(Stale):
        await operations.edit_event(qian, stage.event, EventForm(code="x", title="t", version=9))
    with pytest.raises((Refusal, Refusals)):
        await operations.edit_event(qian, stage.event, EventForm(code="x", title="t", kind="team", version=1))
