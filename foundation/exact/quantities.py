"""Exact numbers: decimal strings in, scaled integers and fractions inside, half-up decimals out (C22, no float anywhere)."""

import re
from fractions import Fraction
from typing import Final

QUANTITY_RULE: Final = r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,10})?"
"""The only form of a quantity in a bundle: at most 9 digits before the point and 10 after it."""
DIGITS: Final = 10
SCALE: Final = 10**DIGITS
"""Every quantity is an integer number of 10⁻¹⁰."""

_quantity = re.compile(QUANTITY_RULE).fullmatch

Units = int | Fraction
"""A value at one level: a whole number of 10⁻ᵖ where the level rounds to p places, the exact fraction where it does not."""


def is_quantity(text: str) -> bool:
    """Say whether a text has the form of a quantity; `"1e3"`, `"+1"`, `" 1"`, `"01"` and full-width digits have not."""
    return _quantity(text) is not None


def scaled(text: str) -> int:
    """Turn a quantity into a whole number of 10⁻¹⁰: `"89.825"` → 898250000000. The text must satisfy `is_quantity`."""
    whole, _, decimals = text.partition(".")
    return int(whole + decimals.ljust(DIGITS, "0"))


def exact(text: str) -> Fraction:
    """Turn a quantity into a fraction. The text must satisfy `is_quantity`."""
    return Fraction(scaled(text), SCALE)


def half_up(numerator: int, denominator: int) -> int:
    """Round a quotient to an integer, halves away from zero: 5/2 → 3, −5/2 → −3. The denominator is positive."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def print_units(units: int, places: int) -> str:
    """Write a whole number of 10⁻ᵖ with exactly p decimals; zero has no sign: (−5, 2) → `"-0.05"`, (0, 2) → `"0.00"`."""
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def print_free(value: Units) -> str:
    """Write an unrounded value half-up at 6 places with trailing zeros cut: 2/3 → `"0.666667"`, 15.75 → `"15.75"`."""
    text = print_units(half_up(value.numerator * 10**6, value.denominator), 6)
    return text.rstrip("0").rstrip(".")


class Rounding:
    """What one level of the sum (panel, aspect, module, total) does to a value: round half-up to `places`, or nothing.

    `unit` is the number of units in 1: 10ᵖ where the level rounds, 1 where it does not.
    """

    __slots__ = ("places", "unit")

    def __init__(self, places: int | None) -> None:
        self.places = places
        self.unit = 1 if places is None else 10**places

    def units(self, numerator: int, denominator: int) -> Units:
        """Bring an exact quotient (denominator > 0) to this level's units."""
        if self.places is None:
            return Fraction(numerator, denominator)
        return half_up(numerator * self.unit, denominator)

    def value(self, units: Units) -> Fraction:
        """Give the number that these units stand for."""
        return Fraction(units) / self.unit

    def text(self, units: Units) -> str:
        """Print a value of this level as the standings do."""
        if self.places is None:
            return print_free(units)
        return print_units(int(units), self.places)
