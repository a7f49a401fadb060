"""The map's neighbours and classes, the columns, the tree."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from studios.directory import showing

NEIGHBOURS = {
    frozenset(pair)
    for pair in (
        ("341821", "341802"), ("341821", "341882"), ("341802", "341882"), ("341802", "341823"), ("341802", "341881"),
        ("341882", "341881"), ("341823", "341881"), ("341823", "341825"), ("341881", "341825"), ("341881", "341824"),
        ("341825", "341824"),
    )
}  # fmt: skip
"""Who borders on whom among the seven: 郎溪–宣州, 郎溪–广德, 宣州–广德, 宣州–泾县, 宣州–宁国, 广德–宁国, 泾县–宁国, 泾县–旌德,
宁国–旌德, 宁国–绩溪, 旌德–绩溪."""


def test_hexagons_touch_exactly_where_counties_do():
    touching = {
        frozenset((a, b))
        for a, (xa, ya) in showing.PLACES.items()
        for b, (xb, yb) in showing.PLACES.items()
        if a < b and (abs(xa - xb), abs(ya - yb)) in {(2, 0), (1, 1)}
    }
    assert touching == NEIGHBOURS


def test_the_classes_of_nine_are_those_of_the_picture():
    assert showing.classes(9) == [(1, 1), (2, 3), (4, 5), (6, 7), (8, 9)]
    assert showing.classes(3) == [(1, 1), (2, 2), (3, 3)]
    assert showing.classes(0) == []


@given(st.integers(1, 3000))
def test_each_number_has_one_class_and_more_is_never_paler(most: int):
    bounds = showing.classes(most)
    shades = [showing.shade(n, bounds) for n in range(1, most + 1)]
    assert len(bounds) <= 5
    assert shades == sorted(shades)
    assert shades[0] == 1
    assert 0 not in shades
    assert all(sum(low <= n <= high for low, high in bounds) == 1 for n in range(1, most + 1))
    assert showing.shade(0, bounds) == 0


def test_columns_stand_on_one_floor_and_share_one_scale():
    counts = {(2024, "invention"): 2, (2024, "utility"): 1, (2024, "improvement"): 1, (2025, "award"): 8}
    first, second, third = showing.year_columns(counts, [2023, 2024, 2025])
    assert (first.total, first.pieces) == (0, ())
    assert [(p.group, p.count) for p in second.pieces] == [("patents", 3), ("improvements", 1)]
    assert second.total == 4
    assert third.total == 8
    assert (showing.FLOOR - second.top) * 2 == showing.FLOOR - third.top == showing.SPAN
    assert sum(p.height for p in second.pieces) == showing.FLOOR - second.top


def _agreement(master: UUID, apprentice: UUID, name: str) -> dict:
    return {"master": master, "apprentice": apprentice, "name": name, "skill": "3"}


def test_the_tree_has_three_generations_and_only_agreed_names():
    zhao, yin, hao, deep = uuid4(), uuid4(), uuid4(), uuid4()
    rows = [
        _agreement(zhao, yin, "殷雨水"),
        _agreement(yin, hao, "郝清明"),
        _agreement(hao, deep, "四代"),
        _agreement(hao, zhao, "环"),
    ]
    found = showing.tree(rows, zhao, "赵立春", frozenset({hao}))
    assert found is not None
    assert found.name == "赵立春"
    (first,) = found.below
    assert first.name == ""
    assert [child.name for child in first.below] == ["郝清明"]
    assert first.below[0].below == ()
    assert showing.tree([_agreement(yin, hao, "郝清明")], zhao, "赵立春", frozenset()) is None


def test_who_does_not_fit_is_a_number():
    zhao = uuid4()
    found = showing.tree([_agreement(zhao, uuid4(), f"徒{n}") for n in range(9)], zhao, "赵立春", frozenset())
    assert found is not None
    assert (len(found.below), found.more) == (5, 4)


def test_figures_are_exact():
    assert showing.plain(Decimal("1310.5000")) == "1,310.5"
    assert showing.plain(Decimal("0.0000")) == "0"
    assert showing.plain(1200) == "1,200"
    assert showing.hundredths(19, 2) == (950, "9.5")
    assert showing.hundredths(56, 3) == (1867, "18.67")
