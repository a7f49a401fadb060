"""Honours of past years, brought in as an officer would: from a sheet, checked, written, published. All names are synthetic."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

from commands.season.accounts import actor_of
from commands.season.clock_of_season import at, on
from foundation.database import fetch, fetchval
from foundation.sheets.declaration import Row
from honours.catalogue.operations import ship_catalogue
from honours.rolls import importing
from registry.codes import regions

FIRST, LAST = 2016, 2024
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = ("立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑", "立秋", "处暑", "白露",
         "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至", "小寒", "大寒")  # fmt: skip
"""The twenty-four solar terms: plainly nobody's names."""
POSTS = (
    "焊工班班长",
    "数控车间技师",
    "电工高级技师",
    "质检员",
    "装配组组长",
    "工艺工程师",
    "设备维修技师",
    "化验员",
    "养护班班长",
)
TEAMS = ("总装一班", "焊接班", "设备维修班", "质量检验组", "电力抢修班", "模具车间", "热处理班", "化验室", "客户服务组")
SHARE = {"city-may1-certificate": 2, "city-may1-medal": 16, "city-pioneer": 8}
"""How many of each a year confers; every fifth year model workers besides."""
MODEL_WORKERS, MODEL_YEARS = 9, (2020,)


async def load(luck: random.Random) -> None:
    """The catalogue, nine years of city honours, a few of the province; published as rolls."""
    async with at(on(1, 6)):
        officer = await actor_of("shizong")
        await ship_catalogue(officer)
        rows = await _rows(luck)
        await importing.check_rows(officer, None, rows)
        faulty = [(row.number, fault.text) for row in rows for fault in row.faults]
        assert not faulty, faulty[:5]
        await importing.write_rows(officer, None, rows)
        batch: UUID = await fetchval("SELECT id FROM ledger_import ORDER BY made_at DESC LIMIT 1")
        await importing.publish(officer, batch)


async def _rows(luck: random.Random) -> list[Row]:
    units = await fetch(
        "SELECT o.id, o.unit_name, o.region FROM organisation o WHERE o.kind = 'grassroots' AND o.unit_name <> '' ORDER BY o.name"
    )
    workers = await fetch(
        "SELECT w.name, w.post, o.unit_name, o.region FROM worker w JOIN organisation o ON o.id = w.organisation"
        " WHERE w.job_category <> 'official' AND w.employed_on < '2012-01-01' ORDER BY o.name, w.sort_key, w.born_on"
    )
    names: dict[str, int] = {}
    for one in workers:
        names[one["name"] + one["unit_name"]] = names.get(one["name"] + one["unit_name"], 0) + 1
    known = [one for one in workers if names[one["name"] + one["unit_name"]] == 1]
    luck.shuffle(known)
    elsewhere = [s + g for s in SURNAMES for g in GIVEN]
    luck.shuffle(elsewhere)
    lines: list[dict[str, str]] = []
    certified, teamed = list(units), [(unit, team) for unit in units for team in TEAMS]
    luck.shuffle(certified)
    luck.shuffle(teamed)
    titles = {row["code"]: row["title"] for row in await fetch("SELECT code, title FROM honour")}
    for year in range(FIRST, LAST + 1):
        day = date(year, 4, 24 + year % 5)
        common = {"decided_on": day.isoformat(), "document_number": f"宣工〔{year}〕{8 + year % 7}号"}
        for _n in range(SHARE["city-may1-certificate"]):
            unit = certified.pop()
            lines.append({**common, "honour": titles["city-may1-certificate"], "name": unit["unit_name"], **_at(unit)})
        for n in range(SHARE["city-may1-medal"]):
            lines.append({**common, "honour": titles["city-may1-medal"], **_person(known, elsewhere, units, luck, n)})
        for _n in range(SHARE["city-pioneer"]):
            unit, team = teamed.pop()
            whole = {"name": unit["unit_name"] + team, "unit_name": unit["unit_name"], **_at(unit)}
            lines.append({**common, "honour": titles["city-pioneer"], **whole})
        if year in MODEL_YEARS:
            decided = {"decided_on": date(year, 4, 29).isoformat(), "document_number": f"宣发〔{year}〕6号"}
            for n in range(MODEL_WORKERS):
                lines.append(
                    {**decided, "honour": titles["city-model-worker"], **_person(known, elsewhere, units, luck, n)}
                )
    return [Row(number, cells) for number, cells in enumerate(lines, 2)]


def _at(unit) -> dict[str, str]:
    return {"county": regions.REGIONS[unit["region"]].zh} if unit["region"] in regions.COUNTIES else {}


def _person(known: list, elsewhere: list[str], units: list, luck: random.Random, n: int) -> dict[str, str]:
    """Two of three are still in the registry, the third has left the city's units."""
    if n % 3 and known:
        one = known.pop()
        return {
            "name": one["name"],
            "unit_name": one["unit_name"],
            "post": one["post"] or luck.choice(POSTS),
            **_at(one),
        }
    unit = luck.choice(units)
    return {"name": elsewhere.pop(), "unit_name": unit["unit_name"], "post": luck.choice(POSTS), **_at(unit)}
