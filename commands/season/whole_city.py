"""The city at its full size beside the season: 340,203 synthetic workers, for looking at lists as they will be."""

from __future__ import annotations

from commands.roster import generate
from foundation.database import fetchval

LOADED = 100_000


async def load_whole_city() -> None:
    """Add the rest of the city once; who is registered already is left out."""
    if await fetchval("SELECT count(*) FROM worker") < LOADED:
        await generate()
