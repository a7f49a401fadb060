"""Standings while marking goes on: what is complete counts, what is missing is counted, nothing is official."""

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.live import live_standings
from competitions.scoring.reading import parse
from competitions.scoring.standings import standings
from tests.competitions.scoring import events


def event(marks):
    """Theory (weight 0.3, one mark) and practice (0.7, trimmed, five marks) for A, B, C and the absent D."""
    trimmed = {"method": "trimmed_mean", "minimum": 5}
    modules = [
        {"code": "t", "title": "理论", "weight": "0.3", "aspects": [{"code": "T", "kind": "points", "max": "100"}]},
        {"code": "p", "weight": "0.7", "aspects": [
            {"code": "P", "kind": "points", "max": "60", "panel": trimmed},
            {"code": "Q", "kind": "points", "max": "40"}]},
    ]  # fmt: skip
    entries = [{"code": code, "name": code, "organisation": "示例"} for code in "ABC"]
    entries.append({"code": "D", "name": "D", "organisation": "示例", "status": "absent"})
    rules = {"modules": modules, "ranking": [{"by": "total"}, {"by": "module:p"}]}
    bundle = {
        "format": "gongjiang.event/1",
        "event": {"code": "e", "title": "焊工", "rules": rules},
        "entries": entries,
        "marks": [
            {"entry": entry, "aspect": aspect, "judge": f"J{i}", "value": value}
            for (entry, aspect), values in marks.items()
            for i, value in enumerate(values)
        ],
    }
    return parse(json.dumps(bundle).encode())


def test_before_the_first_mark_everybody_is_listed_and_nobody_ranked():
    live = live_standings(event({}))
    assert [(row.entry, row.rank, row.total, row.missing) for row in live.rows] == [
        ("A", None, "0.00", 7),
        ("B", None, "0.00", 7),
        ("C", None, "0.00", 7),
    ]
    assert (live.complete, live.marks, live.missing) == (0, 0, 21)


def test_complete_modules_count_and_the_others_wait():
    marks = {("A", "T"): ["80"], ("A", "P"): ["50"] * 5, ("B", "T"): ["90"], ("C", "P"): ["50"] * 4}
    live = live_standings(event(marks))
    assert [(row.entry, row.rank, row.total, row.missing, row.marks) for row in live.rows] == [
        ("B", 1, "27.00", 6, 1),
        ("A", 2, "24.00", 1, 6),
        ("C", None, "0.00", 3, 4),
    ]
    assert all(row.provisional for row in live.rows)
    theory, practice = live.rows[1].modules
    assert (theory.value, theory.weighted, theory.done, theory.aspects) == ("80.00", "24.00", 1, 1)
    assert (practice.value, practice.weighted, practice.done, practice.aspects) == (None, None, 1, 2)
    assert [(part.code, part.heading, part.done, part.entries) for part in live.progress] == [
        ("t", "理论", 2, 3),
        ("p", "p", 0, 3),
    ]


def test_a_key_that_is_missing_yet_is_the_worst():
    # The same provisional total of 24.00: A's practice is complete (and nothing), B's is missing.
    marks = {("A", "T"): ["80"], ("A", "P"): ["0"] * 5, ("A", "Q"): ["0"], ("B", "T"): ["80"]}
    live = live_standings(event(marks))
    assert [(row.entry, row.rank, row.shared, row.provisional) for row in live.rows[:2]] == [
        ("A", 1, False, False),
        ("B", 2, False, True),
    ]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64))
def test_a_complete_event_is_live_as_it_stands(seed):
    bundle = parse(json.dumps(events.event(Random(seed))).encode())
    final, live = standings(bundle), live_standings(bundle)
    competed = {entry.code for entry in bundle.entries if entry.competed}
    assert {row.entry for row in live.rows} == competed
    lacking = {gap.entry for gap in final.incomplete}
    assert {row.entry for row in live.rows if row.provisional} == lacking
    if not final.incomplete:
        assert [(r.entry, r.rank, r.shared, r.guest, r.total) for r in live.rows] == [
            (r.entry, r.rank, r.shared, r.guest, r.total) for r in final.rows
        ]
        assert [{m.code: m.value for m in r.modules} for r in live.rows] == [r.modules for r in final.rows]
        assert live.missing == 0
