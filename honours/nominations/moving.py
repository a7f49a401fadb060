"""推荐对象的流转: the one function that moves a nomination (H30–H36)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from foundation import clock, moves, trail, working_days
from foundation.clock import NOW_SQL, SHANGHAI
from foundation.database import fetch, transaction
from foundation.database.columns import new_id
from foundation.errors import Forbidden, Refusal, Refusals, Stale, gather
from foundation.web.policy import Actor
from honours.nominations import access
from honours.nominations.stages import MOVES, WITH_UNIT, Stage
from honours.permissions import Permission

REASONED = frozenset({"return", "reject", "disqualify", "not_conferred"})
"""Moves that say no: each wants its reason in words (H33)."""

GATE_OF = {
    Stage.COUNTY: "county",
    Stage.COUNTY_NOTICE: "county",
    Stage.FORWARDED: "upper",
}
CLOSE_OF_BUSINESS = time(17, 30)


async def move_nomination(
    actor: Actor | None,
    nomination_id: UUID,
    action: str,
    *,
    opinion: str = "",
    signed_by: str = "",
    due_at: datetime | None = None,
    version: int | None = None,
) -> Stage:
    """Move one nomination along ``MOVES`` and write down who did it in what words (H33); returns its new stage.

    Locks the row, checks permission and scope (the nominating unit, the first gate's own officers, the running union's
    officers), moves by compare-and-set, appends the ``GateOpinion`` and a trail row. A return sets its day: ``due_at``, or
    the rule set's working days from today at 17:30 (H35). What else may stand in the way (``checklist.obstacles``) is asked
    by the caller, in the same transaction. Without an actor the house moves it by itself: what the clock (H35), a concluded
    objection (H34) or a withdrawn notice brings about.

    Raises ``NotFound`` outside the actor's scope, ``Forbidden`` where another level decides, ``Conflict`` for a move that
    the table does not have, ``Stale`` where ``version`` is given and no longer current, ``Refusal`` ``opinion_missing``.
    """
    async with transaction():
        row = (
            await access.row_of(nomination_id, lock=True)
            if actor is None
            else await access.row_for(actor, nomination_id, Permission.SEE_NOMINATIONS, lock=True)
        )
        stage = Stage(row["stage"])
        moves.target(MOVES, stage, action)
        permission = MOVES[(stage, action)][1]
        if actor is not None and not (permission.allows(actor) and access.may_act(actor, row, permission)):
            raise Forbidden
        require_version(row, version)
        gather(lambda: _require_words(action, opinion, signed_by))
        to = await moves.move("nomination", nomination_id, MOVES, stage, action)
        due = await _due_at(row, due_at) if action == "return" else None
        await _after(row, action, due)
        await _write_down(actor, row, stage, action, opinion.strip(), signed_by.strip(), due)
        await trail.record(
            actor, f"nomination.{action}", "nomination", nomination_id, {"from": stage.value, "to": to.value}
        )
        return to


def require_version(row: Any, version: int | None) -> None:
    """Raises ``Stale`` where somebody saved since ``version`` was shown."""
    if version is not None and version != row["version"]:
        raise Stale(
            "nomination_changed", "此件刚刚被他人保存（现为第 {current} 版），请核对后再办", current=row["version"]
        )


def _require_words(action: str, opinion: str, signed_by: str) -> None:
    refused = []
    if action in REASONED and not opinion.strip():
        refused.append(Refusal("opinion_missing", "请写明理由：退回、不通过都要说明原因", field="opinion", rule="H33"))
    if len(opinion) > 500:
        refused.append(Refusal("opinion_too_long", "意见最多 {most} 字", field="opinion", rule="H33", most=500))
    if len(signed_by) > 60:
        refused.append(Refusal("signed_by_too_long", "签署人姓名最多 {most} 字", field="signed_by", most=60))
    if refused:
        raise Refusals(refused)


async def _due_at(row: Any, due_at: datetime | None) -> datetime:
    """The day a returned dossier is due again; refuses one that has passed, and a year without a calendar (H32, H35)."""
    from honours.cycles.queries import rules_of

    now = await clock.now()
    if due_at is None:
        day = clock.local(now).date()
        days = (await rules_of(row["cycle"])).gates.return_days
        calendar = await clock.calendar({day.year})
        try:
            last = working_days.add(day, days, calendar)
        except Refusal:
            last = working_days.add(day, days, await clock.calendar({day.year, day.year + 1}))
        due_at = datetime.combine(last, CLOSE_OF_BUSINESS, tzinfo=SHANGHAI)
    if due_at <= now:
        raise Refusal("due_in_the_past", "重报期限应在今天之后", field="due_at", rule="H35")
    return due_at


async def _after(row: Any, action: str, due: datetime | None) -> None:
    """What a move changes beside the stage: the number and the time of handing in; the day after a return."""
    if action == "submit":
        from honours.nominations.numbering import next_number

        number = row["number"] or await next_number(row)
        await fetch(
            f"UPDATE nomination SET number = $2, submitted_at = {NOW_SQL}, returned_due_at = NULL WHERE id = $1",
            row["id"], number,
        )  # fmt: skip
    if action == "return":
        await fetch("UPDATE nomination SET returned_due_at = $2 WHERE id = $1", row["id"], due)


async def _write_down(
    actor: Actor | None, row: Any, stage: Stage, action: str, opinion: str, signed_by: str, due: datetime | None
) -> None:
    by_unit = MOVES[(stage, action)][1] is Permission.NOMINATE
    gate = "unit" if by_unit else "city" if stage in WITH_UNIT else GATE_OF.get(stage, "city")
    union = row["organisation"] if by_unit else row["first_gate"] if gate == "county" else row["running"]
    await fetch(
        "INSERT INTO gate_opinion (id, nomination, gate, action, organisation, opinion, signed_by, due_at, made_by,"
        f" made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {NOW_SQL})",
        new_id(), row["id"], gate, action, union, opinion, signed_by, due, actor.account if actor else None,
    )  # fmt: skip
