"""The ground under each kind of sheet, drawn once and underlaid on all of its kind. Sizes in millimetres."""

from __future__ import annotations

from collections.abc import Mapping

from publications.certificates.designs import ornament as o
from publications.certificates.rendering.drawing import Drawing, blend, box, circle, line
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.ornament import IVORY, RED

SIZES: Mapping[str, tuple[float, float]] = {
    "competition": (297, 210), "medal": (297, 210), "medal-fold": (210, 297), "commendation": (420, 297),
    "pioneer": (420, 297), "plaque": (600, 400), "naming": (297, 210), "thanks": (210, 297),
}  # fmt: skip
_SHEET_GOLD = (
    (0.0, "#EFE0AF"), (0.14, "#E3CB86"), (0.34, "#F3E8C4"), (0.44, "#E6D193"), (0.55, "#F7EFD3"), (0.72, "#E4CB85"),
    (0.88, "#E9D79D"), (1.0, "#E0C57B"),
)  # fmt: skip
_PLAQUE_GOLD = (
    (0.0, "#EBD89C"), (0.2, "#D8B86A"), (0.34, "#E9D79B"), (0.452, "#F6ECC9"), (0.456, "#EBDBA3"), (0.7, "#D6B464"),
    (0.86, "#DFC47B"), (1.0, "#E8D496"),
)  # fmt: skip


def ground(kind: str, title: Face, *, sample: bool) -> Drawing:
    """Everything under the text that is the same on all sheets of a kind."""
    drawing = Drawing(*SIZES[kind])
    _DRAWN[kind](drawing, title, sample)
    return drawing


def _whole(drawing: Drawing) -> tuple[float, float, float, float]:
    return (0.0, 0.0, drawing.width, drawing.height)


def _medal(drawing: Drawing, title: Face, sample: bool) -> None:
    drawing.add(box(*_whole(drawing)), fill=IVORY)
    rings = ((62.0, 46.0, 44, 7), (43.4, 29.4, 36, 7), (26.0, 15.4, 30, 6))
    o.rosette(drawing, 148.5, 112.0, rings, blend(o.GOLD, IVORY, 0.3), width=0.12)
    rule = o.Border(
        lines=((8.57, 0.82, RED), (10.1, 0.22, o.GOLD), (19.8, 0.22, o.GOLD), (20.7, 0.22, RED)),
        knot_at=6.9, knot_side=16.1, across=o.GOLD, upright=RED, ground=IVORY,
        band=o.Band(colour=o.GOLD, strands=RED), band_at=14.95,
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing))
    o.roundel(drawing, 148.5, 43.1, 11.6, o.GOLD, title, sample=sample, ground=IVORY)
    o.knotted_rule(drawing, 148.5, 90.0, 60, o.GOLD)


def _medal_fold(drawing: Drawing, title: Face, sample: bool) -> None:
    cover = (0.0, 0.0, 210.0, 148.5)
    drawing.add(box(*_whole(drawing)), fill=IVORY)
    drawing.add(box(*cover), fill=o.GROUND)
    rings = ((64.0, 45.0, 52, 8), (41.5, 29.8, 40, 8), (27.0, 16.4, 30, 7))
    o.rosette(drawing, 105, 69.6, rings, blend(o.LIGHT, o.GROUND, 0.36), width=0.12, clip=cover)
    for inset, stroke in ((8.0, 0.75), (9.6, 0.25)):
        drawing.add(box(inset, inset, 210 - 2 * inset, 148.5 - 2 * inset), stroke=o.LIGHT, width=stroke)
    rule = o.Border(
        lines=(), knot_at=9.0, knot_side=12.2, across=o.LIGHT, upright=o.LIGHT, ground=o.GROUND,
        band=o.Band(colour=blend(o.LIGHT, o.GROUND, 0.82), swing=2.95, phases=5, wave=9.2), band_at=14.95,
    )  # fmt: skip
    o.border(drawing, rule, cover, gap=0.8)
    o.roundel(drawing, 105, 45.0, 13.0, o.LIGHT, title, sample=sample, ground=o.GROUND)
    o.taper(drawing, 105, 106.4, 47, 0.6, o.LIGHT)
    inside = (0.0, 148.5, 210.0, 148.5)
    o.rosette(
        drawing,
        105,
        222.7,
        ((50.0, 37.0, 44, 7), (34.8, 23.6, 36, 7), (21.0, 12.4, 30, 6)),
        blend(o.GOLD, IVORY, 0.23),
        width=0.12,
    )
    rule = o.Border(
        lines=((8.0, 0.8, RED), (9.5, 0.25, o.GOLD)), knot_at=4.9, knot_side=9.3, across=o.GOLD, upright=RED,
        ground=IVORY,
    )  # fmt: skip
    o.border(drawing, rule, inside)


def _commendation(drawing: Drawing, title: Face, sample: bool) -> None:
    o.metal(drawing, _SHEET_GOLD, 0.5)
    inner = (25.4, 25.4, 369.2, 246.2)
    rings = ((150.0, 123.0, 96, 10), (105.0, 81.5, 72, 10), (62.6, 44.8, 44, 9))
    o.rosette(drawing, 210, 151.5, rings, "#C6A75C", width=0.15, clip=inner)
    gold = "#9A7A2E"
    rule = o.Border(
        lines=((10.05, 1.6, RED), (12.7, 0.4, RED), (25.4, 0.4, RED)), knot_at=7.9, knot_side=22.0, across="#8A6A1F",
        upright=RED, ground="#EAD79C", band=o.Band(colour=gold, strands=RED, swing=4.5, wave=11.6, width=0.19),
        band_at=19.05,
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing))
    o.roundel(drawing, 210, 57.8, 18.2, RED, title, sample=sample, ground="#EEDFB0")
    o.taper(drawing, 210, 143.6, 110, 1.5, RED)


def _pioneer(drawing: Drawing, title: Face, sample: bool) -> None:
    drawing.add(box(*_whole(drawing)), fill=o.GROUND)
    inner = (25.2, 25.2, 369.6, 246.6)
    o.rays(drawing, 210, 86.0, 36.4, blend(o.LIGHT, o.GROUND, 0.36), inner)
    o.rosette(drawing, 210, 86.0, ((36.0, 26.6, 60, 14),), blend(o.LIGHT, o.GROUND, 0.85))
    o.rosette(drawing, 210, 86.0, ((25.2, 21.2, 60, 14),), blend(o.LIGHT, o.GROUND, 0.85))
    rule = o.Border(
        lines=((11.0, 1.15, o.LIGHT), (13.2, 0.35, o.LIGHT), (25.1, 0.35, o.LIGHT)), knot_at=8.0, knot_side=22.4,
        across=o.LIGHT, upright=o.LIGHT, ground=o.GROUND,
        band=o.Band(colour=o.LIGHT, strands=o.CREAM, swing=4.6, wave=11.6, width=0.17), band_at=19.2,
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing))
    o.roundel(drawing, 210, 86.0, 19.3, o.CREAM, title, sample=sample, ground=o.GROUND)
    o.taper(drawing, 210, 184.4, 105, 1.6, o.LIGHT)


def _plaque(drawing: Drawing, title: Face, sample: bool) -> None:
    o.metal(drawing, _PLAQUE_GOLD, 0.42, 320)
    red = "#941319"
    rule = o.Border(
        lines=((33.9, 2.3, red), (38.4, 0.8, red)), knot_at=17.0, knot_side=38.0, across=red, upright=red,
        ground="#EBDAA2",
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing), gap=1.0)
    for x in (12.0, 588.0):
        for y in (12.0, 388.0):
            drawing.add(circle(x, y, 5.4), fill="#F3E7BF", stroke="#8A6A1F", width=0.5)
            drawing.add(circle(x, y, 4.0), fill="#C9A24F", stroke="#6E5316", width=0.5)
            drawing.add(line((x - 2.4, y - 2.4), (x + 2.4, y + 2.4)), stroke="#6E5316", width=0.8)
    o.roundel(drawing, 300, 88.0, 25.4, red, title, sample=sample, ground="#EFE1B1")
    o.wave_band(drawing, o.Band(colour=red, swing=6.6, phases=5, width=0.5, wave=25.5), 96, 267.8, 408)


def _naming(drawing: Drawing, title: Face, sample: bool) -> None:
    drawing.add(box(*_whole(drawing)), fill=IVORY)
    o.lens(drawing, 148.5, 51.9, 95, 17.0, 5.28, blend(o.GOLD, IVORY, 0.55))
    rule = o.Border(
        lines=((8.6, 0.82, RED), (10.05, 0.22, o.GOLD), (17.3, 0.22, o.GOLD), (18.2, 0.22, RED)),
        knot_at=7.2, knot_side=13.2, across=o.GOLD, upright=RED, ground=IVORY,
        band=o.Band(colour=o.GOLD, swing=3.05, phases=7, wave=9.0), band_at=13.65,
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing))
    o.knotted_rule(drawing, 148.5, 75.9, 75, o.GOLD)


def _thanks(drawing: Drawing, title: Face, sample: bool) -> None:
    drawing.add(box(*_whole(drawing)), fill=IVORY)
    o.lens(drawing, 105, 46.0, 70, 15.9, 4.95, blend(o.GOLD, IVORY, 0.55))
    rule = o.Border(
        lines=((15.9, 0.82, RED), (17.8, 0.22, RED)), knot_at=10.8, knot_side=12.2, across=o.GOLD, upright=RED,
        ground=IVORY,
    )  # fmt: skip
    o.border(drawing, rule, _whole(drawing))
    for count in range(9):
        y = 81.9 + 13.2 * count
        drawing.add(line((24, y), (186, y)), stroke=blend(RED, IVORY, 0.42), width=0.22)


_DRAWN = {
    "medal": _medal, "medal-fold": _medal_fold, "commendation": _commendation, "pioneer": _pioneer,
    "plaque": _plaque, "naming": _naming, "thanks": _thanks,
}  # fmt: skip
