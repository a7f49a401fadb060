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
    made.phone_sealed, made.phone_index = sealed.phone or b"", sealed.phone_index or b""
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


GOOD_SUMMARY = "冯壬和，宁国示范密封件股份有限公司硫化车间大班长，高级技师。从业十八年，先后主持技改十一项。" * 8
GOOD_DEEDS = "他带领班组连续四十三天驻守产线，完成替代配方验证，使主机厂恢复供货，累计节约成本四百二十余万元。" * 40


def good_dossier(**changes: Any) -> Any:
    """Sections that every rule accepts on 14 April 2026."""
    from honours.nominations import schemas as s

    parts: dict[str, Any] = {
        "basic": s.Basic(
            ethnic_group="01", native_place="安徽宁国", political_status="01", education="31", joined_work="2007-07",
            post="硫化工", skill_level="1", address="宁国市示例路1号", postcode="242300",
        ),
        "identity": s.Identity(category="industrial_worker", evidence="劳动合同岗位：硫化工", unit_class="enterprise"),
        "history": s.History(resume="2007.07—至今　宁国示范密封件股份有限公司　硫化工"),
        "record": s.Record(sanctions="无"),
        "deeds": s.Deeds(summary=GOOD_SUMMARY, deeds=GOOD_DEEDS),
        "procedure": s.Procedure(
            meeting="congress", held_on="2026-03-27", called="86", present="81", agreed="78", notice_from="2026-03-30",
            no_objection=True,
        ),
    }  # fmt: skip
    for path, value in changes.items():
        part, field = path.split("__")
        parts[part] = msgspec.structs.replace(parts[part], **{field: value})
    return s.Dossier(**parts)


def _blank_pdf() -> bytes:
    import io

    import pikepdf

    kept = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.save(kept)
    return kept.getvalue()


PDF = _blank_pdf()


def picture(width: int = 600, height: int = 840, kind: str = "PNG") -> bytes:
    """A plain picture."""
    import io

    from PIL import Image

    kept = io.BytesIO()
    Image.new("RGB", (width, height), (120, 40, 40)).save(kept, kind)
    return kept.getvalue()


async def complete(
    round_: Round, actor: Any, worker_id: UUID, *, award: str = "city-may1-medal", **changes: Any
) -> UUID:
    """A draft to which nothing is missing, made by the operations that the pages call."""
    from honours.nominations import operations, papers_kept, starting
    from honours.nominations.schemas import ConsentForm, StartForm

    it = await starting.start_nomination(actor, StartForm(award=round_.awards[award], worker=worker_id))
    dossier = good_dossier(**changes)
    place = (await fetch("SELECT place FROM nomination WHERE id = $1", it))[0]["place"]
    for version, section in enumerate(("basic", "identity", "history", "record", "deeds", "procedure"), 1):
        data = getattr(dossier, section)
        if section == "identity" and "identity__place" not in changes:
            data = msgspec.structs.replace(data, place=str(place))
        await operations.save_section(actor, it, section, data, version=version)
    for kind in ("congress_minutes", "notice_scan"):
        await papers_kept.add_material(actor, it, kind, PDF, f"{kind}.pdf")
    await papers_kept.set_portrait(actor, it, picture())
    await operations.record_consent(
        actor, it, ConsentForm(given="yes", signed_on=date(2026, 4, 1), covers=("roll", "portrait"))
    )
    return it
