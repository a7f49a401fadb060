"""A small vector drawing in millimetres (y downwards) that can be written as SVG and as a PDF form.

The ornament is drawn once and underlaid unchanged on every sheet, so it is kept as plain paths with solid colours:
no transparency, no gradients, nothing that a printer's software could interpret differently.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Op = tuple[str, tuple[float, ...]]  # M x y · L x y · C x1 y1 x2 y2 x y · Z
Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # x y width height
_PDF = {"M": "m", "L": "l", "C": "c", "Z": "h"}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A path with a fill, a stroke or both; ``transform`` as in SVG's matrix(); ``clip`` a box in sheet coordinates."""

    ops: tuple[Op, ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    transforms: tuple[Matrix, ...] = ()
    clip: Box | None = None


@dataclass
class Drawing:
    """Shapes in painting order on a sheet of ``width`` × ``height`` mm."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def add(self, ops: Iterable[Op], **paint: object) -> None:
        self.shapes.append(Shape(ops=tuple(ops), **paint))  # type: ignore[arg-type]

    def svg(self) -> str:
        """The drawing as an SVG document, sized in millimetres."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(self.width)}mm" height="{number(self.height)}mm" '
            f'viewBox="0 0 {number(self.width)} {number(self.height)}">'
        ]
        for count, shape in enumerate(self.shapes):
            parts.append(_svg_shape(shape, f"clip{count}"))
        return "".join([*parts, "</svg>"])

    def pdf(self) -> bytes:
        """The drawing as deflated content of a PDF form whose user space is the same millimetres."""
        return zlib.compress("\n".join(_pdf_shape(shape) for shape in self.shapes).encode("ascii"), 9)


def number(value: float) -> str:
    """A coordinate to the hundredth of a millimetre, without idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _numbers(values: Iterable[float]) -> str:
    return " ".join(number(value) for value in values)


def _fine(matrix: Matrix) -> str:
    return " ".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in matrix)


def _svg_shape(shape: Shape, name: str) -> str:
    path = " ".join(f"{letter}{_numbers(values)}" for letter, values in shape.ops)
    stroke = f' stroke="{shape.stroke}" stroke-width="{shape.width:.3g}"' if shape.stroke else ""
    body = "".join(
        f'<path d="{path}" fill="{shape.fill or "none"}"{stroke}{place}/>'
        for place in [f' transform="matrix({_fine(one)})"' for one in shape.transforms] or [""]
    )
    if shape.clip is None:
        return body
    x, y, width, height = (number(value) for value in shape.clip)
    clip = f'<clipPath id="{name}"><rect x="{x}" y="{y}" width="{width}" height="{height}"/></clipPath>'
    return f'{clip}<g clip-path="url(#{name})">{body}</g>'


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))


def _pdf_shape(shape: Shape) -> str:
    path = " ".join(f"{_numbers(values)} {_PDF[letter]}".strip() for letter, values in shape.ops)
    paint = "B" if shape.fill and shape.stroke else "f" if shape.fill else "S"
    lines = ["q"]
    if shape.clip is not None:
        lines.append(f"{_numbers(shape.clip)} re W n")
    if shape.fill:
        lines.append(f"{_rgb(shape.fill)} rg")
    if shape.stroke:
        lines.append(f"{_rgb(shape.stroke)} RG {shape.width:.3g} w")
    for matrix in shape.transforms:
        lines.append(f"q {_fine(matrix)} cm {path} {paint} Q")
    if not shape.transforms:
        lines.append(f"{path} {paint}")
    return "\n".join([*lines, "Q"])


def blend(colour: str, ground: str, share: float) -> str:
    """``colour`` laid on ``ground`` with this share, as a solid colour."""
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(top * share + under * (1 - share)):02X}" for top, under in pairs)


def box(x: float, y: float, width: float, height: float) -> tuple[Op, ...]:
    return (("M", (x, y)), ("L", (x + width, y)), ("L", (x + width, y + height)), ("L", (x, y + height)), ("Z", ()))


def line(*points: tuple[float, float]) -> tuple[Op, ...]:
    return (("M", points[0]), *(("L", point) for point in points[1:]))


def circle(x: float, y: float, radius: float) -> tuple[Op, ...]:
    """Four Bézier quarters; the largest error is 0.03 % of the radius."""
    k = radius * 0.5522847498
    return (
        ("M", (x + radius, y)),
        ("C", (x + radius, y + k, x + k, y + radius, x, y + radius)),
        ("C", (x - k, y + radius, x - radius, y + k, x - radius, y)),
        ("C", (x - radius, y - k, x - k, y - radius, x, y - radius)),
        ("C", (x + k, y - radius, x + radius, y - k, x + radius, y)),
        ("Z", ()),
    )


def star(x: float, y: float, radius: float) -> tuple[Op, ...]:
    """A regular five-point star standing on two points."""
    inner = radius * math.sin(math.pi / 10) / math.sin(3 * math.pi / 10)
    points = []
    for step in range(10):
        reach = radius if step % 2 == 0 else inner
        angle = -math.pi / 2 + step * math.pi / 5
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return (*line(*points), ("Z", ()))


Curve = Callable[[float], tuple[float, float]]


def smooth(curve: Curve, slope: Curve, start: float, end: float, pieces: int) -> tuple[Op, ...]:
    """A parametric curve by cubic Hermite pieces written as Béziers: true tangents at every joint, no polyline."""
    step = (end - start) / pieces
    ops: list[Op] = [("M", curve(start))]
    for piece in range(pieces):
        at, then = start + piece * step, start + (piece + 1) * step
        (x0, y0), (x1, y1) = curve(at), curve(then)
        (dx0, dy0), (dx1, dy1) = slope(at), slope(then)
        third = step / 3
        ops.append(("C", (x0 + dx0 * third, y0 + dy0 * third, x1 - dx1 * third, y1 - dy1 * third, x1, y1)))
    return tuple(ops)
