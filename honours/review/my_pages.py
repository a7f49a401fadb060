"""评委的页面: my rounds, my paper, my scores; made for a phone first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from honours.nominations.schemas import dossier_of
from honours.permissions import Permission
from honours.review import round_reading as reading
from honours.review import showing, voting
from honours.review.schemas import BallotForm, PointsForm, RecusalForm

HOME = "/honours/my-rounds"


class MyRoundPages(Controller):
    """/honours/my-rounds"""

    path = HOME
    opt = {"policy": Permission.SCORE_NOMINATIONS}

    @get("/", name="honours.my_rounds.list")
    async def listed(self, request: HouseRequest) -> Response[str]:
        """My rounds, those that wait for my vote first."""
        return await page(
            request, "honours/review/my_rounds.html", rounds=await reading.my_rounds(actor_of(request)),
            crumbs=[{"label": _("我的评审"), "href": None}], **showing.words(),
        )  # fmt: skip

    @get("/{round_id:uuid}", name="honours.my_rounds.show")
    async def show(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[str]:
        """My paper, or my scores; after the close the result."""
        return await _show(request, round_id)

    @post("/{round_id:uuid}/ballot", name="honours.my_rounds.vote", status_code=303)
    async def vote(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Cast my vote, once."""
        form = await read_form(request, BallotForm)
        if form.ok and not form.data.sure:
            form.refuse(Refusal("not_sure", "请勾选确认：一人一票，投出后不能收回", field="sure"))
        if form.ok:
            try:
                paper = {one.nomination: one.choice for one in form.data.choices if one.choice is not None}
                await voting.cast(actor_of(request), round_id, paper)
                return await see_other(request, f"{HOME}/{round_id}", flash=_("已投票"))
            except (Refusal, Refusals) as refused:
                form.refuse(refused)
                return await _show(request, round_id, form, status_code=refused.status)
        return await _show(request, round_id, form, status_code=422)

    @post("/{round_id:uuid}/hand-in", name="honours.my_rounds.hand_in", status_code=303)
    async def hand_in(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Make my scores final."""
        form: Bound[Any] = Bound()
        try:
            await voting.hand_in(actor_of(request), round_id)
            return await see_other(request, f"{HOME}/{round_id}", flash=_("已交卷"))
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            return await _show(request, round_id, form, status_code=refused.status)

    @get("/{round_id:uuid}/nominees/{nomination:uuid}", name="honours.my_rounds.nominee")
    async def nominee(
        self, request: HouseRequest, round_id: FromPath[UUID], nomination: FromPath[UUID]
    ) -> Response[str]:
        """A nominee's deeds, and my points where the round scores."""
        return await _nominee(request, round_id, nomination)

    @post("/{round_id:uuid}/nominees/{nomination:uuid}/points", name="honours.my_rounds.points", status_code=303)
    async def points(
        self, request: HouseRequest, round_id: FromPath[UUID], nomination: FromPath[UUID]
    ) -> Response[Any]:
        """Keep my points for one nominee, then the next one that has none."""
        form, actor = await read_form(request, PointsForm), actor_of(request)
        mine = await reading.my_round(actor, round_id)
        if form.ok:
            try:
                given = dict(zip((c.code for c in mine.round.rules.criteria), form.data.points, strict=False))
                await voting.save_points(actor, round_id, nomination, given)
                following = next(
                    (
                        o.nomination
                        for o in mine.judged
                        if o.nomination not in mine.scored and o.nomination != nomination
                    ),
                    None,
                )
                path = f"{HOME}/{round_id}/nominees/{following}" if following else f"{HOME}/{round_id}"
                return await see_other(request, path, flash=_("已保存"))
            except (Refusal, Refusals) as refused:
                form.refuse(refused)
        return await _nominee(request, round_id, nomination, form, status_code=422)

    @post("/{round_id:uuid}/nominees/{nomination:uuid}/recusal", name="honours.my_rounds.recuse", status_code=303)
    async def recuse(
        self, request: HouseRequest, round_id: FromPath[UUID], nomination: FromPath[UUID]
    ) -> Response[Any]:
        """Declare that I do not judge this one."""
        form = await read_form(request, RecusalForm)
        if form.ok:
            try:
                await voting.recuse(actor_of(request), round_id, nomination, reason=form.data.reason)
                return await see_other(request, f"{HOME}/{round_id}", flash=_("已记录回避"))
            except Refusal as refused:
                form.refuse(refused)
        return await _nominee(request, round_id, nomination, form, status_code=422)


async def _show(
    request: HouseRequest, round_id: UUID, form: Bound[Any] | None = None, *, status_code: int = 200
) -> Response[str]:
    mine = await reading.my_round(actor_of(request), round_id)
    return await page(
        request, "honours/review/my_round.html", status_code=status_code, mine=mine, round=mine.round, form=form,
        names={str(c.nomination): c for c in mine.round.candidates}, picked=_picked(form),
        crumbs=[{"label": _("我的评审"), "href": HOME}, {"label": mine.round.title, "href": None}], **showing.words(),
    )  # fmt: skip


def _picked(form: Bound[Any] | None) -> dict[str, str]:
    """What was chosen on a paper that came back: nomination → choice."""
    if form is None:
        return {}
    found = {}
    for name, value in form.values.items():
        if name.startswith("choices-") and name.endswith("-nomination"):
            found[str(value)] = str(form.values.get(name.removesuffix("nomination") + "choice", ""))
    return found


async def _nominee(
    request: HouseRequest, round_id: UUID, nomination: UUID, form: Bound[Any] | None = None, *, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    mine = await reading.my_round(actor, round_id)
    row = await reading.nominee_for(actor, round_id, nomination)
    return await page(
        request, "honours/review/my_nominee.html", status_code=status_code, mine=mine, round=mine.round, row=row, form=form,
        dossier=dossier_of(row["dossier"]), given=mine.scored.get(nomination, {}), **showing.words(),
        crumbs=[{"label": _("我的评审"), "href": HOME}, {"label": mine.round.title, "href": f"{HOME}/{round_id}"}, {"label": row["name"], "href": None}],
    )  # fmt: skip
