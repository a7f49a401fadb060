"""Reads about accounts, one function a screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any
from uuid import UUID

from foundation.database import fetch, fetchrow
from foundation.forms import CONTROL
from foundation.web.policy import Actor, Grant
from foundation.web.sessions import ABSOLUTE, IDLE, LIVE_SQL, SessionInfo, live_arguments, session_of
from registry.accounts.devices import device_name
from registry.accounts.roles import LABELS, OFFICERS, Role
from registry.accounts.schemas import AccountChoice, OrganisationChoice, OwnSession
from registry.search_keys import keys_for_query

ACTOR_SQL = """
SELECT a.id, a.login, a.name, a.organisation, a.locale, a.theme, o.region,
       coalesce(nullif(o.unit_name, ''), o.name, '') AS organisation_name,
       array_agg(g.role ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS roles,
       array_agg(g.organisation ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS organisations,
       array_agg(g.event ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS events,
       ARRAY(SELECT t.id FROM organisation t WHERE t.parent IS NULL) AS tops
FROM account a
LEFT JOIN organisation o ON o.id = a.organisation
LEFT JOIN role_grant g ON g.account = a.id AND g.ended_at IS NULL
WHERE a.id = $1 AND a.closed_at IS NULL
GROUP BY a.id, o.id
"""


SIGNED_IN_SQL = f"""
WITH live AS ({LIVE_SQL})
SELECT live.digest, live.account, live.state, live.started_at, live.flash, live.stale, actor.*
FROM live LEFT JOIN LATERAL ({ACTOR_SQL.replace("$1", "live.account")}) actor ON true
"""


async def load_actor(account: UUID) -> Actor | None:
    """The actor of a signed-in account with its live grants; None for one that was closed. One query."""
    row = await fetchrow(ACTOR_SQL, account)
    return None if row is None else _actor(row)


async def find_signed_in(token: str) -> tuple[SessionInfo | None, Actor | None]:
    """The live session of a token and the actor of its account, in one query."""
    row = await fetchrow(SIGNED_IN_SQL, *live_arguments(token))
    if row is None:
        return None, None
    return await session_of(row), None if row["id"] is None else _actor(row)


def _actor(row: Any) -> Actor:
    grants = [
        Grant(role=role, organisation=organisation, event=event)
        for role, organisation, event in zip(
            row["roles"] or (), row["organisations"] or (), row["events"] or (), strict=True
        )
    ]
    return Actor(
        account=row["id"],
        login=row["login"],
        name=row["name"],
        role_label=LABELS[grants[0].role] if grants else "",
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        region=row["region"] or "",
        grants=frozenset(grants),
        tops=frozenset(row["tops"]),
        locale=row["locale"],
        theme=row["theme"],
    )


# ---- What an actor reaches ----


def reach(actor: Actor) -> tuple[bool, list[UUID]]:
    """(everywhere, organisations): security administrators reach every account, officers those within their scope."""
    return actor.has(Role.SECURITY_ADMIN), sorted(actor.organisations_as(*OFFICERS))


WITHIN = """
($2 OR o.ancestors && $3::uuid[] OR EXISTS (
  SELECT 1 FROM role_grant s JOIN organisation so ON so.id = s.organisation
  WHERE s.account = a.id AND s.ended_at IS NULL AND so.ancestors && $3::uuid[]))
"""
"""An account is within a scope by its own organisation or by a live grant. $2 everywhere, $3 organisations."""

VISIBLE_SQL = f"""
SELECT a.id, a.login, a.name, a.password_hash, a.closed_at, a.version
FROM account a LEFT JOIN organisation o ON o.id = a.organisation WHERE a.id = $1 AND {WITHIN}
"""

STATE = """
CASE WHEN a.closed_at IS NOT NULL THEN 'closed' WHEN a.locked_until > clock_timestamp() THEN 'locked'
     WHEN a.password_hash = '' THEN 'invited' ELSE 'open' END
"""

ROLES = "ARRAY(SELECT DISTINCT g.role FROM role_grant g WHERE g.account = a.id AND g.ended_at IS NULL ORDER BY g.role)"

CHOICE_SQL = f"""
SELECT a.id, a.login, a.name, a.organisation, {ROLES} AS roles,
       coalesce(nullif(o.unit_name, ''), o.name, '') AS organisation_name
FROM account a LEFT JOIN organisation o ON o.id = a.organisation
"""

FOUND = f"""
WHERE a.closed_at IS NULL AND (cardinality($1::varchar[]) = 0 OR a.search_keys @> $1::varchar[] OR a.login = $4)
  AND {WITHIN}
  AND ($5 = '' OR EXISTS (SELECT 1 FROM role_grant r WHERE r.account = a.id AND r.role = $5 AND r.ended_at IS NULL))
"""


def plain(query: str) -> str:
    """What was typed to search, without what a database does not take, at most 60 characters."""
    return CONTROL.sub(" ", query.encode("utf-8", "ignore").decode()).strip()[:60]


async def find_accounts(
    query: str, role: str | None = None, scope: Collection[UUID] | None = None, *, limit: int = 20
) -> list[AccountChoice]:
    """Open accounts for a picker, by name, 拼音, initials or login; ``scope`` None: anywhere, else organisations."""
    sql = f"{CHOICE_SQL} {FOUND} ORDER BY a.login LIMIT $6"
    q = plain(query)
    args = (keys_for_query(q), scope is None, list(scope or ()), q.lower(), role or "", limit)
    return [
        AccountChoice(
            id=row["id"], login=row["login"], name=row["name"], organisation=row["organisation"],
            organisation_name=row["organisation_name"], roles=tuple(row["roles"]),
        )
        for row in await fetch(sql, *args)
    ]  # fmt: skip


# ---- Organisations to choose from ----

ORGANISATIONS_SQL = """
SELECT id, name, unit_name, kind FROM organisation o
WHERE closed_at IS NULL AND ($1 OR ancestors && $2::uuid[])
  AND (cardinality($3::varchar[]) = 0 OR search_keys @> $3::varchar[] OR name = $4 OR unit_name = $4 OR union_code = $4)
ORDER BY (name = $4 OR unit_name = $4) DESC, cardinality(ancestors), sort_key COLLATE "C", name LIMIT $5
"""


async def find_organisations(actor: Actor, query: str, *, limit: int = 20) -> list[OrganisationChoice]:
    """Open organisations within the actor's reach, the highest first."""
    everywhere, scope = reach(actor)
    q = plain(query)
    rows = await fetch(ORGANISATIONS_SQL, everywhere, scope, keys_for_query(q), q, limit)
    return [OrganisationChoice(id=r["id"], name=r["name"], unit_name=r["unit_name"], kind=r["kind"]) for r in rows]


# ---- Events by name: the registry does not know them, a higher wing does ----

EventNames = Callable[[Collection[UUID]], Awaitable[dict[UUID, str]]]
_event_names: list[EventNames] = []


def name_events_by(names: EventNames) -> None:
    """Called once by the wing that keeps events, so that event roles can be shown with the event's name."""
    _event_names[:] = [names]


async def event_names(events: Collection[UUID]) -> dict[UUID, str]:
    """The names of events, as far as they are known."""
    return await _event_names[0](events) if events and _event_names else {}


# ---- The own account ----


async def own_sessions(account: UUID, auth: SessionInfo) -> list[OwnSession]:
    """Where the account is signed in, this browser first."""
    rows = await fetch(
        "SELECT digest, started_at, seen_at, address, agent FROM session WHERE account = $1 AND state = 'signed_in'"
        " AND seen_at > clock_timestamp() - $3::interval AND started_at > clock_timestamp() - $4::interval"
        " ORDER BY digest = $2 DESC, seen_at DESC LIMIT 50",
        account, auth.digest, IDLE, ABSOLUTE,
    )  # fmt: skip
    return [
        OwnSession(
            started_at=row["started_at"], seen_at=row["seen_at"], address=row["address"],
            device=device_name(row["agent"]), current=row["digest"] == auth.digest,
        )
        for row in rows
    ]  # fmt: skip


async def demonstration_logins() -> list[tuple[str, str]]:
    """(login, role) of the demonstration: the first account of each role, for its sign-in page only."""
    rows = await fetch(
        "SELECT DISTINCT ON (g.role) g.role, a.login FROM role_grant g JOIN account a ON a.id = g.account"
        " WHERE g.ended_at IS NULL AND a.closed_at IS NULL AND a.password_hash <> '' ORDER BY g.role, a.made_at, a.id"
    )
    order = list(Role)
    return sorted(((row["login"], row["role"]) for row in rows), key=lambda pair: order.index(Role(pair[1])))
