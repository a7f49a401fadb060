"""Where to go on to: a path that came with a request counts only if a page of ours answers it (SECURITY 17)."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import unquote, urlsplit

from litestar import Litestar
from litestar.routes import HTTPRoute

from foundation.web.pages import HouseRequest

HOME = ("/home", "/me")
LONGEST = 300


@cache
def _pages(app: Litestar) -> re.Pattern[str]:
    """All paths that answer GET, as one pattern; not the API, whose answers are no pages."""
    paths = [
        "/".join("[^/]+" if not isinstance(part, str) else re.escape(part) for part in ["", *route.path_components])
        for route in app.routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods and not route.path.startswith(("/api", "/static"))
    ]
    return re.compile("|".join(path or "/" for path in paths))


def own_path(request: HouseRequest, given: str) -> str | None:
    """``given`` if it is the path of one of our pages (a query may follow), else None."""
    if not given.startswith("/") or given.startswith("//") or len(given) > LONGEST:
        return None
    if re.search(r"[\\\x00-\x20\x7f]", given):
        return None
    try:
        split = urlsplit(given)
    except ValueError:
        return None
    if split.scheme or split.netloc or ".." in unquote(split.path) or "//" in split.path:
        return None
    path = split.path.rstrip("/") or "/"
    if not _pages(request.app).fullmatch(path) or path.startswith("/sign-in"):
        return None
    return f"{path}?{split.query}" if split.query else path


def home(request: HouseRequest) -> str:
    """The first page after signing in."""
    return next((path for path in HOME if own_path(request, path)), "/")


def came_from(request: HouseRequest, back: str = "") -> str:
    """The page a small form was sent from: by the Referer if it is our own, else by the path the form names."""
    try:
        referer = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        referer = urlsplit("")
    if referer.netloc and referer.netloc == request.headers.get("host", ""):
        found = _back(request, referer.path + (f"?{referer.query}" if referer.query else ""))
        if found:
            return found
    return _back(request, back) or "/"


def _back(request: HouseRequest, path: str) -> str | None:
    """As :func:`own_path`, but the sign-in pages themselves may be come back to."""
    if re.fullmatch(r"/sign-in(/[a-z-]+)?", path.partition("?")[0]):
        return path.partition("?")[0]
    return own_path(request, path)
