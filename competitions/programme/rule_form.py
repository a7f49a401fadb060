"""The form of a rule set (规则集) as a tree of texts: from rules, to rules, and its rows.

The tree is what :func:`foundation.forms.grow` makes of the fields: ``modules-0-aspects-1-max`` is
``tree["modules"][0]["aspects"][1]["max"]``. Nothing typed is lost while it is wrong; :func:`rules_tree` turns it into the
JSON of ``event.rules``, in which the format's own checker finds the faults (:mod:`.rule_faults`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from competitions.scoring.bundle import Rules, given

Tree = dict[str, Any]
ASPECT = (
    "code", "title", "kind", "max", "min", "step", "factor", "method", "drop_high", "drop_low", "minimum",
    "level0", "level1", "level2", "level3",
)  # fmt: skip
LISTS: Mapping[str, tuple[str, ...]] = {
    "modules": ("code", "title", "weight"),
    "ranking": ("by", "name", "order"),
    "tiers": ("name", "share", "unit", "at_least"),
}
SINGLE = ("ties", "award_ties", "scale", "hundred", "based_on", "reason", "shown", "seed")
PLACES = ("panel", "aspect", "module", "total")
MOST = {"modules": 20, "aspects": 80, "ranking": 12, "tiers": 12}
NEW_ASPECT = {"kind": "points", "step": "0.5", "method": "mean", "minimum": "1"}


def clean(tree: Mapping[str, Any]) -> Tree:
    """Bring whatever was sent into the tree's shape: lists are lists, leaves are texts, unknown names are gone."""
    cleaned: Tree = {name: _text(tree.get(name)) for name in SINGLE}
    cleaned["places"] = {level: _text(_part(tree.get("places")).get(level)) for level in PLACES}
    for name, fields in LISTS.items():
        rows = [_part(row) for row in _rows(tree.get(name))[: MOST[name]]]
        cleaned[name] = [{field: _text(row.get(field)) for field in fields} for row in rows]
        if name == "modules":
            for made, row in zip(cleaned[name], rows, strict=True):
                aspects = [_part(a) for a in _rows(row.get("aspects"))[: MOST["aspects"]]]
                made["aspects"] = [{field: _text(a.get(field)) for field in ASPECT} for a in aspects]
    return cleaned


def tree_of(rules: Rules) -> Tree:
    """The form's tree of rules as they stand, with the format's defaults filled in."""
    places = given(rules.places, None)
    shown = {level: given(getattr(places, level), 2) if places else 2 for level in PLACES}
    awards = given(rules.awards, None)
    return clean(
        {
            "modules": [
                {"code": m.code, "title": m.heading, "weight": m.share, "aspects": [_aspect_tree(a) for a in m.aspects]}
                for m in rules.modules
            ],
            "ranking": [_key_tree(key) for key in rules.ranking],
            "tiers": [_tier_tree(tier) for tier in awards.tiers] if awards else [],
            "places": {level: "" if count is None else str(count) for level, count in shown.items()},
            "ties": given(rules.ties, "share"),
            "award_ties": given(awards.ties, "extend") if awards and awards.tiers else "extend",
            "scale": "true" if rules.scale is not msgspec.UNSET else "",
        }
    )


def _aspect_tree(aspect: Any) -> dict[str, str]:
    jury = aspect.jury
    levels = given(aspect.levels, ())
    trims = jury.how == "trimmed_mean"
    return {
        "code": aspect.code, "title": aspect.heading, "kind": aspect.kind, "max": aspect.max,
        "min": aspect.lowest if aspect.kind == "points" else "", "step": given(aspect.step, ""),
        "factor": given(aspect.factor, "1"), "method": jury.how, "minimum": str(jury.least),
        "drop_high": str(jury.highs) if trims else "", "drop_low": str(jury.lows) if trims else "",
        **{f"level{n}": text for n, text in enumerate(levels)},
    }  # fmt: skip


def _key_tree(key: Any) -> dict[str, str]:
    """A key on another number of the entry (``value:time``) is two fields: that it is one, and its name."""
    kind, _, name = key.by.partition(":")
    by, name = ("value", name) if kind == "value" else (key.by, "")
    return {"by": by, "name": name, "order": given(key.order, "desc")}


def _key_json(row: Mapping[str, str]) -> dict[str, str]:
    by = f"value:{row['name']}" if row["by"] == "value" else row["by"]
    return {"by": by, **_filled({"order": row["order"]})}


def _tier_tree(tier: Any) -> dict[str, str]:
    by_percent = isinstance(tier.percent, str)
    share = tier.percent if by_percent else str(given(tier.count, 0))
    least = given(tier.at_least, 0)
    return {"name": tier.name, "share": share, "unit": "percent" if by_percent else "count", "at_least": str(least)}


def rules_tree(tree: Tree) -> dict[str, Any]:
    """The JSON of ``event.rules`` that the form says; what is blank and optional is left out."""
    rules: dict[str, Any] = {
        "modules": [
            _filled({"code": m["code"], "title": m["title"], "weight": m["weight"]})
            | {"aspects": [_aspect_json(a) for a in m["aspects"]]}
            for m in tree["modules"]
        ],
        "places": {level: _whole(text) if text else None for level, text in tree["places"].items()},
        "ranking": [_key_json(key) for key in tree["ranking"]],
        "ties": tree["ties"] or "share",
    }
    if tree["tiers"]:
        rules["awards"] = {"tiers": [_tier_json(t) for t in tree["tiers"]], "ties": tree["award_ties"] or "extend"}
    if tree["scale"]:
        rules["scale"] = {"method": "worldskills-700"}
    return rules


def _aspect_json(row: Mapping[str, str]) -> dict[str, Any]:
    judged = row["kind"] == "judgement"
    names = ("code", "title", "kind", "max", "step", "factor") if judged else ("code", "title", "kind", "max", "min", "step", "factor")  # fmt: skip
    made: dict[str, Any] = _filled({name: row[name] for name in names})
    trims = row["method"] == "trimmed_mean"
    counts = ("drop_high", "drop_low", "minimum") if trims else ("minimum",)
    made["panel"] = _filled({"method": row["method"], **{name: _whole(row[name]) for name in counts}})
    levels = [row[f"level{n}"] for n in range(4)]
    if judged and any(levels):
        made["levels"] = levels
    return made


def _tier_json(row: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": row["name"]}
    if row["share"]:
        made |= {"percent": row["share"]} if row["unit"] == "percent" else {"count": _whole(row["share"])}
    if row["at_least"]:
        made["at_least"] = _whole(row["at_least"])
    return made


def decode(tree: Tree) -> Rules:
    """The rules of a form without faults."""
    return msgspec.convert(rules_tree(tree), Rules)


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field of the tree with its name: the values that fill the form."""
    items = enumerate(tree) if isinstance(tree, list) else tree.items()
    for name, value in items:
        if isinstance(value, (dict, list)):
            yield from leaves(value, f"{path}{name}-")
        else:
            yield f"{path}{name}", value


# Rows: what the buttons of the form do, with or without scripts.
def act(tree: Tree, action: str) -> str:
    """Do what a button says (``add-aspect-0``, ``remove-module-1``, ``up-key-2``, ``down-tier-0``); an unknown one is
    nothing. Returns the name of the field to go to.
    """
    said = re.fullmatch(r"(add|remove|up|down)-(module|aspect|key|tier)((?:-\d{1,3}){0,2})", action, re.ASCII)
    if said is None:
        return ""
    verb, kind = said[1], said[2]
    places = [int(n) for n in said[3].split("-")[1:]]
    rows, prefix, fresh, most = _target(tree, kind, places if verb == "add" else places[:-1])
    if rows is None:
        return ""
    if verb == "add" and len(rows) < most:
        rows.append(fresh(rows))
        return f"{prefix}-{len(rows) - 1}-{'by' if kind == 'key' else 'name' if kind == 'tier' else 'code'}"
    at = places[-1] if places else -1
    if not 0 <= at < len(rows):
        return ""
    if verb == "remove":
        del rows[at]
    elif verb in ("up", "down"):
        to = at + (1 if verb == "down" else -1)
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    return ""


def _target(
    tree: Tree, kind: str, places: list[int]
) -> tuple[list[Any] | None, str, Callable[[list[Any]], dict[str, Any]], int]:
    if kind == "aspect" and len(places) == 1 and places[0] < len(tree["modules"]):
        rows = tree["modules"][places[0]]["aspects"]
        return rows, f"modules-{places[0]}-aspects", lambda rows: new_aspect(tree, rows), MOST["aspects"]
    if kind == "module":
        return tree["modules"], "modules", lambda rows: _new_module(tree, rows), MOST["modules"]
    if kind == "key":
        return tree["ranking"], "ranking", lambda rows: {"by": "", "name": "", "order": "desc"}, MOST["ranking"]
    if kind == "tier":
        return tree["tiers"], "tiers", _new_tier, MOST["tiers"]
    return None, "", lambda rows: {}, 0


def new_aspect(tree: Tree, rows: list[Any]) -> dict[str, str]:
    """A row for one more aspect: like the last one of its module, with the next free code."""
    last = rows[-1] if rows else {}
    kept = {name: last[name] for name in ("kind", "step", "method", "minimum", "drop_high", "drop_low") if name in last}
    taken = {a["code"] for module in tree["modules"] for a in module["aspects"]}
    letter = re.match(r"[A-Za-z]+", last.get("code", "")) if last else None
    stem = letter.group() if letter else chr(ord("A") + tree_index(tree, rows) % 26)
    code = next(f"{stem}{n}" for n in range(1, 2000) if f"{stem}{n}" not in taken)
    return {**dict.fromkeys(ASPECT, ""), **NEW_ASPECT, **kept, "code": code}


def tree_index(tree: Tree, rows: list[Any]) -> int:
    """Which module these aspects belong to."""
    return next((n for n, module in enumerate(tree["modules"]) if module["aspects"] is rows), 0)


def _new_module(tree: Tree, rows: list[Any]) -> dict[str, Any]:
    taken = {module["code"] for module in rows}
    code = next(f"m{n}" for n in range(1, 2000) if f"m{n}" not in taken)
    made: dict[str, Any] = {"code": code, "title": "", "weight": "", "aspects": []}
    made["aspects"].append(new_aspect({"modules": [*rows, made]}, made["aspects"]))
    return made


def _new_tier(rows: list[Any]) -> dict[str, str]:
    names = ("一等奖", "二等奖", "三等奖", "优胜奖")
    unit = rows[-1]["unit"] if rows else "percent"
    return {"name": names[len(rows)] if len(rows) < 4 else "", "share": "", "unit": unit, "at_least": "0"}


def _text(raw: Any) -> str:
    value = raw[-1] if isinstance(raw, list) and raw else raw
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""


def _rows(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _part(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _filled(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value != ""}


def _whole(text: str) -> int | str:
    """An integer where it is one; else the text itself, for the checker to refuse."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text, re.ASCII) else text
