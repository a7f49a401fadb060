"""Fetching is authorising: a nomination with its cycle, award and unions, within the actor's scope, else not found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation.database import fetchrow
from foundation.errors import NotFound
from foundation.web.policy import Actor
from honours.permissions import Permission

UNIT = "coalesce(nullif({0}.unit_name, ''), {0}.name)"

SOURCE = """
nomination n JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour
JOIN organisation o ON o.id = n.organisation JOIN organisation g ON g.id = n.first_gate
JOIN organisation r ON r.id = c.organisation
"""

VISIBLE = "(o.ancestors && {0}::uuid[] OR g.ancestors && {0}::uuid[] OR c.organisation = ANY({0}::uuid[]))"
"""A unit sees its own; the first gate's officers theirs; the running union all of its cycles."""

ROW_SQL = f"""
SELECT n.*, c.title AS cycle_title, c.code AS cycle_code, c.year AS cycle_year, c.level AS cycle_level,
       c.stage AS cycle_stage, c.organisation AS running, r.name AS running_name, c.unit_due_at, c.county_due_at,
       h.code AS honour, h.title AS honour_title, h.title_en AS honour_title_en, h.level AS honour_level,
       h.family AS honour_family, {UNIT.format("o")} AS organisation_name, o.ancestors, g.name AS gate_name
FROM {SOURCE}
WHERE n.id = $1
"""


async def row_of(nomination: UUID, *, lock: bool = False) -> Any:
    """The raw row, whoever asks; raises ``NotFound``. ``lock`` holds it to the end of the transaction."""
    row = await fetchrow(ROW_SQL + (" FOR UPDATE OF n" if lock else ""), nomination)
    if row is None:
        raise NotFound
    return row


async def row_for(actor: Actor, nomination: UUID, permission: Permission, *, lock: bool = False) -> Any:
    """The raw row where it lies within the actor's scope of ``permission``; raises ``NotFound`` otherwise."""
    sql = f"{ROW_SQL} AND {VISIBLE.format('$2')}" + (" FOR UPDATE OF n" if lock else "")
    row = await fetchrow(sql, nomination, list(permission.scope(actor)))
    if row is None:
        raise NotFound
    return row


def may_act(actor: Actor, row: Any, permission: Permission) -> bool:
    """Whether this actor holds ``permission`` where the nomination stands: the unit for its own acts (H33 wants each level
    to speak for itself), officers of the first gate itself there, the running union's at the last gate."""
    scope = permission.scope(actor)
    if permission is Permission.NOMINATE:
        return not scope.isdisjoint(row["ancestors"])
    if permission is Permission.REVIEW_FIRST:
        return row["first_gate"] in scope
    return row["running"] in scope
