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


async def find_session(token: str) -> SessionInfo | None:
    """The live session of a token; idle and absolute limits are the database's arithmetic."""
    row = await fetchrow(
        "SELECT digest, account, state, started_at, flash, seen_at < clock_timestamp() - $4::interval AS stale"
        " FROM session WHERE digest = $1 AND seen_at > clock_timestamp() - $2::interval"
        " AND started_at > clock_timestamp() - $3::interval",
        digest(token), IDLE, ABSOLUTE, TOUCH,
    )  # fmt: skip
    if row is None:
        return None
    if row["stale"]:  # written seldom: a request is not a write
        await fetch("UPDATE session SET seen_at = clock_timestamp() WHERE digest = $1", row["digest"])
    return SessionInfo(
        digest=row["digest"],
        account=row["account"],
        state=row["state"],
        started_at=row["started_at"],
        flash=row["flash"],
    )


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

    def __init__(self, app: ASGIApp, load_actor: ActorLoader) -> None:
        self.app, self.load_actor = app, load_actor

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
        info = await find_session(cookie)
        if info is None:
            return None
        scope["auth"] = info
        if info.state != "signed_in":
            return None
        actor = await self.load_actor(info.account)
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
