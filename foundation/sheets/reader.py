"""The reading process: xlsx on standard input, its rows as JSON on standard output, under hard limits.

Run as ``python -m foundation.sheets.reader ROWS COLUMNS BYTES``. A bomb that passed the look at the directory dies here, in
a process of its own (a 662 KiB file took 56 s and 1.2 GB without).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 15
BROKEN, TOO_MUCH, LOCKED = 3, 4, 5


def text_of(value: Any) -> str:
    """A cell as somebody would read it: 12 for 12.0, 2026-04-17 for a date, 是 for a tick."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if abs(value) >= 1e15:
            return f"{value:.10E}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return str(value)


def rows_of(source: Any, columns: int) -> Iterator[list[str]]:
    """The first sheet's rows from its first line, cells as text; a sheet wider than ``columns`` is cut there."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(source) if isinstance(source, str) else CalamineWorkbook.from_filelike(source)
    sheet = book.get_sheet_by_index(0)
    for _ in range(sheet.start[0] if sheet.start else 0):
        yield []
    left = sheet.start[1] if sheet.start else 0
    for row in sheet.iter_rows():
        yield [""] * left + [text_of(value) for value in row[: max(0, columns - left)]]


def _limit(memory: int, cpu: int) -> None:
    try:
        import resource
    except ImportError:  # not on this system: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(most_rows: int, most_columns: int, most_bytes: int) -> int:
    """Write one JSON array of rows; 3 where the file is broken, 4 beyond the limits, 5 where it needs a password."""
    import io

    import msgspec
    from python_calamine import CalamineError, PasswordError

    _limit(MEMORY, CPU_SECONDS)
    body = sys.stdin.buffer.read(most_bytes + 1)
    if len(body) > most_bytes:
        return TOO_MUCH
    rows: list[list[str]] = []
    size = 0
    try:
        for row in rows_of(io.BytesIO(body), most_columns):
            size += sum(len(cell) for cell in row)
            if len(rows) > most_rows or size > most_bytes * 3:
                return TOO_MUCH
            rows.append(row)
    except PasswordError:
        return LOCKED
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, ValueError, OverflowError, EOFError):
        return BROKEN
    sys.stdout.buffer.write(msgspec.json.encode(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:4])))
