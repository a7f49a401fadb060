"""荣誉台账: every honour that a person or a unit ever held, as nominations, studios and pages ask for it (H10, H12, H77).

An entry counts from the moment that it stands in the ledger: published here, told by the level above, or brought in from
the rolls of past years. What was revoked stays, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch

HELD_SQL = """
SELECT e.id, e.worker, e.organisation, e.kind AS held_as, e.name, h.code, h.title, h.level, h.family, h.treatment,
       e.conferred_on, e.year, e.document_number, e.revoked_at IS NOT NULL AS revoked, e.revoked_on
FROM roll_entry e JOIN honour h ON h.id = e.honour
WHERE {where}
ORDER BY e.conferred_on DESC, h.place, e.id
"""
BY_WORKER, BY_UNIT = (
    HELD_SQL.format(where=where)
    for where in ("e.worker = ANY($1::uuid[])", "e.organisation = ANY($1::uuid[]) AND e.kind <> 'person'")
)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One honour that somebody holds or held. ``kind`` is the holder's (person, unit, team), ``name`` as the roll has it."""

    entry: UUID
    code: str
    title: str
    level: str
    kind: str
    family: str
    treatment: str
    name: str
    conferred_on: date
    year: int
    document_number: str
    revoked: bool
    revoked_on: date | None = None


async def held_by_workers(workers: Sequence[UUID]) -> dict[UUID, list[Held]]:
    """What each of these people holds or held, the newest first; everybody asked for has a list. One query."""
    return await _held(BY_WORKER, "worker", workers)


async def held_by_units(units: Sequence[UUID]) -> dict[UUID, list[Held]]:
    """What each of these units and its teams (``kind`` team, told apart by ``name``) hold or held; its people's not.

    One query; the newest first; every unit asked for has a list.
    """
    return await _held(BY_UNIT, "organisation", units)


async def _held(sql: str, holder: str, asked: Sequence[UUID]) -> dict[UUID, list[Held]]:
    found: dict[UUID, list[Held]] = {one: [] for one in asked}
    for row in await fetch(sql, list(asked)):
        found[row[holder]].append(_made(row))
    return found


def _made(row: Any) -> Held:
    return Held(
        entry=row["id"], code=row["code"], title=row["title"], level=row["level"], kind=row["held_as"],
        family=row["family"], treatment=row["treatment"], name=row["name"], conferred_on=row["conferred_on"],
        year=row["year"], document_number=row["document_number"], revoked=row["revoked"], revoked_on=row["revoked_on"],
    )  # fmt: skip
