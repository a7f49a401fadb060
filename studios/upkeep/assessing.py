"""年度考核与限期整改 (T8): from the panel's total to a grade, and from a grade to what follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.exact.quantities import exact
from foundation.web.policy import Actor
from studios.permissions import Permission
from studios.schemas import ScoringTable
from studios.scoring import bonus_points, full_points, grade
from studios.upkeep import rules
from studios.upkeep.access import move, require_listed, require_version, rules_of, studio_for, tell
from studios.upkeep.endings import leave_register
from studios.upkeep.schemas import AnswersForm, AssessForm, DecideForm, RevisitForm

DECIDE = Permission.DECIDE_STUDIOS


async def assess(actor: Actor, studio: UUID, form: AssessForm, *, visit: UUID | None = None, papers: UUID | None = None) -> UUID:  # fmt: skip
    """Grade a year by the panel's total and the programme's lines (T8); returns the assessment's id.

    A total without a visit wants a reason, and so does a grade below what the total comes to; one above it waits for a
    second person. In force, 限期整改 orders a rectification and 不合格 takes the plaque down. Raises ``NotFound``, ``Stale``,
    ``Conflict`` ``visit_open``, ``assessed_already``, Refusals ``assess_year``, ``total_range``, ``papers_reason``,
    ``grade_reason``, ``points_missing``.
    """
    async with transaction():
        row = await studio_for(actor, studio, DECIDE, lock=True)
        require_version(row, form.version)
        require_listed(row)
        programme, today = await rules_of(row["programme"]), await clock.today()
        if visit is None and await fetch("SELECT 1 FROM visit WHERE subject = $1 AND stage = 'open' AND kind = 'assessment'", studio):  # fmt: skip
            raise Conflict("visit_open", "考核走访尚未结束：请先结束走访，或者取消", rule="T8")
        table = programme.assessing
        if refused := _wrong(row, form, table, today, seen=visit is not None):
            raise Refusals(refused)
        reckoned = grade(table, form.total)
        given = form.grade or reckoned
        raised = rules.require_grade(reckoned, given, form.reason)
        points = rules.require_points(form.points.split("\n")) if given == "rectify" and not raised else ()
        made = new_id()
        try:
            async with transaction():
                await fetch(
                    "INSERT INTO assessment (id, studio, year, visit, papers, total, reckoned, grade, raised, reason, made_by,"
                    f" made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, {NOW_SQL})",
                    made, studio, form.year, visit, papers, form.total, reckoned, given, raised, form.reason.strip(), actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Conflict("assessed_already", "{year} 年度已考核，一年只考核一次", field="year", rule="T8", year=form.year) from None  # fmt: skip
        await trail.record(
            actor, "studio.assessed", "studio", studio, {"year": form.year, "grade": given, "raised": raised}
        )
        if not raised:
            await _in_force(actor, row, made, points)
        return made


def _wrong(row: Any, form: AssessForm, table: ScoringTable, today: date, *, seen: bool) -> list[Refusal]:
    """What is wrong with the form, all at once; ``seen``: a panel was there."""
    refused: list[Refusal] = []
    if not row["named_on"].year <= form.year <= today.year:
        refused.append(Refusal("assess_year", "考核年度应在命名之年至今年之间", field="year", rule="T8"))
    most = full_points(table) + bonus_points(table, {one.code: 100_000 for one in table.bonus})
    if not 0 <= exact(form.total) <= most:
        refused.append(Refusal("total_range", "总分应在 0–{most} 之间", field="total", rule="T5", most=str(most)))
    if not seen and not form.reason.strip():
        refused.append(Refusal("papers_reason", "没有走访而按材料登记，请写明理由", field="reason", rule="T8"))
    return refused


async def _in_force(actor: Actor, row: Any, assessment: UUID, points: tuple[str, ...] = ()) -> None:
    [one] = await fetch(
        f"UPDATE assessment SET decided_by = $2, decided_at = {NOW_SQL} WHERE id = $1 RETURNING *",
        assessment,
        actor.account,
    )
    await fetch(
        "UPDATE studio SET last_grade = $2, last_assessed = $3, version = version + 1 WHERE id = $1"
        " AND coalesce(last_assessed, 0) <= $3",
        row["id"], one["grade"], one["year"],
    )  # fmt: skip
    await tell(actor, row["id"], "assessed", facts={"year": one["year"], "grade": one["grade"], "total": one["total"]})
    follows = rules.consequence(one["grade"])
    if follows == "withdraw":
        await leave_register(actor, row, "withdraw", f"{one['year']} 年度考核不合格")
    elif follows:
        await order_rectification(actor, row, points, assessment)


async def decide_raised(actor: Actor, assessment: UUID, form: DecideForm) -> None:
    """A second person agrees to a raised grade or lets the total's own stand (T8).

    Raises ``NotFound``, ``Conflict`` ``decided_already``, ``Refusal`` ``second_person`` for whoever proposed it.
    """
    async with transaction():
        one = await fetchrow("SELECT * FROM assessment WHERE id = $1", assessment)
        if one is None:
            raise NotFound
        row = await studio_for(actor, one["studio"], DECIDE, lock=True)
        [one] = await fetch("SELECT * FROM assessment WHERE id = $1 FOR UPDATE", assessment)
        if one["decided_at"] is not None:
            raise Conflict("decided_already", "这次考核已经生效", rule="T8")
        if one["made_by"] == actor.account:
            raise Refusal("second_person", "提高等次须由另一人确认", rule="T8")
        require_listed(row)
        if not form.agree:
            await fetch("UPDATE assessment SET grade = reckoned, raised = false WHERE id = $1", assessment)
        final = one["grade"] if form.agree else one["reckoned"]
        points = rules.require_points(form.points.split("\n")) if final == "rectify" else ()
        await trail.record(actor, "assessment.decided", "assessment", assessment, {"agreed": form.agree})
        await _in_force(actor, row, assessment, points)


async def order_rectification(actor: Actor, row: Any, points: tuple[str, ...], assessment: UUID | None) -> UUID:
    """Order a rectification of a locked studio: points, a last day, the move (T8)."""
    await move(actor, row, "order_rectification")
    today, made = await clock.today(), new_id()
    due = today + timedelta(days=(await rules_of(row["programme"])).terms.rectify_days)
    await fetch(
        "INSERT INTO rectification (id, studio, assessment, ordered_on, due_on, outcome, closing_reason, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, '', '', $6, {NOW_SQL})",
        made, row["id"], assessment, today, due, actor.account,
    )  # fmt: skip
    for place, text in enumerate(points, 1):
        await fetch(
            "INSERT INTO rectification_point (id, rectification, place, text, answer) VALUES ($1, $2, $3, $4, '')",
            new_id(), made, place, text,
        )  # fmt: skip
    await tell(actor, row["id"], "rectification", on=today, facts={"due": due.isoformat(), "points": len(points)})
    return made


async def _open_one(studio: UUID) -> tuple[Any, list[Any]]:
    one = await fetchrow("SELECT * FROM rectification WHERE studio = $1 AND closed_on IS NULL FOR UPDATE", studio)
    if one is None:
        raise NotFound
    return one, await fetch("SELECT * FROM rectification_point WHERE rectification = $1 ORDER BY place", one["id"])


async def answer_points(actor: Actor, studio: UUID, form: AnswersForm) -> None:
    """The enterprise says of each point what was done, and reports all mended (T8)."""
    async with transaction():
        await studio_for(actor, studio, Permission.KEEP_STUDIO, lock=True)
        one, points = await _open_one(studio)
        answers = [*form.answers, *[""] * len(points)][: len(points)]
        rules.require_answers(answers)
        for point, answer in zip(points, answers, strict=True):
            await fetch("UPDATE rectification_point SET answer = $2 WHERE id = $1", point["id"], answer.strip())
        await fetch("UPDATE rectification SET reported_on = $2 WHERE id = $1", one["id"], await clock.today())
        await trail.record(actor, "rectification.reported", "studio", studio, {"points": len(points)})


async def revisit(actor: Actor, studio: UUID, form: RevisitForm, *, visit: UUID | None = None) -> str:
    """The second visit's finding of each point: all mended clears the studio, anything else takes the plaque down (T8).

    Returns the move made. Raises ``NotFound`` without an open rectification, ``Refusal`` ``revisit_open``.
    """
    async with transaction():
        row = await studio_for(actor, studio, DECIDE, lock=True)
        if row["stage"] != "rectifying":
            raise Conflict("not_rectifying", "工作室不在限期整改中", rule="T8")
        one, points = await _open_one(studio)
        found = [{"yes": True, "no": False}.get(word) for word in [*form.mended, *[""] * len(points)][: len(points)]]
        action = rules.rectified(found)
        if action == "withdraw" and not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T8")
        for point, mended in zip(points, found, strict=True):
            await fetch("UPDATE rectification_point SET mended = $2 WHERE id = $1", point["id"], mended)
        today = await clock.today()
        await fetch("UPDATE rectification SET revisit = $2, revisited_on = $3 WHERE id = $1", one["id"], visit, today)
        if action == "withdraw":
            await leave_register(actor, row, "withdraw", form.reason)
            return action
        await move(actor, row, "clear")
        await fetch(
            "UPDATE rectification SET outcome = 'cleared', closed_on = $2, closing_reason = $3 WHERE id = $1",
            one["id"], today, form.reason.strip(),
        )  # fmt: skip
        await tell(actor, studio, "cleared", on=today)
        return action
