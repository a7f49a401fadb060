"""Fetching is authorising: a studio within the actor's scope, else not found; its programme's rules; its time-line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, moves, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Stale
from foundation.web.policy import Actor
from studios.permissions import Permission
from studios.schemas import ProgrammeRules
from studios.stages import LISTED, MOVES, Stage

UNIT = "coalesce(nullif({0}.unit_name, ''), {0}.name)"
VISIBLE = "(o.ancestors && {0}::uuid[] OR c.ancestors && {0}::uuid[])"
SOURCE = """
studio s JOIN organisation o ON o.id = s.organisation JOIN organisation c ON c.id = s.county
JOIN programme p ON p.id = s.programme
"""
ROW_SQL = f"""
SELECT s.*, {UNIT.format("o")} AS organisation_name, o.ancestors, c.name AS county_name, p.title AS programme_title,
       p.organisation AS naming_union
FROM {SOURCE} WHERE s.id = $1
"""
LISTED_WORDS = sorted(stage.value for stage in LISTED)


async def studio_of(studio: UUID, *, lock: bool = False) -> Any:
    """The raw row, whoever asks; raises ``NotFound``. ``lock`` holds it to the end of the transaction."""
    row = await fetchrow(ROW_SQL + (" FOR UPDATE OF s" if lock else ""), studio)
    if row is None:
        raise NotFound
    return row


async def studio_for(actor: Actor, studio: UUID, permission: Permission, *, lock: bool = False) -> Any:
    """The raw row where it lies within the actor's scope of ``permission``: else ``NotFound``, or ``Forbidden`` where the
    actor sees it but another level decides."""
    sql = f"{ROW_SQL} AND {VISIBLE.format('$2')}" + (" FOR UPDATE OF s" if lock else "")
    row = await fetchrow(sql, studio, list(Permission.SEE_STUDIOS.scope(actor)))
    if row is None:
        raise NotFound
    if not may(actor, row, permission):
        raise Forbidden
    return row


def may(actor: Actor, row: Any, permission: Permission) -> bool:
    """Whether the actor holds ``permission`` over this studio; decisions belong to the naming union's officers."""
    scope = permission.scope(actor)
    if permission in (Permission.DECIDE_STUDIOS, Permission.KEEP_FUNDS):
        return row["naming_union"] in scope or not scope.isdisjoint(row["ancestors"])
    return not scope.isdisjoint(row["ancestors"]) or row["county"] in scope


def require_listed(row: Any) -> None:
    """Refuses writing about a studio that has left the register."""
    if Stage(row["stage"]) not in LISTED:
        raise Conflict("studio_ended", "工作室已不在册，不能再办理", rule="T8")


def require_version(row: Any, version: int) -> None:
    """Raises ``Stale`` where somebody saved since ``version`` was shown."""
    if row["version"] != version:
        raise Stale("stale", "内容已被他人更新（现为第 {current} 版）：请核对后重新提交", current=row["version"])


async def rules_of(programme: UUID) -> ProgrammeRules:
    """The rules in force of a programme; raises ``NotFound`` without any."""
    text = await fetchval(
        "SELECT rules FROM programme_rule_set WHERE programme = $1 ORDER BY number DESC LIMIT 1", programme
    )
    if text is None:
        raise Refusal("programme_without_rules", "该项目还没有规则", rule="T2")
    return msgspec.json.decode(text, type=ProgrammeRules)


async def move(actor: Actor | None, row: Any, action: str) -> Stage:
    """Move a locked studio by the one table of moves; the trail says from where to where."""
    stage = Stage(row["stage"])
    to = await moves.move("studio", row["id"], MOVES, stage, action)
    await trail.record(actor, f"studio.{action}", "studio", row["id"], {"from": stage.value, "to": to.value})
    return to


async def tell(
    actor: Actor | None, studio: UUID, kind: str, *, on: date | None = None, public: str = "", facts: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    """Add to a studio's time-line (大事记); ``public`` is what everybody may read of it."""
    await fetch(
        "INSERT INTO studio_event (id, studio, kind, happened_on, public_text, facts, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, {NOW_SQL})",
        new_id(), studio, kind, on or await clock.today(), public[:200], msgspec.json.encode(facts or {}).decode(),
        actor.account if actor else None,
    )  # fmt: skip
