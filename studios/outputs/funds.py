"""补助 (T4): approved by rule, paid in tranches, spent with vouchers, given back; never paid twice, never spent over."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.web.policy import Actor
from studios.outputs import queries, rules
from studios.outputs.schemas import ApproveForm, PayForm, ReturnForm, SpendForm
from studios.permissions import Permission
from studios.upkeep.access import require_listed, rules_of, studio_for, tell

FUNDS = Permission.KEEP_FUNDS
BASIS = {
    "named": "SELECT 1 FROM studio WHERE id = $1 AND extract(year FROM named_on) = $2 UNION ALL"
    " SELECT 1 FROM studio_naming WHERE studio = $1 AND extract(year FROM named_on) = $2",
    "renewed": "SELECT 1 FROM renewal WHERE studio = $1 AND extract(year FROM from_on) = $2",
    "excellent": "SELECT 1 FROM assessment WHERE studio = $1 AND year = $2 AND grade = 'excellent' AND decided_at IS NOT NULL",
}
"""What a subsidy of a year rests on."""


async def approve(actor: Actor, studio: UUID, form: ApproveForm) -> UUID:
    """Approve what the programme's rule gives for a naming, a renewal or an excellent year, with its tranches (T4).

    Raises ``NotFound``, ``Conflict`` ``subsidy_twice``, Refusals ``subsidy_no_rule``, ``subsidy_no_basis``, ``tranches_sum``.
    """
    async with transaction():
        row = await studio_for(actor, studio, FUNDS, lock=True)
        require_listed(row)
        rule = rules.rule_for((await rules_of(row["programme"])).subsidies, form.kind)
        if await fetchval(BASIS[form.kind], studio, form.year) is None:
            raise Refusal(
                "subsidy_no_basis",
                "{year} 年没有可据以补助的命名、续认定或优秀等次",
                field="year",
                rule="T4",
                year=form.year,
            )
        parts = rules.tranche_fen(rule.yuan * 100, rule.tranches)
        made = await fetchval(
            "INSERT INTO subsidy (id, studio, kind, year, fen, document_number, approved_on, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {NOW_SQL}) ON CONFLICT ON CONSTRAINT subsidy_once DO NOTHING RETURNING id",
            new_id(), studio, form.kind, form.year, sum(parts), form.document_number, await clock.today(), actor.account,
        )  # fmt: skip
        if made is None:
            raise Conflict("subsidy_twice", "这一年的这类补助已经批过", field="kind", rule="T4")
        for place, (percent, fen) in enumerate(zip(rule.tranches, parts, strict=True), 1):
            await fetch(
                "INSERT INTO tranche (id, subsidy, place, percent, fen) VALUES ($1, $2, $3, $4, $5)",
                new_id(), made, place, percent, fen,
            )  # fmt: skip
        await trail.record(actor, "subsidy.approved", "subsidy", made, {"studio": str(studio), "fen": sum(parts)})
        await tell(actor, studio, "subsidy", facts={"kind": form.kind, "year": form.year, "fen": sum(parts)})
        return made


async def pay(actor: Actor, tranche: UUID, form: PayForm) -> None:
    """Write down that a tranche was paid: once, in order, with a reference no other payment has (T4)."""
    async with transaction():
        subsidy = await fetchval("SELECT subsidy FROM tranche WHERE id = $1", tranche)
        studio, approved_on = await _studio_of(subsidy)
        await studio_for(actor, studio, FUNDS, lock=True)
        await _require_day(form.paid_on, approved_on, "paid_on")
        if await fetchval(
            "SELECT 1 FROM tranche t JOIN tranche b ON b.subsidy = t.subsidy AND b.place < t.place WHERE t.id = $1"
            " AND b.paid_on IS NULL",
            tranche,
        ):
            raise Refusal("tranche_order", "前一期还没有拨付", field="paid_on", rule="T4")
        try:
            async with transaction():
                paid = await fetchval(
                    "UPDATE tranche SET paid_on = $2, reference = $3, paid_by = $4 WHERE id = $1 AND paid_on IS NULL RETURNING id",
                    tranche, form.paid_on, form.reference, actor.account,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Refusal("reference_used", "这个凭证号已用于另一笔", field="reference", rule="T4") from None
        if paid is None:
            raise Conflict("paid_already", "这一期已经拨付", rule="T4")
        await trail.record(actor, "subsidy.paid", "subsidy", subsidy, {"tranche": str(tranche)})


async def _studio_of(subsidy: UUID | None) -> tuple[UUID, date]:
    row = await fetchrow("SELECT studio, approved_on FROM subsidy WHERE id = $1", subsidy)
    if row is None:
        raise NotFound
    return row["studio"], row["approved_on"]


async def _require_day(day: date, since: date, field: str) -> None:
    if not since <= day <= await clock.today():
        raise Refusal("money_day", "日期应在批准之日至今天之间", field=field, rule="T4")


async def _account(actor: Actor, subsidy: UUID, permission: Permission) -> Any:
    studio, _approved = await _studio_of(subsidy)
    await studio_for(actor, studio, permission)
    await fetch("SELECT 1 FROM subsidy WHERE id = $1 FOR UPDATE", subsidy)
    return await fetchrow(queries.ACCOUNTS_SQL + " WHERE s.id = $1", subsidy)


async def spend(actor: Actor, subsidy: UUID, form: SpendForm, *, file: UUID | None = None) -> None:
    """Enter a voucher: never more than lies there, one number once (T4)."""
    async with transaction():
        row = await _account(actor, subsidy, Permission.KEEP_STUDIO)
        fen = rules.fen_of(form.yuan)
        rules.require_room(queries.account_of(row), fen)
        await _require_day(form.spent_on, row["approved_on"], "spent_on")
        made = await fetchval(
            "INSERT INTO voucher (id, subsidy, number, fen, spent_on, purpose, file, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {NOW_SQL}) ON CONFLICT ON CONSTRAINT voucher_once DO NOTHING RETURNING id",
            new_id(), subsidy, form.number, fen, form.spent_on, form.purpose, file, actor.account,
        )  # fmt: skip
        if made is None:
            raise Refusal("voucher_twice", "这个凭证号已登记", field="number", rule="T4")
        await trail.record(actor, "subsidy.spent", "subsidy", subsidy, {"fen": fen})


async def give_back(actor: Actor, subsidy: UUID, form: ReturnForm) -> None:
    """退回结余: what lies unspent goes back, never more (T4)."""
    async with transaction():
        row = await _account(actor, subsidy, FUNDS)
        fen = rules.fen_of(form.yuan)
        rules.require_room(queries.account_of(row), fen)
        await _require_day(form.returned_on, row["approved_on"], "returned_on")
        made = await fetchval(
            "INSERT INTO subsidy_return (id, subsidy, fen, returned_on, reference, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL}) ON CONFLICT (reference) DO NOTHING RETURNING id",
            new_id(), subsidy, fen, form.returned_on, form.reference, actor.account,
        )  # fmt: skip
        if made is None:
            raise Refusal("reference_used", "这个凭证号已用于另一笔", field="reference", rule="T4")
        await trail.record(actor, "subsidy.returned", "subsidy", subsidy, {"fen": fen})
