"""征求意见、一票否决与例外 (H10, H12, H40–H45, H50–H53): what officers keep about a nominee."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from honours.cycles.queries import rules_of
from honours.cycles.schemas import DEPARTMENTS
from honours.nominations import access, facts, papers
from honours.nominations.moving import require_version
from honours.nominations.schemas import AnswerForm, AskForm, VetoForm, WaiverForm
from honours.nominations.stages import Stage
from honours.permissions import Permission

KEEP = Permission.KEEP_CLEARANCES
OVER = frozenset({Stage.REJECTED, Stage.WITHDRAWN, Stage.ABANDONED, Stage.DISQUALIFIED, Stage.NOT_CONFERRED})


async def row_for_officer(actor: Actor, nomination: UUID, *, lock: bool = False) -> Any:
    """A nomination that this officer keeps clearances and facts of; ``NotFound`` otherwise."""
    return await access.row_for(actor, nomination, KEEP, lock=lock)


async def ask(actor: Actor, nomination: UUID, form: AskForm) -> int:
    """发函 (H40–H45): ask these departments on a day; returns how many. The same department may be asked again on another day.

    Raises Refusals: ``department_unknown``, ``asked_in_the_future``, ``nothing_asked``, ``asked_already``; ``Conflict`` where
    the nomination is over.
    """
    async with transaction():
        row = await row_for_officer(actor, nomination, lock=True)
        if Stage(row["stage"]) in OVER:
            raise Conflict("nomination_over", "此件已经终止，不再征求意见")
        wanted = list(dict.fromkeys(form.departments))
        _check_asking(wanted, form, await clock.today())
        for department in wanted:
            await _ask_one(actor, nomination, department, form)
        await trail.record(actor, "clearance.asked", "nomination", nomination, {"departments": wanted})
        return len(wanted)


def _check_asking(wanted: list[str], form: AskForm, today: Any) -> None:
    refused = []
    if not wanted:
        refused.append(Refusal("nothing_asked", "请勾选要发函的部门", field="departments", rule="H45"))
    if any(one not in DEPARTMENTS for one in wanted):
        refused.append(Refusal("department_unknown", "没有这个部门", field="departments", rule="H45"))
    if form.asked_on > today:
        refused.append(Refusal("asked_in_the_future", "发函日期不能晚于今天", field="asked_on", rule="H45"))
    if refused:
        raise Refusals(refused)


async def _ask_one(actor: Actor, nomination: UUID, department: str, form: AskForm) -> None:
    try:
        async with transaction():
            await fetch(
                "INSERT INTO clearance (id, nomination, department, asked_on, opinion, note, version, made_by, made_at)"
                f" VALUES ($1, $2, $3, $4, '', '', 1, $5, {NOW_SQL})",
                new_id(), nomination, department, form.asked_on, actor.account,
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise Refusal(
            "asked_already", "{department}：{day} 已发过函", field="departments", rule="H45",
            department=DEPARTMENTS[department], day=form.asked_on,
        ) from None  # fmt: skip


async def answer(
    actor: Actor, nomination: UUID, clearance: UUID, form: AnswerForm, *, file: UUID | None = None
) -> None:
    """A department's opinion, once: it counts for the rule set's days from its date (H45). Asking again begins anew.

    Raises ``NotFound``, ``Stale``, ``Conflict`` ``answered_already``, ``Refusal`` for a day before the asking or after today.
    """
    async with transaction():
        row = await row_for_officer(actor, nomination, lock=True)
        asked = await fetchrow(
            "SELECT * FROM clearance WHERE id = $1 AND nomination = $2 FOR UPDATE", clearance, nomination
        )
        if asked is None:
            raise NotFound
        if asked["opinion"]:
            raise Conflict("answered_already", "这份征求意见已登记过答复；有变化的请重新发函")
        require_version(asked, form.version)
        if not asked["asked_on"] <= form.opinion_on <= await clock.today():
            raise Refusal("opinion_day", "意见日期应在发函日与今天之间", field="opinion_on", rule="H45")
        if form.opinion != "agree" and not form.note.strip():
            raise Refusal("opinion_note", "不同意或有保留的，请写明理由", field="note", rule="H45")
        found = papers.departments_for(await rules_of(row["cycle"]), papers.candidate_classes(await facts.gather(row)))
        days = found.get(asked["department"], (180, ""))[0]
        await fetch(
            "UPDATE clearance SET opinion = $2, opinion_on = $3, valid_until = $4, note = $5, file = $6, version = version + 1"
            " WHERE id = $1",
            clearance, form.opinion, form.opinion_on, form.opinion_on + timedelta(days=days), form.note, file,
        )  # fmt: skip
        await trail.record(
            actor, "clearance.answered", "nomination", nomination,
            {"department": asked["department"], "opinion": form.opinion},
        )  # fmt: skip


async def add_veto(actor: Actor, nomination: UUID, form: VetoForm) -> UUID:
    """A fact that excludes, with source, date and document (H53); of the nominee or of the unit.

    Raises Refusals: ``veto_kind``, ``veto_day``, ``veto_until``, ``veto_nobody``.
    """
    async with transaction():
        row = await row_for_officer(actor, nomination)
        kinds = {veto.code for veto in (await rules_of(row["cycle"])).vetoes}
        refused = []
        if form.kind not in kinds:
            refused.append(Refusal("veto_kind", "请选择规则集中的否决情形", field="kind", rule="H50"))
        if form.happened_on > await clock.today():
            refused.append(Refusal("veto_day", "发生日期不能晚于今天", field="happened_on", rule="H53"))
        if form.until_on is not None and form.until_on < form.happened_on:
            refused.append(Refusal("veto_until", "影响期止日早于发生日期", field="until_on", rule="H52"))
        if form.about == "worker" and row["worker"] is None:
            refused.append(Refusal("veto_nobody", "推荐对象不是个人，请登记在单位名下", field="about", rule="H53"))
        if refused:
            raise Refusals(refused)
        made, personal = new_id(), form.about == "worker"
        await fetch(
            "INSERT INTO veto_fact (id, worker, organisation, kind, happened_on, until_on, source, document, note, made_by,"
            f" made_at, removed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {NOW_SQL}, '')",
            made, row["worker"] if personal else None, None if personal else row["unit"] or row["organisation"],
            form.kind, form.happened_on, form.until_on, form.source, form.document, form.note, actor.account,
        )  # fmt: skip
        await trail.record(actor, "veto.added", "nomination", nomination, {"kind": form.kind, "about": form.about})
        return made


async def remove_veto(actor: Actor, nomination: UUID, fact: UUID, reason: str) -> None:
    """Strike a fact, by somebody other than who entered it, with the reason (H53); it stays in the history.

    Raises ``NotFound``, ``Forbidden`` ``veto_same_person`` as a Refusal, ``Conflict`` where it was struck before.
    """
    async with transaction():
        row = await row_for_officer(actor, nomination)
        found = await fetchrow(
            "SELECT * FROM veto_fact WHERE id = $1 AND (worker = $2 OR organisation = $3) FOR UPDATE",
            fact, row["worker"], row["unit"] or row["organisation"],
        )  # fmt: skip
        if found is None:
            raise NotFound
        if found["removed_at"] is not None:
            raise Conflict("veto_removed_already", "这条事实已被撤除")
        if found["made_by"] == actor.account:
            raise Refusal(
                "veto_same_person", "登记人不能自己撤除，须由另一名经办人复核后撤除", field="reason", rule="H53"
            )
        await fetch(
            f"UPDATE veto_fact SET removed_by = $2, removed_at = {NOW_SQL}, removed_reason = $3 WHERE id = $1",
            fact, actor.account, reason,
        )  # fmt: skip
        await trail.record(actor, "veto.removed", "nomination", nomination, {"kind": found["kind"]})


async def waive(actor: Actor, nomination: UUID, form: WaiverForm) -> None:
    """Let this nomination pass H10 or H12, with the reason (exceptions need a written one); the first gate's or the running
    union's officers."""
    async with transaction():
        row = await row_for_officer(actor, nomination, lock=True)
        scope = KEEP.scope(actor)
        if row["first_gate"] not in scope and row["running"] not in scope:
            raise Forbidden
        await fetch(
            "INSERT INTO waiver (id, nomination, waived_rule, granted, reason, made_by, made_at)"
            f" VALUES ($1, $2, $3, true, $4, $5, {NOW_SQL})",
            new_id(), nomination, form.rule, form.reason, actor.account,
        )  # fmt: skip
        await fetch("UPDATE nomination SET override_reason = $2 WHERE id = $1", nomination, form.reason)
        await trail.record(actor, "nomination.waived", "nomination", nomination, {"rule": form.rule})


async def clearances_of(nomination: UUID) -> list[Any]:
    """Everything that was asked, the newest first: rows with who asked."""
    return await fetch(
        "SELECT c.*, coalesce(a.name, '') AS asker FROM clearance c LEFT JOIN account a ON a.id = c.made_by"
        " WHERE c.nomination = $1 ORDER BY c.department, c.asked_on DESC, c.id DESC",
        nomination,
    )


async def vetoes_of(row: Any) -> list[Any]:
    """Every fact of the nominee and the unit, struck ones too: rows with who entered and who struck it."""
    return await fetch(
        "SELECT v.*, coalesce(a.name, '') AS maker, coalesce(b.name, '') AS remover FROM veto_fact v"
        " LEFT JOIN account a ON a.id = v.made_by LEFT JOIN account b ON b.id = v.removed_by"
        " WHERE v.worker = $1 OR v.organisation = $2 ORDER BY v.removed_at IS NOT NULL, v.happened_on DESC, v.id DESC",
        row["worker"], row["unit"] or row["organisation"],
    )  # fmt: skip


async def opinion_file(actor: Actor, nomination: UUID, clearance: UUID) -> UUID:
    """The scan of an opinion, for officers who keep it; ``NotFound`` otherwise."""
    await row_for_officer(actor, nomination)
    file = await fetchval("SELECT file FROM clearance WHERE id = $1 AND nomination = $2", clearance, nomination)
    if file is None:
        raise NotFound
    return file
