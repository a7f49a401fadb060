"""Standings while marking goes on, for the live board (直播榜) and the chief judge's board: nothing here is official.

An entry's provisional total is that of its complete modules, with its adjustments; it takes a provisional place once a
module is complete. Once everything is complete, ranks and totals are those of the standings.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from competitions.scoring.bundle import Bundle
from competitions.scoring.plan import ModulePlan, Plan
from competitions.scoring.ranking import key_units
from competitions.scoring.table import Table
from competitions.scoring.totals import Score, adjustments_of, score_all, total_units, weighted
from foundation.exact.panels import wanted
from foundation.exact.quantities import Units

_Keys = tuple[tuple[int, Units], ...]


class LiveModule(Struct, frozen=True, kw_only=True):
    """One module of an entry: `value` and its `weighted` share of the total once all its `aspects` are `done`."""

    code: str
    value: str | None
    weighted: str | None
    done: int
    aspects: int


class LiveRow(Struct, frozen=True, kw_only=True):
    """One competed entry. `missing` counts the marks that the rules still want at least; `lacks` names missing values.

    `rank` is None until a module is complete; `provisional` until the entry lacks nothing.
    """

    rank: int | None
    shared: bool
    entry: str
    guest: bool
    total: str
    modules: tuple[LiveModule, ...]
    provisional: bool
    marks: int
    missing: int
    lacks: tuple[str, ...]


class LiveProgress(Struct, frozen=True, kw_only=True):
    """How far a module is: entries `done` of all that competed."""

    code: str
    heading: str
    done: int
    entries: int


class LiveStandings(Struct, frozen=True, kw_only=True):
    """An event while it is marked; rows sorted by (rank, guest, entry), those without a rank last."""

    event: str
    rows: tuple[LiveRow, ...]
    progress: tuple[LiveProgress, ...]
    complete: int
    marks: int
    missing: int


def live_standings(bundle: Bundle) -> LiveStandings:
    """Compute the provisional standings of a valid bundle."""
    table = Table(bundle)
    plan, scores = table.plan, score_all(table)
    changes = adjustments_of(bundle.changes)
    for score in scores:
        score.total = total_units(plan, score.modules, changes.get(score.entry.code, Fraction(0)))
    ranks = _ranks(plan, scores)
    rows = [_row(plan, score, *ranks.get(score.entry.code, (None, False))) for score in scores]
    rows.sort(key=lambda row: (row.rank is None, row.rank or 0, row.guest, row.entry))
    return LiveStandings(
        event=bundle.event.code,
        rows=tuple(rows),
        progress=tuple(_progress(module, at, scores) for at, module in enumerate(plan.modules)),
        complete=sum(not row.provisional for row in rows),
        marks=sum(row.marks for row in rows),
        missing=sum(row.missing for row in rows),
    )


def _ranks(plan: Plan, scores: Sequence[Score]) -> dict[str, tuple[int, bool]]:
    """Rank the entries that have a complete module: entry → (rank, shared). A key that is missing is the worst."""
    started = {score.entry.code: _keys(plan, score) for score in scores if any(m is not None for m in score.modules)}
    guests = {score.entry.code for score in scores if score.entry.is_guest}
    official = sorted(keys for code, keys in started.items() if code not in guests)
    sizes = Counter(official)
    return {
        code: (bisect_left(official, keys) + 1, code not in guests and sizes[keys] > 1)
        for code, keys in started.items()
    }


def _keys(plan: Plan, score: Score) -> _Keys:
    units = [(key, key_units(plan, key, score)) for key in plan.rules.ranking]
    return tuple((1, 0) if u is None else (0, u if key.ascending else -u) for key, u in units)


def _row(plan: Plan, score: Score, rank: int | None, shared: bool) -> LiveRow:
    names = dict.fromkeys(key.by.partition(":")[2] for key in plan.rules.ranking if key.by.startswith("value:"))
    lacks = tuple(name for name in names if name not in score.entry.figures)
    missing = sum(
        max(0, wanted(aspect.panel) - count) for aspect, count in zip(plan.aspects, score.counts, strict=True)
    )
    assert score.total is not None
    return LiveRow(
        rank=rank,
        shared=shared,
        entry=score.entry.code,
        guest=score.entry.is_guest,
        total=plan.total.text(score.total),
        modules=tuple(_module(plan, score, module, at) for at, module in enumerate(plan.modules)),
        provisional=bool(missing or lacks),
        marks=sum(score.counts),
        missing=missing,
        lacks=lacks,
    )


def _module(plan: Plan, score: Score, module: ModulePlan, at: int) -> LiveModule:
    units = score.modules[at]
    aspects = score.aspects[module.first : module.last]
    share = None
    if units is not None:
        value = weighted(plan, module, units)
        share = plan.total.text(plan.total.units(value.numerator, value.denominator))
    return LiveModule(
        code=module.code,
        value=None if units is None else plan.module.text(units),
        weighted=share,
        done=sum(units is not None for units in aspects),
        aspects=len(aspects),
    )


def _progress(module: ModulePlan, at: int, scores: Sequence[Score]) -> LiveProgress:
    done = sum(score.modules[at] is not None for score in scores)
    return LiveProgress(code=module.code, heading=module.heading, done=done, entries=len(scores))
