"""What the rules need to know of the people on a list, in three queries whatever its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from competitions.entries import rules
from competitions.entries.rules import Candidate, Elsewhere, Finding
from competitions.entries.schemas import EntryView, EventHead
from foundation.database import fetch
from registry.achievements.queries import of_workers

MOST_BREAK = 31
"""Days between two employments in the place that do not break the year of C12."""
PEOPLE_SQL = """
SELECT w.id, w.name, w.sex, w.born_on, w.job_category,
       w.left_at IS NULL AND w.erased_at IS NULL AND w.merged_into IS NULL AND o.ancestors @> ARRAY[$2]::uuid[] AS ours,
       (SELECT min(x.since) FROM (
          SELECT w.employed_on AS since WHERE o.region LIKE $3
          UNION ALL
          SELECT p.started_on FROM employment p JOIN organisation q ON q.id = p.organisation
          WHERE p.worker = w.id AND q.region LIKE $3
            AND (p.ended_on IS NULL OR p.ended_on >= coalesce(w.employed_on, p.ended_on) - $4::int)) x) AS local_since
FROM worker w JOIN organisation o ON o.id = w.organisation
WHERE w.id = ANY($1::uuid[])
"""
ELSEWHERE_SQL = """
SELECT m.worker, m.active, e.title, CASE WHEN e.kind = 'team' THEN n.name ELSE '' END AS entry,
       n.organisation IS NOT DISTINCT FROM $3 AS ours
FROM entry_member m JOIN entry n ON n.id = m.entry JOIN event e ON e.id = n.event
WHERE m.competition = $1 AND m.worker = ANY($2::uuid[]) AND m.role = 'competitor' AND NOT m.snapshot ? 'replaced'
  AND (m.active OR n.stage = 'draft') AND n.id IS DISTINCT FROM $4
ORDER BY n.made_at, n.id
"""


def place_prefix(region: str) -> str:
    """The LIKE pattern of all codes within a region: 341800 → ``3418%``."""
    while region.endswith("00") and region:
        region = region[:-2]
    return region + "%"


async def candidates(
    event: EventHead, unit: UUID | None, members: Sequence[tuple[UUID, str]], *, entry: UUID | None
) -> list[Candidate]:
    """The (worker, role) pairs with all facts; who does not exist is left out. ``entry``: the list's own entry."""
    workers = sorted({worker for worker, _ in members})
    rows = await fetch(PEOPLE_SQL, workers, unit, place_prefix(event.competition_region), MOST_BREAK)
    people = {row["id"]: row for row in rows}
    others = await fetch(ELSEWHERE_SQL, event.competition, workers, unit, entry)
    titles = await of_workers(workers)
    return [
        _candidate(people[worker], role, others, titles.get(worker, ())) for worker, role in members if worker in people
    ]


def _candidate(row: Any, role: str, others: Sequence[Any], achievements: Sequence[Any]) -> Candidate:
    mine = [other for other in others if other["worker"] == row["id"]]
    held = [
        (one.achieved_on.year, title)
        for one in achievements
        if one.kind in ("title", "honour")
        for title in rules.BARRED_TITLES
        if title in one.title
    ]
    return Candidate(
        worker=row["id"],
        name=row["name"],
        role=role,
        sex=row["sex"],
        born_on=row["born_on"],
        ours=row["ours"],
        manager=row["job_category"] in ("manager", "enterprise_leader"),
        local_since=row["local_since"],
        titles=tuple(held),
        elsewhere=tuple(_elsewhere(other) for other in mine if other["active"]),
        drafted=tuple(_elsewhere(other) for other in mine if not other["active"] and other["ours"]),
    )


def _elsewhere(row: Any) -> Elsewhere:
    return Elsewhere(event=row["title"], entry=row["entry"], ours=row["ours"])


async def unit_entries(event: UUID, unit: UUID | None, *, entry: UUID | None) -> list[str]:
    """The names of the unit's other entries that count in the event (C14)."""
    rows = await fetch(
        "SELECT name FROM entry WHERE event = $1 AND organisation = $2 AND id IS DISTINCT FROM $3"
        " AND stage = ANY($4::varchar[]) ORDER BY made_at, id",
        event, unit, entry, [stage.value for stage in rules.HELD],
    )  # fmt: skip
    return [row["name"] for row in rows]


async def findings(view: EntryView) -> list[Finding]:
    """Everything the rules say about an entry as it stands; ``member`` counts in the list's order."""
    members = [(member.worker, member.role) for member in view.members if member.worker is not None]
    people = await candidates(view.event, view.organisation, members, entry=view.id)
    taken = await unit_entries(view.event.id, view.organisation, entry=view.id)
    return rules.check(view.event.occasion, people, name=view.name, unit_entries=taken)
