"""Workbooks for tests: good ones, and every kind of bad one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import xlsxwriter


def workbook(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """An xlsx with a head and rows; numbers stay numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet()
    for line, row in enumerate([head, *rows]):
        for place, value in enumerate(row):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                page.write_number(line, place, value)
            elif value is not None:
                page.write_string(line, place, str(value))
    book.close()
    return out.getvalue()


def repacked(body: bytes, *, change=None, add=None) -> bytes:
    """The same zip with parts changed (``change(name, data)`` → data) or added (name → data)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part.filename)
            new.writestr(part.filename, change(part.filename, data) if change else data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return out.getvalue()
