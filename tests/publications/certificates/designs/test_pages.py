"""The editor's pages: who may come in, what stays typed, what is told."""

from __future__ import annotations

import html as escaping

import pytest

from publications.certificates.designs import kinds, queries

ROOT = "/certificates/designs"
MEDAL = kinds.built_in("medal")


@pytest.mark.parametrize("role", ["enterprise_contact", "county_officer", "reviewer", "system_admin"])
async def test_only_the_citys_officers_edit(db, house, browse, role):
    person = await house.person("li", role, at="city" if role != "enterprise_contact" else "jia")
    browser = await browse(person)
    assert (await browser.get(f"{ROOT}/medal")).status_code == 403
    answer = await browser.submit(f"{ROOT}/medal/versions", {"html": "x", "css": "x", "seen": "1"})
    assert answer.status_code == 403
    assert len(await queries.versions("medal")) == 1


async def test_the_list_names_every_kind_and_a_strange_one_is_not_found(db, house, browse):
    browser = await browse(await house.person("qian", "city_officer", at="city"))
    said = (await browser.get(f"{ROOT}/")).text
    for title in ("竞赛获奖证书", "奖章证书（对折）", "工人先锋号", "工作室牌匾", "裁判员感谢信"):
        assert title in said
    assert (await browser.get(f"{ROOT}/banknote")).status_code == 404
    assert (await browser.get(f"{ROOT}/medal?version=9")).status_code == 404
    assert (await browser.get(f"{ROOT}/medal/versions/9/sheet")).status_code == 404


async def test_save_submit_confirm_by_hand(db, house, browse):
    qian = await browse(await house.person("qian", "city_officer", at="city"))
    sun = await browse(await house.person("sun", "city_officer", at="city"))
    changed = MEDAL.html.replace("特发此证。", "特发此证！")
    answer = await qian.submit(
        f"{ROOT}/medal/versions", {"html": changed, "css": MEDAL.css, "seen": "1", "note": "标点"}
    )
    assert answer.status_code == 303
    late = await sun.submit(f"{ROOT}/medal/versions", {"html": changed + "<!-- 另 -->", "css": MEDAL.css, "seen": "1"})
    assert late.status_code == 412
    assert "第 2 版已由他人保存" in late.text
    assert escaping.escape("<!-- 另 -->") in late.text
    assert (await qian.submit(f"{ROOT}/medal/versions/2/submission")).status_code == 303
    own = await qian.submit(f"{ROOT}/medal/versions/2/confirmation")
    assert own.status_code == 422
    assert "须由另一人确认" in own.text
    assert (await sun.submit(f"{ROOT}/medal/versions/2/confirmation")).status_code == 303
    assert await queries.in_force("medal") == "medal/2"
    compared = (await sun.get(f"{ROOT}/medal/comparison?from=1&to=2")).text
    assert "特发此证。" in compared
    assert "特发此证！" in compared
    assert 'class="was"' in compared


async def test_faults_stand_beside_the_editor_all_at_once(db, house, browse):
    browser = await browse(await house.person("qian", "city_officer", at="city"))
    wrong = "{{ nobody }}\n{% include 'x' %}" + MEDAL.html
    headers = {"Accept": "application/json"}
    told = await browser.submit(
        f"{ROOT}/medal/preview", {"html": wrong, "css": MEDAL.css, "seen": "1"}, headers=headers
    )
    assert told.status_code == 200
    faults = told.json()["faults"]
    assert len(faults) == 2
    assert "nobody" in faults[0]
    assert "include" in faults[1]
    await browser.submit(f"{ROOT}/medal/versions", {"html": wrong, "css": MEDAL.css, "seen": "1"})
    page = (await browser.get(f"{ROOT}/medal")).text
    assert escaping.escape(faults[0]) in page
    assert await queries.in_force("medal") == "medal/1"


async def test_a_preview_is_a_pdf_in_our_own_frame_only(db, house, browse):
    browser = await browse(await house.person("qian", "city_officer", at="city"))
    answer = await browser.submit(
        f"{ROOT}/medal/preview", {"html": MEDAL.html, "css": MEDAL.css, "seen": "1", "sample": "long"}
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content[:5] == b"%PDF-"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    editor = await browser.get(f"{ROOT}/medal")
    policy = editor.headers["content-security-policy"]
    assert "frame-src 'self' blob:" in policy
    assert "frame-ancestors 'none'" in policy
    assert "frame-src" not in (await browser.get("/certificates/")).headers["content-security-policy"]
    bare = await browser.submit(f"{ROOT}/medal/preview", {"html": "{{ nobody }}", "css": "p {}", "seen": "1"})
    assert bare.headers["content-type"].startswith("text/html")
    assert "nobody" in bare.text
