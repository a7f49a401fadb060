"""Awards by rank (C40–C42): places for each tier, and ties at a boundary."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from competitions.scoring.bundle import Awards, Tier, given
from foundation.exact.quantities import exact, half_up


@dataclass(frozen=True, slots=True)
class Allotment:
    """A tier and its ranks: those from `first` to `last`; none where last < first. `exact` is before rounding."""

    tier: Tier
    exact: Fraction
    places: int
    first: int
    last: int


def allot(awards: Awards, official: int) -> list[Allotment]:
    """Give each tier its places among so many official entries: 25 at 10/20/30 % → 3, 5, 8 (C40)."""
    result: list[Allotment] = []
    end = 0
    for tier in awards.tiers:
        amount = tier_amount(tier, official)
        places = max(half_up(amount.numerator, amount.denominator), given(tier.at_least, 0))
        result.append(Allotment(tier, amount, places, end + 1, end + places))
        end += places
    return result


def tier_amount(tier: Tier, official: int) -> Fraction:
    """Give a tier's exact number of places before rounding."""
    if isinstance(tier.percent, str):
        return exact(tier.percent) * official / 100
    return Fraction(given(tier.count, 0))


def crossing(awards: Awards, allotments: Sequence[Allotment], ranks: Sequence[int]) -> set[int]:
    """Find the ranks whose tied group crosses a boundary and so wins nothing yet; none unless ties are strict (C42).

    `ranks` are those of the official entries, in order.
    """
    if awards.ties != "strict":
        return set()
    found: set[int] = set()
    for allotment in allotments:
        within = [rank for rank in ranks if rank <= allotment.last]
        if len(within) > allotment.last:
            found.add(within[-1])
    return found


def award_at(allotments: Sequence[Allotment], rank: int) -> str | None:
    """Name the first tier that reaches a rank."""
    return next((a.tier.name for a in allotments if rank <= a.last), None)
