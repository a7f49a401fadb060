"""The expert's tablet in Chromium: offline, reload, back — each answer and each picture exactly once."""

from __future__ import annotations

import asyncio
import io
import os

import msgspec
import pytest
from PIL import Image

from foundation import clock
from foundation.database import fetch
from foundation.web.sessions import COOKIE, open_session
from studios.upkeep import visiting
from studios.upkeep.schemas import EndVisitForm
from tests.journeys.desk_scene import CHROMIUM, address_of
from tests.studios.applications.support import Scene
from tests.studios.upkeep.test_visiting import order, ruled, score
from tests.studios.upkeep.world import World, of
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


async def signed_in(browser, account, **more):
    """A page of somebody who is signed in."""
    context = patient(await browser.new_context(**more))
    token = await open_session(account, state="signed_in")
    await context.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # fmt: skip
    return context, await context.new_page()


async def rectifying(house: House):
    """(world, studio, city officer, panel, second visit): a first panel noted one thing, the second is on its way."""
    world = await World(house).build()
    await ruled(world)
    city = await house.person("sun", "city_officer", at="city")
    panel = [await house.person(login, "studio_expert", at="city") for login in ("yang", "lin", "he")]
    studio, today = await world.studio(ends=None), await clock.today()
    first = await visiting.send_panel(city, studio, order(panel, 1, year=today.year, planned_on=today))
    await score(panel, first, ["55", "55", "55"], agree=False)  # 55 + 10 = 65: 限期整改
    await visiting.end_visit(city, studio, EndVisitForm(version=(await of(studio))["version"]))
    version = (await of(studio))["version"]
    again = order(panel, version, year=today.year, planned_on=today, kind="revisit")
    return studio, city, panel, await visiting.send_panel(city, studio, again)


async def test_the_second_look_at_a_studio_is_scored_without_a_network_and_ends_the_rectification(committed):
    from playwright.async_api import async_playwright, expect

    studio, city, panel, visit = await rectifying(await House().build())
    await score(panel[1:], visit, ["80", "80"])  # 90 each
    async with live_server(address_of(committed)) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context, page = await signed_in(browser, panel[0].account, viewport={"width": 1024, "height": 768})
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await page.goto(f"{address}/studios/visits/{visit}")
        await page.wait_for_selector("#visit[data-ready]", state="attached")
        await expect(page.locator(".earlier")).to_contain_text("师徒协议与台账一致：未改")

        await context.set_offline(True)
        await page.locator("[data-points='75']").click()
        await page.locator(".visit-turns [data-at='1']").click()
        await page.locator("[data-check='list'][data-say='0']").click()
        await page.locator("[data-check='agree'][data-say='1']").click()
        await expect(page.locator(".item-head")).to_contain_text("8 / 10")
        await expect(page.locator(".sum-line")).to_contain_text("83 / 100")
        await expect(page.locator("[data-do=sign]")).to_have_attribute("aria-disabled", "true")
        await context.set_offline(False)
        await page.locator("[data-do=sign][aria-disabled=false]").click()
        await expect(page.locator("[data-do=sign]")).to_contain_text("已")
        if shots := os.environ.get("GONGJIANG_SHOTS"):
            await page.screenshot(path=f"{shots}/revisit-1024.png")

        _context, desk = await signed_in(browser, city.account, viewport={"width": 1440, "height": 900})
        await desk.goto(f"{address}/studio-register/{studio}")
        end = desk.locator("form[action$='/acts/visit-end']")
        await desk.locator("details:has(form[action$='/acts/visit-end']) > summary").click()
        await end.locator("select[name='mended-0']").select_option("yes")
        await end.locator("button").last.click()
        await expect(desk.locator("main")).to_contain_text("87.67")  # (83 + 90 + 90) / 3 = 87.666…
        await browser.close()
    row = await of(studio)
    assert row["stage"] == "active"
    [closed] = await fetch("SELECT revisit, outcome FROM rectification")
    assert (closed["revisit"], closed["outcome"]) == (visit, "cleared")
