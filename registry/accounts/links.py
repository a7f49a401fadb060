"""One-time links: an invitation or a password reset, handed over once; the table keeps the token's sha256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from foundation import trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import NotFound, Refusal, gather
from foundation.web.policy import Actor
from foundation.web.sessions import close_sessions_of
from registry.accounts import rules
from registry.accounts.passwords import hash_password
from registry.accounts.queries import load_actor

LINK_DAYS = timedelta(days=7)


class LinkHolder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose link this is, as far as its page needs it."""

    account: UUID
    login: str
    name: str
    purpose: str


async def new_link(actor: Actor | None, account: UUID, purpose: str) -> str:
    """A link in place of any before, in the caller's transaction; returns its token, good for seven days."""
    token = secrets.token_urlsafe(32)
    await void_links(account)
    await fetch(
        "INSERT INTO account_token (digest, account, purpose, expires_at, made_by)"
        " VALUES ($1, $2, $3, clock_timestamp() + $4::interval, $5)",
        _digest(token), account, purpose, LINK_DAYS, actor.account if actor else None,
    )  # fmt: skip
    await trail.record(actor, f"account.{purpose}_issued", "account", account)
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def void_links(account: UUID) -> None:
    """No unused link of this account is good any more."""
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
    await void_links(account)
    await close_sessions_of(account)
