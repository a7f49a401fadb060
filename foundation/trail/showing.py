"""The trail's head as the footer of every public page prints it."""

from __future__ import annotations

from foundation.trail import sealing
from foundation.web.templates import show_datetime


async def head_shown() -> dict[str, str] | None:
    """The newest signed head: when it was sealed, the first 24 hex digits in groups of four; None while there is none."""
    head = await sealing.head()
    if head is None:
        return None
    digest = head["digest"]
    return {"sealed_at": show_datetime(head["at"]), "head": " ".join(digest[n : n + 4] for n in range(0, 24, 4))}
