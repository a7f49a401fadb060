"""The three methods against naive references written from the rules' words; quorum, thresholds, ties."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal, Refusals
from honours.review import methods
from honours.review.methods import ABSTAIN, NO, YES, Criterion, RoundRules

APPROVAL = RoundRules(method="approval")


def test_a_majority_wants_more_than_half_when_strict_and_half_when_not():
    assert not methods.reached(2, 4, (1, 2), strict=True)
    assert methods.reached(2, 4, (1, 2))
    assert methods.needed(4, (1, 2), strict=True) == 3
    assert methods.needed(4, (1, 2)) == 2


def test_two_thirds_of_seven_is_five():
    """14/3 is not a number of people: four do not reach it, five do."""
    assert not methods.reached(4, 7, (2, 3))
    assert methods.reached(5, 7, (2, 3))
    assert methods.needed(7, (2, 3)) == 5


def test_nothing_of_nothing_reaches_nothing():
    assert not methods.reached(0, 0, (1, 2))


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_needed_is_the_least_that_reaches(part, whole, num, den, strict):
    share = (min(num, den), den)
    least = methods.needed(whole, share, strict=strict)
    assert methods.reached(part, whole, share, strict=strict) == (part >= least)


def test_a_pass_counts_abstentions_among_those_who_voted():
    """Three of five is more than half; three of six, with an abstention, is not."""
    slips = {"a": [YES, YES, YES, NO, NO], "b": [YES, YES, YES, NO, NO, ABSTAIN]}
    found = {one.nomination: one for one in methods.tally_approval(slips, APPROVAL, seats=6, voted=6).standings}
    assert found["a"].passed is True
    assert found["b"].passed is False
    assert (found["b"].votes, found["b"].no, found["b"].abstained, found["b"].of) == (3, 2, 1, 6)


def test_a_recused_voter_leaves_a_smaller_whole():
    """Two of three beats three of five."""
    slips = {"few": [YES, YES, NO], "all": [YES, YES, YES, NO, NO]}
    found = methods.tally_approval(slips, APPROVAL, seats=5, voted=5)
    assert [one.nomination for one in found.standings] == ["few", "all"]


def test_a_tie_across_the_line_is_left_to_a_run_off():
    slips = {"a": [YES] * 5, "b": [YES] * 4 + [NO], "c": [YES] * 4 + [NO], "d": [NO] * 5}
    found = methods.tally_approval(slips, RoundRules(method="approval", seats=2), seats=5, voted=5)
    assert found.tied == ("b", "c")
    assert found.open_seats == 1
    assert {one.nomination: one.chosen for one in found.standings} == {"a": True, "b": False, "c": False, "d": False}
    assert {one.nomination: one.rank for one in found.standings} == {"a": 1, "b": 2, "c": 2, "d": 4}


def test_who_fell_short_takes_no_seat_though_one_is_free():
    slips = {"a": [YES] * 5, "b": [NO] * 5}
    found = methods.tally_approval(slips, RoundRules(method="approval", seats=2), seats=5, voted=5)
    assert [one.chosen for one in found.standings] == [True, False]
    assert found.tied == ()


def test_nobody_could_judge_one_nominee():
    found = methods.tally_approval({"a": []}, APPROVAL, seats=3, voted=3).standings[0]
    assert (found.rank, found.passed, found.chosen) == (None, None, False)


def test_points_of_places_then_first_places():
    """Two seats: first two points, second one. x: 1st 1st none = 4; y: 2nd 2nd 1st = 4: x has more first places."""
    slips = {"x": [1, 1, 0], "y": [2, 2, 1], "z": [0, 0, 2]}
    found = methods.tally_ranked(slips, RoundRules(method="ranked", seats=2), seats=3, voted=3)
    assert [(one.nomination, one.votes, one.rank) for one in found.standings] == [("x", 4, 1), ("y", 4, 2), ("z", 1, 3)]


@given(
    st.lists(st.permutations(["a", "b", "c", "d"]), min_size=1, max_size=7), st.integers(1, 4),
    st.sets(st.tuples(st.integers(0, 6), st.sampled_from("abcd"))),
)  # fmt: skip
def test_ranked_against_papers_read_one_by_one(papers, seats, recused):
    """The reference walks the papers: who ranks whom at which place, recusals left out, then sorts by the words of the rule."""
    slips: dict[str, list[int]] = {one: [] for one in "abcd"}
    points, heard = dict.fromkeys("abcd", 0), dict.fromkeys("abcd", 0)
    places = {one: [0] * seats for one in "abcd"}
    for n, paper in enumerate(papers):
        judged = [one for one in paper if (n, one) not in recused]
        for place, one in enumerate(judged, 1):
            heard[one] += 1
            slips[one].append(place if place <= seats else 0)
            if place <= seats:
                points[one] += seats + 1 - place
                places[one][place - 1] += 1
    found = methods.tally_ranked(slips, RoundRules(method="ranked", seats=seats), seats=7, voted=len(papers))

    def better(one: str, other: str) -> bool:
        mine = [Fraction(v, heard[one]) for v in (points[one], *places[one])]
        theirs = [Fraction(v, heard[other]) for v in (points[other], *places[other])]
        return mine > theirs

    judged = [one for one in "abcd" if heard[one]]
    expected = {one: 1 + sum(better(other, one) for other in judged) for one in judged}
    assert {one.nomination: one.rank for one in found.standings if one.rank is not None} == expected
    certain = {one for one in judged if sum(expected[o] <= expected[one] for o in judged) <= seats}
    assert {one.nomination for one in found.standings if one.chosen} == certain
    assert len(certain) + found.open_seats == min(seats, len(judged)) or not found.tied


def test_weighted_criteria_are_exact():
    """0.3 × 86.5 + 0.7 × 91.25 = 89.825, shown 89.83: a binary float says 89.82."""
    criteria = (Criterion(code="a", label="甲", weight="30"), Criterion(code="b", label="乙", weight="70"))
    total = methods.total_of({"a": Decimal("86.5"), "b": Decimal("91.25")}, criteria)
    assert total == Fraction(89825, 1000)
    assert methods.two_places(total) == Decimal("89.83")


def test_a_criterion_counts_by_its_maximum():
    """25 of 50 at weight 60 is 30."""
    only = (Criterion(code="a", label="甲", weight="60", maximum="50"), Criterion(code="b", label="乙", weight="40"))
    assert methods.total_of({"a": Decimal(25), "b": Decimal(0)}, only) == 30


def test_scores_leave_out_one_highest_and_one_lowest_from_five_on():
    """C21: 95 95 90 85 85 → 90.00 (A8); four judges: nothing is left out."""
    five = {"a": [Fraction(v) for v in (95, 95, 90, 85, 85)]}
    four = {"a": [Fraction(v) for v in (100, 90, 90, 60)]}
    rules = RoundRules(method="scores", trim=True)
    assert methods.tally_scores(five, rules, seats=5, voted=5).standings[0].figure == "90.00"
    assert methods.tally_scores(four, rules, seats=4, voted=4).standings[0].figure == "85.00"


def test_what_looks_equal_is_a_tie():
    """89.825 and 89.83 are both shown as 89.83."""
    totals = {"a": [Fraction(89825, 1000)], "b": [Fraction(8983, 100)]}
    found = methods.tally_scores(totals, RoundRules(method="scores", seats=1), seats=3, voted=3)
    assert [one.rank for one in found.standings] == [1, 1]
    assert set(found.tied) == {"a", "b"}


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"a": YES}, "paper_incomplete"),
        ({"a": YES, "b": NO, "x": NO}, "paper_incomplete"),
        ({"a": YES, "b": 3}, "choice_unknown"),
        ({"a": YES, "b": YES}, "too_many_yes"),
    ],
)
def test_an_approval_paper_that_is_none(choices, code):
    with pytest.raises(Refusal) as refused:
        methods.check_approval(choices, ["a", "b"], RoundRules(method="approval", most=1))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"a": 1, "b": 1, "c": 0}, "places_gap"),
        ({"a": 2, "b": 0, "c": 0}, "places_gap"),
        ({"a": 1, "b": 3, "c": 0}, "places_gap"),
        ({"a": 1, "b": 2, "c": 3}, "too_many_places"),
        ({"a": -1, "b": 1, "c": 0}, "too_many_places"),
    ],
)
def test_a_ranked_paper_that_is_none(choices, code):
    with pytest.raises(Refusal) as refused:
        methods.check_ranking(choices, ["a", "b", "c"], RoundRules(method="ranked", seats=2))
    assert refused.value.code == code


def test_rules_are_refused_all_at_once():
    with pytest.raises(Refusals) as refused:
        methods.check_rules(
            RoundRules(
                method="scores",
                quorum=(0, 3),
                threshold=(4, 3),
                criteria=(Criterion(code="a", label="甲", weight="99"),),
            )
        )
    assert [one.code for one in refused.value.refusals] == ["share_impossible", "share_impossible", "weights_sum"]


@pytest.mark.parametrize("text", ["", "-1", "1e3", "１０", "NaN", "1.234", "10000", "1.", ".5"])
def test_points_are_plain_decimals(text):
    with pytest.raises(Refusal):
        methods.decimal_of(text)
