"""The calendar around a notice, and the promise that its last day moves later only (H32)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Refusal, Refusals
from foundation.web.policy import Actor
from foundation.working_days import Calendar
from publications.notices import rules

Around = tuple[Calendar, frozenset[int]]
"""The days out of the ordinary, and the years that are held."""


async def calendar_around(first: date, until: date | None = None) -> Around:
    """The days out of the ordinary from ``first``'s year on, and which years are held; raises ``calendar_missing``
    where ``first``'s own is not (A5)."""
    held = frozenset(row["year"] for row in await fetch("SELECT year FROM calendar_year"))
    wanted = {first.year} | ({first.year + 1, (until or first).year} & held)
    return await clock.calendar(wanted), held


async def last_day_of(first: date, days: int, around: Around | None = None) -> date:
    """The last day of a notice opened on ``first``. Raises ``calendar_missing`` or ``calendar_may_change``."""
    calendar, held = around or await calendar_around(first)
    return rules.last_day(first, days, calendar, held)


async def keep_promise(row: Any, around: Around | None = None) -> date | None:
    """The last day of an open notice as the calendar is now, never earlier than promised; a later one is written down.

    Whoever reads a notice asks here first, so nothing is answered from a day that an amended calendar has moved.
    ``row`` holds ``id``, ``stage``, ``first_day``, ``last_day``, ``days``.
    """
    if row["stage"] != rules.Stage.OPEN:
        return row["last_day"]
    try:
        now = await last_day_of(row["first_day"], row["days"], around)
    except (Refusal, Refusals):  # a calendar that no longer tells moves nothing: the promise stands
        return row["last_day"]
    if now <= row["last_day"]:
        return row["last_day"]
    return await move_later(None, row["id"], row["last_day"], now, "calendar", "")


async def move_later(actor: Actor | None, notice: UUID, before: date, after: date, kind: str, reason: str) -> date:
    """Write a later last day once; where another process did already, that one's stands. Returns what is promised now."""
    async with transaction():
        moved = await fetchval(
            "UPDATE notice SET last_day = $2, version = version + 1 WHERE id = $1 AND last_day = $3 AND stage = 'open'"
            " RETURNING last_day",
            notice, after, before,
        )  # fmt: skip
        if moved is None:
            return await fetchval("SELECT last_day FROM notice WHERE id = $1", notice)
        await fetch(
            'INSERT INTO notice_deadline (id, notice, kind, "before", "after", reason, made_by, made_at)'
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            new_id(), notice, kind, before, after, reason, actor.account if actor else None, await clock.now(),
        )  # fmt: skip
        await trail.record(
            actor, f"notice.{kind}", "notice", notice, {"before": before, "after": after, "reason": reason}
        )
        return moved
