"""The form of a cycle's rule set as a tree of texts: from rules, to rules, and its rows.

The tree is what :func:`foundation.forms.grow` makes of the fields: ``awards-1-composition-0-amount`` is
``tree["awards"][1]["composition"][0]["amount"]``. Nothing typed is lost while it is wrong. Who is meant is typed in plain words
(:mod:`.words`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from honours.cycles import words
from honours.cycles.schemas import CycleRules, Surplus

Tree = dict[str, Any]
AWARD = ("honour", "places", "separate_places")
SURPLUS = ("surplus", "surplus_unit", "surplus_rounding")
ELIGIBILITY = (
    "basis_levels_below", "basis_required", "basis_years", "window_years", "no_repeat", "foreigners",
    "leader_needs_worker", "substitutes_per_unit", "warn_retired",
)  # fmt: skip
ELIGIBILITY_LISTS = ("excluded_flags", "excluded_categories")
CONSTRAINT = ("code", "label", "subset", "base", "op", "amount", "unit", "rule")
ROWS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "vetoes": (("code", "label", "years", "rule"), ("applies_to",)),
    "clearances": (("candidate", "valid_days", "rule"), ("departments",)),
    "materials": (("kind", "label", "copies", "when_flag", "upload", "rule"), ("nominee",)),
}
"""Row fields: texts, and lists of ticks."""
SINGLE = ("title", "source", "based_on", "reason")
PARTS: Mapping[str, tuple[str, ...]] = {
    "vote": ("present", "agree", "leader_agree"),
    "text": ("summary_max", "deeds_about", "deeds_tolerance"),
    "gates": (
        "unit_notice_days", "county_notice", "county_notice_days", "city_notice_days", "return_days",
        "complaint_verify_days", "compose_county", "compose_city", "compose_notice",
    ),
}  # fmt: skip
MOST = {"awards": 12, "composition": 30, "vetoes": 40, "clearances": 12, "materials": 30}


def clean(tree: Mapping[str, Any]) -> Tree:
    """Bring whatever was sent into the tree's shape: lists are lists, leaves are texts, unknown names are gone."""
    cleaned: Tree = {name: _text(tree.get(name)) for name in SINGLE}
    for name, fields in PARTS.items():
        cleaned[name] = {field: _text(_part(tree.get(name)).get(field)) for field in fields}
    cleaned["awards"] = [_clean_award(_part(row)) for row in _rows(tree.get("awards"))[: MOST["awards"]]]
    for name, (texts, ticks) in ROWS.items():
        cleaned[name] = [_row(_part(row), texts, ticks) for row in _rows(tree.get(name))[: MOST[name]]]
    return cleaned


def _clean_award(row: Mapping[str, Any]) -> Tree:
    return {
        **{field: _text(row.get(field)) for field in AWARD + SURPLUS},
        "eligibility": _row(_part(row.get("eligibility")), ELIGIBILITY, ELIGIBILITY_LISTS),
        "composition": [
            _row(_part(line), CONSTRAINT, ()) for line in _rows(row.get("composition"))[: MOST["composition"]]
        ],
    }


def _row(row: Mapping[str, Any], texts: tuple[str, ...], ticks: tuple[str, ...]) -> Tree:
    return {**{f: _text(row.get(f)) for f in texts}, **{f: _ticks(row.get(f)) for f in ticks}}


def tree_of(rules: CycleRules) -> Tree:
    """The form's tree of rules as they stand."""
    gates = rules.gates
    return clean(
        {
            "title": rules.title, "source": rules.source,
            "awards": [
                {
                    **_texts(award, AWARD),
                    **_surplus(award.surplus),
                    "eligibility": _texts(award.eligibility, ELIGIBILITY + ELIGIBILITY_LISTS),
                    "composition": [
                        {
                            **_texts(line, ("code", "label", "op", "rule")),
                            "subset": words.told(line.subset), "base": words.told(line.base) if line.base.all else "",
                            "amount": line.percent if line.percent is not None else str(line.count),
                            "unit": "percent" if line.percent is not None else "count",
                        }
                        for line in award.composition
                    ],
                }
                for award in rules.awards
            ],
            **{name: [_texts(row, t + k) for row in getattr(rules, name)] for name, (t, k) in ROWS.items()},
            "vote": {f: words.fraction(v) if (v := getattr(rules.vote, f)) else "" for f in PARTS["vote"]},
            "text": _texts(rules.text, PARTS["text"]),
            "gates": {
                **_texts(gates, PARTS["gates"][:6]),
                **{f"compose_{gate}": mode for gate, mode in gates.compose_at.items()},
            },
        }
    )  # fmt: skip


def _surplus(surplus: Surplus | None) -> Tree:
    if surplus is None:
        return {"surplus": "", "surplus_unit": "percent", "surplus_rounding": "up"}
    amount = surplus.percent if surplus.percent is not None else str(surplus.count)
    unit = "percent" if surplus.percent is not None else "count"
    return {"surplus": amount, "surplus_unit": unit, "surplus_rounding": surplus.rounding}


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of the tree with its name; ticks stay lists."""
    items = enumerate(tree) if isinstance(tree, list) else tree.items()
    for name, value in items:
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            yield from leaves(value, f"{path}{name}-")
        else:
            yield f"{path}{name}", value


NEW: Mapping[str, Tree] = {
    "awards": {
        "honour": "", "places": "", "separate_places": "0", "surplus_unit": "percent", "surplus_rounding": "up",
        "composition": [],
        "eligibility": {
            "basis_levels_below": "1", "basis_required": "warn", "basis_years": "0", "window_years": "3", "no_repeat": "block",
            "leader_needs_worker": "true", "substitutes_per_unit": "1", "warn_retired": "true",
        },
    },
    "composition": {"op": "min", "unit": "percent"},
    "vetoes": {"applies_to": ["unit", "leader"], "years": "3", "rule": "H50"},
    "clearances": {"candidate": "any", "valid_days": "180", "rule": "H40", "departments": []},
    "materials": {"copies": "1", "nominee": ["person", "unit", "team"], "upload": "true", "rule": "H60"},
}  # fmt: skip
FIRST = {"awards": "honour", "composition": "label", "vetoes": "label", "clearances": "candidate", "materials": "label"}


def act(tree: Tree, action: str) -> str:
    """Do what a button says (``add-composition-0``, ``remove-vetoes-1``, ``up-awards-2``); an unknown one is nothing.

    Returns the name of the field to go to.
    """
    said = re.fullmatch(
        r"(add|remove|up|down)-(awards|composition|vetoes|clearances|materials)((?:-\d{1,3}){0,2})", action, re.ASCII
    )
    if said is None:
        return ""
    verb, kind = said[1], said[2]
    places = [int(n) for n in said[3].split("-")[1:]]
    owner = tree
    prefix = kind
    if kind == "composition":
        if not places or places[0] >= len(tree["awards"]):
            return ""
        owner, prefix, places = tree["awards"][places[0]], f"awards-{places[0]}-composition", places[1:]
    rows = owner[kind]
    if verb == "add":
        if len(rows) >= MOST[kind]:
            return ""
        made = clean(
            {
                **tree,
                "awards": [{"composition": [NEW[kind]]}] if kind == "composition" else [NEW["awards"]],
                kind: [NEW[kind]],
            }
        )
        rows.append(made["awards"][0]["composition"][0] if kind == "composition" else made[kind][0])
        return f"{prefix}-{len(rows) - 1}-{FIRST[kind]}"
    at = places[0] if places else -1
    to = at + (1 if verb == "down" else -1)
    if 0 <= at < len(rows):
        if verb == "remove":
            del rows[at]
        elif 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    return ""


def _texts(data: Any, names: tuple[str, ...]) -> Tree:
    said: Tree = {}
    for name in names:
        value = getattr(data, name)
        said[name] = (
            list(value)
            if isinstance(value, tuple)
            else ("true" if value else "")
            if isinstance(value, bool)
            else str(value)
        )
    return said


def _text(raw: Any) -> str:
    value = raw[-1] if isinstance(raw, list) and raw else raw
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""


def _ticks(raw: Any) -> list[str]:
    given = raw if isinstance(raw, list) else [raw]
    return list(dict.fromkeys(one.strip() for one in given if isinstance(one, str) and one.strip()))


def _rows(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _part(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}
