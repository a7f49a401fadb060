"""Pages of an event: its form, its stage with every obstacle to the next one, and the ways into its parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from competitions.permissions import Permission
from competitions.programme import operations, queries
from competitions.programme.links import EVENT_LINKS
from competitions.programme.pages import EVENT_STATES, status_of
from competitions.programme.rules import (
    ACTIONS,
    EVENT_MOVES,
    EVENT_STAGES,
    KINDS,
    EventStage,
    obstacles,
    within_registration,
)
from competitions.programme.schemas import EventForm, MoveForm
from foundation import clock, moves
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from registry.codes.occupations import OCCUPATIONS

OURS = ("open_registration", "start_judging", "to_draft", "reopen_registration")
"""The moves of this feature; confirming and publishing are the results'."""
FORWARD = ("open_registration", "start_judging")
TIMES = ("registration_opens_at", "registration_closes_at", "starts_at", "ends_at")


def event_crumbs(event: queries.EventView, last: str = "", *, runs: bool = True) -> list[dict[str, str]]:
    """Where an event's page stands: below its competition for those who run it, below the boards for its officials."""
    crumbs = [
        {"label": _("竞赛与工种"), "href": "/competitions"},
        {"label": event.competition_title, "href": f"/competitions/{event.competition}"},
        {"label": event.title, "href": f"/events/{event.id}"},
    ]
    if not runs:
        crumbs = [
            {"label": _("赛项看板"), "href": "/boards"},
            {"label": event.title, "href": f"/events/{event.id}/board"},
        ]
    return [*crumbs, {"label": last}] if last else crumbs


async def event_page(
    request: HouseRequest, template: str, event: queries.EventView, /, **context: Any
) -> Response[str]:
    """A page about an event: the side bar stays at the competitions, and the trail of crumbs leads back."""
    runs = Permission.RUN_COMPETITION.allows(actor_of(request))
    nav = await navigation(actor_of(request), "/competitions" if runs else "/boards")
    crumbs = event_crumbs(event, context.pop("here", ""), runs=runs)
    return await page(request, template, event=event, nav=nav, crumbs=crumbs, **context)


class EventPages(Controller):
    """`/events`: one event (竞赛项目)."""

    path = "/"
    opt = {"policy": Permission.RUN_COMPETITION}

    @get("/competitions/{competition_id:uuid}/events/new", name="competitions.programme.event.new")
    async def new(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[str]:
        """An empty form."""
        known = await queries.competition_for(actor_of(request), competition_id, Permission.RUN_COMPETITION)
        first = {"code": f"{known.code}-", "team_min": 1, "team_max": 1, "entries_per_unit": 1, "min_age": 16}
        return await _form(request, Bound({**first, "live_public": True, "venue": known.venue}), known, None)

    @post("/competitions/{competition_id:uuid}/events", name="competitions.programme.event.create", status_code=303)
    async def create(self, request: HouseRequest, competition_id: FromPath[UUID]) -> Response[Any]:
        """Add an event as a draft."""
        actor = actor_of(request)
        known = await queries.competition_for(actor, competition_id, Permission.RUN_COMPETITION)
        form = await read_form(request, EventForm)
        if form.ok:
            with form.catching():
                made = await operations.create_event(actor, competition_id, form.data)
                return await see_other(request, f"/events/{made}", flash=_("项目已创建"))
        return await _form(request, form, known, None, status_code=422)

    @get(
        "/events/{event_id:uuid}", name="competitions.programme.event.show", opt={"policy": Permission.SEE_COMPETITIONS}
    )
    async def show(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """An event: stage, obstacles, facts, links."""
        return await _detail(request, event_id)

    @get("/events/{event_id:uuid}/edit", name="competitions.programme.event.edit")
    async def edit(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """The form, filled."""
        actor = actor_of(request)
        event = await queries.event_for(actor, event_id, Permission.RUN_COMPETITION)
        known = await queries.competition_for(actor, event.competition, Permission.RUN_COMPETITION)
        values = values_of(event)
        for name in TIMES:
            moment = getattr(event, name)
            values[name] = clock.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
        return await _form(request, Bound(values), known, event)

    @post("/events/{event_id:uuid}", name="competitions.programme.event.save", status_code=303)
    async def save(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Save a changed event."""
        actor = actor_of(request)
        event = await queries.event_for(actor, event_id, Permission.RUN_COMPETITION)
        form = await read_form(request, EventForm)
        if form.ok:
            with form.catching():
                await operations.edit_event(actor, event_id, form.data)
                return await see_other(request, f"/events/{event_id}", flash=_("已保存"))
        known = await queries.competition_for(actor, event.competition, Permission.RUN_COMPETITION)
        return await _form(request, form, known, event, status_code=status_of(form))

    @post("/events/{event_id:uuid}/stage", name="competitions.programme.event.move", status_code=303)
    async def move(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Change the stage; every obstacle is shown at once."""
        form = await read_form(request, MoveForm)
        try:
            data = form.data
            await operations.move_event(actor_of(request), event_id, data.action, reason=data.reason)
        except (Refusal, Refusals) as refused:
            if form.ok:
                form.refuse(refused)
            return await _detail(request, event_id, form=form, status_code=refused.status)
        return await see_other(request, f"/events/{event_id}", flash=_(ACTIONS[data.action]))


async def _form(
    request: HouseRequest,
    form: Bound[Any],
    known: queries.CompetitionView,
    event: queries.EventView | None,
    *,
    status_code: int = 200,
) -> Response[str]:
    crumbs = [
        {"label": _("竞赛与工种"), "href": "/competitions"},
        {"label": known.title, "href": f"/competitions/{known.id}"},
        {"label": event.title if event else _("新建项目")},
    ]
    occupations = [("", "—"), *OCCUPATIONS.options(english=current_locale.get() == "en")]
    return await page(
        request, "competitions/programme/event_form.html", form=form, competition=known, event=event, kinds=KINDS,
        kind_options=[(v, _(t)) for v, t in KINDS.items()],
        occupations=occupations, crumbs=crumbs, nav=await navigation(actor_of(request), "/competitions"),
        status_code=status_code, fixed=event is not None and event.stage != EventStage.DRAFT,
    )  # fmt: skip


async def _detail(
    request: HouseRequest, event_id: UUID, *, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    event = await queries.event_for(actor, event_id, Permission.SEE_COMPETITIONS)
    facts, now = await queries.event_facts(event_id), await clock.now()
    runs = Permission.RUN_COMPETITION.allows(actor)
    ours = runs and not event.external
    actions = [a for a in moves.actions(EVENT_MOVES, EventStage(event.stage)) if a in OURS] if ours else []
    return await event_page(
        request, "competitions/programme/event.html", event, form=form, status_code=status_code, facts=facts,
        runs=runs, forward=FORWARD, action_labels=ACTIONS, states=EVENT_STATES, stages=EVENT_STAGES, kinds=KINDS,
        steps=_steps(event.stage), needs_reason=operations.NEEDS_REASON,
        actions=[(a, [_shown(o) for o in obstacles(a, facts, now)]) for a in actions],
        open_now=within_registration(now, event.registration_opens_at, event.registration_closes_at),
        occupation=OCCUPATIONS.en(event.occupation) if current_locale.get() == "en" else OCCUPATIONS.zh(event.occupation),
        links=[(link, link.path.format(event=event.id)) for link in EVENT_LINKS if link.policy.allows(actor)],
    )  # fmt: skip


def _shown(refusal: Refusal) -> dict[str, Any]:
    return {"message": refusal.text(_), "rule": refusal.rule}


def _steps(stage: str) -> list[dict[str, str]]:
    order = list(EventStage)
    at = order.index(EventStage(stage))
    return [
        {"label": _(EVENT_STAGES[s]), "state": "done" if n < at else "current" if n == at else "todo"}
        for n, s in enumerate(order)
    ]
