"""Keeping accounts: invitations, one-time links, grants, closing. Every write leaves a trail row.

Other wings call :func:`grant_role`, :func:`end_role` and :func:`create_account`. ``actor`` None is the installation
itself (command line, demonstration): it is not asked for its scope, everything else holds.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, gather
from foundation.web.policy import Actor, Grant
from foundation.web.sessions import close_sessions_of
from registry.accounts import rules
from registry.accounts.passwords import hash_password
from registry.accounts.queries import VISIBLE_SQL, load_actor, reach
from registry.accounts.roles import EVENT_ROLES, ROSTER_ROLES, Role
from registry.accounts.schemas import Invitation
from registry.search_keys import keys_for_name

LINK_DAYS = timedelta(days=7)


def account_keys(login: str, name: str) -> list[str]:
    """What an account is found by: its name, 拼音 and initials, and its login."""
    return sorted({*keys_for_name(name), *keys_for_name(login)})


async def create_account(
    actor: Actor | None,
    *,
    login: str,
    name: str,
    email: str = "",
    organisation: UUID | None = None,
    worker: UUID | None = None,
) -> UUID:
    """Make an account without password or role; returns its id.

    Raises ``Refusals`` for the login's or address's form, ``Refusal`` ``login_taken``, ``organisation_not_found`` where
    the organisation is closed, unknown or not within the actor's scope.
    """
    login = login.lower()
    gather(lambda: rules.require_login(login), lambda: rules.require_email(email))
    async with transaction():
        await _organisation_for(actor, organisation)
        made = await fetchval(
            "INSERT INTO account (id, login, name, email, password_hash, totp_last_step, organisation, worker, locale,"
            " theme, failures, search_keys, version, made_at)"
            f" VALUES ($1, $2, $3, $4, '', 0, $5, $6, 'zh', 'auto', 0, $7, 1, {clock.NOW_SQL})"
            " ON CONFLICT (login) DO NOTHING RETURNING id",
            new_id(), login, name, email, organisation, worker, account_keys(login, name),
        )  # fmt: skip
        if made is None:
            raise Refusal("login_taken", "登录名“{login}”已有人使用", field="login", login=login)
        await trail.record(actor, "account.created", "account", made, {"organisation": organisation})
        return made


async def _organisation_for(actor: Actor | None, organisation: UUID | None) -> Any:
    """The open organisation's row within the actor's scope; None for none, which only the whole house's keepers may."""
    everywhere, scope = (True, []) if actor is None else reach(actor)
    if organisation is None:
        if not everywhere:
            raise Refusal("organisation_required", "请选择所在组织", field="organisation")
        return None
    row = await fetchrow(
        "SELECT id, kind, ancestors FROM organisation"
        " WHERE id = $1 AND closed_at IS NULL AND ($2 OR ancestors && $3::uuid[])",
        organisation, everywhere, scope,
    )  # fmt: skip
    if row is None:
        raise Refusal("organisation_not_found", "没有这个组织，或不在您的范围内", field="organisation")
    return row


async def invite(actor: Actor | None, wanted: Invitation) -> tuple[UUID, str]:
    """Make an account with its first role and a one-time link to set the password by; returns (account, token)."""
    async with transaction():
        account = await create_account(
            actor, login=wanted.login, name=wanted.name, email=wanted.email, organisation=wanted.organisation
        )
        if wanted.role is not None:
            await grant_role(actor, account, wanted.role, organisation=wanted.organisation)
        return account, await _new_link(actor, account, "invitation")


# ---- Grants ----


async def grant_role(
    actor: Actor | None,
    account: UUID,
    role: Role | str,
    *,
    organisation: UUID | None = None,
    event: UUID | None = None,
) -> UUID:
    """Grant a role within an organisation or one event; returns the grant's id, the same one if it is held already.

    For an event role the caller has fetched the event for the actor. The account's sessions end: a change of roles asks
    for a new sign-in. Raises ``NotFound`` (no open account), ``Refusal`` ``own_grants``, ``role_above_scope``,
    ``role_wants_event``, ``role_wants_organisation``, ``administrators_separate``, ``code_keeper_marks``,
    ``supervisor_judges`` (C60).
    """
    role = _role(role)
    organisation = None if event is not None else organisation  # a grant has one scope
    async with transaction():
        # Locking the account makes two grants at once stand in line: neither can slip past the separation rules.
        if await fetchval("SELECT id FROM account WHERE id = $1 AND closed_at IS NULL FOR UPDATE", account) is None:
            raise NotFound
        place = await _place(organisation)
        held = await _live_grants(account)
        gather(
            lambda: _authority(actor, account, role, place),
            lambda: rules.require_place(role, organisation_kind=place["kind"] if place else None, event=event),
            lambda: rules.require_separate(held.values(), role, event=event),
        )
        for grant_id, grant in held.items():
            if grant == Grant(role=role, organisation=organisation, event=event):
                return grant_id
        made = await fetchval(
            "INSERT INTO role_grant (id, account, role, organisation, event, granted_by, granted_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, {clock.NOW_SQL}) RETURNING id",
            new_id(), account, role, organisation, event, actor.account if actor else None,
        )  # fmt: skip
        await close_sessions_of(account)
        await trail.record(actor, "role.granted", "account", account, _where(role, organisation, event))
        return made


async def end_role(
    actor: Actor | None,
    account: UUID,
    role: Role | str,
    *,
    organisation: UUID | None = None,
    event: UUID | None = None,
) -> None:
    """End a role where it is held; raises ``NotFound`` where it is not held there."""
    grant = await fetchval(
        "SELECT id FROM role_grant WHERE account = $1 AND role = $2 AND organisation IS NOT DISTINCT FROM $3"
        " AND event IS NOT DISTINCT FROM $4 AND ended_at IS NULL",
        account, _role(role), organisation, event,
    )  # fmt: skip
    if grant is None:
        raise NotFound
    await end_grant(actor, grant)


def require_organisation_role(role: Role) -> None:
    """The accounts pages grant organisation roles only: who may seat whom in an event is the event's business."""
    if role in EVENT_ROLES - ROSTER_ROLES:
        raise Refusal("role_wants_event", "这个角色须在某一赛项内授予", field="role", rule="C60")


async def require_visible(actor: Actor, account: UUID) -> None:
    """Raises ``NotFound`` where the account is out of the actor's reach."""
    everywhere, scope = reach(actor)
    if await fetchrow(VISIBLE_SQL, account, everywhere, scope) is None:
        raise NotFound


async def end_grant_of(actor: Actor, account: UUID, grant: UUID) -> None:
    """End a grant of an account that the actor can see; raises ``NotFound`` where either is not so."""
    await require_visible(actor, account)
    if await fetchval("SELECT 1 FROM role_grant WHERE id = $1 AND account = $2", grant, account) is None:
        raise NotFound
    await end_grant(actor, grant)


async def end_grant(actor: Actor | None, grant: UUID) -> None:
    """End one grant, and the account's sessions with it; raises ``Conflict`` where somebody ended it before."""
    async with transaction():
        row = await fetchrow(
            "SELECT account, role, organisation, event, granted_by FROM role_grant WHERE id = $1", grant
        )
        if row is None:
            raise NotFound
        await fetch("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", row["account"])
        place = await _place(row["organisation"])
        if actor is not None and actor.account == row["account"]:
            raise Refusal("own_grants", "不能变更自己的角色，请由其他有权人员办理", field="role")
        if actor is not None and not manageable(actor, row, place):
            raise Refusal("role_above_scope", "这个角色超出了您可以授予的范围", field="role")
        ended = await fetchval(
            f"UPDATE role_grant SET ended_at = {clock.NOW_SQL}, ended_by = $2 WHERE id = $1 AND ended_at IS NULL"
            " RETURNING 1",
            grant, actor.account if actor else None,
        )  # fmt: skip
        if ended is None:
            raise Conflict("grant_ended", "这个角色已被收回，请刷新后再看")
        await close_sessions_of(row["account"])
        body = _where(row["role"], row["organisation"], row["event"])
        await trail.record(actor, "role.ended", "account", row["account"], body)


def manageable(actor: Actor, grant: Any, place: Any) -> bool:
    """Whether ``actor`` may end this grant. An event's grant: whoever made it, the city's officers, security."""
    if grant["role"] in EVENT_ROLES and grant["event"] is not None:
        return actor.has(Role.SECURITY_ADMIN, Role.CITY_OFFICER) or (
            rules.may_grant(actor, grant["role"]) and grant["granted_by"] == actor.account
        )
    return rules.may_grant(actor, grant["role"], ancestors=place["ancestors"] if place else ())


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise Refusal("no_such_role", "没有这个角色", field="role") from None


def _authority(actor: Actor | None, account: UUID, role: Role, place: Any) -> None:
    if actor is not None:
        rules.require_may_grant(actor, account, role, ancestors=place["ancestors"] if place else ())


async def _place(organisation: UUID | None) -> Any:
    if organisation is None:
        return None
    row = await fetchrow("SELECT id, kind, ancestors FROM organisation WHERE id = $1", organisation)
    if row is None:
        raise Refusal("organisation_not_found", "没有这个组织，或不在您的范围内", field="organisation")
    return row


async def _live_grants(account: UUID) -> dict[UUID, Grant]:
    rows = await fetch(
        "SELECT id, role, organisation, event FROM role_grant WHERE account = $1 AND ended_at IS NULL", account
    )
    return {row["id"]: Grant(role=row["role"], organisation=row["organisation"], event=row["event"]) for row in rows}


def _where(role: str, organisation: UUID | None, event: UUID | None) -> dict[str, Any]:
    return {"role": str(role), "organisation": organisation, "event": event}


# ---- The account itself ----


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
        closed = await fetchval(
            f"UPDATE account SET closed_at = {clock.NOW_SQL}, version = version + 1 WHERE id = $1 AND closed_at IS NULL"
            " RETURNING 1",
            account,
        )
        if closed is None:
            raise Conflict("account_closed", "这个账号已停用")
        await close_sessions_of(account)
        await _void_links(account)
        await trail.record(actor, "account.closed", "account", account)


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


# ---- One-time links ----


class LinkHolder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose link this is, as far as its page needs it."""

    account: UUID
    login: str
    name: str
    purpose: str


async def issue_link(actor: Actor | None, account: UUID) -> tuple[str, str]:
    """A new one-time link in place of any before: an invitation until a password was set, then a reset.

    Returns (token, purpose). The token is handed over once; the table keeps its sha256 for seven days.
    """
    async with transaction():
        row = await lock_account_for(actor, account)
        if row["closed_at"] is not None:
            raise Conflict("account_closed", "这个账号已停用")
        purpose = "reset" if row["password_hash"] else "invitation"
        return await _new_link(actor, account, purpose), purpose


async def _new_link(actor: Actor | None, account: UUID, purpose: str) -> str:
    token = secrets.token_urlsafe(32)
    await _void_links(account)
    await fetch(
        "INSERT INTO account_token (digest, account, purpose, expires_at, made_by)"
        " VALUES ($1, $2, $3, clock_timestamp() + $4::interval, $5)",
        _digest(token), account, purpose, LINK_DAYS, actor.account if actor else None,
    )  # fmt: skip
    await trail.record(actor, f"account.{purpose}_issued", "account", account)
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def _void_links(account: UUID) -> None:
    await fetch("UPDATE account_token SET used_at = clock_timestamp() WHERE account = $1 AND used_at IS NULL", account)


async def find_link(token: str) -> LinkHolder:
    """Whose link it is; raises ``NotFound`` for one that is unknown, used, replaced or out of date."""
    row = await fetchrow(
        "SELECT a.id, a.login, a.name, t.purpose FROM account_token t JOIN account a ON a.id = t.account"
        " WHERE t.digest = $1 AND t.used_at IS NULL AND t.expires_at > clock_timestamp() AND a.closed_at IS NULL",
        _digest(token),
    )
    if row is None:
        raise NotFound
    return LinkHolder(account=row["id"], login=row["login"], name=row["name"], purpose=row["purpose"])


def require_same(password: str, again: str) -> None:
    """The password was typed twice alike."""
    if password != again:
        raise Refusal("password_differs", "两次输入的密码不一致", field="again")


async def set_password_by_link(token: str, password: str, again: str) -> LinkHolder:
    """Set the password that the link is for; the link is used up, all sessions of the account end."""
    holder = await find_link(token)
    gather(
        lambda: rules.require_password(password, login=holder.login, name=holder.name),
        lambda: require_same(password, again),
    )
    hashed = await hash_password(password)
    async with transaction():
        used = await fetchval(
            "UPDATE account_token SET used_at = clock_timestamp()"
            " WHERE digest = $1 AND used_at IS NULL AND expires_at > clock_timestamp() RETURNING 1",
            _digest(token),
        )
        if used is None:
            raise NotFound
        await set_password(holder.account, hashed)
        actor = await load_actor(holder.account)
        await trail.record(actor, "account.password_set", "account", holder.account, {"by": holder.purpose})
    return holder


async def set_password(account: UUID, hashed: str) -> None:
    """Store a new hash in the caller's transaction: failures forgiven, unused links void, every session ended."""
    await fetch(
        "UPDATE account SET password_hash = $2, failures = 0, locked_until = NULL, version = version + 1 WHERE id = $1",
        account, hashed,
    )  # fmt: skip
    await _void_links(account)
    await close_sessions_of(account)
