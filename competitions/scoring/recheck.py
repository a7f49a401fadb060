"""Re-check sampling (复核抽样, C53): all of the top 30 %, at least 15 % of the rest drawn by a published seed; more than
5 % errors among the entries re-checked → everything.

Before marking ends the supervisor publishes `commitment(seed)`; afterwards the seed. Anybody can then draw again: the
rest is ordered by SHA-256 of `seed:entry`, and the first so many are taken.
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from competitions.scoring.standings import Standings
from foundation.exact.quantities import half_up, print_units


class Shares(Struct, frozen=True, kw_only=True):
    """The percentages of the rule, whole numbers: configuration with the defaults of C53."""

    top: int = 30
    rest: int = 15
    errors: int = 5


class Sample(Struct, frozen=True, kw_only=True):
    """The entries to re-check: `top` by rank, then `drawn` in the order of the draw; `waiting` is the rest of that order."""

    top: tuple[str, ...]
    drawn: tuple[str, ...]
    waiting: tuple[str, ...]
    commitment: str

    @property
    def entries(self) -> tuple[str, ...]:
        return self.top + self.drawn


class Verdict(Struct, frozen=True, kw_only=True):
    """What the re-check found: `rate` in percent at 2 places; `everything` where the limit is passed."""

    checked: int
    errors: int
    rate: str
    everything: bool


def commitment(seed: str) -> str:
    """Give the SHA-256 of a seed, to publish before it. A short seed can be guessed from it: use 16 characters or more."""
    return sha256(seed.encode()).hexdigest()


def draw(ranked: Sequence[tuple[str, int]], seed: str, shares: Shares | None = None) -> Sample:
    """Draw the sample from (entry, rank) of the official entries (any order); a tie at the cut is taken whole.

    40 entries → 12 + 5; both counts round up. Raises `ValueError` for an empty seed.
    """
    if not seed:
        raise ValueError("a re-check needs a seed")
    shares = shares or Shares()
    cut = _ceil(len(ranked) * shares.top, 100)
    top = [entry for entry, rank in sorted(ranked, key=lambda pair: (pair[1], pair[0])) if rank <= cut]
    rest = {entry for entry, _ in ranked}.difference(top)
    order = sorted(rest, key=lambda entry: (sha256(f"{seed}:{entry}".encode()).digest(), entry))
    size = _ceil(len(order) * shares.rest, 100)
    return Sample(top=tuple(top), drawn=tuple(order[:size]), waiting=tuple(order[size:]), commitment=commitment(seed))


def draw_from(standings: Standings, seed: str, shares: Shares | None = None) -> Sample:
    """Draw the sample from complete standings; guests are out of contest and not drawn."""
    return draw([(row.entry, row.rank) for row in standings.rows if not row.guest], seed, shares)


def verdict(checked: int, errors: int, shares: Shares | None = None) -> Verdict:
    """Judge a re-check: 1 error in 17 is 5.88 % → everything; exactly 5 % is not more than 5 %.

    The rate's base is the entries re-checked (C53). Raises `ValueError` unless 0 ≤ errors ≤ checked.
    """
    if not 0 <= errors <= checked:
        raise ValueError("errors must lie between 0 and the number of entries re-checked")
    shares = shares or Shares()
    rate = print_units(half_up(errors * 10_000, checked), 2) if checked else "0.00"
    return Verdict(checked=checked, errors=errors, rate=rate, everything=errors * 100 > shares.errors * checked)


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
