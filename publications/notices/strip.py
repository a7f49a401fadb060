"""The days of a notice for the eye: a strip of its days and a sheet of its weeks. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from foundation.working_days import Calendar, Years, is_working_day

ONE_DAY = timedelta(days=1)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day: ``count`` is its number among the period's working days (0: none); ``kind`` is ``rest``, ``past``,
    ``today``, ``last`` or "" (a day to come, or one outside the period)."""

    day: date
    count: int = 0
    kind: str = ""
    name: str = ""
    """The holiday's name, or of the holiday it is worked for."""
    worked: bool = False
    """A weekend day that is worked."""
    until: date | None = None
    """The strip draws several rest days as one, up to this one."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a period stands today: working days in all, of which ``nth`` is today's (0 before or on a rest day before
    the first), ``left`` the working days after today."""

    total: int
    nth: int
    left: int


def count_days(first: date, last: date, calendar: Calendar, years: Years) -> list[tuple[date, int]]:
    """Every day from ``first`` to ``last`` with its count among the working days, 0 for rest days."""
    counted, n, day = [], 0, first
    while day <= last:
        works = is_working_day(day, calendar, years=years)
        n += works
        counted.append((day, n if works else 0))
        day += ONE_DAY
    return counted


def standing(first: date, last: date, today: date, calendar: Calendar, years: Years) -> Standing:
    """How many working days are over, with today counted, and how many remain after today."""
    counted = [(day, n) for day, n in count_days(first, last, calendar, years) if n]
    nth = sum(day <= today for day, _n in counted)
    return Standing(total=len(counted), nth=nth, left=len(counted) - nth)


def days_of(first: date, last: date, today: date | None, calendar: Calendar, years: Years) -> list[Day]:
    """The strip: each working day alone, rest days that lie together as one."""
    strip: list[Day] = []
    for day, count in count_days(first, last, calendar, years):
        if not count and strip and strip[-1].kind == "rest":
            strip[-1] = msgspec.structs.replace(strip[-1], until=day)
            continue
        strip.append(_day(day, count, first, last, today, calendar))
    return strip


def weeks_of(first: date, last: date, today: date | None, calendar: Calendar, years: Years) -> list[list[Day]]:
    """The sheet: whole weeks from the Sunday before to the Saturday after the period. Days outside it have no count."""
    counts = dict(count_days(first, last, calendar, years))
    day = first - timedelta(days=(first.weekday() + 1) % 7)
    weeks: list[list[Day]] = []
    while day <= last:
        weeks.append([_day(day + n * ONE_DAY, counts.get(day + n * ONE_DAY, -1), first, last, today, calendar) for n in range(7)])  # fmt: skip
        day += 7 * ONE_DAY
    return weeks


def _day(day: date, count: int, first: date, last: date, today: date | None, calendar: Calendar) -> Day:
    kind, name = calendar.get(day, ("", ""))
    rests = count == 0 or (count < 0 and (kind == "off" or (kind != "work" and day.weekday() >= 5)))
    within = first <= day <= last
    if within and day == today:
        state = "today"
    elif rests:
        state = "rest"
    elif day == last:
        state = "last"
    else:
        state = "past" if within and today is not None and day < today else ""
    return Day(day=day, count=max(count, 0), kind=state, name=name, worked=kind == "work" and day.weekday() >= 5)
