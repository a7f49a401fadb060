"""From the selected list to the notice and what objections bring about; recommendations upwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from foundation.clock import SHANGHAI, moved_to
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusals
from honours.nominations.stages import Stage
from honours.review import gates, notices, queries, upper
from honours.review.notices import NoticeForm
from tests.honours.review.conftest import Panel

AFTER = datetime(2026, 4, 21, 0, 0, 1, tzinfo=SHANGHAI)
"""Five working days from Tuesday 14 April, itself counted, end on Monday the 20th."""


def form(**changes) -> NoticeForm:
    values = {
        "title": "关于2026年宣城市五一劳动奖章拟推荐对象的公示", "basis": "根据示例办法，现予公示。", "office": "示例总工会经济技术部",
        "address": "宣城市示例路1号", "phone": "0563-0000000", **changes,
    }  # fmt: skip
    return NoticeForm(**values)


async def select_all(panel: Panel) -> None:
    await fetch("UPDATE nomination SET stage = 'selected' WHERE award = $1 AND stage = 'city'", panel.award)


async def test_the_notice_names_name_unit_and_post_and_nothing_else(panel: Panel):
    """A16: no 18-digit number, no mobile phone but the office's own."""
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form())
    stages = {row["stage"] for row in await fetch("SELECT stage FROM nomination WHERE award = $1", panel.award)}
    assert stages == {"noticed"}
    cells = [row["cells"] for row in await fetch("SELECT cells FROM notice_subject WHERE notice = $1", notice)]
    assert sorted(one[0] for one in cells) == sorted(panel.nominees)
    assert {tuple(one[1:]) for one in cells} == {("示例单位", "焊工")}
    html = (await fetchval("SELECT html FROM notice_text WHERE notice = $1", notice)).decode()
    import re

    assert not re.search(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)", html)


async def test_what_stands_against_the_notice_is_told_all_at_once(panel: Panel):
    """One still under review, one at the county, more than there are places."""
    await panel.nominee("郑庚来", at="yi", stage="county")
    await fetch("UPDATE nomination SET stage = 'selected' WHERE id = $1", panel.nominees["冯壬和"])
    await fetch("UPDATE cycle_award SET places = 1 WHERE id = $1", panel.award)
    with pytest.raises(Refusals) as refused:
        await notices.open_city(panel.city, panel.award, form())
    assert {one.code for one in refused.value.refusals} == {"places_overrun", "city_undecided", "county_undecided"}
    assert await fetchval("SELECT count(*) FROM notice") == 0


async def test_a_county_cannot_open_the_citys_notice(panel: Panel):
    await select_all(panel)
    with pytest.raises(NotFound):
        await notices.open_city(panel.ningguo, panel.award, form())


async def test_never_fewer_days_than_the_rules_want(panel: Panel):
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form(days=1))
    assert await fetchval("SELECT days FROM notice WHERE id = $1", notice) == 5


async def test_an_upheld_objection_takes_the_nominee_out_once_and_lets_a_substitute_in(panel: Panel):
    substitute = await panel.nominee("施丙和", at="jia", role="substitute", stage="reserved")
    await select_all(panel)
    await fetch("UPDATE cycle_award SET places = 3 WHERE id = $1", panel.award)
    await notices.open_city(panel.city, panel.award, form())
    struck = panel.nominees["冯壬和"]
    news = {"outcome": "upheld", "subject_kind": "nomination", "subject": str(struck)}
    await notices.heard_conclusion({**news, "outcome": "dismissed"})
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", struck) == "noticed"
    for _ in range(2):
        await notices.heard_conclusion(news)
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", struck) == "rejected"
    assert await fetchval("SELECT count(*) FROM gate_opinion WHERE nomination = $1 AND action = 'reject'", struck) == 1
    said = {one.code for one in await gates.in_the_way(await gates._locked(panel.city, substitute))}
    assert not said & {
        "places_full",
        "places_lost",
    }  # the place is free: only the dossier's own demands may still stand


async def test_a_withdrawn_notice_gives_its_nominees_back(panel: Panel):
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form())
    news = {"notice": str(notice), "source_kind": "honours_city", "source": str(panel.award)}
    await notices.heard_withdrawal({**news, "source_kind": "cycle"})
    assert await fetchval("SELECT count(*) FROM nomination WHERE award = $1 AND stage = 'noticed'", panel.award) == 3
    await notices.heard_withdrawal(news)
    assert await fetchval("SELECT count(*) FROM nomination WHERE award = $1 AND stage = 'selected'", panel.award) == 3


async def test_what_is_noticed_is_what_selected_gives(panel: Panel):
    await select_all(panel)
    await notices.open_city(panel.city, panel.award, form())
    listed = await queries.selected(panel.round.cycle)
    medal = next(one for one in listed if one.award == panel.award)
    assert {row.name for row in medal.rows} == set(panel.nominees)
    assert [row.stage for row in medal.rows] == [Stage.NOTICED] * 3


async def test_upwards_only_after_the_notice_and_only_what_is_conferred_above(panel: Panel):
    await select_all(panel)
    await notices.open_city(panel.city, panel.award, form())
    nominee = panel.nominees["冯壬和"]
    with pytest.raises(Conflict) as here:
        await upper.forward(panel.city, nominee)
    assert here.value.code == "conferred_here"
    await fetch(
        "UPDATE honour SET conferred_here = false WHERE id = (SELECT honour FROM cycle_award WHERE id = $1)",
        panel.award,
    )
    with pytest.raises(Refusals) as early:
        await upper.forward(panel.city, nominee)
    assert [one.code for one in early.value.refusals] == ["notice_still_open"]
    async with moved_to(AFTER - timedelta(seconds=2)):
        with pytest.raises(Refusals):
            await upper.forward(panel.city, nominee)
    async with moved_to(AFTER):
        assert await upper.forward(panel.city, nominee) is Stage.FORWARDED
        with pytest.raises(Refusals):
            await upper.record_outcome(panel.city, nominee, conferred=False, opinion="")
        assert (
            await upper.record_outcome(panel.city, nominee, conferred=False, opinion="皖工〔2026〕3号未列入")
            is Stage.NOT_CONFERRED
        )
