"""公示: opening the notice over a selected list, from the running union's board or a county's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from honours.nominations.candidates import candidates_of
from honours.nominations.stages import Stage
from honours.permissions import Permission
from honours.review import board as boards
from honours.review import notices, showing
from honours.review.board_pages import path_of
from honours.review.notices import NoticeForm
from publications.notices import standing

FIRST = {"policy": Permission.REVIEW_FIRST}


class ReviewNoticePages(Controller):
    """/honours/cycles/{cycle}/awards/{award}/notice"""

    path = "/honours/cycles/{cycle:uuid}/awards/{award:uuid}/notice"
    opt = FIRST

    @get("/", name="honours.review.notice")
    async def form(self, request: HouseRequest, cycle: FromPath[UUID], award: FromPath[UUID]) -> Response[str]:
        """The list that would be published, what stands against it, the words around it."""
        return await _show(request, cycle, award, None)

    @post("/", name="honours.review.notice.open", status_code=303)
    async def open(self, request: HouseRequest, cycle: FromPath[UUID], award: FromPath[UUID]) -> Response[Any]:
        """Open it."""
        actor, form = actor_of(request), await read_form(request, NoticeForm)
        known = await boards.award_for(actor, award)
        if form.ok:
            try:
                act = notices.open_city if known.runs else notices.open_county
                made = await act(actor, award, form.data)
                return await see_other(request, f"/publicity/{made}", flash=_("公示已发布"))
            except (Refusal, Refusals) as refused:
                form.refuse(refused)
        return await _show(request, cycle, award, form, status_code=422)


async def _show(
    request: HouseRequest, cycle: UUID, award: UUID, form: Bound[Any] | None, *, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    board = await boards.board_for(actor, award)
    if board.award.cycle != cycle:
        raise NotFound
    if board.award.runs:
        rows, level, union = notices.selected_rows(board), notices.CITY, board.award.running
        blocked = [*boards.obstacles_of(board), *notices._undecided(board), *notices._nobody(rows)]
    else:
        scope = Permission.REVIEW_FIRST.scope(actor)
        rows = [row for row in await candidates_of(award, [Stage.COUNTY], with_rows=True) if row.first_gate in scope]
        level, blocked = notices.COUNTY, notices._nobody(rows)
        union = rows[0].first_gate if rows else next(iter(scope), board.award.running)
    before = await standing.of_source(notices.SOURCE[level], award)
    return await page(
        request, "honours/review/notice.html", status_code=status_code, board=board, award=board.award, rows=rows, blocked=blocked,
        form=form or Bound(await notices.defaults(award, level, union)), sent=form is not None, before=before, level=level,
        crumbs=[
            {"label": _("结构比例"), "href": "/honours/composition"}, {"label": board.award.title, "href": path_of(cycle, award)},
            {"label": _("公示"), "href": None},
        ], nav=await navigation(actor, "/honours/composition"), **showing.words(),
    )  # fmt: skip
