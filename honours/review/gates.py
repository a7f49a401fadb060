"""各级审核: accept, return, reject at each gate; disqualify; abandon what is late (H30–H36).

Every act goes through ``nominations.moving.move_nomination``: its table of moves lets nobody skip a level. What this module
adds is what must hold before: the dossier's own obstacles, objections, places, ceilings, the county's day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, moves, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from honours.cycles.queries import rules_of
from honours.nominations import checklist
from honours.nominations.access import may_act
from honours.nominations.candidates import candidates_of
from honours.nominations.moving import move_nomination
from honours.nominations.stages import MOVES, Stage
from honours.permissions import Permission
from honours.review import objections, selection, shares

MOST_AT_ONCE = 200
BARRED = "disqualified"
"""The kind of veto fact that keeps a unit out of the next cycle (H36)."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination with the version that was shown."""

    id: UUID
    version: int


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """One that a bulk act left where it was, and why."""

    id: UUID
    name: str
    why: tuple[Refusal, ...]


async def accept(
    actor: Actor, nomination: UUID, *, opinion: str = "", signed_by: str = "", version: int | None = None
) -> Stage:
    """通过: hand on to the next level, or select at the running union. Raises every obstacle at once (H33, H34, H45, H28)."""
    async with transaction():
        row = await _locked(actor, nomination)
        _require_mine(actor, row, "accept")
        if refused := await in_the_way(row):
            raise Refusals(refused)
        return await move_nomination(actor, nomination, "accept", opinion=opinion, signed_by=signed_by, version=version)


async def accept_clear(actor: Actor, chosen: Sequence[Chosen], *, opinion: str = "") -> tuple[list[UUID], list[Left]]:
    """Accept the ticked ones that nothing stands in the way of; tells the others with their reasons. Each is a savepoint of
    its own: one that somebody else moved meanwhile is left, the others go through."""
    if not chosen:
        raise Refusal("nothing_chosen", "请先勾选要通过的推荐对象", field="chosen")
    if len(chosen) > MOST_AT_ONCE:
        raise Refusal("too_many_chosen", "一次最多处理 {most} 件", field="chosen", most=MOST_AT_ONCE)
    done, left = [], []
    async with transaction():
        for one in sorted(chosen, key=lambda one: one.id):  # one order for all officers: no deadlock
            try:
                async with transaction():
                    await accept(actor, one.id, opinion=opinion, version=one.version)
                done.append(one.id)
            except Refusals as several:
                left.append(Left(id=one.id, name=await _name(one.id), why=several.refusals))
            except (Conflict, Stale, Refusal) as why:
                left.append(Left(id=one.id, name=await _name(one.id), why=(why,)))
    return done, left


async def send_back(
    actor: Actor, nomination: UUID, *, opinion: str, due_at: datetime | None = None, version: int | None = None
) -> Stage:
    """退回补正: to the unit, with reasons and a day; without a day, the rule set's working days (H35)."""
    return await move_nomination(actor, nomination, "return", opinion=opinion, due_at=due_at, version=version)


async def reject(
    actor: Actor, nomination: UUID, *, opinion: str, signed_by: str = "", version: int | None = None
) -> Stage:
    """不通过, with reasons; its unit may not hand it in again in this cycle."""
    return await move_nomination(actor, nomination, "reject", opinion=opinion, signed_by=signed_by, version=version)


async def reserve(actor: Actor, nomination: UUID, *, opinion: str = "", version: int | None = None) -> Stage:
    """转递补: hold in reserve at the running union (H16)."""
    return await move_nomination(actor, nomination, "reserve", opinion=opinion, version=version)


async def promote(actor: Actor, nomination: UUID, *, opinion: str = "", version: int | None = None) -> Stage:
    """递补: call a substitute; every obstacle at once, a place lost to fraud among them (H16, H36)."""
    async with transaction():
        row = await _locked(actor, nomination)
        _require_mine(actor, row, "promote")
        if refused := await in_the_way(row):
            raise Refusals(refused)
        return await move_nomination(actor, nomination, "promote", opinion=opinion, version=version)


async def in_the_way(row: Any) -> list[Refusal]:
    """Everything that stands against accepting or promoting this nomination at the gate where it is."""
    stage = Stage(row["stage"])
    gate = "county" if stage in selection.COUNTY_STAGES else "city"
    refused = list(await checklist.obstacles(row["id"], gate))
    known = {one.code for one in refused}
    refused += [one for one in await objections.require_none(row["id"]) if one.code not in known]
    rules = await rules_of(row["cycle"])
    if gate == "county":
        refused += _county_day(row, await clock.now())
        refused += await shares.county_share(row, rules.of(row["honour"]).surplus)
        refused += await _county_notice(row, stage, wanted=rules.gates.county_notice)
    else:
        refused += await _places(row)
        if rules.gates.compose_at.get("city", "block") == "block":
            refused += await _ceilings(row, rules.of(row["honour"]).composition)
    return refused


def _county_day(row: Any, now: datetime) -> list[Refusal]:
    due = row["county_due_at"]
    if due is None or now <= due or row["first_gate"] == row["running"]:
        return []
    return [
        Refusal(
            "county_too_late",
            "县级上报已于 {due} 截止，逾期不报视为放弃",
            rule="H35",
            due=f"{clock.local(due):%Y-%m-%d %H:%M}",
        )
    ]


async def _county_notice(row: Any, stage: Stage, *, wanted: bool) -> list[Refusal]:
    """Where the rules want the county's own notice: it must have been opened, be over and be clear (H30, H32)."""
    if not wanted or row["first_gate"] == row["running"]:
        return []
    if stage is Stage.COUNTY:
        return [Refusal("county_notice_first", "规则要求先经县级公示，公示期满无异议后才能上报", rule="H30")]
    from honours.review.notices import notice_obstacles

    return await notice_obstacles(row["id"])


async def _places(row: Any) -> list[Refusal]:
    """More may not be selected than there are places that were not lost (H36)."""
    if row["listing"] != "regular":
        return []
    await fetch(
        "SELECT id FROM cycle_award WHERE id = $1 FOR UPDATE", row["award"]
    )  # before counting: the count sees who was first
    found = await fetchrow(
        "SELECT a.places, (SELECT count(*) FROM cancelled_place x WHERE x.award = a.id) AS lost, (SELECT count(*) FROM nomination n"
        " WHERE n.award = a.id AND n.listing = 'regular' AND n.stage = ANY($2::varchar[])) AS taken"
        " FROM cycle_award a WHERE a.id = $1",
        row["award"], [str(stage) for stage in selection.AHEAD],
    )  # fmt: skip
    assert found is not None
    if found["taken"] < found["places"] - found["lost"]:
        return []
    if found["lost"]:
        return [
            Refusal("places_lost", "可用名额 {n} 个已满：有 {lost} 个名额因弄虚作假作废，不得递补", rule="H36", n=found["places"] - found["lost"], lost=found["lost"])
        ]  # fmt: skip
    return [Refusal("places_full", "名额 {n} 个已满，请先将他人转为递补", rule="H29", n=found["places"])]


async def _ceilings(row: Any, constraints: Any) -> list[Refusal]:
    if row["listing"] != "regular" or not constraints:
        return []
    from honours.review.board import line_refusal

    rows = await candidates_of(row["award"], [*selection.AHEAD, Stage(row["stage"])], with_rows=True)
    one = next(each for each in rows if each.nomination == row["id"])
    ahead = [each for each in rows if each.stage in selection.AHEAD and each.candidate.listing == "regular"]
    return [line_refusal(line) for line in selection.would_break(constraints, ahead, one, places=row["places"])]


async def disqualify(actor: Actor, nomination: UUID, *, reason: str, version: int | None = None) -> None:
    """取消资格 (H36): false identity or merit, or wrong procedure. The place is lost for good, nobody may take it, and the unit
    stays out of the next cycle."""
    async with transaction():
        row = await _locked(actor, nomination)
        await move_nomination(actor, nomination, "disqualify", opinion=reason, version=version)
        lost = (row["role"] == "principal" and row["listing"] == "regular") or Stage(row["stage"]) in selection.AHEAD
        if lost and row["listing"] == "regular":
            await _lose_place(actor, row, reason)
        await _bar_unit(actor, row, reason)
        await trail.record(actor, "nomination.place_lost", "nomination", nomination, {"lost": lost})


async def _lose_place(actor: Actor, row: Any, reason: str) -> None:
    await fetch(
        "INSERT INTO cancelled_place (id, award, organisation, nomination, reason, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
        new_id(), row["award"], row["first_gate"], row["id"], reason[:500], actor.account,
    )  # fmt: skip
    await fetch(
        "UPDATE quota SET cancelled = cancelled + 1 WHERE award = $1 AND organisation = $2 AND cancelled < places",
        row["award"], row["first_gate"],
    )  # fmt: skip


async def _bar_unit(actor: Actor, row: Any, reason: str) -> None:
    await fetch(
        "INSERT INTO veto_fact (id, organisation, kind, happened_on, until_on, source, note, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {NOW_SQL})",
        new_id(), row["organisation"], BARRED, await clock.today(), date(row["cycle_year"] + 1, 12, 31), row["cycle_title"],
        reason[:300], actor.account,
    )  # fmt: skip


async def abandon_late() -> int:
    """逾期不报视为放弃 (H35): drafts and returned dossiers whose day is over. The clock's own act; returns how many."""
    rows = await fetch(
        "SELECT n.id FROM nomination n JOIN cycle c ON c.id = n.cycle WHERE (n.stage = 'returned' AND n.returned_due_at < $1)"
        " OR (n.stage = 'draft' AND c.unit_due_at < $1 AND c.stage IN ('open', 'review')) ORDER BY n.id LIMIT 500",
        await clock.now(),
    )
    done = 0
    for row in rows:
        async with transaction():
            held = await fetchval("SELECT 1 FROM nomination WHERE id = $1 AND stage IN ('returned', 'draft') FOR UPDATE SKIP LOCKED", row["id"])  # fmt: skip
            if held:
                await move_nomination(None, row["id"], "abandon", opinion="逾期不报，视为放弃")
                done += 1
    return done


async def _locked(actor: Actor, nomination: UUID) -> Any:
    """The nomination with its cycle and award, locked, within reach of an officer; else not found."""
    row = await fetchrow(
        "SELECT n.*, c.organisation AS running, c.county_due_at, c.year AS cycle_year, c.title AS cycle_title, a.places,"
        " h.code AS honour FROM nomination n JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award"
        " JOIN honour h ON h.id = a.honour JOIN organisation g ON g.id = n.first_gate"
        " WHERE n.id = $1 AND (g.ancestors && $2::uuid[] OR c.organisation = ANY($2)) FOR UPDATE OF n",
        nomination, list(Permission.REVIEW_FIRST.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


def _require_mine(actor: Actor, row: Any, action: str) -> None:
    """Whose move it is comes before what stands in its way: another level is told nothing of the dossier's gaps (H33)."""
    stage = Stage(row["stage"])
    moves.target(MOVES, stage, action)
    permission = MOVES[(stage, action)][1]
    if not permission.allows(actor) or not may_act(actor, row, permission):
        raise Forbidden


async def _name(nomination: UUID) -> str:
    return await fetchval("SELECT name FROM nomination WHERE id = $1", nomination) or ""
