"""What "Explain my rank" (名次是怎样得出的) shows of one entry: every step from the marks to the award.

All numbers are decimal strings as they are printed; nothing here has to be computed again to be shown.
"""

from fractions import Fraction
from typing import Literal

from msgspec import Struct

from foundation.exact.panels import Fate
from foundation.exact.quantities import Rounding, print_units

_SHOWN = 12
_REPEATING = 4


class Digits(Struct, frozen=True, kw_only=True):
    """A rounding, digit by digit: 160/3 at two places is kept `53.33`, lost `3333`, `more`, rounded `53.33`.

    `kept` are the digits that the level keeps before it rounds (so 8/3 keeps `2.66` and gives `2.67`); `lost` those
    behind them; `more` says that the exact value goes on.
    """

    kept: str
    lost: str
    more: bool
    rounded: str

    @property
    def exact(self) -> bool:
        """Whether nothing was lost."""
        return not self.lost and not self.more


class MarkStep(Struct, frozen=True, kw_only=True):
    """One judge's mark and what became of it (C21)."""

    judge: str
    value: str
    fate: Fate


class AspectStep(Struct, frozen=True, kw_only=True):
    """An aspect: counted marks → `sum` ÷ `divisor` → `panel`, then × factor (a judgement ÷ 3 × max) → `value`.

    `panel` and `value` are None, and `missing` is positive, where there are too few marks. `plain` says that the aspect
    is worth its panel's value as it stands (points with factor 1), so the second line may be left out.
    """

    code: str
    heading: str
    kind: Literal["points", "judgement"]
    max: str
    factor: str
    method: Literal["mean", "trimmed_mean", "median", "sum"]
    marks: tuple[MarkStep, ...]
    missing: int
    sum: str
    divisor: int
    panel: Digits | None
    plain: bool
    value: Digits | None


class ModuleStep(Struct, frozen=True, kw_only=True):
    """A module: the sum of its aspects. `value` is None where an aspect is."""

    code: str
    heading: str
    weight: str
    aspects: tuple[AspectStep, ...]
    value: Digits | None


class Term(Struct, frozen=True, kw_only=True):
    """A module's part of the total: `weight` × `value` = `product`, exactly (cut after 12 lost digits)."""

    module: str
    heading: str
    weight: str
    value: str
    product: str


class AdjustmentStep(Struct, frozen=True, kw_only=True):
    """A deduction or bonus, with its reason."""

    kind: Literal["deduction", "bonus"]
    value: str
    reason: str


class TotalStep(Struct, frozen=True, kw_only=True):
    """The total: its terms and adjustments, and how it was rounded. While modules are missing, of those that are there."""

    terms: tuple[Term, ...]
    adjustments: tuple[AdjustmentStep, ...]
    value: Digits


class KeyStep(Struct, frozen=True, kw_only=True):
    """One ranking key beside a neighbour; `subject` is the heading of the module or aspect, or the value's name.

    `verdict` is how this entry stands to the neighbour: `equal`, `better`, `worse` (this key decided), or `unused`
    (an earlier key decided).
    """

    by: str
    subject: str
    order: Literal["desc", "asc"]
    mine: str
    theirs: str
    verdict: Literal["equal", "better", "worse", "unused"]


class Neighbour(Struct, frozen=True, kw_only=True):
    """The official entry ranked next above or below, key by key; `decided_by` is None for a shared place (C30, C31)."""

    entry: str
    name: str
    rank: int
    keys: tuple[KeyStep, ...]
    decided_by: str | None


class TierStep(Struct, frozen=True, kw_only=True):
    """A tier: percent × N ÷ 100 = `exact` → `places` → ranks `first` to `last` (none where last < first); C40."""

    name: str
    percent: str | None
    count: int | None
    at_least: int
    exact: str
    places: int
    first: int
    last: int
    won: bool


class AwardStep(Struct, frozen=True, kw_only=True):
    """The awards among `official` entries; `open` where a tie across a boundary must first be resolved (C42)."""

    official: int
    ties: Literal["extend", "strict"]
    tiers: tuple[TierStep, ...]
    award: str | None
    open: bool


class ScaleStep(Struct, frozen=True, kw_only=True):
    """The total on the 700 scale: 700 + 30 · (total − median) ÷ (1.4826 · MAD)."""

    median: str
    mad: str
    value: Digits
    scaled: str


class Explanation(Struct, frozen=True, kw_only=True):
    """How one entry came by its rank. `better` is the number of official entries before it: rank = 1 + better.

    An entry that did not compete has a status and no steps; in an incomplete event nobody has a rank (yet).
    """

    entry: str
    name: str
    organisation: str
    status: Literal["competed", "absent", "withdrawn", "disqualified"]
    guest: bool
    rank: int | None
    shared: bool
    better: int
    decided_by: str | None
    award: str | None
    scaled: str | None
    modules: tuple[ModuleStep, ...]
    total: TotalStep | None
    above: Neighbour | None
    below: Neighbour | None
    awards: AwardStep | None
    scale: ScaleStep | None
    lacking_values: tuple[str, ...]


def digits_of(value: Fraction, rounding: Rounding) -> Digits:
    """Show a rounding digit by digit; where a level does not round, the 6 places that are printed count as kept."""
    places = 6 if rounding.places is None else rounding.places
    rounded = rounding.text(rounding.units(value.numerator, value.denominator))
    length = _decimals(value.denominator)
    known = _SHOWN if length is not None else _REPEATING
    cut = abs(value.numerator) * 10 ** (places + known) // value.denominator
    kept = ("-" if value < 0 else "") + print_units(cut // 10**known, places)
    lost = str(cut % 10**known).rjust(known, "0")
    more = length is None or length > places + known
    lost = lost if more else lost.rstrip("0")
    if rounding.places is None and not lost:
        kept = rounded
    return Digits(kept=kept, lost=lost, more=more, rounded=rounded)


def written(value: Fraction) -> str:
    """Write an exact value: as it is where it ends, else to 6 places and "…"."""
    length = _decimals(value.denominator)
    if length is None or length > _SHOWN * 2:
        digits = digits_of(value, Rounding(6))
        return f"{digits.kept}…"
    return ("-" if value < 0 else "") + print_units(abs(value.numerator) * 10**length // value.denominator, length)


def _decimals(denominator: int) -> int | None:
    """Count the decimals of a fraction in lowest terms; None where they never end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
