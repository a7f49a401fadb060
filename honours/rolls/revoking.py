"""撤销荣誉称号 (H75–H77): the reverse of a nomination, decided only by the body that conferred (H76).

Report (unit or union, with copies) → opinion of the county or industry union → the city: of its own honours one officer
proposes and another one decides; those of the levels above are reported to them, and what they decided is recorded with
its document. From then on, in the same transaction: the entry is revoked, its achievement withdrawn (``achievement.withdrawn``
tells studios and eligibility), its certificates end, and ``honour.revoked`` tells ``{entry, worker, organisation, honour, level,
treatment, decided_on}`` to whoever keeps treatment. The entry itself stays in the ledger for ever (H77).
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from foundation import clock, moves, outbox, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Stale
from foundation.storage import keep
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.rolls import rules
from honours.rolls.rules import MOVES, Stage
from honours.rolls.schemas import CAUSES, OutcomeForm, RecallForm, RevocationForm
from publications.certificates.requests import revoke_subjects
from registry.achievements import operations as achievements

REACH = """
EXISTS (SELECT 1 FROM organisation s WHERE s.id = ANY({0}::uuid[]) AND (s.kind = 'city'
  OR (s.kind = 'county' AND s.region = e.region) OR s.id = ANY(coalesce(o.ancestors, '{{}}'))))
"""
"""Whose entry it is: the city's officers reach all, a county's those of its region and units, a unit its own."""
ENTRY_SQL = f"""
SELECT e.*, h.title AS honour_title, h.level, h.conferred_here, h.conferrer, h.treatment, o.ancestors
FROM roll_entry e JOIN honour h ON h.id = e.honour LEFT JOIN organisation o ON o.id = e.organisation
WHERE e.id = $1 AND {REACH.format("$2")}
"""
REVOCATION_SQL = f"""
SELECT r.*, e.honour, e.worker, e.organisation AS holder, e.name, e.conferred_on, e.kind AS holder_kind, h.conferred_here,
       h.conferrer, h.title AS honour_title, h.level, h.treatment, e.region
FROM revocation r JOIN roll_entry e ON e.id = r.entry JOIN honour h ON h.id = e.honour
LEFT JOIN organisation o ON o.id = e.organisation
WHERE r.id = $1 AND {REACH.format("$2")}
"""


async def report(actor: Actor, entry: UUID, form: RevocationForm, upload: tuple[bytes, str, str] | None) -> UUID:
    """Report that an honour ought to be revoked, with copies of the sanction or judgment (H75, H76). Returns its id.

    Raises ``NotFound`` out of reach, ``Conflict`` where one is open already or the honour is revoked, ``Refusal``
    ``revocation_copies`` without a file, ``no_such_choice`` for an unknown cause.
    """
    async with transaction():
        rules.require_cause(form.cause, CAUSES)
        if upload is None:
            raise Refusal("revocation_copies", "请附处分决定、判决书等文件的复印件", field="file", rule="H76")
        row = await fetchrow(ENTRY_SQL + " FOR UPDATE OF e", entry, list(Permission.REPORT_REVOCATION.scope(actor)))
        if row is None:
            raise NotFound
        if row["revoked_at"] is not None:
            raise Conflict("honour_revoked", "该荣誉已经撤销", rule="H77")
        file = await keep(upload[0], name=upload[1], media_type=upload[2], made_by=actor.account)
        reporter = await _reporter(actor, row)
        made = await fetchval(
            "INSERT INTO revocation (id, entry, reporter, cause, facts, file, stage, decided_organ, document_number,"
            " public_reason, version, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, 'reported', '', '', '', 1, $7, {NOW_SQL})"
            " ON CONFLICT ON CONSTRAINT revocation_one_open DO NOTHING RETURNING id",
            new_id(), entry, reporter, form.cause, form.facts, file, actor.account,
        )  # fmt: skip
        if made is None:
            raise Conflict("revocation_open", "该荣誉已有一份未办结的撤销报告", rule="H76")
        await _write_down(actor, made, "report", "")
        await trail.record(actor, "revocation.reported", "revocation", made, {"entry": str(entry), "cause": form.cause})
        return made


async def _reporter(actor: Actor, entry: Any) -> UUID:
    scope = Permission.REPORT_REVOCATION.scope(actor)
    return next((one for one in reversed(entry["ancestors"] or ()) if one in scope), None) or next(iter(scope))


async def step(actor: Actor, revocation: UUID, action: str, opinion: str, *, version: int) -> Stage:
    """Give the county's opinion (``endorse``), propose, refer or withdraw; returns the new stage.

    Raises ``NotFound`` out of reach, ``Forbidden`` where the role does not act here, ``Conflict`` where the table has no such
    move, ``Stale``, and refusals of H76.
    """
    async with transaction():
        row = await _locked(actor, revocation, version)
        to = moves.target(MOVES, Stage(row["stage"]), action)
        if action not in ("endorse", "propose", "refer", "withdraw"):
            raise Conflict("no_such_move", "请用决定表填写结果")
        _require_role(actor, row, action)
        rules.require_power(action, conferred_here=row["conferred_here"], conferrer=row["conferrer"])
        if action != "withdraw" and not opinion.strip():
            raise Refusal("opinion_missing", "请写明意见", field="opinion", rule="H76")
        await moves.move("revocation", revocation, MOVES, Stage(row["stage"]), action)
        if action == "propose":
            await fetch("UPDATE revocation SET proposed_by = $2 WHERE id = $1", revocation, actor.account)
        if action == "withdraw":
            await fetch(f"UPDATE revocation SET ended_at = {NOW_SQL} WHERE id = $1", revocation)
        await _write_down(actor, revocation, action, opinion)
        await trail.record(actor, f"revocation.{action}", "revocation", revocation, {"to": to.value})
        return to


def _require_role(actor: Actor, row: Any, action: str) -> None:
    permission = MOVES[(Stage(row["stage"]), action)][1]
    if not permission.allows(actor):
        raise Forbidden
    if action == "withdraw" and row["made_by"] != actor.account:
        raise Forbidden


async def decide(
    actor: Actor, revocation: UUID, action: str, form: OutcomeForm, upload: tuple[bytes, str, str] | None = None
) -> Stage:
    """Decide on a city honour as the second person, or record what the conferring body decided (``decide`` or ``keep``).

    Raises ``Refusal`` ``revocation_second_person`` for who proposed it, H76's refusals of the outcome, ``Conflict``, ``Stale``.
    """
    async with transaction():
        row = await _locked(actor, revocation, form.version)
        stage = Stage(row["stage"])
        to = moves.target(MOVES, stage, action)
        if action not in ("decide", "keep") or not Permission.REVOKE.allows(actor):
            raise Forbidden
        if stage is Stage.PROPOSED and row["proposed_by"] == actor.account:
            raise Refusal("revocation_second_person", "须由提出人以外的另一位负责人决定", rule="H76")
        rules.require_outcome(
            form.decided_on, await clock.today(), row["conferred_on"], conferred_here=row["conferred_here"],
            document=form.document_number, organ=form.decided_organ,
        )  # fmt: skip
        file = await keep(upload[0], name=upload[1], media_type=upload[2], made_by=actor.account) if upload else None
        await moves.move("revocation", revocation, MOVES, stage, action)
        await fetch(
            "UPDATE revocation SET decided_by = $2, decided_on = $3, document_number = $4, public_reason = $5,"
            f" decided_organ = $6, decision_file = $7, ended_at = {NOW_SQL} WHERE id = $1",
            revocation, actor.account, form.decided_on, form.document_number, form.public_reason,
            form.decided_organ or row["conferrer"], file,
        )  # fmt: skip
        await _write_down(actor, revocation, action, form.public_reason)
        await trail.record(actor, f"revocation.{action}", "revocation", revocation, {"document": form.document_number})
        if to is Stage.REVOKED:
            await _revoke(actor, row, form.decided_on, form.public_reason)
        return to


async def _revoke(actor: Actor, row: Any, day: date, reason: str) -> None:
    """The end of an honour wherever it counts, history kept (H77)."""
    ended = await fetchval(
        f"UPDATE roll_entry SET revoked_at = {NOW_SQL}, revoked_on = $2, revoked_reason = $3, repeat = NULL,"
        " version = version + 1 WHERE id = $1 AND revoked_at IS NULL RETURNING id",
        row["entry"], day, reason,
    )  # fmt: skip
    if ended is None:
        raise Conflict("honour_revoked", "该荣誉已经撤销", rule="H77")
    await achievements.withdraw(actor, source=row["entry"], reason=reason)
    await revoke_subjects(actor, [row["entry"]], reason)
    await trail.record(actor, "roll_entry.revoked", "roll_entry", row["entry"], {"decided_on": day})
    await outbox.emit(
        "honour.revoked",
        {
            "entry": str(row["entry"]), "worker": _text(row["worker"]), "organisation": _text(row["holder"]),
            "honour": str(row["honour"]), "level": row["level"], "treatment": row["treatment"], "decided_on": day.isoformat(),
        },
    )  # fmt: skip


async def recall(actor: Actor, revocation: UUID, form: RecallForm) -> None:
    """Note that medal and certificate came back and treatment stopped, each with its day (H76)."""
    async with transaction():
        row = await _locked(actor, revocation, form.version)
        if row["stage"] != Stage.REVOKED:
            raise Conflict("not_revoked", "尚未决定撤销", rule="H76")
        days = (form.medal_back_on, form.certificate_back_on, form.treatment_stopped_on)
        today = await clock.today()
        if any(day is not None and (day > today or day < row["decided_on"]) for day in days):
            raise Refusal("recall_day", "日期应在撤销决定之后、今天之前", field="medal_back_on", rule="H76")
        await fetch(
            "UPDATE revocation SET medal_back_on = $2, certificate_back_on = $3, treatment_stopped_on = $4,"
            " version = version + 1 WHERE id = $1",
            revocation, *days,
        )  # fmt: skip
        await trail.record(actor, "revocation.recalled", "revocation", revocation, {"days": [str(day) for day in days]})


async def _locked(actor: Actor, revocation: UUID, version: int) -> Any:
    row = await fetchrow(
        REVOCATION_SQL + " FOR UPDATE OF r, e", revocation, list(Permission.REPORT_REVOCATION.scope(actor))
    )
    if row is None:
        raise NotFound
    if row["version"] != version:
        raise Stale("revocation_changed", "这份报告刚刚被他人办理，请刷新后再看", current=row["version"])
    return row


async def _write_down(actor: Actor, revocation: UUID, action: str, opinion: str) -> None:
    await fetch(
        "INSERT INTO revocation_step (id, revocation, action, organisation, opinion, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
        new_id(), revocation, action, next(iter(Permission.REPORT_REVOCATION.scope(actor)), None), opinion.strip()[:500],
        actor.account,
    )  # fmt: skip


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
