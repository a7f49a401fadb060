"""Marks that stand apart from their panel (偏离提示): a reason to look, never to change."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median

import msgspec

from competitions.judging import rules
from competitions.judging.showing import two_places
from competitions.scoring.plan import AspectPlan
from foundation.exact.quantities import SCALE, scaled
from foundation.i18n import _


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that stands apart from its panel."""

    entry: str
    aspect: str
    seat: str
    value: str
    others: str
    judged: bool
    distance: str
    limit: str


def alarms_of(entry: str, aspect: AspectPlan, values: Sequence[tuple[str, str]]) -> list[Alarm]:
    """Marks that stand apart from a panel of at least three: points further than 30 % of the maximum from the median,
    judgements where the levels are 2 and more apart (the one furthest from the median).
    """
    if len(values) < 3:
        return []
    numbers = [scaled(value) for _seat, value in values]
    middle = Fraction(median(Fraction(number) for number in numbers))
    judged = aspect.kind == "judgement"
    limit = Fraction(aspect.high * rules.SPREAD_PERCENT, 100)
    if judged and max(numbers) - min(numbers) < rules.LEVELS_APART * SCALE:
        return []
    furthest = max(abs(number - middle) for number in numbers)
    found = []
    for (seat, value), number in zip(values, numbers, strict=True):
        distance = abs(number - middle)
        if distance == furthest if judged else distance > limit:
            others = [other for name, other in values if name != seat]
            span = sorted(others, key=scaled)
            found.append(
                Alarm(
                    entry=entry, aspect=aspect.code, seat=seat, value=value, judged=judged,
                    others=span[0] if span[0] == span[-1] else f"{span[0]}–{span[-1]}",
                    distance=_plain(distance / SCALE), limit=_plain(limit / SCALE),
                )
            )  # fmt: skip
    return found


def _plain(value: Fraction) -> str:
    return two_places(value).rstrip("0").rstrip(".") or "0"


def hints_of(alarms: Sequence[Alarm], missing: int, part: int, excused: int, seats: int) -> list[str]:
    found = []
    if missing:
        found.append(_("缺 {n} 张").format(n=missing))
    if part:
        found.append(_("{n} 张未完").format(n=part))
    for aspect in dict.fromkeys(alarm.aspect for alarm in alarms):
        mine = [alarm for alarm in alarms if alarm.aspect == aspect]
        words = _("{aspect} 评判相差两级") if mine[0].judged else _("{aspect} 偏离 {distance}")
        found.append(words.format(aspect=aspect, distance=max(mine, key=lambda a: Fraction(a.distance)).distance))
    if excused:
        found.append(_("{n} 人有效").format(n=seats - excused))
    return found
