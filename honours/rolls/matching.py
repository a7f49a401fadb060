"""Whom a row of past years means: people and units of the registry by name and unit, asked for a whole sheet at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch
from foundation.errors import Refusal
from foundation.sheets import Row
from honours.rolls import rules
from registry.search_keys import fold

UNLINKED = "不关联"
PEOPLE_SQL = """
WITH units AS (SELECT id, name, unit_name, short_name FROM organisation
               WHERE unit_name = ANY($2::varchar[]) OR name = ANY($2::varchar[]) OR short_name = ANY($2::varchar[])),
named AS MATERIALIZED (SELECT id, name, post, organisation FROM worker
                       WHERE name = ANY($1::varchar[]) AND merged_into IS NULL AND erased_at IS NULL),
been AS (SELECT id, organisation FROM named
         UNION SELECT m.worker, m.organisation FROM employment m JOIN named n ON n.id = m.worker)
SELECT n.id, n.name, n.post, u.id AS organisation, u.name AS union_name, u.unit_name, u.short_name
FROM been b JOIN named n ON n.id = b.id JOIN units u ON u.id = b.organisation
ORDER BY n.name, n.post, n.id
"""
"""Where people are and where they were are two joins by hash: one with an OR would compare everybody with every unit."""
UNITS_SQL = """
SELECT id, name, unit_name, short_name FROM organisation
WHERE (unit_name = ANY($1::varchar[]) OR name = ANY($1::varchar[])) AND merged_into IS NULL AND kind <> 'city' ORDER BY name, id
"""
TAKEN_SQL = """
SELECT honour, worker, organisation, kind, name, unit_name, team_key, year FROM roll_entry
WHERE repeat IS NOT NULL AND honour = ANY($1::uuid[])
  AND (worker = ANY($2::uuid[]) OR (kind <> 'person' AND organisation = ANY($3::uuid[])) OR name = ANY($4::varchar[]))
"""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an entry belongs to. ``key`` is the holder's for H12: the registry's id, or name and unit where unlinked."""

    kind: str
    name: str
    unit_name: str
    worker: UUID | None = None
    organisation: UUID | None = None

    @property
    def linked(self) -> bool:
        return self.worker is not None if self.kind == "person" else self.organisation is not None

    @property
    def key(self) -> str:
        return key_of(self.kind, self.name, self.unit_name, self.worker, self.organisation)


def key_of(kind: str, name: str, unit_name: str, worker: UUID | None, organisation: UUID | None) -> str:
    """One string for each holder."""
    if kind == "person":
        return str(worker) if worker else f"{fold(name)}|{fold(unit_name)}"
    team = rules.team_key(kind, name, unit_name)
    return f"{organisation}|{team}" if organisation else f"{kind}|{fold(name)}"


class Register:
    """What the registry knows of a sheet's names and units."""

    def __init__(self, people: Sequence[Any], units: Sequence[Any]) -> None:
        self.people: dict[tuple[str, str], dict[UUID, Any]] = {}
        for one in people:
            for unit in {one["union_name"], one["unit_name"], one["short_name"]} - {""}:
                self.people.setdefault((one["name"], unit), {})[one["id"]] = one
        self.units: dict[str, dict[UUID, Any]] = {}
        for one in units:
            for name in {one["name"], one["unit_name"]} - {""}:
                self.units.setdefault(name, {})[one["id"]] = one

    @classmethod
    async def load(cls, names: Sequence[str], units: Sequence[str]) -> Register:
        """Two queries, however long the sheet is."""
        wanted = sorted({*names, *units} - {""})
        return cls(
            await fetch(PEOPLE_SQL, sorted({*names} - {""}), sorted({*units} - {""})), await fetch(UNITS_SQL, wanted)
        )

    def match(self, kind: str, row: Row) -> Match | None:
        """The match of a row, or None where the officer has to choose first (the row is refused then)."""
        name, unit, said = row.cells.get("name", ""), row.cells.get("unit_name", ""), row.cells.get("match", "")
        plain = Match(kind=kind, name=name, unit_name=unit)
        if kind == "person":
            found = list(self.people.get((name, unit), {}).values())
            chosen = _chosen(row, said, found, lambda one: one["post"] or "—")
            if isinstance(chosen, bool):
                return _unit_of(plain, self.units.get(unit, {})) if chosen else None
            return msgspec.structs.replace(plain, worker=chosen["id"], organisation=chosen["organisation"])
        found = list(self.units.get(name if kind == "unit" else unit, {}).values())
        chosen = _chosen(row, said, found, lambda one: one["name"])
        if isinstance(chosen, bool):
            return plain if chosen else None
        return msgspec.structs.replace(plain, organisation=chosen["id"])


def _unit_of(plain: Match, units: dict[UUID, Any]) -> Match:
    """Somebody whom the registry does not know, in a unit that it does."""
    return msgspec.structs.replace(plain, organisation=next(iter(units)) if len(units) == 1 else None)


def _chosen(row: Row, said: str, found: Sequence[Any], show: Any) -> Any:
    """The one that is meant; True: nobody of the registry; False: not decided, and the row says so."""
    if said == UNLINKED or (not found and not said):
        return True
    if not said and len(found) == 1:
        return found[0]
    if said.isdecimal() and 0 < int(said) <= len(found):
        return found[int(said) - 1]
    listed = "；".join(f"{place} {show(one)}" for place, one in enumerate(found, 1)) or "—"
    row.refuse(
        Refusal("match_ambiguous", "库中有 {n} 个同名对象（{listed}）：在“对应”栏填编号，或填“不关联”", field="match", n=len(found), listed=listed)
    )  # fmt: skip
    return False


async def taken_by(asked: Sequence[tuple[UUID, Match]]) -> dict[tuple[UUID, str], list[int]]:
    """(honour, holder's key) → the years in which the ledger has it, not revoked."""
    rows = await fetch(
        TAKEN_SQL, list({honour for honour, _match in asked}),
        list({match.worker for _honour, match in asked if match.worker}),
        list({match.organisation for _honour, match in asked if match.organisation}),
        list({match.name for _honour, match in asked}),
    )  # fmt: skip
    found: dict[tuple[UUID, str], list[int]] = {}
    for row in rows:
        key = key_of(row["kind"], row["name"], row["unit_name"], row["worker"], row["organisation"])
        found.setdefault((row["honour"], key), []).append(row["year"])
    return found
