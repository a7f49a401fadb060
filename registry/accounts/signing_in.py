"""Signing in: password, second factor, lock-out. All times here are the server's real ones, whatever the house's clock.

A try is counted *before* it is checked, by one UPDATE on the account's row, and given back if it was right: so guesses
that arrive together are all counted, and the sixth is refused even while the five before are still being hashed.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from uuid import UUID

import msgspec

from foundation import trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, Refusal, SignInRequired
from foundation.i18n import N_
from foundation.web.limits import limit
from foundation.web.sessions import ABSOLUTE, IDLE, SessionInfo, close_session, open_session
from registry.accounts import second_factor
from registry.accounts.passwords import verify_password
from registry.accounts.queries import load_actor
from registry.accounts.roles import SECOND_FACTOR_ROLES

MOST_FAILURES = 5
LOCKED = timedelta(minutes=15)
HALF_SECONDS = 15 * 60
"""How long a sign-in may wait for its second step."""
ADDRESS_TRIES = 120
ADDRESS_WINDOW = timedelta(minutes=15)

TAKE_SQL = """
UPDATE account SET
  failures = CASE WHEN locked_until <= clock_timestamp() THEN 1 ELSE failures + 1 END,
  locked_until = CASE WHEN locked_until IS NULL AND failures + 1 >= $2 THEN clock_timestamp() + $3::interval END
WHERE id = $1 AND closed_at IS NULL AND (locked_until IS NULL OR locked_until <= clock_timestamp())
RETURNING failures
"""
GIVE_BACK_SQL = """
UPDATE account SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE id = $1
"""
UNKNOWN_SQL = """
INSERT INTO rate_count (bucket, window_start, count) VALUES ($1, clock_timestamp(), 1)
ON CONFLICT (bucket) DO UPDATE SET
  count = CASE WHEN rate_count.count >= $2 THEN 1 ELSE rate_count.count + 1 END, window_start = clock_timestamp()
WHERE rate_count.count < $2 OR rate_count.window_start <= clock_timestamp() - $3::interval
RETURNING count
"""
"""A login that nobody has is locked after as many tries as one that somebody has: the answers tell nothing apart."""

WRONG = ("sign_in_wrong", N_("登录名或密码不正确"))
SHUT = ("sign_in_locked", N_("尝试次数过多，已锁定 15 分钟；请稍后再试，或联系安全管理员解锁"))


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session just opened: the cookie's token, and how far the sign-in has come."""

    token: str
    state: str


async def sign_in(login: str, password: str, *, address: str = "", agent: str = "") -> SignedIn:
    """Check a password and open a session (SECURITY 12); roles with a second factor are only half in afterwards.

    Raises ``Refusal`` ``sign_in_wrong`` (unknown, closed, never set or wrong: all the same) or ``sign_in_locked``,
    ``TooMany`` beyond 120 tries from one address in 15 minutes.
    """
    await limit("sign-in", address, most=ADDRESS_TRIES, window=ADDRESS_WINDOW)
    login = login.strip().lower()
    row = await fetchrow("SELECT id, password_hash FROM account WHERE login = $1 AND closed_at IS NULL", login)
    if row is None:
        await _take_unknown(login)
        await verify_password("", password)
        raise Refusal(*WRONG)
    await take_try(row["id"])
    if not await verify_password(row["password_hash"], password):
        await note_lock(row["id"])
        raise Refusal(*WRONG)
    return await _password_passed(row["id"], row["password_hash"], address=address, agent=agent)


async def take_try(account: UUID) -> None:
    """Count one try; raises ``Refusal`` ``sign_in_locked`` where five have failed in a row within the lock."""
    if await fetchval(TAKE_SQL, account, MOST_FAILURES, LOCKED) is None:
        raise Refusal(*SHUT)


async def give_back_try(account: UUID) -> None:
    """The try was right: it does not count (and does not forgive the wrong ones before it)."""
    await fetch(GIVE_BACK_SQL, account)


async def note_lock(account: UUID) -> None:
    """A trail row for the failure that locked the account."""
    if await fetchval("SELECT 1 FROM account WHERE id = $1 AND locked_until > clock_timestamp()", account):
        await trail.record(None, "account.locked", "account", account)


async def _take_unknown(login: str) -> None:
    bucket = f"sign-in-unknown:{hashlib.sha256(login.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    if await fetchval(UNKNOWN_SQL, bucket, MOST_FAILURES, LOCKED) is None:
        raise Refusal(*SHUT)


async def _password_passed(account: UUID, checked: str, *, address: str, agent: str) -> SignedIn:
    async with transaction():
        row = await fetchrow(  # the password may have been reset while it was being hashed
            "SELECT totp_enrolled_at IS NOT NULL AS enrolled FROM account"
            " WHERE id = $1 AND password_hash = $2 AND closed_at IS NULL FOR UPDATE",
            account, checked,
        )  # fmt: skip
        actor = await load_actor(account)
        if row is None or actor is None:
            raise Refusal(*WRONG)
        if not row["enrolled"] and not actor.has(*SECOND_FACTOR_ROLES):
            await _arrived(account)
            await trail.record(actor, "account.signed_in", "account", account)
            return await _open(account, "signed_in", address, agent)
        await give_back_try(account)  # not forgiven before the second factor has passed, else codes could be guessed
        if row["enrolled"]:
            return await _open(account, "second_factor", address, agent)
        await fetch(
            "UPDATE account SET totp_sealed = $2, totp_last_step = 0 WHERE id = $1", account, second_factor.new_secret()
        )
        return await _open(account, "enrol", address, agent)


async def _open(account: UUID, state: str, address: str, agent: str) -> SignedIn:
    await fetch(  # those that ran out are of no use to anybody
        "DELETE FROM session WHERE account = $1"
        " AND (seen_at <= clock_timestamp() - $2::interval OR started_at <= clock_timestamp() - $3::interval)",
        account, IDLE, ABSOLUTE,
    )  # fmt: skip
    return SignedIn(token=await open_session(account, state=state, address=address, agent=agent), state=state)


async def _arrived(account: UUID) -> None:
    await fetch(
        "UPDATE account SET failures = 0, locked_until = NULL, signed_in_at = clock_timestamp() WHERE id = $1", account
    )


def half_way(auth: SessionInfo | None) -> str | None:
    """Which step a half-open session waits for (``second_factor`` | ``enrol``); None for any other, or past its time."""
    if auth is None or auth.state == "signed_in" or time.time() - auth.started_at.timestamp() > HALF_SECONDS:
        return None
    return auth.state


def require_state(auth: SessionInfo | None, state: str) -> SessionInfo:
    """The half-open session of this step; raises ``SignInRequired`` for any other."""
    if auth is None or half_way(auth) != state:
        raise SignInRequired
    return auth


async def pass_second_factor(
    auth: SessionInfo | None, *, code: str = "", recovery: str = "", address: str = "", agent: str = ""
) -> SignedIn:
    """The second step: a TOTP code, each time step once, or a recovery code, each once; then a new session token."""
    half = require_state(auth, "second_factor")
    await take_try(half.account)
    field = "recovery" if recovery else "code"
    async with transaction():
        right = await (_use_recovery(half.account, recovery) if recovery else use_code(half.account, code))
        if right:
            actor = await load_actor(half.account)
            if actor is None:
                raise SignInRequired
            await _arrived(half.account)
            how = "recovery_code" if recovery else "totp"
            await trail.record(actor, "account.signed_in", "account", half.account, {"second_factor": how})
            return await _go_on(half, address, agent)
    await note_lock(half.account)
    raise Refusal("second_factor_wrong", "验证码不正确、已过期或已用过", field=field)


async def _go_on(half: SessionInfo, address: str, agent: str) -> SignedIn:
    """A new token for the whole session; the half one ends. Raises where it was ended or used meanwhile."""
    ended = await fetchval("DELETE FROM session WHERE digest = $1 AND state = $2 RETURNING 1", half.digest, half.state)
    if ended is None:
        raise SignInRequired
    return await _open(half.account, "signed_in", address, agent)


async def use_code(account: UUID, code: str) -> bool:
    """Whether this is a code of a step later than any accepted before; accepting it uses the step up."""
    sealed = await fetchval("SELECT totp_sealed FROM account WHERE id = $1", account)
    if sealed is None:
        return False
    step = second_factor.matching_step(second_factor.open_secret(sealed), code, at=time.time())
    if step is None:
        return False
    accepted = await fetchval(
        "UPDATE account SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2 RETURNING 1", account, step
    )
    return accepted is not None


async def _use_recovery(account: UUID, code: str) -> bool:
    used = await fetchval(
        "UPDATE recovery_code SET used_at = clock_timestamp() WHERE digest = $1 AND account = $2 AND used_at IS NULL"
        " RETURNING 1",
        second_factor.recovery_digest(account, code), account,
    )  # fmt: skip
    return used is not None


async def enrol(
    auth: SessionInfo | None, *, code: str, address: str = "", agent: str = ""
) -> tuple[SignedIn, list[str]]:
    """Confirm a phone with its first code; returns the whole session and ten recovery codes, shown this once."""
    half = require_state(auth, "enrol")
    await take_try(half.account)
    async with transaction():
        if await use_code(half.account, code):
            first = await fetchval(
                "UPDATE account SET totp_enrolled_at = clock_timestamp() WHERE id = $1 AND totp_enrolled_at IS NULL"
                " RETURNING 1",
                half.account,
            )
            actor = await load_actor(half.account)
            if first is None or actor is None:
                raise Conflict("enrolled_meanwhile", "第二因素刚刚已绑定，请重新登录")
            codes = await renew_recovery_codes(half.account)
            await _arrived(half.account)
            await trail.record(actor, "account.second_factor_enrolled", "account", half.account)
            return await _go_on(half, address, agent), codes
    await note_lock(half.account)
    raise Refusal("second_factor_wrong", "验证码不正确、已过期或已用过", field="code")


async def enrolment_secret(auth: SessionInfo | None) -> str:
    """The secret to show while enrolling; raises ``SignInRequired`` once it is confirmed."""
    half = require_state(auth, "enrol")
    sealed = await fetchval(
        "SELECT totp_sealed FROM account WHERE id = $1 AND totp_enrolled_at IS NULL AND closed_at IS NULL", half.account
    )
    if sealed is None:
        raise SignInRequired
    return second_factor.open_secret(sealed)


async def renew_recovery_codes(account: UUID) -> list[str]:
    """Ten new codes in place of all before, in the caller's transaction."""
    codes = second_factor.new_recovery_codes()
    await fetch("DELETE FROM recovery_code WHERE account = $1", account)
    await fetch(
        "INSERT INTO recovery_code (digest, account) SELECT unnest($1::bytea[]), $2",
        [second_factor.recovery_digest(account, code) for code in codes], account,
    )  # fmt: skip
    return codes


async def sign_out(auth: SessionInfo | None) -> None:
    """End this session, whole or half."""
    if auth is None:
        return
    async with transaction():
        await close_session(auth.digest)
        if auth.state == "signed_in":
            actor = await load_actor(auth.account)
            await trail.record(actor, "account.signed_out", "account", auth.account)


async def require_present_password(account: UUID, password: str, *, field: str) -> None:
    """Ask for the password again; wrong ones count towards the lock like any other."""
    await take_try(account)
    stored = await fetchval("SELECT password_hash FROM account WHERE id = $1", account)
    if not await verify_password(stored or "", password):
        await note_lock(account)
        raise Refusal("present_password_wrong", "当前密码不正确", field=field)
    await give_back_try(account)
