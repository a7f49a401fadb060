"""How a broad search of a large list is answered from the index of its order, instead of sorting all that it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """For large tables: a search shows first the rows that begin with what was typed, each part in the list's order.

    A broad word (one initial, a frequent surname) finds tens of thousands; sorting them all for one page takes a third of a second.
    Those that begin with it stand side by side in the index of the order, so the page is read from there. A broad word that
    stands within names is looked for among the first rows of the order. Both give the same rows as the whole sort does, or are
    not used. Such a search is counted up to ``BROAD_CAP`` only.
    """

    column: str
    """What the order begins with, bytewise: ``w.sort_key COLLATE "C"``."""
    prefix: Callable[[str], str]
    """What was typed → how ``column`` begins for rows that begin with it; "" where that cannot be said. They must all match."""
    broad: Callable[[str], bool]
    walked: str
    """The first rows of the order, a bounded number, under the alias of ``count_source``."""

    def begins(self, q: str, bind: Callable[[Any], str]) -> str:
        """The condition of beginning with ``q``; "" where there is none."""
        prefix = self.prefix(q)
        if not prefix:
            return ""
        after = ord(prefix[-1]) + 1
        beyond = prefix[:-1] + chr(0xE000 if 0xD800 <= after < 0xE000 else after)
        return f"({self.column} >= {bind(prefix)} AND {self.column} < {bind(beyond)})"
