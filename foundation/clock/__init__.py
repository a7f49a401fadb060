"""Time: the database's transaction time, shown in Asia/Shanghai; working days from a table that officers can see.

Business times come from :func:`now`, never from the machine's clock, so that everything in one transaction agrees and a
demonstration or a test can move it (``gongjiang.clock_offset``, which only those two ever set).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from foundation.database import fetch, fetchval

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW_SQL = "(now() + coalesce(nullif(current_setting('gongjiang.clock_offset', true), ''), '0')::interval)"
"""The same instant as :func:`now`, for use inside a statement."""


async def now() -> datetime:
    """This transaction's time, aware."""
    return await fetchval(f"SELECT {NOW_SQL}")


async def today() -> date:
    """The date of :func:`now` in Shanghai."""
    return (await now()).astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """A moment in Shanghai's time."""
    return moment.astimezone(SHANGHAI)


@asynccontextmanager
async def moved_to(moment: datetime) -> AsyncIterator[None]:
    """Within the current transaction only, let :func:`now` be ``moment`` (tests and the demonstration's loader)."""
    before = await fetchval("SELECT current_setting('gongjiang.clock_offset', true)")
    await fetch("SELECT set_config('gongjiang.clock_offset', ($1::timestamptz - now())::text, true)", moment)
    try:
        yield
    finally:
        await fetch("SELECT set_config('gongjiang.clock_offset', $1, true)", before or "")


async def calendar(years: set[int]) -> Mapping[date, tuple[str, str]]:
    """The days out of the ordinary of ``years``: date → (``off`` | ``work``, name).

    Raises ``Refusal`` ``calendar_missing`` where a year was never filled (H32): a deadline is never guessed.
    """
    from foundation.errors import Refusal

    known = {
        row["year"] for row in await fetch("SELECT year FROM calendar_year WHERE year = ANY($1::int[])", list(years))
    }
    if missing := sorted(years - known):
        raise Refusal(
            "calendar_missing", "{years} 年的工作日历尚未录入，不能计算期限；请先在“工作日历”中补录", rule="H32",
            years="、".join(map(str, missing)),
        )  # fmt: skip
    rows = await fetch(
        "SELECT day, kind, name FROM calendar_day WHERE extract(year FROM day)::int = ANY($1::int[])", list(years)
    )
    return {row["day"]: (row["kind"], row["name"]) for row in rows}
