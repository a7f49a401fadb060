"""What the form of a 百分制 event insists on or warns of, beyond what the format demands (C20, C21, C23, C30).

A bundle may break all of this and still be scored; an officer who writes rules for an event marked out of 100 should
not break it unawares.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from msgspec import Struct, UnsetType

from competitions.scoring.bundle import Aspect, Module, Rules, given
from competitions.scoring.explanation import written
from foundation.exact.quantities import exact

Level = Literal["fault", "warning", "pass"]


class Check(Struct, frozen=True, kw_only=True):
    """One check. `name` is stable, for translation with `facts`; `rule` is the number in the union's rules.

    `subject` is the code of a module or aspect, or empty for the whole rule set.
    """

    name: str
    rule: str
    level: Level
    subject: str
    facts: dict[str, str]


def check_rules(
    rules: Rules, *, seats: Mapping[str, int] | int | None = None, theory: str | None = None
) -> list[Check]:
    """Check a rule set for an event marked out of 100, passes included, in the order in which a form shows them.

    `seats` is the number of judges, for each aspect code or for all; without it only the rule's minimum is judged.
    `theory` is the code of the theory module; without it, one called `theory` or titled 理论 is taken.
    """
    found = [_weights(rules)]
    found += [_maxima(module) for module in rules.modules]
    found += [_theory(module) for module in rules.modules if _is_theory(module, theory)]
    for module in rules.modules:
        for aspect in module.aspects:
            found += _panel(aspect, seats if isinstance(seats, int) or seats is None else seats.get(aspect.code))
            found += _levels(aspect)
    found += _ranking(rules)
    return found


def worth(aspect: Aspect) -> Fraction:
    """Give the most that an aspect can add to its module: max × factor."""
    return exact(aspect.max) * exact(given(aspect.factor, "1"))


def _check(name: str, rule: str, good: bool, subject: str = "", bad: Level = "fault", **facts: str) -> Check:
    return Check(name=name, rule=rule, level="pass" if good else bad, subject=subject, facts=facts)


def _weights(rules: Rules) -> Check:
    total = sum((exact(module.share) for module in rules.modules), Fraction(0))
    return _check("weights-sum-to-1", "C20", total == 1, sum=written(total), difference=written(1 - total))


def _maxima(module: Module) -> Check:
    total = sum((worth(aspect) for aspect in module.aspects), Fraction(0))
    return _check(
        "maxima-sum-to-100", "C23", total == 100, module.code, sum=written(total), difference=written(100 - total)
    )


def _is_theory(module: Module, theory: str | None) -> bool:
    if theory is not None:
        return module.code == theory
    return module.code.lower() == "theory" or "理论" in module.heading


def _theory(module: Module) -> Check:
    share = exact(module.share)
    good = share <= Fraction(3, 10)
    return _check("theory-at-most-30", "C20", good, module.code, "warning", percent=written(share * 100), limit="30")


def _panel(aspect: Aspect, seats: int | None) -> list[Check]:
    panel = aspect.jury
    if panel.how != "trimmed_mean":
        return []
    found = [
        _check("never-trim-below-4", "C21", panel.least >= 4, aspect.code, minimum=str(panel.least), limit="4"),
        _check(
            "trimmed-minimum-5", "C21", panel.least >= 5, aspect.code, "warning", minimum=str(panel.least), limit="5"
        ),
    ]
    once = panel.highs == panel.lows == 1
    high, low = str(panel.highs), str(panel.lows)
    found.append(_check("trim-one-and-one", "C21", once, aspect.code, "warning", high=high, low=low))
    if seats is not None:
        good = seats >= 5 and seats % 2 == 1
        found.append(_check("seats-odd-and-5", "C21", good, aspect.code, "warning", seats=str(seats), limit="5"))
        found.append(
            _check(
                "seats-reach-minimum",
                "C21",
                seats >= panel.least,
                aspect.code,
                seats=str(seats),
                minimum=str(panel.least),
            )
        )
    return found


def _levels(aspect: Aspect) -> list[Check]:
    if aspect.kind != "judgement":
        return []
    levels = given(aspect.levels, ())
    empty = [str(number) for number in range(4) if number >= len(levels) or not levels[number].strip()]
    return [_check("levels-described", "C21", not empty, aspect.code, "warning", levels=", ".join(empty))]


def _ranking(rules: Rules) -> list[Check]:
    first = rules.ranking[0]
    found = [
        _check("total-ranks-first", "C30", first.by == "total" and not first.ascending, bad="warning", by=first.by)
    ]
    if not isinstance(rules.awards, UnsetType):
        tiers = rules.awards.tiers
        percent = sum((exact(tier.percent) for tier in tiers if isinstance(tier.percent, str)), Fraction(0))
        found.append(_check("awards-within-100", "C40", percent <= 100, percent=written(percent)))
    return found
