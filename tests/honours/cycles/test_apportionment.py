"""Largest remainders: sums, the quota rule, ties, minima, refusals, against a naive reference (H29)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foundation.errors import Refusals
from honours.cycles.apportionment import County, Inputs, Measure, apportion, decimal_text, faults

STAFF = Measure(code="staff", label="在岗职工人数", share="50")
OUTPUT = Measure(code="output", label="规上工业增加值", share="50")
ONE = Measure(code="staff", label="在岗职工人数", share="100")


def county(code: str, *values: str) -> County:
    return County(code=code, name=f"县{code}", values=values)


def seats(inputs: Inputs) -> dict[str, int]:
    return {row.code: row.seats for row in apportion(inputs).rows}


def test_half_by_staff_half_by_output_worked_on_paper():
    """Two measures (H29, Xuchang): a = 60 % of staff, 20 % of output → 40 %; b = 40 % and 80 % → 60 %; of 7: 2.8 and 4.2."""
    result = apportion(
        Inputs(places=7, measures=(STAFF, OUTPUT), counties=(county("a", "600", "10"), county("b", "400", "40")))
    )
    a, b = result.rows
    assert (a.parts, a.weight, a.quota, a.whole, a.remainder, a.extra, a.seats) == (
        ("3/5", "1/5"),
        "2/5",
        "14/5",
        2,
        "4/5",
        1,
        3,
    )
    assert (b.weight, b.quota, b.whole, b.remainder, b.extra, b.seats) == ("3/5", "21/5", 4, "1/5", 0, 4)
    assert (result.left, a.order, b.order) == (1, 1, 2)


def test_equal_remainders_go_to_the_larger_weight_then_to_the_code():
    # 1 : 1 : 2 of 2 places: quotas 0.5, 0.5, 1 → the tie of a and b goes by code.
    assert seats(Inputs(places=2, measures=(ONE,), counties=(county("b", "1"), county("a", "1"), county("c", "2")))) == {
        "a": 1, "b": 0, "c": 1,
    }  # fmt: skip
    # 1 : 3 of 2 places: 0.5 and 1.5 → the larger weight first, though its code comes later.
    assert seats(Inputs(places=2, measures=(ONE,), counties=(county("a", "1"), county("z", "3")))) == {"a": 0, "z": 2}


def test_everybody_gets_the_minimum_before_the_rest_is_shared():
    result = apportion(Inputs(places=10, minimum=2, measures=(ONE,), counties=(county("a", "99"), county("b", "1"))))
    assert [(row.minimum, row.quota, row.seats) for row in result.rows] == [(2, "297/50", 8), (2, "3/50", 2)]
    assert result.shared == 6


def test_everything_wrong_is_said_at_once_beside_its_field():
    inputs = Inputs(
        places=3, minimum=2,
        measures=(Measure(code="s", label="职工", share="60"), Measure(code="o", label="产值", share="abc")),
        counties=(county("a", "1", "0"), county("a", "-1", "0"), county("c", "1")),
    )  # fmt: skip
    with pytest.raises(Refusals) as refused:
        apportion(inputs)
    told = {(r.code, r.field) for r in refused.value.refusals}
    assert told == {
        ("not_a_share", "measures-1-share"), ("not_a_figure", "counties-1-values-0"), ("values_missing", "counties-2-values"),
        ("measure_empty", "measures-1-label"), ("county_twice", "counties-1-code"), ("minimum_too_large", "minimum"),
    }  # fmt: skip


@pytest.mark.parametrize("share", ["1e2", "１００", "NaN", "-0", "1/2", " 100", "100."])
def test_a_share_is_a_plain_decimal(share):
    inputs = Inputs(places=1, measures=(Measure(code="s", label="s", share=share),), counties=(county("a", "1"),))
    assert [r.code for r in faults(inputs)] == ["not_a_share"]


@pytest.mark.parametrize("total", ["99.99", "100.01", "0"])
def test_shares_make_exactly_one_hundred(total):
    inputs = Inputs(places=1, measures=(Measure(code="s", label="s", share=total),), counties=(county("a", "1"),))
    assert [r.code for r in faults(inputs)] == ["shares_not_100"]


def naive(places: int, minimum: int, shares: list[int], rows: list[list[int]]) -> list[int]:
    """One place at a time to whoever's remainder is largest."""
    totals = [sum(row[m] for row in rows) for m in range(len(shares))]
    weights = [
        sum(Fraction(share, 100) * Fraction(row[m], totals[m]) for m, share in enumerate(shares)) for row in rows
    ]
    rest = places - minimum * len(rows)
    got = [int(weight * rest) for weight in weights]
    missing = rest - sum(got)
    waiting = list(range(len(rows)))
    for _ in range(missing):
        lucky = max(waiting, key=lambda n: (weights[n] * rest - int(weights[n] * rest), weights[n], -n))
        waiting.remove(lucky)
        got[lucky] += 1
    return [minimum + g for g in got]


@given(
    st.integers(0, 400), st.integers(0, 2), st.integers(0, 100),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1, max_size=9),
)  # fmt: skip
def test_sums_and_quota_rule_and_the_naive_reckoning(places, minimum, share, rows):
    assume(sum(r[0] for r in rows) and sum(r[1] for r in rows) and minimum * len(rows) <= places)
    measures = (Measure(code="m0", label="", share=str(share)), Measure(code="m1", label="", share=str(100 - share)))
    counties = tuple(county(f"{n}", *map(str, row)) for n, row in enumerate(rows))
    result = apportion(Inputs(places=places, minimum=minimum, measures=measures, counties=counties))
    assert sum(row.seats for row in result.rows) == places
    for row in result.rows:
        assert row.seats - minimum in (row.whole, row.whole + 1)
        assert row.whole <= Fraction(row.quota) < row.whole + 1
    assert [row.seats for row in result.rows] == naive(places, minimum, [share, 100 - share], [list(r) for r in rows])


@pytest.mark.parametrize(
    ("exact", "text"),
    [("14/5", "2.8"), ("1/3", "0.3333…"), ("2", "2"), ("0", "0"), ("29999/10000", "2.9999"), ("20", "20")],
)
def test_exact_numbers_are_cut_for_reading_never_rounded(exact, text):
    assert decimal_text(exact) == text
