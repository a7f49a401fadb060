"""Keeping an account (账号维护): who may, closing and reopening, the lock, the lost phone, new links.

Every write leaves a trail row. ``actor`` None is the installation itself, as in :mod:`registry.accounts.operations`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal
from foundation.web.policy import Actor
from foundation.web.sessions import close_sessions_of
from registry.accounts.links import new_link, void_links
from registry.accounts.operations import manageable, require_another_security_admin
from registry.accounts.queries import VISIBLE_SQL, reach
from registry.accounts.roles import Role


async def lock_account_for(actor: Actor | None, account: UUID) -> Any:
    """The account's row, locked, if the actor may manage it; ``NotFound`` where the actor may not even see it.

    An officer manages an account only if every role it holds is one the officer could end: a link to set a password is
    as good as the account. Raises ``Refusal`` ``account_above_scope``, ``own_account``.
    """
    everywhere, scope = (True, []) if actor is None else reach(actor)
    row = await fetchrow(VISIBLE_SQL + " FOR UPDATE OF a", account, everywhere, scope)
    if row is None:
        raise NotFound
    if actor is None:
        return row
    if actor.account == account:
        raise Refusal("own_account", "不能对自己的账号执行这项操作")
    if not await manages(actor, account, everywhere=everywhere):
        raise Refusal("account_above_scope", "这个账号持有您无权管理的角色，请联系安全管理员")
    return row


async def manages(actor: Actor, account: UUID, *, everywhere: bool) -> bool:
    """Whether every live grant of the account is one that the actor could end."""
    if everywhere:
        return True
    rows = await fetch(
        "SELECT g.role, g.event, g.granted_by, o.ancestors FROM role_grant g"
        " LEFT JOIN organisation o ON o.id = g.organisation WHERE g.account = $1 AND g.ended_at IS NULL",
        account,
    )
    return all(manageable(actor, row, row if row["ancestors"] else None) for row in rows)


async def close_account(actor: Actor | None, account: UUID) -> None:
    """Close an account: its sessions end at once, its unused links too; its grants stay, for when it is reopened."""
    async with transaction():
        await lock_account_for(actor, account)
        if await _is_security_admin(account):
            await require_another_security_admin(account)
        closed = await fetchval(
            f"UPDATE account SET closed_at = {clock.NOW_SQL}, version = version + 1 WHERE id = $1 AND closed_at IS NULL"
            " RETURNING 1",
            account,
        )
        if closed is None:
            raise Conflict("account_closed", "这个账号已停用")
        await close_sessions_of(account)
        await void_links(account)
        await trail.record(actor, "account.closed", "account", account)


async def _is_security_admin(account: UUID) -> bool:
    held = await fetchval(
        "SELECT 1 FROM role_grant WHERE account = $1 AND role = $2 AND ended_at IS NULL", account, Role.SECURITY_ADMIN
    )
    return held is not None


async def reopen_account(actor: Actor | None, account: UUID) -> None:
    """Let a closed account in again."""
    async with transaction():
        await lock_account_for(actor, account)
        opened = await fetchval(
            "UPDATE account SET closed_at = NULL, failures = 0, locked_until = NULL, version = version + 1"
            " WHERE id = $1 AND closed_at IS NOT NULL RETURNING 1",
            account,
        )
        if opened is None:
            raise Conflict("account_open", "这个账号并未停用")
        await trail.record(actor, "account.reopened", "account", account)


async def unlock_account(actor: Actor | None, account: UUID) -> None:
    """Lift the lock that failed sign-ins set."""
    async with transaction():
        await lock_account_for(actor, account)
        await fetch("UPDATE account SET failures = 0, locked_until = NULL WHERE id = $1", account)
        await trail.record(actor, "account.unlocked", "account", account)


async def reset_second_factor(actor: Actor | None, account: UUID) -> None:
    """For a lost phone: the next sign-in enrols a new one. Security administrators only."""
    async with transaction():
        await lock_account_for(actor, account)
        if actor is not None and not actor.has(Role.SECURITY_ADMIN):
            raise Refusal("second_factor_reset_by_security", "只有安全管理员可以重置第二因素")
        await forget_second_factor(account)
        await close_sessions_of(account)
        await trail.record(actor, "account.second_factor_reset", "account", account)


async def forget_second_factor(account: UUID) -> None:
    """Take secret and recovery codes away, in the caller's transaction."""
    await fetch(
        "UPDATE account SET totp_sealed = NULL, totp_enrolled_at = NULL, totp_last_step = 0 WHERE id = $1", account
    )
    await fetch("DELETE FROM recovery_code WHERE account = $1", account)


async def issue_link(actor: Actor | None, account: UUID) -> tuple[str, str]:
    """A new one-time link in place of any before: an invitation until a password was set, then a reset.

    Returns (token, purpose). The token is handed over once; the table keeps its sha256 for seven days.
    """
    async with transaction():
        row = await lock_account_for(actor, account)
        if row["closed_at"] is not None:
            raise Conflict("account_closed", "这个账号已停用")
        purpose = "reset" if row["password_hash"] else "invitation"
        return await new_link(actor, account, purpose), purpose
