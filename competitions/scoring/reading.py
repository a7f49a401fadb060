"""Reading a bundle: a fast way for the valid, and a thorough way that lists every fault of the others.

The fast way only ever accepts; whatever it does not like goes the thorough way, which alone can refuse. It is sound
because the typed decoder refuses unknown fields and wrong types, the colons of the text are counted against those of
the decoded keys and texts (a doubled key has one too many), and everything but the marks is then checked thoroughly.
"""

import json
import re
from collections import Counter
from typing import Any

import msgspec

from competitions.scoring.bundle import Bundle
from competitions.scoring.faults import BundleFaults, Doubled, Fault, Findings, Fraught
from competitions.scoring.meaning import check_meaning
from competitions.scoring.shapes import check_shape
from competitions.scoring.table import MisplacedMark, Table

_decode = msgspec.json.Decoder(Bundle).decode
_tricky = re.compile(rb"\\u(003[aA]|[dD][89a-fA-F])").search
_DOCUMENT = "one JSON object in UTF-8"


def parse(data: bytes) -> Bundle:
    """Read a bundle from the bytes of a file. Raises `BundleFaults` with every fault."""
    return read(data).bundle


def read(data: bytes) -> Table:
    """Read a bundle together with its marks as a table, ready to score. Raises `BundleFaults` with every fault."""
    table = _read_fast(data)
    if table is not None:
        return table
    document = _load(data)
    faults = examine(document)
    if faults:
        raise BundleFaults(faults)
    return Table(msgspec.convert(document, Bundle))


def examine(document: object) -> list[Fault]:
    """List every fault of a decoded JSON document; a valid bundle has none."""
    into = Findings()
    check_shape(into, "$", document)
    check_meaning(into, document)
    return into.faults


def check(bundle: Bundle) -> list[Fault]:
    """List every fault of a bundle that was built in memory; the paths count its lists as they stand."""
    return [] if _sound(bundle) is not None else examine(msgspec.to_builtins(bundle))


def _read_fast(data: bytes) -> Table | None:
    """Read a bundle that is certainly valid; None for any that may not be."""
    # An escaped colon would not be counted in the text, and the decoder is laxer about lone surrogates than we are.
    if _tricky(data):
        return None
    try:
        bundle = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    table = _sound(bundle)
    # A mark has four keys, and no text of a sound mark can hold a colon.
    if table is None or data.count(b":") != _colons(_head(bundle)) + 4 * len(bundle.marks):
        return None
    return table


def _sound(bundle: Bundle) -> Table | None:
    """Tabulate a bundle that has no fault; None for any that may have one."""
    into = Findings()
    head = _head(bundle)
    check_shape(into, "$", head)
    check_meaning(into, head)
    if into.faults:
        return None
    try:
        return Table(bundle)
    except (MisplacedMark, TypeError):  # a bundle built in memory may hold anything
        return None


def _head(bundle: Bundle) -> dict[str, Any]:
    """Give all of a bundle but its marks, as plain JSON values."""
    return msgspec.to_builtins(msgspec.structs.replace(bundle, marks=()))


def _colons(part: Any) -> int:
    """Count the colons that a JSON text of this content must have: one for each key, and those inside the texts."""
    if isinstance(part, str):
        return part.count(":")
    if isinstance(part, dict):
        return len(part) + sum(key.count(":") + _colons(value) for key, value in part.items())
    if isinstance(part, list | tuple):
        return sum(map(_colons, part))
    return 0


def _load(data: bytes) -> object:
    """Decode JSON as the format wants it: UTF-8, no NaN, doubled keys remembered, odd numbers kept as they are."""
    try:
        return json.loads(
            data.decode(), object_pairs_hook=_object, parse_int=_integer, parse_float=Fraught, parse_constant=_constant
        )
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except _ConstantError as error:
        raise _not_json(f"not JSON: {error} is no number") from None
    except RecursionError:
        raise _not_json("nested too deep") from None


class _ConstantError(ValueError):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _not_json(what: str) -> BundleFaults:
    return BundleFaults([Fault(path="$", code="json", what=what, allowed=_DOCUMENT)])


def _constant(text: str) -> object:
    raise _ConstantError(text)


def _integer(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        return Fraught(text)


def _object(pairs: list[tuple[str, object]]) -> object:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    kept = Doubled(found)
    kept.doubles = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return kept
