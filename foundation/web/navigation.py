"""The side bar: sections and items that the wings register; each item shows where its policy lets the actor in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from foundation import clock
from foundation.database import fetch
from foundation.i18n import gettext
from foundation.web.policy import Actor, Policy


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A number to be asked for: a SELECT of one number, and its own ``$1`` … values."""

    sql: str
    values: Sequence[Any]


Badge = Callable[[Actor], Count]


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """One link. ``label`` and ``section`` are msgids; ``place`` orders within all."""

    section: str
    label: str
    path: str
    icon: str
    policy: Policy
    place: int = 100
    badge: Badge | None = None
    """What waits there. All badges of a page are one statement: each statement more is a wait of its own on a busy machine."""


_items: list[NavItem] = []
_PLACE = re.compile(r"\$(\d+)")


def register(*items: NavItem) -> None:
    """Called once by each wing when the application is made; registering the same path again replaces it."""
    for item in items:
        _items[:] = [known for known in _items if known.path != item.path] + [item]
    _items.sort(key=lambda item: item.place)


async def navigation(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """Sections with the items this actor may open: [{title, items: [{label, href, icon, current, count}]}]."""
    return (await navigation_now(actor, path))[0]


async def navigation_now(actor: Actor | None, path: str) -> tuple[list[dict[str, object]], datetime]:
    """The sections of :func:`navigation` and :func:`clock.now`, in one statement."""
    sections: dict[str, list[dict[str, object]]] = {}
    allowed = [item for item in _items if item.policy.allows(actor)]
    current = max(
        (i.path for i in allowed if path == i.path or path.startswith(i.path.rstrip("/") + "/")), key=len, default=""
    )
    asked = {item.path: item.badge(actor) for item in allowed if item.badge and actor}
    now, counts = await _ask(list(asked.values()))
    found = dict(zip(asked, counts, strict=True))
    for item in allowed:
        sections.setdefault(item.section, []).append(
            {
                "label": gettext(item.label),
                "href": item.path,
                "icon": item.icon,
                "current": item.path == current,
                "count": found.get(item.path) or None,
            }
        )
    return [{"title": gettext(title) if title else "", "items": links} for title, links in sections.items()], now


async def _ask(counts: Sequence[Count]) -> tuple[datetime, list[int]]:
    """The transaction's time and all these numbers, in one statement."""
    parts, values = [clock.NOW_SQL], []
    for one in counts:
        parts.append(f"({_PLACE.sub(lambda place, before=len(values): f'${before + int(place[1])}', one.sql)})")
        values += one.values
    row = (await fetch(f"SELECT {', '.join(parts)}", *values))[0]
    return row[0], list(row[1:])


async def asked(count: Count) -> int:
    """One such number by itself."""
    return (await _ask([count]))[1][0]
