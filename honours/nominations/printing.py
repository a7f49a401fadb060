"""打印推荐审批表 (H60, H61, H63): from the dossier to the sheet; full numbers only for a reason that leaves a trail (SECURITY 11)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from foundation import clock, storage, trail
from foundation.database import fetchrow, transaction
from foundation.errors import Refusal
from foundation.settings import settings
from foundation.web.limits import limit
from foundation.web.policy import Actor
from honours.cycles.schemas import DEPARTMENTS, UNIT_CLASSES
from honours.nominations import access, facts, papers, queries, timing
from honours.nominations.counting import count
from honours.nominations.findings import Facts
from honours.nominations.operations import notice_span
from honours.nominations.paper.pool import set_form
from honours.nominations.paper.schemas import Block, FormSheet, Opinion, Pair
from honours.nominations.schemas import Dossier, dossier_of
from honours.nominations.stages import WITH_UNIT, Stage
from honours.permissions import Permission
from honours.rolls import ledger
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.industries import INDUSTRIES
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.political_status import POLITICAL_STATUSES, SHORT_NAMES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.codes.unit_types import NON_PUBLIC, UNIT_TYPES
from registry.workers.operations import UNMASKINGS_AN_HOUR, record_unmasking
from registry.workers.sealing import Numbers, numbers_of

MEETINGS = {"congress": "职工代表大会", "assembly": "职工大会", "village": "村民会议"}
FIRST = frozenset({*WITH_UNIT, Stage.COUNTY, Stage.COUNTY_NOTICE})
_DIGITS = "〇一二三四五六七八九"


async def masked_form(actor: Actor, nomination: UUID) -> tuple[bytes, str]:
    """(PDF, file name), the ID number and the phone masked. Raises ``NotFound``, ``RenderRefused``."""
    row = await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
    numbers = await numbers_of(row["worker"]) if row["worker"] else Numbers()
    sheet = await sheet_of(row, numbers.id_masked, numbers.phone_masked)
    return await set_form(sheet), _name(row)


async def full_form(actor: Actor, nomination: UUID, reason: str) -> tuple[bytes, str]:
    """(PDF, file name) with the full numbers. The look and its reason are kept before the sheet is set, whatever comes of it;
    as many an hour as of any unmasking. Raises ``NotFound``, ``TooMany``, ``Refusal``, ``RenderRefused``."""
    await limit("unmask", str(actor.account), most=UNMASKINGS_AN_HOUR, window=timedelta(hours=1))
    async with transaction():
        row = await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
        if row["worker"] is None:
            raise Refusal("no_person", "单位和集体的审批表没有身份号码", field="reason")
        numbers = await numbers_of(row["worker"])
        for field in ("id_number", "phone"):
            await record_unmasking(actor, row["worker"], field, f"打印推荐审批表：{reason}"[:300])
        await trail.record(actor, "nomination.printed_in_full", "nomination", nomination, {})
    sheet = await sheet_of(row, numbers.id_number, numbers.phone)
    return await set_form(sheet), _name(row)


def _name(row: Any) -> str:
    return f"推荐审批表-{row['name'][:40]}-{row['number'] or '草稿'}.pdf"


async def sheet_of(row: Any, id_number: str, phone: str) -> FormSheet:
    """The sheet as it would be printed now."""
    dossier, found = dossier_of(row["dossier"]), await facts.gather(row)
    unit = await fetchrow(
        "SELECT unit_type, industry, unit_code FROM organisation WHERE id = $1", row["unit"] or row["organisation"]
    )
    opinions = await queries.opinions_of(row["id"])
    county = next((one for one in reversed(opinions) if one["gate"] == "county" and one["action"] == "accept"), None)
    city = next((one for one in reversed(opinions) if one["gate"] == "city" and one["action"] == "accept"), None)
    person = row["kind"] == "person"
    cells = (
        await _person_cells(row, dossier, unit, id_number, phone) if person else _unit_cells(row, dossier, unit)
    )  # fmt: skip
    portrait = (await storage.load(row["portrait"]))[0] if person and row["portrait"] else b""
    asked = papers.departments_for(found.rules, papers.candidate_classes(found))
    return FormSheet(
        title=row["honour_title"], number=row["number"] or "（未编号）", maker=row["running_name"],
        note="初审稿，不加盖公章" if Stage(row["stage"]) in FIRST else "", ticks=_ticks(row),
        cover=_cover(row, await clock.today()), photo_rows=cells[0], rows=cells[1], photo=person, portrait=portrait,
        blocks=await _blocks(row, dossier, found), deeds_label="主要先进事迹", deeds=_paragraphs(dossier.deeds.summary),
        deeds_note=f"（不超过 {found.rules.text.summary_max} 字；另附 {found.rules.text.deeds_about} 字左右详细材料。已填 {count(dossier.deeds.summary)} 字）",
        unit_opinions=("职工代表大会意见", "工会意见", "党组织意见"), county=_opinion("县市区总工会意见", county),
        departments=tuple(DEPARTMENTS.get(one, one) for one in list(asked)[:7]), city=_opinion("市总工会意见", city),
        upper=Opinion(label="省总工会意见"), qr_payload=f"{settings().public_url}/nominations/{row['id']}",
    )  # fmt: skip


def _opinion(label: str, row: Any) -> Opinion:
    if row is None:
        return Opinion(label=label)
    day = clock.local(row["made_at"])
    return Opinion(
        label=label, text=row["opinion"] or "同意推荐。", signed_by=row["signed_by"], day=f"{day.year}年{day.month}月{day.day}日"
    )  # fmt: skip


def _ticks(row: Any) -> tuple[tuple[str, bool], ...]:
    enterprise = row["unit_class"] == "enterprise"
    ticks = [("企业", enterprise), ("机关事业单位", row["unit_class"] in ("organ", "institution"))]
    if row["kind"] == "person":
        ticks = [("企业职工", enterprise), ticks[1], ("农民工", "migrant_worker" in row["flags"])]
    return tuple(ticks)


def _cover(row: Any, today: date) -> tuple[Pair, ...]:
    who = ("姓　　名", row["name"]) if row["kind"] == "person" else ("名　　称", row["name"])
    day = clock.local(row["submitted_at"]).date() if row["submitted_at"] else today
    return (who, ("工作单位", row["unit_name"]), ("推荐单位", row["gate_name"]), ("填报日期", chinese_day(day)))


def chinese_day(day: date) -> str:
    """二〇二六年三月十二日."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_number(day.month)}月{_number(day.day)}日"


def _number(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def _month(text: str) -> str:
    month = timing.month_of(text)
    return f"{month.year}年{month.month}月" if month else text


async def _person_cells(row: Any, dossier: Dossier, unit: Any, id_number: str, phone: str) -> tuple[Any, Any]:
    worker = await fetchrow("SELECT sex, born_on FROM worker WHERE id = $1", row["worker"])
    assert worker is not None
    basic = dossier.basic
    political = SHORT_NAMES.get(basic.political_status) or POLITICAL_STATUSES.zh(basic.political_status)
    beside = (
        (("姓　　名", row["name"]), ("性　　别", SEXES.zh(worker["sex"]).removesuffix("性"))),
        (
            ("民　　族", ETHNIC_GROUPS.zh(basic.ethnic_group)),
            ("出生年月", f"{worker['born_on'].year}年{worker['born_on'].month}月"),
        ),
        (("籍　　贯", basic.native_place), ("政治面貌", political)),
        (("学　　历", EDUCATION_LEVELS.zh(basic.education)), ("参加工作时间", _month(basic.joined_work))),
        (("身份证号", id_number), ("手机号", phone)),
    )
    skill = SKILL_LEVELS.zh(basic.skill_level) if basic.skill_level else ""
    post = "　".join(part for part in (basic.post, basic.title, skill) if part)
    migrant = "migrant_worker" in row["flags"]
    rows = (
        (("工作单位", row["unit_name"]),),
        (("职务、岗位、职称或技能等级", post),),
        (("单位性质", _unit_type(unit)), ("所属行业", INDUSTRIES.zh(unit["industry"]) if unit["industry"] else "")),
        (
            ("人员类别", JOB_CATEGORIES.zh(row["category"])),
            ("是否农民工", "是　√　　否" if migrant else "是　　　否　√"),
        ),
        (("通讯地址及邮编", f"{basic.address}　{basic.postcode}"),),
    )
    return beside, rows


def _unit_type(unit: Any) -> str:
    name = UNIT_TYPES.zh(unit["unit_type"]) if unit["unit_type"] else ""
    return f"{name}（非公）" if unit["unit_type"] in NON_PUBLIC else name


def _unit_cells(row: Any, dossier: Dossier, unit: Any) -> tuple[Any, Any]:
    basic = dossier.basic
    beside = (
        (("负责人", basic.head), ("人　　数", basic.members)),
        (("成立时间", _month(basic.founded)), ("单位类别", UNIT_CLASSES.get(row["unit_class"], ""))),
        (("单位性质", _unit_type(unit)), ("所属行业", INDUSTRIES.zh(unit["industry"]) if unit["industry"] else "")),
    )
    rows = (
        (("名　　称", row["name"]),),
        (("所在单位", row["unit_name"]),),
        (("统一社会信用代码", unit["unit_code"] or ""),),
        (("通讯地址及邮编", f"{basic.address}　{basic.postcode}"),),
    )
    return beside, rows


async def _blocks(row: Any, dossier: Dossier, found: Facts) -> tuple[Block, ...]:
    person = row["kind"] == "person"
    rest = 257 - (54 + 60 if person else 34 + 48)
    prizes = [f"{one.when}　{one.title}　{one.conferrer}" for one in dossier.record.prizes]
    holder = (await ledger.held_by_workers([row["worker"]]))[row["worker"]] if person else []
    known = [f"{one.conferred_on:%Y-%m}　{one.title}" for one in holder if not one.revoked]
    return (
        Block(label="个人简历" if person else "基本概况", text=dossier.history.resume, height=rest - 83),
        Block(label="何时何地受过何种奖励", text="\n".join(known + prizes), height=36),
        Block(label="何时何地受过何种处分", text=dossier.record.sanctions, height=23),
        Block(label="民主推荐情况", text=_vote(dossier, found), height=24),
    )


def _vote(dossier: Dossier, found: Facts) -> str:
    typed = dossier.procedure
    days = notice_span(dossier, found.rules.gates.unit_notice_days, found.calendar)
    blank = "　　　"
    meeting = MEETINGS.get(typed.meeting, "职工代表大会")
    said = (
        f"{meeting}应到 {typed.called or blank} 人，实到 {typed.present or blank} 人，同意 {typed.agreed or blank} 票"
    )
    if days:
        first, last = days[0], days[-1]
        said += f"；单位公示 {first.year}年{first.month}月{first.day}日 至 {last.month}月{last.day}日"
    return said + (f"，结论：{'公示无异议' if typed.no_objection else blank}。")


def _paragraphs(text: str) -> str:
    """Each paragraph opened by two blanks, as the form is written."""
    return "\n".join("　　" + line.strip() for line in text.split("\n") if line.strip())
