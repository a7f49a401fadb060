"""The public directory of studios (工作室名录): the map, the list, one studio, the sheet."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from foundation import clock
from foundation.i18n import N_
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.trail.showing import head_shown
from foundation.web.pages import HouseRequest, download, page
from foundation.web.policy import EVERYBODY
from registry.codes.skill_levels import SKILL_LEVELS
from studios.directory import queries, showing
from studios.outputs.rules import KINDS
from studios.stages import LABELS, Stage

CACHE = 10
"""Seconds; short, since a withdrawn studio has to leave the list at once (T8)."""
GROUPS = {"patents": N_("专利与工法"), "awards": N_("成果奖"), "improvements": N_("技术改进")}
ENDED = {
    Stage.WITHDRAWN: N_("已摘牌"),
    Stage.REVOKED: N_("命名已撤销"),
    Stage.CLOSED: N_("已注销"),
    Stage.MERGED: N_("已并入其他工作室"),
}


async def public_page(request: HouseRequest, template: str, **context: Any) -> Response[Any]:
    """A page of the public face that anybody's cache may keep."""
    shared = {
        "section": "studios",
        "trail_head": await head_shown(),
        "county_name": queries.county_name,
        "labels": LABELS,
    }
    shared |= {"levels": queries.LEVELS, "grades": queries.GRADES, "cache_for": CACHE}
    return await page(request, f"studios/directory/{template}", **{**shared, **context})


class PublicStudioPages(Controller):
    """/studios-directory, for everybody"""

    path = queries.PATH
    opt = {"policy": EVERYBODY}

    @get("/", name="studios.public.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The map with its figures, and the studios that are searched for by leader, 拼音, unit or field."""
        asked = msgspec.structs.replace(queries.LIST.ask({**request.query_params, "size": str(queries.PAGE)}))
        found = await queries.LIST.fetch(asked, queries.SHOWN)
        seen = await queries.overview()
        return await public_page(
            request, "list.html", found=found, seen=seen, map=showing.hexagons(seen.by_region),
            bounds=showing.classes(max((seen.by_region.get(code, 0) for code in showing.PLACES), default=0)),
            size=(showing.WIDE, showing.HIGH), today=await clock.today(), counties=queries.counties(),
        )  # fmt: skip

    @get("/list.xlsx", name="studios.public.export")
    async def sheet(self, request: HouseRequest) -> Response[bytes]:
        """What the list shows, as a sheet."""
        asked = queries.LIST.ask(request.query_params)
        body = await export(queries.LIST, asked, queries.SHOWN, sheet=_("工作室名录"))
        answer = download(body, f"{_('工作室名录')}-{await clock.today():%Y%m%d}.xlsx", XLSX)
        answer.headers["Cache-Control"] = f"public, max-age={CACHE}"
        return answer

    @get("/{code:str}", name="studios.public.show")
    async def show(self, request: HouseRequest, code: FromPath[str]) -> Response[Any]:
        """One studio; of one that left the register, when and how it did."""
        row = await queries.studio_of(code)
        namings = await queries.namings_of(row["id"])
        history = await queries.history_of(row["id"])
        if not queries.is_listed(row):
            told = [one for one in history if one["kind"] != "grade"]
            return await public_page(request, "ended.html", s=row, namings=namings, history=told, ended=ENDED)
        today, sums, last = (
            await clock.today(),
            await queries.sums_of(row["id"]),
            await queries.last_grade_of(row["id"]),
        )
        return await public_page(
            request, "show.html", s=row, namings=namings, sums=sums, last=last, groups=GROUPS, kinds=KINDS,
            steps=_steps(namings, history), next_on=queries.next_assessment(row, last, today), today=today,
            tree=await queries.tree_of(row), projects=await queries.projects_of(row["id"]), plain=showing.plain,
            columns=showing.year_columns(sums.counts, range(row["year"] - 3, row["year"] + 1)), floor=showing.FLOOR,
            skills=SKILL_LEVELS,
        )  # fmt: skip


def _steps(namings: list[Any], history: list[Any]) -> list[dict[str, Any]]:
    """The time-line: namings, yearly grades and public events in order."""
    steps = [
        {
            "on": one["named_on"],
            "kind": "named",
            "level": one["level"],
            "raised": place > 0,
            "note": one["document_number"],
        }
        for place, one in enumerate(namings)
    ]
    steps += [
        {"on": one["on"], "kind": one["kind"], "text": one["text"], "year": one["year"], "note": one["total"]}
        for one in history
    ]
    return sorted(steps, key=lambda one: (one["on"], one["kind"] != "named"))
