"""工作室比较 for officers: each studio's outputs of three years, benefit and apprentices, and the same by county and level."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get

from foundation import clock, trail
from foundation.database import fetch
from foundation.i18n import N_, gettext
from foundation.i18n import gettext as _
from foundation.listing import XLSX, Column, Filter, Listing, export
from foundation.web.pages import HouseRequest, actor_of, download, page
from registry.codes import regions
from registry.search_keys import keys_for_query
from studios.directory.queries import (
    COUNTED,
    GRADES,
    LEVELS,
    OTHER,
    SHOWN,
    SOURCE,
    UNIT,
    YEAR,
    counties,
    county_name,
    labelled,
)
from studios.directory.showing import plain
from studios.permissions import Permission
from studios.stages import LABELS

PATH = "/studios/comparison"
SCOPE = SHOWN + " AND (o.ancestors && {0}::uuid[] OR s.county = ANY({0}::uuid[]))"
SUMS = f"""
 JOIN LATERAL (
  SELECT count(*) FILTER (WHERE u.year = {YEAR} - 3 AND {COUNTED}) AS before_last,
         count(*) FILTER (WHERE u.year = {YEAR} - 2 AND {COUNTED}) AS year_before,
         count(*) FILTER (WHERE u.year = {YEAR} - 1 AND {COUNTED}) AS last_year,
         coalesce(sum(u.wan_yuan), 0) AS wan, coalesce(sum(u.people), 0)::int AS people
  FROM output u WHERE u.studio = s.id AND u.stage = 'confirmed' AND u.year BETWEEN {YEAR} - 3 AND {YEAR} - 1) t ON true
 JOIN LATERAL (SELECT count(*) AS apprentices FROM apprenticeship a WHERE a.studio = s.id AND a.ended_on IS NULL) p ON true
"""
"""Confirmed outputs of the last three whole years (T11), and who learns now."""
FIGURES = ("before_last", "year_before", "last_year", "wan", "apprentices", "people")

LIST = Listing(
    path=PATH,
    select=f"s.id, s.code, s.name, s.level, s.region, s.stage, s.last_grade, s.last_assessed, {UNIT} AS unit,"
    " t.before_last, t.year_before, t.last_year, t.wan, t.people, p.apprentices",
    source=SOURCE + SUMS,
    count_source=SOURCE,
    search=lambda q, bind: f"s.search_keys @> {bind(keys_for_query(q))}::varchar[]",
    columns=(
        Column(key="name", title=N_("工作室"), sort='s.sort_key COLLATE "C"'),
        Column(key="unit", title=N_("所在单位")),
        Column(key="region", title=N_("县市区"), sort="s.region", show=lambda row: county_name(row["region"])),
        Column(key="level", title=N_("级别"), show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="before_last", title=N_("前三年成果"), sort="t.before_last", number=True),
        Column(key="year_before", title=N_("前年成果"), sort="t.year_before", number=True),
        Column(key="last_year", title=N_("去年成果"), sort="t.last_year", number=True),
        Column(key="wan", title=N_("三年效益（万元）"), sort="t.wan", number=True, show=lambda row: exact(row["wan"])),
        Column(key="apprentices", title=N_("在徒"), sort="p.apprentices", number=True),
        Column(key="people", title=N_("三年培训人次"), sort="t.people", number=True),
        Column(key="last_grade", title=N_("考核等次"), show=lambda row: gettext(GRADES.get(row["last_grade"], ""))),
        Column(key="stage", title=N_("状态"), show=lambda row: gettext(LABELS[row["stage"]])),
    ),
    filters=(
        Filter(key="level", title=N_("级别"), where="s.level = {}", options=lambda: labelled(LEVELS)),
        Filter(
            key="county", title=N_("县市区"), options=counties,
            conditions={**{code: f"s.region = '{code}'" for code in regions.COUNTIES}, "city": OTHER},
        ),
    ),
    order="t.last_year DESC, s.id",
)  # fmt: skip


def exact(value: Any) -> str:
    """A decimal as a cell holds it: exact, no thousands, no needless noughts."""
    return plain(value).replace(",", "")


async def groups_of(scope: list[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(by county, by level): studios and the sums of the figures, in one query; exact."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in FIGURES)
    rows = await fetch(
        f"SELECT s.region, s.level, count(*) AS n, {sums} FROM {SOURCE} {SUMS} WHERE {SCOPE.format('$1')} GROUP BY 1, 2",
        scope,
    )
    by_county: dict[str, dict[str, Any]] = {}
    by_level: dict[str, dict[str, Any]] = {}
    for row in rows:
        region = row["region"] if row["region"] in regions.COUNTIES else "city"
        for groups, key in ((by_county, region), (by_level, row["level"])):
            group = groups.setdefault(key, {"key": key, "n": 0, **dict.fromkeys(FIGURES, 0)})
            for name in ("n", *FIGURES):
                group[name] += row[name]
    county_order, level_order = [*regions.COUNTIES, "city"], list(LEVELS)
    return (
        sorted(by_county.values(), key=lambda one: county_order.index(one["key"])),
        sorted(by_level.values(), key=lambda one: level_order.index(one["key"])),
    )


class ComparisonPages(Controller):
    """/studios/comparison"""

    path = PATH
    opt = {"policy": Permission.COMPARE_STUDIOS}

    @get("/", name="studios.comparison")
    async def show(self, request: HouseRequest) -> Response[Any]:
        """The table, and charts by county and level, of whatever lies within the officer's scope."""
        scope = list(Permission.COMPARE_STUDIOS.scope(actor_of(request)))
        found = await LIST.fetch(LIST.ask(request.query_params), SCOPE, scope)
        by_county, by_level = await groups_of(scope)
        total = {name: sum(one[name] for one in by_level) for name in ("n", *FIGURES)}
        return await page(
            request, "studios/directory/comparison.html", found=found, by_county=by_county, by_level=by_level, total=total,
            year=(await clock.today()).year, levels=LEVELS, grades=GRADES, labels=LABELS, county_name=county_name, plain=plain,
        )  # fmt: skip

    @get("/list.xlsx", name="studios.comparison.export")
    async def sheet(self, request: HouseRequest) -> Response[bytes]:
        """The table as asked, with exact figures."""
        actor, scope = actor_of(request), list(Permission.COMPARE_STUDIOS.scope(actor_of(request)))
        body = await export(LIST, LIST.ask(request.query_params), SCOPE, scope, sheet=_("工作室比较"))
        await trail.record(actor, "studios.exported", "studio", None, {"bytes": len(body)})
        return download(body, f"{_('工作室比较')}-{await clock.today():%Y%m%d}.xlsx", XLSX)
