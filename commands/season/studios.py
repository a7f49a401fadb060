"""The season's studios: ten of the province and twenty-two of the city (T12), their yearly assessment of 2025, and a call under way.

Namings, people and outputs of past years are written as they would stand on paper; programmes, grades, applications and the visit go
through the operations that people use. All names are synthetic.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from commands.season import studio_funds, studios_past
from commands.season.accounts import Person, actor_of, open_account
from commands.season.clock_of_season import at, on
from commands.season.honours import blank_paper
from commands.season.studios_past import Made, Past
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, fetchrow, fetchval
from foundation.database.columns import new_id
from foundation.web.policy import Actor
from registry.accounts.roles import Role
from studios.applications import operations as applications
from studios.applications import programmes
from studios.applications.presets import eight_table
from studios.applications.schemas import (
    CallForm,
    Place,
    ProgrammeForm,
    Results,
    StartForm,
    VisitForm,
    Work,
)
from studios.schemas import ScoringTable
from studios.scoring import Answer, dropped, grade, items_of, panel_result, sheet_total
from studios.upkeep.assessing import assess
from studios.upkeep.schemas import AssessForm

GRADES = ("excellent",) * 11 + ("qualified",) * 19
TO_MEND = ("rectify",) * 2
LOST = {"excellent": (9, 17), "qualified": (24, 50), "rectify": (64, 76)}
"""How many half points an expert takes off for each grade."""
HOLDERS_SQL = """
SELECT w.id AS worker, w.name, w.organisation, a.id AS honour, a.achieved_on, o.region, o.ancestors,
       coalesce(nullif(o.unit_name, ''), o.name) AS unit, w.skill_level,
       (SELECT c.id FROM organisation c WHERE c.id = ANY(o.ancestors) AND c.kind = 'county' LIMIT 1) AS county,
       (SELECT x.login FROM account x JOIN role_grant r ON r.account = x.id WHERE x.organisation = o.id
          AND r.role = 'enterprise_contact' AND r.ended_at IS NULL ORDER BY x.login LIMIT 1) AS contact
FROM achievement a JOIN worker w ON w.id = a.worker JOIN organisation o ON o.id = w.organisation
WHERE a.kind = 'honour' AND a.withdrawn_at IS NULL AND a.level IN ('city', 'province', 'national') AND w.left_at IS NULL
  AND a.facts->>'family' IN ('model_worker', 'may1_medal', 'craftsman')
ORDER BY a.achieved_on, w.id
"""


async def load(luck: random.Random) -> None:
    """Everything in its order of time: programmes and past years, the grades of 2025, the call of 2026."""
    holders = await _holders()
    async with at(on(2, 2)):
        officer = await actor_of("shizong")
        forms = (
            ProgrammeForm(title="宣城市劳模（工匠）创新工作室", code="xc-city-studio"),
            ProgrammeForm(title="安徽省示范性劳模（工匠）创新工作室", code="ah-province-studio", level="province", preset="provincial"),
        )  # fmt: skip
        city, province = [await programmes.create_programme(officer, form) for form in forms]
        applying = [one for one in holders if one["contact"] == "lianluo"][:1] or [await _someone_of("lianluo")]
        applying += [one for one in holders if one["contact"] and one["contact"] != "lianluo" and one["county"]][-1:]
        past = Past(luck=luck, city=city, province=province, officer=officer)
        made = await studios_past.write(past, [one for one in holders if one not in applying])
    experts = await _experts()
    await _assess(luck, officer, made, experts)
    await studio_funds.load(officer, city)
    async with at(on(3, 25)):
        form = CallForm(
            title="2026 年市级劳模（工匠）创新工作室申报", code="XC-CXGZS-2026", opens_on=date(2026, 3, 1), closes_on=date(2026, 4, 30)
        )  # fmt: skip
        call = await programmes.open_call(officer, city, form)
    for one in applying:
        await _apply(officer, call, one, experts)


async def _holders() -> list[Any]:
    """Each worker of the registry with a valid honour, once: the earliest one."""
    seen: dict[UUID, Any] = {}
    for row in await fetch(HOLDERS_SQL):
        seen.setdefault(row["worker"], row)
    return list(seen.values())


async def _someone_of(login: str) -> Any:
    """The longest serving worker of an account's unit: a leader without honour, whom the checklist will name (T2)."""
    return await fetchrow(
        "SELECT w.id AS worker, w.organisation, a.login AS contact FROM account a JOIN worker w ON w.organisation = a.organisation"
        " WHERE a.login = $1 AND w.left_at IS NULL ORDER BY w.employed_on, w.id LIMIT 1",
        login,
    )


async def _experts() -> list[UUID]:
    async with at(on(2, 3)):
        for login, name in (("zhuanjia2", "严处暑"), ("zhuanjia3", "金寒露")):
            city = await fetchval("SELECT organisation FROM account WHERE login = 'zhuanjia'")
            person = Person(login=login, name=name, role=Role.STUDIO_EXPERT, at=None)
            await open_account(person, city, may_sign_in=False)
        return [(await actor_of(login)).account for login in ("zhuanjia", "zhuanjia2", "zhuanjia3")]


async def _assess(luck: random.Random, officer: Actor, made: Sequence[Made], experts: list[UUID]) -> None:
    """A closed visit of three sheets to each studio, and its grade by the operation; two are told to mend."""
    grades = list(GRADES)
    luck.shuffle(grades)
    grades += TO_MEND
    for when, wanted in ((on(3, 2), ("excellent", "qualified")), (on(3, 20), ("rectify",))):
        async with at(when):
            for studio, aim in zip(made, grades, strict=False):
                if aim not in wanted:
                    continue
                visit, total = await _visit(luck, officer, studio, aim, experts)
                points = "台账缺 2025 年下半年课题记录\n经费使用明细未附凭证" if aim == "rectify" else ""
                form = AssessForm(year=2025, total=total, points=points, version=1)
                await assess(officer, studio.id, form, visit=visit)


async def _visit(luck: random.Random, officer: Actor, studio: Made, aim: str, experts: list[UUID]) -> tuple[UUID, str]:
    table, visit = eight_table(), new_id()
    sheets = [_sheet(luck, table, luck.randint(*LOST[aim])) for _expert in experts]
    totals = [sheet_total(table, sheet) for sheet in sheets]
    result = panel_result(table, totals)
    assert grade(table, result) == aim, (result, aim)
    await fetch(
        'INSERT INTO visit (id, kind, subject, title, context, organisation, "union", "table", outputs, earlier, planned_on,'
        " stage, result, grade, closed_at, version, made_by, made_at) SELECT $1, 'assessment', s.id, s.name, '2025 年度考核',"
        f" s.organisation, $3, $4, '[]', '[]', $5, 'closed', $6, $7, {NOW_SQL}, 2, $8, {NOW_SQL} FROM studio s WHERE s.id = $2",
        visit, studio.id, await fetchval("SELECT id FROM organisation WHERE kind = 'city' LIMIT 1"),
        msgspec.json.encode(table).decode(), date(2026, 1, 20), result, aim, officer.account,
    )  # fmt: skip
    for place, (account, sheet, total, fate) in enumerate(
        zip(experts, sheets, totals, dropped(table, totals), strict=True), 1
    ):
        seat = new_id()
        printed = f"{total.numerator * 10 // total.denominator / 10:.1f}"
        await fetch(
            "INSERT INTO visit_expert (id, visit, account, name, place, excused, signed_at, total, fate)"
            f" SELECT $1, $2, a.id, a.name, $4, '', {NOW_SQL}, $5, $6 FROM account a WHERE a.id = $3",
            seat, visit, account, place, printed, fate,
        )  # fmt: skip
        await connection().executemany(
            "INSERT INTO visit_answer (id, expert, item, number, answer, note, made_at)"
            f" VALUES ($1, $2, $3, 1, $4, '', {NOW_SQL})",
            [(new_id(), seat, code, msgspec.json.encode(answer).decode()) for code, answer in sheet.items()],
        )
    return visit, result


def _sheet(luck: random.Random, table: ScoringTable, lost: int) -> dict[str, Answer]:
    """One expert's points: full, less ``lost`` half points over the items, at most half of each item."""
    halves = {item.code: int(item.points) * 2 for item in items_of(table)}
    left = dict(halves)
    while lost:
        code = luck.choice(list(halves))
        if left[code] * 2 > halves[code]:
            left[code], lost = left[code] - 1, lost - 1
    return {code: Answer(points=f"{n // 2}.5" if n % 2 else str(n // 2)) for code, n in left.items()}


async def _apply(officer: Actor, call: UUID, leader: Any, experts: list[UUID]) -> None:
    """The sample enterprise's application stands as a draft; the other one waits for its visit on 16 April."""
    contact = await actor_of(leader["contact"])
    async with at(on(3, 30, 10)):
        made = await applications.start_application(contact, StartForm(call=call, leader=leader["worker"]))
        place = Place(
            field_of_work="模具快换与精密铸造", address="厂区二号车间东侧一层", area=120, equipment="数控铣床 2 台、三坐标测量机 1 台、投影仪 1 套"
        )  # fmt: skip
        await applications.save_section(contact, made, "place", place, version=await _version(made))
    if leader["contact"] == "lianluo":
        return
    paper = await blank_paper(on(3, 25))
    async with at(on(3, 31, 15)):
        work = Work(
            rules="例会制度、师徒制度、经费管理办法", funds=60_000, topics="2025 压铸模快速换型攻关\n2025 铸件气孔率降低\n2026 模具寿命提升"
        )  # fmt: skip
        results = Results(
            inventions=1, utility_models=3, improvements=5, methods=1, apprentices=6, trained=240, benefit=86,
            summary="换型时间由 90 分钟减至 35 分钟，铸件一次合格率提高 2.1 个百分点。",
        )  # fmt: skip
        await applications.save_section(contact, made, "work", work, version=await _version(made))
        await applications.save_section(contact, made, "results", results, version=await _version(made))
        mates = await fetch(
            "SELECT id FROM worker WHERE organisation = $1 AND id <> $2 AND left_at IS NULL ORDER BY id LIMIT 6",
            leader["organisation"], leader["worker"],
        )  # fmt: skip
        for mate in mates:
            await applications.add_person(contact, made, mate["id"], "课题成员", version=await _version(made))
        await connection().executemany(
            "INSERT INTO application_paper (id, application, part, file, note, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, '', $5, {NOW_SQL})",
            [(new_id(), made, part, paper, contact.account) for part in range(8)],
        )
        await applications.submit(contact, made, version=await _version(made))
    async with at(on(4, 7, 10)):
        row = await fetchrow("SELECT county FROM studio_application WHERE id = $1", made)
        assert row is not None
        desk = await _desk_of(row["county"])
        opinion = "材料齐全，团队稳定，同意推荐。"
        await applications.decide(desk, made, "recommend", opinion=opinion, version=await _version(made))
    async with at(on(4, 9, 10)):
        form = VisitForm(planned_on=date(2026, 4, 16), experts=tuple(experts), version=await _version(made))
        await applications.arrange_visit(officer, made, form)


async def _desk_of(county: UUID) -> Actor:
    login = await fetchval(
        "SELECT a.login FROM account a JOIN role_grant r ON r.account = a.id WHERE r.organisation = $1"
        " AND r.role = 'county_officer' AND r.ended_at IS NULL ORDER BY a.login LIMIT 1",
        county,
    )
    if login is not None:
        return await actor_of(login)
    region = await fetchval("SELECT region FROM organisation WHERE id = $1", county)
    person = Person(login=f"xian{region}", name=f"{region} 经办（示例）", role=Role.COUNTY_OFFICER, at=None)
    return await open_account(person, county, may_sign_in=False)


async def _version(application: UUID) -> int:
    return await fetchval("SELECT version FROM studio_application WHERE id = $1", application)


__all__ = ["load"]
