"""A whole call named by one document: all or nothing, every obstacle at once, counts as annexed (H70), once for two officers."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest

from foundation import clock
from foundation.database import fetch, fetchval
from foundation.errors import NotFound, Refusal, Refusals
from registry.achievements.operations import record, withdraw
from registry.achievements.schemas import Achieved
from studios.applications import naming, notices, operations, sheets
from studios.applications.schemas import NamingForm, NoticeForm, VisitForm
from studios.upkeep import rereview
from tests.studios.applications.support import Scene, worker
from tests.support.people import House

FORM = NamingForm(
    title="关于命名2026年创新工作室的决定", series="宣工", named_on=date(2026, 3, 2), reason="为发挥示范引领作用，"
)
NOTICE = NoticeForm(
    title="公示", basis="现予公示。", days=5, office="经济部", address="示例路1号", phone="0563-0000000"
)
POINTS = {
    "sign": "10",
    "place": "10",
    "kit": "10",
    "team": "15",
    "rules": "10",
    "funds": "10",
    "books": "15",
    "results": "20",
}


async def another_leader(scene: Scene, name: str, serial: int) -> UUID:
    """A second model worker of 甲厂; returns what the honour came from."""
    scene.leader = await worker(scene.house, "jia", name, serial)
    source = uuid4()
    await record(
        scene.city,
        Achieved(
            holder_name=name, kind="honour", title="宣城市五一劳动奖章", achieved_on=date(2023, 4, 30), level="city",
            source_kind="roll_entry", source=source, worker=scene.leader, facts={"family": "may1_medal"},
        ),
    )  # fmt: skip
    return source


async def approved(scene: Scene) -> UUID:
    made, visit = await scene.visited()
    for expert in scene.experts:
        given = tuple(sheets.Given(item=item, base=0, points=text) for item, text in POINTS.items())
        await sheets.save_answers(expert, visit, sheets.AnswersIn(key=uuid4(), answers=given))
        await sheets.sign_sheet(expert, visit)
    await operations.end_visit(scene.city, made)
    await operations.decide(scene.city, made, "approve", opinion="会议通过", version=await scene.version(made))
    return made


async def two_approved(house: House) -> tuple[Scene, list[UUID], UUID]:
    """陈癸成's and 韩丙寅's applications, both approved; with the source of the second leader's honour."""
    scene = await Scene(house).build()
    first = await approved(scene)
    source = await another_leader(scene, "韩丙寅", 12)
    return scene, [first, await approved(scene)], source


async def announced(scene: Scene, *, over: bool = True) -> None:
    await notices.announce(scene.city, scene.call, NOTICE)
    if over:
        await fetch("UPDATE notice SET first_day = '2026-01-05', last_day = '2026-01-09', stage = 'ended'")


async def counts() -> dict[str, int]:
    """How many rows of everything that naming makes."""
    return {
        name: await fetchval(f"SELECT count(*) FROM {table}")
        for name, table in {
            "studios": "studio", "namings": "studio_naming", "documents": "document WHERE stage = 'issued'",
            "achievements": "achievement WHERE kind = 'studio'", "certificates": "certificate",
        }.items()
    }  # fmt: skip


NOTHING = {"studios": 0, "namings": 0, "documents": 0, "achievements": 0, "certificates": 0}
BOTH = {"studios": 2, "namings": 2, "documents": 1, "achievements": 4, "certificates": 4}


async def test_one_document_names_the_whole_call(house):
    scene, applications, _source = await two_approved(house)
    await announced(scene)
    number, studios = await naming.name_call(scene.city, scene.call, FORM)
    assert number == "宣工〔2026〕1号"
    assert await counts() == BOTH
    rows = await fetch(
        "SELECT s.name, n.document_number FROM studio s JOIN studio_naming n ON n.studio = s.id ORDER BY s.code"
    )
    assert [(row["name"], row["document_number"]) for row in rows] == [
        ("陈癸成劳模创新工作室", number), ("韩丙寅劳模创新工作室", number),
    ]  # fmt: skip
    named = await fetch("SELECT id, stage, studio, document FROM studio_application ORDER BY number")
    assert [row["id"] for row in named] == applications
    assert {row["stage"] for row in named} == {"named"}
    assert {row["studio"] for row in named} == set(studios)
    assert len({row["document"] for row in named}) == 1


async def test_the_documents_counts_are_the_annexes(house):
    """H70: 等 N 个 says how many stand in the annex, and the one who is named is the first of them."""
    scene, _applications, _source = await two_approved(house)
    await announced(scene)
    await naming.name_call(scene.city, scene.call, FORM)
    body = str(await fetchval("SELECT paper::text FROM document WHERE stage = 'issued'"))
    assert "陈癸成劳模创新工作室等2个" in body
    assert body.count("韩丙寅劳模创新工作室") == 1, "the second stands in the annex alone"


async def test_every_obstacle_of_every_application_comes_at_once_and_nothing_is_named(house):
    scene, _applications, source = await two_approved(house)
    await announced(scene, over=False)
    await withdraw(scene.city, source=source, reason="撤销")
    with pytest.raises(Refusals) as refused:
        await naming.name_call(scene.city, scene.call, FORM)
    assert sorted(one.code for one in refused.value.refusals) == [
        "leader_honour",
        "notice_still_open",
        "notice_still_open",
    ]
    assert await counts() == NOTHING
    assert {row["stage"] for row in await fetch("SELECT stage FROM studio_application")} == {"notice"}


async def test_nobody_approved_and_no_second_time(house):
    scene = await Scene(house).build()
    with pytest.raises(Refusals) as refused:
        await naming.name_call(scene.city, scene.call, FORM)
    assert [one.code for one in refused.value.refusals] == ["nobody_approved"]
    await approved(scene)
    await announced(scene)
    await naming.name_call(scene.city, scene.call, FORM)
    with pytest.raises(Refusals) as refused:
        await naming.name_call(scene.city, scene.call, FORM)
    assert [one.code for one in refused.value.refusals] == ["nobody_approved"]
    with pytest.raises(NotFound):
        await naming.name_call(scene.county, scene.call, FORM)


async def test_two_officers_at_once_issue_one_document(committed):
    scene, _applications, _source = await two_approved(await House().build())
    await announced(scene)
    outcome = await asyncio.gather(
        *(naming.name_call(scene.city, scene.call, FORM) for _officer in range(2)), return_exceptions=True
    )
    [lost] = [one for one in outcome if isinstance(one, BaseException)]
    # on a slow machine the second waits in vain while the first draws its paper: told to come again, nothing written
    assert isinstance(lost, Refusal | Refusals | asyncpg.LockNotAvailableError), outcome
    assert await counts() == BOTH


async def test_a_leaders_honour_that_is_revoked_later_puts_that_studio_alone_under_re_review(house):
    """A12, T8."""
    scene, _applications, source = await two_approved(house)
    await announced(scene)
    await naming.name_call(scene.city, scene.call, FORM)
    await withdraw(scene.city, source=source, reason="撤销")
    achievement = await fetchval("SELECT id FROM achievement WHERE source = $1", source)
    await rereview.honour_withdrawn({"achievement": str(achievement)})
    rows = await fetch("SELECT leader_name, stage FROM studio ORDER BY code")
    assert [(row["leader_name"], row["stage"]) for row in rows] == [("陈癸成", "active"), ("韩丙寅", "rereview")]


async def test_a_college_is_named_after_its_unit_and_asks_no_honour(house, browse):
    """工匠学院 beside the studios (T1): ten teachers, no honour, 单位 + 工匠学院, and no re-review over a head's honour."""
    scene = await Scene(house).build(preset="college", kind="college")
    scene.leader, scene.people = scene.people[0], scene.people[1:]
    for serial in range(40, 46):
        scene.people.append(await worker(house, "jia", f"教师{serial}", serial))
    made = await scene.full("学院")
    unit = await fetchval(
        "SELECT coalesce(nullif(unit_name, ''), name) FROM organisation WHERE id = $1", house.organisations["jia"]
    )
    page = (await (await browse(scene.contact)).get(f"/studios/applications/{made}")).text
    assert f"{unit}工匠学院" in page
    dossier = operations.Dossier().place
    with pytest.raises(Refusal) as wrong:
        await operations.save_section(scene.contact, made, "place", dossier, version=await scene.version(made))
    assert wrong.value.code == "title_kind"
    await operations.submit(scene.contact, made, version=await scene.version(made))
    await operations.decide(scene.county, made, "recommend", opinion="同意", version=await scene.version(made))
    visit = await operations.arrange_visit(
        scene.city, made,
        VisitForm(planned_on=await clock.today(), experts=tuple(e.account for e in scene.experts), version=await scene.version(made)),
    )  # fmt: skip
    for expert in scene.experts:
        given = (
            *(sheets.Given(item=i, base=0, points=p) for i, p in {"sites": "10", "kit": "10", "money": "10", "courses": "10", "rules": "5", "levels": "10", "served": "5"}.items()),
            sheets.Given(item="teachers", base=0, checks={"hired": 9, "plan": True}),
            sheets.Given(item="trained", base=0, checks={"roster": True, "classes": 6}),
        )  # fmt: skip
        await sheets.save_answers(expert, visit, sheets.AnswersIn(key=uuid4(), answers=given))
        await sheets.sign_sheet(expert, visit)
    closed = await operations.end_visit(scene.city, made)
    assert closed.total == "94.00"  # 60 judged + (20 − 2 × 1) + (20 − 2 × 2)
    await operations.decide(scene.city, made, "approve", opinion="会议通过", version=await scene.version(made))
    await announced(scene)
    await naming.name_call(scene.city, scene.call, FORM)
    row = (await fetch("SELECT code, name, leader_honour, title_kind FROM studio"))[0]
    assert (row["name"], row["leader_honour"], row["title_kind"]) == (f"{unit}工匠学院", None, "学院")
    titles = {r["title"] for r in await fetch("SELECT title FROM achievement WHERE kind = 'studio'")}
    assert titles == {"宣城市劳模工匠创新工作室", "宣城市劳模工匠创新工作室负责人"}
    public = (await (await browse(None)).get(f"/studios-directory/{row['code']}")).text
    assert f"{unit}工匠学院" in public
    assert "学院创新工作室" not in public


@pytest.mark.parametrize(("preset", "kind"), [("college", "studio"), ("eight", "college")])
async def test_a_colleges_rules_and_a_studios_are_not_mixed(house, preset, kind):
    with pytest.raises(Refusal) as refused:
        await Scene(house).build(preset=preset, kind=kind)
    assert (refused.value.code, refused.value.field) == ("preset_kind", "preset")
