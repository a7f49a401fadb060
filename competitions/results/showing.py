"""What the public pages have in common: their shell's context, how long they may be cached, and a result's context."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Response
from litestar.enums import MediaType

from competitions.programme.rules import LEVELS
from competitions.results import queries, rules
from competitions.results.frozen import Frozen, frozen_of
from competitions.results.schemas import PlaceRow, ResultHead
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.trail.showing import head_shown
from foundation.web.pages import HouseRequest, page
from foundation.web.templates import show_date

CACHED = 30
"""Seconds for which anybody's proxy may keep a public page."""


async def public_page(
    request: HouseRequest, template: str, /, *, section: str = "", cache_for: int = CACHED, **context: Any
) -> Response[str]:
    """A page of the public face. A visitor's copy carries neither token nor cookie, so that it may be kept and shared."""
    visitor = request.scope.get("auth") is None
    context |= {"csrf_token": ""} if visitor else {}
    answer = await page(
        request, template, section=section, trail_head=await head_shown(), cache_for=cache_for, **context
    )
    if visitor:
        request.scope["state"]["visitor_used"] = False
        answer.headers["Cache-Control"] = f"public, max-age={cache_for}"
        return _packed(request, answer)
    return answer


def _packed(request: HouseRequest, answer: Response[str]) -> Response[Any]:
    """The answer gzipped where the browser takes it: there is no secret in a visitor's copy that its size could tell."""
    answer.headers["Vary"] += ", Accept-Encoding"
    body = answer.content.encode()
    if "gzip" not in request.headers.get("accept-encoding", "") or len(body) < 2000:
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return Response(
        gzip.compress(body, 6, mtime=0), media_type=MediaType.HTML, status_code=answer.status_code, headers=headers
    )


def stand(head: ResultHead, frozen: Frozen, rows: list[PlaceRow]) -> dict[str, Any]:
    """What a result's page shows of all its places, whatever is filtered."""
    official = [row for row in rows if row.rank is not None and not row.guest]
    words = {1: _("冠军"), 2: _("亚军"), 3: _("季军")}
    podium = [
        {
            "name": row.name, "unit": row.unit, "score": row.total, "award": row.tier, "award_text": row.award,
            "place": words.get(row.rank or 0, ""),
        }
        for row in official[:3]
    ]  # fmt: skip
    return {
        "head": head,
        "level": _(LEVELS[head.level]),
        "days": days(head.starts_on, head.ends_on),
        "podium": podium,
        "modules": (modules := rules.shares(frozen.rules)),
        "formula": " + ".join(f"{m['heading']} {m['share']}" for m in modules)
        if any(m["share"] for m in modules)
        else "",
        "terms": rules.award_terms(frozen.rules),
        "has_awards": any(row.award for row in rows),
        "has_scale": any(row.scaled for row in rows),
        "units": sorted({row.unit for row in rows if row.unit}),
        "awards": list(dict.fromkeys(row.award for row in sorted(rows, key=lambda r: r.tier) if row.award)),
        "official": len(official),
        "guests": sum(row.guest for row in rows),
        "out": [row for row in rows if row.rank is None],
        "statuses": rules.STATUSES,
        "summary": rules.summary([Decimal(row.total) for row in official]),
        "judges": frozen.judges,
        "size_kb": max(1, round(len(frozen.data) / 1024)),
        "path": f"/results/{head.code}",
    }


def days(starts: date, ends: date) -> str:
    """4月27–28日, 4月27日–5月2日; in English 27–28 Apr 2026."""
    if current_locale.get() == "en":
        if starts == ends:
            return show_date(starts)
        same = (starts.year, starts.month) == (ends.year, ends.month)
        return f"{starts.day}–{show_date(ends)}" if same else f"{show_date(starts)} – {show_date(ends)}"
    if starts == ends:
        return f"{starts.month}月{starts.day}日"
    if (starts.year, starts.month) == (ends.year, ends.month):
        return f"{starts.month}月{starts.day}–{ends.day}日"
    return f"{starts.month}月{starts.day}日–{ends.month}月{ends.day}日"


async def result_context(code: str) -> tuple[ResultHead, Frozen, list[PlaceRow], dict[str, Any]]:
    """A published result and its page's context; six queries at most, however many places. Raises ``NotFound``."""
    head = await queries.head_of(code)
    if head.withdrawn:
        context = {"head": head, "level": _(LEVELS[head.level]), "days": days(head.starts_on, head.ends_on), "path": f"/results/{head.code}"}  # fmt: skip
        return head, None, [], context  # type: ignore[return-value]  # what was withdrawn has none: the page shows the head alone
    frozen = await frozen_of(head.current.id)
    rows = await queries.places_of(head.current.id, frozen.rules)
    checked = await queries.checked_of(head.current.id, judges=frozen.judges, marks=frozen.marks)
    return head, frozen, rows, {**stand(head, frozen, rows), "checked": checked}
