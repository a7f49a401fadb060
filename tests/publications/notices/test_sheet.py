"""The sheet of a notice: made once by a worker, D4's parts, the list in its frozen order, sealed, kept, handed out while it may be."""

from __future__ import annotations

import hashlib
import subprocess
from uuid import uuid4

import pytest

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound
from foundation.jobs import JobContext
from publications.documents.schemas import Level, Of
from publications.notices import operations, queries, sheet
from publications.notices.schemas import SubjectOrder
from tests.publications.documents import papers
from tests.publications.notices.support_notices import at, calendar_2026, order

NAMES = ("傅大暑", "时小暑", "阿卜杜拉·示例", "李龑")


@pytest.fixture
async def qian(house):
    await calendar_2026()
    return await house.person("qian", "city_officer", at="city")


async def opened(house, qian, **changes):
    subjects = tuple(
        SubjectOrder(cells=(name, "示例机械厂", "焊工"), kind="nomination", source=uuid4()) for name in NAMES
    )
    values = {
        "headings": ("姓名", "单位", "岗位"),
        "subjects": subjects,
        "series": "宣工示",
        "channel": "工会网站",
        **changes,
    }
    async with clock.moved_to(at("2026-04-27 08:30")):
        return await operations.open_notice(qian, order(house, **values))


def printed(pdf: bytes, file) -> str:
    """What stands on the sheet, without spaces."""
    file.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True).stdout.decode()
    return text.replace(" ", "").replace("　", "")


async def run_job(notice):
    row = await fetchrow("SELECT id, args FROM job WHERE kind = $1 ORDER BY made_at DESC LIMIT 1", sheet.KIND)
    assert row is not None
    assert str(notice) in row["args"]
    await sheet.make_sheet(JobContext(row["id"], sheet.KIND, {"notice": str(notice)}, None))


async def test_d4_every_part_stands_on_the_sheet_in_its_order(house, qian):
    made = await opened(house, qian)
    paper = await sheet.paper_published(made)
    said = [block.text for block in paper.body]
    parts = [
        "根据示例办法，经推荐、审查、考察和审定，现予公示。", "公示时间", "2026年4月27日至2026年5月6日（5个工作日）。", "受理方式",
        "以单位名义反映", "须加盖单位公章，并留联系人和联系方式。", "以个人名义反映", "须签署真实姓名，并留联系方式。", "联系方式",
        "联系部门：示例总工会经济技术部", "联系地址：宣城市示例路1号", "联系电话：0563-0000000", "本公示同时在工会网站发布。",
    ]  # fmt: skip
    assert [text for text in said if text in parts] == parts
    assert any("实事求是、客观公正" in text and "邮戳" in text and "保密" in text for text in said)
    assert [block.text for block in paper.body if block.level is Level.FIRST] == ["公示时间", "受理方式", "联系方式"]
    assert (paper.signed_on.isoformat(), paper.organs) == ("2026-04-27", ("宣城市示例总工会",))
    (annex,) = paper.annexes
    assert (annex.title, annex.of) == ("拟命名名单", Of.PEOPLE)
    assert [(e.name, e.detail) for e in annex.entries] == [
        (name, "示例机械厂　焊工") for name in NAMES
    ]  # not by strokes
    assert paper.qr_payload.endswith(f"/notices/{made}")
    assert "宣工示〔2026〕1号" in paper.qr_caption[0]


async def test_the_sheet_says_what_was_published_however_the_notice_fared(house, qian):
    """Extended to six days since: the sheet is that of the opening."""
    made = await opened(house, qian)
    async with clock.moved_to(at("2026-04-28 09:00")):
        await operations.extend(qian, made, days=6, reason="补充公示渠道")
    paper = await sheet.paper_published(made)
    assert "2026年4月27日至2026年5月6日（5个工作日）。" in [block.text for block in paper.body]


@pytest.mark.skipif(not papers.TOOLS, reason="poppler-utils is not installed")
async def test_made_once_sealed_and_kept_with_its_hash(house, qian, tmp_path):
    made = await opened(house, qian)
    assert await sheet.of(made) is None
    await run_job(made)
    kept = await sheet.kept(made)
    assert hashlib.sha256(kept.pdf).hexdigest() == kept.sha256
    body = await fetchval("SELECT body FROM trail_entry WHERE action = 'notice.sealed' AND subject = $1", made)
    assert kept.sha256 in body
    assert kept.seal in body
    text = printed(kept.pdf, tmp_path / "sheet.pdf")
    places = [text.index(name) for name in NAMES]
    assert places == sorted(places)
    assert b"/ETSI.CAdES.detached" in kept.pdf
    await run_job(made)  # a second delivery
    assert (await sheet.kept(made)).sha256 == kept.sha256
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'notice.sealed'") == 1
    with pytest.raises(Conflict):
        await sheet.ask_again(qian, made)


async def test_a_name_that_no_font_has_is_a_fault_kept_beside_the_notice(house, qian):
    """𪨊 is in no face: the notice stands, its sheet is not made with a box in it, the officer is told which character."""
    subjects = (SubjectOrder(cells=("𪨊立春", "示例机械厂", "焊工")),)
    made = await opened(house, qian, subjects=subjects)
    await run_job(made)
    assert await sheet.of(made) is None
    fault = (await queries.one(qian, made)).paper_fault
    assert f"U+{ord('𪨊'):04X}" in fault
    assert await fetchval("SELECT stage FROM notice WHERE id = $1", made) == "open"
    assert await sheet.ask_again(qian, made)


async def test_a_changed_byte_in_the_archive_is_not_handed_out(house, qian):
    made = await opened(house, qian)
    await fetch(
        "INSERT INTO notice_paper (id, notice, pdf, pdf_sha256, seal) VALUES ($1, $2, $3, $4, '')",
        uuid4(), made, b"%PDF-1.7 changed", hashlib.sha256(b"%PDF-1.7").digest(),
    )  # fmt: skip
    with pytest.raises(ValueError, match="was changed"):
        await sheet.kept(made)


async def test_the_public_downloads_compares_and_loses_sight_of_a_withdrawn_one(house, qian, browse):
    made = await opened(house, qian)
    visitor, officer = await browse(None), await browse(qian)
    assert (await visitor.get(f"/notices/{made}/sheet")).status_code == 404  # not made yet
    assert "公示件正在制作" in (await visitor.get(f"/notices/{made}")).text
    await run_job(made)
    got = await visitor.get(f"/notices/{made}/sheet")
    kept = await sheet.kept(made)
    assert (got.content, got.headers["content-type"]) == (kept.pdf, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment")
    assert kept.sha256 in (await visitor.get(f"/notices/{made}")).text
    assert (await visitor.get(f"/api/v1/notices/{made}")).json()["sheet_sha256"] == kept.sha256
    assert (await officer.get(f"/publicity/{made}/sheet")).content == kept.pdf

    async def compare(body: bytes):
        token = await visitor.get(f"/notices/{made}/comparison")
        field = token.text.split('name="_csrf_token" value="')[1].split('"')[0]
        files = {"file": ("a.pdf", body, "application/pdf")}
        return await visitor.post(f"/notices/{made}/comparison", data={"_csrf_token": field}, files=files)

    same = await compare(kept.pdf)
    assert same.status_code == 200
    assert "就是印发的原件" in same.text
    flipped = bytearray(kept.pdf)
    flipped[len(flipped) // 2] ^= 1
    differs = await compare(bytes(flipped))
    assert differs.status_code == 422
    assert "不一致" in differs.text
    assert "就是印发的原件" not in differs.text
    assert "这不是 PDF 文件" in (await compare(b"GIF89a")).text
    async with clock.moved_to(at("2026-04-28 09:00")):
        await operations.withdraw(qian, made, "单位名称有误")
    assert (await visitor.get(f"/notices/{made}/sheet")).status_code == 404
    assert (await officer.get(f"/publicity/{made}/sheet")).content == kept.pdf  # the archive keeps it (P5)
    gone = await compare(kept.pdf)
    assert "已经撤回" in gone.text


async def test_the_neighbour_gets_no_sheet_of_a_draft_and_asks_for_none(house, qian, browse):
    sun = await house.person("sun", "county_officer", at="ningguo")
    made = await opened(house, qian)
    with pytest.raises(NotFound):
        await sheet.ask_again(sun, made)
    client = await browse(sun)
    assert (await client.get(f"/publicity/{made}/sheet")).status_code == 404


async def test_an_officer_sees_the_sheet_before_publishing(house, qian, browse):
    async with clock.moved_to(at("2026-04-27 08:30")):
        draft = await operations.draft_notice(qian, order(house))
        paper = await sheet.paper_of_draft(await queries.one(qian, draft))
    assert "2026年4月27日至2026年5月6日（5个工作日）。" in [block.text for block in paper.body]
    assert paper.annexes[0].of is Of.UNITS  # studios: counted 个, not 名
