"""Rounds end to end: seats, recusals, one vote a person, quorum, void and repeat, run-off, scope."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from foundation import clock
from foundation.clock import moved_to
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from honours.review import rounds, voting
from honours.review.methods import ABSTAIN, NO, YES, Outcome
from tests.honours.nominations import support
from tests.honours.review.conftest import Panel, panel_of
from tests.support.people import House


async def outcome(round_id: UUID) -> Outcome:
    return msgspec.json.decode(await fetchval("SELECT result FROM review_round WHERE id = $1", round_id), type=Outcome)


async def everybody(panel: Panel, round_id: UUID, choice: int) -> None:
    """All reviewers vote the same on whatever they may judge."""
    for one in panel.reviewers:
        await voting.cast(one, round_id, dict.fromkeys(await judged(one, round_id), choice))


async def judged(one, round_id) -> list[UUID]:
    seat = await fetchval("SELECT id FROM round_seat WHERE round = $1 AND account = $2", round_id, one.account)
    return await voting._judged(round_id, seat)


async def test_five_vote_and_the_round_is_reckoned(panel: Panel):
    made = await panel.opened()
    names = list(panel.nominees.values())
    for n, one in enumerate(panel.reviewers):
        await voting.cast(
            one, made, {names[0]: YES, names[1]: YES if n < 3 else NO, names[2]: YES if n < 2 else ABSTAIN}
        )
    row = await fetch("SELECT version FROM review_round WHERE id = $1", made)
    assert await rounds.close_round(panel.city, made, version=row[0]["version"]) == "closed"
    found = await outcome(made)
    assert [(UUID(one.nomination), one.figure, one.passed) for one in found.standings] == [
        (names[0], "5/5", True), (names[1], "3/5", True), (names[2], "2/5", False),
    ]  # fmt: skip
    assert (found.seats, found.voted) == (5, 5)


async def test_one_vote_a_person_and_none_is_taken_back(panel: Panel):
    made = await panel.opened()
    paper = dict.fromkeys(panel.nominees.values(), YES)
    await voting.cast(panel.reviewers[0], made, paper)
    with pytest.raises(Conflict) as refused:
        await voting.cast(panel.reviewers[0], made, dict.fromkeys(panel.nominees.values(), NO))
    assert refused.value.code == "voted_already"
    with pytest.raises(Conflict):
        await voting.recuse(panel.reviewers[0], made, paper.popitem()[0], reason="晚了")


async def test_who_has_no_seat_finds_no_round(panel: Panel):
    made = await panel.opened()
    stranger = await panel.house.person("stranger", "reviewer", at="city")
    with pytest.raises(NotFound):
        await voting.cast(stranger, made, dict.fromkeys(panel.nominees.values(), YES))


async def test_a_paper_that_is_refused_marks_nobody(panel: Panel):
    made = await panel.opened()
    with pytest.raises(Refusal):
        await voting.cast(panel.reviewers[0], made, {next(iter(panel.nominees.values())): YES})
    assert await fetchval("SELECT count(*) FROM round_seat WHERE round = $1 AND voted", made) == 0
    await voting.cast(panel.reviewers[0], made, dict.fromkeys(panel.nominees.values(), YES))


async def test_closing_waits_for_everybody_or_for_the_time(panel: Panel):
    made = await panel.opened()
    await voting.cast(panel.reviewers[0], made, dict.fromkeys(panel.nominees.values(), YES))
    with pytest.raises(Refusal) as refused:
        await rounds.close_round(panel.city, made, version=2)
    assert refused.value.code == "round_still_open"
    assert refused.value.facts["n"] == 4
    async with moved_to(support.NOW + timedelta(days=1)):
        with pytest.raises(Conflict) as late:
            await voting.cast(panel.reviewers[1], made, dict.fromkeys(panel.nominees.values(), YES))
        assert late.value.code == "round_over"
        assert await rounds.close_round(panel.city, made, version=2) == "void"


async def test_without_a_quorum_nothing_is_read_and_the_round_is_repeated(panel: Panel):
    """Two thirds of five are four: three voted. No slip is kept, no figure; the next round has the same nominees and seats."""
    made = await panel.opened()
    for one in panel.reviewers[:3]:
        await voting.cast(one, made, dict.fromkeys(panel.nominees.values(), YES))
    async with moved_to(support.NOW + timedelta(days=2)):
        assert await rounds.close_round(panel.city, made, version=2) == "void"
    assert await fetchval("SELECT result FROM review_round WHERE id = $1", made) == ""
    assert await fetchval("SELECT count(*) FROM ballot_slip WHERE round = $1", made) == 0
    assert await fetchval("SELECT count(*) FROM ballot_box WHERE round = $1", made) == 0
    again = await rounds.take_up_again(panel.city, made)
    row = (await fetch("SELECT stage, number, repeats FROM review_round WHERE id = $1", again))[0]
    assert (row["stage"], row["number"], row["repeats"]) == ("draft", 2, made)
    assert await fetchval("SELECT count(*) FROM round_seat WHERE round = $1 AND NOT voted", again) == 5
    with pytest.raises(Conflict):
        await rounds.take_up_again(panel.city, made)


async def test_four_of_five_are_a_quorum(panel: Panel):
    made = await panel.opened()
    for one in panel.reviewers[:4]:
        await voting.cast(one, made, dict.fromkeys(panel.nominees.values(), YES))
    async with moved_to(support.NOW + timedelta(days=2)):
        assert await rounds.close_round(panel.city, made, version=2) == "closed"
    assert [one.of for one in (await outcome(made)).standings] == [4, 4, 4]


async def test_a_tie_across_the_last_seat_goes_to_a_run_off(panel: Panel):
    made = await panel.opened(seats=1)
    await everybody(panel, made, YES)
    await rounds.close_round(panel.city, made, version=2)
    found = await outcome(made)
    assert len(found.tied) == 3
    assert found.open_seats == 1
    again = await rounds.take_up_again(panel.city, made)
    assert await fetchval("SELECT count(*) FROM round_candidate WHERE round = $1", again) == 3


async def test_a_decided_round_is_not_repeated(panel: Panel):
    made = await panel.opened()
    await everybody(panel, made, YES)
    await rounds.close_round(panel.city, made, version=2)
    with pytest.raises(Refusal) as refused:
        await rounds.take_up_again(panel.city, made)
    assert refused.value.code == "nothing_to_repeat"


async def test_the_house_finds_who_must_not_judge(panel: Panel):
    """Somebody of the nominee's own unit, and an officer's colleague of the county above it; not the city's own people."""
    inside = await panel.house.person("inside", "reviewer", at="city")
    above = await panel.house.person("above", "reviewer", at="city")
    await fetch("UPDATE account SET organisation = $2 WHERE id = $1", inside.account, panel.house.organisations["jia"])
    await fetch(
        "UPDATE account SET organisation = $2 WHERE id = $1", above.account, panel.house.organisations["xuanzhou"]
    )
    panel.reviewers += [inside, above]
    made = await panel.opened()
    rows = await fetch(
        "SELECT a.login, n.name, x.kind FROM round_recusal x JOIN round_seat s ON s.id = x.seat JOIN account a ON a.id = s.account"
        " JOIN nomination n ON n.id = x.nomination WHERE s.round = $1 ORDER BY a.login",
        made,
    )
    assert [tuple(row) for row in rows] == [("above", "吴己明", "above"), ("inside", "吴己明", "unit")]
    with pytest.raises(Refusal) as refused:
        await voting.cast(inside, made, dict.fromkeys(panel.nominees.values(), YES))
    assert refused.value.code == "paper_incomplete"
    await voting.cast(inside, made, dict.fromkeys(await judged(inside, made), YES))


async def test_the_nominee_does_not_judge_itself(panel: Panel):
    mine = await fetchval("SELECT worker FROM nomination WHERE id = $1", panel.nominees["冯壬和"])
    await fetch("UPDATE account SET worker = $2 WHERE id = $1", panel.reviewers[0].account, mine)
    made = await panel.opened()
    assert panel.nominees["冯壬和"] not in await judged(panel.reviewers[0], made)
    kinds = await fetch("SELECT kind FROM round_recusal x JOIN round_seat s ON s.id = x.seat WHERE s.round = $1", made)
    assert {row["kind"] for row in kinds} <= {"self", "unit"}


async def test_a_declared_recusal_takes_the_nominee_off_the_paper(panel: Panel):
    made = await panel.opened()
    with pytest.raises(Refusal) as refused:
        await voting.recuse(panel.reviewers[0], made, panel.nominees["何乙宁"], reason="  ")
    assert refused.value.code == "recusal_reason"
    await voting.recuse(panel.reviewers[0], made, panel.nominees["何乙宁"], reason="曾是师徒")
    await voting.recuse(panel.reviewers[0], made, panel.nominees["何乙宁"], reason="再说一次")
    await everybody(panel, made, YES)
    await rounds.close_round(panel.city, made, version=2)
    found = {UUID(one.nomination): one.of for one in (await outcome(made)).standings}
    assert found == {panel.nominees["冯壬和"]: 5, panel.nominees["何乙宁"]: 4, panel.nominees["吴己明"]: 5}


async def test_opening_says_everything_that_is_missing(panel: Panel):
    form = msgspec.structs.replace(panel.form(), nomination=(), reviewer=())
    made = await rounds.create_round(panel.city, panel.award, form)
    with pytest.raises(Refusals) as refused:
        await rounds.open_round(panel.city, made, closes_at=await clock.now(), version=1)
    assert {one.code for one in refused.value.refusals} == {"round_empty", "seats_few", "closes_past"}


async def test_nobody_is_seated_who_is_no_reviewer(panel: Panel):
    with pytest.raises(Refusal) as refused:
        await rounds.create_round(panel.city, panel.award, panel.form(reviewer=(panel.ningguo.account,)))
    assert refused.value.code == "not_a_reviewer"


async def test_a_draft_changes_an_open_round_does_not(panel: Panel):
    made = await rounds.create_round(panel.city, panel.award, panel.form())
    with pytest.raises(Stale):
        await rounds.edit_round(panel.city, made, panel.form(version=7))
    await rounds.edit_round(panel.city, made, panel.form("冯壬和", version=1))
    assert await fetchval("SELECT count(*) FROM round_candidate WHERE round = $1", made) == 1
    await rounds.open_round(panel.city, made, closes_at=support.NOW + timedelta(days=1), version=2)
    with pytest.raises(Conflict):
        await rounds.edit_round(panel.city, made, panel.form(version=3))


async def test_a_county_holds_rounds_over_its_own_nominees_only(panel: Panel):
    """The neighbour's nominee, and one that has gone on to the city, are not this county's to vote on (H33)."""
    mine = await panel.nominee("郑庚来", at="yi", stage="county")
    theirs = await panel.nominee("孙丙安", at="jia", stage="county")
    local = [await panel.house.person(f"local{n}", "reviewer", at="ningguo") for n in range(3)]
    form = panel.form(nomination=(mine,), reviewer=tuple(one.account for one in local))
    made = await rounds.create_round(panel.ningguo, panel.award, form)
    for wrong in (theirs, panel.nominees["何乙宁"]):
        with pytest.raises(Refusal) as refused:
            await rounds.create_round(panel.ningguo, panel.award, msgspec.structs.replace(form, nomination=(wrong,)))
        assert refused.value.code == "nominee_not_here"
    with pytest.raises(NotFound):
        await rounds.locked(panel.xuanzhou, made)
    assert (await rounds.locked(panel.city, made))["organisation"] == panel.house.organisations["ningguo"]


async def test_scores_are_versions_and_final_once_handed_in(panel: Panel):
    made = await panel.opened(method="scores")
    one, nominees = panel.reviewers[0], list(panel.nominees.values())
    with pytest.raises(Refusals) as refused:
        await voting.save_points(one, made, nominees[0], {"c1": "50.5"})
    assert [r.code for r in refused.value.refusals] == ["points_above", "points_missing"]
    await voting.save_points(one, made, nominees[0], {"c1": "40", "c2": "80"})
    await voting.save_points(one, made, nominees[0], {"c1": "45", "c2": "80.5"})
    assert await fetchval("SELECT count(*) FROM review_score") == 4
    with pytest.raises(Refusal) as missing:
        await voting.hand_in(one, made)
    assert missing.value.facts["n"] == 2
    for nominee in nominees[1:]:
        await voting.save_points(one, made, nominee, {"c1": "10", "c2": "20"})
    await voting.hand_in(one, made)
    with pytest.raises(Conflict):
        await voting.save_points(one, made, nominees[0], {"c1": "50", "c2": "100"})
    async with moved_to(support.NOW + timedelta(days=2)):
        assert await rounds.close_round(panel.city, made, version=2) == "void"  # one of five is no quorum


async def test_only_those_who_handed_in_count(panel: Panel):
    made = await panel.opened("冯壬和", method="scores", quorum_part=1, quorum_whole=5)
    nominee = panel.nominees["冯壬和"]
    await voting.save_points(panel.reviewers[0], made, nominee, {"c1": "50", "c2": "100"})
    await voting.hand_in(panel.reviewers[0], made)
    await voting.save_points(panel.reviewers[1], made, nominee, {"c1": "0", "c2": "0"})
    async with moved_to(support.NOW + timedelta(days=2)):
        assert await rounds.close_round(panel.city, made, version=2) == "closed"
    assert [(one.figure, one.of) for one in (await outcome(made)).standings] == [("100.00", 1)]


async def test_two_taps_at_once_are_one_vote(committed):
    """Two connections: the second tap waits for the first, then finds the seat marked; two voters at once lose no slip."""
    async with transaction():
        house = await House().build()
        panel = await panel_of(house, reviewers=3)
        for name in ("冯壬和", "何乙宁"):
            await panel.nominee(name)
        made = await panel.opened()
    paper = dict.fromkeys(panel.nominees.values(), YES)
    answers = await asyncio.gather(
        *(voting.cast(one, made, paper) for one in (*panel.reviewers[:2], panel.reviewers[0], panel.reviewers[0])),
        return_exceptions=True,
    )
    assert sum(answer is None for answer in answers) == 2
    assert all(
        isinstance(answer, Conflict) and answer.code == "voted_already" for answer in answers if answer is not None
    )
    await voting.cast(panel.reviewers[2], made, dict.fromkeys(paper, NO))
    await rounds.close_round(panel.city, made, version=2)
    assert [one.figure for one in (await outcome(made)).standings] == ["2/3", "2/3"]
    slips = await fetch("SELECT nomination, choice FROM ballot_slip WHERE round = $1", made)
    assert sorted(row["choice"] for row in slips) == [1, 1, 1, 1, 2, 2]
