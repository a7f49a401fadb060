"""The desk's number pad, run by node and held against brute force: a key is offered exactly if some mark lies that way."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.judging.rules import aspects_of, check_mark
from competitions.scoring.bundle import Rules
from competitions.scoring.plan import plan_of
from competitions.scoring.totals import aspect_units, panel_units
from tests.support import ROOT

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")
KEYS = "1234567890."
SERVER = """
import * as pad from "./desk-pad.js";
import * as sums from "./desk-sums.js";
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  const call = {
    allowed: (text, aspect) => pad.allowed(text, aspect), mark: (text, aspect) => pad.markOf(text, aspect),
    shown: (value, aspect) => pad.shown(value, aspect),
    sum: (marks, sheet) => sums.text(sums.sum(marks.map(([value, aspect]) => sums.worth(value, aspect, sheet))), 6),
  }[name];
  process.stdout.write(JSON.stringify(call(...args)) + "\\n");
}
"""


class Desk:
    """The scripts of the desk in one node process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [str(NODE), "--input-type=module", "--eval", SERVER], cwd=ROOT / "competitions/static/src",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self, *call):
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def desk():
    made = Desk()
    yield made
    made.process.kill()
    made.process.wait()


def points(low: str, high: str, step: str | None) -> dict:
    return {"kind": "points", "low": low, "high": high, "step": step, "max": high, "factor": "1"}


@st.composite
def grids(draw) -> dict:
    """A small grid, so that every mark can be listed: at most a few thousand values."""
    digits = draw(st.integers(0, 2))
    scale = 10**digits
    low = draw(st.integers(-30 * scale, 60 * scale))
    high = low + draw(st.integers(0, 120 * scale))
    step = draw(st.integers(1, 15 * scale))

    def text(value: int) -> str:
        made = f"{Decimal(value) / scale:f}"
        return made if made not in ("-0",) else "0"

    return points(text(low), text(high), text(step))


def every_mark(aspect: dict) -> list[str]:
    """Each mark of the grid, in every spelling that the desk lets one type (17, 17.0, 17.00)."""
    low, high, step = (Decimal(aspect[name]) for name in ("low", "high", "step"))
    digits = max(max(0, -int(value.as_tuple().exponent)) for value in (low, high, step))
    found = []
    for n in range(int((high - low) // step) + 1):
        value = low + n * step
        for places in range(digits + 1):
            spelled = f"{value:.{places}f}"
            if Decimal(spelled) == value:
                found.append("0" + spelled[2:] if spelled.startswith("-0") and value == 0 else spelled)
    return found


@settings(max_examples=150, deadline=None)
@given(aspect=grids(), data=st.data())
def test_a_key_is_offered_exactly_if_a_mark_lies_that_way(desk, aspect, data):
    marks = every_mark(aspect)
    prefixes = sorted({mark[:n] for mark in marks for n in range(len(mark) + 1)})
    for text in data.draw(st.lists(st.sampled_from(prefixes), min_size=1, max_size=6)):
        offered = set(desk("allowed", text, aspect))
        wanted = {key for key in KEYS if any(mark.startswith(text + key) for mark in marks)}
        if text == "" and any(mark.startswith("-") for mark in marks):
            wanted.add(".")  # the key that then stands for the minus sign
        # A point after a whole number that is itself a mark is harmless: "17." is 17.
        assert wanted <= offered, (text, aspect, offered, wanted)
        assert offered - wanted <= {"."}, (text, aspect, offered, wanted)
        if "." in offered - wanted:
            assert desk("mark", text + ".", aspect) is not None or any(m.startswith(text) for m in marks)


@settings(max_examples=200, deadline=None)
@given(aspect=grids(), text=st.text("0123456789.-", max_size=7))
def test_what_the_pad_takes_for_a_mark_the_server_takes_too_and_nothing_else(desk, aspect, text):
    rules = {
        "modules": [{"code": "m", "aspects": [{"code": "P", "kind": "points", "min": aspect["low"], "max": aspect["high"], "step": aspect["step"]}]}],
        "ranking": [{"by": "total"}],
    }  # fmt: skip
    plan = aspects_of(msgspec.convert(rules, Rules), ["P"])["P"]
    taken = desk("mark", text, aspect)
    if taken is not None:
        assert check_mark(plan, taken) is None
        assert Decimal(taken) == Decimal(text.rstrip("."))
    elif check_mark(plan, text) is None:
        # The server also takes decimals beyond the grid's own (17.000) and a minus before zero; the pad has no such key.
        assert len(text.partition(".")[2]) > max(len(aspect[n].partition(".")[2]) for n in ("low", "high", "step"))


@pytest.mark.parametrize(
    ("text", "keys"),
    [("17.", "50"), ("2", "0."), ("20", "."), ("", "1234567890"), ("0", "."), ("1", "1234567890."), ("17.5", "")],
)
def test_the_pad_of_the_mock_up(desk, text, keys):
    # 0–20 in halves: after "17." only 5 and 0; nothing beyond 20; no number begins with a needless nought.
    assert set(desk("allowed", text, points("0", "20", "0.5"))) == set(keys)


def test_without_a_step_two_decimals_and_whole_marks_where_the_step_is_one(desk):
    assert set(desk("allowed", "9.5", points("0", "10", None))) == set("1234567890")
    assert desk("allowed", "9.55", points("0", "10", None)) == []
    assert "." not in desk("allowed", "9", points("0", "10", "1"))


@pytest.mark.parametrize(("value", "shown"), [("17", "17.0"), ("13.5", "13.5"), ("0", "0.0"), ("9.50", "9.50")])
def test_marks_are_shown_with_the_decimals_of_the_step(desk, value, shown):
    assert desk("shown", value, points("0", "20", "0.5")) == shown


@st.composite
def sheets(draw) -> tuple[dict, list[str]]:
    places = {name: draw(st.one_of(st.none(), st.integers(0, 4))) for name in ("panel", "aspect")}
    aspects, values = [], []
    for n in range(draw(st.integers(1, 5))):
        factor = draw(st.sampled_from(["1", "0.5", "1.25", "2"]))
        if draw(st.booleans()):
            aspects.append(
                {
                    "code": f"J{n}",
                    "kind": "judgement",
                    "max": draw(st.sampled_from(["10", "7", "15.5"])),
                    "factor": factor,
                }
            )
            values.append(str(draw(st.integers(0, 3))))
        else:
            aspects.append({"code": f"P{n}", "kind": "points", "max": "60", "factor": factor})
            values.append(str(Decimal(draw(st.integers(0, 6000))) / 100))
    rules = {"places": places, "modules": [{"code": "m", "aspects": aspects}], "ranking": [{"by": "total"}]}
    return rules, values


@settings(max_examples=100, deadline=None)
@given(made=sheets())
def test_the_subtotal_on_the_desk_is_the_engines(desk, made):
    rules, values = made
    plan = plan_of(msgspec.convert(rules, Rules))
    total = sum(
        (plan.aspect.value(aspect_units(plan, a, panel_units(plan, int(Decimal(v) * 10**10), 1))) for a, v in zip(plan.aspects, values, strict=True)),
        Fraction(0),
    )  # fmt: skip
    sheet = {"panel_places": plan.panel.places, "aspect_places": plan.aspect.places}
    marks = [
        [v, {"kind": a.kind, "max": a.rules.max, "factor": a.rules.factor or "1"}]
        for v, a in zip(values, plan.aspects, strict=True)
    ]
    expected = Decimal((2 * total.numerator * 10**6 + total.denominator) // (2 * total.denominator)) / 10**6
    assert Decimal(desk("sum", marks, sheet)) == expected
