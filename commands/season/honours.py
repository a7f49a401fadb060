"""The city's round of May Day honours of 2026: six hundred nominations from all counties, standing in the city's review.

Units nominate what their quotas would never hold; counties hand on within theirs and say no to the rest; the city has taken up most
and is short of two industrial workers. Papers are one blank sheet: everything else goes through the operations that people use.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from commands.season import honour_gates
from commands.season.accounts import Person, actor_of, open_account
from commands.season.clock_of_season import at, on
from commands.season.deeds import DEEDS, SUMMARIES, told
from foundation import storage
from foundation.database import fetch, fetchrow, fetchval
from foundation.web.policy import Actor
from honours.cycles import operations as cycles
from honours.cycles.apportionment import County, Inputs, Measure
from honours.cycles.forms import CycleForm
from honours.nominations import operations as nominations
from honours.nominations.schemas import (
    ConsentForm,
    Deeds,
    Dossier,
    Identity,
    Prize,
    Procedure,
    Record,
    StartForm,
    dossier_of,
)
from honours.nominations.starting import start_nomination
from registry.accounts.roles import Role

TOTAL = 600
HEADS = 8
"""Heads of enterprises among the persons, each with a substitute."""
SHARES = {"city-may1-certificate": 36, "city-pioneer": 132}
"""Units and teams; the rest of the total are persons."""
PLACES = {"city-may1-certificate": 10, "city-pioneer": 40, "city-may1-medal": 60}
OPENED, HANDED_IN = on(3, 2), on(3, 27)
UNIT_DUE, COUNTY_DUE = on(4, 3, 17, 30), on(4, 10, 17, 30)
MATERIALS = (
    "congress_minutes",
    "notice_scan",
    "report",
    "clearance_forms",
    "deeds",
    "household",
    "basis",
    "portrait",
    "post_proof",
)
TEAMS = (
    "总装班",
    "焊接二班",
    "设备维修班",
    "质量检验组",
    "电力抢修班",
    "模具车间",
    "热处理班",
    "化验室",
    "客户服务科",
    "养护一班",
)


async def load(luck: random.Random) -> None:
    """The whole round up to the city's review."""
    awards = await _cycle()
    contacts = await _contacts()
    await _nominate(luck, awards, contacts)
    await honour_gates.load(awards)


async def _cycle() -> dict[str, UUID]:
    async with at(OPENED):
        officer = await actor_of("shizong")
        assert officer.organisation is not None
        form = CycleForm(
            code="2026-may1", title="2026年宣城市五一劳动奖和工人先锋号", year=2026, level="city",
            organisation=officer.organisation, opens_on=OPENED.date(), unit_due_at=UNIT_DUE, county_due_at=COUNTY_DUE,
        )  # fmt: skip
        made = await cycles.create_cycle(officer, form)
        receivers = await _receivers()
        for code, places in PLACES.items():
            inputs = Inputs(
                places=places, minimum=1, counties=tuple(receivers),
                measures=(Measure(code="staff", label="会员人数", share="50"), Measure(code="unions", label="基层工会数", share="50")),
            )  # fmt: skip
            version = await fetchval("SELECT version FROM cycle WHERE id = $1", made)
            await cycles.save_allotment(officer, made, code, inputs, version=version)
        version = await fetchval("SELECT version FROM cycle WHERE id = $1", made)
        await cycles.move_cycle(officer, made, "open", version=version)
        rows = await fetch(
            "SELECT a.id, h.code FROM cycle_award a JOIN honour h ON h.id = a.honour WHERE a.cycle = $1", made
        )
        return {row["code"]: row["id"] for row in rows}


async def _receivers() -> list[County]:
    """Every county and industry union with units below it, by members and by unions."""
    rows = await fetch(
        "SELECT c.id, c.region, c.name, c.kind, count(u.id) AS unions, coalesce(sum(u.member_count), 0) AS staff"
        " FROM organisation c JOIN organisation u ON c.id = ANY(u.ancestors) AND u.kind = 'grassroots'"
        " WHERE c.kind IN ('county', 'industry') GROUP BY c.id, c.region, c.name, c.kind ORDER BY c.kind, c.region, c.name"
    )
    return [
        County(
            code=f"{row['region']}{n:02d}", name=row["name"], values=(str(row["staff"]), str(row["unions"])),
            organisation=str(row["id"]),
        )
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """When units met, published and handed in."""

    handed_in: datetime
    meeting: date
    notice_from: date


DAYS = Days(handed_in=HANDED_IN, meeting=date(2026, 3, 11), notice_from=date(2026, 3, 16))


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that nominates: its contact and its people."""

    id: UUID
    name: str
    actor: Actor
    workers: list[Any]


async def _contacts() -> list[Unit]:
    """Every unit below a county or industry union; those without a contact yet get one."""
    async with at(OPENED):
        rows = await fetch(
            "SELECT o.id, o.unit_name, (SELECT a.login FROM account a JOIN role_grant g ON g.account = a.id"
            " WHERE a.organisation = o.id AND g.role = 'enterprise_contact' AND g.ended_at IS NULL LIMIT 1) AS login"
            " FROM organisation o WHERE o.kind = 'grassroots' AND EXISTS (SELECT 1 FROM organisation c WHERE c.id = ANY(o.ancestors)"
            " AND c.kind IN ('county', 'industry')) ORDER BY o.name"
        )
        found = []
        for n, row in enumerate(rows, 1):
            if row["login"] is None:
                person = Person(
                    login=f"danwei{n:02d}", name=f"推荐联络员{n:02d}（示例）", role=Role.ENTERPRISE_CONTACT, at=None
                )
                actor = await open_account(person, row["id"], may_sign_in=False)
            else:
                actor = await actor_of(row["login"])
            workers = await fetch(
                "SELECT id, name, job_category, post FROM worker WHERE organisation = $1 AND left_at IS NULL AND age(born_on)"
                " < interval '60 years' AND employed_on < '2019-01-01' AND NOT EXISTS (SELECT 1 FROM roll_entry e JOIN honour h"
                " ON h.id = e.honour WHERE e.worker = worker.id AND h.code = 'city-may1-medal') ORDER BY sort_key, born_on, id",
                row["id"],
            )
            found.append(Unit(id=row["id"], name=row["unit_name"], actor=actor, workers=list(workers)))
        return found


async def _nominate(luck: random.Random, awards: dict[str, UUID], units: Sequence[Unit]) -> None:
    paper = await blank_paper(OPENED)
    plan: list[tuple[Unit, StartForm]] = []
    held = await held_names()
    chosen = [unit for unit in units if unit.name not in held]
    luck.shuffle(chosen)
    plan += [
        (unit, StartForm(award=awards["city-may1-certificate"], unit=unit.id))
        for unit in chosen[: SHARES["city-may1-certificate"]]
    ]
    teams = [(unit, team) for team in TEAMS for unit in units if unit.name + team not in held]
    plan += [
        (unit, StartForm(award=awards["city-pioneer"], unit=unit.id, team=team))
        for unit, team in teams[: SHARES["city-pioneer"]]
    ]
    plan += _people(luck, units, awards["city-may1-medal"], TOTAL - len(plan))
    for n, (unit, form) in enumerate(plan):
        async with at(HANDED_IN):
            await one_nomination(luck, unit, form, paper, n, DAYS)


async def held_names() -> set[str]:
    """Units and teams that hold the titles already: nobody puts them forward again (H12)."""
    rows = await fetch(
        "SELECT e.name FROM roll_entry e JOIN honour h ON h.id = e.honour"
        " WHERE h.code IN ('city-may1-certificate', 'city-pioneer')"
    )
    return {row["name"] for row in rows}


def _people(luck: random.Random, units: Sequence[Unit], award: UUID, count: int) -> list[tuple[Unit, StartForm]]:
    """Persons for the medal. A unit that puts its head forward names a front-line worker as substitute first (H16)."""
    heads = [(unit, one) for unit in units for one in unit.workers if one["job_category"] == "enterprise_leader"]
    others = [(unit, one) for unit in units for one in unit.workers if one["job_category"] != "enterprise_leader"]
    luck.shuffle(heads)
    luck.shuffle(others)
    plan: list[tuple[Unit, StartForm]] = []
    taken = set()
    for unit, head in {unit.id: (unit, head) for unit, head in heads}.values():
        worker = next(
            (w for u, w in others if u is unit and w["job_category"] == "industrial_worker" and w["id"] not in taken),
            None,
        )
        if worker is not None and len(taken) < HEADS:
            taken.add(worker["id"])
            plan.append((unit, StartForm(award=award, worker=worker["id"], role="substitute")))
            plan.append((unit, StartForm(award=award, worker=head["id"])))
    rest = [(unit, one) for unit, one in others if one["id"] not in taken]
    plan += [(unit, StartForm(award=award, worker=one["id"])) for unit, one in rest]
    return plan[:count]


async def blank_paper(opened: datetime) -> UUID:
    """One blank sheet that stands for every scan of the season."""
    import pikepdf

    kept = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.save(kept)
    async with at(opened):
        return await storage.keep(
            kept.getvalue(), name="演示扫描件（空白）.pdf", media_type="application/pdf", made_by=None
        )


async def one_nomination(luck: random.Random, unit: Unit, form: StartForm, paper: UUID, n: int, days: Days) -> None:
    """A nomination, complete and handed in."""
    it = await start_nomination(unit.actor, form)
    row = await fetchrow("SELECT name, dossier, kind FROM nomination WHERE id = $1", it)
    assert row is not None
    dossier = _dossier(luck, dossier_of(row["dossier"]), row["name"], unit.name, row["kind"], n, days)
    await fetch("UPDATE nomination SET dossier = $2::jsonb WHERE id = $1", it, msgspec.json.encode(dossier).decode())
    await nominations.save_section(unit.actor, it, "identity", dossier.identity, version=1)
    await fetch(
        "INSERT INTO material (id, nomination, kind, file, note, made_by, made_at)"
        " SELECT gen_random_uuid(), $1, kind, $2, '', $3, $4 FROM unnest($5::varchar[]) AS kind",
        it, paper, unit.actor.account, days.handed_in, list(MATERIALS),
    )  # fmt: skip
    if row["kind"] == "person":
        consent = ConsentForm(given="yes", signed_on=days.meeting, covers=("roll", "deeds"))
        await nominations.record_consent(unit.actor, it, consent)
    await fetch("UPDATE nomination SET portrait = $2 WHERE id = $1", it, paper)
    version = await fetchval("SELECT version FROM nomination WHERE id = $1", it)
    await nominations.hand_in(unit.actor, it, version=version)


def _dossier(luck: random.Random, begun: Dossier, name: str, unit: str, kind: str, n: int, days: Days) -> Dossier:
    called = luck.randint(60, 140)
    present = called - luck.randint(2, called // 8)
    basic = msgspec.structs.replace(
        begun.basic, native_place=begun.basic.native_place or "安徽宣城", address=begun.basic.address or f"宣城市示例路{n % 300 + 1}号",
        postcode="242000", post=begun.basic.post or ("" if kind != "person" else "操作工"), head="负责人（示例）" if kind != "person" else "",
        members=begun.basic.members or (str(luck.randint(8, 46)) if kind == "team" else "120"), founded="2009-06" if kind != "person" else "",
        education=begun.basic.education or "60",
    )  # fmt: skip
    category = begun.identity.category
    declared = (
        tuple(flag for flag, holds in (("grassroots_team", kind == "team" and n % 5 != 0),) if holds)
        + begun.identity.declared
    )
    identity = Identity(
        category=category, declared=declared, evidence="劳动合同与岗位任命文件（演示）", unit_class=begun.identity.unit_class,
        role=begun.identity.role, place=begun.identity.place,
    )  # fmt: skip
    procedure = Procedure(
        meeting="congress", held_on=days.meeting.isoformat(), called=str(called), present=str(present),
        agreed=str(present - luck.randint(0, 4)), notice_from=days.notice_from.isoformat(), no_objection=True,
    )  # fmt: skip
    prizes = (
        (Prize(when="2024-04", title="县级五一劳动奖章（示例）", conferrer="县级总工会", level="county"),)
        if n % 3 == 0
        else ()
    )
    deeds = Deeds(
        summary=told(luck.choice(SUMMARIES), name, unit),
        deeds=told("\n".join((*DEEDS, *SUMMARIES)), name, unit),
    )
    history = begun.history
    if not history.resume:
        history = msgspec.structs.replace(history, resume=f"{unit}（演示）")
    return Dossier(
        basic=basic, identity=identity, history=history, record=Record(prizes=prizes, sanctions="无"), deeds=deeds,
        procedure=procedure,
    )  # fmt: skip
