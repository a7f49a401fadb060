"""Reads about accounts, one function a screen."""

from __future__ import annotations

from uuid import UUID

from foundation.database import fetchrow
from foundation.i18n import gettext
from foundation.web.policy import Actor, Grant
from registry.accounts.roles import LABELS

ACTOR_SQL = """
SELECT a.id, a.login, a.name, a.organisation, a.locale, a.theme, o.region,
       coalesce(nullif(o.unit_name, ''), o.name, '') AS organisation_name,
       array_agg(g.role ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS roles,
       array_agg(g.organisation ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS organisations,
       array_agg(g.event ORDER BY g.granted_at) FILTER (WHERE g.id IS NOT NULL) AS events
FROM account a
LEFT JOIN organisation o ON o.id = a.organisation
LEFT JOIN role_grant g ON g.account = a.id AND g.ended_at IS NULL
WHERE a.id = $1 AND a.closed_at IS NULL
GROUP BY a.id, o.id
"""


async def load_actor(account: UUID) -> Actor | None:
    """The actor of a signed-in account with its live grants; None for one that was closed. One query."""
    row = await fetchrow(ACTOR_SQL, account)
    if row is None:
        return None
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
        role_label=gettext(LABELS[grants[0].role]) if grants else "",
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        region=row["region"] or "",
        grants=frozenset(grants),
        locale=row["locale"],
        theme=row["theme"],
    )
