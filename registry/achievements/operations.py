"""Record and withdraw achievements: called by the areas, inside their own transactions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Refusal
from foundation.outbox import emit
from foundation.web.policy import Actor
from registry.achievements.schemas import Achieved

RECORD_SQL = f"""
INSERT INTO achievement (id, worker, organisation, holder_name, kind, title, level, rank, award, achieved_on, source_kind,
                         source, withdrawn_reason, facts, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', $13::jsonb, {NOW_SQL})
ON CONFLICT ON CONSTRAINT achievement_once_a_source DO UPDATE
SET holder_name = excluded.holder_name, title = excluded.title, level = excluded.level, rank = excluded.rank,
    award = excluded.award, achieved_on = excluded.achieved_on, facts = excluded.facts,
    withdrawn_at = NULL, withdrawn_reason = ''
RETURNING id
"""


async def record(actor: Actor | None, fact: Achieved) -> UUID:
    """Write down that somebody achieved something; the same source tells a holder once, told again it is corrected.

    Returns the achievement's id. Raises ``Refusal`` ``achievement_without_holder`` where neither person nor unit is named.
    """
    if fact.worker is None and fact.organisation is None:
        raise Refusal("achievement_without_holder", "业绩须记在一名职工或一个单位名下")
    async with transaction():
        made = await fetchval(RECORD_SQL, *_values(fact))
        body = {"kind": fact.kind, "source": str(fact.source), "rank": fact.rank, "award": fact.award}
        await trail.record(actor, "achievement.recorded", "achievement", made, body)
        return made


async def record_many(actor: Actor | None, facts: Sequence[Achieved]) -> int:
    """As :func:`record` for a whole roll, in one round trip: one row of the trail tells of all. Returns how many."""
    if any(fact.worker is None and fact.organisation is None for fact in facts):
        raise Refusal("achievement_without_holder", "业绩须记在一名职工或一个单位名下")
    async with transaction():
        await connection().executemany(RECORD_SQL, [_values(fact) for fact in facts])
        sources = sorted({str(fact.source) for fact in facts})
        body = {"count": len(facts), "sources": hashlib.sha256("\n".join(sources).encode()).hexdigest()}
        await trail.record(actor, "achievements.recorded", "achievements", None, body)
        return len(facts)


def _values(fact: Achieved) -> tuple[Any, ...]:
    return (
        new_id(), fact.worker, fact.organisation, fact.holder_name, fact.kind, fact.title, fact.level, fact.rank, fact.award,
        fact.achieved_on, fact.source_kind, fact.source, msgspec.json.encode(fact.facts).decode(),
    )  # fmt: skip


async def withdraw(actor: Actor | None, *, source: UUID, reason: str, worker: UUID | None = None) -> int:
    """Take back what a source told (of one worker, or of all its holders): it stays in the history, marked (H77).

    Returns how many were withdrawn; withdrawing again finds none. Higher wings hear ``achievement.withdrawn``.
    """
    async with transaction():
        rows = await fetch(
            f"UPDATE achievement SET withdrawn_at = {NOW_SQL}, withdrawn_reason = $2"
            " WHERE source = $1 AND withdrawn_at IS NULL AND ($3::uuid IS NULL OR worker = $3) RETURNING id",
            source, reason, worker,
        )  # fmt: skip
        for row in rows:
            await trail.record(actor, "achievement.withdrawn", "achievement", row["id"], {"source": str(source)})
            await emit("achievement.withdrawn", {"achievement": str(row["id"]), "source": str(source)})
        return len(rows)
