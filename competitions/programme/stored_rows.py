"""The rows of an imported bundle: entries with their members, panels with their seats, marks, adjustments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from competitions.scoring.bundle import Adjustment, Bundle, Entry, Mark, given
from foundation.database import connection, fetch
from foundation.database.columns import new_id
from foundation.web.policy import Actor
from registry.search_keys import keys_for_name

AGAIN = "再次导入"
"""The reason that stands beside what a repeated import changed."""
_OPTIONAL: dict[str, Any] = {"status": "competed", "guest": False, "members": (), "values": {}}
Seats = Mapping[tuple[str, str], UUID]
"""(aspect, judge's code) → the seat that marks it."""

UPSERT_ENTRIES_SQL = """
INSERT INTO entry (id, event, code, name, organisation_name, entry_group, stage, status, guest, entry_values,
                   bundle_extra, search_keys, decided_by, decided_at, made_by, made_at)
SELECT r.id, $2, r.code, r.name, r.organisation, r.entry_group, 'accepted', r.status, r.guest, r.entry_values,
       r.bundle_extra, r.search_keys, $3, $4, $3, $4
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, code varchar, name varchar, organisation varchar, entry_group varchar,
     status varchar, guest boolean, entry_values text, bundle_extra text, search_keys varchar[])
ON CONFLICT (event, code) DO UPDATE SET name = excluded.name, organisation_name = excluded.organisation_name,
    entry_group = excluded.entry_group, stage = 'accepted', status = excluded.status, guest = excluded.guest,
    entry_values = excluded.entry_values, bundle_extra = excluded.bundle_extra, search_keys = excluded.search_keys,
    version = entry.version + 1
RETURNING code, id
"""


def stated_fields(entry: Entry) -> list[str]:
    """Which optional fields an entry writes out though they hold their default: remembered for the export."""
    return [name for name, default in _OPTIONAL.items() if getattr(entry, name) == default]


async def store_entries(actor: Actor, event: UUID, entries: Sequence[Entry], now: datetime) -> dict[str, UUID]:
    """Insert or renew the entries; those that the file does not hold are withdrawn. Returns code → id."""
    rows = [
        {
            "id": new_id(),
            "code": entry.code,
            "name": entry.name,
            "organisation": entry.organisation,
            "entry_group": given(entry.group, None),
            "status": entry.state,
            "guest": entry.is_guest,
            "entry_values": msgspec.json.encode(entry.figures).decode(),
            "bundle_extra": msgspec.json.encode({"stated": stated_fields(entry)}).decode(),
            "search_keys": keys_for_name(entry.name),
        }
        for entry in entries
    ]
    stored = await fetch(UPSERT_ENTRIES_SQL, msgspec.json.encode(rows).decode(), event, actor.account, now)
    ids = {row["code"]: row["id"] for row in stored}
    await fetch(
        "UPDATE entry SET stage = 'withdrawn', version = version + 1"
        " WHERE event = $1 AND stage = 'accepted' AND NOT id = ANY($2::uuid[])",
        event,
        list(ids.values()),
    )
    await _store_members(event, entries, ids)
    return ids


async def _store_members(event: UUID, entries: Sequence[Entry], ids: Mapping[str, UUID]) -> None:
    await fetch("DELETE FROM entry_member m USING entry n WHERE n.id = m.entry AND n.event = $1", event)
    competition = (await fetch("SELECT competition FROM event WHERE id = $1", event))[0]["competition"]
    await connection().copy_records_to_table(
        "entry_member",
        columns=["id", "entry", "competition", "name", "role", "place", "active", "snapshot"],
        records=[
            (new_id(), ids[entry.code], competition, name, "competitor", place, True, "{}")
            for entry in entries
            for place, name in enumerate(given(entry.members, ()))
        ],
    )


def judged_together(bundle: Bundle) -> dict[tuple[str, ...], list[str]]:
    """The panels that the marks show: aspects marked by the same judges → those judges, in the order of the rules."""
    judges: dict[str, set[str]] = {a.code: set() for module in bundle.event.rules.modules for a in module.aspects}
    for mark in bundle.marks:
        judges[mark.aspect].add(mark.judge)
    groups: dict[frozenset[str], list[str]] = {}
    for aspect, marked_by in judges.items():
        groups.setdefault(frozenset(marked_by), []).append(aspect)
    return {tuple(aspects): sorted(marked_by) for marked_by, aspects in groups.items()}


async def store_panels(event: UUID, bundle: Bundle, now: datetime) -> Seats:
    """Make the panels and seats that the marks show, keeping those that a file before already showed.

    The seats' sheets are signed: what a file brings was handed in long ago, and only a correction changes it.
    """
    kept = {
        frozenset(row["aspects"]): row["id"]
        for row in await fetch("SELECT id, aspects FROM panel WHERE event = $1", event)
    }
    groups = judged_together(bundle)
    panels = {aspects: kept.get(frozenset(aspects)) or new_id() for aspects in groups}
    await fetch(
        "UPDATE panel SET aspects = '{}' WHERE event = $1 AND NOT id = ANY($2::uuid[])", event, list(panels.values())
    )
    await connection().executemany(
        "INSERT INTO panel (id, event, title, aspects, place) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (id) DO UPDATE SET place = excluded.place",
        [(panels[a], event, f"评分组 {place}", list(a), place) for place, a in enumerate(groups, 1)],
    )
    await fetch("UPDATE seat SET vacated_at = $2 WHERE event = $1 AND vacated_at IS NULL", event, now)
    await connection().executemany(
        "INSERT INTO seat (id, panel, event, code, name, sheet_state, signed_at, made_at)"
        " VALUES ($1, $2, $3, $4, $4, 'signed', $5, $5) ON CONFLICT (panel, code) DO UPDATE SET vacated_at = NULL",
        [(new_id(), panels[aspects], event, judge, now) for aspects, seated in groups.items() for judge in seated],
    )
    seats = await fetch("SELECT id, panel, code FROM seat WHERE event = $1", event)
    aspects_of = {panel: aspects for aspects, panel in panels.items()}
    return {(aspect, row["code"]): row["id"] for row in seats for aspect in aspects_of.get(row["panel"], ())}


async def store_marks(
    event: UUID, marks: Sequence[Mark], entries: Mapping[str, UUID], seats: Seats, now: datetime
) -> None:
    """Insert the marks in bulk: version 1 of what is new, the next version of what differs or is no longer there."""
    wanted = {(seats[m.aspect, m.judge], entries[m.entry], m.aspect): m.value for m in marks}
    newest = await fetch(
        "SELECT DISTINCT ON (seat, entry, aspect) seat, entry, aspect, version, value FROM mark WHERE event = $1"
        " ORDER BY seat, entry, aspect, version DESC",
        event,
    )
    before = {(row["seat"], row["entry"], row["aspect"]): (row["version"], row["value"]) for row in newest}
    written = [(place, before.get(place, (0, None)), value) for place, value in wanted.items()]
    written += [(place, known, None) for place, known in before.items() if place not in wanted]
    await connection().copy_records_to_table(
        "mark",
        columns=["event", "seat", "entry", "aspect", "version", "value", "amount", "reason", "marked_at"],
        records=[
            (
                event,
                *place,
                version + 1,
                value,
                None if value is None else Decimal(value),
                AGAIN if version else "",
                now,
            )
            for place, (version, old), value in written
            if value != old
        ],
    )


async def store_adjustments(
    actor: Actor, event: UUID, changes: Sequence[Adjustment], entries: Mapping[str, UUID], now: datetime
) -> None:
    """Insert the adjustments in their order; where they differ from those that stand, those are cancelled first."""
    wanted = [(entries[change.entry], change.kind, change.value, change.reason) for change in changes]
    standing = await fetch(
        "SELECT id, entry, kind, value, reason FROM adjustment a WHERE event = $1 AND kind <> 'cancel'"
        " AND NOT EXISTS (SELECT 1 FROM adjustment c WHERE c.cancels = a.id) ORDER BY place, made_at, id",
        event,
    )
    if [tuple(row)[1:] for row in standing] == wanted:
        return
    made = (actor.account, now)
    records = [(new_id(), event, row["entry"], 0, "cancel", row["value"], AGAIN, row["id"], *made) for row in standing]
    records += [
        (new_id(), event, entry, place, kind, value, reason, None, *made)
        for place, (entry, kind, value, reason) in enumerate(wanted)
    ]
    await connection().copy_records_to_table(
        "adjustment",
        columns=["id", "event", "entry", "place", "kind", "value", "reason", "cancels", "made_by", "made_at"],
        records=records,
    )
