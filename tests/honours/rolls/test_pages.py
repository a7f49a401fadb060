"""The pages: officers decide, publish and keep the ledger; everybody reads the rolls, and nothing private in them (A16, P3, P4)."""

from __future__ import annotations

import re
from datetime import date

import pytest

from foundation.database import fetchval
from honours.rolls import deciding, publishing
from honours.rolls.revoking import decide, report, step
from honours.rolls.schemas import OutcomeForm, RevocationForm
from tests.honours.support import form
from tests.support.sheets import workbook

SCAN = (b"%PDF-1.4 example", "处分决定.pdf", "application/pdf")
PUBLIC = ("/honours", "/honours/statistics", "/honours/wall", "/api/v1/honours/rolls", "/api/v1/honours/rolls/2026-1")
HEAD = ["荣誉名称*", "表彰日期*", "姓名或名称*", "所在单位", "职务或岗位", "县市区", "文号", "对应", "重复授予理由"]
PATH = "/honours/ledger/import"


@pytest.fixture
async def published(ready):
    decision = await deciding.draft(ready.city, ready.cycle, form())
    await deciding.issue(ready.city, decision)
    await publishing.publish_roll(ready.city, decision)
    return ready


async def test_an_officer_goes_from_the_list_to_the_published_roll(ready, browse):
    browser = await browse(ready.city)
    assert "2026年宣城市五一劳动奖" in (await browser.get("/honours/decisions")).text
    new = f"/honours/decisions/new/{ready.cycle}"
    assert (await browser.get(new)).status_code == 200
    typed = {
        "title": "关于表彰的决定", "roll_title": "宣城市五一劳动奖", "series": "宣工", "organs": "宣城市示例总工会",
        "decided_on": "2026-04-24", "order": "strokes", "version": "0",
    }  # fmt: skip
    where = (await browser.submit(new, typed)).headers["location"]
    page = (await browser.get(where)).text
    assert page.index("赵立春") < page.index("丁大寒") < page.index("钱雨水")
    early = await browser.submit(f"{where}/publication", {"version": "1"})
    assert early.status_code == 422
    assert "表彰决定尚未印发" in early.text
    assert (await browser.submit(f"{where}/issue")).status_code == 303
    assert "宣工〔2026〕1号" in (await browser.get(where)).text
    version = await fetchval("SELECT version FROM decision")
    assert (await browser.submit(f"{where}/publication", {"version": str(version)})).status_code == 303
    assert await fetchval("SELECT count(*) FROM roll_entry") == 5


async def test_everybody_reads_the_roll_and_finds_by_pinyin(published, browse):
    visitor = await browse(None)
    page = await visitor.get("/honours/rolls/2026-1")
    assert page.headers["cache-control"] == "public, max-age=10"
    assert "set-cookie" not in page.headers
    assert page.text.index("赵立春") < page.text.index("丁大寒") < page.text.index("钱雨水")
    assert "宣工〔2026〕1号" in page.text
    found = (await visitor.get("/honours", params={"q": "qys"})).text
    assert "钱雨水" in found
    assert "赵立春" not in found
    narrowed = (await visitor.get("/honours/rolls/2026-1", params={"q": "dadahan"})).text
    assert "没有符合条件的名字" in narrowed
    assert (await visitor.get("/honours/rolls/2026-1/annex.xlsx")).content.startswith(b"PK")


async def test_no_private_number_on_any_public_page(published, browse):
    """A16, P3: neither an 18-digit number nor a mobile nor the birth day, and nobody who was not honoured (P4)."""
    await published.round.nomination(
        None, at="yi", award="city-may1-certificate", name="落选示例公司", stage="rejected"
    )
    visitor = await browse(None)
    entries = re.findall(r"/honours/entries/[0-9a-f-]{36}", (await visitor.get("/honours/rolls/2026-1")).text)
    assert len(set(entries)) == 5
    for path in (*PUBLIC, "/honours/rolls/2026-1", *sorted(set(entries)), "/honours?q=zhao"):
        text = (await visitor.get(path)).text
        plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}", "", text)
        assert not re.search(r"(?<!\d)\d{17}[\dXx](?!\d)", plain), path
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", plain), path
        assert "1986-05-02" not in plain, path
        assert "落选示例公司" not in plain, path


async def test_a_revoked_entry_vanishes_for_the_public_and_stays_for_officers(published, browse):
    """A12, H77."""
    entry = await fetchval("SELECT id FROM roll_entry WHERE name = '钱雨水'")
    wu = await published.house.person("wu", "county_officer", at="ningguo")
    made = await report(wu, entry, RevocationForm(cause="sentenced", facts="示例"), SCAN)
    await step(wu, made, "endorse", "属实", version=1)
    await step(published.city, made, "propose", "撤销", version=2)
    told = OutcomeForm(decided_on=date(2026, 4, 24), public_reason="判处刑罚", version=3)
    await decide(published.second, made, "decide", told)

    visitor = await browse(None)
    for path in ("/honours/rolls/2026-1", "/honours?q=钱雨水", "/honours/wall", "/api/v1/honours/rolls/2026-1"):
        assert "钱雨水" not in (await visitor.get(path)).text.replace('value="钱雨水"', ""), path
    assert (await visitor.get(f"/honours/entries/{entry}")).status_code == 404
    assert (await visitor.get("/api/v1/honours/rolls/2026-1")).json()["revoked"] == 1
    officer = await browse(published.city)
    page = (await officer.get(f"/honours/ledger/{entry}")).text
    assert "已撤销" in page
    assert "判处刑罚" in page
    assert "钱雨水" in (await officer.get("/honours/ledger?state=revoked")).text
    assert "决定撤销" in (await officer.get(f"/honours/revocations/{made}")).text


async def test_counties_keep_their_own_ledger(published, browse):
    li = await published.house.person("li", "county_officer", at="xuanzhou")
    browser = await browse(li)
    page = (await browser.get("/honours/ledger")).text
    assert "赵立春" in page
    assert "钱雨水" not in page
    other = await fetchval("SELECT id FROM roll_entry WHERE name = '钱雨水'")
    assert (await browser.get(f"/honours/ledger/{other}")).status_code == 404


async def test_an_export_wants_its_reason(published, browse):
    browser = await browse(published.city)
    assert (await browser.submit("/honours/ledger/export", {"reason": ""})).status_code == 422
    assert (await browser.submit("/honours/ledger/export", {"reason": "年度统计"})).content.startswith(b"PK")
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'ledger.exported'") == 1


async def upload(browser, rows):
    return await browser.post(
        PATH, data={"_csrf_token": await browser.token()}, files={"file": ("往年.xlsx", workbook(HEAD, rows))}
    )


async def test_past_years_come_in_matched_and_go_public_when_an_officer_says_so(published, browse):
    browser = await browse(published.city)
    rows = [
        ["宣城市五一劳动奖章", "2019-04-26", "丁大寒", "宁国市示例乙汽车零部件有限公司", "电工", "宁国市", "宣工〔2019〕8号", "", "其后又有新的突出贡献"],
        ["宣城市五一劳动奖章", "2019-04-26", "严立秋", "无此单位", "钳工", "宁国市", "宣工〔2019〕8号", "", ""],
    ]  # fmt: skip
    where = (await upload(browser, rows)).headers["location"]
    assert (await browser.submit(f"{where}/confirmation")).status_code == 303
    assert await fetchval("SELECT linked FROM ledger_import") == 1
    assert (
        await fetchval("SELECT worker FROM roll_entry WHERE year = 2019 AND name = '丁大寒'")
        == published.workers["丁大寒"]
    )
    visitor = await browse(None)
    assert "严立秋" not in (await visitor.get("/honours?q=严立秋")).text.replace('value="严立秋"', "")
    batch = await fetchval("SELECT id FROM ledger_import")
    assert (await browser.submit(f"/honours/ledger/imports/{batch}/publication")).status_code == 303
    assert "严立秋" in (await visitor.get("/honours/rolls/2019-1")).text
    again = await browser.submit(f"/honours/ledger/imports/{batch}/undo", {"reason": "误导入"})
    assert again.status_code == 409


async def test_each_row_is_told_what_is_wrong(published, browse):
    browser = await browse(published.city)
    from tests.honours.support import worker

    await worker(published.house, "赵立春", at="jia")
    unit = "宣州区示例甲机械制造有限公司"
    rows = [
        ["宣城市五一奖章", "2019-04-26", "严立秋", "", "", "", "", "", ""],
        ["宣城市五一劳动奖章", "2019-13-01", "严立秋", "", "", "", "", "", ""],
        ["宣城市五一劳动奖章", "2019", "赵立春", unit, "", "宣州区", "", "", ""],
        ["宣城市五一劳动奖章", "2018", "丁大寒", "宁国市示例乙汽车零部件有限公司", "", "宁国市", "", "", ""],
        ["宣城市五一劳动奖章", "2017", "严立秋", "", "15400007788", "", "", "", ""],
        ["宣城市五一劳动奖章", "2017", "严立秋", "", "", "", "", "", ""],
        ["宣城市五一劳动奖章", "2016", "严立秋", "", "", "合肥", "", "", ""],
    ]
    where = (await upload(browser, rows)).headers["location"]
    page = (await browser.get(where)).text
    for words in (
        "荣誉目录中没有这个名称", "日期形如 2019-04-26", "库中有 2 个同名对象", "已于 2026 年获同一称号", "含有身份证号或手机号",
        "台账中已有同一年的这项荣誉", "没有这个选项",
    ):  # fmt: skip
        assert words in page, words
    assert (await browser.submit(f"{where}/confirmation")).status_code == 409
    assert await fetchval("SELECT count(*) FROM roll_entry WHERE source = 'import'") == 0


async def test_an_unpublished_import_is_taken_back_whole(published, browse):
    browser = await browse(published.city)
    where = (await upload(browser, [["宣城市五一劳动奖章", "2017", "严立秋", "", "", "", "", "", ""]])).headers[
        "location"
    ]
    await browser.submit(f"{where}/confirmation")
    batch = await fetchval("SELECT id FROM ledger_import")
    await browser.submit(f"/honours/ledger/imports/{batch}/undo", {"reason": "误导入"})
    assert await fetchval("SELECT count(*) FROM roll_entry WHERE source = 'import'") == 0
    assert await fetchval("SELECT undone_reason FROM ledger_import") == "误导入"


async def test_the_unit_reports_with_a_scan_and_a_text_file_is_no_scan(published, browse):
    zhou = await published.house.person("zhou", "enterprise_contact", at="yi")
    browser = await browse(zhou)
    entry = await fetchval("SELECT id FROM roll_entry WHERE name = '钱雨水'")
    page = (await browser.get("/honours/revocations/new")).text
    assert "钱雨水" in page
    assert "赵立春" not in page
    typed = {"cause": "sentenced", "facts": "示例", "_csrf_token": await browser.token()}
    wrong = await browser.post(f"/honours/revocations/new/{entry}", data=typed, files={"file": ("a.txt", b"plain")})
    assert wrong.status_code == 422
    assert "PDF、JPG 或 PNG" in wrong.text
    right = await browser.post(f"/honours/revocations/new/{entry}", data=typed, files={"file": ("a.pdf", SCAN[0])})
    assert right.status_code == 303
    assert (await browser.get(right.headers["location"])).status_code == 200
