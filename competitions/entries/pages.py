"""竞赛报名: the unit's pages — what is open, our entries, one entry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from competitions.entries import facts, operations, queries, rules, showing
from competitions.entries.rules import EntryStage
from competitions.entries.schemas import (
    EntryForm,
    EntryView,
    MemberForm,
    ReasonForm,
    StartForm,
    SubstituteForm,
    VersionForm,
)
from competitions.permissions import Permission
from foundation.errors import NotFound
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import _
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, fragment, page, see_other


class EntryPages(Controller):
    """The contact's way from an open event to a number."""

    path = "/entries"

    @get("/", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.list")
    async def list(self, request: HouseRequest) -> Response[str]:
        """What is open to us, and our entries."""
        return await _list(request)

    @post("/", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.start", status_code=303)
    async def start(self, request: HouseRequest) -> Response[Any]:
        """Begin a draft."""
        form = await read_form(request, StartForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await operations.start_entry(actor_of(request), form.data.event, name=form.data.name)
                return await see_other(request, f"/entries/{made}")
        return await _list(request, form, status_code=refused.status)

    @get("/{entry:uuid}", opt={"policy": Permission.SEE_ENTRY}, name="competitions.entries.show")
    async def show(self, request: HouseRequest, entry: FromPath[UUID], q: FromQuery[str] = "") -> Response[str]:
        """One entry: a draft to edit, else its state; the officer decides here."""
        return await show_entry(request, await queries.entry_for(actor_of(request), entry), q=q[:100])

    @get("/{entry:uuid}/candidates", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.candidates")
    async def candidates(self, request: HouseRequest, entry: FromPath[UUID], q: FromQuery[str] = "") -> Response[str]:
        """The picker's list for what was typed."""
        actor = actor_of(request)
        view = await queries.entry_for(actor, entry)
        return await fragment(
            request, "competitions/entries/candidates.html", entry=view,
            workers=await queries.pick_workers(actor, q[:100]), **showing.words(),
        )  # fmt: skip

    @post("/{entry:uuid}", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.edit", status_code=303)
    async def edit(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Save the list; then, as asked, add the ticked workers, take one out, or hand in."""
        form = await read_form(request, EntryForm)
        view = await queries.entry_for(actor_of(request), entry)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                return await _act(request, view, form.data)
        view = await queries.entry_for(actor_of(request), entry)
        return await show_entry(request, view, form=form, status_code=refused.status)

    @post("/{entry:uuid}/withdrawal", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.withdraw", status_code=303)  # fmt: skip
    async def withdraw(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Take an entry back before the close."""
        form = await read_form(request, ReasonForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                data = form.data
                await operations.withdraw_entry(actor_of(request), entry, version=data.version, reason=data.reason)
                return await see_other(request, "/entries", flash=_("已撤回报名"))
        view = await queries.entry_for(actor_of(request), entry)
        return await show_entry(request, view, form=form, status_code=refused.status)

    @post("/{entry:uuid}/discarding", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.discard", status_code=303)  # fmt: skip
    async def discard(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Throw a draft away."""
        form = await read_form(request, VersionForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.discard_entry(actor_of(request), entry, version=form.data.version)
                return await see_other(request, "/entries", flash=_("草稿已删除"))
        view = await queries.entry_for(actor_of(request), entry)
        return await show_entry(request, view, form=form, status_code=refused.status)

    @get("/{entry:uuid}/members/{member:uuid}/substitution", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.substitution")  # fmt: skip
    async def substitution(
        self, request: HouseRequest, entry: FromPath[UUID], member: FromPath[UUID], q: FromQuery[str] = ""
    ) -> Response[str]:
        """Whom to put in a member's place."""
        return await _substitution(request, entry, member, q=q[:100])

    @post("/{entry:uuid}/members/{member:uuid}/substitution", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.substitute", status_code=303)  # fmt: skip
    async def substitute(self, request: HouseRequest, entry: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
        """Put another worker in a member's place."""
        form = await read_form(request, SubstituteForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                data = form.data
                await operations.substitute(
                    actor_of(request), entry, member, version=data.version, worker=data.worker, reason=data.reason
                )
                return await see_other(request, f"/entries/{entry}", flash=_("已更换队员"))
        return await _substitution(request, entry, member, form=form, status_code=refused.status)


async def _list(
    request: HouseRequest, form: Bound[StartForm] | None = None, *, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    return await page(
        request, "competitions/entries/list.html", status_code=status_code, form=form,
        offers=await queries.offers(actor), entries=await queries.own_entries(actor),
        crumbs=[{"label": _("竞赛报名"), "href": "/entries"}], **showing.words(),
    )  # fmt: skip


async def _act(request: HouseRequest, view: EntryView, data: EntryForm) -> Response[Any]:
    """Save first, so that nothing typed is lost; then do what was asked with the saved entry."""
    actor, act = actor_of(request), data.act.split(":")
    members = list(data.members)
    if act[0] == "remove" and len(act) == 3:
        members = [one for one in members if (str(one.worker), one.role) != (act[1], act[2])]
    if data.add:
        members += [MemberForm(worker=worker, role=data.add_role, place=999) for worker in data.add]
    version = await operations.edit_entry(actor, view.id, version=data.version, name=data.name, members=members)
    if act[0] == "submit":
        return await _submit(request, view.id, version)
    flash = "" if act[0] in ("add", "remove") else _("草稿已保存")
    return await see_other(request, f"/entries/{view.id}", flash=flash)


async def _submit(request: HouseRequest, entry: UUID, version: int) -> Response[Any]:
    """Hand in what was just saved; its faults are shown on the saved list."""
    actor = actor_of(request)
    form: Bound[EntryForm] = Bound()
    refused = showing.Refused(form)
    with refused:
        await operations.submit_entry(actor, entry, version=version)
        return await see_other(request, f"/entries/{entry}", flash=_("已上报，等待主办方审核"))
    view = await queries.entry_for(actor, entry)
    return await show_entry(request, view, form=form, tried=True, status_code=refused.status)


async def show_entry(
    request: HouseRequest, view: EntryView, *, form: Bound[Any] | None = None, q: str = "", tried: bool = False,
    status_code: int = 200,
) -> Response[str]:  # fmt: skip
    """The page of one entry, as its reader may use it."""
    actor = actor_of(request)
    mine = Permission.REGISTER_ENTRY.allows(actor)
    found = await facts.findings(view) if view.stage in (EntryStage.DRAFT, *rules.HELD) else []
    stand = await showing.standing(actor, view)
    edits = stand.may_edit
    return await page(
        request, "competitions/entries/edit.html" if edits else "competitions/entries/show.html",
        status_code=status_code, entry=view, form=form, q=q, tried=tried, stand=stand,
        form_values=values_of({"name": view.name}) if form is None else form.values,
        findings=showing.Findings(found), steps=showing.steps(view),
        workers=await queries.pick_workers(actor, q) if edits else [],
        days_left=await queries.days_left(view.event), crumbs=_crumbs(view, mine=mine),
        nav=await navigation(actor, "/entries" if mine else "/entries/review"), **showing.words(),
    )  # fmt: skip


async def _substitution(
    request: HouseRequest,
    entry: UUID,
    member: UUID,
    *,
    form: Bound[Any] | None = None,
    q: str = "",
    status_code: int = 200,
) -> Response[str]:
    actor = actor_of(request)
    view = await queries.entry_for(actor, entry)
    gone = next((one for one in view.members if one.id == member), None)
    if gone is None:
        raise NotFound
    taken = {one.worker for one in view.members if one.role == gone.role}
    workers = [one for one in await queries.pick_workers(actor, q) if one.id not in taken]
    crumbs = [*_crumbs(view, mine=True), {"label": _("更换队员"), "href": ""}]
    return await page(
        request, "competitions/entries/substitution.html", status_code=status_code, entry=view, gone=gone,
        workers=workers, q=q, form=form, crumbs=crumbs, **showing.words(),
    )  # fmt: skip


def _crumbs(view: EntryView, *, mine: bool) -> list[dict[str, str]]:
    first = (
        {"label": _("竞赛报名"), "href": "/entries"} if mine else {"label": _("报名审核"), "href": "/entries/review"}
    )
    return [
        first,
        {"label": view.event.competition_title, "href": "" if mine else f"/entries/review?event={view.event.id}"},
        {"label": f"{view.event.title} · {view.name}", "href": f"/entries/{view.id}"},
    ]
