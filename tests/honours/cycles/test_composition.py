"""Floors and ceilings: the acceptance checks, the cited rule sets, and every answer against brute force."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honours.cycles.composition import bound_of, evaluate, exceeding, mending
from honours.cycles.presets import PRESETS
from honours.cycles.schemas import Candidate, Condition, Constraint, Predicate
from tests.support import SHARED, needs_shared

MIGRANT = Predicate(all=(Condition(field="flag", values=("migrant_worker",)),))
LEADER = Predicate(all=(Condition(field="category", values=("enterprise_leader",)),))
WORKER = Predicate(all=(Condition(field="category", values=("industrial_worker",)),))
COUNTY_HEAD = Predicate(all=(Condition(field="flag", values=("county_head",)),))
PUBLIC = Predicate(all=(Condition(field="unit_class", values=("institution", "organ")),))


def limit(op: Literal["min", "max"], subset: Predicate, percent: str | None = None, **more) -> Constraint:
    return Constraint(code=more.pop("code", "x"), label="x", subset=subset, op=op, percent=percent, **more)


def people(number: int, start: int = 0, **more) -> list[Candidate]:
    return [Candidate(id=f"n{start + n}", kind="person", **more) for n in range(number)]


def test_a1_ten_percent_of_29_wants_three_migrant_workers():
    """A1: officially "不少于3人"; two are one short."""
    chosen = people(27) + people(2, 27, flags=frozenset({"migrant_worker"}))
    (line,) = evaluate([limit("min", MIGRANT, "10", rule="H20")], chosen)
    assert (line.base, line.have, line.bound, line.shortage, line.ok) == (29, 2, 3, 1, False)
    assert line.text == "10% × 29 = 2.9 → 3"


@pytest.mark.parametrize(
    ("medals", "leaders", "most", "ok"), [(60, 8, 7, False), (60, 7, 7, True), (15, 1, 1, True), (15, 2, 1, False)]
)
def test_a2_a3_thirteen_percent_is_a_ceiling_rounded_down(medals, leaders, most, ok):
    chosen = people(medals - leaders) + people(leaders, 100, category="enterprise_leader")
    (line,) = evaluate([limit("max", LEADER, "13", rule="H22")], chosen)
    assert (line.bound, line.ok, line.excess) == (most, ok, 0 if ok else leaders - most)


@pytest.mark.parametrize(
    ("preset", "honour", "chosen", "bounds"),
    [
        # H23 over 60 medals, 14 of them from institutions and organs: 7.8 → 7, 3.0 → 3, 20 % of 14 = 2.8 → 2, 21.0 → 21
        ("ningxia-2022", "province-may1-medal", [("enterprise", "other", 46), ("organ", "official", 14)],
         {"leaders": 7, "small_leaders": 3, "county_heads": 2, "non_public": 21}),
        # H26 over 29: 14.5 → 15, 5.8 → 6
        ("anhui-2007", "province-model-worker", [("enterprise", "industrial_worker", 29)], {"frontline_farmers": 15, "science": 6}),
        ("anhui-2007", "province-advanced-collective", [("enterprise", "", 9)], {"countryside": 2, "teams": 3}),
        # H27: 57 % and 20 % of the 31 from enterprises = 17.67 → 18 and 6.2 → 6; 25 % of the 10 farmers = 2.5 → 3
        ("national-model-2015", "national-model-worker", [("enterprise", "other", 31), ("social", "farmer", 10), ("organ", "official", 5)],
         {"frontline": 18, "leaders": 6, "migrants": 3}),
    ],
)  # fmt: skip
def test_the_cited_sets_reckon_head_counts_as_their_rules_do(preset, honour, chosen, bounds):
    rules = PRESETS[preset].rules.of(honour).composition
    candidates = [
        one for place, (unit, category, number) in enumerate(chosen)
        for one in people(number, 100 * place, unit_class=unit, category=category)
    ]  # fmt: skip
    assert {line.code: line.bound for line in evaluate(rules, candidates)} == bounds


def test_separate_listings_and_substitutes_are_in_no_base():
    """H5: 2024 nationally 1088 − 145 = 943; here 60 of 68."""
    chosen = people(60) + people(5, 60, listing="separate", category="industrial_worker")
    chosen += people(3, 70, role="substitute", category="industrial_worker")
    (line,) = evaluate([limit("min", WORKER, "35")], chosen)
    assert (line.base, line.have, line.bound) == (60, 0, 21)
    assert line.text == "35% × 60 = 21.0 → 21"


def test_a_base_of_its_own_counts_only_who_is_in_both():
    """H22: 县处级 ≤ 10 % of the candidates from institutions and organs; one in an enterprise is not in that base."""
    chosen = people(14, unit_class="institution") + people(46, 20, unit_class="enterprise")
    heads = people(1, 80, unit_class="organ", flags=frozenset({"county_head"}))
    heads += people(1, 90, unit_class="enterprise", flags=frozenset({"county_head"}))
    (line,) = evaluate([limit("max", COUNTY_HEAD, "10", base=PUBLIC)], chosen + heads)
    assert (line.base, line.have, line.bound, line.ok) == (15, 1, 1, True)
    assert line.full


def test_an_absolute_cap_is_a_head_count():
    """H28, 2018: 39 heads of enterprises were 6 fewer than the 45 allotted."""
    chosen = people(39, category="enterprise_leader") + people(658, 100)
    (line,) = evaluate([limit("max", LEADER, count=45)], chosen)
    assert (line.bound, line.margin, line.text) == (45, 6, "≤ 45")
    (least,) = evaluate([limit("min", MIGRANT, count=1)], chosen)
    assert (least.ok, least.shortage, least.text) == (False, 1, "≥ 1")


def test_nobody_chosen_breaks_no_percentage():
    floor_line, ceiling = evaluate([limit("min", WORKER, "35"), limit("max", LEADER, "13")], [])
    assert floor_line.ok
    assert ceiling.ok
    assert (floor_line.bound, ceiling.bound) == (0, 0)


def test_half_percentages_stay_exact():
    """0.1 + 0.2 has no place here: 12.5 % of 8 is 1 both ways, of 9 it is 2 as a floor, 1 as a ceiling."""
    for n, low, high in [(8, 1, 1), (9, 2, 1), (40, 5, 5)]:
        assert bound_of(limit("min", WORKER, "12.5"), n) == low
        assert bound_of(limit("max", WORKER, "12.5"), n) == high
    assert bound_of(limit("min", WORKER, "0.1"), 1000) == 1
    assert bound_of(limit("min", WORKER, "28.57"), 7) == 2  # 1.9999


@needs_shared
def test_a17_published_percentages_recomputed_half_up_except_the_four_flagged():
    rows = list(csv.DictReader((SHARED / "data/published_stats.csv").read_text("utf-8").splitlines()))
    wrong = []
    for row in rows:
        places = len(row["reported_pct"].partition(".")[2])
        unit = Decimal(1).scaleb(-places)
        exact = Decimal(row["count"]) * 100 / Decimal(row["base"])
        if exact.quantize(unit, ROUND_HALF_UP) != Decimal(row["reported_pct"]):
            wrong.append(row["label"])
        # The board's own arithmetic: a floor of the share that was reached is met, one more person's share is not.
        share = Fraction(int(row["count"]), int(row["base"]))
        below = Decimal(floor(share * 10000)) / 100
        chosen = people(int(row["base"]) - int(row["count"])) + people(
            int(row["count"]), 5000, category="industrial_worker"
        )
        (met,) = evaluate([limit("min", WORKER, f"{below:f}")], chosen)
        assert met.ok
        assert met.bound == ceil(Fraction(below) * int(row["base"]) / 100)
    flagged = [row["label"] for row in rows if row["check"].startswith("MISMATCH")]
    assert wrong == flagged
    assert len(flagged) == 4


PERCENTS = st.one_of(st.integers(0, 100).map(str), st.integers(0, 999).map(lambda n: f"{n // 10}.{n % 10}"))
CATEGORIES, FLAGS, CLASSES = (
    ("industrial_worker", "enterprise_leader", "official"),
    ("woman", "migrant_worker"),
    ("enterprise", "organ"),
)
CONDITIONS = st.one_of(
    st.sampled_from(CATEGORIES).map(lambda v: Condition(field="category", values=(v,))),
    st.sampled_from(FLAGS).map(lambda v: Condition(field="flag", values=(v,))),
    st.sampled_from(CLASSES).map(lambda v: Condition(field="unit_class", values=(v,))),
    st.just(Condition(field="category", values=CATEGORIES[:2])),
    st.just(Condition(field="flag", values=FLAGS)),
)
PREDICATES = st.lists(CONDITIONS, max_size=2).map(lambda c: Predicate(all=tuple(c)))


@st.composite
def constraints(draw, most: int = 4):
    made = []
    for n in range(draw(st.integers(1, most))):
        by_count = draw(st.booleans())
        made.append(
            Constraint(
                code=f"c{n}",
                label="",
                subset=draw(PREDICATES),
                base=draw(PREDICATES),
                op=draw(st.sampled_from(("min", "max"))),
                percent=None if by_count else draw(PERCENTS),
                count=draw(st.integers(0, 6)) if by_count else None,
            )
        )
    return made


@st.composite
def candidates(draw, prefix: str, most: int, role: str = "principal"):
    return [
        Candidate(
            id=f"{prefix}{n}",
            kind="person",
            category=draw(st.sampled_from(CATEGORIES)),
            flags=frozenset(draw(st.sets(st.sampled_from(FLAGS)))),
            unit_class=draw(st.sampled_from(CLASSES)),
            role=role,
            listing=draw(st.sampled_from(("regular", "regular", "regular", "separate"))),
        )
        for n in range(draw(st.integers(0, most)))
    ]


def naive_holds(predicate, person) -> bool:
    for condition in predicate.all:
        held = set(person.flags) if condition.field == "flag" else {getattr(person, condition.field)}
        if not held & set(condition.values):
            return False
    return True


def naive_ok(constraint, chosen) -> tuple[int, int, bool]:
    base = [p for p in chosen if p.role == "principal" and p.listing == "regular" and naive_holds(constraint.base, p)]
    have = len([p for p in base if naive_holds(constraint.subset, p)])
    if constraint.count is not None:
        bound = constraint.count
    else:
        exact = Fraction(constraint.percent) * len(base) / 100
        bound = ceil(exact) if constraint.op == "min" else floor(exact)
    return have, bound, have >= bound if constraint.op == "min" else have <= bound


@given(constraints(6), candidates("n", 14))
def test_evaluate_is_what_counting_one_by_one_gives(rules, chosen):
    for constraint, line in zip(rules, evaluate(rules, chosen), strict=True):
        have, bound, ok = naive_ok(constraint, chosen)
        assert (line.have, line.bound, line.ok) == (have, bound, ok)
        assert line.shortage - line.excess == (0 if ok else bound - have)


def all_hold(rules, chosen) -> bool:
    return all(naive_ok(rule, chosen)[2] for rule in rules)


def swapped(chosen, spare, out, into):
    kept = [p for n, p in enumerate(chosen) if n not in out]
    return kept + [
        Candidate(**{f: getattr(spare[n], f) for f in ("id", "kind", "category", "flags", "unit_class", "listing")})
        for n in into
    ]


@settings(max_examples=150, deadline=None)
@given(constraints(3), candidates("n", 6), candidates("s", 5, role="substitute"))
def test_mending_finds_the_fewest_and_cheapest_swaps(rules, chosen, spare):
    found = mending(rules, chosen, spare, most=3, limit=50)
    assert found.complete
    if all_hold(rules, chosen):
        assert found.options == ()
        return
    best: list[tuple] = []
    for size in range(1, 4):
        for out in combinations([n for n, p in enumerate(chosen) if p.listing == "regular"], size):
            for into in combinations([n for n, p in enumerate(spare) if p.listing == "regular"], size):
                if all_hold(rules, swapped(chosen, spare, out, into)):
                    best.append((sum(len(chosen) - 1 - n for n in out) + sum(into), out, into))
        if best:
            break
    if not best:
        assert found.options == ()
        return
    places = {p.id: n for n, p in enumerate(chosen)}, {p.id: n for n, p in enumerate(spare)}
    for option in found.options:
        out, into = [places[0][i] for i in option.leave], [places[1][i] for i in option.join]
        assert all_hold(rules, swapped(chosen, spare, out, into))
    first = found.options[0]
    assert len(first.leave) == len(first.join) == len(best[0][1])
    cost = sum(len(chosen) - 1 - places[0][i] for i in first.leave) + sum(places[1][i] for i in first.join)
    assert cost == min(best)[0]


@given(constraints(4), candidates("n", 8), candidates("s", 4, role="substitute"))
def test_exceeding_names_the_ceilings_that_a_substitute_would_break(rules, chosen, spare):
    told = exceeding(rules, chosen, spare)
    for n, person in enumerate(spare):
        if person.listing != "regular":
            assert person.id not in told
            continue
        more = swapped(chosen, spare, (), (n,))
        counts = [r for r in rules if r.op == "max" and naive_holds(r.base, person) and naive_holds(r.subset, person)]
        assert told.get(person.id, ()) == tuple(r.code for r in counts if not naive_ok(r, more)[2])


def test_two_substitutes_mend_the_board_of_the_mock_up():
    """60 medals lack 2 industrial workers: the last two of the others make way for the first two workers waiting."""
    chosen = people(19, category="industrial_worker") + people(41, 19, category="other_frontline")
    spare = [
        Candidate(id="s1", kind="person", category="enterprise_leader", role="substitute"),
        Candidate(id="s2", kind="person", category="industrial_worker", role="substitute"),
        Candidate(id="s3", kind="person", category="industrial_worker", role="substitute"),
    ]
    found = mending([limit("min", WORKER, "35")], chosen, spare)
    assert found.complete
    assert [(o.leave, o.join) for o in found.options] == [(("n58", "n59"), ("s2", "s3"))]


def test_a_search_that_is_cut_short_says_so_and_one_that_cannot_succeed_is_complete():
    chosen = [
        Candidate(id=f"n{n}", kind="person", category=CATEGORIES[n % 3], unit_class=CLASSES[n % 2]) for n in range(30)
    ]
    workers = [Candidate(id=f"s{n}", kind="person", category=CATEGORIES[0], role="substitute") for n in range(10)]
    rules = [limit("min", WORKER, "40")]
    assert mending(rules, chosen, workers).options[0].join == ("s0", "s1")
    assert not mending(rules, chosen, workers, effort=2).complete
    officials = [Candidate(id=f"s{n}", kind="person", category="official", role="substitute") for n in range(10)]
    hopeless = mending(rules, chosen, officials)
    assert (hopeless.options, hopeless.complete) == ((), True)
