"""The strip and the sheet of days against a naive count, over calendars of every kind."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.working_days import last_day
from publications.notices import strip

START = date(2026, 3, 1)
SPECIAL = st.dictionaries(
    st.integers(0, 120).map(lambda n: START + timedelta(days=n)),
    st.sampled_from([("off", "示例节"), ("work", "示例节调休")]), max_size=40,
)  # fmt: skip
YEARS = {2026}


def works(day: date, calendar) -> bool:
    """The naive rule: what is named counts as named, else Monday to Friday."""
    return calendar[day][0] == "work" if day in calendar else day.isoweekday() <= 5


@given(SPECIAL, st.integers(0, 60), st.integers(5, 12), st.integers(-3, 80))
@settings(max_examples=200, deadline=None)
def test_strip_sheet_and_standing_agree_with_counting_by_hand(calendar, offset, days, seen):
    first = START + timedelta(days=offset)
    last = last_day(first, days, calendar, years=YEARS)
    today = first + timedelta(days=seen)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    by_hand = [day for day in span if works(day, calendar)]
    assert len(by_hand) == days
    assert by_hand[-1] == last

    drawn = strip.days_of(first, last, today, calendar, YEARS)
    covered = [day.day + timedelta(days=n) for day in drawn for n in range(((day.until or day.day) - day.day).days + 1)]
    assert covered == span, "every day once, in order, none left out"
    assert [day.day for day in drawn if day.count] == by_hand
    assert [day.count for day in drawn if day.count] == list(range(1, days + 1))
    assert all(not works(day.day, calendar) for day in drawn if day.until)

    weeks = strip.weeks_of(first, last, today, calendar, YEARS)
    flat = [day for week in weeks for day in week]
    assert all(week[0].day.isoweekday() == 7 and len(week) == 7 for week in weeks)
    assert flat[0].day <= first <= flat[6].day
    assert flat[-7].day <= last <= flat[-1].day
    assert [day.day for day in flat if day.count] == by_hand
    within = {day for day in span if day == today}
    assert {day.day for day in flat if day.kind == "today"} == within

    at = strip.standing(first, last, today, calendar, YEARS)
    assert (at.total, at.nth, at.left) == (days, sum(d <= today for d in by_hand), sum(d > today for d in by_hand))


def test_the_mock_ups_days():
    """27 April to 6 May 2026 seen on the 28th: 第 2 个工作日，尚余 3 个; the 1st to 5th as one."""
    calendar = {date(2026, 5, n): ("off", "劳动节") for n in range(1, 6)} | {date(2026, 5, 9): ("work", "劳动节调休")}
    first, last, today = date(2026, 4, 27), date(2026, 5, 6), date(2026, 4, 28)
    drawn = strip.days_of(first, last, today, calendar, YEARS)
    assert [(d.day.day, d.kind) for d in drawn] == [
        (27, "past"),
        (28, "today"),
        (29, ""),
        (30, ""),
        (1, "rest"),
        (6, "last"),
    ]
    assert drawn[4].until == date(2026, 5, 5)
    assert strip.standing(first, last, today, calendar, YEARS) == strip.Standing(total=5, nth=2, left=3)
    weeks = strip.weeks_of(first, last, today, calendar, YEARS)
    assert [[d.day.day for d in week] for week in weeks] == [[26, 27, 28, 29, 30, 1, 2], [3, 4, 5, 6, 7, 8, 9]]
    assert weeks[1][6].worked
    assert weeks[1][6].kind == ""
    assert weeks[0][0].kind == "rest"
