"""评审轮次: the chair's pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, parse_id, see_other
from honours.permissions import Permission
from honours.review import round_reading as reading
from honours.review import rounds, showing
from honours.review.schemas import OpenForm, Round, RoundForm, VersionForm

OPT = {"policy": Permission.RUN_ROUNDS}
HOME = "/honours/rounds"


class RoundPages(Controller):
    """/honours/rounds"""

    path = HOME
    opt = OPT

    @get("/", name="honours.rounds.list")
    async def listed(self, request: HouseRequest) -> Response[str]:
        """The rounds of my panels, and the awards over which one may be made."""
        actor = actor_of(request)
        return await page(
            request, "honours/review/rounds.html", rounds=await reading.rounds_for(actor), awards=await showing.awards_in_review(actor),
            crumbs=[{"label": _("评审轮次"), "href": None}], **showing.words(),
        )  # fmt: skip

    @get("/new", name="honours.rounds.new")
    async def new(self, request: HouseRequest, award: FromQuery[str] = "") -> Response[str]:
        """An empty round over one award."""
        return await _form(request, parse_id(award), None)

    @post("/", name="honours.rounds.create", status_code=303)
    async def create(self, request: HouseRequest, award: FromQuery[str] = "") -> Response[Any]:
        """Draft a round."""
        form = await read_form(request, RoundForm)
        if form.ok:
            with form.catching():
                made = await rounds.create_round(actor_of(request), parse_id(award), form.data)
                return await see_other(request, f"{HOME}/{made}", flash=_("评审轮次已建立"))
        return await _form(request, parse_id(award), form, status_code=422)

    @get("/{round_id:uuid}", name="honours.rounds.show")
    async def show(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[str]:
        """One round: its rules, who has voted, and its result once it is closed."""
        return await _show(request, round_id)

    @get("/{round_id:uuid}/edit", name="honours.rounds.edit")
    async def edit(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """A draft in its form."""
        known = await reading.round_for(actor_of(request), round_id)
        if known.stage != "draft":
            return await see_other(request, f"{HOME}/{round_id}")
        return await _form(request, known.award, Bound(_typed(known)), known)

    @post("/{round_id:uuid}/draft", name="honours.rounds.save", status_code=303)
    async def save(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Change a draft."""
        actor, form = actor_of(request), await read_form(request, RoundForm)
        if form.ok:
            with form.catching():
                await rounds.edit_round(actor, round_id, form.data)
                return await see_other(request, f"{HOME}/{round_id}", flash=_("评审轮次已保存"))
        known = await reading.round_for(actor, round_id)
        return await _form(request, known.award, form, known, status_code=422)

    @post("/{round_id:uuid}/opening", name="honours.rounds.open", status_code=303)
    async def open(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Let the panel begin."""
        form = await read_form(request, OpenForm)
        if form.ok:
            try:
                await rounds.open_round(
                    actor_of(request), round_id, closes_at=form.data.closes_at, version=form.data.version
                )
                return await see_other(request, f"{HOME}/{round_id}", flash=_("已开始，评委可以投票了"))
            except (Refusal, Refusals) as refused:
                form.refuse(refused)
        return await _show(request, round_id, form, status_code=422)

    @post("/{round_id:uuid}/closing", name="honours.rounds.close", status_code=303)
    async def close(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Close and reckon."""
        form = await read_form(request, VersionForm)
        try:
            stage = await rounds.close_round(actor_of(request), round_id, version=form.data.version)
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            return await _show(request, round_id, form, status_code=refused.status)
        flash = _("已结束，结果已算出") if stage == "closed" else _("投票人数不足，本轮无效，请重新组织")
        return await see_other(request, f"{HOME}/{round_id}", flash=flash)

    @post("/{round_id:uuid}/repetition", name="honours.rounds.repeat", status_code=303)
    async def repeat(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Take a void or tied round up again."""
        made = await rounds.take_up_again(actor_of(request), round_id)
        return await see_other(request, f"{HOME}/{made}", flash=_("已建立新的一轮，请核对后开始"))

    @post("/{round_id:uuid}/discarding", name="honours.rounds.discard", status_code=303)
    async def discard(self, request: HouseRequest, round_id: FromPath[UUID]) -> Response[Any]:
        """Throw a draft away."""
        form = await read_form(request, VersionForm)
        await rounds.discard_round(actor_of(request), round_id, version=form.data.version)
        return await see_other(request, HOME, flash=_("草稿已删去"))


async def _show(
    request: HouseRequest, round_id: UUID, form: Bound[Any] | None = None, *, status_code: int = 200
) -> Response[str]:
    known = await reading.round_for(actor_of(request), round_id)
    return await page(
        request, "honours/review/round.html", status_code=status_code, round=known, form=form, names={str(c.nomination): c for c in known.candidates},
        crumbs=[{"label": _("评审轮次"), "href": HOME}, {"label": known.title, "href": None}], **showing.words(),
    )  # fmt: skip


async def _form(
    request: HouseRequest, award: UUID, form: Bound[Any] | None, known: Round | None = None, *, status_code: int = 200
) -> Response[str]:
    _union, nominees, reviewers = await reading.choosable(actor_of(request), award)
    crumbs = [{"label": _("评审轮次"), "href": HOME}, {"label": known.title if known else _("新的一轮"), "href": None}]
    return await page(
        request, "honours/review/round_form.html", status_code=status_code, award=award, form=form, known=known,
        nominees=nominees, reviewers=reviewers, crumbs=crumbs, **showing.words(),
    )  # fmt: skip


def _typed(known: Round) -> dict[str, Any]:
    """A draft as its form's values."""
    rules = known.rules
    values: dict[str, Any] = {
        "title": known.title, "method": rules.method, "quorum_part": rules.quorum[0], "quorum_whole": rules.quorum[1],
        "threshold_part": rules.threshold[0], "threshold_whole": rules.threshold[1], "strict": "true" if rules.strict else "",
        "most": rules.most, "seats": rules.seats, "trim": "true" if rules.trim else "", "version": known.version,
        "nomination": [str(one.nomination) for one in known.candidates], "reviewer": [str(one.account) for one in known.seats],
    }  # fmt: skip
    for n, one in enumerate(rules.criteria):
        values |= {
            f"criteria-{n}-label": one.label,
            f"criteria-{n}-weight": one.weight,
            f"criteria-{n}-maximum": one.maximum,
        }
    return values
