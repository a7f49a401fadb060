"""Versions of rules: who saves first, what marks allow, what 百分制 insists on."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from competitions.programme import presets, rule_form, rule_sets
from competitions.programme.bundles import bundle_of
from competitions.programme.queries import rules_of
from competitions.scoring.bundle import Rules
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, Refusals, Stale
from foundation.forms import grow
from tests.competitions import support
from tests.competitions.programme.test_bundles import FULL
from tests.support.people import House

SMALL = msgspec.convert(support.RULES, Rules)


def fields(rules: Rules = SMALL, /, **changes: str) -> dict[str, str]:
    """What the builder's form sends for these rules."""
    tree = rule_form.tree_of(rules)
    return {**dict(rule_form.leaves(tree)), "based_on": "1", "hundred": "true", **changes}


def weighted(theory: str, practical: str) -> Rules:
    return rule_form.decode(
        rule_form.clean(grow(list(fields(**{"modules-0-weight": theory, "modules-1-weight": practical}).items())))
    )


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


async def test_a_first_version_is_saved_from_a_template(house, browse, qian):
    stage = await support.event(house, stage="draft", rules=None)
    browser = await browse(qian)
    page = await browser.get(f"/events/{stage.event}/rules", params={"from": "lift"})
    assert page.text.count('data-module-section="') == 3
    lift = msgspec.convert(presets.PRESETS["lift"].rules, Rules)
    saved = await browser.submit(f"/events/{stage.event}/rules", fields(lift, based_on="0"))
    assert saved.status_code == 303
    kept = await rules_of(stage.event)
    assert kept is not None
    assert [m.share for m in kept.modules] == ["0.25", "0.55", "0.2"]
    assert rule_form.tree_of(kept) == rule_form.tree_of(lift)


async def test_the_same_rules_again_are_no_new_version(house, browse, qian):
    stage = await support.event(house, stage="draft")
    before = await fetchval("SELECT rules FROM rule_set")
    assert (await (await browse(qian)).submit(f"/events/{stage.event}/rules", fields())).status_code == 303
    assert [r["rules"] for r in await fetch("SELECT rules FROM rule_set")] == [before]


async def test_faults_of_form_and_format_stand_beside_their_fields(house, browse, qian):
    stage = await support.event(house, stage="draft")
    bad = fields(**{"modules-0-aspects-0-max": "abc", "modules-1-aspects-1-code": "P1", "ranking-1-by": "", "tiers-0-name": "", "places-total": "9"})  # fmt: skip
    answer = await (await browse(qian)).submit(f"/events/{stage.event}/rules", bad)
    assert answer.status_code == 422
    assert set(re.findall(r'id="f-([\w-]+)-fault"', answer.text)) >= {
        "modules-0-aspects-0-max", "modules-1-aspects-1-code", "ranking-1-by", "tiers-0-name", "places-total",
    }  # fmt: skip
    assert 'value="abc"' in answer.text
    assert await fetchval("SELECT count(*) FROM rule_set") == 1


async def test_a_hundred_point_event_insists_and_another_does_not(house, browse, qian):
    """C20, C23: weights 0.3 + 0.6, and a practice worth 95."""
    stage = await support.event(house, stage="draft")
    off = fields(**{"modules-1-weight": "0.6", "modules-1-aspects-0-max": "55"})
    browser = await browse(qian)
    refused = await browser.submit(f"/events/{stage.event}/rules", off)
    assert refused.status_code == 422
    assert "权重合计 0.9，应为 1，差 0.1" in refused.text
    assert "practical 满分合计 95，应为 100，差 5" in refused.text
    del off["hundred"]
    assert (await browser.submit(f"/events/{stage.event}/rules", off)).status_code == 303
    assert await fetchval("SELECT max(number) FROM rule_set") == 2


async def test_theory_above_thirty_per_cent_is_only_warned_of(house, browse, qian):
    stage = await support.event(house, stage="draft")
    body = fields(**{"modules-0-weight": "0.4", "modules-1-weight": "0.6"})
    browser = await browse(qian)
    live = await browser.submit(f"/events/{stage.event}/rules/preview", body)
    assert "理论占 40%，超过 30%" in live.text
    assert (await browser.submit(f"/events/{stage.event}/rules", body)).status_code == 303


async def test_after_the_first_mark_a_change_wants_its_reason(house, browse, qian):
    stage = await support.standard(house)
    await support.mark_all(stage, FULL)
    browser = await browse(qian)
    body = fields(**{"modules-0-weight": "0.2", "modules-1-weight": "0.8"})
    refused = await browser.submit(f"/events/{stage.event}/rules", body)
    assert (refused.status_code, "已有给分：修改规则须写明理由" in refused.text) == (422, True)
    saved = await browser.submit(f"/events/{stage.event}/rules", {**body, "reason": "组委会决定"})
    assert saved.status_code == 303
    versions = await rule_sets.versions_of(stage.event)
    assert [(v.number, v.reason) for v in versions] == [(2, "组委会决定"), (1, "")]
    diff = await browser.get(f"/events/{stage.event}/rules/versions/2")
    assert '<span class="was">0.3</span>' in diff.text
    assert '<span class="now">0.2</span>' in diff.text


async def test_a_change_that_given_marks_do_not_allow_is_refused(house, qian):
    stage = await support.standard(house)
    await support.mark_all(stage, FULL)
    tight = rule_form.tree_of(SMALL)
    tight["modules"][1]["aspects"][0]["max"] = "50"  # 51 and 55 were given
    del tight["modules"][0]
    with pytest.raises(Refusals) as refused:
        await rule_sets.save_rules(qian, stage.event, rule_form.decode(tight), based_on=1, reason="试")
    assert [(r.code, r.facts["aspect"], r.facts["count"]) for r in refused.value.refusals] == [
        ("aspect_marked", "T", 3),
        ("marks_do_not_fit", "P1", 3),
    ]


@pytest.mark.parametrize("at", ["confirmed", "published"])
async def test_settled_rules_stand(house, qian, at):
    stage = await support.event(house, stage=at)
    with pytest.raises(Conflict):
        await rule_sets.save_rules(qian, stage.event, weighted("0.2", "0.8"), based_on=1)


async def test_an_aspect_that_goes_leaves_its_panels(house, qian):
    stage = await support.standard(house)
    less = rule_form.tree_of(SMALL)
    del less["modules"][1]["aspects"][1]
    await rule_sets.save_rules(qian, stage.event, rule_form.decode(less), based_on=1)
    panels = await fetch("SELECT aspects FROM panel WHERE event = $1 ORDER BY place", stage.event)
    assert [row["aspects"] for row in panels] == [["T"], ["P1"]]


async def test_an_earlier_version_shown_is_stale(house, browse, qian):
    stage = await support.event(house, stage="draft")
    browser = await browse(qian)
    first = await browser.submit(f"/events/{stage.event}/rules", fields(**{"modules-0-title": "甲"}))
    second = await browser.submit(f"/events/{stage.event}/rules", fields(**{"modules-0-title": "乙"}))
    assert (first.status_code, second.status_code) == (303, 412)
    kept = await rules_of(stage.event)
    assert kept is not None
    assert kept.modules[0].heading == "甲"
    assert 'value="乙"' in second.text  # what was typed is still there


async def test_two_officers_saving_at_once_leave_one_version(committed):
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    zheng = await house.person("zheng", "city_officer", at="city")
    stage = await support.event(house, stage="draft")
    outcomes = await asyncio.gather(
        rule_sets.save_rules(qian, stage.event, weighted("0.2", "0.8"), based_on=1),
        rule_sets.save_rules(zheng, stage.event, weighted("0.25", "0.75"), based_on=1),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Stale", "int"]
    assert isinstance(next(o for o in outcomes if isinstance(o, Exception)), Stale)
    assert await fetchval("SELECT count(*) FROM rule_set WHERE event = $1", stage.event) == 2


async def test_a_row_button_works_as_a_page_and_as_a_fragment(house, browse, qian):
    stage = await support.event(house, stage="draft")
    browser = await browse(qian)
    path = f"/events/{stage.event}/rules/rows"
    whole = await browser.submit(path, {**fields(), "act": "add-aspect-0"})
    assert whole.text.lstrip().startswith("<!DOCTYPE html>")
    assert 'name="modules-0-aspects-1-code"' in whole.text
    part = await browser.submit(path, {**fields(), "act": "add-aspect-0"}, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="rules-zone">')
    assert await fetchval("SELECT count(*) FROM rule_set") == 1


async def test_rules_are_copied_from_ones_own_events_only(house, browse):
    li = await house.person("li", "county_officer", at="ningguo")
    mine = await support.event(house, at="ningguo", code="mine", rules=None, stage="draft")
    other = await support.event(house, at="ningguo", code="other")
    foreign = await support.event(house, at="xuanzhou", code="foreign")
    browser = await browse(li)
    page = await browser.get(f"/events/{mine.event}/rules")
    assert str(other.event) in page.text
    assert str(foreign.event) not in page.text
    assert (await browser.get(f"/events/{mine.event}/rules", params={"from": str(other.event)})).status_code == 200
    for wrong in (str(foreign.event), "nonsense", str(mine.event)):
        assert (await browser.get(f"/events/{mine.event}/rules", params={"from": wrong})).status_code == 404, wrong


async def test_the_export_is_what_the_bundle_holds(house, browse, qian):
    stage = await support.standard(house)
    sent = await (await browse(qian)).get(f"/events/{stage.event}/rules/export")
    assert msgspec.json.decode(sent.content, type=Rules) == (await bundle_of(stage.event)).event.rules
