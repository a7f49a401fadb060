"""差额推荐: how many first choices may be handed on for so many places, exact and as one would write it on paper (H28, H29). Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from honours.cycles.schemas import Surplus


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """So many may be handed on: the places and what is beyond them. ``sum`` is the arithmetic: ``20% × 12 = 2.4 → 3``."""

    places: int
    extra: int
    sum: str

    @property
    def most(self) -> int:
        return self.places + self.extra

    @property
    def text(self) -> str:
        """``20% × 12 = 2.4 → 3，12 + 3 = 15``; without 差额 only the places."""
        if not self.extra:
            return str(self.places)
        added = f"{self.places} + {self.extra} = {self.most}"
        return f"{self.sum}，{added}" if self.sum else added


def invited(surplus: Surplus, places: int) -> Invited:
    """What ``surplus`` makes of ``places``; nobody is invited for no place at all."""
    if places <= 0:
        return Invited(places=max(0, places), extra=0, sum="")
    if surplus.count is not None:
        return Invited(places=places, extra=surplus.count, sum="")
    exact = Fraction(Decimal(surplus.percent or "0")) * places / 100
    extra = (
        -(-exact.numerator // exact.denominator) if surplus.rounding == "up" else exact.numerator // exact.denominator
    )
    product = f"{(Decimal(surplus.percent or '0') * places / 100).normalize():f}"
    return Invited(places=places, extra=extra, sum=f"{surplus.percent}% × {places} = {product} → {extra}")
