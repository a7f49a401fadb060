"""Reads about entries. Fetching is authorising: a unit sees its own, an officer those of the events within the scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from competitions.entries import rules
from competitions.entries.schemas import EntryLine, EntryView, EventHead, EventOffer, MemberView, WorkerChoice
from competitions.permissions import Permission
from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from foundation.working_days import working_days_between
from registry.search_keys import keys_for_query

EVENT_COLUMNS = """
e.id, e.code, e.title, e.stage, e.kind, e.team_min, e.team_max, e.entries_per_unit, e.min_age, e.external,
e.registration_opens_at, e.registration_closes_at, e.starts_at, e.venue, c.id AS competition,
c.title AS competition_title, c.region AS competition_region, g.name AS organiser_name,
coalesce((e.starts_at AT TIME ZONE 'Asia/Shanghai')::date, c.starts_on) AS held_on
"""
EVENT_FROM = "event e JOIN competition c ON c.id = e.competition JOIN organisation g ON g.id = c.organiser"
OFFERS_SQL = f"""
SELECT {EVENT_COLUMNS},
       (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.organisation = u.id
        AND n.stage = ANY($2::varchar[])) AS entered
FROM organisation u, {EVENT_FROM}
WHERE u.id = $1 AND c.organiser = ANY(u.ancestors) AND c.stage = 'open' AND e.stage = 'registration' AND NOT e.external
ORDER BY e.registration_closes_at NULLS LAST, c.title, e.title, e.id
LIMIT 200
"""
OFFERED_SQL = f"""
SELECT {EVENT_COLUMNS} FROM organisation u, {EVENT_FROM}
WHERE u.id = $1 AND c.organiser = ANY(u.ancestors) AND c.stage = 'open' AND e.stage <> 'draft' AND e.id = $2
"""
VIEW_SQL = f"""
SELECT n.id AS entry, n.code AS entry_code, n.name, n.organisation, n.stage AS entry_stage, n.status, n.return_reason,
       n.version, n.made_at, n.submitted_at, n.decided_at,
       coalesce(nullif(n.organisation_name, ''), nullif(o.unit_name, ''), o.name, '') AS organisation_name,
       coalesce(o.region, '') AS region, coalesce(s.name, '') AS submitted_by_name,
       coalesce(d.name, '') AS decided_by_name, {EVENT_COLUMNS}
FROM entry n JOIN {EVENT_FROM} ON e.id = n.event
LEFT JOIN organisation o ON o.id = n.organisation
LEFT JOIN account s ON s.id = n.submitted_by
LEFT JOIN account d ON d.id = n.decided_by
WHERE n.id = $1
"""
OURS = "EXISTS (SELECT 1 FROM organisation x WHERE x.id = {entry}.organisation AND x.ancestors && {scope}::uuid[])"
ORGANISED = (
    "EXISTS (SELECT 1 FROM event ev JOIN competition co ON co.id = ev.competition"
    " JOIN organisation og ON og.id = co.organiser WHERE ev.id = {entry}.event AND og.ancestors && {scope}::uuid[])"
)
VISIBLE = (
    f"({OURS.format(entry='n', scope='$2')} OR (n.stage <> 'draft' AND {ORGANISED.format(entry='n', scope='$3')}))"
)
MEMBERS_SQL = """
SELECT m.id, m.entry, m.worker, m.name, m.role, m.place, m.active, m.snapshot::text AS snapshot, w.name AS now_name,
       w.post, w.skill_level, coalesce(nullif(o.unit_name, ''), o.name, '') AS unit
FROM entry_member m LEFT JOIN worker w ON w.id = m.worker LEFT JOIN organisation o ON o.id = w.organisation
WHERE m.entry = ANY($1::uuid[])
ORDER BY m.entry, array_position(ARRAY['competitor', 'leader', 'coach']::varchar[], m.role), m.place, m.id
"""
LINES_SQL = f"""
SELECT n.id, n.code, n.name, n.stage, n.status, n.return_reason, n.event, e.title AS event_title, e.kind AS event_kind,
       c.title AS competition_title, n.submitted_at, n.decided_at,
       array_remove(array_agg(m.name ORDER BY m.place, m.id) FILTER (WHERE m.role = 'competitor'), NULL) AS competitors,
       array_remove(array_agg(m.name ORDER BY m.place, m.id) FILTER (WHERE m.role = 'leader'), NULL) AS leaders,
       array_remove(array_agg(m.name ORDER BY m.place, m.id) FILTER (WHERE m.role = 'coach'), NULL) AS coaches
FROM entry n JOIN event e ON e.id = n.event JOIN competition c ON c.id = e.competition
LEFT JOIN entry_member m ON m.entry = n.id AND NOT m.snapshot ? 'replaced'
WHERE {OURS.format(entry="n", scope="$1")}
GROUP BY n.id, e.id, c.id
ORDER BY array_position(ARRAY['returned', 'draft', 'submitted', 'accepted', 'rejected', 'withdrawn']::varchar[], n.stage),
         n.made_at DESC, n.id
LIMIT 500
"""
WORKERS_SQL = """
WITH found AS MATERIALIZED (
  SELECT w.id, w.name, w.post, w.skill_level, w.sort_key, coalesce(nullif(o.unit_name, ''), o.name) AS unit
  FROM worker w JOIN organisation o ON o.id = w.organisation
  WHERE o.ancestors && $1::uuid[] AND w.left_at IS NULL AND w.erased_at IS NULL AND w.merged_into IS NULL
    AND w.search_keys @> $2::varchar[])
SELECT id, name, post, skill_level, unit FROM found ORDER BY sort_key COLLATE "C", id LIMIT $3
"""


def unit_of(actor: Actor) -> UUID:
    """The organisation for which a contact registers: the account's own where the role is held there, else the first."""
    scope = Permission.REGISTER_ENTRY.scope(actor)
    if actor.organisation in scope:
        return actor.organisation  # type: ignore[return-value]  # a member of the scope is no None
    if not scope:
        raise NotFound
    return min(scope)


def _head(row: Mapping[str, Any]) -> EventHead:
    return EventHead(**{field.name: row[field.name] for field in msgspec.structs.fields(EventHead)})


async def offers(actor: Actor) -> list[EventOffer]:
    """The events that register now or soon and that the contact's unit may enter, the first to close first."""
    rows = await fetch(OFFERS_SQL, unit_of(actor), [stage.value for stage in rules.HELD])
    now, today = await clock.now(), await clock.today()
    heads = [(_head(row), row["entered"]) for row in rows]
    last_days = [clock.local(h.registration_closes_at).date() for h, _ in heads if h.registration_closes_at]
    left = await _days_left(today, [day for day in last_days if day >= today])
    made = []
    for head, entered in heads:
        closes = head.registration_closes_at
        made.append(
            EventOffer(
                event=head,
                entered=entered,
                open=not rules.closed(head.occasion, now) and not _ahead(head, now),
                closed=rules.closed(head.occasion, now),
                days_left=left.get(clock.local(closes).date()) if closes else None,
            )
        )
    return made


def _ahead(head: EventHead, now: Any) -> bool:
    return head.registration_opens_at is not None and now < head.registration_opens_at


async def days_left(event: EventHead) -> int | None:
    """Working days after today up to the closing day (H32); None once it is over, or where the calendar is not filled."""
    if event.registration_closes_at is None:
        return None
    today, day = await clock.today(), clock.local(event.registration_closes_at).date()
    return (await _days_left(today, [day])).get(day) if day >= today else None


async def _days_left(today: date, days: Sequence[date]) -> dict[date, int]:
    if not days:
        return {}
    years = set(range(today.year, max(days).year + 1))
    try:
        calendar = await clock.calendar(years)
    except Refusal:  # the screen says the date alone; only a computed deadline must not be guessed
        return {}
    return {day: working_days_between(today + timedelta(days=1), day, calendar, years=years) for day in days}


async def offered_event(unit: UUID, event: UUID) -> EventHead:
    """An event that the unit may see: organised by an organisation above it. Raises ``NotFound``."""
    row = await fetchrow(OFFERED_SQL, unit, event)
    if row is None:
        raise NotFound
    return _head(row)


async def event_head(event: UUID) -> EventHead:
    """An event by its id, for operations that have already found an entry of it."""
    row = await fetchrow(f"SELECT {EVENT_COLUMNS} FROM {EVENT_FROM} WHERE e.id = $1", event)
    if row is None:
        raise NotFound
    return _head(row)


async def organised_events(actor: Actor) -> list[tuple[str, str, int]]:
    """(id, title, waiting entries) of the events whose entries the officer decides, those with waiting ones first."""
    rows = await fetch(
        "SELECT e.id, e.title, count(n.id) FILTER (WHERE n.stage = 'submitted') AS waiting"
        " FROM event e JOIN competition c ON c.id = e.competition JOIN organisation g ON g.id = c.organiser"
        " LEFT JOIN entry n ON n.event = e.id WHERE g.ancestors && $1::uuid[] AND NOT e.external AND e.stage <> 'draft'"
        " GROUP BY e.id ORDER BY waiting DESC, e.registration_closes_at DESC NULLS LAST, e.title LIMIT 300",
        list(Permission.DECIDE_ENTRY.scope(actor)),
    )
    return [(str(row["id"]), row["title"], row["waiting"]) for row in rows]


async def entry_for(actor: Actor, entry: UUID) -> EntryView:
    """An entry of the contact's unit, or one handed in to an event that the officer organises. Raises ``NotFound``."""
    row = await fetchrow(
        f"{VIEW_SQL} AND {VISIBLE}", entry, list(Permission.REGISTER_ENTRY.scope(actor)),
        list(Permission.DECIDE_ENTRY.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    people = [_member(member) for member in await fetch(MEMBERS_SQL, [entry])]
    return EntryView(
        id=row["entry"], event=_head(row), code=row["entry_code"], name=row["name"], organisation=row["organisation"],
        organisation_name=row["organisation_name"], region=row["region"], stage=row["entry_stage"],
        status=row["status"], return_reason=row["return_reason"], version=row["version"], made_at=row["made_at"],
        submitted_at=row["submitted_at"], submitted_by_name=row["submitted_by_name"], decided_at=row["decided_at"],
        decided_by_name=row["decided_by_name"], members=tuple(m for m in people if not m.replaced),
        replaced=tuple(m for m in people if m.replaced),
    )  # fmt: skip


def _member(row: Any) -> MemberView:
    kept = msgspec.json.decode(row["snapshot"])
    frozen = "name" in kept
    replaced = kept.get("replaced") or {}
    return MemberView(
        id=row["id"],
        worker=row["worker"],
        name=row["name"],
        role=row["role"],
        place=row["place"],
        active=row["active"],
        unit=kept["unit"] if frozen else row["unit"] or "",
        post=kept["post"] if frozen else row["post"] or "",
        skill_level=kept["skill_level"] if frozen else row["skill_level"] or "",
        frozen=frozen,
        replaced_reason=replaced.get("reason", ""),
        replaced_by=replaced.get("by_name", ""),
    )


async def own_entries(actor: Actor) -> list[EntryLine]:
    """The unit's entries: what was returned first, then drafts, then the rest, the newest first."""
    rows = await fetch(LINES_SQL, list(Permission.REGISTER_ENTRY.scope(actor)))
    return [_line(dict(row)) for row in rows]


def _line(row: dict[str, Any]) -> EntryLine:
    for role in ("competitors", "leaders", "coaches"):
        row[role] = tuple(row[role] or ())
    return EntryLine(**row, editable=row["stage"] in rules.EDITABLE)


async def pick_workers(actor: Actor, q: str, *, most: int = 30) -> list[WorkerChoice]:
    """Workers in service within the contact's scope, by name, 拼音 or initials; without a question the first by name."""
    scope = list(Permission.REGISTER_ENTRY.scope(actor))
    rows = await fetch(WORKERS_SQL, scope, keys_for_query(q), most)
    return [WorkerChoice(**dict(row)) for row in rows]


def waiting_count(actor: Actor) -> Count:
    """How many entries wait for this officer: the side bar's figure."""
    return Count(
        sql=f"SELECT count(*) FROM entry n WHERE n.stage = 'submitted' AND {ORGANISED.format(entry='n', scope='$1')}",
        values=(list(Permission.DECIDE_ENTRY.scope(actor)),),
    )


def returned_count(actor: Actor) -> Count:
    """How many of the unit's entries were returned: the side bar's figure."""
    return Count(
        sql=f"SELECT count(*) FROM entry n WHERE n.stage = 'returned' AND {OURS.format(entry='n', scope='$1')}",
        values=(list(Permission.REGISTER_ENTRY.scope(actor)),),
    )
