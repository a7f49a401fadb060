"""The chief judge's and the officers' pages: who comes in, what is said at once, what a press does."""

from __future__ import annotations

import re

import pytest

from competitions.results import operations
from foundation.database import fetchval
from tests.competitions import support
from tests.competitions.results.support_results import MARKS, marked, sign_all, stage_of


async def test_the_chief_judge_confirms_and_publishes_by_the_buttons(house, browse):
    stage, zhou = await marked(house, code="2026-d1")
    desk = await browse(zhou)
    html = (await desk.get(f"/events/{stage.event}/standings")).text
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', html)
    assert shown is not None
    answer = await desk.submit(f"/events/{stage.event}/confirmation", {"shown": shown[1]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/events/{stage.event}/results")
    answer = await desk.submit(f"/events/{stage.event}/publication")
    assert answer.status_code == 303
    assert await stage_of(stage.event) == "published"
    assert "/results/2026-d1" in (await desk.get(f"/events/{stage.event}/results")).text


async def test_all_obstacles_are_listed_with_their_rules_and_nothing_happens(house, browse):
    stage = await support.standard(house, code="2026-d2")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    await support.mark_all(stage, {"A01": MARKS["A01"]})
    desk = await browse(zhou)
    answer = await desk.submit(f"/events/{stage.event}/confirmation")
    assert answer.status_code == 422
    for words in ("理论 J1 缺", "实操 J2 缺", "实操 J3 缺", "理论 J1 的评分表未签署"):
        assert words in answer.text, words
    assert "C24" in answer.text
    assert await fetchval("SELECT count(*) FROM result WHERE event = $1", stage.event) == 0


async def test_what_changed_since_the_page_was_opened_is_told(house, browse):
    stage, zhou = await marked(house, code="2026-d3")
    desk = await browse(zhou)
    answer = await desk.submit(f"/events/{stage.event}/confirmation", {"shown": "0" * 64})
    assert answer.status_code == 412
    assert "核对新的名次" in answer.text
    assert await stage_of(stage.event) == "judging"


async def test_a_step_back_wants_its_reason_beside_the_field(house, browse):
    stage, zhou = await marked(house, code="2026-d4")
    await operations.confirm_result(zhou, stage.event)
    desk = await browse(zhou)
    answer = await desk.submit(f"/events/{stage.event}/return", {"reason": " "})
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    answer = await desk.submit(f"/events/{stage.event}/return", {"reason": "漏计"})
    assert answer.status_code == 303
    assert await stage_of(stage.event) == "judging"


@pytest.mark.parametrize("role", ["judge", "code_keeper"])
async def test_judges_do_not_see_the_standings(house, browse, role):
    stage, _zhou = await marked(house, code="2026-d5")
    wu = await house.person("wu", role, event=stage.event)
    reader = await browse(wu)
    assert (await reader.get(f"/events/{stage.event}/standings")).status_code == 403


async def test_officers_and_supervisors_watch_and_do_not_confirm(house, browse):
    stage, _zhou = await marked(house, code="2026-d6")
    qian = await house.person("qian", "city_officer", at="city")
    wu = await house.person("wu", "supervisor", event=stage.event)
    for actor in (qian, wu):
        reader = await browse(actor)
        page = await reader.get(f"/events/{stage.event}/standings")
        assert page.status_code == 200
        assert "94.00" in page.text
        assert "/confirmation" not in page.text
        assert (await reader.submit(f"/events/{stage.event}/confirmation")).status_code == 403


async def test_a_neighbours_officer_and_another_events_chief_do_not_find_it(house, browse):
    stage, _zhou = await marked(house, code="2026-d7", at="xuanzhou")
    sun = await house.person("sun", "county_officer", at="ningguo")
    elsewhere = await support.event(house, code="2026-d7b")
    li = await house.person("li", "chief_judge", event=elsewhere.event)
    for actor in (sun, li):
        reader = await browse(actor)
        assert (await reader.get(f"/events/{stage.event}/results")).status_code == 404
    assert (await (await browse(li)).submit(f"/events/{stage.event}/publication")).status_code == 404
    assert (await (await browse(sun)).submit(f"/events/{stage.event}/freeze")).status_code == 404


async def test_the_officer_freezes_and_lets_go(house, browse):
    stage, _zhou = await marked(house, code="2026-d8")
    qian = await house.person("qian", "city_officer", at="city")
    desk = await browse(qian)
    assert (await desk.submit(f"/events/{stage.event}/freeze")).status_code == 303
    assert await fetchval("SELECT frozen_at IS NOT NULL FROM event WHERE id = $1", stage.event)
    assert (await desk.submit(f"/events/{stage.event}/thaw")).status_code == 303
    assert await fetchval("SELECT frozen_at IS NULL FROM event WHERE id = $1", stage.event)


async def test_an_event_without_rules_says_so(house, browse):
    stage = await support.event(house, code="2026-d9", rules=None)
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    page = await (await browse(zhou)).get(f"/events/{stage.event}/results")
    assert page.status_code == 200
    assert "还没有规则集" in page.text


async def test_provisional_standings_say_what_is_missing(house, browse):
    stage = await support.standard(house, code="2026-d10")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    await support.mark_all(stage, {"A01": MARKS["A01"], "A02": {"T": ["90.5"]}})
    html = (await (await browse(zhou)).get(f"/events/{stage.event}/standings")).text
    assert "暂定" in html
    assert "83.03" in html
    assert "27.15" in html  # 0.3 × 90.5, the practice is missing
    assert "缺 4 个给分" in html
    assert "缺 5 个给分" in html


async def test_home_tells_each_role_what_waits(house, browse):
    stage, zhou = await marked(house, code="2026-d11", title="钳工示例")
    qian = await house.person("qian", "city_officer", at="city")
    home = (await (await browse(zhou)).get("/home")).text
    assert "确认成绩：钳工示例" in home
    await operations.confirm_result(zhou, stage.event)
    assert "发布成绩：钳工示例" in (await (await browse(zhou)).get("/home")).text
    officer = (await (await browse(qian)).get("/home")).text
    assert "等裁判长发布：钳工示例" in officer
    sun = await house.person("sun", "county_officer", at="ningguo")
    assert "钳工示例" not in (await (await browse(sun)).get("/home")).text
    await operations.publish_result(zhou, stage.event)
    home = (await (await browse(zhou)).get("/home")).text
    assert "成绩已发布：钳工示例" in home
    assert f"/events/{stage.event}/results" in home


async def test_a_judge_is_led_to_the_open_sheet_and_not_to_a_signed_one(house, browse):
    stage = await support.standard(house, code="2026-d12", title="钳工示例")
    judge = stage.judges["J1"]
    assert "评分：钳工示例" in (await (await browse(judge)).get("/home")).text
    await sign_all(stage.event)
    assert "评分：钳工示例" not in (await (await browse(judge)).get("/home")).text


async def test_search_finds_events_within_reach_and_published_places(house, browse):
    stage, zhou = await marked(house, code="2026-d13", title="钳工示例", at="xuanzhou")
    await operations.confirm_result(zhou, stage.event)
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "county_officer", at="ningguo")
    assert f"/events/{stage.event}" in (await (await browse(qian)).get("/search", params={"q": "钳工"})).text
    assert f"/events/{stage.event}" not in (await (await browse(sun)).get("/search", params={"q": "钳工"})).text
    assert "/results/2026-d13" not in (await (await browse(sun)).get("/search", params={"q": "示例队A02"})).text
    await operations.publish_result(zhou, stage.event)
    assert "/results/2026-d13/entries/A02" in (await (await browse(sun)).get("/search", params={"q": "示例队A02"})).text
    assert (await (await browse(sun)).get("/search", params={"q": "a\x00b"})).status_code == 200
