"""The side bar: sections and items that the wings register; each item shows where its policy lets the actor in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from foundation.i18n import gettext
from foundation.web.policy import Actor, Policy

Badge = Callable[[Actor], Awaitable[int]]


class NavItem(msgspec.Struct, frozen=True, kw_only=True):
    """One link. ``label`` and ``section`` are msgids; ``place`` orders within all."""

    section: str
    label: str
    path: str
    icon: str
    policy: Policy
    place: int = 100
    badge: Badge | None = None


_items: list[NavItem] = []


def register(*items: NavItem) -> None:
    """Called once by each wing when the application is made; registering the same path again replaces it."""
    for item in items:
        _items[:] = [known for known in _items if known.path != item.path] + [item]
    _items.sort(key=lambda item: item.place)


async def navigation(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """Sections with the items this actor may open: [{title, items: [{label, href, icon, current, count}]}]."""
    sections: dict[str, list[dict[str, object]]] = {}
    allowed = [item for item in _items if item.policy.allows(actor)]
    current = max(
        (i.path for i in allowed if path == i.path or path.startswith(i.path.rstrip("/") + "/")), key=len, default=""
    )
    for item in allowed:
        badge = await item.badge(actor) if item.badge and actor else 0
        sections.setdefault(item.section, []).append(
            {
                "label": gettext(item.label),
                "href": item.path,
                "icon": item.icon,
                "current": item.path == current,
                "count": badge or None,
            }
        )
    return [{"title": gettext(title) if title else "", "items": links} for title, links in sections.items()]
