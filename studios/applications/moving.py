"""申报的流转: the one function that moves an application (T3)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from foundation import clock, moves, trail, working_days
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Forbidden, Refusal, Stale
from foundation.web.policy import Actor
from studios.applications import access
from studios.applications.stages import MOVES, REASONED, Step
from studios.permissions import Permission


async def move_application(
    actor: Actor | None, application: UUID, action: str, *, opinion: str = "", version: int | None = None
) -> Step:
    """Move one application along ``MOVES`` and write down who did it in what words; returns its new step.

    Locks the row, checks permission and scope, moves by compare-and-set, appends the opinion and a trail row. A return sets
    the day by which the unit hands in again. Without an actor the house moves it by itself (an upheld objection, the clock).

    Raises ``NotFound`` outside the actor's scope, ``Forbidden`` where another level decides, ``Conflict`` for a move that
    the table does not have, ``Stale`` for an older ``version``, ``Refusal`` ``opinion_missing``.
    """
    async with transaction():
        row = (
            await access.row_of(application, lock=True)
            if actor is None
            else await access.row_for(actor, application, Permission.SEE_APPLICATIONS, lock=True)
        )
        step = Step(row["stage"])
        moves.target(MOVES, step, action)
        permission = MOVES[(step, action)][1]
        if actor is not None and not (permission.allows(actor) and access.may_act(actor, row, permission)):
            raise Forbidden
        require_version(row, version)
        _require_words(action, opinion)
        to = await moves.move("studio_application", application, MOVES, step, action)
        due = await _return_day(row) if action == "return" else None
        if action in ("return", "submit"):
            await fetch("UPDATE studio_application SET returned_due_on = $2 WHERE id = $1", application, due)
        await write_down(actor, row, action, opinion, due=due)
        await trail.record(
            actor, f"studio_application.{action}", "studio_application", application, {"from": step, "to": to}
        )
        return to


def require_version(row: Any, version: int | None) -> None:
    """Raises ``Stale`` where somebody saved since ``version`` was shown."""
    if version is not None and version != row["version"]:
        raise Stale(
            "application_changed", "此件刚刚被他人保存（现为第 {current} 版），请核对后再办", current=row["version"]
        )


def _require_words(action: str, opinion: str) -> None:
    if action in REASONED and not opinion.strip():
        raise Refusal("opinion_missing", "请写明理由：退回、不通过都要说明原因", field="opinion", rule="T3")
    if len(opinion) > 500:
        raise Refusal("opinion_too_long", "意见最多 {most} 字", field="opinion", most=500)


async def _return_day(row: Any) -> date:
    """Working days from today, as the rules say; refuses a year without a calendar (A5)."""
    today, rules = await clock.today(), await access.rules_by(row["rule_set"])
    try:
        return working_days.add(today, rules.terms.return_days, await clock.calendar({today.year}))
    except Refusal:
        return working_days.add(today, rules.terms.return_days, await clock.calendar({today.year, today.year + 1}))


async def write_down(actor: Actor | None, row: Any, action: str, opinion: str, *, due: date | None = None) -> None:
    """Append to the opinions of an application."""
    by_unit = action in ("submit", "withdraw")
    union = row["organisation"] if by_unit else row["county"] if row["stage"] == Step.COUNTY else row["running"]
    await fetch(
        "INSERT INTO application_opinion (id, application, action, organisation, opinion, due_on, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW_SQL})",
        new_id(), row["id"], action, union, opinion.strip(), due, actor.account if actor else None,
    )  # fmt: skip


async def next_number(row: Any) -> str:
    """``XC-CXGZS-2026-007``: gap-free within its call, whose row stays locked until the transaction ends."""
    last = await fetchval(
        "UPDATE studio_call SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number", row["call"]
    )
    return f"{row['call_code']}-{last:03d}"
