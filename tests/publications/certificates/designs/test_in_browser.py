"""The editor in Chromium: the sheet follows the keys, faults stand beside them, no accessibility fault on any size."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from foundation.assets import PACKAGES, build
from foundation.database import engine
from foundation.web.sessions import COOKIE, open_session
from publications.certificates.designs import kinds, operations
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = PACKAGES / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("GONGJIANG_SHOTS")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
MEDAL = kinds.built_in("medal")


@asynccontextmanager
async def browsing(house: House, login: str):
    """``open(**options)`` → a page of this officer's, and the site's address; no script or CSP complaint is let by."""
    from playwright.async_api import async_playwright

    config = engine().config
    url = config.get("dsn") or f"postgresql://{config['user']}@{config['host']}:{config['port']}/{config['database']}"
    async with live_server(url) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        errors: list[str] = []

        async def open_page(**options):
            asked: dict[str, Any] = {"locale": "zh-CN"} | options
            context = patient(await browser.new_context(**asked))
            token = await open_session(house.actors[login].account, state="signed_in")
            cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}  # fmt: skip
            await context.add_cookies([cookie])  # type: ignore[list-item]
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
            return page

        yield open_page, address
        assert errors == []
        await browser.close()


async def faults_of(page) -> list[str]:
    """What axe finds outside the frames, by rule."""
    if not AXE.exists():
        return []
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run({exclude: [['iframe']]}, {iframes: false, runOnly: ['wcag2a', 'wcag2aa']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


async def shot(page, name: str) -> None:
    if SHOTS:
        await page.wait_for_timeout(2500)  # the browser's own PDF viewer says nothing when it is done
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


async def test_the_sheet_follows_the_keys(committed):
    build()
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    await operations.save(
        qian, "medal", html=MEDAL.html.replace("特发此证。", "特发此证！"), css=MEDAL.css, note="改标点", seen=1
    )
    async with browsing(house, "qian") as (open_page, address):
        page = await open_page(viewport={"width": 1440, "height": 1000})
        await page.goto(f"{address}/certificates/designs/")
        assert await faults_of(page) == []
        await shot(page, "list-1440")
        await page.goto(f"{address}/certificates/designs/medal")
        assert await faults_of(page) == []
        await page.select_option("#sample", "long")
        await page.wait_for_selector("iframe[src^='blob:']")
        assert await page.inner_text("[data-design-faults]") == "没有发现问题"
        await shot(page, "edit-1440")
        await page.fill("#html", "{{ nobody }}\n" + MEDAL.html.replace("{{ fit.name }}", "{{ fit.nickname }}"))
        await page.wait_for_selector("[data-design-faults] li:nth-child(2):last-child")
        assert "nobody" in await page.inner_text("[data-design-faults]")
        assert "fit.nickname" in await page.inner_text("[data-design-faults]")
        await shot(page, "faults-1440")
        await page.goto(f"{address}/certificates/designs/medal/comparison?from=1&to=2")
        assert await faults_of(page) == []
        assert await page.locator("tr.is-changed .was").count() == 1
        await shot(page, "compare-1440")
        phone = await open_page(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="en-GB")
        for name, path in (("list", "/"), ("edit", "/medal"), ("compare", "/medal/comparison?from=1&to=2")):
            await phone.goto(f"{address}/certificates/designs{path}")
            assert await faults_of(phone) == []
            assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), name
            await shot(phone, f"{name}-390")


async def test_without_scripts_the_preview_goes_into_the_frame(committed):
    build()
    house = await House().build()
    await house.person("qian", "city_officer", at="city")
    async with browsing(house, "qian") as (open_page, address):
        page = await open_page(java_script_enabled=False)
        await page.goto(f"{address}/certificates/designs/medal")
        await page.fill("#html", "{{ nobody }}")
        await page.click("button[data-preview]")
        frame = page.frame("design-preview")
        assert frame is not None
        await frame.wait_for_selector("h1:has-text('还排不出来')")
        assert "nobody" in await frame.inner_text("ul")
        assert page.url.endswith("/certificates/designs/medal")
