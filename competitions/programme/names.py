"""Events by name, for those below who hold only an event's id: the registry shows where an event role is held."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from foundation.database import fetch


async def event_names(events: Collection[UUID]) -> dict[UUID, str]:
    """event → "competition · event"; what is unknown is left out."""
    rows = await fetch(
        "SELECT e.id, c.title AS competition, e.title FROM event e JOIN competition c ON c.id = e.competition"
        " WHERE e.id = ANY($1::uuid[])",
        list(events),
    )
    return {row["id"]: f"{row['competition']} · {row['title']}" for row in rows}
