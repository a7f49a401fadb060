"""What is kept of who objects, and how long: name, contact and scan go once the result was told and their time is over (P2).

What was objected, how it was verified and concluded stay sealed for the office, the trail stays for everybody; neither is
needed with a name. Backups keep what was erased until they are rotated.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from foundation import clock, jobs, storage, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.settings import settings

MOST = 200
"""Erased in one go; the rest at the next tick."""
DUE_SQL = """
SELECT x.id FROM notice_objection x WHERE x.stage = 'told' AND x.erased_at IS NULL
  AND (SELECT max(t.made_at) FROM notice_objection_step t WHERE t.objection = x.id AND t.action = 'tell') < $1
ORDER BY x.received_at LIMIT $2
"""


def keeping_days() -> int:
    """Days for which who objected is kept after the result was told."""
    return settings().objection_days


def erased_on(told_at: datetime, days: int) -> date:
    """The day on which an objection's personal data are erased, Shanghai's."""
    return clock.local(told_at + timedelta(days=days)).date()


@jobs.tick
async def erase() -> None:
    """For the worker's clock."""
    await erase_due()


async def erase_due() -> int:
    """Erase what is due; returns how many. Safe in several workers at once: each row is taken by one."""
    due = await clock.now() - timedelta(days=keeping_days())
    erased = 0
    for row in await fetch(DUE_SQL, due, MOST):
        erased += await _erase(row["id"])
    return erased


async def _erase(objection: UUID) -> bool:
    async with transaction():
        row = await fetchrow(
            "SELECT id, attachment FROM notice_objection WHERE id = $1 AND erased_at IS NULL FOR UPDATE SKIP LOCKED",
            objection,
        )
        if row is None:
            return False
        await fetch(
            "UPDATE notice_objection SET name_sealed = '', contact_sealed = '', attachment = NULL, erased_at = $2,"
            " version = version + 1 WHERE id = $1",
            objection, await clock.now(),
        )  # fmt: skip
        body = {"kept_days": keeping_days(), "scan": row["attachment"] is not None}
        await trail.record(None, "objection.erased", "objection", objection, body)
        if row["attachment"] is not None:
            await storage.drop(row["attachment"])
        return True
