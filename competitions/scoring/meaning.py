"""The rules of a bundle that look at more than one field: unique codes, known references, marks in range and on step.

Works on decoded JSON that may be malformed elsewhere; a part without its proper form is left to `shapes`, so that one
mistake gives one fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from competitions.scoring.faults import Findings, listed, show
from competitions.scoring.shapes import is_code
from foundation.exact.quantities import is_quantity, scaled

Located = tuple[str, Mapping[str, Any]]


def check_meaning(into: Findings, document: object) -> None:
    """Find every fault between the fields of a document."""
    rules = _part(_part(document, "event"), "rules")
    entries = list(_items(document, "entries", "$"))
    modules = list(_items(rules, "modules", "$.event.rules"))
    aspects = [found for path, module in modules for found in _items(module, "aspects", path)]
    _unique(into, entries, "entry")
    _unique(into, modules, "module")
    _unique(into, aspects, "aspect")
    for path, aspect in aspects:
        _aspect(into, path, aspect)
    _ranking(into, rules, _codes(modules), _codes(aspects))
    for path, tier in _items(_part(rules, "awards"), "tiers", "$.event.rules.awards"):
        _tier(into, path, tier)
    known_entries = _codes(entries) if isinstance(_part(document, "entries"), list | tuple) else None
    known_aspects = {a["code"]: a for _, a in reversed(aspects) if isinstance(a.get("code"), str)} if modules else None
    _marks(into, document, known_entries, known_aspects)
    for path, change in _items(document, "adjustments", "$"):
        _known(into, f"{path}.entry", change.get("entry"), known_entries, "entry")
        value = _number(change.get("value"))
        if value is not None and value < 0:
            into.add(f"{path}.value", "range", f"{show(change['value'])} is negative", "0 or more")


def _part(raw: object, name: str) -> object:
    return raw.get(name) if isinstance(raw, Mapping) else None


def _items(raw: object, name: str, path: str) -> Iterator[Located]:
    parts = _part(raw, name)
    if isinstance(parts, list | tuple):
        for index, part in enumerate(parts):
            if isinstance(part, Mapping):
                yield f"{path}.{name}[{index}]", part


def _codes(parts: list[Located]) -> dict[str, None]:
    return {part["code"]: None for _, part in parts if isinstance(part.get("code"), str)}


def _number(raw: object) -> int | None:
    return scaled(raw) if isinstance(raw, str) and is_quantity(raw) else None


def _unique(into: Findings, parts: list[Located], thing: str) -> None:
    first: dict[str, str] = {}
    for path, part in parts:
        code = part.get("code")
        if isinstance(code, str) and first.setdefault(code, path) != path:
            into.add(
                f"{path}.code", "duplicate", f"{show(code)} already stands at {first[code]}", f"one {thing} a code"
            )


def _known(into: Findings, path: str, code: object, known: Mapping[str, Any] | None, thing: str) -> None:
    if isinstance(code, str) and known is not None and code not in known:
        into.add(path, "unknown-" + thing, f"there is no {thing} {show(code)}", listed(filter(is_code, known)))


def _aspect(into: Findings, path: str, aspect: Mapping[str, Any]) -> None:
    low, high, step = (_number(aspect.get(name)) for name in ("min", "max", "step"))
    if step is not None and step <= 0:
        into.add(f"{path}.step", "range", f"{show(aspect['step'])} is no step", "more than 0")
    if aspect.get("kind") == "judgement" and low:
        into.add(f"{path}.min", "range", f"{show(aspect['min'])}, but a judgement runs from 0 to 3", '"0", or absent')
    if aspect.get("kind") == "points":
        if "levels" in aspect:
            into.add(f"{path}.levels", "unfit", "levels belong to a judgement", "absent where kind is points")
        if high is not None and high < (low or 0):
            into.add(f"{path}.max", "range", f"{show(aspect['max'])} is less than min", "min or more")
    panel = aspect.get("panel")
    if isinstance(panel, Mapping) and panel.get("method", "mean") in ("mean", "median", "sum"):
        for name in ("drop_high", "drop_low"):
            # A method that drops nothing must not be given marks to drop: which of the two was meant is a guess.
            if panel.get(name):
                what = f"{name} belongs to trimmed_mean"
                into.add(f"{path}.panel.{name}", "unfit", what, "0, absent, or the method trimmed_mean")


def _ranking(into: Findings, rules: object, modules: Mapping[str, Any], aspects: Mapping[str, Any]) -> None:
    for path, key in _items(rules, "ranking", "$.event.rules"):
        by = key.get("by")
        if not isinstance(by, str) or by == "total":
            continue
        kind, _, name = by.partition(":")
        if kind == "module" and name:
            _known(into, f"{path}.by", name, modules, "module")
        elif kind == "aspect" and name:
            _known(into, f"{path}.by", name, aspects, "aspect")
        elif kind != "value" or not name:
            into.add(
                f"{path}.by",
                "unknown-key",
                f"{show(by)} is not a ranking key",
                "total, module:CODE, aspect:CODE, value:NAME",
            )


def _tier(into: Findings, path: str, tier: Mapping[str, Any]) -> None:
    if "count" in tier and "percent" in tier:
        into.add(path, "unfit", "both count and percent stand", "one of count, percent")
    elif "count" not in tier and "percent" not in tier:
        into.add(path, "missing", "neither count nor percent stands", "one of count, percent")


def _marks(
    into: Findings, document: object, entries: Mapping[str, Any] | None, aspects: Mapping[str, Any] | None
) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for path, mark in _items(document, "marks", "$"):
        entry, aspect, judge = place = (mark.get("entry"), mark.get("aspect"), mark.get("judge"))
        _known(into, f"{path}.entry", entry, entries, "entry")
        _known(into, f"{path}.aspect", aspect, aspects, "aspect")
        named = isinstance(entry, str) and isinstance(aspect, str) and isinstance(judge, str)
        if named and seen.setdefault(place, path) != path:
            what = f"judge {show(judge)} marked entry {show(entry)}, aspect {show(aspect)} already at {seen[place]}"
            into.add(path, "duplicate", what, "one mark for each entry, aspect and judge")
        if isinstance(aspect, str) and aspects and aspect in aspects:
            _in_range(into, f"{path}.value", mark.get("value"), aspects[aspect])


def _in_range(into: Findings, path: str, raw: object, aspect: Mapping[str, Any]) -> None:
    if aspect.get("kind") == "judgement":
        low, high = "0", "3"
    elif aspect.get("kind") == "points":
        low, high = aspect.get("min", "0"), aspect.get("max")
    else:
        return
    value, lowest, highest, step = (_number(text) for text in (raw, low, high, aspect.get("step")))
    if value is None or lowest is None or highest is None:
        return
    if not lowest <= value <= highest:
        into.add(path, "range", f"{show(raw)} is out of range", f"{low} to {high}")
    elif step is not None and step > 0 and (value - lowest) % step:
        into.add(path, "step", f"{show(raw)} is off step", f"{low} + n × {aspect['step']}, up to {high}")
