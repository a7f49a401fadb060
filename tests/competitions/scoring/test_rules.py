"""The format's sentences one by one, on small events whose results were worked out by hand."""

import json
from typing import Any

import pytest

from competitions.scoring.standings import Standings, standings_from
from foundation.exact.quantities import half_up, print_free, print_units, scaled
from tests.support import SHARED, needs_shared

WORKED = SHARED / "data/worked_examples.json"


def worked(part: str) -> list[Any]:
    return json.loads(WORKED.read_text())[part] if WORKED.exists() else []


def event(modules: Any, entries: Any, marks: Any, **rules: Any) -> dict[str, Any]:
    """An event; `modules` maps a module to its weight and aspects, `marks` (entry, aspect) to what the judges gave."""
    return {
        "format": "gongjiang.event/1",
        "event": {
            "code": "e",
            "title": "焊工",
            "rules": {
                "modules": [
                    {"code": code, "weight": weight, "aspects": aspects} for code, (weight, aspects) in modules.items()
                ],
                "ranking": [{"by": "total"}],
            }
            | rules,
        },
        "entries": [
            ({"code": e} if isinstance(e, str) else e) | {"name": "赵立春", "organisation": "示例"} for e in entries
        ],
        "marks": [
            {"entry": entry, "aspect": aspect, "judge": f"J{i}", "value": value}
            for (entry, aspect), given in marks.items()
            for i, value in enumerate(given)
        ],
    }


def points(code: str, high: str = "100", **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": "points", "max": high} | more


def scored(bundle: dict[str, Any]) -> Standings:
    return standings_from(json.dumps(bundle).encode())


def by_total(totals: dict[str, str], **rules: Any) -> dict[str, Any]:
    """An event in which each entry has one mark, which is its total."""
    return event({"m": ("1", [points("P", "999")])}, totals, {(e, "P"): [t] for e, t in totals.items()}, **rules)


def panel(marks: list[str], panel: dict[str, Any], **more: Any) -> Standings:
    return scored(event({"m": ("1", [points("P", panel=panel, **more)])}, ["A"], {("A", "P"): marks}))


# Rounding


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 2, 3), (-5, 2, -3), (7, 3, 2), (-7, 3, -2), (1, 2, 1), (-1, 2, -1), (0, 5, 0), (-1, 3, 0), (4, 2, 2)],
)
def test_halves_go_away_from_zero(numerator, denominator, expected):
    assert half_up(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("units", "places", "text"),
    [(8983, 2, "89.83"), (-5, 2, "-0.05"), (0, 2, "0.00"), (7, 0, "7"), (-7, 0, "-7"), (5, 3, "0.005")],
)
def test_rounded_values_print_with_exactly_their_places(units, places, text):
    assert print_units(units, places) == text


def test_unrounded_values_print_at_six_places_with_zeros_cut():
    from fractions import Fraction

    assert print_free(Fraction(2, 3)) == "0.666667"
    assert print_free(Fraction(63, 4)) == "15.75"
    assert print_free(Fraction(100)) == "100"
    assert print_free(Fraction(-1, 10**7)) == "0"


def test_a_quantity_becomes_a_whole_number_of_ten_billionths():
    assert scaled("89.825") == 898_250_000_000
    assert scaled("-0.0000000001") == -1
    assert scaled("999999999.9999999999") == 10**19 - 1


@needs_shared
@pytest.mark.parametrize("row", worked("weighted"), ids=lambda row: row["exact"])
def test_theory_and_practice_are_weighted_exactly(row):
    modules = {"t": (row["w_theory"], [points("T")]), "p": (row["w_practical"], [points("P")])}
    result = scored(event(modules, ["A"], {("A", "T"): [row["theory"]], ("A", "P"): [row["practical"]]}))
    assert result.rows[0].total == row["expected_2dp_half_up"]


@needs_shared
@pytest.mark.parametrize("row", worked("trimmed_mean_drop1hi1lo"), ids=lambda row: row["expected"])
def test_the_highest_and_the_lowest_mark_are_dropped(row):
    assert panel(row["judges"], {"method": "trimmed_mean", "minimum": 5}).rows[0].total == row["expected"]


@needs_shared
def test_three_parts_are_weighted():
    lift, hair = worked("three_part")
    modules = {"t": ("0.25", [points("T")]), "p": ("0.55", [points("P")]), "d": ("0.2", [points("D")])}
    marks = {("A", "T"): [lift["theory"]], ("A", "P"): [lift["practical"]], ("A", "D"): [lift["defense"]]}
    assert scored(event(modules, ["A"], marks)).rows[0].total == lift["expected"]
    modules = {"t": ("0.2", [points("T")]), "p": ("0.8", [points("P")])}
    marks = {("A", "T"): [hair["theory"]], ("A", "P"): [hair["practical"]]}
    assert scored(event(modules, ["A"], marks)).rows[0].total == hair["expected"]


# Panels


@pytest.mark.parametrize(
    ("rule", "marks", "total"),
    [
        ({}, ["80", "81"], "80.50"),
        ({"method": "mean"}, ["1", "1", "2"], "1.33"),
        ({"method": "median"}, ["90", "10", "50"], "50.00"),
        ({"method": "median"}, ["90", "10", "50", "51"], "50.50"),
        ({"method": "sum"}, ["10.5", "20", "30"], "60.50"),
        ({"method": "trimmed_mean"}, ["1", "2", "9"], "2.00"),
        ({"method": "trimmed_mean", "drop_high": 2, "drop_low": 0}, ["1", "2", "9", "8"], "1.50"),
        ({"method": "trimmed_mean", "drop_high": 0, "drop_low": 0}, ["1", "2"], "1.50"),
        ({"method": "mean", "drop_high": 0}, ["1", "2"], "1.50"),
        ({"minimum": 0}, ["7"], "7.00"),
    ],
)
def test_a_panel_becomes_one_value(rule, marks, total):
    assert panel(marks, rule).rows[0].total == total


@pytest.mark.parametrize(
    ("rule", "marks", "minimum"),
    [
        ({}, [], 1),
        ({"minimum": 0}, [], 0),
        ({"minimum": 5}, ["1"] * 4, 5),
        ({"method": "trimmed_mean"}, ["1", "2"], 1),
        ({"method": "trimmed_mean", "minimum": 4}, ["1", "2", "3"], 4),
    ],
)
def test_too_few_marks_make_the_event_incomplete(rule, marks, minimum):
    result = panel(marks, rule)
    assert result.rows == ()
    [gap] = result.incomplete
    assert (gap.entry, gap.aspect, gap.marks, gap.minimum) == ("A", "P", len(marks), minimum)


def test_a_judgement_is_a_third_of_its_maximum_for_each_level():
    aspect = {"code": "P", "kind": "judgement", "max": "40", "factor": "2"}
    # (2 + 3 + 3) ÷ 3 = 2.67 (C22); 2.67 ÷ 3 × 40 × 2 = 71.20
    result = scored(event({"m": ("1", [aspect])}, ["A"], {("A", "P"): ["2", "3", "3"]}))
    assert result.rows[0].total == "71.20"
    result = scored(event({"m": ("1", [aspect])}, ["A"], {("A", "P"): ["2", "3", "3"]}, places={"panel": None}))
    assert result.rows[0].total == "71.11"


def test_each_level_rounds_where_the_rules_say():
    aspects = [points("P", factor="1.005"), points("Q", factor="1.005")]
    marks = {("A", "P"): ["1"], ("A", "Q"): ["1"]}
    each = {"m": ("0.5", aspects)}
    assert scored(event(each, ["A"], marks)).rows[0].modules == {"m": "2.02"}
    late = scored(event(each, ["A"], marks, places={"aspect": None, "module": None, "total": 3}))
    assert late.rows[0].modules == {"m": "2.01"}
    assert late.rows[0].total == "1.005"
    none = scored(event(each, ["A"], marks, places=dict.fromkeys(["panel", "aspect", "module", "total"])))
    assert none.rows[0].total == "1.005"
    assert scored(event(each, ["A"], marks, places={"total": 0})).rows[0].total == "1"


def test_adjustments_come_before_the_total_is_rounded_and_may_make_it_negative():
    bundle = by_total({"A": "1.00"})
    bundle["adjustments"] = [
        {"entry": "A", "kind": "deduction", "value": "3.005", "reason": "安全违规"},
        {"entry": "A", "kind": "bonus", "value": "0.5", "reason": "提前完成"},
    ]
    assert scored(bundle).rows[0].total == "-1.51"
    bundle["adjustments"][0]["value"] = "1.504"
    assert scored(bundle).rows[0].total == "0.00"


# Ranks


@needs_shared
def test_equal_totals_are_separated_in_the_order_of_the_keys():
    first, second, _ = worked("ties")
    shorter_time = [{"by": "value:t", "order": "asc"}, {"by": "module:p"}, {"by": "module:t"}]
    practice_first = [{"by": "module:p"}, {"by": "value:t", "order": "asc"}]
    for keys, expected in ((shorter_time, first["expected_rank"]), (practice_first, second["expected_rank"])):
        # The totals of the worked example are given, not computed from its modules: a third module makes up for them.
        entries = [{"code": row["id"], "values": {"t": str(row["time_s"])}} for row in first["rows"]]
        marks = {}
        for row in first["rows"]:
            marks[row["id"], "X"] = [row["total"]]
            marks[row["id"], "P"] = [row["prac"]]
            marks[row["id"], "T"] = [row["theory"]]
        modules = {"x": ("1", [points("X")]), "p": ("0", [points("P")]), "t": ("0", [points("T")])}
        result = scored(event(modules, entries, marks, ranking=[{"by": "total"}, *keys]))
        assert {row.entry: row.rank for row in result.rows} == expected


def test_a_shared_place_leaves_the_next_one_out():
    result = scored(by_total({"A": "9", "B": "8", "C": "8", "D": "7"}))
    assert [(row.rank, row.shared, row.entry, row.decided_by) for row in result.rows] == [
        (1, False, "A", None),
        (2, True, "B", None),
        (2, True, "C", None),
        (4, False, "D", "total"),
    ]


def test_ranks_compare_the_rounded_total():
    result = scored(by_total({"A": "8.004", "B": "8.0"}))
    assert [row.rank for row in result.rows] == [1, 1]
    exact = scored(
        by_total({"A": "8.0000000001", "B": "8"}, places={"panel": None, "aspect": None, "module": None, "total": None})
    )
    assert [(row.rank, row.entry, row.total) for row in exact.rows] == [(1, "A", "8"), (2, "B", "8")]


def test_values_compare_as_numbers_not_as_texts():
    entries = [
        {"code": "A", "values": {"t": "9.50"}},
        {"code": "B", "values": {"t": "10"}},
        {"code": "C", "values": {"t": "9.5"}},
    ]
    modules = {"m": ("1", [points("P")])}
    marks = {(e, "P"): ["1"] for e in "ABC"}
    result = scored(event(modules, entries, marks, ranking=[{"by": "value:t", "order": "asc"}]))
    assert [(row.rank, row.entry) for row in result.rows] == [(1, "A"), (1, "C"), (3, "B")]
    assert result.rows[2].decided_by == "value:t"


def test_a_missing_value_makes_the_event_incomplete():
    bundle = by_total({"A": "1", "B": "2"}, ranking=[{"by": "total"}, {"by": "value:t"}, {"by": "value:t"}])
    bundle["entries"][0]["values"] = {"t": "1"}
    result = scored(bundle)
    assert result.rows == ()
    assert [(gap.entry, gap.value) for gap in result.incomplete] == [("B", "t")]


def test_refused_ties_are_left_to_somebody():
    result = scored(by_total({"A": "9", "B": "8", "C": "8", "D": "8"}, ties="refuse"))
    [tie] = result.unresolved_ties
    assert (tie.rank, tie.entries, tie.why) == (2, ("B", "C", "D"), "ranking")
    assert [row.rank for row in result.rows] == [1, 2, 2, 2]


def test_who_did_not_compete_is_not_a_zero():
    bundle = by_total({"A": "9", "B": "8", "C": "7", "D": "6"})
    for entry, status in zip(bundle["entries"][1:], ("absent", "withdrawn", "disqualified"), strict=True):
        entry["status"] = status
    del bundle["marks"][1]
    result = scored(bundle)
    assert [row.entry for row in result.rows] == ["A"]
    assert [(out.entry, out.status) for out in result.unranked] == [
        ("B", "absent"),
        ("C", "withdrawn"),
        ("D", "disqualified"),
    ]


def test_a_guest_pushes_nobody_down_and_wins_nothing():
    bundle = by_total(
        {"A": "9", "G": "9", "B": "8", "H": "7"},
        awards={"tiers": [{"name": "一等奖", "count": 4}]},
        scale={"method": "worldskills-700"},
    )
    bundle["entries"][1]["guest"] = bundle["entries"][3]["guest"] = True
    rows = scored(bundle).rows
    assert [(row.rank, row.entry, row.guest, row.shared, row.award) for row in rows] == [
        (1, "A", False, False, "一等奖"),
        (1, "G", True, False, None),
        (2, "B", False, False, "一等奖"),
        (3, "H", True, False, None),
    ]
    assert [row.scaled is None for row in rows] == [False, True, False, True]
    assert [row.decided_by for row in rows] == [None, None, "total", None]


def test_an_event_without_entries_is_complete_and_empty():
    result = scored(
        by_total({}, awards={"tiers": [{"name": "一", "percent": "10"}]}, scale={"method": "worldskills-700"})
    )
    assert result.settled
    assert result.rows == ()


# Awards


@needs_shared
@pytest.mark.parametrize("row", worked("award_counts_10_20_30_half_up"), ids=lambda row: str(row["n"]))
def test_awards_are_shares_of_the_official_entries(row):
    tiers = [{"name": "一", "percent": "10"}, {"name": "二", "percent": "20"}, {"name": "三", "percent": "30"}]
    bundle = by_total({f"E{i:03}": str(i) for i in range(row["n"])}, awards={"tiers": tiers})
    won = [r.award for r in scored(bundle).rows]
    assert [won.count("一"), won.count("二"), won.count("三")] == row["first_second_third"]
    assert won == sorted(won, key=lambda name: ["一", "二", "三", None].index(name))


def awarded(totals: dict[str, str], tiers: list[dict[str, Any]], **awards: Any) -> dict[str, str | None]:
    return {row.entry: row.award for row in scored(by_total(totals, awards={"tiers": tiers} | awards)).rows}


def test_a_tie_at_a_boundary_takes_the_better_award_and_uses_up_the_next():
    totals = {"A": "9", "B": "8", "C": "8", "D": "7", "E": "6"}
    tiers = [{"name": "一", "count": 2}, {"name": "二", "count": 1}, {"name": "三", "count": 1}]
    assert awarded(totals, tiers) == {"A": "一", "B": "一", "C": "一", "D": "三", "E": None}


def test_under_strict_ties_a_group_across_a_boundary_wins_nothing_yet():
    totals = {"A": "9", "B": "8", "C": "8", "D": "7", "E": "6"}
    tiers = [{"name": "一", "count": 2}, {"name": "二", "count": 1}, {"name": "三", "count": 1}]
    result = scored(by_total(totals, awards={"tiers": tiers, "ties": "strict"}))
    assert {row.entry: row.award for row in result.rows} == {"A": "一", "B": None, "C": None, "D": "三", "E": None}
    [tie] = result.unresolved_ties
    assert (tie.rank, tie.entries, tie.why) == (2, ("B", "C"), "award")


def test_a_group_that_fits_its_tier_is_no_open_tie():
    totals = {"A": "9", "B": "8", "C": "8", "D": "7"}
    result = scored(by_total(totals, awards={"tiers": [{"name": "一", "count": 3}], "ties": "strict"}))
    assert [row.award for row in result.rows] == ["一", "一", "一", None]
    assert result.unresolved_ties == ()


def test_a_tier_has_at_least_its_least():
    tiers = [
        {"name": "一", "percent": "10", "at_least": 1},
        {"name": "二", "percent": "-50"},
        {"name": "三", "count": 0, "at_least": 1},
    ]
    assert awarded({"A": "3", "B": "2", "C": "1"}, tiers) == {"A": "一", "B": "三", "C": None}


# The 700 scale


def scales(*totals: str) -> list[str | None]:
    bundle = by_total({f"E{i}": total for i, total in enumerate(totals)}, scale={"method": "worldskills-700"})
    return [row.scaled for row in scored(bundle).rows]


def test_the_scale_puts_the_median_at_700():
    # median 50, MAD 10: 700 + 30·40 ÷ 14.826 = 780.94; ·20 → 740.47; −10 → 679.77; −50 → 598.83
    assert scales("90", "60", "50", "40", "0") == ["781", "720", "700", "680", "599"]


def test_an_even_count_takes_the_mean_of_the_middle_two():
    # median 5, distances 5 1 1 5 → MAD 3: 700 ± 30·5 ÷ 4.4478 = ±33.72…; ± 30 ÷ 4.4478 = ±6.74…
    assert scales("10", "6", "4", "0") == ["734", "707", "693", "666"]


def test_no_spread_is_700_and_the_scale_ends_at_0_and_1000():
    assert scales("5", "5", "5", "9") == ["700"] * 4
    # median 1, MAD 1: 999 → 700 + 30·998 ÷ 1.4826
    assert scales("999", "2", "1", "0", "0")[0] == "1000"
