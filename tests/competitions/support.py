"""Builders for the wing's tests: a competition, an event with small rules, entries, panels, judges, marks.

Straight inserts: what a test is about goes through operations, what merely has to stand there comes from here.
All functions want a transaction around them (the ``db`` or ``committed`` fixture; ``house`` has ``db``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from competitions.scoring.bundle import Rules
from competitions.tables import Adjustment, Competition, Entry, EntryMember, Event, Mark, Panel, RuleSet, Seat
from foundation.database import fetch
from foundation.web.policy import Actor
from registry.search_keys import keys_for_name
from tests.support.people import House

RULES: dict[str, Any] = {
    "modules": [
        {"code": "theory", "title": "理论", "weight": "0.3",
         "aspects": [{"code": "T", "title": "理论笔试", "kind": "points", "max": "100", "step": "0.5"}]},
        {"code": "practical", "title": "实操", "weight": "0.7",
         "aspects": [
             {"code": "P1", "title": "装配质量", "kind": "points", "max": "60", "step": "0.5",
              "panel": {"method": "mean", "minimum": 2}},
             {"code": "P2", "title": "工艺", "kind": "judgement", "max": "40", "step": "1", "panel": {"minimum": 2},
              "levels": ["不符合", "基本符合", "符合", "优秀"]}]}],
    "ranking": [{"by": "total"}, {"by": "module:practical"}],
    "awards": {"tiers": [{"name": "一等奖", "count": 1}, {"name": "二等奖", "count": 1}]},
}  # fmt: skip
"""Theory by one judge, practice by two: small enough to reckon on paper. Maxima are 100 in each module, weights 1."""


class Stage:
    """An event as a test needs it: ids by the codes that the bundle uses."""

    def __init__(self, competition: UUID, event: UUID) -> None:
        self.competition, self.event = competition, event
        self.entries: dict[str, UUID] = {}
        self.panels: dict[str, UUID] = {}
        self.seats: dict[tuple[str, str], UUID] = {}
        """(panel's title, judge's code) → seat."""
        self.judges: dict[str, Actor] = {}


async def competition(house: House, *, at: str = "city", code: str = "2026-xc", **fields: Any) -> UUID:
    """An open competition organised by the organisation ``at`` of the house."""
    values: dict[str, Any] = {
        "code": code, "title": "2026 年示例职工技能竞赛", "organiser": house.organisations[at], "region": "341800",
        "year": 2026, "starts_on": date(2026, 4, 17), "ends_on": date(2026, 4, 18), "stage": "open", **fields,
    }  # fmt: skip
    made = Competition(**values)
    await made.save()
    return made.id


async def event(
    house: House,
    *,
    at: str = "city",
    code: str = "2026-auto-assembly",
    title: str = "汽车装调工",
    stage: str = "judging",
    rules: Mapping[str, Any] | None = RULES,
    competition_id: UUID | None = None,
    ends_at: datetime | None = None,
    **fields: Any,
) -> Stage:
    """An event in a stage with version 1 of its rules (``rules=None``: none yet), in a new competition unless given."""
    within = competition_id or await competition(house, at=at, code=f"c-{code}")
    made = Event(competition=within, code=code, title=title, stage=stage, ends_at=ends_at, **fields)
    await made.save()
    if rules is not None:
        await rule_set(made.id, rules)
    return Stage(within, made.id)


async def rule_set(event_id: UUID, rules: Mapping[str, Any], *, number: int = 1) -> UUID:
    """Write a version of an event's rules and put it in force."""
    text = msgspec.json.encode(msgspec.convert(rules, Rules), order="sorted").decode()
    made = RuleSet(event=event_id, number=number, rules=text)
    await made.save()
    await fetch("UPDATE event SET rule_set = $2 WHERE id = $1", event_id, made.id)
    return made.id


async def entry(
    house: House,
    stage: Stage,
    code: str | None,
    *,
    at: str = "jia",
    name: str = "",
    members: Sequence[str] = (),
    values: Mapping[str, str] | None = None,
    entry_stage: str = "accepted",
    **fields: Any,
) -> UUID:
    """An entry of a house organisation; accepted unless told. ``code=None``: not numbered yet."""
    label = name or f"示例队{code or ''}"
    made = Entry(
        event=stage.event, code=code, name=label, organisation=house.organisations[at], stage=entry_stage,
        entry_values=msgspec.json.encode(dict(values or {})).decode(), search_keys=keys_for_name(label), **fields,
    )  # fmt: skip
    await made.save()
    for place, person in enumerate(members):
        await EntryMember(entry=made.id, competition=stage.competition, name=person, place=place).save()
    if code is not None:
        stage.entries[code] = made.id
    return made.id


async def panel(
    house: House, stage: Stage, title: str, aspects: Sequence[str], judges: Sequence[str], *, at: str | None = None
) -> UUID:
    """A panel with one seat for each judge's code; each judge gets an account once (login ``judge-<code>``, lower case),
    held in ``stage.judges``. ``at`` is the judges' own organisation (a key of the house), for excusals (C61).
    """
    made = Panel(event=stage.event, title=title, aspects=list(aspects), place=len(stage.panels))
    await made.save()
    stage.panels[title] = made.id
    for code in judges:
        if code not in stage.judges:
            stage.judges[code] = await house.person(f"judge-{code.lower()}", "judge", event=stage.event)
        seat = Seat(
            panel=made.id, event=stage.event, code=code, account=stage.judges[code].account, name=stage.judges[code].name,
            organisation=house.organisations[at] if at else None,
        )  # fmt: skip
        await seat.save()
        stage.seats[title, code] = seat.id
    return made.id


async def standard(house: House, *, entries: int = 3, at: str = "city", **fields: Any) -> Stage:
    """The event of :data:`RULES` with entries A01…, panel 理论 (J1 on T) and panel 实操 (J2, J3 on P1 and P2)."""
    stage = await event(house, at=at, **fields)
    for number in range(1, entries + 1):
        await entry(house, stage, f"A{number:02}", at="jia" if number % 2 else "yi", members=[f"示例选手{number}"])
    await panel(house, stage, "理论", ["T"], ["J1"])
    await panel(house, stage, "实操", ["P1", "P2"], ["J2", "J3"])
    return stage


async def mark(stage: Stage, entry_code: str, aspect: str, judge: str, value: str | None, *, version: int = 1) -> None:
    """One mark by the judge's seat on the panel that marks ``aspect``."""
    rows = await fetch(
        "SELECT s.id, s.account FROM seat s JOIN panel p ON p.id = s.panel"
        " WHERE s.event = $1 AND s.code = $2 AND $3 = ANY(p.aspects) AND s.vacated_at IS NULL",
        stage.event, judge, aspect,
    )  # fmt: skip
    await Mark(
        event=stage.event, seat=rows[0]["id"], entry=stage.entries[entry_code], aspect=aspect, version=version,
        value=value, amount=None if value is None else Decimal(value), marked_by=rows[0]["account"],
    ).save()  # fmt: skip


async def mark_all(stage: Stage, marks: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Marks as ``{"A01": {"T": ["80"], "P1": ["50", "51"], "P2": ["2", "3"]}}``: values by the judges in code order."""
    rows = await fetch(
        "SELECT p.aspects, array_agg(s.code ORDER BY s.code) AS judges FROM seat s JOIN panel p ON p.id = s.panel"
        " WHERE s.event = $1 AND s.vacated_at IS NULL GROUP BY p.id",
        stage.event,
    )
    judges = {aspect: row["judges"] for row in rows for aspect in row["aspects"]}
    for entry_code, aspects in marks.items():
        for aspect, values in aspects.items():
            for judge, value in zip(judges[aspect], values, strict=True):
                await mark(stage, entry_code, aspect, judge, value)


async def adjust(stage: Stage, entry_code: str, kind: str, value: str, reason: str, *, place: int = 0) -> UUID:
    """A deduction or bonus."""
    made = Adjustment(
        event=stage.event, entry=stage.entries[entry_code], place=place, kind=kind, value=value, reason=reason
    )
    await made.save()
    return made.id
