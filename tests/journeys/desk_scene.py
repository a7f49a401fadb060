"""What the desk's journeys share: an event with one judge, a server, a phone, and what stands on device and screen."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from contextlib import asynccontextmanager

from foundation.database import fetch
from foundation.web.sessions import COOKIE, open_session
from tests.competitions import support
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RULES = {
    "modules": [{"code": "B", "title": "实操", "aspects": [
        {"code": "P1", "title": "装配质量", "kind": "points", "max": "20", "step": "0.5"},
        {"code": "P2", "title": "测量", "kind": "points", "max": "10", "step": "0.5"},
        {"code": "J1", "title": "工艺", "kind": "judgement", "max": "10", "step": "1", "levels": ["不符合", "基本符合", "符合", "优秀"]}]}],
    "ranking": [{"by": "total"}],
}  # fmt: skip
KEPT = """([store, seat]) => new Promise((done, failed) => {
  const opening = indexedDB.open("gongjiang-desk");
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction(store).objectStore(store).index("seat").getAll(seat);
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.map((row) => [row.entry, row.aspect, row.text ?? row.value]));
    };
  };
})"""


class Scene:
    """One event of three entries, one judge, a server and a phone."""

    def __init__(self, stage, judge, seat, address, context) -> None:
        self.stage, self.judge, self.seat, self.address, self.context = stage, judge, seat, address, context

    async def page(self, path: str = ""):
        page = await self.context.new_page()
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        await page.goto(f"{self.address}/desk/{self.seat}{path}")
        return page

    async def desk(self, path: str = "#A01"):
        page = await self.page(path)
        await ready(page)
        return page

    async def kept(self, page, store: str) -> list[list[str]]:
        """What the device itself holds for this seat in ``cells`` or ``drafts``: [entry, aspect, value]."""
        return await page.evaluate(KEPT, [store, str(self.seat)])

    async def device_holds(self, page, store: str, *wanted: list[str]) -> None:
        """Wait until it does: what is on its way to the device may be lost with the tab, what is there may not."""
        held: list[list[str]] = []
        for _ in range(300):
            held = await self.kept(page, store)
            if all(one in held for one in wanted):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"the device holds {held}, never all of {wanted}")

    async def rows(self) -> list[tuple[str, str, int, str | None]]:
        """All versions that the server holds."""
        found = await fetch(
            "SELECT n.code, m.aspect, m.version, m.value FROM mark m JOIN entry n ON n.id = m.entry WHERE m.seat = $1"
            " ORDER BY n.code, m.aspect, m.version", self.seat,
        )  # fmt: skip
        return [tuple(row) for row in found]

    async def rows_become(self, wanted: Sequence[tuple[str, str, int, str | None]]) -> None:
        for _ in range(300):
            if await self.rows() == wanted:
                return
            await asyncio.sleep(0.1)
        assert await self.rows() == wanted


def address_of(db) -> str:
    """The URL of a test's own database, for another process."""
    config = db.config
    if "dsn" in config:
        return config["dsn"]
    return f"postgresql://{config['user']}@{config['host']}:{config['port']}/{config['database']}"


@asynccontextmanager
async def a_scene(db, **options):
    from playwright.async_api import async_playwright

    house = await House().build()
    stage = await support.event(house, rules=RULES)
    for code in ("A01", "A02", "A03"):
        await support.entry(house, stage, code)
    await support.panel(house, stage, "实操", ["P1", "P2", "J1"], ["J1"])
    judge, seat = stage.judges["J1"], stage.seats["实操", "J1"]
    token = await open_session(judge.account, state="signed_in")
    url = address_of(db)
    async with live_server(url) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = patient(await browser.new_context(**{**PHONE, **options}))
        cookie = {
            "name": COOKIE,
            "value": token,
            "domain": "127.0.0.1",
            "path": "/",
            "secure": True,
            "httpOnly": True,
            "sameSite": "Lax",
        }
        await context.add_cookies([cookie])  # type: ignore[list-item]
        yield Scene(stage, judge, seat, address, context)
        await browser.close()


async def tap(page, keys: str) -> None:
    for key in keys:
        await page.locator(f".keys [data-key='{key}']").tap()


async def ready(page) -> None:
    await page.wait_for_selector("#desk[data-ready]", state="attached")


async def strip_says(page, state: str, *words: str) -> None:
    """Wait until the strip shows a state (ok, warn, bad) and says these words."""
    from playwright.async_api import expect

    shown = page.locator(f".sync.narrow-only.s-{state}")
    for one in words:
        await expect(shown).to_contain_text(one, use_inner_text=True)
