"""报名审核: the organiser's pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from competitions.entries import deciding, queries, review, showing
from competitions.entries.pages import show_entry
from competitions.entries.schemas import AcceptForm, Choice, ReasonForm, VersionForm
from competitions.permissions import Permission
from competitions.programme.queries import event_for
from foundation import clock
from foundation.forms import read_form
from foundation.i18n import _
from foundation.listing import XLSX
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, download, page, parse_id, see_other

Decide = Callable[..., Awaitable[None]]


class ReviewPages(Controller):
    """Entries handed in to the events that the officer organises."""

    path = "/"
    opt = {"policy": Permission.DECIDE_ENTRY}

    @get("/entries/review", name="competitions.entries.review")
    async def review(self, request: HouseRequest) -> Response[str]:
        """All events' entries; filters narrow to one."""
        return await _list(request)

    @get("/events/{event_id:uuid}/entries", name="competitions.entries.event")
    async def event(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """One event's entries."""
        return await _list(request, event_id)

    @get("/entries/review/export", name="competitions.entries.export")
    async def export(self, request: HouseRequest) -> Response[bytes]:
        """The list as asked, as an xlsx."""
        body = await review.exported(actor_of(request), request.query_params)
        return download(body, f"{_('报名名单')}-{await clock.today()}.xlsx", XLSX)

    @get("/events/{event_id:uuid}/entries/export", name="competitions.entries.event_export")
    async def event_export(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[bytes]:
        """One event's list as asked, as an xlsx."""
        actor = actor_of(request)
        known = await event_for(actor, event_id, Permission.DECIDE_ENTRY)
        body = await review.exported(actor, request.query_params, event_id)
        return download(body, f"{known.title}-{_('报名名单')}-{await clock.today()}.xlsx", XLSX)

    @post("/entries/acceptances", name="competitions.entries.accept_many", status_code=303)
    async def accept_many(self, request: HouseRequest) -> Response[Any]:
        """Accept the ticked entries, all or none."""
        form = await read_form(request, AcceptForm)
        data = form.data
        chosen = [Choice(id=UUID(one[:36]), version=int(one[37:])) for one in data.entry]
        codes = await deciding.accept_entries(actor_of(request), chosen)
        flash = _("已接收 %(n)s 份，参赛号 %(codes)s", n=len(codes), codes=_range(codes))
        return await see_other(request, await _back(actor_of(request), data.back), flash=flash)

    @post("/entries/{entry:uuid}/acceptance", name="competitions.entries.accept", status_code=303)
    async def accept(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Accept one entry."""
        form = await read_form(request, VersionForm)
        codes = await deciding.accept_entries(actor_of(request), [Choice(id=entry, version=form.data.version)])
        return await see_other(request, f"/entries/{entry}", flash=_("已接收，参赛号 %(code)s", code=codes[0]))

    @post("/entries/{entry:uuid}/return", name="competitions.entries.return", status_code=303)
    async def send_back(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Return an entry with a reason."""
        return await _with_reason(request, entry, deciding.return_entry, _("已退回，原因已告知单位"))

    @post("/entries/{entry:uuid}/rejection", name="competitions.entries.reject", status_code=303)
    async def reject(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Reject an entry with a reason."""
        return await _with_reason(request, entry, deciding.reject_entry, _("已作不接收处理"))

    @post("/entries/{entry:uuid}/striking", name="competitions.entries.strike", status_code=303)
    async def strike(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Take an entry out, with a reason."""
        return await _with_reason(request, entry, deciding.strike_entry, _("已退出比赛"))


async def _list(request: HouseRequest, event_id: UUID | None = None) -> Response[str]:
    actor = actor_of(request)
    known = await event_for(actor, event_id, Permission.DECIDE_ENTRY) if event_id else None
    crumbs = [{"label": _("报名审核"), "href": "/entries/review"}]
    if known is not None:
        crumbs += [{"label": known.competition_title, "href": f"/competitions/{known.competition}"}]
        crumbs += [{"label": known.title, "href": f"/events/{known.id}"}]
    return await page(
        request, "competitions/entries/review.html", event=known, crumbs=crumbs,
        found=await review.reviewed(actor, request.query_params, event_id), counts=await review.counts(actor, event_id),
        event_options=[("", _("全部")), *await review.event_choices(actor)], nav=await navigation(actor, review.PATH),
        query=request.url.query, **showing.words(),
    )  # fmt: skip


async def _with_reason(request: HouseRequest, entry: UUID, act: Decide, flash: str) -> Response[Any]:
    form = await read_form(request, ReasonForm)
    actor = actor_of(request)
    refused = showing.Refused(form)
    if form.ok:
        with refused:
            choice = Choice(id=entry, version=form.data.version)
            await act(actor, choice, reason=form.data.reason)
            return await see_other(request, f"/entries/{entry}", flash=flash)
    view = await queries.entry_for(actor, entry)
    return await show_entry(request, view, form=form, status_code=refused.status)


async def _back(actor: Any, back: str) -> str:
    """The list that the officer came from: an event's own, or the whole one with its filters."""
    event, _sep, query = back.partition("?")
    path = review.PATH
    if event:
        known = await event_for(actor, parse_id(event), Permission.DECIDE_ENTRY)
        path = f"/events/{known.id}/entries"
    asked = review.LIST.ask(dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair))
    kept = {key: value for key, value in asked.values.items() if not (event and key == "event")}
    return path + ("?" + "&".join(f"{key}={value}" for key, value in kept.items()) if kept else "")


def _range(codes: list[str]) -> str:
    """A01–A04, or the one."""
    return codes[0] if len(codes) == 1 else f"{codes[0]}–{codes[-1]}"
