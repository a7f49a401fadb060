"""The public home page (首页): the newest winners, what is judged now and what comes next, the latest results, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get

from competitions.programme.rules import LEVELS
from competitions.results import queries
from competitions.results.board import Board, board_of
from competitions.results.showing import public_page
from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.web.front import sections
from foundation.web.pages import HouseRequest
from foundation.web.policy import EVERYBODY
from foundation.web.templates import show_minute
from publications.notices.queries import open_notices
from publications.notices.showing import open_for_strip

NUMERALS = "〇一二三四五六七八九"
AGENDA = 5
ON_AIR_SQL = """
SELECT e.code FROM event e WHERE e.stage IN ('judging', 'confirmed') AND e.live_public
ORDER BY e.stage <> 'judging', EXISTS (SELECT FROM mark m WHERE m.event = e.id) DESC, e.starts_at DESC NULLS LAST, e.made_at DESC
LIMIT 1
"""
AGENDA_SQL = """
(SELECT 'published' AS kind, e.code, e.title, c.title AS competition, r.published_at AS at FROM result r
 JOIN event e ON e.id = r.event JOIN competition c ON c.id = e.competition
 WHERE r.published_at > $1::timestamptz - interval '7 days' AND r.withdrawn_at IS NULL ORDER BY r.published_at DESC LIMIT 2)
UNION ALL
(SELECT e.stage, e.code, e.title, c.title, e.starts_at FROM event e JOIN competition c ON c.id = e.competition
 WHERE e.stage IN ('judging', 'confirmed') AND e.live_public ORDER BY e.starts_at DESC NULLS LAST LIMIT 2)
UNION ALL
(SELECT 'registration', e.code, e.title, c.title, e.registration_closes_at FROM event e
 JOIN competition c ON c.id = e.competition
 WHERE e.stage = 'registration' AND c.stage = 'open' AND e.registration_closes_at > $1
 ORDER BY e.registration_closes_at LIMIT 3)
"""
FIGURES_SQL = """
SELECT (SELECT count(DISTINCT r.event) FROM result r WHERE r.published_at IS NOT NULL AND r.withdrawn_at IS NULL
          AND r.published_at >= $1) AS events,
       (SELECT count(*) FROM result_row w JOIN result r ON r.id = w.result
          WHERE r.published_at >= $1 AND r.withdrawn_at IS NULL AND w.status = 'competed') AS entries,
       (SELECT count(*) FROM certificate k WHERE k.state = 'valid' AND k.issued_on >= $2) AS certificates
"""


@get("/", opt={"policy": EVERYBODY}, name="competitions.results.front")
async def front(request: HouseRequest) -> Response[str]:
    """The public home page."""
    now = await clock.now()
    year = clock.local(now).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    winners = await queries.newest_winners()
    asked = queries.LIST.ask({"size": "5"})
    found = await queries.LIST.fetch(asked)
    return await public_page(
        request, "competitions/results/front.html", section="home", winners=winners, board=await _on_air(),
        agenda=await _agenda(now), figures=_figures(await fetchrow(FIGURES_SQL, year, year.date())), found=found,
        strip=open_for_strip(await open_notices()), levels=LEVELS, year_words=_year_words(year.year), now=now, names_of=short_unit,
        parts=await sections(),
    )  # fmt: skip


async def _on_air() -> Board | None:
    """The board of an event that is judged now, if one may be watched."""
    row = await fetchrow(ON_AIR_SQL)
    if row is None:
        return None
    try:
        return await board_of(row["code"])
    except (NotFound, Refusal):
        return None


async def _agenda(now: Any) -> Sequence[Mapping[str, Any]]:
    words = {
        "published": (_("%(t)s 成绩已公布"), _("已公布"), "valid", "/results/{}"),
        "judging": (_("%(t)s 开赛"), _("评分中"), "live", "/live/{}"),
        "confirmed": (_("%(t)s 开赛"), _("待公布"), "", "/live/{}"),
        "registration": (_("报名至 %(t)s"), _("报名中"), "open", ""),
    }
    found: list[Mapping[str, Any]] = []
    for row in (await fetch(AGENDA_SQL, now))[:AGENDA]:
        said, chip, kind, path = words[row["kind"]]
        found.append(
            {
                "title": row["title"], "competition": row["competition"], "chip": chip, "kind": kind,
                "when": said % {"t": show_minute(row["at"])} if row["at"] else "",
                "href": path.format(row["code"]) if path else "",
            }
        )  # fmt: skip
    return found


def _figures(row: Any) -> list[dict[str, str]]:
    return [
        {"label": _("今年公布成绩"), "value": f"{row['events']:,}"},
        {"label": _("参赛选手（队）"), "value": f"{row['entries']:,}"},
        {"label": _("签发证书"), "value": f"{row['certificates']:,}"},
    ]


def _year_words(year: int) -> str:
    """二〇二六年; in English 2026."""
    return str(year) if current_locale.get() == "en" else "".join(NUMERALS[int(digit)] for digit in str(year)) + "年"


def short_unit(name: str) -> str:
    """A unit's name as a vertical line has room for it: without its legal form."""
    for tail in ("有限责任公司", "股份有限公司", "有限公司"):
        name = name.removesuffix(tail)
    return name[:14]
