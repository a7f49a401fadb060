"""The working-day calendar that officers can see and amend (H32)."""

from __future__ import annotations

from datetime import date

from foundation import trail, working_days
from foundation.clock import now
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Conflict, Refusal
from foundation.web.policy import Actor

SOURCE = "国务院办公厅节假日安排"


async def fill_year(actor: Actor | None, year: int) -> int:
    """Fill a year from the published arrangement; returns the days written.

    Raises ``Refusal`` where the arrangement of that year is not known here, ``Conflict`` where it was filled before.
    """
    days = working_days.from_chinesecalendar(year)
    async with transaction():
        filled = await fetchval(
            "INSERT INTO calendar_year (year, source, filled_at) VALUES ($1, $2, $3) ON CONFLICT (year) DO NOTHING RETURNING year",
            year, SOURCE, await now(),
        )  # fmt: skip
        if filled is None:
            raise Conflict(
                "year_filled", "{year} 年的工作日历已经录入，可逐日修改", field="year", rule="H32", year=year
            )
        await fetch(
            "INSERT INTO calendar_day (day, kind, name, source) SELECT d.day, d.kind, d.name, $4"
            " FROM unnest($1::date[], $2::text[], $3::text[]) AS d(day, kind, name) ON CONFLICT (day) DO NOTHING",
            [day for day, _kind, _name in days], [kind for _day, kind, _name in days], [name for _d, _k, name in days], SOURCE,
        )  # fmt: skip
        await trail.record(actor, "calendar.filled", "calendar", None, {"year": year, "days": len(days)})
        return len(days)


async def set_day(actor: Actor, day: date, kind: str, name: str) -> None:
    """Amend one day: ``off``, ``work`` or ``plain`` (as its weekday says). Raises ``Refusal`` in a year that is not filled."""
    async with transaction():
        if await fetchval("SELECT 1 FROM calendar_year WHERE year = $1", day.year) is None:
            raise Refusal(
                "calendar_missing", "{years} 年的工作日历尚未录入，不能计算期限；请先在“工作日历”中补录",
                field="day", rule="H32", years=day.year,
            )  # fmt: skip
        if kind == "plain":
            await fetch("DELETE FROM calendar_day WHERE day = $1", day)
        else:
            await fetch(
                "INSERT INTO calendar_day (day, kind, name, source) VALUES ($1, $2, $3, '经办人录入')"
                " ON CONFLICT (day) DO UPDATE SET kind = $2, name = $3, source = '经办人录入'",
                day, kind, name,
            )  # fmt: skip
        await trail.record(actor, "calendar.amended", "calendar", None, {"day": day, "kind": kind, "name": name})
