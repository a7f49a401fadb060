"""The working pages of studios: who sees whose, what a refused form keeps, what the register exports."""

from __future__ import annotations

from foundation.database import fetchval
from studios.upkeep import operations as life
from tests.studios.upkeep.world import of


async def test_an_enterprise_sees_its_own_and_nobody_else_s(house, world, browse):
    ours, theirs = await world.studio(), await world.studio("yi")
    li = await browse(await house.person("li", "enterprise_contact", at="jia"))
    listed = await li.get("/studio-register/")
    assert str(ours) in listed.text
    assert str(theirs) not in listed.text
    for part in ("", "/outputs", "/funds"):
        assert (await li.get(f"/studio-register/{ours}{part}")).status_code == 200
        assert (await li.get(f"/studio-register/{theirs}{part}")).status_code == 404
    assert (await li.submit(f"/studio-register/{ours}/acts/ending", {"action": "close"})).status_code == 403


async def test_an_officer_assesses_on_the_page_and_a_refusal_keeps_what_was_typed(house, world, browse):
    studio = await world.studio()
    await life.open_reports()
    sun = await browse(await house.person("sun", "city_officer", at="city"))
    year = await fetchval("SELECT year FROM annual_report")
    form = {"year": str(year), "total": "95", "grade": "qualified", "reason": "", "points": "", "version": "1"}
    refused = await sun.submit(f"/studio-register/{studio}/acts/assessment", form)
    assert refused.status_code == 422
    assert "请写明理由" in refused.text
    assert 'value="95"' in refused.text
    assert (await of(studio))["last_grade"] == ""
    done = await sun.submit(f"/studio-register/{studio}/acts/assessment", {**form, "reason": "台账不全"})
    assert done.status_code == 303
    assert (await of(studio))["last_grade"] == "qualified"
    assert (await sun.get("/studio-register/due")).status_code == 200
    exported = await sun.get("/studio-register/export")
    assert exported.content[:2] == b"PK"


async def test_the_report_is_filled_in_handed_in_and_read(house, world, browse):
    await world.studio()
    await life.open_reports()
    report = await fetchval("SELECT id FROM annual_report")
    li, chen = await browse(await house.person("li", "enterprise_contact", at="jia")), await browse(await house.person("chen", "county_officer", at="xuanzhou"))  # fmt: skip
    wu = await browse(await house.person("wu", "enterprise_contact", at="yi"))
    path = f"/studio-register/reports/{report}"
    assert (await wu.get(path)).status_code == 404
    assert 'name="hand_in"' in (await li.get(path)).text
    body = {
        "done": "做了",
        "topics": "课题",
        "difficulties": "",
        "plan": "再做",
        "team": "6",
        "funds_wan": "1.5",
        "version": "1",
        "hand_in": "yes",
    }
    assert (await li.submit(path, body)).status_code == 303
    assert 'name="hand_in"' not in (await li.get(path)).text
    assert (
        await chen.submit(path + "/opinion", {"opinion": "同意", "grade": "qualified", "version": "2"})
    ).status_code == 303
    assert "同意" in (await li.get(path)).text


async def test_outputs_and_money_are_kept_on_their_pages(house, world, browse):
    studio = await world.studio()
    li, sun = await browse(await house.person("li", "enterprise_contact", at="jia")), await browse(await house.person("sun", "city_officer", at="city"))  # fmt: skip
    claim = {
        "kind": "improvement",
        "title": "示例夹具改进",
        "reference": "",
        "achieved_on": "2026-02-02",
        "wan_yuan": "",
        "people": "",
    }
    path = f"/studio-register/{studio}/keeping/claim/{studio}"
    assert (await li.submit(path, claim)).status_code == 303
    again = await li.submit(path, claim)
    assert again.status_code == 422
    assert "同一成果只计一次" in again.text
    approval = {"kind": "named", "year": "2025", "document_number": "宣工〔2025〕1号"}
    assert (await li.submit(f"/studio-register/{studio}/paying/approval/{studio}", approval)).status_code == 403
    assert (await sun.submit(f"/studio-register/{studio}/paying/approval/{studio}", approval)).status_code == 303
    assert "50,000.00" in (await li.get(f"/studio-register/{studio}/funds")).text
    assert "50,000.00" in (await sun.get("/studio-funds/")).text
    assert (await sun.get("/studio-funds/export")).content[:2] == b"PK"
    assert (await sun.get("/home")).status_code == 200
