"""Numbers without gaps, bytes that stay, refusals that spend no number; who may reach whose documents."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, timedelta
from uuid import uuid4

import msgspec
import pytest
from msgspec import structs

from foundation import clock
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from publications.certificates.rendering.schemas import RenderRefused
from publications.documents import operations, queries
from publications.documents.orders import DecisionOrder
from publications.documents.schemas import Annex, Block, Entry, Kind, Of, Paper
from tests.publications.documents import papers
from tests.support.people import House


async def letter(**changes) -> Paper:
    paper = Paper(
        kind=Kind.NOTICE, organs=("宣城市示例总工会",), title="关于召开会议的通知", addressees="各县区总工会",
        body=(Block(text="定于近日召开会议。"),), signed_on=await clock.today(),
    )  # fmt: skip
    return structs.replace(paper, **changes)


async def drafted(house, actor, paper, *, at="city", series="宣工", public=True):
    return await operations.draft(actor, house.organisations[at], series, paper, public=public)


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


async def number_after(actor, document):
    return await operations.issue(actor, document, version=1)


async def test_numbers_follow_without_gaps_for_each_series_and_year(house, qian):
    today = await clock.today()
    for series, expected in (("宣工", 1), ("宣工", 2), ("宣工办", 1), ("宣工", 3)):
        document = await drafted(house, qian, await letter(), series=series)
        assert await number_after(qian, document) == f"{series}〔{today.year}〕{expected}号"


async def test_what_was_issued_is_kept_byte_for_byte(house, qian):
    document = await drafted(house, qian, await letter())
    number = await number_after(qian, document)
    row = await queries.copy_of(document)
    assert bytes(row["pdf"]).startswith(b"%PDF-1.7")
    assert hashlib.sha256(row["pdf"]).digest() == row["pdf_sha256"]
    assert hashlib.sha256(row["wording"]).digest() == row["wording_sha256"]
    said = msgspec.json.decode(row["wording"], type=Paper)
    assert (said.number, said.title) == (number, "关于召开会议的通知")
    body = await fetchval("SELECT body FROM trail_entry WHERE action = 'document.issued' AND subject = $1", document)
    seal = await fetchval("SELECT name FROM certificate_key WHERE kind = 'seal'")
    assert row["seal"] == seal
    assert msgspec.json.decode(body) == {
        "seal": seal,
        "number": number,
        "pdf_sha256": bytes(row["pdf_sha256"]).hex(),
        "wording_sha256": bytes(row["wording_sha256"]).hex(),
    }


async def test_an_issued_document_is_never_edited_again(house, qian):
    document = await drafted(house, qian, await letter())
    await number_after(qian, document)
    version = await fetchval("SELECT version FROM document WHERE id = $1", document)
    with pytest.raises(Conflict):
        await operations.edit(
            qian, document, house.organisations["city"], "宣工", await letter(), public=True, version=version
        )
    with pytest.raises(Conflict):
        await operations.discard(qian, document)
    with pytest.raises(Conflict):
        await operations.issue(qian, document, version=version)


async def test_a_withdrawn_number_is_never_used_again(house, qian):
    first = await drafted(house, qian, await letter())
    await number_after(qian, first)
    with pytest.raises(Refusal):
        await operations.withdraw(qian, first, "  ")
    await operations.withdraw(qian, first, "名称有误")
    with pytest.raises(Conflict):
        await operations.withdraw(qian, first, "再来一次")
    second = await drafted(house, qian, await letter())
    assert (await number_after(qian, second)).endswith("〕2号")
    shown = await queries.one(qian, first)
    assert (shown.stage, shown.withdrawn_reason) == ("withdrawn", "名称有误")
    assert shown.number is not None


async def test_a_refused_issue_spends_no_number(house, qian):
    """A character that no font has (𪨊 is only in 楷体): named, beside its field, and the next number is still 1."""
    paper = await letter(body=(Block(text="授予𪨊立春同志。"),))
    document = await drafted(house, qian, paper)
    with pytest.raises(RenderRefused) as refused:
        async with transaction():
            await operations.issue(qian, document, version=1)
    assert (refused.value.code, refused.value.field) == ("render.glyph", "body")
    assert f"𪨊（U+{ord('𪨊'):04X}）" in refused.value.text()
    assert await fetchval("SELECT number FROM document WHERE id = $1", document) is None
    good = await drafted(house, qian, await letter())
    assert (await number_after(qian, good)).endswith("〕1号")


async def test_everything_that_forbids_an_issue_is_told_at_once(house, qian):
    tomorrow = await clock.today() + timedelta(days=1)
    paper = await letter(
        addressees="", body=(Block(text="电话13800000000。"),), organs=("甲会", "甲会"), signed_on=tomorrow
    )
    document = await drafted(house, qian, paper)
    with pytest.raises(Refusals) as refused:
        await operations.issue(qian, document, version=1)
    codes = {one.code for one in refused.value.refusals}
    assert codes == {"document_addressees", "document_private", "document_organs_twice"}
    long = await drafted(house, qian, await letter(organs=("会" * 29,)))
    with pytest.raises(Refusals) as organ:
        await operations.issue(qian, long, version=1)
    assert [one.code for one in organ.value.refusals] == ["document_organ_long"]
    dated = await drafted(house, qian, await letter(signed_on=tomorrow))
    with pytest.raises(Refusal, match="晚于今天"):
        await operations.issue(qian, dated, version=1)
    last = await drafted(house, qian, await letter(signed_on=date(2025, 12, 31)))
    with pytest.raises(Refusal) as year:
        await operations.issue(qian, last, version=1)
    assert year.value.code == "document_date_year"
    assert await fetchval("SELECT count(*) FROM document_series") == 0


async def test_a_series_belongs_to_one_organisation(house, qian):
    await number_after(qian, await drafted(house, qian, await letter()))
    other = await drafted(house, qian, await letter(), at="ningguo")
    with pytest.raises(Refusal) as refused:
        await operations.issue(qian, other, version=1)
    assert refused.value.code == "document_series_taken"


async def test_a_stale_form_overwrites_nothing(house, qian):
    document = await drafted(house, qian, await letter())
    here = house.organisations["city"]
    await operations.edit(qian, document, here, "宣工", await letter(title="甲"), public=True, version=1)
    with pytest.raises(Stale):
        await operations.edit(qian, document, here, "宣工", await letter(title="乙"), public=True, version=1)
    with pytest.raises(Stale):
        await operations.issue(qian, document, version=1)
    assert (await queries.one(qian, document)).title == "甲"


async def test_the_neighbour_reaches_nothing(house, qian):
    sun = await house.person("sun", "county_officer", at="ningguo")
    document = await drafted(house, qian, await letter())
    for attempt in (
        queries.one(sun, document),
        operations.issue(sun, document, version=1),
        operations.withdraw(sun, document, "x"),
        operations.discard(sun, document),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(Refusal) as refused:
        await operations.draft(sun, house.organisations["xuanzhou"], "宣州工", await letter(), public=False)
    assert refused.value.field == "organisation"
    own = await operations.draft(sun, house.organisations["ningguo"], "宁工", await letter(), public=False)
    assert (await queries.one(qian, own)).series == "宁工"  # the city sees below itself


def order(house, annexes, **changes) -> DecisionOrder:
    base = DecisionOrder(
        organisation=house.organisations["city"], organs=(papers.ORGAN,), series="宣工", title="关于表彰先进的决定",
        annexes=annexes, opening=("一年来，全市职工立足本职。",), reason="为表彰先进，", closing=("希望再接再厉。",),
        addressees="各县区总工会", signed_on=date(2000, 1, 1), source_kind="round", source=uuid4(),
    )  # fmt: skip
    return structs.replace(base, **changes)


def people(*names: tuple[str, str]) -> Annex:
    entries = tuple(Entry(name=name, detail="示例厂焊工", region=region) for name, region in names)
    return Annex(title="奖章名单", of=Of.PEOPLE, honour="宣城市五一劳动奖章", entries=entries)


async def test_another_wing_orders_a_decision_once(house, qian):
    today = await clock.today()
    annex = people(("赵立春", "341881"), ("王小满", "341802"), ("丁大寒", "341802"))
    asked = order(house, (annex,), signed_on=today)
    document, number = await operations.issue_decision(qian, asked)
    assert number == f"宣工〔{today.year}〕1号"
    shown = await queries.one(qian, document)
    assert [entry.name for entry in shown.paper.annexes[0].entries] == ["丁大寒", "王小满", "赵立春"]  # H71
    assert shown.paper.body[1].text == f"为表彰先进，{papers.ORGAN}决定：授予丁大寒等3位同志“宣城市五一劳动奖章”称号。"
    assert await operations.issue_decision(qian, asked) == (document, number)
    assert await fetchval("SELECT last FROM document_series WHERE code = '宣工'") == 1
    kept = await operations.issue_decision(qian, structs.replace(asked, source=uuid4(), arranged=False))
    assert (await queries.one(qian, kept[0])).paper.annexes[0].entries[0].name == "赵立春"


async def test_a_decision_whose_annex_was_changed_is_refused(house, qian):
    """A11: the sentence says three, the annex holds two."""
    annex = people(("赵立春", "341881"), ("王小满", "341802"), ("丁大寒", "341802"))
    paper = order(house, (annex,), signed_on=await clock.today()).paper()
    shorter = structs.replace(paper.annexes[0], entries=paper.annexes[0].entries[:2])
    document = await drafted(house, qian, structs.replace(paper, annexes=(shorter,)))
    with pytest.raises(Refusals) as refused:
        await operations.issue(qian, document, version=1)
    assert [(one.code, one.rule) for one in refused.value.refusals] == [("decision_count", "H70")]


async def test_two_officers_issue_at_once_and_no_number_is_lost(committed):
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    paper = await letter()
    documents = [await drafted(house, qian, paper) for _ in range(4)]

    async def attempt(document):
        return await operations.issue(qian, document, version=1)

    numbers = await asyncio.gather(*(attempt(document) for document in documents))
    year = (await clock.today()).year
    assert sorted(numbers) == [f"宣工〔{year}〕{count}号" for count in range(1, 5)]
    again = await asyncio.gather(*(attempt(documents[0]) for _ in range(2)), return_exceptions=True)
    assert all(isinstance(one, Refusal) for one in again)
    assert len(await fetch("SELECT 1 FROM document_copy")) == 4
