"""Register and change workers: one verb, one transaction. Trail rows hold neither names nor numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Stale
from foundation.outbox import emit
from foundation.web.limits import limit
from foundation.web.policy import Actor
from registry.codes import id_card
from registry.organisations import queries as organisations
from registry.organisations.schemas import Organisation
from registry.permissions import Permission
from registry.search_keys import keys_for_name, sort_key
from registry.workers import queries, rules, sealing
from registry.workers.schemas import ChangeForm, Checked, LeaveForm, UnmaskForm, WorkerForm

KEEP = Permission.KEEP_WORKERS
PLAIN = (
    "name", "sex", "born_on", "nationality", "ethnic_group", "political_status", "education", "job_category", "evidence",
    "is_migrant", "is_non_public", "is_new_form", "skill_level", "occupation", "post", "employed_on",
)  # fmt: skip
UNMASKINGS_AN_HOUR = 60


async def employer_for(actor: Actor, organisation: UUID | None, *, field: str = "organisation") -> Organisation:
    """The unit a worker is registered with: within the actor's scope and open; refuses beside ``field``."""
    if organisation is None:
        raise Refusal("unit_missing", "请选择单位", field=field)
    try:
        unit = await organisations.find_for(actor, organisation, KEEP)
    except NotFound:
        raise Refusal("unit_unknown", "没有这个单位", field=field) from None
    if unit.closed_at is not None or unit.merged_into is not None:
        raise Refusal("unit_closed", "这个单位已关闭", field=field)
    return unit


async def register_worker(actor: Actor, form: WorkerForm) -> UUID:
    """Register somebody new with one of the actor's units (I1 to I7, H17).

    Raises Refusals: every fault of the form; ``worker_exists`` for somebody the actor may see; ``worker_elsewhere`` for a
    number that is registered with another unit, telling no more than that (ask for a transfer then).
    """
    async with transaction():
        unit = await employer_for(actor, form.organisation)
        checked = rules.check(form, today=await clock.today(), unit_type=unit.unit_type)
        made = await insert_worker(checked, unit.id, unit.region)
        if made is None:
            raise await already_there(actor, checked.id_number)
        await trail.record(actor, "worker.registered", "worker", made, {"organisation": str(unit.id)})
        return made


async def insert_worker(checked: Checked, organisation: UUID, region: str, *, reason: str = "") -> UUID | None:
    """The bare rows of a new person: worker, key, employment. None where the ID number is registered already."""
    made = new_id()
    sealed = sealing.seal_new(made, checked.id_number, checked.phone)
    values: dict[str, Any] = {name: getattr(checked, name) for name in PLAIN}
    values |= {
        "id": made, "organisation": organisation, "region": region, "search_keys": keys_for_name(checked.name),
        "sort_key": sort_key(checked.name), "id_number_sealed": sealed.id_number, "id_number_index": sealed.id_index,
        "phone_sealed": sealed.phone, "phone_index": sealed.phone_index,
    }  # fmt: skip
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    kept = await fetchval(
        f"INSERT INTO worker ({', '.join(values)}, version, made_at) VALUES ({places}, 1, {NOW_SQL})"
        " ON CONFLICT (id_number_index) DO NOTHING RETURNING id",
        *values.values(),
    )
    if kept is None:
        return None
    await fetch("INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)", made, sealed.wrapped)
    await begin_employment(made, organisation, checked.post, checked.employed_on, reason)
    return made


async def begin_employment(worker: UUID, organisation: UUID, post: str, started: date | None, reason: str = "") -> None:
    await fetch(
        "INSERT INTO employment (id, worker, organisation, post, started_on, reason) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(), worker, organisation, post, started, reason,
    )  # fmt: skip


async def already_there(actor: Actor, number: str) -> Refusal:
    """What may be said about a number that is registered: the person's place to whoever may see it, else nothing."""
    row = await fetchrow(
        f"SELECT w.name, {queries.UNIT} AS unit, w.left_at FROM worker w JOIN organisation o ON o.id = w.organisation"
        " WHERE w.id_number_index = $1 AND o.ancestors && $2::uuid[]",
        sealing.id_index(number), queries.scope_of(actor),
    )  # fmt: skip
    if row is None:
        return Refusal(
            "worker_elsewhere", "这个身份证号已登记在其他单位：如确已调入，请申请调动", field="id_number", rule="I1"
        )
    return Refusal(
        "worker_exists", "已登记过：{name}（{unit}），请直接修改或办理调动", field="id_number", rule="I1",
        name=row["name"], unit=row["unit"],
    )  # fmt: skip


async def _locked(actor: Actor, worker: UUID, version: int) -> Any:
    row = await queries.row_for(actor, worker, KEEP, lock=True)
    if row["version"] != version:
        raise Stale("stale", "内容已被他人更新（现为第 {current} 版）：请核对后重新提交", current=row["version"])
    return row


async def edit_worker(actor: Actor, worker: UUID, form: WorkerForm) -> None:
    """Change what is on record; the employer changes by its own act. An empty number leaves the sealed one.

    Raises as :func:`register_worker`, and ``Stale`` for an older version.
    """
    async with transaction():
        row = await _locked(actor, worker, form.version)
        rules.require_present(None, row["merged_into"] is not None, row["erased_at"] is not None)
        today = await clock.today()
        old = queries.numbers_of_row(row)
        known = id_card.parse(old.id_number, today=today) if old.id_number else None
        unit_type = await fetchval("SELECT unit_type FROM organisation WHERE id = $1", row["organisation"])
        checked = rules.check(form, today=today, unit_type=unit_type or "", known=known)
        sealed = sealing.seal_again(
            worker, row["wrapped"], checked.id_number, checked.phone if form.phone else old.phone
        )
        if sealed.id_index != row["id_number_index"]:
            taken = await fetchval("SELECT id FROM worker WHERE id_number_index = $1", sealed.id_index)
            if taken is not None:
                raise await already_there(actor, checked.id_number)
        values: dict[str, Any] = {name: getattr(checked, name) for name in PLAIN}
        changed = sorted(name for name in PLAIN if values[name] != row[name])
        changed += [name for name, new, before in (("id_number", checked.id_number, old.id_number), ("phone", form.phone and checked.phone, form.phone and old.phone)) if new != before]  # fmt: skip
        values |= {
            "search_keys": keys_for_name(checked.name), "sort_key": sort_key(checked.name),
            "id_number_sealed": sealed.id_number, "id_number_index": sealed.id_index,
            "phone_sealed": sealed.phone, "phone_index": sealed.phone_index,
        }  # fmt: skip
        places = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
        try:
            async with transaction():
                await fetch(
                    f"UPDATE worker SET {places}, version = version + 1 WHERE id = $1", worker, *values.values()
                )
        except asyncpg.UniqueViolationError:  # registered by somebody else a moment ago
            raise await already_there(actor, checked.id_number) from None
        await fetch(
            "UPDATE employment SET post = $2, started_on = coalesce($3, started_on)"
            " WHERE worker = $1 AND ended_on IS NULL",
            worker, checked.post, checked.employed_on,
        )  # fmt: skip
        await trail.record(actor, "worker.edited", "worker", worker, {"changed": changed})


async def change_employer(actor: Actor, worker: UUID, form: ChangeForm) -> None:
    """Move somebody between units that the actor keeps, or take somebody back who had left."""
    async with transaction():
        row = await _locked(actor, worker, form.version)
        rules.require_present(None, row["merged_into"] is not None, row["erased_at"] is not None)
        unit = await employer_for(actor, form.organisation)
        await move_to(row, unit, form.post, form.started_on, form.reason)
        body = {"from": str(row["organisation"]), "to": str(unit.id)}
        await trail.record(actor, "worker.moved", "worker", worker, body)


async def move_to(row: Any, unit: Organisation, post: str, started: date, reason: str) -> None:
    """The rows of a change of employer: the old stretch ends the day before the new one begins."""
    current = await fetchval("SELECT max(started_on) FROM employment WHERE worker = $1 AND ended_on IS NULL", row["id"])
    rules.require_new_start(started, current, await clock.today())
    await fetch(
        "UPDATE employment SET ended_on = greatest($2::date, started_on) WHERE worker = $1 AND ended_on IS NULL",
        row["id"], started - timedelta(days=1),
    )  # fmt: skip
    await begin_employment(row["id"], unit.id, post, started, reason)
    await fetch(
        "UPDATE worker SET organisation = $2, region = $3, post = $4, employed_on = $5, left_at = NULL,"
        " is_non_public = $6, version = version + 1 WHERE id = $1",
        row["id"], unit.id, unit.region, post, started, rules.non_public(unit.unit_type, row["is_non_public"]),
    )  # fmt: skip
    await emit("worker.moved", {"worker": str(row["id"])})


async def leave(actor: Actor, worker: UUID, form: LeaveForm) -> None:
    """Somebody left: retired, resigned, died. The record stays; the employment ends."""
    async with transaction():
        row = await _locked(actor, worker, form.version)
        rules.require_present(row["left_at"], row["merged_into"] is not None, row["erased_at"] is not None)
        if form.left_on > await clock.today():
            raise Refusal("left_in_future", "日期晚于今天", field="left_on")
        started = await fetchval(
            "SELECT max(started_on) FROM employment WHERE worker = $1 AND ended_on IS NULL", worker
        )
        if started is not None and form.left_on < started:
            raise Refusal("left_before", "早于入职日期（{day}）", field="left_on", day=started.isoformat())
        await fetch(
            "UPDATE employment SET ended_on = $2, reason = $3 WHERE worker = $1 AND ended_on IS NULL",
            worker, form.left_on, form.reason,
        )  # fmt: skip
        await fetch(f"UPDATE worker SET left_at = {NOW_SQL}, version = version + 1 WHERE id = $1", worker)
        await trail.record(actor, "worker.left", "worker", worker, {"organisation": str(row["organisation"])})
        await emit("worker.left", {"worker": str(worker)})


async def unmask(actor: Actor, worker: UUID, form: UnmaskForm) -> str:
    """A full number, for a reason that is kept (SECURITY 11). Raises ``TooMany`` beyond 60 an hour."""
    await limit("unmask", str(actor.account), most=UNMASKINGS_AN_HOUR, window=timedelta(hours=1))
    async with transaction():
        row = await queries.row_for(actor, worker, Permission.UNMASK)
        numbers = queries.numbers_of_row(row)
        await record_unmasking(actor, worker, form.field, form.reason)
        return numbers.id_number if form.field == "id_number" else numbers.phone


async def record_unmasking(actor: Actor, worker: UUID, field: str, reason: str) -> None:
    """The audited row and its trail; the reason itself stays in the row, since it may name somebody."""
    await fetch(
        f"INSERT INTO unmasking (id, worker, account, field, reason, at) VALUES ($1, $2, $3, $4, $5, {NOW_SQL})",
        new_id(), worker, actor.account, field, reason,
    )  # fmt: skip
    await trail.record(actor, "worker.unmasked", "worker", worker, {"field": field})
