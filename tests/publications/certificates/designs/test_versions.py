"""Versions: never rewritten, put into force by a second person, kept by what was issued; two editors at once."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.jobs import worker
from publications.certificates import operations as certificates
from publications.certificates import rendering_job, verification
from publications.certificates.designs import kinds, operations, proving, queries
from publications.certificates.designs.issuing import DesignedOrder
from publications.certificates.designs.sheets import TemplateText
from tests.publications.certificates.support import code_of, issue, order

assert rendering_job.render_source
MEDAL = kinds.built_in("medal")
CHANGED = MEDAL.html.replace("特发此证。", "特发此证！")


async def two(house):
    return await house.person("qian", "city_officer", at="city"), await house.person("sun", "city_officer", at="city")


async def put_into_force(maker, second, html=CHANGED, kind="medal", seen=1):
    number = await operations.save(maker, kind, html=html, css=kinds.built_in(kind).css, note="示例", seen=seen)
    await operations.submit(maker, kind, number)
    await operations.confirm(second, kind, number)
    return number


def medal(key="a", name="赵立春"):
    return DesignedOrder(
        kind="medal", holder_key=key, holder=name, award="宣城市五一劳动奖章", title="宣城市五一劳动奖章",
        words={"recipient": name, "honour": "宣城市五一劳动奖章"},
    )  # fmt: skip


async def test_a_kind_never_touched_has_the_built_in_first_version(db):
    (first,) = await queries.versions("pioneer")
    assert (first.number, first.state, first.html) == (1, "in_force", kinds.built_in("pioneer").html)
    assert await queries.in_force("pioneer") == "pioneer/1"
    with pytest.raises(NotFound):
        await queries.versions("banknote")
    with pytest.raises(NotFound):
        await queries.text_of("pioneer/2")
    with pytest.raises(NotFound):
        await queries.text_of("../etc/1")


async def test_a_second_person_puts_a_version_into_force(db, house):
    qian, sun = await two(house)
    number = await operations.save(qian, "medal", html=CHANGED, css=MEDAL.css, note="改标点", seen=1)
    assert number == 2
    assert await queries.in_force("medal") == "medal/1"
    with pytest.raises(Conflict):
        await operations.confirm(sun, "medal", 2)
    await operations.submit(qian, "medal", 2)
    with pytest.raises(Refusal, match="另一人"):
        await operations.confirm(qian, "medal", 2)
    await operations.confirm(sun, "medal", 2)
    assert await queries.in_force("medal") == "medal/2"
    assert (await queries.version("medal", 1)).state == "confirmed"
    with pytest.raises(Conflict):
        await operations.confirm(sun, "medal", 2)
    with pytest.raises(Conflict):
        await operations.give_back(sun, "medal", 2, "太迟")


async def test_whoever_hands_in_anothers_draft_may_not_confirm_it(db, house):
    qian, sun = await two(house)
    await operations.save(qian, "medal", html=CHANGED, css=MEDAL.css, note="", seen=1)
    await operations.submit(sun, "medal", 2)
    for person in (qian, sun):
        with pytest.raises(Refusal, match="另一人"):
            await operations.confirm(person, "medal", 2)


async def test_a_faulty_version_is_saved_but_not_handed_in(db, house):
    qian, _sun = await two(house)
    html = CHANGED.replace("{{ fit.name }}", "{{ fit.nickname }}{% include 'x' %}")
    await operations.save(qian, "medal", html=html, css=MEDAL.css, note="", seen=1)
    with pytest.raises(Refusals) as refused:
        await operations.submit(qian, "medal", 2)
    assert {one.code for one in refused.value.refusals} == {"template.name", "template.forbidden"}
    assert (await queries.version("medal", 2)).state == "draft"


async def test_what_holds_for_short_names_only_is_not_handed_in(db, house):
    qian, _sun = await two(house)
    html = CHANGED.replace("font-size:{{ fit.name_size }}pt", "font-size:60pt")
    await operations.save(qian, "medal", html=html, css=MEDAL.css, note="", seen=1)
    with pytest.raises(Refusals) as refused:
        await operations.submit(qian, "medal", 2)
    assert "render.overflow" in {one.code for one in refused.value.refusals}


async def test_returned_with_a_reason_and_restored_as_a_new_draft(db, house):
    qian, sun = await two(house)
    await put_into_force(qian, sun)
    await operations.save(qian, "medal", html=MEDAL.html + "\n", css=MEDAL.css, note="", seen=2)
    await operations.submit(qian, "medal", 3)
    with pytest.raises(Refusal):
        await operations.give_back(sun, "medal", 3, " ")
    await operations.give_back(sun, "medal", 3, "标题太小")
    returned = await queries.version("medal", 3)
    assert (returned.state, returned.reason) == ("returned", "标题太小")
    with pytest.raises(Conflict):
        await operations.submit(qian, "medal", 3)
    assert await operations.restore(sun, "medal", 1, seen=3) == 4
    assert (await queries.version("medal", 4)).html == MEDAL.html
    assert await queries.in_force("medal") == "medal/2"


async def test_saving_over_somebody_elses_version_is_stale_and_no_change_is_no_version(db, house):
    qian, sun = await two(house)
    await operations.save(qian, "medal", html=CHANGED, css=MEDAL.css, note="", seen=1)
    with pytest.raises(Stale) as stale:
        await operations.save(sun, "medal", html=MEDAL.html + "x", css=MEDAL.css, note="", seen=1)
    assert stale.value.facts["number"] == 2
    with pytest.raises(Refusal, match="相同"):
        await operations.save(sun, "medal", html=CHANGED, css=MEDAL.css, note="", seen=2)


async def test_two_editors_at_once_make_one_version_and_one_stale(committed):
    from tests.support.people import House

    house = await House().build()
    people = await two(house)
    results = await asyncio.gather(
        *(operations.save(one, "medal", html=f"{MEDAL.html}<!-- {one.login} -->", css=MEDAL.css, note="", seen=1) for one in people),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in results) == ["Stale", "int"]
    assert await fetchval("SELECT count(*) FROM certificate_design WHERE kind = 'medal'") == 2


async def test_the_tables_are_append_only():
    from publications.tables import CertificateDesign, CertificateDesignStep

    assert "append-only" in CertificateDesign._meta.tags
    assert "append-only" in CertificateDesignStep._meta.tags


async def test_an_issued_certificate_keeps_its_version_and_is_set_by_it(db, house):
    qian, sun = await two(house)
    first, _job = await issue(None, [medal("a")], prefix="XCWY-2026-GR")
    await put_into_force(qian, sun)
    second, _job = await issue(None, [medal("b", "买买提·艾力")], prefix="XCWY-2026-GR")
    for source in (first, second):
        assert await fetchval("SELECT count(*) FROM certificate WHERE source = $1", source) == 1
    templates = [row["template"] for row in await fetch("SELECT template FROM certificate ORDER BY number")]
    assert templates == ["medal/1", "medal/2"]
    assert "特发此证！" in (await queries.text_of("medal/2")).html
    assert "特发此证！" not in (await queries.text_of("medal/1")).html


async def test_a_medal_is_numbered_set_sealed_verified_and_reissued(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    source, job = await issue(None, [medal("a"), medal("b", "买买提·艾力")], prefix="XCWY-2026-GR")
    assert job is not None
    await worker.do_job(job)
    rows = await fetch(
        "SELECT id, number, state, fault, credential FROM certificate WHERE source = $1 ORDER BY number", source
    )
    assert [(row["number"], row["state"], row["fault"]) for row in rows] == [
        ("XCWY-2026-GR-0001", "valid", ""), ("XCWY-2026-GR-0002", "valid", ""),
    ]  # fmt: skip
    assert "被授予宣城市五一劳动奖章" in rows[0]["credential"]
    outcome = await verification.by_code("XCWY-2026-GR-0001", await code_of("XCWY-2026-GR-0001"))
    assert outcome.verdict == "valid"
    assert outcome.found is not None
    assert outcome.found.holder == "赵*春"
    made = await certificates.reissue(qian, rows[0]["id"], "遗失")
    again = await fetchrow("SELECT number, wording, template FROM certificate WHERE id = $1", made)
    assert again is not None
    assert again["number"] == "XCWY-2026-GR-0003"
    assert '"replaces": "XCWY-2026-GR-0001"' in again["wording"]


async def test_a_units_name_is_told_whole(db):
    unit = "宣城示例精密机械有限公司"
    one = DesignedOrder(
        kind="commendation", holder_key="u", holder=unit, award="宣城市五一劳动奖状", title="宣城市五一劳动奖状",
        words={"region": "宣城市", "honour": "五一劳动奖状", "lines": [unit]},
    )  # fmt: skip
    await issue(None, [one], prefix="XCWY-2026-JZ")
    outcome = await verification.by_code("XCWY-2026-JZ-0001", await code_of("XCWY-2026-JZ-0001"))
    assert outcome.found is not None
    assert outcome.found.holder == unit


async def test_words_that_make_no_sheet_are_refused_and_take_no_number(db):
    wrong = medal("x")
    wrong.words["salary"] = "9000"
    with pytest.raises(Refusal, match="内容不完整"):
        async with transaction():
            await certificates.order_certificates(None, [wrong], prefix="XCWY-2026-GR", source_kind="x", source=uuid4())
    assert await fetchval("SELECT count(*) FROM certificate_series WHERE prefix = 'XCWY-2026-GR'") == 0


async def test_competition_certificates_still_name_their_own_setting(db):
    source, _job = await issue(None, [order("a")])
    assert await fetchval("SELECT template FROM certificate WHERE source = $1", source) == "competition/1"


async def test_an_edited_competition_template_sets_the_job(db, house):
    qian, sun = await two(house)
    html = kinds.built_in("competition").html.replace("<p>扫码或凭编号与校验码查验</p>", "<p>扫码或凭编号查验</p>")
    await put_into_force(qian, sun, html=html, kind="competition")
    source, job = await issue(None, [order("a"), order("b", "买买提·艾力")])
    assert job is not None
    await worker.do_job(job)
    rows = await fetch("SELECT state, fault, template FROM certificate WHERE source = $1", source)
    assert {(row["state"], row["fault"], row["template"]) for row in rows} == {("valid", "", "competition/2")}


async def test_a_template_that_never_ends_is_ended_and_named():
    """Loops over what is no field are not set at all; nine thousand elements in each other are told, whatever ends them."""
    endless = "".join("{% for " + a + " in certificate.qr %}" for a in "abc")
    proofs = await proving.prove(TemplateText(name="medal/0", html=endless, css=""), ["plain"])
    assert proofs[0].faults[0].code.startswith("template.")
    heavy = "<p>" + "<b>" * 9000 + "一" + "</p>"
    proofs = await proving.prove(TemplateText(name="medal/0", html=heavy, css=MEDAL.css), ["plain"])
    assert proofs[0].faults
