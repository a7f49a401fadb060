"""结构比例的看板: who counts as chosen, what a try changes, what may still be added, what blocks the notice. Pure.

A nominee counts by where it stands, not by what its unit called it: chosen at the running union are the first choices under
review and everybody already selected; everybody held in reserve and the substitutes under review may still be called (H16).
Separate listings stand beside both (H5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from honours.cycles import composition
from honours.cycles.composition import Line
from honours.cycles.schemas import Candidate, Constraint
from honours.nominations.candidates import Row
from honours.nominations.stages import Stage

AHEAD = frozenset({Stage.SELECTED, Stage.NOTICED, Stage.FORWARDED, Stage.HONOURED})
"""Chosen already."""
CITY_STAGES = (Stage.CITY, Stage.SELECTED, Stage.RESERVED, Stage.NOTICED, Stage.FORWARDED, Stage.HONOURED)
PASSED_COUNTY = tuple(str(stage) for stage in CITY_STAGES)
"""Handed on by the first gate and still standing: what a county's share counts."""
COUNTY_STAGES = (Stage.COUNTY, Stage.COUNTY_NOTICE)
MOST_TRIED = 20


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """The nominees of a board, each list in its order."""

    chosen: tuple[Row, ...] = ()
    reserve: tuple[Row, ...] = ()
    separate: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.chosen + self.reserve + self.separate


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line before and after a try."""

    before: Line
    after: Line

    @property
    def same(self) -> bool:
        return (self.before.have, self.before.bound) == (self.after.have, self.after.bound)


class Shrink(msgspec.Struct, frozen=True, kw_only=True):
    """How a short floor could be met without anybody new: fewer in all. ``ceilings``: label and what they would become."""

    total: int
    text: str
    ceilings: tuple[tuple[str, int], ...]


def field_of(rows: Iterable[Row], ranks: Mapping[str, int]) -> Field:
    """Rows as read → the board's lists: by the panel's rank where it voted, else in the order in which they were handed on."""
    chosen, reserve, separate = [], [], []
    for row in rows:
        if row.candidate.listing != "regular":
            separate.append(row)
        elif row.stage in AHEAD or (row.stage is not Stage.RESERVED and row.candidate.role == "principal"):
            chosen.append(row)
        else:
            reserve.append(row)
    last = len(ranks) + 1
    return Field(
        chosen=tuple(sorted(chosen, key=lambda row: ranks.get(row.candidate.id, last))),
        reserve=tuple(sorted(reserve, key=lambda row: ranks.get(row.candidate.id, last))),
        separate=tuple(separate),
    )


def as_chosen(candidate: Candidate) -> Candidate:
    """The candidate as a composition counts it once it is chosen."""
    return candidate if candidate.role == "principal" else msgspec.structs.replace(candidate, role="principal")


def lines_of(constraints: Sequence[Constraint], chosen: Iterable[Row]) -> tuple[Line, ...]:
    """Every floor and ceiling over those chosen (H28)."""
    return composition.evaluate(constraints, [as_chosen(row.candidate) for row in chosen])


def after(field: Field, outs: Sequence[str], ins: Sequence[str]) -> Field:
    """The board after a try: ``outs`` go behind the reserve, ``ins`` to the end of the chosen, in the order of the try.
    Ids that are in neither list are passed over."""
    leaving = [row for one in outs for row in field.chosen if row.candidate.id == one]
    joining = [row for one in ins for row in field.reserve if row.candidate.id == one]
    return Field(
        chosen=tuple(row for row in field.chosen if row not in leaving) + tuple(joining),
        reserve=tuple(row for row in field.reserve if row not in joining) + tuple(leaving),
        separate=field.separate,
    )


def changes(before: Sequence[Line], then: Sequence[Line]) -> list[Change]:
    return [Change(before=a, after=b) for a, b in zip(before, then, strict=True)]


def subset_of(constraints: Sequence[Constraint], codes: Iterable[str], rows: Iterable[Row]) -> frozenset[str]:
    """The ids of those who count in one of these lines' subsets and bases."""
    wanted = set(codes)
    rules = [rule for rule in constraints if rule.code in wanted]
    return frozenset(
        row.candidate.id
        for row in rows
        if any(composition.holds(r.base, row.candidate) and composition.holds(r.subset, row.candidate) for r in rules)
    )


def shrink(constraints: Sequence[Constraint], lines: Sequence[Line]) -> Shrink | None:
    """The largest smaller total at which the first short floor over all would hold, those of its subset staying; the ceilings
    over all at that total. None where no floor over everybody is short, or only nobody at all would do."""
    pairs = [(rule, line) for rule, line in zip(constraints, lines, strict=True) if rule.percent and not rule.base.all]
    short = next(((rule, line) for rule, line in pairs if line.shortage), None)
    if short is None:
        return None
    rule, line = short
    total = next((n for n in range(line.base - 1, 0, -1) if composition.bound_of(rule, n) <= line.have), 0)
    if total < max(line.have, 1):
        return None
    ceilings = tuple((other.label, composition.bound_of(other, total)) for other, _line in pairs if other.op == "max")
    product = f"{(Decimal(rule.percent or '0') * total / 100).normalize():f}"
    return Shrink(
        total=total,
        text=f"{rule.percent}% × {total} = {product} → {composition.bound_of(rule, total)}",
        ceilings=ceilings,
    )


def would_break(constraints: Sequence[Constraint], chosen: Sequence[Row], one: Row, *, places: int) -> list[Line]:
    """The ceilings that choosing ``one`` more would break for good: even with every place filled by others (H28).

    ``chosen`` are those selected already. A ceiling over everybody is measured at ``places``, the most there can be; one over
    a part of them only by its own head-count."""
    found = []
    together = [as_chosen(row.candidate) for row in chosen] + [as_chosen(one.candidate)]
    for rule, line in zip(constraints, composition.evaluate(constraints, together), strict=True):
        counts = composition.holds(rule.base, one.candidate) and composition.holds(rule.subset, one.candidate)
        if rule.op != "max" or not counts or (rule.base.all and rule.count is None):
            continue
        if line.have > composition.bound_of(rule, max(places, line.base)):
            found.append(line)
    return found
