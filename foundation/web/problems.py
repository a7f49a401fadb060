"""One shape for everything that goes wrong: a page, an htmx fragment, or problem+json, with the rule that refused."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import Receive, Scope, Send

from foundation.database import is_passing
from foundation.errors import Forbidden, NotFound, Refusal, Refusals, SignInRequired, TooMany
from foundation.i18n import N_, current_locale, gettext
from foundation.web.pages import common_context, wants_fragment
from foundation.web.templates import render

log = structlog.get_logger("problems")

TITLES = {
    400: N_("请求无法理解"),
    401: N_("请先登录"),
    403: N_("没有这项权限"),
    404: N_("没有找到这个页面或记录"),
    405: N_("不支持这种操作"),
    409: N_("与他人的操作冲突"),
    412: N_("内容已被他人更新"),
    413: N_("内容过大"),
    422: N_("未能保存：请按提示修改"),
    429: N_("操作过于频繁，请稍后再试"),
    500: N_("系统出错了，已记录"),
    503: N_("系统繁忙，请稍后再试"),
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal as it is sent: which rule, which field, in the reader's language."""

    code: str
    message: str
    field: str | None = None
    rule: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 with our faults."""

    title: str
    status: int
    code: str
    type: str = "about:blank"
    faults: tuple[Fault, ...] = ()
    reference: str | None = None


def faults_of(exception: Exception) -> tuple[Fault, ...]:
    refusals = exception.refusals if isinstance(exception, Refusals) else (exception,)
    return tuple(
        Fault(code=r.code, message=r.text(gettext), field=r.field, rule=r.rule)
        for r in refusals
        if isinstance(r, Refusal)
    )


def _status(exception: Exception) -> int:
    if isinstance(exception, Refusals):
        return max((r.status for r in exception.refusals), default=422)
    status = getattr(exception, "status", None) or getattr(exception, "status_code", None)
    if isinstance(status, int):
        return status
    return 503 if is_passing(exception) else 500


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


async def _answer(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    status = _status(exception)
    reference = None
    if status >= 500 and not isinstance(exception, TooMany):
        reference = uuid.uuid4().hex[:12]
        log.error("failed", reference=reference, kind=type(exception).__name__, exc_info=exception)
    headers: dict[str, str] = dict(getattr(exception, "headers", None) or {})
    if status in (429, 503):
        headers["Retry-After"] = str(getattr(exception, "retry_after", 2))
    faults = faults_of(exception)
    problem = Problem(
        title=gettext(TITLES.get(status, TITLES[400 if status < 500 else 500])), status=status,
        code=faults[0].code if faults else type(exception).__name__, faults=faults, reference=reference,
    )  # fmt: skip
    if _wants_json(request):
        body = msgspec.json.encode(problem)
        return Response(body, status_code=status, media_type="application/problem+json", headers=headers)
    if isinstance(exception, SignInRequired):
        return _to_sign_in(request)
    template = "problem_fragment.html" if wants_fragment(request) else "problem.html"
    context = {**await _context(request, database=status != 503), "problem": problem}
    return Response(render(template, context), status_code=status, media_type=MediaType.HTML, headers=headers)


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """To the sign-in, which brings back to the page that was asked for; its query stays behind, it may hold a name."""
    back = f"?next={quote(request.url.path, safe='')}" if request.method == "GET" and request.url.path != "/" else ""
    if wants_fragment(request):
        return Response("", status_code=200, headers={"HX-Redirect": "/sign-in"}, media_type=MediaType.HTML)
    return Redirect(f"/sign-in{back}", status_code=303)


async def _context(request: Request[Any, Any, Any], *, database: bool) -> dict[str, Any]:
    """The common context; without the database, what can be said without it (nobody waits for it a second time)."""
    request.scope.setdefault("user", None)
    request.scope.setdefault("auth", None)
    request.scope["state"].setdefault("visitor", "unknown")
    if database:
        try:
            return await common_context(request)
        except Exception as why:
            if not is_passing(why) and not isinstance(why, asyncpg.PostgresError):
                raise
    state = request.scope["state"]
    return {
        "request_path": request.url.path, "actor": None, "locale": current_locale.get(),
        "theme": state.get("theme", "auto"), "nav": [], "crumbs": [], "csp_nonce": state["csp_nonce"], "csrf_token": "",
        "csrf_input": lambda: "", "today_text": "", "toasts": [], "demo": False, "notices": 0,
    }  # fmt: skip


class _Later(Response[None]):
    """Litestar calls exception handlers synchronously; a page needs the database. So it is made when it is sent."""

    def __init__(self, request: Request[Any, Any, Any], exception: Exception) -> None:
        super().__init__(None)
        self.request, self.exception = request, exception

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        async def send_it(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await _answer(self.request, self.exception)
            await answer.to_asgi_response(app=None, request=self.request)(scope, receive, send)

        return send_it


def handle(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """The app-level exception handler, for every exception."""
    return _Later(request, exception)


HANDLERS: dict[Any, Any] = dict.fromkeys(
    (Refusal, Refusals, NotFound, Forbidden, SignInRequired, TooMany, HTTPException, Exception), handle
)
