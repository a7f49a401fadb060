"""Sessions of our own (SECURITY 2, 3): the table holds sha256 of a 256-bit token, the browser the token.

A new token at sign-in, at the second factor and at a change of roles; nothing is written for anonymous visitors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send

from foundation.database import fetch, fetchrow, is_passing
from foundation.i18n import LOCALES, current_locale
from foundation.settings import settings
from foundation.web.policy import Actor

COOKIE = "__Host-session"
ANONYMOUS_COOKIE = "__Host-visitor"
LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=5)
WITHOUT_DATABASE = ("/livez", "/readyz", "/metrics", "/static/")

ActorLoader = Callable[[UUID], Awaitable[Actor | None]]
BothFinder = Callable[[str], Awaitable[tuple["SessionInfo | None", Actor | None]]]
"""A token's session and its actor in one query: every request of somebody signed in asks for both."""


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The session of a request: its key in the table, whose it is, how far its sign-in has come."""

    digest: bytes
    account: UUID
    state: str
    started_at: datetime
    flash: str = ""


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def open_session(account: UUID, *, state: str, address: str = "", agent: str = "") -> str:
    """Make a session; returns the token for the cookie. ``state``: ``second_factor`` | ``enrol`` | ``signed_in``."""
    token = secrets.token_urlsafe(32)
    await fetch(
        "INSERT INTO session (digest, account, state, started_at, seen_at, address, agent, flash)"
        " VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), $4, $5, '')",
        digest(token), account, state, address[:64], agent[:200],
    )  # fmt: skip
    return token


async def close_session(key: bytes) -> None:
    await fetch("DELETE FROM session WHERE digest = $1", key)


async def close_sessions_of(account: UUID) -> None:
    """End all sessions of an account: password reset, closing, a change of roles by somebody else."""
    await fetch("DELETE FROM session WHERE account = $1", account)


LIVE_SQL = """
SELECT digest, account, state, started_at, flash, seen_at < clock_timestamp() - $4::interval AS stale
FROM session WHERE digest = $1 AND seen_at > clock_timestamp() - $2::interval
  AND started_at > clock_timestamp() - $3::interval
"""
"""The live session of a digest ($1); with its :func:`live_arguments` also part of a larger statement."""


def live_arguments(token: str) -> tuple[bytes, timedelta, timedelta, timedelta]:
    """What LIVE_SQL wants: idle and absolute limits are the database's arithmetic."""
    return digest(token), IDLE, ABSOLUTE, TOUCH


async def session_of(row: Any) -> SessionInfo:
    """The session of a row of LIVE_SQL; its use is written seldom: a request is not a write."""
    if row["stale"]:
        await fetch("UPDATE session SET seen_at = clock_timestamp() WHERE digest = $1", row["digest"])
    return SessionInfo(
        digest=row["digest"],
        account=row["account"],
        state=row["state"],
        started_at=row["started_at"],
        flash=row["flash"],
    )


async def find_session(token: str) -> SessionInfo | None:
    """The live session of a token."""
    row = await fetchrow(LIVE_SQL, *live_arguments(token))
    return None if row is None else await session_of(row)


def session_cookie(token: str) -> Cookie:
    return Cookie(key=COOKIE, value=token, path="/", secure=True, httponly=True, samesite="lax")


def ended_cookie() -> Cookie:
    return Cookie(key=COOKIE, value="", path="/", secure=True, httponly=True, samesite="lax", max_age=0)


def _key() -> bytes:
    return hmac.new(bytes.fromhex(settings().secret_key), b"gongjiang/csrf", hashlib.sha256).digest()


def csrf_token(connection: ASGIConnection) -> str:
    """The token that this browser's forms carry: bound to its session, or to a visitor's cookie."""
    auth: SessionInfo | None = connection.scope.get("auth")
    basis = auth.digest if auth else connection.scope["state"]["visitor"].encode()
    return base64.urlsafe_b64encode(hmac.new(_key(), basis, hashlib.sha256).digest()).decode().rstrip("=")


def csrf_matches(connection: ASGIConnection, given: str) -> bool:
    return hmac.compare_digest(csrf_token(connection).encode(), given.encode("utf-8", "surrogatepass"))


class SessionMiddleware:
    """Puts ``user`` (:class:`Actor` or None) and ``auth`` (:class:`SessionInfo` or None) into the scope."""

    def __init__(self, app: ASGIApp, load_actor: ActorLoader, find_both: BothFinder | None = None) -> None:
        self.app, self.load_actor, self.find_both = app, load_actor, find_both

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = ASGIConnection(scope)
        scope["user"], scope["auth"] = None, None
        state = scope.setdefault("state", {})
        cookies = connection.cookies
        visitor = cookies.get(ANONYMOUS_COOKIE, "")
        state["visitor_known"] = 20 <= len(visitor) <= 64
        state["visitor"] = visitor if state["visitor_known"] else secrets.token_urlsafe(24)
        try:
            actor = await self._who(connection, scope)
        except Exception as why:
            if not is_passing(why):
                raise
            if not scope["path"].startswith(WITHOUT_DATABASE):
                await _try_again(send)  # never "please sign in": who is signed in is not known just now
                return
            actor = None
        asked = connection.query_params.get("lang", "")
        if asked in LOCALES:  # a link on the public face; remembered, so that the next page speaks it too
            state["language_asked"] = asked
        language = (
            (asked if asked in LOCALES else "")
            or cookies.get(LANGUAGE_COOKIE)
            or (actor.locale if actor else "")
            or _preferred(connection)
        )
        token = current_locale.set(language if language in LOCALES else "zh")
        theme = cookies.get(THEME_COOKIE) or (actor.theme if actor else "auto")
        state["theme"] = theme if theme in ("light", "dark", "auto") else "auto"
        try:
            await self.app(scope, receive, send)
        finally:
            current_locale.reset(token)

    async def _who(self, connection: ASGIConnection, scope: Scope) -> Actor | None:
        cookie = connection.cookies.get(COOKIE)
        if not cookie or len(cookie) > 100:
            return None
        if self.find_both is not None:
            info, actor = await self.find_both(cookie)
        else:
            info = await find_session(cookie)
            actor = await self.load_actor(info.account) if info is not None and info.state == "signed_in" else None
        if info is None:
            return None
        scope["auth"] = info
        if info.state != "signed_in":
            return None
        scope["user"] = actor
        return actor


async def _try_again(send: Send) -> None:
    body = "系统繁忙，请稍后再试 · Busy, please try again".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _preferred(connection: ASGIConnection) -> str:
    """English for browsers that ask for it before Chinese."""
    wanted = connection.headers.get("accept-language", "").lower()
    english, chinese = wanted.find("en"), wanted.find("zh")
    return "en" if english >= 0 and (chinese < 0 or english < chinese) else "zh"
