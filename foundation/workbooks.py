"""Writing an xlsx row by row, in constant memory, every cell a typed string (SECURITY 16)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def workbook(titles: Sequence[str], rows: AsyncIterator[Iterable[str]], *, sheet: str, note: str = "") -> bytes:
    """An xlsx with a head row and every cell a typed string, written in constant memory as rows come.

    ``note`` goes into a last line of its own: who exported, when and why.
    """
    import xlsxwriter

    with tempfile.TemporaryDirectory(prefix="gongjiang-") as folder:
        path = Path(folder) / "export.xlsx"
        book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": folder})
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format({"bold": True, "bg_color": "#F3F4F6"})
        page.freeze_panes(1, 0)
        for place, title in enumerate(titles):
            page.set_column(place, place, max(10, min(40, len(title) * 2 + 6)))
            page.write_string(0, place, title, bold)
        count = 0
        async for row in rows:
            count += 1
            for place, text in enumerate(row):
                page.write_string(count, place, text)
        if note:
            page.write_string(count + 2, 0, note)
        await asyncio.to_thread(book.close)
        return await asyncio.to_thread(path.read_bytes)
