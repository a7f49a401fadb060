"""The canonical form of a bundle and its SHA-256: the same content is the same bytes."""

from hashlib import sha256
from operator import attrgetter

import msgspec

from competitions.scoring.bundle import Bundle, Mark
from competitions.scoring.table import Table

_by_place = attrgetter("entry", "aspect", "judge")
_by_code = attrgetter("code")
_encode = msgspec.json.Encoder(order="sorted").encode


def canonical(bundle: Bundle) -> bytes:
    """Write a bundle in canonical form.

    UTF-8 without white space; keys sorted; entries by code, marks by (entry, aspect, judge), adjustments as they stand;
    quantities as they were written; what the bundle does not state is not added.
    """
    return _write(bundle, tuple(sorted(bundle.marks, key=_by_place)))


def canonical_from(table: Table) -> bytes:
    """Write the canonical form of a bundle whose marks are already in a table."""
    return _write(table.bundle, table.in_order())


def bundle_sha256(bundle: Bundle) -> str:
    """Give the fingerprint of a bundle: 64 hexadecimal digits over its canonical form."""
    return sha256(canonical(bundle)).hexdigest()


def _write(bundle: Bundle, marks: tuple[Mark, ...]) -> bytes:
    entries = tuple(sorted(bundle.entries, key=_by_code))
    return _encode(msgspec.structs.replace(bundle, entries=entries, marks=marks))
