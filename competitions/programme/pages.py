"""Pages of competitions: the list, the form, a competition with its events and what comes next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from competitions.permissions import Permission
from competitions.programme import operations, queries
from competitions.programme.rules import (
    ACTIONS,
    COMPETITION_MOVES,
    COMPETITION_STAGES,
    EVENT_STAGES,
    LEVELS,
    PLAN_CLASSES,
    CompetitionStage,
)
from competitions.programme.schemas import CompetitionForm, MoveForm
from foundation import clock, listing, moves
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other

STATES = {"draft": "neutral", "open": "info", "closed": "ok"}
EVENT_STATES = {"draft": "neutral", "registration": "info", "judging": "info", "confirmed": "wait", "published": "ok"}


class CompetitionPages(Controller):
    """`/competitions`: what an officer of the union runs."""

    path = "/competitions"
    opt = {"policy": Permission.RUN_COMPETITION}

    @get(["/", "/manage"], name="competitions.programme.list")
    async def index(self, request: HouseRequest) -> Response[str]:
        """The list, filtered and sorted by its address."""
        actor = actor_of(request)
        asked = queries.LIST.ask(request.query_params)
        found = await queries.LIST.fetch(asked, queries.SCOPE, list(Permission.RUN_COMPETITION.scope(actor)))
        return await page(
            request, "competitions/programme/list.html", found=found, year_options=[(y, str(y)) for y in await queries.years(actor)],
            levels=LEVELS, stages=COMPETITION_STAGES, states=STATES, crumbs=[{"label": _("竞赛与工种")}],
        )  # fmt: skip

    @get("/export", name="competitions.programme.export")
    async def export(self, request: HouseRequest) -> Response[bytes]:
        """The list as asked, as an xlsx."""
        actor = actor_of(request)
        asked = queries.LIST.ask(request.query_params)
        note = f"{actor.name} · {clock.local(await clock.now()):%Y-%m-%d %H:%M}"
        scope = list(Permission.RUN_COMPETITION.scope(actor))
        body = await listing.export(queries.LIST, asked, queries.SCOPE, scope, sheet=_("竞赛"), note=note)
        return download(body, "competitions.xlsx", listing.XLSX)

    @get("/new", name="competitions.programme.new")
    async def new(self, request: HouseRequest) -> Response[str]:
        """An empty form."""
        actor = actor_of(request)
        today = await clock.today()
        first = {"level": "city", "organiser": str(actor.organisation or ""), "starts_on": today, "ends_on": today}
        return await _form(request, Bound(first), None)

    @post("/", name="competitions.programme.create", status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Make a competition as a draft."""
        form = await read_form(request, CompetitionForm)
        if form.ok:
            with form.catching():
                made = await operations.create_competition(actor_of(request), form.data)
                return await see_other(request, f"/competitions/{made}", flash=_("竞赛已创建"))
        return await _form(request, form, None, status_code=422)

    @get("/{competition_id:uuid}", name="competitions.programme.show", opt={"policy": Permission.SEE_COMPETITIONS})
    async def show(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[str]:
        """A competition with its events."""
        return await _detail(request, competition_id)

    @get("/{competition_id:uuid}/edit", name="competitions.programme.edit")
    async def edit(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[str]:
        """The form, filled."""
        known = await queries.competition_for(actor_of(request), competition_id, Permission.RUN_COMPETITION)
        return await _form(request, Bound(values_of(known)), known)

    @post("/{competition_id:uuid}", name="competitions.programme.save", status_code=303)
    async def save(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[Any]:
        """Save a changed competition."""
        actor = actor_of(request)
        known = await queries.competition_for(actor, competition_id, Permission.RUN_COMPETITION)
        form = await read_form(request, CompetitionForm)
        if form.ok:
            with form.catching():
                await operations.edit_competition(actor, competition_id, form.data)
                return await see_other(request, f"/competitions/{competition_id}", flash=_("已保存"))
        return await _form(request, form, known, status_code=status_of(form))

    @post("/{competition_id:uuid}/stage", name="competitions.programme.move", status_code=303)
    async def move(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[Any]:
        """Open, close or reopen; what stands in the way is shown all at once."""
        form = await read_form(request, MoveForm)
        try:
            await operations.move_competition(actor_of(request), competition_id, form.data.action)
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            return await _detail(request, competition_id, form=form, status_code=refused.status)
        return await see_other(request, f"/competitions/{competition_id}", flash=_(ACTIONS[form.data.action]))


def status_of(form: Bound[Any]) -> int:
    """412 where the version was stale, 409 where somebody was first, else 422."""
    codes = {fault.code for _name, fault in form.all_faults}
    return 412 if "stale" in codes else 422


async def _form(
    request: HouseRequest, form: Bound[Any], known: queries.CompetitionView | None, *, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    last = known.title if known else _("新建竞赛")
    return await page(
        request, "competitions/programme/form.html", form=form, known=known, status_code=status_code,
        organisers=await queries.organisers(actor, also=known.organiser if known else actor.organisation),
        level_options=[(v, _(t)) for v, t in LEVELS.items()],
        class_options=[("", "—"), *((v, _(t)) for v, t in PLAN_CLASSES.items())], crumbs=[{"label": _("竞赛与工种"), "href": "/competitions"}, {"label": last}],
    )  # fmt: skip


async def _detail(
    request: HouseRequest, competition_id: UUID, *, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    known = await queries.competition_for(actor, competition_id, Permission.SEE_COMPETITIONS)
    runs = bool(Permission.RUN_COMPETITION.allows(actor))
    return await page(
        request, "competitions/programme/show.html", competition=known, form=form, status_code=status_code,
        events=await queries.events_of(competition_id), states=STATES, event_states=EVENT_STATES, levels=LEVELS,
        stages=COMPETITION_STAGES, event_stages=EVENT_STAGES, action_labels=ACTIONS, runs=runs,
        actions=moves.actions(COMPETITION_MOVES, CompetitionStage(known.stage)) if runs else [],
        crumbs=[{"label": _("竞赛与工种"), "href": "/competitions"}, {"label": known.title}],
    )  # fmt: skip
