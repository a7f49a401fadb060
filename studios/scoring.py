"""From an expert's answers to a grade: items with deductions and floors, bonus with caps, the panel (T5, T8, T10). Pure, exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from foundation.errors import Refusal
from foundation.exact.panels import condense, fates, suffices
from foundation.exact.quantities import Rounding, exact, is_quantity
from studios.schemas import Check, Item, ScoringTable

GRADES = ("excellent", "qualified", "rectify", "failed")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one expert found at one item: ``points`` where the item is judged, answers to its ``checks`` where it is deducted.

    A ``yes_no`` or ``note`` check is answered True or False, a ``count`` check by a number ≥ 0. What is missing is not yet
    answered, never zero.
    """

    points: str | None = None
    checks: Mapping[str, bool | int] = {}


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What one check took off: ``points`` ≤ 0, before the item's floor."""

    check: str
    points: Fraction


class ItemResult(msgspec.Struct, frozen=True, kw_only=True):
    """An item's value with how it came about; ``value`` is None until everything that counts is answered."""

    item: str
    full: Fraction
    value: Fraction | None
    losses: tuple[Loss, ...] = ()
    zeroed: bool = False
    """The floor or the 'whole item is 0' check took everything."""
    to_rectify: tuple[str, ...] = ()
    """``note`` checks that were found wrong."""


def items_of(table: ScoringTable) -> Iterator[Item]:
    """All items in the table's order."""
    for section in table.sections:
        yield from section.items


def full_points(table: ScoringTable) -> Fraction:
    """What the table is worth without bonus."""
    return sum((exact(item.points) for item in items_of(table)), Fraction(0))


def require_answer(table: ScoringTable, item: Item, answer: Answer) -> None:
    """Refuse an answer that the item does not take: points out of range or between steps, a check that it does not have."""
    if answer.points is not None:
        _require_points(table, item, answer.points)
    known = {check.code: check for check in item.checks}
    for code, given in answer.checks.items():
        check = known.get(code)
        if check is None:
            raise Refusal("check_unknown", "“{item}”没有“{check}”这一检查点", rule="T10", item=item.label, check=code)
        _require_given(item, check, given)


def _require_points(table: ScoringTable, item: Item, text: str) -> None:
    if item.kind != "judged":
        raise Refusal("item_not_judged", "“{item}”按检查点扣分，不直接打分", rule="T10", item=item.label)
    if not is_quantity(text) or not 0 <= exact(text) <= exact(item.points):
        raise Refusal(
            "points_out_of_range", "“{item}”应在 0–{full} 分之间", rule="T5", item=item.label, full=item.points
        )
    if (exact(text) / exact(table.step)).denominator != 1:
        raise Refusal(
            "points_between_steps", "“{item}”的分值以 {step} 分为一档", rule="T5", item=item.label, step=table.step
        )


def _require_given(item: Item, check: Check, given: bool | int) -> None:
    counted = check.kind == "count"
    if counted != (not isinstance(given, bool)) or (counted and not 0 <= given <= 100_000):
        raise Refusal(
            "check_answer_unknown", "“{item}”的“{check}”应填{wanted}", rule="T10", item=item.label, check=check.label,
            wanted="人（件）数" if counted else "是或否",
        )  # fmt: skip


def item_result(item: Item, answer: Answer | None) -> ItemResult:
    """Reckon one item: given points, or full points less its deductions and never below 0 (T10)."""
    full = exact(item.points)
    answer = answer or Answer()
    wrong = tuple(c.code for c in item.checks if c.kind == "note" and answer.checks.get(c.code) is False)
    if item.kind == "judged":
        value = None if answer.points is None else exact(answer.points)
        return ItemResult(item=item.code, full=full, value=value, to_rectify=wrong)
    counting = [check for check in item.checks if check.kind != "note"]
    losses = tuple(
        Loss(check=check.code, points=-_lost(check, answer.checks[check.code]))
        for check in counting
        if check.code in answer.checks
    )
    if item.zero_if and answer.checks.get(item.zero_if) is False:  # nothing else matters then
        return ItemResult(item=item.code, full=full, value=Fraction(0), losses=losses, zeroed=True, to_rectify=wrong)
    if len(losses) < len(counting):
        return ItemResult(item=item.code, full=full, value=None, losses=losses, to_rectify=wrong)
    left = full + sum((loss.points for loss in losses), Fraction(0))
    return ItemResult(
        item=item.code, full=full, value=max(left, Fraction(0)), losses=losses, zeroed=left <= 0, to_rectify=wrong
    )


def _lost(check: Check, given: bool | int) -> Fraction:
    if check.kind == "yes_no":
        return Fraction(0) if given else exact(check.deduct)
    return max(check.target - int(given), 0) * exact(check.deduct)


def bonus_points(table: ScoringTable, counts: Mapping[str, int]) -> Fraction:
    """What the bonus adds: so much for each, capped. Raises ``Refusal`` for a bonus that the table does not have."""
    known = {bonus.code: bonus for bonus in table.bonus}
    total = Fraction(0)
    for code, count in counts.items():
        if code not in known or count < 0:
            raise Refusal("bonus_unknown", "评分表没有“{bonus}”这一加分项", rule="T10", bonus=code)
        total += min(count * exact(known[code].each), exact(known[code].cap))
    return total


def open_range(table: ScoringTable, answers: Mapping[str, Answer]) -> tuple[Fraction, Fraction]:
    """The least and the most that the items may still come to: an unanswered one counts 0 and what it has left.

    Without bonus. What was already deducted from an unfinished item stays lost.
    """
    low = high = Fraction(0)
    for item in items_of(table):
        result = item_result(item, answers.get(item.code))
        if result.value is not None:
            low, high = low + result.value, high + result.value
        else:
            lost = sum((loss.points for loss in result.losses), Fraction(0))
            high += max(result.full + lost, Fraction(0))
    return low, high


def missing(table: ScoringTable, answers: Mapping[str, Answer]) -> list[Item]:
    """The items that are not answered in full, in the table's order."""
    return [item for item in items_of(table) if item_result(item, answers.get(item.code)).value is None]


def sheet_total(
    table: ScoringTable, answers: Mapping[str, Answer], counts: Mapping[str, int] | None = None
) -> Fraction:
    """One expert's total with bonus. Raises ``Refusal`` ``sheet_incomplete`` naming what is missing."""
    left = missing(table, answers)
    if left:
        raise Refusal(
            "sheet_incomplete", "还有 {count} 项未评完：{items}", rule="T8", count=len(left),
            items="、".join(item.label for item in left),
        )  # fmt: skip
    results = (item_result(item, answers.get(item.code)) for item in items_of(table))
    total = sum((result.value for result in results if result.value is not None), Fraction(0))
    return total + bonus_points(table, counts or {})


def panel_result(table: ScoringTable, totals: Sequence[Fraction]) -> str:
    """The panel's total, printed with the table's decimals, half-up (C21, C22).

    Raises ``Refusal`` ``panel_too_small`` where fewer experts than the rule wants handed in.
    """
    if not suffices(table.panel, len(totals)):
        raise Refusal(
            "panel_too_small",
            "评审组至少 {least} 人交表，现有 {have} 人",
            rule="T3",
            least=_least(table),
            have=len(totals),
        )
    rounding = Rounding(table.places)
    scale = 10**10
    summed, divisor = condense(table.panel, [int(total * scale) for total in totals])
    return rounding.text(rounding.units(summed, divisor * scale))


def _least(table: ScoringTable) -> int:
    return max(table.panel.least, table.panel.lows + table.panel.highs + 1)


def dropped(table: ScoringTable, totals: Sequence[Fraction]) -> list[str]:
    """What became of each expert's total in the panel: ``counted``, ``dropped_low``, ``dropped_high``, ``passed_over``."""
    return list(fates(table.panel, [int(total * 10**10) for total in totals]))


def grade(table: ScoringTable, total: str) -> str:
    """优秀/合格/限期整改/不合格 of a printed total: on the line counts as reached (T8)."""
    value = exact(total)
    for name, line in (("excellent", table.excellent), ("qualified", table.qualified), ("rectify", table.rectify)):
        if value >= exact(line):
            return name
    return "failed"
