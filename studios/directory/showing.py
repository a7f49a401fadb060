"""Shapes of the directory's pictures: the map's hexagons and classes, the tree of masters, the columns of a year. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.exact.quantities import half_up, print_units

PLACES: Mapping[str, tuple[int, int]] = {
    "341821": (3, 0), "341802": (2, 1), "341882": (4, 1), "341823": (1, 2), "341881": (3, 2), "341825": (2, 3), "341824": (4, 3),
}  # fmt: skip
"""County → (half columns, row) of its hexagon: 郎溪 above 宣州 and 广德, 泾县 and 宁国 below them, 旌德 and 绩溪 in the south.
Every two hexagons that touch are neighbours on the ground."""
HALF, TALL, COLUMN, ROW = 61, 70, 64, 111
"""Half the width and half the height of a hexagon, and the steps between centres, in the drawing's units."""
WIDE, HIGH = COLUMN * 5, TALL * 2 + ROW * 3 + 6
CLASSES = 5
PATENTS, AWARDS = ("invention", "utility", "method"), ("award",)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("patents", PATENTS),
    ("awards", AWARDS),
    ("improvements", ("improvement",)),
)
"""What the columns stack, from below: 专利与工法, 成果奖, 技术改进."""
MOST_CHILDREN = (5, 3)
"""Nodes drawn beneath a master in the first and in the second step; the rest is a number."""


class Hexagon(msgspec.Struct, frozen=True, kw_only=True):
    """One county of the map: its corners, its middle, how many studios, and the class of its colour (0: none)."""

    region: str
    x: int
    y: int
    points: str
    inner: str
    count: int
    shade: int


def classes(most: int) -> list[tuple[int, int]]:
    """Bounds of the five classes up to ``most``: 1, then four of equal width; [(1, 1), (2, 3), (4, 5), …]. Empty for 0.

    Up to five each number is its own class.
    """
    if most <= 0:
        return []
    if most <= CLASSES:
        return [(n, n) for n in range(1, most + 1)]
    width = -(-(most - 1) // (CLASSES - 1))
    bounds = [(1, 1), *((2 + n * width, 1 + (n + 1) * width) for n in range(CLASSES - 1))]
    return [(low, high) for low, high in bounds if low <= most]


def shade(count: int, bounds: Sequence[tuple[int, int]]) -> int:
    """The class of a number, from 1; 0 where there is none."""
    return next((place for place, (low, high) in enumerate(bounds, 1) if low <= count <= high), 0)


def hexagons(counts: Mapping[str, int]) -> list[Hexagon]:
    """The seven counties from north to south, each with its number and class."""
    bounds = classes(max((counts.get(region, 0) for region in PLACES), default=0))
    found = []
    for region, (column, row) in PLACES.items():
        x, y = column * COLUMN, TALL + 3 + row * ROW
        found.append(
            Hexagon(
                region=region, x=x, y=y, points=_corners(x, y, HALF, TALL), inner=_corners(x, y, HALF - 5, TALL - 6),
                count=counts.get(region, 0), shade=shade(counts.get(region, 0), bounds),
            )
        )  # fmt: skip
    return found


def _corners(x: int, y: int, half: int, tall: int) -> str:
    low = tall // 2
    corners = ((0, -tall), (half, -low), (half, low), (0, tall), (-half, low), (-half, -low))
    return " ".join(f"{x + dx},{y + dy}" for dx, dy in corners)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the tree. ``name`` is empty where the person did not agree to be named; ``more``: further ones not drawn."""

    name: str
    skill: str
    below: tuple[Person, ...] = ()
    more: int = 0


def tree(rows: Sequence[Mapping[str, Any]], leader: UUID, leader_name: str, named: frozenset[UUID]) -> Person | None:
    """Three generations from the leader down; None where nobody learns. Each person stands once, where met first.

    ``rows`` are agreements with master, apprentice, name, skill. Only the leader and those in ``named`` have names.
    """
    taught: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in rows:
        taught.setdefault(row["master"], []).append(row)
    seen = {leader}
    firsts = _fresh(taught.get(leader, ()), seen)
    if not firsts:
        return None
    below = []
    for first in firsts:
        seconds = _fresh(taught.get(first["apprentice"], ()), seen)
        drawn = tuple(_person(one, named) for one in seconds[: MOST_CHILDREN[1]])
        below.append(_person(first, named, drawn, len(seconds) - len(drawn)))
    drawn = tuple(below[: MOST_CHILDREN[0]])
    return Person(name=leader_name, skill="", below=drawn, more=len(below) - len(drawn))


def _fresh(rows: Sequence[Mapping[str, Any]], seen: set[UUID]) -> list[Mapping[str, Any]]:
    found = []
    for row in rows:
        if row["apprentice"] not in seen:
            seen.add(row["apprentice"])
            found.append(row)
    return found


def _person(row: Mapping[str, Any], named: frozenset[UUID], below: tuple[Person, ...] = (), more: int = 0) -> Person:
    return Person(name=row["name"] if row["apprentice"] in named else "", skill=row["skill"], below=below, more=more)


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a column: which group, how many, and where it stands."""

    group: str
    count: int
    y: int
    height: int


class YearColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A year's outputs, stacked."""

    year: int
    total: int
    x: int
    top: int
    pieces: tuple[Piece, ...]


FLOOR, SPAN, STEP = 190, 150, 76


def year_columns(counts: Mapping[tuple[int, str], int], years: Sequence[int]) -> list[YearColumn]:
    """Stacked columns of these years: (year, kind) → number. They start at zero and share one scale."""
    summed = {
        (year, group): sum(counts.get((year, kind), 0) for kind in kinds) for year in years for group, kinds in GROUPS
    }
    most = max((sum(summed[year, group] for group, _kinds in GROUPS) for year in years), default=0) or 1
    found = []
    for place, year in enumerate(years):
        pieces, total = [], 0
        for group, _kinds in GROUPS:
            count = summed[year, group]
            if count:
                low, total = FLOOR - total * SPAN // most, total + count
                high = FLOOR - total * SPAN // most
                pieces.append(Piece(group=group, count=count, y=high, height=low - high))
        x = 20 + place * STEP
        found.append(YearColumn(year=year, total=total, x=x, top=FLOOR - total * SPAN // most, pieces=tuple(pieces)))
    return found


def plain(value: Any) -> str:
    """An exact decimal without needless noughts, its thousands parted: 1,310.5."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hundredths(numerator: int, denominator: int) -> tuple[int, str]:
    """A fraction in hundredths, half up, and as it is printed: (950, "9.5")."""
    units = half_up(numerator * 100, denominator)
    text = print_units(units, 2)
    return units, text.rstrip("0").rstrip(".") if "." in text else text
