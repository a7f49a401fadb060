"""创建项目与批次: programmes with their rules in versions, calls with their days. One verb, one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from studios.applications.presets import COLLEGES, PRESETS
from studios.applications.schemas import CallForm, ProgrammeForm
from studios.applications.stages import RUNNING
from studios.applications.table_rules import check_table
from studios.permissions import Permission
from studios.schemas import ProgrammeRules


def check_rules(rules: ProgrammeRules) -> None:
    """Refuse rules that cannot work, all at once: tables, and tranches that are not the whole subsidy (T4)."""
    refused = check_table(rules.naming_table)
    if rules.assessment_table is not None:
        refused += check_table(rules.assessment_table)
    for subsidy in rules.subsidies:
        if sum(subsidy.tranches) != 100 or subsidy.yuan <= 0:
            refused.append(Refusal("subsidy_tranches", "补助金额应为正数，各期比例合计应为 100%", rule="T4"))
    if refused:
        raise Refusals(refused)


async def create_programme(actor: Actor, form: ProgrammeForm) -> UUID:
    """Make a programme of the actor's own union from a preset. Raises ``Conflict`` for a code in use."""
    if form.preset not in PRESETS:
        raise Refusal("preset_unknown", "没有这一规则样例", field="preset")
    if (form.preset in COLLEGES) != (form.kind == "college"):
        raise Refusal(
            "preset_kind", "工匠学院的项目用工匠学院的规则样例，创新工作室的用工作室的", field="preset", rule="T1"
        )
    rules = msgspec.structs.replace(PRESETS[form.preset][1](), title=form.title)
    async with transaction():
        union = next(iter(sorted(Permission.RUN_PROGRAMMES.scope(actor))), None)
        if union is None:
            raise NotFound
        made = new_id()
        try:
            async with transaction():
                await fetch(
                    "INSERT INTO programme (id, code, title, level, kind, organisation, version, made_by, made_at)"
                    f" VALUES ($1, $2, $3, $4, $5, $6, 1, $7, {NOW_SQL})",
                    made, form.code, form.title, form.level, form.kind, union, actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Conflict("programme_code", "代码“{said}”已被使用", field="code", said=form.code) from None
        await _keep_rules(actor, made, rules, PRESETS[form.preset][0])
        await trail.record(actor, "programme.created", "programme", made, {"code": form.code, "preset": form.preset})
        return made


async def save_rules(actor: Actor, programme: UUID, text: str, *, reason: str, version: int) -> int:
    """Put a new version of the rules in force; returns its number.

    Raises ``Refusals`` for what :func:`check_rules` finds, ``reason_required``, ``Stale`` via the version, ``Conflict``
    ``call_open`` while a call takes applications: they are judged by the rules that they were called with.
    """
    from studios.applications.moving import require_version

    try:
        rules = msgspec.json.decode(text, type=ProgrammeRules)
    except msgspec.DecodeError as why:
        raise Refusal("rules_form", "规则写得不对：{why}", field="rules", why=str(why)) from None
    check_rules(rules)
    if not reason.strip():
        raise Refusal("reason_required", "请写明修改的理由", field="reason")
    async with transaction():
        row = await programme_for(actor, programme, lock=True)
        require_version(row, version)
        if row["open"] is not None:
            raise Conflict("call_open", "申报批次进行中，规则已锁定；批次结束后才能修改", rule="T3")
        number = await _keep_rules(actor, programme, rules, reason)
        await fetch("UPDATE programme SET version = version + 1 WHERE id = $1", programme)
        await trail.record(actor, "programme.rules", "programme", programme, {"number": number})
        return number


async def _keep_rules(actor: Actor, programme: UUID, rules: ProgrammeRules, reason: str) -> int:
    row = await fetchrow(
        "INSERT INTO programme_rule_set (id, programme, number, rules, reason, made_by, made_at)"
        " VALUES ($1, $2, (SELECT coalesce(max(number), 0) + 1 FROM programme_rule_set WHERE programme = $2), $3, $4, $5,"
        f" {NOW_SQL}) RETURNING number",
        new_id(), programme, msgspec.json.encode(rules).decode(), reason.strip()[:300], actor.account,
    )  # fmt: skip
    assert row is not None
    return row["number"]


async def open_call(actor: Actor, programme: UUID, form: CallForm) -> UUID:
    """Open a call (申报批次): one at a time. Raises ``Refusal`` for days out of order, ``Conflict`` where one is open."""
    if form.closes_on < form.opens_on:
        raise Refusal("call_days", "截止日应在开始日之后", field="closes_on")
    async with transaction():
        row = await programme_for(actor, programme, lock=True)
        if row["open"] is not None:
            raise Conflict("call_open", "已有进行中的申报批次")
        made = new_id()
        try:
            async with transaction():
                await fetch(
                    "INSERT INTO studio_call (id, programme, rule_set, code, title, opens_on, closes_on, stage, last_number,"
                    f" version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', 0, 1, $8, {NOW_SQL})",
                    made, programme, (await newest_rules(programme))["id"], form.code, form.title, form.opens_on,
                    form.closes_on, actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Conflict("call_code", "批次代码“{said}”已被使用", field="code", said=form.code) from None
        await fetch("UPDATE programme SET open = $2, version = version + 1 WHERE id = $1", programme, made)
        await trail.record(actor, "studio_call.opened", "studio_call", made, {"code": form.code})
        return made


async def close_call(actor: Actor, call: UUID) -> None:
    """End a call once nothing of it waits any more. Raises ``Refusal`` ``call_running`` with how many do."""
    async with transaction():
        row = await fetchrow(
            "SELECT c.id, c.programme FROM studio_call c JOIN programme p ON p.id = c.programme"
            " WHERE c.id = $1 AND c.stage = 'open' AND p.organisation = ANY($2::uuid[]) FOR UPDATE OF c, p",
            call, list(Permission.RUN_PROGRAMMES.scope(actor)),
        )  # fmt: skip
        if row is None:
            raise NotFound
        today, waiting = await clock.today(), await fetch(
            "SELECT 1 FROM studio_application WHERE call = $1 AND stage = ANY($2::varchar[])",
            call, [step.value for step in sorted(RUNNING) if step != "draft"],
        )  # fmt: skip
        if waiting:
            raise Refusal("call_running", "还有 {n} 件申报没有办结", rule="T3", n=len(waiting))
        await fetch("UPDATE studio_call SET stage = 'closed', version = version + 1 WHERE id = $1", call)
        await fetch("UPDATE programme SET open = NULL, version = version + 1 WHERE id = $1", row["programme"])
        await trail.record(actor, "studio_call.closed", "studio_call", call, {"on": today})


async def programme_for(actor: Actor, programme: UUID, *, lock: bool = False) -> Any:
    """A programme of the actor's own union; else not found."""
    row = await fetchrow(
        "SELECT * FROM programme WHERE id = $1 AND organisation = ANY($2::uuid[])" + (" FOR UPDATE" if lock else ""),
        programme, list(Permission.RUN_PROGRAMMES.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def newest_rules(programme: UUID) -> Any:
    """The rule set in force: id, number, rules (JSON), reason."""
    row = await fetchrow(
        "SELECT * FROM programme_rule_set WHERE programme = $1 ORDER BY number DESC LIMIT 1", programme
    )
    if row is None:
        raise NotFound
    return row


async def rules_of(programme: UUID) -> ProgrammeRules:
    """The rules in force now."""
    return msgspec.json.decode((await newest_rules(programme))["rules"], type=ProgrammeRules)


async def programmes_of(actor: Actor) -> list[Any]:
    """The programmes of the actor's union, with their open call."""
    return await fetch(
        "SELECT p.*, c.title AS call_title, c.closes_on, (SELECT max(number) FROM programme_rule_set s WHERE s.programme = p.id)"
        " AS rules_number FROM programme p LEFT JOIN studio_call c ON c.id = p.open"
        " WHERE p.organisation = ANY($1::uuid[]) ORDER BY p.title, p.id",
        list(Permission.RUN_PROGRAMMES.scope(actor)),
    )
