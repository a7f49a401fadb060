"""Many entries of the ledger at once, as lines of ``COPY``: arrays of thousands of search keys would be checked one by one else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from honours.rolls.publishing import ENTRY_COLUMNS
from registry.workers.bulk import array, copy_text

COLUMNS = (*ENTRY_COLUMNS, "revoked_reason", "version", "made_at")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def cell(value: Any) -> str:
    """One value in the text form of ``COPY``."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (list, tuple)):
        return array(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def lines_of(entries: Iterable[Mapping[str, Any]], now: datetime) -> bytes:
    """The entries' lines, in the order of ``COLUMNS``."""
    rest = f"\t\t1\t{now.isoformat()}\n"
    return "".join("\t".join([cell(one[name]) for name in ENTRY_COLUMNS]) + rest for one in entries).encode()


async def copy_entries(entries: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Write them in the current transaction."""
    await copy_text("roll_entry", COLUMNS, lines_of(entries, now))
