"""The public rolls (荣誉榜): by year, honour and county, one roll, one holder, figures, the wall for the lobby."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from foundation import storage
from foundation.errors import NotFound
from foundation.forms import CONTROL
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.listing import XLSX, workbook
from foundation.trail.showing import head_shown
from foundation.web.pages import HouseRequest, download, page
from foundation.web.policy import EVERYBODY
from honours.rolls import public
from honours.rolls.public import EntryLine

CACHE = 10
"""Seconds; short, since a revoked entry has to vanish at once (H77)."""
TEMPLATES = "honours/rolls"
NUMERALS = "〇一二三四五六七八九"
IMAGES = ("image/jpeg", "image/png", "image/webp")
SECONDS = 12
"""How long the wall shows each page."""


async def public_page(request: HouseRequest, template: str, **context: Any) -> Response[Any]:
    """A page of the public face that anybody's cache may keep."""
    return await page(
        request, f"{TEMPLATES}/{template}", section="rolls", trail_head=await head_shown(), cache_for=CACHE, **context
    )


def asked_of(request: HouseRequest, *names: str) -> dict[str, str]:
    """These values of the query string, without control characters, bounded."""
    return {name: CONTROL.sub(" ", str(request.query_params.get(name, "")))[:100].strip() for name in names}


def year_words(year: int) -> str:
    """二〇二六年; in English 2026."""
    return str(year) if current_locale.get() == "en" else "".join(NUMERALS[int(digit)] for digit in str(year)) + "年"


class PublicRollPages(Controller):
    """/honours, for everybody"""

    path = "/honours"
    opt = {"policy": EVERYBODY}

    @get("/", name="honours.rolls.public.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """All rolls, or whoever is searched for by name, 拼音, year, honour, county."""
        asked = public.LIST.ask(request.query_params)
        narrowed = bool(asked.q or asked.values or "page" in request.query_params)
        found = await public.LIST.fetch(asked, public.PUBLIC) if narrowed else None
        years, honours = await public.choices()
        rolls = await public.rolls(60) if found is None else []
        return await public_page(
            request, "public_list.html", found=found, asked=asked, years=years, honours=honours, rolls=rolls,
            counties=public._counties(), levels=public.LEVELS,
        )  # fmt: skip

    @get("/rolls/{code:str}", name="honours.rolls.public.show")
    async def show(self, request: HouseRequest, code: FromPath[str]) -> Response[Any]:
        """One roll: a wall of honour."""
        head = await public.roll_of(code)
        rows = await public.entries_of(head.id)
        asked = asked_of(request, "q", "honour", "county", "view", "page")
        chosen = public.narrowed(rows, q=asked["q"], honour=asked["honour"], county=asked["county"])
        at = int(asked["page"]) if asked["page"].isdecimal() and 0 < len(asked["page"]) < 4 else 1
        pages = max(1, -(-len(chosen) // public.MOST_SHOWN))
        shown = chosen[(at - 1) * public.MOST_SHOWN : at * public.MOST_SHOWN]
        corrections, gone = await public.corrections_of(head.id)
        return await public_page(
            request, "public_show.html", head=head, asked=asked, groups=_groups(shown), shown=len(chosen), at=at, pages=pages,
            tabs=_tabs(rows), counties=list(dict.fromkeys(row.county_name for row in rows if row.county_name)),
            county_bars=_bars(rows), composition=_composition(await public.totals_of(head.id)),
            years=await public.years_of(head.id, head.year), corrections=corrections, gone=gone,
            year_words=year_words(head.year),
        )  # fmt: skip

    @get("/rolls/{code:str}/annex.xlsx", name="honours.rolls.public.annex")
    async def annex(self, request: HouseRequest, code: FromPath[str]) -> Response[bytes]:
        """The list as a sheet, in the order of the annex (H71)."""
        head = await public.roll_of(code)
        rows = await public.entries_of(head.id)
        titles = [_("荣誉"), _("次序"), _("姓名或名称"), _("所在单位"), _("职务或岗位"), _("县市区")]

        async def cells() -> AsyncIterator[Iterable[str]]:
            for row in rows:
                yield [row.title, str(row.place), row.name, row.unit_name, row.post, row.county_name]

        note = _("%(n)s；名单公布时的 SHA-256 %(sha)s", n=head.document_number or head.organ, sha=head.digest)
        body = await workbook(titles, cells(), sheet=_("名单"), note=note)
        answer = download(body, f"{head.year}-{head.title}.xlsx", XLSX)
        answer.headers["Cache-Control"] = f"public, max-age={CACHE}"
        return answer

    @get("/entries/{entry:uuid}", name="honours.rolls.public.entry")
    async def entry(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """One honoured person, unit or team; portrait and deeds where their publication was consented to (P2)."""
        return await public_page(request, "public_entry.html", it=await public.entry_of(entry), levels=public.LEVELS)

    @get("/entries/{entry:uuid}/portrait", name="honours.rolls.public.portrait")
    async def portrait(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[bytes]:
        """The portrait that was published."""
        found = await public.entry_of(entry)
        if found.portrait_file is None:
            raise NotFound
        body, _name, media_type = await storage.load(found.portrait_file)
        if media_type not in IMAGES:
            raise NotFound
        return Response(body, media_type=media_type, headers={"Cache-Control": f"public, max-age={CACHE}"})

    @get("/statistics", name="honours.rolls.public.statistics")
    async def statistics(self, request: HouseRequest) -> Response[Any]:
        """Figures of all rolls: by year, county, category, honour."""
        return await public_page(request, "public_statistics.html", s=await public.statistics())

    @get("/wall", name="honours.rolls.public.wall")
    async def wall(self, request: HouseRequest) -> Response[Any]:
        """The lobby's screen: twelve names at a time; it turns its pages by itself and can be stopped, without a script."""
        asked = asked_of(request, "roll", "page", "paused")
        newest = await public.rolls(1) if not asked["roll"] else [await public.roll_of(asked["roll"])]
        head = newest[0] if newest else None
        rows = await public.entries_of(head.id) if head else []
        pages = _screens(rows)
        at = int(asked["page"]) if asked["page"].isdecimal() and 0 < len(asked["page"]) < 4 else 1
        at = min(max(at, 1), max(len(pages), 1))
        return await public_page(
            request, "wall.html", head=head, rows=pages[at - 1] if pages else [], at=at, pages=len(pages),
            paused=bool(asked["paused"]), seconds=SECONDS, roll=asked["roll"],
            year_words=year_words(head.year) if head else "",
        )  # fmt: skip


def _groups(rows: list[EntryLine]) -> list[dict[str, Any]]:
    groups: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        groups.setdefault(row.honour, {"title": row.title, "kind": row.kind, "rows": []})["rows"].append(row)
    return list(groups.values())


def _tabs(rows: list[EntryLine]) -> list[tuple[str, str, int]]:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (str(row.honour), row.title)
        counts[key] = counts.get(key, 0) + 1
    return [(honour, title, count) for (honour, title), count in counts.items()]


def _bars(rows: list[EntryLine]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.county_name or _("市直")] = counts.get(row.county_name or _("市直"), 0) + 1
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _composition(totals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per award: its lines with the share in tenths of a percent, half up, in whole numbers."""
    groups: dict[str, dict[str, Any]] = {}
    for one in totals:
        base = one["base"]
        tenths = (one["have"] * 2000 + base) // (2 * base) if base else 0
        line = {**one, "share": f"{tenths // 10}.{tenths % 10}%", "sign": "≥" if one["op"] == "min" else "≤"}
        groups.setdefault(one["award"], {"award": one["award"], "base": base, "lines": []})["lines"].append(line)
        groups[one["award"]]["base"] = max(groups[one["award"]]["base"], base)
    return sorted(groups.values(), key=lambda one: -len(one["lines"]))  # the page shows the one with most to say


def _screens(rows: list[EntryLine]) -> list[list[EntryLine]]:
    """Pages of the wall: honours never share a page."""
    pages: list[list[EntryLine]] = []
    for group in _groups(rows):
        held = group["rows"]
        pages += [held[n : n + public.WALL_NAMES] for n in range(0, len(held), public.WALL_NAMES)]
    return pages
