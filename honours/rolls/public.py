"""What everybody may read of rolls: frozen entries that are published and not revoked (H77, P3, P4); a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, current_locale, gettext
from foundation.listing import Column, Filter, Listing
from honours.cycles.schemas import UNIT_CLASSES
from registry.codes import regions
from registry.codes.job_categories import JOB_CATEGORIES
from registry.search_keys import keys_for_query

PUBLIC = "e.published_at IS NOT NULL AND e.revoked_at IS NULL"
LEVELS: Mapping[str, str] = {"national": N_("全国"), "province": N_("省级"), "city": N_("市级"), "county": N_("县级")}
MOST_SHOWN = 600
"""Names of one page of a roll; a roll of the past may hold thousands."""
WALL_NAMES = 12


class RollHead(msgspec.Struct, frozen=True, kw_only=True):
    """A roll in a line. ``counts`` are (honour's title, kind, entries that stand) in the catalogue's order."""

    id: UUID
    code: str
    title: str
    year: int
    organ: str
    document_number: str
    decided_on: date
    sentence: str
    digest: str
    published_at: datetime
    decision_title: str | None = None
    counts: tuple[tuple[str, str, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _title, _kind, count in self.counts)


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as a wall shows it: name, unit, post, county (P3)."""

    id: UUID
    honour: UUID
    title: str
    kind: str
    place: int
    name: str
    unit_name: str
    post: str
    region: str
    county_name: str
    category: str
    note: str
    """A unit's class: 非公企业; for people nothing."""
    posthumous: bool
    portrait: bool
    level: str

    @property
    def own_name(self) -> str:
        """A team's name without its unit's."""
        return (self.name.removeprefix(self.unit_name) or self.name) if self.kind == "team" else self.name


HEAD = "r.id, r.code, r.title, r.year, r.organ, r.document_number, r.decided_on, r.sentence, r.digest, r.published_at, (SELECT d.title FROM decision d WHERE d.id = r.decision) AS decision_title"
ROLLS_SQL = f"""
SELECT {HEAD}, (SELECT jsonb_agg(jsonb_build_array(x.title, x.kind, x.n) ORDER BY x.place, x.title) FROM (
  SELECT h.title, h.kind, h.place, count(*) AS n FROM roll_entry e JOIN honour h ON h.id = e.honour
  WHERE e.roll = r.id AND e.revoked_at IS NULL GROUP BY h.id) x) AS counts
FROM roll r
"""
ENTRIES_SQL = """
SELECT e.id, e.honour, h.title, e.kind, e.place, e.name, e.unit_name, e.post, e.region, e.county_name, e.category, e.unit_class,
       e.flags, e.posthumous, e.portrait IS NOT NULL AS portrait, h.level
FROM roll_entry e JOIN honour h ON h.id = e.honour
"""


async def rolls(limit: int = 20, *, year: int | None = None) -> list[RollHead]:
    """The newest rolls (of one year)."""
    rows = await fetch(
        ROLLS_SQL + "WHERE $2::int IS NULL OR r.year = $2 ORDER BY r.year DESC, r.decided_on DESC, r.published_at DESC, r.id LIMIT $1",
        limit, year,
    )  # fmt: skip
    return [_head(row) for row in rows]


async def roll_of(code: str) -> RollHead:
    """One roll by its address."""
    row = await fetchrow(ROLLS_SQL + "WHERE r.code = $1", code)
    if row is None:
        raise NotFound
    return _head(row)


def _head(row: Any) -> RollHead:
    values = dict(row)
    values["counts"] = tuple((t, k, n) for t, k, n in msgspec.json.decode(row["counts"] or "[]"))
    return RollHead(**values)


async def entries_of(roll: UUID) -> list[EntryLine]:
    """Everybody on a roll, in the annex's order (H71)."""
    rows = await fetch(ENTRIES_SQL + f"WHERE e.roll = $1 AND {PUBLIC} ORDER BY h.place, h.id, e.place, e.id", roll)
    return [line_of(row) for row in rows]


def line_of(row: Any) -> EntryLine:
    values = {name: row[name] for name in EntryLine.__struct_fields__ if name != "note"}
    return EntryLine(**values, note="" if row["kind"] == "person" else class_of(row["unit_class"], row["flags"]))


def class_of(unit_class: str, flags: Sequence[str]) -> str:
    """非公企业, 国有企业, or what class of unit it is."""
    if "non_public" in flags:
        return gettext("非公企业")
    if "state_owned" in flags:
        return gettext("国有企业")
    return gettext(UNIT_CLASSES.get(unit_class, ""))


def narrowed(rows: Sequence[EntryLine], *, q: str = "", honour: str = "", county: str = "") -> list[EntryLine]:
    """The rows of one honour, one county, and a name, 拼音 or unit."""
    from registry.search_keys import matches

    def meant(row: EntryLine) -> bool:
        return (
            (not honour or str(row.honour) == honour)
            and (not county or row.county_name == county)
            and (
                not q
                or matches(row.name, q, organisation=row.kind != "person")
                or matches(row.unit_name, q, organisation=True)
            )
        )

    return [row for row in rows if meant(row)]


async def totals_of(roll: UUID) -> list[dict[str, Any]]:
    """The composition as it was published: totals only (H20–H28)."""
    row = await fetchrow("SELECT composition FROM roll WHERE id = $1", roll)
    return msgspec.json.decode(row["composition"]) if row else []


async def years_of(roll: UUID, year: int, back: int = 5) -> list[dict[str, Any]]:
    """How many were honoured in each of the last years with the roll's own honours, for the columns."""
    rows = await fetch(
        "SELECT e.year, count(*) AS n FROM roll_entry e WHERE e.honour IN (SELECT DISTINCT honour FROM roll_entry WHERE roll = $1)"
        f" AND e.year BETWEEN $2 AND $3 AND {PUBLIC} GROUP BY e.year",
        roll, year - back + 1, year,
    )  # fmt: skip
    known = {row["year"]: row["n"] for row in rows}
    return [
        {"label": str(one), "value": known.get(one, 0), "now": one == year}
        for one in range(year - back + 1, year + 1)
        if one in known
    ]


async def corrections_of(roll: UUID) -> tuple[list[Any], int]:
    """What was mended in public since, with its reason; and how many entries were revoked (never who, H77)."""
    rows = await fetch(
        'SELECT c."before", c."after", c.reason, c.decided_at, h.title, e.place FROM roll_correction c'
        " JOIN roll_entry e ON e.id = c.entry JOIN honour h ON h.id = e.honour"
        " WHERE c.roll = $1 AND c.outcome = 'made' AND e.revoked_at IS NULL ORDER BY c.decided_at DESC LIMIT 50",
        roll,
    )
    gone = await fetch("SELECT 1 FROM roll_entry WHERE roll = $1 AND revoked_at IS NOT NULL", roll)
    fields = {"name": N_("名称"), "unit_name": N_("单位"), "post": N_("职务或岗位"), "region": N_("县市区")}
    made = []
    for row in rows:
        was, now = msgspec.json.decode(row["before"]), msgspec.json.decode(row["after"])
        changes = [(gettext(fields[name]), was[name] or "—", now[name] or "—") for name in now]
        made.append({"title": row["title"], "place": row["place"], "at": row["decided_at"], "reason": row["reason"], "changes": changes})  # fmt: skip
    return made, len(gone)


def _counties() -> list[tuple[str, str]]:
    english = current_locale.get() == "en"
    found = [(code, regions.REGIONS[code].en if english else regions.REGIONS[code].zh) for code in regions.COUNTIES]
    return [*found, ("city", gettext("市直"))]


LIST = Listing(
    path="/honours",
    select="e.id, e.year, e.kind, e.name, e.unit_name, e.post, e.county_name, e.posthumous, h.title, h.level, r.code AS roll,"
    " e.place, e.document_number",
    source="roll_entry e JOIN honour h ON h.id = e.honour JOIN roll r ON r.id = e.roll",
    search=lambda q, bind: f"e.search_keys @> {bind(keys_for_query(q))}::varchar[]",
    columns=(
        Column(key="year", title=N_("年度"), sort="e.year", number=True),
        Column(key="name", title=N_("姓名或名称"), sort='e.sort_key COLLATE "C"'),
        Column(key="title", title=N_("荣誉"), sort="h.place"),
    ),
    filters=(
        Filter(key="year", title=N_("年度"), where="e.year = {}", convert=lambda text: int(text[:4])),
        Filter(key="honour", title=N_("荣誉"), where="h.code = {}"),
        Filter(
            key="county", title=N_("县市区"), options=_counties,
            conditions={**{code: f"e.region = '{code}'" for code in regions.COUNTIES}, "city": "e.region = ''"},
        ),
        Filter(
            key="kind", title=N_("对象"), where="e.kind = {}",
            options=lambda: [("person", gettext("个人")), ("unit", gettext("单位")), ("team", gettext("集体"))],
        ),
    ),
    order='e.year DESC, h.place, e.place, e.id',
)  # fmt: skip


async def choices() -> tuple[list[int], list[tuple[str, str]]]:
    """Years and honours (code, title) that the public rolls hold, for the filters."""
    years = await fetch("SELECT DISTINCT year FROM roll ORDER BY year DESC")
    known = await fetch(
        "SELECT h.code, h.title FROM honour h WHERE EXISTS (SELECT 1 FROM roll_entry e WHERE e.honour = h.id AND e.roll IS NOT NULL)"
        " ORDER BY array_position(ARRAY['national', 'province', 'city', 'county'], h.level::text), h.place, h.code"
    )
    return [row["year"] for row in years], [(row["code"], row["title"]) for row in known]


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """One honoured person, unit or team, with every public honour of the same holder."""

    line: EntryLine
    roll: str
    roll_title: str
    year: int
    conferred_on: date
    document_number: str
    summary: str
    portrait_file: UUID | None
    others: tuple[Any, ...]


async def entry_of(entry: UUID) -> EntryPage:
    """A public entry; a revoked one is not found (H77)."""
    row = await fetchrow(
        ENTRIES_SQL.replace("FROM roll_entry", ", e.summary, e.portrait AS file, e.year, e.conferred_on, e.document_number, e.worker,"
        " e.organisation, e.team_key, r.code AS roll, r.title AS roll_title FROM roll_entry")
        + f"JOIN roll r ON r.id = e.roll WHERE e.id = $1 AND {PUBLIC}",
        entry,
    )  # fmt: skip
    if row is None:
        raise NotFound
    others = await fetch(
        "SELECT e.id, e.year, h.title, h.level, e.document_number FROM roll_entry e JOIN honour h ON h.id = e.honour"
        f" WHERE {PUBLIC} AND e.id <> $1 AND (e.worker = $2 OR ($2 IS NULL AND e.kind = $5 AND e.organisation = $3 AND e.team_key = $4))"
        " ORDER BY e.conferred_on DESC LIMIT 50",
        entry, row["worker"], row["organisation"], row["team_key"], row["kind"],
    )  # fmt: skip
    return EntryPage(
        line=line_of(row), roll=row["roll"], roll_title=row["roll_title"], year=row["year"],
        conferred_on=row["conferred_on"], document_number=row["document_number"], summary=row["summary"],
        portrait_file=row["file"], others=tuple(others),
    )  # fmt: skip


async def statistics() -> dict[str, Any]:
    """Counts of all public entries by year, county, category, honour and level: one query."""
    row = await fetchrow(
        "WITH e AS MATERIALIZED (SELECT e.year, e.region, e.kind, e.category, e.honour FROM roll_entry e"
        f" WHERE {PUBLIC}) SELECT"
        " (SELECT jsonb_agg(jsonb_build_array(year, n) ORDER BY year) FROM (SELECT year, count(*) n FROM e GROUP BY 1) x) AS years,"
        " (SELECT jsonb_agg(jsonb_build_array(region, n) ORDER BY n DESC, region) FROM (SELECT region, count(*) n FROM e GROUP BY 1) x)"
        " AS counties,"
        " (SELECT jsonb_agg(jsonb_build_array(category, n) ORDER BY n DESC, category) FROM (SELECT category, count(*) n FROM e"
        " WHERE kind = 'person' GROUP BY 1) x) AS categories,"
        " (SELECT jsonb_agg(jsonb_build_array(h.title, x.n, h.level) ORDER BY h.place, h.title) FROM (SELECT honour, count(*) n FROM e"
        " GROUP BY 1) x JOIN honour h ON h.id = x.honour) AS honours"
    )
    assert row is not None
    parts = {name: msgspec.json.decode(row[name] or "[]") for name in ("years", "counties", "categories", "honours")}
    english = current_locale.get() == "en"
    return {
        "years": [{"label": str(year), "value": n} for year, n in parts["years"]],
        "counties": [(county(code), n) for code, n in parts["counties"]],
        "categories": [
            ((JOB_CATEGORIES.en(code) if english else JOB_CATEGORIES.zh(code)) if code else gettext("未记录"), n)
            for code, n in parts["categories"]
        ],
        "honours": [(title, n) for title, n, _level in parts["honours"]],
        "total": sum(n for _year, n in parts["years"]),
    }


def county(code: str) -> str:
    """A county's name in the reader's language."""
    found = regions.REGIONS.get(code)
    if found is None or code == regions.CITY:
        return gettext("市直")
    return found.en if current_locale.get() == "en" else found.zh


async def newest(names: int = 12) -> tuple[RollHead, list[EntryLine]] | None:
    """The newest roll and its first people, for the home page."""
    found = await rolls(1)
    if not found:
        return None
    rows = await fetch(
        ENTRIES_SQL + f"WHERE e.roll = $1 AND {PUBLIC} ORDER BY e.kind <> 'person', h.place, h.id, e.place, e.id LIMIT $2",
        found[0].id, names,
    )  # fmt: skip
    return found[0], [line_of(row) for row in rows]
