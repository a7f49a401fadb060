"""Appointments within an event (任命): chief judge, scorekeeper, code keeper, supervisor; and what must stay apart (C60)."""

from __future__ import annotations

from uuid import UUID

from competitions.judging import rules
from competitions.judging.schemas import AppointIn
from competitions.permissions import Permission
from competitions.programme.queries import event_for
from foundation import clock, trail
from foundation.database import fetch, fetchval, transaction
from foundation.errors import NotFound, Refusal
from foundation.web.policy import Actor
from foundation.web.sessions import close_sessions_of
from registry.accounts import operations as accounts


async def appoint(actor: Actor, event_id: UUID, given: AppointIn) -> None:
    """Give somebody a role within the event: chief judge (one: the one before steps down), scorekeeper, code keeper,
    supervisor. Raises ``Refusal`` where the roles must stay apart (C60).
    """
    async with transaction():
        await event_for(actor, event_id, Permission.SEAT_JUDGES, lock=True)
        if not await fetchval("SELECT true FROM account WHERE id = $1 AND closed_at IS NULL", given.account):
            raise Refusal("no_such_account", "没有这个账号或已停用", field="account")
        await require_roles_apart(event_id, given.account, given.role)
        if given.role == "chief_judge":
            before = await fetch(
                "UPDATE role_grant SET ended_at = $2, ended_by = $3 WHERE event = $1 AND role = 'chief_judge'"
                " AND ended_at IS NULL AND account <> $4 RETURNING account",
                event_id, await clock.now(), actor.account, given.account,
            )  # fmt: skip
            for row in before:
                await close_sessions_of(row["account"])
        await grant_role(actor, given.account, given.role, event_id)
        await trail.record(actor, "event.appointed", "event", event_id, {"role": given.role})


async def dismiss(actor: Actor, event_id: UUID, account: UUID, role: str) -> None:
    """End an appointment (not a seat: that is vacated)."""
    async with transaction():
        await event_for(actor, event_id, Permission.SEAT_JUDGES, lock=True)
        ended = await fetch(
            "UPDATE role_grant SET ended_at = $4, ended_by = $5 WHERE event = $1 AND account = $2 AND role = $3"
            " AND role <> 'judge' AND ended_at IS NULL RETURNING id",
            event_id, account, role, await clock.now(), actor.account,
        )  # fmt: skip
        if not ended:
            raise NotFound
        await close_sessions_of(account)
        await trail.record(actor, "event.dismissed", "event", event_id, {"role": role})


async def require_roles_apart(event: UUID, account: UUID, role: str) -> None:
    rows = await fetch(
        "SELECT role FROM role_grant WHERE event = $1 AND account = $2 AND ended_at IS NULL", event, account
    )
    rules.require_separate(role, [row["role"] for row in rows])


async def grant_role(actor: Actor, account: UUID, role: str, event: UUID) -> None:
    """A role within the event, once; the register locks the account, so that C60 holds whoever grants at the same moment."""
    await accounts.grant_role(actor, account, role, event=event)
