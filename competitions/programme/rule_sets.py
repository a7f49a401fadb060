"""Versions of an event's rules (规则集的版本): saving one, reading them, and what differs between two.

Each save is a new row. Before the first mark any officer's save stands at once; afterwards it wants a reason, and the
marks that were given must still be possible under it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from competitions.permissions import Permission
from competitions.programme import rule_form
from competitions.programme.bundles import bundle_of
from competitions.programme.queries import event_for, seats_of
from competitions.programme.rules import EventStage
from competitions.scoring.bundle import Bundle, Rules
from competitions.scoring.checks import Check, check_rules
from competitions.scoring.reading import check
from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.i18n import N_
from foundation.web.policy import Actor

EDITABLE = frozenset({EventStage.DRAFT, EventStage.REGISTRATION, EventStage.JUDGING})


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an event's rules."""

    number: int
    reason: str
    made_at: datetime
    made_by: str
    rules: Rules


async def save_rules(
    actor: Actor, event_id: UUID, rules: Rules, *, based_on: int, reason: str = "", hundred: bool = False
) -> int:
    """Save a new version of the rules and put it in force; returns its number (the old one where nothing differs).

    ``based_on`` is the version that was shown (0: none). ``hundred`` insists on what a 百分制 event wants (C20, C23).
    Raises ``Stale``, ``Conflict`` once results are confirmed, ``Refusals`` beside the form's fields.
    """
    async with transaction():
        event = await event_for(actor, event_id, Permission.RUN_COMPETITION, lock=True)
        if event.stage not in EDITABLE:
            raise Conflict("rules_settled", "成绩已确认，规则不能再改；请先退回评分")
        current = await fetchrow("SELECT number, rules FROM rule_set WHERE id = $1", event.rule_set)
        number = current["number"] if current else 0
        if number != based_on:
            raise Stale("stale_rules", "规则刚刚被他人改为第 {current} 版，请核对后再保存", current=number)
        if current and _same(msgspec.json.decode(current["rules"], type=Rules), rules):
            return number
        refused = await _refused(event_id, rules, reason=reason, hundred=hundred, first=current is None)
        if refused:
            raise Refusals(refused)
        number += 1
        text = msgspec.json.encode(rules, order="sorted").decode()
        made = await fetchval(
            "INSERT INTO rule_set (id, event, number, rules, reason, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            new_id(), event_id, number, text, reason, actor.account, await clock.now(),
        )  # fmt: skip
        await fetch("UPDATE event SET rule_set = $2, version = version + 1 WHERE id = $1", event_id, made)
        await _trim_panels(event_id, rules)
        await trail.record(actor, "rules.saved", "event", event_id, {"number": number, "reason": reason})
    return number


def _same(was: Rules, now: Rules) -> bool:
    """Whether two rule sets mean the same, defaults written out or not."""
    return rule_form.tree_of(was) == rule_form.tree_of(now)


async def _refused(event_id: UUID, rules: Rules, *, reason: str, hundred: bool, first: bool) -> list[Refusal]:
    refused = []
    if hundred:
        refused += [
            refusal_of(c, rules) for c in check_rules(rules, seats=await seats_of(event_id)) if c.level == "fault"
        ]
    if first:
        return refused
    bundle = await bundle_of(event_id)
    if bundle.marks:
        if not reason:
            refused.append(Refusal("reason_missing", "已有给分：修改规则须写明理由", field="reason", rule="C57"))
        refused += marks_refused(bundle, rules)
    return refused


def marks_refused(bundle: Bundle, rules: Rules) -> list[Refusal]:
    """The marks already given that the new rules would not allow, counted by aspect."""
    fields = aspect_fields(rules)
    gone = Counter(mark.aspect for mark in bundle.marks if mark.aspect not in fields)
    found = [
        Refusal("aspect_marked", "评分项 {aspect} 已有 {count} 个给分，不能删去或改代号", field="modules", rule="C57", aspect=code, count=n)
        for code, n in gone.items()
    ]  # fmt: skip
    kept = tuple(mark for mark in bundle.marks if mark.aspect in fields)
    tried = replace(bundle, event=replace(bundle.event, rules=rules), marks=kept)
    faults = [f for f in check(tried) if f.path.startswith("$.marks[")]
    bad = Counter(kept[int(f.path[8 : f.path.index("]")])].aspect for f in faults)
    for code, count in bad.items():
        found.append(Refusal("marks_do_not_fit", "评分项 {aspect} 已有 {count} 个给分不合新的范围或步长", field=f"{fields[code]}-max", rule="C23", aspect=code, count=count))  # fmt: skip
    return found


def aspect_fields(rules: Rules) -> dict[str, str]:
    """Where each aspect stands in the form: code → ``modules-0-aspects-1``."""
    return {
        aspect.code: f"modules-{m}-aspects-{a}"
        for m, module in enumerate(rules.modules)
        for a, aspect in enumerate(module.aspects)
    }


async def _trim_panels(event_id: UUID, rules: Rules) -> None:
    """Take aspects that the rules no longer have off the panels."""
    codes = list(aspect_fields(rules))
    await fetch(
        "UPDATE panel SET aspects = ARRAY(SELECT a FROM unnest(aspects) AS a WHERE a = ANY($2::varchar[]))"
        " WHERE event = $1 AND NOT aspects <@ $2::varchar[]",
        event_id,
        codes,
    )


CHECK_TEXTS: Mapping[tuple[str, str], str] = {
    ("weights-sum-to-1", "pass"): N_("权重合计 {sum}"),
    ("weights-sum-to-1", "fault"): N_("权重合计 {sum}，应为 1，差 {difference}"),
    ("maxima-sum-to-100", "pass"): N_("{subject} 满分合计 {sum}"),
    ("maxima-sum-to-100", "fault"): N_("{subject} 满分合计 {sum}，应为 100，差 {difference}"),
    ("theory-at-most-30", "pass"): N_("理论占 {percent}%，不超过 {limit}%"),
    ("theory-at-most-30", "warning"): N_("理论占 {percent}%，超过 {limit}%"),
    ("never-trim-below-4", "pass"): N_("{subject} 去高去低，至少 {minimum} 个分"),
    ("never-trim-below-4", "fault"): N_("{subject} 不足 {limit} 个分不得去高去低，现为 {minimum} 个"),
    ("trimmed-minimum-5", "pass"): N_("{subject} 至少 {minimum} 个分"),
    ("trimmed-minimum-5", "warning"): N_("{subject} 去高去低宜至少 {limit} 个分，现为 {minimum} 个"),
    ("trim-one-and-one", "pass"): N_("{subject} 去一高一低"),
    ("trim-one-and-one", "warning"): N_("{subject} 去 {high} 高 {low} 低，通行做法是各去一个"),
    ("seats-odd-and-5", "pass"): N_("{subject} 裁判 {seats} 名，单数"),
    ("seats-odd-and-5", "warning"): N_("{subject} 裁判 {seats} 名，宜为单数且不少于 {limit} 名"),
    ("seats-reach-minimum", "pass"): N_("{subject} 裁判 {seats} 名，够 {minimum} 个分"),
    ("seats-reach-minimum", "fault"): N_("{subject} 裁判只有 {seats} 名，不够 {minimum} 个分"),
    ("levels-described", "pass"): N_("{subject} 四级都有说明"),
    ("levels-described", "warning"): N_("{subject} 缺第 {levels} 级说明，裁判看不到标准"),
    ("total-ranks-first", "pass"): N_("排名先比总分"),
    ("total-ranks-first", "warning"): N_("排名没有先比总分"),
    ("awards-within-100", "pass"): N_("各奖项比例合计 {percent}%"),
    ("awards-within-100", "fault"): N_("各奖项比例合计 {percent}%，超过 100%"),
}


def check_text(found: Check, translate: Any, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A check in one sentence; ``names`` are what the modules are called."""
    text = translate(CHECK_TEXTS.get((found.name, found.level), found.name))
    return text.format(subject=names.get(found.subject, found.subject), **found.facts)


def refusal_of(found: Check, rules: Rules) -> Refusal:
    """A check that failed, as a refusal beside the field that would put it right."""
    aspects = aspect_fields(rules)
    modules = {module.code: n for n, module in enumerate(rules.modules)}
    if found.name == "weights-sum-to-1":
        field = f"modules-{len(rules.modules) - 1}-weight"
    elif found.name == "awards-within-100":
        field = "tiers-0-share"
    elif found.subject in aspects:
        field = f"{aspects[found.subject]}-minimum"
    else:
        field = f"modules-{modules.get(found.subject, 0)}-aspects"
    message = CHECK_TEXTS.get((found.name, found.level), found.name)
    return Refusal(found.name, message, field=field, rule=found.rule, subject=found.subject, **found.facts)


VERSIONS_SQL = """
SELECT s.number, s.reason, s.made_at, coalesce(a.name, '') AS made_by, s.rules
FROM rule_set s LEFT JOIN account a ON a.id = s.made_by WHERE s.event = $1 ORDER BY s.number DESC LIMIT 200
"""


async def versions_of(event_id: UUID) -> list[Version]:
    """All versions of an event's rules, the newest first."""
    return [
        Version(**{**dict(row), "rules": msgspec.json.decode(row["rules"], type=Rules)})
        for row in await fetch(VERSIONS_SQL, event_id)
    ]


async def copyable(actor: Actor, event_id: UUID) -> list[tuple[str, str]]:
    """Other events of this officer whose rules may be copied, as (id, title)."""
    rows = await fetch(
        "SELECT e.id, e.title, c.title AS competition FROM event e JOIN competition c ON c.id = e.competition"
        " JOIN organisation o ON o.id = c.organiser WHERE o.ancestors && $1::uuid[] AND e.rule_set IS NOT NULL"
        " AND e.id <> $2 ORDER BY e.made_at DESC LIMIT 60",
        list(Permission.RUN_COMPETITION.scope(actor)),
        event_id,
    )
    return [(str(row["id"]), f"{row['title']} · {row['competition']}") for row in rows]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a difference: ``was`` or ``now`` is empty where a thing is new or gone."""

    where: str
    what: str
    was: str
    now: str


LABELS: Mapping[str, str] = {
    "title": N_("名称"), "weight": N_("权重"), "kind": N_("方式"), "max": N_("满分"), "min": N_("最低分"),
    "step": N_("步长"), "factor": N_("系数"), "method": N_("合议"), "drop_high": N_("去高"), "drop_low": N_("去低"),
    "minimum": N_("最少有效分"), "level0": N_("0 级说明"), "level1": N_("1 级说明"), "level2": N_("2 级说明"),
    "level3": N_("3 级说明"), "panel": N_("合议小数位"), "aspect": N_("评分项小数位"), "module": N_("模块小数位"),
    "total": N_("总分小数位"), "ties": N_("同分处理"), "award_ties": N_("界线上并列"), "scale": N_("折算分"),
    "order": N_("次序"), "share": N_("比例或名额"), "unit": N_("单位"), "at_least": N_("至少"), "by": N_("排名依据"),
    "code": N_("代号"), "module_of": N_("所属模块"),
}  # fmt: skip


def difference(was: Rules | None, now: Rules) -> list[Change]:
    """What changed between two rule sets, by the codes of modules and aspects, so that a moved row is not a new one."""
    old, new = _flat(was) if was else {}, _flat(now)
    return [
        Change(where=where, what=what, was=old.get((where, what), ""), now=new.get((where, what), ""))
        for where, what in dict.fromkeys([*new, *old])
        if old.get((where, what), "") != new.get((where, what), "")
    ]


def _flat(rules: Rules) -> dict[tuple[str, str], str]:
    tree = rule_form.tree_of(rules)
    flat: dict[tuple[str, str], str] = {}
    for module in tree["modules"]:
        flat |= {(module["code"], name): module[name] for name in ("title", "weight")}
        for row in module["aspects"]:
            flat[row["code"], "module_of"] = module["code"]
            flat |= {(row["code"], name): value for name, value in row.items() if name != "code"}
    for n, key in enumerate(tree["ranking"], 1):
        flat |= {(f"#{n}", name): value for name, value in key.items()}
    for tier in tree["tiers"]:
        flat |= {(tier["name"], name): value for name, value in tier.items() if name != "name"}
    flat |= {("", name): value for name, value in tree["places"].items()}
    flat |= {("", name): tree[name] for name in ("ties", "award_ties", "scale")}
    return flat


def version_named(versions: Sequence[Version], number: int) -> Version:
    """One of the versions; raises ``NotFound``."""
    for version in versions:
        if version.number == number:
            return version
    raise NotFound


VALUE_NAMES: Mapping[str, str] = {
    "points": N_("打分"), "judgement": N_("评判 0–3"), "mean": N_("均值"), "trimmed_mean": N_("去高去低"),
    "median": N_("中位数"), "sum": N_("求和"), "share": N_("并列"), "refuse": N_("加赛或裁定"),
    "extend": N_("同取高奖"), "strict": N_("不许并列"), "desc": N_("高者在前"), "asc": N_("低者在前"),
    "percent": N_("%"), "count": N_("名"),
}  # fmt: skip
"""How the words of the format are called on screen."""
