"""随填随查: what a nomination still lacks and which rule wants it, at every moment and at each gate."""

from __future__ import annotations

from uuid import UUID

from foundation.errors import Refusal

GATES = ("unit", "county", "city")
"""Who is about to hand on: the unit hands in, the first gate accepts, the running union accepts."""


async def obstacles(nomination_id: UUID, gate: str) -> list[Refusal]:
    """Everything that blocks handing in (``gate`` "unit") or accepting at that gate ("county", "city"), each with its rule."""
    return []
