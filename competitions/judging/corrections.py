"""A signed mark is corrected by two people (更正, C57): one asks with a reason, another signs; nothing is overwritten."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from competitions.judging import live_signal, rules
from competitions.judging.facts import facts_of
from competitions.judging.schemas import CorrectionIn
from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.i18n import gettext
from foundation.web.policy import Actor

SEAT_SQL = """
SELECT s.id, s.event, s.account, s.sheet_state, e.stage FROM seat s JOIN event e ON e.id = s.event
WHERE s.id = $1 AND (s.account = $2 OR s.event = ANY($3::uuid[])) FOR SHARE OF s
"""
NEWEST_SQL = """
SELECT version, value FROM mark WHERE entry = $1 AND aspect = $2 AND seat = $3 ORDER BY version DESC LIMIT 1
"""


async def ask_correction(actor: Actor, seat_id: UUID, given: CorrectionIn) -> UUID:
    """Ask that one mark of a signed sheet be changed: by its judge or the event's chief judge. Returns its id.

    Raises ``NotFound`` for a seat that is neither's, ``Refusal`` for a mark that the aspect does not allow or that is
    already open for correction, ``Stale`` where ``base`` is not the newest version, ``Conflict`` on an open sheet.
    """
    async with transaction():
        seat = await _seat(actor, seat_id)
        if seat["sheet_state"] != "signed":
            raise Conflict("not_signed", "评分表尚未签署，裁判可直接修改，不必走更正", rule="C57")
        facts = await facts_of(seat_id, fresh=True)
        aspect = facts.aspects.get(given.aspect)
        if aspect is None:
            raise Refusal("no_such_aspect", "本席不评“{aspect}”这一项", field="aspect", aspect=given.aspect)
        if fault := rules.check_mark(aspect, given.value):
            raise fault.at("value")
        entry = await _entry(seat, given.entry)
        stands = await fetchrow(NEWEST_SQL, entry, given.aspect, seat_id)
        version, value = (stands["version"], stands["value"]) if stands else (0, None)
        if version != given.base:
            raise Stale("stale_mark", "作品 {entry} 的 {aspect} 已有第 {version} 版：{value}", field="base", entry=given.entry, aspect=given.aspect, version=version, value=value or gettext("空白"))  # fmt: skip
        if value == given.value:
            raise Refusal("no_change", "新分与原分相同", field="value", rule="C57")
        if await _open_for(seat_id, entry, given.aspect):
            raise Refusal("correction_open", "这一项已有一份更正在等第二人签字", field="aspect", rule="C57")
        now = await clock.now()
        made = new_id()
        await fetch(
            "INSERT INTO correction (id, event, seat, entry, aspect, base, was, becomes, reason, asked_by, asked_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            made, seat["event"], seat_id, entry, given.aspect, version, value, given.value, given.reason,
            actor.account, now,
        )  # fmt: skip
        body = {"seat": seat_id, "entry": given.entry, "aspect": given.aspect, "was": value, "becomes": given.value}
        await trail.record(actor, "correction.asked", "correction", made, body)
    live_signal.changed(seat["event"])
    return made


async def _seat(actor: Actor, seat_id: UUID) -> Any:
    seat = await fetchrow(SEAT_SQL, seat_id, actor.account, list(actor.events_as("chief_judge")))
    if seat is None:
        raise NotFound
    rules.require_judging(seat["stage"])
    return seat


async def _entry(seat: Any, code: str) -> UUID:
    row = await fetchrow(
        "SELECT n.id, n.status, x.id IS NOT NULL AS excused FROM entry n"
        " LEFT JOIN excusal x ON x.entry = n.id AND x.seat = $3"
        " WHERE n.event = $1 AND n.code = $2 AND n.stage = 'accepted'",
        seat["event"], code, seat["id"],
    )  # fmt: skip
    if row is None:
        raise Refusal("no_such_entry", "本项目没有作品 {entry}", field="entry", entry=code)
    if row["excused"]:
        raise Refusal("excused", "作品 {entry} 免评：本席不给分", field="entry", rule="C61", entry=code)
    if row["status"] != "competed":
        raise Refusal("did_not_compete", "作品 {entry} 未参赛（缺考、弃赛或取消资格），不能给分，也不是 0 分", field="entry", rule="C25", entry=code)  # fmt: skip
    return row["id"]


async def _open_for(seat: UUID, entry: UUID, aspect: str) -> bool:
    return bool(
        await fetchval(
            "SELECT true FROM correction c WHERE c.seat = $1 AND c.entry = $2 AND c.aspect = $3"
            " AND NOT EXISTS (SELECT FROM correction_decision d WHERE d.correction = c.id)",
            seat,
            entry,
            aspect,
        )
    )


async def decide_correction(actor: Actor, correction_id: UUID, *, approve: bool, note: str = "") -> None:
    """The second signature (C57), by another person than the one who asked; refusing wants a note.

    Approved, the mark gets its next version with both people and the reason. Raises ``NotFound``, ``Refusal`` for the
    same person or an outsider of the seat, ``Conflict`` where it was decided, ``Stale`` where the mark moved on.
    """
    supervises = actor.events_as("chief_judge", "supervisor")
    async with transaction():
        row = await fetchrow(
            "SELECT c.*, s.account AS judge, e.stage FROM correction c JOIN seat s ON s.id = c.seat"
            " JOIN event e ON e.id = c.event WHERE c.id = $1 AND (s.account = $2 OR c.event = ANY($3::uuid[]))"
            " FOR SHARE OF s",
            correction_id, actor.account, list(supervises),
        )  # fmt: skip
        if row is None:
            raise NotFound
        rules.require_judging(row["stage"])
        chiefs, supervisors = await _people(row["event"], "chief_judge"), await _people(row["event"], "supervisor")
        rules.require_second(row["asked_by"], actor.account, judge=row["judge"], chiefs=chiefs, supervisors=supervisors)
        if not approve and not note:
            raise Refusal("note_needed", "不同意更正，请写明理由", field="note", rule="C57")
        now = await clock.now()
        decided = await fetchval(
            "INSERT INTO correction_decision (id, correction, approved, note, decided_by, decided_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (correction) DO NOTHING RETURNING id",
            new_id(), correction_id, approve, note, actor.account, now,
        )  # fmt: skip
        if decided is None:
            raise Conflict("decided", "这项更正刚刚已有人签过", rule="C57")
        if approve:
            await _apply(actor, row, now)
        action = "correction.approved" if approve else "correction.refused"
        await trail.record(actor, action, "correction", correction_id, {"base": row["base"], "becomes": row["becomes"]})
    live_signal.changed(row["event"])


async def _apply(actor: Actor, row: Any, now: Any) -> None:
    newest = await fetchrow(NEWEST_SQL, row["entry"], row["aspect"], row["seat"])
    stale = Stale("stale_correction", "这一项在提出更正之后又有新版，请重新提出", rule="C57")
    if (newest["version"] if newest else 0) != row["base"]:
        raise stale
    try:
        async with transaction():  # a savepoint: somebody's same version must not break the whole
            await fetch(
                "INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, second, reason, marked_at)"
                " VALUES ($1, $2, $3, $4, $5, $6::varchar, ($6::varchar)::numeric, $7, $8, $9, $10)",
                row["event"], row["seat"], row["entry"], row["aspect"], row["base"] + 1, row["becomes"],
                row["asked_by"], actor.account, row["reason"], now,
            )  # fmt: skip
    except asyncpg.UniqueViolationError as taken:
        raise stale from taken


async def _people(event: UUID, role: str) -> list[UUID]:
    rows = await fetch(
        "SELECT account FROM role_grant WHERE event = $1 AND role = $2 AND ended_at IS NULL", event, role
    )
    return [row["account"] for row in rows]
