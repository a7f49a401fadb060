"""Ranks (C30, C31): keys compare rounded values in order; 1, 2, 2, 4; a guest pushes nobody down."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from competitions.scoring.bundle import RankingKey
from competitions.scoring.plan import Plan
from competitions.scoring.totals import Score
from foundation.exact.quantities import Units, scaled

Standing = tuple[Units, ...]
"""The ranking keys of an entry, turned so that less is better."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ranked entry (名次); `decided_by` as in the standings."""

    rank: int
    score: Score
    standing: Standing
    shared: bool
    decided_by: str | None


def key_units(plan: Plan, key: RankingKey, score: Score) -> Units | None:
    """Give what a ranking key compares, in its level's units; None where the entry lacks it."""
    kind, _, name = key.by.partition(":")
    if kind == "total":
        return score.total
    if kind == "module":
        return score.modules[plan.module_at(name)]
    if kind == "aspect":
        return score.aspects[plan.aspect_at(name)]
    figure = score.entry.figures.get(name)
    return None if figure is None else scaled(figure)


def standing_of(plan: Plan, score: Score) -> Standing:
    """Give the keys of an entry that lacks none."""
    standing: list[Units] = []
    for key in plan.rules.ranking:
        units = key_units(plan, key, score)
        assert units is not None, "a complete event lacks no key"
        standing.append(units if key.ascending else -units)
    return tuple(standing)


def rank_all(plan: Plan, scores: Sequence[Score]) -> list[Place]:
    """Rank the entries of a complete event, sorted by (rank, guest, entry)."""
    standings = [(standing_of(plan, score), score) for score in scores]
    official = sorted(standing for standing, score in standings if not score.entry.is_guest)
    sizes = Counter(official)
    places: list[Place] = []
    for standing, score in standings:
        better = bisect_left(official, standing)
        shared = not score.entry.is_guest and sizes[standing] > 1
        decided = None
        if better and not shared and not score.entry.is_guest:
            decided = deciding_key(plan, official[better - 1], standing)
        places.append(Place(better + 1, score, standing, shared, decided))
    return sorted(places, key=lambda place: (place.rank, place.score.entry.is_guest, place.score.entry.code))


def deciding_key(plan: Plan, one: Standing, other: Standing) -> str | None:
    """Name the first key on which two standings differ; None where they are the same."""
    for key, mine, theirs in zip(plan.rules.ranking, one, other, strict=True):
        if mine != theirs:
            return key.by
    return None


def groups(places: Sequence[Place]) -> dict[int, list[str]]:
    """Collect the official entries that share a rank: rank → entries, by code."""
    found: dict[int, list[str]] = {}
    for place in places:
        if place.shared:
            found.setdefault(place.rank, []).append(place.score.entry.code)
    return found
