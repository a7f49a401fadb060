"""Reads about competitions and events. Fetching is authorising: what lies outside the actor's scope is not found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from competitions.permissions import Permission
from competitions.scoring.bundle import Rules
from foundation.database import fetchrow
from foundation.errors import NotFound
from foundation.web.policy import Actor

EVENT_SQL = """
SELECT e.id, e.code, e.title, e.stage, e.kind, e.team_min, e.team_max, e.entries_per_unit, e.min_age, e.occupation,
       e.registration_opens_at, e.registration_closes_at, e.starts_at, e.ends_at, e.venue, e.external, e.live_public,
       e.frozen_at, e.rule_set, e.version, c.id AS competition, c.code AS competition_code,
       c.title AS competition_title, c.stage AS competition_stage, c.organiser, c.region
FROM event e
JOIN competition c ON c.id = e.competition
JOIN organisation o ON o.id = c.organiser
WHERE e.id = $1 AND (o.ancestors && $2::uuid[] OR e.id = ANY($3::uuid[]))
"""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """An event with what every screen about it needs of its competition."""

    id: UUID
    code: str
    title: str
    stage: str
    kind: str
    team_min: int
    team_max: int
    entries_per_unit: int
    min_age: int
    occupation: str
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    venue: str
    external: bool
    live_public: bool
    frozen_at: datetime | None
    rule_set: UUID | None
    version: int
    competition: UUID
    competition_code: str
    competition_title: str
    competition_stage: str
    organiser: UUID
    region: str


async def event_for(actor: Actor, event_id: UUID, permission: Permission, *, lock: bool = False) -> EventView:
    """The event where ``actor`` has ``permission``: through an organisation that organises it (or one above), or by a
    role held in the event itself. Raises ``NotFound``. With ``lock``, the event's row is held for the transaction.
    """
    scope, events = permission.scope(actor), actor.events_as(*permission.roles)
    sql = EVENT_SQL + ("FOR UPDATE OF e" if lock else "")
    row = await fetchrow(sql, event_id, list(scope), list(events))
    if row is None:
        raise NotFound
    return EventView(**dict(row))


async def rules_of(event_id: UUID) -> Rules | None:
    """The rules in force of an event; None where none were written yet."""
    row = await fetchrow("SELECT s.rules FROM rule_set s JOIN event e ON e.rule_set = s.id WHERE e.id = $1", event_id)
    return None if row is None else msgspec.json.decode(row["rules"], type=Rules)
