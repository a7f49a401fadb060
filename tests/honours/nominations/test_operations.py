"""From a worker to a handed-in nomination: prefilled, once, saved as typed, refused all at once, kept when it was handed in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from honours.nominations import access, changes, checklist, drafts, operations, papers_kept, starting
from honours.nominations.schemas import Basic, ConsentForm, Deeds, Identity, Procedure, StartForm, dossier_of
from honours.nominations.stages import Stage
from tests.honours.nominations import support
from tests.honours.nominations.conftest import people_of
from tests.support.people import House


async def version_of(it) -> int:
    return await fetchval("SELECT version FROM nomination WHERE id = $1", it)


async def test_a_worker_of_the_registry_fills_the_form(house, round_, people):
    who = await support.worker(house, is_migrant=True, evidence="劳动合同岗位")
    it = await starting.start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))
    row = await access.row_of(it)
    typed = dossier_of(row["dossier"])
    assert (row["name"], row["unit_name"], row["stage"]) == ("冯壬和", "宣州区示例甲机械制造有限公司", "draft")
    assert (typed.basic.joined_work, typed.basic.post, typed.basic.political_status) == (
        "2007-07",
        "硫化车间大班长",
        "01",
    )
    assert (typed.identity.category, typed.identity.evidence, row["flags"]) == (
        "industrial_worker",
        "劳动合同岗位",
        ["migrant_worker"],
    )
    assert row["first_gate"] == house.organisations["xuanzhou"]
    assert row["number"] is None


async def test_a_unit_and_a_team(house, round_, people):
    jia = house.organisations["jia"]
    unit = await starting.start_nomination(
        people.qian, StartForm(award=round_.awards["city-may1-certificate"], unit=jia)
    )
    team = await starting.start_nomination(
        people.qian, StartForm(award=round_.awards["city-pioneer"], unit=jia, team="总装车间")
    )
    names = [
        row["name"]
        for row in await fetch("SELECT name FROM nomination WHERE id = ANY($1::uuid[]) ORDER BY kind", [unit, team])
    ]
    assert names == ["宣州区示例甲机械制造有限公司总装车间", "宣州区示例甲机械制造有限公司"]
    with pytest.raises(Refusal) as refused:
        await starting.start_nomination(people.qian, StartForm(award=round_.awards["city-pioneer"], unit=jia))
    assert (refused.value.code, refused.value.rule) == ("team_name_missing", "H1")


@pytest.mark.parametrize(
    ("award", "by_worker"), [("city-may1-medal", False), ("city-may1-certificate", True), ("city-pioneer", True)]
)
async def test_medals_go_to_people_and_certificates_to_units(house, round_, people, award, by_worker):
    """H1."""
    who = await support.worker(house)
    form = StartForm(
        award=round_.awards[award],
        worker=who if by_worker else None,
        unit=None if by_worker else house.organisations["jia"],
        team="甲班",
    )
    with pytest.raises(Refusal) as refused:
        await starting.start_nomination(people.qian, form)
    assert (refused.value.code, refused.value.rule) == ("nominee_kind", "H1")


async def test_one_nominee_once_for_an_award_until_it_ended(house, round_, people):
    who = await support.worker(house)
    form = StartForm(award=round_.awards["city-may1-medal"], worker=who)
    it = await starting.start_nomination(people.qian, form)
    with pytest.raises(Refusal) as refused:
        await starting.start_nomination(people.sun, form)
    assert (refused.value.code, refused.value.field) == ("nominee_already", "worker")
    await operations.withdraw(people.qian, it, version=1)
    assert await starting.start_nomination(people.sun, form) != it


async def test_another_units_worker_is_not_found(house, round_, people):
    who = await support.worker(house, at="yi")
    with pytest.raises(NotFound):
        await starting.start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))


async def test_a_closed_cycle_takes_nobody(house, round_, people):
    who = await support.worker(house)
    await fetch("UPDATE cycle SET stage = 'review' WHERE id = $1", round_.cycle)
    with pytest.raises(Refusal) as refused:
        await starting.start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))
    assert refused.value.code == "cycle_not_open"


async def test_what_is_typed_is_kept_right_or_wrong(house, round_, people):
    it = await round_.nomination(await support.worker(house))
    wrong = Basic(joined_work="去年", postcode="24230", ethnic_group="XX", post="甲" * 100)
    assert await operations.save_section(people.qian, it, "basic", wrong, version=1) == 2
    row = await access.row_of(it)
    assert dossier_of(row["dossier"]).basic == wrong
    found = await checklist.checklist_of(row)
    faulty = {check.field for check in found.of("basic") if check.state == "bad"}
    assert {"joined_work", "postcode", "ethnic_group", "native_place"} <= faulty


async def test_the_second_of_two_who_save_is_told(house, round_, people):
    it = await round_.nomination(await support.worker(house))
    await operations.save_section(people.qian, it, "deeds", Deeds(summary="甲"), version=1)
    with pytest.raises(Stale) as stale:
        await operations.save_section(people.sun, it, "deeds", Deeds(summary="乙"), version=1)
    assert stale.value.facts["current"] == 2
    assert dossier_of((await access.row_of(it))["dossier"]).deeds.summary == "甲"


async def test_identities_reach_the_columns_that_compositions_read(house, round_, people):
    it = await round_.nomination(await support.worker(house, sex="2", is_migrant=True))
    data = Identity(
        category="enterprise_leader", declared=("state_owned", "woman", "grassroots_team"), unit_class="enterprise", role="substitute",
        place="3", listing="separate", listing_reason="竞赛优胜",
    )  # fmt: skip
    await operations.save_section(people.qian, it, "identity", data, version=1)
    row = await access.row_of(it)
    assert row["flags"] == ["migrant_worker", "state_owned", "woman"]
    assert (row["category"], row["role"], row["place"], row["listing"]) == (
        "enterprise_leader",
        "substitute",
        3,
        "separate",
    )


async def test_everything_that_is_missing_is_said_at_once(house, round_, people):
    it = await starting.start_nomination(
        people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=await support.worker(house))
    )
    with pytest.raises(Refusals) as refused:
        await operations.hand_in(people.qian, it, version=1)
    rules = {one.rule for one in refused.value.refusals}
    assert {"H17", "H31", "H32", "H60", "H61", "H63", "P2"} <= rules
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", it) == "draft"
    assert [one.code for one in await checklist.obstacles(it, "unit")] == [one.code for one in refused.value.refusals]


async def test_a_complete_dossier_is_handed_in_and_kept_as_it_was(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house))
    assert await checklist.obstacles(it, "unit") == []
    assert await operations.hand_in(people.qian, it, version=await version_of(it)) is Stage.COUNTY
    row = await access.row_of(it)
    assert row["number"] == "XC-2026-JZ-0001"
    (copy,) = await changes.handed_in(it)
    content = msgspec.json.decode(copy["content"])
    assert content["dossier"]["deeds"]["summary"] == support.GOOD_SUMMARY
    with pytest.raises(Refusal) as refused:
        await operations.save_section(people.qian, it, "deeds", Deeds(), version=row["version"])
    assert refused.value.code == "not_with_unit"
    with pytest.raises(Refusal):
        await papers_kept.add_material(people.qian, it, "other", support.PDF, "x.pdf")


async def test_the_registry_s_record_of_the_union_and_of_the_nationality_decides(house, round_, people):
    """H50, H14: a name says nothing; the unit's record and the worker's do, and mending the record mends the checklist."""
    who = await support.worker(house, nationality="DEU")
    it = await starting.start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))

    async def missing() -> set[tuple[str, str | None]]:
        return {(one.code, one.rule) for one in await checklist.obstacles(it, "unit")}

    said = await missing()
    assert ("foreigner", "H14") in said
    assert ("no_union", "H50") not in said
    await fetch(
        "UPDATE organisation SET union_code = NULL, union_state = 'none' WHERE id = $1", house.organisations["jia"]
    )
    assert ("no_union", "H50") in await missing()
    await fetch("UPDATE organisation SET union_state = 'joint' WHERE id = $1", house.organisations["jia"])
    assert ("no_union", "H50") not in await missing()


async def test_drafts_are_saved_before_handing_in(house, round_, people):
    """What was typed and autosaved, and not sent, counts: nobody hands in less than what the page shows."""
    it = await support.complete(round_, people.qian, await support.worker(house), deeds__summary="")
    await drafts.keep(
        people.qian, it, "deeds", [("summary", support.GOOD_SUMMARY), ("deeds", support.GOOD_DEEDS), ("version", "7")]
    )
    await operations.hand_in(people.qian, it, version=await version_of(it))
    row = await access.row_of(it)
    assert dossier_of(row["dossier"]).deeds.summary == support.GOOD_SUMMARY
    assert await drafts.of(people.qian, it) == {}


async def test_a_draft_is_its_writers_own(house, round_, people):
    it = await round_.nomination(await support.worker(house))
    await drafts.keep(people.qian, it, "deeds", [("summary", "甲")])
    await drafts.keep(people.qian, it, "deeds", [("summary", "甲乙")])
    assert (await drafts.of(people.qian, it))["deeds"].values == (("summary", "甲乙"),)
    assert await drafts.of(people.sun, it) == {}
    assert dossier_of((await access.row_of(it))["dossier"]).deeds.summary == ""


async def test_what_changed_since_the_return(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house))
    await operations.hand_in(people.qian, it, version=await version_of(it))
    from honours.nominations.moving import move_nomination

    assert await changes.since_return(await access.row_of(it)) is None
    await move_nomination(people.xuanzhou, it, "return", opinion="实到与签到表不一致")
    procedure = support.good_dossier(procedure__present="80").procedure
    await operations.save_section(people.qian, it, "procedure", procedure, version=await version_of(it))
    expected = [("procedure.present", "81", "80")]
    assert [(c.field, c.was, c.now) for c in await changes.since_return(await access.row_of(it)) or []] == expected
    await operations.hand_in(people.qian, it, version=await version_of(it))
    row = await access.row_of(it)
    assert [(c.field, c.was, c.now) for c in await changes.since_return(row) or []] == expected
    assert row["number"] == "XC-2026-JZ-0001"


async def test_a_neighbour_finds_nothing(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house))
    for attempt in (
        operations.save_section(people.zhou, it, "procedure", Procedure(), version=1),
        operations.hand_in(people.zhou, it, version=1),
        operations.withdraw(people.zhou, it, version=1),
        papers_kept.add_material(people.zhou, it, "other", support.PDF, "x.pdf"),
        papers_kept.portrait_for(people.zhou, it),
        operations.record_consent(people.zhou, it, ConsentForm(given="no", signed_on=support.NOW.date())),
        access.row_for(
            people.ningguo, it, __import__("honours.permissions", fromlist=["x"]).Permission.SEE_NOMINATIONS
        ),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_late_is_given_up(house, round_, people):
    """H35."""
    it = await support.complete(round_, people.qian, await support.worker(house))
    await fetch(
        "UPDATE cycle SET unit_due_at = $2 WHERE id = $1", round_.cycle, support.NOW.replace(hour=14, minute=35)
    )
    assert [(one.code, one.rule) for one in await checklist.obstacles(it, "unit")] == [("too_late", "H35")]


async def test_consent_newest_counts(house, round_, people):
    """P2: refused after given blocks, at every gate."""
    it = await support.complete(round_, people.qian, await support.worker(house))
    async with moved_to(support.NOW + timedelta(minutes=1)):
        await operations.record_consent(people.qian, it, ConsentForm(given="no", signed_on=support.NOW.date()))
    assert [one.code for one in await checklist.obstacles(it, "unit")] == ["consent_refused"]
    with pytest.raises(Refusal) as refused:
        await operations.record_consent(
            people.qian, it, ConsentForm(given="yes", signed_on=support.NOW.date(), covers=("deeds",))
        )
    assert refused.value.code == "consent_covers_nothing"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"GIF89a", "material_kind"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "material_kind"), (b"%PDF-1.4 no", "material_broken"),
        (b"\x89PNG\r\n\x1a\nnothing", "material_broken"), (b"\xff\xd8\xff" + b"0" * 10, "material_broken"), (b"%PDF-" + b"0" * (10 * 2**20), "material_large"),
        (b"", "material_kind"), (b"MZ\x90\x00", "material_kind"),
    ],
)  # fmt: skip
async def test_what_is_no_paper_is_refused(house, round_, people, body, code):
    it = await round_.nomination(await support.worker(house))
    with pytest.raises(Refusal) as refused:
        await papers_kept.add_material(people.qian, it, "other", body, "x.pdf")
    assert (refused.value.code, refused.value.rule) == (code, "H60")


async def test_pictures_are_written_anew_and_named_by_what_they_are(house, round_, people):
    it = await round_.nomination(await support.worker(house))
    sent = support.picture(kind="PNG")
    made = await papers_kept.add_material(people.qian, it, "other", sent, "..\\..\\证书<1>.png")
    body, name, media_type = await papers_kept.material_for(people.xuanzhou, it, made)
    assert body != sent
    assert body.startswith(b"\xff\xd8\xff")
    assert (name, media_type) == ("证书1.jpg", "image/jpeg")
    with pytest.raises(NotFound):
        await papers_kept.material_for(people.zhou, it, made)
    with pytest.raises(Refusal) as refused:
        await papers_kept.set_portrait(people.qian, it, support.picture(100, 140))
    assert refused.value.code == "portrait_small"


async def test_two_colleagues_start_and_save_at_once(committed):
    async with transaction():
        house = await House().build()
        people = await people_of(house)
        round_ = await support.Round(house).build()
        who = await support.worker(house)
    form = StartForm(award=round_.awards["city-may1-medal"], worker=who)
    results = await asyncio.gather(
        *(starting.start_nomination(actor, form) for actor in (people.qian, people.sun)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == ["Refusal", "UUID"]
    (it,) = [row["id"] for row in await fetch("SELECT id FROM nomination")]
    saved = await asyncio.gather(
        *(
            operations.save_section(actor, it, "deeds", Deeds(summary=actor.login), version=1)
            for actor in (people.qian, people.sun)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in saved) == ["Stale", "int"]
    row = await fetchrow("SELECT version, dossier FROM nomination")
    assert row is not None
    assert row["version"] == 2
    winner = people.qian.login if saved[0] == 2 else people.sun.login
    assert dossier_of(row["dossier"]).deeds.summary == winner


async def test_only_one_of_two_hand_ins_counts(committed):
    async with transaction():
        house = await House().build()
        people = await people_of(house)
        await support.calendar_2026()
        round_ = await support.Round(house).build()
        await fetch("UPDATE cycle SET unit_due_at = now() + interval '9 days'")
        it = await support.complete(round_, people.qian, await support.worker(house))
    version = await version_of(it)
    results = await asyncio.gather(
        *(operations.hand_in(actor, it, version=version) for actor in (people.qian, people.sun)), return_exceptions=True
    )
    kinds = sorted(type(one).__name__ for one in results)
    assert kinds[1] == "Stage"
    assert isinstance(next(one for one in results if not isinstance(one, Stage)), Refusal | Conflict | Stale)
    assert await fetchval("SELECT count(*) FROM handed_in") == 1
    assert await fetchval("SELECT number FROM nomination") == "XC-2026-JZ-0001"
