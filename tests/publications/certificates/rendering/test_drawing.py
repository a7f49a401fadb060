"""The drawing: true curves, whole circles, the same picture in SVG and PDF."""

from __future__ import annotations

import math
import re
import zlib
from xml.etree import ElementTree

import pytest

from publications.certificates.rendering import drawing, lettering, ornament


def bezier(start, values, t):
    (x0, y0), (x1, y1, x2, y2, x3, y3) = start, values
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    xs, ys = (x0, x1, x2, x3), (y0, y1, y2, y3)
    return sum(w * x for w, x in zip(weights, xs, strict=True)), sum(w * y for w, y in zip(weights, ys, strict=True))


def test_a_strand_follows_its_formula_between_the_joints():
    outer, inner, periods = 92.0, 71.8, 48
    ops = ornament.rosette_strand(outer, inner, periods)
    here = ops[0][1]
    for letter, values in ops[1:]:
        if letter != "C":
            continue
        x, y = bezier(here, values, 0.5)
        wanted = (outer + inner) / 2 + (outer - inner) / 2 * math.cos(periods * math.atan2(y, x))
        assert math.hypot(x, y) == pytest.approx(wanted, abs=0.25)
        assert inner - 0.05 <= math.hypot(x, y) <= outer + 0.05
        here = values[-2:]
    assert math.dist(here, ops[0][1]) < 1e-9, "the strand closes"


def test_circle_and_star():
    ops = drawing.circle(10, 20, 5)
    here = ops[0][1]
    for letter, values in ops[1:]:
        if letter == "C":
            for t in (0.0, 0.2, 0.5, 0.9):
                assert math.dist(bezier(here, values, t), (10, 20)) == pytest.approx(5, rel=4e-4)
            here = values[-2:]
    points = [values for letter, values in drawing.star(0, 0, 7) if values]
    assert points[0] == pytest.approx((0, -7))
    assert sorted(math.hypot(*point) for point in points)[5:] == pytest.approx([7] * 5)
    # Each long edge of a regular pentagram is straight: tip, two inner points and the next-but-one tip lie on a line.
    (ax, ay), (bx, by), (cx, cy) = points[0], points[1], points[4]
    assert (bx - ax) * (cy - ay) == pytest.approx((by - ay) * (cx - ax))


def test_blend_is_linear():
    assert drawing.blend("#FF0000", "#0000FF", 1) == "#FF0000"
    assert drawing.blend("#FF0000", "#0000FF", 0) == "#0000FF"
    assert drawing.blend("#FFFFFF", "#000000", 0.2) == "#333333"


def test_both_forms_hold_the_same_paths(faces):
    for made in (
        ornament.sheet(ornament.SILVER, faces["Title"], faces["Song"], sample=True),
        lettering.seal("宣城市总工会", faces["Title"], sample=True),
    ):
        root = ElementTree.fromstring(made.svg())
        paths = root.findall(".//{http://www.w3.org/2000/svg}path")
        content = zlib.decompress(made.pdf()).decode("ascii")
        painted = re.findall(r"(?<!\S)[BfS](?=\s|$)", content)
        assert len(paths) == len(painted) == sum(max(len(shape.transforms), 1) for shape in made.shapes)
        assert content.count("q") == content.count("Q")


def test_tiers_take_their_metal():
    assert [ornament.palette(tier).name for tier in (1, 2, 3, 4, 99)] == [
        "gold",
        "silver",
        "bronze",
        "bronze",
        "bronze",
    ]


@pytest.mark.parametrize("name", ["会", "工会", "宣城市总工会", "宣城市宣州区示例街道总工会工作委员会", "Sample Union"])
def test_the_seals_letters_stay_inside_its_ring_and_clear_of_the_star(faces, name):
    made = lettering.seal(name, faces["Title"], sample=True)
    letters = made.shapes[2 : 2 + len(name)]
    boxes = []
    for shape in letters:
        points = [values[at : at + 2] for _, values in shape.ops for at in range(0, len(values), 2)]
        for point in points:
            assert 7.2 < math.dist(point, (21, 21)) < 21 - 1.2 - 0.1
        if points:
            boxes.append((sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)))
    assert all(y < 37 for _, y in boxes), "the name leaves the foot to 示例"
