"""报名审核: the list of handed-in entries as the organiser sees it, and its export without personal numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from competitions.entries import queries, rules
from competitions.entries.showing import county_name
from competitions.permissions import Permission
from foundation import trail
from foundation.database import fetch, transaction
from foundation.i18n import N_, gettext
from foundation.listing import Asked, Column, Filter, Found, Listing, export
from foundation.web.policy import Actor
from foundation.web.templates import show_datetime
from registry.codes.regions import COUNTIES
from registry.search_keys import keys_for_query

PATH = "/entries/review"
PEOPLE = (
    "(SELECT string_agg(m.name, '、' ORDER BY m.place, m.id) FROM entry_member m"
    " WHERE m.entry = n.id AND m.role = '{role}' AND NOT m.snapshot ? 'replaced')"
)
SCOPE = "g.ancestors && {}::uuid[] AND n.stage <> 'draft' AND NOT e.external"


def _stages() -> list[tuple[str, str]]:
    return [(str(stage), gettext(label)) for stage, label in rules.STAGES.items() if stage != rules.EntryStage.DRAFT]


def _counties() -> list[tuple[str, str]]:
    return [(code, county_name(code)) for code in COUNTIES]


LIST = Listing(
    path=PATH,
    select=(
        "n.id, n.code, n.name, n.stage, n.status, n.version, n.return_reason, n.submitted_at, n.event,"
        " e.title AS event_title, e.kind AS event_kind, coalesce(o.region, '') AS region,"
        " coalesce(nullif(n.organisation_name, ''), nullif(o.unit_name, ''), o.name, '') AS unit,"
        f" {PEOPLE.format(role='competitor')} AS competitors, {PEOPLE.format(role='leader')} AS leaders,"
        f" {PEOPLE.format(role='coach')} AS coaches"
    ),
    source=(
        "entry n JOIN event e ON e.id = n.event JOIN competition c ON c.id = e.competition"
        " JOIN organisation g ON g.id = c.organiser LEFT JOIN organisation o ON o.id = n.organisation"
    ),
    search=lambda q, bind: f"n.search_keys @> {bind(keys_for_query(q))}::varchar[]",
    columns=(
        Column(key="code", title=N_("参赛号"), sort="n.code"),
        Column(key="name", title=N_("队名或姓名"), sort="n.name"),
        Column(key="unit", title=N_("单位"), sort="unit"),
        Column(key="region", title=N_("县区"), sort="o.region", show=lambda row: county_name(row["region"])),
        Column(key="event_title", title=N_("赛项"), sort="e.title"),
        Column(key="competitors", title=N_("队员")),
        Column(key="leaders", title=N_("领队")),
        Column(key="coaches", title=N_("教练")),
        Column(key="stage", title=N_("状态"), sort="n.stage", show=lambda row: gettext(rules.STAGES[row["stage"]])),
        Column(
            key="submitted_at", title=N_("上报时间"), sort="n.submitted_at",
            show=lambda row: show_datetime(row["submitted_at"]),
        ),
    ),
    filters=(
        Filter(key="event", title=N_("赛项"), where="n.event = {}", convert=UUID),
        Filter(key="stage", title=N_("状态"), where="n.stage = {}", options=_stages),
        Filter(key="county", title=N_("县区"), where="o.region = {}", options=_counties),
    ),
    order="(n.stage = 'submitted') DESC, n.submitted_at, n.id",
)  # fmt: skip


def list_at(event: UUID | None) -> Listing:
    """The list of all events, or of one under that event's own address."""
    if event is None:
        return LIST
    kept = tuple(one for one in LIST.filters if one.key != "event")
    return msgspec.structs.replace(LIST, path=f"/events/{event}/entries", filters=kept)


def _scope(actor: Actor, event: UUID | None) -> tuple[str, Any]:
    """The condition with its one parameter; an event's id is a UUID, never text of a request."""
    within = f" AND n.event = '{event}'::uuid" if event is not None else ""
    return SCOPE + within, list(Permission.DECIDE_ENTRY.scope(actor))


async def reviewed(actor: Actor, query: Mapping[str, Any], event: UUID | None = None) -> Found:
    """A page of the list."""
    listing = list_at(event)
    return await listing.fetch(listing.ask(query), *_scope(actor, event))


async def exported(actor: Actor, query: Mapping[str, Any], event: UUID | None = None) -> bytes:
    """The whole list as asked, as an xlsx: names, units and stages, no identity number and no phone."""
    listing = list_at(event)
    asked: Asked = listing.ask(query)
    async with transaction():
        await trail.record(actor, "entry.list_exported", "event", event, {"filters": dict(asked.values)})
        return await export(listing, asked, *_scope(actor, event), sheet=gettext("报名名单"))


async def counts(actor: Actor, event: UUID | None = None) -> dict[str, int]:
    """How many entries stand in each stage."""
    condition, scope = _scope(actor, event)
    rows = await fetch(
        f"SELECT n.stage, count(*) AS count FROM {LIST.source} WHERE {condition.format('$1')} GROUP BY n.stage", scope
    )
    return {row["stage"]: row["count"] for row in rows}


async def event_choices(actor: Actor) -> list[tuple[str, str]]:
    """The events for the filter, those with waiting entries first."""
    return [
        (key, f"{title}（{waiting}）" if waiting else title)
        for key, title, waiting in await queries.organised_events(actor)
    ]
