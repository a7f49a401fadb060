"""What officers and the chief judge read of an event's standings and results (成绩与发布)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from competitions.judging.obstacles import missing_marks
from competitions.programme.bundles import bundle_of
from competitions.programme.queries import EventView
from competitions.programme.rules import EventStage
from competitions.results.obstacles import obstacles_of
from competitions.results.schemas import DeskView
from competitions.scoring.bundle import Bundle
from competitions.scoring.live import LiveRow, live_standings
from competitions.scoring.standings import Standings
from foundation.database import fetch, fetchval
from foundation.errors import NotFound, Refusal
from foundation.i18n import gettext as _

VERSIONS_SQL = """
SELECT r.id, r.number, r.bundle_sha256, r.public_sha256, r.confirmed_at, r.published_at, r.withdrawn_at,
       r.withdrawn_reason, a.name AS confirmed_by,
       (SELECT count(*) FROM result_row w WHERE w.result = r.id AND w.rank IS NOT NULL) AS ranked,
       (SELECT count(*) FROM result_row w WHERE w.result = r.id AND w.award <> '') AS awarded
FROM result r LEFT JOIN account a ON a.id = r.confirmed_by WHERE r.event = $1 ORDER BY r.number DESC
"""


async def desk_of(event: EventView) -> DeskView:
    """The event's standings as they are now, what keeps them from being confirmed, and what was confirmed so far.

    Where there are no rules yet there are no standings. While marking goes on the places are provisional; entries that
    did not compete come last.
    """
    versions = tuple(dict(row) for row in await fetch(VERSIONS_SQL, event.id))
    try:
        bundle = await bundle_of(event.id)
    except NotFound:
        raise
    except Refusal as no_rules:
        stopped = ({"message": no_rules.text(_), "rule": no_rules.rule},)
        return DeskView(
            rows=(), progress=(), shown="", complete=0, entries=0, missing=0, obstacles=stopped, versions=versions
        )
    live = live_standings(bundle)
    made, found = await obstacles_of(event, bundle)
    stopped = found if event.stage == EventStage.JUDGING else []
    return DeskView(
        rows=_rows(bundle, live.rows, made),
        progress=tuple({"heading": p.heading, "done": p.done, "entries": p.entries} for p in live.progress),
        shown=made.bundle_sha256,
        complete=live.complete,
        entries=len(live.rows),
        missing=max(live.missing, await missing_marks(event.id)),  # a seat's mark counts even beyond the rule's minimum
        obstacles=tuple({"message": refusal.text(_), "rule": refusal.rule} for refusal in stopped),
        versions=versions,
    )


def _rows(bundle: Bundle, rows: tuple[LiveRow, ...], made: Standings) -> tuple[Mapping[str, Any], ...]:
    entries = {entry.code: entry for entry in bundle.entries}
    awards = {row.entry: row.award for row in made.rows}
    shown: list[Mapping[str, Any]] = [
        {
            "rank": row.rank, "shared": row.shared, "guest": row.guest, "entry": row.entry,
            "name": entries[row.entry].name, "unit": entries[row.entry].organisation,
            "modules": {m.code: m for m in row.modules}, "total": row.total, "award": awards.get(row.entry),
            "provisional": row.provisional, "missing": row.missing, "status": "competed",
        }
        for row in rows
    ]  # fmt: skip
    shown += [
        {
            "rank": None,
            "entry": e.code,
            "name": e.name,
            "unit": e.organisation,
            "modules": {},
            "total": "",
            "status": e.state,
        }
        for e in bundle.entries
        if not e.competed
    ]
    return tuple(shown)


async def names_shown(event_id: UUID) -> bool:
    """Whether the event's live board names entrants."""
    return bool(await fetchval("SELECT live_names FROM event WHERE id = $1", event_id))
