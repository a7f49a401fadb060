"""工作室管理的规则 (T2, T4, T8, T9): when reports are due, what a grade leads to, terms, leaders, ends. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from foundation import working_days
from foundation.errors import Refusal
from studios.schemas import Conditions, Terms
from studios.scoring import GRADES

GRADE_ORDER = {name: place for place, name in enumerate(GRADES)}
"""excellent 0 … failed 3."""
LEVEL_ORDER = {"unit": 0, "enterprise": 0, "county": 1, "city": 2, "province": 3, "national": 4}


def due_on(year: int, terms: Terms) -> date:
    """The last day of the programme's month in ``year``: the report of that year is due then."""
    return date(year, terms.report_month, calendar.monthrange(year, terms.report_month)[1])


def due_years(named_on: date, today: date, terms: Terms) -> list[int]:
    """The years whose reports a studio owes by ``today``: from the year it was named, and the present one once the first
    reminder's season has come (the calendar year has begun)."""
    first = named_on.year if named_on <= due_on(named_on.year, terms) else named_on.year + 1
    return list(range(first, today.year + 1))


def reminders_due(due: date, today: date, remind_days: Iterable[int], calendar_: working_days.Calendar, *, years: Collection[int] | None = None) -> list[int]:  # fmt: skip
    """Which of the reminders' days (working days ahead) have come; none once the day itself is over."""
    if today > due:
        return []
    left = working_days.working_days_between(today, due, calendar_, years=years) - 1
    return sorted((days for days in remind_days if left <= days), reverse=True)


def require_grade(reckoned: str, grade: str, reason: str) -> bool:
    """Whether the grade is raised above what the total comes to, which only a second person puts in force.

    Refuses a change without reason (T8).
    """
    if grade not in GRADE_ORDER:
        raise Refusal("grade_unknown", "没有这个考核等次", field="grade", rule="T8")
    if grade != reckoned and not reason.strip():
        raise Refusal("grade_reason", "与得分对应的等次不同，请写明理由", field="reason", rule="T8")
    return GRADE_ORDER[grade] < GRADE_ORDER[reckoned]


def consequence(grade: str) -> str:
    """The move that a grade leads to (``studios.stages``): none, ``order_rectification`` or ``withdraw`` (T8)."""
    return {"rectify": "order_rectification", "failed": "withdraw"}.get(grade, "")


def require_points(points: Sequence[str]) -> tuple[str, ...]:
    """At least one thing to mend, each said once."""
    said = tuple(dict.fromkeys(point.strip() for point in points if point.strip()))
    if not said:
        raise Refusal("points_missing", "请列出整改事项，每行一条", field="points", rule="T8")
    if len(said) > 30 or any(len(point) > 300 for point in said):
        raise Refusal("points_long", "整改事项最多 30 条，每条最多 300 字", field="points", rule="T8")
    return said


def require_answers(answers: Sequence[str]) -> None:
    """Refuses a report of rectification that leaves a point unanswered."""
    left = sum(1 for answer in answers if not answer.strip())
    if left:
        raise Refusal(
            "answers_missing", "还有 {left} 条整改事项没有填写整改情况", field="answers", rule="T8", left=left
        )


def rectified(mended: Sequence[bool | None]) -> str:
    """What the second visit leads to: ``clear`` where everything is mended, ``withdraw`` otherwise; refuses while open."""
    if any(one is None for one in mended):
        raise Refusal("revisit_open", "复查尚未逐条认定", field="mended", rule="T8")
    return "clear" if all(mended) else "withdraw"


def next_term(ends_on: date | None, today: date, terms: Terms) -> tuple[date, date]:
    """From when to when a renewed naming holds: on from the old end, or from today where that is over (T4).

    Terms only go forward: the new end is after the old one.
    """
    start = max(ends_on, today) if ends_on is not None else today
    return start, years_after(start, terms.cycle_years)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes the 28th."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


def require_renewable(grades: Sequence[str], ends_on: date | None, today: date) -> None:
    """T4, T8: no renewal with a failed year or without any assessment, nor more than a year ahead of the term's end."""
    if not grades:
        raise Refusal("renewal_unassessed", "本认定周期没有年度考核，不能续认定", rule="T4")
    if grades[-1] in ("failed", "rectify"):
        raise Refusal("renewal_grade", "最近一次考核为限期整改或不合格，不能续认定", rule="T4")
    if ends_on is not None and ends_on > years_after(today, 1):
        raise Refusal(
            "renewal_early", "距到期（{until}）还有一年以上，尚不办理续认定", rule="T4", until=ends_on.isoformat()
        )


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An honour of a leader to be, as the registry holds it."""

    id: Any
    level: str
    family: str = ""
    withdrawn: bool = False


def qualifying(conditions: Conditions, held: Iterable[Held]) -> Any | None:
    """The id of the honour that a leader qualifies by (T2): valid, of the level or above, the highest; None without.

    None too where no honour is asked: :func:`leads` tells the two apart.
    """
    if not conditions.leader_level:
        return None
    wanted = LEVEL_ORDER[conditions.leader_level]
    fit = [
        one for one in held
        if not one.withdrawn and LEVEL_ORDER.get(one.level, -1) >= wanted
        and (not one.family or one.family in conditions.leader_families)
    ]  # fmt: skip
    return max(fit, key=lambda one: LEVEL_ORDER[one.level]).id if fit else None


def leads(conditions: Conditions, honour: Any | None) -> bool:
    """Whether somebody who qualifies by ``honour`` may lead: by a valid honour, or where none is asked (T2)."""
    return honour is not None or not conditions.leader_level


def named_after(name: str, leader: str, title_kind: str) -> str:
    """T7: 领衔人姓名 + （劳模/工匠）创新工作室; a name that is not built so keeps its own."""
    return f"{leader}{title_kind}创新工作室" if name.endswith("创新工作室") else name


def require_upgrade(conditions: Conditions, *, level: str, to_level: str, years: int) -> None:
    """T9: only upwards; at the level below for as long as the programme wants."""
    if LEVEL_ORDER[to_level] <= LEVEL_ORDER[level]:
        raise Refusal("upgrade_upwards", "晋级只能到更高一级", field="programme", rule="T9")
    if conditions.lower_level and conditions.lower_level != level:
        raise Refusal("upgrade_lower_level", "该项目要求先获下一级命名", field="programme", rule="T9")
    if years < conditions.lower_years:
        raise Refusal("upgrade_years", "在下一级命名须满 {wanted} 年，现 {years} 年", field="programme", rule="T9", wanted=conditions.lower_years, years=years)  # fmt: skip


def full_years(since: date, today: date) -> int:
    """Whole years between two days."""
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))
