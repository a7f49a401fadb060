"""Answers: pages, fragments, redirects, files; every page's common context in one place."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect

from foundation import clock
from foundation.database import fetch, fetchval
from foundation.i18n import current_locale
from foundation.settings import settings
from foundation.web.navigation import navigation_now
from foundation.web.policy import Actor
from foundation.web.sessions import SessionInfo, csrf_token
from foundation.web.templates import hidden_csrf, render, show_today

HouseRequest = Request[Any, Any, Any]
"""``request.user`` is an :class:`Actor` or None, ``request.auth`` a :class:`SessionInfo` or None."""


def actor_of(request: HouseRequest) -> Actor:
    """The signed-in actor of a handler whose policy lets no visitor in."""
    actor = request.scope.get("user")
    if actor is None:
        from foundation.errors import SignInRequired

        raise SignInRequired
    return actor


def wants_fragment(request: HouseRequest) -> bool:
    """An htmx request that swaps a part of the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


async def common_context(request: HouseRequest) -> dict[str, Any]:
    """What every template may use."""
    actor: Actor | None = request.scope.get("user")
    state = request.scope["state"]
    state["visitor_used"] = request.scope.get("auth") is None
    token = csrf_token(request)
    nav, now = await navigation_now(actor, request.url.path) if actor else ([], await clock.now())
    return {
        "request_path": request.url.path,
        "actor": actor,
        "locale": current_locale.get(),
        "theme": state.get("theme", "auto"),
        "csp_nonce": state["csp_nonce"],
        "csrf_token": token,
        "csrf_input": lambda: hidden_csrf(token),
        "nav": nav,
        "crumbs": [],
        "today_text": show_today(now),
        "toasts": await _take_flash(request.scope.get("auth")),
        "demo": settings().demo,
        "notices": 0,
    }


async def page(request: HouseRequest, template: str, /, *, status_code: int = 200, **context: Any) -> Response[str]:
    """A whole page. With ``cache_for`` seconds in context, what visitors see may be kept and shared by caches.

    Such a page holds no form token and sets no cookie: it would hand one visitor's to the next. It can hold no POST form.
    """
    state = request.scope["state"]
    shared = context.pop("cache_for", 0) if request.scope.get("auth") is None and not state.get("language_asked") else 0
    common = await common_context(request)
    if shared:
        state["visitor_used"] = False
        common |= {"csrf_token": "", "csrf_input": _no_form_here}
    html = render(template, {**common, **context})
    headers = {"Vary": "Cookie, Accept-Language, HX-Request"}
    if shared:
        headers["Cache-Control"] = f"public, max-age={shared}"
    return Response(html, media_type=MediaType.HTML, status_code=status_code, headers=headers)


def _no_form_here() -> str:
    raise RuntimeError("a page that caches may share can hold no form: leave cache_for out")


async def fragment(request: HouseRequest, template: str, /, *, status_code: int = 200, **context: Any) -> Response[str]:
    """A part of a page for htmx: the same context without navigation."""
    return await page(request, template, status_code=status_code, **context)


async def _take_flash(auth: SessionInfo | None) -> list[str]:
    """The message left by the action before, shown once."""
    if auth is None or not auth.flash:
        return []
    await fetch("UPDATE session SET flash = '' WHERE digest = $1", auth.digest)
    return [auth.flash]


async def see_other(request: HouseRequest, path: str, *, flash: str = "") -> Response[Any]:
    """After a successful action: look there (303). ``path`` is one of ours, never request data (SECURITY 17)."""
    auth: SessionInfo | None = request.scope.get("auth")
    if flash and auth is not None:
        await fetch("UPDATE session SET flash = $2 WHERE digest = $1", auth.digest, flash)
    if request.headers.get("hx-request") == "true":
        return Response("", status_code=200, headers={"HX-Redirect": path}, media_type=MediaType.HTML)
    return Redirect(path, status_code=303)


def download(body: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to keep: always an attachment."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": disposition})


def parse_id(text: str) -> UUID:
    """An id from a URL; what is no UUID is simply not found."""
    from foundation.errors import NotFound

    try:
        return UUID(text)
    except ValueError as no_id:
        raise NotFound from no_id


async def ping_database() -> bool:
    """Whether the database answers a query."""
    return await fetchval("SELECT 1") == 1
