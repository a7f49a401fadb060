"""Receive an objection, move it on, look at who objects (H34). Everything personal is sealed under its own key."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, moves, outbox, storage, trail, working_days
from foundation.crypto import new_subject_key, seal, subject_key, unseal
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Stale, gather
from foundation.web.policy import Actor
from publications.notices import deadlines
from publications.notices import operations as notices
from publications.notices import rules as notice_rules
from publications.notices.objections import attachments, rules
from publications.notices.objections.rules import MOVES, Stage
from publications.notices.objections.schemas import Complainant, ObjectionForm, RecordForm, StepForm
from publications.permissions import Permission

NAME, CONTACT, MATTER, STEP = "objection.name", "objection.contact", "objection.matter", "objection.step"


async def object_publicly(notice: UUID, form: ObjectionForm, scan: bytes | None) -> str:
    """An objection by the public form; returns the number that the sender keeps.

    Accepted within the period to the second. Raises ``objection_late``, and every fault of name, contact, seal at once.
    """
    clean = await attachments.clean(scan) if scan else None
    async with transaction():
        row = await _open_for_objection(notice)
        now = await clock.now()
        rules.require_open(now, row["opened_at"], row["last_day"])
        gather(
            *_personal_checks(form, "web", scan=clean is not None, original=False), lambda: _require_honest(form.honest)
        )
        _id, number = await _receive(row, form, "web", received_at=now, postmark=None, clean=clean, actor=None)
        return number


def _require_honest(honest: bool) -> None:
    if not honest:
        raise Refusal("objection_honest", "请确认所反映的情况属实，愿意配合核实", field="honest", rule="H34")


async def record_objection(actor: Actor, notice: UUID, form: RecordForm, scan: bytes | None) -> UUID:
    """An objection by letter, phone or visit, entered by an officer of the handling organisation.

    A letter posted in time that comes after the conclusion opens the notice's conclusion again.
    """
    clean = await attachments.clean(scan) if scan else None
    async with transaction():
        row = await _open_for_objection(notice, actor)
        now, channel = await clock.now(), form.channel.value
        gather(
            lambda: rules.require_in_time(
                channel, form.received_at, form.postmark, now=now, opened_at=row["opened_at"], last_day=row["last_day"]
            ),
            *_personal_checks(form, channel, scan=clean is not None, original=form.original),
        )
        made, _number = await _receive(
            row, form, channel, received_at=form.received_at, postmark=form.postmark, clean=clean, actor=actor
        )
        if row["stage"] == notice_rules.Stage.CONCLUDED:
            await moves.move("notice", notice, notice_rules.MOVES, notice_rules.Stage.CONCLUDED, "reopen")
            await fetch("UPDATE notice SET concluded_at = NULL WHERE id = $1", notice)
            await trail.record(actor, "notice.reopened", "notice", notice, {"objection": made})
            await notices.tell("notice.reopened", row)
        return made


def _personal_checks(form: ObjectionForm, channel: str, *, scan: bool, original: bool) -> list[Any]:
    kind = form.kind.value
    return [
        lambda: rules.require_name(kind, form.name),
        lambda: rules.require_contact(form.phone, form.email),
        lambda: rules.require_seal(kind, channel, scan=scan, original=original),
        lambda: rules.require_signed(kind, channel, original=original),
    ]


async def _open_for_objection(notice: UUID, actor: Actor | None = None) -> Any:
    """The notice, locked, its last day as promised now; for an officer only where their organisation handles it."""
    row = await fetchrow("SELECT * FROM notice WHERE id = $1 AND stage <> 'draft' FOR UPDATE", notice)
    if row is None or (actor is not None and row["handling"] not in Permission.HANDLE_OBJECTIONS.scope(actor)):
        raise NotFound
    if row["stage"] == notice_rules.Stage.WITHDRAWN:
        raise Refusal("objection_withdrawn", "这份公示已经撤回", rule="H34")
    return {**dict(row), "last_day": await deadlines.keep_promise(row)}


async def _receive(
    row: Any, form: ObjectionForm, channel: str, *, received_at: datetime, postmark: date | None,
    clean: tuple[bytes, str] | None, actor: Actor | None,
) -> tuple[UUID, str]:  # fmt: skip
    await _require_subject(row["id"], form.subject)
    made, now = new_id(), await clock.now()
    number = rules.new_number(clock.local(now).year)
    key, wrapped = new_subject_key(made)
    await fetch("INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)", made, wrapped)
    contact = {"person": form.person, "phone": form.phone, "email": form.email}
    file = None
    if clean is not None:
        file = await storage.keep(
            attachments.lock(key, clean[0]), name=f"{number}{_SUFFIX[clean[1]]}", media_type=clean[1], made_by=None
        )
    await fetch(
        "INSERT INTO notice_objection (id, notice, subject, number, channel, kind, name_sealed, contact_sealed,"
        " matter_sealed, attachment, received_at, postmark, stage, outcome, version, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'received', '', 1, $13, $14)",
        made, row["id"], form.subject, number, channel, form.kind.value, seal(key, form.name, label=NAME),
        seal(key, msgspec.json.encode(contact).decode(), label=CONTACT), seal(key, form.matter, label=MATTER), file,
        received_at, postmark, actor.account if actor else None, now,
    )  # fmt: skip
    body = {"notice": row["id"], "channel": channel, "kind": form.kind.value, "whole": form.subject is None}
    await trail.record(actor, "objection.received", "objection", made, body)
    await _tell("objection.received", made)
    return made, number


TELLS = {"uphold": "concluded", "dismiss": "concluded", "decline": "concluded", "tell": "told"}


async def _tell(event: str, objection: UUID) -> None:
    """News for the wing that opened the notice: which line, what outcome; never who objects (H34, decision 10)."""
    row = await fetchrow(
        "SELECT n.id, n.source_kind, n.source, x.outcome, s.id AS line, s.kind, s.source AS subject FROM notice_objection x"
        " JOIN notice n ON n.id = x.notice LEFT JOIN notice_subject s ON s.id = x.subject WHERE x.id = $1",
        objection,
    )  # fmt: skip
    assert row is not None
    which = {name: None if row[name] is None else str(row[name]) for name in ("line", "subject")}
    body = {**notices.about(row), "objection": str(objection), **which, "subject_kind": row["kind"], "outcome": row["outcome"]}  # fmt: skip
    await outbox.emit(event, body)


_SUFFIX = {"image/jpeg": ".jpg", "application/pdf": ".pdf"}


async def _require_subject(notice: UUID, subject: UUID | None) -> None:
    if subject is None:
        return
    if await fetchrow("SELECT 1 FROM notice_subject WHERE id = $1 AND notice = $2", subject, notice) is None:
        raise Refusal("objection_subject", "名单中没有这个对象", field="subject", rule="H34")


async def locked(actor: Actor, objection: UUID) -> Any:
    """An objection that the actor's own organisation handles, locked; to everybody else it is not there."""
    row = await fetchrow(
        "SELECT x.* FROM notice_objection x JOIN notice n ON n.id = x.notice"
        " WHERE x.id = $1 AND n.handling = ANY($2::uuid[]) FOR UPDATE OF x",
        objection, list(Permission.HANDLE_OBJECTIONS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def take_step(actor: Actor, objection: UUID, form: StepForm) -> Stage:
    """Move an objection on: accept, decline, verify, uphold, dismiss, tell. Returns the new stage.

    Raises ``Conflict`` for a step that does not lead on from here, ``Stale`` where somebody took one meanwhile, and every
    fault of what the step wants (text, the leader's name, the day and way of telling).
    """
    async with transaction():
        row = await locked(actor, objection)
        if row["version"] != form.version:
            raise Stale("objection_stale", "这件异议刚有新的处理，请看过再操作", current=row["version"])
        stage, today = Stage(row["stage"]), await clock.today()
        moves.target(MOVES, stage, form.action)
        _require_step(form, row, today)
        to = await moves.move("notice_objection", objection, MOVES, stage, form.action)
        if form.action in rules.OUTCOME_OF:
            await fetch(
                "UPDATE notice_objection SET outcome = $2 WHERE id = $1", objection, rules.OUTCOME_OF[form.action]
            )
        if form.action == "accept":
            due = await verification_due(today, form.days)
            await fetch("UPDATE notice_objection SET verify_by = $2 WHERE id = $1", objection, due)
        await _keep_step(actor, objection, form)
        await trail.record(actor, f"objection.{form.action}", "objection", objection, {"stage": to.value})
        if form.action in TELLS:
            await _tell(f"objection.{TELLS[form.action]}", objection)
        return to


def _require_step(form: StepForm, row: Any, today: date) -> None:
    checks: list[Any] = [
        lambda: rules.require_text(form.action, form.text), lambda: rules.require_signed_by(form.action, form.signed_by),
    ]  # fmt: skip
    if form.action == "tell":
        received = clock.local(row["received_at"]).date()
        checks.append(lambda: rules.require_told(form.how, form.on_day, received, today))
    if form.action == "accept":
        checks.append(lambda: rules.require_verify_days(form.days))
    gather(*checks)


async def verification_due(today: date, days: int) -> date:
    """The day by which an objection accepted today is to be verified, ``days`` working days on; raises
    ``calendar_missing``."""
    calendar, held = await deadlines.calendar_around(today, today + timedelta(days=days * 2 + 14))
    return working_days.add(today, days, calendar, years=held)


async def _keep_step(actor: Actor, objection: UUID, form: StepForm) -> None:
    key = await subject_key(objection)
    signed = form.signed_by if form.action in ("uphold", "dismiss") else ""
    telling = form.action == "tell"
    await fetch(
        "INSERT INTO notice_objection_step (id, objection, action, text_sealed, signed_by, on_day, how, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new_id(), objection, form.action, seal(key, form.text, label=STEP), signed,
        form.on_day if telling else None, form.how if telling else "", actor.account, await clock.now(),
    )  # fmt: skip


async def unmask(actor: Actor, objection: UUID, reason: str) -> Complainant:
    """Who objects, for an officer of the handling organisation; who looked, and why, goes into the trail first."""
    async with transaction():
        row = await locked(actor, objection)
        _require_kept(row)
        if len(reason.strip()) < 2:
            raise Refusal("unmask_reason", "请写明查看的用途", field="reason", rule="H34")
        key = await _key(objection)
        await trail.record(actor, "objection.unmasked", "objection", objection, {"reason": reason})
        contact = msgspec.json.decode(unseal(key, row["contact_sealed"], label=CONTACT))
        return Complainant(name=unseal(key, row["name_sealed"], label=NAME), **contact)


async def attachment(actor: Actor, objection: UUID) -> tuple[bytes, str, str]:
    """(bytes, name, media type) of the scan; looking at it is looking at who objects, and stands in the trail."""
    async with transaction():
        row = await locked(actor, objection)
        if row["attachment"] is None:
            raise NotFound
        await trail.record(actor, "objection.unmasked", "objection", objection, {"attachment": True})
        sealed, name, media_type = await storage.load(row["attachment"])
        return attachments.unlock(await _key(objection), sealed), name, media_type


def _require_kept(row: Any) -> None:
    if row["erased_at"] is not None:
        raise Refusal("objection_erased", "反映人信息已按保存期限销毁", rule="P2")


async def _key(objection: UUID) -> bytes:
    try:
        return await subject_key(objection)
    except LookupError as dropped:
        raise Refusal("objection_erased", "反映人信息已按保存期限销毁", rule="P2") from dropped
