"""报名快照: at the close, members are kept as they then were; later edits of a person change nothing (C15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from competitions.entries import rules
from foundation import clock
from foundation.database import fetch

PEOPLE_SQL = """
SELECT m.id, w.name, w.post, w.skill_level, w.sex, w.born_on, coalesce(nullif(o.unit_name, ''), o.name, '') AS unit,
       coalesce((e.starts_at AT TIME ZONE 'Asia/Shanghai')::date, c.starts_on) AS held_on
FROM entry_member m JOIN entry n ON n.id = m.entry JOIN event e ON e.id = n.event
JOIN competition c ON c.id = e.competition JOIN worker w ON w.id = m.worker JOIN organisation o ON o.id = w.organisation
WHERE n.event = $1 AND n.stage = ANY($2::varchar[]) AND ($3::uuid IS NULL OR n.id = $3)
  AND NOT m.snapshot ? 'name' AND NOT m.snapshot ? 'replaced'
ORDER BY m.id
"""
KEEP_SQL = """
UPDATE entry_member m SET snapshot = m.snapshot || r.snapshot, name = r.name
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name varchar, snapshot jsonb) WHERE m.id = r.id
"""


async def freeze_snapshots(event_id: UUID, *, entry: UUID | None = None) -> int:
    """Freeze every member of the event's entries (or of one entry) who is not frozen yet; returns how many.

    Called within the transaction that closes registration, and by acceptance after it. Kept are name, unit, post, skill
    level, sex and age band on the day of the contest; never an identity number, a phone or a birth date. What was
    frozen once stays as it is, also when registration is opened again.
    """
    now = (await clock.now()).isoformat()
    rows = await fetch(PEOPLE_SQL, event_id, [stage.value for stage in rules.HELD], entry)
    kept = [{"id": row["id"], "name": row["name"], "snapshot": _snapshot(row, now)} for row in rows]
    await fetch(KEEP_SQL, msgspec.json.encode(kept).decode())
    return len(rows)


def _snapshot(row: Any, now: str) -> dict[str, str]:
    return {
        "name": row["name"],
        "unit": row["unit"],
        "post": row["post"],
        "skill_level": row["skill_level"],
        "sex": row["sex"],
        "age_band": rules.age_band(row["born_on"], row["held_on"]),
        "frozen_at": now,
    }
