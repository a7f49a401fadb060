"""The rules of registration by table, against the notice's own examples and naive counting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions.entries import retirement, rules
from competitions.entries.rules import Candidate, Elsewhere, EntryStage, Occasion
from foundation.clock import SHANGHAI
from foundation.moves import actions, target

HELD = date(2026, 5, 9)
EVENT = Occasion(
    stage="registration", kind="team", team_min=2, team_max=3, entries_per_unit=2, min_age=16, held_on=HELD,
    opens=datetime(2026, 4, 1, tzinfo=SHANGHAI), closes=datetime(2026, 4, 17, 17, 30, tzinfo=SHANGHAI),
)  # fmt: skip


def person(**fields) -> Candidate:
    values = {
        "worker": uuid4(), "name": "王立春", "role": "competitor", "sex": "1", "born_on": date(1990, 6, 1),
        "local_since": date(2015, 7, 1), **fields,
    }  # fmt: skip
    return Candidate(**values)


def said(
    *people: Candidate, unit_entries: int = 0, occasion: Occasion = EVENT, name: str = ""
) -> list[tuple[str, str, int | None]]:
    found = rules.check(occasion, people, unit_entries=[f"{n}队" for n in range(unit_entries)], name=name)
    return [(one.severity, one.refusal.code, one.member) for one in found]


# The published table of the decision of 13 September 2024: birth month → age reached.
MEN = [((1964, 12), 60, 0), ((1965, 1), 60, 1), ((1965, 4), 60, 1), ((1965, 5), 60, 2), ((1969, 4), 61, 1),
       ((1976, 8), 62, 11), ((1976, 9), 63, 0), ((1990, 1), 63, 0)]  # fmt: skip
MANAGERS = [((1969, 12), 55, 0), ((1970, 1), 55, 1), ((1970, 5), 55, 2), ((1981, 8), 57, 11), ((1981, 9), 58, 0)]
WORKERS = [((1974, 12), 50, 0), ((1975, 1), 50, 1), ((1975, 2), 50, 1), ((1975, 3), 50, 2), ((1984, 10), 54, 11),
           ((1984, 11), 55, 0), ((2000, 1), 55, 0)]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "born", "years", "months"),
    [(line, *row) for line, rows in
     ((retirement.MEN, MEN), (retirement.WOMEN_MANAGERS, MANAGERS), (retirement.WOMEN_WORKERS, WORKERS)) for row in rows],
)  # fmt: skip
def test_the_statutory_age_is_the_published_one(line, born, years, months):
    assert divmod(retirement.months_of(line, date(*born, 15)), 12) == (years, months)


def test_the_day_of_a_month_too_short_is_its_last():
    assert retirement.reached_on(retirement.MEN, date(1965, 1, 31)) == date(2025, 2, 28)  # 60 years 1 month
    assert retirement.reached_on(retirement.MEN, date(1964, 2, 29)) == date(2024, 2, 29)


@given(st.dates(date(1950, 1, 1), date(2005, 12, 31)), st.sampled_from(retirement.TABLE))
def test_who_is_born_a_month_later_never_retires_earlier(born, line):
    later = born + timedelta(days=31)
    assert retirement.reached_on(line, later) >= retirement.reached_on(line, born)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"born_on": date(2010, 5, 9)}, []),  # sixteen on the very day
        ({"born_on": date(2010, 5, 10)}, ["too_young"]),
        ({"born_on": date(1964, 5, 9)}, ["retired"]),  # sixty long before the age began to rise
        ({"born_on": date(1965, 1, 9)}, ["retired"]),  # 60 years 1 month: 9 February 2025
        ({"born_on": date(1965, 8, 10)}, ["retired"]),  # 60 years 2 months: 10 October 2025
        ({"born_on": date(1966, 1, 10)}, []),  # 60 years 4 months: 10 May 2026, the day after
        ({"born_on": date(1966, 1, 9)}, ["retired"]),  # 9 May 2026, the day itself
        ({"ours": False}, ["member_left"]),
        ({"titles": ((2023, "全国技术能手"),)}, ["holds_title"]),
        ({"elsewhere": (Elsewhere(event="电工", entry="一队", ours=True),)}, ["entered_elsewhere"]),
        ({"elsewhere": (Elsewhere(event="电工", entry="一队", ours=False),)}, ["entered_by_another"]),
        ({"role": "coach", "titles": ((2023, "全国技术能手"),), "born_on": date(1950, 1, 1)}, []),
        ({"role": "leader", "elsewhere": (Elsewhere(event="电工", entry="一队", ours=True),)}, []),
        ({"role": "coach", "ours": False}, ["member_left"]),
    ],
)
def test_what_refuses_a_member(fields, expected):
    found = said(person(**fields), person(), person())
    assert [code for severity, code, member in found if severity == "bad" and member == 0] == expected
    assert not [one for one in found if one[2] in (1, 2)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"local_since": date(2025, 5, 9)}, []),  # twelve months on the day
        ({"local_since": date(2025, 5, 10)}, ["residence_short"]),
        ({"local_since": None}, ["residence_unknown"]),
        ({"sex": "2", "born_on": date(1974, 1, 1)}, ["maybe_retired"]),  # past 50, not 55 and more
        ({"sex": "2", "born_on": date(1974, 1, 1), "manager": True}, []),
        ({"drafted": (Elsewhere(event="电工", entry="一队", ours=True),)}, ["drafted_elsewhere"]),
        ({"role": "coach", "local_since": None}, []),
    ],
)
def test_what_only_warns(fields, expected):
    found = said(person(**fields), person(), person())
    assert [code for severity, code, member in found if severity == "warn" and member == 0] == expected
    assert not [one for one in found if one[0] == "bad" and one[2] == 0]


@given(st.integers(0, 8), st.integers(1, 5), st.integers(0, 3), st.integers(0, 4), st.integers(1, 3))
def test_team_size_and_the_units_number_by_counting(count, least, more, taken, allowed):
    occasion = Occasion(
        stage="registration", kind="team", team_min=least, team_max=least + more, entries_per_unit=allowed,
        min_age=16, held_on=HELD, opens=None, closes=None,
    )  # fmt: skip
    bad = {code for severity, code, _ in said(*[person() for _ in range(count)], unit_entries=taken, occasion=occasion)}
    assert ("team_too_small" in bad) == (count < least)
    assert ("team_too_large" in bad) == (count > least + more)
    assert ("unit_limit" in bad) == (taken >= allowed)


def test_a_unit_calls_no_two_teams_alike():
    people = person(), person()
    assert said(*people, unit_entries=1, name="0队") == [("bad", "team_name_taken", None)]
    assert said(*people, unit_entries=1, name="一队") == []


def test_the_same_person_twice_in_a_role():
    one = UUID(int=1)
    assert ("bad", "member_twice", None) in said(person(worker=one), person(worker=one))
    assert said(person(worker=one), person(), person(worker=one, role="leader")) == []


@given(st.dates(date(1950, 1, 1), date(2010, 12, 31)), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_age_by_walking_birthdays(born, day):
    age = 0
    while (born.year + age + 1, born.month, born.day) <= (day.year, day.month, day.day):
        age += 1
    assert rules.full_years(born, day) == age


@pytest.mark.parametrize(
    ("age", "band"), [(18, "-24"), (24, "-24"), (25, "25-34"), (34, "25-34"), (35, "35-44"), (54, "45-54"), (55, "55-")]
)
def test_age_bands(age, band):
    assert rules.age_band(date(2026 - age, 5, 9), HELD) == band


@pytest.mark.parametrize(
    ("taken", "code"),
    [([], "A01"), (["A01", "A02"], "A03"), (["A09"], "A10"), (["A99"], "A100"), (["B07", "X", "A1x"], "A01")],
)
def test_the_next_number(taken, code):
    assert rules.next_code(taken) == code


def test_every_move_and_no_other():
    allowed = {stage: set(actions(rules.MOVES, stage)) for stage in EntryStage}
    assert allowed == {
        EntryStage.DRAFT: {"submit"},
        EntryStage.SUBMITTED: {"accept", "return", "reject", "withdraw", "strike"},
        EntryStage.RETURNED: {"submit", "withdraw", "strike"},
        EntryStage.ACCEPTED: {"withdraw"},
        EntryStage.REJECTED: set(),
        EntryStage.WITHDRAWN: set(),
    }
    assert target(rules.MOVES, EntryStage.SUBMITTED, "return") is EntryStage.RETURNED
