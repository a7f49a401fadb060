"""Reads about the catalogue of honours (荣誉目录, H1–H4)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound

_HONOUR = """
SELECT id, code, title, title_en, level, kind, family, conferrer, conferred_here, treatment, prize, certificate, series,
       valid_from, valid_until, place, version
FROM honour
"""
_ORDER = " ORDER BY array_position(ARRAY['national', 'province', 'city', 'county'], level::text), place, code"


class HonourView(msgspec.Struct, frozen=True, kw_only=True):
    """A title of the catalogue. ``prize`` in yuan; empty years: still conferred."""

    id: UUID
    code: str
    title: str
    title_en: str
    level: str
    kind: str
    family: str
    conferrer: str
    conferred_here: bool
    treatment: str
    prize: int
    certificate: str
    series: str
    valid_from: int | None
    valid_until: int | None
    place: int
    version: int


async def honours() -> list[HonourView]:
    """The whole catalogue: by level, then place."""
    return [HonourView(**dict(row)) for row in await fetch(_HONOUR + _ORDER)]


async def honour_of(honour_id: UUID) -> HonourView:
    """One honour; raises ``NotFound``."""
    row = await fetchrow(_HONOUR + "WHERE id = $1", honour_id)
    if row is None:
        raise NotFound
    return HonourView(**dict(row))


async def honours_by_code() -> dict[str, HonourView]:
    """The catalogue by code, as rule sets name its titles."""
    return {honour.code: honour for honour in await honours()}
