"""An event's bundle as it stood at a moment (某一时刻的给分): what a frozen board shows, and what it hides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from competitions.programme.bundles import bundle_of
from competitions.scoring.bundle import Adjustment, Bundle, Mark
from foundation.database import fetch

MARKS_SQL = """
SELECT n.code AS entry, m.aspect, s.code AS judge, m.value, m.marked_at
FROM (SELECT DISTINCT ON (seat, entry, aspect) seat, entry, aspect, value, marked_at FROM mark
      WHERE event = $1 AND aspect = ANY($2::varchar[]) AND marked_at <= $3
      ORDER BY seat, entry, aspect, version DESC) m
JOIN seat s ON s.id = m.seat
JOIN entry n ON n.id = m.entry AND n.stage = 'accepted' AND n.code IS NOT NULL
WHERE m.value IS NOT NULL
ORDER BY n.code COLLATE "C", m.aspect COLLATE "C", s.code COLLATE "C"
"""
ADJUSTMENTS_SQL = """
SELECT n.code AS entry, a.kind, a.value, a.reason
FROM adjustment a JOIN entry n ON n.id = a.entry AND n.stage = 'accepted' AND n.code IS NOT NULL
WHERE a.event = $1 AND a.kind <> 'cancel' AND a.made_at <= $2
  AND NOT EXISTS (SELECT 1 FROM adjustment c WHERE c.cancels = a.id AND c.made_at <= $2)
ORDER BY a.place, a.made_at, a.id
"""
HIDDEN_SQL = """
SELECT n.code AS entry, m.aspect FROM mark m JOIN entry n ON n.id = m.entry
WHERE m.event = $1 AND m.marked_at > $2 AND m.aspect = ANY($3::varchar[]) GROUP BY 1, 2
"""
Times = Mapping[tuple[str, str], datetime]
"""(entry, aspect) → when its newest mark was entered."""


async def bundle_at(event_id: UUID, moment: datetime, *, base: Bundle | None = None) -> tuple[Bundle, Times]:
    """The event's bundle with the marks and adjustments that stood at ``moment``, and when each aspect was last marked.

    Entries and rules are those of now. ``base`` is the bundle of now, where the caller has it already.
    """
    base = base or await bundle_of(event_id)
    rows = await fetch(MARKS_SQL, event_id, aspects_of(base), moment)
    times: dict[tuple[str, str], datetime] = {}
    for row in rows:
        place = (row["entry"], row["aspect"])
        times[place] = max(row["marked_at"], times.get(place, row["marked_at"]))
    marks = tuple(Mark(entry=r["entry"], aspect=r["aspect"], judge=r["judge"], value=r["value"]) for r in rows)
    changes = tuple(Adjustment(**dict(row)) for row in await fetch(ADJUSTMENTS_SQL, event_id, moment))
    return msgspec.structs.replace(base, marks=marks, adjustments=changes or UNSET), times


async def hidden_since(event_id: UUID, moment: datetime, base: Bundle) -> set[tuple[str, str]]:
    """The (entry, aspect) pairs that were marked after ``moment``: how many there are may be told, the marks never."""
    return {(row["entry"], row["aspect"]) for row in await fetch(HIDDEN_SQL, event_id, moment, aspects_of(base))}


def aspects_of(bundle: Bundle) -> list[str]:
    return [aspect.code for module in bundle.event.rules.modules for aspect in module.aspects]
