"""The expert's tablet in Chromium: offline, reload, back — each answer and each picture exactly once."""

from __future__ import annotations

import asyncio
import io
import os

import msgspec
import pytest
from PIL import Image

from foundation.database import fetch
from foundation.web.sessions import COOKIE, open_session
from tests.journeys.desk_scene import CHROMIUM, address_of
from tests.studios.applications.support import Scene
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


async def rows() -> list[tuple[str, int, str | None]]:
    found = await fetch("SELECT item, number, answer FROM visit_answer ORDER BY item, number")
    return [(row["item"], row["number"], msgspec.json.decode(row["answer"])["points"]) for row in found]


async def become(wanted: list[tuple[str, int, str | None]]) -> None:
    for _ in range(300):
        if await rows() == wanted:
            return
        await asyncio.sleep(0.1)
    assert await rows() == wanted


async def test_offline_reload_and_back_every_answer_and_picture_exactly_once(committed):
    from playwright.async_api import async_playwright, expect

    scene = await Scene(await House().build()).build()
    _made, visit = await scene.visited()
    token = await open_session(scene.experts[0].account, state="signed_in")
    async with live_server(address_of(committed)) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = patient(await browser.new_context(viewport={"width": 1024, "height": 768}))
        cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}  # fmt: skip
        await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{address}/studios/visits/{visit}")
        await page.wait_for_selector("#visit[data-ready]", state="attached")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.reload()
        await page.wait_for_selector("#visit[data-ready]", state="attached")
        await page.locator("[data-points='8']").click()
        await become([("sign", 1, "8")])

        await context.set_offline(True)
        await page.locator(".visit-turns [data-at='1']").click()
        await page.locator("[data-points='9']").click()
        out = io.BytesIO()
        Image.new("RGB", (60, 40), "blue").save(out, "JPEG")
        await page.locator("[data-photo]").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
        )
        await expect(page.locator(".sync")).to_contain_text("1 图")
        await page.reload()
        await page.wait_for_selector("#visit[data-ready]", state="attached")
        await expect(page.locator(".sync")).to_contain_text("待传 1 项 1 图")
        assert await rows() == [("sign", 1, "8")], "nothing can have arrived yet"

        await context.set_offline(False)
        await become([("place", 1, "9"), ("sign", 1, "8")])
        await page.wait_for_selector(".sync.s-ok")
        assert len(await fetch("SELECT 1 FROM visit_photo")) == 1
        assert await page.locator("[data-do=sign]").get_attribute("aria-disabled") == "true", "six items are missing"
        assert errors == []
        if shots := os.environ.get("GONGJIANG_SHOTS"):
            await page.screenshot(path=f"{shots}/visit-1024.png")
            await page.set_viewport_size({"width": 390, "height": 844})
            await page.screenshot(path=f"{shots}/visit-390.png")
        await browser.close()
