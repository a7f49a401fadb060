"""Natural keys, money and generations by table and against naive references (T4, T11)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal
from studios.outputs import rules

WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]


def checked(digits: str) -> str:
    """A patent number with its check sign by the published weights."""
    return digits + "0123456789X"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


@given(
    st.text("0123456789", min_size=12, max_size=12), st.sampled_from(["{}", "ZL{}", "ZL {}", "CN{}", "ＺＬ{}", "zl{}"])
)
def test_one_patent_has_one_number_however_it_is_written(digits, form):
    number = checked(digits)
    spaced = f"{number[:4]} {number[4]} {number[5:12]}.{number[12]}"
    assert rules.patent_number(form.format(number)) == rules.patent_number(form.format(spaced)) == number


@given(st.text("0123456789", min_size=12, max_size=12), st.sampled_from("0123456789X"))
def test_a_wrong_check_sign_is_refused(digits, sign):
    if checked(digits)[-1] == sign:
        assert rules.patent_number(digits + sign) == digits + sign
    else:
        with pytest.raises(Refusal) as refused:
            rules.patent_number(digits + sign)
        assert refused.value.code == "patent_check"


def test_the_fifth_digit_tells_the_kind():
    invention, utility = checked("202310123456"), checked("202321234567")
    rules.require_patent_kind("invention", invention)
    rules.require_patent_kind("utility", utility)
    for kind, number in (("utility", invention), ("invention", utility)):
        with pytest.raises(Refusal):
            rules.require_patent_kind(kind, number)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_tranches_sum_to_the_whole_or_are_refused(total, percents):
    if sum(percents) != 100 or total < 100:
        if sum(percents) != 100:
            with pytest.raises(Refusal):
                rules.tranche_fen(total, percents)
        return
    parts = rules.tranche_fen(total, percents)
    assert sum(parts) == total
    assert all(abs(Fraction(part) - Fraction(total * percent, 100)) < len(percents) for part, percent in zip(parts, percents, strict=True))  # fmt: skip


@given(st.integers(0, 10**7), st.lists(st.tuples(st.booleans(), st.integers(-5, 10**6)), max_size=20))
def test_an_account_never_falls_below_nought(paid, asked):
    account = rules.Account(approved=paid, paid=paid)
    left = paid
    for back, fen in asked:
        fits = 0 < fen <= left
        try:
            rules.require_room(account, fen)
        except Refusal:
            assert not fits
            continue
        assert fits
        left -= fen
        spent, returned = account.spent + (0 if back else fen), account.returned + (fen if back else 0)
        account = rules.Account(approved=paid, paid=paid, spent=spent, returned=returned)
        assert account.balance == left >= 0


@given(st.integers(1, 10**11 - 1))
def test_yuan_are_read_exactly(fen):
    text = f"{fen // 100}.{fen % 100:02d}"
    assert rules.fen_of(text) == fen == int(Decimal(text) * 100)
    assert rules.yuan_text(fen).replace(",", "") == text


@pytest.mark.parametrize("text", ["", "0", "0.00", "-1", "1.234", "1e3", "NaN", "１０", "1,000"])
def test_what_is_no_money_is_refused(text):
    with pytest.raises(Refusal):
        rules.fen_of(text)


@given(st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=4), max_size=8))
def test_generations_hold_everybody_once_within_three(taught):
    levels = rules.generations(taught, 0)
    flat = [one for level in levels for one in level]
    assert len(levels) <= 3
    assert len(flat) == len(set(flat))
    assert levels[0] == [0]
    reach = {0} | set(taught.get(0, ())) | {two for one in taught.get(0, ()) for two in taught.get(one, ())}
    assert set(flat) == reach


@pytest.mark.parametrize(("before", "after", "fits"), [("4", "3", True), ("3", "3", True), ("3", "4", False), ("", "5", True), ("3", "", True)])  # fmt: skip
def test_a_level_does_not_fall_by_learning(before, after, fits):
    if fits:
        rules.require_pair(before, after)
    else:
        with pytest.raises(Refusal):
            rules.require_pair(before, after)
