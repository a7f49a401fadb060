"""The city of the season: the federation, seven counties, towns, sixty units and their workers; the accounts."""

from __future__ import annotations

import random
from uuid import UUID

from commands.season.accounts import PEOPLE, Person, open_account
from commands.season.clock_of_season import at, on
from foundation.clock.operations import fill_year
from foundation.database import fetch, fetchval
from foundation.database.columns import new_id
from registry.accounts.roles import Role
from registry.organisations.operations import search_keys
from registry.search_keys import organisation_sort_key
from registry.synthetic.organisations import SyntheticOrganisation, make_organisations
from registry.synthetic.people import SyntheticWorker, make_workers
from registry.workers.operations import insert_worker
from registry.workers.schemas import Checked

ORGANISATIONS, WORKERS = 84, 1500
CONTACTS = 30
"""Units whose contact takes part in the season."""
MADE = on(1, 5)
FIXED = {
    "unit": ("宣城示例汽车零部件有限公司", "enterprise"),
    "college": ("宣城示例职业技术学院", "institution"),
}
"""Two units that the season's people name: the sample enterprise, and the college whose teachers judge."""


async def load(luck: random.Random) -> None:
    """Fill the calendar, the tree, the workers and the accounts."""
    async with at(MADE):
        for year in (2025, 2026):
            await fill_year(None, year)
        organisations = _renamed(make_organisations(ORGANISATIONS, WORKERS, seed=2026))
        ids = await _insert_organisations(organisations)
        for worker in make_workers(organisations, seed=2026, as_of=MADE.date()):
            unit = organisations[worker.organisation - 1]
            await insert_worker(_checked(worker), ids[unit.serial], unit.region, reason="赛季开始时登记")
        await _open_accounts(organisations, ids)


def _renamed(organisations: list[SyntheticOrganisation]) -> list[SyntheticOrganisation]:
    """The largest enterprise of 宣州区 and the largest institution take the names that the season uses."""
    import msgspec

    found = list(organisations)
    for name, kind in FIXED.values():
        units = [
            o
            for o in found
            if o.kind == kind and o.level == "grassroots" and (kind != "enterprise" or o.region == "341802")
        ]
        units = units or [o for o in found if o.kind == kind]
        chosen = max(units, key=lambda o: o.members)
        changed = msgspec.structs.replace(chosen, name=f"{name}工会委员会", employer_name=name)
        found[chosen.serial - 1] = changed
    city = found[0]
    found[0] = msgspec.structs.replace(city, name="宣城市总工会")
    return found


async def _insert_organisations(organisations: list[SyntheticOrganisation]) -> dict[int, UUID]:
    ids: dict[int, UUID] = {}
    above: dict[int, list[UUID]] = {}
    for one in organisations:
        made = new_id()
        parent = ids[one.parent] if one.parent else None
        path = [*(above[one.parent] if one.parent else []), made]
        ids[one.serial], above[one.serial] = made, path
        await fetch(
            "INSERT INTO organisation (id, name, kind, parent, ancestors, region, union_code, unit_name, unit_code, unit_type,"
            " industry, member_count, search_keys, sort_key, made_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
            made, one.name, one.level, parent, path, one.region, one.union_code or None, one.employer_name,
            one.employer_code or None, one.unit_type, one.industry, one.members,
            search_keys(one.name, "", one.employer_name), organisation_sort_key(one.name), MADE,
        )  # fmt: skip
    return ids


def _checked(worker: SyntheticWorker) -> Checked:
    return Checked(
        name=worker.name, id_number=worker.id_number, phone=worker.phone, sex=worker.sex, born_on=worker.birth,
        ethnic_group=worker.ethnic_group, political_status=worker.political_status, education=worker.education,
        job_category=worker.job_category, evidence="演示数据", is_migrant=worker.migrant_worker,
        is_non_public=worker.non_public, is_new_form=worker.new_employment, skill_level=worker.skill_level,
        occupation=worker.occupation, post=worker.title, employed_on=worker.employed_since,
    )  # fmt: skip


async def _open_accounts(organisations: list[SyntheticOrganisation], ids: dict[int, UUID]) -> None:
    named = {name: await unit_called(unit) for name, (unit, _kind) in FIXED.items()}
    named["city"] = ids[1]
    named["county"] = await fetchval("SELECT id FROM organisation WHERE kind = 'county' AND region = '341802'")
    for person in PEOPLE:
        await open_account(person, named[person.at] if person.at else None)
    units = [
        o for o in organisations if o.level == "grassroots" and ids[o.serial] not in named.values() and o.members >= 6
    ]
    for n, unit in enumerate(units[:CONTACTS], 1):
        person = Person(login=f"unit{n:02d}", name=f"联络员{n:02d}（示例）", role=Role.ENTERPRISE_CONTACT, at=None)
        await open_account(person, ids[unit.serial], may_sign_in=False)
    for n in range(2, 10):
        person = Person(
            login=f"caipan{n}",
            name=f"{'赵钱孙李周吴郑王'[n - 2]}{'子丑寅卯辰巳午未'[n - 2]}行",
            role=Role.JUDGE,
            at=None,
        )
        await open_account(person, named["college"], may_sign_in=False)


async def unit_called(name: str) -> UUID:
    """The organisation whose employer bears this name."""
    return await fetchval("SELECT id FROM organisation WHERE unit_name = $1", name)
