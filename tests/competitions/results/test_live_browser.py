"""The live board in a browser: it changes by itself, turns its screens, and leads to the result at the end."""

from __future__ import annotations

import os
import re
import shutil

import pytest

from competitions.results import operations
from foundation.assets import build
from foundation.database import fetch
from tests.competitions import support
from tests.competitions.results.support_results import MARKS
from tests.competitions.results.test_live import changed, url_of_the_database
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


async def test_a_board_follows_the_marks_and_ends_at_the_result(committed):
    from playwright.async_api import async_playwright, expect

    build()
    house = await House().build()
    stage = await support.standard(house, code="2026-lb", entries=14)
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    await support.mark_all(stage, {"A01": MARKS["A01"]})
    async with live_server(url_of_the_database()) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = patient(await browser.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080}))
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        await page.goto(f"{address}/live/2026-lb", wait_until="domcontentloaded")
        first = page.locator(".board tbody tr").first
        await expect(first).to_contain_text("83.03")
        await expect(page.locator(".board tbody tr:visible")).to_have_count(12)  # of fourteen: two screens
        await expect(page.locator("[data-screens]")).to_contain_text("1 / 2")
        await support.mark_all(stage, {"A02": MARKS["A02"]})
        await changed(stage.event)
        await expect(first).to_contain_text("94.00")
        await expect(page.locator('tr[data-entry="A01"]')).to_have_class(re.compile("just-moved"))
        rest = {f"A{n:02}": {"T": ["10"], "P1": ["1", "1"], "P2": ["0", "0"]} for n in range(3, 15)}
        await support.mark_all(stage, rest)
        await fetch("UPDATE seat SET sheet_state = 'signed', signed_at = now() WHERE event = $1", stage.event)
        await operations.confirm_result(zhou, stage.event)
        await operations.publish_result(zhou, stage.event)
        await page.wait_for_url(f"{address}/results/2026-lb")
        await expect(page.locator("h1")).to_contain_text("示例职工技能竞赛")
        await browser.close()
    assert wrong == []
