"""The board's page as data: its address, the rows to show, their hints, the try beside them. No queries but the search's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from foundation.forms import CONTROL
from foundation.i18n import gettext as _
from honours.cycles.composition import Line
from honours.nominations.candidates import Row
from honours.nominations.stages import Stage
from honours.review import board as boards
from honours.review import selection
from honours.review.board import Advice, Board
from honours.review.selection import Change

PAGE = 50
VIEWS = ("gap", "chosen", "reserve", "separate")
SORTS = ("place", "name", "county", "category", "votes")
SHORT_FLAGS = {
    "woman": "女", "migrant_worker": "农", "non_public": "非公", "ethnic_minority": "少", "new_employment": "新业态",
    "county_head": "县处", "unit_head": "负责人", "grassroots_team": "班组", "state_owned": "国企",
}  # fmt: skip
"""Tags of a row; the foot of the list spells them out."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the address asks for; unknown values are dropped, ids that are none too."""

    path: str
    view: str = ""
    county: str = ""
    q: str = ""
    sort: str = ""
    page: int = 1
    outs: tuple[str, ...] = ()
    ins: tuple[str, ...] = ()
    plan: str = ""

    def url(self, **changes: Any) -> str:
        """The address with these values changed; a change of what is shown begins on the first page."""
        if "page" not in changes:
            changes["page"] = 1
        state = msgspec.structs.replace(
            self, **{key: value or type(getattr(self, key))() for key, value in changes.items()}
        )
        pairs = [(key, getattr(state, key)) for key in ("view", "county", "q", "sort", "plan")]
        pairs += [("page", state.page if state.page > 1 else "")]
        pairs += [("out", one) for one in state.outs] + [("in", one) for one in state.ins]
        query = urlencode([(key, value) for key, value in pairs if value])
        return f"{self.path}?{query}" if query else self.path

    def toggled(self, row: Row, *, out: bool) -> str:
        """The address with this nominee put into the try or taken out of it."""
        held, one = (self.outs if out else self.ins), row.candidate.id
        changed = tuple(each for each in held if each != one) if one in held else (*held, one)[: selection.MOST_TRIED]
        return self.url(plan="", page=self.page, **{"outs" if out else "ins": changed})


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list: its number in its own list, tags, votes, hints."""

    row: Row
    number: str
    role: str
    """chosen, reserve, separate."""
    flags: tuple[str, ...]
    votes: str
    hints: tuple[dict[str, str], ...]
    move: str
    """The address that tries to move it; empty where it cannot be moved."""
    is_tried: bool


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of the page."""

    board: Board
    state: State
    rows: tuple[Shown, ...]
    total: int
    pages: int
    counts: Mapping[str, int]
    counties: tuple[tuple[str, str], ...]
    obstacles: tuple[Any, ...]
    advice: Advice | None
    changes: tuple[Change, ...]
    pairs: tuple[tuple[Row | None, Row | None], ...]
    after: selection.Field | None
    plan: Any | None

    @property
    def first(self) -> int:
        return (self.state.page - 1) * PAGE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.state.page - 1) * PAGE + len(self.rows)

    @property
    def legend(self) -> list[str]:
        """The tags that the shown rows bear and that want spelling out, in the tags' order."""
        borne = {flag for one in self.rows for flag in one.flags}
        return [flag for flag in SHORT_FLAGS if flag in borne]

    @property
    def unmet(self) -> list[Line]:
        return [one.after for one in self.changes if not one.after.ok]


def state_of(path: str, query: Any, plans: Sequence[Any]) -> State:
    """The address's state; a plan brings its own try."""
    plan = next((p for p in plans if str(p["id"]) == query.get("plan")), None)
    outs = tuple(str(one) for one in plan["outs"]) if plan else _ids(query, "out")
    ins = tuple(str(one) for one in plan["ins"]) if plan else _ids(query, "in")
    page = str(query.get("page") or "")
    view, sort = str(query.get("view") or ""), str(query.get("sort") or "")
    return State(
        path=path, view=view if view in VIEWS else "", county=_id(query.get("county")),
        q=CONTROL.sub(" ", str(query.get("q") or "")).strip()[:60], sort=sort if sort.removeprefix("-") in SORTS else "",
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page) else 1,
        outs=outs, ins=ins, plan=str(plan["id"]) if plan else "",
    )  # fmt: skip


def _id(text: Any) -> str:
    try:
        return str(UUID(str(text)))
    except ValueError:
        return ""


def _ids(query: Any, key: str) -> tuple[str, ...]:
    found = (_id(text) for text in query.getall(key, [])[: selection.MOST_TRIED])
    return tuple(dict.fromkeys(one for one in found if one))


def view_of(board: Board, state: State, matching: frozenset[UUID] | None, *, may_try: bool) -> View:
    """The page's data. ``matching``: the ids that a search found, None where nothing was searched."""
    known = {row.candidate.id for row in board.field.chosen}, {row.candidate.id for row in board.field.reserve}
    state = msgspec.structs.replace(
        state,
        outs=tuple(one for one in state.outs if one in known[0]),
        ins=tuple(one for one in state.ins if one in known[1]),
    )
    then, changed = boards.tried(board, state.outs, state.ins) if state.outs or state.ins else (None, [])
    view = state.view or ("gap" if board.short or then else "chosen")
    numbered = _numbered(board)
    gap = _near_gap(board, state) if view == "gap" else frozenset()
    listed = [
        one for one in numbered
        if (one[2] == view or one[0].candidate.id in gap)
        and (not state.county or str(one[0].first_gate) == state.county)
        and (matching is None or one[0].nomination in matching)
    ]  # fmt: skip
    listed = _sorted(board, listed, state.sort)
    pages = max(1, -(-len(listed) // PAGE))
    state = msgspec.structs.replace(state, view=view, page=min(state.page, pages))
    part = listed[(state.page - 1) * PAGE : state.page * PAGE]
    field = board.field
    return View(
        board=board, state=state, rows=tuple(_shown(board, state, *one, may_try=may_try) for one in part), total=len(listed),
        pages=pages, counties=_counties(field.rows), obstacles=tuple(boards.obstacles_of(board)), advice=boards.advice(board),
        counts={"chosen": len(field.chosen), "reserve": len(field.reserve), "separate": len(field.separate)},
        changes=tuple(changed), pairs=_pairs(board, state), after=then,
        plan=next((p for p in board.plans if str(p["id"]) == state.plan), None),
    )  # fmt: skip


def _numbered(board: Board) -> list[tuple[Row, str, str]]:
    parts = (
        ("chosen", board.field.chosen, ""),
        ("reserve", board.field.reserve, "递"),
        ("separate", board.field.separate, "单"),
    )
    return [(row, f"{_(mark) if mark else ''}{n}", role) for role, rows, mark in parts for n, row in enumerate(rows, 1)]


def _near_gap(board: Board, state: State) -> frozenset[str]:
    """有关缺口的: substitutes who would help, first choices in a ceiling that is full, whoever has a hint or is in the try."""
    constraints = board.award.award_rules.composition
    short = [line.code for line in board.lines if line.shortage]
    full = [line.code for line in board.lines if line.op == "max" and line.have >= line.bound]
    return (
        selection.subset_of(constraints, short, board.field.reserve)
        | selection.subset_of(constraints, full, board.field.chosen)
        | {row.candidate.id for row in board.field.rows if row.nomination in board.objections}
        | {row.candidate.id for row in board.field.rows if (o := board.opinions.get(row.nomination)) and o.lacking}
        | frozenset(state.outs) | frozenset(state.ins)
    )  # fmt: skip


def _sorted(board: Board, listed: list[tuple[Row, str, str]], sort: str) -> list[tuple[Row, str, str]]:
    keys: dict[str, Any] = {
        "name": lambda one: one[0].name, "county": lambda one: one[0].gate_name, "category": lambda one: one[0].candidate.category,
        "votes": lambda one: -(v.rank or 10_000) if (v := board.votes.get(one[0].candidate.id)) else -20_000,
    }  # fmt: skip
    by = keys.get(sort.removeprefix("-"))
    if by is None:
        return listed[::-1] if sort == "-place" else listed
    return sorted(listed, key=by, reverse=sort.startswith("-"))


def _shown(board: Board, state: State, row: Row, number: str, role: str, *, may_try: bool) -> Shown:
    one = row.candidate
    votes = board.votes.get(one.id)
    out, movable = role == "chosen", role == "reserve" or row.stage in (Stage.CITY, Stage.SELECTED)
    return Shown(
        row=row, number=number, role=role, flags=tuple(flag for flag in SHORT_FLAGS if flag in one.flags),
        votes=votes.figure if votes else "", hints=_hints(board, state, row, role),
        move=state.toggled(row, out=out) if may_try and movable and role != "separate" else "",
        is_tried=one.id in state.outs or one.id in state.ins,
    )  # fmt: skip


def _hints(board: Board, state: State, row: Row, role: str) -> tuple[dict[str, str], ...]:
    found = []
    if row.candidate.id in state.outs:
        found.append({"state": "info", "icon": "arrow-right", "text": _("试换：移出"), "rule": ""})
    if row.candidate.id in state.ins:
        found.append({"state": "info", "icon": "arrow-left", "text": _("试换：补入"), "rule": ""})
    opinions = board.opinions.get(row.nomination)
    if opinions and opinions.lacking:
        text = _("缺 %(n)s 个部门意见", n=len(opinions.lacking))
        found.append({"state": "bad" if role == "chosen" else "warn", "icon": "", "text": text, "rule": "H45"})
    if row.nomination in board.objections:
        found.append({"state": "bad", "icon": "", "text": _("异议未结"), "rule": "H34"})
    if row.candidate.id in board.breaking and row.candidate.id not in state.ins:
        rules = {line.code: line.rule for line in board.lines}
        found.append(
            {
                "state": "neutral",
                "icon": "lock",
                "text": _("补入即超上限"),
                "rule": rules.get(board.breaking[row.candidate.id][0], "H28"),
            }
        )
    if row.stage is Stage.NOTICED:
        found.append({"state": "ok", "icon": "", "text": _("公示中"), "rule": ""})
    return tuple(found)


def _counties(rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    return (("", _("全部")), *dict.fromkeys((str(row.first_gate), row.gate_name) for row in rows))


def _pairs(board: Board, state: State) -> tuple[tuple[Row | None, Row | None], ...]:
    by_id = {row.candidate.id: row for row in board.field.rows}
    longest = max(len(state.outs), len(state.ins))
    outs: list[Row | None] = [by_id[one] for one in state.outs] + [None] * (longest - len(state.outs))
    ins: list[Row | None] = [by_id[one] for one in state.ins] + [None] * (longest - len(state.ins))
    return tuple(zip(outs, ins, strict=True))


def steps_of(board: Board, days_left: int | None) -> list[dict[str, str]]:
    """The award's way, where it stands and who acts."""
    from foundation.web.templates import show_minute

    unit_due, county_due, decided, published = board.award.dates
    stages = {row.stage for row in board.field.rows}
    noticed, honoured = Stage.NOTICED in stages, bool(stages & {Stage.HONOURED, Stage.FORWARDED})
    at = (
        5
        if honoured or published
        else 4
        if decided
        else 3
        if noticed
        else 2
        if board.gate == "city" and board.award.runs
        else 1
    )
    mine = _("由我 · 剩 %(n)s 个工作日", n=days_left) if days_left is not None else _("由我办理")
    rules = board.award.rules.gates
    notes = [
        _("%(n)s 件 · %(d)s", n=len(board.field.rows), d=show_minute(unit_due)) if unit_due else _("%(n)s 件", n=len(board.field.rows)),
        show_minute(county_due) if county_due else "",
        mine if at == 2 else "",
        _("%(n)s 个工作日", n=rules.city_notice_days),
        show_minute(decided) if decided else "",
        show_minute(published) if published else "",
    ]  # fmt: skip
    labels = [
        _("申报"),
        _("县市区初审"),
        _("市总工会复审"),
        _("市级公示"),
        _("会议审定"),
        _("表彰决定") if board.award.conferred_here else _("推荐上级"),
    ]
    states = ["done" if n < at else "current" if n == at else "todo" for n in range(6)]
    return [
        {"label": label, "state": state, "note": note} for label, state, note in zip(labels, states, notes, strict=True)
    ]
