"""A city officer decides, issues and publishes in Chromium; the public finds the name by 拼音 and verifies its certificate; two
officers revoke it, and it vanishes while the certificate says 已撤销.

Pictures are kept where ``GONGJIANG_PICTURES`` names a folder.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from foundation.assets import PACKAGES
from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.jobs.worker import do_job
from foundation.web.sessions import COOKIE, open_session
from main import create_app
from tests.honours.support import DECIDED, Ready
from tests.journeys.desk_scene import CHROMIUM, address_of
from tests.publications.certificates.support import code_of
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
AXE = PACKAGES / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("GONGJIANG_PICTURES", "")
NAMES = ("孙惊蛰", "李春分", "周清明", "吴谷雨", "郑立夏", "王小满", "冯芒种", "陈夏至", "褚小暑")
SCAN = {"name": "判决书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}


class Scene:
    """The site, a browser, and pages of whoever is asked for; every page that answers is looked at by axe and for its width."""

    def __init__(self, address: str, browser, ready: Ready, tokens: dict[str, str]) -> None:
        self.address, self.browser, self.ready, self.tokens = address, browser, ready, tokens

    async def page(self, who: str | None, *, width: int = 1440):
        context = patient(await self.browser.new_context(base_url=self.address, locale="zh-CN", viewport={"width": width, "height": 900}))  # fmt: skip
        if who:
            await context.add_cookies([{"name": COOKIE, "value": self.tokens[who], "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}])  # fmt: skip
        return await context.new_page()


@pytest.fixture
async def scene(committed):
    from playwright.async_api import async_playwright

    async with transaction():
        await fetch('INSERT INTO season_clock (id, "offset") VALUES (1, $1::timestamptz - now())', DECIDED)
        async with moved_to(DECIDED):
            ready = Ready(await House().build())
            await ready.build(notice=False)
            for n, name in enumerate(NAMES):
                await ready.person(name, at="yi" if n % 2 else "jia", post="示例技师")
            await ready.open_notice()
            wu = await ready.house.person("wu", "county_officer", at="ningguo")
            people = {"city": ready.city, "second": ready.second, "county": wu}
            tokens = {name: await open_session(one.account, state="signed_in") for name, one in people.items()}
    async with live_server(address_of(committed), GONGJIANG_DEMO="1") as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Scene(address, browser, ready, tokens)
        await browser.close()


async def looked_at(page, name: str) -> None:
    """The page fits its window, its headings step by one, axe finds nothing; a picture where they are kept."""
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    levels = await page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter(h => h.checkVisibility()).map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1, (name, levels)
    assert all(after - before <= 1 for before, after in pairwise(levels)), (name, levels)
    if AXE.exists():
        await page.evaluate(AXE.read_text())
        found = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
        assert [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]] == [], name


async def opened(page, path: str, name: str) -> None:
    answer = await page.goto(path)
    assert answer.status == 200, path
    await looked_at(page, name)


async def pressed(page, button: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=button, exact=True).first.click()


async def decide_and_publish(scene: Scene) -> None:
    page = await scene.page("city")
    await opened(page, "/honours/decisions", "officer-decisions")
    async with page.expect_navigation():
        await page.get_by_role("link", name="起草决定").click()
    await looked_at(page, "officer-decision-form")
    await page.fill("[name=roll_title]", "宣城市五一劳动奖")
    await page.fill("[name=decided_on]", "2026-04-24")
    await pressed(page, "保存并生成名单")
    await looked_at(page, "officer-decision-draft")
    assert await fetchval("SELECT count(*) FROM decision_line") == 14  # 3 and 9 people, a unit, a team
    await pressed(page, "印发")
    assert "宣工〔2026〕1号" in await page.inner_text("main")
    await pressed(page, "公布荣誉册")
    assert "荣誉册已公布" in await page.inner_text("main")
    await looked_at(page, "officer-decision-published")
    for path, name in (("/honours/ledger", "ledger"), ("/honours/ledger/imports", "imports"), ("/honours/revocations", "revocations")):  # fmt: skip
        await opened(page, path, f"officer-{name}")
    await page.context.close()


async def verdict(scene: Scene, number: str, code: str) -> str:
    page = await scene.page(None)
    await page.goto("/verify")
    await page.fill("[name=number]", number)
    await page.fill("[name=code]", code)
    await pressed(page, "查验")
    said = await page.inner_text("h1")
    await page.context.close()
    return said


async def find_by_pinyin(scene: Scene) -> str:
    """The address of the entry's page."""
    page = await scene.page(None)
    await opened(page, "/honours", "list")
    await page.fill("input[name=q]", "qys")
    async with page.expect_navigation():
        await page.press("input[name=q]", "Enter")
    assert "赵立春" not in await page.inner_text("main")
    async with page.expect_navigation():
        await page.get_by_role("link", name="钱雨水").click()
    assert "宣工〔2026〕1号" in await page.inner_text("main")
    await looked_at(page, "entry")
    where = page.url
    await page.context.close()
    return where


async def revoke(scene: Scene, entry) -> None:
    """The county reports and gives its opinion; one officer of the city proposes, another decides."""
    page = await scene.page("county")
    await opened(page, f"/honours/revocations/new?entry={entry}", "officer-revocation-form")
    await page.locator("[name=cause][value=sentenced]").check()
    await page.fill("[name=facts]", "示例：判决已生效。")
    await page.set_input_files("[name=file]", SCAN)
    await pressed(page, "上报")
    where = page.url
    await page.fill("#opinion-endorse", "属实")
    await pressed(page, "县区意见")
    await page.context.close()
    for who, word in (("city", "提出撤销"), ("second", "决定撤销")):
        page = await scene.page(who)
        await opened(page, where, f"officer-revocation-{who}")
        if who == "city":
            await page.fill("#opinion-propose", "拟撤销")
        else:
            await page.fill("[name=decided_on]", "2026-04-24")
            await page.fill("[name=public_reason]", "判处刑罚")
        await pressed(page, word)
        if who == "city":  # whoever proposed is shown no way to decide
            assert await page.get_by_role("button", name="决定撤销").count() == 0
            assert "须由另一位负责人决定" in await page.inner_text("main")
        else:
            await looked_at(page, "officer-revocation-revoked")
            assert "已撤销" in await page.inner_text("main"), await page.inner_text("main")
        await page.context.close()


async def test_decided_published_found_verified_and_gone_after_the_revocation(scene):
    await decide_and_publish(scene)
    for width in (1440, 390):
        page = await scene.page(None, width=width)
        for path, name in (
            ("/", "home"), ("/honours/rolls/2026-1", "roll"), ("/honours/rolls/2026-1?view=table", "table"),
            ("/honours/statistics", "statistics"), ("/honours/rolls/2026-1?lang=en", "roll-en"),
        ):  # fmt: skip
            await opened(page, path, f"{name}-{width}")
        await page.context.close()
    page = await scene.page(None, width=1920)
    await opened(page, "/honours/wall?paused=1", "wall")
    await page.context.close()

    where = await find_by_pinyin(scene)
    create_app()  # the jobs' handlers are known once the wings are
    for job in await fetch("SELECT id FROM job WHERE kind = 'certificates.render'"):
        async with moved_to(DECIDED):
            await do_job(job["id"])
        assert await fetchval("SELECT state FROM job WHERE id = $1", job["id"]) == "done"
    held = await fetchrow("SELECT e.id, c.number FROM roll_entry e JOIN certificate c ON c.subject = e.id WHERE e.name = '钱雨水'")  # fmt: skip
    assert held is not None
    code = await code_of(held["number"])
    assert await verdict(scene, held["number"], code) == "有效"

    await revoke(scene, held["id"])
    page = await scene.page(None)  # nothing of it is kept in this one's cache
    answer = await page.goto(where)
    assert answer.status == 404
    await opened(page, "/honours/rolls/2026-1", "roll-after")
    assert "钱雨水" not in await page.inner_text("main")
    await page.context.close()
    assert await verdict(scene, held["number"], code) == "已撤销"
    assert await fetchval("SELECT stage FROM revocation") == "revoked"
