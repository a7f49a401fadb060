"""All marks of a bundle in one table of integers: the fast way to check them and to score them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from operator import attrgetter, lt

from competitions.scoring.bundle import Bundle, Mark
from competitions.scoring.plan import AspectPlan, Plan, plan_of
from competitions.scoring.shapes import is_code
from foundation.exact.quantities import is_quantity, scaled

_judge = attrgetter("judge")


class MisplacedMark(Exception):
    """A mark is malformed, out of range, off step, doubled, or of an unknown entry or aspect."""


class _Readings(dict[str, int]):
    """What each text means as a mark of one aspect: reads and checks a text when it is first met."""

    __slots__ = ("aspect",)

    def __init__(self, aspect: AspectPlan) -> None:
        self.aspect = aspect

    def __missing__(self, text: str) -> int:
        if not is_quantity(text):
            raise MisplacedMark(text)
        value, aspect = scaled(text), self.aspect
        if not aspect.low <= value <= aspect.high or (aspect.step is not None and (value - aspect.low) % aspect.step):
            raise MisplacedMark(text)
        self[text] = value
        return value


class Table:
    """The marks of a bundle by place: `keys[i]` sorts mark i by (entry, aspect, judge), `values[i]` is it in 10⁻¹⁰.

    Raises `MisplacedMark` where the format would find a fault in a mark; which one and why is for `reading` to find out.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.plan: Plan = plan_of(bundle.event.rules)
        marks: Sequence[Mark] = bundle.marks
        judges = set(map(_judge, marks))
        if not all(map(is_code, judges)):
            raise MisplacedMark("judge")
        aspects = [aspect.code for aspect in self.plan.aspects]
        self._judges = len(judges) or 1
        self._aspects = len(aspects)
        judge_at = _ranks(judges, 1)
        aspect_at = self._aspect_at = _ranks(aspects, self._judges)
        entry_at = self._entry_at = _ranks((e.code for e in bundle.entries), self._judges * self._aspects)
        readings = {aspect.code: _Readings(aspect) for aspect in self.plan.aspects}
        try:
            self.keys = [entry_at[m.entry] + aspect_at[m.aspect] + judge_at[m.judge] for m in marks]
        except KeyError as unknown:
            raise MisplacedMark(unknown.args[0]) from None
        self.values = [readings[m.aspect][m.value] for m in marks]
        self.sorted = all(map(lt, self.keys, islice(self.keys, 1, None)))
        if not self.sorted and len(set(self.keys)) != len(self.keys):
            raise MisplacedMark("doubled")

    def panels(self) -> list[list[int]]:
        """Gather the marks of each (entry, aspect), in 10⁻¹⁰; `panels_of` says where those of an entry stand."""
        gathered: list[list[int]] = [[] for _ in range(len(self._entry_at) * self._aspects)]
        judges = self._judges
        for key, value in zip(self.keys, self.values, strict=True):
            gathered[key // judges].append(value)
        return gathered

    def place(self, entry: str, aspect: str) -> int:
        """Say where the marks of one entry for one aspect stand in `panels()`."""
        return (self._entry_at[entry] + self._aspect_at[aspect]) // self._judges

    def in_order(self) -> tuple[Mark, ...]:
        """Give the marks by (entry, aspect, judge)."""
        marks = self.bundle.marks
        if self.sorted:
            return marks
        return tuple(marks[i] for i in sorted(range(len(marks)), key=self.keys.__getitem__))


def _ranks(codes: Iterable[str], width: int) -> dict[str, int]:
    return {code: rank * width for rank, code in enumerate(sorted(codes))}
