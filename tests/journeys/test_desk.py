"""The judge's desk in Chromium at 390 px: with and without a network, with and without scripts. Each mark exactly once."""

from __future__ import annotations

import json
from uuid import uuid4

import msgspec
import pytest

from competitions.judging.operations import enter_marks
from competitions.judging.schemas import MarkIn
from foundation.database import fetch
from foundation.web.sessions import COOKIE, open_session
from tests.competitions import support
from tests.journeys.desk_scene import CHROMIUM, a_scene, ready, strip_says, tap

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine"),
]


@pytest.fixture
async def scene(committed):
    async with a_scene(committed) as made:
        yield made


async def test_marks_by_thumb_arrive_and_the_strip_says_so(scene):
    page = await scene.desk()
    await tap(page, "17.5")
    await page.locator("[data-do=next]").tap()
    await tap(page, "8")
    await page.locator("[data-do=next]").tap()
    await page.locator(".levels [data-level='2']").tap()
    await scene.rows_become([("A01", "J1", 1, "2"), ("A01", "P1", 1, "17.5"), ("A01", "P2", 1, "8")])
    await strip_says(page, "ok", "已存 1", "待传 0")
    assert scene.errors == []


async def test_keys_that_cannot_follow_are_off_and_a_blank_is_never_zero(scene):
    page = await scene.desk()
    await tap(page, "2")
    on = await page.locator(".keys [data-key]:not([disabled])").evaluate_all(
        "all => all.map((key) => key.dataset.key).sort().join('')"
    )
    assert on == ".0"
    await tap(page, "0")
    await page.locator("[data-do=back]").tap()
    await page.locator("[data-do=back]").tap()
    await page.locator("[data-do=next]").tap(force=True)  # nothing typed: it does nothing
    await page.locator("[data-do=skip]").tap()
    await tap(page, "7.5")
    await page.locator("[data-do=next]").tap()
    await scene.rows_become([("A01", "P2", 1, "7.5")])


async def test_offline_reload_kill_and_back_every_mark_exactly_once(scene):
    page = await scene.desk()
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.reload()  # now the worker has the page
    await ready(page)
    await tap(page, "11")
    await page.locator("[data-do=next]").tap()
    await scene.rows_become([("A01", "P1", 1, "11")])

    await scene.context.set_offline(True)
    await tap(page, "9.5")
    await page.locator("[data-do=next]").tap()
    await page.locator(".levels [data-level='3']").tap()
    await strip_says(page, "warn", "离线作答中", "待传 1")
    await scene.device_holds(page, "cells", ["A01", "P2", "9.5"], ["A01", "J1", "3"])

    await page.reload()
    await ready(page)
    await strip_says(page, "warn", "待传 1")
    await page.locator(".turns [data-entry='1']").tap()
    await tap(page, "6")
    await scene.device_holds(page, "drafts", ["A02", "P1", "6"])
    await page.close(run_before_unload=False)  # the tab is killed with "6" on the pad, not yet confirmed

    page = await scene.context.new_page()
    await page.goto(f"{scene.address}/desk/{scene.seat}#A02")
    await ready(page)
    shown = await page.locator(".pad-show").inner_text()
    assert shown == "6", ("what stood on the pad is there again", await scene.kept(page, "drafts"))
    await page.locator("[data-do=next]").tap()
    assert await scene.rows() == [("A01", "P1", 1, "11")], "nothing can have arrived yet"

    await scene.context.set_offline(False)
    await scene.rows_become(
        [("A01", "J1", 1, "3"), ("A01", "P1", 1, "11"), ("A01", "P2", 1, "9.5"), ("A02", "P1", 1, "6")]
    )
    await page.wait_for_selector(".sync.narrow-only.s-ok")
    keys = await fetch("SELECT count(*) AS n FROM idempotency_key")
    trail = await fetch("SELECT body FROM trail_entry WHERE action = 'marks.entered'")
    told = [mark for row in trail for mark in msgspec.json.decode(row["body"])["marks"]]
    assert len(told) == 4
    assert keys[0]["n"] == len(trail)


async def test_an_answer_that_is_lost_does_not_make_a_second_mark(committed):
    async with a_scene(committed, service_workers="block") as scene:
        await lose_two_answers(scene)


async def lose_two_answers(scene) -> None:
    page = await scene.desk()
    lost = {"n": 0}

    async def lose(route):
        if lost["n"] < 2:  # the server works, the answer never comes
            lost["n"] += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/marks", lose)
    await tap(page, "12.5")
    await page.locator("[data-do=next]").tap()
    await page.wait_for_selector(".sync.narrow-only.s-warn")
    await page.wait_for_selector(".sync.narrow-only.s-ok")
    assert lost["n"] == 2
    assert await scene.rows() == [("A01", "P1", 1, "12.5")]


async def test_two_versions_are_both_shown_and_the_judge_chooses(scene):
    page = await scene.desk()
    await scene.context.set_offline(True)
    await tap(page, "15")
    await page.locator("[data-do=next]").tap()
    await strip_says(page, "warn", "待传 1")
    other = (MarkIn(entry="A01", aspect="P1", value="14", base=0),)
    await enter_marks(scene.judge, scene.seat, other, key=uuid4())
    await scene.context.set_offline(False)
    await page.wait_for_selector(".aspect.is-two")
    await page.locator("[data-aspect='0']").first.tap()
    words = await page.locator(".versions").inner_text()
    assert "15.0" in words
    assert "14.0" in words
    assert await scene.rows() == [("A01", "P1", 1, "14")], "nobody chose yet"
    await page.locator("[data-choose=mine]").tap()
    await scene.rows_become([("A01", "P1", 1, "14"), ("A01", "P1", 2, "15")])


async def test_a_mark_for_an_entry_that_turned_out_absent_is_kept_and_explained(scene):
    page = await scene.desk()
    await scene.context.set_offline(True)
    await tap(page, "15")
    await page.locator("[data-do=next]").tap()
    await strip_says(page, "warn", "待传 1")
    await fetch("UPDATE entry SET status = 'absent' WHERE id = $1", scene.stage.entries["A01"])
    await scene.context.set_offline(False)
    await page.wait_for_selector(".sync.narrow-only.s-bad")
    await page.locator("[data-do=details]").tap()
    drawer = await page.locator("dialog[open]").inner_text()
    assert "A01 · P1" in drawer
    assert "未参赛" in drawer
    assert await scene.rows() == []


async def test_signed_out_it_keeps_everything_and_asks_to_sign_in(scene):
    page = await scene.desk()
    await fetch("DELETE FROM session")
    await tap(page, "15")
    await page.locator("[data-do=next]").tap()
    await strip_says(page, "warn", "登录已过期", "待传 1")
    token = await open_session(scene.judge.account, state="signed_in")
    cookie = {
        "name": COOKIE,
        "value": token,
        "domain": "127.0.0.1",
        "path": "/",
        "secure": True,
        "httpOnly": True,
        "sameSite": "Lax",
    }
    await scene.context.add_cookies([cookie])  # another session, another token: the page asks for it by itself
    await page.locator("[data-do=details]").tap()
    await page.locator("[data-do=retry]").tap()
    await scene.rows_become([("A01", "P1", 1, "15")])


async def test_signing_by_hand_locks_the_sheet(scene):
    await support.mark_all(
        scene.stage, {code: {"P1": ["10"], "P2": ["5"], "J1": ["1"]} for code in ("A01", "A02", "A03")}
    )
    page = await scene.page("/sign")
    button = page.locator("button[form=sign]")
    await page.wait_for_selector("button[form=sign][aria-disabled=true]")
    await button.tap(force=True)
    assert (await fetch("SELECT sheet_state FROM seat"))[0]["sheet_state"] == "open", (
        "without a signature nothing is signed"
    )
    box = await page.locator("canvas").bounding_box()
    await page.mouse.move(box["x"] + 40, box["y"] + 40)
    await page.mouse.down()
    for n in range(20):
        await page.mouse.move(box["x"] + 40 + n * 10, box["y"] + 40 + (n % 5) * 12)
    await page.mouse.up()
    await button.tap()
    await page.wait_for_selector(".signed-strokes")
    row = (await fetch("SELECT sheet_state, signature FROM seat"))[0]
    assert row["sheet_state"] == "signed"
    assert len(json.loads(row["signature"])[0]) >= 12
    desk = await scene.desk()
    assert await desk.locator(".keys").count() == 0, "a signed sheet offers no keys"


async def test_without_scripts_the_same_marks_by_a_form(committed):
    from playwright.async_api import expect

    async with a_scene(committed, java_script_enabled=False) as scene:
        page = await scene.page("")
        await page.fill("input[name='marks-0-value']", "17.3")
        await page.fill("input[name='marks-1-value']", "8")
        await page.check("input[name='marks-2-value'][value='2']")
        await page.click("button:has-text('保存本件')")
        await expect(page.locator("body")).to_contain_text("17.3 不合步长")
        assert await scene.rows() == []
        assert await page.input_value("input[name='marks-0-value']") == "17.3", "what was typed is kept"
        await page.fill("input[name='marks-0-value']", "17.5")
        await page.click("button:has-text('保存本件')")
        await expect(page.locator("h1")).to_contain_text("A02")
        wanted = [("A01", "J1", 1, "2"), ("A01", "P1", 1, "17.5"), ("A01", "P2", 1, "8")]
        assert await scene.rows() == wanted
        for code in ("A02", "A03"):
            await expect(page.locator("h1")).to_contain_text(code)
            for n, value in ((0, "10"), (1, "5")):
                await page.fill(f"input[name='marks-{n}-value']", value)
            await page.check("input[name='marks-2-value'][value='1']")
            await page.click("button:has-text('保存本件')")
            wanted += [(code, "J1", 1, "1"), (code, "P1", 1, "10"), (code, "P2", 1, "5")]
            await scene.rows_become(wanted)
        await page.goto(f"{scene.address}/desk/{scene.seat}/sign")
        await page.fill("input[name=typed_name]", scene.judge.name)
        await page.check("input[name=read_it]")
        await page.click("button[form=sign]")
        await expect(page.locator("main")).to_contain_text("已签署锁定")
        assert (await fetch("SELECT sheet_state FROM seat"))[0]["sheet_state"] == "signed"


async def test_what_is_typed_before_the_last_mark_is_kept_belongs_to_the_next(scene):
    """Quicker than any disk: all in one turn of the page, so that nothing can have been kept in between."""
    page = await scene.desk()
    await page.evaluate("""() => {
      for (const at of ["[data-key='1']", "[data-do=next]", "[data-key='7']", "[data-key='.']", "[data-key='5']", "[data-do=next]"])
        document.querySelector(`#desk ${at}`).click();
      document.querySelector("#desk .levels [data-level='2']").click();
    }""")
    await scene.rows_become([("A01", "J1", 1, "2"), ("A01", "P1", 1, "1"), ("A01", "P2", 1, "7.5")])
    await strip_says(page, "ok", "待传 0")
    assert scene.errors == []


async def test_half_a_number_is_not_sent_when_the_screen_goes_dark(scene):
    page = await scene.desk()
    await tap(page, "1")
    await page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      window.dispatchEvent(new Event("pagehide"));
      delete document.hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    await tap(page, "7")
    await page.locator("[data-do=next]").tap()
    await scene.rows_become([("A01", "P1", 1, "17")])  # a "1" before it would have been the first version
    assert scene.errors == []


async def test_the_last_mark_stands_on_the_pad_when_none_is_left_to_give(scene):
    await support.mark_all(
        scene.stage, {"A01": {"P1": ["10"], "J1": ["1"]}, "A02": {"P1": ["10"], "P2": ["5"], "J1": ["1"]},
                      "A03": {"P1": ["10"], "P2": ["5"], "J1": ["1"]}},
    )  # fmt: skip
    page = await scene.desk()
    await tap(page, "7")
    await page.locator("[data-do=next]").tap()
    await strip_says(page, "ok", "待传 0", "已存 3")
    assert await page.locator(".pad-show").inner_text() == "7"
    assert scene.errors == []
