"""审核待办: the nominations at an officer's gates, by deadline; the page of one as its reviewers see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.database import fetch, transaction
from foundation.i18n import N_, gettext
from foundation.listing import Asked, Bind, Column, Filter, Found, Listing, export
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from honours.nominations import stages
from honours.nominations.stages import Stage
from honours.permissions import Permission
from honours.review import showing
from registry.codes.job_categories import JOB_CATEGORIES
from registry.search_keys import keys_for_query

PATH = "/honours/review"
DUE = "CASE WHEN n.stage IN ('county', 'county_notice') THEN c.county_due_at WHEN n.stage = 'returned' THEN n.returned_due_at END"
SCOPE = "(g.ancestors && {0}::uuid[] OR c.organisation = ANY({0}::uuid[])) AND n.stage <> 'draft'"
OBJECTIONS = """(SELECT count(DISTINCT x.id) FROM notice_subject s JOIN notice_objection x ON x.notice = s.notice
  AND (x.subject IS NULL OR x.subject = s.id) WHERE s.source = n.id AND x.stage <> 'told')"""
SHOWN_STAGES = [one for one in Stage if one is not Stage.DRAFT]


def _search(q: str, bind: Bind) -> str:
    keys = bind(keys_for_query(q))
    return f"n.search_keys @> {keys}::varchar[] OR o.search_keys @> {keys}::varchar[] OR n.number = {bind(q.upper())}"


def _minute(value: Any) -> str:
    return f"{clock.local(value):%Y-%m-%d %H:%M}" if value else ""


LIST = Listing(
    path=PATH,
    select=f"n.id, n.number, n.name, n.unit_name, n.post, n.kind, n.category, n.role, n.place, n.listing, n.stage, n.version,"
    f" n.submitted_at, {DUE} AS due, h.title AS award, h.title_en AS award_en, c.title AS cycle, g.name AS gate,"
    f" n.first_gate, c.organisation AS running, {OBJECTIONS} AS objections",
    source="nomination n JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour"
    " JOIN organisation o ON o.id = n.organisation JOIN organisation g ON g.id = n.first_gate",
    search=_search,
    columns=(
        Column(key="due", title=N_("截止"), sort=DUE, show=lambda row: _minute(row["due"])),
        Column(key="number", title=N_("编号"), sort="n.number"),
        Column(key="name", title=N_("推荐对象"), sort="n.sort_key"),
        Column(key="unit_name", title=N_("单位"), sort="o.sort_key"),
        Column(key="post", title=N_("岗位")),
        Column(key="award", title=N_("奖项"), sort="h.place"),
        Column(key="gate", title=N_("推荐地"), sort="g.sort_key"),
        Column(key="category", title=N_("类别"), sort="n.category", show=lambda row: showing.category(row["category"])),
        Column(key="role", title=N_("次序"), sort="n.role, n.place", show=lambda row: gettext("正选") if row["role"] == "principal" else gettext("递补")),
        Column(key="stage", title=N_("状态"), sort="n.stage", show=lambda row: gettext(stages.LABELS[row["stage"]])),
        Column(key="submitted_at", title=N_("上报时间"), sort="n.submitted_at", show=lambda row: _minute(row["submitted_at"])),
    ),
    filters=(
        Filter(key="view", title=N_("范围"), conditions={"todo": "true", "all": "true"}, default="todo",
               options=lambda: [("todo", gettext("待办")), ("all", gettext("全部"))]),
        Filter(key="award", title=N_("奖项"), where="n.award = {}", convert=UUID),
        Filter(key="county", title=N_("推荐地"), where="n.first_gate = {}", convert=UUID),
        Filter(key="stage", title=N_("状态"), where="n.stage = {}",
               options=lambda: [(one.value, gettext(stages.LABELS[one])) for one in SHOWN_STAGES]),
        Filter(key="category", title=N_("类别"), where="n.category = {}",
               options=lambda: [(code, showing.category(code)) for code in JOB_CATEGORIES]),
    ),
    order=f"{DUE} NULLS LAST, n.submitted_at NULLS LAST, n.id",
)  # fmt: skip

MINE = "(n.stage IN ('county', 'county_notice') AND n.first_gate = ANY({0}::uuid[]) OR n.stage = 'city' AND c.organisation = ANY({0}::uuid[]))"
"""What waits for this officer's own union: the first gate's at its review, the running union's at the last."""


def list_for() -> Listing:
    """The list without what is only ever a default."""
    return LIST


def _scope(actor: Actor, asked: Asked) -> tuple[str, Any]:
    where = f"{SCOPE} AND {MINE}" if asked.values.get("view") == "todo" else SCOPE
    return where, list(Permission.REVIEW_FIRST.scope(actor))


async def listed(actor: Actor, query: Mapping[str, Any]) -> tuple[Found, list[int | None]]:
    """A page of the list, and the working days left of each row's deadline."""
    asked = LIST.ask(query)
    found = await LIST.fetch(asked, *_scope(actor, asked))
    return found, await showing.days_left_of([row["due"] for row in found.rows])


async def exported(actor: Actor, query: Mapping[str, Any]) -> bytes:
    """The whole list as asked, as an xlsx: no ID number, no phone."""
    asked = LIST.ask(query)
    async with transaction():
        await trail.record(
            actor, "nomination.list_exported", "organisation", actor.organisation, {"filters": dict(asked.values)}
        )
        return await export(LIST, asked, *_scope(actor, asked), sheet=gettext("审核名单"))


async def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """The awards and the counties that the filters offer, those in reach."""
    scope = list(Permission.REVIEW_FIRST.scope(actor))
    rows = await fetch(
        "SELECT DISTINCT a.id AS award, h.title, c.title AS cycle, g.id AS gate, g.name, g.sort_key"
        f" FROM {LIST.source} WHERE {SCOPE.format('$1')} ORDER BY c.title, h.title, g.sort_key LIMIT 400",
        scope,
    )
    awards = dict.fromkeys((str(row["award"]), f"{row['title']} · {row['cycle']}") for row in rows)
    gates = dict.fromkeys((str(row["gate"]), row["name"]) for row in rows)
    return {"award": [("", gettext("全部")), *awards], "county": [("", gettext("全部")), *gates]}


def waiting(actor: Actor) -> Count:
    """The number beside the side bar's entry."""
    return Count(
        sql=f"SELECT count(*) FROM nomination n JOIN cycle c ON c.id = n.cycle WHERE {MINE.format('$1')}",
        values=[list(Permission.REVIEW_FIRST.scope(actor))],
    )


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What this officer may do with this nomination now; the operations decide again."""

    actions: frozenset[str]
    gate: str


def standing(actor: Actor, row: Any) -> Standing:
    """The actions of the move table that are this officer's here, those that pages of other parts do left out."""
    from honours.nominations.access import may_act

    stage = Stage(row["stage"])
    allowed = {
        action for (at, action), (_to, permission) in stages.MOVES.items()
        if at is stage and permission.allows(actor) and permission is not Permission.NOMINATE and may_act(actor, row, permission)
    }  # fmt: skip
    hidden = {"open_notice", "take_back", "abandon"}
    if row["conferred_here"] or stage is not Stage.FORWARDED:
        hidden |= {"honour"}
    if row["conferred_here"]:
        hidden |= {"forward"}
    return Standing(actions=frozenset(allowed - hidden), gate=showing.gate_of(stage))
