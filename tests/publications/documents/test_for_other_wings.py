"""Another wing's rolls as a decision: their order kept, the sentence theirs, a polished draft issued, a changed roll not (H70)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from msgspec import structs

from foundation import clock
from foundation.database import fetchval
from foundation.errors import Refusal, Refusals
from publications.documents import operations, queries
from publications.documents.orders import DecisionOrder, Roll
from publications.documents.schemas import Block, Entry, Of
from publications.documents.wording import decision

PEOPLE = Roll(
    award="宣城市五一劳动奖章", kind=Of.PEOPLE,
    lines=(Entry(name="赵立春", detail="示例厂焊工", region="341881"), Entry(name="丁大寒", detail="示例厂钳工", region="341802")),
)  # fmt: skip
UNITS = Roll(award="宣城市五一劳动奖状", kind=Of.UNITS, lines=(Entry(name="宣城示例机械有限公司"),))
TEAMS = Roll(
    award="宣城市工人先锋号", kind=Of.TEAMS, title="2026年宣城市工人先锋号名单",
    lines=(Entry(name="示例厂焊接班"), Entry(name="示例厂质检科"), Entry(name="示例厂总装车间")),
)  # fmt: skip


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


async def order(house, *rolls: Roll, **changes) -> DecisionOrder:
    base = DecisionOrder(
        organisation=house.organisations["city"], organs=("宣城市示例总工会",), series="宣工", title="关于表彰先进的决定",
        rolls=rolls or (UNITS, PEOPLE, TEAMS), reason="为表彰先进，", signed_on=await clock.today(), source_kind="round",
        source=uuid4(),
    )  # fmt: skip
    return structs.replace(base, **changes)


async def test_the_sentence_is_the_rolls_own_and_their_order_stays(house, qian):
    document, _number = await operations.issue_decision(qian, await order(house))
    paper = (await queries.one(qian, document)).paper
    assert paper.body[0].text == (
        "为表彰先进，宣城市示例总工会决定：授予宣城示例机械有限公司“宣城市五一劳动奖状”，授予赵立春等2位同志“宣城市五一劳动奖章”，"
        "授予示例厂焊接班等3个集体“宣城市工人先锋号”称号。"
    )
    assert [a.title for a in paper.annexes] == [
        "宣城市五一劳动奖状名单",
        "宣城市五一劳动奖章名单",
        "2026年宣城市工人先锋号名单",
    ]
    assert [e.name for e in paper.annexes[1].entries] == [
        "赵立春",
        "丁大寒",
    ]  # 341881 stays before 341802: frozen order


async def test_an_empty_roll_and_a_name_twice_are_refused_together_and_no_number_is_spent(house, qian):
    doubled = structs.replace(TEAMS, lines=(TEAMS.lines[0], TEAMS.lines[0]))
    empty = structs.replace(PEOPLE, lines=())
    with pytest.raises(Refusals) as refused:
        await operations.issue_decision(qian, await order(house, empty, doubled))
    assert {one.code for one in refused.value.refusals} == {"annex_empty", "annex_twice", "decision_clause_absent"}
    assert await fetchval("SELECT count(*) FROM document_series") == 0


async def test_two_rolls_of_one_award_are_refused(house, qian):
    with pytest.raises(Refusals) as refused:
        await operations.issue_decision(qian, await order(house, PEOPLE, structs.replace(PEOPLE, title="又一份")))
    assert "decision_annex_twice" in {one.code for one in refused.value.refusals}


async def test_officers_polish_the_draft_and_the_wing_issues_it(house, qian):
    asked = await order(house)
    draft = await operations.draft_decision(qian, asked)
    assert await operations.draft_decision(qian, asked) == draft  # one for a source
    paper = (await queries.one(qian, draft)).paper
    polished = structs.replace(paper, body=(Block(text="一年来，全市职工立足本职。"), *paper.body))
    await operations.edit(qian, draft, house.organisations["city"], "宣工", polished, public=True, version=1)
    document, number = await operations.issue_decision(qian, asked)
    assert document == draft
    assert (await queries.one(qian, document)).paper.body[0].text == "一年来，全市职工立足本职。"
    assert await operations.issue_decision(qian, asked) == (document, number)
    assert await operations.draft_decision(qian, asked) == document  # issued already: no second draft
    assert await fetchval("SELECT count(*) FROM document") == 1


@pytest.mark.parametrize("change", ["a line less", "another order", "another award"])
async def test_a_draft_whose_roll_was_changed_is_not_issued_for_the_wing(house, qian, change):
    """Even where the edited text fits the edited annex, so that H70 alone would pass it."""
    asked = await order(house, PEOPLE)
    draft = await operations.draft_decision(qian, asked)
    paper = (await queries.one(qian, draft)).paper
    (annex,) = paper.annexes
    changed = {
        "a line less": structs.replace(annex, entries=annex.entries[:1]),
        "another order": structs.replace(annex, entries=annex.entries[::-1]),
        "another award": structs.replace(annex, honour="宣城市金牌职工"),
    }[change]
    text = decision("宣城市示例总工会", (changed,))
    edited = structs.replace(paper, annexes=(changed,), body=(Block(text=text),))
    await operations.edit(qian, draft, house.organisations["city"], "宣工", edited, public=True, version=1)
    with pytest.raises(Refusal) as refused:
        await operations.issue_decision(qian, asked)
    assert (refused.value.code, refused.value.rule) == ("decision_roll_changed", "H70")
    assert await fetchval("SELECT count(*) FROM document_series") == 0


async def test_after_a_withdrawal_the_source_may_be_decided_anew(house, qian):
    asked = await order(house)
    first, number = await operations.issue_decision(qian, asked)
    await operations.withdraw(qian, first, "名单有误")
    second, again = await operations.issue_decision(qian, asked)
    assert second != first
    assert (number[-2:], again[-2:]) == ("1号", "2号")
