"""The working-day calendar on a page: twelve months, each day out of the ordinary named."""

from __future__ import annotations

import calendar as months
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, working_days
from foundation.clock import operations
from foundation.database import fetch
from foundation.errors import NotFound
from foundation.forms import Bound, Line60, read_form
from foundation.i18n import gettext as _
from foundation.permissions import Permission
from foundation.web.pages import HouseRequest, actor_of, page, see_other


class DayKind(StrEnum):
    """How a day counts."""

    OFF = "off"
    WORK = "work"
    PLAIN = "plain"


class YearForm(msgspec.Struct, frozen=True, kw_only=True):
    year: Annotated[int, msgspec.Meta(ge=2004, le=2100)]


class DayForm(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    kind: DayKind
    name: Line60 = ""


async def _months(year: int) -> list[dict[str, Any]]:
    rows = await fetch("SELECT day, kind, name FROM calendar_day WHERE extract(year FROM day)::int = $1", year)
    special = {row["day"]: (row["kind"], row["name"]) for row in rows}
    sheets = []
    for month in range(1, 13):
        weeks = []
        for week in months.Calendar().monthdatescalendar(year, month):
            weeks.append(
                [
                    {
                        "date": day,
                        "here": day.month == month,
                        "works": working_days.is_working_day(day, special, years={d.year for d in week} | {year}),
                        "special": special.get(day),
                    }
                    for day in week
                ]
            )
        sheets.append({"month": month, "weeks": weeks})
    return sheets


class CalendarPages(Controller):
    """/calendar"""

    path = "/calendar"
    opt = {"policy": Permission.KEEP_CALENDAR}

    @get("/", name="calendar.home")
    async def home(self, request: HouseRequest) -> Response[Any]:
        """This year's calendar."""
        return await self._show(request, (await clock.today()).year, Bound())

    @get("/{year:int}", name="calendar.year")
    async def year(self, request: HouseRequest, year: FromPath[int]) -> Response[Any]:
        """Another year's."""
        if not 2004 <= year <= 2100:
            raise NotFound
        return await self._show(request, year, Bound())

    @post("/", name="calendar.fill", status_code=303)
    async def fill(self, request: HouseRequest) -> Response[Any]:
        """Fill a year from the published arrangement."""
        form = await read_form(request, YearForm)
        if form.ok:
            with form.catching():
                await operations.fill_year(actor_of(request), form.data.year)
                return await see_other(request, f"/calendar/{form.data.year}", flash=_("工作日历已录入"))
        return await self._show(request, (await clock.today()).year, form, status_code=422)

    @post("/days", name="calendar.amend", status_code=303)
    async def amend(self, request: HouseRequest) -> Response[Any]:
        """Amend one day."""
        form = await read_form(request, DayForm)
        if form.ok:
            with form.catching():
                await operations.set_day(actor_of(request), form.data.day, form.data.kind, form.data.name)
                return await see_other(request, f"/calendar/{form.data.day.year}", flash=_("已修改"))
        return await self._show(request, (await clock.today()).year, form, status_code=422)

    async def _show(
        self, request: HouseRequest, year: int, form: Bound[Any], *, status_code: int = 200
    ) -> Response[Any]:
        known = [row["year"] for row in await fetch("SELECT year FROM calendar_year ORDER BY year")]
        context = {
            "year": year,
            "known": known,
            "months": await _months(year) if year in known else [],
            "form": form,
            "today": await clock.today(),
            "kinds": [("off", _("休息")), ("work", _("上班（调休）")), ("plain", _("照常（按星期）"))],
            "crumbs": [{"label": _("工作日历"), "href": "/calendar"}, {"label": str(year), "href": None}],
        }
        return await page(request, "calendar/year.html", status_code=status_code, **context)
