"""What somebody does with the own account: password, sessions, second factor, language and look."""

from __future__ import annotations

from uuid import UUID

from foundation import trail
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Refusal, SignInRequired, gather
from foundation.web.policy import Actor
from foundation.web.sessions import SessionInfo, open_session
from registry.accounts import rules, second_factor
from registry.accounts.keeping import forget_second_factor
from registry.accounts.links import require_same, set_password
from registry.accounts.passwords import hash_password
from registry.accounts.schemas import PasswordChange
from registry.accounts.signing_in import renew_recovery_codes, require_present_password


async def change_password(
    actor: Actor, auth: SessionInfo, wanted: PasswordChange, *, address: str = "", agent: str = ""
) -> str:
    """Change the own password; every session ends, this browser goes on with a new token, which is returned.

    Raises ``Refusals`` about the new password, ``Refusal`` ``present_password_wrong``, ``sign_in_locked``.
    """
    gather(
        lambda: rules.require_password(wanted.password, login=actor.login, name=actor.name),
        lambda: require_same(wanted.password, wanted.again),
        lambda: _require_new(wanted),
    )
    await require_present_password(actor.account, wanted.current, field="current")
    hashed = await hash_password(wanted.password)
    async with transaction():
        await _still_here(auth)
        await set_password(actor.account, hashed)
        await trail.record(actor, "account.password_changed", "account", actor.account)
        return await open_session(actor.account, state="signed_in", address=address, agent=agent)


def _require_new(wanted: PasswordChange) -> None:
    if wanted.password == wanted.current:
        raise Refusal("password_same", "新密码须与当前密码不同", field="password")


async def _still_here(auth: SessionInfo) -> None:
    """The session was not ended while something slow was done."""
    if await fetchval("SELECT 1 FROM session WHERE digest = $1 FOR UPDATE", auth.digest) is None:
        raise SignInRequired


async def end_other_sessions(actor: Actor, auth: SessionInfo) -> int:
    """End every session of one's own but this one; returns how many."""
    async with transaction():
        ended = await fetch(
            "DELETE FROM session WHERE account = $1 AND digest <> $2 RETURNING 1", actor.account, auth.digest
        )
        await trail.record(actor, "account.sessions_ended", "account", actor.account, {"ended": len(ended)})
        return len(ended)


async def new_recovery_codes(actor: Actor, auth: SessionInfo, password: str) -> list[str]:
    """Ten new recovery codes in place of all before, after the password was asked again."""
    await require_present_password(actor.account, password, field="present")
    async with transaction():
        await _still_here(auth)
        enrolled = await fetchval(
            "SELECT 1 FROM account WHERE id = $1 AND totp_enrolled_at IS NOT NULL FOR UPDATE", actor.account
        )
        if enrolled is None:
            raise Refusal("no_second_factor", "尚未绑定第二因素，没有恢复码", field="present")
        await trail.record(actor, "account.recovery_codes_renewed", "account", actor.account)
        return await renew_recovery_codes(actor.account)


async def rebind_second_factor(
    actor: Actor, auth: SessionInfo, password: str, *, address: str = "", agent: str = ""
) -> str:
    """For a new phone: forget the old one and enrol again. Every session ends; returns the token of the enrolment."""
    await require_present_password(actor.account, password, field="present")
    async with transaction():
        await _still_here(auth)
        await forget_second_factor(actor.account)
        await fetch("UPDATE account SET totp_sealed = $2 WHERE id = $1", actor.account, second_factor.new_secret())
        await fetch("DELETE FROM session WHERE account = $1", actor.account)
        await trail.record(actor, "account.second_factor_rebound", "account", actor.account)
        return await open_session(actor.account, state="enrol", address=address, agent=agent)


async def prefer(account: UUID, *, locale: str | None = None, theme: str | None = None) -> None:
    """Keep a preference with the account. Not a fact of the house's work: it leaves no trail row."""
    await fetch(
        "UPDATE account SET locale = coalesce($2, locale), theme = coalesce($3, theme) WHERE id = $1",
        account, locale, theme,
    )  # fmt: skip
