"""The arithmetic around results, against naive references."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions.results.rules import require_reason, series_prefix, shares, summary, tier_of
from competitions.results.showing import days
from competitions.scoring.bundle import Rules
from foundation.errors import Refusal
from publications.certificates.rules import NUMBER, number_of

totals = st.lists(st.integers(-500, 20_000).map(lambda n: Decimal(n).scaleb(-2)), min_size=5, max_size=60)


@given(totals)
def test_every_total_lies_in_exactly_one_column_of_one_width(values):
    made = summary(values)
    assert made is not None
    assert sum(column.count for column in made.bins) == len(values)
    widths = {column.hi - column.lo for column in made.bins}
    assert len(widths) == 1
    for left, right in zip(made.bins, made.bins[1:], strict=False):
        assert left.hi == right.lo
    assert made.bins[0].lo <= min(values)
    assert max(values) < made.bins[-1].hi
    for column in made.bins:
        assert column.count == len([v for v in values if column.lo <= v < column.hi])


@given(totals)
def test_mean_and_median_are_exact_and_rounded_half_up(values):
    made = summary(values)
    assert made is not None
    exact = Fraction(sum(Fraction(v) for v in values), len(values))
    assert abs(Fraction(made.mean) - exact) <= Fraction(1, 200)
    assert made.median == Decimal(median(values)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert (made.highest, made.lowest) == (max(values), min(values))


def test_a_mean_of_a_half_goes_away_from_zero():
    made = summary([Decimal("1.00")] * 7 + [Decimal("1.04")])  # 8.04 ÷ 8 = 1.005
    assert made is not None
    assert str(made.mean) == "1.01"


def test_few_totals_draw_no_chart():
    assert summary([Decimal(n) for n in range(4)]) is None


def test_equal_totals_draw_a_column():
    made = summary([Decimal("80.00")] * 6)
    assert made is not None
    assert [column.count for column in made.bins] == [6]


@pytest.mark.parametrize(
    ("year", "code", "prefix"),
    [
        (2026, "2026-auto-assembly", "XCJS-2026-AUTOASSEMBLY"),
        (2026, "2026-welder", "XCJS-2026-WELDER"),
        (2026, "welder.final_2", "XCJS-2026-WELDERFINAL2"),
        (2025, "2026-x", "XCJS-2025-2026X"),
        (2026, "2026-x", "XCJS-2026-SJX"),
        (2026, "---", "XCJS-2026-SJ"),
    ],
)
def test_a_series_is_the_year_and_the_code(year, code, prefix):
    assert series_prefix(year, code) == prefix


@given(st.integers(2000, 2100), st.from_regex(r"[A-Za-z0-9._-]{1,128}", fullmatch=True))
def test_every_code_makes_a_number_that_can_be_verified(year, code):
    number = number_of(series_prefix(year, code), 7)
    assert NUMBER.fullmatch(number)
    assert len(number) <= 40
    assert series_prefix(year, code) == series_prefix(year, code)


def rules(**changes) -> Rules:
    module = {"code": "m", "aspects": [{"code": "a", "kind": "points", "max": "10"}]}
    return msgspec.convert({"modules": [module], "ranking": [{"by": "total"}], **changes}, Rules)


def test_weights_that_are_parts_of_one_are_shown_as_percentages():
    aspects = [{"code": "a", "kind": "points", "max": "10"}]
    parted = rules(
        modules=[
            {"code": "t", "weight": "0.3", "aspects": aspects},
            {"code": "p", "weight": "0.7", "aspects": [{**aspects[0], "code": "b"}]},
        ]
    )
    assert [m["share"] for m in shares(parted)] == ["30%", "70%"]
    whole = rules(
        modules=[
            {"code": "t", "aspects": aspects},
            {"code": "p", "weight": "2", "aspects": [{**aspects[0], "code": "b"}]},
        ]
    )
    assert [m["share"] for m in shares(whole)] == ["", "×2"]


def test_the_tier_of_an_award_is_its_place_among_the_tiers():
    given_awards = rules(awards={"tiers": [{"name": "一等奖", "count": 1}, {"name": "二等奖", "percent": "20"}]})
    assert [tier_of(given_awards, name) for name in ("一等奖", "二等奖", "", None, "没有")] == [1, 2, 0, 0, 0]
    assert tier_of(rules(), "一等奖") == 0


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_step_back_without_a_reason_is_refused(blank):
    with pytest.raises(Refusal) as refused:
        require_reason(blank)
    assert (refused.value.field, refused.value.rule) == ("reason", "C57")


def test_days_are_said_as_short_as_they_can_be():
    from datetime import date

    from foundation.i18n import current_locale

    one, two, three = date(2026, 4, 27), date(2026, 4, 28), date(2026, 5, 2)
    assert [days(one, one), days(one, two), days(one, three)] == ["4月27日", "4月27–28日", "4月27日–5月2日"]
    token = current_locale.set("en")
    try:
        assert days(one, two) == "27–28 Apr 2026"
    finally:
        current_locale.reset(token)
