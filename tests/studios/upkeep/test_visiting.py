"""The assessment's visit (T8): the panel's total makes the grade, what it noted is to be mended, the second visit ends it."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import uuid4

import msgspec
import pytest

from foundation.database import fetch, fetchval
from foundation.errors import Conflict, Refusal, Refusals
from studios.applications import sheets, visits
from studios.schemas import Check, Item, ScoringTable, Section
from studios.tables.studios import ProgrammeRuleSet
from studios.upkeep import operations as life
from studios.upkeep import visiting
from studios.upkeep.schemas import AssessForm, EndForm, EndVisitForm, ReasonForm, RevisitForm, SendPanelForm
from tests.studios.upkeep.world import CITY_RULES, World, at, of
from tests.support.people import House

TODAY = date(2026, 3, 3)
TABLE = ScoringTable(
    title="示例扣分表", source="T10",
    sections=(
        Section(code="all", label="全部", items=(
            Item(code="results", label="成效", points="90"),
            Item(code="taught", label="带徒", points="10", kind="deducted", checks=(
                Check(code="list", label="有徒弟花名册", kind="yes_no", deduct="2"),
                Check(code="agree", label="师徒协议与台账一致", kind="note"),
            )),
        )),
    ),
)  # fmt: skip


@pytest.fixture
async def city(house):
    return await house.person("sun", "city_officer", at="city")


@pytest.fixture
async def panel(house):
    return [await house.person(login, "studio_expert", at="city") for login in ("yang", "lin", "he")]


async def ruled(world: World) -> None:
    rules = msgspec.structs.replace(CITY_RULES, assessment_table=TABLE)
    await ProgrammeRuleSet(programme=world.city_programme, number=2, rules=msgspec.json.encode(rules).decode()).save()


def order(panel, version: int, **more) -> SendPanelForm:
    given = {"year": 2026, "planned_on": TODAY, "experts": tuple(one.account for one in panel), "version": version}
    return SendPanelForm(**{**given, **more})


async def score(panel, visit, results: list[str], *, roster: bool = True, agree: bool = True) -> None:
    for expert, points in zip(panel, results, strict=True):
        given = (
            sheets.Given(item="results", base=0, points=points),
            sheets.Given(item="taught", base=0, checks={"list": roster, "agree": agree}),
        )
        await sheets.save_answers(expert, visit, sheets.AnswersIn(key=uuid4(), answers=given))
        await sheets.sign_sheet(expert, visit)


async def test_the_panels_total_makes_the_grade(world, city, panel):
    await ruled(world)
    studio = await world.studio()
    async with at(TODAY):
        visit = await visiting.send_panel(city, studio, order(panel, 1))
        await score(panel, visit, ["84", "86.5", "88"], roster=False)
        version = (await of(studio))["version"]
        with pytest.raises(Refusal) as lowered:
            await visiting.end_visit(city, studio, EndVisitForm(grade="qualified", version=version))
        assert lowered.value.code == "grade_reason"
        total = await visiting.end_visit(city, studio, EndVisitForm(version=version))
    assert total == "94.17"  # (84 + 86.5 + 88) / 3 = 86.1666…, + 10 − 2
    row = (await fetch("SELECT * FROM assessment"))[0]
    assert (row["visit"], row["year"], row["total"], row["grade"]) == (visit, 2026, "94.17", "excellent")
    assert (await of(studio))["last_grade"] == "excellent"


async def test_what_the_panel_noted_is_to_be_mended_and_the_second_visit_ends_it(world, city, panel):
    await ruled(world)
    studio = await world.studio()
    async with at(TODAY):
        visit = await visiting.send_panel(city, studio, order(panel, 1))
        await score(panel, visit, ["55", "55", "55"], agree=False)
        await visiting.end_visit(city, studio, EndVisitForm(version=(await of(studio))["version"]))
        assert (await of(studio))["stage"] == "rectifying"
        assert [one["text"] for one in await fetch("SELECT text FROM rectification_point")] == [
            "带徒：师徒协议与台账一致"
        ]
        second = await visiting.send_panel(city, studio, order(panel, (await of(studio))["version"], kind="revisit"))
        state = await sheets.state_for(panel[0], second)
        assert [one["text"] for one in state.earlier] == ["带徒：师徒协议与台账一致"]
        await score(panel, second, ["80", "80", "80"])
        version = (await of(studio))["version"]
        with pytest.raises(Refusal) as open_still:
            await visiting.end_visit(city, studio, EndVisitForm(version=version))
        assert open_still.value.code == "revisit_open"
        assert await fetchval("SELECT stage FROM visit WHERE id = $1", second) == "open", "refused: the visit goes on"
        await visiting.end_visit(city, studio, EndVisitForm(mended=("yes",), version=version))
    assert (await of(studio))["stage"] == "active"
    assert await fetchval("SELECT revisit FROM rectification") == second


async def test_an_unsigned_sheet_ends_nothing(world, city, panel):
    await ruled(world)
    studio = await world.studio()
    async with at(TODAY):
        visit = await visiting.send_panel(city, studio, order(panel, 1))
        await score(panel[:2], visit, ["80", "80"])
        with pytest.raises(Refusals) as refused:
            await visiting.end_visit(city, studio, EndVisitForm(version=1))
        assert [one.code for one in refused.value.refusals] == ["sheet_unsigned"]
        with pytest.raises(Conflict) as running:
            await life.assess(city, studio, AssessForm(year=2026, total="95", reason="材料齐全", version=1))
        assert running.value.code == "visit_open", "no total beside a panel that is under way"
        with pytest.raises(Conflict):
            await visiting.call_off(city, studio, ReasonForm(reason="大雪", version=1))
    assert not await fetch("SELECT 1 FROM assessment")


async def test_everything_wrong_with_an_order_comes_at_once(world, city, panel, house):
    await ruled(world)
    studio = await world.studio()
    near = await house.person("xu", "studio_expert", at="xuanzhou")
    async with at(TODAY):
        with pytest.raises(Refusals) as refused:
            await visiting.send_panel(
                city, studio, order([*panel[:2], near], 1, planned_on=date(2026, 3, 2), year=2024)
            )
        assert {(one.code, one.field) for one in refused.value.refusals} == {
            ("visit_past", "planned_on"), ("assess_year", "year"), ("panel_short", "experts"),
        }  # fmt: skip
        assert not await fetch("SELECT 1 FROM visit")
        await life.assess(city, studio, AssessForm(year=2026, total="95", reason="材料齐全", version=1))
        version = (await of(studio))["version"]
        for form, code in (
            (order(panel, version), "assessed_already"),
            (order(panel, version, kind="revisit"), "not_rectifying"),
        ):
            with pytest.raises(Conflict) as conflict:
                await visiting.send_panel(city, studio, form)
            assert conflict.value.code == code


async def test_a_visit_is_called_off_and_another_sent_and_an_end_calls_it_off_too(world, city, panel):
    await ruled(world)
    studio = await world.studio()
    async with at(TODAY):
        first = await visiting.send_panel(city, studio, order(panel, 1))
        with pytest.raises(Conflict):
            await visiting.send_panel(city, studio, order(panel, 1))
        await visiting.call_off(city, studio, ReasonForm(reason="大雪封路", version=1))
        second = await visiting.send_panel(city, studio, order(panel, 1))
        await life.end_studio(
            city, studio, EndForm(action="close", reason="企业关闭", version=(await of(studio))["version"])
        )
    assert {row["id"]: row["stage"] for row in await fetch("SELECT id, stage FROM visit")} == {
        first: "called_off", second: "called_off",
    }  # fmt: skip
    with pytest.raises(Conflict):
        await visits.close_visit(city, second)


async def test_two_officers_at_once_grade_once(committed):
    house = await House().build()
    world = await World(house).build()
    await ruled(world)
    city = await house.person("sun", "city_officer", at="city")
    panel = [await house.person(login, "studio_expert", at="city") for login in ("yang", "lin", "he")]
    studio = await world.studio()
    today = await fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    visit = await visiting.send_panel(city, studio, order(panel, 1, year=today.year, planned_on=today))
    await score(panel, visit, ["80", "80", "80"])
    form = EndVisitForm(version=(await of(studio))["version"])
    outcome = await asyncio.gather(
        *(visiting.end_visit(city, studio, form) for _officer in range(2)), return_exceptions=True
    )
    assert sum(one == "90.00" for one in outcome) == 1, outcome
    assert await fetchval("SELECT count(*) FROM assessment") == 1


async def test_officers_do_it_on_the_page_and_others_cannot(world, city, panel, house, browse):
    await ruled(world)
    studio = await world.studio()
    path = f"/studio-register/{studio}"
    today = await fetchval("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
    page, contact = await browse(city), await browse(await house.person("li", "enterprise_contact", at="jia"))
    fields = {"kind": "assessment", "year": str(today.year), "planned_on": today.isoformat(), "version": "1"}
    short = await page.submit(f"{path}/acts/visit", fields | {"experts": str(panel[0].account)})
    assert short.status_code == 422
    assert "评审组至少 3 人，除去回避的现有 1 人" in short.text
    assert f'value="{panel[0].account}" checked' in short.text, "what was chosen is kept"
    assert (await contact.submit(f"{path}/acts/visit", fields)).status_code == 403
    visit = await visiting.send_panel(city, studio, order(panel, 1, year=today.year, planned_on=today))
    assert f"{today.year} 年度考核" in (await (await browse(panel[0])).get("/studios/visits")).text
    await score(panel, visit, ["70", "72", "77"])
    shown = (await page.get(path)).text
    assert "结束走访，按得分定结论" in shown
    version = str((await of(studio))["version"])
    assert (await page.submit(f"{path}/acts/visit-end", {"version": version})).status_code == 303
    assert "走访得分" in (await page.get(path)).text
    assert (await of(studio))["last_grade"] == "qualified"  # 73 + 10


async def test_the_typed_revisit_stays_for_what_was_seen_without_a_panel(world, city):
    studio = await world.studio()
    async with at(TODAY):
        await life.assess(city, studio, AssessForm(year=2026, total="65", points="标牌", reason="材料齐全", version=1))
        await life.revisit(city, studio, RevisitForm(mended=("yes",), reason=""))
    assert (await of(studio))["stage"] == "active"
    assert await fetchval("SELECT revisit FROM rectification") is None
