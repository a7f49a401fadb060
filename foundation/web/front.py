"""Sections of the public home page (首页) that wings fill without knowing one another: the page shows what is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One section: its template, which reads what it shows from ``s.of``, and further styles that it needs (names of assets)."""

    template: str
    of: Any
    styles: tuple[str, ...] = ()


Provider = Callable[[], Awaitable[Section | None]]
_sections: dict[Provider, int] = {}


def register(provider: Provider, *, place: int) -> None:
    """Add a section; smaller places stand higher. The same one twice counts once."""
    _sections[provider] = place


async def sections() -> list[Section]:
    """What the wings have to show now, in its order; a provider without anything is left out."""
    found = [await provider() for provider, _place in sorted(_sections.items(), key=lambda one: one[1])]
    return [section for section in found if section is not None]
