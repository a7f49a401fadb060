"""方案: a try that was saved, put before the panel again, and carried out or not (H16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.i18n import gettext
from foundation.web.policy import Actor
from honours.nominations.moving import move_nomination
from honours.nominations.stages import Stage
from honours.permissions import Permission
from honours.review import board as boards
from honours.review import gates, selection

LETTERS = "ABCDEFGH"


async def save_plan(
    actor: Actor, award: UUID, outs: Sequence[UUID], ins: Sequence[UUID], *, letter: str = "", note: str = ""
) -> UUID:
    """Keep a try as a plan: a new letter, or the next version of one. Refuses an empty try and people who are not there."""
    async with transaction():
        await _hold(actor, award)
        board = await boards.board_for(actor, award)
        _require_try(board, outs, ins)
        taken = [
            row["letter"] for row in await fetch("SELECT DISTINCT letter FROM composition_plan WHERE award = $1", award)
        ]
        letter = letter if letter in taken else next((one for one in LETTERS if one not in taken), "")
        if not letter:
            raise Refusal("plans_full", "方案最多 {most} 个，请先删去不用的", most=len(LETTERS))
        number = await fetchval("SELECT coalesce(max(number), 0) + 1 FROM composition_plan WHERE award = $1 AND letter = $2", award, letter)  # fmt: skip
        made = new_id()
        await fetch(
            "INSERT INTO composition_plan (id, award, letter, number, outs, ins, note, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            made, award, letter, number, list(outs), list(ins), note, actor.account, await clock.now(),
        )  # fmt: skip
        await trail.record(actor, "plan.saved", "composition_plan", made, {"letter": letter, "number": number})
        return made


async def submit_plan(actor: Actor, plan: UUID, *, version: int) -> None:
    """提交复议: put it before the panel; refused while it leaves a line unmet, with every line that it leaves (H28)."""
    async with transaction():
        row = await _locked(actor, plan, version)
        board = await boards.board_for(actor, row["award"])
        _require_try(board, row["outs"], row["ins"])
        _then, lines = boards.tried(board, _texts(row["outs"]), _texts(row["ins"]))
        if unmet := [boards.line_refusal(one.after) for one in lines if not one.after.ok]:
            raise Refusals(unmet)
        await _step(row, ("saved",), "submitted", submitted_by=actor.account)
        await trail.record(actor, "plan.submitted", "composition_plan", plan)


async def decide_plan(actor: Actor, plan: UUID, *, adopt: bool, minutes: str, version: int) -> None:
    """The panel's answer with its record: adopted, everybody is moved in one transaction; else the plan is refused.

    Raises ``minutes_missing`` without the record (H16), all that the city's gate holds against those to come in (H34, H45),
    ``Conflict`` where somebody was moved meanwhile.
    """
    async with transaction():
        row = await _locked(actor, plan, version)
        if not minutes.strip():
            raise Refusal(
                "minutes_missing",
                "请写明评审组复议的结论和记录（会议日期、到会人数、表决）",
                field="minutes",
                rule="H16",
            )
        await _step(
            row, ("submitted",), "adopted" if adopt else "refused", minutes=minutes.strip(), decided_by=actor.account
        )
        if adopt:
            await _carry_out(actor, row, minutes.strip())
        await trail.record(actor, f"plan.{'adopted' if adopt else 'refused'}", "composition_plan", plan)


async def _carry_out(actor: Actor, row: Any, minutes: str) -> None:
    words = f"方案 {row['letter']} 复议：{minutes}"[:500]
    for one in row["outs"]:
        await move_nomination(actor, one, "reserve", opinion=words)
    refused: list[Refusal] = []
    for one in row["ins"]:
        held = await gates._locked(actor, one)
        found = await gates.in_the_way(held)  # after those who came in before it: places and ceilings count them
        refused += [Refusal("substitute_unready", "{name}：{why}", rule=each.rule, name=held["name"], why=each.text(gettext)) for each in found]  # fmt: skip
        if not found:
            action = "accept" if held["stage"] == Stage.CITY else "promote"
            await move_nomination(actor, one, action, opinion=words)
    if refused:
        raise Refusals(refused)


async def drop_plan(actor: Actor, plan: UUID, *, version: int) -> None:
    """Put a plan aside; what was decided stays."""
    async with transaction():
        row = await _locked(actor, plan, version)
        await _step(row, ("saved", "submitted"), "dropped")
        await trail.record(actor, "plan.dropped", "composition_plan", plan)


def _require_try(board: boards.Board, outs: Sequence[UUID], ins: Sequence[UUID]) -> None:
    chosen = {row.nomination: row for row in board.field.chosen}
    reserve = {row.nomination for row in board.field.reserve}
    if not outs and not ins:
        raise Refusal("try_empty", "请先在候选人中选择移出或补入的人选", rule="H16")
    if len(outs) > selection.MOST_TRIED or len(ins) > selection.MOST_TRIED:
        raise Refusal("try_too_long", "一次最多试换 {most} 人", most=selection.MOST_TRIED)
    if not chosen.keys() >= set(outs) or not reserve >= set(ins):
        raise Conflict("try_moved", "名单刚刚有变动，请刷新后重新试换")
    if any(chosen[one].stage not in (Stage.CITY, Stage.SELECTED) for one in outs):
        raise Conflict("try_too_late", "已公示的对象不能再移出", rule="H30")


async def _hold(actor: Actor, award: UUID) -> None:
    """The award, locked, where the actor may change its selection."""
    found = await fetchval(
        "SELECT a.id FROM cycle_award a JOIN cycle c ON c.id = a.cycle WHERE a.id = $1 AND c.organisation = ANY($2::uuid[])"
        " FOR UPDATE OF a",
        award, list(Permission.CHANGE_COMPOSITION.scope(actor)),
    )  # fmt: skip
    if found is None:
        raise NotFound


async def _locked(actor: Actor, plan: UUID, version: int) -> Any:
    row = await fetchrow("SELECT award FROM composition_plan WHERE id = $1", plan)
    if row is None:
        raise NotFound
    await _hold(actor, row["award"])
    row = await fetchrow("SELECT * FROM composition_plan WHERE id = $1 FOR UPDATE", plan)
    assert row is not None
    if row["version"] != version:
        raise Stale("plan_stale", "这个方案刚被他人修改，请看过新的内容再操作", current=row["version"])
    return row


async def _step(
    row: Any,
    stages: tuple[str, ...],
    to: str,
    *,
    minutes: str = "",
    submitted_by: UUID | None = None,
    decided_by: UUID | None = None,
) -> None:
    if row["stage"] not in stages:
        raise Conflict("plan_moved", "这个方案的状态刚刚改变，请刷新后再试")
    now = await clock.now()
    await fetch(
        "UPDATE composition_plan SET stage = $2, minutes = $3, version = version + 1, submitted_by = coalesce($4, submitted_by),"
        " submitted_at = CASE WHEN $4::uuid IS NULL THEN submitted_at ELSE $6 END, decided_by = $5,"
        " decided_at = CASE WHEN $5::uuid IS NULL THEN decided_at ELSE $6 END WHERE id = $1",
        row["id"], to, minutes, submitted_by, decided_by, now,
    )  # fmt: skip


def _texts(ids: Sequence[UUID]) -> list[str]:
    return [str(one) for one in ids]
