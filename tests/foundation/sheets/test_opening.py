"""What is not a workbook within bounds is refused by name, before or while it is read."""

from __future__ import annotations

import pytest

from foundation.errors import Refusal
from foundation.sheets.opening import MOST_BYTES, read_rows
from foundation.sheets.reader import text_of
from tests.support.sheets import repacked, workbook

GOOD = workbook(["姓名", "数"], [["甲", 1], ["乙", 2.5]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def sparse(name: str, data: bytes) -> bytes:
    """One cell in the farthest corner: dense, the sheet would hold seventeen thousand million cells."""
    if name != "xl/worksheets/sheet1.xml":
        return data
    return data.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


BAD = {
    "sheet_empty_file": b"",
    "sheet_too_large": b"PK" + b"\x00" * MOST_BYTES,
    "sheet_is_text": "姓名,身份证号\n甲,1\n".encode(),
    "sheet_old_format": OLE,
    "sheet_encrypted": OLE + "EncryptedPackage".encode("utf-16-le"),
    "sheet_not_xlsx": b"%PDF-1.7\x00\x01",
    "sheet_broken": GOOD[:-200],
    "sheet_not_workbook": repacked(GOOD, change=lambda n, d: d).replace(b"xl/workbook.xml", b"xl/workbook.xmm"),
    "sheet_macros": repacked(GOOD, add={"xl/vbaProject.bin": b"x"}),
    "sheet_parts": repacked(GOOD, add={f"xl/media/{n}.txt": b"x" for n in range(250)}),
    "sheet_bomb": repacked(GOOD, add={"xl/media/zeros": b"\x00" * 31 * 1024 * 1024}),
    "sheet_too_long": repacked(GOOD, change=sparse),
}


@pytest.mark.parametrize("code", BAD)
async def test_each_kind_of_bad_file_has_its_own_refusal(code):
    with pytest.raises(Refusal) as refused:
        await read_rows(BAD[code], most_rows=5000)
    assert refused.value.code == code
    assert refused.value.field == "file"


async def test_a_ratio_above_a_hundred_is_a_bomb_though_it_is_small():
    small = repacked(GOOD, add={"xl/media/zeros": b"\x00" * 5 * 1024 * 1024})
    assert len(small) < 60_000
    with pytest.raises(Refusal) as refused:
        await read_rows(small, most_rows=5000)
    assert refused.value.code == "sheet_bomb"


async def test_broken_xml_inside_a_sound_zip_is_broken():
    body = repacked(GOOD, change=lambda n, d: d[: len(d) // 2] if n.endswith("sheet1.xml") else d)
    with pytest.raises(Refusal) as refused:
        await read_rows(body, most_rows=5000)
    assert refused.value.code == "sheet_broken"


async def test_more_rows_than_asked_for_are_refused_not_cut():
    body = workbook(["甲"], [[str(n)] for n in range(200)])
    with pytest.raises(Refusal) as refused:
        await read_rows(body, most_rows=100)
    assert refused.value.code == "sheet_too_long"


async def test_cells_are_read_as_somebody_would_read_them():
    assert await read_rows(GOOD, most_rows=10) == [["姓名", "数"], ["甲", "1"], ["乙", "2.5"]]


def test_numbers_that_lost_their_digits_show_it():
    assert text_of(341899199006150011.0) == "3.4189919901E+17"
    assert text_of(15400000001.0) == "15400000001"
    assert text_of(True) == "是"
    assert text_of(" 甲 ") == "甲"


async def test_the_reader_does_not_block_the_loop():
    import asyncio

    body = workbook(["甲"] * 15, [["示例"] * 15 for _ in range(4000)])
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await read_rows(body, most_rows=5000)
    ticking.cancel()
    assert ticks >= 5  # a reader in the loop's own thread lets it turn once or twice, before and after
