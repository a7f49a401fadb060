"""评选周期的规则: its stages, its moves, and everything that stands in the way of opening it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from foundation.errors import Refusal
from foundation.i18n import N_
from honours.cycles import rule_faults
from honours.cycles.apportionment import Inputs, faults
from honours.cycles.schemas import CycleRules
from honours.permissions import Permission


class CycleStage(StrEnum):
    """A cycle's stages. The last three are reached by the notice, the decision and the roll."""

    DRAFT = "draft"
    OPEN = "open"
    REVIEW = "review"
    NOTICED = "noticed"
    DECIDED = "decided"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


STAGES: dict[str, str] = {
    CycleStage.DRAFT: N_("草稿"),
    CycleStage.OPEN: N_("申报中"),
    CycleStage.REVIEW: N_("评审中"),
    CycleStage.NOTICED: N_("公示中"),
    CycleStage.DECIDED: N_("已决定"),
    CycleStage.PUBLISHED: N_("已公布"),
    CycleStage.CANCELLED: N_("已取消"),
}
_RUN = Permission.RUN_CYCLE
CYCLE_MOVES: dict[tuple[CycleStage, str], tuple[CycleStage, Permission]] = {
    (CycleStage.DRAFT, "open"): (CycleStage.OPEN, _RUN),
    (CycleStage.OPEN, "close"): (CycleStage.REVIEW, _RUN),
    (CycleStage.REVIEW, "reopen"): (CycleStage.OPEN, _RUN),
    (CycleStage.DRAFT, "cancel"): (CycleStage.CANCELLED, _RUN),
    (CycleStage.OPEN, "cancel"): (CycleStage.CANCELLED, _RUN),
    (CycleStage.REVIEW, "cancel"): (CycleStage.CANCELLED, _RUN),
}
"""(stage, action) → (where it leads, who may). From review on, the notice, the decision and the roll move a cycle."""
ACTIONS: dict[str, str] = {
    "open": N_("启动申报"), "close": N_("截止申报"), "reopen": N_("重开申报"), "cancel": N_("取消本周期"),
}  # fmt: skip
REASONED = frozenset({"reopen", "cancel"})


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """What opening asks of a catalogue's title."""

    title: str
    level: str
    valid_from: int | None
    valid_until: int | None


class CycleFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that opening looks at. ``years`` are those the working-day calendar holds."""

    year: int
    level: str
    opens_on: date | None
    unit_due_at: datetime | None
    county_due_at: datetime | None
    rules: CycleRules
    titles: Mapping[str, Title]
    allotments: Mapping[str, Inputs]
    years: Collection[int]


def date_faults(opens_on: date | None, unit_due_at: datetime | None, county_due_at: datetime | None) -> list[Refusal]:
    """Dates in their order: opening, units' last moment, counties' last moment."""
    found = []
    if opens_on and unit_due_at and unit_due_at.date() < opens_on:
        found.append(Refusal("dates_in_order", "单位上报截止不能早于启动日", field="unit_due_at", rule="H35"))
    if unit_due_at and county_due_at and county_due_at <= unit_due_at:
        found.append(Refusal("dates_in_order", "县区上报截止应晚于单位上报截止", field="county_due_at", rule="H35"))
    return found


def obstacles(facts: CycleFacts, now: datetime) -> list[Refusal]:
    """Everything that stands in the way of opening, at once (H29, H32, H35)."""
    found = [
        Refusal("date_missing", message, field=field, rule="H35")
        for field, message in _DATES.items()
        if getattr(facts, field) is None
    ]
    found += date_faults(facts.opens_on, facts.unit_due_at, facts.county_due_at)
    if facts.unit_due_at and facts.unit_due_at <= now:
        found.append(Refusal("unit_due_past", "单位上报截止时间已过", field="unit_due_at", rule="H35"))
    missing = sorted({d.year for d in (facts.opens_on, facts.unit_due_at, facts.county_due_at) if d} - set(facts.years))
    if missing:
        found.append(
            Refusal(
                "calendar_missing", "{years} 年的工作日历尚未录入，不能计算期限；请先在“工作日历”中补录",
                field="opens_on", rule="H32", years="、".join(map(str, missing)),
            )
        )  # fmt: skip
    return found + _award_obstacles(facts) + rule_faults.faults(facts.rules)


_DATES = {
    "opens_on": N_("还没有填启动日"),
    "unit_due_at": N_("还没有填单位上报截止时间"),
    "county_due_at": N_("还没有填县区上报截止时间"),
}


def _award_obstacles(facts: CycleFacts) -> list[Refusal]:
    if not facts.rules.awards:
        return [Refusal("no_awards", "规则集里还没有奖项", field="awards", rule="H2")]
    found: list[Refusal] = []
    for n, award in enumerate(facts.rules.awards):
        known = facts.titles.get(award.honour)
        if known is None:
            found.append(
                Refusal(
                    "unknown_honour",
                    "荣誉目录里没有“{honour}”",
                    field=f"awards-{n}-honour",
                    rule="H2",
                    honour=award.honour,
                )
            )
            continue
        if known.level != facts.level:
            found.append(
                Refusal(
                    "level_differs",
                    "“{title}”的级别与本周期不同",
                    field=f"awards-{n}-honour",
                    rule="H2",
                    title=known.title,
                )
            )
        if (known.valid_from or 0) > facts.year or (known.valid_until or 9999) < facts.year:
            found.append(
                Refusal(
                    "honour_not_conferred", "“{title}”在 {year} 年不授予", field=f"awards-{n}-honour", rule="H2", title=known.title, year=facts.year
                )
            )  # fmt: skip
        if award.places == 0 and award.separate_places == 0:
            found.append(
                Refusal("no_places", "“{title}”还没有名额", field=f"awards-{n}-places", rule="H29", title=known.title)
            )
        found += _allotment_obstacles(known.title, award.places, facts.allotments.get(award.honour))
    return found


def _allotment_obstacles(title: str, places: int, inputs: Inputs | None) -> list[Refusal]:
    if inputs is None:
        return []
    if inputs.places != places:
        return [
            Refusal(
                "allotment_differs", "“{title}”的名额分配合计 {shared}，与名额 {places} 不符，请重新分配", field="allotment",
                rule="H29", title=title, shared=inputs.places, places=places,
            )
        ]  # fmt: skip
    return [why.at("allotment") for why in faults(inputs)]
