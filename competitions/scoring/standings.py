"""Standings (成绩与名次) of a bundle: `gongjiang.standings/1`."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from competitions.scoring.awards import Allotment, allot, award_at, crossing
from competitions.scoring.bundle import Bundle
from competitions.scoring.canonical import canonical_from
from competitions.scoring.plan import Plan
from competitions.scoring.ranking import Place, groups, rank_all
from competitions.scoring.reading import read
from competitions.scoring.scale import scaling_of
from competitions.scoring.table import Table
from competitions.scoring.totals import Score, score_all
from foundation.exact.panels import suffices
from foundation.exact.quantities import Units

STANDINGS_FORMAT: Final = "gongjiang.standings/1"


class Row(Struct, frozen=True, kw_only=True):
    """One ranked entry; numbers are decimal strings, `modules` in the order of the rules."""

    rank: int
    shared: bool
    entry: str
    guest: bool
    total: str
    modules: dict[str, str]
    award: str | None
    scaled: str | None
    decided_by: str | None


class Unranked(Struct, frozen=True, kw_only=True):
    """An entry that did not compete (C25)."""

    entry: str
    status: Literal["competed", "absent", "withdrawn", "disqualified"]


class UnresolvedTie(Struct, frozen=True, kw_only=True):
    """Entries that somebody must separate: for the rank itself, or for an award."""

    rank: int
    entries: tuple[str, ...]
    why: Literal["ranking", "award"]


class Gap(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an entry lacks: marks for an aspect (how many there are, how many the rule wants), or a value."""

    entry: str
    aspect: str | UnsetType = UNSET
    marks: int | UnsetType = UNSET
    minimum: int | UnsetType = UNSET
    value: str | UnsetType = UNSET


class Standings(Struct, frozen=True, kw_only=True):
    """The standings of an event; there are no rows while something is incomplete."""

    format: Literal["gongjiang.standings/1"]
    event: str
    bundle_sha256: str
    rows: tuple[Row, ...]
    unranked: tuple[Unranked, ...]
    unresolved_ties: tuple[UnresolvedTie, ...]
    incomplete: tuple[Gap, ...]

    @property
    def settled(self) -> bool:
        """Whether everything is complete and no tie is open."""
        return not self.incomplete and not self.unresolved_ties


def standings(bundle: Bundle) -> Standings:
    """Compute the standings of a valid bundle; for one built in memory ask `reading.check` first."""
    return standings_of(Table(bundle))


def standings_from(data: bytes) -> Standings:
    """Compute the standings of a bundle file. Raises `BundleFaults` with every fault."""
    return standings_of(read(data))


def standings_of(table: Table) -> Standings:
    """Compute the standings of a bundle whose marks are already in a table."""
    scores = score_all(table)
    gaps = gaps_of(table.plan, scores)
    places = [] if gaps else rank_all(table.plan, scores)
    rows, ties = _rows(table.plan, places)
    out = sorted((e for e in table.bundle.entries if not e.competed), key=lambda entry: entry.code)
    return Standings(
        format=STANDINGS_FORMAT,
        event=table.bundle.event.code,
        bundle_sha256=sha256(canonical_from(table)).hexdigest(),
        rows=rows,
        unranked=tuple(Unranked(entry=entry.code, status=entry.state) for entry in out),
        unresolved_ties=ties,
        incomplete=gaps,
    )


def gaps_of(plan: Plan, scores: Sequence[Score]) -> tuple[Gap, ...]:
    """List what is missing: by entry, then aspects in the order of the rules, then values in the order of the keys."""
    names = dict.fromkeys(key.by.partition(":")[2] for key in plan.rules.ranking if key.by.startswith("value:"))
    gaps: list[Gap] = []
    for score in scores:
        code = score.entry.code
        for aspect, count in zip(plan.aspects, score.counts, strict=True):
            if not suffices(aspect.panel, count):
                gaps.append(Gap(entry=code, aspect=aspect.code, marks=count, minimum=aspect.panel.least))
        gaps += [Gap(entry=code, value=name) for name in names if name not in score.entry.figures]
    return tuple(gaps)


def _rows(plan: Plan, places: Sequence[Place]) -> tuple[tuple[Row, ...], tuple[UnresolvedTie, ...]]:
    awards = plan.rules.awards
    official = [place for place in places if not place.score.entry.is_guest]
    tied = groups(places)
    allotments, open_ranks = list[Allotment](), set[int]()
    if not isinstance(awards, UnsetType):
        allotments = allot(awards, len(official))
        open_ranks = crossing(awards, allotments, [place.rank for place in official])
    scaling = None
    if plan.rules.scale is not UNSET and official:
        scaling = scaling_of([plan.total.value(_total(place)) for place in official])
    rows: list[Row] = []
    for place in places:
        guest = place.score.entry.is_guest
        award = None if guest or place.rank in open_ranks else award_at(allotments, place.rank)
        scaled = None if guest or scaling is None else str(scaling.scaled(plan.total.value(_total(place))))
        rows.append(_row(plan, place, award, scaled))
    return tuple(rows), _open_ties(tied, open_ranks, refused=plan.rules.ties == "refuse")


def _open_ties(tied: dict[int, list[str]], open_ranks: set[int], *, refused: bool) -> tuple[UnresolvedTie, ...]:
    """List what somebody must decide, by rank; a tie for the rank itself before one for the award."""
    ties: list[UnresolvedTie] = []
    for rank, entries in sorted(tied.items()):
        if refused:
            ties.append(UnresolvedTie(rank=rank, entries=tuple(entries), why="ranking"))
        if rank in open_ranks:
            ties.append(UnresolvedTie(rank=rank, entries=tuple(entries), why="award"))
    return tuple(ties)


def _total(place: Place) -> Units:
    total = place.score.total
    assert total is not None, "a complete event has every total"
    return total


def _row(plan: Plan, place: Place, award: str | None, scaled: str | None) -> Row:
    score = place.score
    return Row(
        rank=place.rank,
        shared=place.shared,
        entry=score.entry.code,
        guest=score.entry.is_guest,
        total=plan.total.text(_total(place)),
        modules={
            module.code: plan.module.text(units)
            for module, units in zip(plan.modules, score.modules, strict=True)
            if units is not None
        },
        award=award,
        scaled=scaled,
        decided_by=place.decided_by,
    )
