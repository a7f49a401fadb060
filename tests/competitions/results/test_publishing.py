"""Confirming, publishing, taking back: who may, what stands in the way, what is frozen, what follows."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from competitions.results import operations
from competitions.scoring.reading import parse
from competitions.scoring.standings import standings
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from tests.competitions import support
from tests.competitions.results.support_results import MARKS, PLACES, marked, sign_all, stage_of
from tests.support.people import House


def codes(refused) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


async def places(result) -> list[tuple[str, str, str, str]]:
    rows = await fetch("SELECT rank, entry_code, total, award FROM result_row WHERE result = $1 ORDER BY place", result)
    return [(str(row["rank"]), row["entry_code"], row["total"], row["award"]) for row in rows]


async def test_the_chief_judge_confirms_and_the_places_are_those_reckoned_by_hand(house):
    stage, zhou = await marked(house)
    result = await operations.confirm_result(zhou, stage.event)
    assert await places(result) == PLACES
    assert await stage_of(stage.event) == "confirmed"


async def test_a_frozen_result_is_recomputed_from_its_own_bytes(house):
    stage, zhou = await marked(house)
    result = await operations.confirm_result(zhou, stage.event)
    row = (await fetch("SELECT * FROM result WHERE id = $1", result))[0]
    for text, sha, said in (
        ("bundle", "bundle_sha256", "standings"),
        ("public_bundle", "public_sha256", "public_standings"),
    ):
        made = standings(parse(row[text].encode()))
        assert made.bundle_sha256 == row[sha]
        assert msgspec.json.encode(made).decode() == row[said]


async def test_the_open_bundle_names_entrants_and_hides_judges_and_members(house):
    stage, zhou = await marked(house)
    result = await operations.confirm_result(zhou, stage.event)
    bundle = parse((await fetchval("SELECT public_bundle FROM result WHERE id = $1", result)).encode())
    assert {entry.name for entry in bundle.entries} == {"示例队A01", "示例队A02", "示例队A03"}
    assert {mark.judge for mark in bundle.marks} == {"J1", "J2", "J3"}
    assert "示例选手" not in await fetchval("SELECT public_bundle FROM result WHERE id = $1", result)


async def test_every_obstacle_is_named_at_once(house):
    stage = await support.standard(house)
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    await support.mark_all(stage, {"A01": {"T": ["80"], "P1": ["50", "52"], "P2": ["2", "3"]}})
    with pytest.raises(Refusals) as refused:
        await operations.confirm_result(zhou, stage.event)
    assert codes(refused).count("marks_missing") == 3  # J1 on theory, J2 and J3 on practice
    assert codes(refused).count("sheet_unsigned") == 3
    assert await stage_of(stage.event) == "judging"
    assert await fetchval("SELECT count(*) FROM result WHERE event = $1", stage.event) == 0


async def test_a_mark_of_every_seat_is_wanted_where_the_rules_would_do_with_one(house):
    rules = msgspec.json.decode(msgspec.json.encode(support.RULES))
    for module in rules["modules"]:
        for aspect in module["aspects"]:
            aspect["panel"] = {"minimum": 1}
    stage, zhou = await marked(house, rules=rules)
    await support.mark(stage, "A02", "P1", "J3", None, version=2)
    with pytest.raises(Refusals) as refused:
        await operations.confirm_result(zhou, stage.event)
    assert codes(refused) == ["marks_missing"]


async def test_ties_that_the_rules_refuse_must_be_resolved_first(house):
    rules = {**support.RULES, "ties": "refuse"}
    stage = await support.standard(house, rules=rules)
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    await support.mark_all(stage, {**MARKS, "A03": MARKS["A01"]})
    await sign_all(stage.event)
    with pytest.raises(Refusals) as refused:
        await operations.confirm_result(zhou, stage.event)
    assert codes(refused) == ["tie_open"]
    assert "A01" in str(refused.value)
    assert "A03" in str(refused.value)


@pytest.mark.parametrize("role", ["judge", "scorekeeper", "supervisor", "code_keeper"])
async def test_nobody_else_of_the_event_confirms(house, role):
    stage, _zhou = await marked(house)
    other = await house.person("wu", role, event=stage.event)
    with pytest.raises(NotFound):
        await operations.confirm_result(other, stage.event)


async def test_another_events_chief_judge_and_the_officers_do_not_find_it(house):
    stage, _zhou = await marked(house)
    elsewhere = await support.event(house, code="2026-welder")
    stranger = await house.person("zheng", "chief_judge", event=elsewhere.event)
    officer = await house.person("qian", "city_officer", at="city")
    for actor in (stranger, officer):
        with pytest.raises(NotFound):
            await operations.confirm_result(actor, stage.event)


async def test_marks_that_changed_since_the_page_was_opened_are_not_confirmed(house):
    stage, zhou = await marked(house)
    from competitions.programme.bundles import bundle_of

    shown = standings(await bundle_of(stage.event)).bundle_sha256
    await support.mark(stage, "A03", "T", "J1", "99", version=2)
    with pytest.raises(Stale):
        await operations.confirm_result(zhou, stage.event, shown=shown)
    assert await stage_of(stage.event) == "judging"


async def test_publishing_wants_confirming_first(house):
    stage, zhou = await marked(house)
    with pytest.raises(Conflict):
        await operations.publish_result(zhou, stage.event)


async def test_publication_tells_the_registry_and_orders_certificates(house):
    stage, zhou = await marked(house, kind="team", team_max=3)
    await operations.confirm_result(zhou, stage.event)
    result = await operations.publish_result(zhou, stage.event)
    assert await stage_of(stage.event) == "published"
    units = await fetch(
        "SELECT a.holder_name, a.rank, a.award, a.kind, a.organisation FROM achievement a JOIN result_row r ON r.id = a.source"
        " WHERE r.result = $1 AND a.worker IS NULL ORDER BY a.rank",
        result,
    )
    assert [(u["holder_name"], u["rank"], u["award"], u["kind"]) for u in units] == [
        ("示例队A02", 1, "一等奖", "competition"), ("示例队A01", 2, "二等奖", "competition"),
        ("示例队A03", 3, "", "competition"),
    ]  # fmt: skip
    assert units[0]["organisation"] == house.organisations["yi"]
    certificates = await fetch(
        "SELECT number, holder, award FROM certificate WHERE source = $1 ORDER BY number", result
    )
    assert [(c["number"], c["holder"], c["award"]) for c in certificates] == [
        ("XCJS-2026-AUTOASSEMBLY-0001", "示例队A02", "一等奖"), ("XCJS-2026-AUTOASSEMBLY-0002", "示例队A01", "二等奖"),
    ]  # fmt: skip
    assert await fetchval("SELECT count(*) FROM job WHERE kind = 'certificates.render'") == 1


async def test_returning_to_marking_keeps_what_was_confirmed_and_counts_on(house):
    stage, zhou = await marked(house)
    first = await operations.confirm_result(zhou, stage.event)
    with pytest.raises(Refusal, match="理由"):
        await operations.return_to_judging(zhou, stage.event, "  ")
    await operations.return_to_judging(zhou, stage.event, "漏计一张评分表")
    assert await stage_of(stage.event) == "judging"
    await support.mark(stage, "A03", "T", "J1", "100", version=2)
    second = await operations.confirm_result(zhou, stage.event)
    rows = await fetch("SELECT id, number, withdrawn_reason FROM result WHERE event = $1 ORDER BY number", stage.event)
    assert [(row["id"], row["number"], row["withdrawn_reason"]) for row in rows] == [
        (first, 1, "漏计一张评分表"), (second, 2, "")
    ]  # fmt: skip
    assert await places(first) == PLACES
    assert (await places(second))[2] == ("3", "A03", "72.35", "")  # 30 + 42.35


async def test_withdrawing_takes_achievements_and_certificates_back_with_the_reason(house):
    stage, zhou = await marked(house, kind="team", team_max=3)
    await operations.confirm_result(zhou, stage.event)
    result = await operations.publish_result(zhou, stage.event)
    await operations.withdraw_publication(zhou, stage.event, "评分表录入有误")
    assert await stage_of(stage.event) == "confirmed"
    taken = await fetch(
        "SELECT a.withdrawn_reason FROM achievement a JOIN result_row r ON r.id = a.source WHERE r.result = $1", result
    )
    assert [row["withdrawn_reason"] for row in taken] == ["评分表录入有误"] * 3
    ended = await fetch("SELECT state, ended_reason FROM certificate WHERE source = $1", result)
    assert [(row["state"], row["ended_reason"]) for row in ended] == [("revoked", "评分表录入有误")] * 2
    with pytest.raises(Refusal, match="重新确认"):
        await operations.publish_result(zhou, stage.event)


async def test_a_new_version_after_a_withdrawal_has_certificates_of_its_own_numbers(house):
    stage, zhou = await marked(house)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    await operations.withdraw_publication(zhou, stage.event, "评分表录入有误")
    await operations.return_to_judging(zhou, stage.event, "更正")
    await support.mark(stage, "A01", "T", "J1", "100", version=2)
    await operations.confirm_result(zhou, stage.event)
    result = await operations.publish_result(zhou, stage.event)
    numbers = await fetch("SELECT number FROM certificate WHERE source = $1 ORDER BY number", result)
    assert [row["number"][-4:] for row in numbers] == ["0003", "0004"]


async def test_two_taps_and_two_browsers_publish_once(committed):
    house = await House().build()
    stage, zhou = await marked(house)
    await operations.confirm_result(zhou, stage.event)
    outcomes = await asyncio.gather(
        *(operations.publish_result(zhou, stage.event) for _tap in range(6)), return_exceptions=True
    )
    done = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(done) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, BaseException))
    assert await fetchval("SELECT count(*) FROM certificate WHERE source = $1", done[0]) == 2


async def test_two_chief_judges_confirm_once(committed):
    house = await House().build()
    stage, zhou = await marked(house)
    wu = await house.person("wu", "chief_judge", event=stage.event)
    outcomes = await asyncio.gather(
        *(operations.confirm_result(chief, stage.event) for chief in (zhou, wu, zhou)), return_exceptions=True
    )
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    assert await fetchval("SELECT count(*) FROM result WHERE event = $1", stage.event) == 1
