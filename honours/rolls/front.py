"""最新荣誉榜 on the public home page: the newest roll, its figures and its first four people."""

from __future__ import annotations

import msgspec

from foundation.web.front import Section
from honours.rolls import public

NAMES = 4


class Newest(msgspec.Struct, frozen=True, kw_only=True):
    head: public.RollHead
    rows: tuple[public.EntryLine, ...]


async def section() -> Section | None:
    """The section; none before the first roll is published."""
    found = await public.newest(NAMES)
    if found is None:
        return None
    head, rows = found
    return Section(template="honours/rolls/_home.html", of=Newest(head=head, rows=tuple(rows)), styles=("rolls.css",))
