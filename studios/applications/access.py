"""Fetching is authorising: an application with its call, programme and unions, within the actor's scope, else not found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetchrow
from foundation.errors import NotFound
from foundation.web.policy import Actor
from studios.permissions import Permission
from studios.schemas import ProgrammeRules

UNIT = "coalesce(nullif({0}.unit_name, ''), {0}.name)"

SOURCE = """
studio_application a JOIN studio_call c ON c.id = a.call JOIN programme p ON p.id = c.programme
JOIN organisation o ON o.id = a.organisation JOIN organisation g ON g.id = a.county
JOIN organisation r ON r.id = p.organisation
"""

VISIBLE = """
(a.stage <> 'draft' AND (o.ancestors && {0}::uuid[] OR g.ancestors && {0}::uuid[] OR r.ancestors && {0}::uuid[])
 OR EXISTS (SELECT 1 FROM organisation s WHERE s.id = ANY({0}::uuid[]) AND s.id = ANY(o.ancestors)
            AND s.kind NOT IN ('city', 'county', 'industry')))
"""
"""A unit sees its own, drafts too; officers what was handed in to them or to a union below theirs."""

ROW_SQL = f"""
SELECT a.*, c.code AS call_code, c.title AS call_title, c.stage AS call_stage, c.opens_on, c.closes_on, c.rule_set,
       p.id AS programme, p.title AS programme_title, p.level, p.kind AS programme_kind, p.organisation AS running,
       r.name AS running_name, {UNIT.format("o")} AS organisation_name, o.ancestors, o.region, g.name AS county_name
FROM {SOURCE} WHERE a.id = $1
"""


async def row_of(application: UUID, *, lock: bool = False) -> Any:
    """The raw row, whoever asks; raises ``NotFound``. ``lock`` holds it to the end of the transaction."""
    row = await fetchrow(ROW_SQL + (" FOR UPDATE OF a" if lock else ""), application)
    if row is None:
        raise NotFound
    return row


async def row_for(actor: Actor, application: UUID, permission: Permission, *, lock: bool = False) -> Any:
    """The raw row where it lies within the actor's scope of ``permission``; raises ``NotFound`` otherwise."""
    sql = f"{ROW_SQL} AND {VISIBLE.format('$2')}" + (" FOR UPDATE OF a" if lock else "")
    row = await fetchrow(sql, application, list(permission.scope(actor)))
    if row is None:
        raise NotFound
    return row


def may_act(actor: Actor, row: Any, permission: Permission) -> bool:
    """Whether this actor holds ``permission`` where the application stands: its unit, its county union, the naming union."""
    scope = permission.scope(actor)
    if permission is Permission.APPLY:
        return not scope.isdisjoint(row["ancestors"])
    return (row["county"] if permission is Permission.RECOMMEND else row["running"]) in scope


async def rules_by(rule_set: UUID) -> ProgrammeRules:
    """One version of a programme's rules."""
    row = await fetchrow("SELECT rules FROM programme_rule_set WHERE id = $1", rule_set)
    if row is None:
        raise NotFound
    return msgspec.json.decode(row["rules"], type=ProgrammeRules)
