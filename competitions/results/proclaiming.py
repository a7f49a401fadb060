"""What a publication brings about (发布之后): achievements in the registry, certificates for the winners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from competitions.programme.queries import EventView, rules_of
from competitions.results.rules import LEVELS_OF_ACHIEVEMENTS, series_prefix, tier_of
from competitions.scoring.bundle import Rules
from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.web.policy import Actor
from publications.certificates.operations import order_certificates
from publications.certificates.schemas import CertificateOrder
from registry.achievements import operations as achievements
from registry.achievements.schemas import Achieved

ROWS_SQL = """
SELECT r.id, r.entry, r.entry_code, r.name, r.organisation_name, r.rank, r.shared, r.guest, r.total, r.award,
       n.organisation,
       coalesce((SELECT json_agg(json_build_object('name', m.name, 'worker', m.worker) ORDER BY m.place, m.id)
                 FROM entry_member m WHERE m.entry = n.id AND m.role = 'competitor' AND m.active), '[]')::text AS members
FROM result_row r JOIN entry n ON n.id = r.entry
WHERE r.result = $1 AND r.rank IS NOT NULL AND NOT r.guest
ORDER BY r.place
"""


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    level: str
    year: int
    day: date


async def _head(event: EventView) -> _Head:
    row = await fetchrow("SELECT title, level, year, ends_on FROM competition WHERE id = $1", event.competition)
    assert row is not None
    day = clock.local(event.ends_at).date() if event.ends_at else row["ends_on"]
    return _Head(title=row["title"], level=row["level"], year=row["year"], day=day)


async def record_achievements(actor: Actor, event: EventView, result: UUID) -> int:
    """Tell the registry of every official place: of its people for their unit, and of a team for the unit itself."""
    head, rows = await _head(event), await fetch(ROWS_SQL, result)
    told = 0
    for row in rows:
        for fact in _facts(event, head, row, len(rows)):
            await achievements.record(actor, fact)
            told += 1
    return told


def _facts(event: EventView, head: _Head, row: Mapping[str, Any], official: int) -> list[Achieved]:
    def fact(holder: str, worker: UUID | None) -> Achieved:
        return Achieved(
            holder_name=holder, worker=worker, organisation=row["organisation"], kind="competition",
            title=f"{head.title} {event.title}", level=LEVELS_OF_ACHIEVEMENTS.get(head.level, head.level), rank=row["rank"],
            award=row["award"], achieved_on=head.day, source_kind="result_row", source=row["id"],
            facts={"event": event.code, "event_id": str(event.id), "entry": row["entry_code"], "total": row["total"],
                   "official": str(official), "occupation": event.occupation, "kind": event.kind},
        )  # fmt: skip

    members = [m for m in _members(row) if m["worker"]]
    found = [fact(member["name"], UUID(member["worker"])) for member in members]
    if event.kind == "team" and row["organisation"] is not None:
        found.append(fact(row["name"], None))
    return found


async def withdraw_achievements(actor: Actor, result: UUID, reason: str) -> int:
    """Take back what the result told (H77); returns how many achievements no longer count."""
    told = 0
    for row in await fetch("SELECT id FROM result_row WHERE result = $1 AND rank IS NOT NULL ORDER BY place", result):
        told += await achievements.withdraw(actor, source=row["id"], reason=reason)
    return told


async def order_winners(actor: Actor, event: EventView, result: UUID) -> int:
    """Order a certificate for each entry that won an award; returns how many entries that are."""
    head, rules = await _head(event), await rules_of(event.id)
    assert rules is not None, "a confirmed event has rules"
    winners = [row for row in await fetch(ROWS_SQL, result) if row["award"]]
    orders = [_order(event, head, rules, row) for row in winners]
    if orders:
        prefix = series_prefix(head.year, event.code)
        await order_certificates(actor, orders, prefix=prefix, source_kind="result", source=result)
    return len(orders)


def _order(event: EventView, head: _Head, rules: Rules, row: Mapping[str, Any]) -> CertificateOrder:
    members = _members(row)
    team = event.kind == "team"
    single = members[0] if len(members) == 1 and not team else None
    return CertificateOrder(
        holder_key=row["entry_code"], holder=row["name"],
        recipients=tuple(member["name"] for member in members) if members else (row["name"],),
        award=row["award"], tier=tier_of(rules, row["award"]), competition=head.title, event=event.title, year=head.year,
        team=row["name"] if team else "", unit=row["organisation_name"], organisation=row["organisation"],
        worker=UUID(single["worker"]) if single and single["worker"] else None,
    )  # fmt: skip


def _members(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return msgspec.json.decode(row["members"])
