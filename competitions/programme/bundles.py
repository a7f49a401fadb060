"""Between the database and the event bundle (事件包): an event's bundle out of its rows, and a bundle's rows into an event.

``bundle_of`` is what standings, confirmation and export score and write; ``store_bundle`` is import. A bundle that was
stored comes out again as the same canonical bytes, since every optional field that it stated is remembered.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from competitions.programme.storing import store_bundle
from competitions.scoring.bundle import FORMAT, Adjustment, Bundle, Entry, Event, Mark, Rules
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal

__all__ = ["bundle_of", "store_bundle"]

HEAD_SQL = """
SELECT e.code, e.title, s.rules,
       (SELECT starts_with(b.canonical, '{"adjustments":') FROM imported_bundle b
        WHERE b.event = e.id ORDER BY b.number DESC LIMIT 1) AS states_adjustments
FROM event e LEFT JOIN rule_set s ON s.id = e.rule_set
WHERE e.id = $1
"""
ENTRIES_SQL = """
SELECT n.code, n.name, n.entry_group, n.status, n.guest, n.entry_values, n.bundle_extra,
       coalesce(nullif(n.organisation_name, ''), nullif(o.unit_name, ''), o.name, '') AS organisation,
       coalesce((SELECT array_agg(m.name ORDER BY m.place, m.id) FROM entry_member m
                 WHERE m.entry = n.id AND m.role = 'competitor' AND m.active), '{}') AS members
FROM entry n LEFT JOIN organisation o ON o.id = n.organisation
WHERE n.event = $1 AND n.stage = 'accepted' AND n.code IS NOT NULL
ORDER BY n.code COLLATE "C"
"""
MARKS_SQL = """
SELECT n.code AS entry, m.aspect, s.code AS judge, m.value
FROM (SELECT DISTINCT ON (seat, entry, aspect) seat, entry, aspect, value FROM mark
      WHERE event = $1 AND aspect = ANY($2::varchar[])
      ORDER BY seat, entry, aspect, version DESC) m
JOIN seat s ON s.id = m.seat AND s.vacated_at IS NULL
JOIN entry n ON n.id = m.entry AND n.stage = 'accepted' AND n.code IS NOT NULL
WHERE m.value IS NOT NULL
ORDER BY n.code COLLATE "C", m.aspect COLLATE "C", s.code COLLATE "C"
"""
ADJUSTMENTS_SQL = """
SELECT n.code AS entry, a.kind, a.value, a.reason
FROM adjustment a JOIN entry n ON n.id = a.entry AND n.stage = 'accepted' AND n.code IS NOT NULL
WHERE a.event = $1 AND a.kind <> 'cancel' AND NOT EXISTS (SELECT 1 FROM adjustment c WHERE c.cancels = a.id)
ORDER BY a.place, a.made_at, a.id
"""


async def bundle_of(event_id: UUID) -> Bundle:
    """The bundle of an event as it now stands: four queries, whatever its size.

    Holds the rules in force, the accepted entries, the newest mark of each (entry, aspect, seat) unless it was taken
    back, and the adjustments that were not cancelled. Marks of aspects that the rules no longer have are left out.
    Raises ``NotFound``, and ``Refusal`` ``no_rule_set`` where no rules were written yet.
    """
    head = await fetchrow(HEAD_SQL, event_id)
    if head is None:
        raise NotFound
    if head["rules"] is None:
        raise Refusal("no_rule_set", "该项目还没有规则集，请先编制规则")
    rules = msgspec.json.decode(head["rules"], type=Rules)
    aspects = [aspect.code for module in rules.modules for aspect in module.aspects]
    entries = tuple(_entry(row) for row in await fetch(ENTRIES_SQL, event_id))
    marks = tuple(
        Mark(entry=entry, aspect=aspect, judge=judge, value=value)
        for entry, aspect, judge, value in await fetch(MARKS_SQL, event_id, aspects)
    )
    changes = tuple(Adjustment(**dict(row)) for row in await fetch(ADJUSTMENTS_SQL, event_id))
    return Bundle(
        format=FORMAT,
        event=Event(code=head["code"], title=head["title"], rules=rules),
        entries=entries,
        marks=marks,
        adjustments=changes if changes or head["states_adjustments"] else UNSET,
    )


def _entry(row: Any) -> Entry:
    """One entry; a default is written where the imported file wrote it."""
    stated = frozenset(msgspec.json.decode(row["bundle_extra"]).get("stated", ()))
    values: dict[str, str] = msgspec.json.decode(row["entry_values"])
    group = row["entry_group"]
    return Entry(
        code=row["code"],
        name=row["name"],
        organisation=row["organisation"],
        group=UNSET if group is None else group,
        status=_stated(row["status"], "status", stated, "competed"),
        guest=_stated(row["guest"], "guest", stated, False),
        members=_stated(tuple(row["members"]), "members", stated, ()),
        values=_stated(values, "values", stated, {}),
    )


def _stated(value: Any, name: str, stated: frozenset[str], default: Any) -> Any:
    return value if value != default or name in stated else UNSET
