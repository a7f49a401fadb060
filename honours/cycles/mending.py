"""Which swaps of substitutes for chosen candidates would make every line of a composition hold (H16, H28). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from honours.cycles.schemas import Candidate, Constraint
from honours.cycles.shapes import FIELD, WIDTH, Shape, Shapes, counts_in, shapes_of


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """One way to make every line hold: who leaves the first choices and who joins, as many of each, in their given order."""

    leave: tuple[str, ...]
    join: tuple[str, ...]


class Mending(msgspec.Struct, frozen=True, kw_only=True):
    """What :func:`mending` found, best first; ``complete`` is false where the bound on the search cut it short."""

    options: tuple[Swap, ...]
    complete: bool


def mending(
    constraints: Iterable[Constraint],
    chosen: Sequence[Candidate],
    substitutes: Sequence[Candidate],
    *,
    most: int = 4,
    limit: int = 5,
    effort: int = 8_000,
) -> Mending:
    """Which swaps would make every line hold: the fewest swaps (≤ ``most``) that can, best first, at most ``limit`` of them.

    Best: the sum of places given up is least, where leaving costs the distance from the end of ``chosen`` and joining the
    distance from the head of ``substitutes``; equal sums by these places themselves. Persons alike in every line are one
    kind, and one way is told for each combination of kinds. ``effort`` bounds the steps, so the answer is the same on any
    machine. Nothing to mend, or nothing that could: no options.
    """
    shapes = shapes_of(tuple(constraints))
    leaving = [(n, shapes.of(c)) for n, c in enumerate(chosen) if counts_in(c)][::-1]
    joining = [(n, shapes.of(c)) for n, c in enumerate(substitutes) if c.listing == "regular"]
    start = shapes.start + sum(shape.slack for _, shape in leaving)
    if shapes.satisfied(start) or not leaving or not joining:
        return Mending(options=(), complete=True)
    left = effort
    for swaps in range(1, most + 1):
        search = _Search(shapes, start, leaving, joining, swaps, left)
        found, left = search.run(), search.left
        if found:
            last = len(chosen) - 1
            found.sort(
                key=lambda way: (sum(last - n for n in way[0]) + sum(way[1]), [last - n for n in way[0]], way[1])
            )
            options = tuple(
                Swap(
                    leave=tuple(chosen[n].id for n in sorted(out)), join=tuple(substitutes[n].id for n in sorted(into))
                )
                for out, into in found[:limit]
            )
            return Mending(options=options, complete=left > 0)
        if left <= 0:
            return Mending(options=(), complete=False)
    return Mending(options=(), complete=True)


_Placed = Sequence[tuple[int, Shape]]


class _Search:
    """Exactly so many swaps: depth first over kinds of persons, cut where even the best that is left could not do.

    Lines that so few swaps cannot break are left out, and persons alike in the other lines are one kind: its members
    move in the order they were given in.
    """

    def __init__(self, shapes: Shapes, start: int, leaving: _Placed, joining: _Placed, swaps: int, effort: int) -> None:
        self.left, self._swaps = effort, swaps
        outs, ins = _kept(leaving, swaps), _kept(joining, swaps)
        most_out = [-value for value in map(min, zip(*(s.values for s, _ in outs), strict=True))]
        least_out = [-value for value in map(max, zip(*(s.values for s, _ in outs), strict=True))]
        most_in = list(map(max, zip(*(s.values for s, _ in ins), strict=True)))
        least_in = list(map(min, zip(*(s.values for s, _ in ins), strict=True)))
        lines = [
            n
            for n, (low, out, into) in enumerate(zip(shapes.fields(start), least_out, least_in, strict=True))
            if low + swaps * (out + into) < 0
        ]
        mask = sum(FIELD << WIDTH * n for n in lines)
        self._signs = shapes.signs & mask
        self._start = start & mask
        self._best = tuple(sum(best[n] << WIDTH * n for n in lines) for best in (most_out, most_in))
        self._kinds = (shapes.kinds(outs, mask, -1, swaps), shapes.kinds(ins, mask, 1, swaps))

    def run(self) -> list[tuple[list[int], list[int]]]:
        """Every combination of kinds that satisfies, as the places of those who leave and of those who join."""
        found: list[tuple[list[int], list[int]]] = []
        for out, slack in self._walk(0, self._start, 0, self._swaps, self._swaps * self._best[1]):
            found += [(out, into) for into, _ in self._walk(1, slack, 0, self._swaps, 0)]
        return found

    def _walk(self, side: int, slack: int, first: int, left: int, later: int) -> Iterator[tuple[list[int], int]]:
        """Ways to move ``left`` more persons on one side, ``later`` being the best that the other side may still add."""
        if not left:
            yield [], slack
            return
        kinds, signs = self._kinds[side], self._signs
        for n in range(first, len(kinds)):
            step, places = kinds[n]
            for number in range(1, min(left, len(places)) + 1):
                self.left -= 1
                if self.left <= 0:
                    return
                moved = slack + number * step
                if (moved + (left - number) * self._best[side] + later) & signs == signs:
                    for rest, total in self._walk(side, moved, n + 1, left - number, later):
                        yield places[:number] + rest, total


def _kept(placed: _Placed, most: int) -> list[tuple[Shape, list[int]]]:
    """Each shape once, with the first places of those who have it."""
    kept: dict[int, tuple[Shape, list[int]]] = {}
    for place, shape in placed:
        places = kept.setdefault(shape.met, (shape, []))[1]
        if len(places) < most:
            places.append(place)
    return list(kept.values())
