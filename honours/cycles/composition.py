"""结构比例: floors and ceilings on who is chosen, counted exactly (H20–H28). Pure. Swaps that mend: :mod:`.mending`.

A floor of p % of a base of n wants ``ceil(p × n / 100)`` persons, a ceiling allows ``floor(p × n / 100)`` (H28). Only first
choices (正选) of the regular list count, in the subset and in the base: separate listings (单列) stand outside (H5).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import msgspec

from honours.cycles.mending import Mending, Swap, mending
from honours.cycles.schemas import Candidate, Constraint
from honours.cycles.shapes import FIELD, WIDTH, counts_in, holds, shapes_of, share_of

__all__ = ["Line", "Mending", "Swap", "bound_of", "counts_in", "evaluate", "exceeding", "holds", "mending"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One floor or ceiling, evaluated. ``shortage`` and ``excess`` are persons (0 where it holds); ``margin`` is how many
    could leave (floor) or join (ceiling) before it breaks, others unchanged and the base kept."""

    code: str
    label: str
    op: Literal["min", "max"]
    base: int
    have: int
    bound: int
    shortage: int
    excess: int
    margin: int
    text: str
    """``35% × 60 = 21.0 → 21``, or ``≥ 1`` for a head-count."""
    ok: bool
    rule: str
    percent: str | None = None

    @property
    def full(self) -> bool:
        """A ceiling that is reached: nobody more may join its subset."""
        return self.op == "max" and self.have == self.bound


def evaluate(constraints: Iterable[Constraint], candidates: Iterable[Candidate]) -> tuple[Line, ...]:
    """Every constraint over the candidates, in the constraints' order (H28). Substitutes and separate listings are passed over."""
    rules = tuple(constraints)
    shapes = shapes_of(rules)
    bases = haves = 0
    for candidate in candidates:
        if counts_in(candidate):
            shape = shapes.of(candidate)
            bases += shape.bases
            haves += shape.haves
    return tuple(_line(rule, bases >> WIDTH * n & FIELD, haves >> WIDTH * n & FIELD) for n, rule in enumerate(rules))


def bound_of(constraint: Constraint, base: int) -> int:
    """The head-count that a constraint sets over ``base`` persons: floors round up, ceilings down (H28)."""
    if constraint.count is not None:
        return constraint.count
    numerator, denominator = share_of(constraint)
    return -(-numerator * base // denominator) if constraint.op == "min" else numerator * base // denominator


def exceeding(
    constraints: Iterable[Constraint], chosen: Iterable[Candidate], substitutes: Iterable[Candidate]
) -> dict[str, tuple[str, ...]]:
    """补入即超上限: substitute's id → codes of the ceilings that it would break by joining, nobody leaving. Others are left out."""
    rules = tuple(constraints)
    shapes = shapes_of(rules)
    lines = evaluate(rules, chosen)
    known: dict[int, tuple[str, ...]] = {}
    found = {}
    for candidate in substitutes:
        if candidate.listing != "regular":
            continue
        shape = shapes.of(candidate)
        if shape.met not in known:
            known[shape.met] = tuple(
                rule.code
                for n, (rule, line) in enumerate(zip(rules, lines, strict=True))
                if rule.op == "max"
                and shape.haves >> WIDTH * n & 1
                and line.have + 1 > bound_of(rule, line.base + (shape.bases >> WIDTH * n & 1))
            )
        if known[shape.met]:
            found[candidate.id] = known[shape.met]
    return found


def _line(rule: Constraint, base: int, have: int) -> Line:
    bound = bound_of(rule, base)
    floor = rule.op == "min"
    margin = have - bound if floor else bound - have
    return Line(
        code=rule.code, label=rule.label, op=rule.op, base=base, have=have, bound=bound,
        shortage=max(0, -margin) if floor else 0, excess=0 if floor else max(0, -margin), margin=max(0, margin),
        text=_text(rule, base, bound), ok=margin >= 0, rule=rule.rule, percent=rule.percent,
    )  # fmt: skip


def _text(rule: Constraint, base: int, bound: int) -> str:
    """The arithmetic as one would write it on paper, the product exact."""
    if rule.count is not None:
        return f"{'≥' if rule.op == 'min' else '≤'} {bound}"
    product = Decimal(rule.percent or "0") * base / 100
    shown = f"{product.normalize():f}"
    return f"{rule.percent}% × {base} = {shown if '.' in shown else shown + '.0'} → {bound}"
