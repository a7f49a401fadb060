"""The city's round of 2025 from beginning to end: nominated, handed on, chosen, noticed, decided, published, certificates ordered.

Twelve medals, three certificates and six pioneers, through the same operations that people use and at that year's own times:
so that the public roll shows a decision, its sentence, a composition that holds, and certificates that can be verified.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from commands.season import honours as season
from commands.season.accounts import Person, actor_of, open_account
from commands.season.clock_of_season import at, on
from foundation.database import fetch, fetchrow, fetchval
from foundation.settings import settings
from foundation.web.policy import Actor
from honours.cycles import operations as cycles
from honours.cycles.forms import CycleForm
from honours.cycles.queries import rules_of
from honours.nominations import access, facts, papers, vetting
from honours.nominations.schemas import AnswerForm, AskForm, StartForm
from honours.review import gates, notices
from honours.rolls import deciding, publishing
from honours.rolls.schemas import DecisionForm
from registry.accounts.roles import Role
from registry.codes.unit_types import NON_PUBLIC

YEAR = 2025


def day(month: int, number: int, hour: int = 9, minute: int = 0) -> datetime:
    """A time of that year."""
    return on(month, number, hour, minute, year=YEAR)


OPENED, HANDED_IN, COUNTIES_DONE, CLOSED = day(3, 3), day(3, 26), day(4, 3), day(4, 9, 18)
UNIT_DUE, COUNTY_DUE = day(4, 2, 17, 30), day(4, 9, 17, 30)
ASKED, CHOSEN, NOTICED = day(4, 10), day(4, 14), day(4, 15)
DECIDED, PUBLISHED = day(4, 25, 10), day(4, 28, 8, 30)
PROCEDURE = season.Days(handed_in=HANDED_IN, meeting=date(YEAR, 3, 11), notice_from=date(YEAR, 3, 17))
PLACES = {"city-may1-certificate": 3, "city-may1-medal": 12, "city-pioneer": 6}
PICKED = (
    ("industrial_worker", "w.sex = '2' AND w.is_migrant AND w.is_non_public", 2),
    ("other_frontline", "w.is_new_form", 1),
    ("science_education", "w.sex = '2'", 1),
    ("science_education", "true", 1),
    ("industrial_worker", "w.is_non_public", 3),
    ("other_frontline", "true", 2),
    ("industrial_worker", "true", 1),
    ("manager", "true", 1),
)
"""Who makes up the twelve, so that every floor and ceiling of the city's rules holds (H20, H22, H24)."""
WORKERS_SQL = """
SELECT w.id, w.organisation, (SELECT g FROM unnest(o.ancestors) g JOIN organisation c ON c.id = g
  WHERE c.kind IN ('county', 'industry') LIMIT 1) AS gate
FROM worker w JOIN organisation o ON o.id = w.organisation
WHERE w.job_category = $1 AND {} AND w.left_at IS NULL AND age(w.born_on) < interval '58 years' AND w.employed_on < '2018-01-01'
  AND o.id = ANY($2::uuid[]) AND NOT EXISTS (SELECT 1 FROM roll_entry e WHERE e.worker = w.id) ORDER BY md5(w.name || o.name), w.born_on
"""


async def load(luck: random.Random) -> None:
    """The whole round, to the published roll."""
    cycle, awards = await _cycle()
    contacts = await _contacts()
    await _nominate(luck, awards, contacts)
    await _counties(awards)
    await _city(cycle, awards)
    await _publish(cycle)


async def _cycle() -> tuple[UUID, dict[str, UUID]]:
    async with at(OPENED):
        officer = await actor_of("shizong")
        assert officer.organisation is not None
        form = CycleForm(
            code=f"{YEAR}-may1", title=f"{YEAR}年宣城市五一劳动奖和工人先锋号", year=YEAR, level="city",
            organisation=officer.organisation, opens_on=OPENED.date(), unit_due_at=UNIT_DUE, county_due_at=COUNTY_DUE,
        )  # fmt: skip
        made = await cycles.create_cycle(officer, form)
        rules = await rules_of(made)
        awards = tuple(
            msgspec.structs.replace(one, places=PLACES[one.honour], separate_places=0) for one in rules.awards
        )
        changed = msgspec.structs.replace(rules, awards=awards)
        await cycles.save_rules(officer, made, changed, based_on=1, reason="本年名额")
        version = await fetchval("SELECT version FROM cycle WHERE id = $1", made)
        await cycles.move_cycle(officer, made, "open", version=version)
        rows = await fetch(
            "SELECT a.id, h.code FROM cycle_award a JOIN honour h ON h.id = a.honour WHERE a.cycle = $1", made
        )
        return made, {row["code"]: row["id"] for row in rows}


async def _contacts() -> dict[UUID, Actor]:
    """Units below a county or an industry union that have a contact."""
    async with at(OPENED):
        rows = await fetch(
            "SELECT DISTINCT ON (o.name) o.id, a.login FROM organisation o JOIN account a ON a.organisation = o.id"
            " JOIN role_grant g ON g.account = a.id AND g.role = 'enterprise_contact' AND g.ended_at IS NULL"
            " WHERE o.kind = 'grassroots' AND EXISTS (SELECT 1 FROM organisation c WHERE c.id = ANY(o.ancestors)"
            " AND c.kind IN ('county', 'industry')) ORDER BY o.name, a.login"
        )
        return {row["id"]: await actor_of(row["login"]) for row in rows}


async def _nominate(luck: random.Random, awards: Mapping[str, UUID], contacts: Mapping[UUID, Actor]) -> None:
    paper = await season.blank_paper(OPENED)
    rows = await fetch("SELECT id, unit_name, unit_type FROM organisation WHERE id = ANY($1::uuid[])", list(contacts))
    units, types = {row["id"]: row["unit_name"] for row in rows}, {row["id"]: row["unit_type"] for row in rows}
    held = await season.held_names()
    private = [unit for unit in contacts if types[unit] in NON_PUBLIC]
    public = [unit for unit in contacts if types[unit] not in NON_PUBLIC]
    free = [unit for unit in private if units[unit] not in held][:2] + [
        unit for unit in public if units[unit] not in held
    ][:1]
    plan = [(unit, StartForm(award=awards["city-may1-certificate"], unit=unit)) for unit in free]
    others = [unit for unit in (*private, *public) if unit not in free]
    teams = [(unit, team) for unit, team in zip(others, season.TEAMS, strict=False) if units[unit] + team not in held]
    plan += [
        (unit, StartForm(award=awards["city-pioneer"], unit=unit, team=team))
        for unit, team in teams[: PLACES["city-pioneer"]]
    ]
    plan += [
        (unit, StartForm(award=awards["city-may1-medal"], worker=worker)) for unit, worker in await _people(contacts)
    ]
    for n, (unit, form) in enumerate(plan):
        async with at(HANDED_IN):
            whose = season.Unit(id=unit, name=units[unit], actor=contacts[unit], workers=[])
            await season.one_nomination(luck, whose, form, paper, n, PROCEDURE)


async def _people(contacts: Mapping[UUID, Actor]) -> list[tuple[UUID, UUID]]:
    """Unit and worker of the twelve, from as many counties and units as there are."""
    chosen: list[tuple[UUID, UUID]] = []
    used: dict[UUID, int] = {}
    for category, condition, count in PICKED:
        rows = await fetch(WORKERS_SQL.format(condition), category, list(contacts))
        for _n in range(count):
            taken = {worker for _unit, worker in chosen}
            free = [row for row in rows if row["id"] not in taken]
            one = min(free, key=lambda row: (used.get(row["gate"], 0), used.get(row["organisation"], 0)))
            chosen.append((one["organisation"], one["id"]))
            for key in (one["gate"], one["organisation"]):
                used[key] = used.get(key, 0) + 1
    return chosen


async def _counties(awards: Mapping[str, UUID]) -> None:
    """Every county hands its nominees on."""
    rows = await fetch("SELECT id, first_gate FROM nomination WHERE award = ANY($1::uuid[]) ORDER BY number", list(awards.values()))  # fmt: skip
    officers = await _officers({row["first_gate"] for row in rows})
    async with at(COUNTIES_DONE):
        for row in rows:
            await gates.accept(officers[row["first_gate"]], row["id"], opinion="材料齐全，程序合规，同意推荐。", signed_by="分管负责人（示例）")  # fmt: skip


async def _officers(wanted: set[UUID]) -> dict[UUID, Actor]:
    found: dict[UUID, Actor] = {}
    async with at(OPENED):
        for n, gate in enumerate(sorted(wanted), 1):
            login = await fetchval(
                "SELECT a.login FROM account a JOIN role_grant g ON g.account = a.id WHERE g.organisation = $1"
                " AND g.role = 'county_officer' AND g.ended_at IS NULL LIMIT 1",
                gate,
            )
            person = Person(login=f"quxian{n:02d}", name=f"县区经办{n:02d}（示例）", role=Role.COUNTY_OFFICER, at=None)
            found[gate] = await actor_of(login) if login else await open_account(person, gate, may_sign_in=False)
    return found


async def _city(cycle: UUID, awards: Mapping[str, UUID]) -> None:
    """Close, ask the departments, take their answers, choose, open the city's notices."""
    officer = await actor_of("shizong")
    assert officer.organisation is not None
    async with at(CLOSED):
        version = await fetchval("SELECT version FROM cycle WHERE id = $1", cycle)
        await cycles.move_cycle(officer, cycle, "close", version=version)
    rows = await fetch("SELECT id FROM nomination WHERE cycle = $1 ORDER BY number", cycle)
    async with at(ASKED):
        for row in rows:
            await _ask(officer, row["id"])
    async with at(CHOSEN):
        for row in rows:
            await _answered(officer, row["id"])
            await gates.accept(officer, row["id"], opinion="经复审，同意。")
    async with at(NOTICED):
        for award in awards.values():
            said = await notices.defaults(award, notices.CITY, officer.organisation)
            office = {"office": "宣城市总工会劳动和经济工作部", "address": "宣城市示例路1号", "phone": "0563-0000000"}
            await notices.open_city(officer, award, msgspec.convert(said | office, notices.NoticeForm))


async def _ask(officer: Actor, it: UUID) -> None:
    row = await access.row_of(it)
    wanted = papers.departments_for(await rules_of(row["cycle"]), papers.candidate_classes(await facts.gather(row)))
    if wanted:
        await vetting.ask(officer, it, AskForm(departments=tuple(wanted), asked_on=ASKED.date()))


async def _answered(officer: Actor, it: UUID) -> None:
    asked: Sequence[Any] = await fetch(
        "SELECT id, version FROM clearance WHERE nomination = $1 ORDER BY department", it
    )
    for one in asked:
        form = {"opinion": "agree", "opinion_on": date(YEAR, 4, 11), "note": "", "version": one["version"]}
        await vetting.answer(officer, it, one["id"], msgspec.convert(form, AnswerForm))


async def _publish(cycle: UUID) -> None:
    """The decision over everybody who came through the notice; its document; the roll with its certificates."""
    officer = await actor_of("shizong")
    async with at(DECIDED):
        form = DecisionForm(
            title=f"关于表彰{YEAR}年宣城市五一劳动奖和工人先锋号的决定", roll_title="宣城市五一劳动奖", series="宣工",
            organs=settings().federation, decided_on=DECIDED.date(), reason="为表彰先进、弘扬劳模精神，",
            opening="一年来，全市广大职工立足岗位、苦练技能、勇于创新，涌现出一批先进集体和先进个人。",
            closing="希望受到表彰的集体和个人珍惜荣誉、再接再厉。全市广大职工要以他们为榜样，在各自岗位上建功立业。",
            addressees="各县（市、区）总工会，市直各产业工会",
        )  # fmt: skip
        decision = await deciding.draft(officer, cycle, form)
        await deciding.issue(officer, decision)
    async with at(PUBLISHED):
        row = await fetchrow("SELECT version FROM decision WHERE id = $1", decision)
        assert row is not None
        await publishing.publish_roll(officer, decision, version=row["version"])
