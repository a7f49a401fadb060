"""Merging duplicates takes two people; until the second one confirms, nothing has moved and nothing is told."""

from __future__ import annotations

import uuid

import pytest

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from registry import finding
from registry.merging import queries
from registry.merging.operations import ask_merge, decide_merge
from registry.merging.schemas import AskForm, DecisionForm

YES, NO, BACK = (DecisionForm(decision=word) for word in ("accepted", "refused", "withdrawn"))


@pytest.fixture
async def pair(house):
    """The office's officer and a colleague; the organisation to keep and its double, which holds one account."""
    sun = await house.person("sun", "county_officer", at="xuanzhou")
    wu = await house.person("wu", "county_officer", at="xuanzhou")
    double = await house.organisation("double", "示例甲机械工会", parent=house.organisations["xuanzhou"])
    li = await house.person("li", "enterprise_contact", at="double")
    return sun, wu, house.organisations["jia"], double, li


async def ask(actor, keep, other) -> uuid.UUID:
    return await ask_merge(actor, "organisation", keep, AskForm(other=other, reason="重复登记"))


async def place_of(account) -> uuid.UUID:
    return await fetchval("SELECT organisation FROM account WHERE id = $1", account)


async def test_asking_moves_nothing_and_tells_nobody_but_counts_what_would_follow(pair):
    sun, wu, keep, double, li = pair
    before = await fetchrow("SELECT * FROM organisation WHERE id = $1", double)
    await ask(sun, keep, double)
    assert await place_of(li.account) == double
    assert await fetchrow("SELECT * FROM organisation WHERE id = $1", double) == before
    assert await fetchval("SELECT count(*) FROM outbox_event") == 0
    assert await fetchval("SELECT array_agg(action) FROM trail_entry WHERE action ~ 'merge'") == ["merge.asked"]
    (shown,) = await queries.listed(wu)
    assert shown.decision == ""
    assert dict(shown.follows)["账号"] == 1


async def test_who_asked_cannot_confirm_and_the_other_can(pair):
    sun, wu, keep, double, li = pair
    made = await ask(sun, keep, double)
    for decision in (YES, DecisionForm(decision="refused", reason="不同")):
        with pytest.raises(Refusal) as refused:
            await decide_merge(sun, made, decision)
        assert refused.value.code == "merge_second_person"
    assert await place_of(li.account) == double
    await decide_merge(wu, made, YES)
    assert await place_of(li.account) == keep
    row = await fetchrow("SELECT decision, asked_by, decided_by FROM merge_request")
    assert tuple(row) == ("accepted", sun.account, wu.account)
    with pytest.raises(Conflict) as again:
        await decide_merge(wu, made, YES)
    assert again.value.code == "merge_decided"


async def test_a_refusal_says_why_and_only_who_asked_withdraws(pair):
    sun, wu, keep, double, li = pair
    made = await ask(sun, keep, double)
    with pytest.raises(Refusal) as mute:
        await decide_merge(wu, made, NO)
    assert mute.value.code == "reason_missing"
    with pytest.raises(Refusal) as stranger:
        await decide_merge(wu, made, BACK)
    assert stranger.value.code == "merge_not_yours"
    await decide_merge(sun, made, BACK)
    await ask(sun, keep, double)  # what was withdrawn may be asked again
    assert await place_of(li.account) == double


async def test_a_refused_request_moves_nothing_and_is_shown_with_its_reason(pair):
    sun, wu, keep, double, li = pair
    await decide_merge(wu, await ask(sun, keep, double), DecisionForm(decision="refused", reason="是两家"))
    assert await place_of(li.account) == double
    (shown,) = await queries.listed(sun)
    assert (shown.decision, shown.decision_reason) == ("refused", "是两家")


async def test_one_request_for_one_record_at_a_time(pair):
    sun, wu, keep, double, _ = pair
    await ask(sun, keep, double)
    with pytest.raises(Conflict) as twice:
        await ask(wu, keep, double)
    assert twice.value.code == "merge_asked"


async def test_a_neighbour_neither_sees_nor_decides_nor_asks(pair, house):
    sun, _, keep, double, _ = pair
    made = await ask(sun, keep, double)
    qian = await house.person("qian", "county_officer", at="ningguo")
    contact = await house.person("zhao", "enterprise_contact", at="jia")  # keeps workers, no organisations
    for other in (qian, contact):
        assert await queries.listed(other) == []
        with pytest.raises(NotFound):
            await decide_merge(other, made, YES)
    with pytest.raises((NotFound, Refusal)):
        await ask(qian, keep, double)


async def test_what_stands_against_it_is_refused_when_asked(pair, house):
    sun, _, keep, double, _ = pair
    await house.organisation("below", "示例甲机械分会", parent=double)
    with pytest.raises(Refusals, match="下级"):
        await ask(sun, keep, double)
    assert await fetchval("SELECT count(*) FROM merge_request") == 0


async def test_it_waits_on_the_second_persons_first_page(pair):
    sun, wu, keep, double, _ = pair
    await ask(sun, keep, double)
    now = await fetchval("SELECT now()")
    (theirs,) = await finding.to_dos(wu, now)
    (own,) = await finding.to_dos(sun, now)
    assert (theirs.mine, own.mine) == (True, False)
    assert "示例甲机械工会" in theirs.title


async def test_the_database_itself_refuses_one_person_twice(pair):
    import asyncpg

    sun, _, keep, double, _ = pair
    made = await ask(sun, keep, double)
    with pytest.raises(asyncpg.CheckViolationError):
        await fetch("UPDATE merge_request SET decision = 'accepted', decided_by = asked_by WHERE id = $1", made)


async def test_by_page_and_by_program(pair, browse):
    sun, wu, keep, double, li = pair
    mine, theirs = await browse(sun), await browse(wu)
    await mine.submit(f"/registry/organisations/{keep}/merging", {"other": str(double), "reason": "重复登记"})
    assert "确认合并" not in (await mine.get("/registry/merges")).text
    assert "确认合并" in (await theirs.get("/registry/merges")).text
    made = await fetchval("SELECT id FROM merge_request")
    alone = await mine.submit(f"/registry/merges/{made}/decision", {"decision": "accepted"})
    assert alone.status_code == 422
    assert "合并须由另一人确认" in alone.text
    done = await theirs.send_json("POST", f"/api/v1/merges/{made}/decision", {"decision": "accepted"})
    assert done.json()["moved"]["account.organisation"] == 1
    assert await place_of(li.account) == keep
