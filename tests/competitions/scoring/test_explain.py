"""Explain my rank: every number agrees with the standings, the digits add up, and the picture's own example comes out."""

import json
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.explain import Explainer, explain
from competitions.scoring.explanation import Digits, Explanation, digits_of, written
from competitions.scoring.reading import parse, read
from competitions.scoring.standings import Row, standings_of
from competitions.scoring.table import Table
from foundation.exact.quantities import Rounding
from tests.competitions.scoring import events
from tests.support import SHARED, needs_shared


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Fraction(160, 3), 2, ("53.33", "3333", True, "53.33")),
        (Fraction(8, 3), 2, ("2.66", "6666", True, "2.67")),
        (Fraction("87.901"), 2, ("87.90", "1", False, "87.90")),
        (Fraction("89.825"), 2, ("89.82", "5", False, "89.83")),
        (Fraction("35.6"), 2, ("35.60", "", False, "35.60")),
        (Fraction(5, 2), 0, ("2", "5", False, "3")),
        (Fraction("-0.004"), 2, ("-0.00", "4", False, "0.00")),
        (Fraction("-1.505"), 2, ("-1.50", "5", False, "-1.51")),
        (Fraction("0.00000000000000001"), 2, ("0.00", "000000000000", True, "0.00")),
        (Fraction(2, 3), None, ("0.666666", "6666", True, "0.666667")),
        (Fraction(63, 4), None, ("15.75", "", False, "15.75")),
    ],
)
def test_a_rounding_shows_the_digits_that_it_keeps_and_loses(value, places, expected):
    shown = digits_of(value, Rounding(places))
    assert (shown.kept, shown.lost, shown.more, shown.rounded) == expected


def test_exact_values_are_written_out_where_they_end():
    assert written(Fraction("25.65")) == "25.65"
    assert written(Fraction(24 * 20, 100)) == "4.8"
    assert written(Fraction(-3)) == "-3"
    assert written(Fraction(1, 3)) == "0.333333…"


def welder() -> dict:
    """The event of the picture: a practical of two aspects, theory at 30 %, and a tie that the practical decides."""
    panel = {"method": "trimmed_mean", "minimum": 5}
    marks = [("P1", f"J{i}", v) for i, v in enumerate(["52.50", "54.50", "52.00", "53.00", "55.50"], start=1)]
    marks += [("P2", f"J{i}", v) for i, v in enumerate("233", start=1)] + [("T", "J1", "85.50")]
    entries = [{"code": f"E{i:02}", "name": "甲", "organisation": "示例", "values": {"time": "90"}} for i in range(24)]
    entries[3] |= {"name": "金清明"}
    found = []
    for at, entry in enumerate(entries):
        for aspect, judge, value in marks:
            if at == 4:  # the same total, by more theory and less practice: 0.3 × 90.75 + 0.7 × 86.57 = 87.824
                value = {"T": "91.00", "P1": "50.97"}.get(aspect, value)
            elif at != 3:
                value = {"T": "95.00" if at < 2 else "10.00"}.get(aspect, value)
            found.append({"entry": entry["code"], "aspect": aspect, "judge": judge, "value": value})
    modules = [
        {"code": "theory", "title": "理论", "weight": "0.3", "aspects": [{"code": "T", "kind": "points", "max": "100"}]},
        {"code": "practical", "title": "实操", "weight": "0.7", "aspects": [
            {"code": "P1", "title": "焊接质量", "kind": "points", "max": "60", "panel": panel},
            {"code": "P2", "kind": "judgement", "max": "40", "panel": {"minimum": 3}}]},
    ]  # fmt: skip
    ranking = [{"by": "total"}, {"by": "module:practical"}, {"by": "value:time", "order": "asc"}]
    awards = {"tiers": [{"name": "一等奖", "percent": "10"}, {"name": "二等奖", "percent": "20"}]}
    rules = {"modules": modules, "ranking": ranking, "awards": awards, "scale": {"method": "worldskills-700"}}
    return {
        "format": "gongjiang.event/1",
        "event": {"code": "2026-welder", "title": "焊工", "rules": rules},
        "entries": entries,
        "marks": found,
    }


def test_the_picture_of_the_drawer_comes_out():
    found = explain(parse(json.dumps(welder()).encode()), "E03")
    _, practical = found.modules
    first, second = practical.aspects
    assert [(mark.value, mark.fate) for mark in first.marks] == [
        ("52.50", "counted"),
        ("54.50", "counted"),
        ("52.00", "dropped_low"),
        ("53.00", "counted"),
        ("55.50", "dropped_high"),
    ]
    assert (first.sum, first.divisor) == ("160", 3)
    assert first.panel == Digits(kept="53.33", lost="3333", more=True, rounded="53.33")
    assert (first.plain, second.plain) == (True, False)
    assert second.panel == Digits(kept="2.66", lost="6666", more=True, rounded="2.67")
    assert second.value == Digits(kept="35.60", lost="", more=False, rounded="35.60")
    assert practical.value is not None
    assert practical.value.rounded == "88.93"
    assert found.total is not None
    assert [(term.weight, term.value, term.product) for term in found.total.terms] == [
        ("0.3", "85.50", "25.65"),
        ("0.7", "88.93", "62.251"),
    ]
    assert found.total.value == Digits(kept="87.90", lost="1", more=False, rounded="87.90")
    assert (found.rank, found.better, found.award) == (3, 2, "二等奖")
    assert found.awards is not None
    assert found.awards.official == 24
    second_tier = found.awards.tiers[1]
    assert (second_tier.percent, second_tier.exact, second_tier.places) == ("20", "4.8", 5)
    assert (second_tier.first, second_tier.last, second_tier.won) == (3, 7, True)


def test_the_key_that_decided_is_shown_beside_the_neighbour():
    bundle = welder()
    for mark in bundle["marks"]:
        if mark["entry"] == "E04":
            # practical 50.97 + 35.60 = 86.57; theory must then be 91.01: 27.303 + 60.599 = 87.902
            mark["value"] = {"P1": "50.97", "T": "91.01"}.get(mark["aspect"], mark["value"])
    found = explain(parse(json.dumps(bundle).encode()), "E03")
    assert found.below is not None
    assert (found.below.entry, found.below.rank, found.below.decided_by) == ("E04", 4, "module:practical")
    assert [(key.by, key.subject, key.mine, key.theirs, key.verdict) for key in found.below.keys] == [
        ("total", "", "87.90", "87.90", "equal"),
        ("module:practical", "实操", "88.93", "86.57", "better"),
        ("value:time", "time", "90", "90", "unused"),
    ]
    back = explain(parse(json.dumps(bundle).encode()), "E04").above
    assert back is not None
    assert [key.verdict for key in back.keys] == ["equal", "worse", "unused"]


def test_an_entry_that_did_not_compete_has_no_steps_and_an_unknown_one_is_a_key_error():
    bundle = welder()
    bundle["entries"][7]["status"] = "absent"
    explainer = Explainer(read(json.dumps(bundle).encode()))
    absent = explainer.explain("E07")
    assert (absent.status, absent.rank, absent.modules, absent.total) == ("absent", None, (), None)
    with pytest.raises(KeyError):
        explainer.explain("nobody")


def test_an_incomplete_event_explains_what_is_there_and_what_is_missing():
    bundle = welder()
    bundle["marks"] = [m for m in bundle["marks"] if (m["entry"], m["aspect"], m["judge"]) != ("E03", "P1", "J5")]
    found = explain(parse(json.dumps(bundle).encode()), "E03")
    assert found.rank is None
    assert found.modules[1].aspects[0].missing == 1
    assert found.modules[1].value is None
    assert found.total is not None
    assert [term.module for term in found.total.terms] == ["theory"]


def agrees(table: Table) -> None:
    """Hold every entry's explanation against the standings, and its steps against each other."""
    result = standings_of(table)
    rows = {row.entry: row for row in result.rows}
    explainer = Explainer(table)
    assert explainer.complete is not bool(result.incomplete)
    official = [row.entry for row in result.rows if not row.guest]
    for entry in table.bundle.entries:
        found = explainer.explain(entry.code)
        row = rows.get(entry.code)
        if row is None:
            assert (found.rank, found.above, found.below, found.awards, found.scale) == (None,) * 5
            continue
        assert (found.rank, found.shared, found.guest) == (row.rank, row.shared, row.guest)
        assert (found.award, found.scaled, found.decided_by) == (row.award, row.scaled, row.decided_by)
        assert {module.code: module.value and module.value.rounded for module in found.modules} == row.modules
        assert found.total is not None
        assert found.total.value.rounded == row.total
        steps_add_up(table, found)
        neighbours_agree(found, row, official)


def steps_add_up(table: Table, found: Explanation) -> None:
    plan = table.plan
    for module in found.modules:
        for aspect in module.aspects:
            counted = [Fraction(mark.value) for mark in aspect.marks if mark.fate == "counted"]
            assert Fraction(aspect.sum) == sum(counted)
            assert aspect.divisor == (1 if aspect.method == "sum" else len(counted))
            assert aspect.panel is not None
            dropped = [mark for mark in aspect.marks if mark.fate != "counted"]
            low = [Fraction(mark.value) for mark in dropped if mark.fate == "dropped_low"]
            high = [Fraction(mark.value) for mark in dropped if mark.fate == "dropped_high"]
            assert not low or max(low) <= min(counted)
            assert not high or min(high) >= max(counted)
        if plan.aspect.places is not None:
            parts = [Fraction(aspect.value.rounded) for aspect in module.aspects if aspect.value]
            assert module.value == digits_of(sum(parts, Fraction(0)), plan.module)
    if plan.module.places is not None and found.total is not None:
        exact = sum(Fraction(term.weight) * Fraction(term.value) for term in found.total.terms)
        exact += sum(Fraction(c.value) * (1 if c.kind == "bonus" else -1) for c in found.total.adjustments)
        assert digits_of(Fraction(exact), plan.total) == found.total.value


def neighbours_agree(found: Explanation, row: Row, official: list[str]) -> None:
    for neighbour, better in ((found.above, "worse"), (found.below, "better")):
        if neighbour is None:
            continue
        verdicts = [key.verdict for key in neighbour.keys]
        decided = [key.by for key in neighbour.keys if key.verdict in ("better", "worse")]
        assert decided == ([neighbour.decided_by] if neighbour.decided_by else [])
        assert verdicts.count(better) == len(decided)
        assert (neighbour.rank == row.rank) is (neighbour.decided_by is None) or row.guest
        assert neighbour.entry in official
    if not row.guest:
        at = official.index(row.entry)
        assert (found.above.entry if found.above else None) == (official[at - 1] if at else None)
        assert (found.below.entry if found.below else None) == (official[at + 1] if at + 1 < len(official) else None)


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**64))
def test_every_explanation_agrees_with_the_standings(seed):
    agrees(read(json.dumps(events.event(Random(seed))).encode()))


@needs_shared
def test_every_explanation_of_a_real_event_agrees_with_its_standings():
    for path in sorted(SHARED.glob("data/*/*.json")):
        if path.parent.name in ("skating-2016-17", "euroskills-2025") and not path.name.endswith(".expected.json"):
            agrees(read(path.read_bytes()))
