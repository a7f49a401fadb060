"""Reads for the screens about cycles: the list, figures for each county, receivers of places, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, working_days
from foundation.database import fetch
from foundation.errors import Refusal
from foundation.i18n import N_, gettext
from foundation.i18n import gettext as _
from foundation.listing import Column, Filter, Listing
from foundation.web.policy import Actor
from honours.catalogue.rules import LEVELS
from honours.cycles.queries import CycleView
from honours.cycles.rules import STAGES, CycleStage
from honours.permissions import Permission

SCOPE = (
    "(SELECT o.ancestors && m.mine OR c.stage <> 'draft' AND EXISTS (SELECT 1 FROM organisation s"
    " WHERE s.id = ANY(m.mine) AND c.organisation = ANY(s.ancestors)) FROM (SELECT {}::uuid[] AS mine) m)"
)
"""Own unions' cycles, and those that the unions above opened; a draft is nobody else's."""

LIST = Listing(
    path="/honours/cycles",
    select="c.id, c.code, c.title, c.year, c.level, c.stage, c.opens_on, c.unit_due_at, c.county_due_at, o.name AS union_name,"
    " (SELECT count(*) FROM nomination n WHERE n.cycle = c.id AND n.submitted_at IS NOT NULL) AS handed_in,"
    " (SELECT coalesce(sum(a.places), 0) FROM cycle_award a WHERE a.cycle = c.id) AS places",
    source="cycle c JOIN organisation o ON o.id = c.organisation",
    search=lambda q, bind: f"(c.title ILIKE '%' || {bind(q.replace('%', '').replace('_', ''))} || '%' OR c.code = {bind(q)})",
    columns=(
        Column(key="title", title=N_("评选周期"), sort="c.title"), Column(key="year", title=N_("年度"), sort="c.year", number=True),
        Column(key="level", title=N_("级别"), show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="places", title=N_("名额"), number=True), Column(key="handed_in", title=N_("已上报"), number=True),
        Column(key="stage", title=N_("状态"), show=lambda row: gettext(STAGES[row["stage"]])),
    ),
    filters=(
        Filter(key="level", title=N_("级别"), where="c.level = {}", options=lambda: [(v, gettext(t)) for v, t in LEVELS.items()]),
        Filter(key="stage", title=N_("状态"), where="c.stage = {}", options=lambda: [(v, gettext(t)) for v, t in STAGES.items()]),
    ),
    order="c.year DESC, c.code",
)  # fmt: skip

FIGURES_SQL = """
SELECT g.id, g.name, q.places, coalesce(f.drafts, 0) AS drafts, coalesce(f.handed_in, 0) AS handed_in,
       coalesce(f.returned, 0) AS returned, coalesce(f.waiting, 0) AS waiting, coalesce(f.accepted, 0) AS accepted,
       coalesce(f.out, 0) AS out
FROM organisation g
LEFT JOIN (SELECT q.organisation, sum(q.places - q.cancelled) AS places FROM quota q JOIN cycle_award a ON a.id = q.award
           WHERE a.cycle = $1 GROUP BY q.organisation) q ON q.organisation = g.id
LEFT JOIN (SELECT n.first_gate, count(*) FILTER (WHERE n.stage = 'draft') AS drafts,
                  count(*) FILTER (WHERE n.submitted_at IS NOT NULL) AS handed_in,
                  count(*) FILTER (WHERE n.stage = 'returned') AS returned,
                  count(*) FILTER (WHERE n.stage IN ('county', 'county_notice')) AS waiting,
                  count(*) FILTER (WHERE n.stage IN ('city', 'selected', 'reserved', 'noticed', 'forwarded', 'honoured',
                                                     'not_conferred')) AS accepted,
                  count(*) FILTER (WHERE n.stage IN ('rejected', 'withdrawn', 'abandoned', 'disqualified')) AS out
           FROM nomination n JOIN organisation u ON u.id = n.organisation
           WHERE n.cycle = $1 AND u.ancestors && $2::uuid[] GROUP BY n.first_gate) f ON f.first_gate = g.id
WHERE (q.places IS NOT NULL OR f.handed_in IS NOT NULL) AND (g.ancestors && $2::uuid[] OR f.handed_in IS NOT NULL)
ORDER BY g.region, g.sort_key, g.id
"""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One county's figures in a cycle; ``places`` None: no quota."""

    id: UUID
    name: str
    places: int | None
    drafts: int
    handed_in: int
    returned: int
    waiting: int
    accepted: int
    out: int


async def figures_of(actor: Actor, cycle_id: UUID) -> list[Figures]:
    """Figures by first gate, of what the actor may see: a county its own, the running union all. One statement."""
    rows = await fetch(FIGURES_SQL, cycle_id, list(Permission.SEE_NOMINATIONS.scope(actor)))
    return [Figures(**{**dict(row), "places": None if row["places"] is None else int(row["places"])}) for row in rows]


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """A union that may get places: counties and industry unions below the running one, and itself for units directly under it."""

    id: UUID
    code: str
    name: str
    members: int


async def receivers_of(cycle: CycleView) -> list[Receiver]:
    """In the order of their region codes; ``members`` are the registry's, of the whole branch. One statement."""
    rows = await fetch(
        "SELECT o.id, o.region, o.kind, coalesce(nullif(o.short_name, ''), o.name) AS name, coalesce(m.members, 0) AS members"
        " FROM organisation o LEFT JOIN LATERAL (SELECT sum(b.member_count) AS members FROM organisation b"
        "   WHERE b.ancestors @> ARRAY[o.id] AND b.closed_at IS NULL) m ON o.id <> $1"
        " WHERE (o.id = $1 OR o.parent = $1 AND o.kind IN ('county', 'industry')) AND o.closed_at IS NULL"
        " ORDER BY o.id = $1, o.kind = 'industry', o.region, o.sort_key, o.id",
        cycle.organisation,
    )
    direct = _("直属单位")
    return [
        Receiver(
            id=row["id"], name=row["name"] if row["id"] != cycle.organisation else f"{row['name']}（{direct}）",
            code=row["region"] if row["kind"] == "county" else f"{row['region']}-{n:02}", members=int(row["members"]),
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip


async def former_cycles(actor: Actor) -> list[tuple[str, str]]:
    """Cycles whose rules may be copied, the newest first, as (id, title)."""
    scope = list(Permission.SEE_CATALOGUE.scope(actor))
    rows = await fetch(
        "SELECT c.id, c.title FROM cycle c JOIN organisation o ON o.id = c.organisation WHERE o.ancestors && $1::uuid[]"
        " ORDER BY c.year DESC, c.code LIMIT 60",
        scope,
    )
    return [(str(row["id"]), row["title"]) for row in rows]


async def running_unions(actor: Actor) -> list[tuple[str, str]]:
    """Unions that the actor may run a cycle for."""
    rows = await fetch(
        "SELECT id, name FROM organisation WHERE ancestors && $1::uuid[] AND kind IN ('city', 'county', 'industry')"
        " AND closed_at IS NULL ORDER BY kind = 'city' DESC, region, sort_key LIMIT 100",
        list(Permission.RUN_CYCLE.scope(actor)),
    )
    return [(str(row["id"]), row["name"]) for row in rows]


async def timeline(cycle: CycleView, notice_days: int, figures: Sequence[Figures]) -> list[dict[str, Any]]:
    """The gates of a cycle as steps: where it stands, until when, how many working days are left (H30, H32)."""
    today = await clock.today()
    order = [
        CycleStage.DRAFT,
        CycleStage.OPEN,
        CycleStage.REVIEW,
        CycleStage.NOTICED,
        CycleStage.DECIDED,
        CycleStage.PUBLISHED,
    ]
    at = order.index(CycleStage(cycle.stage)) if cycle.stage != CycleStage.CANCELLED else -1
    unit, county = (clock.local(d).date() if d else None for d in (cycle.unit_due_at, cycle.county_due_at))
    left = await _days_left(today, unit, county)
    told = _("已上报 %(n)s 件", n=sum(row.handed_in for row in figures))

    def due(day: date | None) -> str:
        if day is None:
            return _("未定")
        said = _("%(m)s月%(d)s日", m=day.month, d=day.day)
        return f"{said} · " + _("剩 %(n)s 个工作日", n=left[day]) if day in left and at == 1 else said

    steps = [
        (_("单位申报"), 1, f"{due(unit)} · {told}" if at >= 1 else due(unit)),
        (_("县区初审"), 1, due(county)),
        (_("市级复审"), 2, ""),
        (_("市级公示"), 3, _("%(n)s 个工作日", n=notice_days)),
        (_("表彰决定"), 4, ""),
        (_("公布荣誉册"), 5, ""),
    ]
    states = ["done" if at > n else "current" if at == n else "todo" for _label, n, _note in steps]
    if at == 1 and unit and today <= unit:
        states[1] = "todo"
    elif at == 1:
        states[0] = "done"
    if at < 0:
        states = ["stopped", *["todo"] * 5]
    return [{"label": s[0], "state": state, "note": s[2]} for s, state in zip(steps, states, strict=True)]


async def _days_left(today: date, *days: date | None) -> dict[date, int]:
    """Working days from today to each day, both counted; nothing where a year's calendar is missing (H32)."""
    wanted = [day for day in days if day and day >= today]
    if not wanted:
        return {}
    years = {today.year, *(day.year for day in wanted)}
    try:
        held = await clock.calendar(years)
        return {day: working_days.working_days_between(today, day, held, years=years) for day in wanted}
    except Refusal:
        return {}


async def runs(actor: Actor, cycle: CycleView) -> bool:
    """Whether the actor runs this very cycle, not only some other."""
    return bool(
        await fetch(
            "SELECT 1 FROM organisation WHERE id = $1 AND ancestors && $2::uuid[]",
            cycle.organisation,
            list(Permission.RUN_CYCLE.scope(actor)),
        )
    )
