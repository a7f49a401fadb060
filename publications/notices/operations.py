"""Draft, open, extend, withdraw, conclude. What was opened is frozen; nothing closes a notice before its last day (H32).

How another wing publishes a list and waits for it (the wing above imports this one, never the other way):

- ``open_notice(actor, NoticeOrder(source_kind="round", source=round_id, subjects=(SubjectOrder(cells=…, kind="nomination",
  source=nomination_id), …), …))`` inside its own transaction: the list is frozen in the order given, each line with its
  reference. ``draft_notice`` keeps it for officers to read first; they cannot change a list that has a source.
- ``standing.is_settled(notice, at=…, subject=…)``: over, and no objection open at that time. ``queries.obstacles(notice,
  subject=…)``: everything that blocks the next gate, as Refusals. ``queries.outcome_of(notice).upheld``: the sources struck.
  ``standing.of_source(kind, id)``, ``of_subject(id)``: which notices there are.
- The outbox tells, in the same transaction (register with ``foundation.outbox.on``; handlers are idempotent): ``notice.opened``,
  ``.ended``, ``.concluded``, ``.reopened``, ``.withdrawn`` with ``{notice, source_kind, source}``; ``objection.received``,
  ``.concluded``, ``.told`` with these and ``{objection, line, subject_kind, subject, outcome}``, where ``subject`` is the line's
  source, both None for an objection to the whole, and ``outcome`` is "", upheld, dismissed or declined. Never who objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from foundation import clock, jobs, moves, outbox, trail
from foundation.database import connection, fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from publications.notices import deadlines, paper, queries, rules
from publications.notices.ordering import FIELDS, checked, set_subjects, with_list_of
from publications.notices.rules import MOVES, Stage
from publications.notices.schemas import NoticeOrder
from publications.permissions import Permission

SHEET = "notice_sheet"
"""The job that makes the sealed sheet of what was published (``sheet.py``)."""


async def draft_notice(actor: Actor | None, order: NoticeOrder) -> UUID:
    """Keep a draft. Raises Refusals for its level (H30), days (H32), contact and list (D4), private numbers (P3)."""
    async with transaction():
        values = await checked(actor, order)
        made = new_id()
        places = ", ".join(f"${n}" for n in range(4, len(FIELDS) + 4))
        await fetch(
            f"INSERT INTO notice (id, made_by, made_at, stage, version, withdrawn_reason, {', '.join(FIELDS)})"
            f" VALUES ($1, $2, $3, 'draft', 1, '', {places})",
            made, actor.account if actor else None, await clock.now(), *values,
        )  # fmt: skip
        await set_subjects(made, order.subjects)
        await trail.record(
            actor, "notice.drafted", "notice", made, {"subjects": len(order.subjects), "days": order.days}
        )
        return made


async def edit_draft(actor: Actor, notice: UUID, order: NoticeOrder, *, version: int) -> None:
    """Change a draft. Raises ``Stale`` where somebody else changed it since, ``Conflict`` once it was opened."""
    async with transaction():
        row = await locked(actor, notice)
        require_version(row, version)
        rules_of_draft(row)
        if row["source"] is not None:  # the list is another wing's: only the words around it are edited here
            kept = await queries.subject_rows(notice)
            order = with_list_of(order, row, kept)
        values = await checked(actor, order)
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(FIELDS, 2))
        await fetch(f"UPDATE notice SET {sets}, version = version + 1 WHERE id = $1", notice, *values)
        if row["source"] is None:
            await fetch("DELETE FROM notice_subject WHERE notice = $1", notice)
            await set_subjects(notice, order.subjects)
        await trail.record(
            actor, "notice.edited", "notice", notice, {"subjects": len(order.subjects), "days": order.days}
        )


async def discard_draft(actor: Actor, notice: UUID) -> None:
    """Throw a draft away; what was opened is never deleted."""
    async with transaction():
        rules_of_draft(await locked(actor, notice))
        await fetch("DELETE FROM notice WHERE id = $1", notice)
        await trail.record(actor, "notice.discarded", "notice", notice)


async def open_notice(actor: Actor | None, order: NoticeOrder) -> UUID:
    """Draft and open in the caller's transaction: how another wing publishes a list. Raises what both steps raise."""
    async with transaction():
        made = await draft_notice(actor, order)
        row = await fetchrow("SELECT * FROM notice WHERE id = $1 FOR UPDATE", made)
        await _open(actor, row, seen=None)
        return made


async def open_draft(actor: Actor, notice: UUID, *, last_day: date, version: int) -> None:
    """Publish a draft: freeze its bytes, take its number, promise its last day.

    Raises ``Stale`` for another version, ``notice_last_day_moved`` where the last day is no longer the one that was
    seen, ``calendar_missing`` (A5), ``Conflict`` where somebody opened it before.
    """
    async with transaction():
        row = await locked(actor, notice, Permission.OPEN_NOTICES)
        rules_of_draft(row)
        require_version(row, version)
        await _open(actor, row, seen=last_day)


async def _open(actor: Actor | None, row: Any, *, seen: date | None) -> None:
    notice, now = row["id"], await clock.now()
    first = clock.local(now).date()
    rules.require_today(row["planned_on"], first)
    last = await deadlines.last_day_of(first, row["days"])
    if seen is not None:
        rules.require_seen(seen, last)
    number = await _take_number(row["organisation"], row["series"], first.year) if row["series"] else None
    await fetch(
        "UPDATE notice SET number = $2, opened_at = $3, first_day = $4, last_day = $5 WHERE id = $1",
        notice, number, now, first, last,
    )  # fmt: skip
    await moves.move("notice", notice, MOVES, Stage(row["stage"]), "open")
    subjects = await queries.subject_rows(notice)
    digests = await _freeze(row, subjects, number=number, first=first, last=last, at=now)
    body = {"number": number, "first_day": first, "last_day": last, "days": row["days"], "subjects": len(subjects)}
    await trail.record(actor, "notice.opened", "notice", notice, {**body, **digests})
    await jobs.enqueue(SHEET, {"notice": str(notice)}, actor)
    await tell("notice.opened", row)


async def _freeze(row: Any, subjects: Sequence[Any], *, number: str | None, first: date, last: date, at: datetime) -> dict[str, str]:  # fmt: skip
    facts: dict[str, Any] = {"number": number, "first": first, "last": last, "days": row["days"]}
    html = paper.as_html(row, subjects, **facts)
    roll = paper.as_json(row, subjects, at=at, **facts)
    digests = [hashlib.sha256(body).digest() for body in (html, roll)]
    await fetch(
        "INSERT INTO notice_text (id, notice, html, html_sha256, roll, roll_sha256, published_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        new_id(), row["id"], html, digests[0], roll, digests[1], at,
    )  # fmt: skip
    return {"html_sha256": digests[0].hex(), "list_sha256": digests[1].hex()}


async def _take_number(organisation: UUID, code: str, year: int) -> str:
    """The next number of a series, gap-free: its row stays locked until the caller's transaction ends."""
    row = await fetchrow(
        "INSERT INTO notice_series (id, organisation, code, year, last) VALUES ($1, $2, $3, $4, 1)"
        " ON CONFLICT (code, year) DO UPDATE SET last = notice_series.last + 1 WHERE notice_series.organisation = $2"
        " RETURNING last",
        new_id(), organisation, code, year,
    )  # fmt: skip
    if row is None:
        raise Refusal("notice_series_taken", "发文代字“{series}”是另一组织的", field="series", rule="D4", series=code)
    return paper.number_of(code, year, row["last"])


async def extend(actor: Actor, notice: UUID, *, days: int, reason: str) -> date:
    """Let an open notice run longer, in public and with its reason; returns the new last day. Never shorter (H32)."""
    async with transaction():
        row = await locked(actor, notice, Permission.OPEN_NOTICES)
        last = await deadlines.keep_promise(row)
        assert last is not None or row["stage"] == Stage.DRAFT
        if rules.status(row["stage"], last, await clock.now()) is not Stage.OPEN or last is None:
            raise Refusal("notice_not_open", "公示不在进行中，不能延长", rule="H32")
        rules.require_publishable(reason, "reason")
        after = await deadlines.last_day_of(row["first_day"], days)
        rules.require_later(last, after)
        await fetch("UPDATE notice SET days = $2 WHERE id = $1", notice, days)
        return await deadlines.move_later(actor, notice, last, after, "extension", reason)


async def withdraw(actor: Actor, notice: UUID, reason: str) -> None:
    """Take a notice back in public, with its reason (a mistake is mended by a new notice, never in the old one)."""
    async with transaction():
        row = await locked(actor, notice, Permission.OPEN_NOTICES)
        row = await ended_if_due(row)
        rules.require_publishable(reason, "reason")
        await moves.move("notice", notice, MOVES, Stage(row["stage"]), "withdraw")
        await fetch(
            "UPDATE notice SET withdrawn_at = $2, withdrawn_reason = $3 WHERE id = $1",
            notice,
            await clock.now(),
            reason,
        )
        await trail.record(actor, "notice.withdrawn", "notice", notice, {"reason": reason})
        await tell("notice.withdrawn", row)


async def conclude(actor: Actor, notice: UUID) -> None:
    """State how it came out. Raises ``notice_still_open`` before the last day is over, and every obstacle (H34)."""
    async with transaction():
        row = await ended_if_due(await locked(actor, notice, Permission.OPEN_NOTICES))
        if refused := await queries.obstacles(notice):
            raise Refusals(refused)
        await moves.move("notice", notice, MOVES, Stage(row["stage"]), "conclude")
        await fetch("UPDATE notice SET concluded_at = $2 WHERE id = $1", notice, await clock.now())
        outcome = await queries.outcome_of(notice)
        await trail.record(
            actor, "notice.concluded", "notice", notice, {"received": outcome.received, "upheld": len(outcome.upheld)}
        )
        await tell("notice.concluded", row)


async def ended_if_due(row: Any) -> Any:
    """A locked notice as the clock has it: an open one whose last day is over is moved to ended, once, and told of."""
    last = await deadlines.keep_promise(row)
    if row["stage"] != Stage.OPEN or rules.status(row["stage"], last, await clock.now()) is Stage.OPEN:
        return row
    assert last is not None
    await moves.move("notice", row["id"], MOVES, Stage.OPEN, "end")
    await fetch("UPDATE notice SET ended_at = $2 WHERE id = $1", row["id"], rules.ends_at(last))
    await trail.record(None, "notice.ended", "notice", row["id"], {"last_day": last})
    await tell("notice.ended", row)
    return await fetchrow("SELECT * FROM notice WHERE id = $1", row["id"])


async def end_due() -> int:
    """Move every open notice whose last day is over, as the calendar is now; returns how many. Rows that another worker
    holds are skipped."""
    ended = 0
    for one in await fetch("SELECT id FROM notice WHERE stage = 'open' ORDER BY last_day"):
        async with transaction():
            row = await fetchrow("SELECT * FROM notice WHERE id = $1 FOR UPDATE SKIP LOCKED", one["id"])
            if row is not None and row["stage"] == Stage.OPEN:
                ended += (await ended_if_due(row))["stage"] == Stage.ENDED
    return ended


async def locked(actor: Actor, notice: UUID, permission: Permission = Permission.DRAFT_NOTICES) -> Any:
    """A notice of an organisation within the actor's scope, locked; else not found."""
    connection()  # a lock outside a transaction would be none
    row = await fetchrow(
        "SELECT n.* FROM notice n JOIN organisation o ON o.id = n.organisation"
        " WHERE n.id = $1 AND o.ancestors && $2::uuid[] FOR UPDATE OF n",
        notice, list(permission.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


def rules_of_draft(row: Any) -> None:
    """Raise ``Conflict`` where it is no draft any more."""
    moves.target(MOVES, Stage(row["stage"]), "open")


def require_version(row: Any, version: int) -> None:
    if row["version"] != version:
        raise Stale("notice_stale", "这份公示刚被他人修改，请看过新的内容再操作", current=row["version"])


async def tell(event: str, row: Any) -> None:
    """News of a notice for the wings above, within the current transaction."""
    await outbox.emit(event, about(row))


def about(row: Any) -> dict[str, str | None]:
    """Which notice an event tells of, and what it was opened over."""
    source = None if row["source"] is None else str(row["source"])
    return {"notice": str(row["id"]), "source_kind": row["source_kind"], "source": source}
