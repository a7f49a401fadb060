"""Notices in Chromium: the last day while typing, publishing, and an objection without scripts; no accessibility fault."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager

import pytest

from foundation import clock
from foundation.assets import PACKAGES
from foundation.clock.operations import fill_year
from foundation.database import engine, fetchval, transaction
from foundation.errors import Refusal
from foundation.web.sessions import COOKIE, open_session
from publications.notices import deadlines, operations
from tests.publications.notices.support_notices import order
from tests.publications.notices.test_objections import png
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = PACKAGES / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


@asynccontextmanager
async def browsing(house: House, login: str | None, **options):
    """A page of an officer or a visitor, and the site's address."""
    from playwright.async_api import async_playwright

    config = engine().config
    url = config.get("dsn") or f"postgresql://{config['user']}@{config['host']}:{config['port']}/{config['database']}"
    async with live_server(url) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = patient(await browser.new_context(locale="zh-CN", **options))
        if login:
            token = await open_session(house.actors[login].account, state="signed_in")
            cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}  # fmt: skip
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        yield page, address
        assert errors == []
        await browser.close()


async def faults_of(page) -> list[str]:
    """What axe finds, by rule; nothing where axe is not installed."""
    if not AXE.exists():
        return []
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]]


async def made_house() -> House:
    """The site's own clock runs here: today must lie in a year whose arrangement is known, not at its very end."""
    house = await House().build()
    today = await clock.today()
    try:
        await fill_year(None, today.year)
        await deadlines.last_day_of(today, 7)
    except Refusal as unknown:
        pytest.skip(f"no notice can be opened today: {unknown}")
    await house.person("qian", "city_officer", at="city")
    return house


async def test_the_last_day_follows_the_typing_and_the_draft_is_published(committed):
    house = await made_house()
    async with browsing(house, "qian", viewport={"width": 1440, "height": 900}) as (page, address):
        await page.goto(address + "/publicity/new")
        assert await faults_of(page) == []
        await page.locator("#f-days").fill("3")
        await page.locator("#period").get_by_text("公示期应为 5 至 60 个工作日").wait_for()
        await page.locator("#f-days").fill("7")
        await page.locator("#period").get_by_text("共 7 个工作日").wait_for()
        for name, text in (
            ("title", "关于示例名单的公示"), ("basis", "根据示例办法，现予公示。"), ("headings", "姓名 | 单位"),
            ("subjects", "赵立春 | 示例甲厂\n钱雨水 | 示例乙厂"), ("address", "示例路1号"), ("phone", "0563-0000000"),
        ):  # fmt: skip
            await page.locator(f"#f-{name}").fill(text)
        await page.get_by_role("button", name="保存草稿").click()
        await page.get_by_role("button", name="发布公示").wait_for()
        await page.locator("#f-checked").check()
        await page.get_by_role("button", name="发布公示").click()
        await page.get_by_text("公示中").first.wait_for()
        assert await faults_of(page) == []
        assert await fetchval("SELECT days FROM notice WHERE stage = 'open'") == 7


@pytest.mark.parametrize("width", [390, 1440])
async def test_a_visitor_objects_in_a_units_name_without_scripts(committed, width):
    house = await made_house()
    async with transaction():
        made = await operations.open_notice(house.actors["qian"], order(house))
    async with browsing(house, None, viewport={"width": width, "height": 800}) as (page, address):
        await page.goto(f"{address}/notices")
        assert await faults_of(page) == []
        await page.goto(f"{address}/notices/{made}")
        assert await faults_of(page) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) == 0
        await page.goto(f"{address}/notices/{made}/objection?as=unit")
        assert await faults_of(page) == []
    async with browsing(house, None, viewport={"width": width, "height": 800}, java_script_enabled=False) as (page, address):  # fmt: skip
        await page.goto(f"{address}/notices/{made}")
        await page.get_by_role("link", name="以单位名义").click()
        await page.locator("#f-matter").fill("示例事实和依据，可供查证。")
        await page.locator("#f-name").fill("宣城示例建设工程有限公司")
        await page.locator("#f-phone").fill("0563-1111111")
        await page.locator("#f-honest").check()
        await page.get_by_role("button", name="提交").click()
        await page.get_by_text("须上传加盖公章的扫描件").first.wait_for()
        assert await page.locator("#f-matter").input_value() == "示例事实和依据，可供查证。"
        await page.locator("#f-file").set_input_files({"name": "印.png", "mimeType": "image/png", "buffer": png()})
        await page.get_by_role("button", name="提交").click()
        await page.get_by_role("heading", name="异议已收到").wait_for()
        assert await fetchval("SELECT count(*) FROM notice_objection WHERE attachment IS NOT NULL") == 1
