"""县级公示: what stands against opening it, whom it takes along, and that only a clear end leads on (H30, H32, H34)."""

from __future__ import annotations

from datetime import datetime

import pytest
import pytest_asyncio

from foundation.clock import SHANGHAI, moved_to
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Forbidden, NotFound, Refusals
from honours.cycles.schemas import GateRules
from honours.nominations.stages import Stage
from honours.review import gates, notices
from tests.honours.nominations.support import rule_set
from tests.honours.review.conftest import Panel
from tests.honours.review.test_notices import form

OVER = datetime(2026, 4, 22, 0, 0, 1, tzinfo=SHANGHAI)
"""Six working days from Tuesday 14 April, itself counted, end on Tuesday the 21st."""


@pytest_asyncio.fixture
async def county(panel: Panel) -> Panel:
    """The rules want a county's own notice of six working days; one whole dossier lies with 宁国, one with 宣州."""
    await panel.round.put_rules(rule_set(gates=GateRules(county_notice=True, county_notice_days=6)))
    await panel.whole("许辛越", at="yi")
    await panel.whole("韩丁远", at="jia")
    return panel


async def stage_of(panel: Panel, name: str) -> str:
    return await fetchval("SELECT stage FROM nomination WHERE id = $1", panel.nominees[name])


async def test_it_takes_along_the_countys_own_and_nobody_elses(county: Panel):
    made = await notices.open_county(county.ningguo, county.award, form(days=1))
    row = await fetchrow("SELECT organisation, level, days, source_kind, source FROM notice WHERE id = $1", made)
    assert row is not None
    assert tuple(row) == (county.house.organisations["ningguo"], "county", 6, "honours_county", county.award)
    cells = await fetch("SELECT cells, source FROM notice_subject WHERE notice = $1", made)
    assert [(one["cells"][0], one["source"]) for one in cells] == [("许辛越", county.nominees["许辛越"])]
    assert (await stage_of(county, "许辛越"), await stage_of(county, "韩丁远")) == ("county_notice", "county")
    assert (await stage_of(county, "冯壬和")) == "city"


async def test_nobody_goes_on_without_it_nor_before_its_end(county: Panel):
    nominee = county.nominees["许辛越"]
    with pytest.raises(Refusals) as first:
        await gates.accept(county.ningguo, nominee)
    assert [one.code for one in first.value.refusals] == ["county_notice_first"]
    await notices.open_county(county.ningguo, county.award, form())
    with pytest.raises(Refusals) as early:
        await gates.accept(county.ningguo, nominee)
    assert [one.code for one in early.value.refusals] == ["notice_still_open"]
    async with moved_to(OVER):
        assert await gates.accept(county.ningguo, nominee) is Stage.CITY


async def test_every_gap_of_every_nominee_is_told_and_nothing_is_published(county: Panel):
    await county.nominee("郑庚来", at="yi", stage="county")
    with pytest.raises(Refusals) as refused:
        await notices.open_county(county.ningguo, county.award, form())
    assert {"H31", "H60"} <= {one.rule for one in refused.value.refusals}
    assert await fetchval("SELECT count(*) FROM notice") == 0
    assert await stage_of(county, "许辛越") == "county"


async def test_an_open_objection_holds_the_next_notice_up(county: Panel):
    """Its first notice was withdrawn, the objection went into a second one that still stands (H34)."""
    nominee = county.nominees["许辛越"]
    await notices.open_county(county.ningguo, county.award, form())
    await fetch("UPDATE nomination SET stage = 'county' WHERE id = $1", nominee)
    notice = await fetchval("SELECT id FROM notice")
    await _object(notice)
    with pytest.raises(Refusals) as refused:
        await notices.open_county(county.ningguo, county.award, form())
    assert [(one.code, one.facts["n"]) for one in refused.value.refusals] == [("objection_open", 1)]


async def _object(notice) -> None:
    from foundation.forms import bind_tree
    from publications.notices.objections import operations as objections
    from publications.notices.objections.schemas import ObjectionForm
    from tests.publications.notices.support_notices import person

    await objections.object_publicly(notice, bind_tree(person(), ObjectionForm).data, None)


async def test_where_nobody_waits_there_is_nothing_to_publish(county: Panel):
    await notices.open_county(county.ningguo, county.award, form())
    with pytest.raises(Refusals) as refused:
        await notices.open_county(county.ningguo, county.award, form(title="再公示一次"))
    assert [one.code for one in refused.value.refusals] == ["nobody_selected"]


async def test_the_city_and_the_unit_open_no_countys_notice(county: Panel):
    with pytest.raises((Refusals, NotFound, Forbidden)):
        await notices.open_county(county.city, county.award, form())
    with pytest.raises((Refusals, NotFound, Forbidden)):
        await notices.open_county(county.house.actors["contact_yi"], county.award, form())
    assert await fetchval("SELECT count(*) FROM notice") == 0
    assert await stage_of(county, "许辛越") == "county"


async def test_its_page_lists_the_countys_own_and_opens_it(county: Panel, browse):
    path = f"/honours/cycles/{county.round.cycle}/awards/{county.award}/notice"
    browser = await browse(county.ningguo)
    shown = (await browser.get(path)).text
    assert "县级公示" in shown
    assert "许辛越" in shown
    assert "韩丁远" not in shown
    answer = await browser.submit(
        path,
        {
            "title": "公示",
            "basis": "根据示例办法。",
            "office": "示例部",
            "address": "示例路1号",
            "phone": "0563-0000000",
            "days": "6",
        },
    )
    assert answer.status_code == 303, answer.text[answer.text.index("<main") :][:1800]
    assert await stage_of(county, "许辛越") == "county_notice"
