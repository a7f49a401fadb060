"""Letters that are drawn, not set: the union's round seal, and the competition's title down the band.

Both repeat what the sheet says in real text, so they are artifacts made of outlines. Millimetres.
"""

from __future__ import annotations

import math

from publications.certificates.rendering.drawing import Drawing, circle, star
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.layout import Band
from publications.certificates.rendering.ornament import BAND, HEIGHT
from publications.certificates.rendering.outlines import placed

SEAL, SEAL_RED, CREAM = 42.0, "#C8161D", "#F3DFAE"
_BAND_TOP = 58.6


def seal(name: str, title: Face, *, sample: bool) -> Drawing:
    """The round seal (圆形印章): Ø42, ring 1.2, star Ø14, the name on an arc, 示例 in the foot of a sample."""
    drawing, middle = Drawing(SEAL, SEAL), SEAL / 2
    drawing.add(circle(middle, middle, middle - 0.6), stroke=SEAL_RED, width=1.2)
    drawing.add(star(middle, middle, 7.0), fill=SEAL_RED)
    # An em of the name takes 27° of the arc, all of it 250° at most; the letters shrink until they stand free.
    ems = [max(title.width(char), 0.3) for char in name]
    ends = (ems[0] + ems[-1]) / 2
    pitch = math.radians(min(27.0, 250.0 / max(sum(ems) - ends, 1.0)))
    size = min(6.9, pitch * 14.6 / (0.86 + pitch / 2))
    radius = middle - 1.2 - 1.4 - size / 2
    angle = -pitch * sum(ems) / 2
    for char, em in zip(name, ems, strict=True):
        here = angle + pitch * em / 2
        x, y = middle + radius * math.sin(here), middle - radius * math.cos(here)
        drawing.add(placed(title, char, x, y, size, squeeze=0.86, turn=here), fill=SEAL_RED)
        angle += pitch * em
    if sample:
        for place, char in enumerate("示例"):
            drawing.add(placed(title, char, middle + (place - 0.5) * 3.7, SEAL - 4.6, 3.2), fill=SEAL_RED)
    return drawing


def band_title(band: Band, title: Face) -> Drawing:
    """The competition's title in upright columns from the right, or turned as one line if it is in Latin letters."""
    drawing, size = Drawing(BAND, HEIGHT), band.size
    for x, column in band.columns:
        for place, char in enumerate(column):
            y = _BAND_TOP + band.pitch * (place + 0.5)
            drawing.add(placed(title, char, x, y, size, upright=True), fill=CREAM)
    y = _BAND_TOP
    for char in band.turned:
        advance = title.width(char) * size
        drawing.add(placed(title, char, 29.5, y + advance / 2, size, turn=math.pi / 2), fill=CREAM)
        y += advance + 0.02 * size
    return drawing
