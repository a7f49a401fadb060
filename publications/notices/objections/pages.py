"""Objections for the officers who handle them: inbox, entry of what came by letter, phone or visit, their way step by step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from foundation import clock
from foundation.errors import NotFound, Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.storage import UPLOAD_LIMIT
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from publications.notices import queries as notices
from publications.notices.objections import operations, queries, retention, rules
from publications.notices.objections.schemas import Complainant, RecordForm, StepForm
from publications.notices.schemas import Notice, ReasonForm
from publications.permissions import Permission

HANDLE = {"policy": Permission.HANDLE_OBJECTIONS}
HOME = "/publicity/objections"
BODY = UPLOAD_LIMIT + 1024 * 1024


async def scan_of(request: HouseRequest) -> bytes | None:
    """The uploaded scan, if there is one; refuses what is too large before it is read whole."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    body = await given.read(UPLOAD_LIMIT + 1)
    if len(body) > UPLOAD_LIMIT:
        raise Refusal("attachment_large", "扫描件不能超过 10 MB", field="file", rule="H34")
    return body or None


def subject_choices(notice: Notice) -> list[tuple[str, str]]:
    return [("", _("公示整体（程序、文本等）")), *((str(s.id), "　".join(s.cells[:2])) for s in notice.subjects)]


def labelled(labels: Any) -> list[tuple[str, str]]:
    return [(str(value), _(text)) for value, text in labels.items()]


class ObjectionPages(Controller):
    """/publicity/objections and the entry form of one notice"""

    path = "/publicity"

    @get("/objections", opt=HANDLE, name="objections.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """What my organisation handles."""
        found = await queries.listed(actor_of(request), queries.LIST.ask(request.query_params))
        context = {
            "found": found,
            "chips": queries.CHIP,
            "rules": rules,
            "crumbs": [{"label": _("异议办理"), "href": None}],
        }
        return await page(request, "publications/notices/objections/list.html", **context)

    @get("/objections/export", opt=HANDLE, name="objections.export")
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The same list as a workbook: no name is in it."""
        actor = actor_of(request)
        scope = list(Permission.HANDLE_OBJECTIONS.scope(actor))
        note = _("导出：%(who)s %(at)s", who=actor.name, at=f"{clock.local(await clock.now()):%Y-%m-%d %H:%M}")
        asked = queries.LIST.ask(request.query_params)
        body = await export(queries.LIST, asked, queries.HANDLED_BY, scope, sheet=_("异议"), note=note)
        return download(body, f"{_('异议')}-{await clock.today()}.xlsx", XLSX)

    @get("/{notice:uuid}/objections/new", opt=HANDLE, name="objections.new")
    async def new(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Enter one that came by letter, phone or visit."""
        now = clock.local(await clock.now())
        return await self._form(request, notice, Bound({"received_at": f"{now:%Y-%m-%dT%H:%M}", "kind": "person"}))

    @post(
        "/{notice:uuid}/objections", opt=HANDLE, name="objections.record", status_code=303, request_max_body_size=BODY
    )
    async def record(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Keep it."""
        form = await read_form(request, RecordForm)
        if form.ok:
            with form.catching():
                scan = await scan_of(request)
                made = await operations.record_objection(actor_of(request), notice, form.data, scan)
                return await see_other(request, f"{HOME}/{made}", flash=_("异议已登记"))
        return await self._form(request, notice, form, status_code=422)

    @get("/objections/{objection:uuid}", opt=HANDLE, name="objections.show")
    async def show(self, request: HouseRequest, objection: FromPath[UUID]) -> Response[Any]:
        """One objection; who objects is masked."""
        return await self._show(request, objection)

    @post("/objections/{objection:uuid}/steps", opt=HANDLE, name="objections.step", status_code=303)
    async def step(self, request: HouseRequest, objection: FromPath[UUID]) -> Response[Any]:
        """Move it on."""
        form = await read_form(request, StepForm)
        if form.ok:
            with form.catching():
                await operations.take_step(actor_of(request), objection, form.data)
                return await see_other(request, f"{HOME}/{objection}", flash=_("已记录"))
        return await self._show(request, objection, form=form, status_code=422)

    @post("/objections/{objection:uuid}/unmasking", opt=HANDLE, name="objections.unmask", status_code=200)
    async def unmask(self, request: HouseRequest, objection: FromPath[UUID]) -> Response[Any]:
        """Who objects; the look is in the trail before it is shown."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                shown = await operations.unmask(actor_of(request), objection, form.data.reason)
                request.scope["state"]["no_store"] = True
                return await self._show(request, objection, complainant=shown)
        return await self._show(request, objection, reason=form, status_code=422)

    @post("/objections/{objection:uuid}/attachment", opt=HANDLE, name="objections.attachment", status_code=200)
    async def attachment(self, request: HouseRequest, objection: FromPath[UUID]) -> Response[Any]:
        """The scan; taken by POST, for each look is written down."""
        body, name, media_type = await operations.attachment(actor_of(request), objection)
        request.scope["state"]["no_store"] = True
        return download(body, name, media_type)

    async def _form(
        self, request: HouseRequest, notice: UUID, form: Bound[Any], *, status_code: int = 200
    ) -> Response[Any]:
        found = await notices.public_one(notice)
        if found.handling not in Permission.HANDLE_OBJECTIONS.scope(actor_of(request)):
            raise NotFound
        context = {
            "n": found, "form": form, "subjects": subject_choices(found),
            "channels": [(c, text) for c, text in labelled(rules.CHANNELS) if c != "web"], "kinds": labelled(rules.KINDS),
            "crumbs": [
                {"label": _("公示"), "href": "/publicity"},
                {"label": found.number or found.title, "href": f"/publicity/{notice}"},
                {"label": _("登记异议"), "href": None},
            ],
        }  # fmt: skip
        return await page(request, "publications/notices/objections/record.html", status_code=status_code, **context)

    async def _show(
        self, request: HouseRequest, objection: UUID, *, form: Bound[Any] | None = None,
        reason: Bound[Any] | None = None, complainant: Complainant | None = None, status_code: int = 200,
    ) -> Response[Any]:  # fmt: skip
        found = await queries.one(actor_of(request), objection)
        context = {
            "x": found, "form": form or Bound(), "reason": reason or Bound(), "complainant": complainant, "rules": rules,
            "chip": queries.CHIP[found.stage], "actions": queries.actions_from(found.stage),
            "how": labelled(rules.HOW), "today": await clock.today(), "kept_days": retention.keeping_days(),
            "erased_on": retention.erased_on,
            "crumbs": [{"label": _("异议办理"), "href": HOME}, {"label": found.number, "href": None}],
        }  # fmt: skip
        return await page(request, "publications/notices/objections/show.html", status_code=status_code, **context)
