"""Pages of 劳模疗休养: the trips, one trip with its order of asking, answers, who goes; and the same for programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.workbooks import workbook
from honours.catalogue.rules import TREATMENTS
from honours.laureates import files, rules, trip_rules, trips
from honours.laureates.pages import crumbs
from honours.laureates.schemas import AnswerForm, CancelTripForm, FinishTripForm, InviteForm, ReasonForm, TripForm
from honours.permissions import Permission

ROOT, TEMPLATES = "/honours/laureate-trips", "honours/laureates"
RUNS = {"policy": Permission.RUN_CYCLE}


class TripPages(Controller):
    """/honours/laureate-trips"""

    path = ROOT
    opt = {"policy": Permission.KEEP_LAUREATES}

    @get("/", name="honours.trips.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """All trips, and the form for another."""
        return await _list(request)

    @post("/", opt=RUNS, name="honours.trips.plan", status_code=303)
    async def plan(self, request: HouseRequest) -> Response[Any]:
        """Plan a trip."""
        form = await read_form(request, TripForm)
        if form.ok:
            with form.catching():
                made = await trips.plan_trip(actor_of(request), form.data)
                return await see_other(request, f"{ROOT}/{made}", flash=_("已建立，请邀请"))
        return await _list(request, form)

    @get("/{trip:uuid}", name="honours.trips.show")
    async def show(self, request: HouseRequest, trip: FromPath[UUID]) -> Response[Any]:
        """One trip: whom to ask next, who was asked, who goes."""
        return await _show(request, trip)

    @post("/{trip:uuid}/invitations", opt=RUNS, name="honours.trips.invite", status_code=303)
    async def invite(self, request: HouseRequest, trip: FromPath[UUID]) -> Response[Any]:
        """Ask the chosen."""
        form = await read_form(request, InviteForm)
        if form.ok:
            with form.catching():
                count = await trips.invite(actor_of(request), trip, form.data)
                return await see_other(request, f"{ROOT}/{trip}", flash=_("已邀请 %(n)s 人", n=count))
        return await _show(request, trip, form)

    @post("/{trip:uuid}/invitations/{invitation:uuid}/answer", name="honours.trips.answer", status_code=303)
    async def answer(self, request: HouseRequest, trip: FromPath[UUID], invitation: FromPath[UUID]) -> Response[Any]:
        """Write down an answer."""
        form = await read_form(request, AnswerForm)
        if form.ok:
            with form.catching():
                came = await trips.answer(actor_of(request), invitation, form.data.answer)
                return await see_other(request, f"{ROOT}/{trip}", flash=_("已记：%(a)s", a=_(trip_rules.ANSWERS[came])))
        return await _show(request, trip, form)

    @post("/{trip:uuid}/confirmation", opt=RUNS, name="honours.trips.finish", status_code=303)
    async def finish(self, request: HouseRequest, trip: FromPath[UUID]) -> Response[Any]:
        """Confirm who went."""
        form = await read_form(request, FinishTripForm)
        if form.ok:
            with form.catching():
                count = await trips.finish(actor_of(request), trip, form.data)
                return await see_other(request, f"{ROOT}/{trip}", flash=_("已记入 %(n)s 人的档案", n=count))
        return await _show(request, trip, form)

    @post("/{trip:uuid}/cancellation", opt=RUNS, name="honours.trips.cancel", status_code=303)
    async def cancel(self, request: HouseRequest, trip: FromPath[UUID]) -> Response[Any]:
        """Call it off."""
        form = await read_form(request, CancelTripForm)
        if form.ok:
            with form.catching():
                await trips.cancel(actor_of(request), trip, form.data.reason, form.data.version)
                return await see_other(request, f"{ROOT}/{trip}", flash=_("已取消"))
        return await _show(request, trip, form, act="cancel")

    @post("/{trip:uuid}/going", name="honours.trips.going", status_code=200)
    async def going(self, request: HouseRequest, trip: FromPath[UUID]) -> Response[Any]:
        """Who goes, as xlsx: names, units and counties, no numbers (P3); with a reason that stays in the trail (SECURITY 16)."""
        form = await read_form(request, ReasonForm)
        if not form.ok:
            return await _show(request, trip, form, act="going")
        title, rows = await trips.export_going(actor_of(request), trip, form.data.reason)
        heads = [_("次序"), _("姓名"), _("单位"), _("县市区")]
        note = _("%(who)s 导出；事由：%(why)s", who=actor_of(request).name, why=form.data.reason)
        return download(await workbook(heads, _each(rows), sheet=_("成行名单"), note=note), f"{title}.xlsx", XLSX)


async def _each(rows: list[tuple[str, ...]]) -> AsyncIterator[tuple[str, ...]]:
    for row in rows:
        yield row


async def _list(request: HouseRequest, form: Bound[Any] | None = None) -> Response[Any]:
    actor = actor_of(request)
    return await page(
        request, f"{TEMPLATES}/trips.html", status_code=422 if form else 200, form=form, rows=await trips.trips_of(actor),
        stages=trip_rules.STAGES, runs=Permission.RUN_CYCLE.allows(actor), treatments=_treatments(),
        crumbs=crumbs((_("疗休养"), None)),
    )  # fmt: skip


async def _show(request: HouseRequest, trip: UUID, form: Bound[Any] | None = None, *, act: str = "") -> Response[Any]:
    """One trip as its reader may see it: a county its own people only (P3); ``act`` is the form that was refused."""
    actor = actor_of(request)
    row = await trips.trip_for(actor, trip)
    today = await clock.today()
    asked = await trips.invited(actor, trip)
    runs = row["organisation"] in Permission.RUN_CYCLE.scope(actor)
    asking = row["stage"] == "inviting" and today <= row["answer_by"]
    return await page(
        request, f"{TEMPLATES}/trip.html", status_code=422 if form else 200, t=row, form=form, act=act, runs=runs,
        asked=[one for one in asked if one["mine"]],
        going=sum(one["answer"] == "accepted" for one in asked), asking=asking, over=today >= row["last_day"],
        candidates=await trips.candidates(actor, row) if asking and runs else [], county=files.county,
        stages=trip_rules.STAGES, answers=trip_rules.ANSWERS, treatments=TREATMENTS, standings=rules.STANDINGS,
        crumbs=crumbs((_("疗休养"), ROOT), (row["title"], None)),
    )  # fmt: skip


def _treatments() -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in TREATMENTS.items() if code]


class LaureateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the files, without any number of the person."""

    id: UUID
    name: str
    unit: str
    county: str
    standing: str
    treatment: str
    valid: bool


class LaureateList(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    page: int
    pages: int
    rows: tuple[LaureateRow, ...]


class HonourHeld(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    level: str
    conferred_on: str
    document_number: str
    revoked_on: str | None


class LaureateFile(LaureateRow, frozen=True, kw_only=True):
    """A file: the telephone number masked, the note on health never (SECURITY 11)."""

    phone: str
    honours: tuple[HonourHeld, ...]
    cares: tuple[dict[str, str], ...]
    changes: tuple[dict[str, str], ...]


class LaureateApi(Controller):
    """/api/v1/laureates"""

    path = "/api/v1/laureates"
    opt = {"policy": Permission.KEEP_LAUREATES}
    tags = ["laureates"]

    @get("/", name="honours.api.laureates.list", operation_id="listLaureates")
    async def listed(self, request: HouseRequest) -> LaureateList:
        """The files within reach; searches, filters and pages as the page does (``q``, ``county``, ``due``, ``page``)."""
        found = await files.listed(actor_of(request), request.query_params)
        return LaureateList(
            total=found.total,
            page=found.page,
            pages=found.pages,
            rows=tuple(LaureateRow(**_row(one)) for one in found.rows),
        )

    @get("/{laureate:uuid}", name="honours.api.laureates.show", operation_id="showLaureate")
    async def show(self, request: HouseRequest, laureate: FromPath[UUID]) -> LaureateFile:
        """One file."""
        row = await files.row_for(actor_of(request), laureate)
        beside = await files.beside(row)
        return LaureateFile(
            **_row({**dict(row), "name": row["shown_name"], "region": row["home"]}), phone=beside["phone"],
            honours=tuple(
                HonourHeld(
                    title=one["title"], level=one["level"], conferred_on=one["conferred_on"].isoformat(),
                    document_number=one["document_number"] or "",
                    revoked_on=one["revoked_on"].isoformat() if one["revoked_on"] else None,
                )
                for one in beside["honours"]
            ),
            cares=tuple(_said(one) for one in beside["cares"]), changes=tuple(_said(one) for one in beside["changes"]),
        )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "unit": row["unit"] or "", "county": files.county(row["region"]),
        "standing": row["standing"], "treatment": row["treatment"], "valid": bool(row["valid"]),
    }  # fmt: skip


def _said(row: Any) -> dict[str, str]:
    return {"kind": row["kind"], "on": row["happened_on"].isoformat(), "note": row["note"]}


HANDLERS: list[Any] = [TripPages, LaureateApi]
