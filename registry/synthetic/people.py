"""Invented workers of a synthetic city, one after another: realistic in their proportions, impossible as persons."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import msgspec

from registry.codes import id_card, regions
from registry.synthetic.organisations import SyntheticOrganisation
from registry.synthetic.words import (
    GIVEN_NAMES,
    SHORT_GIVEN_NAMES,
    SOLAR_TERMS,
    STEM_BRANCHES,
    SURNAME_WEIGHTS,
    SURNAMES,
)

AS_OF = date(2026, 5, 1)  # ages are counted on this day of the demonstration season
YOUNGEST, OLDEST = 18, 60
PHONE_PREFIX = "154"  # assigned to no operator
_ADULT_DAYS = 18 * 366

_Weights = dict[str, int]
_AGE_WEIGHTS = tuple(
    max(2, 26 - 2 * (30 - age)) if age < 30 else 30 if age <= 50 else 30 - 3 * (age - 51) if age < 60 else 2
    for age in range(YOUNGEST, OLDEST + 1)
)
_SHARE_OF_MEN = {"enterprise": 0.58, "institution": 0.38, "organ": 0.6}
_ETHNIC: _Weights = {
    "01": 9915,
    "22": 28,
    "03": 22,
    "15": 8,
    "06": 8,
    "08": 6,
    "11": 5,
    "07": 3,
    "12": 2,
    "02": 2,
    "05": 1,
}
_POLITICAL: dict[str, _Weights] = {
    "enterprise": {"13": 800, "03": 80, "01": 115, "02": 3, "05": 1, "06": 1},
    "institution": {"13": 550, "03": 60, "01": 365, "02": 6, "05": 6, "07": 5, "08": 4, "10": 4},
    "organ": {"13": 200, "03": 30, "01": 740, "02": 10, "05": 8, "06": 6, "12": 6},
}
_EDUCATION: dict[str, _Weights] = {
    "enterprise": {
        "71": 300,
        "61": 200,
        "41": 100,
        "47": 60,
        "44": 40,
        "31": 190,
        "21": 100,
        "14": 8,
        "11": 1,
        "81": 20,
    },
    "institution": {"21": 560, "31": 220, "14": 110, "11": 10, "41": 50, "61": 50},
    "organ": {"21": 650, "31": 180, "14": 130, "11": 5, "61": 35},
}
_CATEGORY: dict[str, _Weights] = {
    "enterprise": {
        "industrial_worker": 680,
        "other_frontline": 220,
        "manager": 70,
        "enterprise_leader": 20,
        "other": 10,
    },
    "institution": {"science_education": 760, "other_frontline": 160, "manager": 60, "other": 20},
    "organ": {"official": 780, "other_frontline": 150, "other": 70},
}
_SKILL: _Weights = {"": 430, "0A": 10, "5": 160, "4": 190, "3": 150, "2": 45, "1": 14, "1T": 1}
_TITLES: dict[str, str] = {
    "industrial_worker": "操作工 装配工 焊接工 检验员 维修工 班组长 仓库管理员",
    "other_frontline": "技术员 工程师 会计 销售员 客户服务员 社区工作者",
    "science_education": "教师 医师 护师 助理研究员 教研组长",
    "enterprise_leader": "董事长 总经理 党委书记",
    "official": "科员 副科长 科长",
    "manager": "部门经理 车间主任 办公室主任",
    "other": "职员",
}
_OCCUPATIONS = ("6-22-02-01", "6-18-01-01", "6-18-02-04", "6-20-01-01", "6-31-01-03", "6-31-01-02", "")


class SyntheticWorker(msgspec.Struct, frozen=True, kw_only=True):
    """One invented worker. Codes are those of ``registry.codes``; ``skill_level`` and ``occupation`` may be empty;
    ``organisation`` is the serial of the grass-roots union the worker belongs to."""

    serial: int
    name: str
    sex: str
    birth: date
    id_number: str
    phone: str
    ethnic_group: str
    political_status: str
    education: str
    job_category: str
    skill_level: str
    occupation: str
    title: str
    migrant_worker: bool
    new_employment: bool
    non_public: bool
    employed_since: date
    organisation: int


def make_workers(
    organisations: Iterable[SyntheticOrganisation], *, seed: int = 1, as_of: date = AS_OF
) -> Iterator[SyntheticWorker]:
    """The members of the organisations, one organisation after another; holds no more than a counter per birth date."""
    rng = random.Random(f"workers {seed}")  # noqa: S311 - reproducible invention, no secret
    numbers = _IdNumbers()
    serial = 0
    for organisation in organisations:
        if not organisation.members:
            continue
        columns = _columns(organisation, rng)
        for ages, sex, group, politics, education, category, skill, name in zip(*columns, strict=True):
            serial += 1
            birth, number = numbers.issue(_birth(ages, as_of, rng), sex)
            frontline = category in ("industrial_worker", "other_frontline")
            industrial = category == "industrial_worker"
            yield SyntheticWorker(
                serial=serial,
                name=name if group != "05" else f"{rng.choice(SOLAR_TERMS)}·{rng.choice(STEM_BRANCHES)}",
                sex=sex,
                birth=birth,
                id_number=number,
                phone=f"{PHONE_PREFIX}{serial:08d}",
                ethnic_group=group,
                political_status="13" if politics == "03" and ages > 28 else politics,
                education=education,
                job_category=category,
                skill_level=skill if frontline else "",
                occupation=rng.choice(_OCCUPATIONS) if industrial and skill else "",
                title=rng.choice(_titles(category)),
                migrant_worker=industrial and rng.random() < (0.34 if organisation.non_public else 0.12),
                new_employment=frontline and rng.random() < (0.3 if "快递" in organisation.name else 0.002),
                non_public=organisation.non_public,
                employed_since=_employed_since(birth, as_of, rng),
                organisation=organisation.serial,
            )


def _columns(organisation: SyntheticOrganisation, rng: random.Random) -> tuple[list, ...]:
    """Attributes of all members at once: choosing by the column is several times faster than by the person."""
    kind, size = organisation.kind, organisation.members
    men = _SHARE_OF_MEN[kind]
    return (
        rng.choices(range(YOUNGEST, OLDEST + 1), _AGE_WEIGHTS, k=size),
        ["1" if rng.random() < men else "2" for _ in range(size)],
        _draw(_ETHNIC, size, rng),
        _draw(_POLITICAL[kind], size, rng),
        _draw(_EDUCATION[kind], size, rng),
        _draw(_CATEGORY[kind], size, rng),
        _draw(_SKILL, size, rng),
        _names(size, rng),
    )


def _draw(weights: _Weights, size: int, rng: random.Random) -> list[str]:
    return rng.choices(list(weights), list(weights.values()), k=size)


_CUMULATIVE_SURNAMES = list(accumulate(SURNAME_WEIGHTS))


def _names(size: int, rng: random.Random) -> list[str]:
    surnames = rng.choices(SURNAMES, cum_weights=_CUMULATIVE_SURNAMES, k=size)
    given = rng.choices(GIVEN_NAMES, k=size)
    short = rng.choices(SHORT_GIVEN_NAMES, k=size)
    return [
        surname + (one if rng.random() < 0.15 else two)
        for surname, two, one in zip(surnames, given, short, strict=True)
    ]


@lru_cache(maxsize=64)
def _titles(category: str) -> list[str]:
    return _TITLES[category].split(" ")


def _birth(age: int, as_of: date, rng: random.Random) -> date:
    """A day that makes somebody exactly ``age`` years old on ``as_of``."""
    day = 28 if (as_of.month, as_of.day) == (2, 29) else as_of.day
    return as_of.replace(year=as_of.year - age, day=day) - timedelta(days=int(rng.random() * 365))


def _employed_since(birth: date, as_of: date, rng: random.Random) -> date:
    grown = birth + timedelta(days=_ADULT_DAYS)
    spare = (as_of - grown).days
    return grown + timedelta(days=int(rng.random() * spare)) if spare > 0 else as_of


class _IdNumbers:
    """Checksum-valid identity numbers under 341899, each once: a counter for each birth date and sex (I1)."""

    def __init__(self) -> None:
        self._next: dict[tuple[date, str], int] = {}

    def issue(self, birth: date, sex: str) -> tuple[date, str]:
        """``(birth, number)``; the day before is taken where all numbers of a day are given out."""
        while True:
            sequence = self._next.get((birth, sex), 1 if sex == "1" else 2)
            if sequence <= 999:
                self._next[birth, sex] = sequence + 2
                digits, weighted = _date_part(birth)
                check = id_card.CHECK_CHARACTERS[(weighted + _SEQUENCE_SUMS[sequence]) % 11]
                return birth, f"{digits}{sequence:03d}{check}"
            birth -= timedelta(days=1)


def _weighted(digits: str, start: int) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, id_card.WEIGHTS[start:], strict=False))


_SEQUENCE_SUMS = tuple(_weighted(f"{sequence:03d}", 14) for sequence in range(1000))


@lru_cache(maxsize=32_768)
def _date_part(birth: date) -> tuple[str, int]:
    digits = f"{regions.SYNTHETIC}{birth:%Y%m%d}"
    return digits, _weighted(digits, 0)
