"""调动: ask another unit for somebody; that unit, or an officer above it, decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.web.limits import limit
from foundation.web.policy import Actor
from registry.codes import id_card
from registry.organisations.queries import find_for as find_organisation
from registry.permissions import Permission
from registry.workers import sealing
from registry.workers.operations import employer_for, move_to
from registry.workers.schemas import DecisionForm, TransferForm

KEEP = Permission.KEEP_WORKERS
REQUESTS_AN_HOUR = 30
"""Names and numbers are not to be tried out."""


async def request_transfer(actor: Actor, form: TransferForm) -> UUID:
    """Ask for somebody by ID number *and* name: whoever does not know both learns nothing.

    Somebody who has left the other unit is free: the request is granted at once. Raises Refusals ``worker_unknown``,
    ``worker_ours``, ``transfer_open``.
    """
    await limit("transfer", str(actor.account), most=REQUESTS_AN_HOUR, window=timedelta(hours=1))
    async with transaction():
        unit = await employer_for(actor, form.organisation)
        card = id_card.parse(form.id_number, today=await clock.today(), field="id_number")
        row = await fetchrow(
            "SELECT w.id, w.organisation, w.left_at, w.name, w.is_non_public, o.ancestors && $3::uuid[] AS ours"
            " FROM worker w JOIN organisation o ON o.id = w.organisation"
            " WHERE w.id_number_index = $1 AND w.name = $2 AND w.merged_into IS NULL AND w.erased_at IS NULL FOR UPDATE OF w",
            sealing.id_index(card.number), form.name, list(KEEP.scope(actor)),
        )  # fmt: skip
        if row is None:
            raise Refusal("worker_unknown", "没有姓名和身份证号都相符的登记：请核对，或直接新增职工", field="id_number")
        if row["ours"]:
            raise Refusal("worker_ours", "这名职工在您管辖的单位，可直接办理变更单位", field="id_number")
        made = await fetchval(
            "INSERT INTO transfer (id, worker, from_organisation, to_organisation, post, reason, decision,"
            f" decision_reason, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, {NOW_SQL})"
            " ON CONFLICT ON CONSTRAINT transfer_one_open DO NOTHING RETURNING id",
            new_id(), row["id"], row["organisation"], unit.id, form.post, form.reason, actor.account,
        )  # fmt: skip
        if made is None:
            raise Conflict("transfer_open", "已经申请过，正等对方单位答复")
        await trail.record(actor, "transfer.requested", "transfer", made, {"to": str(unit.id)})
        if row["left_at"] is not None:
            await move_to(row, unit, form.post, await clock.today(), form.reason)
            await _decide(actor, made, "accepted", "原单位已办理离职")
        return made


async def decide_transfer(actor: Actor, transfer: UUID, form: DecisionForm) -> None:
    """Accept or refuse (the unit that has the worker, or an officer above it); withdraw (whoever asked).

    Raises ``Conflict`` ``transfer_decided`` where it was decided before; a refusal needs its reason.
    """
    async with transaction():
        row = await fetchrow("SELECT * FROM transfer WHERE id = $1 FOR UPDATE", transfer)
        if row is None:
            raise NotFound
        side = "to_organisation" if form.decision == "withdrawn" else "from_organisation"
        await find_organisation(actor, row[side], KEEP)
        if row["decision"]:
            raise Conflict("transfer_decided", "这项申请已经办结")
        if form.decision == "refused" and not form.reason:
            raise Refusal("reason_missing", "请写明不同意的原因", field="reason")
        if form.decision == "accepted":
            await _hand_over(row)
        await _decide(actor, transfer, form.decision, form.reason)


async def _hand_over(row) -> None:
    worker = await fetchrow(
        "SELECT id, organisation, left_at, is_non_public FROM worker WHERE id = $1 FOR UPDATE", row["worker"]
    )
    if worker is None or worker["organisation"] != row["from_organisation"]:
        raise Conflict("worker_moved", "这名职工已不在原单位，申请失效：请撤回后重新申请")
    from registry.organisations import queries as organisations
    from registry.organisations.schemas import Organisation

    unit = await fetchrow(
        f"SELECT {organisations.COLUMNS} FROM organisation o WHERE id = $1 AND closed_at IS NULL",
        row["to_organisation"],
    )
    if unit is None:
        raise Conflict("unit_closed", "申请单位已关闭")
    await move_to(worker, Organisation(**dict(unit)), row["post"], await clock.today(), row["reason"][:200])


async def _decide(actor: Actor, transfer: UUID, decision: str, reason: str) -> None:
    await fetch(
        f"UPDATE transfer SET decision = $2, decision_reason = $3, decided_by = $4, decided_at = {NOW_SQL} WHERE id = $1",
        transfer, decision, reason, actor.account,
    )  # fmt: skip
    await trail.record(actor, f"transfer.{decision}", "transfer", transfer)
