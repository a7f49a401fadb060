"""Studios as past years left them: namings, members, apprentices, outputs of 2023–2025, earlier grades. Plain rows, synthetic."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from commands.season.clock_of_season import on
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch
from foundation.database.columns import new_id
from foundation.web.policy import Actor
from registry.achievements.operations import record
from registry.achievements.schemas import Achieved
from registry.search_keys import keys_for_name, keys_for_organisation, sort_key
from studios.outputs.consents import TEXT_VERSION
from studios.outputs.rules import natural_key

PROVINCIAL, CITY = 10, 22
COUNTIES = {"341802": 9, "341881": 7, "341882": 6, "341823": 4, "341821": 3, "341824": 2, "341825": 1}
"""How many studios each county would have; where holders of honours are wanting, others fill up."""
FIELDS = (
    "焊接与无损检测", "橡胶密封与硫化工艺", "高频覆铜板压合", "产线自动化改造", "链条热处理", "模具快换与精密铸造", "数控加工与刀具", "配电运维与带电作业",
    "化工过程控制", "设备状态监测与维修", "质量检测与计量", "宣纸制作技艺传承", "茶叶加工与品控", "道路养护与桥梁检测", "供水管网检漏", "汽车零部件装配",
)  # fmt: skip
TOPICS = (
    "窄间隙工艺攻关",
    "工装快换装置",
    "节能改造",
    "在线检测替代抽检",
    "编程模板库",
    "返修率降低",
    "设备寿命提升",
    "安全联锁改造",
    "备件国产化",
    "作业标准",
)
KINDS = ("improvement", "improvement", "utility", "utility", "invention", "method", "award")


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What the past is written with."""

    luck: random.Random
    city: UUID
    province: UUID
    officer: Actor


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A studio that was written."""

    id: UUID
    named_on: date


async def write(past: Past, holders: Sequence[Any]) -> list[Made]:
    """Thirty-two studios, each of another leader; the ten whose leaders were honoured first are the province's."""
    chosen = _chosen(past.luck, holders)
    made = []
    for place, holder in enumerate(chosen):
        made.append(await _studio(past, holder, place))
    return made


def _chosen(luck: random.Random, holders: Sequence[Any]) -> list[Any]:
    fitting = [one for one in holders if one["county"] is not None and one["achieved_on"] < date(2024, 12, 31)]
    luck.shuffle(fitting)
    found = [one for region, n in COUNTIES.items() for one in [h for h in fitting if h["region"] == region][:n]]
    found += [one for one in fitting if one not in found][: PROVINCIAL + CITY - len(found)]
    return sorted(found, key=lambda one: (one["achieved_on"], str(one["worker"])))


async def _studio(past: Past, holder: Any, place: int) -> Made:
    luck, studio = past.luck, new_id()
    provincial = place < PROVINCIAL
    honoured = holder["achieved_on"].year
    first = date(max(2021 if provincial else 2023, min(honoured + 1, 2025)), 6, 16)
    raised = date(max(2023, first.year + 1), 10, 20) if provincial else None
    ends = (raised or first).replace(year=(raised or first).year + 3)
    kind = "工匠" if place % 4 == 3 else "劳模"
    name, field = f"{holder['name']}{kind}创新工作室", FIELDS[place % len(FIELDS)]
    mates = await fetch(
        "SELECT id, name, skill_level FROM worker WHERE organisation = $1 AND id <> $2 AND left_at IS NULL ORDER BY id",
        holder["organisation"], holder["worker"],
    )  # fmt: skip
    mates = luck.sample(list(mates), min(len(mates), luck.randint(10, 18)))
    mates.sort(key=lambda one: not one["skill_level"])
    apprentices = mates[: max(2, len(mates) * 2 // 3)]
    named = [one["id"] for n, one in enumerate(apprentices) if n % 5 != 4]
    await fetch(
        "INSERT INTO studio (id, code, name, title_kind, field_of_work, programme, level, organisation, county, region, leader,"
        " leader_name, leader_honour, stage, named_on, cycle_ends_on, last_grade, address, profile, facts, search_keys,"
        " sort_key, version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'active', $14, $15,"
        f" '', '', '', '{{}}', $16, $17, 1, $18, {NOW_SQL})",
        studio, f"GZS-{first.year}-{place + 1:03d}", name, kind, field, past.province if provincial else past.city,
        "province" if provincial else "city", holder["organisation"], holder["county"], holder["region"], holder["worker"],
        holder["name"], holder["honour"], first, ends,
        sorted({*keys_for_name(holder["name"]), *keys_for_organisation(name), *keys_for_organisation(holder["unit"])}),
        sort_key(name), past.officer.account,
    )  # fmt: skip
    await _namings(past, studio, holder, name, first, raised)
    await _people(luck, studio, holder, mates, apprentices, first)
    await connection().executemany(
        "INSERT INTO naming_consent (id, studio, worker, given, text_version, said_on, made_by, made_at)"
        f" VALUES ($1, $2, $3, true, $4, '2026-01-12', $5, {NOW_SQL})",
        [(new_id(), studio, one, TEXT_VERSION, past.officer.account) for one in named],
    )
    await _outputs(past, studio, holder, field, first, provincial)
    await _earlier_grades(past, studio, first)
    return Made(id=studio, named_on=first)


async def _namings(past: Past, studio: UUID, holder: Any, name: str, first: date, raised: date | None) -> None:
    rows = [("city", past.city, first, f"宣工〔{first.year}〕16号", "宣城市劳模（工匠）创新工作室")]
    if raised:
        rows.append(
            ("province", past.province, raised, f"皖工发〔{raised.year}〕示例号", "安徽省示范性劳模（工匠）创新工作室")
        )
    for place, (level, programme, day, number, title) in enumerate(rows):
        naming = new_id()
        await fetch(
            "INSERT INTO studio_naming (id, studio, programme, level, named_on, document_number, plaque_number, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, '', $7, {NOW_SQL})",
            naming, studio, programme, level, day, number, past.officer.account,
        )  # fmt: skip
        await fetch(
            "INSERT INTO studio_event (id, studio, kind, happened_on, public_text, facts, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, {NOW_SQL})",
            new_id(), studio, "upgraded" if place else "named", day, f"命名为{title}（{number}）",
            msgspec.json.encode({"level": level, "document": number}).decode(), past.officer.account,
        )  # fmt: skip
        facts = {"studio": name, "document": number}
        for worker, unit, who in (
            (holder["worker"], None, holder["name"]),
            (None, holder["organisation"], holder["unit"]),
        ):
            order = Achieved(
                holder_name=who, kind="studio", title=f"{title}领衔人" if worker else title, level=level, achieved_on=day,
                source_kind="studio_naming", source=naming, worker=worker, organisation=unit, facts=facts,
            )  # fmt: skip
            await record(past.officer, order)


async def _people(
    luck: random.Random, studio: UUID, holder: Any, mates: list[Any], apprentices: list[Any], first: date
) -> None:
    members = [(new_id(), studio, holder["worker"], holder["name"], "leader", holder["skill_level"], first)]
    members += [
        (new_id(), studio, one["id"], one["name"], "member", one["skill_level"], first + timedelta(days=30 * n))
        for n, one in enumerate(mates[:9])
    ]
    await connection().executemany(
        "INSERT INTO studio_member (id, studio, worker, name, role, skill_level, joined_on) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        members,
    )
    firsts, rows = apprentices[: max(1, min(4, len(apprentices) // 3 + 1))], []
    for n, one in enumerate(apprentices):
        master = holder["worker"] if one in firsts else firsts[n % len(firsts)]["id"]
        day = date(2024, 3, 1) + timedelta(days=luck.randint(0, 560))
        day = max(day, first + timedelta(days=20))
        rows.append(
            (new_id(), studio, master, one["id"], "掌握关键工序，独立完成一项课题", day, day + timedelta(days=1095))
        )
    await connection().executemany(
        "INSERT INTO apprenticeship (id, studio, master, apprentice, trade, goals, agreed_on, ends_on, skill_before, skill_after,"
        " verdict, assessment, version, made_at)"
        f" VALUES ($1, $2, $3, $4, '', $5, $6, $7, '', '', '', '', 1, {NOW_SQL}) ON CONFLICT DO NOTHING",
        rows,
    )


async def _outputs(past: Past, studio: UUID, holder: Any, field: str, first: date, provincial: bool) -> None:
    rows, luck = [], past.luck
    for year in range(max(2023, first.year), 2026):
        start = max(date(year, 1, 8), first + timedelta(days=15))
        span = (date(year, 12, 20) - start).days
        for n in range(luck.randint(3, 6) + (year - 2023) + 3 * provincial):
            kind = luck.choice(KINDS)
            title = f"{field.split('与')[0]}{TOPICS[(n + year) % len(TOPICS)]}"
            reference = _reference(luck, kind, year)
            rows.append((kind, title, reference, start + timedelta(days=luck.randint(0, span)), None, None))
        for n in range(2):
            wan = Decimal(luck.randint(80, 1900)) / 10
            title = f"{field.split('与')[0]}{TOPICS[(n + 3 + year) % len(TOPICS)]}增效"
            rows.append(("benefit", title, "", date(year, 12, 20), wan, None))
        rows.append(("training", f"{year} 年岗位练兵", "", date(year, 12, 10), None, luck.randint(4, 60) * 10))
    await connection().executemany(
        "INSERT INTO output (id, studio, year, kind, title, reference, counted_key, achieved_on, wan_yuan, people, note, stage,"
        " decision_reason, decided_by, decided_at, version, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 'confirmed', '', $11, {NOW_SQL}, 2, $11, {NOW_SQL})"
        " ON CONFLICT DO NOTHING",
        [
            (
                new_id(), studio, day.year, kind, title, reference,
                natural_key(kind, reference=reference, title=f"{title} {n}" if kind == "improvement" else title, unit=str(holder["organisation"]),
                            studio=str(studio), year=day.year),
                day, wan, people, past.officer.account,
            )
            for n, (kind, title, reference, day, wan, people) in enumerate(rows)
        ],
    )  # fmt: skip


def _reference(luck: random.Random, kind: str, year: int) -> str:
    """A number as the kind has it; patents with a check sign that fits."""
    if kind in ("invention", "utility"):
        digits = f"{year}{'1' if kind == 'invention' else '2'}{luck.randint(0, 9_999_999):07d}"
        total = sum(int(d) * weight for d, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
        return f"ZL{digits}.{'0123456789X'[total % 11]}"
    if kind == "award":
        return f"宣工技〔{year}〕{luck.randint(1, 99)}号-{luck.randint(1, 30)}"
    return f"XCGF{year}-{luck.randint(1, 9999):04d}" if kind == "method" else ""


async def _earlier_grades(past: Past, studio: UUID, first: date) -> None:
    """Grades of the years before the newest, from papers."""
    for year in range(max(2023, first.year), 2025):
        total = past.luck.randint(148, 190)
        grade = "excellent" if total >= 180 else "qualified"
        await fetch(
            "INSERT INTO assessment (id, studio, year, total, reckoned, grade, raised, reason, made_by, made_at, decided_by, decided_at)"
            f" VALUES ($1, $2, $3, $4, $5, $5, false, '', $6, {NOW_SQL}, $6, $7)",
            new_id(), studio, year, f"{total // 2}.{total % 2 * 5}0", grade, past.officer.account,
            on(12, 22, year=year),
        )  # fmt: skip
