"""荣誉津贴 (H73): reckoned from the ledger for a month, shown, then paid once."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Refusal, Stale
from foundation.web.policy import Actor
from honours.laureates import rules
from honours.laureates.files import HOLDS, NAME, QUALIFIES, SOURCE, UNIT
from honours.laureates.rules import Due, Rate, Title
from honours.laureates.schemas import PayForm, RateForm

PEOPLE_SQL = f"""
SELECT l.id, {NAME} AS name, {UNIT} AS unit,
  coalesce((SELECT c.kind FROM laureate_change c WHERE c.laureate = l.id AND c.kind <> 'work' AND c.happened_on < $1
    ORDER BY c.kind = 'deceased' DESC, c.happened_on DESC, c.id DESC LIMIT 1), '') AS standing,
  (SELECT p.amount FROM allowance_payment p WHERE p.laureate = l.id AND p.month = $1) AS paid,
  (SELECT coalesce(json_agg(json_build_object('treatment', h.treatment, 'conferred_on', e.conferred_on, 'revoked_on',
      CASE WHEN e.revoked_at IS NOT NULL THEN coalesce(e.revoked_on, e.conferred_on) END)), '[]')
    FROM roll_entry e JOIN honour h ON h.id = e.honour WHERE {HOLDS} AND {QUALIFIES}) AS titles
FROM {SOURCE} ORDER BY l.sort_key COLLATE "C", l.id
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person in a month's reckoning."""

    laureate: UUID
    name: str
    unit: str
    due: Due
    paid: int | None


class Reckoning(msgspec.Struct, frozen=True, kw_only=True):
    """A month: whom to pay, whom not and why, what was paid already. Sums in fen."""

    month: date
    pay: tuple[Line, ...]
    out: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(line.due.amount for line in self.pay)

    @property
    def paid(self) -> int:
        return sum(line.paid or 0 for line in self.out)


async def rates() -> list[Any]:
    """The table of allowances, the newest lines first."""
    return await fetch(
        "SELECT treatment, titles, amount, valid_from, basis FROM allowance_rate ORDER BY valid_from DESC, treatment, titles"
    )


async def reckon(month: date) -> Reckoning:
    """What a month comes to. Two queries."""
    table = [Rate(**{key: row[key] for key in Rate.__struct_fields__}) for row in await rates()]
    lines = []
    for row in await fetch(PEOPLE_SQL, month):
        titles = msgspec.json.decode(row["titles"], type=list[Title])
        due = rules.due(titles, table, month, row["standing"], paid=row["paid"] is not None)
        lines.append(Line(laureate=row["id"], name=row["name"], unit=row["unit"] or "", due=due, paid=row["paid"]))
    return Reckoning(
        month=month, pay=tuple(x for x in lines if not x.due.why_not), out=tuple(x for x in lines if x.due.why_not)
    )


async def pay(actor: Actor, form: PayForm) -> int:
    """Pay a month's allowances to whoever has not had them; returns the fen paid.

    Raises ``Refusal`` ``nothing_to_pay``, ``Stale`` where the total is no longer what the officer saw.
    """
    month = rules.month_of(form.month)
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended('allowance', 0))")
        found = await reckon(month)
        if not found.pay:
            raise Refusal("nothing_to_pay", "本月没有待发放的津贴", field="month", rule="H73")
        if found.total != form.total:
            raise Stale("allowance_changed", "应发金额已有变化，请刷新后重新核对", current=found.total)
        await connection().executemany(
            "INSERT INTO allowance_payment (id, laureate, month, amount, treatment, titles, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW_SQL})",
            [
                (new_id(), x.laureate, month, x.due.amount, x.due.treatment, x.due.titles, actor.account)
                for x in found.pay
            ],
        )
        body = {"month": month, "people": len(found.pay), "fen": found.total}
        await trail.record(actor, "allowances.paid", "allowances", None, body)
        return found.total


async def add_rate(actor: Actor, form: RateForm) -> None:
    """Add a line to the table; lines are never changed, a later day replaces. Raises ``Conflict`` for the same line again."""
    async with transaction():
        made = await fetch(
            "INSERT INTO allowance_rate (id, treatment, titles, amount, valid_from, basis, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW_SQL}) ON CONFLICT DO NOTHING RETURNING id",
            new_id(), form.treatment, form.titles, form.amount, form.valid_from, form.basis[:200], actor.account,
        )  # fmt: skip
        if not made:
            raise Conflict("rate_exists", "这一天起已有同样条件的标准", rule="H73")
        await trail.record(actor, "allowance_rate.added", "allowance_rate", made[0]["id"], {"fen": form.amount})


EXAMPLE = (("", 1, 5000), ("", 2, 6000), ("", 3, 7000), ("national_model", 1, 8000))
"""H73's example of one older city regulation: 50, 60, 70 yuan for one, two, three titles, 80 for the special class."""
