"""工作日 (H32): published notices, the worked examples of 2026, the State Council's table, and a year nobody knows."""

import csv
import json
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foundation import working_days
from foundation.errors import Refusal
from tests.support import SHARED, needs_shared


def calendar_of(*years: int) -> dict[date, tuple[str, str]]:
    return {day: (kind, name) for year in years for day, kind, name in working_days.from_chinesecalendar(year)}


YEAR_2026 = calendar_of(2026)
TWO_YEARS = calendar_of(2025, 2026)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.shared
@needs_shared
def test_2026_is_the_state_councils_table():
    with (SHARED / "data" / "holidays_2026.csv").open(encoding="utf-8-sig", newline="") as file:
        published = [(day(row["date"]), row["kind"], row["name"]) for row in csv.DictReader(file)]
    assert working_days.from_chinesecalendar(2026) == published


@pytest.mark.shared
@needs_shared
def test_the_worked_examples_of_2026():
    examples = json.loads((SHARED / "data" / "worked_examples.json").read_text(encoding="utf-8"))["workdays_2026"]
    assert examples
    for example in examples:
        start, count = day(example["start"]), example["n"]
        assert working_days.last_day(start, count, YEAR_2026) == day(example["last_day_incl_start"])
        assert working_days.add(start, count, YEAR_2026) == day(example["last_day_excl_start"])


@pytest.mark.shared
@needs_shared
def test_published_notice_periods():
    periods = json.loads((SHARED / "data" / "worked_examples.json").read_text(encoding="utf-8"))
    assert periods["published_publicity_periods"]
    for period in periods["published_publicity_periods"]:
        start, end = day(period["start"]), day(period["end"])
        calendar = calendar_of(start.year)
        assert working_days.last_day(start, period["working_days"], calendar) == end
        assert working_days.working_days_between(start, end, calendar) == period["working_days"]


@pytest.mark.parametrize(
    ("start", "end"), [("2026-04-27", "2026-05-06"), ("2026-02-12", "2026-02-25"), ("2026-09-18", "2026-09-23")]
)
def test_acceptance_a4(start, end):
    assert working_days.last_day(day(start), 5, YEAR_2026) == day(end)


@pytest.mark.parametrize("start", ["2027-01-04", "2027-06-01", "2003-06-02"])
def test_acceptance_a5_an_unknown_year_is_refused(start):
    with pytest.raises(Refusal, match=start[:4]) as caught:
        working_days.last_day(day(start), 5, YEAR_2026)
    assert (caught.value.code, caught.value.rule) == ("calendar_missing", "H32")
    with pytest.raises(Refusal):
        working_days.is_working_day(day(start), YEAR_2026)


def test_a_period_that_runs_into_an_unknown_year_is_refused():
    assert working_days.last_day(day("2026-12-25"), 5, YEAR_2026) == day("2026-12-31")
    for refused in (
        lambda: working_days.last_day(day("2026-12-28"), 5, YEAR_2026),
        lambda: working_days.add(day("2026-12-31"), 1, YEAR_2026),
        lambda: working_days.add(day("2026-01-05"), -5, YEAR_2026),
        lambda: working_days.working_days_between(day("2026-12-31"), day("2027-01-01"), YEAR_2026),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code == "calendar_missing"


def test_officers_may_say_which_years_are_held():
    # An officer who vouches for 2027 with the one holiday known so far is believed; nobody vouches for 2028.
    entered = YEAR_2026 | {day("2027-01-01"): ("off", "元旦")}
    assert working_days.last_day(day("2026-12-28"), 5, entered, years={2026, 2027}) == day("2027-01-04")
    with pytest.raises(Refusal, match="2026"):
        working_days.last_day(day("2026-12-28"), 5, entered, years={2027})
    assert not working_days.may_still_change(day("2026-12-31"), entered, years={2026, 2027})


def test_stray_days_of_another_years_notice_are_not_a_calendar():
    strays = YEAR_2026 | {day("2027-01-01"): ("off", "元旦"), day("2027-01-02"): ("off", "元旦")}
    assert working_days.held_years(strays) == {2026}
    with pytest.raises(Refusal):
        working_days.last_day(day("2027-01-04"), 5, strays)


@pytest.mark.parametrize("year", [2027, 2003, 1999, 2100])
def test_the_package_is_not_believed_beyond_what_it_holds(year):
    with pytest.raises(Refusal) as caught:
        working_days.from_chinesecalendar(year)
    assert caught.value.code == "calendar_missing"
    assert caught.value.facts == {"years": str(year)}


def test_single_days_of_2026():
    works = {
        "2026-01-01": False,  # 元旦
        "2026-01-04": True,  # Sunday, worked in lieu
        "2026-04-30": True,
        "2026-05-04": False,  # Monday within 劳动节
        "2026-05-09": True,  # Saturday, worked in lieu
        "2026-05-10": False,  # an ordinary Sunday
        "2026-09-20": True,  # Sunday, worked in lieu
    }
    assert {text: working_days.is_working_day(day(text), YEAR_2026) for text in works} == works


def test_a_period_opened_on_a_rest_day_begins_with_the_next_working_day():
    assert working_days.last_day(day("2026-05-01"), 1, YEAR_2026) == day("2026-05-06")
    assert working_days.last_day(day("2026-05-10"), 5, YEAR_2026) == day("2026-05-15")


def test_an_officers_amendment_counts():
    amended = YEAR_2026 | {day("2026-05-12"): ("off", "示例")}
    assert working_days.last_day(day("2026-05-11"), 5, amended) == day("2026-05-18")
    assert working_days.last_day(day("2026-05-11"), 5, YEAR_2026) == day("2026-05-15")


@pytest.mark.parametrize("count", [0, -1])
def test_a_period_has_at_least_one_day(count):
    with pytest.raises(Refusal) as caught:
        working_days.last_day(day("2026-05-11"), count, YEAR_2026)
    assert caught.value.code == "working_days_positive"


def test_late_december_may_still_change_until_the_next_year_is_held():
    assert working_days.may_still_change(day("2026-12-31"), YEAR_2026)
    assert not working_days.may_still_change(day("2025-12-31"), TWO_YEARS)
    assert not working_days.may_still_change(day("2026-12-24"), YEAR_2026)
    # What the margin rests on: the arrangement of 2019 moved 29 and 31 December 2018.
    assert working_days.is_working_day(day("2018-12-29"), calendar_of(2018))
    assert not working_days.is_working_day(day("2018-12-31"), calendar_of(2018))


in_two_years = st.dates(date(2025, 1, 1), date(2026, 12, 31))


def naive_list(first: date) -> list[date]:
    """Every working day from ``first`` to the end of 2026, by asking the package itself about each day."""
    import chinese_calendar

    span = (date(2026, 12, 31) - first).days
    return [
        one for one in (first + timedelta(days=step) for step in range(span + 1)) if chinese_calendar.is_workday(one)
    ]


@given(in_two_years, st.integers(1, 60))
def test_last_day_and_add_agree_with_a_list_of_working_days(start, count):
    working = naive_list(start)
    assume(len(working) > count + 1)
    assert working_days.last_day(start, count, TWO_YEARS) == working[count - 1]
    after = [one for one in working if one > start]
    assert working_days.add(start, count, TWO_YEARS) == after[count - 1]
    assert working_days.working_days_between(start, working[count - 1], TWO_YEARS) == count


@given(in_two_years, st.integers(1, 40))
def test_going_back_undoes_going_forward(start, count):
    assume(working_days.is_working_day(start, TWO_YEARS))
    assume(len(naive_list(start)) > count + 1)
    assert working_days.add(working_days.add(start, count, TWO_YEARS), -count, TWO_YEARS) == start


@given(in_two_years, in_two_years)
def test_counting_between_is_counting_a_list(first, last):
    expected = sum(1 for one in naive_list(first) if one <= last)
    assert working_days.working_days_between(first, last, TWO_YEARS) == expected
