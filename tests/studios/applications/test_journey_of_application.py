"""From the draft to the plaque: each gate, each refusal, who sees what, two at once."""

from __future__ import annotations

import asyncio
import base64
import io
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from PIL import Image

from foundation import clock
from foundation.database import fetch
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from registry.achievements.operations import withdraw
from studios.applications import naming, notices, operations, programmes, sheets, todo, visits
from studios.applications.moving import move_application
from studios.applications.schemas import NoticeForm, Place, VisitForm
from studios.applications.sheets import AnswersIn, Given, PhotoIn
from studios.upkeep.operations import end_studio
from studios.upkeep.schemas import EndForm
from tests.studios.applications.support import Scene
from tests.support.people import House

EIGHT = ("sign", "place", "kit", "team", "rules", "funds", "books", "results")


@pytest.fixture
async def scene(house):
    return await Scene(house).build()


def answers(points: dict[str, str], *, base: int = 0) -> AnswersIn:
    return AnswersIn(
        key=uuid4(), answers=tuple(Given(item=item, base=base, points=text) for item, text in points.items())
    )


async def score(scene: Scene, visit, totals: list[dict[str, str]]) -> None:
    for expert, points in zip(scene.experts, totals, strict=True):
        await sheets.save_answers(expert, visit, answers(points))
        await sheets.sign_sheet(expert, visit)


def full(**less: str) -> dict[str, str]:
    points = {
        "sign": "10",
        "place": "10",
        "kit": "10",
        "team": "15",
        "rules": "10",
        "funds": "10",
        "books": "15",
        "results": "20",
    }
    return {**points, **less}


async def test_an_empty_draft_hears_everything_that_is_missing_at_once(scene):
    made = await scene.draft()
    with pytest.raises(Refusals) as refused:
        await operations.submit(scene.contact, made, version=await scene.version(made))
    codes = [one.code for one in refused.value.refusals]
    assert codes.count("paper_missing") == 8
    assert {"team_small", "topics_few", "place_unfilled", "work_unfilled", "results_unfilled"} <= set(codes)
    assert await scene.stage(made) == "draft"


async def test_a_leader_whose_honour_was_revoked_cannot_apply_nor_be_recommended(scene):
    made = await scene.submitted()
    await withdraw(scene.city, source=scene.honour, reason="撤销")
    with pytest.raises(Refusals) as refused:
        await operations.decide(scene.county, made, "recommend", opinion="", version=await scene.version(made))
    assert [one.code for one in refused.value.refusals] == ["leader_honour"]


async def test_another_unit_finds_nothing_and_the_county_cannot_do_the_citys_step(scene):
    made = await scene.submitted()
    with pytest.raises(NotFound):
        await operations.save_section(scene.neighbour, made, "place", Place(), version=1)
    other = await scene.house.person("zhou", "county_officer", at="ningguo")
    with pytest.raises(NotFound):
        await operations.decide(other, made, "recommend", opinion="", version=await scene.version(made))
    await operations.decide(scene.county, made, "recommend", opinion="好", version=await scene.version(made))
    with pytest.raises(Forbidden):
        await move_application(scene.county, made, "return", opinion="不全")


async def test_a_draft_is_not_shown_to_officers(scene, browse):
    made = await scene.draft()
    browser = await browse(scene.county)
    assert (await browser.get(f"/studios/applications/{made}")).status_code == 404
    mine = await (await browse(scene.contact)).get(f"/studios/applications/{made}")
    assert "陈癸成劳模创新工作室" in mine.text


async def test_a_return_wants_its_reason_gives_a_day_and_comes_back(scene):
    made = await scene.submitted()
    with pytest.raises(Refusal, match="理由"):
        await operations.decide(scene.county, made, "return", opinion=" ", version=await scene.version(made))
    await operations.decide(scene.county, made, "return", opinion="缺照片", version=await scene.version(made))
    row = (await fetch("SELECT stage, returned_due_on, number FROM studio_application WHERE id = $1", made))[0]
    assert row["stage"] == "returned"
    assert row["returned_due_on"] > await clock.today()
    await operations.submit(scene.contact, made, version=await scene.version(made))
    again = (await fetch("SELECT stage, number FROM studio_application WHERE id = $1", made))[0]
    assert (again["stage"], again["number"]) == ("county", "XC-GZS-2026-001")


async def test_a_stale_save_is_refused_and_shows_the_newer_version(scene):
    made = await scene.draft()
    await operations.save_section(scene.contact, made, "place", Place(address="甲"), version=1)
    with pytest.raises(Stale):
        await operations.save_section(scene.contact, made, "place", Place(address="乙"), version=1)


async def test_rules_are_locked_while_a_call_is_open(scene):
    text = (await programmes.newest_rules(scene.programme))["rules"]
    with pytest.raises(Conflict):
        await programmes.save_rules(scene.city, scene.programme, text, reason="改", version=2)


async def test_experts_of_the_unit_or_its_county_are_excused_and_too_few_is_refused(scene):
    made = await scene.submitted()
    await operations.decide(scene.county, made, "recommend", opinion="", version=await scene.version(made))
    own = await scene.house.person("own", "studio_expert", at="jia")
    near = await scene.house.person("near", "studio_expert", at="xuanzhou")
    day, version = await clock.today(), await scene.version(made)
    short = (own.account, near.account, *(one.account for one in scene.experts[:2]))
    with pytest.raises(Refusals) as refused:
        await operations.arrange_visit(scene.city, made, VisitForm(planned_on=day, experts=short, version=version))
    assert refused.value.refusals[0].facts == {"least": 3, "have": 2}
    everybody = (own.account, *(one.account for one in scene.experts))
    visit = await operations.arrange_visit(
        scene.city, made, VisitForm(planned_on=day, experts=everybody, version=await scene.version(made))
    )
    assert await scene.stage(made) == "visit"
    with pytest.raises(NotFound):
        await sheets.state_for(own, visit)
    assert len((await sheets.state_for(scene.experts[0], visit)).panel) == 3


async def test_answers_are_versions_once_for_each_key_and_never_shown_to_others(scene):
    _made, visit = await scene.visited()
    yang, lin = scene.experts[:2]
    sent = answers({"sign": "8"})
    first = await sheets.save_answers(yang, visit, sent)
    assert await sheets.save_answers(yang, visit, sent) == first
    with pytest.raises(Stale):
        await sheets.save_answers(yang, visit, answers({"sign": "9"}))
    await sheets.save_answers(yang, visit, answers({"sign": "9"}, base=1))
    rows = await fetch("SELECT number, answer FROM visit_answer ORDER BY number")
    assert [row["number"] for row in rows] == [1, 2]
    theirs = await sheets.state_for(lin, visit)
    assert theirs.answers == ()
    assert [one.standing for one in theirs.panel] == ["begun", "none", "none"]
    assert [one.name for one in theirs.panel if not one.me] == ["", ""]


async def test_points_that_the_table_does_not_take_are_refused_together(scene):
    _made, visit = await scene.visited()
    with pytest.raises(Refusals) as refused:
        await sheets.save_answers(scene.experts[0], visit, answers({"sign": "11", "place": "7.3", "nothing": "1"}))
    assert [one.code for one in refused.value.refusals] == [
        "points_out_of_range",
        "points_between_steps",
        "no_such_item",
    ]
    assert await fetch("SELECT 1 FROM visit_answer") == []


async def test_a_sheet_is_signed_complete_then_locked(scene):
    _made, visit = await scene.visited()
    yang = scene.experts[0]
    await sheets.save_answers(yang, visit, answers({"sign": "8"}))
    with pytest.raises(Refusal) as refused:
        await sheets.sign_sheet(yang, visit)
    assert refused.value.facts["count"] == 7
    rest = {code: text for code, text in full().items() if code != "sign"}
    await sheets.save_answers(yang, visit, answers(rest))
    assert await sheets.sign_sheet(yang, visit) == "98"
    with pytest.raises(Conflict):
        await sheets.save_answers(yang, visit, answers({"sign": "10"}, base=1))


async def test_a_photo_is_written_anew_without_its_exif_once_and_only_its_own_expert_sees_it(scene):
    _made, visit = await scene.visited()
    picture, exif = Image.new("RGB", (40, 30), "red"), Image.Exif()
    exif[0x010E] = "机密描述"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    given = PhotoIn(
        id=uuid4(), item="sign", taken_at=await clock.now(), latitude="30.940000", longitude="118.750000",
        data=base64.b64encode(out.getvalue()).decode(),
    )  # fmt: skip
    yang, lin = scene.experts[:2]
    await sheets.add_photo(yang, visit, given)
    assert await sheets.add_photo(yang, visit, given) == given.id
    assert len(await fetch("SELECT 1 FROM visit_photo")) == 1
    body, _name, media_type = await sheets.photo_for(yang, visit, given.id)
    assert media_type == "image/jpeg"
    with Image.open(io.BytesIO(body)) as kept:
        assert dict(kept.getexif()) == {}
    with pytest.raises(NotFound):
        await sheets.photo_for(lin, visit, given.id)


async def test_a_visit_closes_with_the_panels_mean_and_only_with_every_sheet(scene):
    made, visit = await scene.visited()
    yang = scene.experts[0]
    await sheets.save_answers(yang, visit, answers(full()))
    await sheets.sign_sheet(yang, visit)
    with pytest.raises(Refusals) as refused:
        await operations.end_visit(scene.city, made)
    assert [one.code for one in refused.value.refusals] == ["sheet_unsigned"] * 2
    for expert, points in zip(scene.experts[1:], (full(results="0"), full(results="10.5")), strict=True):
        await sheets.save_answers(expert, visit, answers(points))
        await sheets.sign_sheet(expert, visit)
    closed = await operations.end_visit(scene.city, made)
    assert (closed.total, closed.grade) == ("90.17", "excellent")  # (100 + 80 + 90.5) / 3 = 90.1666…
    assert await scene.stage(made) == "meeting"


async def approved(scene: Scene):
    made, visit = await scene.visited()
    await score(scene, visit, [full(), full(), full()])
    await operations.end_visit(scene.city, made)
    await operations.decide(scene.city, made, "approve", opinion="会议通过", version=await scene.version(made))
    return made


NOTICE = NoticeForm(
    title="公示", basis="现予公示。", days=5, office="经济部", address="示例路1号", phone="0563-0000000"
)


async def test_nothing_is_named_before_the_notice_is_over(scene):
    made = await approved(scene)
    with pytest.raises(Refusals) as refused:
        await name(scene, made)
    assert [one.code for one in refused.value.refusals] == ["notice_missing"]
    notice = await notices.announce(scene.city, scene.call, NOTICE)
    await withdraw(scene.city, source=scene.honour, reason="撤销")
    with pytest.raises(Refusals) as refused:
        await name(scene, made)
    assert {one.code for one in refused.value.refusals} == {"notice_still_open", "leader_honour"}, "all at once"
    assert (await fetch("SELECT source_kind FROM notice WHERE id = $1", notice))[0]["source_kind"] == "studio_call"


async def name(scene: Scene, made):
    return await naming.name_studio(
        scene.city, made, document=uuid4(), document_number="宣工〔2026〕1号", named_on=date(2026, 3, 1)
    )


async def over(scene: Scene) -> None:
    """As if the notice's days had passed."""
    await notices.announce(scene.city, scene.call, NOTICE)
    await fetch("UPDATE notice SET first_day = '2026-01-05', last_day = '2026-01-09', stage = 'ended'")


async def test_naming_makes_the_studio_its_people_achievements_and_certificates(scene):
    made = await approved(scene)
    await over(scene)
    studio = await name(scene, made)
    row = (await fetch("SELECT * FROM studio WHERE id = $1", studio))[0]
    assert (row["name"], row["stage"], row["cycle_ends_on"]) == ("陈癸成劳模创新工作室", "active", date(2029, 3, 1))
    roles = await fetch("SELECT role, count(*) AS n FROM studio_member GROUP BY role ORDER BY role")
    assert [(one["role"], one["n"]) for one in roles] == [("leader", 1), ("member", 4)]
    told = await fetch("SELECT worker, organisation FROM achievement WHERE kind = 'studio' ORDER BY worker NULLS LAST")
    assert [(one["worker"], one["organisation"]) for one in told] == [
        (scene.leader, None), (None, scene.house.organisations["jia"])
    ]  # fmt: skip
    given = await fetch("SELECT template FROM certificate ORDER BY template")
    assert [one["template"].partition("/")[0] for one in given] == ["naming", "plaque"]
    assert await scene.stage(made) == "named"
    with pytest.raises(Conflict):
        await name(scene, made)


async def test_two_officers_at_once_name_once(committed):
    scene = await Scene(await House().build()).build()
    made = await approved(scene)
    await over(scene)
    outcome = await asyncio.gather(name(scene, made), name(scene, made), return_exceptions=True)
    assert sorted(isinstance(one, Conflict) for one in outcome) == [False, True], outcome
    assert len(await fetch("SELECT 1 FROM studio")) == 1
    assert len(await fetch("SELECT 1 FROM achievement WHERE kind = 'studio'")) == 2


async def test_an_upheld_objection_takes_the_studio_out_once(scene):
    made = await approved(scene)
    await over(scene)
    body = {"outcome": "upheld", "subject_kind": "studio_application", "subject": str(made)}
    await notices.heard_conclusion(body)
    await notices.heard_conclusion(body)
    assert await scene.stage(made) == "rejected"


async def test_the_pages_of_every_reader_open(scene, browse):
    made, visit = await scene.visited()
    city, expert = await browse(scene.city), await browse(scene.experts[0])
    for path in ("/studios/programmes", f"/studios/programmes/{scene.programme}", f"/studios/calls/{scene.call}"):
        assert "宣城市劳模工匠创新工作室" in (await city.get(path)).text, path
    assert "lin（示例）" in (await city.get(f"/studios/applications/{made}")).text
    assert "陈癸成劳模创新工作室" in (await expert.get("/studios/visits")).text
    assert (await expert.get(f"/studios/visits/{visit}")).status_code == 200
    state = (await expert.get(f"/api/v1/visits/{visit}")).json()
    assert [item["code"] for item in state["table"]["sections"][0]["items"]] == list(EIGHT)
    assert (await (await browse(scene.contact)).get(f"/studios/visits/{visit}")).status_code == 403
    assert (await city.get(f"/api/v1/visits/{visit}")).status_code == 403


async def test_visits_are_for_assessments_too(scene):
    order = visits.VisitOrder(
        kind="assessment", subject=uuid4(), title="示例", context="2026 年度考核", organisation=scene.house.organisations["jia"],
        union=scene.house.organisations["city"], table=(await programmes.rules_of(scene.programme)).assessing,
        planned_on=await clock.today(), experts=tuple(one.account for one in scene.experts),
    )  # fmt: skip
    visit = await visits.plan_visit(scene.city, order)
    with pytest.raises(Conflict):
        await visits.plan_visit(scene.city, order)
    await score(scene, visit, [full(results="0")] * 3)
    assert (await visits.close_visit(scene.city, visit)).grade == "qualified"


async def test_a_visit_is_called_off_before_anybody_signed_and_another_is_sent(scene, browse):
    made, visit = await scene.visited()
    with pytest.raises(Refusal, match="理由"):
        await operations.call_off_visit(scene.city, made, reason=" ", version=await scene.version(made))
    county, city = await browse(scene.county), await browse(scene.city)
    form = {"opinion": "大雪封路", "version": str(await scene.version(made))}
    assert (await county.submit(f"/studios/applications/{made}/visit/cancellation", form)).status_code == 403
    assert (await city.submit(f"/studios/applications/{made}/visit/cancellation", form)).status_code == 303
    assert await scene.stage(made) == "city"
    page = (await city.get(f"/studios/applications/{made}")).text
    assert "大雪封路" in page
    assert "安排走访" in page
    with pytest.raises(NotFound):
        await sheets.state_for(scene.experts[0], visit)
    again = await operations.arrange_visit(
        scene.city, made,
        VisitForm(planned_on=await clock.today(), experts=tuple(one.account for one in scene.experts), version=await scene.version(made)),
    )  # fmt: skip
    await sheets.save_answers(scene.experts[0], again, answers(full()))
    await sheets.sign_sheet(scene.experts[0], again)
    with pytest.raises(Conflict):
        await operations.call_off_visit(scene.city, made, reason="迟了", version=await scene.version(made))
    assert await scene.stage(made) == "visit", "a refusal leaves everything where it was"


async def test_a_returned_application_is_a_to_do_until_its_last_day_is_over(scene):
    made = await scene.submitted()
    await operations.decide(scene.county, made, "return", opinion="缺照片", version=await scene.version(made))
    last = (await fetch("SELECT returned_due_on FROM studio_application WHERE id = $1", made))[0]["returned_due_on"]
    (to_do,) = await todo.to_dos(scene.contact, await clock.now())
    assert to_do.due is not None
    assert (to_do.href, to_do.due.date()) == (f"/studios/applications/{made}", last)
    assert await todo.to_dos(scene.neighbour, await clock.now()) == []
    async with clock.moved_to(datetime(last.year, last.month, last.day, 23, 50, tzinfo=clock.SHANGHAI)):
        assert await operations.abandon_late() == 0
    async with clock.moved_to(
        datetime(last.year, last.month, last.day, 0, 1, tzinfo=clock.SHANGHAI) + timedelta(days=1)
    ):
        assert await operations.abandon_late() == 1
        assert await operations.abandon_late() == 0
    assert await scene.stage(made) == "abandoned"
    assert await todo.to_dos(scene.contact, await clock.now()) == []


async def test_a_revoked_studio_loses_the_achievements_of_its_naming(scene):
    made = await approved(scene)
    await over(scene)
    studio = await name(scene, made)
    version = (await fetch("SELECT version FROM studio WHERE id = $1", studio))[0]["version"]
    await end_studio(scene.city, studio, EndForm(action="revoke", reason="材料不实", version=version))
    rows = await fetch("SELECT withdrawn_at, withdrawn_reason FROM achievement WHERE kind = 'studio'")
    assert len(rows) == 2
    assert all(row["withdrawn_at"] and row["withdrawn_reason"] == "撤销命名" for row in rows)
    honour = await fetch("SELECT withdrawn_at FROM achievement WHERE kind = 'honour'")
    assert [row["withdrawn_at"] for row in honour] == [None], "the leader's own honour stays"
