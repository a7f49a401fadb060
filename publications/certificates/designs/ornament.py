"""The ornament of the sheets other than the competition's: wave bands, title lens, rosettes, rays, metal grounds.

All of it is our own drawing in solid colours; no state or union emblem is drawn, and the roundel stays free (徽标位置).
Millimetres; angles in radians.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from publications.certificates.rendering.drawing import Drawing, Op, blend, circle, line, smooth
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.ornament import IVORY, RED, knot, rosette_strand
from publications.certificates.rendering.outlines import placed

GROUND, GOLD, LIGHT, CREAM, DARK = "#8E0F16", "#B08A35", "#D8BC78", "#F3DFAE", "#8A6A1F"
_DIAGONAL = math.sqrt(0.5)
Rings = tuple[tuple[float, float, int, int], ...]  # outer, inner, petals, phases


def _wave(length: float, swing: float, waves: int, phase: float) -> tuple[Op, ...]:
    """A(.74 sin(t + φ) + .26 sin(2t − φ)) along x from 0 to ``length``, a whole number of waves."""
    pace = 2 * math.pi * waves / length

    def curve(x: float) -> tuple[float, float]:
        return x, swing * (0.74 * math.sin(pace * x + phase) + 0.26 * math.sin(2 * pace * x - phase))

    def slope(x: float) -> tuple[float, float]:
        return 1.0, swing * pace * (0.74 * math.cos(pace * x + phase) + 0.52 * math.cos(2 * pace * x - phase))

    return smooth(curve, slope, 0.0, length, waves * 8)


def _strand(length: float, swing: float, waves: int, sign: int) -> tuple[Op, ...]:
    pace = 2 * math.pi * waves / length
    return smooth(
        lambda x: (x, sign * swing * math.sin(pace * x)),
        lambda x: (1.0, sign * swing * pace * math.cos(pace * x)),
        0.0, length, waves * 4,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Band:
    """A wave band: colour, colour of the two strands (none: no strands), swing, phases, stroke, length of a wave."""

    colour: str
    strands: str = ""
    swing: float = 4.2
    phases: int = 6
    width: float = 0.16
    wave: float = 10.6


def wave_band(drawing: Drawing, band: Band, x: float, y: float, length: float, *, upright: bool = False) -> None:
    """The band with its middle line from (x, y), to the right or downwards."""
    place = (0.0, 1.0, -1.0, 0.0, x, y) if upright else (1.0, 0.0, 0.0, 1.0, x, y)
    waves = max(1, round(length / band.wave))
    for phase in range(band.phases):
        ops = _wave(length, band.swing, waves, 2 * math.pi * phase / band.phases)
        drawing.add(ops, stroke=band.colour, width=band.width, transforms=(place,))
    for sign in (1, -1) if band.strands else ():
        ops = _strand(length, band.swing * 0.42, waves, sign)
        drawing.add(ops, stroke=band.strands, width=band.width * 2.1, transforms=(place,))


def lens(drawing: Drawing, x: float, y: float, half: float, swing: float, wave: float, colour: str) -> None:
    """The title lens around (x, y): phases under a sin² window, thick in the middle and a hair at both ends."""
    waves = round(2 * half / wave)
    pace, window = 2 * math.pi * waves / (2 * half), math.pi / (2 * half)
    for turn in range(14):
        phase = 2 * math.pi * turn / 14

        def curve(at: float, phase: float = phase) -> tuple[float, float]:
            high = math.sin(window * at) ** 2
            return x - half + at, y + swing * high * (0.72 * math.sin(phase) + 0.28 * math.sin(pace * at + phase))

        def slope(at: float, phase: float = phase) -> tuple[float, float]:
            high, steep = math.sin(window * at) ** 2, window * math.sin(2 * window * at)
            inner = 0.72 * math.sin(phase) + 0.28 * math.sin(pace * at + phase)
            return 1.0, swing * (steep * inner + high * 0.28 * pace * math.cos(pace * at + phase))

        drawing.add(smooth(curve, slope, 0.0, 2 * half, waves * 8), stroke=colour, width=0.17)


def rosette(
    drawing: Drawing, x: float, y: float, rings: Rings, colour: str, *,
    width: float = 0.14, clip: tuple[float, float, float, float] | None = None,
) -> None:  # fmt: skip
    """Rings of interlacing petals around (x, y)."""
    for outer, inner, petals, phases in rings:
        turns = []
        for phase in range(phases):
            angle = 2 * math.pi * phase / phases / petals
            turns.append((math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle), x, y))
        drawing.add(
            rosette_strand(outer, inner, petals), stroke=colour, width=width, transforms=tuple(turns), clip=clip
        )


def taper(drawing: Drawing, x: float, y: float, half: float, thick: float, colour: str) -> None:
    """A rule that thins out to both ends."""
    ops: list[Op] = [("M", (x - half, y))]
    for end, side in ((x + half, -1), (x - half, 1)):
        middle = (x, y + side * thick / 2)
        start = x - half if end > x else x + half
        ops += [
            ("C", ((start + x) / 2, y, (start + 3 * x) / 4, middle[1], *middle)),
            ("C", ((end + 3 * x) / 4, middle[1], (end + x) / 2, y, end, y)),
        ]
    drawing.add([*ops, ("Z", ())], fill=colour)


def knotted_rule(drawing: Drawing, x: float, y: float, half: float, colour: str) -> None:
    """Two thinning rules with a small turned knot between them."""
    for sign in (-1, 1):
        near, far = x + sign * 3.2, x + sign * half
        drawing.add(
            [*line((near, y - 0.22), (far, y - 0.03), (far, y + 0.03), (near, y + 0.22)), ("Z", ())], fill=colour
        )
    little = Drawing(6, 6)
    knot(little, -1.6, -1.6, 3.2, ground=IVORY, across=colour, upright=RED)
    turned = (_DIAGONAL, _DIAGONAL, -_DIAGONAL, _DIAGONAL, x, y)
    for shape in little.shapes:
        # A clip is a box in sheet coordinates: the woven corners of so small a knot are left to the last bar.
        if shape.clip is None:
            drawing.add(shape.ops, fill=shape.fill, stroke=shape.stroke, width=shape.width, transforms=(turned,))


def roundel(
    drawing: Drawing, x: float, y: float, radius: float, colour: str, title: Face, *, sample: bool, ground: str = ""
) -> None:
    """The place of the organisation's own mark: named on a sample, a small knot of ours on a real sheet."""
    unit = radius / 11.1
    drawing.add(circle(x, y, radius), fill=ground, stroke=colour, width=0.42 * unit)
    for ring in (10.25, 8.05):
        drawing.add(circle(x, y, ring * unit), stroke=colour, width=0.2 * unit)
    for tick in range(60):
        angle = tick * math.pi / 30
        reach = (8.5, 9.75) if tick % 5 else (8.3, 9.95)
        ends = [(x + far * unit * math.cos(angle), y + far * unit * math.sin(angle)) for far in reach]
        drawing.add(line(*ends), stroke=colour, width=0.24 * unit)
    if not sample:
        knot(drawing, x - 4 * unit, y - 4 * unit, 8 * unit, ground=ground or IVORY, across=colour, upright=colour)
        return
    for text, size, down in (("徽标", 4.4, -1.6), ("位置", 2.9, 3.2)):
        for place, char in enumerate(text):
            left = x + (place - (len(text) - 1) / 2) * size * 1.18 * unit
            drawing.add(placed(title, char, left, y + down * unit, size * unit), fill=colour)


def _mixed(stops: tuple[tuple[float, str], ...], at: float) -> str:
    for (low, under), (high, over) in itertools.pairwise(stops):
        if at <= high:
            return blend(over, under, (at - low) / (high - low) if high > low else 1.0)
    return stops[-1][1]


def metal(drawing: Drawing, stops: tuple[tuple[float, str], ...], lean: float, steps: int = 260) -> None:
    """Brushed gold: slanting strips, each reaching under the next so that no seam can show between two."""
    width, height = drawing.width, drawing.height
    shift = height * lean
    whole = width + shift
    for step in range(steps):
        start = whole * step / steps
        end = start + 3 * whole / steps
        edge = [(start, 0.0), (start - shift, height), (end - shift, height), (end, 0.0)]
        drawing.add([*line(*edge), ("Z", ())], fill=_mixed(stops, (step + 0.5) / steps), clip=(0, 0, width, height))


def rays(
    drawing: Drawing, x: float, y: float, near: float, colour: str, inside: tuple[float, float, float, float]
) -> None:
    """Fine rays from (x, y) to the edges of a box."""
    left, top, width, height = inside
    for ray in range(120):
        angle = math.radians(3 * ray + 1.5)
        cos, sin = math.cos(angle), math.sin(angle)
        ends = line((x + near * cos, y + near * sin), (x + 500 * cos, y + 500 * sin))
        drawing.add(ends, stroke=colour, width=0.13, clip=(left, top, width, height))


@dataclass(frozen=True, kw_only=True)
class Border:
    """Lines at distances from the edge (distance, stroke, colour), a knot in each corner, perhaps a band between."""

    lines: tuple[tuple[float, float, str], ...]
    knot_at: float
    knot_side: float
    across: str
    upright: str
    ground: str
    band: Band | None = None
    band_at: float = 0.0


def border(drawing: Drawing, rule: Border, area: tuple[float, float, float, float], *, gap: float = 0.0) -> None:
    """A frame inside ``area`` (x y width height)."""
    x, y, width, height = area
    start = rule.knot_at + rule.knot_side + gap
    for inset, stroke, colour in rule.lines:
        for level in (y + inset, y + height - inset):
            drawing.add(line((x + start, level), (x + width - start, level)), stroke=colour, width=stroke)
        for side in (x + inset, x + width - inset):
            drawing.add(line((side, y + start), (side, y + height - start)), stroke=colour, width=stroke)
    if rule.band is not None:
        for level in (y + rule.band_at, y + height - rule.band_at):
            wave_band(drawing, rule.band, x + start, level, width - 2 * start)
        for side in (x + rule.band_at, x + width - rule.band_at):
            wave_band(drawing, rule.band, side, y + start, height - 2 * start, upright=True)
    corners(drawing, rule, area)


def corners(drawing: Drawing, rule: Border, area: tuple[float, float, float, float]) -> None:
    x, y, width, height = area
    far = rule.knot_at + rule.knot_side
    for left in (x + rule.knot_at, x + width - far):
        for top in (y + rule.knot_at, y + height - far):
            knot(drawing, left, top, rule.knot_side, ground=rule.ground, across=rule.across, upright=rule.upright)
