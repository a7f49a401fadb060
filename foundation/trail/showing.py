"""The trail's head as the footer of every public page prints it."""

from __future__ import annotations

from foundation.trail import sealing
from foundation.web.templates import show_datetime


async def head_shown() -> dict[str, str] | None:
    """The newest signed head: when it was sealed, the first 24 hex digits in groups of four; None while there is none.

    In a demonstration the season's time comes first and ``server_at`` says when the server sealed it: both, each by its name.
    """
    head = await sealing.head()
    if head is None:
        return None
    digest = head["digest"]
    at, until = show_datetime(head["at"]), head["until"]
    when = {"sealed_at": show_datetime(until), "server_at": at} if until else {"sealed_at": at, "server_at": ""}
    return {**when, "head": " ".join(digest[n : n + 4] for n in range(0, 24, 4))}
