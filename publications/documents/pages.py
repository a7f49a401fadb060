"""Documents for officers: list, editor, preview, issue, withdrawal, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.settings import settings
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.problems import Fault
from publications.documents import operations, queries, rules, wording
from publications.documents.orders import DocumentForm, IssueForm, Shown, WithdrawForm, form_values
from publications.documents.paper.docx import as_docx
from publications.documents.paper.pool import set_paper
from publications.documents.rules import Stage
from publications.documents.schemas import Of, Paper
from publications.permissions import Permission

HOME = "/official-documents"
DRAFT = {"policy": Permission.DRAFT_DOCUMENTS}
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SPARE = 2
"""Empty annexes that the form offers beyond those filled; each save brings new ones, so that it needs no script."""


def in_browser(body: bytes, name: str) -> Response[bytes]:
    """A PDF to look at."""
    from urllib.parse import quote

    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(body, media_type=PDF, headers=headers)


class DocumentPages(Controller):
    """/official-documents"""

    path = HOME

    @get("/", opt=DRAFT, name="documents.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The documents within my scope."""
        found = await queries.listed(actor_of(request), queries.LIST.ask(request.query_params))
        context = {"found": found, "chips": queries.CHIP, "kinds": queries.KINDS, "stages": queries.STAGES}
        crumbs = [{"label": _("公文"), "href": None}]
        return await page(request, "publications/documents/list.html", crumbs=crumbs, **context)

    @get("/export", opt=DRAFT, name="documents.export")
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The same list as a workbook."""
        actor = actor_of(request)
        scope = list(Permission.DRAFT_DOCUMENTS.scope(actor))
        note = _("导出：%(who)s %(at)s", who=actor.name, at=f"{clock.local(await clock.now()):%Y-%m-%d %H:%M}")
        asked = queries.LIST.ask(request.query_params)
        body = await export(queries.LIST, asked, queries.WITHIN, scope, sheet=_("公文"), note=note)
        return download(body, f"{_('公文')}-{await clock.today()}.xlsx", XLSX)

    @get("/new", opt=DRAFT, name="documents.new")
    async def new(self, request: HouseRequest) -> Response[Any]:
        """An empty form, with what is usual here."""
        values = {
            "kind": "decision", "series": "宣工", "organs": settings().federation, "sealed": "true", "public": "true",
            "signed_on": (await clock.today()).isoformat(), "printed_by": f"{settings().federation}办公室",
        }  # fmt: skip
        return await self._form(request, Bound(values), None)

    @post("/", opt=DRAFT, name="documents.create", status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Keep a new draft."""
        form = await read_form(request, DocumentForm)
        if form.ok:
            with form.catching():
                data = form.data
                made = await operations.draft(
                    actor_of(request), data.organisation, data.series, data.paper(), public=data.public
                )
                return await see_other(request, f"{HOME}/{made}", flash=_("草稿已存"))
        return await self._form(request, form, None, status_code=422)

    @post("/preview", opt=DRAFT, name="documents.preview_typed", status_code=200)
    async def preview_typed(self, request: HouseRequest) -> Response[Any]:
        """What was typed as PDF, without keeping it."""
        form = await read_form(request, DocumentForm)
        if form.ok:
            with form.catching():
                return in_browser(await set_paper(form.data.paper()), "preview.pdf")
        return await self._form(request, form, None, status_code=422)

    @get("/{document:uuid}", opt=DRAFT, name="documents.show")
    async def show(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """One document: what it says, what still forbids its issue, what may be done."""
        return await self._show(request, await queries.one(actor_of(request), document), Bound())

    @get("/{document:uuid}/draft", opt=DRAFT, name="documents.edit")
    async def edit(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """The form of a draft."""
        shown = await queries.one(actor_of(request), document)
        if shown.stage is not Stage.DRAFT:
            return await see_other(request, f"{HOME}/{document}")
        return await self._form(request, Bound(form_values(shown)), shown)

    @post("/{document:uuid}/draft", opt=DRAFT, name="documents.save", status_code=303)
    async def save(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """Change a draft."""
        form = await read_form(request, DocumentForm)
        if form.ok:
            with form.catching():
                data = form.data
                await operations.edit(
                    actor_of(request), document, data.organisation, data.series, data.paper(), public=data.public,
                    version=data.version,
                )  # fmt: skip
                return await see_other(request, f"{HOME}/{document}", flash=_("草稿已存"))
        return await self._form(request, form, await queries.one(actor_of(request), document), status_code=422)

    @post("/{document:uuid}/discard", opt=DRAFT, name="documents.discard", status_code=303)
    async def discard(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """Throw a draft away."""
        await operations.discard(actor_of(request), document)
        return await see_other(request, HOME, flash=_("草稿已删除"))

    @get("/{document:uuid}/preview", opt=DRAFT, name="documents.preview")
    async def preview(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """The draft as it would be printed; of an issued document, what was issued."""
        shown = await queries.one(actor_of(request), document)
        if shown.stage is not Stage.DRAFT:
            return in_browser(bytes((await queries.copy_of(document))["pdf"]), f"{shown.number}.pdf")
        try:
            return in_browser(await set_paper(shown.paper), "draft.pdf")
        except (Refusal, Refusals) as refused:
            form: Bound[Any] = Bound()
            form.refuse(refused)
            return await self._show(request, shown, form, status_code=422)

    @get("/{document:uuid}/file", opt=DRAFT, name="documents.file")
    async def file(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """The PDF that was issued, byte for byte."""
        shown = await queries.one(actor_of(request), document)
        return download(bytes((await queries.copy_of(document))["pdf"]), f"{shown.number}.pdf", PDF)

    @get("/{document:uuid}/docx", opt=DRAFT, name="documents.docx")
    async def docx(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """For the word processor, on the same grid."""
        shown = await queries.one(actor_of(request), document)
        return download(as_docx(shown.paper), f"{shown.number or shown.title}.docx", DOCX)

    @post(
        "/{document:uuid}/issuance",
        opt={"policy": Permission.ISSUE_DOCUMENTS},
        name="documents.issue",
        status_code=303,
    )
    async def issue(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """Take the number, freeze the bytes."""
        form = await read_form(request, IssueForm)
        if form.ok:
            with form.catching():
                number = await operations.issue(actor_of(request), document, version=form.data.version)
                return await see_other(request, f"{HOME}/{document}", flash=_("已印发：%(n)s", n=number))
        return await self._show(request, await queries.one(actor_of(request), document), form, status_code=422)

    @post(
        "/{document:uuid}/withdrawal",
        opt={"policy": Permission.WITHDRAW_DOCUMENTS},
        name="documents.withdraw",
        status_code=303,
    )
    async def withdraw(self, request: HouseRequest, document: FromPath[UUID]) -> Response[Any]:
        """Take it back, with a reason."""
        form = await read_form(request, WithdrawForm)
        if form.ok:
            with form.catching():
                await operations.withdraw(actor_of(request), document, form.data.reason)
                return await see_other(request, f"{HOME}/{document}", flash=_("已撤回；文号不再使用"))
        return await self._show(request, await queries.one(actor_of(request), document), form, status_code=422)

    async def _form(
        self, request: HouseRequest, form: Bound[Any], shown: Shown | None, *, status_code: int = 200
    ) -> Response[Any]:
        heading = shown.title if shown else _("新公文")
        context = {
            "form": form, "it": shown, "organisations": await queries.organisations(actor_of(request)),
            "kinds": queries.options(queries.KINDS), "rolls": queries.options(queries.ROLLS),
            "annexes": annexes_in(form.values) + SPARE,
            "crumbs": [{"label": _("公文"), "href": HOME}, {"label": heading, "href": None}], "heading": heading,
        }  # fmt: skip
        return await page(request, "publications/documents/form.html", status_code=status_code, **context)

    async def _show(
        self, request: HouseRequest, shown: Shown, form: Bound[Any], *, status_code: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        obstacles = obstacles_of(shown, await clock.today()) if shown.stage is Stage.DRAFT else []
        frozen = await queries.copy_of(shown.id) if shown.stage is not Stage.DRAFT else None
        context = {
            "it": shown, "form": form, "obstacles": obstacles, "frozen": frozen, "kind": _(queries.KINDS[shown.kind]),
            "state": _(queries.STAGES[shown.stage]), "chip": queries.CHIP[shown.stage], "rolls": queries.ROLLS,
            "body": [mark + block.text for block, mark in wording.numbered(shown.paper.body)],
            "unplaced": unplaced(shown.paper), "may_issue": Permission.ISSUE_DOCUMENTS.allows(actor),
            "may_withdraw": Permission.WITHDRAW_DOCUMENTS.allows(actor),
            "crumbs": [{"label": _("公文"), "href": HOME}, {"label": shown.number or shown.title, "href": None}],
        }  # fmt: skip
        return await page(request, "publications/documents/show.html", status_code=status_code, **context)


def annexes_in(values: dict[str, Any]) -> int:
    """How many annexes the typed values fill."""
    places = [
        int(name.split("-")[1])
        for name, value in values.items()
        if name.startswith("annexes-") and name.endswith(("-title", "-rows")) and value and name.split("-")[1].isdigit()
    ]
    return min(max(places, default=-1) + 1, 30)


def obstacles_of(shown: Shown, today: Any) -> list[Fault]:
    """What forbids the issue of a draft today, in the reader's language."""
    refused = rules.check_paper(shown.paper)
    try:
        rules.require_date(shown.signed_on, today)
    except Refusal as refusal:
        refused.append(refusal)
    return [Fault(code=one.code, message=one.text(_), field=one.field, rule=one.rule) for one in refused]


def unplaced(paper: Paper) -> list[str]:
    """People whose surnames the list of strokes does not hold (H71)."""
    return [name for annex in paper.annexes if annex.of is Of.PEOPLE for name in wording.unplaced(annex.entries)]
