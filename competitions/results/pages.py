"""Pages of an event's standings and results for officers and the chief judge (成绩与发布)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from competitions.permissions import Permission
from competitions.programme.event_pages import event_page
from competitions.programme.queries import event_for, rules_of
from competitions.programme.rules import EVENT_STAGES, EventStage
from competitions.results import operations, rules
from competitions.results.desk import desk_of, names_shown
from competitions.results.schemas import ConfirmForm, NamesForm, PublishForm, ReasonForm
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, see_other
from foundation.web.policy import Actor

STATES = {"draft": "neutral", "registration": "info", "judging": "info", "confirmed": "wait", "published": "ok"}


class EventResultPages(Controller):
    """/events/{id}/results and what is done there."""

    path = "/events/{event_id:uuid}"
    opt = {"policy": Permission.CONFIRM_RESULT}

    @get(["/standings", "/results"], name="competitions.results.desk", opt={"policy": Permission.WATCH_BOARD})
    async def desk(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """Live standings, every obstacle to confirming them, and the results so far."""
        return await _desk(request, event_id)

    @post("/confirmation", name="competitions.results.confirm", status_code=303)
    async def confirm(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """The chief judge confirms what the page showed."""
        form = await read_form(request, ConfirmForm)
        actor = actor_of(request)
        doing = operations.confirm_result(actor, event_id, shown=form.data.shown)
        return await _done(request, event_id, form, doing, _("成绩已确认，核对后即可发布"))

    @post("/return", name="competitions.results.return", status_code=303)
    async def give_back(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Back to marking, with a reason."""
        form = await read_form(request, ReasonForm)
        doing = operations.return_to_judging(actor_of(request), event_id, form.data.reason)
        return await _done(request, event_id, form, doing, _("已退回评分"))

    @post("/publication", name="competitions.results.publish", status_code=303)
    async def publish(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Publish; certificates of an imported event only where they are asked for."""
        form = await read_form(request, PublishForm)
        actor = actor_of(request)
        event = await event_for(actor, event_id, Permission.CONFIRM_RESULT)
        wanted = form.data.certificates if event.external else None
        doing = operations.publish_result(actor, event_id, certificates=wanted)
        return await _done(request, event_id, form, doing, _("成绩已发布"))

    @post("/withdrawal", name="competitions.results.withdraw", status_code=303)
    async def withdraw(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Take the publication back in public, with a reason."""
        form = await read_form(request, ReasonForm)
        doing = operations.withdraw_publication(actor_of(request), event_id, form.data.reason)
        return await _done(request, event_id, form, doing, _("已撤回发布；公开页即刻写明原因"))

    @post("/freeze", name="competitions.results.freeze", status_code=303, opt={"policy": Permission.RUN_COMPETITION})
    async def freeze(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """The public board stands still (封榜)."""
        doing = operations.freeze_board(actor_of(request), event_id, frozen=True)
        return await _done(request, event_id, Bound(), doing, _("已封榜"))

    @post("/thaw", name="competitions.results.thaw", status_code=303, opt={"policy": Permission.RUN_COMPETITION})
    async def thaw(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """The public board moves again (揭榜)."""
        doing = operations.freeze_board(actor_of(request), event_id, frozen=False)
        return await _done(request, event_id, Bound(), doing, _("已解除封榜"))

    @post(
        "/board-names", name="competitions.results.names", status_code=303, opt={"policy": Permission.RUN_COMPETITION}
    )
    async def names(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """The live board names entrants, or shows codes."""
        form = await read_form(request, NamesForm)
        doing = operations.name_on_board(actor_of(request), event_id, named=form.data.named)
        return await _done(request, event_id, form, doing, _("直播榜已更改"))


async def _done(
    request: HouseRequest, event_id: UUID, form: Bound[Any], doing: Awaitable[Any], words: str
) -> Response[Any]:
    """Do it and look at the event's results; a refusal is shown there with everything that stands in the way."""
    try:
        await doing
    except (Refusal, Refusals) as refused:
        form.refuse(refused)
        status = (
            max((r.status for r in refused.refusals), default=422) if isinstance(refused, Refusals) else refused.status
        )
        return await _desk(request, event_id, form=form, status_code=status)
    return await see_other(request, f"/events/{event_id}/results", flash=words)


async def _desk(
    request: HouseRequest, event_id: UUID, *, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    event = await event_for(actor, event_id, Permission.WATCH_BOARD)
    view, known = await desk_of(event), await rules_of(event_id)
    live = view.versions[0] if view.versions and view.versions[0]["withdrawn_at"] is None else None
    return await event_page(
        request, "competitions/results/desk.html", event, form=form, status_code=status_code, view=view, live=live,
        here=_("成绩与发布"), stages=EVENT_STAGES, states=STATES, modules=rules.shares(known) if known else [],
        steps=_steps(event.stage, taken_back=live is None),
        chief=_is_chief(actor, event_id), runs=Permission.RUN_COMPETITION.allows(actor), statuses=rules.STATUSES,
        terms=rules.award_terms(known) if known else [], named=await names_shown(event_id),
    )  # fmt: skip


def _is_chief(actor: Actor, event_id: UUID) -> bool:
    return event_id in actor.events_as(*Permission.CONFIRM_RESULT.roles)


def _steps(stage: str, *, taken_back: bool) -> list[dict[str, str]]:
    """Marking, confirming, publishing: where the event stands; a publication that was taken back stops the last step."""
    labels = [_("评分"), _("裁判长确认"), _("发布")]
    at = {EventStage.JUDGING: 0, EventStage.CONFIRMED: 2, EventStage.PUBLISHED: 3}.get(EventStage(stage), -1)
    now = "stopped" if at == 2 and taken_back else "current"
    return [
        {"label": label, "state": "done" if n < at else now if n == at else "todo"} for n, label in enumerate(labels)
    ]
