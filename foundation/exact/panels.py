"""From the marks of one panel to one value (C21): mean, trimmed mean, median, sum."""

from collections.abc import Sequence
from typing import Literal, Protocol


class Panel(Protocol):
    """The rule of one panel, whatever it belongs to: an aspect of a competition, an item of a site visit."""

    @property
    def how(self) -> Literal["mean", "trimmed_mean", "median", "sum"]: ...

    @property
    def least(self) -> int:
        """The number of marks below which there is no value."""
        ...

    @property
    def lows(self) -> int:
        """How many of the lowest marks are dropped."""
        ...

    @property
    def highs(self) -> int:
        """How many of the highest marks are dropped."""
        ...


Fate = Literal["counted", "dropped_low", "dropped_high", "passed_over"]
"""What became of a mark."""


def suffices(panel: Panel, count: int) -> bool:
    """Say whether so many marks make a value: not fewer than `minimum`, and something left after dropping."""
    return count >= panel.least and count > panel.lows + panel.highs


def wanted(panel: Panel) -> int:
    """Give the smallest number of marks that suffices."""
    return max(panel.least, panel.lows + panel.highs + 1)


def condense(panel: Panel, marks: Sequence[int]) -> tuple[int, int]:
    """Reduce enough marks to (sum of those that count, divisor): the panel's value is their exact quotient."""
    method = panel.how
    if method == "mean":
        return sum(marks), len(marks)
    if method == "trimmed_mean":
        kept = sorted(marks)[panel.lows : len(marks) - panel.highs]
        return sum(kept), len(kept)
    if method == "sum":
        return sum(marks), 1
    kept = sorted(marks)[(len(marks) - 1) // 2 : len(marks) // 2 + 1]
    return sum(kept), len(kept)


def fates(panel: Panel, marks: Sequence[int]) -> list[Fate]:
    """Say what became of each mark, in the order given: `counted`, `dropped_low`, `dropped_high`, or `passed_over`.

    Of equal marks the first is the lowest and the last the highest. A median passes over all but the middle ones.
    """
    order = sorted(range(len(marks)), key=marks.__getitem__)
    result: list[Fate] = ["counted"] * len(marks)
    if panel.how == "median":
        middle = order[(len(marks) - 1) // 2 : len(marks) // 2 + 1]
        return [fate if i in middle else "passed_over" for i, fate in enumerate(result)]
    for i in order[: panel.lows]:
        result[i] = "dropped_low"
    for i in order[len(order) - panel.highs :]:
        result[i] = "dropped_high"
    return result
