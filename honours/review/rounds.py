"""What the chair of a panel does: make a round, choose nominees and reviewers, open, close, take up again (H33).

Secret ballots stay secret from the chair too: progress is who has voted; nothing of what is read before the close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.database import connection, fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.review import box, methods
from honours.review.methods import Outcome, RoundRules
from honours.review.schemas import RoundForm

LEAST_SEATS = 3
"""Fewer could not keep a ballot secret, and make no panel."""
AT_GATE = {True: ("city", "reserved"), False: ("county",)}
"""Stages of nominees that a round may be about: of the running union's panel, of a county's."""


async def create_round(actor: Actor, award: UUID, form: RoundForm) -> UUID:
    """Draft a round. Raises ``NotFound`` for an award out of reach, Refusals for its rules, nominees or reviewers."""
    rules = form.rules()
    methods.check_rules(rules)
    async with transaction():
        union = await _union_for(actor, award)
        await fetch("SELECT id FROM cycle_award WHERE id = $1 FOR UPDATE", award)  # numbers without a race
        number = await fetchval(
            "SELECT coalesce(max(number), 0) + 1 FROM review_round WHERE award = $1 AND organisation = $2", award, union
        )
        made = new_id()
        await fetch(
            "INSERT INTO review_round (id, award, organisation, number, title, method, rules, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            made, award, union, number, form.title, rules.method, _text(rules), actor.account, await clock.now(),
        )  # fmt: skip
        await _fill(made, award, union, form.nomination, form.reviewer)
        await trail.record(actor, "round.drafted", "round", made, {"method": rules.method, "nominees": len(form.nomination)})  # fmt: skip
        return made


async def edit_round(actor: Actor, round_id: UUID, form: RoundForm) -> None:
    """Change a draft; raises ``Conflict`` once it was opened, ``Stale`` where somebody changed it since."""
    rules = form.rules()
    methods.check_rules(rules)
    async with transaction():
        row = await locked(actor, round_id, "draft", version=form.version)
        await fetch(
            "UPDATE review_round SET title = $2, method = $3, rules = $4, version = version + 1 WHERE id = $1",
            round_id, form.title, rules.method, _text(rules),
        )  # fmt: skip
        await fetch("DELETE FROM round_candidate WHERE round = $1", round_id)
        await fetch("DELETE FROM round_seat WHERE round = $1", round_id)
        await _fill(round_id, row["award"], row["organisation"], form.nomination, form.reviewer)
        await trail.record(actor, "round.edited", "round", round_id, {"nominees": len(form.nomination)})


async def discard_round(actor: Actor, round_id: UUID, *, version: int) -> None:
    """Throw a draft away; what was opened stays."""
    async with transaction():
        await locked(actor, round_id, "draft", version=version)
        await fetch("DELETE FROM review_round WHERE id = $1", round_id)
        await trail.record(actor, "round.discarded", "round", round_id)


async def open_round(actor: Actor, round_id: UUID, *, closes_at: datetime, version: int) -> None:
    """Let the panel begin. Raises Refusals: too few seats, no nominees, a nominee whom nobody could judge, a past close."""
    async with transaction():
        row = await locked(actor, round_id, "draft", version=version)
        now = await clock.now()
        candidates = [r["nomination"] for r in await fetch("SELECT nomination FROM round_candidate WHERE round = $1", round_id)]  # fmt: skip
        seats = await fetchval("SELECT count(*) FROM round_seat WHERE round = $1", round_id)
        await fetch(CONFLICTS_SQL, round_id)
        _require_ready(candidates, seats, closes_at, now, await _unjudged(round_id))
        await fetch(
            "UPDATE review_round SET stage = 'open', opened_at = $2, closes_at = $3, version = version + 1 WHERE id = $1",
            round_id, now, closes_at,
        )  # fmt: skip
        if row["method"] != "scores":
            await box.make(round_id, candidates)
        await trail.record(actor, "round.opened", "round", round_id, {"nominees": len(candidates), "seats": seats})


CONFLICTS_SQL = f"""
INSERT INTO round_recusal (id, seat, nomination, kind, reason, made_at)
SELECT gen_random_uuid(), s.id, n.id,
       CASE WHEN a.worker = n.worker THEN 'self'
            WHEN a.organisation = o.id OR w.organisation IN (o.id, n.unit) OR a.organisation = n.unit THEN 'unit'
            ELSE 'above' END, '', {clock.NOW_SQL}
FROM round_seat s JOIN review_round r ON r.id = s.round JOIN round_candidate c ON c.round = r.id
JOIN nomination n ON n.id = c.nomination JOIN organisation o ON o.id = n.organisation
JOIN cycle y ON y.id = n.cycle JOIN organisation running ON running.id = y.organisation
JOIN account a ON a.id = s.account LEFT JOIN worker w ON w.id = a.worker
WHERE r.id = $1 AND (a.worker = n.worker OR w.organisation IN (o.id, n.unit) OR a.organisation = n.unit
  OR (a.organisation = ANY(o.ancestors) AND a.organisation <> ALL(running.ancestors) AND a.organisation <> r.organisation))
ON CONFLICT (seat, nomination) DO NOTHING
"""
"""Recusals that the house finds: the nominee itself, somebody of its unit, somebody of a union above that unit — but not
of the union whose panel it is, nor of the running union and those above it, which stand above every nominee alike."""


async def _unjudged(round_id: UUID) -> int:
    return await fetchval(
        "SELECT count(*) FROM round_candidate c WHERE c.round = $1 AND NOT EXISTS (SELECT 1 FROM round_seat s"
        " WHERE s.round = $1 AND NOT EXISTS (SELECT 1 FROM round_recusal x WHERE x.seat = s.id AND x.nomination = c.nomination))",
        round_id,
    )


def _require_ready(candidates: Sequence[UUID], seats: int, closes_at: datetime, now: datetime, unjudged: int) -> None:
    refused = []
    if not candidates:
        refused.append(Refusal("round_empty", "请先选定候选对象", field="nomination"))
    if seats < LEAST_SEATS:
        refused.append(
            Refusal("seats_few", "评委至少 {least} 人，现为 {n} 人：人少则票面无从保密", field="reviewer", least=LEAST_SEATS, n=seats)
        )  # fmt: skip
    if closes_at <= now:
        refused.append(Refusal("closes_past", "截止时间应在现在之后", field="closes_at"))
    if unjudged:
        refused.append(
            Refusal(
                "nobody_judges", "有 {n} 位候选对象因全体评委回避而无人可评：请增补评委", field="reviewer", n=unjudged
            )
        )
    if refused:
        raise Refusals(refused)


async def close_round(actor: Actor, round_id: UUID, *, version: int) -> str:
    """Close and reckon: "closed", or "void" where the quorum was not met (nothing of a void round is ever read).

    Raises ``round_still_open`` while somebody may still vote before the time set.
    """
    async with transaction():
        row = await locked(actor, round_id, "open", version=version)
        now = await clock.now()
        voted, seats = await _turnout(round_id)
        if voted < seats and now < row["closes_at"]:
            raise Refusal(
                "round_still_open", "截止时间未到，还有 {n} 位评委未投：全部投完或到时才能结束", n=seats - voted
            )
        rules = msgspec.json.decode(row["rules"], type=RoundRules)
        valid = methods.reached(voted, seats, rules.quorum)
        outcome = await _reckon(round_id, rules, seats=seats, voted=voted, valid=valid)
        stage = "closed" if valid else "void"
        await fetch(
            "UPDATE review_round SET stage = $2, closed_at = $3, result = $4, version = version + 1 WHERE id = $1",
            round_id, stage, now, "" if outcome is None else _text(outcome),
        )  # fmt: skip
        await trail.record(actor, f"round.{stage}", "round", round_id, {"seats": seats, "voted": voted})
        return stage


async def _turnout(round_id: UUID) -> tuple[int, int]:
    row = await fetchrow(
        "SELECT count(*) FILTER (WHERE voted) AS voted, count(*) AS seats FROM round_seat WHERE round = $1", round_id
    )
    assert row is not None
    return row["voted"], row["seats"]


async def _reckon(round_id: UUID, rules: RoundRules, *, seats: int, voted: int, valid: bool) -> Outcome | None:
    if rules.method == "scores":
        return methods.tally_scores(await _totals(round_id, rules), rules, seats=seats, voted=voted) if valid else None
    slips = await box.pour_out(round_id, keep=valid)
    if not valid:
        return None
    tally = methods.tally_approval if rules.method == "approval" else methods.tally_ranked
    return tally(slips, rules, seats=seats, voted=voted)


async def _totals(round_id: UUID, rules: RoundRules) -> dict[str, list[Fraction]]:
    """Each nominee's totals by the reviewers who handed in; who saved but never handed in does not count."""
    rows = await fetch(
        "SELECT DISTINCT ON (p.seat, p.nomination, p.criterion) p.seat, p.nomination, p.criterion, p.points"
        " FROM review_score p JOIN round_seat s ON s.id = p.seat WHERE s.round = $1 AND s.voted"
        " AND NOT EXISTS (SELECT 1 FROM round_recusal x WHERE x.seat = s.id AND x.nomination = p.nomination)"
        " ORDER BY p.seat, p.nomination, p.criterion, p.number DESC",
        round_id,
    )
    sheets: dict[tuple[UUID, UUID], dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        sheets[(row["seat"], row["nomination"])][row["criterion"]] = row["points"]
    listed = await fetch("SELECT nomination FROM round_candidate WHERE round = $1 ORDER BY place", round_id)
    totals: dict[str, list[Fraction]] = {str(row["nomination"]): [] for row in listed}
    for (_seat, nomination), points in sheets.items():
        totals[str(nomination)].append(methods.total_of(points, rules.criteria))
    return totals


async def take_up_again(actor: Actor, round_id: UUID) -> UUID:
    """A new draft in place of a void round, or a run-off among those tied across the last seat of a closed one.

    Raises ``nothing_to_repeat`` where the round was decided, ``Conflict`` where it was taken up before.
    """
    async with transaction():
        row = await locked(actor, round_id)
        if await fetchval("SELECT 1 FROM review_round WHERE repeats = $1", round_id):
            raise Conflict("repeated_already", "这一轮已经重新组织过了")
        rules = msgspec.json.decode(row["rules"], type=RoundRules)
        outcome = msgspec.json.decode(row["result"], type=Outcome) if row["result"] else None
        tied = outcome.tied if outcome else ()
        if row["stage"] != "void" and not tied:
            raise Refusal("nothing_to_repeat", "这一轮已有结果，不需要重新投票")
        made = await _copy(actor, row, rules, outcome)
        await fetch(
            "INSERT INTO round_candidate (id, round, nomination, place) SELECT gen_random_uuid(), $2, nomination,"
            " row_number() OVER (ORDER BY place) FROM round_candidate"
            " WHERE round = $1 AND (cardinality($3::uuid[]) = 0 OR nomination = ANY($3))",
            round_id, made, [UUID(one) for one in tied],
        )  # fmt: skip
        await fetch(
            "INSERT INTO round_seat (id, round, account) SELECT gen_random_uuid(), $2, account FROM round_seat WHERE round = $1",
            round_id, made,
        )  # fmt: skip
        await trail.record(actor, "round.repeated", "round", made, {"of": str(round_id), "tied": len(tied)})
        return made


async def _copy(actor: Actor, row: Any, rules: RoundRules, outcome: Outcome | None) -> UUID:
    if outcome and outcome.tied:
        rules = msgspec.structs.replace(rules, seats=outcome.open_seats)
    number = await fetchval(
        "SELECT max(number) + 1 FROM review_round WHERE award = $1 AND organisation = $2",
        row["award"],
        row["organisation"],
    )
    made = new_id()
    await fetch(
        "INSERT INTO review_round (id, award, organisation, number, title, method, rules, repeats, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        made, row["award"], row["organisation"], number, row["title"], row["method"], _text(rules), row["id"],
        actor.account, await clock.now(),
    )  # fmt: skip
    return made


async def locked(actor: Actor, round_id: UUID, stage: str | None = None, *, version: int | None = None) -> Any:
    """A round of a union within the actor's scope, locked; else not found."""
    connection()
    row = await fetchrow(
        "SELECT r.* FROM review_round r JOIN organisation o ON o.id = r.organisation"
        " WHERE r.id = $1 AND o.ancestors && $2::uuid[] FOR UPDATE OF r",
        round_id, list(Permission.RUN_ROUNDS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    if stage is not None and row["stage"] != stage:
        raise Conflict("round_moved", "这一轮的状态刚刚改变，请刷新后再试")
    if version is not None and row["version"] != version:
        raise Stale("round_stale", "这一轮刚被他人修改，请看过新的内容再操作", current=row["version"])
    return row


async def _union_for(actor: Actor, award: UUID) -> UUID:
    """Whose panel it will be: the running union's for its officers, else the officer's own union below it."""
    scope = list(Permission.RUN_ROUNDS.scope(actor))
    found = await fetchval(
        "SELECT CASE WHEN run.ancestors && $2::uuid[] THEN run.id ELSE (SELECT o.id FROM organisation o"
        " WHERE o.id = ANY($2) AND run.id = ANY(o.ancestors) ORDER BY cardinality(o.ancestors) LIMIT 1) END"
        " FROM cycle_award a JOIN cycle c ON c.id = a.cycle JOIN organisation run ON run.id = c.organisation"
        " WHERE a.id = $1 AND c.stage IN ('open', 'review')",
        award, scope,
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


async def _fill(
    round_id: UUID, award: UUID, union: UUID, nominations: Sequence[UUID], reviewers: Sequence[UUID]
) -> None:
    """Nominees in the order given, and seats; refuses who may not be on it."""
    runs = await fetchval("SELECT c.organisation = $2 FROM cycle_award a JOIN cycle c ON c.id = a.cycle WHERE a.id = $1", award, union)  # fmt: skip
    chosen, seated = list(dict.fromkeys(nominations)), list(dict.fromkeys(reviewers))
    if len(chosen) > methods.MOST_CANDIDATES:
        raise Refusal("round_too_long", "一轮最多 {most} 位候选对象", field="nomination", most=methods.MOST_CANDIDATES)
    known = await fetchval(
        "SELECT count(*) FROM nomination WHERE id = ANY($1::uuid[]) AND award = $2 AND stage = ANY($3::varchar[])"
        " AND ($4 OR first_gate = $5)",
        chosen, award, list(AT_GATE[runs]), runs, union,
    )  # fmt: skip
    if known != len(chosen):
        raise Refusal("nominee_not_here", "有候选对象不在本级评审中，请刷新名单", field="nomination", rule="H33")
    able = {row["id"] for row in await fetch(REVIEWERS_SQL, union)}
    if not able.issuperset(seated):
        raise Refusal("not_a_reviewer", "有人不是本级的评审委员，请重新选择", field="reviewer")
    places = [(new_id(), round_id, one, place) for place, one in enumerate(chosen, 1)]
    await connection().executemany("INSERT INTO round_candidate (id, round, nomination, place) VALUES ($1, $2, $3, $4)", places)  # fmt: skip
    await connection().executemany(
        "INSERT INTO round_seat (id, round, account) VALUES ($1, $2, $3)", [(new_id(), round_id, one) for one in seated]
    )


REVIEWERS_SQL = """
SELECT DISTINCT a.id, a.name, coalesce(w.name, '') AS organisation_name
FROM account a JOIN role_grant g ON g.account = a.id AND g.role = 'reviewer' AND g.ended_at IS NULL
JOIN organisation s ON s.id = g.organisation LEFT JOIN organisation w ON w.id = a.organisation
JOIN organisation u ON u.id = $1
WHERE a.closed_at IS NULL AND (s.id = ANY(u.ancestors) OR u.id = ANY(s.ancestors)) ORDER BY a.name, a.id
"""


def _text(value: RoundRules | Outcome) -> str:
    return msgspec.json.encode(value).decode()
