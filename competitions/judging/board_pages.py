"""The event's board (看板), and the officer's page of panels and seats."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from competitions.judging import board, incidents, people, queries, seating
from competitions.judging.appointments import appoint, dismiss
from competitions.judging.schemas import (
    AdjustmentIn,
    AppointIn,
    CancelIn,
    ExcuseIn,
    PanelIn,
    SeatIn,
    StatusForm,
    StatusIn,
)
from competitions.judging.words import STATUSES
from competitions.permissions import Permission
from competitions.programme.queries import event_for, rules_of
from competitions.scoring.plan import plan_of
from foundation import clock
from foundation.forms import Bound, read_form
from foundation.i18n import _, gettext
from foundation.web.pages import HouseRequest, actor_of, page, parse_id, see_other, wants_fragment
from foundation.web.policy import Actor
from registry.accounts.roles import LABELS

PAGE, FRAGMENT = "competitions/judging/board.html", "competitions/judging/_board.html"
APPOINTABLE = ("chief_judge", "scorekeeper", "code_keeper", "supervisor")


class BoardPages(Controller):
    """The board of an event, for its chief judge, scorekeeper, supervisor and officers."""

    path = "/events/{event_id:uuid}"

    @get("/board", opt={"policy": Permission.WATCH_BOARD}, name="competitions.judging.board")
    async def board(
        self, request: HouseRequest, event_id: FromPath[UUID], panel: FromQuery[str] = "", aspect: FromQuery[str] = "",
        only: FromQuery[str] = "", seen: FromQuery[str] = "",
    ) -> Response[Any]:  # fmt: skip
        """Matrix, alarms, what needs doing; asked again by itself every ten seconds, as a fragment (204: nothing new)."""
        chosen = parse_id(panel) if panel else None
        if not wants_fragment(request):
            return await _board(request, event_id, PAGE, panel=chosen, aspect=aspect, only=only)
        return await _board(request, event_id, FRAGMENT, panel=chosen, aspect=aspect, only=only, seen=seen)

    @post("/statuses", opt={"policy": Permission.RECORD_INCIDENT}, name="competitions.judging.status", status_code=303)
    async def status(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Absent, withdrawn, disqualified, or competed after all."""
        form = await read_form(request, StatusForm)
        if form.ok:
            entry, _tilde, version = form.data.entry.partition("~")
            given = StatusIn(status=form.data.status, reason=form.data.reason, version=int(version))
            with form.catching():
                await incidents.set_status(actor_of(request), parse_id(entry), given)
                return await see_other(request, f"/events/{event_id}/board", flash=_("已登记"))
        return await _board(request, event_id, PAGE, status_form=form)

    @post(
        "/adjustments", opt={"policy": Permission.RECORD_INCIDENT}, name="competitions.judging.adjust", status_code=303
    )
    async def adjust(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """A deduction or a bonus, with its reason."""
        form = await read_form(request, AdjustmentIn)
        if form.ok:
            with form.catching():
                await incidents.adjust(actor_of(request), event_id, form.data)
                return await see_other(request, f"/events/{event_id}/board", flash=_("已登记加减分"))
        return await _board(request, event_id, PAGE, adjust_form=form)

    @post(
        "/adjustments/{adjustment_id:uuid}/cancellation",
        opt={"policy": Permission.RECORD_INCIDENT},
        name="competitions.judging.adjust.cancel",
        status_code=303,
    )
    async def cancel(
        self, request: HouseRequest, event_id: FromPath[UUID], adjustment_id: FromPath[UUID]
    ) -> Response[Any]:
        """Take an adjustment back; both rows stay."""
        form = await read_form(request, CancelIn)
        if form.ok:
            with form.catching():
                await incidents.cancel_adjustment(actor_of(request), adjustment_id, form.data.reason)
                return await see_other(request, f"/events/{event_id}/board", flash=_("已撤销"))
        return await _board(request, event_id, PAGE, adjust_form=form)


class PanelPages(Controller):
    """Panels, seats, excusals and appointments."""

    path = "/events/{event_id:uuid}"

    @get("/panels", opt={"policy": Permission.SEAT_JUDGES}, name="competitions.judging.panels")
    async def panels(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """Who judges what."""
        return await _panels(request, event_id)

    @post("/panels", opt={"policy": Permission.SEAT_JUDGES}, name="competitions.judging.panel.make", status_code=303)
    async def make(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """A new panel."""
        form = await read_form(request, PanelIn)
        if form.ok:
            with form.catching():
                await seating.make_panel(actor_of(request), event_id, form.data)
                return await _back(request, event_id, _("评分组已设立"))
        return await _panels(request, event_id, form=form, at="new")

    @post(
        "/panels/{panel_id:uuid}",
        opt={"policy": Permission.SEAT_JUDGES},
        name="competitions.judging.panel.change",
        status_code=303,
    )
    async def change(self, request: HouseRequest, event_id: FromPath[UUID], panel_id: FromPath[UUID]) -> Response[Any]:
        """Another name, other aspects."""
        form = await read_form(request, PanelIn)
        if form.ok:
            with form.catching():
                await seating.change_panel(actor_of(request), panel_id, form.data)
                return await _back(request, event_id, _("评分组已修改"))
        return await _panels(request, event_id, form=form, at=f"panel-{panel_id}")

    @post(
        "/panels/{panel_id:uuid}/removal",
        opt={"policy": Permission.SEAT_JUDGES},
        name="competitions.judging.panel.remove",
        status_code=303,
    )
    async def remove(self, request: HouseRequest, event_id: FromPath[UUID], panel_id: FromPath[UUID]) -> Response[Any]:
        """Take away a panel on which nobody sat."""
        form: Bound[Any] = Bound()
        with form.catching():
            await seating.remove_panel(actor_of(request), panel_id)
            return await _back(request, event_id, _("评分组已删除"))
        return await _panels(request, event_id, form=form, at=f"panel-{panel_id}")

    @post(
        "/panels/{panel_id:uuid}/seats",
        opt={"policy": Permission.SEAT_JUDGES},
        name="competitions.judging.seat",
        status_code=303,
    )
    async def seat(self, request: HouseRequest, event_id: FromPath[UUID], panel_id: FromPath[UUID]) -> Response[Any]:
        """Seat a judge."""
        form = await read_form(request, SeatIn)
        if form.ok:
            with form.catching():
                await seating.seat_judge(actor_of(request), panel_id, form.data)
                return await _back(request, event_id, _("裁判已就座"))
        return await _panels(request, event_id, form=form, at=f"seat-{panel_id}")

    @post(
        "/seats/{seat_id:uuid}/vacation",
        opt={"policy": Permission.SEAT_JUDGES},
        name="competitions.judging.vacate",
        status_code=303,
    )
    async def vacate(self, request: HouseRequest, event_id: FromPath[UUID], seat_id: FromPath[UUID]) -> Response[Any]:
        """The judge leaves the seat."""
        form: Bound[Any] = Bound()
        with form.catching():
            await seating.vacate_seat(actor_of(request), seat_id)
            return await _back(request, event_id, _("已撤下；所给的分保留，不再计入"))
        return await _panels(request, event_id, form=form, at="seats")

    @post("/excusals", opt={"policy": Permission.SEAT_JUDGES}, name="competitions.judging.excuse", status_code=303)
    async def excuse(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """A declared relation."""
        form = await read_form(request, ExcuseIn)
        if form.ok:
            with form.catching():
                await seating.excuse(actor_of(request), form.data)
                return await _back(request, event_id, _("已登记回避"))
        return await _panels(request, event_id, form=form, at="excuse")

    @post("/appointments", opt={"policy": Permission.SEAT_JUDGES}, name="competitions.judging.appoint", status_code=303)
    async def appoint(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Chief judge, scorekeeper, code keeper, supervisor."""
        form = await read_form(request, AppointIn)
        if form.ok:
            with form.catching():
                await appoint(actor_of(request), event_id, form.data)
                return await _back(request, event_id, _("已任命"))
        return await _panels(request, event_id, form=form, at="appoint")

    @post("/dismissals", opt={"policy": Permission.SEAT_JUDGES}, name="competitions.judging.dismiss", status_code=303)
    async def dismiss(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """End an appointment."""
        given = (await read_form(request, AppointIn)).data
        await dismiss(actor_of(request), event_id, given.account, given.role)
        return await _back(request, event_id, _("已解除"))


async def _back(request: HouseRequest, event_id: UUID, flash: str) -> Response[Any]:
    return await see_other(request, f"/events/{event_id}/panels", flash=flash)


async def _panels(
    request: HouseRequest, event_id: UUID, *, form: Bound[Any] | None = None, at: str = ""
) -> Response[str]:
    event = await event_for(actor_of(request), event_id, Permission.SEAT_JUDGES)
    known = await rules_of(event_id)
    panels = await people.panels_of(event_id)
    taken = {code for panel in panels for code in panel.aspects}
    aspects = [(a.code, f"{a.code} {a.heading}") for a in plan_of(known).aspects] if known else []
    found = await board.board_of(event_id)
    entries = [(str(row.id), row.code) for row in found.panel.rows] if found.panel else []
    listed = [(str(p.account), f"{p.name}（{p.unit}）" if p.unit else p.name) for p in await people.judges()]
    others = [(str(p.account), f"{p.name}（{p.unit}）" if p.unit else p.name) for p in await people.officials()]
    seats = [(str(s.id), f"{panel.title} {s.code} {s.name}") for panel in panels for s in panel.seats]
    return await page(
        request, "competitions/judging/panels.html", status_code=422 if form else 200, event=event, panels=panels,
        aspects=aspects, free=[a for a in aspects if a[0] not in taken], form=form, at=at, entries=entries,
        judge_options=listed, official_options=others, seat_options=seats, seat_count=len(seats),
        appointed=await people.appointed(event_id),
        role_labels={role: gettext(LABELS[role]) for role in APPOINTABLE},
        crumbs=_crumbs(event, _("评分组与裁判")),
    )  # fmt: skip


def _crumbs(event: Any, here: str) -> list[dict[str, str | None]]:
    return [
        {"label": event.competition_title, "href": f"/competitions/{event.competition}"},
        {"label": event.title, "href": f"/events/{event.id}"},
        {"label": here, "href": None},
    ]


async def _board(
    request: HouseRequest, event_id: UUID, template: str, *, panel: UUID | None = None, aspect: str = "", only: str = "",
    seen: str = "", status_form: Bound[Any] | None = None, adjust_form: Bound[Any] | None = None,
) -> Response[Any]:  # fmt: skip
    actor = actor_of(request)
    event = await event_for(actor, event_id, Permission.WATCH_BOARD)
    found = await board.board_of(event_id, panel=panel, aspect=aspect)
    told = await queries.obstacles(event_id) if event.stage == "judging" else []
    obstacles = [{"message": one.text(gettext), "rule": one.rule} for one in told]
    asked = await queries.corrections_of(event_id)
    digest = hashlib.sha256(msgspec.json.encode([found, obstacles, asked, event.stage, only])).hexdigest()[:16]
    if seen == digest:
        return Response(None, status_code=204)
    return await page(
        request, template, status_code=422 if status_form or adjust_form else 200, event=event, board=found,
        obstacles=obstacles, only=only, seen=digest,
        corrections=asked, adjustments=await queries.adjustments_of(event_id),
        changes=await queries.status_changes_of(event_id), statuses=STATUSES, now=await clock.now(),
        status_form=status_form, adjust_form=adjust_form,
        records=_may_record(actor, event_id), is_chief=event_id in actor.events_as("chief_judge"),
        status_options=[(name, gettext(words)) for name, words in STATUSES.items()],
        status_entries=[
            (f"{row.id}~{row.version}", row.code if row.status == "competed" else f"{row.code} {gettext(STATUSES[row.status])}")
            for row in (found.panel.rows if found.panel else ())
        ],
        entry_options=[(str(row.id), row.code) for row in found.panel.rows] if found.panel else [],
        crumbs=_crumbs(event, _("看板")), view=f"panel={found.panel.id if found.panel else ''}&aspect={aspect}",
    )  # fmt: skip


def _may_record(actor: Actor, event_id: UUID) -> bool:
    return event_id in actor.events_as("chief_judge") or actor.has("county_officer", "city_officer")
