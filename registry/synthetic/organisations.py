"""A tree of invented union organisations: 市总工会 → 县市区总工会 and 产业工会 → 乡镇街道、开发区 → 基层工会 (I6)."""

from __future__ import annotations

import random
from itertools import accumulate

import msgspec

from registry.codes import credit_code, regions
from registry.codes.unit_types import NON_PUBLIC
from registry.synthetic.words import ORGANISATION_WORDS

CITY_ORGANISATIONS = 6_226
CITY_WORKERS = 340_203
LEAST_ORGANISATIONS = 40

_INDUSTRY_UNIONS = ("教育", "卫生健康", "交通运输", "住房和城乡建设", "机械冶金", "财贸金融", "农林水利", "邮政快递")
_TOWN_KINDS = ("街道", "镇", "镇", "乡", "镇", "街道", "镇", "镇", "乡", "镇", "开发区", "镇")
_SIZE_SPREAD = 1.25  # sigma of the log-normal sizes: half the unions under about 25 members, a few over a thousand

# Shares by county are invented, in the order of regions.COUNTIES.
_COUNTY_WEIGHTS = (31, 13, 11, 7, 5, 17, 16)
_ENTERPRISE_TYPES = {"110": 5, "120": 2, "130": 1, "150": 22, "160": 4, "170": 60, "200": 2, "300": 4}
_TRADES: dict[str, dict[str, tuple[int, str]]] = {
    "enterprise": {
        "C": (
            45,
            "精密机械有限公司 汽车零部件有限公司 新材料有限公司 电子科技有限公司 食品有限公司 纺织有限公司 文房用品有限公司",
        ),
        "E": (10, "建筑工程有限公司 装饰工程有限公司"),
        "F": (11, "商贸有限公司 超市有限公司"),
        "G": (8, "物流有限公司 快递服务有限公司 运输有限公司"),
        "H": (5, "酒店有限公司 餐饮有限公司"),
        "I": (4, "软件有限公司 信息技术有限公司"),
        "J": (1, "农村商业银行"),
        "K": (3, "物业服务有限公司"),
        "L": (4, "人力资源有限公司 商务服务有限公司"),
        "O": (3, "家政服务有限公司 汽车维修有限公司"),
        "D": (2, "供水有限公司 电力服务有限公司"),
        "A": (2, "茶业有限公司 林业有限公司"),
        "B": (1, "矿业有限公司"),
    },
    "institution": {
        "P": (55, "小学 中学 幼儿园 职业学校"),
        "Q": (30, "医院 卫生院"),
        "N": (8, "水利工程管理站 园林管理所"),
        "M": (4, "农业技术推广站"),
        "R": (3, "文化馆"),
    },
    "organ": {"S": (1, "局 办公室 服务中心")},
}
_KIND_WEIGHTS = {"enterprise": 82, "institution": 11, "organ": 7}
_EMPLOYER_PREFIX = {"enterprise": "91", "institution": "12", "organ": "11"}
_UNION_OF_INDUSTRY = {"P": "教育", "Q": "卫生健康", "G": "交通运输", "J": "财贸金融"}


class SyntheticOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """One union organisation. ``serial`` counts from 1; ``parent`` is the serial above it, ``None`` for the city.

    ``level`` is ``city``, ``county``, ``industry``, ``town`` or ``grassroots``; ``kind`` (``enterprise``,
    ``institution``, ``organ``), the employer, its type, industry and members belong to the grass roots only.
    ``region`` is the county's code, or the city's.
    """

    serial: int
    parent: int | None
    level: str
    name: str
    region: str
    union_code: str
    kind: str = ""
    employer_name: str = ""
    employer_code: str = ""
    unit_type: str = ""
    industry: str = ""
    members: int = 0

    @property
    def non_public(self) -> bool:
        return self.unit_type in NON_PUBLIC


def make_organisations(
    count: int = CITY_ORGANISATIONS, workers: int = CITY_WORKERS, *, seed: int = 1
) -> list[SyntheticOrganisation]:
    """``count`` organisations (at least 40), parents before children, whose members add up to ``workers``."""
    if count < LEAST_ORGANISATIONS:
        raise ValueError(f"a city needs at least {LEAST_ORGANISATIONS} organisations, not {count}")
    rng = random.Random(f"organisations {seed}")  # noqa: S311 - reproducible invention, no secret
    upper = _upper_levels(count)
    sizes = _sizes(count - len(upper), workers, rng)
    return upper + _grassroots(upper, sizes, rng)


def _upper_levels(count: int) -> list[SyntheticOrganisation]:
    found: list[SyntheticOrganisation] = []

    def place(level: str, name: str, region: str, parent: int | None) -> int:
        serial = len(found) + 1
        found.append(
            SyntheticOrganisation(
                serial=serial, parent=parent, level=level, name=name, region=region, union_code=_code("81", serial)
            )
        )
        return serial

    city = place("city", "宣城市总工会（示例）", regions.CITY, None)
    counties = {
        code: place("county", f"{regions.REGIONS[code].zh}总工会（示例）", code, city) for code in regions.COUNTIES
    }
    for trade in _INDUSTRY_UNIONS:
        place("industry", f"宣城市{trade}工会（示例）", regions.CITY, city)
    towns = max(1, min(len(_TOWN_KINDS), (count - len(found)) // 50))
    for row, code in enumerate(regions.COUNTIES):
        for index in range(towns):
            word = ORGANISATION_WORDS[(row * len(_TOWN_KINDS) + index) % 84]
            place("town", f"{regions.REGIONS[code].zh}示例{word}{_TOWN_KINDS[index]}总工会", code, counties[code])
    return found


def _sizes(count: int, workers: int, rng: random.Random) -> list[int]:
    """Log-normal sizes that add up to ``workers``: each at least 3 where there are enough people to go round."""
    least = min(3, workers // count)
    weights = [rng.lognormvariate(0, _SIZE_SPREAD) for _ in range(count)]
    spare, total = workers - least * count, sum(weights)
    # Shares of the running sum, rounded at each step, add up exactly.
    marks = [round(spare * mark / total) for mark in accumulate(weights)]
    marks[-1] = spare
    return [least + mark - before for mark, before in zip(marks, [0, *marks], strict=False)]


def _grassroots(
    upper: list[SyntheticOrganisation], sizes: list[int], rng: random.Random
) -> list[SyntheticOrganisation]:
    towns: dict[str, list[int]] = {code: [] for code in regions.COUNTIES}
    for organisation in upper:
        if organisation.level == "town":
            towns[organisation.region].append(organisation.serial)
    counties = {organisation.region: organisation.serial for organisation in upper if organisation.level == "county"}
    trades = {organisation.name: organisation.serial for organisation in upper if organisation.level == "industry"}
    taken: set[str] = set()
    found = []
    for serial, members in enumerate(sizes, len(upper) + 1):
        region = rng.choices(regions.COUNTIES, _COUNTY_WEIGHTS)[0]
        kind = rng.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()))[0]
        industry, employer = _employer(kind, region, taken, rng)
        trade = trades.get(f"宣城市{_UNION_OF_INDUSTRY.get(industry, '')}工会（示例）")
        if kind == "organ":
            parent = counties[region]
        elif trade is not None and rng.random() < 0.25:
            parent = trade
        else:
            parent = rng.choice(towns[region])
        found.append(
            SyntheticOrganisation(
                serial=serial,
                parent=parent,
                level="grassroots",
                name=employer + ("工会委员会" if members >= 25 else "工会"),
                region=region,
                union_code=_code(credit_code.UNION, serial),
                kind=kind,
                employer_name=employer,
                employer_code=_code(_EMPLOYER_PREFIX[kind], serial),
                unit_type=_unit_type(kind, rng),
                industry=industry,
                members=members,
            )
        )
    return found


def _employer(kind: str, region: str, taken: set[str], rng: random.Random) -> tuple[str, str]:
    """``(industry, name)`` of an employer whose name nobody else has."""
    trades = _TRADES[kind]
    industry = rng.choices(list(trades), [weight for weight, _ in trades.values()])[0]
    place = regions.REGIONS[region].zh
    tries = 0
    while True:
        ending = rng.choice(trades[industry][1].split(" "))
        number = "" if tries < 50 else f"第{tries}"
        name = f"{place}示例{rng.choice(ORGANISATION_WORDS)}{number}{ending}"
        if name not in taken:
            taken.add(name)
            return industry, name
        tries += 1


def _unit_type(kind: str, rng: random.Random) -> str:
    if kind == "institution":
        return "400"
    if kind == "organ":
        return "500"
    return rng.choices(list(_ENTERPRISE_TYPES), list(_ENTERPRISE_TYPES.values()))[0]


def _code(kind: str, serial: int) -> str:
    return credit_code.build(kind, regions.SYNTHETIC, f"XN{serial:06d}")
