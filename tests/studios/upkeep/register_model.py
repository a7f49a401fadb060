"""A naive register of studios, written from the rules T2, T4, T8 and T9 alone: plain Python, no database, nothing of the wing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

ON_THE_REGISTER = ("active", "rectifying", "rereview", "lapsed")
CYCLE_YEARS = 3


def later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


@dataclass
class Person:
    """Somebody who leads or may lead: the levels of valid honours, and whether still at the unit."""

    honours: list[str] = field(default_factory=list)
    gone: bool = False

    def may_lead(self, level: str) -> bool:
        wanted = ("city", "province") if level == "city" else ("province",)
        return any(honour in wanted for honour in self.honours)


@dataclass
class Entry:
    """One studio as the register has it."""

    leader: Any
    named_on: date
    ends_on: date
    stage: str = "active"
    level: str = "city"
    grades: dict[int, str] = field(default_factory=dict)
    mended: set[int] = field(default_factory=set)
    open_points: int | None = None
    """The year whose assessment ordered the rectification that is open."""
    term_from: int = 0
    last: tuple[int, str] = (0, "")

    @property
    def listed(self) -> bool:
        return self.stage in ON_THE_REGISTER

    def leave(self, stage: str) -> bool:
        if not self.listed or (stage == "merged" and self.stage not in ("active", "lapsed")):
            return False
        self.stage, self.open_points = stage, None
        return True

    def assess(self, year: int, total: int, today: date) -> bool:
        """T8: once a year, from the naming's year to this one; 90, 70 and 60 are the lines."""
        if not self.listed or not self.named_on.year <= year <= today.year or year in self.grades:
            return False
        grade = "excellent" if total >= 90 else "qualified" if total >= 70 else "rectify" if total >= 60 else "failed"
        if grade == "rectify" and self.stage not in ("active", "lapsed"):
            return False  # what is under rectification or re-review has first to end that
        self.grades[year] = grade
        if year >= self.last[0]:
            self.last = (year, grade)
        if grade == "failed":
            self.leave("withdrawn")
        elif grade == "rectify":
            self.stage, self.open_points = "rectifying", year
        return True

    def revisit(self, mended: bool) -> bool:
        if self.stage != "rectifying":
            return False
        if mended:
            assert self.open_points is not None
            self.mended.add(self.open_points)
            self.stage, self.open_points = "active", None
        else:
            self.leave("withdrawn")
        return True

    def renew(self, today: date) -> bool:
        """T4: at most a year ahead, after an assessment in the term, not while its last grade is one to mend."""
        in_term = [
            "qualified" if grade == "rectify" and year in self.mended else grade
            for year, grade in sorted(self.grades.items())
            if year >= self.term_from
        ]
        if self.stage not in ("active", "lapsed") or not in_term or in_term[-1] in ("rectify", "failed"):
            return False
        if self.ends_on > later(today, 1):
            return False
        start = max(self.ends_on, today)
        self.ends_on, self.term_from, self.stage = later(start, CYCLE_YEARS), start.year, "active"
        return True

    def lapse(self, today: date) -> None:
        if self.stage == "active" and self.ends_on < today:
            self.stage = "lapsed"

    def look_again(self) -> bool:
        if self.listed:
            self.stage = "rereview"
        return self.listed

    def cleared(self) -> None:
        """A re-review ends; a rectification that it interrupted goes on."""
        self.stage = "active" if self.open_points is None else "rectifying"

    def keep(self, person: Person) -> bool:
        if self.stage != "rereview" or person.gone or not person.may_lead(self.level):
            return False
        self.cleared()
        return True

    def hand_to(self, person: Any, facts: Person, *, leads_another: bool) -> bool:
        """T2, T8: to somebody at the unit who holds a valid honour of the level and leads nothing else."""
        if not self.listed or facts.gone or person == self.leader or not facts.may_lead(self.level) or leads_another:
            return False
        self.leader = person
        if self.stage == "rereview":
            self.cleared()
        return True

    def rise(self, person: Person, today: date) -> bool:
        """T9: from the city's register after two whole years, with a leader who holds an honour of the province."""
        if self.stage != "active" or self.level != "city" or later(self.named_on, 2) > today:
            return False
        if not person.may_lead("province"):
            return False
        self.level, self.ends_on = "province", max(later(today, CYCLE_YEARS), self.ends_on)
        return True
