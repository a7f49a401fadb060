"""Reads for the pages of nominations, one function a screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, working_days
from foundation.database import fetch
from foundation.errors import Refusal
from foundation.i18n import N_, gettext
from foundation.listing import Bind, Column, Filter, Found, Listing
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from honours.nominations.access import SOURCE, UNIT, VISIBLE
from honours.nominations.stages import LABELS, Stage
from honours.permissions import Permission
from registry.search_keys import keys_for_query


def _search(q: str, bind: Bind) -> str:
    keys = bind(keys_for_query(q))
    return f"n.search_keys @> {keys}::varchar[] OR o.search_keys @> {keys}::varchar[] OR n.number = {bind(q.strip().upper())}"


LIST = Listing(
    path="/nominations",
    select=f"n.id, n.number, n.name, n.unit_name, n.post, n.kind, n.role, n.place, n.listing, n.stage, n.submitted_at,"
    f" n.returned_due_at, h.title AS award, c.title AS cycle, c.year, g.name AS gate, {UNIT.format('o')} AS unit",
    source=SOURCE,
    search=_search,
    columns=(
        Column(key="number", title=N_("编号"), sort="n.number"),
        Column(key="name", title=N_("推荐对象"), sort="n.sort_key"),
        Column(key="unit", title=N_("推荐单位")),
        Column(key="post", title=N_("岗位")),
        Column(key="award", title=N_("奖项"), sort="h.place"),
        Column(key="cycle", title=N_("周期"), sort="c.year"),
        Column(key="gate", title=N_("初审"), sort="g.sort_key"),
        Column(key="stage", title=N_("状态"), sort="n.stage", show=lambda row: gettext(LABELS[row["stage"]])),
        Column(
            key="submitted_at", title=N_("上报时间"), sort="n.submitted_at",
            show=lambda row: f"{clock.local(row['submitted_at']):%Y-%m-%d %H:%M}" if row["submitted_at"] else "",
        ),
    ),
    filters=(
        Filter(
            key="stage", title=N_("状态"), where="n.stage = {}",
            options=lambda: [(stage.value, gettext(label)) for stage, label in ((s, LABELS[s]) for s in Stage)],
        ),
        Filter(
            key="role", title=N_("方式"), where="n.role = {}",
            options=lambda: [("principal", gettext("正选")), ("substitute", gettext("递补"))],
        ),
        Filter(
            key="listing", title=N_("常规或单列"), where="n.listing = {}",
            options=lambda: [("regular", gettext("常规")), ("separate", gettext("单列"))],
        ),
        Filter(key="award", title=N_("奖项"), where="n.award = {}", convert=UUID),
        Filter(key="cycle", title=N_("周期"), where="n.cycle = {}", convert=UUID),
        Filter(key="county", title=N_("县市区"), where="n.first_gate = {}", convert=UUID),
    ),
    order="n.made_at DESC, n.id",
)  # fmt: skip


async def listed(actor: Actor, query: Mapping[str, Any]) -> Found:
    """A page of the officers' list: what the actor sees, searched, filtered, sorted."""
    return await LIST.fetch(LIST.ask(query), VISIBLE, list(Permission.SEE_NOMINATIONS.scope(actor)))


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An award that may be nominated for now, with what is left of the time."""

    award: UUID
    title: str
    title_en: str
    kind: str
    cycle: UUID
    cycle_title: str
    due_at: datetime | None
    days_left: int | None
    """Working days, today counted; None where the calendar does not hold the year."""
    mine: int
    """How many nominations of ours stand for it."""


OFFERS_SQL = """
SELECT DISTINCT ON (c.year, c.title, a.place, h.code) a.id AS award, h.title, h.title_en, h.kind, c.id AS cycle,
       c.title AS cycle_title, c.unit_due_at AS due_at, c.year,
       (SELECT count(*) FROM nomination n JOIN organisation o ON o.id = n.organisation
        WHERE n.award = a.id AND o.ancestors && $1::uuid[] AND n.stage NOT IN ('withdrawn', 'abandoned')) AS mine
FROM cycle c JOIN cycle_award a ON a.cycle = c.id JOIN honour h ON h.id = a.honour
JOIN organisation s ON s.id = ANY($1::uuid[]) AND c.organisation = ANY(s.ancestors)
WHERE c.stage = 'open' ORDER BY c.year DESC, c.title, a.place, h.code
"""


async def offers(actor: Actor) -> list[Offer]:
    """What is open to the actor's units."""
    rows = await fetch(OFFERS_SQL, list(Permission.NOMINATE.scope(actor)))
    left: dict[datetime, int | None] = {}
    for row in rows:
        if row["due_at"] is not None and row["due_at"] not in left:
            left[row["due_at"]] = await days_left(row["due_at"])
    return [
        Offer(
            award=row["award"], title=row["title"], title_en=row["title_en"], kind=row["kind"], cycle=row["cycle"],
            cycle_title=row["cycle_title"], due_at=row["due_at"], mine=row["mine"],
            days_left=left[row["due_at"]] if row["due_at"] is not None else None,
        )
        for row in rows
    ]  # fmt: skip


async def days_left(due: datetime) -> int | None:
    """Working days from tomorrow to the day that something is due, 0 on the last one; None where no calendar tells."""
    today, last = await clock.today(), clock.local(due).date()
    try:
        calendar = await clock.calendar(set(range(today.year, last.year + 1)) or {today.year})
        return max(0, working_days.working_days_between(today, last, calendar) - (today <= last and working_days.is_working_day(today, calendar)))  # fmt: skip
    except Refusal:
        return None


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One of the unit's nominations in its list."""

    id: UUID
    number: str
    name: str
    unit_name: str
    award: str
    award_en: str
    cycle: str
    role: str
    place: int
    stage: str
    due_at: datetime | None
    returned_for: str
    submitted_at: datetime | None


OWN_SQL = """
SELECT n.id, coalesce(n.number, '') AS number, n.name, n.unit_name, h.title AS award, h.title_en AS award_en, c.title AS cycle,
       n.role, n.place, n.stage, CASE WHEN n.stage = 'returned' THEN n.returned_due_at WHEN n.stage = 'draft' THEN c.unit_due_at END AS due_at,
       n.submitted_at, CASE WHEN n.stage = 'returned' THEN (SELECT g.opinion FROM gate_opinion g WHERE g.nomination = n.id
       AND g.action = 'return' ORDER BY g.made_at DESC LIMIT 1) ELSE '' END AS returned_for
FROM nomination n JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = n.cycle
JOIN organisation o ON o.id = n.organisation
WHERE o.ancestors && $1::uuid[]
ORDER BY array_position(ARRAY['returned', 'draft']::varchar[], n.stage), c.year DESC, h.place, n.role, n.place, n.id LIMIT 300
"""


async def own(actor: Actor) -> list[Own]:
    """The unit's nominations: returned first, then drafts, then what was handed in."""
    rows = await fetch(OWN_SQL, list(Permission.NOMINATE.scope(actor)))
    return [Own(**{**dict(row), "returned_for": row["returned_for"] or ""}) for row in rows]


def returned_count(actor: Actor) -> Count:
    """How many nominations were returned to the unit: the side bar's number."""
    return Count(
        sql="SELECT count(*) FROM nomination n JOIN organisation o ON o.id = n.organisation"
        " WHERE n.stage = 'returned' AND o.ancestors && $1::uuid[]",
        values=(list(Permission.NOMINATE.scope(actor)),),
    )


OPINIONS_SQL = """
SELECT g.gate, g.action, g.opinion, g.signed_by, g.due_at, g.made_at, coalesce(a.name, '') AS maker, coalesce(o.name, '') AS union_name
FROM gate_opinion g LEFT JOIN account a ON a.id = g.made_by LEFT JOIN organisation o ON o.id = g.organisation
WHERE g.nomination = $1 ORDER BY g.made_at, g.id
"""


async def opinions_of(nomination: UUID) -> list[Any]:
    """What every level said, the oldest first (H33)."""
    return await fetch(OPINIONS_SQL, nomination)


DUE_SQL = """
SELECT * FROM (
  SELECT DISTINCT ON (x.nomination, x.department) x.id, x.nomination, x.department, x.asked_on, x.opinion, x.valid_until,
         n.name, n.number, n.stage, o.id AS organisation, h.title AS award,
         CASE WHEN x.opinion = '' THEN 'waiting' WHEN x.opinion <> 'agree' THEN 'negative'
              WHEN x.valid_until < $2 THEN 'expired' WHEN x.valid_until <= $2 + 30 THEN 'expiring' ELSE 'agreed' END AS standing
  FROM clearance x JOIN nomination n ON n.id = x.nomination JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award
  JOIN honour h ON h.id = a.honour JOIN organisation o ON o.id = n.organisation JOIN organisation g ON g.id = n.first_gate
  WHERE (o.ancestors && $1::uuid[] OR g.ancestors && $1::uuid[] OR c.organisation = ANY($1::uuid[]))
    AND n.stage IN ('draft', 'returned', 'county', 'county_notice', 'city', 'selected', 'reserved', 'noticed')
  ORDER BY x.nomination, x.department, x.asked_on DESC, x.id DESC
) y WHERE standing <> 'agreed' AND ($3 = '' OR standing = $3)
ORDER BY array_position(ARRAY['negative', 'expired', 'expiring', 'waiting'], standing), coalesce(valid_until, asked_on), name
LIMIT 500
"""
STANDINGS: dict[str, str] = {
    "unasked": N_("未发函"),
    "waiting": N_("等答复"),
    "negative": N_("不同意"),
    "expired": N_("已过期"),
    "expiring": N_("快到期"),
    "agreed": N_("同意"),
}
"""Where a department's opinion stands."""


async def due_clearances(actor: Actor, standing: str = "") -> list[Any]:
    """到期清单: what departments owe, what is expired or will be within 30 days, what says no; within the officer's scope."""
    wanted = standing if standing in STANDINGS else ""
    return await fetch(DUE_SQL, list(Permission.KEEP_CLEARANCES.scope(actor)), await clock.today(), wanted)


def overdue_count(actor: Actor) -> Count:
    """How many clearances are expired or negative: the side bar's number."""
    return Count(
        sql="SELECT count(*) FROM (SELECT DISTINCT ON (x.nomination, x.department) x.opinion, x.valid_until FROM clearance x"
        " JOIN nomination n ON n.id = x.nomination JOIN cycle c ON c.id = n.cycle JOIN organisation o ON o.id = n.organisation"
        " JOIN organisation g ON g.id = n.first_gate"
        " WHERE (o.ancestors && $1::uuid[] OR g.ancestors && $1::uuid[] OR c.organisation = ANY($1::uuid[]))"
        " AND n.stage IN ('county', 'county_notice', 'city', 'selected', 'reserved', 'noticed')"
        f" ORDER BY x.nomination, x.department, x.asked_on DESC, x.id DESC) y WHERE y.opinion IN ('reserved', 'disagree')"
        f" OR y.valid_until < ({clock.NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::date",
        values=(list(Permission.KEEP_CLEARANCES.scope(actor)),),
    )
