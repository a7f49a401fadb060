"""法定退休年龄: from which day somebody is of statutory retirement age (C10).

The table is the national decision on raising the retirement age step by step, in force since 1 January 2025: every
``step`` months of later birth raise the age by one month, up to ``most`` months. Change the table when the law changes.
"""

from __future__ import annotations

from datetime import date

import msgspec

RULE = "C10"


class RetirementAge(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: ``base`` years for those born before ``first_birth`` (year, month), then rising."""

    sex: str
    post: str
    base: int
    first_birth: tuple[int, int]
    step: int
    most: int


MEN = RetirementAge(sex="1", post="", base=60, first_birth=(1965, 1), step=4, most=36)
WOMEN_MANAGERS = RetirementAge(sex="2", post="manager", base=55, first_birth=(1970, 1), step=4, most=36)
"""Women in management and technical posts (女干部): 55, rising to 58."""
WOMEN_WORKERS = RetirementAge(sex="2", post="worker", base=50, first_birth=(1975, 1), step=2, most=60)
"""Women in workers' posts (女工人): 50, rising to 55."""
TABLE = (MEN, WOMEN_MANAGERS, WOMEN_WORKERS)


def months_of(line: RetirementAge, born_on: date) -> int:
    """The statutory age in months for somebody born on that day."""
    year, month = line.first_birth
    later = (born_on.year - year) * 12 + born_on.month - month
    raised = 0 if later < 0 else min(line.most, later // line.step + 1)
    return line.base * 12 + raised


def reached_on(line: RetirementAge, born_on: date) -> date:
    """The day on which the statutory age is reached; of a month too short, its last day."""
    total = born_on.year * 12 + born_on.month - 1 + months_of(line, born_on)
    year, month = divmod(total, 12)
    for day in range(born_on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(born_on.day, 28))


def latest(sex: str, born_on: date) -> date:
    """The day from which nobody of that sex and birth is below the statutory age, whatever the post."""
    line = WOMEN_MANAGERS if sex == "2" else MEN
    return reached_on(line, born_on)


def earliest(sex: str, born_on: date) -> date:
    """The first day on which somebody of that sex and birth may have reached it, the post being unknown."""
    if sex == "1":
        return reached_on(MEN, born_on)
    return reached_on(WOMEN_WORKERS, born_on)
