"""The pages as their people see them: who finds what, what a page says, what comes back when something is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foundation.database import fetch, fetchval
from honours.review import rounds, voting
from honours.review.methods import YES
from tests.honours.nominations import support
from tests.honours.review.conftest import Panel


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_of_review_speaks_and_shows_its_own(panel: Panel, browse, language):
    """Empty and full, both languages: no page fails, none of the English ones is left in Chinese by a missing word."""
    city, reviewer = await browse(panel.city), await browse(panel.reviewers[0])
    for browser in (city, reviewer):
        browser.cookies.set("language", language)
    made = await panel.opened()
    base = f"/honours/cycles/{panel.round.cycle}/awards/{panel.award}"
    nominee = panel.nominees["冯壬和"]
    for browser, path, words in (
        (city, "/honours/review", "冯壬和"), (city, f"/honours/review/{nominee}", "冯壬和"), (city, "/honours/composition", ""),
        (city, f"{base}/composition", "吴己明"), (city, f"{base}/notice", ""), (city, "/honours/rounds", "复审投票"),
        (city, f"/honours/rounds/{made}", "expert1"), (city, f"/honours/rounds/new?award={panel.award}", "冯壬和"),
        (reviewer, "/honours/my-rounds", "复审投票"), (reviewer, f"/honours/my-rounds/{made}", "冯壬和"),
        (reviewer, f"/honours/my-rounds/{made}/nominees/{nominee}", "冯壬和"),
    ):  # fmt: skip
        answer = await browser.get(path)
        assert answer.status_code == 200, (path, answer.text[:2000])
        assert words in answer.text, path


async def test_the_list_shows_what_waits_for_whom(panel: Panel, browse):
    """The county sees its own at its gate, not the neighbour's; the city's to-do holds what reached it."""
    await panel.nominee("郑庚来", at="yi", stage="county")
    await panel.nominee("孙丙安", at="jia", stage="county")
    ningguo = (await (await browse(panel.ningguo)).get("/honours/review")).text
    assert "郑庚来" in ningguo
    assert "孙丙安" not in ningguo
    assert "冯壬和" not in ningguo  # it has gone on to the city: in the county's "all", not in its to-do
    assert "冯壬和" in (await (await browse(panel.ningguo)).get("/honours/review?view=all")).text
    city = (await (await browse(panel.city)).get("/honours/review")).text
    assert "冯壬和" in city
    assert "郑庚来" not in city
    assert "剩 8 个工作日" in ningguo  # from Tuesday 14 to Friday 24 April 2026


async def test_another_countys_nomination_is_not_found(panel: Panel, browse):
    other = await browse(panel.xuanzhou)
    assert (await other.get(f"/honours/review/{panel.nominees['冯壬和']}")).status_code == 404
    answer = await other.submit(f"/honours/review/{panel.nominees['冯壬和']}/acceptance", {"version": 1})
    assert answer.status_code == 404


async def test_a_return_without_reason_comes_back_with_what_was_typed(panel: Panel, browse):
    made = await panel.nominee("郑庚来", at="yi", stage="county")
    browser = await browse(panel.ningguo)
    answer = await browser.submit(
        f"/honours/review/{made}/return", {"version": 1, "opinion": "", "due_at": "2026-04-17T17:30"}
    )
    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    assert "2026-04-17T17:30" in answer.text
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", made) == "county"
    answer = await browser.submit(f"/honours/review/{made}/return", {"version": 1, "opinion": "征求意见表缺一份"})
    assert answer.status_code == 303
    row = (await fetch("SELECT stage, returned_due_at FROM nomination WHERE id = $1", made))[0]
    assert row["stage"] == "returned"
    assert row["returned_due_at"].isoformat() == "2026-04-17T09:30:00+00:00"  # three working days, 17:30 in Shanghai


async def test_the_ballot_says_that_it_cannot_be_taken_back_and_wants_to_be_sure(panel: Panel, browse):
    made = await panel.opened()
    browser = await browse(panel.reviewers[0])
    paper = {}
    for n, nominee in enumerate(panel.nominees.values()):
        paper |= {f"choices-{n}-nomination": str(nominee), f"choices-{n}-choice": "1"}
    answer = await browser.submit(f"/honours/my-rounds/{made}/ballot", paper)
    assert answer.status_code == 422
    assert answer.text.count("checked") >= 3  # what was chosen stays
    answer = await browser.submit(f"/honours/my-rounds/{made}/ballot", {**paper, "sure": "true"})
    assert answer.status_code == 303
    assert "不能收回或更改" in (await browser.get(f"/honours/my-rounds/{made}")).text
    assert (await browser.submit(f"/honours/my-rounds/{made}/ballot", {**paper, "sure": "true"})).status_code == 409


async def test_nobody_reads_a_figure_before_the_close(panel: Panel, browse):
    """The chair reads who has voted; the reviewer the own paper; after the close both read figures, and no voter's choice."""
    made = await panel.opened()
    for one in panel.reviewers[:4]:
        await voting.cast(one, made, dict.fromkeys(panel.nominees.values(), YES))
    chair, reviewer = await browse(panel.city), await browse(panel.reviewers[0])
    before = (await chair.get(f"/honours/rounds/{made}")).text
    assert "4 / 5" in before
    assert "入选" not in before
    mine = (await reviewer.get(f"/honours/my-rounds/{made}")).text
    assert "expert2" not in mine
    assert "入选" not in mine
    await voting.cast(panel.reviewers[4], made, dict.fromkeys(panel.nominees.values(), YES))
    await rounds.close_round(panel.city, made, version=2)
    after = (await reviewer.get(f"/honours/my-rounds/{made}")).text
    assert "入选" in after
    assert "expert2" not in after


async def test_a_reviewer_reads_no_dossier_outside_the_own_round(panel: Panel, browse):
    made = await panel.opened("冯壬和")
    reviewer = await browse(panel.reviewers[0])
    assert (await reviewer.get(f"/honours/my-rounds/{made}/nominees/{panel.nominees['何乙宁']}")).status_code == 404
    draft = await rounds.create_round(panel.city, panel.award, panel.form())
    assert (await reviewer.get(f"/honours/my-rounds/{draft}")).status_code == 404
    await voting.recuse(panel.reviewers[0], made, panel.nominees["冯壬和"], reason="师徒")
    assert (await reviewer.get(f"/honours/my-rounds/{made}/nominees/{panel.nominees['冯壬和']}")).status_code == 404


async def test_opening_a_round_from_its_page(panel: Panel, browse):
    made = await rounds.create_round(panel.city, panel.award, panel.form())
    chair = await browse(panel.city)
    answer = await chair.submit(f"/honours/rounds/{made}/opening", {"version": 1, "closes_at": "2026-04-13T12:00"})
    assert answer.status_code == 422
    assert "截止时间应在现在之后" in answer.text
    closes = (support.NOW + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert (
        await chair.submit(f"/honours/rounds/{made}/opening", {"version": 1, "closes_at": closes})
    ).status_code == 303
    assert await fetchval("SELECT stage FROM review_round WHERE id = $1", made) == "open"
