"""Three studios of two counties, one of them off the register; written as rows, so that no other feature's rules are in the way."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest_asyncio

from foundation.clock import moved_to
from foundation.database import fetch
from foundation.database.columns import new_id
from registry.search_keys import keys_for_name, keys_for_organisation, sort_key
from registry.tables import Worker
from studios.applications.presets import eight_table
from studios.scoring import Answer, items_of
from tests.support.people import House

NOW = datetime(2026, 4, 28, 2, 0, tzinfo=UTC)


class Register:
    """The register of these tests: ``ids`` and ``codes`` by leader's name."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ids: dict[str, UUID] = {}
        self.workers: dict[str, UUID] = {}
        self.officer: UUID
        self.programme: UUID

    async def build(self) -> Register:
        actor = await self.house.person("zhou", "city_officer", at="city")
        self.officer, self.programme = actor.account, new_id()
        await fetch(
            "INSERT INTO programme (id, code, title, level, kind, organisation) VALUES ($1, 'xc', '宣城市劳模（工匠）创新工作室', 'city',"
            " 'studio', $2)",
            self.programme, self.house.organisations["city"],
        )  # fmt: skip
        await self.studio("赵立春", at="jia", level="province", field="焊接与无损检测", named=date(2022, 5, 6))
        await self.studio("钱雨水", at="yi", level="city", field="橡胶密封与硫化工艺", named=date(2023, 6, 1))
        await self.studio("孙惊蛰", at="yi", level="city", field="模具", named=date(2023, 7, 1), stage="withdrawn", ended=date(2026, 3, 2))  # fmt: skip
        return self

    async def worker(self, name: str, at: str) -> UUID:
        made = Worker(
            organisation=self.house.organisations[at], region="341802", name=name, sex="1", born_on=date(1980, 1, 17),
            job_category="worker", skill_level="2", id_number_sealed=b"x",
            id_number_index=hashlib.sha256(name.encode()).digest(),
        )  # fmt: skip
        await made.save()
        self.workers[name] = made.id
        return made.id

    async def studio(
        self, leader: str, *, at: str, level: str, field: str, named: date, stage: str = "active", ended: date | None = None
    ) -> UUID:  # fmt: skip
        made, unit = new_id(), self.house.organisations[at]
        worker = await self.worker(leader, at)
        name = f"{leader}劳模创新工作室"
        region, county = ("341802", "xuanzhou") if at == "jia" else ("341881", "ningguo")
        await fetch(
            "INSERT INTO studio (id, code, name, title_kind, field_of_work, programme, level, organisation, county, region, leader,"
            " leader_name, stage, named_on, ended_on, address, search_keys, sort_key) VALUES ($1, $2, $3, '劳模', $4, $5, $6, $7, $8,"
            " $9, $10, $11, $12, $13, $14, '密巷 7 号', $15, $16)",
            made, f"GZS-{named.year}-{len(self.ids) + 1}", name, field, self.programme, level, unit,
            self.house.organisations[county], region, worker, leader, stage, named, ended,
            sorted({*keys_for_name(leader), *keys_for_organisation(name)}), sort_key(name),
        )  # fmt: skip
        await fetch(
            "INSERT INTO studio_naming (id, studio, programme, level, named_on, document_number)"
            " VALUES ($1, $2, $3, $4, $5, '宣工〔2022〕16号')",
            new_id(), made, self.programme, level, named,
        )  # fmt: skip
        self.ids[leader] = made
        return made

    async def output(
        self, leader: str, kind: str, year: int, title: str, *, stage: str = "confirmed", wan: str | None = None, people: int | None = None
    ) -> None:  # fmt: skip
        await fetch(
            "INSERT INTO output (id, studio, year, kind, title, counted_key, achieved_on, wan_yuan, people, note, stage)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '内部备注勿公开', $10)",
            new_id(), self.ids[leader], year, kind, title, None if stage == "struck" else f"{kind}:{title}", date(year, 6, 1),
            Decimal(wan) if wan else None, people, stage,
        )  # fmt: skip

    async def agrees(self, studio: str, person: str) -> None:
        """The person wants to be named."""
        await fetch(
            "INSERT INTO naming_consent (id, studio, worker, given, text_version, said_on) VALUES ($1, $2, $3, true, '2026-1', '2026-01-05')",
            new_id(), self.ids[studio], self.workers[person],
        )  # fmt: skip

    async def teaches(self, leader: str, master: str, apprentice: str) -> None:
        await fetch(
            "INSERT INTO apprenticeship (id, studio, master, apprentice, goals, agreed_on, ends_on)"
            " VALUES ($1, $2, $3, $4, '目标', '2025-01-01', '2028-01-01')",
            new_id(), self.ids[leader], self.workers[master], self.workers[apprentice],
        )  # fmt: skip

    async def graded(
        self, leader: str, year: int, total: str, grade: str, *, sheets: list[dict[str, str]] | None = None
    ):
        """An assessment in force; ``sheets`` are the experts' points by item, all counted."""
        visit = None
        if sheets:
            visit = new_id()
            await fetch(
                'INSERT INTO visit (id, kind, subject, title, organisation, "union", "table", planned_on, stage)'
                " VALUES ($1, 'assessment', $2, '考核', $3, $4, $5, '2025-12-01', 'closed')",
                visit, self.ids[leader], self.house.organisations["jia"], self.house.organisations["city"],
                msgspec.json.encode(eight_table()).decode(),
            )  # fmt: skip
            for place, sheet in enumerate(sheets, 1):
                expert = await self.house.person(f"expert{place}", "studio_expert", at="city")
                seat = new_id()
                await fetch(
                    "INSERT INTO visit_expert (id, visit, account, name, place, fate) VALUES ($1, $2, $3, '卫', $4, 'counted')",
                    seat, visit, expert.account, place,
                )  # fmt: skip
                for item in items_of(eight_table()):
                    points = sheet.get(item.code, item.points)
                    await fetch(
                        "INSERT INTO visit_answer (id, expert, item, number, answer) VALUES ($1, $2, $3, 1, $4)",
                        new_id(), seat, item.code, msgspec.json.encode(Answer(points=points)).decode(),
                    )  # fmt: skip
        await fetch(
            "INSERT INTO assessment (id, studio, year, visit, total, reckoned, grade, made_by, decided_by, decided_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $7, $8)",
            new_id(), self.ids[leader], year, visit, total, grade, self.officer, datetime(year, 12, 20, tzinfo=UTC),
        )  # fmt: skip
        await fetch(
            "UPDATE studio SET last_grade = $2, last_assessed = $3 WHERE id = $1", self.ids[leader], grade, year
        )


@pytest_asyncio.fixture
async def register(house: House):
    """The register on 28 April 2026."""
    async with moved_to(NOW):
        yield await Register(house).build()
