"""The composition board over 2,000 nominations and 20 constraints: every line, every substitute's ceilings, the search for swaps.

`ratio` sets the whole board beside a bare loop that only asks each constraint's predicates of each nominee, in the same run.
Run: ``python -m tests.benchmarks composition``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from random import Random
from typing import Any

from honours.cycles.composition import evaluate, exceeding, holds, mending
from honours.cycles.schemas import FLAGS, UNIT_CLASSES, Candidate, Condition, Constraint, Predicate
from honours.cycles.shapes import shapes_of

NOMINATIONS, CHOSEN, ROUNDS = 2_000, 1_500, 15
CATEGORIES = ("industrial_worker", "other_frontline", "science_education", "enterprise_leader", "official", "manager")
COUNTIES = ("341802", "341821", "341823", "341824", "341825", "341881", "341882")


def candidates() -> list[Candidate]:
    """Plainly invented nominees, nearly every one of a combination of its own."""
    rng = Random(2026)
    return [
        Candidate(
            id=f"n{n}",
            kind="person",
            category=rng.choices(CATEGORIES, (40, 25, 20, 6, 5, 4))[0],
            flags=frozenset(flag for flag in FLAGS if rng.random() < 0.15),
            unit_class=rng.choice(list(UNIT_CLASSES)),
            county=rng.choice(COUNTIES),
            role="principal" if n < CHOSEN else "substitute",
        )
        for n in range(NOMINATIONS)
    ]


def constraints(people: list[Candidate], *, tight: bool = False) -> list[Constraint]:
    """Twenty lines over categories, flags and bases of their own; the first floor is two short, the others hold.

    ``tight``: all of them with nothing to spare, where a search for swaps has the hardest time.
    """
    said = [("category", c) for c in CATEGORIES] + [("flag", f) for f in FLAGS] + [("unit_class", "organ")]
    bases = [Predicate(), Predicate(all=(Condition(field="unit_class", values=("institution", "organ")),))]
    made = []
    for n, (field, value) in enumerate(said[:20]):
        subset = Predicate(all=(Condition(field=field, values=(value,)),))  # pyright: ignore[reportArgumentType]
        base = bases[n % 5 == 4]
        inside = [p for p in people[:CHOSEN] if holds(base, p)]
        have = sum(holds(subset, p) for p in inside)
        ceiling = n % 4 == 3
        share = (
            -(-have * 1000 // len(inside)) if ceiling else (have * 1000 // len(inside)) * (100 if tight else 95) // 100
        )
        op = "max" if ceiling else "min"
        made.append(Constraint(code=f"c{n}", label=value, subset=subset, base=base, op=op, percent=f"{share / 10:.1f}"))
    have = sum(holds(made[0].subset, p) for p in people[:CHOSEN])
    made[0] = Constraint(code="c0", label="short", subset=made[0].subset, op="min", count=have + 2)
    return made


def board(rules: list[Constraint], people: list[Candidate]) -> tuple[Any, ...]:
    """All that the board asks for, as for the first reader: nothing kept from a board before."""
    shapes_of.cache_clear()
    chosen, spare = people[:CHOSEN], people[CHOSEN:]
    return evaluate(rules, people), exceeding(rules, chosen, spare), mending(rules, chosen, spare)


def bare(rules: list[Constraint], people: list[Candidate]) -> int:
    return sum(holds(rule.base, person) and holds(rule.subset, person) for rule in rules for person in people)


def run() -> dict[str, Any]:
    people = candidates()
    rules, tight = constraints(people), constraints(people, tight=True)
    lines, _exceeding, ways = board(rules, people)
    assert len(rules) == 20
    assert [line.ok for line in lines] == [False] + [True] * 19
    assert ways.options
    ours, theirs, worst = [], [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: board(rules, people)))
        worst.append(_seconds(lambda: board(tight, people)))
        theirs.append(_seconds(lambda: bare(rules, people)))
    return {
        "name": "composition",
        "milliseconds": round(statistics.median(ours) * 1000, 1),
        "milliseconds_all_lines_tight": round(statistics.median(worst) * 1000, 1),
        "target": "<= 50 ms",
        "ratio": round(statistics.median(o / t for o, t in zip(ours, theirs, strict=True)), 2),
        "beside": "asking every predicate of every nominee in a bare loop",
        "nominations": NOMINATIONS, "constraints": len(rules), "swaps_found": len(ways.options), "complete": ways.complete,
    }  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
