"""The sheet's own drawing: band, guilloche rosette, frame, 榫卯 corner knots and roundel.

Everything is ours: no state or union emblem is drawn, and the roundel stays free for the organisation's own mark
(徽标位置). All measures are millimetres on the 297 × 210 sheet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from publications.certificates.rendering.drawing import Drawing, Op, blend, box, circle, line, smooth
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.outlines import placed

WIDTH, HEIGHT, BAND = 297.0, 210.0, 66.0
FRAME, KNOT = 8.0, 11.0
IVORY, RED = "#FCF8EE", "#A5131A"
ROSETTE = (66.0, 105.0)


@dataclass(frozen=True, kw_only=True)
class Palette:
    """One metal: the band's ground, the metal light (on the ground) and full (on ivory), the threads' share of it."""

    name: str
    ground: str
    light: str
    metal: str
    threads: float


GOLD = Palette(name="gold", ground="#8E0F16", light="#D8BC78", metal="#B08A35", threads=0.36)
SILVER = Palette(name="silver", ground="#3E4A55", light="#D5DCE2", metal="#7E8C98", threads=0.28)
BRONZE = Palette(name="bronze", ground="#6B3D22", light="#E3BD98", metal="#A9744A", threads=0.34)


def palette(tier: int) -> Palette:
    """Tier 1 is gold, 2 silver, 3 and beyond bronze."""
    return {1: GOLD, 2: SILVER}.get(tier, BRONZE)


def sheet(colours: Palette, title: Face, song: Face, *, sample: bool) -> Drawing:
    """Everything under the text that is the same on all sheets of one metal."""
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.add(box(0, 0, WIDTH, HEIGHT), fill=IVORY)
    drawing.add(box(0, 0, BAND, HEIGHT), fill=colours.ground)
    for outer, inner, periods, phases in ((92.0, 71.8, 48, 9), (64.6, 46.5, 36, 9), (38.7, 25.0, 24, 9)):
        _ring(drawing, colours, outer, inner, periods, phases)
    _frame(drawing, colours)
    for right in (False, True):
        for bottom in (False, True):
            _knot(drawing, colours, right=right, bottom=bottom)
    _roundel(drawing, colours, title, sample=sample)
    for place, char in enumerate("荣誉证书"):
        faint = blend(colours.light, colours.ground, 0.75)
        drawing.add(placed(song, char, 17.8, 62.7 + 8.8 * place, 4.23), fill=faint)
    return drawing


def rosette_strand(outer: float, inner: float, periods: int) -> tuple[Op, ...]:
    """R(1 − a + a cos nθ) around the origin, swinging between ``inner`` and ``outer``."""
    amplitude, middle = (outer - inner) / 2, (outer + inner) / 2

    def curve(angle: float) -> tuple[float, float]:
        radius = middle + amplitude * math.cos(periods * angle)
        return radius * math.cos(angle), radius * math.sin(angle)

    def slope(angle: float) -> tuple[float, float]:
        radius = middle + amplitude * math.cos(periods * angle)
        change = -amplitude * periods * math.sin(periods * angle)
        return (
            change * math.cos(angle) - radius * math.sin(angle),
            change * math.sin(angle) + radius * math.cos(angle),
        )

    return (*smooth(curve, slope, 0.0, 2 * math.pi, periods * 4), ("Z", ()))


def _ring(drawing: Drawing, colours: Palette, outer: float, inner: float, periods: int, phases: int) -> None:
    """One ring: the same strand turned into each of its phases, in two colours left and right of the band's edge."""
    strand = rosette_strand(outer, inner, periods)
    turns = []
    for phase in range(phases):
        angle = 2 * math.pi * phase / phases / periods
        cos, sin = math.cos(angle), math.sin(angle)
        turns.append((cos, sin, -sin, cos, *ROSETTE))
    on_ground = blend(colours.light, colours.ground, colours.threads)
    on_ivory = blend(colours.metal, IVORY, colours.threads)
    paint = {"width": 0.14, "transforms": tuple(turns)}
    drawing.add(strand, stroke=on_ground, clip=(0, 0, BAND, HEIGHT), **paint)
    drawing.add(strand, stroke=on_ivory, clip=(BAND, 0, WIDTH - BAND, HEIGHT), **paint)


def _frame(drawing: Drawing, colours: Palette) -> None:
    """A thick and a thin line on all four sides, light on the band, and the double line of the band's edge."""
    start = FRAME - KNOT / 2 + 0.9 + KNOT
    edges = ((start, BAND, colours.light), (BAND, WIDTH - start, colours.metal))
    for left, right, colour in edges:
        for y, inward in ((FRAME, 1.65), (HEIGHT - FRAME, -1.65)):
            drawing.add(line((left, y), (right, y)), stroke=colour, width=0.75)
            drawing.add(line((left, y + inward), (right, y + inward)), stroke=colour, width=0.25)
    stop = HEIGHT - start
    for x, inward, colour in ((FRAME, 1.65, colours.light), (WIDTH - FRAME, -1.65, colours.metal)):
        drawing.add(line((x, start), (x, stop)), stroke=colour, width=0.75)
        drawing.add(line((x + inward, start), (x + inward, stop)), stroke=colour, width=0.25)
    drawing.add(line((BAND, 0), (BAND, HEIGHT)), stroke=colours.light, width=0.8)
    drawing.add(line((BAND + 1.5, 0), (BAND + 1.5, HEIGHT)), stroke=colours.metal, width=0.22)


def _knot(drawing: Drawing, colours: Palette, *, right: bool, bottom: bool) -> None:
    """Four tenons woven over and under (榫卯). Each half bar is painted again where it must lie on top."""
    ground = IVORY if right else colours.ground
    across = colours.metal if right else colours.light
    upright = RED if right else colours.light
    x = WIDTH - FRAME - 0.9 - KNOT / 2 if right else FRAME + 0.9 - KNOT / 2
    y = HEIGHT - FRAME - 0.9 - KNOT / 2 if bottom else FRAME + 0.9 - KNOT / 2
    knot(drawing, x, y, KNOT, ground=ground, across=across, upright=upright)


def knot(drawing: Drawing, x: float, y: float, side: float, *, ground: str, across: str, upright: str) -> None:
    """The interlocked square with its upper left corner at (x, y)."""
    unit = side / 11
    near, far, thick = 1.75 * unit, 7.05 * unit, 2.2 * unit

    def bar(at: float, *, flat: bool, clip: tuple[float, float, float, float] | None = None) -> None:
        left, top, width, height = (x, y + at, side, thick) if flat else (x + at, y, thick, side)
        colour = across if flat else upright
        drawing.add(box(left, top, width, height), fill=ground, stroke=colour, width=0.28 * unit, clip=clip)
        middle, inset = thick / 2, 0.8 * unit
        ends = (
            ((left + inset, top + middle), (left + width - inset, top + middle))
            if flat
            else ((left + middle, top + inset), (left + middle, top + height - inset))
        )
        drawing.add(line(*ends), stroke=blend(colour, ground, 0.8), width=0.2 * unit, clip=clip)

    bar(near, flat=True)
    bar(far, flat=True)
    bar(near, flat=False)
    bar(far, flat=False)
    # The uprights now lie on top everywhere; at two opposite corners the level bars come over them.
    edge = 0.35 * unit
    bar(near, flat=True, clip=(x + near - edge, y, thick + 2 * edge, side / 2))
    bar(far, flat=True, clip=(x + far - edge, y + side / 2, thick + 2 * edge, side / 2))


def _roundel(drawing: Drawing, colours: Palette, title: Face, *, sample: bool) -> None:
    """The place of the organisation's own mark: named on a sample, a small knot of ours on a real sheet."""
    x, y = 28.9, 36.0
    drawing.add(circle(x, y, 11.1), fill=colours.ground, stroke=colours.light, width=0.38)
    drawing.add(circle(x, y, 10.25), stroke=colours.light, width=0.2)
    drawing.add(circle(x, y, 8.05), stroke=colours.light, width=0.2)
    for tick in range(60):
        angle = tick * math.pi / 30
        reach = (8.5, 9.75) if tick % 5 else (8.3, 9.95)
        ends = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for radius in reach]
        drawing.add(line(*ends), stroke=colours.light, width=0.24)
    if not sample:
        knot(drawing, x - 4, y - 4, 8, ground=colours.ground, across=colours.light, upright=colours.light)
        return
    for text, size, height in (("徽标", 4.4, -1.6), ("位置", 2.9, 3.2)):
        for place, char in enumerate(text):
            left = x + (place - (len(text) - 1) / 2) * size * 1.18
            drawing.add(placed(title, char, left, y + height, size), fill=colours.light)
