"""异议 (H34): which nominees an open objection, or one that was upheld, stands against; many at once."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from foundation.database import fetch
from foundation.errors import Conflict, Refusal

OPEN_SQL = """
SELECT s.source, count(DISTINCT x.id) AS waiting
FROM notice_subject s JOIN notice_objection x ON x.notice = s.notice AND (x.subject IS NULL OR x.subject = s.id)
JOIN notice n ON n.id = s.notice AND n.stage <> 'withdrawn'
WHERE s.source = ANY($1::uuid[]) AND x.stage <> 'told' GROUP BY s.source
"""

OPEN_OF_AWARD_SQL = OPEN_SQL.replace(
    "WHERE s.source = ANY($1::uuid[])", "JOIN nomination m ON m.id = s.source WHERE m.award = $1"
)
"""The same for all nominees of an award, without sending their ids."""


async def open_about(nominations: Iterable[UUID]) -> dict[UUID, int]:
    """nomination → how many objections are open against it, those to a whole notice it stands in among them."""
    rows = await fetch(OPEN_SQL, list(nominations))
    return {row["source"]: row["waiting"] for row in rows}


async def require_none(nomination: UUID) -> list[Refusal]:
    """As obstacles: empty, or the one that says how many are open."""
    waiting = (await open_about([nomination])).get(nomination, 0)
    return [still_open(waiting)] if waiting else []


def still_open(waiting: int) -> Conflict:
    return Conflict("objection_open", "有 {n} 件异议未办结（含告知），不能进入下一环节", rule="H34", n=waiting)
