"""The public home page: what it shows when there is something, and when there is nothing."""

from __future__ import annotations

import re

from competitions.results import operations
from competitions.results.front import short_unit
from tests.competitions import support
from tests.competitions.results.support_results import MARKS, marked
from tests.support.people import House


async def test_an_empty_house_says_so_and_links_nowhere_dead(db, browse):
    await House().build()
    visitor = await browse(None)
    home = await visitor.get("/")
    assert home.status_code == 200
    assert "还没有公布的成绩" in home.text
    assert "namescroll" not in home.text
    for path in sorted(set(re.findall(r'(?:href|action)="(/[^"#?]*)', home.text))):
        assert (await visitor.get(path)).status_code in (200, 303), path


async def test_the_newest_winners_stand_on_the_scroll(house, browse):
    stage, zhou = await marked(house, code="2026-f1")
    await operations.confirm_result(zhou, stage.event)
    visitor = await browse(None)
    assert "示例队" not in (await visitor.get("/")).text
    await operations.publish_result(zhou, stage.event)
    scroll = (await visitor.get("/")).text.partition('class="namescroll"')[2].partition("</ol>")[0]
    assert re.findall(r'class="name[^"]*">([^<]+)<', scroll) == ["示例队A02", "示例队A01", "示例队A03"]
    assert "一等奖" in scroll
    await operations.withdraw_publication(zhou, stage.event, "更正")
    home = (await visitor.get("/")).text
    assert "示例队A02" not in home
    assert "已撤回" in home


async def test_what_is_judged_now_stands_there_with_codes_only(house, browse):
    stage = await support.standard(house, code="2026-f2", title="钳工示例")
    await support.mark_all(stage, {"A01": MARKS["A01"]})
    home = (await (await browse(None)).get("/")).text
    assert "/live/2026-f2" in home
    assert "83.03" in home
    assert "示例队" not in home


async def test_a_board_that_is_not_public_is_not_on_the_home_page(house, browse):
    stage = await support.standard(house, code="2026-f3", title="钳工示例", live_public=False)
    await support.mark_all(stage, {"A01": MARKS["A01"]})
    home = (await (await browse(None)).get("/")).text
    assert "钳工示例" not in home


def test_units_are_shortened_for_a_vertical_line():
    assert short_unit("宣州区示例甲机械制造有限公司") == "宣州区示例甲机械制造"
    assert short_unit("示例院校") == "示例院校"
