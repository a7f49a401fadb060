"""QR codes (二维码) as pictures, one pixel a module: segno's own code, its eight masks weighed by strings and large integers.

Weighing them module by module took two thirds of drawing a code. The weights are ISO/IEC 18004's, as segno reads them, so
that the same mask is chosen: `tests/publications/certificates/rendering/test_qr.py` holds one against the other.
"""

from __future__ import annotations

import re
import struct
import zlib
from functools import cache
from typing import Any

import segno
import segno.consts
import segno.encoder

from publications.certificates.rendering.schemas import RenderRefused

LEAST, DENSEST = 7, 10
"""Versions: 45 modules a side at least, 57 at most; beyond that a phone cannot read what is 25 mm wide."""
BORDER = 4
_encoder: Any = segno.encoder
_RUNS = re.compile(rb"\x00{5,}|\x01{5,}")
_FINDER = bytes((1, 0, 1, 1, 1, 0, 1))
_EDGE = b"\x02"
_SHADES = bytes((255, 0)) + bytes(254)


def qr_png(payload: str) -> bytes:
    """Error level M, version 7 at least, four quiet modules. Raises `render.qr` where it would be too dense to print."""
    return _png(modules(payload))


def modules(payload: str) -> list[bytearray]:
    """Rows of 0 (light) and 1 (dark), without the quiet zone."""
    # The version is given, since segno would otherwise weigh all masks twice; mask 0 is taken off again below.
    for version in range(LEAST, DENSEST + 1):
        try:
            code = segno.make_qr(payload, error="m", version=version, boost_error=False, mask=0)
        except segno.DataOverflowError:
            continue
        return _well_masked([bytearray(row) for row in code.matrix], version)
    raise RenderRefused("render.qr", "二维码内容过长", field="qr_payload")


def _well_masked(rows: list[bytearray], version: int) -> list[bytearray]:
    side, (bare, masks) = len(rows), _masks(version)
    plain = int.from_bytes(b"".join(rows), "big") & bare ^ masks[0]
    weighed = [((plain ^ mask).to_bytes(side * side, "big"), number) for number, mask in enumerate(masks)]
    data, number = min(weighed, key=lambda one: (penalty(one[0], side), one[1]))
    chosen = [bytearray(data[start : start + side]) for start in range(0, side * side, side)]
    _encoder.add_format_info(chosen, version, segno.consts.ERROR_LEVEL_M, number)
    _encoder.add_version_info(chosen, version)
    return chosen


@cache
def _masks(version: int) -> tuple[int, list[int]]:
    """(all but format and version information, the eight masks on the encoding region), a byte a module."""
    side = _encoder.calc_matrix_size(version)
    function = _encoder.make_matrix(side, side)
    _encoder.add_finder_patterns(function, side, side)
    _encoder.add_alignment_patterns(function, side, side)
    places = [(i, j) for i in range(side) for j in range(side)]
    # What carries information later, and the module that is always dark, are light while masks are weighed.
    drawn = [function[i][j] == 1 for i, j in places]
    function[-8][8] = 1
    free = [function[i][j] > 1 for i, j in places]
    masks = [
        int.from_bytes(bytes(at and pattern(i, j) for at, (i, j) in zip(free, places, strict=True)), "big")
        for pattern in _encoder.get_data_mask_functions(False)
    ]
    fixed = bytes(at or dark for at, dark in zip(free, drawn, strict=True))
    return int.from_bytes(fixed, "big"), masks


def penalty(data: bytes, side: int) -> int:
    """The four weights of ISO/IEC 18004, 7.8.3.1: runs, blocks, finder-like patterns, the share of dark modules."""
    rows = _EDGE.join(data[start : start + side] for start in range(0, len(data), side)) + _EDGE
    columns = _EDGE.join(data[start::side] for start in range(side)) + _EDGE
    lines = rows + columns
    runs = sum(len(run) - 2 for run in _RUNS.findall(lines))
    share = data.count(1) / len(data) * 100
    return runs + 3 * _blocks(rows, side) + 40 * _finders(lines, side) + 10 * int(abs(share - 50) / 5)


def _blocks(rows: bytes, side: int) -> int:
    """How many squares of four modules are of one colour."""
    line = 8 * (side + 1)
    field = int.from_bytes(rows + _EDGE * (side + 1), "little")
    beside, below = field ^ field >> 8, field ^ field >> line
    return (beside | below | beside >> line).to_bytes(len(rows) + side + 1, "little")[: len(rows)].count(0)


def _finders(lines: bytes, side: int) -> int:
    """How many 1:1:3:1:1 patterns stand beside four light modules, or at an edge."""
    count, at = 0, lines.find(_FINDER)
    while at >= 0:
        start = at - at % (side + 1)
        before, after = lines[max(at - 4, start) : at], lines[at + 7 : min(at + 11, start + side)]
        if at == start or at == start + side - 7 or 1 not in before or 1 not in after:
            count, at = count + 1, at + 7
        else:
            at += 4
        at = lines.find(_FINDER, at)
    return count


def _png(rows: list[bytearray]) -> bytes:
    """A grey picture of a byte a pixel, which the layout engine takes over without drawing it anew."""
    side = len(rows) + 2 * BORDER
    blank, margin = b"\x00" + b"\xff" * side, b"\xff" * BORDER
    raw = blank * BORDER + b"".join(b"\x00" + margin + row.translate(_SHADES) + margin for row in rows) + blank * BORDER
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
