"""A city programme with a call, a unit with a leader and a team, experts; everybody plainly synthetic."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from foundation import clock
from foundation.database import fetch
from registry.achievements.operations import record
from registry.achievements.schemas import Achieved
from registry.codes import id_card
from registry.search_keys import keys_for_name, sort_key
from registry.tables import Worker
from registry.workers.sealing import seal_new
from studios.applications import operations, programmes
from studios.applications.schemas import CallForm, Dossier, Place, ProgrammeForm, Results, StartForm, VisitForm, Work
from studios.tables.applications import ApplicationPaper
from tests.support.people import House

RESULTS = Results(
    inventions=2,
    utility_models=3,
    improvements=6,
    methods=1,
    apprentices=9,
    trained=240,
    benefit=425,
    summary="降低返修率",
)


async def worker(house: House, at: str, name: str, serial: int) -> UUID:
    """A person of the registry."""
    code = id_card.build("341802", date(1980, 1, 1), serial)
    made = Worker(
        organisation=house.organisations[at], region="341802", name=name, search_keys=keys_for_name(name), sort_key=sort_key(name),
        id_number_sealed=b"", id_number_index=b"", sex="1", born_on=date(1980, 1, 1), job_category="worker", skill_level="1",
    )  # fmt: skip
    sealed = seal_new(made.id, code, "15400007788")
    made.id_number_sealed, made.id_number_index = sealed.id_number, sealed.id_index
    await made.save()
    return made.id


async def working_days() -> None:
    """The working days of 2026 as officers would fill them."""
    from foundation.working_days import from_chinesecalendar

    await fetch(
        "INSERT INTO calendar_year (year, source, filled_at) VALUES (2026, 'test', now()) ON CONFLICT DO NOTHING"
    )
    for day, kind, name in from_chinesecalendar(2026):
        await fetch(
            "INSERT INTO calendar_day (day, kind, name, source) VALUES ($1, $2, $3, 'test') ON CONFLICT DO NOTHING",
            day, kind, name,
        )  # fmt: skip


class Scene:
    """陈癸成 of 甲厂 leads; qian is the contact, wu the county's officer, zheng the city's; three experts from elsewhere."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.experts: list[Any] = []
        self.people: list[UUID] = []

    async def build(self, *, preset: str = "eight", kind: str = "studio") -> Scene:
        house = self.house
        await working_days()
        self.contact = await house.person("qian", "enterprise_contact", at="jia")
        self.neighbour = await house.person("sun", "enterprise_contact", at="yi")
        self.county = await house.person("wu", "county_officer", at="xuanzhou")
        self.city = await house.person("zheng", "city_officer", at="city")
        for login in ("yang", "lin", "he"):
            self.experts.append(await house.person(login, "studio_expert", at="city"))
        self.leader = await worker(house, "jia", "陈癸成", 11)
        self.people = [await worker(house, "jia", f"工友{n}", 20 + n) for n in range(4)]
        self.honour = uuid4()
        await record(
            self.city,
            Achieved(
                holder_name="陈癸成", kind="honour", title="宣城市五一劳动奖章", achieved_on=date(2024, 4, 30), level="city",
                source_kind="roll_entry", source=self.honour, worker=self.leader, facts={"family": "may1_medal"},
            ),
        )  # fmt: skip
        self.programme = await programmes.create_programme(
            self.city, ProgrammeForm(title="宣城市劳模工匠创新工作室", code="city-studio", preset=preset, kind=kind)
        )
        today = await clock.today()
        self.call = await programmes.open_call(
            self.city, self.programme,
            CallForm(title="2026年申报", code="XC-GZS-2026", opens_on=today, closes_on=today + timedelta(days=30)),
        )  # fmt: skip
        return self

    async def draft(self) -> UUID:
        """An empty draft."""
        return await operations.start_application(self.contact, StartForm(call=self.call, leader=self.leader))

    async def version(self, application: UUID) -> int:
        return (await fetch("SELECT version FROM studio_application WHERE id = $1", application))[0]["version"]

    async def stage(self, application: UUID) -> str:
        return (await fetch("SELECT stage FROM studio_application WHERE id = $1", application))[0]["stage"]

    async def full(self, title_kind: str = "劳模") -> UUID:
        """A draft with everything in it."""
        made = await self.draft()
        year = (await clock.today()).year - 1
        dossier = Dossier(
            place=Place(title_kind=title_kind, field_of_work="焊接与无损检测", address="示例路1号", area=120, equipment="焊机"),
            work=Work(rules="例会制度", funds=50_000, topics=f"{year} 高强钢焊缝返修"), results=RESULTS,
        )  # fmt: skip
        await self.save_all(made, dossier)
        for one in self.people:
            await operations.add_person(self.contact, made, one, "", version=await self.version(made))
        await self.papers(made)
        return made

    async def save_all(self, made: UUID, dossier: Dossier) -> None:
        for name in ("place", "work", "results"):
            await operations.save_section(
                self.contact, made, name, getattr(dossier, name), version=await self.version(made)
            )

    async def papers(self, made: UUID) -> None:
        from foundation import storage

        for part in range(8):
            file = await storage.keep(
                b"%PDF-1.4", name="a.pdf", media_type="application/pdf", made_by=self.contact.account
            )
            await ApplicationPaper(application=made, part=part, file=file).save()

    async def submitted(self) -> UUID:
        made = await self.full()
        await operations.submit(self.contact, made, version=await self.version(made))
        return made

    async def visited(self) -> tuple[UUID, UUID]:
        """(application, visit) with the panel on its way."""
        made = await self.submitted()
        await operations.decide(self.county, made, "recommend", opinion="同意推荐", version=await self.version(made))
        visit = await operations.arrange_visit(
            self.city, made,
            VisitForm(
                planned_on=await clock.today(), experts=tuple(one.account for one in self.experts), version=await self.version(made)
            ),
        )  # fmt: skip
        return made, visit
