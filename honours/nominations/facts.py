"""Gathering what the checklist is reckoned from: a constant number of queries, whatever the dossier holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound, Refusal
from foundation.working_days import Calendar
from honours.cycles.queries import rules_of
from honours.nominations import timing
from honours.nominations.findings import Asked, Fact, Facts, Person, Posted, Prior, Sibling
from honours.nominations.identities import flags_of, recorded
from honours.nominations.schemas import Dossier, dossier_of
from honours.nominations.stages import Stage
from honours.rolls import ledger
from publications.notices import queries as notices
from registry.codes.unit_types import NON_PUBLIC

ENDED = ("withdrawn", "rejected", "abandoned", "disqualified", "not_conferred")

WORKER_SQL = """
SELECT w.*, w.left_at IS NULL AND w.erased_at IS NULL AND w.merged_into IS NULL AND o.ancestors @> ARRAY[$2::uuid] AS present
FROM worker w JOIN organisation o ON o.id = w.organisation WHERE w.id = $1
"""
UNIT_SQL = "SELECT union_state, unit_type, closed_at, merged_into FROM organisation WHERE id = $1"
PAPERS_SQL = """
SELECT (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(*) AS n FROM material
        WHERE nomination = $1 AND removed_at IS NULL GROUP BY kind) m) AS materials,
       (SELECT array_agg(DISTINCT x.waived_rule) FROM (SELECT DISTINCT ON (waived_rule) waived_rule, granted FROM waiver
        WHERE nomination = $1 ORDER BY waived_rule, made_at DESC, id DESC) x WHERE x.granted) AS waived
"""
CONSENT_SQL = """
SELECT given, covers FROM publication_consent WHERE nomination = $1 ORDER BY made_at DESC, id DESC LIMIT 1
"""
CLEARANCES_SQL = """
SELECT DISTINCT ON (department) department, asked_on, opinion, valid_until FROM clearance WHERE nomination = $1
ORDER BY department, asked_on DESC, id DESC
"""
VETOES_SQL = """
SELECT kind, worker IS NOT NULL AS personal, happened_on, until_on, source FROM veto_fact
WHERE removed_at IS NULL AND kind <> 'disqualified' AND (worker = $1 OR organisation = $2) ORDER BY happened_on DESC
"""
SIBLINGS_SQL = """
SELECT role, category, place FROM nomination
WHERE award = $1 AND organisation = $2 AND id <> $3 AND stage <> ALL($4::varchar[])
"""
BARRED_SQL = """
SELECT c.title FROM cycle c
WHERE c.organisation = $1 AND c.level = $2 AND c.year < $3 AND c.stage <> 'cancelled'
  AND c.year = (SELECT max(x.year) FROM cycle x
                WHERE x.organisation = $1 AND x.level = $2 AND x.year < $3 AND x.stage NOT IN ('draft', 'cancelled'))
  AND EXISTS (SELECT 1 FROM nomination n WHERE n.cycle = c.id AND n.organisation = $4 AND n.stage = 'disqualified')
  AND NOT EXISTS (SELECT 1 FROM veto_fact v WHERE v.organisation = $4 AND v.kind = 'disqualified' AND v.source = c.title
                  AND v.removed_at IS NOT NULL)
LIMIT 1
"""
"""H36: disqualified in the cycle just before bars the unit from this one, and from no other, unless a second officer struck it."""


async def gather(row: Any, *, dossier: Dossier | None = None) -> Facts:
    """The facts of a nomination's row (``access.row_of``); with ``dossier`` as it would be after what somebody is typing."""
    typed = dossier if dossier is not None else dossier_of(row["dossier"])
    worker = await fetchrow(WORKER_SQL, row["worker"], row["organisation"]) if row["worker"] else None
    unit = await fetchrow(UNIT_SQL, row["unit"] or row["organisation"])
    assert unit is not None
    papers = await fetchrow(PAPERS_SQL, row["id"])
    assert papers is not None
    rules = await rules_of(row["cycle"])
    now = await clock.now()
    today = clock.local(now).date()
    return Facts(
        kind=row["kind"], honour=row["honour"], honour_level=row["honour_level"], cycle_year=row["cycle_year"],
        cycle_stage=row["cycle_stage"], stage=Stage(row["stage"]), rules=rules,
        eligibility=rules.of(row["honour"]).eligibility, now=now, today=today, unit_due_at=row["unit_due_at"],
        county_due_at=row["county_due_at"], returned_due_at=row["returned_due_at"], name=row["name"], dossier=typed,
        flags=frozenset(flags_of(row["kind"], worker, unit["unit_type"], typed.identity.declared)),
        person=_person(worker), union_state=unit["union_state"],
        unit_open=unit["closed_at"] is None and unit["merged_into"] is None,
        non_public=unit["unit_type"] in NON_PUBLIC or "non_public" in recorded(row["kind"], worker, unit["unit_type"]),
        materials=_json(papers["materials"]), portrait=row["portrait"] is not None, consent=await _consent(row["id"]),
        held=await held(row), vetoes=await _vetoes(row), clearances=await _clearances(row["id"]),
        siblings=await _siblings(row), barred=await _barred(row), waived=frozenset(papers["waived"] or ()),
        posted=await posted_for(row["organisation"], typed.procedure.notice), calendar=await _calendar(typed),
    )  # fmt: skip


def _json(value: Any) -> Mapping[str, int]:
    import msgspec

    return msgspec.json.decode(value) if isinstance(value, str) else value


def _person(worker: Any) -> Person | None:
    if worker is None:
        return None
    return Person(
        sex=worker["sex"], born_on=worker["born_on"], present=worker["present"], has_number=bool(worker["id_number_sealed"]),
        nationality=worker["nationality"],
    )  # fmt: skip


async def _consent(nomination: UUID) -> tuple[str, ...] | None:
    row = await fetchrow(CONSENT_SQL, nomination)
    if row is None:
        return None
    return tuple(row["covers"]) if row["given"] else ()


async def held(row: Any) -> list[Prior]:
    """What this nominee holds or held by the ledger: a person's own, a unit's own, a team's by its name (H10, H12)."""
    if row["kind"] == "person":
        found = (await ledger.held_by_workers([row["worker"]]))[row["worker"]]
    else:
        of_unit = (await ledger.held_by_units([row["unit"]]))[row["unit"]]
        found = [
            one for one in of_unit if one.kind == row["kind"] and (one.kind != "team" or one.name == row["name"])
        ]  # fmt: skip
    return [
        Prior(code=one.code, title=one.title, level=one.level, year=one.year, revoked=one.revoked) for one in found
    ]  # fmt: skip


async def _vetoes(row: Any) -> list[Fact]:
    unit = row["unit"] or row["organisation"]
    return [
        Fact(
            kind=one["kind"], about="person" if one["personal"] else "unit", happened_on=one["happened_on"],
            until_on=one["until_on"], source=one["source"],
        )
        for one in await fetch(VETOES_SQL, row["worker"], unit)
    ]  # fmt: skip


async def _clearances(nomination: UUID) -> dict[str, Asked]:
    return {row["department"]: Asked(**dict(row)) for row in await fetch(CLEARANCES_SQL, nomination)}


async def _siblings(row: Any) -> list[Sibling]:
    rows = await fetch(SIBLINGS_SQL, row["award"], row["organisation"], row["id"], list(ENDED))
    return [Sibling(**dict(one)) for one in rows]


async def _barred(row: Any) -> str:
    title = await fetchval(BARRED_SQL, row["running"], row["cycle_level"], row["cycle_year"], row["organisation"])
    return title or ""


async def posted_for(organisation: UUID, typed: str) -> Posted | None:
    """The unit's own notice that a dossier names; None where it names none of the unit's."""
    try:
        notice = UUID(typed)
    except ValueError:
        return None
    row = await fetchrow(
        "SELECT first_day, last_day FROM notice WHERE id = $1 AND organisation = $2", notice, organisation
    )
    if row is None:
        return None
    try:
        refusals = tuple(await notices.obstacles(notice))
    except NotFound:
        refusals = ()
    return Posted(first_day=row["first_day"], last_day=row["last_day"], refusals=refusals)


async def _calendar(dossier: Dossier) -> Calendar | None:
    """The working days that the unit's notice needs: its year, and the next where it opens in December."""
    start = timing.day_of(dossier.procedure.notice_from)
    if start is None:
        return {}
    years = {start.year, start.year + 1} if start.month == 12 else {start.year}
    try:
        return await clock.calendar(years)
    except Refusal:
        try:
            return await clock.calendar({start.year})
        except Refusal:
            return None
