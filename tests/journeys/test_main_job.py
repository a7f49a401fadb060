"""The main job in a browser, from end to end: an enterprise registers, a judge marks on a phone, the chief judge
confirms and publishes, the public opens Explain my rank, the certificate verifies.

Everybody works in Chromium against a real server; expected figures come from the rules, reckoned here by hand.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import msgspec
import pyotp
import pytest

from commands.season import accounts, city
from competitions.judging.appointments import appoint
from competitions.judging.schemas import AppointIn, PanelIn, SeatIn
from competitions.judging.seating import make_panel, seat_judge
from competitions.programme.operations import create_competition, create_event, move_competition, move_event
from competitions.programme.rule_sets import save_rules
from competitions.programme.schemas import CompetitionForm, EventForm
from competitions.scoring.bundle import Rules
from foundation import clock
from foundation.assets import build
from foundation.crypto import unseal_secret
from foundation.database import fetch, fetchval
from foundation.jobs import worker
from publications import wing as publications
from publications.certificates import operations as certificates
from publications.certificates.papers import CODE_LABEL
from registry.accounts import second_factor
from tests.support import ROOT
from tests.support.browsing import patient
from tests.support.live import live_server

CHROMIUM = os.environ.get("GONGJIANG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PICTURES = ROOT / "docs/guide/images"
TAKE_PICTURES = os.environ.get("GONGJIANG_PICTURES") == "1"
RULES = {
    "modules": [
        {"code": "theory", "title": "理论", "weight": "0.3", "aspects": [{"code": "T1", "title": "理论笔试", "kind": "points", "max": "100", "step": "0.5"}]},
        {"code": "practical", "title": "实操", "weight": "0.7", "aspects": [
            {"code": "P1", "title": "焊接质量", "kind": "points", "max": "60", "step": "0.5"},
            {"code": "P2", "title": "工艺与安全", "kind": "judgement", "max": "40", "step": "1", "levels": ["不符合", "基本符合", "符合", "优秀"]}]},
    ],
    "ranking": [{"by": "total"}, {"by": "module:practical"}],
    "awards": {"tiers": [{"name": "一等奖", "count": 1}, {"name": "二等奖", "count": 1}]},
}  # fmt: skip
MARKS = {"A01": ("86.5", "52.5", "2"), "A02": ("80", "58", "3")}
"""Entry → theory, welding, level. A01: 52.5 + 2/3·40 = 79.17, 0.3·86.5 + 0.7·79.17 = 81.369 → 81.37;
A02: 58 + 40 = 98, 0.3·80 + 0.7·98 = 92.60, so the second to register wins."""


class Scene:
    """A server, a browser, and one event open for registration."""

    def __init__(self, address: str, browser, event: UUID) -> None:
        self.address, self.browser, self.event = address, browser, event
        self.errors: list[str] = []

    @asynccontextmanager
    async def person(self, login: str | None, viewport=DESK):
        """Somebody's own browser, signed in through the pages (password, then the second factor where it is due)."""
        context = patient(await self.browser.new_context(base_url=self.address, viewport=viewport, locale="zh-CN"))
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        if login:
            await page.goto("/sign-in")
            await page.fill("[name=login]", login)
            await page.fill("[name=password]", accounts.password_of(login))
            await page.click("main button[type=submit]")
            await page.wait_for_url(re.compile("home|second-factor"))
            if "second-factor" in page.url:
                sealed = await fetchval("SELECT totp_sealed FROM account WHERE login = $1", login)
                await page.fill("[name=code]", pyotp.TOTP(second_factor.open_secret(sealed)).now())
                await page.click("main button[type=submit]")
                await page.wait_for_url(re.compile("home"))
        yield page
        await context.close()


async def picture(page, name: str) -> None:
    """A picture for the guide, when they are asked for."""
    if TAKE_PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=str(PICTURES / f"{name}.png"))


async def _event() -> UUID:
    """An event with rules, open for registration now; its officials and one judge on one panel."""
    officer = await accounts.actor_of("shizong")
    assert officer.organisation is not None
    now = await clock.now()
    form = CompetitionForm(
        code="journey", title="宣城市示例职工焊接技能竞赛", level="city", organiser=officer.organisation,
        starts_on=now.date(), ends_on=now.date() + timedelta(days=30), venue="宣城示例职业技术学院",
    )  # fmt: skip
    competition = await create_competition(officer, form)
    await move_competition(officer, competition, "open")
    event_form = EventForm(
        code="journey-welder", title="焊工", entries_per_unit=2, registration_opens_at=now - timedelta(days=1),
        registration_closes_at=now + timedelta(days=3), starts_at=now + timedelta(days=3, hours=1),
        ends_at=now + timedelta(days=4),
    )  # fmt: skip
    event = await create_event(officer, competition, event_form)
    await save_rules(officer, event, msgspec.convert(RULES, Rules), based_on=0)
    await appoint(
        officer, event, AppointIn(account=(await accounts.actor_of("caipanzhang")).account, role="chief_judge")
    )
    panel = await make_panel(officer, event, PanelIn(title="评分组", aspects=("T1", "P1", "P2")))
    await seat_judge(officer, panel, SeatIn(account=(await accounts.actor_of("caipan")).account))
    await move_event(officer, event, "open_registration")
    return event


@pytest.fixture
async def scene(committed):
    from playwright.async_api import async_playwright

    from tests.journeys.desk_scene import address_of

    build()
    publications.register()  # its jobs are done in this process
    await city.load(random.Random(1))
    event = await _event()
    async with live_server(address_of(committed)) as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Scene(address, browser, event)
        await browser.close()


async def _register(page, who: str, nth: int) -> None:
    """The contact enters one worker of the own unit (the nth listed) and hands the entry in."""
    await page.goto("/entries")
    await page.click(f"form[action='/entries'] button:has-text('{who}')")
    await page.wait_for_url(re.compile(r"/entries/[0-9a-f-]{36}"))
    await page.locator("#candidates input[type=checkbox]").nth(nth).check()
    await page.click("button[value=add]")
    await page.wait_for_selector("table.entry-team")
    await page.click("button[value=submit]")
    await page.wait_for_selector("text=待审")


async def _accept(page, event: UUID) -> None:
    await page.goto(f"/events/{event}/entries")
    for box in await page.locator("input[form=accept][type=checkbox]").all():
        await box.check()
    await page.click("button[form=accept]")
    await page.wait_for_selector("text=A02")


async def _close_registration(event: UUID) -> None:
    """The window passes (the database's clock is not moved for the server); the officer turns to judging."""
    await fetch("UPDATE event SET registration_closes_at = now() - interval '1 minute' WHERE id = $1", event)
    await move_event(await accounts.actor_of("shizong"), event, "start_judging")


async def _mark(page) -> None:
    """The judge marks both entries with the thumb-sized pad, then signs with the finger."""
    await page.goto("/desk")
    await page.click("a[href^='/desk/']:has-text('焊工')")
    await page.wait_for_selector("#desk[data-ready]", state="attached")
    for n, (code, values) in enumerate(MARKS.items()):
        await page.wait_for_selector(f"h1:has-text('{code}')")
        for place, value in enumerate(values):
            await page.click(f"[data-aspect='{place}']")
            if place == 2:
                await page.click(f".levels [data-level='{value}']")
                continue
            for key in value:
                await page.click(f".keys [data-key='{key}']")
            if n == 0 and place == 1:
                await picture(page, "desk-390")
            await page.click("[data-do=next]")
        if n == 0:
            await page.click(".turns [data-entry='1']")
    for _ in range(600):  # six marks are on their way; what counts is what the server holds
        if await fetchval("SELECT count(*) FROM mark") == 6:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the six marks never arrived")


async def _sign(page) -> None:
    href = re.sub(r"#.*", "", page.url)
    await page.goto(href + "/sign")
    await page.locator("canvas.sign-pad").scroll_into_view_if_needed()
    box = await page.locator("canvas.sign-pad").bounding_box()
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    for step in range(1, 20):
        await page.mouse.move(box["x"] + 20 + 14 * step, box["y"] + 30 + (step % 4) * 20)
    await page.mouse.up()
    await picture(page, "sign-390")
    await page.click("button[form=sign]")
    await page.wait_for_selector("text=已签署锁定")


async def _publish(page, event: UUID) -> None:
    await page.goto(f"/events/{event}/standings")
    await picture(page, "standings")
    await page.click("button:has-text('确认成绩')")
    await page.wait_for_selector("button:has-text('发布成绩')")
    await page.click("button:has-text('发布成绩')")
    await page.wait_for_selector("text=看公开页")


async def test_from_registration_to_a_certificate_that_verifies(scene: Scene):
    async with scene.person("lianluo") as contact:
        await _register(contact, "焊工", 0)
        await picture(contact, "entry")
        await _register(contact, "焊工", 1)
    async with scene.person("shizong") as officer:
        await _accept(officer, scene.event)
        await picture(officer, "entries-accepted")
    await _close_registration(scene.event)
    async with scene.person("caipan", PHONE) as judge:
        await _mark(judge)
        await _sign(judge)
    stored = await fetch(
        "SELECT n.code, m.aspect, m.value FROM mark m JOIN entry n ON n.id = m.entry WHERE m.event = $1 ORDER BY 1, 2",
        scene.event,
    )
    wanted = [(c, a, v) for c, (t, p, level) in MARKS.items() for a, v in (("P1", p), ("P2", level), ("T1", t))]
    assert [tuple(row) for row in stored] == wanted
    async with scene.person("caipanzhang") as chief:
        await _publish(chief, scene.event)
    await _the_public_reads_and_verifies(scene)
    assert scene.errors == []


async def _the_public_reads_and_verifies(scene: Scene) -> None:
    async with scene.person(None) as visitor:
        await visitor.goto("/results/journey-welder")
        rows = visitor.locator("table.is-results tbody tr")
        first = await rows.nth(0).inner_text()
        second = await rows.nth(1).inner_text()
        assert "92.60" in first
        assert "一等奖" in first
        assert "81.37" in second
        assert "二等奖" in second
        await picture(visitor, "result")
        await rows.nth(1).locator("a:has-text('解释')").click()
        await visitor.wait_for_url(re.compile("explanation"))
        told = await visitor.locator(".drawer").inner_text()
        assert "26.67" in told  # 2 ÷ 3 × 40
        assert "79.17" in told  # the practical module
        assert "81.37" in told  # 0.3 × 86.5 + 0.7 × 79.17 = 81.369
        await picture(visitor, "explain")
    job = await fetchval("SELECT id FROM job WHERE kind = $1", certificates.RENDER)
    await worker.do_job(job)
    row = (await fetch("SELECT number, code_sealed, state, holder FROM certificate WHERE award = '一等奖'"))[0]
    assert row["state"] == "valid"
    code = unseal_secret(row["code_sealed"], label=CODE_LABEL)
    async with scene.person(None, PHONE) as visitor:
        await visitor.goto("/verify")
        await visitor.fill("[name=number]", row["number"].lower())
        await visitor.fill("[name=code]", code)
        await visitor.click("main form button[type=submit]")
        await visitor.wait_for_selector("h1:has-text('有效')")
        shown = await visitor.locator("main").inner_text()
        assert row["number"] in shown
        assert row["holder"] not in shown, "a stranger sees the name's ends only"
        await picture(visitor, "verify-390")
    async with scene.person("lianluo") as contact:
        await contact.goto("/certificates")
        assert row["number"] in await contact.locator("main").inner_text()
