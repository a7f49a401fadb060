"""Re-check sampling (C53): the counts of the rule, a draw that anybody can repeat, and the limit of 5 %."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions.scoring.recheck import Shares, commitment, draw, draw_from, verdict
from competitions.scoring.standings import standings_from
from tests.support import SHARED, needs_shared

WORKED = SHARED / "data/worked_examples.json"
ROWS = json.loads(WORKED.read_text())["recheck_30_15_5"] if WORKED.exists() else []


def field(count):
    return [(f"E{i:03}", i + 1) for i in range(count)]


@needs_shared
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["n"]))
def test_the_worked_counts_and_limits(row):
    sample = draw(field(row["n"]), "7730-1964")
    assert len(sample.top) == row["top30_all"]
    assert len(sample.drawn) == row["min_sample_15pct"]
    assert len(sample.entries) == row["total_checked"]
    most = row["max_errors_without_full_recheck"]
    assert not verdict(row["total_checked"], most).everything
    assert verdict(row["total_checked"], most + 1).everything


def test_the_examples_of_the_rule():
    # 40 → 12 + 5 = 17, 1 error = 5.88 % → everything; 41: 2 errors 4.88 % no, 3 yes; exactly 5 % no.
    assert len(draw(field(40), "s").entries) == 17
    assert (verdict(17, 1).rate, verdict(17, 1).everything) == ("5.88", True)
    assert (verdict(41, 2).rate, verdict(41, 2).everything) == ("4.88", False)
    assert verdict(41, 3).everything
    assert (verdict(20, 1).rate, verdict(20, 1).everything) == ("5.00", False)
    assert not verdict(0, 0).everything


@pytest.mark.parametrize(("checked", "errors"), [(5, 6), (5, -1)])
def test_more_errors_than_entries_are_refused(checked, errors):
    with pytest.raises(ValueError, match="between 0"):
        verdict(checked, errors)


def test_the_draw_can_be_repeated_with_nothing_but_sha256():
    seed = "7730-1964-宣城"
    sample = draw(field(23), seed)
    assert sample.top == tuple(f"E{i:03}" for i in range(7))
    rest = [f"E{i:03}" for i in range(7, 23)]
    by_hand = sorted(rest, key=lambda entry: hashlib.sha256(f"{seed}:{entry}".encode()).hexdigest())
    assert sample.drawn == tuple(by_hand[:3])
    assert sample.waiting == tuple(by_hand[3:])
    assert sample.commitment == commitment(seed) == hashlib.sha256(seed.encode()).hexdigest()


@given(st.lists(st.integers(1, 60), max_size=60), st.text(st.characters(codec="utf-8"), min_size=1), st.randoms())
def test_nobody_is_lost_and_the_order_of_the_list_does_not_matter(ranks, seed, shuffler):
    ranked = [(f"E{i}", rank) for i, rank in enumerate(ranks)]
    sample = draw(ranked, seed)
    assert sorted(sample.entries + sample.waiting) == sorted(entry for entry, _ in ranked)
    shuffler.shuffle(ranked)
    assert draw(ranked, seed) == sample


def test_another_seed_draws_others():
    assert len({draw(field(100), f"seed {i}").drawn for i in range(20)}) == 20


def test_a_tie_at_the_cut_is_taken_whole():
    # 30 % of 10 → the ranks to 3; two share rank 3, so four are re-checked and 15 % of the other six is 1.
    ranked = [("A", 1), ("B", 2), ("C", 3), ("D", 3), *((f"E{i}", 5 + i) for i in range(6))]
    sample = draw(ranked, "s")
    assert sample.top == ("A", "B", "C", "D")
    assert len(sample.drawn) == 1


def test_other_shares_and_no_seed():
    assert len(draw(field(20), "s", Shares(top=10, rest=0)).entries) == 2
    assert verdict(100, 3, Shares(errors=2)).everything
    with pytest.raises(ValueError, match="seed"):
        draw(field(3), "")


def test_guests_are_not_drawn():
    bundle = {
        "format": "gongjiang.event/1",
        "event": {
            "code": "e",
            "title": "t",
            "rules": {
                "modules": [{"code": "m", "aspects": [{"code": "P", "kind": "points", "max": "9"}]}],
                "ranking": [{"by": "total"}],
            },
        },
        "entries": [
            {"code": "A", "name": "a", "organisation": ""},
            {"code": "G", "name": "g", "organisation": "", "guest": True},
        ],
        "marks": [{"entry": e, "aspect": "P", "judge": "J", "value": "1"} for e in "AG"],
    }
    assert draw_from(standings_from(json.dumps(bundle).encode()), "s").entries == ("A",)
