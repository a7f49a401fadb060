"""Verbs about cycles: make from a preset or a former year, edit, write rules, allot places, open, close. One verb, one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, moves, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from honours.catalogue.queries import honours_by_code
from honours.cycles import rule_faults
from honours.cycles.apportionment import Inputs, apportion
from honours.cycles.forms import CycleForm
from honours.cycles.presets import PRESETS
from honours.cycles.queries import CycleView, cycle_for, rules_of
from honours.cycles.rules import CYCLE_MOVES, REASONED, CycleFacts, CycleStage, Title, date_faults, obstacles
from honours.cycles.schemas import CycleRules
from honours.permissions import Permission


async def create_cycle(actor: Actor, form: CycleForm) -> UUID:
    """Make a cycle as a draft with rules copied from a preset or another cycle; raises ``Refusals`` beside their fields."""
    async with transaction():
        refused = date_faults(form.opens_on, form.unit_due_at, form.county_due_at)
        refused += await _organisation_faults(actor, form.organisation)
        source, rules = await _begin(actor, form.begin)
        if rules is None:
            refused.append(Refusal("no_such_choice", "没有这个选项", field="begin"))
        if await fetchval("SELECT 1 FROM cycle WHERE code = $1", form.code):
            refused.append(_code_taken(form.code))
        if refused or rules is None:
            raise Refusals(refused)
        made = await fetchval(
            "INSERT INTO cycle (id, code, title, year, level, organisation, copied_from, opens_on, unit_due_at, county_due_at,"
            " made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (code) DO NOTHING"
            " RETURNING id",
            new_id(), form.code, form.title, form.year, form.level, form.organisation, source, form.opens_on,
            form.unit_due_at, form.county_due_at, actor.account, await clock.now(),
        )  # fmt: skip
        if made is None:  # between the check and here
            raise _code_taken(form.code)
        await _append(actor, made, 1, rules, form.begin if source is None else "")
        await trail.record(actor, "cycle.created", "cycle", made, {"code": form.code, "begin": form.begin})
        return made


async def edit_cycle(actor: Actor, cycle_id: UUID, form: CycleForm) -> None:
    """Change a draft; once it is open only the two last moments, and only later ones. Raises ``Stale``, ``Conflict``, ``Refusals``."""
    async with transaction():
        known = await cycle_for(actor, cycle_id, Permission.RUN_CYCLE, lock=True)
        _require_version(known.version, form.version)
        refused = date_faults(form.opens_on, form.unit_due_at, form.county_due_at)
        if known.stage == CycleStage.DRAFT:
            refused += await _organisation_faults(actor, form.organisation)
            if form.code != known.code and await fetchval("SELECT 1 FROM cycle WHERE code = $1", form.code):
                refused.append(_code_taken(form.code))
        elif known.stage in (CycleStage.OPEN, CycleStage.REVIEW):
            refused += _locked_faults(known, form)
        else:
            raise Conflict("cycle_settled", "公示以后，周期的信息不能再改", rule="H32")
        if refused:
            raise Refusals(refused)
        await fetch(
            "UPDATE cycle SET code = $2, title = $3, year = $4, level = $5, organisation = $6, opens_on = $7, unit_due_at = $8,"
            " county_due_at = $9, version = version + 1 WHERE id = $1",
            cycle_id, form.code, form.title, form.year, form.level, form.organisation, form.opens_on, form.unit_due_at,
            form.county_due_at,
        )  # fmt: skip
        await trail.record(actor, "cycle.edited", "cycle", cycle_id, {"version": known.version + 1})


async def save_rules(actor: Actor, cycle_id: UUID, rules: CycleRules, *, based_on: int, reason: str = "") -> int:
    """Append a version of the rules of a draft; returns its number (the old one where nothing differs).

    Raises ``Conflict`` ``rules_locked`` once the cycle is open (nominees were called under these rules), ``Stale`` where
    somebody saved since version ``based_on``, ``Refusals`` beside the form's fields, ``reason_missing`` from version 2 on.
    """
    async with transaction():
        known = await cycle_for(actor, cycle_id, Permission.RUN_CYCLE, lock=True)
        if known.stage != CycleStage.DRAFT:
            raise Conflict(
                "rules_locked",
                "本周期已启动，单位按这些规则申报，规则不能再改；确需更改须取消本周期，另立新周期",
                rule="H28",
            )
        row = await fetchrow(
            "SELECT number, rules FROM cycle_rule_set WHERE cycle = $1 ORDER BY number DESC LIMIT 1", cycle_id
        )
        number = row["number"] if row else 0
        if number != based_on:
            raise Stale("stale_rules", "规则刚刚被他人改为第 {current} 版，请核对后再保存", current=number)
        if row and row["rules"] == encode(rules):
            return number
        refused = rule_faults.faults(rules)
        if row and not reason:
            refused.append(Refusal("reason_missing", "请写明理由", field="reason"))
        if refused:
            raise Refusals(refused)
        await _append(actor, cycle_id, number + 1, rules, reason)
        await fetch("UPDATE cycle SET version = version + 1 WHERE id = $1", cycle_id)
        await trail.record(actor, "cycle.rules_saved", "cycle", cycle_id, {"number": number + 1, "reason": reason})
        return number + 1


async def save_allotment(actor: Actor, cycle_id: UUID, honour: str, inputs: Inputs | None, *, version: int) -> None:
    """Keep what an award's places are shared out by, or nothing (H29); raises ``Refusals`` beside the form's fields."""
    async with transaction():
        known = await cycle_for(actor, cycle_id, Permission.RUN_CYCLE, lock=True)
        _require_version(known.version, version)
        if known.stage != CycleStage.DRAFT:
            raise Conflict("allotment_locked", "本周期已启动，名额已下达，不能再改", rule="H29")
        if all(award.honour != honour for award in (await rules_of(cycle_id)).awards):
            raise NotFound
        if inputs is not None:
            apportion(inputs)
        kept = await allotments_of(cycle_id)
        kept = {code: one for code, one in kept.items() if code != honour} | ({honour: inputs} if inputs else {})
        await fetch(
            "UPDATE cycle SET allotments = $2, version = version + 1 WHERE id = $1",
            cycle_id, msgspec.json.encode(kept).decode(),
        )  # fmt: skip
        await trail.record(
            actor, "cycle.allotted", "cycle", cycle_id, {"honour": honour, "places": inputs.places if inputs else None}
        )


async def move_cycle(actor: Actor, cycle_id: UUID, action: str, *, version: int, reason: str = "") -> None:
    """Open (awards, quotas and their reckoning are made), close, reopen or cancel; raises every obstacle together."""
    async with transaction():
        known = await cycle_for(actor, cycle_id, Permission.RUN_CYCLE, lock=True)
        stage = CycleStage(known.stage)
        moves.target(CYCLE_MOVES, stage, action)
        _require_version(known.version, version)
        if action in REASONED and not reason:
            raise Refusal("reason_missing", "请写明理由", field="reason")
        now = await clock.now()
        if action == "open":
            facts = await facts_of(known)
            if found := obstacles(facts, now):
                raise Refusals(found)
            await _make_awards(actor, known, facts)
            await fetch("UPDATE cycle SET opened_at = $2 WHERE id = $1", cycle_id, now)
        await moves.move("cycle", cycle_id, CYCLE_MOVES, stage, action)
        await trail.record(actor, f"cycle.{action}", "cycle", cycle_id, {"reason": reason} if reason else None)


async def facts_of(cycle: CycleView) -> CycleFacts:
    """What :func:`honours.cycles.rules.obstacles` looks at."""
    titles = {
        code: Title(title=h.title, level=h.level, valid_from=h.valid_from, valid_until=h.valid_until)
        for code, h in (await honours_by_code()).items()
    }
    return CycleFacts(
        year=cycle.year, level=cycle.level, opens_on=cycle.opens_on, unit_due_at=_local(cycle.unit_due_at),
        county_due_at=_local(cycle.county_due_at), rules=await rules_of(cycle.id), titles=titles,
        allotments=await allotments_of(cycle.id), years=[row["year"] for row in await fetch("SELECT year FROM calendar_year")],
    )  # fmt: skip


async def allotments_of(cycle_id: UUID) -> dict[str, Inputs]:
    """What each award's places are shared out by, by the honour's code."""
    text = await fetchval("SELECT allotments FROM cycle WHERE id = $1", cycle_id)
    return msgspec.json.decode(text or "{}", type=dict[str, Inputs])


def encode(rules: CycleRules) -> str:
    """Rules as they are stored."""
    return msgspec.json.encode(rules, order="sorted").decode()


async def _begin(actor: Actor, begin: str) -> tuple[UUID | None, CycleRules | None]:
    if begin in PRESETS:
        return None, PRESETS[begin].rules
    try:
        other = await cycle_for(actor, UUID(begin), Permission.SEE_CATALOGUE)
        return other.id, await rules_of(other.id)
    except (ValueError, NotFound):
        return None, None


async def _append(actor: Actor, cycle: UUID, number: int, rules: CycleRules, reason: str) -> None:
    await fetch(
        "INSERT INTO cycle_rule_set (id, cycle, number, rules, reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new_id(), cycle, number, encode(rules), reason, actor.account, await clock.now(),
    )  # fmt: skip


async def _make_awards(actor: Actor, cycle: CycleView, facts: CycleFacts) -> None:
    """Awards in the rules' order; for each allotment its reckoning, kept whole, and the quotas that follow from it."""
    honours = await honours_by_code()
    now = await clock.now()
    for place, award in enumerate(facts.rules.awards):
        made = new_id()
        await fetch(
            "INSERT INTO cycle_award (id, cycle, honour, places, place) VALUES ($1, $2, $3, $4, $5)",
            made, cycle.id, honours[award.honour].id, award.places, place,
        )  # fmt: skip
        if (inputs := facts.allotments.get(award.honour)) is None:
            continue
        result = apportion(inputs)
        await fetch(
            "INSERT INTO apportionment (id, award, number, inputs, result, made_by, made_at) VALUES ($1, $2, 1, $3, $4, $5, $6)",
            new_id(), made, msgspec.json.encode(inputs).decode(), msgspec.json.encode(result).decode(), actor.account, now,
        )  # fmt: skip
        for county, row in zip(inputs.counties, result.rows, strict=True):
            await fetch(
                "INSERT INTO quota (id, award, organisation, places) VALUES ($1, $2, $3, $4)",
                new_id(), made, UUID(county.organisation), row.seats,
            )  # fmt: skip


async def _organisation_faults(actor: Actor, organisation: UUID) -> list[Refusal]:
    found = await fetchval(
        "SELECT 1 FROM organisation WHERE id = $1 AND ancestors && $2::uuid[] AND kind IN ('city', 'county', 'industry')"
        " AND closed_at IS NULL",
        organisation, list(Permission.RUN_CYCLE.scope(actor)),
    )  # fmt: skip
    return [] if found else [Refusal("no_such_choice", "没有这个选项", field="organisation")]


def _locked_faults(known: CycleView, form: CycleForm) -> list[Refusal]:
    found = [
        Refusal("cycle_open", "本周期已启动，只能延长截止时间", field=name, rule="H35")
        for name in ("code", "title", "year", "level", "organisation", "opens_on")
        if getattr(known, name) != getattr(form, name)
    ]
    for name in ("unit_due_at", "county_due_at"):
        was, now = getattr(known, name), getattr(form, name)
        if now is None or (was and now < was):
            found.append(Refusal("only_later", "已启动的周期，截止时间只能延后", field=name, rule="H35"))
    return found


def _require_version(current: int, shown: int) -> None:
    if current != shown:
        raise Stale("stale", "他人刚刚改过（现为第 {current} 版），请核对后再保存", current=current)


def _code_taken(code: str) -> Refusal:
    return Refusal("code_taken", "代号“{taken}”已有人使用", field="code", taken=code)


def _local(moment: Any) -> Any:
    return clock.local(moment) if moment else None


def decode_text(text: str) -> CycleRules:
    """Rules as a program sends them; raises ``Refusal`` where they are none."""
    try:
        return msgspec.json.decode(text, type=CycleRules)
    except (msgspec.DecodeError, RecursionError) as why:
        raise Refusal("wrong_rules", "规则的格式不对：{why}", field="rules", rule="H28", why=str(why)[:200]) from None
