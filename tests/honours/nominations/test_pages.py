"""The pages as the unit and officers use them: nothing typed is lost, refusals with the list, scope, no personal number anywhere."""

from __future__ import annotations

import re

import pytest

from foundation.database import fetch, fetchval
from honours.nominations.moving import move_nomination
from honours.nominations.schemas import StartForm
from honours.nominations.starting import start_nomination
from registry.workers.sealing import numbers_of
from tests.honours.nominations import support


def fields_of(html: str, section: str) -> dict[str, str]:
    """The values of one part's form as the page has them."""
    form = re.search(rf'action="/nominations/[^"]+/sections/{section}".*?</form>', html, re.S)
    assert form is not None, section
    values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[0]))
    values |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.S))
    return values


@pytest.fixture
async def draft(house, round_, people):
    who = await support.worker(house)
    return await start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))


async def test_the_list_shows_what_is_open_and_what_is_due(house, round_, people, draft, browse):
    answer = await (await browse(people.qian)).get("/nominations")
    assert answer.status_code == 200
    assert "宣城市五一劳动奖章" in answer.text
    assert "剩 2 个工作日" in answer.text  # 14 → 16 April 2026
    assert "冯壬和" in answer.text
    assert "冯壬和" not in (await (await browse(people.zhou)).get("/nominations")).text


async def test_the_returned_comes_with_its_reason(house, round_, people, draft, browse):
    await fetch("UPDATE nomination SET stage = 'county' WHERE id = $1", draft)
    await move_nomination(people.xuanzhou, draft, "return", opinion="公示件未见盖章页")
    text = (await (await browse(people.qian)).get("/nominations")).text
    assert "公示件未见盖章页" in text
    assert "退回补正" in text


async def test_start_from_the_registry(house, round_, people, browse):
    who, award = await support.worker(house, "陈丙午"), round_.awards["city-may1-medal"]
    browser = await browse(people.qian)
    page = await browser.get("/nominations/new", params={"award": str(award), "q": "cbw"})
    assert "陈丙午" in page.text
    made = await browser.submit("/nominations", {"award": str(award), "worker": str(who), "role": "principal"})
    assert made.status_code == 303
    again = await browser.submit("/nominations", {"award": str(award), "worker": str(who), "role": "principal"})
    assert again.status_code == 422
    assert "同一对象只推荐一次" in again.text


async def test_faulty_text_is_kept_and_said(house, round_, people, draft, browse):
    browser = await browse(people.qian)
    wrong = {"version": "1", "joined_work": "上世纪", "postcode": "12", "address": "示例路1号"}
    assert (await browser.submit(f"/nominations/{draft}/sections/basic", wrong)).status_code == 303
    page = (await browser.get(f"/nominations/{draft}")).text
    values = fields_of(page, "basic")
    assert (values["joined_work"], values["postcode"], values["address"]) == ("上世纪", "12", "示例路1号")
    assert "应填年月，如 2007-07" in page


async def test_a_colleagues_save_between_is_412_and_nothing_is_lost(house, round_, people, draft, browse):
    qian, sun = await browse(people.qian), await browse(people.sun)
    assert (
        await qian.submit(f"/nominations/{draft}/sections/deeds", {"version": "1", "summary": "甲写的"})
    ).status_code == 303
    late = await sun.submit(f"/nominations/{draft}/sections/deeds", {"version": "1", "summary": "乙写的"})
    assert late.status_code == 412
    assert fields_of(late.text, "deeds")["summary"] == "乙写的"
    assert 'name="version" value="2"' in late.text
    assert await fetchval("SELECT dossier->'deeds'->>'summary' FROM nomination WHERE id = $1", draft) == "甲写的"


async def test_too_long_is_refused_with_what_was_typed(house, round_, people, draft, browse):
    long = "长" * 4001
    answer = await (await browse(people.qian)).submit(
        f"/nominations/{draft}/sections/deeds", {"version": "1", "summary": long}
    )
    assert answer.status_code == 422
    assert fields_of(answer.text, "deeds")["summary"] == long


async def test_autosave_answers_with_the_checklist_as_it_would_be(house, round_, people, draft, browse):
    browser = await browse(people.qian)
    answer = await browser.submit(
        f"/nominations/{draft}/drafts/deeds", {"version": "1", "summary": "长" * 528, "deeds": ""}
    )
    assert answer.status_code == 200
    assert 'hx-swap-oob="true"' in answer.text
    assert "超出 28 字" in answer.text
    assert await fetchval("SELECT version FROM nomination WHERE id = $1", draft) == 1
    page = (await browser.get(f"/nominations/{draft}")).text
    assert fields_of(page, "deeds")["summary"] == "长" * 528
    assert "尚未保存" in page
    await browser.submit(f"/nominations/{draft}/drafts/deeds/discarding", {})
    assert fields_of((await browser.get(f"/nominations/{draft}")).text, "deeds")["summary"] == ""


async def test_handing_in_too_early_lists_everything(house, round_, people, draft, browse):
    answer = await (await browse(people.qian)).submit(f"/nominations/{draft}/submission", {"version": "1"})
    assert answer.status_code == 422
    for rule in ("H17", "H31", "H32", "H60", "H61", "H63", "P2"):
        assert rule in answer.text


async def test_papers_up_and_down(house, round_, people, draft, browse):
    browser = await browse(people.qian)
    token = await browser.token()
    sent = await browser.post(
        f"/nominations/{draft}/materials", data={"kind": "congress_minutes", "_csrf_token": token},
        files={"file": ("纪要-0327.pdf", support.PDF, "application/pdf")},
    )  # fmt: skip
    assert sent.status_code == 303
    material = await fetchval("SELECT id FROM material WHERE nomination = $1", draft)
    got = await (await browse(people.xuanzhou)).get(f"/nominations/{draft}/materials/{material}")
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-type"] == "application/pdf"
    assert (await (await browse(people.ningguo)).get(f"/nominations/{draft}/materials/{material}")).status_code == 404
    assert (await (await browse(people.zhou)).get(f"/nominations/{draft}/materials/{material}")).status_code == 404
    text = await browser.post(
        f"/nominations/{draft}/materials", data={"kind": "other", "file": "文字", "_csrf_token": token}
    )
    assert text.status_code == 422
    assert (await browser.submit(f"/nominations/{draft}/materials/{material}/removal", {})).status_code == 303


@pytest.mark.parametrize("path", ["", "/changes", "/form", "/form.pdf", "/portrait", "/vetting"])
async def test_anothers_nomination_is_not_found(house, round_, people, draft, browse, path):
    """Never forbidden: its existence is nobody else's business."""
    strangers = [people.ningguo] if path == "/vetting" else [people.zhou, people.ningguo]
    for stranger in strangers:
        assert (await (await browse(stranger)).get(f"/nominations/{draft}{path}")).status_code == 404


async def test_another_units_contact_can_change_nothing(house, round_, people, draft, browse):
    zhou = await browse(people.zhou)
    for path, data in (
        ("sections/basic", {"version": "1"}), ("drafts/basic", {"version": "1"}), ("submission", {"version": "1"}),
        ("withdrawal", {"version": "1"}), ("consents", {"given": "yes", "covers": "roll", "signed_on": "2026-04-01"}),
        ("form", {"reason": "偷看一眼"}),
    ):  # fmt: skip
        assert (await zhou.submit(f"/nominations/{draft}/{path}", data)).status_code == 404, path
    assert await fetchval("SELECT version FROM nomination WHERE id = $1", draft) == 1
    assert await fetchval("SELECT count(*) FROM unmasking") == 0


async def test_officers_search_and_see_their_own_county(house, round_, people, draft, browse):
    mine = await (await browse(people.xuanzhou)).get("/nominations", params={"q": "frh"})
    assert "冯壬和" in mine.text
    assert "冯壬和" not in (await (await browse(people.ningguo)).get("/nominations")).text
    assert "冯壬和" in (await (await browse(people.city)).get("/nominations")).text
    sheet = await (await browse(people.city)).get("/nominations/export")
    assert sheet.content.startswith(b"PK")


async def test_the_same_over_the_api(house, round_, people, browse):
    who, browser = await support.worker(house), await browse(people.qian)
    award = str(round_.awards["city-may1-medal"])
    made = (await browser.send_json("POST", "/api/v1/nominations", {"award": award, "worker": str(who)})).json()
    assert (made["stage"], made["version"]) == ("draft", 1)
    path = f"/api/v1/nominations/{made['id']}"
    put = await browser.send_json("PUT", f"{path}/sections/deeds?version=1", {"summary": "长" * 501})
    assert put.json()["version"] == 2
    assert [c["state"] for c in put.json()["checks"] if c["code"] == "summary_too_long"] == ["bad"]
    stale = await browser.send_json("PUT", f"{path}/sections/deeds?version=1", {"summary": "短"})
    assert stale.status_code == 412
    refused = await browser.send_json("POST", f"{path}/submission", {"version": 2})
    assert refused.status_code == 422
    assert {"H17", "H31", "H32", "P2"} <= {fault["rule"] for fault in refused.json()["faults"]}
    assert (await (await browse(people.zhou)).get(path)).status_code == 404
    assert (await browser.send_json("POST", f"{path}/withdrawal", {"version": 2})).json()["stage"] == "withdrawn"


async def test_no_personal_number_on_any_page(house, round_, people, browse, capfd):
    """The canary: the full number and phone are in no page, no JSON, no address, no log, no trail, no stored dossier."""
    who = await support.worker(house)
    numbers = await numbers_of(who)
    it = await support.complete(round_, people.qian, who)
    contact, officer = await browse(people.qian), await browse(people.xuanzhou)
    award = round_.awards["city-may1-medal"]
    paths = [
        "/nominations", f"/nominations/new?award={award}", f"/nominations/{it}", f"/nominations/{it}/changes", f"/nominations/{it}/form",
        f"/api/v1/nominations/{it}", "/api/v1/nominations",
    ]  # fmt: skip
    seen = []
    for browser, more in (
        (contact, []),
        (officer, [f"/nominations/{it}/vetting", "/nominations/clearances", f"/api/v1/nominations/{it}/clearances"]),
    ):
        for path in [p for p in paths if browser is contact or "new?" not in p] + more:
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            seen += [answer.text, str(answer.headers)]
    draft = await contact.submit(f"/nominations/{it}/drafts/deeds", {"summary": "x"})
    tried = await contact.submit(f"/nominations/{it}/submission", {"version": "999"})
    seen += [draft.text, tried.text]
    for table in ("nomination", "handed_in", "trail_entry", "draft", "gate_opinion"):
        seen += [str(dict(row)) for row in await fetch(f"SELECT * FROM {table}")]
    out = capfd.readouterr()
    seen += [out.out, out.err]
    for text in seen:
        assert numbers.id_number not in text
        assert numbers.phone not in text
    assert numbers.id_masked in seen[2 * paths.index(f"/nominations/{it}")]


async def test_the_first_page_and_the_search_box(house, round_, people, draft, browse):
    """What waits stands on the first page with its day; search finds only what one sees."""
    home = (await (await browse(people.qian)).get("/home")).text
    assert f"/nominations/{draft}" in home
    assert "冯壬和" in home
    assert "宣城市工人先锋号" in home  # open, and nobody put forward yet
    found = await (await browse(people.qian)).get("/search", params={"q": "frh"})
    assert f"/nominations/{draft}" in found.text
    assert f"/nominations/{draft}" not in (await (await browse(people.zhou)).get("/search", params={"q": "frh"})).text
    await fetch(
        "INSERT INTO clearance (id, nomination, department, asked_on, opinion, valid_until, note, version, made_at)"
        " VALUES (gen_random_uuid(), $1, 'police', '2026-01-01', 'agree', '2026-04-13', '', 1, now())",
        draft,
    )
    assert f"/nominations/{draft}/vetting" in (await (await browse(people.xuanzhou)).get("/home")).text
    assert f"/nominations/{draft}/vetting" not in (await (await browse(people.ningguo)).get("/home")).text
