"""结构比例: the board's pages, its plans, its workbook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, trail
from foundation.database import fetch
from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import Line300, read_form
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.workbooks import XLSX, workbook
from honours.permissions import Permission
from honours.review import board as boards
from honours.review import board_view, opinions, plans, shares, showing
from honours.review.schemas import Opinion
from registry.search_keys import keys_for_query

SEE = {"policy": Permission.SEE_COMPOSITION}
INDEX = "/honours/composition"
CHANGE = {"policy": Permission.CHANGE_COMPOSITION}


class PlanForm(msgspec.Struct, frozen=True, kw_only=True):
    outs: tuple[UUID, ...] = ()
    ins: tuple[UUID, ...] = ()
    letter: Annotated[str, msgspec.Meta(max_length=2)] = ""
    note: Line300 = ""
    submit: bool = False


class PlanStepForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class PlanAnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    adopt: bool = False
    minutes: Opinion = ""


class BoardPages(Controller):
    """/honours/composition and /honours/cycles/{cycle}/awards/{award}/composition"""

    path = "/honours"

    @get("/composition", opt=SEE, name="honours.review.boards")
    async def index(self, request: HouseRequest) -> Response[str]:
        """The awards in review, each with a link to its board."""
        rows = await showing.awards_in_review(actor_of(request))
        crumbs = [{"label": _("结构比例"), "href": None}]
        return await page(request, "honours/review/boards.html", awards=rows, crumbs=crumbs)

    @get("/cycles/{cycle:uuid}/awards/{award:uuid}/composition", opt=SEE, name="honours.review.board")
    async def board(self, request: HouseRequest, cycle: FromPath[UUID], award: FromPath[UUID]) -> Response[str]:
        """The board; the try stands in the address."""
        return await _show(request, cycle, award)

    @get("/cycles/{cycle:uuid}/awards/{award:uuid}/composition/export", opt=SEE, name="honours.review.board.export")
    async def export(self, request: HouseRequest, cycle: FromPath[UUID], award: FromPath[UUID]) -> Response[bytes]:
        """Everybody on the board as an xlsx: names, units, categories, no number of a person."""
        actor = actor_of(request)
        board = await _board(actor, cycle, award)
        await trail.record(actor, "board.exported", "award", award, {"nominees": len(board.field.rows)})
        titles = [
            _("序"),
            _("姓名或名称"),
            _("单位"),
            _("推荐地"),
            _("类别"),
            _("身份"),
            _("意见"),
            _("票"),
            _("次序"),
            _("状态"),
        ]
        body = await workbook(titles, _cells(board), sheet=_("候选人"))
        return download(body, f"{board.award.title}-{_('候选人')}-{await clock.today()}.xlsx", XLSX)

    @post(
        "/cycles/{cycle:uuid}/awards/{award:uuid}/composition/plans",
        opt=CHANGE,
        name="honours.review.plan.save",
        status_code=303,
    )
    async def save(self, request: HouseRequest, cycle: FromPath[UUID], award: FromPath[UUID]) -> Response[Any]:
        """Keep the try as a plan; with ``submit``, put it before the panel at once."""
        actor, form = actor_of(request), await read_form(request, PlanForm)
        try:
            made = await plans.save_plan(
                actor, award, form.data.outs, form.data.ins, letter=form.data.letter, note=form.data.note
            )
            if form.data.submit:
                await plans.submit_plan(actor, made, version=1)
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            return await _show(request, cycle, award, form=form, status_code=422)
        flash = _("方案已提交复议") if form.data.submit else _("方案已保存")
        return await see_other(request, f"{path_of(cycle, award)}?plan={made}", flash=flash)

    @post("/plans/{plan:uuid}/submission", opt=CHANGE, name="honours.review.plan.submit", status_code=303)
    async def submit(self, request: HouseRequest, plan: FromPath[UUID]) -> Response[Any]:
        """Put a saved plan before the panel."""
        form = await read_form(request, PlanStepForm)
        await plans.submit_plan(actor_of(request), plan, version=form.data.version)
        return await see_other(request, await _path_of_plan(plan), flash=_("方案已提交复议"))

    @post("/plans/{plan:uuid}/answer", opt=CHANGE, name="honours.review.plan.answer", status_code=303)
    async def answer(self, request: HouseRequest, plan: FromPath[UUID]) -> Response[Any]:
        """Record what the panel decided; adopted, the nominees are moved."""
        form, actor = await read_form(request, PlanAnswerForm), actor_of(request)
        try:
            data = form.data
            await plans.decide_plan(actor, plan, adopt=data.adopt, minutes=data.minutes, version=data.version)
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            cycle, award = await _award_of_plan(plan)
            return await _show(request, cycle, award, form=form, status_code=422, plan=str(plan))
        flash = _("方案已采用，名单已调整") if data.adopt else _("方案未采用，已记录")
        return await see_other(request, path_of(*await _award_of_plan(plan)), flash=flash)

    @post("/plans/{plan:uuid}/dropping", opt=CHANGE, name="honours.review.plan.drop", status_code=303)
    async def drop(self, request: HouseRequest, plan: FromPath[UUID]) -> Response[Any]:
        """Put a plan aside."""
        form = await read_form(request, PlanStepForm)
        await plans.drop_plan(actor_of(request), plan, version=form.data.version)
        return await see_other(request, path_of(*await _award_of_plan(plan)), flash=_("方案已搁置"))


def path_of(cycle: UUID, award: UUID) -> str:
    """The board's address."""
    return f"/honours/cycles/{cycle}/awards/{award}/composition"


async def _award_of_plan(plan: UUID) -> tuple[UUID, UUID]:
    rows = await fetch(
        "SELECT a.cycle, a.id FROM composition_plan p JOIN cycle_award a ON a.id = p.award WHERE p.id = $1", plan
    )
    if not rows:
        raise NotFound
    return rows[0]["cycle"], rows[0]["id"]


async def _path_of_plan(plan: UUID) -> str:
    return f"{path_of(*await _award_of_plan(plan))}?plan={plan}"


async def _board(actor: Any, cycle: UUID, award: UUID) -> boards.Board:
    board = await boards.board_for(actor, award)
    if board.award.cycle != cycle:
        raise NotFound
    return board


async def _show(
    request: HouseRequest, cycle: UUID, award: UUID, *, form: Any = None, status_code: int = 200, plan: str = ""
) -> Response[str]:
    actor = actor_of(request)
    board = await _board(actor, cycle, award)
    state = board_view.state_of(path_of(cycle, award), request.query_params, board.plans)
    if form is not None and not state.outs and not state.ins:
        state = _typed(state, form, board, plan)
    may_try = board.award.runs and Permission.CHANGE_COMPOSITION.allows(actor)
    view = board_view.view_of(board, state, await _matching(award, state.q), may_try=may_try)
    english = current_locale.get() == "en"
    title = (board.award.title_en or board.award.title) if english else board.award.title
    crumbs = [
        {"label": _("结构比例"), "href": "/honours/composition"},
        {"label": f"{board.award.cycle_title} · {title}", "href": None},
    ]
    return await page(
        request, "honours/review/board.html", status_code=status_code, view=view, board=board, award=board.award, title=title,
        form=form, may_try=may_try, held=boards.held_by(board), shares=shares.shares_of(board),
        invited=shares.invited_in_all(board),
        opinions=await opinions.shown(board.award.rules, [one.row for one in view.rows]), steps=board_view.steps_of(board, None if board.gate == "city" else await showing.days_left(board.award.dates[1])),
        named=lambda ids: "、".join(row.name for one in ids for row in board.field.rows if row.candidate.id == one),
        crumbs=crumbs, nav=await navigation(actor, INDEX), **showing.words(),
    )  # fmt: skip


def _typed(state: board_view.State, form: Any, board: boards.Board, plan: str) -> board_view.State:
    """The try that was sent and refused stays on the page."""
    sent = next((p for p in board.plans if str(p["id"]) == plan), None)
    outs = [str(one) for one in sent["outs"]] if sent else _listed(form.values.get("outs"))
    ins = [str(one) for one in sent["ins"]] if sent else _listed(form.values.get("ins"))
    return msgspec.structs.replace(state, outs=tuple(outs), ins=tuple(ins), plan=plan)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


async def _matching(award: UUID, q: str) -> frozenset[UUID] | None:
    if not q:
        return None
    rows = await fetch(
        "SELECT id FROM nomination WHERE award = $1 AND (search_keys @> $2::varchar[] OR name LIKE $3 OR unit_name LIKE $3 OR number = $4)",
        award, keys_for_query(q), f"%{q.replace(chr(92), '').replace('%', '').replace('_', '')}%", q,
    )  # fmt: skip
    return frozenset(row["id"] for row in rows)


async def _cells(board: boards.Board) -> AsyncIterator[list[str]]:
    words, known = showing.words(), await opinions.shown(board.award.rules, board.field.rows)
    for row, number, role in board_view._numbered(board):
        one, said, votes = row.candidate, known.get(row.nomination), board.votes.get(row.candidate.id)
        yield [
            number, row.name, row.unit_name, row.gate_name, words["category"](one.category), "、".join(words["flag"](f) for f in sorted(one.flags)),
            f"{said.agreed}/{said.wanted}" if said else "", votes.figure if votes else "", _(showing.ROLES[role]),
            words["stage"](row.stage),
        ]  # fmt: skip
