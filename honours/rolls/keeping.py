"""Reads for officers: the ledger, one holder's honours, imports, decisions, revocations; each within the actor's reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, gettext
from foundation.listing import Column, Filter, Listing
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.rolls.public import LEVELS, _counties
from honours.rolls.revoking import ENTRY_SQL, REACH
from honours.rolls.rules import STAGES, Stage
from registry.codes import regions
from registry.search_keys import keys_for_query

STATES: Mapping[str, str] = {
    "public": N_("已公布"), "waiting": N_("待公布"), "revoked": N_("已撤销"),
}  # fmt: skip
STATE_SQL = {
    "public": "e.published_at IS NOT NULL AND e.revoked_at IS NULL", "waiting": "e.published_at IS NULL AND e.revoked_at IS NULL",
    "revoked": "e.revoked_at IS NOT NULL",
}  # fmt: skip
SOURCES: Mapping[str, str] = {"decision": N_("本系统表彰"), "import": N_("往年导入"), "record": N_("上级授予")}


def state_of(row: Any) -> str:
    """public, waiting or revoked."""
    return "revoked" if row["revoked_at"] else "public" if row["published_at"] else "waiting"


LEDGER = Listing(
    path="/honours/ledger",
    select="e.id, e.year, e.conferred_on, e.kind, e.name, e.unit_name, e.post, e.county_name, e.document_number, e.place, e.source,"
    " e.published_at, e.revoked_at, e.revoked_on, e.worker, e.organisation, h.title, h.level",
    source="roll_entry e JOIN honour h ON h.id = e.honour LEFT JOIN organisation o ON o.id = e.organisation",
    search=lambda q, bind: f"(e.search_keys @> {bind(keys_for_query(q))}::varchar[] OR e.document_number = {bind(q)})",
    columns=(
        Column(key="year", title=N_("年度"), sort="e.year", number=True),
        Column(key="title", title=N_("荣誉"), sort="h.place"),
        Column(key="level", title=N_("级别"), show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="name", title=N_("姓名或名称"), sort='e.sort_key COLLATE "C"'),
        Column(key="unit_name", title=N_("授予时单位")),
        Column(key="post", title=N_("职务或岗位")),
        Column(key="county_name", title=N_("县市区"), sort="e.region"),
        Column(key="conferred_on", title=N_("授予日期"), sort="e.conferred_on"),
        Column(key="document_number", title=N_("文号")),
        Column(key="source", title=N_("来源"), show=lambda row: gettext(SOURCES[row["source"]])),
        Column(key="state", title=N_("状态"), show=lambda row: gettext(STATES[state_of(row)])),
    ),
    filters=(
        Filter(key="honour", title=N_("荣誉"), where="h.code = {}"),
        Filter(
            key="level", title=N_("级别"), where="h.level = {}",
            options=lambda: [(code, gettext(name)) for code, name in LEVELS.items()],
        ),
        Filter(
            key="county", title=N_("县市区"), options=_counties,
            conditions={**{code: f"e.region = '{code}'" for code in regions.COUNTIES}, "city": "e.region = ''"},
        ),
        Filter(key="year", title=N_("年度"), where="e.year = {}", convert=lambda text: int(text[:4])),
        Filter(
            key="state", title=N_("状态"), conditions=STATE_SQL,
            options=lambda: [(code, gettext(name)) for code, name in STATES.items()],
        ),
        Filter(key="batch", title=N_("导入"), where="e.batch = {}", convert=UUID),
    ),
    order="e.conferred_on DESC, h.place, e.place, e.id",
)  # fmt: skip


def reach(actor: Actor, permission: Permission = Permission.KEEP_LEDGER) -> list[UUID]:
    return list(permission.scope(actor))


async def ledger(actor: Actor, asked: Any) -> Any:
    """The ledger within reach: the city's officers all, a county's those of its region and units."""
    return await LEDGER.fetch(asked, REACH.strip(), reach(actor))


async def honour_choices() -> list[tuple[str, str]]:
    rows = await fetch("SELECT code, title FROM honour ORDER BY place, title LIMIT 200")
    return [(row["code"], row["title"]) for row in rows]


async def entry_for(actor: Actor, entry: UUID, permission: Permission) -> Any:
    """One entry within reach, with its public roll and its certificates' state."""
    row = await fetchrow(ENTRY_SQL, entry, reach(actor, permission))
    if row is None:
        raise NotFound
    return row


async def beside(entry: Any) -> dict[str, Any]:
    """What its page shows beside it: every honour of the same holder, its roll, certificates, revocations, corrections."""
    others = await fetch(
        "SELECT e.id, e.year, e.name, e.unit_name, e.conferred_on, e.document_number, e.revoked_at, e.revoked_on, e.published_at,"
        " h.title, h.level FROM roll_entry e JOIN honour h ON h.id = e.honour WHERE e.id <> $1 AND (e.worker = $2"
        " OR ($2 IS NULL AND e.kind <> 'person' AND $5 <> 'person' AND e.organisation = $3)"
        " OR ($2 IS NULL AND $3 IS NULL AND e.name = $4 AND e.unit_name = $6)) ORDER BY e.conferred_on DESC LIMIT 100",
        entry["id"], entry["worker"], entry["organisation"], entry["name"], entry["kind"], entry["unit_name"],
    )  # fmt: skip
    corrections = await fetch(
        'SELECT c.id, c."before", c."after", c.reason, c.outcome, c.proposed_at, c.proposed_by, a.name AS by_name'
        " FROM roll_correction c LEFT JOIN account a ON a.id = c.proposed_by WHERE c.entry = $1 ORDER BY c.proposed_at DESC",
        entry["id"],
    )
    return {
        "others": others,
        "roll": await fetchrow("SELECT code, title, year FROM roll WHERE id = $1", entry["roll"]) if entry["roll"] else None,
        "certificates": await fetch("SELECT id, number, state FROM certificate WHERE subject = $1 ORDER BY made_at", entry["id"]),
        "revocations": await fetch("SELECT id, stage, made_at FROM revocation WHERE entry = $1 ORDER BY made_at DESC", entry["id"]),
        "corrections": [
            {**dict(one), "before": msgspec.json.decode(one["before"]), "after": msgspec.json.decode(one["after"])}
            for one in corrections
        ],
    }  # fmt: skip


async def imports(actor: Actor) -> list[Any]:
    """The imports within reach, the newest first."""
    return await fetch(
        "SELECT b.*, o.name AS organisation_name, a.name AS by_name FROM ledger_import b"
        " JOIN organisation o ON o.id = b.organisation LEFT JOIN account a ON a.id = b.made_by"
        " WHERE o.ancestors && $1::uuid[] ORDER BY b.made_at DESC LIMIT 50",
        reach(actor),
    )


async def decisions(actor: Actor) -> tuple[list[Any], list[Any]]:
    """(decisions, cycles that wait for one) of the unions that the actor decides for."""
    scope = reach(actor, Permission.DECIDE)
    made = await fetch(
        "SELECT d.id, d.title, d.number, d.stage, d.decided_on, c.title AS cycle, c.year, r.code AS roll,"
        " (SELECT count(*) FROM decision_line l WHERE l.decision = d.id) AS lines FROM decision d JOIN cycle c ON c.id = d.cycle"
        " JOIN organisation o ON o.id = c.organisation LEFT JOIN roll r ON r.decision = d.id"
        " WHERE o.ancestors && $1::uuid[] ORDER BY d.decided_on DESC, d.made_at DESC LIMIT 100",
        scope,
    )
    waiting = await fetch(
        "SELECT c.id, c.title, c.year, count(*) AS noticed FROM cycle c JOIN organisation o ON o.id = c.organisation"
        " JOIN nomination n ON n.cycle = c.id AND n.stage = 'noticed' JOIN cycle_award a ON a.id = n.award"
        " JOIN honour h ON h.id = a.honour AND h.conferred_here WHERE o.ancestors && $1::uuid[]"
        " AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.cycle = c.id AND d.stage <> 'published')"
        " GROUP BY c.id ORDER BY c.year DESC, c.code LIMIT 20",
        scope,
    )
    return made, waiting


REVOCATIONS = Listing(
    path="/honours/revocations",
    select="r.id, r.stage, r.cause, r.made_at, r.decided_on, e.name, e.unit_name, h.title, e.year",
    source="revocation r JOIN roll_entry e ON e.id = r.entry JOIN honour h ON h.id = e.honour"
    " LEFT JOIN organisation o ON o.id = e.organisation",
    search=lambda q, bind: f"e.search_keys @> {bind(keys_for_query(q))}::varchar[]",
    columns=(
        Column(key="name", title=N_("姓名或名称"), sort='e.sort_key COLLATE "C"'),
        Column(key="title", title=N_("荣誉"), sort="h.place"),
        Column(key="made_at", title=N_("上报时间"), sort="r.made_at"),
        Column(key="stage", title=N_("状态"), sort="r.stage", show=lambda row: gettext(STAGES[row["stage"]])),
    ),
    filters=(
        Filter(
            key="stage", title=N_("状态"), where="r.stage = {}",
            options=lambda: [(stage.value, gettext(STAGES[stage])) for stage in Stage],
        ),
    ),
    order="r.made_at DESC, r.id",
)  # fmt: skip


async def own_entries(actor: Actor, q: str) -> list[Any]:
    """Honours within reach that may be reported: found by name; without a word, the newest."""
    search = "AND e.search_keys @> $2::varchar[]" if q else "AND $2::varchar[] IS NOT NULL"
    return await fetch(
        "SELECT e.id, e.name, e.unit_name, e.year, h.title, h.level FROM roll_entry e JOIN honour h ON h.id = e.honour"
        f" LEFT JOIN organisation o ON o.id = e.organisation WHERE {REACH.format('$1')} AND e.revoked_at IS NULL {search}"
        " ORDER BY e.conferred_on DESC, e.id LIMIT 30",
        reach(actor, Permission.REPORT_REVOCATION), keys_for_query(q) if q else [],
    )  # fmt: skip


async def steps_of(revocation: UUID) -> list[Any]:
    return await fetch(
        "SELECT s.action, s.opinion, s.made_at, a.name AS by_name, o.name AS organisation FROM revocation_step s"
        " LEFT JOIN account a ON a.id = s.made_by LEFT JOIN organisation o ON o.id = s.organisation"
        " WHERE s.revocation = $1 ORDER BY s.made_at, s.id",
        revocation,
    )


def revocations_waiting(actor: Actor) -> Count:
    """The badge: what waits for this officer's step."""
    if Permission.REVOKE.allows(actor):
        return Count(sql="SELECT count(*) FROM revocation WHERE stage IN ('endorsed', 'proposed')", values=())
    return Count(
        sql="SELECT count(*) FROM revocation r JOIN roll_entry e ON e.id = r.entry LEFT JOIN organisation o ON"
        f" o.id = e.organisation WHERE r.stage = 'reported' AND {REACH.format('$1')}",
        values=(list(Permission.REVIEW_FIRST.scope(actor)),),
    )
