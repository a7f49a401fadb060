"""How a person counts in the lines of a composition, packed into integers (H28). Pure.

Each floor or ceiling is one linear inequality over integers (``have ≥ p × base`` where ``p = N/D`` is ``D·have − N·base ≥ 0``),
so a person is a vector of integers. All lines of a vector lie side by side in one Python integer: adding a person is one
addition, "every line holds" one mask.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import msgspec

from honours.cycles.schemas import Candidate, Condition, Constraint, Predicate

WIDTH = 64
"""Bits of one line in a packed vector: percentages of six places over millions of persons stay far below."""
FIELD = (1 << WIDTH) - 1
BIAS = 1 << (WIDTH - 1)
"""Added to each field of a slack, so that fields never borrow from each other and the top bit says "not negative"."""


def counts_in(candidate: Candidate) -> bool:
    """Whether a candidate belongs to the bases: a first choice of the regular list (H5, H16)."""
    return candidate.role == "principal" and candidate.listing == "regular"


def holds(predicate: Predicate, candidate: Candidate) -> bool:
    """Whether a candidate meets every condition of a predicate."""
    return all(_meets(condition, candidate) for condition in predicate.all)


class Shape(msgspec.Struct, frozen=True):
    """How a person counts: ``met`` has a bit for each condition met; the others hold one field a line, packed."""

    met: int
    bases: int
    haves: int
    slack: int
    values: tuple[int, ...]
    """The fields of ``slack``."""


class Shapes:
    """The constraints of an evaluation, and the shapes of persons met so far: at most one for each set of conditions met."""

    def __init__(self, rules: tuple[Constraint, ...]) -> None:
        self.rules = rules
        self.start = sum((BIAS + _constant(rule)) << WIDTH * n for n, rule in enumerate(rules))
        """The packed slack of nobody chosen."""
        self.signs = sum(BIAS << WIDTH * n for n in range(len(rules)))
        self._weights = [_weights(rule) for rule in rules]
        conditions = list(dict.fromkeys(c for rule in rules for p in (rule.subset, rule.base) for c in p.all))
        self._values: dict[str, dict[str, int]] = {}
        for n, condition in enumerate(conditions):
            table = self._values.setdefault(condition.field, {})
            for value in condition.values:
                table[value] = table.get(value, 0) | 1 << n
        bits = {condition: 1 << n for n, condition in enumerate(conditions)}
        self._masks = [
            (sum({bits[c] for c in rule.base.all}), sum({bits[c] for c in rule.subset.all})) for rule in rules
        ]
        self._plain = [name for name in self._values if name != "flag"]
        self._flags = self._values.get("flag", {})
        self._known: dict[int, Shape] = {}

    def of(self, candidate: Candidate) -> Shape:
        met = 0
        for name in self._plain:
            met |= self._values[name].get(getattr(candidate, name), 0)
        for flag in candidate.flags:
            met |= self._flags.get(flag, 0)
        return self._known.get(met) or self._make(met)

    def satisfied(self, slack: int) -> bool:
        """Whether no line's slack is negative."""
        return slack & self.signs == self.signs

    def fields(self, slack: int) -> list[int]:
        """The lines' slacks of a packed sum."""
        return [(slack >> WIDTH * n & FIELD) - BIAS for n in range(len(self.rules))]

    def kinds(
        self, kept: list[tuple[Shape, list[int]]], mask: int, sign: int, most: int
    ) -> list[tuple[int, list[int]]]:
        """Persons alike in the lines of ``mask``: (what one adds to the packed slack, their first places)."""
        kinds: dict[int, list[int]] = {}
        for shape, places in kept:
            step = ((sign * shape.slack + self.signs) & mask) - (self.signs & mask)
            kinds.setdefault(step, []).extend(places)
        order = 1 if sign > 0 else -1
        return [(step, sorted(places, key=lambda n: order * n)[:most]) for step, places in kinds.items()]

    def _make(self, met: int) -> Shape:
        bases = haves = 0
        values = []
        for n, ((base, subset), (per_have, per_base)) in enumerate(zip(self._masks, self._weights, strict=True)):
            in_base = met & base == base
            in_subset = in_base and met & subset == subset
            bases |= in_base << WIDTH * n
            haves |= in_subset << WIDTH * n
            values.append(per_base * in_base + per_have * in_subset)
        slack = sum(value << WIDTH * n for n, value in enumerate(values))
        shape = self._known[met] = Shape(met, bases, haves, slack, tuple(values))
        return shape


@lru_cache(maxsize=512)
def share_of(constraint: Constraint) -> tuple[int, int]:
    return (Fraction(Decimal(constraint.percent or "0")) / 100).as_integer_ratio()


def _weights(rule: Constraint) -> tuple[int, int]:
    """(per person of the subset, per person of the base) in the line's inequality."""
    if rule.count is not None:
        return (1, 0) if rule.op == "min" else (-1, 0)
    numerator, denominator = share_of(rule)
    return (denominator, -numerator) if rule.op == "min" else (-denominator, numerator)


def _constant(rule: Constraint) -> int:
    return 0 if rule.count is None else -rule.count if rule.op == "min" else rule.count


def _meets(condition: Condition, candidate: Candidate) -> bool:
    if condition.field == "flag":
        return not candidate.flags.isdisjoint(condition.values)
    return getattr(candidate, condition.field) in condition.values


@lru_cache(maxsize=32)
def shapes_of(rules: tuple[Constraint, ...]) -> Shapes:
    return Shapes(rules)
