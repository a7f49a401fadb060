"""Freezing a result (冻结成绩): the bundle that was scored, its standings, the open copy, and a row for each place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from competitions.scoring.anonymise import anonymise
from competitions.scoring.bundle import Bundle, Entry
from competitions.scoring.canonical import canonical
from competitions.scoring.standings import Standings, standings
from foundation.database import connection, fetch, fetchval
from foundation.database.columns import new_id
from registry.search_keys import keys_for_name, keys_for_organisation

INSERT_SQL = """
INSERT INTO result (id, event, number, bundle, bundle_sha256, standings, public_bundle, public_sha256, public_standings,
                    confirmed_by, confirmed_at, withdrawn_reason)
SELECT $1, $2, (SELECT coalesce(max(number), 0) + 1 FROM result WHERE event = $2), $3, $4, $5, $6, $7, $8, $9, $10, ''
RETURNING number
"""
COLUMNS = (
    "id", "result", "entry", "entry_code", "name", "organisation_name", "place", "rank", "shared", "guest", "status",
    "total", "modules", "award", "scaled", "search_keys",
)  # fmt: skip
_json = msgspec.json.Encoder().encode


async def freeze(event: UUID, bundle: Bundle, made: Standings, *, by: UUID, at: datetime) -> tuple[UUID, int]:
    """Keep a result and its rows; returns its id and number. ``made`` are the settled standings of ``bundle``.

    The open copy names entrants with name and unit (P2 publishes those two), gives judges as J1, J2, … and drops members.
    """
    result = new_id()
    opened = anonymise(bundle, names=True)
    shown = standings(opened)
    number = await fetchval(
        INSERT_SQL, result, event, canonical(bundle).decode(), made.bundle_sha256, _json(made).decode(),
        canonical(opened).decode(), shown.bundle_sha256, _json(shown).decode(), by, at,
    )  # fmt: skip
    ids = {
        row["code"]: row["id"]
        for row in await fetch("SELECT id, code FROM entry WHERE event = $1 AND code IS NOT NULL", event)
    }
    records = rows_of(result, bundle, made, ids)
    await connection().copy_records_to_table("result_row", columns=list(COLUMNS), records=records)
    return result, number


def rows_of(result: UUID, bundle: Bundle, made: Standings, ids: Mapping[str, UUID]) -> list[tuple[Any, ...]]:
    """The rows in the order of the standings, those that did not compete last; ``ids`` are the entries' by code."""
    entries = {entry.code: entry for entry in bundle.entries}

    def record(place: int, entry: Entry, *values: Any) -> tuple[Any, ...]:
        return (
            new_id(),
            result,
            ids[entry.code],
            entry.code,
            entry.name,
            entry.organisation,
            place,
            *values,
            _keys(entry),
        )

    ranked = [
        record(
            place, entries[row.entry], row.rank, row.shared, row.guest, "competed", row.total,
            _json(row.modules).decode(), row.award or "", row.scaled or "",
        )
        for place, row in enumerate(made.rows, 1)
    ]  # fmt: skip
    others = [
        record(place, entries[out.entry], None, False, entries[out.entry].is_guest, out.status, "", "{}", "", "")
        for place, out in enumerate(made.unranked, len(ranked) + 1)
    ]
    return ranked + others


def _keys(entry: Entry) -> list[str]:
    return sorted({*keys_for_name(entry.name), *keys_for_organisation(entry.organisation)})
