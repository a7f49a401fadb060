"""年度报告 (T8): opened by the calendar, filled in by the enterprise, looked at by the county."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from studios.outputs.queries import figures_of
from studios.permissions import Permission
from studios.upkeep import rules
from studios.upkeep.access import LISTED_WORDS, require_listed, require_version, rules_of, studio_for, tell
from studios.upkeep.schemas import OpinionForm, ReportBody, ReportForm

MISSING_SQL = """
SELECT s.id, s.programme, s.named_on FROM studio s WHERE s.stage = ANY($1::varchar[])
AND extract(year FROM s.named_on) <= $2
AND NOT EXISTS (SELECT FROM annual_report r WHERE r.studio = s.id AND r.year = $2) LIMIT 1000
"""


async def open_reports() -> int:
    """Open this year's report of every studio on the register, due by its programme's month; returns how many. Safe twice."""
    async with transaction():
        today = await clock.today()
        opened = 0
        for row in await fetch(MISSING_SQL, LISTED_WORDS, today.year):
            due = rules.due_on(today.year, (await rules_of(row["programme"])).terms)
            if row["named_on"] > due:
                continue
            made = await fetchrow(
                "INSERT INTO annual_report (id, studio, year, due_on, stage, body, figures, county_opinion, county_grade,"
                f" version, made_at) VALUES ($1, $2, $3, $4, 'draft', '{{}}', '{{}}', '', '', 1, {NOW_SQL})"
                " ON CONFLICT ON CONSTRAINT annual_report_once DO NOTHING RETURNING id",
                new_id(), row["id"], today.year, due,
            )  # fmt: skip
            opened += made is not None
        return opened


async def _locked(actor: Actor, report: UUID, permission: Permission, version: int) -> tuple[Any, Any]:
    row = await fetchrow("SELECT * FROM annual_report WHERE id = $1", report)
    if row is None:
        raise NotFound
    studio = await studio_for(actor, row["studio"], permission, lock=True)
    row = await fetchrow("SELECT * FROM annual_report WHERE id = $1 FOR UPDATE", report)
    require_listed(studio)
    require_version(row, version)
    return row, studio


async def save_report(actor: Actor, report: UUID, form: ReportForm) -> None:
    """Keep or hand in a report; handing in freezes the ledger's figures of its year (T11).

    Raises ``NotFound``, ``Stale``, ``Conflict`` ``report_handed_in``, Refusals for what is missing (T2, T8).
    """
    async with transaction():
        row, studio = await _locked(actor, report, Permission.KEEP_STUDIO, form.version)
        if row["stage"] not in ("draft", "returned"):
            raise Conflict("report_handed_in", "年度报告已上报；需要修改请先由县市区退回", rule="T8")
        body = {name: getattr(form, name) for name in ReportBody.__struct_fields__}
        if form.hand_in:
            _require_whole(form)
        figures = await figures_of(row["studio"], row["year"]) if form.hand_in else {}
        await fetch(
            "UPDATE annual_report SET body = $2::jsonb, stage = $3, figures = $4::jsonb, version = version + 1,"
            f" submitted_at = CASE WHEN $5 THEN {NOW_SQL} ELSE submitted_at END, submitted_by = $6 WHERE id = $1",
            report, msgspec.json.encode(body).decode(), "submitted" if form.hand_in else row["stage"],
            msgspec.json.encode(figures).decode(), form.hand_in, actor.account if form.hand_in else row["submitted_by"],
        )  # fmt: skip
        if form.hand_in:
            await tell(actor, studio["id"], "reported", facts={"year": row["year"]})
        action = "report.submitted" if form.hand_in else "report.saved"
        await trail.record(actor, action, "annual_report", report, {"year": row["year"]})


def _require_whole(form: ReportForm) -> None:
    refused = [
        Refusal("report_incomplete", "上报前请填写", field=name, rule=rule)
        for name, rule in (("done", "T8"), ("topics", "T2"), ("plan", "T8"))
        if not getattr(form, name).strip()
    ]
    if form.team <= 0:
        refused.append(Refusal("report_incomplete", "上报前请填写", field="team", rule="T6"))
    if refused:
        raise Refusals(refused)


async def give_opinion(actor: Actor, report: UUID, form: OpinionForm) -> None:
    """The county's opinion, or the report goes back with what is wanted (T3, T8)."""
    async with transaction():
        row, studio = await _locked(actor, report, Permission.RECOMMEND, form.version)
        if row["stage"] != "submitted":
            raise Conflict("report_not_submitted", "年度报告尚未上报或已签意见", rule="T8")
        if not form.opinion.strip():
            raise Refusal("opinion_missing", "请写意见；退回的写明要补什么", field="opinion", rule="T8")
        if form.grade and form.grade not in rules.GRADE_ORDER:
            raise Refusal("grade_unknown", "没有这个考核等次", field="grade", rule="T8")
        stage = "returned" if form.send_back else "opined"
        await fetch(
            "UPDATE annual_report SET stage = $2, county_opinion = $3, county_grade = $4, county_by = $5,"
            f" county_at = {NOW_SQL}, version = version + 1 WHERE id = $1",
            report, stage, form.opinion.strip(), "" if form.send_back else form.grade, actor.account,
        )  # fmt: skip
        await trail.record(actor, f"report.{stage}", "annual_report", report, {"studio": str(studio["id"])})
