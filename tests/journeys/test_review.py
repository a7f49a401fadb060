"""Gates, board, secret ballot and notice in Chromium: county officer, contact, city officer, reviewer on a phone, and the public.

``GONGJIANG_PICTURES=folder`` keeps the pictures.
"""

from __future__ import annotations

import os
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from foundation.assets import PACKAGES
from foundation.clock import moved_to
from foundation.database import fetch, fetchval, transaction
from foundation.web.sessions import COOKIE, open_session
from honours.cycles.schemas import Condition, Constraint, Predicate
from honours.review import voting
from tests.honours.nominations import support
from tests.honours.review.conftest import MEDAL, Panel, panel_of
from tests.journeys.desk_scene import CHROMIUM, address_of
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
AXE = PACKAGES / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("GONGJIANG_PICTURES")
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WORKERS = Predicate(all=(Condition(field="category", values=("industrial_worker",)),))
FLOOR = Constraint(code="workers", label="产业工人", subset=WORKERS, op="min", percent="35", rule="H20")
RETURNED = "大班长是否属中层请附证明"


class Scene:
    def __init__(self, address, browser, panel: Panel, round_id: UUID, tokens: dict[str, str]) -> None:
        self.address, self.browser, self.panel, self.round_id, self.tokens = address, browser, panel, round_id, tokens
        self.errors: list[str] = []

    @property
    def award(self) -> str:
        return f"/honours/cycles/{self.panel.round.cycle}/awards/{self.panel.award}"

    async def page(self, who: str | None, *, theme: str = "", **options):
        context = patient(await self.browser.new_context(base_url=self.address, locale="zh-CN", **options))
        common = {"domain": "127.0.0.1", "path": "/"}
        if who:
            await context.add_cookies([{"name": COOKIE, "value": self.tokens[who], "secure": True, "httpOnly": True, **common}])  # fmt: skip
        if theme:
            await context.add_cookies([{"name": "theme", "value": theme, **common}])
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page


async def sound(page, name: str) -> None:
    """Nothing that axe objects to, nothing to scroll sideways; a picture where pictures are kept."""
    if AXE.exists():
        await page.evaluate(AXE.read_text())
        found = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']})")
        assert [f"{v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]] == [], name
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def built() -> tuple[Panel, UUID]:
    """Two whole dossiers at the county; three at the city, one of them unasked about; one worker held in reserve, whole too."""
    await support.calendar_2026()
    panel = await panel_of(await House().build(), reviewers=3)
    rules = support.rule_set()
    awards = tuple(
        msgspec.structs.replace(one, composition=(FLOOR,)) if one.honour == MEDAL else one for one in rules.awards
    )
    await panel.round.put_rules(msgspec.structs.replace(rules, awards=awards))
    for name in ("韩丁远", "杨戊行"):
        await panel.nominee(name, category="other_frontline")
    await fetch("DELETE FROM clearance WHERE nomination = $1", panel.nominees["杨戊行"])
    round_id = await panel.opened()
    for one in panel.reviewers[1:]:
        await voting.cast(one, round_id, dict.fromkeys(panel.nominees.values(), 1))
    for name in ("冯壬和", "何乙宁"):
        await panel.whole(name)
    await panel.whole("施丙和", role="substitute", stage="reserved")
    return panel, round_id


@asynccontextmanager
async def a_scene(db):
    from playwright.async_api import async_playwright

    async with transaction():
        await fetch('INSERT INTO season_clock (id, "offset") VALUES (1, $1::timestamptz - now())', support.NOW)
        async with moved_to(support.NOW):
            panel, round_id = await built()
            people = {
                "county": panel.ningguo, "city": panel.city, "reviewer": panel.reviewers[0],
                "contact": panel.house.actors["contact_yi"],
            }  # fmt: skip
            tokens = {who: await open_session(one.account, state="signed_in") for who, one in people.items()}
    async with live_server(address_of(db), GONGJIANG_DEMO="1") as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Scene(address, browser, panel, round_id, tokens)
        await browser.close()


@pytest.fixture
async def scene(committed):
    async with a_scene(committed) as made:
        yield made


async def stage_of(scene: Scene, name: str) -> str:
    return await fetchval("SELECT stage FROM nomination WHERE id = $1", scene.panel.nominees[name])


async def test_from_the_countys_desk_to_the_public_notice(scene):
    await county_accepts_one_and_returns_another(scene)
    await the_contact_sees_the_return(scene)
    await the_city_tries_a_swap(scene)
    await a_reviewer_votes_and_the_chair_closes(scene)
    await the_plan_is_adopted(scene)
    await the_notice_opens(scene)
    assert scene.errors == []


async def county_accepts_one_and_returns_another(scene: Scene) -> None:
    page = await scene.page("county", **DESK)
    await page.goto("/honours/review")
    await sound(page, "county-list")
    await page.get_by_role("link", name="冯壬和").click()
    await sound(page, "county-nominee")
    form = page.locator("form[action$='/acceptance']")
    await form.locator("[name=opinion]").fill("材料齐全，程序合规，同意推荐。")
    async with page.expect_navigation():
        await form.get_by_role("button").click()
    assert await stage_of(scene, "冯壬和") == "city"

    await page.goto(f"/honours/review/{scene.panel.nominees['何乙宁']}")
    await page.locator("details", has_text="退回单位补正").locator("summary").first.click()
    form = page.locator("form[action$='/return']")
    async with page.expect_navigation():
        await form.get_by_role("button").click()
    assert "请写明理由" in await page.locator("main").inner_text()
    assert await stage_of(scene, "何乙宁") == "county", "without a reason nothing goes back"
    await page.locator("form[action$='/return'] [name=opinion]").fill(RETURNED)
    async with page.expect_navigation():
        await page.locator("form[action$='/return']").get_by_role("button").click()
    assert await stage_of(scene, "何乙宁") == "returned"


async def the_contact_sees_the_return(scene: Scene) -> None:
    page = await scene.page("contact", **DESK)
    await page.goto(f"/nominations/{scene.panel.nominees['何乙宁']}")
    said = await page.locator(".returned-note").inner_text()
    assert RETURNED in said
    assert "剩 3 个工作日" in said


async def the_city_tries_a_swap(scene: Scene) -> None:
    """Three first choices want ⌈35 % × 3⌉ = 2 workers; one is there, the substitute is the second."""
    page = await scene.page("city", **DESK)
    await page.goto(scene.award + "/composition")
    await sound(page, "board")
    bars = page.locator(".limits > li").first
    assert re.search(r"1\s*≥\s*2", await bars.inner_text())
    reasons = await page.locator("section.card", has=page.get_by_role("heading", name="不能公示的原因")).inner_text()
    assert "产业工人缺 1（35% × 3 = 1.05 → 2）" in reasons
    assert "杨戊行：征求意见未齐（1 个部门）" in reasons
    assert await page.get_by_role("link", name="提交公示").count() == 0

    await page.goto(scene.award + "/composition?view=chosen")
    await page.locator("tr", has_text="韩丁远").get_by_role("link", name="移出").click()
    await page.locator(".try.is-on", has_text="韩丁远").wait_for()
    await page.goto(page.url.replace("view=chosen", "view=reserve"))
    await page.locator("tr", has_text="施丙和").get_by_role("link", name="补入").click()
    await page.locator(".try.is-on", has_text="施丙和").wait_for()
    tried = await page.locator(".try.is-on").inner_text()
    assert re.search(r"1 → 2\s*≥ 2", tried)
    assert "换后 1 条全部满足" in tried
    assert {await stage_of(scene, "韩丁远"), await stage_of(scene, "施丙和")} == {"city", "reserved"}, (
        "a try moves nobody"
    )

    dark = await scene.page("city", theme="dark", **DESK)
    await dark.goto(page.url)
    assert await dark.evaluate("getComputedStyle(document.body).backgroundColor") != await page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
    )
    await sound(dark, "board-dark")
    async with page.expect_navigation():
        await page.locator("form[action$='/plans']").get_by_role("button", name="提交复议").click()
    assert tuple((await fetch("SELECT letter, stage FROM composition_plan"))[0]) == ("A", "submitted")
    assert await stage_of(scene, "施丙和") == "reserved", "before the panel answers nobody is moved"
    await page.goto(scene.award + "/notice")
    assert "还不能公示" in await page.locator("main").inner_text()
    await sound(page, "notice-blocked")


async def a_reviewer_votes_and_the_chair_closes(scene: Scene) -> None:
    phone = await scene.page("reviewer", **PHONE)
    await phone.goto("/honours/my-rounds")
    await sound(phone, "my-rounds")
    await phone.get_by_role("link", name="复审投票").click()
    for name, choice in (("韩丁远", "反对"), ("杨戊行", "赞成")):
        await phone.locator(".paper-list > li", has_text=name).locator("label", has_text=choice).tap()
    await sound(phone, "ballot")
    async with phone.expect_navigation():
        await phone.get_by_role("button", name="投票").tap()
    assert await fetchval("SELECT count(*) FROM round_seat WHERE NOT voted") == 1, "unsure is not cast"
    assert await phone.locator(".paper-list > li", has_text="韩丁远").get_by_label("反对").is_checked()
    await phone.get_by_label("我已核对，确认投出").check()
    async with phone.expect_navigation():
        await phone.get_by_role("button", name="投票").tap()
    assert "您已投票，不能收回或更改" in await phone.locator("main").inner_text()
    await sound(phone, "voted")

    chair = await scene.page("city", **DESK)
    await chair.goto(f"/honours/rounds/{scene.round_id}")
    await sound(chair, "chair")
    said = await chair.locator("main").inner_text()
    assert "3 / 3" in said
    assert await chair.locator("main table").count() == 0, "who voted, never what"
    assert not re.search(r"得票|结论|弃权|赞成\s*\d", said)
    async with chair.expect_navigation():
        await chair.get_by_role("button", name="结束并计票").click()
    result = chair.locator("section.card", has=chair.get_by_role("heading", name="结果"))
    rows = [re.split(r"\s+", row.strip()) for row in await result.locator("tbody tr").all_inner_texts()]
    assert {row[1]: row[3:5] for row in rows} == {"杨戊行": ["3", "0"], "韩丁远": ["2", "1"]}, (
        "yes and no, nobody's name"
    )
    assert "expert" not in await result.inner_text()
    await sound(chair, "result")


async def the_plan_is_adopted(scene: Scene) -> None:
    """The panel's record is written down; one press moves both: who goes into the reserve, who is called from it (H16)."""
    minutes = "4月15日评审组复议，到会5人，同意5票。"
    page = await scene.page("city", **DESK)
    await page.goto(scene.award + "/composition")
    await page.get_by_role("link", name="方案 A").click()
    form = page.locator("form[action$='/answer']")
    async with page.expect_navigation():
        await form.get_by_role("button", name="采用并调整名单").click()
    assert "请写明评审组复议的结论和记录" in await page.locator("main").inner_text(), "no record, no answer"
    assert await stage_of(scene, "施丙和") == "reserved"
    await form.locator("[name=minutes]").fill(minutes)
    await sound(page, "plan-answer")
    await form.get_by_role("button", name="采用并调整名单").click()
    await page.get_by_text("方案已采用，名单已调整").first.wait_for()
    assert [await stage_of(scene, name) for name in ("韩丁远", "施丙和")] == ["reserved", "selected"]
    assert re.search(r"2\s*≥\s*2", await page.locator(".limits > li").first.inner_text())
    await page.get_by_role("link", name="方案 A").click()
    await page.locator(".try", has_text="已采用").wait_for()
    assert minutes in await page.locator(".try").inner_text(), "the panel's record stands with the plan"
    assert await page.locator("form[action$='/answer']").count() == 0
    await sound(page, "plan-adopted")
    said = await fetchval(
        "SELECT opinion FROM gate_opinion WHERE nomination = $1 AND action = 'promote'", scene.panel.nominees["施丙和"]
    )
    assert said == f"方案 A 复议：{minutes}"


async def the_notice_opens(scene: Scene) -> None:
    """The panel's answer is carried out, the last opinion is in; nothing stands against the notice any more."""
    panel = scene.panel
    async with transaction(), moved_to(support.NOW):
        await panel.agreed(panel.nominees["杨戊行"], "police")
        for name in ("杨戊行", "冯壬和"):
            await fetch("UPDATE nomination SET stage = 'selected' WHERE id = $1", panel.nominees[name])
    page = await scene.page("city", **DESK)
    await page.goto(scene.award + "/composition")
    await page.get_by_role("link", name="提交公示").click()
    await sound(page, "notice")
    await page.locator("[name=address]").fill("宣城市示例路1号")
    await page.locator("[name=phone]").fill("0563-0000000")
    async with page.expect_navigation():
        await page.get_by_role("button", name="发布公示").click()
    notice = await fetchval("SELECT id FROM notice")
    assert notice is not None, await page.locator("main").inner_text()
    await sound(page, "notice-officer")

    visitor = await scene.page(None, **DESK)
    await visitor.goto(f"/notices/{notice}")
    await sound(visitor, "notice-public")
    body = await visitor.locator("main").inner_text()
    rows = await fetch("SELECT name, unit_name, post FROM nomination WHERE stage = 'noticed'")
    assert {row["name"] for row in rows} == {"施丙和", "杨戊行", "冯壬和"}
    for row in rows:
        for part in row:
            assert part in body, part
    for other in ("韩丁远", "何乙宁", support.PHONE, "产业工人", "3/3", "赞成"):
        assert other not in body, other
    assert not re.search(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)", await visitor.content())
