"""Reads about rounds: for the chair within its scope, for a reviewer the own seats; nobody learns of votes before the close."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.review.methods import Outcome, RoundRules
from honours.review.rounds import AT_GATE, REVIEWERS_SQL
from honours.review.schemas import Candidate, Round, Seat

ROUND = """
SELECT r.id, r.award, a.cycle, c.title AS cycle_title, h.title AS honour_title, r.organisation, o.name AS organisation_name,
       r.number, r.title, r.rules, r.stage, r.closes_at, r.opened_at, r.closed_at, r.repeats, r.version, r.result
FROM review_round r JOIN cycle_award a ON a.id = r.award JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle
JOIN organisation o ON o.id = r.organisation
"""
CANDIDATES_SQL = """
SELECT n.id AS nomination, k.place, n.name, n.unit_name, n.post, coalesce(n.number, '') AS number, g.name AS gate_name, n.stage
FROM round_candidate k JOIN nomination n ON n.id = k.nomination JOIN organisation g ON g.id = n.first_gate
WHERE k.round = $1 ORDER BY k.place
"""
SEATS_SQL = """
SELECT s.id, s.account, a.name, coalesce(o.name, '') AS organisation_name, s.voted,
       coalesce(array_agg(n.name || '|' || x.kind ORDER BY n.name) FILTER (WHERE x.id IS NOT NULL), '{}') AS recusals
FROM round_seat s JOIN account a ON a.id = s.account LEFT JOIN organisation o ON o.id = a.organisation
LEFT JOIN round_recusal x ON x.seat = s.id LEFT JOIN nomination n ON n.id = x.nomination
WHERE s.round = $1 GROUP BY s.id, a.id, o.id ORDER BY a.name, a.id
"""
LIST_SQL = """
SELECT r.id, r.number, r.title, r.method, r.stage, r.closes_at, h.title AS award, c.title AS cycle, o.name AS union_name,
       (SELECT count(*) FROM round_seat s WHERE s.round = r.id) AS seats,
       (SELECT count(*) FROM round_seat s WHERE s.round = r.id AND s.voted) AS voted,
       (SELECT count(*) FROM round_candidate k WHERE k.round = r.id) AS nominees
FROM review_round r JOIN cycle_award a ON a.id = r.award JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle
JOIN organisation o ON o.id = r.organisation WHERE o.ancestors && $1::uuid[] ORDER BY (r.stage IN ('draft', 'open')) DESC, r.made_at DESC LIMIT 200
"""


async def rounds_for(actor: Actor) -> list[Any]:
    """The rounds of the unions within the chair's scope, those at work first."""
    return await fetch(LIST_SQL, list(Permission.RUN_ROUNDS.scope(actor)))


async def round_for(actor: Actor, round_id: UUID) -> Round:
    """A round as its chair sees it: who has voted, not what; the result once it is closed."""
    row = await fetchrow(
        ROUND + "WHERE r.id = $1 AND o.ancestors && $2::uuid[]", round_id, list(Permission.RUN_ROUNDS.scope(actor))
    )
    return await _round(row, seats=True)


async def _round(row: Any, *, seats: bool) -> Round:
    if row is None:
        raise NotFound
    candidates = await fetch(CANDIDATES_SQL, row["id"])
    seated = await fetch(SEATS_SQL, row["id"]) if seats else []
    values = dict(row)
    values["rules"] = msgspec.json.decode(row["rules"], type=RoundRules)
    values["result"] = msgspec.json.decode(row["result"], type=Outcome) if row["result"] else None
    return Round(
        **values, candidates=tuple(Candidate(**dict(one)) for one in candidates),
        seats=tuple(Seat(**{**dict(one), "recusals": tuple(one["recusals"])}) for one in seated),
    )  # fmt: skip


async def choosable(actor: Actor, award: UUID) -> tuple[UUID, list[Any], list[Any]]:
    """For the form: the union whose panel it would be, the nominees that may be on the paper, the reviewers who may sit."""
    from honours.review.rounds import _union_for

    union = await _union_for(actor, award)
    runs = await fetchrow("SELECT c.organisation = $2 AS runs FROM cycle_award a JOIN cycle c ON c.id = a.cycle WHERE a.id = $1", award, union)  # fmt: skip
    assert runs is not None
    nominees = await fetch(
        "SELECT n.id, n.name, n.unit_name, n.stage, n.role, g.name AS gate_name FROM nomination n JOIN organisation g ON g.id = n.first_gate"
        " WHERE n.award = $1 AND n.stage = ANY($2::varchar[]) AND ($3 OR n.first_gate = $4) ORDER BY n.role, g.sort_key, n.place, n.sort_key LIMIT 400",
        award, list(AT_GATE[runs["runs"]]), runs["runs"], union,
    )  # fmt: skip
    return union, nominees, await fetch(REVIEWERS_SQL, union)


class MyRound(msgspec.Struct, frozen=True, kw_only=True):
    """A round on its reviewer's own page: what may be judged, what was scored so far, whether the vote is cast."""

    round: Round
    seat: UUID
    voted: bool
    recused: dict[UUID, str]
    scored: dict[UUID, dict[str, str]]

    @property
    def judged(self) -> list[Candidate]:
        return [one for one in self.round.candidates if one.nomination not in self.recused]


MINE_SQL = """
SELECT r.id, r.title, r.method, r.stage, r.closes_at, h.title AS award, c.title AS cycle, s.voted,
       (SELECT count(*) FROM round_candidate k WHERE k.round = r.id) AS nominees,
       (SELECT count(DISTINCT p.nomination) FROM review_score p WHERE p.seat = s.id) AS scored
FROM round_seat s JOIN review_round r ON r.id = s.round JOIN cycle_award a ON a.id = r.award JOIN honour h ON h.id = a.honour
JOIN cycle c ON c.id = a.cycle WHERE s.account = $1 AND r.stage <> 'draft'
ORDER BY (r.stage = 'open' AND NOT s.voted) DESC, r.closes_at DESC LIMIT 100
"""


async def my_rounds(actor: Actor) -> list[Any]:
    """The actor's own rounds, the open ones first; drafts are the chair's."""
    return await fetch(MINE_SQL, actor.account)


async def my_round(actor: Actor, round_id: UUID) -> MyRound:
    """One of the actor's rounds; raises ``NotFound`` without a seat. No other seat is in it, and no result before the close."""
    seat = await fetchrow("SELECT id, voted FROM round_seat WHERE round = $1 AND account = $2", round_id, actor.account)
    if seat is None:
        raise NotFound
    row = await fetchrow(ROUND + "WHERE r.id = $1 AND r.stage <> 'draft'", round_id)
    recused = await fetch("SELECT nomination, kind, reason FROM round_recusal WHERE seat = $1", seat["id"])
    points = await fetch(
        "SELECT DISTINCT ON (nomination, criterion) nomination, criterion, points FROM review_score WHERE seat = $1"
        " ORDER BY nomination, criterion, number DESC",
        seat["id"],
    )
    scored: dict[UUID, dict[str, str]] = {}
    for one in points:
        scored.setdefault(one["nomination"], {})[one["criterion"]] = f"{one['points'].normalize():f}"
    return MyRound(
        round=await _round(row, seats=False), seat=seat["id"], voted=seat["voted"], scored=scored,
        recused={one["nomination"]: one["kind"] for one in recused},
    )  # fmt: skip


async def nominee_for(actor: Actor, round_id: UUID, nomination: UUID) -> Any:
    """The dossier of a nominee that the actor may judge in an open or closed round: no ID number, no phone, no opinions."""
    row = await fetchrow(
        "SELECT n.id, n.name, n.unit_name, n.post, n.category, n.flags, n.dossier, n.role, n.place, n.listing FROM nomination n"
        " JOIN round_candidate k ON k.nomination = n.id JOIN review_round r ON r.id = k.round AND r.stage <> 'draft'"
        " JOIN round_seat s ON s.round = r.id AND s.account = $2 WHERE r.id = $1 AND n.id = $3"
        " AND NOT EXISTS (SELECT 1 FROM round_recusal x WHERE x.seat = s.id AND x.nomination = n.id)",
        round_id, actor.account, nomination,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


def my_open(actor: Actor) -> Count:
    """How many rounds wait for this reviewer's vote."""
    return Count(
        sql="SELECT count(*) FROM round_seat s JOIN review_round r ON r.id = s.round WHERE s.account = $1 AND NOT s.voted AND r.stage = 'open'",
        values=[actor.account],
    )


def open_here(actor: Actor) -> Count:
    """How many rounds are open in the chair's scope."""
    return Count(
        sql="SELECT count(*) FROM review_round r JOIN organisation o ON o.id = r.organisation WHERE o.ancestors && $1::uuid[] AND r.stage = 'open'",
        values=[list(Permission.RUN_ROUNDS.scope(actor))],
    )
