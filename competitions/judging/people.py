"""Who may be seated and who was appointed (候选裁判、任命): what the officer's page of panels shows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from competitions.judging import rules
from competitions.programme.queries import rules_of
from foundation.database import fetch


class Seated(msgspec.Struct, frozen=True, kw_only=True):
    """A seat with its judge; ``excused`` are the codes of entries (reasons only in ``reasons``, for officers)."""

    id: UUID
    code: str
    name: str
    unit: str
    sheet_state: str
    signed_at: datetime | None
    excused: tuple[str, ...]
    reasons: tuple[str, ...]
    external: bool


class PanelOfSeats(msgspec.Struct, frozen=True, kw_only=True):
    """A panel with its seats and what its aspects need at least."""

    id: UUID
    title: str
    aspects: tuple[str, ...]
    needed: int
    seats: tuple[Seated, ...]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account: who may judge, or who holds a role in the event."""

    account: UUID
    name: str
    login: str
    unit: str
    role: str = ""


SEATS_SQL = """
SELECT s.id, s.panel, s.code, coalesce(nullif(s.name, ''), a.name, s.code) AS name, s.sheet_state, s.signed_at,
       coalesce(nullif(o.unit_name, ''), o.name, '') AS unit, s.account IS NULL AS external,
       coalesce((SELECT array_agg(n.code ORDER BY n.code) FROM excusal x JOIN entry n ON n.id = x.entry
                 WHERE x.seat = s.id AND n.code IS NOT NULL), '{}') AS excused,
       coalesce((SELECT array_agg(DISTINCT x.reason) FROM excusal x WHERE x.seat = s.id), '{}') AS reasons
FROM seat s LEFT JOIN account a ON a.id = s.account LEFT JOIN organisation o ON o.id = s.organisation
WHERE s.event = $1 AND s.vacated_at IS NULL ORDER BY length(s.code), s.code
"""
JUDGES_SQL = """
SELECT a.id AS account, a.name, a.login, coalesce(nullif(o.unit_name, ''), o.name, '') AS unit
FROM account a LEFT JOIN organisation o ON o.id = a.organisation
WHERE a.closed_at IS NULL AND EXISTS (SELECT FROM role_grant g WHERE g.account = a.id AND g.ended_at IS NULL
      AND g.role IN ('judge', 'chief_judge'))
ORDER BY a.name, a.login LIMIT 500
"""
OFFICIALS_SQL = """
SELECT a.id AS account, a.name, a.login, coalesce(nullif(o.unit_name, ''), o.name, '') AS unit
FROM account a LEFT JOIN organisation o ON o.id = a.organisation
WHERE a.closed_at IS NULL AND EXISTS (SELECT FROM role_grant g WHERE g.account = a.id AND g.ended_at IS NULL
      AND g.role IN ('judge', 'chief_judge', 'scorekeeper', 'code_keeper', 'supervisor'))
ORDER BY a.name, a.login LIMIT 500
"""
APPOINTED_SQL = """
SELECT a.id AS account, a.name, a.login, coalesce(nullif(o.unit_name, ''), o.name, '') AS unit, g.role
FROM role_grant g JOIN account a ON a.id = g.account LEFT JOIN organisation o ON o.id = a.organisation
WHERE g.event = $1 AND g.ended_at IS NULL AND g.role <> 'judge' ORDER BY g.role, a.name
"""


async def panels_of(event: UUID) -> list[PanelOfSeats]:
    """The panels of an event that the caller has fetched for its actor."""
    known = await rules_of(event)
    seats: dict[UUID, list[Seated]] = {}
    for row in await fetch(SEATS_SQL, event):
        values = dict(row)
        seats.setdefault(values.pop("panel"), []).append(
            Seated(**{**values, "excused": tuple(values["excused"]), "reasons": tuple(values["reasons"])})
        )
    return [
        PanelOfSeats(
            id=row["id"],
            title=row["title"],
            aspects=tuple(row["aspects"]),
            needed=max((need.minimum for need in rules.needs(known, row["aspects"])), default=1) if known else 1,
            seats=tuple(seats.get(row["id"], ())),
        )
        for row in await fetch("SELECT id, title, aspects FROM panel WHERE event = $1 ORDER BY place, title", event)
    ]


async def judges() -> list[Person]:
    """Everybody on the list of judges."""
    return [Person(**dict(row)) for row in await fetch(JUDGES_SQL)]


async def officials() -> list[Person]:
    """Everybody who may hold a role within an event."""
    return [Person(**dict(row)) for row in await fetch(OFFICIALS_SQL)]


async def appointed(event: UUID) -> list[Person]:
    """Who holds which role in the event, judges in their seats aside."""
    return [Person(**dict(row)) for row in await fetch(APPOINTED_SQL, event)]
