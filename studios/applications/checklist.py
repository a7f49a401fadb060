"""随填随查 (T2, T5, T6, T9, T11): what an application still lacks, each with its rule. The rules are pure; ``of`` gathers facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec

from foundation import clock
from foundation.database import fetch
from foundation.errors import Refusal
from foundation.i18n import N_
from studios.applications import access, honour_check
from studios.applications.schemas import Dossier, dossier_of
from studios.schemas import ProgrammeRules

TOPIC = re.compile(r"^\s*(20\d{2})\D")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One demand; ``refusal`` where it is not met."""

    part: str
    title: str
    rule: str
    refusal: Refusal | None = None

    @property
    def ok(self) -> bool:
        return self.refusal is None


def topics_by_year(text: str) -> Mapping[int, int]:
    """How many topics each year has; a line without a year counts nowhere."""
    found: dict[int, int] = {}
    for line in text.splitlines():
        if match := TOPIC.match(line):
            found[int(match[1])] = found.get(int(match[1]), 0) + 1
    return found


def review(
    dossier: Dossier, rules: ProgrammeRules, *, team: int, papers: Collection[int], closes_on: date, today: date,
    leader: Collection[Refusal],
) -> list[Check]:  # fmt: skip
    """Every demand on an application. ``team`` counts the leader; ``papers`` are the parts with a file. Pure."""
    want = rules.conditions
    checks = [Check(part="team", title=N_("领衔人资格"), rule=one.rule or "T2", refusal=one) for one in leader]
    if not leader:
        checks.append(Check(part="team", title=N_("领衔人资格"), rule="T2"))
    checks.append(
        _check("team", N_("团队人数"), "T6", team >= want.team_min, "团队至少 {least} 人（含领衔人），现有 {have} 人",
               "team_small", least=want.team_min, have=team)
    )  # fmt: skip
    checks += _filled(dossier)
    counts, year = topics_by_year(dossier.work.topics), today.year - 1
    checks.append(
        _check("work", N_("年度课题"), "T2", counts.get(year, 0) >= want.topics_a_year,
               "{year} 年至少 {least} 项攻关课题，现列 {have} 项；每行以年份开头", "topics_few", year=year,
               least=want.topics_a_year, have=counts.get(year, 0))
    )  # fmt: skip
    for place, label in enumerate(rules.papers):
        checks.append(
            _check("papers", label, "T5", place in papers, "缺“{paper}”的证明材料", "paper_missing", paper=label)
        )
    late = "申报已于 {closes} 截止"
    checks.append(
        _check("time", N_("申报期限"), "T3", today <= closes_on, late, "call_over", closes=closes_on.isoformat())
    )
    return checks


def _check(part: str, title: str, rule: str, good: bool, message: str, code: str, **facts: Any) -> Check:
    refusal = None if good else Refusal(code, message, field=part, rule=rule, **facts)
    return Check(part=part, title=title, rule=rule, refusal=refusal)


def _filled(dossier: Dossier) -> list[Check]:
    place, work, results = dossier.place, dossier.work, dossier.results
    numbers = [getattr(results, name) for name in msgspec.structs.asdict(results) if name != "summary"]
    wanted = (
        ("place", N_("专业方向"), "T7", bool(place.field_of_work.strip()), N_("写明专业方向")),
        ("place", N_("固定场所"), "T5", bool(place.address.strip()) and bool(place.area), N_("写明场所地址和面积")),
        ("place", N_("配套设施"), "T5", bool(place.equipment.strip()), N_("列出主要设备")),
        ("work", N_("管理制度"), "T5", bool(work.rules.strip()), N_("列出管理制度")),
        ("work", N_("保障经费"), "T5", bool(work.funds), N_("写明年度经费（元）")),
        ("results", N_("成果计数"), "T11", all(one is not None for one in numbers), N_("各项成果数都要填，没有的填 0")),
        ("results", N_("成效说明"), "T2", bool(results.summary.strip()), N_("写明成果满足企业需要、产生的效益")),
    )
    return [_check(part, title, rule, good, message, f"{part}_unfilled") for part, title, rule, good, message in wanted]


async def of(row: Any) -> list[Check]:
    """The checklist of an application's row as it is kept."""
    rules = await access.rules_by(row["rule_set"])
    people = await fetch(
        "SELECT count(DISTINCT worker) AS n FROM (SELECT worker FROM application_person WHERE application = $1"
        " UNION SELECT $2::uuid) t",
        row["id"], row["leader"],
    )  # fmt: skip
    papers = await fetch("SELECT DISTINCT part FROM application_paper WHERE application = $1 AND removed_at IS NULL", row["id"])  # fmt: skip
    closes = row["returned_due_on"] or row["closes_on"]
    return review(
        dossier_of(row["dossier"]), rules, team=people[0]["n"], papers={one["part"] for one in papers}, closes_on=closes,
        today=await clock.today(),
        leader=await honour_check.leader_refusals(row["leader"], rules.conditions, upgrades=row["upgrades"]),
    )  # fmt: skip
