"""竞赛成绩对应的荣誉推荐 (C4): results that entitle wait in an inbox; nothing is ever awarded by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from honours.laureates.schemas import EntitlementRuleForm
from honours.nominations.schemas import StartForm
from honours.nominations.starting import start_nomination
from honours.permissions import Permission

FROM = """
FROM achievement a JOIN entitlement_rule r ON r.level = a.level AND a.rank <= r.rank AND r.ended_at IS NULL
JOIN honour h ON h.id = r.honour AND h.kind = 'person'
JOIN worker w ON w.id = a.worker AND w.left_at IS NULL AND w.merged_into IS NULL AND w.erased_at IS NULL
JOIN organisation o ON o.id = w.organisation
WHERE a.kind = 'competition' AND a.withdrawn_at IS NULL AND o.ancestors && $1::uuid[]
  AND NOT EXISTS (SELECT 1 FROM entitlement_answer x WHERE x.achievement = a.id AND x.honour = h.id)
  AND NOT EXISTS (SELECT 1 FROM nomination n JOIN cycle_award na ON na.id = n.award
    WHERE n.worker = w.id AND na.honour = h.id AND n.made_at::date >= a.achieved_on)
  AND NOT EXISTS (SELECT 1 FROM roll_entry e WHERE e.worker = w.id AND e.honour = h.id AND e.revoked_at IS NULL)
"""
INBOX_SQL = f"""
SELECT a.id AS achievement, h.id AS honour, a.holder_name, a.title, a.rank, a.achieved_on, a.worker, h.title AS honour_title,
  coalesce(nullif(o.unit_name, ''), o.name) AS unit, o.id AS organisation, r.basis,
  (SELECT ca.id FROM cycle_award ca JOIN cycle c ON c.id = ca.cycle
    WHERE ca.honour = h.id AND c.stage = 'open' AND c.organisation = ANY(o.ancestors) ORDER BY c.year DESC LIMIT 1) AS award
{FROM}
"""


def scope(actor: Actor) -> list[UUID]:
    return list(Permission.SEE_ENTITLEMENTS.scope(actor))


async def inbox(actor: Actor) -> list[Any]:
    """What waits within the actor's reach, the newest results first; at most 200."""
    return await fetch(INBOX_SQL + " ORDER BY a.achieved_on DESC, a.rank, a.id LIMIT 200", scope(actor))


async def _one(actor: Actor, achievement: UUID, honour: UUID, scope: list[UUID]) -> Any:
    row = await fetchrow(INBOX_SQL + " AND a.id = $2 AND h.id = $3 FOR UPDATE OF a", scope, achievement, honour)
    if row is None:
        raise NotFound
    return row


async def start(actor: Actor, achievement: UUID, honour: UUID) -> UUID:
    """Open a draft as a separate listing (单列, H5) whose reason is the result; only the nominee's unit does.

    Raises ``NotFound`` for what waits no longer, ``Conflict`` without an open cycle, and the refusals of a nomination.
    """
    async with transaction():
        row = await _one(actor, achievement, honour, list(Permission.NOMINATE.scope(actor)))
        if row["award"] is None:
            raise Conflict("no_open_cycle", "目前没有接收这项荣誉申报的评选周期", rule="H35")
        made = await start_nomination(actor, StartForm(award=row["award"], worker=row["worker"]))
        reason = f"{row['title']} 第 {row['rank']} 名"
        await fetch("UPDATE nomination SET listing = 'separate', listing_reason = $2 WHERE id = $1", made, reason[:200])
        await trail.record(actor, "entitlement.started", "nomination", made, {"achievement": str(achievement)})
        return made


async def dismiss(actor: Actor, achievement: UUID, honour: UUID, reason: str) -> None:
    """Put it aside, with a reason that stays. Raises ``NotFound`` for what waits no longer."""
    async with transaction():
        row = await _one(actor, achievement, honour, scope(actor))
        await _answer(actor, row, reason)


async def _answer(actor: Actor, row: Any, reason: str) -> None:
    made = await fetch(
        "INSERT INTO entitlement_answer (id, achievement, honour, organisation, reason, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL}) ON CONFLICT DO NOTHING RETURNING id",
        new_id(), row["achievement"], row["honour"], row["organisation"], reason, actor.account,
    )  # fmt: skip
    if not made:
        raise Conflict("entitlement_answered", "这条建议刚刚已由他人办理", rule="C4")
    await trail.record(
        actor, "entitlement.dismissed", "entitlement", made[0]["id"], {"achievement": str(row["achievement"])}
    )


async def rules_in_force() -> list[Any]:
    return await fetch(
        "SELECT r.id, r.level, r.rank, r.basis, h.title FROM entitlement_rule r JOIN honour h ON h.id = r.honour"
        " WHERE r.ended_at IS NULL ORDER BY r.level, r.rank"
    )


async def honour_choices() -> list[tuple[str, str]]:
    """Titles for people."""
    rows = await fetch("SELECT id, title FROM honour WHERE kind = 'person' ORDER BY place, title LIMIT 200")
    return [(str(row["id"]), row["title"]) for row in rows]


async def add_rule(actor: Actor, form: EntitlementRuleForm) -> None:
    """Put a rule in force; one of the same level and honour ends. Raises ``NotFound`` for an honour that is no person's."""
    async with transaction():
        if await fetchrow("SELECT 1 FROM honour WHERE id = $1 AND kind = 'person'", form.honour) is None:
            raise NotFound
        await fetch(
            f"UPDATE entitlement_rule SET ended_at = {NOW_SQL} WHERE level = $1 AND honour = $2 AND ended_at IS NULL",
            form.level, form.honour,
        )  # fmt: skip
        made = new_id()
        await fetch(
            "INSERT INTO entitlement_rule (id, level, rank, honour, basis, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
            made, form.level, form.rank, form.honour, form.basis[:200], actor.account,
        )  # fmt: skip
        await trail.record(
            actor, "entitlement_rule.added", "entitlement_rule", made, {"level": form.level, "rank": form.rank}
        )


def waiting(actor: Actor) -> Count:
    """The badge."""
    return Count(sql=f"SELECT count(*) {FROM}", values=(scope(actor),))
