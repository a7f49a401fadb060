"""县级公示与市级公示: the chosen list, opened as a notice, and what its objections bring about (H30, H32, H34).

The public sees names, units and posts, nothing else (A16, P3). One notice for one award; a substitute who was called after the
notice gets a notice of its own. What stands against opening is told all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import outbox, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import Line100, Line200, Paragraph
from foundation.web.policy import Actor
from honours.cycles.queries import rules_of
from honours.nominations.candidates import Row, candidates_of
from honours.nominations.moving import move_nomination
from honours.nominations.stages import MOVES, Stage
from honours.permissions import Permission
from honours.review import board as boards
from honours.review import objections
from publications.notices import operations, queries, standing
from publications.notices.rules import Stage as NoticeStage
from publications.notices.schemas import NoticeOrder, SubjectOrder

CITY, COUNTY = "city", "county"
SOURCE = {CITY: "honours_city", COUNTY: "honours_county"}
HEADINGS = {"person": ("姓名", "单位", "岗位"), "unit": ("单位",), "team": ("集体", "单位")}


class NoticeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The words around the list, as an officer has them."""

    title: Line200
    basis: Paragraph
    done: Paragraph = ""
    office: Line100
    address: Line200
    phone: Line100 = ""
    email: Line200 = ""
    days: int = 5


async def open_city(actor: Actor, award_id: UUID, form: NoticeForm) -> UUID:
    """Open the running union's notice over those selected and not yet noticed; returns the notice's id.

    Raises every obstacle at once: composition (H28), opinions (H45), objections (H34), counties over their quota (H29), more than
    there are places (H36), nominees not yet decided upon; and what the notice itself refuses (H32, P3).
    """
    async with transaction():
        await fetch("SELECT id FROM cycle_award WHERE id = $1 FOR UPDATE", award_id)
        board = await boards.board_for(actor, award_id)
        if not board.award.runs or not Permission.REVIEW_LAST.allows(actor):
            raise NotFound
        rows = selected_rows(board)
        if refused := [*boards.obstacles_of(board), *_undecided(board), *_nobody(rows)]:
            raise Refusals(refused)
        days = max(form.days, board.award.rules.gates.city_notice_days)
        return await _open(actor, CITY, board.award.running, award_id, rows, form, days)


async def open_county(actor: Actor, award_id: UUID, form: NoticeForm) -> UUID:
    """Open a county's own notice over what it is about to hand on. Raises every obstacle of every one of them."""
    from honours.nominations import checklist

    async with transaction():
        award = await boards.award_for(actor, award_id)
        scope = Permission.REVIEW_FIRST.scope(actor)
        rows = [row for row in await candidates_of(award_id, [Stage.COUNTY], with_rows=True) if row.first_gate in scope]
        refused = _nobody(rows)
        waiting = await objections.open_about(row.nomination for row in rows)
        for row in rows:
            refused += await checklist.obstacles(row.nomination, COUNTY)
            refused += [objections.still_open(waiting[row.nomination])] if row.nomination in waiting else []
        if refused:
            raise Refusals(refused)
        days = max(form.days, award.rules.gates.county_notice_days)
        return await _open(actor, COUNTY, rows[0].first_gate, award_id, rows, form, days)


def selected_rows(board: boards.Board) -> list[Row]:
    """Those a notice would now be opened over: selected and not yet noticed, separate listings after the regular ones."""
    return [row for row in (*board.field.chosen, *board.field.separate) if row.stage is Stage.SELECTED]


def _undecided(board: boards.Board) -> list[Refusal]:
    waiting = [row for row in board.field.rows if row.stage is Stage.CITY]
    if not waiting and not board.in_county:
        return []
    refused = []
    if waiting:
        refused.append(
            Refusal(
                "city_undecided",
                "还有 {n} 位在市级复审中，请先逐一通过、转递补、退回或不通过",
                rule="H30",
                n=len(waiting),
            )
        )
    if board.in_county:
        refused.append(Refusal("county_undecided", "还有 {n} 位在县级审核或县级公示中", rule="H33", n=board.in_county))
    return refused


def _nobody(rows: Sequence[Row]) -> list[Refusal]:
    return [] if rows else [Refusal("nobody_selected", "没有待公示的对象", rule="H30")]


async def _open(
    actor: Actor, level: str, union: UUID, award: UUID, rows: Sequence[Row], form: NoticeForm, days: int
) -> UUID:
    kind = rows[0].candidate.kind
    kinds = await fetchrow("SELECT kind FROM organisation WHERE id = $1", union)
    assert kinds is not None
    order = NoticeOrder(
        organisation=union, level="industry" if kinds["kind"] == "industry" else level, title=form.title, basis=form.basis,
        done=form.done, headings=HEADINGS[kind], days=days, least=days, office=form.office, address=form.address,
        phone=form.phone, email=form.email, source_kind=SOURCE[level], source=award,
        subjects=tuple(SubjectOrder(cells=_cells(kind, row), kind="nomination", source=row.nomination) for row in rows),
    )  # fmt: skip
    notice = await operations.open_notice(actor, order)
    for row in rows:
        await move_nomination(actor, row.nomination, "open_notice", version=row.version)
    await trail.record(actor, "nominations.noticed", "award", award, {"notice": str(notice), "nominees": len(rows)})
    return notice


def _cells(kind: str, row: Row) -> tuple[str, ...]:
    if kind == "person":
        return (row.name, row.unit_name, row.post)
    return (row.name,) if kind == "unit" else (row.name, row.unit_name)


async def notice_obstacles(nomination: UUID) -> list[Refusal]:
    """What the newest notice over a nomination leaves against its next step; without any notice, that there is none."""
    found = [one for one in await standing.of_subject(nomination) if one.stage is not NoticeStage.WITHDRAWN]
    if not found:
        return [Refusal("notice_missing", "尚未公示", rule="H30")]
    return await queries.obstacles(found[0].id, subject=nomination)


async def heard_conclusion(body: Mapping[str, Any]) -> None:
    """``objection.concluded``: one that was upheld takes its nominee out (H34). Told twice, it happens once."""
    if body.get("outcome") != "upheld" or body.get("subject_kind") != "nomination" or not body.get("subject"):
        return
    nomination = UUID(body["subject"])
    stage = await _held(nomination)
    if stage is not None and (stage, "reject") in MOVES:
        await move_nomination(None, nomination, "reject", opinion="公示期间的异议经核查成立")


async def heard_withdrawal(body: Mapping[str, Any]) -> None:
    """``notice.withdrawn``: its nominees go back to where they were before it, to be published anew (H30)."""
    if body.get("source_kind") not in SOURCE.values():
        return
    rows = await fetch(
        "SELECT source FROM notice_subject WHERE notice = $1 AND kind = 'nomination'", UUID(body["notice"])
    )
    for row in rows:
        stage = await _held(row["source"])
        if stage is not None and (stage, "take_back") in MOVES:
            await move_nomination(None, row["source"], "take_back", opinion="公示已撤回，待重新公示")


async def _held(nomination: UUID) -> Stage | None:
    row = await fetchrow("SELECT stage FROM nomination WHERE id = $1 FOR UPDATE", nomination)
    return None if row is None else Stage(row["stage"])


def listen() -> None:
    """Hear of objections and withdrawn notices; called when the wing is registered."""
    outbox.on("objection.concluded", heard_conclusion)
    outbox.on("notice.withdrawn", heard_withdrawal)


async def defaults(award_id: UUID, level: str, union: UUID) -> dict[str, Any]:
    """Words to begin with: title, basis, the office from the registry."""
    row = await fetchrow(
        "SELECT h.title, c.year, c.title AS cycle_title, c.id AS cycle, o.name, o.contact_phone, o.address FROM cycle_award a"
        " JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle JOIN organisation o ON o.id = $2 WHERE a.id = $1",
        award_id, union,
    )  # fmt: skip
    if row is None:
        raise NotFound
    gates = (await rules_of(row["cycle"])).gates
    days = gates.city_notice_days if level == CITY else gates.county_notice_days
    return {
        "title": f"关于{row['year']}年{row['title']}拟推荐对象的公示", "days": days, "office": row["name"],
        "basis": f"根据{row['cycle_title']}工作安排，经逐级推荐、审核，现将{row['title']}拟推荐对象予以公示。",
        "done": "推荐对象均经所在单位民主推荐、公示，并按规定征求了有关部门意见。", "address": row["address"],
        "phone": row["contact_phone"], "email": "",
    }  # fmt: skip
