"""A city officer decides and publishes; somebody finds the name by 拼音; the honour is revoked and vanishes.

Pictures are kept where ``GONGJIANG_PICTURES`` names a folder.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from foundation import clock
from foundation.clock import moved_to
from foundation.database import fetchval, transaction
from foundation.web.sessions import open_session
from honours.rolls import deciding, publishing, revoking
from honours.rolls.schemas import OutcomeForm, RevocationForm
from tests.honours.support import DECIDED, Ready, form
from tests.journeys.desk_scene import address_of
from tests.support.live import live_server
from tests.support.people import House

PICTURES = os.environ.get("GONGJIANG_PICTURES", "")
NAMES = ("孙惊蛰", "李春分", "周清明", "吴谷雨", "郑立夏", "王小满", "冯芒种", "陈夏至", "褚小暑")


@pytest.fixture
async def published(committed):
    async with transaction():
        house = await House().build()
        async with moved_to(DECIDED):
            ready = Ready(house)
            await ready.build(notice=False)
            for n, name in enumerate(NAMES):
                await ready.person(name, at="yi" if n % 2 else "jia", post="示例技师")
            await ready.open_notice()
            decision = await deciding.draft(ready.city, ready.cycle, form())
            await deciding.issue(ready.city, decision)
            await publishing.publish_roll(ready.city, decision)
    return ready


async def picture(page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def overflow(page) -> int:
    return await page.evaluate("document.documentElement.scrollWidth - innerWidth")


async def test_found_by_pinyin_and_gone_after_the_revocation(published, committed):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with live_server(address_of(committed)) as address:
            context = await browser.new_context(base_url=address, locale="zh-CN")
            page = await context.new_page()
            for width in (1440, 390):
                await page.set_viewport_size({"width": width, "height": 900})
                for path, name in (
                    ("/honours/rolls/2026-1", "roll"), ("/honours", "list"), ("/honours/statistics", "statistics"),
                    ("/honours/rolls/2026-1?view=table", "table"), ("/honours/rolls/2026-1?lang=en", "roll-en"),
                ):  # fmt: skip
                    await page.goto(path)
                    assert await overflow(page) <= 0, (path, width)
                    await picture(page, f"{name}-{width}")
                await page.goto("/honours?lang=zh")
            await page.set_viewport_size({"width": 1920, "height": 1080})
            await page.goto("/honours/wall?paused=1")
            await picture(page, "wall")
            await page.set_viewport_size({"width": 1440, "height": 900})

            await page.goto("/honours")
            await page.fill("input[name=q]", "qys")
            await page.press("input[name=q]", "Enter")
            await page.click("text=钱雨水")
            await page.wait_for_selector("h1.kai")
            assert "宣工〔2026〕1号" in await page.inner_text("main")
            await picture(page, "entry")
            address_of_entry = page.url

            await _officer(browser, address, published)
            await _revoke(published)
            fresh = await (await browser.new_context(base_url=address)).new_page()  # a page may be kept for ten seconds
            answer = await fresh.goto(address_of_entry)
            assert answer is not None
            assert answer.status == 404
            await context.close()
        await browser.close()


async def _officer(browser, address: str, ready: Ready) -> None:
    context = await browser.new_context(base_url=address, locale="zh-CN", viewport={"width": 1440, "height": 900})
    token = await open_session(ready.city.account, state="signed_in")
    await context.add_cookies([{"name": "__Host-session", "value": token, "url": address.replace("http:", "https:")}])
    page = await context.new_page()
    decision = await fetchval("SELECT id FROM decision")
    entry = await fetchval("SELECT id FROM roll_entry WHERE name = '钱雨水'")
    for path, name in (
        ("/honours/decisions", "decisions"), (f"/honours/decisions/{decision}", "decision"), ("/honours/ledger", "ledger"),
        (f"/honours/ledger/{entry}", "ledger-entry"), ("/honours/ledger/imports", "imports"), ("/honours/revocations", "revocations"),
        (f"/honours/revocations/new?entry={entry}", "revocation-form"),
    ):  # fmt: skip
        answer = await page.goto(path)
        assert answer is not None
        if answer.status == 200:
            await picture(page, f"officer-{name}")
    await context.close()


async def _revoke(ready: Ready) -> None:
    async with transaction():
        entry = await fetchval("SELECT id FROM roll_entry WHERE name = '钱雨水'")
        wu = await ready.house.person("wu", "county_officer", at="ningguo")
        told = RevocationForm(cause="sentenced", facts="示例")
        made = await revoking.report(wu, entry, told, (b"%PDF-1.4", "判决书.pdf", "application/pdf"))
        await revoking.step(wu, made, "endorse", "属实", version=1)
        await revoking.step(ready.city, made, "propose", "撤销", version=2)
        day = await clock.today()
        assert day >= date(2026, 4, 24)
        await revoking.decide(
            ready.second, made, "decide", OutcomeForm(decided_on=day, public_reason="判处刑罚", version=3)
        )
