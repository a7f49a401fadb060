"""One account as its keepers see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.web.policy import Actor
from foundation.web.sessions import ABSOLUTE, IDLE
from registry.accounts.keeping import manages
from registry.accounts.operations import manageable
from registry.accounts.queries import STATE, WITHIN, event_names, reach
from registry.accounts.schemas import AccountDetail, HeldRole

DETAIL_SQL = f"""
SELECT a.id, a.login, a.name, a.email, a.organisation, a.locked_until, a.closed_at, a.signed_in_at, a.made_at,
       a.totp_enrolled_at IS NOT NULL AS second_factor, {STATE} AS state,
       coalesce(nullif(o.unit_name, ''), o.name, '') AS organisation_name,
       (SELECT count(*) FROM recovery_code c WHERE c.account = a.id AND c.used_at IS NULL) AS recovery_left,
       (SELECT count(*) FROM session s WHERE s.account = a.id AND s.state = 'signed_in'
        AND s.seen_at > clock_timestamp() - $4::interval AND s.started_at > clock_timestamp() - $5::interval) AS sessions,
       (SELECT max(t.expires_at) FROM account_token t
        WHERE t.account = a.id AND t.used_at IS NULL AND t.expires_at > clock_timestamp()) AS link_expires_at
FROM account a LEFT JOIN organisation o ON o.id = a.organisation WHERE a.id = $1 AND {WITHIN}
"""

GRANTS_SQL = """
SELECT g.id, g.role, g.organisation, g.event, g.granted_at, g.granted_by, g.ended_at, o.ancestors,
       coalesce(o.name, '') AS organisation_name, coalesce(by.name, '') AS granted_by_name, coalesce(e.name, '') AS ended_by_name
FROM role_grant g LEFT JOIN organisation o ON o.id = g.organisation
LEFT JOIN account by ON by.id = g.granted_by LEFT JOIN account e ON e.id = g.ended_by
WHERE g.account = $1 ORDER BY g.ended_at IS NOT NULL, g.granted_at DESC, g.id LIMIT 200
"""


async def account_detail(actor: Actor, account: UUID) -> AccountDetail:
    """The account with its grants, if it is within the actor's reach or the actor's own; else ``NotFound``."""
    is_self = actor.account == account
    everywhere, scope = reach(actor)
    row = await fetchrow(DETAIL_SQL, account, everywhere or is_self, scope, IDLE, ABSOLUTE)
    if row is None:
        raise NotFound
    return AccountDetail(
        **dict(row),
        grants=await _grants(actor, account),
        may_manage=not is_self and await manages(actor, account, everywhere=everywhere),
        is_self=is_self,
    )


async def _grants(actor: Actor, account: UUID) -> tuple[HeldRole, ...]:
    rows = await fetch(GRANTS_SQL, account)
    events = await event_names({row["event"] for row in rows if row["event"]})
    return tuple(_held(actor, account, row, events) for row in rows)


def _held(actor: Actor, account: UUID, row: Any, events: dict[UUID, str]) -> HeldRole:
    place = row if row["ancestors"] else None
    return HeldRole(
        id=row["id"], role=row["role"], organisation=row["organisation"], organisation_name=row["organisation_name"],
        event=row["event"], event_name=events.get(row["event"], ""), granted_at=row["granted_at"],
        granted_by_name=row["granted_by_name"], ended_at=row["ended_at"], ended_by_name=row["ended_by_name"],
        may_end=row["ended_at"] is None and actor.account != account and manageable(actor, row, place),
    )  # fmt: skip
