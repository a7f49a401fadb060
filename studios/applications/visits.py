"""走访: arrange a panel's visit, watch it, close it. For an application, a yearly assessment and a second look alike.

How the studio's life uses it: ``plan_visit(actor, VisitOrder(kind="assessment", subject=studio_id, …))`` in its own
transaction; later ``close_visit(actor, visit)`` → :class:`Closed` with the panel's total and grade, or ``result_of``.
What the experts do on their tablets is in ``sheets``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.exact.quantities import exact
from foundation.web.policy import Actor
from registry.accounts.roles import Role
from studios.permissions import Permission
from studios.schemas import ScoringTable
from studios.scoring import dropped, grade, panel_result

EXPERTS_SQL = """
SELECT a.id, a.name, a.organisation, w.organisation AS works_at, ao.ancestors AS stands_in
FROM account a LEFT JOIN worker w ON w.id = a.worker LEFT JOIN organisation ao ON ao.id = a.organisation
WHERE a.id = ANY($1::uuid[]) AND a.closed_at IS NULL AND EXISTS (
  SELECT 1 FROM role_grant r WHERE r.account = a.id AND r.role = $2 AND r.ended_at IS NULL)
"""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the outputs beside the table (T11): this year's count, the last one's, how many were counted before."""

    label: str
    before: int | None = None
    now: int | None = None
    twice: int = 0


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was to be mended before this visit."""

    text: str
    done: bool = False


class VisitOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to arrange. ``kind`` application, assessment or revisit; ``subject`` the application or the studio.

    ``organisation`` is visited, ``union`` sends the panel, ``experts`` are accounts with the role studio_expert.
    """

    kind: str
    subject: UUID
    title: str
    context: str
    organisation: UUID
    union: UUID
    table: ScoringTable
    planned_on: date
    experts: tuple[UUID, ...]
    year: int | None = None
    """The year that is assessed."""
    outputs: tuple[Output, ...] = ()
    earlier: tuple[Earlier, ...] = ()


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """How a visit came out: the printed total, its grade, what was found to be mended."""

    total: str
    grade: str
    to_rectify: tuple[str, ...] = ()


def conflict_of(expert: Any, unit: Any) -> str:
    """Why this expert may not score at this unit (回避): of the unit itself, or of the county union above it. Pure.

    ``expert`` has organisation, works_at; ``unit`` has id, ancestors and its city-level ancestors' ids in ``tops``.
    """
    places = {expert["organisation"], expert["works_at"]} - {None}
    if unit["id"] in places:
        return "本单位人员"
    if places & (set(unit["ancestors"]) - set(unit["tops"])):
        return "所在区县工会人员"
    return ""


async def plan_visit(actor: Actor, order: VisitOrder) -> UUID:
    """Arrange a visit; returns its id. Experts in conflict are excused, with the reason; the rest must make a panel.

    Raises ``Refusals``: an expert who is none, too few left after those excused (T3), one open visit already. ``NotFound``
    where the union is out of the actor's reach.
    """
    async with transaction():
        await _require_within(actor, order.union)
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"visit:{order.subject}")
        if await fetch("SELECT 1 FROM visit WHERE subject = $1 AND stage = 'open'", order.subject):
            raise Conflict("visit_open", "已有一次走访尚未结束")
        unit = await unit_of(order.organisation)
        experts = await fetch(EXPERTS_SQL, list(dict.fromkeys(order.experts)), Role.STUDIO_EXPERT.value)
        excused = {row["id"]: conflict_of(row, unit) for row in experts}
        _require_panel(order, excused)
        made = await _write(actor, order)
        by_id = {row["id"]: row for row in experts}
        for place, account in enumerate(dict.fromkeys(order.experts), 1):
            await fetch(
                "INSERT INTO visit_expert (id, visit, account, name, place, excused, total, fate)"
                " VALUES ($1, $2, $3, $4, $5, $6, '', '')",
                new_id(), made, account, by_id[account]["name"], place, excused[account],
            )  # fmt: skip
        await trail.record(actor, "visit.planned", "visit", made, {"kind": order.kind, "experts": len(excused)})
        return made


async def unit_of(organisation: UUID) -> dict[str, Any]:
    """A unit with the unions above it; ``tops`` are those of the city and above, which stand above every unit alike."""
    row = await fetchrow(
        "SELECT o.id, o.ancestors, array(SELECT t.id FROM organisation t WHERE t.id = ANY(o.ancestors) AND t.kind = 'city')"
        " AS tops FROM organisation o WHERE o.id = $1",
        organisation,
    )
    if row is None:
        raise NotFound
    return dict(row)


def _require_panel(order: VisitOrder, excused: dict[UUID, str]) -> None:
    refused = []
    if set(order.experts) - set(excused):
        refused.append(Refusal("not_an_expert", "所选人员中有人不是工作室评审专家", field="experts", rule="T3"))
    panel = order.table.panel
    least = max(panel.least, panel.lows + panel.highs + 1)
    fit = sum(not why for why in excused.values())
    if fit < least:
        refused.append(
            Refusal(
                "panel_short", "评审组至少 {least} 人，除去回避的现有 {have} 人", field="experts", rule="T3", least=least, have=fit
            )
        )  # fmt: skip
    if refused:
        raise Refusals(refused)


async def _write(actor: Actor, order: VisitOrder) -> UUID:
    made = new_id()
    await fetch(
        'INSERT INTO visit (id, kind, subject, title, context, organisation, "union", "table", outputs, earlier, planned_on,'
        " year, stage, result, grade, version, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12, 'open', '', '', 1, $13, {NOW_SQL})",
        made, order.kind, order.subject, order.title, order.context, order.organisation, order.union,
        msgspec.json.encode(order.table).decode(), msgspec.json.encode(order.outputs).decode(),
        msgspec.json.encode(order.earlier).decode(), order.planned_on, order.year, actor.account,
    )  # fmt: skip
    return made


async def _require_within(actor: Actor, union: UUID) -> None:
    if union not in Permission.REVIEW_APPLICATIONS.scope(actor):
        raise NotFound


async def visit_for(actor: Actor, visit: UUID, *, lock: bool = False) -> Any:
    """A visit of the actor's own union; else not found."""
    row = await fetchrow(
        'SELECT * FROM visit WHERE id = $1 AND "union" = ANY($2::uuid[])' + (" FOR UPDATE" if lock else ""),
        visit, list(Permission.REVIEW_APPLICATIONS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def panel_of(visit: UUID) -> Sequence[Any]:
    """The experts of a visit with how far each is, in their order."""
    return await fetch(
        "SELECT e.*, (SELECT count(DISTINCT v.item) FROM visit_answer v WHERE v.expert = e.id AND v.item NOT LIKE '+%')"
        " AS answered FROM visit_expert e WHERE e.visit = $1 ORDER BY e.place",
        visit,
    )


async def candidates_for(organisation: UUID, union: UUID) -> list[dict[str, Any]]:
    """Everybody whom the union may send to a unit, and why somebody may not go (回避)."""
    unit = await unit_of(organisation)
    ids = [one["account"] for one in await fetch(
        "SELECT DISTINCT r.account FROM role_grant r LEFT JOIN organisation o ON o.id = r.organisation"
        " WHERE r.role = 'studio_expert' AND r.ended_at IS NULL AND (o.id IS NULL OR o.ancestors && $1::uuid[]) LIMIT 300",
        [union],
    )]  # fmt: skip
    found = await fetch(EXPERTS_SQL, ids, Role.STUDIO_EXPERT.value)
    return [
        {"id": one["id"], "name": one["name"], "conflict": conflict_of(one, unit)}
        for one in sorted(found, key=lambda x: x["name"])
    ]


async def open_visit_of(subject: UUID) -> Any:
    """The newest visit to a subject, or None."""
    return await fetchrow("SELECT * FROM visit WHERE subject = $1 ORDER BY made_at DESC, id DESC LIMIT 1", subject)


async def close_visit(actor: Actor, visit: UUID) -> Closed:
    """End the visit: the panel of the signed sheets, by the table's rule (C21, C22, T8).

    Raises ``Refusals`` naming every expert whose sheet is not signed, ``panel_too_small``, ``Conflict`` once it is closed.
    """
    async with transaction():
        row = await visit_for(actor, visit, lock=True)
        if row["stage"] != "open":
            raise Conflict("visit_closed", "走访已经结束")
        sheets = [one for one in await panel_of(visit) if not one["excused"]]
        waiting = [
            Refusal("sheet_unsigned", "评审专家{name}尚未签字交表", rule="T3", name=one["name"])
            for one in sheets
            if one["signed_at"] is None
        ]
        if waiting:
            raise Refusals(waiting)
        table = msgspec.json.decode(row["table"], type=ScoringTable)
        totals = [exact(one["total"]) for one in sheets]
        total = panel_result(table, totals)
        for one, fate in zip(sheets, dropped(table, totals), strict=True):
            await fetch("UPDATE visit_expert SET fate = $2 WHERE id = $1", one["id"], fate)
        reached = grade(table, total)
        await fetch(
            f"UPDATE visit SET stage = 'closed', result = $2, grade = $3, closed_at = {NOW_SQL}, version = version + 1"
            " WHERE id = $1",
            visit, total, reached,
        )  # fmt: skip
        await trail.record(actor, "visit.closed", "visit", visit, {"total": total, "grade": reached})
        return await result_of(visit)


async def call_off(actor: Actor, visit: UUID, reason: str) -> None:
    """Call a visit off before anybody signed; its answers stay in the history. Raises ``Conflict`` afterwards."""
    async with transaction():
        row = await visit_for(actor, visit, lock=True)
        if row["stage"] != "open" or any(one["signed_at"] for one in await panel_of(visit)):
            raise Conflict("visit_closed", "走访已经结束，或已有专家交表，不能取消")
        if not reason.strip():
            raise Refusal("reason_required", "请写明原因", field="reason")
        await fetch("UPDATE visit SET stage = 'called_off', version = version + 1 WHERE id = $1", visit)
        await trail.record(actor, "visit.called_off", "visit", visit, {"reason": reason[:300]})


async def result_of(visit: UUID) -> Closed:
    """The result of a closed visit. Raises ``NotFound`` before."""
    from studios.applications.sheets import findings

    row = await fetchrow("SELECT result, grade FROM visit WHERE id = $1 AND stage = 'closed'", visit)
    if row is None:
        raise NotFound
    return Closed(total=row["result"], grade=row["grade"], to_rectify=await findings(visit))
