"""Reads about competitions and events. Fetching is authorising: what lies outside the actor's scope is not found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from competitions.permissions import Permission
from competitions.programme.rules import COMPETITION_STAGES, LEVELS, EventFacts
from competitions.scoring.bundle import Rules
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.exact.panels import wanted
from foundation.i18n import N_, gettext
from foundation.listing import Column, Filter, Listing
from foundation.web.policy import Actor
from registry.search_keys import keys_for_query

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


COMPETITION_SQL = """
SELECT c.id, c.code, c.title, c.organiser, o.name AS organiser_name, c.region, c.level, c.plan_class, c.year,
       c.starts_on, c.ends_on, c.venue, c.summary, c.stage, c.version
FROM competition c JOIN organisation o ON o.id = c.organiser
WHERE c.id = $1 AND (o.ancestors && $2::uuid[]
                     OR EXISTS (SELECT 1 FROM event e WHERE e.competition = c.id AND e.id = ANY($3::uuid[])))
"""


class CompetitionView(msgspec.Struct, frozen=True, kw_only=True):
    """A competition as its page shows it."""

    id: UUID
    code: str
    title: str
    organiser: UUID
    organiser_name: str
    region: str
    level: str
    plan_class: str
    year: int
    starts_on: date
    ends_on: date
    venue: str
    summary: str
    stage: str
    version: int


async def competition_for(
    actor: Actor, competition_id: UUID, permission: Permission, *, lock: bool = False
) -> CompetitionView:
    """The competition where ``actor`` has ``permission`` in it or in one of its events; raises ``NotFound``."""
    scope, events = permission.scope(actor), actor.events_as(*permission.roles)
    sql = COMPETITION_SQL + ("FOR UPDATE OF c" if lock else "")
    row = await fetchrow(sql, competition_id, list(scope), list(events))
    if row is None:
        raise NotFound
    return CompetitionView(**dict(row))


async def events_of(competition_id: UUID) -> Sequence[Mapping[str, Any]]:
    """The events of a competition with their counts, one query."""
    return await fetch(
        "SELECT e.id, e.code, e.title, e.stage, e.kind, e.external, e.registration_closes_at, e.starts_at,"
        " e.rule_set IS NOT NULL AS has_rules,"
        " (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'accepted') AS accepted,"
        " (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'submitted') AS waiting,"
        " (SELECT count(*) FROM seat s WHERE s.event = e.id AND s.vacated_at IS NULL) AS seats"
        " FROM event e WHERE e.competition = $1 ORDER BY e.code",
        competition_id,
    )


async def event_facts(event_id: UUID) -> EventFacts:
    """What the moves of an event are judged by, in two queries."""
    row = await fetchrow(
        "SELECT c.stage AS competition_stage, s.rules, e.registration_closes_at,"
        " (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'accepted') AS accepted,"
        " (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'submitted') AS waiting,"
        " (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage <> 'draft') AS entries,"
        " (SELECT count(*) FROM mark m WHERE m.event = e.id) AS marks"
        " FROM event e JOIN competition c ON c.id = e.competition LEFT JOIN rule_set s ON s.id = e.rule_set"
        " WHERE e.id = $1",
        event_id,
    )
    if row is None:
        raise NotFound
    rules = msgspec.json.decode(row["rules"], type=Rules) if row["rules"] else None
    needed = {a.code: wanted(a.jury) for module in rules.modules for a in module.aspects} if rules else {}
    return EventFacts(
        competition_stage=row["competition_stage"], has_rules=rules is not None, wanted=needed,
        seats=await seats_of(event_id), accepted=row["accepted"], waiting=row["waiting"], entries=row["entries"],
        marks=row["marks"], registration_closes_at=row["registration_closes_at"],
    )  # fmt: skip


async def seats_of(event_id: UUID) -> dict[str, int]:
    """How many judges are seated for each aspect that a panel marks."""
    rows = await fetch(
        "SELECT a.aspect, count(s.id) AS seats FROM panel p CROSS JOIN unnest(p.aspects) AS a(aspect)"
        " LEFT JOIN seat s ON s.panel = p.id AND s.vacated_at IS NULL WHERE p.event = $1 GROUP BY a.aspect",
        event_id,
    )
    return {row["aspect"]: row["seats"] for row in rows}


async def organisers(actor: Actor, *, also: UUID | None = None) -> list[tuple[str, str]]:
    """The union bodies that this officer may name as organiser, as (id, name)."""
    rows = await fetch(
        "SELECT id, name FROM organisation WHERE ancestors && $1::uuid[] AND closed_at IS NULL"
        " AND (kind IN ('city', 'county', 'industry') OR id = $2) ORDER BY cardinality(ancestors), sort_key, name LIMIT 300",
        list(Permission.RUN_COMPETITION.scope(actor)),
        also,
    )
    return [(str(row["id"]), row["name"]) for row in rows]


async def years(actor: Actor) -> list[int]:
    """The years of which this officer has competitions, the newest first."""
    rows = await fetch(
        "SELECT DISTINCT c.year FROM competition c JOIN organisation o ON o.id = c.organiser"
        " WHERE o.ancestors && $1::uuid[] ORDER BY c.year DESC LIMIT 40",
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    return [row["year"] for row in rows]


def _options(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(text)) for value, text in labels.items()]


LIST = Listing(
    path="/competitions",
    select="c.id, c.code, c.title, c.level, c.plan_class, c.year, c.starts_on, c.ends_on, c.stage, o.name AS organiser,"
    " (SELECT count(*) FROM event e WHERE e.competition = c.id) AS events,"
    " (SELECT count(*) FROM entry n JOIN event e ON e.id = n.event"
    " WHERE e.competition = c.id AND n.stage = 'accepted') AS entries",
    source="competition c JOIN organisation o ON o.id = c.organiser",
    search=lambda q, bind: (
        f"c.search_keys @> {bind(keys_for_query(q))}::varchar[] OR c.code ILIKE {bind('%' + q + '%')}"
    ),
    columns=(
        Column(key="title", title=N_("竞赛"), sort='c.title COLLATE "C"'),
        Column(key="code", title=N_("代号"), sort='c.code COLLATE "C"'),
        Column(key="level", title=N_("级别"), show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="plan_class", title=N_("类别")),
        Column(key="organiser", title=N_("主办单位")),
        Column(key="starts_on", title=N_("开始日期"), sort="c.starts_on"),
        Column(key="ends_on", title=N_("结束日期")),
        Column(key="events", title=N_("项目数"), number=True),
        Column(key="entries", title=N_("参赛数"), number=True),
        Column(key="stage", title=N_("状态"), show=lambda row: gettext(COMPETITION_STAGES[row["stage"]])),
    ),
    filters=(
        Filter(key="year", title=N_("年度"), where="c.year = {}", convert=int),
        Filter(key="level", title=N_("级别"), where="c.level = {}", options=lambda: _options(LEVELS)),
        Filter(key="stage", title=N_("状态"), where="c.stage = {}", options=lambda: _options(COMPETITION_STAGES)),
    ),
    order='c.starts_on DESC, c.code COLLATE "C"',
)
SCOPE = "o.ancestors && {}::uuid[]"
"""The condition of :data:`LIST` that its value, the actor's organisations, fills."""
