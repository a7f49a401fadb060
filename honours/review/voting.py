"""What a reviewer does: declare a recusal, score, vote. One vote a person; a vote that was cast cannot be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.database import connection, fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from honours.review import box, methods
from honours.review.methods import RoundRules


async def recuse(actor: Actor, round_id: UUID, nomination: UUID, *, reason: str) -> None:
    """回避: do not judge this nominee, with a reason; before voting only. Twice is once."""
    if not reason.strip():
        raise Refusal("recusal_reason", "请写明回避的原因", field="reason")
    async with transaction():
        seat = await _hold_seat(actor, round_id)
        if not await fetchval(
            "SELECT 1 FROM round_candidate WHERE round = $1 AND nomination = $2", round_id, nomination
        ):
            raise NotFound
        await fetch(
            "INSERT INTO round_recusal (id, seat, nomination, kind, reason, made_at) VALUES ($1, $2, $3, 'declared', $4, $5)"
            " ON CONFLICT (seat, nomination) DO NOTHING",
            new_id(), seat["id"], nomination, reason.strip(), await clock.now(),
        )  # fmt: skip
        await trail.record(actor, "round.recused", "round", round_id, {"nomination": str(nomination)})


async def save_points(actor: Actor, round_id: UUID, nomination: UUID, points: Mapping[str, str]) -> None:
    """Score one nominee: all criteria at once, as new versions. Raises Refusals for each that is missing or out of range."""
    async with transaction():
        seat = await _hold_seat(actor, round_id)
        rules = _rules(seat)
        if rules.method != "scores" or nomination not in await _judged(round_id, seat["id"]):
            raise NotFound
        values = _points(rules, points)
        number = await fetchval(
            "SELECT coalesce(max(number), 0) + 1 FROM review_score WHERE seat = $1 AND nomination = $2",
            seat["id"],
            nomination,
        )
        now = await clock.now()
        await connection().executemany(
            "INSERT INTO review_score (id, seat, nomination, criterion, number, points, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [(new_id(), seat["id"], nomination, code, number, value, now) for code, value in values.items()],
        )
        await trail.record(actor, "round.scored", "round", round_id, {"nomination": str(nomination), "version": number})


def _points(rules: RoundRules, points: Mapping[str, str]) -> dict[str, Any]:
    values, refused = {}, []
    for place, criterion in enumerate(rules.criteria):
        field = f"points-{place}"
        try:
            if not points.get(criterion.code):
                raise Refusal("points_missing", "“{label}”还没有打分", field=field, label=criterion.label)
            values[criterion.code] = methods.require_points(criterion, points[criterion.code], field)
        except Refusal as refusal:
            refused.append(refusal)
    if refused:
        raise Refusals(refused)
    return values


async def hand_in(actor: Actor, round_id: UUID) -> None:
    """交卷: scores become final. Raises ``scores_missing`` while a nominee has none, ``Conflict`` the second time."""
    async with transaction():
        seat = await _hold_seat(actor, round_id)
        if _rules(seat).method != "scores":
            raise NotFound
        scored = {r["nomination"] for r in await fetch("SELECT DISTINCT nomination FROM review_score WHERE seat = $1", seat["id"])}  # fmt: skip
        missing = [one for one in await _judged(round_id, seat["id"]) if one not in scored]
        if missing:
            raise Refusal("scores_missing", "还有 {n} 位没有打分", n=len(missing))
        await _mark(seat)
        await trail.record(actor, "round.handed_in", "round", round_id)


async def cast(actor: Actor, round_id: UUID, choices: Mapping[UUID, int]) -> None:
    """投票: drop a whole paper into the box, once. The seat is marked by compare-and-set in the same transaction, so the second
    of two taps finds it marked (``Conflict`` ``voted_already``). Neither the trail nor any row says what was chosen."""
    async with transaction():
        seat = await _hold_seat(actor, round_id)
        rules = _rules(seat)
        if rules.method == "scores":
            raise NotFound
        judged = [str(one) for one in await _judged(round_id, seat["id"])]
        paper = {str(one): choice for one, choice in choices.items()}
        check = methods.check_approval if rules.method == "approval" else methods.check_ranking
        check(paper, judged, rules)
        await _mark(seat)
        await box.drop(round_id, paper)
        await trail.record(actor, "round.voted", "round", round_id)


async def _mark(seat: Any) -> None:
    marked = await fetchval("UPDATE round_seat SET voted = true WHERE id = $1 AND NOT voted RETURNING id", seat["id"])
    if marked is None:
        raise voted_already()


def voted_already() -> Conflict:
    return Conflict("voted_already", "您已经投过票：一人一票，投出后不能收回或更改")


async def _hold_seat(actor: Actor, round_id: UUID) -> Any:
    """The actor's own seat in an open round, the round held against its close; raises ``NotFound`` without a seat,
    ``Conflict`` where the round is not open (any more) or the seat has voted."""
    connection()
    round_row = await fetchrow(
        "SELECT r.stage, r.rules, r.closes_at FROM review_round r WHERE r.id = $1 AND r.stage <> 'draft' FOR SHARE",
        round_id,
    )
    seat = await fetchrow("SELECT id, voted FROM round_seat WHERE round = $1 AND account = $2 FOR UPDATE", round_id, actor.account)  # fmt: skip
    if round_row is None or seat is None:
        raise NotFound
    if round_row["stage"] != "open" or await clock.now() >= round_row["closes_at"]:
        raise Conflict("round_over", "这一轮评审已经截止")
    if seat["voted"]:
        raise voted_already()
    return {"id": seat["id"], "rules": round_row["rules"]}


def _rules(seat: Any) -> RoundRules:
    return msgspec.json.decode(seat["rules"], type=RoundRules)


async def _judged(round_id: UUID, seat: UUID) -> list[UUID]:
    """The nominees that this seat may judge, in the paper's order."""
    rows = await fetch(
        "SELECT c.nomination FROM round_candidate c WHERE c.round = $1 AND NOT EXISTS ("
        "SELECT 1 FROM round_recusal x WHERE x.seat = $2 AND x.nomination = c.nomination) ORDER BY c.place",
        round_id, seat,
    )  # fmt: skip
    return [row["nomination"] for row in rows]
