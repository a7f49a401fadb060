"""摘牌、撤销、注销 and the recovery of the plaque (T8). A plaque once down is never hung again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal
from foundation.web.policy import Actor
from registry.achievements.operations import withdraw as withdraw_achievements
from studios.permissions import Permission
from studios.upkeep.access import move, require_version, studio_for, tell
from studios.upkeep.schemas import EndForm, RecoveryForm

RECOVERY_DAYS = 30
WORDS = {"withdraw": "摘牌", "revoke": "撤销命名", "close": "注销", "merge": "并入其他工作室"}
STEPS = ("plaque_on", "certificate_on", "told_on", "funds_on")


async def end_studio(actor: Actor, studio: UUID, form: EndForm) -> None:
    """Take a studio off the register by ``withdraw``, ``revoke`` or ``close`` (T8), with its reason.

    Raises ``NotFound``, ``Forbidden``, ``Stale``, ``Conflict`` where the stage forbids it, ``Refusal`` ``reason_missing``.
    """
    if form.action not in ("withdraw", "revoke", "close"):
        raise NotFound
    async with transaction():
        row = await studio_for(actor, studio, Permission.DECIDE_STUDIOS, lock=True)
        require_version(row, form.version)
        if not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T8")
        await leave_register(actor, row, form.action, form.reason)


async def leave_register(actor: Actor | None, row: Any, action: str, reason: str) -> None:
    """The rows of an end, for a locked studio: move, what was open is closed, the checklist, the time-line."""
    studio, today = row["id"], await clock.today()
    await move(actor, row, action)
    await fetch("UPDATE studio SET ended_on = $2 WHERE id = $1", studio, today)
    await fetch(
        "UPDATE visit SET stage = 'called_off', version = version + 1 WHERE subject = $1 AND stage = 'open'", studio
    )
    outcome = "withdrawn" if action == "withdraw" else "ended"
    await fetch(
        "UPDATE rectification SET outcome = $2, closed_on = $3, closing_reason = $4 WHERE studio = $1 AND closed_on IS NULL",
        studio, outcome, today, reason[:300],
    )  # fmt: skip
    await fetch(
        "UPDATE re_review SET outcome = 'ended', closed_on = $2, closing_reason = $3, closed_by = $4"
        " WHERE studio = $1 AND closed_on IS NULL",
        studio, today, reason[:300], actor.account if actor else None,
    )  # fmt: skip
    await fetch(
        "INSERT INTO plaque_recovery (id, studio, opened_on, due_on, note, version) VALUES ($1, $2, $3, $4, '', 1)",
        new_id(), studio, today, today + timedelta(days=RECOVERY_DAYS),
    )  # fmt: skip
    if action in ("withdraw", "revoke"):
        await _withdraw_achievements(actor, studio, WORDS[action])
    ended = {"withdraw": "withdrawn", "revoke": "revoked", "close": "closed", "merge": "merged"}[action]
    await tell(actor, studio, ended, on=today, public=WORDS[action], facts={"reason": reason[:300]})


async def _withdraw_achievements(actor: Actor | None, studio: UUID, reason: str) -> None:
    """What its namings brought its leader and its unit. Each naming is the source of its own: one that rose has several."""
    namings = await fetch("SELECT id FROM studio_naming WHERE studio = $1 ORDER BY named_on, id", studio)
    for source in (studio, *(row["id"] for row in namings)):
        await withdraw_achievements(actor, source=source, reason=reason)


async def keep_recovery(actor: Actor, studio: UUID, form: RecoveryForm) -> bool:
    """Write down what came back; returns whether the checklist is complete, which closes it.

    Refuses days to come and days before the studio ended.
    """
    async with transaction():
        await studio_for(actor, studio, Permission.DECIDE_STUDIOS, lock=True)
        row = await fetchrow("SELECT * FROM plaque_recovery WHERE studio = $1", studio)
        if row is None:
            raise NotFound
        today = await clock.today()
        values = [getattr(form, step) for step in STEPS]
        for step, day in zip(STEPS, values, strict=True):
            if day is not None and not row["opened_on"] <= day <= today:
                raise Refusal("recovery_day", "日期应在离册之日至今天之间", field=step, rule="T8")
        done = all(values)
        await fetch(
            "UPDATE plaque_recovery SET plaque_on = $2, certificate_on = $3, told_on = $4, funds_on = $5, note = $6,"
            " closed_on = $7, version = version + 1 WHERE studio = $1",
            studio, *values, form.note, today if done else None,
        )  # fmt: skip
        await trail.record(actor, "studio.recovery_kept", "studio", studio, {"done": done})
        return done
