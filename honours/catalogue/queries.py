"""Reads about the catalogue of honours (荣誉目录, H1–H4)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound
from foundation.i18n import N_, gettext
from foundation.listing import Column, Filter, Listing
from honours.catalogue.rules import KINDS, LEVELS, TREATMENTS

_HONOUR = """
SELECT id, code, title, title_en, level, kind, family, conferrer, conferred_here, treatment, prize, certificate, series,
       valid_from, valid_until, place, version
FROM honour
"""
_ORDER = " ORDER BY array_position(ARRAY['national', 'province', 'city', 'county'], level::text), place, code"
_LEVEL = "array_position(ARRAY['national', 'province', 'city', 'county'], h.level::text)"


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


LIST = Listing(
    path="/honours/catalogue",
    select="h.id, h.code, h.title, h.title_en, h.level, h.kind, h.family, h.conferrer, h.conferred_here, h.treatment, h.prize,"
    " h.certificate, h.valid_from, h.valid_until,"
    " (SELECT count(*) FROM roll_entry e WHERE e.honour = h.id AND e.published_at IS NOT NULL AND e.revoked_at IS NULL)"
    " AS holders",
    source="honour h",
    search=lambda q, bind: f"(h.title ILIKE '%' || {bind(_plain(q))} || '%' OR h.code ILIKE '%' || {bind(_plain(q))} || '%')",
    columns=(
        Column(key="title", title=N_("荣誉"), sort=f"{_LEVEL}, h.place, h.code"),
        Column(key="level", title=N_("级别"), sort=f"{_LEVEL}, h.place", show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="kind", title=N_("对象"), sort="h.kind, h.place", show=lambda row: gettext(KINDS[row["kind"]])),
        Column(key="conferrer", title=N_("授予机关"), sort="h.conferrer"),
        Column(key="treatment", title=N_("待遇"), show=lambda row: gettext(TREATMENTS[row["treatment"]])),
        Column(key="prize", title=N_("一次性奖金（元）"), sort="h.prize", number=True),
        Column(key="holders", title=N_("现有获得者"), number=True),
        Column(key="code", title=N_("代号"), sort="h.code"),
    ),
    filters=(
        Filter(key="level", title=N_("级别"), where="h.level = {}", options=lambda: [(v, gettext(t)) for v, t in LEVELS.items()]),
        Filter(key="kind", title=N_("对象"), where="h.kind = {}", options=lambda: [(v, gettext(t)) for v, t in KINDS.items()]),
    ),
    order=f"{_LEVEL}, h.place, h.code",
)  # fmt: skip


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How an honour is in use: valid holders, and the cycles that award it."""

    holders: int
    revoked: int
    cycles: list[tuple[UUID, str, int]]


async def use_of(honour_id: UUID) -> Use:
    """One statement for the detail page."""
    row = await fetchrow(
        "SELECT (SELECT count(*) FROM roll_entry WHERE honour = $1 AND published_at IS NOT NULL AND revoked_at IS NULL) AS holders,"
        " (SELECT count(*) FROM roll_entry WHERE honour = $1 AND revoked_at IS NOT NULL) AS revoked,"
        " (SELECT coalesce(json_agg(json_build_array(c.id, c.title, a.places) ORDER BY c.year DESC, c.code), '[]')"
        "  FROM cycle_award a JOIN cycle c ON c.id = a.cycle WHERE a.honour = $1) AS cycles",
        honour_id,
    )
    assert row is not None
    cycles = msgspec.json.decode(row["cycles"], type=list[tuple[UUID, str, int]])
    return Use(holders=row["holders"], revoked=row["revoked"], cycles=cycles)


async def missing_titles(codes: list[str]) -> int:
    """How many of these codes the catalogue does not hold."""
    return await fetchval(
        "SELECT count(*) FROM unnest($1::text[]) AS s(code) WHERE NOT EXISTS (SELECT 1 FROM honour h WHERE h.code = s.code)",
        codes,
    )


def _plain(q: str) -> str:
    """What was typed, without the signs that LIKE reads."""
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
