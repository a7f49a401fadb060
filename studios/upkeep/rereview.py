"""复核: opened by itself where the leader's honour is taken back or the leader leaves (A12, H77, T8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Refusal
from foundation.web.policy import Actor
from studios.permissions import Permission
from studios.stages import LISTED, Stage
from studios.upkeep import rules
from studios.upkeep.access import LISTED_WORDS, move, require_version, rules_of, studio_for, studio_of, tell
from studios.upkeep.schemas import ReasonForm

OF_HONOUR_SQL = """
SELECT s.id FROM studio s JOIN achievement a ON a.id = s.leader_honour
WHERE s.stage = ANY($1::varchar[]) AND a.withdrawn_at IS NOT NULL AND ($2::uuid IS NULL OR a.id = $2) ORDER BY s.id
"""
OF_LEADER_SQL = """
SELECT s.id, w.left_at IS NOT NULL AS gone FROM studio s JOIN worker w ON w.id = s.leader
WHERE s.stage = ANY($1::varchar[]) AND w.id = $2 AND (w.left_at IS NOT NULL OR w.organisation <> s.organisation) ORDER BY s.id
"""


async def honour_withdrawn(body: Mapping[str, Any]) -> None:
    """``achievement.withdrawn``: studios whose leader qualified by it are looked at again. Telling twice changes nothing."""
    achievement = UUID(body["achievement"])
    for row in await fetch(OF_HONOUR_SQL, LISTED_WORDS, achievement):
        await open_rereview(row["id"], "honour", achievement)


async def leader_gone(body: Mapping[str, Any]) -> None:
    """``worker.left`` and ``worker.moved``: the leader is not at the enterprise any more (T8)."""
    worker = UUID(body["worker"])
    for row in await fetch(OF_LEADER_SQL, LISTED_WORDS, worker):
        await open_rereview(row["id"], "left" if row["gone"] else "moved", worker)


async def look_for_withdrawn() -> int:
    """What no event told of: a studio named while its leader's honour was being taken back. For the worker's tick."""
    async with transaction():
        opened = 0
        for row in await fetch(OF_HONOUR_SQL, LISTED_WORDS, None):
            honour = await fetchval("SELECT leader_honour FROM studio WHERE id = $1", row["id"])
            opened += await open_rereview(row["id"], "honour", honour)
        return opened


async def open_rereview(studio: UUID, cause: str, source: UUID) -> bool:
    """Open a re-review for one cause; returns False where it stands open already or the studio is off the register."""
    async with transaction():
        row = await studio_of(studio, lock=True)
        stage = Stage(row["stage"])
        if stage not in LISTED:
            return False
        today = await clock.today()
        due = today + timedelta(days=(await rules_of(row["programme"])).terms.rectify_days)
        made = await fetchval(
            "INSERT INTO re_review (id, studio, cause, source, opened_on, due_on, outcome, closing_reason, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, '', '', {NOW_SQL})"
            " ON CONFLICT ON CONSTRAINT re_review_one_open DO NOTHING RETURNING id",
            new_id(), studio, cause, source, today, due,
        )  # fmt: skip
        if made is None:
            return False
        if stage is not Stage.REREVIEW:
            await move(None, row, "open_rereview")
        await tell(None, studio, "rereview", on=today, facts={"cause": cause})
        await trail.record(None, "studio.rereview_opened", "studio", studio, {"cause": cause})
        return True


async def held_by(worker: UUID) -> list[rules.Held]:
    """A worker's honours of the registry, as the rule about leaders asks for them (T2)."""
    rows = await fetch(
        "SELECT id, level, facts, withdrawn_at FROM achievement WHERE worker = $1 AND kind = 'honour'", worker
    )
    return [
        rules.Held(
            id=row["id"], level=row["level"], family=str(msgspec.json.decode(row["facts"]).get("family") or ""),
            withdrawn=row["withdrawn_at"] is not None,
        )
        for row in rows
    ]  # fmt: skip


async def keep_after_rereview(actor: Actor, studio: UUID, form: ReasonForm) -> None:
    """The leader still qualifies and is still there: the studio is kept (T8).

    Raises ``NotFound``, ``Stale``, ``Refusal`` ``rereview_unqualified`` without another valid honour, ``rereview_gone``
    where the leader is not at the enterprise: a new leader or the end is the way then.
    """
    async with transaction():
        row = await studio_for(actor, studio, Permission.DECIDE_STUDIOS, lock=True)
        require_version(row, form.version)
        worker = await fetchrow("SELECT * FROM worker WHERE id = $1", row["leader"])
        if worker is None or worker["left_at"] is not None or worker["organisation"] != row["organisation"]:
            raise Refusal("rereview_gone", "领衔人已不在本单位：请变更领衔人，或者注销、摘牌", rule="T8")
        conditions = (await rules_of(row["programme"])).conditions
        honour = rules.qualifying(conditions, await held_by(worker["id"]))
        if not rules.leads(conditions, honour):
            raise Refusal("rereview_unqualified", "领衔人没有有效的相应级别荣誉：请变更领衔人，或者摘牌", rule="T2")
        if not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T8")
        await fetch("UPDATE studio SET leader_honour = $2 WHERE id = $1", studio, honour)
        await close_rereviews(actor, row, "kept", form.reason)


async def close_rereviews(actor: Actor, row: Any, outcome: str, reason: str) -> None:
    """Close what is open and clear a locked studio; a rectification that was interrupted goes on."""
    today = await clock.today()
    if row["stage"] != Stage.REREVIEW:
        if outcome == "kept":
            raise Refusal("not_rereview", "工作室不在复核中", rule="T8")
        return
    await move(actor, row, "clear")
    await fetch(
        "UPDATE re_review SET outcome = $2, closed_on = $3, closing_reason = $4, closed_by = $5"
        " WHERE studio = $1 AND closed_on IS NULL",
        row["id"], outcome, today, reason[:300], actor.account,
    )  # fmt: skip
    await tell(actor, row["id"], "rereview_closed", on=today, facts={"outcome": outcome})
    if await fetchval("SELECT 1 FROM rectification WHERE studio = $1 AND closed_on IS NULL", row["id"]):
        await move(actor, await studio_of(row["id"]), "order_rectification")
