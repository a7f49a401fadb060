"""工作日: working-day arithmetic over a calendar that officers can see and amend (H32).

A calendar maps a date to ``(kind, name)``: ``off`` a holiday, ``work`` a day worked in lieu. Other days follow the
week. Which years it holds is told by ``years`` (the officers' own list) or, without, read off the calendar. The first
day of a period counts (公示 of five working days opened on Monday ends on Friday). A year without a calendar is
refused, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from foundation.errors import Refusal

RULE = "H32"
OFF, WORK = "off", "work"
Calendar = Mapping[date, tuple[str, str]]
Years = Collection[int] | None

_ONE_DAY = timedelta(days=1)
_LEAST_HOLIDAYS = 7  # 春节 and 国庆节 alone are more in every arrangement there has been; fewer rows are strays
_LAST_DAY_UNTOUCHED = 25  # of December: an arrangement has reached back to 29 December, never further


def held_years(calendar: Calendar) -> frozenset[int]:
    """The years the calendar truly holds. A few days at a year's end that another year's notice moved are not a year."""
    holidays = Counter(day.year for day, (kind, _) in calendar.items() if kind == OFF)
    return frozenset(year for year, count in holidays.items() if count >= _LEAST_HOLIDAYS)


def is_working_day(day: date, calendar: Calendar, *, years: Years = None) -> bool:
    """Whether offices work on that day; refuses with ``calendar_missing``."""
    return _Days(calendar, years).works(day)


def last_day(start: date, working_days: int, calendar: Calendar, *, years: Years = None) -> date:
    """The last day of a period of ``working_days`` ≥ 1 that opens on ``start``; the first working day, on or after
    ``start``, counts as the first (H32)."""
    _require_positive(working_days)
    days = _Days(calendar, years)
    return days.forward(days.on_or_after(start), working_days - 1)


def add(day: date, working_days: int, calendar: Calendar, *, years: Years = None) -> date:
    """The ``working_days``-th working day after ``day``, which itself does not count; before it where negative.
    Zero is ``day`` itself."""
    return _Days(calendar, years).forward(day, working_days)


def working_days_between(first: date, last: date, calendar: Calendar, *, years: Years = None) -> int:
    """How many working days from ``first`` to ``last``, both counted; 0 where ``last`` is earlier."""
    days = _Days(calendar, years)
    return sum(days.works(first + timedelta(days=offset)) for offset in range((last - first).days + 1))


def may_still_change(day: date, calendar: Calendar, *, years: Years = None) -> bool:
    """Whether the next year's arrangement, not yet held, could turn this late December day into a rest day or back, as
    that of 2019 did with 29 and 31 December 2018. Screens may say so; it is no refusal."""
    late = day.month == 12 and day.day > _LAST_DAY_UNTOUCHED
    return late and day.year + 1 not in (held_years(calendar) if years is None else years)


def from_chinesecalendar(year: int) -> list[tuple[date, str, str]]:
    """``(day, "off" | "work", name)`` for a year, in order, from the chinesecalendar package; refuses a year that it
    does not hold with ``calendar_missing``."""
    from chinese_calendar import constants

    rows = [(day, OFF, _name(name)) for day, name in constants.holidays.items() if day.year == year]
    rows += [(day, WORK, _name(name) + "调休") for day, name in constants.workdays.items() if day.year == year]
    if year not in held_years({day: (kind, name) for day, kind, name in rows}):
        raise _missing(year)
    return sorted(rows)


_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗日战争胜利纪念日",
}


def _name(english: object) -> str:
    text = str(getattr(english, "value", english))
    return _NAMES.get(text, text)


class _Days:
    """One walk over a calendar, its years counted once."""

    def __init__(self, calendar: Calendar, years: Years) -> None:
        self._calendar, self._years = calendar, held_years(calendar) if years is None else years

    def works(self, day: date) -> bool:
        if day.year not in self._years:
            raise _missing(day.year)
        entry = self._calendar.get(day)
        return entry[0] == WORK if entry else day.weekday() < 5

    def on_or_after(self, day: date) -> date:
        while not self.works(day):
            day += _ONE_DAY
        return day

    def forward(self, day: date, working_days: int) -> date:
        step = _ONE_DAY if working_days >= 0 else -_ONE_DAY
        left = abs(working_days)
        while left:
            day += step
            left -= self.works(day)
        return day


def _missing(year: int) -> Refusal:
    return Refusal(
        "calendar_missing",
        "{years} 年的工作日历尚未录入，不能计算期限；请先在“工作日历”中补录",
        rule=RULE,
        years=str(year),
    )


def _require_positive(working_days: int) -> None:
    if working_days < 1:
        raise Refusal("working_days_positive", "期限至少为 1 个工作日，现为 {days} 个", rule=RULE, days=working_days)
