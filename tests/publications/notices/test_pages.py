"""Notices in a browser's hands: draft to public page, the objection form, the inbox, what nobody may see (A16, P4)."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import date

import openpyxl
import pytest

from foundation import clock
from foundation.database import fetch, fetchval
from foundation.web.templates import render
from publications.notices import operations
from publications.notices.objections import operations as objections
from publications.notices.objections.schemas import StepForm
from publications.notices.schemas import SubjectOrder
from publications.notices.showing import open_for_strip
from tests.publications.notices.support_notices import at, calendar_2026, order, person

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")
DRAFT = {
    "level": "city", "title": "关于2026年宣城市示例五一劳动奖推荐对象的公示", "basis": "根据示例办法，经推荐和审查，现予公示。",
    "headings": "姓名 | 单位 | 岗位", "list_title": "推荐对象名单",
    "subjects": "赵立春 | 宣州区示例重型装备有限公司 | 焊工班班长\n钱雨水\t宁国市示例汽车零部件有限公司\t硫化工艺员",
    "days": "5", "office": "示例总工会经济技术部", "address": "宣城市示例路1号", "phone": "13900001234", "email": "",
    "series": "宣示工", "signature": "", "channel": "", "done": "", "planned_on": "",
}  # fmt: skip


def cells_of(answer) -> list[list[str]]:
    """The rows of a workbook that was answered."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
async def city(house):
    await calendar_2026()
    return await house.person("qian", "city_officer", at="city")


async def test_from_draft_to_public_page_and_a16(house, city, browse):
    officer, visitor = await browse(city), await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        form = await officer.get("/publicity/new")
        assert "宣城市示例总工会" in form.text
        assert "至 2026年5月6日（周三）24:00" in form.text  # told before anything is kept
        sent = {**DRAFT, "organisation": str(house.organisations["city"])}
        bad = await officer.submit("/publicity", {**sent, "subjects": "赵立春 | 甲 | 13812345678", "days": "4"})
        assert bad.status_code == 422
        assert "名单第 1 行含有身份证号或手机号" in bad.text
        assert "公示期应为 5 至 60 个工作日，现为 4 个" in bad.text
        assert "13812345678" in bad.text, "what was typed is kept"
        made = await officer.submit("/publicity", sent)
        assert made.status_code == 303
        place = made.headers["location"]
        shown = await officer.get(place)
        assert "赵立春" in shown.text
        assert "宣示工〔2026〕__号" in shown.text
        unticked = await officer.submit(place + "/opening", {"last_day": "2026-05-06", "version": "1"})
        assert unticked.status_code == 422
        public = place.replace("/publicity", "/notices")
        assert (await visitor.get(public)).status_code == 404
        opened = await officer.submit(place + "/opening", {"last_day": "2026-05-06", "version": "1", "checked": "true"})
        assert opened.status_code == 303
    async with clock.moved_to(at("2026-04-28 15:18")):
        seen = await visitor.get(public)
        assert seen.status_code == 200
        for words in (
            "宣示工〔2026〕1号",
            "赵立春",
            "硫化工艺员",
            "尚余<b>3</b>个工作日",
            "第 2 个工作日，尚余 3 个",
            "以个人名义",
        ):
            assert words in seen.text, words
        text = await visitor.get(public + "/text.html")
        assert hashlib.sha256(text.content).hexdigest() in seen.text
        assert text.content.decode() in seen.text, "the page shows the bytes as they were frozen"
        assert text.headers["content-disposition"].startswith("attachment")
        english = (await visitor.get(public + "?lang=en")).text
        assert "working days" in english
        assert text.content.decode() in english
        for page in (seen.text, english, text.text, (await visitor.get("/notices")).text):
            without_office = page.replace("13900001234", "")
            assert not ID_NUMBER.search(without_office)
            assert not MOBILE.search(without_office)
        assert seen.text.count("13900001234") >= 1


async def test_the_last_day_is_told_while_typing_and_without_scripts(house, city, browse):
    officer = await browse(city)
    async with clock.moved_to(at("2026-04-20 09:00")):
        told = await officer.get("/publicity/period?days=5&planned_on=2026-09-18")
        assert "2026年9月23日（周三）24:00" in told.text
        refused = await officer.get("/publicity/period?days=5&planned_on=2027-01-04")
        assert "2027 年的工作日历尚未录入" in refused.text
        assert "至少" not in refused.text
        few = await officer.get("/publicity/period?days=3")
        assert "公示期应为 5 至 60 个工作日" in few.text
        again = await officer.submit("/publicity/preview", {**DRAFT, "planned_on": "2026-04-27", "days": "6"})
        assert again.status_code == 200
        assert "2026年5月7日（周四）24:00" in again.text
        assert "焊工班班长" in again.text
        for nonsense in ("days=x&planned_on=2026-13-45", "days=-1", "days=99999999", ""):
            assert (await officer.get("/publicity/period?" + nonsense)).status_code == 200
    assert await fetchval("SELECT count(*) FROM notice") == 0


async def test_closing_early_is_not_on_the_page_and_refused_when_sent(house, city, browse):
    officer = await browse(city)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        page = await officer.get(f"/publicity/{made}")
        assert 'aria-disabled="true"' in page.text
        assert f'action="/publicity/{made}/conclusion"' not in page.text
        sent = await officer.submit(f"/publicity/{made}/conclusion")
        assert sent.status_code == 422
        assert "公示到 2026-05-06 24:00 才期满" in sent.text
        shorter = await officer.submit(f"/publicity/{made}/extension", {"days": "3", "reason": "示例"})
        assert shorter.status_code == 422
        assert "不能缩短" in shorter.text


async def test_an_objection_by_the_public_form(house, city, browse):
    visitor, officer = await browse(None), await browse(city)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        form = await visitor.get(f"/notices/{made}/objection?as=person")
        assert 'name="honest"' in form.text
        faulty = await visitor.submit(f"/notices/{made}/objection", person(name="匿名", honest=""))
        assert faulty.status_code == 422
        assert "以个人名义反映须署真实姓名" in faulty.text
        assert "该工作室的成果另有归属" in faulty.text
        sent = await visitor.submit(f"/notices/{made}/objection", person())
        assert sent.status_code == 200
        assert sent.headers["cache-control"] == "no-store"
        number = re.search(r"YY2026-[0-9A-Z]{8}", sent.text)
        assert number
        inbox = await officer.get("/publicity/objections")
        assert number.group() in inbox.text
        assert "康秋分" not in inbox.text
        objection = await fetchval("SELECT id FROM notice_objection")
        shown = await officer.get(f"/publicity/objections/{objection}")
        assert "康秋分" not in shown.text
        assert "138-0000-1111" not in shown.text
        assert "成果另有归属" in shown.text
        no = await officer.submit(f"/publicity/objections/{objection}/unmasking", {"reason": ""})
        assert no.status_code == 422
        looked = await officer.submit(f"/publicity/objections/{objection}/unmasking", {"reason": "电话核实"})
        assert "康秋分" in looked.text
        assert looked.headers["cache-control"] == "no-store"
        public = await visitor.get(f"/notices/{made}")
        for secret in ("康秋分", "138-0000-1111", "成果另有归属", number.group()):
            assert secret not in public.text
        moved = await officer.submit(f"/publicity/objections/{objection}/steps", {"action": "accept", "version": "1", "days": "10", "text": ""})  # fmt: skip
        assert moved.status_code == 303
        unsigned = await officer.submit(f"/publicity/objections/{objection}/steps", {"action": "dismiss", "version": "2", "days": "10"})  # fmt: skip
        assert unsigned.status_code == 422
        assert "不能执行" in unsigned.text
        assert await fetchval("SELECT stage FROM notice_objection") == "accepted"


async def test_a_unit_sends_its_sealed_scan(house, city, browse):
    from tests.publications.notices.test_objections import pdf

    visitor, officer = await browse(None), await browse(city)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        unit = person(kind="unit", name="宣城示例建设工程有限公司", person="郎谷雨", file="")
        bare = await visitor.submit(f"/notices/{made}/objection", unit)
        assert bare.status_code == 422
        assert "须上传加盖公章的扫描件" in bare.text
        del unit["file"]
        wrong = await visitor.submit(f"/notices/{made}/objection", unit, files={"file": ("a.pdf", b"<svg/>", "application/pdf")})  # fmt: skip
        assert wrong.status_code == 422
        assert "扫描件只收 PDF、PNG 和 JPEG" in wrong.text
        sent = await visitor.submit(f"/notices/{made}/objection", unit, files={"file": ("印.pdf", pdf(), "application/pdf")})  # fmt: skip
        assert sent.status_code == 200
        objection = await fetchval("SELECT id FROM notice_objection")
        scan = await officer.submit(f"/publicity/objections/{objection}/attachment")
        assert scan.content.startswith(b"%PDF-")
        assert scan.headers["content-disposition"].startswith("attachment")
        assert (await officer.get(f"/publicity/objections/{objection}/attachment")).status_code == 405


async def test_the_form_is_rate_limited(house, city, browse):
    visitor = await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        answers = [(await visitor.submit(f"/notices/{made}/objection", person())).status_code for _n in range(13)]
    assert answers == [200] * 12 + [429]


async def test_after_the_last_day_the_form_is_gone_and_the_outcome_stands_there(house, city, browse):
    visitor = await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
    async with clock.moved_to(at("2026-05-07 00:00")):
        seen = await visitor.get(f"/notices/{made}")
        assert "期间未收到异议" in seen.text
        assert "objection?as=" not in seen.text
        assert (await visitor.get(f"/notices/{made}/objection")).status_code == 404
        late = await visitor.submit(f"/notices/{made}/objection", person())
        assert late.status_code == 422
        assert "不再接受异议" in late.text


async def test_who_failed_is_not_named_any_more_and_a_withdrawn_notice_says_why(house, city, browse):
    visitor = await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        gone = await operations.open_notice(city, order(house, title="关于另一份示例名单的公示"))
        await visitor.submit(f"/notices/{made}/objection", person())
        objection = await fetchval("SELECT id FROM notice_objection")
        words = {"text": "示例依据充分可查", "signed_by": "冯立夏", "how": "written", "on_day": date(2026, 4, 27)}
        for version, action in enumerate(("accept", "verify", "uphold", "tell"), 1):
            await objections.take_step(city, objection, StepForm(action=action, version=version, **words))
        await operations.withdraw(city, gone, "示例：单位名称有误")
        assert "时小暑示例创新工作室" in (await visitor.get(f"/notices/{made}")).text, "still open: as frozen"
    async with clock.moved_to(at("2026-05-07 00:00")):
        for notice in (made, gone):
            page = await visitor.get(f"/notices/{notice}")
            assert "时小暑" not in page.text
            assert "成立" not in page.text.split("异议怎样处理")[0]
            assert (await visitor.get(f"/notices/{notice}/text.html")).status_code == 404
            assert (await visitor.get(f"/notices/{notice}/list.json")).status_code == 404
            assert "时小暑" not in (await visitor.get(f"/api/v1/notices/{notice}")).text
        assert "示例：单位名称有误" in (await visitor.get(f"/notices/{gone}")).text
        found = await visitor.get("/notices?q=时小暑")
        assert str(made) not in found.text
        assert str(gone) not in found.text


async def test_nobody_else_opens_the_offices_pages(house, city, browse):
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
        await (await browse(None)).submit(f"/notices/{made}/objection", person())
        objection = await fetchval("SELECT id FROM notice_objection")
        li = await browse(await house.person("li", "county_officer", at="ningguo"))
        lan = await browse(await house.person("lan", "enterprise_contact", at="jia"))
        paths = (f"/publicity/{made}", f"/publicity/{made}/edit", f"/publicity/{made}/objections/new", f"/publicity/objections/{objection}")  # fmt: skip
        for path in paths:
            assert (await li.get(path)).status_code == 404, path
        assert (await lan.get("/publicity/objections")).status_code == 403
        assert (await lan.get(f"/publicity/objections/{objection}")).status_code == 403
        assert (await lan.get(f"/publicity/{made}")).status_code == 404
        api = await li.get(f"/api/v1/objections/{objection}", headers={"Accept": "application/json"})
        assert api.status_code == 404
        for path in ("/publicity", "/publicity/objections"):
            assert (await (await browse(None)).get(path)).status_code == 303


async def test_what_is_typed_is_text_and_what_is_asked_is_bounded(house, city, browse):
    visitor = await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        evil = "<script>alert(1)</script><img src=x>"
        subjects = (SubjectOrder(cells=("时小暑&<b>", evil)),)
        made = await operations.open_notice(city, order(house, title="公示" + evil, basis=evil, subjects=subjects))
        seen = (await visitor.get(f"/notices/{made}")).text
        assert "<script>alert" not in seen
        assert "<img src=x>" not in seen
        assert "时小暑&amp;&lt;b&gt;" in seen
        for query in (
            "year=99999999999999999999",
            "year=２０２６",
            "stage=draft",
            "level=x",
            "page=0",
            "q=%00",
            "size=9999",
        ):
            answer = await visitor.get("/notices?" + query)
            assert answer.status_code == 200, query
        assert str(made) in (await visitor.get("/notices?year=2026")).text
        assert str(made) not in (await visitor.get("/notices?year=2025")).text
        assert (await visitor.get("/notices/nonsense")).status_code == 404


async def test_lists_search_and_export(house, city, browse):
    officer = await browse(city)
    async with clock.moved_to(at("2026-04-27 08:30")):
        await operations.open_notice(city, order(house, series="宣示工"))
        await operations.draft_notice(city, order(house, title="关于另一份示例名单的公示"))
        listed = await officer.get("/publicity?stage=open")
        assert "宣示工〔2026〕1号" in listed.text
        assert "另一份示例名单" not in listed.text
        assert "另一份示例名单" in (await officer.get("/publicity?q=lingyifen")).text
        rows = cells_of(await officer.get("/publicity/export"))
        assert {row[1] for row in rows[1:3]} == {
            "关于另一份示例名单的公示",
            "关于2026年宣城市示例创新工作室拟命名名单的公示",
        }
        made = await fetchval("SELECT id FROM notice WHERE stage = 'open'")
        await (await browse(None)).submit(f"/notices/{made}/objection", person())
        cells = [cell for row in cells_of(await officer.get("/publicity/objections/export")) for cell in row]
        assert "个人" in cells
        assert not any("康秋分" in cell for cell in cells)


async def test_the_api(house, city, browse):
    officer, visitor = await browse(city), await browse(None)
    async with clock.moved_to(at("2026-04-27 08:30")):
        body = {
            "organisation": str(house.organisations["city"]), "level": "city", "title": "关于示例名单的公示", "basis": "根据示例办法，现予公示。",
            "headings": ["名称"], "subjects": [{"cells": ["示例一组"]}, {"cells": ["示例二组"]}], "office": "示例部", "address": "示例路1号", "phone": "0563-0000000",
        }  # fmt: skip
        made = await officer.send_json("POST", "/api/v1/notices", body)
        assert made.status_code == 201, made.text
        notice = made.json()["id"]
        assert (await visitor.get(f"/api/v1/notices/{notice}")).status_code == 404
        sneaked = await officer.send_json(
            "POST", "/api/v1/notices", {**body, "handling": str(house.organisations["jia"])}
        )
        assert sneaked.status_code == 422
        opened = await officer.send_json("POST", f"/api/v1/notices/{notice}/opening", {"last_day": "2026-05-06", "checked": True, "version": 1})  # fmt: skip
        assert opened.status_code == 200, opened.text
        shown = (await visitor.get(f"/api/v1/notices/{notice}")).json()
        assert (shown["first_day"], shown["last_day"], shown["working_days"]) == ("2026-04-27", "2026-05-06", 5)
        roll = await visitor.get(f"/notices/{notice}/list.json")
        assert hashlib.sha256(roll.content).hexdigest() == shown["list_sha256"]
        assert json.loads(roll.content)["subjects"] == [["示例一组"], ["示例二组"]]
        assert (await visitor.get("/api/v1/notices")).json()["total"] == 1
        refused = await visitor.send_json("POST", "/api/v1/notices", body)
        assert refused.status_code == 401
        await visitor.submit(f"/notices/{notice}/objection", person())
        outcome = (await officer.get(f"/api/v1/notices/{notice}/outcome")).json()
        assert (outcome["received"], outcome["open"], outcome["clear"]) == (1, 1, False)
        line = (await officer.get("/api/v1/objections")).json()["objections"][0]
        stepped = await officer.send_json("POST", f"/api/v1/objections/{line['id']}/steps", {"action": "accept", "version": 1})  # fmt: skip
        assert stepped.json()["stage"] == "accepted"
        assert "康秋分" not in stepped.text


async def test_the_home_strip_and_what_waits(house, city, browse):
    from publications.notices import queries

    async with clock.moved_to(at("2026-04-23 08:30")):
        short = await operations.open_notice(city, order(house, series="宣示工"))
    async with clock.moved_to(at("2026-04-27 08:30")):
        await operations.open_notice(city, order(house, series="宣示工", title="关于另一份示例名单的公示"))
    async with clock.moved_to(at("2026-04-28 15:18")):
        strip = open_for_strip(await queries.open_notices())
        assert [(n["number"], n["words"]) for n in strip] == [
            ("宣示工〔2026〕1号", "第 4 个工作日，尚余 1 个"), ("宣示工〔2026〕2号", "第 2 个工作日，尚余 3 个"),
        ]  # fmt: skip
        assert [(d["day"], d["kind"]) for d in strip[1]["days"]] == [
            ("27", "past"), ("28", "today"), ("29", ""), ("30", ""), ("休", "rest"), ("6", "last"),
        ]  # fmt: skip
        drawn = render("publications/notices/_strip.html", {"strip": strip})
        assert drawn.count("<li><div>") == 2
        assert "第 2 个工作日，尚余 3 个" in drawn
        assert '<li class="is-last-day">6<small>周三止</small></li>' in drawn
        assert '<li class="is-rest">休<small>1–5日</small></li>' in drawn
    async with clock.moved_to(at("2026-04-30 09:00")):
        home = await (await browse(city)).get("/home")
        assert f"/publicity/{short}" in home.text


async def test_a_draft_is_edited_by_one_at_a_time(house, city, browse):
    officer = await browse(city)
    made = await operations.draft_notice(city, order(house))
    place = f"/publicity/{made}"
    form = await officer.get(place + "/edit")
    assert "时小暑示例创新工作室 | 旌德县示例砚雕工坊" in form.text
    sent = {**DRAFT, "organisation": str(house.organisations["city"]), "version": "1"}
    assert (await officer.submit(place + "/draft", sent)).status_code == 303
    stale = await officer.submit(place + "/draft", sent)
    assert stale.status_code in (412, 422)
    assert "刚被他人修改" in stale.text
    assert (await officer.submit(place + "/discarding")).status_code == 303
    assert (await officer.get(place)).status_code == 404


async def test_an_officer_enters_a_visit_a_letter_and_a_late_one(house, city, browse):
    officer = await browse(city)
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(city, order(house))
    async with clock.moved_to(at("2026-05-08 10:00")):
        form = await officer.get(f"/publicity/{made}/objections/new")
        assert 'value="2026-05-08T10:00"' in form.text
        sent = {**person(file=""), "channel": "visit", "received_at": "2026-04-28T09:30", "postmark": "", "person": "", "email": "", "subject": ""}  # fmt: skip
        kept = await officer.submit(f"/publicity/{made}/objections", sent)
        assert kept.status_code == 303, kept.text
        shown = await officer.get(kept.headers["location"])
        assert "来访" in shown.text
        letter = {**sent, "channel": "letter", "received_at": "2026-05-08T09:00", "postmark": "2026-05-07"}
        late = await officer.submit(f"/publicity/{made}/objections", letter)
        assert late.status_code == 422
        assert "邮戳日期不在公示期内" in late.text
        assert "请核对来信已签署真实姓名" in late.text
        in_time = {**letter, "postmark": "2026-05-06", "original": "true"}
        assert (await officer.submit(f"/publicity/{made}/objections", in_time)).status_code == 303
    rows = await fetch("SELECT channel, received_at, postmark FROM notice_objection ORDER BY received_at")
    assert [(r["channel"], r["postmark"]) for r in rows] == [("visit", None), ("letter", date(2026, 5, 6))]
    assert rows[0]["received_at"] == at("2026-04-28 09:30"), "a local time without a zone is Shanghai's"
