"""Letters as paths: the outlines of a face's glyphs, for the seal and the roundel, which carry no font."""

from __future__ import annotations

import math
from typing import Any

from fontTools.pens.basePen import BasePen

from publications.certificates.rendering.drawing import Op
from publications.certificates.rendering.fonts import Face, hb


class _Recorder(BasePen):
    """Collects a glyph's outline in font units; quadratic curves arrive as cubics."""

    def __init__(self) -> None:
        super().__init__(None)
        self.ops: list[Op] = []

    def _moveTo(self, pt: Any) -> None:
        self.ops.append(("M", pt))

    def _lineTo(self, pt: Any) -> None:
        self.ops.append(("L", pt))

    def _curveToOne(self, pt1: Any, pt2: Any, pt3: Any) -> None:
        self.ops.append(("C", (*pt1, *pt2, *pt3)))

    def _closePath(self) -> None:
        self.ops.append(("Z", ()))


def glyph(face: Face, char: str, *, upright: bool = False) -> tuple[list[Op], float]:
    """A character's outline and advance in em, y upwards, the baseline at 0; ``upright`` for vertical setting."""
    buffer = hb.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    hb.shape(face.font, buffer, {"vert": upright, "kern": False})
    gid = buffer.glyph_infos[0].codepoint
    pen, upem = _Recorder(), face.hb_face.upem
    face.font.draw_glyph_with_pen(gid, pen)
    ops = [(letter, tuple(value / upem for value in values)) for letter, values in pen.ops]
    return ops, face.font.get_glyph_h_advance(gid) / upem


def placed(
    face: Face,
    char: str,
    x: float,
    y: float,
    size: float,
    *,
    squeeze: float = 1.0,
    turn: float = 0.0,
    upright: bool = False,
) -> tuple[Op, ...]:
    """A character with the middle of its em box at (x, y), ``size`` mm high, turned clockwise by ``turn`` radians."""
    ops, advance = glyph(face, char, upright=upright)
    cos, sin = math.cos(turn), math.sin(turn)
    result: list[Op] = []
    for letter, values in ops:
        points: list[float] = []
        for at in range(0, len(values), 2):
            # The em box of a Chinese face stands from .12 below to .88 above the baseline.
            left, down = (values[at] - advance / 2) * size * squeeze, (0.38 - values[at + 1]) * size
            points += (x + left * cos - down * sin, y + left * sin + down * cos)
        result.append((letter, tuple(points)))
    return tuple(result)
