"""What comes about by time alone: reports open, terms lapse, reminders go out (T4, T8). The worker ticks twice a minute."""

from __future__ import annotations

from typing import Any

from foundation import clock, jobs
from foundation.clock import NOW_SQL
from foundation.database import fetch, transaction
from foundation.database.columns import new_id
from foundation.errors import Refusal
from studios.upkeep import rules
from studios.upkeep.access import LISTED_WORDS, rules_of
from studios.upkeep.changes import lapse_due
from studios.upkeep.reports import open_reports
from studios.upkeep.rereview import look_for_withdrawn

DUE_SQL = """
SELECT s.id AS studio, s.programme, 'report' AS kind, r.due_on FROM annual_report r JOIN studio s ON s.id = r.studio
WHERE s.stage = ANY($1::varchar[]) AND r.stage IN ('draft', 'returned') AND r.due_on >= $2
UNION ALL SELECT s.id, s.programme, 'term', s.cycle_ends_on FROM studio s WHERE s.stage = 'active' AND s.cycle_ends_on >= $2
UNION ALL SELECT s.id, s.programme, 'rectification', r.due_on FROM rectification r JOIN studio s ON s.id = r.studio
WHERE r.closed_on IS NULL AND r.due_on >= $2
UNION ALL SELECT s.id, s.programme, 'rereview', r.due_on FROM re_review r JOIN studio s ON s.id = r.studio
WHERE r.closed_on IS NULL AND r.due_on >= $2
"""
FURTHEST = 200
"""Days ahead at which nothing is looked for yet."""


async def remind() -> int:
    """Write the reminders whose working day has come, each once; returns how many. A year without calendar is left (H32)."""
    async with transaction():
        today, sent, programmes = await clock.today(), 0, {}
        due = [row for row in await fetch(DUE_SQL, LISTED_WORDS, today) if (row["due_on"] - today).days <= FURTHEST]
        for row in due:
            if row["programme"] not in programmes:
                programmes[row["programme"]] = (await rules_of(row["programme"])).terms
            for days in await _days(row, today, programmes[row["programme"]]):
                made = await fetch(
                    f"INSERT INTO upkeep_reminder (id, studio, kind, due_on, days, made_at) VALUES ($1, $2, $3, $4, $5, {NOW_SQL})"
                    " ON CONFLICT ON CONSTRAINT upkeep_reminder_once DO NOTHING RETURNING id",
                    new_id(), row["studio"], row["kind"], row["due_on"], days,
                )  # fmt: skip
                sent += len(made)
        return sent


async def _days(row: Any, today: Any, terms: Any) -> list[int]:
    try:
        years = set(range(today.year, row["due_on"].year + 1))
        return rules.reminders_due(row["due_on"], today, terms.remind_days, await clock.calendar(years), years=years)
    except Refusal:
        return []


@jobs.tick
async def look_after_studios() -> None:
    """Everything that is due, in the order in which one follows from another."""
    await lapse_due()
    await look_for_withdrawn()
    await open_reports()
    await remind()
