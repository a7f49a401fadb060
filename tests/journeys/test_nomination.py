"""A contact nominates in Chromium, at a desk and on a phone, with text of real length: refused with the list, mended, handed in.

``GONGJIANG_PICTURES=folder`` keeps the pictures that the guide shows.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, transaction
from foundation.web.sessions import COOKIE, open_session
from honours.nominations.counting import count
from honours.nominations.moving import move_nomination
from tests.honours.nominations import support
from tests.honours.nominations.conftest import people_of
from tests.journeys.desk_scene import CHROMIUM, address_of
from tests.support.browsing import patient
from tests.support.live import live_server
from tests.support.people import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]
PICTURES = os.environ.get("GONGJIANG_PICTURES")
if PICTURES:
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
SUMMARY = (
    "冯壬和，宁国示范密封件股份有限公司硫化车间大班长，高级技师。从业十八年，先后主持“模压飞边一次成型”等技改十一项，三项获省级职工技术"
    "成果奖，累计为企业节约成本四百二十余万元；带出徒弟二十六名，其中技师九名。面对进口密封圈断供，他带领班组连续四十三天驻守产线，完成替代"
    "配方验证，使主机厂恢复供货；他编写的《硫化作业十六步法》在三家兄弟企业推广，被职工称作“看得懂、学得会、用得上”的口袋书。"
)
DEEDS = (SUMMARY + "\n") * 11
WIDTHS = {"desk": {"viewport": {"width": 1440, "height": 900}}, "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}}  # fmt: skip


class Scene:
    def __init__(self, address, browser, people, round_, worker, tokens) -> None:
        self.address, self.browser, self.people, self.round_, self.worker, self.tokens = (
            address, browser, people, round_, worker, tokens
        )  # fmt: skip
        self.errors: list[str] = []

    async def page(self, who: str, **options):
        context = patient(await self.browser.new_context(base_url=self.address, locale="zh-CN", **options))
        cookie = {"name": COOKIE, "value": self.tokens[who], "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}  # fmt: skip
        await context.add_cookies([cookie])
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page


@asynccontextmanager
async def a_scene(db):
    from playwright.async_api import async_playwright

    async with transaction():
        await fetch('INSERT INTO season_clock (id, "offset") VALUES (1, $1::timestamptz - now())', support.NOW)
        async with moved_to(support.NOW):
            house = await House().build()
            await fetch(
                "UPDATE organisation SET unit_name = '宁国示范密封件股份有限公司', unit_type = '170', industry = 'C' WHERE id = $1",
                house.organisations["yi"],
            )
            people = await people_of(house)
            await support.calendar_2026()
            round_ = await support.Round(house).build()
            worker = await support.worker(house, at="yi", is_migrant=True, evidence="劳动合同岗位：硫化工")
            tokens = {}
            for name in ("zhou", "ningguo", "city"):
                tokens[name] = await open_session(getattr(people, name).account, state="signed_in")
    async with live_server(address_of(db), GONGJIANG_DEMO="1") as address, async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Scene(address, browser, people, round_, worker, tokens)
        await browser.close()


@pytest.fixture
async def scene(committed):
    async with a_scene(committed) as made:
        yield made


async def shot(page, name: str, *, full: bool = True) -> None:
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=full)


async def fill_part(page, part: str, **values: str) -> None:
    """Type into one part and save it; on the phone its row is opened first."""
    box = page.locator(f"#part-{part}")
    if not await box.evaluate("one => one.open"):
        await box.locator("summary").first.click()
    for name, value in values.items():
        field = box.locator(f"[name='{name}']").first
        kind = await field.evaluate("one => one.tagName + ':' + one.type")
        if kind.startswith("SELECT"):
            await field.select_option(value)
        elif kind.endswith(":radio"):
            await box.locator(f"[name='{name}'][value='{value}']").check()
        elif kind.endswith(":checkbox"):
            await field.check()
        else:
            await field.fill(value)
    async with page.expect_navigation():
        await box.locator("form[action*='/sections/'] .form-acts button").first.click()


async def upload(page, kind: str, name: str, body: bytes) -> None:
    form = page.locator("form.upload")
    await form.locator("[name=kind]").select_option(kind)
    await form.locator("[name=file]").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": body})
    async with page.expect_navigation():
        await form.locator("button[type=submit]").click()


@pytest.mark.parametrize("width", list(WIDTHS))
async def test_a_contact_nominates_is_refused_mends_and_hands_in(scene, width):
    page = await scene.page("zhou", **WIDTHS[width])
    await page.goto("/nominations")
    await shot(page, f"list-{width}")
    await page.get_by_role("link", name="推荐 宣城市五一劳动奖章").click()
    await page.locator("[name=q]").last.fill("frh")
    await page.get_by_role("button", name="查找").click()
    await shot(page, f"new-{width}")
    await page.get_by_role("button", name="推荐 冯壬和").click()
    await page.wait_for_selector("h1")
    await shot(page, f"fresh-{width}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling"

    long = SUMMARY * 4
    if width == "phone":
        await page.locator("#part-deeds summary").click()
    await page.locator("#f-summary").fill(long)
    from playwright.async_api import expect

    await expect(page.locator("[data-counted='f-summary']")).to_have_text(
        f"{count(long)} / 500"
    )  # as the server counts
    await expect(page.locator("#kept")).to_contain_text("草稿已存")
    assert f"现 {count(long)} 字" in await page.locator("#checks").inner_text()

    await page.reload()
    assert await page.locator("#f-summary").input_value() == long, "what was typed and not saved is there again"
    await fill_part(page, "deeds", summary=long, deeds=DEEDS)
    await fill_part(
        page, "basic", native_place="安徽宁国", post="硫化车间大班长", address="宁国市示例路1号", postcode="242300", joined_work="2007-07"
    )  # fmt: skip
    await fill_part(page, "history", resume="2007.07—至今　宁国示范密封件股份有限公司　硫化工、大班长")
    await fill_part(page, "record", sanctions="无")
    await fill_part(
        page, "procedure", meeting="congress", held_on="2026-03-27", called="86", present="55", agreed="53", notice_from="2026-03-30"
    )  # fmt: skip
    said = await page.locator("#part-procedure").inner_text()
    assert "实到须不少于应到的三分之二：⌈86×2/3⌉ = 58 人，现 55 人，差 3 人" in said
    await shot(page, f"refused-{width}")
    row = await fetchrow("SELECT id, version, stage FROM nomination")
    assert row is not None
    refused = await page.request.post(
        f"/nominations/{row['id']}/submission", form={"version": str(row["version"]), "_csrf_token": await page.locator("[name=_csrf_token]").first.input_value()}, headers={"Origin": scene.address}
    )  # fmt: skip
    assert refused.status == 422
    for words in ("超出", "缺岗位证明", "实到须不少于应到的三分之二", "缺公开同意书"):
        assert words in await refused.text(), words

    await fill_part(page, "deeds", summary=SUMMARY)
    await fill_part(
        page, "identity", category="industrial_worker", evidence="劳动合同岗位：硫化工", unit_class="enterprise"
    )
    await fill_part(page, "procedure", present="81", agreed="78", no_objection="true")
    for kind, name in (("congress_minutes", "纪要-0327.pdf"), ("notice_scan", "公示件.pdf"), ("post_proof", "岗位证明.pdf"), ("household", "户口本.pdf")):  # fmt: skip
        await upload(page, kind, name, support.PDF)
    box = page.locator("#part-consent")
    if not await box.evaluate("one => one.open"):
        await box.locator("summary").first.click()
    await page.locator("#f-portrait").set_input_files(
        {"name": "照片.png", "mimeType": "image/png", "buffer": support.picture()}
    )
    async with page.expect_navigation():
        await page.get_by_role("button", name="上传照片").click()
    if not await box.evaluate("one => one.open"):
        await box.locator("summary").first.click()
    await page.locator("#f-signed_on").fill(date(2026, 4, 10).isoformat())
    async with page.expect_navigation():
        await box.get_by_role("button", name="登记").click()
    assert "都齐了" in await page.locator("#checks").inner_text()
    await shot(page, f"ready-{width}")
    page.on("dialog", lambda dialog: dialog.accept())
    async with page.expect_navigation():
        await page.locator("form[action$='/submission'] button:visible").first.click()
    row = await fetchrow("SELECT number, stage FROM nomination")
    assert row is not None
    assert (row["number"], row["stage"]) == ("XC-2026-JZ-0001", "county")
    await shot(page, f"handed-in-{width}")
    assert scene.errors == []


async def test_what_is_typed_before_the_scripts_are_there_and_what_could_not_be_sent_is_kept(scene):
    import asyncio

    from playwright.async_api import expect

    page = await scene.page("zhou", **WIDTHS["desk"])
    await page.goto("/nominations")
    await page.get_by_role("link", name="推荐 宣城市五一劳动奖章").click()
    await page.locator("[name=q]").last.fill("frh")
    await page.get_by_role("button", name="查找").click()
    await page.get_by_role("button", name="推荐 冯壬和").click()
    await page.wait_for_selector("h1")

    typed = asyncio.Event()

    async def late(route):
        await typed.wait()
        await route.continue_()

    refused = []

    async def first_fails(route):
        if not refused:
            refused.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/static/htmx*.js", late)
    await page.route("**/drafts/deeds", first_fails)
    await page.goto(page.url, wait_until="commit")
    await page.locator("#f-summary").fill("先于脚本写下的事迹")
    typed.set()
    await expect(page.locator("#kept")).to_contain_text("草稿已存", timeout=60_000)
    assert len(refused) == 1, "the first attempt was lost on the way"
    await page.reload()
    assert await page.locator("#f-summary").input_value() == "先于脚本写下的事迹"


async def test_a_return_leads_to_its_fields_and_the_reviewer_sees_what_changed(scene):
    from honours.nominations.operations import hand_in

    async with transaction(), moved_to(support.NOW):
        it = await support.complete(
            scene.round_,
            scene.people.zhou,
            scene.worker,
            basic__post="硫化工",
            deeds__summary=SUMMARY,
            deeds__deeds=DEEDS,
        )
        await fetch(
            "INSERT INTO material (id, nomination, kind, file, note, made_at) SELECT gen_random_uuid(), nomination, 'household', file, '', made_at FROM material LIMIT 1"
        )
        version = (await fetch("SELECT version FROM nomination"))[0]["version"]
        await hand_in(scene.people.zhou, it, version=version)
        await move_nomination(
            scene.people.ningguo, it, "return", opinion="大班长是否属中层请附证明；职代会实到人数与签到表不一致"
        )
    page = await scene.page("zhou", **WIDTHS["desk"])
    await page.goto(f"/nominations/{it}")
    assert "剩 3 个工作日" in await page.locator(".returned-note").inner_text()
    await fill_part(page, "procedure", present="55", agreed="53")
    await page.goto(f"/nominations/{it}")
    await shot(page, "returned-desk")
    phone = await scene.page("zhou", **WIDTHS["phone"])
    await phone.goto(f"/nominations/{it}")
    await shot(phone, "returned-phone", full=False)
    await fill_part(page, "procedure", present="80", agreed="78")
    page.on("dialog", lambda dialog: dialog.accept())
    async with page.expect_navigation():
        await page.locator("form[action$='/submission'] button:visible").first.click()
    officer = await scene.page("ningguo", **WIDTHS["desk"])
    await officer.goto(f"/nominations/{it}/changes")
    body = await officer.locator("main").inner_text()
    assert "81" in body
    assert "80" in body
    await shot(officer, "changes-desk")
    await officer.goto(f"/nominations/{it}/vetting")
    await officer.get_by_role("button", name="登记发函").click()
    await shot(officer, "vetting-desk")
    await officer.goto("/nominations/clearances")
    assert "冯壬和" in await officer.locator("main").inner_text()
    await shot(officer, "clearances-desk")
    await officer.goto("/nominations?lang=en")
    await shot(officer, "officers-desk")
    assert scene.errors == []
