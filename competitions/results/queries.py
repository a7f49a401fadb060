"""What the public reads of results: only what was published, and only the frozen copies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from competitions.programme.rules import LEVELS
from competitions.results.rules import tier_of
from competitions.results.schemas import Checked, PlaceRow, ResultHead, Version
from competitions.scoring.bundle import Rules
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, gettext
from foundation.listing import Column, Filter, Listing
from registry.search_keys import keys_for_query, matches

HEAD_SQL = """
SELECT e.id AS event, e.code, e.title, e.kind, e.external, coalesce(nullif(e.venue, ''), c.venue) AS venue, e.starts_at,
       e.ends_at, c.title AS competition_title, c.code AS competition_code, c.level, c.plan_class, c.year, c.starts_on,
       c.ends_on
FROM event e JOIN competition c ON c.id = e.competition WHERE e.code = $1
"""
VERSIONS_SQL = """
SELECT id, number, public_sha256, confirmed_at, published_at, withdrawn_at, withdrawn_reason
FROM result WHERE event = $1 AND published_at IS NOT NULL ORDER BY number DESC
"""
ROWS_SQL = """
SELECT id, entry_code AS entry, name, organisation_name AS unit, rank, shared, guest, status, total, modules, award, scaled
FROM result_row WHERE result = $1 ORDER BY place
"""
CHECKED_SQL = """
SELECT (SELECT count(*) FROM seat s WHERE s.event = r.event AND s.signed_at <= r.confirmed_at) AS sheets,
       (SELECT count(*) FROM mark m WHERE m.event = r.event AND m.second IS NOT NULL AND m.marked_at <= r.confirmed_at)
         AS corrections
FROM result r WHERE r.id = $1
"""
WINNERS_SQL = """
SELECT e.code, e.title, c.title AS competition, c.year, r.id, r.published_at
FROM result r JOIN event e ON e.id = r.event JOIN competition c ON c.id = e.competition
WHERE r.published_at IS NOT NULL AND r.withdrawn_at IS NULL ORDER BY NOT EXISTS (
  SELECT FROM result_row w WHERE w.result = r.id AND w.award <> ''), r.published_at DESC LIMIT 1
"""


CODE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def require_code(code: str) -> None:
    """What no event can be called is not looked for. Raises ``NotFound``."""
    if not CODE.fullmatch(code):
        raise NotFound


async def head_of(code: str) -> ResultHead:
    """An event's published result. Raises ``NotFound`` where nothing of it was ever published."""
    require_code(code)
    row = await fetchrow(HEAD_SQL, code)
    versions = [Version(**dict(v)) for v in await fetch(VERSIONS_SQL, row["event"])] if row else []
    if row is None or not versions:
        raise NotFound
    return ResultHead(**dict(row), current=versions[0], versions=tuple(versions))


async def places_of(result: UUID, rules: Rules) -> list[PlaceRow]:
    """All places of a result in order, in one query."""
    rows = [_place(row, rules) for row in await fetch(ROWS_SQL, result)]
    last = {row.award: at for at, row in enumerate(rows) if row.award}
    return [
        msgspec.structs.replace(row, ends_award=True) if last.get(row.award) == at else row
        for at, row in enumerate(rows)
    ]


def _place(row: Any, rules: Rules) -> PlaceRow:
    values = dict(row)
    values["modules"] = msgspec.json.decode(values["modules"])
    return PlaceRow(**values, tier=tier_of(rules, values["award"]))


def narrowed(rows: Sequence[PlaceRow], *, q: str = "", unit: str = "", award: str = "") -> list[PlaceRow]:
    """The rows that a search leaves: by name, pinyin or initials, unit, entry code; by one unit; by one award (``-``: none)."""
    found = rows
    if unit:
        found = [row for row in found if row.unit == unit]
    if award:
        found = [row for row in found if row.award == ("" if award == "-" else award)]
    if q.strip():
        found = [row for row in found if _meets(row, q)]
    return list(found)


def _meets(row: PlaceRow, q: str) -> bool:
    return matches(row.name, q) or matches(row.unit, q, organisation=True) or row.entry.lower() == q.strip().lower()


async def checked_of(result: UUID, *, judges: int, marks: int) -> Checked:
    """How a result was checked, as it stood at its confirmation."""
    row = await fetchrow(CHECKED_SQL, result)
    assert row is not None
    return Checked(sheets=row["sheets"], corrections=row["corrections"], judges=judges, marks=marks)


async def newest_winners(most: int = 12) -> Mapping[str, Any] | None:
    """The newest published result that gave awards (else the newest): its head and its first official places."""
    head = await fetchrow(WINNERS_SQL)
    if head is None:
        return None
    rows = await fetch(
        "SELECT entry_code, name, organisation_name AS unit, rank, award FROM result_row"
        " WHERE result = $1 AND rank IS NOT NULL AND NOT guest ORDER BY award = '', place LIMIT $2",
        head["id"], most,
    )  # fmt: skip
    total = await fetch(
        "SELECT count(*) FILTER (WHERE award <> '') AS awarded, count(*) AS official FROM result_row"
        " WHERE result = $1 AND rank IS NOT NULL AND NOT guest",
        head["id"],
    )
    return {**dict(head), "rows": rows, "awarded": total[0]["awarded"], "official": total[0]["official"]}


def _levels() -> list[tuple[str, str]]:
    return [(value, gettext(text)) for value, text in LEVELS.items()]


def _search(q: str, bind: Any) -> str:
    keys = bind(keys_for_query(q))
    like = bind("%" + q.replace("\\", "").replace("%", "").replace("_", "\\_") + "%")
    return (
        f"c.search_keys @> {keys}::varchar[] OR e.title ILIKE {like} OR e.code ILIKE {like} OR (r.withdrawn_at IS NULL"
        f" AND EXISTS (SELECT FROM result_row w WHERE w.result = r.id AND w.search_keys @> {keys}::varchar[]))"
    )


LIST = Listing(
    path="/results",
    select="e.code, e.title, e.external, c.title AS competition, c.level, c.year, c.starts_on, c.ends_on,"
    " r.number, r.published_at, r.withdrawn_at, r.withdrawn_reason,"
    " (SELECT count(*) FROM result_row w WHERE w.result = r.id AND w.rank IS NOT NULL) AS entries,"
    " (SELECT array_agg(w.name ORDER BY w.place) FROM result_row w"
    " WHERE w.result = r.id AND w.rank <= 3 AND NOT w.guest AND r.withdrawn_at IS NULL) AS first",
    source="event e JOIN competition c ON c.id = e.competition JOIN LATERAL (SELECT id, number, published_at,"
    " withdrawn_at, withdrawn_reason FROM result WHERE event = e.id AND published_at IS NOT NULL"
    " ORDER BY number DESC LIMIT 1) r ON true",
    search=_search,
    columns=(
        Column(key="published_at", title=N_("公布时间"), sort="r.published_at"),
        Column(key="title", title=N_("项目"), sort='e.title COLLATE "C"'),
    ),
    filters=(
        Filter(key="year", title=N_("年度"), where="c.year = {}", convert=int),
        Filter(key="level", title=N_("级别"), where="c.level = {}", options=_levels),
    ),
    order='r.published_at DESC, e.code COLLATE "C"',
)


async def years() -> list[int]:
    """The years of which results were published, the newest first."""
    rows = await fetch(
        "SELECT DISTINCT c.year FROM competition c JOIN event e ON e.competition = c.id JOIN result r ON r.event = e.id"
        " WHERE r.published_at IS NOT NULL ORDER BY c.year DESC LIMIT 40"
    )
    return [row["year"] for row in rows]
