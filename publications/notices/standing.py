"""What the other wings ask of a notice they opened: which ones there are, and whether one was over and clear at a time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound
from publications.notices import deadlines, rules
from publications.notices.rules import Stage

OPEN_AT = """
SELECT count(*) FROM notice_objection x LEFT JOIN notice_subject s ON s.id = x.subject
WHERE x.notice = $1 AND x.made_at <= $2 AND ($3::uuid IS NULL OR x.subject IS NULL OR s.id = $3 OR s.source = $3)
  AND NOT EXISTS (SELECT 1 FROM notice_objection_step t WHERE t.objection = x.id AND t.action = 'tell' AND t.made_at <= $2)
"""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in a line: where it stands now, the clock considered."""

    id: UUID
    number: str | None
    title: str
    stage: Stage
    first_day: date | None
    last_day: date | None


async def of_source(source_kind: str, source: UUID) -> list[Standing]:
    """The notices that were drafted or opened over one source (a round, a naming), the newest first; withdrawn ones too."""
    rows = await fetch(
        "SELECT id, number, title, stage, first_day, last_day, days FROM notice WHERE source_kind = $1 AND source = $2"
        " ORDER BY made_at DESC, id DESC",
        source_kind, source,
    )  # fmt: skip
    return [await _standing(row) for row in rows]


async def of_subject(source: UUID) -> list[Standing]:
    """The notices in whose list this one stands (a nomination, a studio, whatever the line's ``source`` is), newest first."""
    rows = await fetch(
        "SELECT n.id, n.number, n.title, n.stage, n.first_day, n.last_day, n.days FROM notice n"
        " WHERE EXISTS (SELECT 1 FROM notice_subject s WHERE s.notice = n.id AND s.source = $1)"
        " ORDER BY n.made_at DESC, n.id DESC",
        source,
    )
    return [await _standing(row) for row in rows]


async def _standing(row) -> Standing:
    last = await deadlines.keep_promise(row)
    stage = rules.status(row["stage"], last, await clock.now())
    return Standing(
        id=row["id"], number=row["number"], title=row["title"], stage=stage, first_day=row["first_day"], last_day=last
    )


async def is_settled(notice: UUID, *, at: datetime | None = None, subject: UUID | None = None) -> bool:
    """Whether the notice's last day was over at ``at`` (now, where left out) with no objection open then (H32, H34).

    With ``subject`` (a line's source, or the line) only objections to it and to the notice as a whole count. Withdrawn and
    draft notices never settle. An objection is open from when it was taken in until its result was told. Settled says
    nothing of how objections came out: ``queries.obstacles`` and ``outcome_of(notice).upheld`` do. A letter posted in time may
    still come later: ``notice.reopened`` tells of it. Raises ``NotFound``.
    """
    row = await fetchrow("SELECT * FROM notice WHERE id = $1", notice)
    if row is None:
        raise NotFound
    moment = at or await clock.now()
    last = await deadlines.keep_promise(row)
    withdrawn = row["withdrawn_at"] is not None and row["withdrawn_at"] <= moment
    if last is None or withdrawn or moment < rules.ends_at(last):
        return False
    return not await fetchval(OPEN_AT, notice, moment, subject)
