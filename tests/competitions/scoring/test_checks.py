"""What the form of an event marked out of 100 insists on or warns of (C20, C21, C23, C30, C40)."""

import msgspec
import pytest

from competitions.scoring.bundle import Rules
from competitions.scoring.checks import check_rules


def rules(**changes):
    trimmed = {"method": "trimmed_mean", "minimum": 5}
    made = {
        "modules": [
            {"code": "theory", "weight": "0.3", "aspects": [{"code": "T", "kind": "points", "max": "100"}]},
            {"code": "practical", "weight": "0.7", "aspects": [
                {"code": "P", "kind": "points", "max": "30", "factor": "2", "panel": trimmed},
                {"code": "Q", "kind": "judgement", "max": "40", "levels": ["不符合", "基本符合", "符合", "优秀"]}]},
        ],
        "ranking": [{"by": "total"}, {"by": "module:practical"}],
        "awards": {"tiers": [{"name": "一等奖", "percent": "10"}]},
    }  # fmt: skip
    return made | changes


def found(made, **more):
    return check_rules(msgspec.convert(made, Rules), **more)


def bad(made, **more):
    return [(check.name, check.level, check.subject) for check in found(made, **more) if check.level != "pass"]


def test_sound_rules_pass_every_check():
    assert bad(rules(), seats=7) == []
    assert len(found(rules(), seats=7)) >= 8


@pytest.mark.parametrize(
    ("weights", "total", "rest"), [(("0.3", "0.6"), "0.9", "0.1"), (("0.3", "0.8"), "1.1", "-0.1")]
)
def test_weights_must_sum_to_1(weights, total, rest):
    made = rules()
    for module, weight in zip(made["modules"], weights, strict=True):
        module["weight"] = weight
    assert bad(made) == [("weights-sum-to-1", "fault", "")]
    assert found(made)[0].facts == {"sum": total, "difference": rest}


def test_maxima_must_sum_to_100_factors_counted():
    made = rules()
    made["modules"][1]["aspects"][0]["factor"] = "1.9"
    assert bad(made) == [("maxima-sum-to-100", "fault", "practical")]
    assert found(made)[2].facts == {"sum": "97", "difference": "3"}


def test_theory_above_30_percent_is_a_warning():
    made = rules()
    made["modules"][0]["weight"], made["modules"][1]["weight"] = "0.31", "0.69"
    assert bad(made) == [("theory-at-most-30", "warning", "theory")]
    made["modules"][0] |= {"code": "A", "title": "A 理论（机考）"}
    assert bad(made) == [("theory-at-most-30", "warning", "A")]
    made["modules"][0]["title"] = "笔试"
    assert bad(made) == []
    assert bad(made, theory="A") == [("theory-at-most-30", "warning", "A")]


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        (3, [("never-trim-below-4", "fault", "P"), ("trimmed-minimum-5", "warning", "P")]),
        (4, [("trimmed-minimum-5", "warning", "P")]),
        (5, []),
    ],
)
def test_a_trimmed_panel_needs_its_judges(minimum, expected):
    made = rules()
    made["modules"][1]["aspects"][0]["panel"]["minimum"] = minimum
    assert bad(made) == expected


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        (5, []),
        (6, [("seats-odd-and-5", "warning", "P")]),
        (3, [("seats-odd-and-5", "warning", "P"), ("seats-reach-minimum", "fault", "P")]),
        ({"P": 4}, [("seats-odd-and-5", "warning", "P"), ("seats-reach-minimum", "fault", "P")]),
        ({"Q": 1}, []),
    ],
)
def test_seats_where_marks_are_trimmed(seats, expected):
    assert bad(rules(), seats=seats) == expected


def test_more_than_one_mark_dropped_is_unusual():
    made = rules()
    made["modules"][1]["aspects"][0]["panel"] |= {"drop_high": 2}
    assert bad(made) == [("trim-one-and-one", "warning", "P")]


def test_levels_without_words_are_named():
    made = rules()
    made["modules"][1]["aspects"][1]["levels"] = ["不符合", "基本符合", "符合", " "]
    assert bad(made) == [("levels-described", "warning", "Q")]
    assert [check.facts for check in found(made) if check.name == "levels-described"] == [{"levels": "3"}]
    del made["modules"][1]["aspects"][1]["levels"]
    assert [check.facts for check in found(made) if check.name == "levels-described"] == [{"levels": "0, 1, 2, 3"}]


def test_ranking_that_does_not_begin_with_the_total_and_awards_above_100_percent():
    made = rules(ranking=[{"by": "module:practical"}])
    made["awards"]["tiers"] = [{"name": "一", "percent": "60"}, {"name": "二", "percent": "40.5"}]
    assert bad(made) == [("total-ranks-first", "warning", ""), ("awards-within-100", "fault", "")]
