"""Import and export of event bundles: upload, every fault, preview, confirmation; and the same for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from msgspec import Struct

from competitions.permissions import Permission
from competitions.programme import bundle_files, queries
from competitions.programme.pages import status_of
from competitions.scoring.bundle import Bundle
from competitions.scoring.faults import BundleFaults
from foundation.errors import Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other


class ConfirmForm(Struct, frozen=True, kw_only=True):
    """Where an imported event goes; nothing: the organisation's collection of this year's imports."""

    competition: UUID | None = None


class ImportOut(Struct, frozen=True, kw_only=True):
    """What was imported."""

    event: UUID
    code: str
    entries: int
    marks: int


class BundlePages(Controller):
    """`/bundles`: bringing in an event file; `/events/{id}/bundle`: taking one out."""

    path = "/"
    opt = {"policy": Permission.RUN_COMPETITION}

    @get("/bundles/new", name="competitions.programme.bundle.new")
    async def new(self, request: HouseRequest) -> Response[str]:
        """Choose a file."""
        return await _choose(request, Bound(), [])

    @post("/bundles", name="competitions.programme.bundle.upload", status_code=303)
    async def upload(self, request: HouseRequest) -> Response[Any]:
        """Read the file: every fault with its place, or on to the preview."""
        sent = (await request.form()).get("file")
        form: Bound[Any] = Bound()
        if not isinstance(sent, UploadFile) or not sent.filename:
            form.refuse(Refusal("required", "请选择一个 .json 文件", field="file"))
            return await _choose(request, form, [])
        body = await sent.read()
        try:
            file = await bundle_files.keep_upload(actor_of(request), body, sent.filename)
        except BundleFaults as wrong:
            return await _choose(request, form, list(wrong.faults), name=sent.filename)
        except Refusal as refused:
            form.refuse(refused)
            return await _choose(request, form, [], name=sent.filename)
        return await see_other(request, f"/bundles/{file}")

    @get("/bundles/{file:uuid}", name="competitions.programme.bundle.preview")
    async def preview(self, request: HouseRequest, file: FromPath[UUID]) -> Response[str]:
        """What the file would bring, before anything is stored."""
        return await _preview(request, file, Bound({"competition": ""}))

    @post("/bundles/{file:uuid}/confirmation", name="competitions.programme.bundle.confirm", status_code=303)
    async def confirm(self, request: HouseRequest, file: FromPath[UUID]) -> Response[Any]:
        """Store it."""
        actor = actor_of(request)
        bundle = await bundle_files.uploaded(actor, file)
        form = await read_form(request, ConfirmForm)
        if form.ok:
            with form.catching():
                made = await bundle_files.import_bundles(actor, [bundle], competition_id=form.data.competition)
                return await see_other(request, f"/events/{made[0]}", flash=_("已导入"))
        return await _preview(request, file, form, status_code=status_of(form))

    @get("/events/{event_id:uuid}/bundle", name="competitions.programme.bundle.export")
    async def export(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[bytes]:
        """The event's bundle in canonical form."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        return download(await bundle_files.exported(event.id), f"{event.code}.json", "application/json")


class BundleApi(Controller):
    """The same for programs."""

    path = "/api/v1"
    opt = {"policy": Permission.RUN_COMPETITION}

    @post(
        "/bundles", name="competitions.programme.api.bundle.import", operation_id="importBundle", opt={"body": Bundle}
    )
    async def take(self, request: HouseRequest) -> ImportOut:
        """Import a bundle: the body is the file, at most 10 MB. ``?competition=`` names where a new event goes.

        Every fault comes back at once; ``field`` is its JSON path.
        """
        actor = actor_of(request)
        try:
            bundle = bundle_files.read_bundle(await request.body())
        except BundleFaults as wrong:
            raise bundle_files.refusals_of(wrong) from None
        where = str(request.query_params.get("competition") or "")
        try:
            competition = UUID(where) if where else None
        except ValueError:
            raise Refusal("no_such_choice", "没有这个选项", field="competition") from None
        made = await bundle_files.import_bundles(actor, [bundle], competition_id=competition)
        return ImportOut(event=made[0], code=bundle.event.code, entries=len(bundle.entries), marks=len(bundle.marks))

    @get("/events/{event_id:uuid}/bundle", name="competitions.programme.api.bundle.export", operation_id="exportBundle")
    async def give(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[bytes]:
        """An event's bundle in canonical form."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        return Response(await bundle_files.exported(event.id), media_type="application/json")


async def _choose(request: HouseRequest, form: Bound[Any], faults: list[Any], *, name: str = "") -> Response[str]:
    return await page(
        request, "competitions/programme/bundle_new.html", form=form, faults=faults[: bundle_files.MOST_SHOWN],
        count=len(faults), name=name, words=bundle_files.WORDS, status_code=422 if faults or form.faults else 200,
        nav=await navigation(actor_of(request), "/competitions"),
        crumbs=[{"label": _("竞赛与工种"), "href": "/competitions"}, {"label": _("导入事件包")}],
    )  # fmt: skip


async def _preview(request: HouseRequest, file: UUID, form: Bound[Any], *, status_code: int = 200) -> Response[str]:
    actor = actor_of(request)
    found = await bundle_files.preview_of(await bundle_files.uploaded(actor, file))
    entries = {entry.code: entry for entry in found.bundle.entries}
    return await page(
        request, "competitions/programme/bundle_preview.html", found=found, file=file, form=form, entries=entries,
        status_code=status_code, competitions=await bundle_files.open_competitions(actor),
        nav=await navigation(actor, "/competitions"),
        crumbs=[{"label": _("竞赛与工种"), "href": "/competitions"}, {"label": _("导入事件包"), "href": "/bundles/new"}, {"label": found.bundle.event.code}],
    )  # fmt: skip
