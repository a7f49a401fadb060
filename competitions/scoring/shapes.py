"""The form of a bundle, field by field: which there are, which must stand, and what each may hold."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from competitions.scoring.bundle import FORMAT
from competitions.scoring.faults import Doubled, Findings, listed, show, step_into
from foundation.exact.quantities import is_quantity

Check = Callable[[Findings, str, object], None]
Fields = dict[str, tuple[bool, Check]]
"""Field name → (required, check of its value)."""

CODE_RULE: Final = r"[A-Za-z0-9._-]{1,64}"
CODE: Final = "1 to 64 of letters, digits, '-', '_', '.'"
QUANTITY: Final = 'a decimal string such as "89.5": at most 9 digits, then at most 10 decimals; no sign but "-"'

EVENT_CODE: Final = "1 to 128 of letters, digits, '-', '_', '.'"

is_event_code = re.compile(r"[A-Za-z0-9._-]{1,128}").fullmatch
is_code = re.compile(CODE_RULE).fullmatch
_surrogate = re.compile("[\ud800-\udfff]").search


def text(into: Findings, path: str, raw: object) -> None:
    """Any text that UTF-8 can hold."""
    if not isinstance(raw, str):
        into.add(path, "type", f"{show(raw)} is not a text", "a text")
    elif not raw.isascii() and _surrogate(raw):
        into.add(path, "text", f"{show(raw)} holds half a surrogate pair", "text that UTF-8 can hold")


def code(into: Findings, path: str, raw: object) -> None:
    """A code (代号)."""
    if not isinstance(raw, str):
        into.add(path, "type", f"{show(raw)} is not a text", CODE)
    elif not is_code(raw):
        into.add(path, "code", f"{show(raw)} is not a code", CODE)


def event_code(into: Findings, path: str, raw: object) -> None:
    """The code of the event itself: the same letters, but longer, as published collections of events have them."""
    if not isinstance(raw, str):
        into.add(path, "type", f"{show(raw)} is not a text", EVENT_CODE)
    elif not is_event_code(raw):
        into.add(path, "code", f"{show(raw)} is not a code", EVENT_CODE)


def quantity(into: Findings, path: str, raw: object) -> None:
    """A decimal string; a JSON number is refused, because it would pass through binary floating point elsewhere."""
    if not isinstance(raw, str):
        into.add(path, "type", f"{show(raw)} is not a decimal string", QUANTITY)
    elif not is_quantity(raw):
        into.add(path, "quantity", f"{show(raw)} is not a decimal string", QUANTITY)


def count(into: Findings, path: str, raw: object) -> None:
    """A JSON integer, not negative."""
    if not isinstance(raw, int) or isinstance(raw, bool):
        into.add(path, "type", f"{show(raw)} is not an integer", "an integer of 0 or more")
    elif raw < 0:
        into.add(path, "count", f"{show(raw)} is negative", "an integer of 0 or more")


def places(into: Findings, path: str, raw: object) -> None:
    """The decimals of a level, or null."""
    if raw is None:
        return
    if not isinstance(raw, int) or isinstance(raw, bool):
        into.add(path, "type", f"{show(raw)} is not an integer", "an integer from 0 to 6, or null")
    elif not 0 <= raw <= 6:
        into.add(path, "places", f"{show(raw)} is out of range", "an integer from 0 to 6, or null")


def flag(into: Findings, path: str, raw: object) -> None:
    """True or false."""
    if not isinstance(raw, bool):
        into.add(path, "type", f"{show(raw)} is neither true nor false", "true, false")


def choice(*options: str) -> Check:
    """One of a few words."""

    def check(into: Findings, path: str, raw: object) -> None:
        if not isinstance(raw, str):
            into.add(path, "type", f"{show(raw)} is not a text", listed(options))
        elif raw not in options:
            into.add(path, "choice", f"{show(raw)} is not known here", listed(options))

    return check


def listing(item: Check, least: int = 0, exactly: int | None = None) -> Check:
    """A list of like things."""

    def check(into: Findings, path: str, raw: object) -> None:
        wanted = f"a list of {exactly}" if exactly is not None else f"a list of {least} or more" if least else "a list"
        if not isinstance(raw, list | tuple):
            into.add(path, "type", f"{show(raw)} is not a list", wanted)
            return
        if len(raw) < least or (exactly is not None and len(raw) != exactly):
            into.add(path, "length", f"the list has {len(raw)}", wanted)
        for index, value in enumerate(raw):
            item(into, f"{path}[{index}]", value)

    return check


def record(fields: Fields) -> Check:
    """An object with these fields and no others, each named once."""
    required = tuple(name for name, (must, _) in fields.items() if must)

    def check(into: Findings, path: str, raw: object) -> None:
        if not isinstance(raw, Mapping):
            into.add(path, "type", f"{show(raw)} is not an object", "an object")
            return
        _doubles(into, path, raw)
        for name, value in raw.items():
            known = fields.get(name)
            if known is None:
                into.add(step_into(path, name), "unknown", f"the field {show(name)} is not known", listed(fields))
            else:
                known[1](into, f"{path}.{name}", value)
        for name in required:
            if name not in raw:
                into.add(f"{path}.{name}", "missing", f"the field {show(name)} is missing", listed(required))

    return check


def figures(into: Findings, path: str, raw: object) -> None:
    """An object of quantities under names of the event's own choice."""
    if not isinstance(raw, Mapping):
        into.add(path, "type", f"{show(raw)} is not an object", "an object of decimal strings")
        return
    _doubles(into, path, raw)
    for name, value in raw.items():
        text(into, step_into(path, name), name)
        quantity(into, step_into(path, name), value)


def _doubles(into: Findings, path: str, raw: object) -> None:
    if isinstance(raw, Doubled):
        for name in raw.doubles:
            into.add(step_into(path, name), "double", f"the key {show(name)} stands twice", "each key once")


PANEL: Fields = {
    "method": (False, choice("mean", "trimmed_mean", "median", "sum")),
    "drop_high": (False, count),
    "drop_low": (False, count),
    "minimum": (False, count),
}
ASPECT: Fields = {
    "code": (True, code),
    "kind": (True, choice("points", "judgement")),
    "max": (True, quantity),
    "title": (False, text),
    "min": (False, quantity),
    "factor": (False, quantity),
    "step": (False, quantity),
    "panel": (False, record(PANEL)),
    "levels": (False, listing(text, exactly=4)),
}
MODULE: Fields = {
    "code": (True, code),
    "aspects": (True, listing(record(ASPECT), least=1)),
    "title": (False, text),
    "weight": (False, quantity),
}
PLACES: Fields = dict.fromkeys(("panel", "aspect", "module", "total"), (False, places))
KEY: Fields = {"by": (True, text), "order": (False, choice("desc", "asc"))}
TIER: Fields = {
    "name": (True, text),
    "count": (False, count),
    "percent": (False, quantity),
    "at_least": (False, count),
}
AWARDS: Fields = {"tiers": (True, listing(record(TIER))), "ties": (False, choice("extend", "strict"))}
SCALE: Fields = {"method": (True, choice("worldskills-700"))}
RULES: Fields = {
    "modules": (True, listing(record(MODULE), least=1)),
    "ranking": (True, listing(record(KEY), least=1)),
    "places": (False, record(PLACES)),
    "ties": (False, choice("share", "refuse")),
    "awards": (False, record(AWARDS)),
    "scale": (False, record(SCALE)),
}
EVENT: Fields = {"code": (True, event_code), "title": (True, text), "rules": (True, record(RULES))}
ENTRY: Fields = {
    "code": (True, code),
    "name": (True, text),
    "organisation": (True, text),
    "status": (False, choice("competed", "absent", "withdrawn", "disqualified")),
    "guest": (False, flag),
    "group": (False, text),
    "members": (False, listing(text)),
    "values": (False, figures),
}
MARK: Fields = {"entry": (True, code), "aspect": (True, code), "judge": (True, code), "value": (True, quantity)}
ADJUSTMENT: Fields = {
    "entry": (True, code),
    "kind": (True, choice("deduction", "bonus")),
    "value": (True, quantity),
    "reason": (True, text),
}
BUNDLE: Fields = {
    "format": (True, choice(FORMAT)),
    "event": (True, record(EVENT)),
    "entries": (True, listing(record(ENTRY))),
    "marks": (True, listing(record(MARK))),
    "adjustments": (False, listing(record(ADJUSTMENT))),
}

check_shape: Check = record(BUNDLE)
"""Find everything in a decoded JSON document that has not the form of a bundle."""
