"""A bundle for publication: judges without names, teams without members, and entrants named only where asked."""

import msgspec
from msgspec import UNSET

from competitions.scoring.bundle import Bundle, Entry


def anonymise(bundle: Bundle, *, names: bool = False) -> Bundle:
    """Give the bundle that is published beside a result; it has the same standings under its own SHA-256.

    Judges become J1, J2, … in the order of their codes, the same judge the same all through the event. Members are
    dropped. With `names` the entries keep name and organisation; else the name is the entry's code and the organisation
    is empty. Groups, values, adjustments and their reasons stay, because the ranking or its explanation uses them.
    """
    codes = {judge: f"J{i}" for i, judge in enumerate(sorted({mark.judge for mark in bundle.marks}), start=1)}
    return msgspec.structs.replace(
        bundle,
        entries=tuple(_entry(entry, names) for entry in bundle.entries),
        marks=tuple(msgspec.structs.replace(mark, judge=codes[mark.judge]) for mark in bundle.marks),
    )


def _entry(entry: Entry, names: bool) -> Entry:
    if names:
        return msgspec.structs.replace(entry, members=UNSET)
    return msgspec.structs.replace(entry, members=UNSET, name=entry.code, organisation="")
