"""Reads about cycles for the whole wing: the cycle, its rules in force, its awards. Screens have their own in ``showing``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.web.policy import Actor
from honours.cycles.schemas import CycleRules
from honours.permissions import Permission

_CYCLE = """
SELECT c.id, c.code, c.title, c.year, c.level, c.organisation, o.name AS organisation_name, o.region, c.stage,
       c.copied_from, c.opens_on, c.unit_due_at, c.county_due_at, c.opened_at, c.decided_at, c.published_at, c.version
FROM cycle c JOIN organisation o ON o.id = c.organisation
"""
_AWARD = """
SELECT a.id, a.cycle, a.honour, h.code, h.title, h.title_en, h.level, h.kind, h.family, h.conferrer, h.conferred_here,
       a.places, a.place
FROM cycle_award a JOIN honour h ON h.id = a.honour
"""


class CycleView(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle as every part of the wing knows it."""

    id: UUID
    code: str
    title: str
    year: int
    level: str
    organisation: UUID
    organisation_name: str
    region: str
    stage: str
    copied_from: UUID | None
    opens_on: date | None
    unit_due_at: datetime | None
    county_due_at: datetime | None
    opened_at: datetime | None
    decided_at: datetime | None
    published_at: datetime | None
    version: int


class AwardView(msgspec.Struct, frozen=True, kw_only=True):
    """An award of a cycle with its honour (``code``, ``title`` … are the honour's)."""

    id: UUID
    cycle: UUID
    honour: UUID
    code: str
    title: str
    title_en: str
    level: str
    kind: str
    family: str
    conferrer: str
    conferred_here: bool
    places: int
    place: int


class RulesVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a cycle's rules."""

    number: int
    reason: str
    made_at: datetime
    made_by: str
    rules: CycleRules


async def cycle_of(cycle_id: UUID) -> CycleView:
    """The cycle, whoever asks; raises ``NotFound``. For an actor: :func:`cycle_for`."""
    return _cycle(await fetchrow(_CYCLE + "WHERE c.id = $1", cycle_id))


async def cycle_for(actor: Actor, cycle_id: UUID, permission: Permission, *, lock: bool = False) -> CycleView:
    """The cycle where ``actor`` has ``permission``; raises ``NotFound``.

    Whoever runs cycles has them within the union that runs them. The other permissions reach a cycle from below too: a county
    or a unit sees the cycles of the unions above it, drafts only where they are its own.
    """
    scope = list(permission.scope(actor))
    where = "o.ancestors && $2::uuid[]"
    if permission is not Permission.RUN_CYCLE:
        where += (
            " OR c.stage <> 'draft' AND EXISTS (SELECT 1 FROM organisation s"
            " WHERE s.id = ANY($2::uuid[]) AND c.organisation = ANY(s.ancestors))"
        )
    return _cycle(
        await fetchrow(f"{_CYCLE}WHERE c.id = $1 AND ({where})" + (" FOR UPDATE OF c" if lock else ""), cycle_id, scope)
    )


async def cycles_of(ids: list[UUID]) -> list[CycleView]:
    """These cycles in this order, whoever asks. One statement."""
    rows = await fetch(_CYCLE + "WHERE c.id = ANY($1::uuid[]) ORDER BY array_position($1::uuid[], c.id)", ids)
    return [_cycle(row) for row in rows]


async def open_cycles() -> list[CycleView]:
    """Cycles that take nominations now, the newest year first."""
    return [_cycle(row) for row in await fetch(_CYCLE + "WHERE c.stage = 'open' ORDER BY c.year DESC, c.code")]


async def rules_of(cycle_id: UUID) -> CycleRules:
    """The rules in force: the newest version. Raises ``NotFound`` where the cycle has none."""
    row = await fetchrow("SELECT rules FROM cycle_rule_set WHERE cycle = $1 ORDER BY number DESC LIMIT 1", cycle_id)
    if row is None:
        raise NotFound
    return decode_rules(row["rules"])


async def versions_of(cycle_id: UUID) -> list[RulesVersion]:
    """Every version of a cycle's rules, the newest first."""
    rows = await fetch(
        "SELECT s.number, s.reason, s.made_at, coalesce(a.name, '') AS made_by, s.rules FROM cycle_rule_set s"
        " LEFT JOIN account a ON a.id = s.made_by WHERE s.cycle = $1 ORDER BY s.number DESC",
        cycle_id,
    )
    return [RulesVersion(**{**dict(row), "rules": decode_rules(row["rules"])}) for row in rows]


async def awards_of(cycle_id: UUID) -> list[AwardView]:
    """A cycle's awards in their order; none before it opens."""
    return [
        AwardView(**dict(row)) for row in await fetch(_AWARD + "WHERE a.cycle = $1 ORDER BY a.place, h.code", cycle_id)
    ]


async def award_of(award_id: UUID) -> AwardView:
    """One award; raises ``NotFound``."""
    row = await fetchrow(_AWARD + "WHERE a.id = $1", award_id)
    if row is None:
        raise NotFound
    return AwardView(**dict(row))


def decode_rules(text: str) -> CycleRules:
    """Rules as they are stored."""
    return msgspec.json.decode(text, type=CycleRules)


def _cycle(row: Any) -> CycleView:
    if row is None:
        raise NotFound
    return CycleView(**dict(row))
