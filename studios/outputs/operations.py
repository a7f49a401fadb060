"""成果与师徒 (T11): claim once, confirm or strike, teach."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from foundation import clock, storage, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.web.policy import Actor
from publications.notices.objections.attachments import clean
from studios.outputs import rules
from studios.outputs.schemas import AgreementForm, LogForm, OutputForm, StrikeForm, VerdictForm
from studios.permissions import Permission
from studios.upkeep.access import require_listed, require_version, studio_for

KEEP = Permission.KEEP_STUDIO
MOST_PAPERS = 10
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}


async def claim_output(actor: Actor, studio: UUID, form: OutputForm) -> UUID:
    """Put an output into the ledger of its year, once over all years and studios (T11).

    Raises ``NotFound``, Refusals of the rules, ``output_counted`` naming where it was counted before.
    """
    async with transaction():
        row = await studio_for(actor, studio, KEEP, lock=True)
        require_listed(row)
        year = form.achieved_on.year
        wan = form.wan_yuan if form.kind == "benefit" else ""
        _require_amount(wan)
        rules.require_output(form.kind, year=year, achieved_on=form.achieved_on, wan_yuan=wan, people=form.people, today=await clock.today())  # fmt: skip
        key = rules.natural_key(
            form.kind, reference=form.reference, title=form.title, unit=str(row["organisation"]), studio=str(studio), year=year
        )  # fmt: skip
        made = await fetchval(
            "INSERT INTO output (id, studio, year, kind, title, reference, counted_key, achieved_on, wan_yuan, people, note,"
            f" stage, decision_reason, version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
            f" 'claimed', '', 1, $12, {NOW_SQL}) ON CONFLICT (counted_key) DO NOTHING RETURNING id",
            new_id(), studio, year, form.kind, form.title, form.reference, key, form.achieved_on, Decimal(wan) if wan else None,
            form.people if form.kind == "training" else None, form.note, actor.account,
        )  # fmt: skip
        if made is None:
            raise await _counted(key)
        await trail.record(actor, "output.claimed", "output", made, {"studio": str(studio), "kind": form.kind})
        return made


def _require_amount(text: str) -> None:
    if text and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,10})?", text):
        raise Refusal("benefit_amount", "请填写效益金额（万元，大于 0，最多四位小数）", field="wan_yuan", rule="T11")


async def _counted(key: str) -> Refusal:
    row = await fetchrow(
        "SELECT o.year, s.name FROM output o JOIN studio s ON s.id = o.studio WHERE o.counted_key = $1", key
    )
    year, name = (row["year"], row["name"]) if row else ("", "")
    return Refusal(
        "output_counted",
        "已在“{studio}”{year} 年计过，同一成果只计一次",
        field="reference",
        rule="T11",
        studio=name,
        year=year,
    )


async def _output(actor: Actor, output: UUID, permission: Permission) -> tuple[Any, Any]:
    studio = await fetchval("SELECT studio FROM output WHERE id = $1", output)
    if studio is None:
        raise NotFound
    row = await studio_for(actor, studio, permission, lock=True)
    return await fetchrow("SELECT * FROM output WHERE id = $1 FOR UPDATE", output), row


async def decide_output(actor: Actor, output: UUID, form: StrikeForm) -> None:
    """County or city confirm an output, or strike it with a reason: struck, it counts nowhere and may be claimed rightly."""
    async with transaction():
        one, _studio = await _output(actor, output, Permission.RECOMMEND)
        require_version(one, form.version)
        if one["stage"] == "struck":
            raise Conflict("output_struck", "该成果已剔除", rule="T11")
        if not form.confirm and not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T11")
        await fetch(
            "UPDATE output SET stage = $2, counted_key = CASE WHEN $3 THEN counted_key END, decision_reason = $4, decided_by = $5,"
            f" decided_at = {NOW_SQL}, version = version + 1 WHERE id = $1",
            output, "confirmed" if form.confirm else "struck", form.confirm, form.reason.strip(), actor.account,
        )  # fmt: skip
        await trail.record(actor, "output.confirmed" if form.confirm else "output.struck", "output", output)


async def add_evidence(actor: Actor, output: UUID, body: bytes, name: str) -> UUID:
    """Add a paper to an output, written anew (SECURITY 15); returns the file's id."""
    kept, media_type = await cleaned(body)
    async with transaction():
        one, _studio = await _output(actor, output, KEEP)
        if one["stage"] == "struck":
            raise Conflict("output_struck", "该成果已剔除", rule="T11")
        if await fetchval("SELECT count(*) FROM output_evidence WHERE output = $1", output) >= MOST_PAPERS:
            raise Refusal("papers_many", "一项成果最多 {most} 份佐证", field="file", rule="T11", most=MOST_PAPERS)
        stem = (
            "".join(c for c in name.rsplit(".", 1)[0] if c.isprintable() and c not in '<>:"/\\|?*')[:80].strip()
            or "佐证"
        )
        file = await storage.keep(kept, name=stem + SUFFIXES[media_type], media_type=media_type, made_by=actor.account)
        await fetch(
            f"INSERT INTO output_evidence (id, output, file, made_by, made_at) VALUES ($1, $2, $3, $4, {NOW_SQL})",
            new_id(), output, file, actor.account,
        )  # fmt: skip
        await trail.record(actor, "output.evidence_added", "output", output, {"file": str(file)})
        return file


async def cleaned(body: bytes) -> tuple[bytes, str]:
    """A PDF, JPEG or PNG written anew; refuses other kinds beside ``file``."""
    try:
        return await clean(body)
    except Refusal as why:
        raise Refusal(why.code, "文件应为 10 MB 以内能打开的 PDF、JPG 或 PNG", field="file", rule="T11") from None


async def evidence_for(actor: Actor, output: UUID, file: UUID) -> tuple[bytes, str, str]:
    """(body, name, media type) of a paper whose studio the actor sees; else ``NotFound``."""
    studio = await fetchval("SELECT o.studio FROM output o JOIN output_evidence e ON e.output = o.id WHERE o.id = $1 AND e.file = $2", output, file)  # fmt: skip
    if studio is None:
        raise NotFound
    await studio_for(actor, studio, Permission.SEE_STUDIOS)
    return await storage.load(file)


async def agree(actor: Actor, studio: UUID, form: AgreementForm) -> UUID:
    """拜师: an agreement between two workers, the master of this studio's unit; a pair is active once (T11)."""
    async with transaction():
        row = await studio_for(actor, studio, KEEP, lock=True)
        require_listed(row)
        people = await _people(row, form)
        if form.master == form.apprentice:
            raise Refusal("pair_one", "师傅和徒弟应是两个人", field="apprentice", rule="T11")
        if form.agreed_on > await clock.today() or form.ends_on <= form.agreed_on:
            raise Refusal("agreement_days", "签订日期不晚于今天，期满日期在签订之后", field="ends_on", rule="T11")
        made = new_id()
        try:
            async with transaction():
                await fetch(
                    "INSERT INTO apprenticeship (id, studio, master, apprentice, trade, goals, agreed_on, ends_on, skill_before,"
                    " skill_after, verdict, assessment, version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '',"
                    f" '', '', 1, $10, {NOW_SQL})",
                    made, studio, form.master, form.apprentice, form.trade, form.goals, form.agreed_on, form.ends_on,
                    people[form.apprentice]["skill_level"], actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Refusal(
                "pair_active", "这对师徒的协议还在期内，不能重复签订", field="apprentice", rule="T11"
            ) from None
        await trail.record(actor, "apprenticeship.agreed", "apprenticeship", made, {"studio": str(studio)})
        return made


async def _people(row: Any, form: AgreementForm) -> dict[UUID, Any]:
    rows = await fetch(
        "SELECT w.id, w.skill_level FROM worker w JOIN organisation o ON o.id = w.organisation"
        " WHERE w.id = ANY($1::uuid[]) AND o.ancestors && ARRAY[$2]::uuid[] AND w.left_at IS NULL AND w.erased_at IS NULL",
        [form.master, form.apprentice], row["organisation"],
    )  # fmt: skip
    found = {one["id"]: one for one in rows}
    for field, worker in (("master", form.master), ("apprentice", form.apprentice)):
        if worker not in found:
            raise Refusal("worker_unknown", "没有这名职工", field=field, rule="T11")
    return found


async def _agreement(actor: Actor, apprenticeship: UUID) -> Any:
    studio = await fetchval("SELECT studio FROM apprenticeship WHERE id = $1", apprenticeship)
    if studio is None:
        raise NotFound
    await studio_for(actor, studio, KEEP, lock=True)
    [one] = await fetch("SELECT * FROM apprenticeship WHERE id = $1 FOR UPDATE", apprenticeship)
    if one["ended_on"] is not None:
        raise Conflict("apprenticeship_ended", "协议已结束", rule="T11")
    return one


async def log_teaching(actor: Actor, apprenticeship: UUID, form: LogForm) -> None:
    """What was taught on a day within the agreement."""
    async with transaction():
        one = await _agreement(actor, apprenticeship)
        if not one["agreed_on"] <= form.taught_on <= await clock.today():
            raise Refusal("log_day", "日期应在签订之日至今天之间", field="taught_on", rule="T11")
        await fetch(
            f"INSERT INTO apprentice_log (id, apprenticeship, taught_on, text, made_by, made_at) VALUES ($1, $2, $3, $4, $5, {NOW_SQL})",
            new_id(), apprenticeship, form.taught_on, form.text, actor.account,
        )  # fmt: skip
        await trail.record(actor, "apprenticeship.logged", "apprenticeship", apprenticeship)


async def finish(actor: Actor, apprenticeship: UUID, form: VerdictForm) -> None:
    """出师 or broken off: the verdict in words and the skill level reached (T11)."""
    async with transaction():
        one = await _agreement(actor, apprenticeship)
        require_version(one, form.version)
        if form.verdict not in ("excellent", "qualified", "failed", "broken_off"):
            raise Refusal("verdict_unknown", "没有这个考核结论", field="verdict", rule="T11")
        if not form.assessment.strip():
            raise Refusal("assessment_missing", "请写考核意见", field="assessment", rule="T11")
        if not one["agreed_on"] <= form.ended_on <= await clock.today():
            raise Refusal("log_day", "日期应在签订之日至今天之间", field="ended_on", rule="T11")
        if form.skill_after not in ("", "1", "2", "3", "4", "5"):
            raise Refusal("skill_unknown", "没有这个技能等级", field="skill_after", rule="T11")
        rules.require_pair(one["skill_before"], form.skill_after)
        await fetch(
            "UPDATE apprenticeship SET verdict = $2, assessment = $3, skill_after = $4, ended_on = $5, version = version + 1"
            " WHERE id = $1",
            apprenticeship, form.verdict, form.assessment.strip(), form.skill_after, form.ended_on,
        )  # fmt: skip
        await trail.record(
            actor, "apprenticeship.finished", "apprenticeship", apprenticeship, {"verdict": form.verdict}
        )
