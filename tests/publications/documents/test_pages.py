"""The desk of an officer and the public page: drafts by form, every fault beside its field, what a stranger may see."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest

from foundation import clock
from foundation.database import fetchrow, fetchval
from publications.documents import operations, queries
from publications.documents.schemas import Block, Kind, Paper

BODY = "一年来，全市职工立足本职。\n一、总体要求\n（一）加强领导。各级工会要重视。\n为表彰先进，宣城市示例总工会决定：授予丁大寒等2位同志“示例奖章”称号。"


def typed(house, **changes):
    values = {
        "organisation": str(house.organisations["city"]), "kind": "decision", "series": "宣工", "title": "关于表彰先进的决定",
        "organs": "宣城市示例总工会", "mark": "", "addressees": "各县区总工会", "body": BODY, "signed_on": "2026-11-02",
        "copies": "", "printed_by": "宣城市示例总工会办公室", "sealed": "true", "public": "true", "version": "1",
        "annexes-0-title": "示例奖章名单", "annexes-0-of": "people", "annexes-0-honour": "示例奖章",
        "annexes-0-arranged": "true", "annexes-0-rows": "赵立春 | 示例甲厂焊工 | 宁国市\n丁大寒\t示例乙厂电工\t341802",
        "annexes-1-title": "", "annexes-1-of": "people", "annexes-1-honour": "", "annexes-1-rows": "",
    }  # fmt: skip
    return values | changes


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


@pytest.fixture
async def desk(house, qian, browse):
    return await browse(qian)


async def create(desk, house, **changes) -> UUID:
    today = (await clock.today()).isoformat()
    answer = await desk.submit("/official-documents", typed(house, signed_on=today, **changes))
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].rsplit("/", 1)[1])


async def test_from_the_form_to_the_public_page(house, qian, desk, browse):
    document = await create(desk, house)
    shown = await queries.one(qian, document)
    assert [(e.name, e.detail, e.region) for e in shown.paper.annexes[0].entries] == [
        ("丁大寒", "示例乙厂电工", "341802"),
        ("赵立春", "示例甲厂焊工", "341881"),
    ]
    assert [block.level.value for block in shown.paper.body] == ["plain", "first", "second", "plain"]
    page = (await desk.get(f"/official-documents/{document}")).text
    assert "一、总体要求" in page
    assert "（一）加强领导。" in page
    preview = await desk.get(f"/official-documents/{document}/preview")
    assert preview.headers["content-type"] == "application/pdf"
    assert preview.content.startswith(b"%PDF-")
    answer = await desk.submit(f"/official-documents/{document}/issuance", {"version": "1"})
    assert answer.status_code == 303, answer.text
    number = (await queries.one(qian, document)).number
    assert number is not None

    stranger = await browse(None)
    page = await stranger.get(f"/documents/{quote(number)}")
    assert page.status_code == 200
    for text in (number, "关于表彰先进的决定", "丁大寒", "示例乙厂电工", "一、总体要求"):
        assert text in page.text
    file = await stranger.get(f"/documents/{quote(number)}/file")
    row = await queries.copy_of(document)
    assert file.content == bytes(row["pdf"])
    assert bytes(row["pdf_sha256"]).hex() in page.text
    assert number in (await stranger.get("/documents")).text
    assert (await desk.get(f"/official-documents/{document}/file")).content == bytes(row["pdf"])


async def test_every_fault_of_the_form_is_beside_its_field(house, desk):
    answer = await desk.submit(
        "/official-documents",
        typed(
            house, title="", signed_on="2026-13-40", series="XC", organs="",
            **{"annexes-0-title": "名单", "annexes-0-rows": "甲 | 乙 | 合肥市\n | 无名"},
        ),
    )  # fmt: skip
    assert answer.status_code == 422
    for field in ("title", "signed_on", "organs"):
        assert f'id="f-{field}-fault"' in answer.text, field
    assert "立足本职" in answer.text  # what was typed stays
    later = await desk.submit(
        "/official-documents",
        typed(house, body="一、甲\n三、乙", **{"annexes-0-title": "", "annexes-0-rows": "甲 | 乙 | 合肥市\n | 无名"}),
    )
    assert later.status_code == 422
    for text in ("按顺序应为“二、”", "第 1 行的县市区“合肥市”不在宣城", "第 2 行没有名称"):
        assert text in later.text
    assert 'id="f-annexes-0-title-fault"' in later.text
    assert 'id="f-annexes-0-rows-fault"' in later.text
    assert await fetchval("SELECT count(*) FROM document") == 0


async def test_preview_of_what_is_typed_keeps_nothing(house, desk):
    answer = await desk.submit("/official-documents/preview", typed(house))
    assert answer.content.startswith(b"%PDF-")
    assert await fetchval("SELECT count(*) FROM document") == 0
    fault = await desk.submit("/official-documents/preview", typed(house, body="授予𪨊立春同志称号。"))
    assert fault.status_code == 422
    assert "𪨊（U+" in fault.text
    assert 'id="f-body-fault"' in fault.text


async def test_a_changed_annex_locks_the_issue_and_the_tick_mends_it(house, qian, desk):
    document = await create(desk, house, body=BODY.replace("等2位", "等3位"))
    page = await desk.get(f"/official-documents/{document}")
    assert "附件名单实有 2" in page.text
    assert f"/official-documents/{document}/issuance" not in page.text
    answer = await desk.submit(f"/official-documents/{document}/issuance", {"version": "1"})
    assert answer.status_code == 422
    today = (await clock.today()).isoformat()
    form = typed(house, body=BODY.replace("等2位", "等3位"), signed_on=today, generate="true")
    assert (await desk.submit(f"/official-documents/{document}/draft", form)).status_code == 303
    assert "授予丁大寒等2位同志“示例奖章”称号" in (await queries.one(qian, document)).paper.body[-1].text
    assert f"/official-documents/{document}/issuance" in (await desk.get(f"/official-documents/{document}")).text


async def test_the_edit_form_shows_what_was_kept(house, desk):
    document = await create(desk, house)
    page = (await desk.get(f"/official-documents/{document}/draft")).text
    assert "（一）加强领导。各级工会要重视。" in page
    assert "丁大寒 | 示例乙厂电工 | 宣州区\n赵立春 | 示例甲厂焊工 | 宁国市" in page
    assert page.count('name="annexes-') > page.count('name="annexes-0-')  # room for one more without a script


async def test_a_withdrawn_document_says_why_and_names_nobody(house, qian, desk, browse):
    document = await create(desk, house)
    number = await operations.issue(qian, document, version=1)
    assert (await desk.submit(f"/official-documents/{document}/withdrawal", {"reason": ""})).status_code == 422
    answer = await desk.submit(f"/official-documents/{document}/withdrawal", {"reason": "名单有误，另行发文"})
    assert answer.status_code == 303
    stranger = await browse(None)
    page = await stranger.get(f"/documents/{quote(number)}")
    assert "名单有误，另行发文" in page.text
    assert "丁大寒" not in page.text
    assert (await stranger.get(f"/documents/{quote(number)}/file")).status_code == 404
    assert (await desk.get(f"/official-documents/{document}/file")).status_code == 200  # the archive keeps it


async def test_strangers_see_neither_drafts_nor_internal_documents(house, qian, desk, browse):
    draft = await create(desk, house)
    internal = await create(desk, house, public="")
    number = await operations.issue(qian, internal, version=1)
    stranger = await browse(None)
    assert (await stranger.get(f"/documents/{quote(number)}")).status_code == 404
    assert (await stranger.get(f"/documents/{quote(number)}/file")).status_code == 404
    assert number not in (await stranger.get("/documents")).text
    assert (await stranger.get(f"/official-documents/{draft}")).status_code in (303, 401)


async def test_the_neighbour_and_the_enterprise_reach_nothing(house, desk, browse):
    document = await create(desk, house)
    sun = await browse(await house.person("sun", "county_officer", at="ningguo"))
    li = await browse(await house.person("li", "enterprise_contact", at="jia"))
    for path in ("", "/draft", "/preview", "/file", "/docx"):
        assert (await sun.get(f"/official-documents/{document}{path}")).status_code == 404, path
        assert (await li.get(f"/official-documents/{document}{path}")).status_code == 403, path
    assert (await sun.submit(f"/official-documents/{document}/issuance", {"version": "1"})).status_code == 404
    assert "关于表彰先进的决定" not in (await sun.get("/official-documents")).text


async def test_the_list_searches_filters_and_sorts(house, qian, desk):
    first = await create(desk, house)
    await create(
        desk, house, title="关于召开会议的通知", kind="notice", **{"annexes-0-title": "", "annexes-0-rows": ""}
    )
    number = await operations.issue(qian, first, version=1)

    async def titles(query: str) -> list[bool]:
        page = (await desk.get(f"/official-documents?{query}")).text
        return ["关于表彰先进的决定" in page, "关于召开会议的通知" in page]

    assert await titles("") == [True, True]
    assert await titles("q=biaozhang") == [True, False]
    assert await titles(f"q={quote(number)}") == [True, False]
    assert await titles("kind=notice") == [False, True]
    assert await titles("stage=issued") == [True, False]
    page = (await desk.get("/official-documents?sort=title")).text
    assert page.index("关于召开会议的通知") < page.index("关于表彰先进的决定")  # 召 U+53EC before 表 U+8868
    export = await desk.get("/official-documents/export?stage=issued")
    with zipfile.ZipFile(io.BytesIO(export.content)) as book:
        cells = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert number in cells
    assert "关于召开会议的通知" not in cells


async def test_docx_of_a_draft(house, desk):
    document = await create(desk, house)
    answer = await desk.get(f"/official-documents/{document}/docx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        text = package.read("word/document.xml").decode()
    assert "赵立春" in text
    assert "（一）加强领导。" in text


async def test_a_draft_is_thrown_away_an_issued_one_never(house, qian, desk):
    document = await create(desk, house)
    assert (await desk.submit(f"/official-documents/{document}/discard", {})).status_code == 303
    assert await fetchrow("SELECT 1 FROM document WHERE id = $1", document) is None
    other = await create(desk, house)
    await operations.issue(qian, other, version=1)
    assert (await desk.submit(f"/official-documents/{other}/discard", {})).status_code == 409
    assert await fetchval("SELECT count(*) FROM document_copy") == 1


async def test_the_public_list_is_searched_and_says_when_nothing_is_there(house, browse):
    visitor = await browse(None)
    assert "还没有公开的公文" in (await visitor.get("/documents")).text
    qian = await house.person("qian", "city_officer", at="city")
    paper = Paper(
        kind=Kind.NOTICE, organs=("宣城市示例总工会",), title="关于开展安全生产活动的通知", addressees="各县区总工会",
        body=(Block(text="照办。"),), signed_on=await clock.today(),
    )  # fmt: skip
    letter = msgspec.structs.replace(paper, kind=Kind.LETTER, title="关于商请支持的函")
    numbers = []
    for one in (paper, letter):
        made = await operations.draft(qian, house.organisations["city"], "宣工", one, public=True)
        numbers.append(await operations.issue(qian, made, version=1))
    year = (await clock.today()).year
    for query, shown in (
        ("", [True, True]), ("q=安全生产", [True, False]), (f"q={numbers[1]}", [False, True]),
        (f"q=宣工[{year}]2", [False, True]), (f"q=宣工（{year}）", [True, True]), ("kind=letter", [False, True]),
        (f"year={year}", [True, True]), (f"year={year - 1}", [False, False]), ("q=没有这样的", [False, False]),
    ):  # fmt: skip
        text = (await visitor.get(f"/documents?{query}")).text
        assert [f'href="/documents/{number}"' in text for number in numbers] == shown, query
    assert "没有符合条件的公文" in text
    assert "还没有公开的公文" not in text


async def test_every_public_page_leads_to_the_documents(house, browse):
    text = (await (await browse(None)).get("/notices")).text
    assert text.count('href="/documents"') == 2  # header and footer
