"""What the rule builder shows beside its fields: sums, weights, checks, awards, a trial run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from msgspec import UnsetType

from competitions.programme import rule_form
from competitions.programme.rule_sets import check_text
from competitions.programme.trial import try_rules
from competitions.scoring.awards import allot
from competitions.scoring.bundle import Bundle, Rules
from competitions.scoring.checks import Check, check_rules
from competitions.scoring.explanation import written
from competitions.scoring.quantities import exact, is_quantity
from foundation.errors import Refusal
from foundation.i18n import gettext as _

EXAMPLE = 23
"""How many entries the award table reckons with while the event has none."""
STATES = {"fault": "bad", "warning": "warn", "pass": "ok"}


def view_of(
    tree: rule_form.Tree,
    refused: Sequence[Refusal],
    *,
    own: Bundle | None,
    seats: Mapping[str, int],
    before: Rules | None,
) -> dict[str, Any]:
    """Everything to show of a form, whether or not it is valid: what cannot be reckoned yet is left out."""
    sums = [_sum(module) for module in tree["modules"]]
    weights = [_quantity(module["weight"], "1") for module in tree["modules"]]
    total = sum((w for w in weights if w is not None), Fraction(0))
    view: dict[str, Any] = {
        "sums": [None if s is None else written(s) for s in sums],
        "full": [s == 100 for s in sums],
        "bars": _bars(tree, weights, total),
        "weight_total": written(total * 100),
        "weights_fit": total == 1,
        "hundred": tree["hundred"] == "true",
        "checks": [],
        "faults": 0,
        "warnings": 0,
        "trial": None,
        "tiers": [],
        "marked": bool(own and own.marks),
        "broken": len(rule_form.faults_of(tree)),
    }
    if view["broken"]:
        return view
    rules = rule_form.decode(tree)
    shown = _checks(check_rules(rules, seats=seats or None), hundred=view["hundred"])
    official = sum(e.competed and not e.is_guest for e in own.entries) if own else 0
    view |= {
        "checks": shown,
        "faults": sum(c["state"] == "bad" for c in shown),
        "warnings": sum(c["state"] == "warn" for c in shown),
        "trial": try_rules(rules, own, seed=tree["seed"] or "trial", before=before),
        "official": official or EXAMPLE,
        "example": not official,
        "tiers": [
            {"exact": written(a.exact), "places": a.places, "first": a.first, "last": a.last}
            for a in (() if isinstance(rules.awards, UnsetType) else allot(rules.awards, official or EXAMPLE))
        ],
    }
    return view


def _checks(found: list[Check], *, hundred: bool) -> list[dict[str, Any]]:
    """Faults first, then warnings, then passes, of which each kind is named once; without 百分制 its two are silent."""
    silent = () if hundred else ("weights-sum-to-1", "maxima-sum-to-100", "theory-at-most-30")
    kept = [c for c in found if c.name not in silent]
    wrong = {c.name for c in kept if c.level != "pass"}
    passes = {c.name: c for c in reversed(kept) if c.level == "pass" and c.name not in wrong}
    order = [c for level in ("fault", "warning") for c in kept if c.level == level] + [
        c for c in kept if passes.get(c.name) is c
    ]
    return [{"state": STATES[c.level], "text": check_text(c, _), "rule": c.rule} for c in order]


def _quantity(text: str, default: str) -> Fraction | None:
    text = text or default
    return exact(text) if is_quantity(text) else None


def _sum(module: Mapping[str, Any]) -> Fraction | None:
    """What a module's aspects are worth together; None while one cannot be read."""
    worth = Fraction(0)
    for row in module["aspects"]:
        most, factor = _quantity(row["max"], ""), _quantity(row["factor"], "1")
        if most is None or factor is None:
            return None
        worth += most * factor
    return worth


def _bars(tree: rule_form.Tree, weights: Sequence[Fraction | None], total: Fraction) -> list[dict[str, Any]]:
    """The strips of the weight bar, in per cent of its width."""
    if total <= 0 or any(w is None or w < 0 for w in weights):
        return []
    bars, left = [], Fraction(0)
    for module, weight in zip(tree["modules"], weights, strict=True):
        width = (weight or 0) / total * 100
        label = module["title"] or module["code"]
        bars.append({"x": f"{float(left):.2f}", "width": f"{float(width):.2f}", "middle": f"{float(left + width / 2):.2f}", "label": label, "percent": written((weight or Fraction(0)) * 100), "weight": module["weight"] or "1"})  # fmt: skip
        left += width
    return bars
