"""结构比例: one award's board as its officers read it, in a constant number of queries (H20–H28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal
from foundation.web.policy import Actor
from honours.cycles import composition
from honours.cycles.composition import Line, Swap
from honours.cycles.queries import decode_rules
from honours.cycles.schemas import AwardRules, CycleRules
from honours.nominations.candidates import Row, candidates_of
from honours.permissions import Permission
from honours.review import selection
from honours.review.methods import Outcome
from honours.review.objections import OPEN_OF_AWARD_SQL, still_open
from honours.review.opinions import Opinions, wanting
from honours.review.selection import Change, Field, Shrink

EFFORT = 3000
"""Bound on the search for swaps, so that a page stays quick; the answer says where it was cut short."""

AWARD_SQL = """
SELECT a.id, a.places, a.cycle, h.code, h.title, h.title_en, h.conferred_here, c.title AS cycle_title, c.stage AS cycle_stage,
       c.organisation AS running, c.unit_due_at, c.county_due_at, c.decided_at, c.published_at, s.rules, s.number AS version,
       run.ancestors && $2::uuid[] AS runs,
       (SELECT count(*) FROM cancelled_place x WHERE x.award = a.id) AS cancelled
FROM cycle_award a JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle JOIN organisation run ON run.id = c.organisation
JOIN LATERAL (SELECT rules, number FROM cycle_rule_set WHERE cycle = c.id ORDER BY number DESC LIMIT 1) s ON true
WHERE a.id = $1 AND (run.ancestors && $2 OR c.stage <> 'draft' AND EXISTS (
  SELECT 1 FROM organisation o WHERE o.id = ANY($2) AND c.organisation = ANY(o.ancestors)))
"""
QUOTAS_SQL = """
SELECT o.id, o.name, o.region, q.places - q.cancelled AS places FROM quota q JOIN organisation o ON o.id = q.organisation
WHERE q.award = $1 ORDER BY o.sort_key, o.id
"""
RESULTS_SQL = """
SELECT number, result FROM review_round WHERE award = $1 AND organisation = $2 AND stage = 'closed' ORDER BY number DESC LIMIT 12
"""
PLANS_SQL = """
SELECT DISTINCT ON (p.letter) p.id, p.letter, p.number, p.outs, p.ins, p.note, p.stage, p.minutes, p.version, p.submitted_at,
       p.decided_at, coalesce(a.name, '') AS made_by, p.made_at
FROM composition_plan p LEFT JOIN account a ON a.id = p.made_by WHERE p.award = $1 AND p.stage <> 'dropped'
ORDER BY p.letter, p.number DESC
"""


class Votes(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest closed round that had a nominee on its paper said of it."""

    figure: str
    rank: int | None
    chosen: bool
    passed: bool | None


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """The award, its cycle and its rules, as this reader may see them."""

    id: UUID
    cycle: UUID
    running: UUID
    title: str
    title_en: str
    cycle_title: str
    cycle_stage: str
    places: int
    cancelled: int
    conferred_here: bool
    version: int
    runs: bool
    """Whether the reader is an officer of the running union; else sees the own counties' share."""
    dates: tuple[Any, ...]
    rules: CycleRules
    award_rules: AwardRules

    @property
    def open_places(self) -> int:
        """Places that may still be filled (H36)."""
        return self.places - self.cancelled


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a board's page but the try."""

    award: Award
    field: Field
    lines: tuple[Line, ...]
    gate: str
    """county: nothing has reached the running union yet, so that the board shows what the counties hold; else city."""
    opinions: Mapping[UUID, Opinions]
    """Only those that are wanting."""
    objections: Mapping[UUID, int]
    votes: Mapping[str, Votes]
    breaking: Mapping[str, tuple[str, ...]]
    quotas: tuple[Any, ...]
    plans: tuple[Any, ...]
    in_county: int

    @property
    def short(self) -> list[Line]:
        return [line for line in self.lines if not line.ok]


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """还可怎样补: how many substitutes would help, how many of them nothing stands against; swaps that mend all; fewer in all."""

    line: Line
    helping: int
    ready: int
    swaps: tuple[Swap, ...]
    complete: bool
    shrink: Shrink | None


async def award_for(actor: Actor, award: UUID) -> Award:
    """The award where the actor may see its board; raises ``NotFound``."""
    row = await fetchrow(AWARD_SQL, award, list(Permission.SEE_COMPOSITION.scope(actor)))
    if row is None:
        raise NotFound
    rules = decode_rules(row["rules"])
    return Award(
        id=row["id"], cycle=row["cycle"], running=row["running"], title=row["title"], title_en=row["title_en"],
        cycle_title=row["cycle_title"], cycle_stage=row["cycle_stage"], places=row["places"], cancelled=row["cancelled"],
        conferred_here=row["conferred_here"], version=row["version"], runs=row["runs"], rules=rules,
        award_rules=rules.of(row["code"]), dates=(row["unit_due_at"], row["county_due_at"], row["decided_at"], row["published_at"]),
    )  # fmt: skip


async def board_for(actor: Actor, award_id: UUID) -> Board:
    """The board. Officers of the running union see all that reached it (or what the counties hold, before); a county's
    officers the share of their own unions, at whatever gate it stands."""
    award = await award_for(actor, award_id)
    rows: list[Row] = await candidates_of(award.id, selection.COUNTY_STAGES + selection.CITY_STAGES, with_rows=True)
    held = sum(row.stage in selection.COUNTY_STAGES for row in rows)
    if award.runs:
        reached = [row for row in rows if row.stage not in selection.COUNTY_STAGES]
        gate, rows = ("city", reached) if reached else ("county", rows)
    else:
        own = {row["id"] for row in await fetch(OWN_SQL, list(Permission.SEE_COMPOSITION.scope(actor)), award.id)}
        gate, rows = "county", [row for row in rows if row.first_gate in own]
    votes = await _votes(award.id, award.running)
    ranks = {one: vote.rank for one, vote in votes.items() if vote.rank is not None}
    field = selection.field_of(rows, ranks)
    constraints = award.award_rules.composition
    return Board(
        award=award, field=field, lines=selection.lines_of(constraints, field.chosen), gate=gate, votes=votes, in_county=held,
        opinions=await wanting(award.id, award.rules, field.rows), objections=await _objections(award.id), quotas=tuple(await fetch(QUOTAS_SQL, award.id)),
        plans=tuple(await fetch(PLANS_SQL, award.id)) if award.runs else (),
        breaking=composition.exceeding(
            constraints, [selection.as_chosen(row.candidate) for row in field.chosen], [row.candidate for row in field.reserve]
        ),
    )  # fmt: skip


OWN_SQL = """
SELECT DISTINCT o.id FROM organisation o JOIN nomination n ON n.first_gate = o.id WHERE o.ancestors && $1::uuid[] AND n.award = $2
"""


async def _objections(award: UUID) -> dict[UUID, int]:
    found = await fetch(OPEN_OF_AWARD_SQL, award)
    return {row["source"]: row["waiting"] for row in found}


async def _votes(award: UUID, union: UUID) -> dict[str, Votes]:
    found: dict[str, Votes] = {}
    for row in await fetch(RESULTS_SQL, award, union):
        outcome = msgspec.json.decode(row["result"], type=Outcome)
        for one in outcome.standings:
            figure = str(one.votes) if one.votes is not None else one.figure
            found.setdefault(one.nomination, Votes(figure=figure, rank=one.rank, chosen=one.chosen, passed=one.passed))
    return found


def advice(board: Board) -> Advice | None:
    """What would mend the first floor that is short; None where every line holds."""
    constraints = board.award.award_rules.composition
    if not board.short:
        return None
    short = next((line for line in board.short if line.shortage), board.short[0])
    helping = selection.subset_of(constraints, [short.code], board.field.reserve)
    ready = [
        row for row in board.field.reserve
        if row.candidate.id in helping and not alerts_of(board, row) and row.candidate.id not in board.breaking
    ]  # fmt: skip
    found = composition.mending(
        constraints,
        [selection.as_chosen(row.candidate) for row in board.field.chosen],
        [selection.as_chosen(row.candidate) for row in board.field.reserve if not alerts_of(board, row)],
        limit=3,
        effort=EFFORT,
    )
    return Advice(
        line=short, helping=len(helping), ready=len(ready), swaps=found.options, complete=found.complete,
        shrink=selection.shrink(constraints, board.lines),
    )  # fmt: skip


def alerts_of(board: Board, row: Row) -> list[Refusal]:
    """What stands against one nominee on the board: opinions that are wanting (H40–H45), open objections (H34)."""
    found: list[Refusal] = []
    said = board.opinions.get(row.nomination)
    if said and said.lacking:
        found.append(
            Refusal(
                "clearance_lacking",
                "{name}：征求意见未齐（{n} 个部门）",
                rule="H45",
                name=row.name,
                n=len(said.lacking),
            )
        )
    if waiting := board.objections.get(row.nomination):
        found.append(Refusal("objection_against", "{name}：异议未办结（{n} 件）", rule="H34", name=row.name, n=waiting))
    return found


def obstacles_of(board: Board) -> list[Refusal]:
    """不能公示的原因: composition, opinions, objections, more first choices than a county's quota, more than there are places."""
    from honours.review import shares

    refused: list[Refusal] = []
    blocking = board.award.rules.gates.compose_at.get("notice", "block") == "block"
    for line in board.short if blocking else ():
        refused.append(line_refusal(line))
    for row in board.field.chosen:
        refused += alerts_of(board, row)
    refused += shares.overruns(board)
    chosen = len(board.field.chosen)
    if chosen > board.award.open_places:
        refused.append(
            Refusal("places_overrun", "正选 {n} 个，多于可用名额 {places} 个", rule="H36" if board.award.cancelled else "H29", n=chosen, places=board.award.open_places)
        )  # fmt: skip
    return refused


def line_refusal(line: Line) -> Refusal:
    """A floor or ceiling that does not hold, with its arithmetic."""
    if line.shortage:
        return Refusal(
            "composition_short",
            "结构：{label}缺 {n}（{sum}）",
            rule=line.rule or "H28",
            label=line.label,
            n=line.shortage,
            sum=line.text,
        )
    return Refusal(
        "composition_over",
        "结构：{label}超 {n}（{sum}）",
        rule=line.rule or "H28",
        label=line.label,
        n=line.excess,
        sum=line.text,
    )


def held_by(board: Board) -> dict[UUID, int]:
    """How many first choices each county has on the board; substitutes whom the city called fill others' places (H16)."""
    held: dict[UUID, int] = {}
    for row in board.field.chosen:
        if row.candidate.role == "principal":
            held[row.first_gate] = held.get(row.first_gate, 0) + 1
    return held


def tried(board: Board, outs: Sequence[str], ins: Sequence[str]) -> tuple[Field, list[Change]]:
    """The board after a try, and every line before and after."""
    then = selection.after(board.field, outs, ins)
    lines = selection.lines_of(board.award.award_rules.composition, then.chosen)
    return then, selection.changes(board.lines, lines)


__all__ = ["Board", "advice", "alerts_of", "award_for", "board_for", "obstacles_of", "still_open", "tried"]
