"""A city's programme, two studios of the example house, their leaders with honours: all plainly synthetic."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest_asyncio

from foundation import clock
from foundation.clock import SHANGHAI
from foundation.database import fetch, fetchrow
from foundation.database.columns import new_id
from registry.achievements.operations import record
from registry.achievements.schemas import Achieved
from registry.tables import Worker
from studios.schemas import Conditions, Item, ProgrammeRules, ScoringTable, Section, SubsidyRule, Terms
from studios.tables.studios import Programme, ProgrammeRuleSet, Studio, StudioMember, StudioNaming

TABLE = ScoringTable(
    title="示例评分表",
    source="T5",
    sections=(Section(code="all", label="全部", items=(Item(code="a", label="成效", points="100"),)),),
)
CITY_RULES = ProgrammeRules(
    title="市级", source="示例", naming_table=TABLE, terms=Terms(rectify_days=60, report_month=12),
    subsidies=(SubsidyRule(kind="named", yuan=50_000, tranches=(60, 40)), SubsidyRule(kind="excellent", yuan=10_000)),
)  # fmt: skip
PROVINCE_RULES = msgspec.structs.replace(
    CITY_RULES, title="省级", conditions=Conditions(leader_level="province", lower_level="city", lower_years=2)
)


def at(day: date) -> Any:
    """Noon of a day in Shanghai."""
    return clock.moved_to(datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI))


class World:
    """What the stories need: programmes, workers, honours, studios."""

    def __init__(self, house: Any) -> None:
        self.house, self.count = house, 0
        self.city_programme = self.province_programme = UUID(int=0)

    async def build(self) -> World:
        city = self.house.organisations["city"]
        for level, programme_rules in (("city", CITY_RULES), ("province", PROVINCE_RULES)):
            made = Programme(code=f"P-{level}", title=f"{level} 示例创新工作室", level=level, organisation=city)
            await made.save()
            await ProgrammeRuleSet(
                programme=made.id, number=1, rules=msgspec.json.encode(programme_rules).decode()
            ).save()
            setattr(self, f"{level}_programme", made.id)
        return self

    async def worker(self, at: str, name: str = "冯示例") -> UUID:
        self.count += 1
        made = Worker(
            organisation=self.house.organisations[at], region="341802", name=name, sex="1", born_on=date(1980, 1, 1),
            job_category="worker", skill_level="2", id_number_sealed=b"x",
            id_number_index=hashlib.sha256(f"{self.count}".encode()).digest(),
        )  # fmt: skip
        await made.save()
        return made.id

    async def honour(self, worker: UUID, level: str = "city", family: str = "craftsman") -> tuple[UUID, UUID]:
        """(achievement, its source)."""
        source = new_id()
        made = await record(
            None,
            Achieved(
                holder_name="示例", kind="honour", title="示例工匠", achieved_on=date(2022, 5, 1), source_kind="roll_entry",
                source=source, worker=worker, level=level, facts={"family": family},
            ),
        )  # fmt: skip
        return made, source

    async def studio(
        self, at: str = "jia", *, named_on: date = date(2025, 3, 3), ends: date | None = date(2028, 3, 3)
    ) -> UUID:
        """A city studio with a leader whose city honour is valid."""
        leader = await self.worker(at, f"领衔{self.count}")
        honour, _source = await self.honour(leader)
        house = self.house.organisations
        made = Studio(
            code=f"S-{self.count}", name=f"领衔{self.count}劳模创新工作室", programme=self.city_programme, level="city",
            organisation=house[at], county=house["xuanzhou" if at == "jia" else "ningguo"], region="341802", leader=leader,
            leader_name=f"领衔{self.count}", leader_honour=honour, named_on=named_on, cycle_ends_on=ends, address="示例路 1 号",
        )  # fmt: skip
        await made.save()
        await StudioNaming(studio=made.id, programme=self.city_programme, level="city", named_on=named_on).save()
        await StudioMember(studio=made.id, worker=leader, name="领衔", role="leader", joined_on=named_on).save()
        return made.id


async def of(studio: UUID) -> Any:
    """The studio's row as it is now."""
    return await fetchrow("SELECT * FROM studio WHERE id = $1", studio)


async def deliver_all() -> None:
    """Tell the listeners what the outbox holds, as the worker would."""
    from foundation.jobs import JobContext
    from foundation.outbox import deliver

    for row in await fetch("SELECT id FROM outbox_event WHERE handled_at IS NULL ORDER BY made_at, id"):
        await deliver(JobContext(new_id(), "outbox", {"event": str(row["id"])}, None))


@pytest_asyncio.fixture
async def world(house):
    return await World(house).build()
