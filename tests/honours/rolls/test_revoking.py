"""Revocation up the chain (H75–H77, A12): who may, what follows at once, what stays."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from honours.rolls import deciding, publishing, revoking
from honours.rolls.ledger import held_by_workers
from honours.rolls.rules import Stage
from honours.rolls.schemas import OutcomeForm, RecallForm, RevocationForm
from registry.achievements.queries import of_worker
from tests.honours.support import form, held, honour

SCAN = (b"%PDF-1.4 example", "处分决定.pdf", "application/pdf")
TOLD = RevocationForm(cause="sentenced", facts="依据示例判决书。")


@pytest.fixture
async def published(ready):
    """The round's roll is out; 钱雨水 of 示例乙 in 宁国 holds the medal."""
    decision = await deciding.draft(ready.city, ready.cycle, form())
    await deciding.issue(ready.city, decision)
    await publishing.publish_roll(ready.city, decision)
    return ready


async def entry_of(name: str):
    return await fetchval("SELECT id FROM roll_entry WHERE name = $1", name)


def outcome(version: int, **changes) -> OutcomeForm:
    values = {"decided_on": date(2026, 4, 24), "public_reason": "获奖后被判处刑罚", "version": version, **changes}
    return OutcomeForm(**values)


async def proposed(ready) -> tuple[object, int]:
    """Reported by the unit, endorsed by 宁国, proposed by the first city officer."""
    zhou = await ready.house.person("zhou", "enterprise_contact", at="yi")
    wu = await ready.house.person("wu", "county_officer", at="ningguo")
    made = await revoking.report(zhou, await entry_of("钱雨水"), TOLD, SCAN)
    await revoking.step(wu, made, "endorse", "情况属实，同意撤销", version=1)
    await revoking.step(ready.city, made, "propose", "建议撤销", version=2)
    return made, 3


async def test_from_the_decision_on_the_honour_counts_nowhere_and_stays_in_the_ledger(published):
    made, version = await proposed(published)
    assert await revoking.decide(published.second, made, "decide", outcome(version)) is Stage.REVOKED

    entry = await fetchrow("SELECT * FROM roll_entry WHERE name = '钱雨水'")
    assert (entry["revoked_on"], entry["revoked_reason"]) == (date(2026, 4, 24), "获奖后被判处刑罚")
    worker = published.workers["钱雨水"]
    assert await of_worker(worker, withdrawn=False) == []
    assert [one.revoked for one in (await held_by_workers([worker]))[worker]] == [True]
    assert await fetchval("SELECT state FROM certificate WHERE subject = $1", entry["id"]) == "revoked"
    told = {
        row["name"]: msgspec.json.decode(row["body"])
        for row in await fetch(
            "SELECT name, body FROM outbox_event WHERE name IN ('achievement.withdrawn', 'honour.revoked')"
        )
    }
    assert told["achievement.withdrawn"]["source"] == str(entry["id"])
    assert told["honour.revoked"]["worker"] == str(worker)
    assert told["honour.revoked"]["decided_on"] == "2026-04-24"
    others = await fetch("SELECT state FROM certificate WHERE subject <> $1", entry["id"])
    assert {row["state"] for row in others} == {"numbered"}
    assert await fetchval("SELECT count(*) FROM roll_entry WHERE revoked_at IS NOT NULL") == 1


async def test_who_proposes_does_not_decide(published):
    made, version = await proposed(published)
    with pytest.raises(Refusal) as refused:
        await revoking.decide(published.city, made, "decide", outcome(version))
    assert refused.value.code == "revocation_second_person"
    assert await fetchval("SELECT count(*) FROM roll_entry WHERE revoked_at IS NOT NULL") == 0


async def test_the_county_speaks_before_the_city_and_no_level_is_skipped(published):
    zhou = await published.house.person("zhou", "enterprise_contact", at="yi")
    made = await revoking.report(zhou, await entry_of("钱雨水"), TOLD, SCAN)
    with pytest.raises(Conflict):
        await revoking.step(published.city, made, "propose", "建议撤销", version=1)
    with pytest.raises(Forbidden):
        await revoking.step(zhou, made, "endorse", "同意", version=1)
    li = await published.house.person("li", "county_officer", at="xuanzhou")
    with pytest.raises(NotFound):  # another county's officer does not see it
        await revoking.step(li, made, "endorse", "同意", version=1)


async def test_a_report_needs_copies_and_one_is_open_at_a_time(published):
    zhou = await published.house.person("zhou", "enterprise_contact", at="yi")
    entry = await entry_of("钱雨水")
    with pytest.raises(Refusal) as refused:
        await revoking.report(zhou, entry, TOLD, None)
    assert refused.value.code == "revocation_copies"
    with pytest.raises(Refusal) as refused:
        await revoking.report(zhou, entry, RevocationForm(cause="whim", facts="无"), SCAN)
    assert refused.value.code == "no_such_choice"
    await revoking.report(zhou, entry, TOLD, SCAN)
    with pytest.raises(Conflict) as open_already:
        await revoking.report(published.city, entry, TOLD, SCAN)
    assert open_already.value.code == "revocation_open"
    with pytest.raises(NotFound):
        await revoking.report(zhou, await entry_of("赵立春"), TOLD, SCAN)  # of another unit


async def test_a_withdrawn_report_lets_another_be_made_and_only_its_author_withdraws(published):
    zhou = await published.house.person("zhou", "enterprise_contact", at="yi")
    entry = await entry_of("钱雨水")
    made = await revoking.report(zhou, entry, TOLD, SCAN)
    with pytest.raises(Forbidden):
        await revoking.step(published.city, made, "withdraw", "", version=1)
    await revoking.step(zhou, made, "withdraw", "", version=1)
    await revoking.report(zhou, entry, TOLD, SCAN)


async def test_what_a_higher_body_conferred_is_reported_and_only_its_answer_recorded(published):
    """H76: the city proposes nothing about a provincial honour; the answer needs body and document."""
    province = await honour(
        "province-may1-medal", "安徽省五一劳动奖章", level="province", conferred_here=False, treatment="province_model"
    )
    worker = published.workers["钱雨水"]
    entry = await held(
        province, "钱雨水", worker=worker, organisation=published.house.organisations["yi"], region="341881"
    )
    wu = await published.house.person("wu", "county_officer", at="ningguo")
    made = await revoking.report(wu, entry, TOLD, SCAN)
    await revoking.step(wu, made, "endorse", "情况属实", version=1)
    with pytest.raises(Refusal) as refused:
        await revoking.step(published.city, made, "propose", "建议撤销", version=2)
    assert refused.value.code == "revocation_not_ours"
    await revoking.step(published.city, made, "refer", "报省总工会", version=2)
    with pytest.raises(Refusals) as told:
        await revoking.decide(published.city, made, "decide", outcome(3))
    assert sorted(one.field or "" for one in told.value.refusals) == ["decided_organ", "document_number"]
    await revoking.decide(
        published.city, made, "decide", outcome(3, document_number="皖工〔2026〕9号", decided_organ="安徽省总工会")
    )
    assert [h.revoked for h in (await held_by_workers([worker]))[worker] if h.level == "province"] == [True]


async def test_the_body_may_keep_the_honour(published):
    made, version = await proposed(published)
    await revoking.decide(published.second, made, "keep", outcome(version, public_reason="事实不足以撤销"))
    assert await fetchval("SELECT revoked_at FROM roll_entry WHERE name = '钱雨水'") is None
    assert await fetchval("SELECT state FROM certificate WHERE holder = '钱雨水'") == "numbered"


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 4, 25), "revocation_future"), (date(2026, 4, 23), "revocation_before")]
)
async def test_the_day_of_the_decision_lies_between_conferral_and_today(published, day, code):
    made, version = await proposed(published)
    with pytest.raises(Refusals) as refused:
        await revoking.decide(published.second, made, "decide", outcome(version, decided_on=day))
    assert [one.code for one in refused.value.refusals] == [code]


async def test_an_old_page_decides_nothing(published):
    made, version = await proposed(published)
    with pytest.raises(Stale):
        await revoking.decide(published.second, made, "decide", outcome(version - 1))


async def test_medal_certificate_and_treatment_are_ticked_off(published):
    made, version = await proposed(published)
    with pytest.raises(Conflict):
        await revoking.recall(published.city, made, RecallForm(medal_back_on=date(2026, 4, 24), version=version))
    await revoking.decide(published.second, made, "decide", outcome(version))
    with pytest.raises(Refusal):
        await revoking.recall(published.city, made, RecallForm(medal_back_on=date(2026, 4, 23), version=version + 1))
    await revoking.recall(
        published.city, made, RecallForm(medal_back_on=date(2026, 4, 24), treatment_stopped_on=date(2026, 4, 24), version=version + 1)
    )  # fmt: skip
    row = await fetchrow("SELECT medal_back_on, certificate_back_on FROM revocation WHERE id = $1", made)
    assert tuple(row) == (date(2026, 4, 24), None)
