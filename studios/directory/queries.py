"""What everybody may read of studios (P3): names, units, figures; never who refused to be named; a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec

from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, current_locale, gettext
from foundation.listing import Column, Filter, Listing
from registry.codes import regions
from registry.search_keys import keys_for_query
from studios.directory import showing
from studios.outputs.consents import named_in
from studios.schemas import ScoringTable
from studios.scoring import Answer, item_result, items_of
from studios.stages import LABELS, LISTED, Stage

PATH = "/studios-directory"
PAGE = 8
LEVELS: Mapping[str, str] = {
    "national": N_("全国"),
    "province": N_("省级"),
    "city": N_("市级"),
    "county": N_("县级"),
    "enterprise": N_("企业级"),
}
GRADES: Mapping[str, str] = {
    "excellent": N_("优秀"),
    "qualified": N_("合格"),
    "rectify": N_("限期整改"),
    "failed": N_("不合格"),
}
SHOWN = "s.stage IN ({})".format(", ".join(f"'{stage.value}'" for stage in sorted(LISTED)))
YEAR = f"(extract(year FROM {NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::int)"
UNIT = "coalesce(nullif(o.unit_name, ''), o.name)"
SOURCE = "studio s JOIN organisation o ON o.id = s.organisation"
COUNTED = "u.stage = 'confirmed' AND u.kind NOT IN ('benefit', 'training')"
"""Outputs that the county confirmed; sums of money and of people are no outputs of their own (T11)."""
OTHER = "s.region NOT IN ({})".format(", ".join(f"'{code}'" for code in regions.COUNTIES))


def county_name(region: str) -> str:
    """The name of a region in the reader's language; 市直 for whatever is none of the seven."""
    if region not in regions.COUNTIES:
        return gettext("市直")
    found = regions.REGIONS[region]
    return found.en if current_locale.get() == "en" else found.zh


def counties() -> list[tuple[str, str]]:
    """(code, name) of the seven, and 市直."""
    return [*((code, county_name(code)) for code in regions.COUNTIES), ("city", gettext("市直"))]


def labelled(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """(value, words) in the reader's language."""
    return [(value, gettext(label)) for value, label in labels.items()]


LIST = Listing(
    path=PATH,
    select=f"s.id, s.code, s.name, s.leader_name, s.title_kind, s.field_of_work, s.level, s.region, s.stage, s.named_on,"
    f" s.last_grade, s.last_assessed, {UNIT} AS unit,"
    f" (SELECT count(*) FROM output u WHERE u.studio = s.id AND u.year = {YEAR} - 1 AND {COUNTED}) AS outputs,"
    " (SELECT count(*) FROM apprenticeship a WHERE a.studio = s.id AND a.ended_on IS NULL) AS apprentices,"
    " (SELECT r.due_on FROM rectification r WHERE r.studio = s.id AND r.closed_on IS NULL) AS due_on",
    source=SOURCE,
    search=lambda q, bind: f"s.search_keys @> {bind(keys_for_query(q))}::varchar[] OR strpos(s.field_of_work, {bind(q)}) > 0",
    columns=(
        Column(key="name", title=N_("工作室"), sort='s.sort_key COLLATE "C"'),
        Column(key="level", title=N_("级别"), show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="region", title=N_("县市区"), show=lambda row: county_name(row["region"])),
        Column(key="unit", title=N_("所在单位")),
        Column(key="field_of_work", title=N_("专业方向")),
        Column(key="named_on", title=N_("命名日期"), sort="s.named_on"),
        Column(key="stage", title=N_("状态"), show=lambda row: gettext(LABELS[row["stage"]])),
        Column(key="last_assessed", title=N_("考核年度"), number=True),
        Column(key="last_grade", title=N_("考核等次"), show=lambda row: gettext(GRADES.get(row["last_grade"], ""))),
        Column(key="outputs", title=N_("去年成果"), number=True),
        Column(key="apprentices", title=N_("在徒"), number=True),
    ),
    filters=(
        Filter(key="level", title=N_("级别"), where="s.level = {}", options=lambda: labelled(LEVELS)),
        Filter(key="grade", title=N_("考核"), where="s.last_grade = {}", options=lambda: labelled(GRADES)),
        Filter(
            key="county", title=N_("县市区"), options=counties,
            conditions={**{code: f"s.region = '{code}'" for code in regions.COUNTIES}, "city": OTHER},
        ),
    ),
    order="array_position(ARRAY['national','province','city','county','enterprise'], s.level::text), s.named_on, s.id",
)  # fmt: skip


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the directory: by region and level, who learns, and last year's grades."""

    by_region: Mapping[str, int]
    by_level: Mapping[str, int]
    apprentices: int
    graded: int | None
    """The year of the newest assessments; None before the first."""
    grades: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_level.values())


async def overview() -> Overview:
    """Figures of all that are on the register, in three queries."""
    rows = await fetch(f"SELECT s.region, s.level, count(*) AS n FROM studio s WHERE {SHOWN} GROUP BY 1, 2")
    regional: dict[str, int] = {}
    levels: dict[str, int] = {}
    for row in rows:
        region = row["region"] if row["region"] in regions.COUNTIES else "city"
        regional[region] = regional.get(region, 0) + row["n"]
        levels[row["level"]] = levels.get(row["level"], 0) + row["n"]
    learning = await fetchrow(
        "SELECT count(DISTINCT a.apprentice) AS n FROM apprenticeship a JOIN studio s ON s.id = a.studio"
        f" WHERE a.ended_on IS NULL AND {SHOWN}"
    )
    graded = await fetch(
        "SELECT a.year, a.grade, count(*) AS n FROM assessment a WHERE a.decided_at IS NOT NULL"
        " AND a.year = (SELECT max(b.year) FROM assessment b WHERE b.decided_at IS NOT NULL) GROUP BY 1, 2"
    )
    return Overview(
        by_region=regional, by_level=levels, apprentices=learning["n"] if learning else 0,
        graded=graded[0]["year"] if graded else None, grades={row["grade"]: row["n"] for row in graded},
    )  # fmt: skip


async def studio_of(code: str) -> Any:
    """One studio by its public code, listed or not; raises ``NotFound``."""
    row = await fetchrow(
        f"SELECT s.id, s.code, s.name, s.leader, s.leader_name, s.title_kind, s.field_of_work, s.level, s.region, s.stage,"
        f" s.named_on, s.cycle_ends_on, s.last_grade, s.last_assessed, s.ended_on, s.facts, {UNIT} AS unit,"
        f" p.title AS programme_title, {YEAR} AS year, t.code AS into_code, t.name AS into_name,"
        " (SELECT count(*) FROM studio_member m WHERE m.studio = s.id AND m.left_on IS NULL) AS members,"
        " (SELECT count(*) FROM apprenticeship a WHERE a.studio = s.id AND a.ended_on IS NULL) AS apprentices,"
        " (SELECT r.due_on FROM rectification r WHERE r.studio = s.id AND r.closed_on IS NULL) AS due_on"
        f" FROM {SOURCE} JOIN programme p ON p.id = s.programme LEFT JOIN studio_merger g ON g.studio = s.id"
        " LEFT JOIN studio t ON t.id = g.into_studio WHERE s.code = $1",
        code,
    )
    if row is None:
        raise NotFound
    return row


def is_listed(row: Any) -> bool:
    """Whether the studio is on the register."""
    return Stage(row["stage"]) in LISTED


async def namings_of(studio: UUID) -> list[Any]:
    """Under which documents it was named, the first one first (T9)."""
    return await fetch(
        "SELECT n.level, n.named_on, n.document_number, n.plaque_number, p.title FROM studio_naming n"
        " JOIN programme p ON p.id = n.programme WHERE n.studio = $1 ORDER BY n.named_on, n.id",
        studio,
    )


async def history_of(studio: UUID) -> list[Any]:
    """What became public of its life besides namings: (on, text, note, kind), the first one first."""
    return await fetch(
        "SELECT e.happened_on AS on, e.kind, e.public_text AS text, NULL::int AS year, '' AS total FROM studio_event e"
        " WHERE e.studio = $1 AND e.public_text <> '' AND e.kind NOT IN ('named', 'upgraded')"
        " UNION ALL SELECT (a.decided_at AT TIME ZONE 'Asia/Shanghai')::date, 'grade', a.grade, a.year, a.total"
        " FROM assessment a WHERE a.studio = $1 AND a.decided_at IS NOT NULL ORDER BY 1, 4",
        studio,
    )


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Confirmed outputs: (year, kind) → number, and the sums in their exact decimals."""

    counts: Mapping[tuple[int, str], int]
    total: int
    wan_yuan: str
    people: int


async def sums_of(studio: UUID) -> Sums:
    """All years' outputs of a studio (T11), confirmed ones only."""
    rows = await fetch(
        "SELECT u.year, u.kind, count(*) AS n, coalesce(sum(u.wan_yuan), 0) AS wan, coalesce(sum(u.people), 0)::int AS people"
        " FROM output u WHERE u.studio = $1 AND u.stage = 'confirmed' GROUP BY 1, 2",
        studio,
    )
    counts = {(row["year"], row["kind"]): row["n"] for row in rows if row["kind"] not in ("benefit", "training")}
    return Sums(
        counts=counts, total=sum(counts.values()), wan_yuan=showing.plain(sum((row["wan"] for row in rows), start=0)),
        people=sum(row["people"] for row in rows),
    )  # fmt: skip


async def projects_of(studio: UUID, limit: int = 8) -> list[Any]:
    """The newest confirmed outputs, the ones with money first within a year."""
    return await fetch(
        "SELECT u.year, u.kind, u.title, u.reference, u.wan_yuan, u.people FROM output u"
        " WHERE u.studio = $1 AND u.stage = 'confirmed'"
        " ORDER BY u.year DESC, u.wan_yuan DESC NULLS LAST, u.kind, u.achieved_on DESC, u.id LIMIT $2",
        studio, limit,
    )  # fmt: skip


async def tree_of(row: Any) -> showing.Person | None:
    """Master and apprentices in three generations; names only of those who agreed to be named (P2)."""
    if row["leader"] is None:
        return None
    rows = await fetch(
        "SELECT a.master, a.apprentice, w.name, coalesce(nullif(a.skill_after, ''), w.skill_level) AS skill"
        " FROM apprenticeship a JOIN worker w ON w.id = a.apprentice"
        " WHERE a.studio = $1 AND a.verdict <> 'broken_off' AND w.erased_at IS NULL ORDER BY a.agreed_on, a.id LIMIT 300",
        row["id"],
    )
    return showing.tree(rows, row["leader"], row["leader_name"], await named_in(row["id"]))


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One criterion of the last assessment: the panel's mean in hundredths and as printed."""

    label: str
    units: int
    full_units: int
    value: str
    full: str


class LastGrade(msgspec.Struct, frozen=True, kw_only=True):
    year: int
    total: str
    grade: str
    items: tuple[Item, ...] = ()


async def last_grade_of(studio: UUID) -> LastGrade | None:
    """The newest assessment in force, item by item where it rests on a visit (T5, T8)."""
    row = await fetchrow(
        'SELECT a.year, a.total, a.grade, a.visit, v."table" FROM assessment a'
        " LEFT JOIN visit v ON v.id = a.visit AND v.stage = 'closed'"
        " WHERE a.studio = $1 AND a.decided_at IS NOT NULL ORDER BY a.year DESC LIMIT 1",
        studio,
    )
    if row is None:
        return None
    items = await _items(row["visit"], row["table"]) if row["table"] else ()
    return LastGrade(year=row["year"], total=row["total"], grade=row["grade"], items=items)


async def _items(visit: UUID, text: str) -> tuple[Item, ...]:
    rows = await fetch(
        "SELECT DISTINCT ON (n.expert, n.item) n.expert, n.item, n.answer FROM visit_answer n"
        " JOIN visit_expert e ON e.id = n.expert WHERE e.visit = $1 AND e.fate = 'counted'"
        " ORDER BY n.expert, n.item, n.number DESC",
        visit,
    )
    given: dict[str, list[Answer]] = {}
    for row in rows:
        if not row["item"].startswith("+"):
            given.setdefault(row["item"], []).append(msgspec.json.decode(row["answer"], type=Answer))
    found = []
    for item in items_of(msgspec.json.decode(text, type=ScoringTable)):
        results = [item_result(item, answer) for answer in given.get(item.code, ())]
        values = [result.value for result in results if result.value is not None]
        if not values:
            return ()
        mean = sum(values, Fraction(0)) / len(values)
        full = results[0].full
        units, value = showing.hundredths(mean.numerator, mean.denominator)
        whole, printed = showing.hundredths(full.numerator, full.denominator)
        found.append(Item(label=item.label, units=units, full_units=whole, value=value, full=printed))
    return tuple(found)


def next_assessment(row: Any, last: LastGrade | None, today: date) -> date | None:
    """When the next yearly assessment is due: the end of this year unless this year is assessed (T8)."""
    if not is_listed(row):
        return None
    year = today.year + 1 if last is not None and last.year >= today.year else today.year
    return date(year, 12, 31)
