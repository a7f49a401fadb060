"""The outer wall: allowed hosts, answer headers, CSRF, load (SECURITY 3, 4, 18)."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from foundation.errors import Refusal
from foundation.settings import settings
from foundation.web import metrics
from foundation.web.sessions import ANONYMOUS_COOKIE, csrf_matches

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "_csrf_token"
CSRF_HEADER = "x-csrf-token"
IN_FLIGHT_LIMIT = {"judge": 256, "officer": 96, "public": 32}
"""In one process. What is in flight shares one processor: each public page more makes every judge wait a little longer."""


class CrossSite(Refusal):
    """A request that did not come from our own page (HTTP 403)."""

    status = 403


access_log = structlog.get_logger("access")


def content_security_policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; object-src 'none'"
    )


class WallMiddleware:
    """The outermost layer: refuses strange hosts, stamps every answer's headers, logs without bodies or queries."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        if not _host_allowed(scope):
            await _plain(send, 400, b"unknown host")
            return

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _stamp(MutableScopeHeaders.from_message(message), scope, nonce)
            await send(message)

        try:
            await self.app(scope, receive, stamped)
        except Exception as why:  # outside the application's own handlers: a session, a page that says sorry
            access_log.error("failed outside", kind=type(why).__name__, exc_info=why)
            if not status:
                await _plain(stamped, 500, "系统出错了，已记录 · Something went wrong; it has been recorded".encode())
        finally:
            handler, seconds = scope.get("route_handler"), time.perf_counter() - started
            metrics.count(scope, status, seconds)
            access_log.info(
                "answered", method=scope["method"], route=getattr(handler, "name", None) or "-",
                status=status, ms=round(seconds * 1000, 1),
            )  # fmt: skip


def _host_allowed(scope: Scope) -> bool:
    given = next((value for key, value in scope["headers"] if key == b"host"), b"").decode("latin-1")
    try:
        name = urlsplit(f"//{given}").hostname if given else None
    except ValueError:  # an unclosed bracket
        return False
    return name in settings().hosts


async def _plain(send: Send, status: int, body: bytes, *, retry_after: int = 0) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _stamp(headers: MutableScopeHeaders, scope: Scope, nonce: str) -> None:
    state: Any = scope["state"]
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = content_security_policy(nonce)
    if not settings().debug and settings().public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if scope.get("auth") is not None or state.get("no_store"):
        headers["Cache-Control"] = "no-store"
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-cache"
    if state.get("language_asked"):
        headers.add("Set-Cookie", f"language={state['language_asked']}; Path=/; Secure; SameSite=Lax; Max-Age=31536000")
    if state.get("visitor_used") and not state.get("visitor_known"):
        cookie = f"{ANONYMOUS_COOKIE}={state['visitor']}; Path=/; Secure; HttpOnly; SameSite=Lax"
        headers.add("Set-Cookie", cookie)


async def require_csrf(request: Request[Any, Any, Any]) -> None:
    """Before every unsafe request: same origin, and the token of this browser (header or hidden field)."""
    if request.method in SAFE_METHODS:
        return
    if not _same_origin(request):
        raise CrossSite("cross_site", "请求来自其他网站，已拒绝")
    given = request.headers.get(CSRF_HEADER)
    if given is None and "json" not in request.headers.get("content-type", ""):
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    if given is None or not csrf_matches(request, given):
        raise CrossSite("csrf", "页面已过期或令牌不符，请刷新页面后重试；已填写的内容可返回上一页找回")


def _same_origin(request: Request[Any, Any, Any]) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    except ValueError:
        return False


def _stays_open(path: str) -> bool:
    """A stream of events waits far more than it works: its handler bounds how many there are, not the load limit."""
    return path.startswith("/live/") and path.endswith("/stream")


class LoadMiddleware:
    """Concurrency limits by class: judges are served after the public and officers are told to wait (SECURITY 18).

    A stream of events, once it has begun, waits more than it works: it gives its place up (whoever streams bounds their number).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _stays_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        actor = scope.get("user")
        kind = "public" if actor is None else "judge" if actor.has("judge", "chief_judge") else "officer"
        if self.in_flight >= IN_FLIGHT_LIMIT[kind]:
            await _plain(send, 503, "系统繁忙，请稍后再试 · Busy, please try again".encode(), retry_after=2)
            return
        streaming = False

        async def watched(message: Message) -> None:
            nonlocal streaming
            if message["type"] == "http.response.start" and _is_stream(message):
                streaming = True
                self.in_flight -= 1
            await send(message)

        self.in_flight += 1
        try:
            await self.app(scope, receive, watched)
        finally:
            self.in_flight -= 0 if streaming else 1


def _is_stream(message: Message) -> bool:
    headers = dict(message.get("headers", ()))  # type: ignore[arg-type]  # the caller saw that it begins an answer
    return headers.get(b"content-type", b"").startswith(b"text/event-stream")
