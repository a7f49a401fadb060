"""What the rule builder shows beside its fields: sums, weights, checks, awards, a trial run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from msgspec import UnsetType

from competitions.programme import rule_faults, rule_form
from competitions.programme.rule_sets import LABELS, check_text
from competitions.programme.trial import try_rules
from competitions.scoring.awards import allot
from competitions.scoring.bundle import Bundle, Rules
from competitions.scoring.checks import Check, check_rules
from competitions.scoring.explanation import written
from foundation.exact.quantities import exact, is_quantity
from foundation.i18n import N_
from foundation.i18n import gettext as _

EXAMPLE = 23
"""How many entries the award table reckons with while the event has none."""
STATES = {"fault": "bad", "warning": "warn", "pass": "ok"}


def view_of(
    tree: rule_form.Tree,
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
        "lacks": [None if s is None or s == 100 else written(100 - s) for s in sums],
        "bars": _bars(tree, weights, total),
        "weight_total": written(total * 100),
        "weights_fit": total == 1,
        "hundred": tree["hundred"] == "true",
        "marked": bool(own and own.marks),
        "broken": len(rule_faults.faults_of(tree)),
        "trial": None,
        "tiers": [],
    }
    return view if view["broken"] else view | _reckoned(tree, own=own, seats=seats, before=before)


def _reckoned(
    tree: rule_form.Tree, *, own: Bundle | None, seats: Mapping[str, int], before: Rules | None
) -> dict[str, Any]:
    """What only valid rules have: checks, a trial run, the places of the awards."""
    rules = rule_form.decode(tree)
    if before is not None and rule_form.tree_of(before) == rule_form.tree_of(rules):
        before = None
    names = {m["code"]: m["title"] or m["code"] for m in tree["modules"]}
    shown = _checks(check_rules(rules, seats=seats or None), names, hundred=tree["hundred"] == "true")
    official = sum(e.competed and not e.is_guest for e in own.entries) if own else 0
    allotted = () if isinstance(rules.awards, UnsetType) else allot(rules.awards, official or EXAMPLE)
    return {
        "checks": shown,
        "faults": sum(c["state"] == "bad" for c in shown),
        "warnings": sum(c["state"] == "warn" for c in shown),
        "trial": try_rules(rules, own, seed=tree["seed"] or "trial", before=before),
        "official": official or EXAMPLE,
        "tiers": [{"exact": written(a.exact), "places": a.places, "first": a.first, "last": a.last} for a in allotted],
    }


def _checks(found: list[Check], names: Mapping[str, str], *, hundred: bool) -> list[dict[str, Any]]:
    """Faults first, then warnings, then passes, of which each kind is named once; without 百分制 its two are silent."""
    silent = () if hundred else ("weights-sum-to-1", "maxima-sum-to-100", "theory-at-most-30")
    kept = [c for c in found if c.name not in silent]
    wrong = {c.name for c in kept if c.level != "pass"}
    passes = {c.name: c for c in reversed(kept) if c.level == "pass" and c.name not in wrong}
    order = [c for level in ("fault", "warning") for c in kept if c.level == level] + [
        c for c in kept if passes.get(c.name) is c
    ]
    return [{"state": STATES[c.level], "text": check_text(c, _, names), "rule": c.rule} for c in order]


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


_FIELDS: Mapping[str, str] = {
    **LABELS, "minimum": N_("最少有效分"), "name": N_("名称"), "order": N_("次序"), "aspects": N_("评分项"),
}  # fmt: skip


def place_of(field: str, tree: rule_form.Tree) -> str:
    """Where a field stands, in words: ``modules-1-aspects-0-max`` → 实操 · P1 · 满分."""
    steps = field.split("-")
    words: list[str] = []
    if steps[0] == "modules" and len(steps) > 1 and int(steps[1]) < len(tree["modules"]):
        module = tree["modules"][int(steps[1])]
        words.append(module["title"] or module["code"] or f"#{int(steps[1]) + 1}")
        if len(steps) == 5:
            words.append(module["aspects"][int(steps[3])]["code"] or f"#{int(steps[3]) + 1}")
    elif steps[0] in ("ranking", "tiers") and len(steps) > 1:
        words.append(f"{_('排名次序') if steps[0] == 'ranking' else _('奖项')} {int(steps[1]) + 1}")
    if steps[-1] in _FIELDS:
        words.append(_(_FIELDS[steps[-1]]))
    return " · ".join(words)
