"""A city cycle of May Day medals, pioneers and certificates with named people. All plainly synthetic."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.clock import SHANGHAI
from foundation.database import fetch
from honours.cycles.schemas import AwardRules, ClearanceRule, CycleRules, Eligibility, MaterialRule, Veto
from honours.nominations.stages import Stage
from honours.tables.catalogue import Cycle, CycleAward, CycleRuleSet, Honour
from honours.tables.nominations import Nomination
from registry.codes import id_card
from registry.search_keys import keys_for_name, sort_key
from registry.tables import Worker
from registry.workers.sealing import seal_new
from tests.support.people import House

NOW = datetime(2026, 4, 14, 14, 36, tzinfo=SHANGHAI)
"""A Tuesday, a working day: the mock-up's moment."""
UNIT_DUE = datetime(2026, 4, 16, 17, 30, tzinfo=SHANGHAI)
PHONE = "15400007788"

DEFAULT_VETOES = (
    Veto(code="safety", label="安全生产事故", applies_to=("unit", "leader")),
    Veto(code="wages", label="拖欠工资", applies_to=("unit", "leader")),
    Veto(code="discipline", label="处分影响期内", applies_to=("person",), rule="H52"),
)
DEFAULT_CLEARANCES = (
    ClearanceRule(candidate="unit", departments=("market", "tax", "labour", "safety", "environment"), rule="H40"),
    ClearanceRule(
        candidate="enterprise_leader", departments=("market", "tax", "labour", "safety", "environment"), rule="H40"
    ),
    ClearanceRule(candidate="state_leader", departments=("audit", "discipline"), rule="H41"),
    ClearanceRule(candidate="worker", departments=("police",), rule="H44"),
)
DEFAULT_MATERIALS = (
    MaterialRule(kind="congress_minutes", label="职代会纪要", copies=2),
    MaterialRule(kind="notice_scan", label="公示件", copies=2),
    MaterialRule(kind="approval_form", label="推荐审批表 A3", copies=3, upload=False),
    MaterialRule(kind="household", label="户口本", copies=2, nominee=("person",), when_flag="migrant_worker"),
)


def rule_set(**changes: Any) -> CycleRules:
    """The rules of the tests' cycle."""
    eligibility = changes.pop("eligibility", Eligibility(basis_required="warn"))
    values: dict[str, Any] = {
        "title": "2026年宣城市五一劳动奖", "source": "示例规则",
        "awards": (
            AwardRules(honour="city-may1-medal", places=30, eligibility=eligibility),
            AwardRules(honour="city-may1-certificate", places=10, eligibility=eligibility),
            AwardRules(honour="city-pioneer", places=20, eligibility=eligibility),
        ),
        "vetoes": DEFAULT_VETOES, "clearances": DEFAULT_CLEARANCES, "materials": DEFAULT_MATERIALS, **changes,
    }  # fmt: skip
    return CycleRules(**values)


HONOURS = (
    ("city-may1-medal", "宣城市五一劳动奖章", "person", "may1_medal", "city"),
    ("city-may1-certificate", "宣城市五一劳动奖状", "unit", "may1_certificate", "city"),
    ("city-pioneer", "宣城市工人先锋号", "team", "pioneer", "city"),
    ("county-may1-medal", "宁国市五一劳动奖章", "person", "may1_medal", "county"),
)


class Round:
    """A cycle that is open, its awards by honour code, and the people around it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.honours: dict[str, UUID] = {}
        self.awards: dict[str, UUID] = {}
        self.cycle: UUID

    async def build(self, *, year: int = 2026, stage: str = "open", **rules: Any) -> Round:
        for place, (code, title, kind, family, level) in enumerate(HONOURS):
            found = await fetch("SELECT id FROM honour WHERE code = $1", code)
            if found:
                self.honours[code] = found[0]["id"]
                continue
            made = Honour(
                code=code, title=title, title_en=title, level=level, kind=kind, family=family,
                conferrer="宣城市总工会", place=place,
            )  # fmt: skip
            await made.save()
            self.honours[code] = made.id
        cycle = Cycle(
            code=f"city-{year}", title=f"{year}年宣城市五一劳动奖", year=year, level="city", stage=stage,
            organisation=self.house.organisations["city"], unit_due_at=UNIT_DUE.replace(year=year),
            county_due_at=datetime(year, 4, 24, 17, 30, tzinfo=SHANGHAI),
        )  # fmt: skip
        await cycle.save()
        self.cycle = cycle.id
        await self.put_rules(rule_set(**rules))
        for part in rule_set(**rules).awards:
            award = CycleAward(cycle=cycle.id, honour=self.honours[part.honour], places=part.places)
            await award.save()
            self.awards[part.honour] = award.id
        return self

    async def put_rules(self, rules: CycleRules) -> None:
        number = (await fetch("SELECT count(*) AS n FROM cycle_rule_set WHERE cycle = $1", self.cycle))[0]["n"] + 1
        row = CycleRuleSet(cycle=self.cycle, number=number, rules=msgspec.json.encode(rules).decode())
        await row.save()

    async def nomination(
        self, worker: UUID | None, *, at: str = "jia", award: str = "city-may1-medal", **fields: Any
    ) -> UUID:
        """A nomination written straight into the table, in any stage."""
        gate = {"jia": "xuanzhou", "yi": "ningguo"}.get(at, "city")
        values: dict[str, Any] = {
            "cycle": self.cycle, "award": self.awards[award], "organisation": self.house.organisations[at],
            "first_gate": self.house.organisations[gate], "kind": "person" if worker else "unit", "worker": worker,
            "unit": None if worker else self.house.organisations[at], "name": "冯壬和（示例）",
            "category": "industrial_worker", "unit_class": "enterprise", "stage": Stage.DRAFT.value, **fields,
        }  # fmt: skip
        made = Nomination(**values)
        await made.save()
        return made.id


_made = 0


async def worker(house: House, name: str = "冯壬和", *, at: str = "jia", **fields: Any) -> UUID:
    """A worker with truly sealed numbers; the ID number is under the unassigned 341899."""
    global _made
    _made += 1
    number = fields.pop("id_number", None) or id_card.build("341899", date(1986, 5, 2), 100 + 2 * (_made % 400) + 1)
    made = Worker(
        organisation=house.organisations[at], region="341802", name=name, search_keys=keys_for_name(name),
        sort_key=sort_key(name), id_number_sealed=b"", id_number_index=b"", sex="1", born_on=date(1986, 5, 2),
        ethnic_group="01", political_status="01", education="31", job_category="industrial_worker",
        skill_level="1", post="硫化车间大班长", employed_on=date(2007, 7, 1),
    )  # fmt: skip
    for field, value in fields.items():
        setattr(made, field, value)
    sealed = seal_new(made.id, number, PHONE)
    made.id_number_sealed, made.id_number_index = sealed.id_number, sealed.id_index
    made.phone_sealed, made.phone_index = sealed.phone, sealed.phone_index
    await made.save()
    await fetch("INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)", made.id, sealed.wrapped)
    return made.id


async def calendar_2026() -> None:
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
