"""The 700 scale (`worldskills-700`): totals against their median and their median absolute deviation."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foundation.exact.quantities import half_up

_SPREAD = Fraction(14826, 10000)


@dataclass(frozen=True, slots=True)
class Scaling:
    """The median of the official totals and the median of their distances from it (MAD)."""

    median: Fraction
    mad: Fraction

    def exact(self, total: Fraction) -> Fraction:
        """Place a total on the scale before rounding and clamping; 700 where the totals have no spread."""
        if not self.mad:
            return Fraction(700)
        return 700 + 30 * (total - self.median) / (_SPREAD * self.mad)

    def scaled(self, total: Fraction) -> int:
        """Place a total on the scale: half-up to an integer from 0 to 1000."""
        value = self.exact(total)
        return min(1000, max(0, half_up(value.numerator, value.denominator)))


def scaling_of(totals: Sequence[Fraction]) -> Scaling:
    """Measure the official totals; there is at least one."""
    middle = median(totals)
    return Scaling(middle, median([abs(total - middle) for total in totals]))


def median(values: Sequence[Fraction]) -> Fraction:
    """Give the middle value, or the mean of the middle two."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
