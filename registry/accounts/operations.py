"""Accounts come to be, and hold roles: creation, invitation, grants. Every write leaves a trail row.

Other wings call :func:`grant_role`, :func:`end_role` and :func:`create_account`. ``actor`` None is the installation
itself (command line, demonstration): it is not asked for its scope, everything else holds.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, gather
from foundation.web.policy import Actor, Grant
from foundation.web.sessions import close_sessions_of
from registry.accounts import rules
from registry.accounts.links import new_link
from registry.accounts.queries import VISIBLE_SQL, reach
from registry.accounts.roles import EVENT_ROLES, ROSTER_ROLES, Role
from registry.accounts.schemas import Invitation
from registry.search_keys import keys_for_name

KEEPERS_LOCK = 0x676A6B70
"""The advisory lock under which security administrators are taken away, one at a time."""


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
        return account, await new_link(actor, account, "invitation")


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
            lambda: _require_open(place),
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
        if row["role"] == Role.SECURITY_ADMIN:
            await require_another_security_admin(row["account"])
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


async def require_another_security_admin(account: UUID) -> None:
    """Somebody must be left to keep accounts, even while two administrators end each other at once.

    Raises ``Refusal`` ``last_security_admin`` where this account is the only open one with the role.
    """
    await fetch("SELECT pg_advisory_xact_lock($1)", KEEPERS_LOCK)  # the next one looks after this one has committed
    others = await fetchval(
        "SELECT count(*) FROM role_grant g JOIN account a ON a.id = g.account"
        " WHERE g.role = $1 AND g.ended_at IS NULL AND a.closed_at IS NULL AND a.id <> $2",
        Role.SECURITY_ADMIN, account,
    )  # fmt: skip
    if not others:
        raise Refusal("last_security_admin", "这是最后一位安全管理员：请先授予另一人，再收回或停用", field="role")


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


def _require_open(place: Any) -> None:
    if place is not None and place["closed_at"] is not None:
        raise Refusal("organisation_closed", "这个组织已关闭，不能再授予角色", field="organisation")


async def _place(organisation: UUID | None) -> Any:
    if organisation is None:
        return None
    row = await fetchrow("SELECT id, kind, ancestors, closed_at FROM organisation WHERE id = $1", organisation)
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
