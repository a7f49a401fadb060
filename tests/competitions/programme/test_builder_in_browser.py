"""The rule-set builder in Chromium, with and without scripts: rows, live checks, faults, and no accessibility fault."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager

import pytest

from foundation.assets import PACKAGES
from foundation.database import engine, fetchval
from foundation.web.sessions import COOKIE, open_session
from tests.competitions import support
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


@asynccontextmanager
async def builder(**options):
    """A page of an officer on the rules of a draft event, with what the browser complained of."""
    from playwright.async_api import async_playwright

    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    stage = await support.event(house, stage="draft", rules=None)
    config = engine().config
    url = config.get("dsn") or f"postgresql://{config['user']}@{config['host']}:{config['port']}/{config['database']}"
    token = await open_session(qian.account, state="signed_in")
    async with live_server(url) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = patient(await browser.new_context(**options))
        cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}
        await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        await page.goto(f"{address}/events/{stage.event}/rules?from=lift")
        yield page, stage
        assert errors == []
        await browser.close()


async def test_rows_checks_and_trial_follow_what_is_typed(committed):
    from playwright.async_api import expect

    async with builder(viewport={"width": 1440, "height": 900}) as (page, stage):
        await page.locator("[data-module='1'] a").click()
        await expect(page.locator("[data-module-section]:visible")).to_have_count(1)
        await page.locator("#f-modules-1-aspects-0-max").fill("35")
        await page.locator("#rules-live").get_by_text("实操 满分合计 95，应为 100，差 5").wait_for()
        await page.locator("#lack-1").get_by_text("应为 100，差 5").wait_for()
        await page.locator("#module-1").get_by_role("button", name="加一项").click()
        added = page.locator("#f-modules-1-aspects-4-code")
        await added.wait_for()
        await expect(added).to_be_focused()
        await expect(page.locator("[data-module-section]:visible")).to_have_attribute("data-module-section", "1")
        await page.locator("#f-modules-1-aspects-4-title").fill("收尾")
        await page.locator("#f-modules-1-aspects-4-max").fill("5")
        await page.locator("#rules-live").get_by_text("1 提醒").wait_for()  # its levels are not described
        await expect(page.locator("#rules-live .trial tbody tr")).to_have_count(12)
        await page.get_by_role("button", name="保存为新版本").click()
        await page.get_by_text("第 1 版").first.wait_for()
        assert await fetchval("SELECT count(*) FROM rule_set WHERE event = $1", stage.event) == 1


async def test_a_fault_in_a_hidden_module_is_brought_to_the_eye(committed):
    async with builder(viewport={"width": 1440, "height": 900}) as (page, _stage):
        await page.locator("[data-module='2'] a").click()
        await page.locator("#f-modules-2-aspects-0-max").fill("sixty")
        await page.locator("[data-module='0'] a").click()
        await page.get_by_role("button", name="保存为新版本").click()
        await page.locator("#f-modules-2-aspects-0-max[aria-invalid=true]").wait_for(state="visible")
        assert await page.locator("#f-modules-2-aspects-0-max").input_value() == "sixty"
        assert "答辩 · D1 · 满分" in await page.locator(".form-sum").inner_text()
        assert await fetchval("SELECT count(*) FROM rule_set") == 0


async def test_without_scripts_rows_are_added_and_rules_saved(committed):
    async with builder(java_script_enabled=False, viewport={"width": 390, "height": 844}) as (page, _stage):
        assert await page.locator("[data-module-section]:visible").count() == 3
        await page.locator("#module-1").get_by_role("button", name="加一项").click()
        await page.locator("#f-modules-1-aspects-4-title").fill("收尾")
        await page.locator("#f-modules-1-aspects-4-max").fill("5")
        await page.locator("#f-modules-1-aspects-0-max").fill("35")
        await page.get_by_role("button", name="保存为新版本").click()
        await page.get_by_text("第 1 版").first.wait_for()
        assert '"max":"35"' in await fetchval("SELECT rules FROM rule_set")


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_builder_has_no_accessibility_fault_and_does_not_overflow(committed, width):
    async with builder(viewport={"width": width, "height": 900}, bypass_csp=True) as (page, _stage):
        await page.add_script_tag(path=str(PACKAGES / "axe-core/axe.min.js"))
        found = await page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))]))"
        )
        assert found == []
        assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
