"""申报的页面: what is open to us, our applications, one application from draft to naming; the officers' list and decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from foundation.errors import NotFound, Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.protection import CSRF_FIELD
from registry.workers import queries as workers
from studios.applications import access, operations, showing
from studios.applications.moving import move_application
from studios.applications.schemas import SECTIONS, MoveForm, PersonForm, StartForm, VersionForm, VisitForm
from studios.applications.stages import LABELS
from studios.permissions import Permission

HOME = "/studios/applications"
TEMPLATES = "studios/applications"
SEE, APPLY = {"policy": Permission.SEE_APPLICATIONS}, {"policy": Permission.APPLY}
RECOMMEND, REVIEW = {"policy": Permission.RECOMMEND}, {"policy": Permission.REVIEW_APPLICATIONS}
UPLOAD = 10_500_000


class ApplicationPages(Controller):
    """/studios/applications"""

    path = HOME

    @get("/", opt=SEE, name="studios.applications.list")
    async def listed(self, request: HouseRequest, stage: FromQuery[str] = "", q: FromQuery[str] = "") -> Response[Any]:
        """A unit sees open calls and its own; officers what was handed in."""
        actor = actor_of(request)
        rows = await showing.listed(actor, stage if stage in set(LABELS) else "", q[:100])
        calls = await showing.open_calls(actor) if Permission.APPLY.allows(actor) else []
        return await page(
            request, f"{TEMPLATES}/list.html", rows=rows, calls=calls, stage=stage, q=q, crumbs=crumbs(),
            applies=Permission.APPLY.allows(actor), **showing.words(),
        )  # fmt: skip

    @get("/new", opt=APPLY, name="studios.applications.new")
    async def new(self, request: HouseRequest, call: FromQuery[str] = "", q: FromQuery[str] = "") -> Response[Any]:
        """Who leads it."""
        return await self._new(request, call, q[:100])

    @post("/", opt=APPLY, name="studios.applications.start", status_code=303)
    async def start(self, request: HouseRequest) -> Response[Any]:
        """Begin a draft."""
        form = await read_form(request, StartForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await operations.start_application(actor_of(request), form.data)
                return await see_other(request, f"{HOME}/{made}", flash=_("已建草稿"))
        return await self._new(request, str(form.values.get("call", "")), "", form=form, status=refused.status)

    async def _new(
        self, request: HouseRequest, call: str, q: str, *, form: Bound[Any] | None = None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        chosen = next((one for one in await showing.open_calls(actor) if str(one["id"]) == call), None)
        if chosen is None:
            raise NotFound
        return await page(
            request, f"{TEMPLATES}/new.html", status_code=status, call=chosen, q=q, form=form,
            people=await workers.pick_workers(actor, q), crumbs=[*crumbs(), {"label": _("新的申报"), "href": ""}],
        )  # fmt: skip

    @get("/{application:uuid}", opt=SEE, name="studios.applications.show")
    async def show(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """One application, as its reader may use it."""
        return await show_application(request, application)

    @post("/{application:uuid}/sections/{section:str}", opt=APPLY, name="studios.applications.save", status_code=303)
    async def save(self, request: HouseRequest, application: FromPath[UUID], section: FromPath[str]) -> Response[Any]:
        """Save one part as typed."""
        if section not in SECTIONS:
            raise NotFound
        version = await read_form(request, VersionForm)
        form = await read_form(request, SECTIONS[section])
        refused = showing.Refused(form)
        if form.ok and version.ok:
            with refused:
                await operations.save_section(
                    actor_of(request), application, section, form.data, version=version.data.version
                )  # fmt: skip
                return await see_other(request, f"{HOME}/{application}#part-{section}", flash=_("已保存"))
        return await show_application(request, application, typed={section: form}, status=refused.status)

    @post("/{application:uuid}/drafts/{section:str}", opt=APPLY, name="studios.applications.draft", status_code=204)
    async def draft(self, request: HouseRequest, application: FromPath[UUID], section: FromPath[str]) -> None:
        """Keep what is being typed."""
        if section not in SECTIONS:
            raise NotFound
        await operations.keep_draft(actor_of(request), application, section, await _pairs(request))

    @post("/{application:uuid}/drafts/{section:str}/discarding", opt=APPLY, name="studios.applications.discard_draft", status_code=303)  # fmt: skip
    async def discard(self, request: HouseRequest, application: FromPath[UUID], section: FromPath[str]) -> Response[Any]:  # fmt: skip
        """Throw away what was typed and not saved."""
        if section not in SECTIONS:
            raise NotFound
        await operations.discard_draft(actor_of(request), application, section)
        return await see_other(request, f"{HOME}/{application}#part-{section}", flash=_("已回到上次保存的内容"))

    @post("/{application:uuid}/people", opt=APPLY, name="studios.applications.people.add", status_code=303)
    async def add_person(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Add somebody to the team."""
        form = await read_form(request, PersonForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                data = form.data
                await operations.add_person(
                    actor_of(request), application, data.worker, data.duty, version=data.version
                )
                return await see_other(request, f"{HOME}/{application}#part-team", flash=_("已加入团队"))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/people/{person:uuid}/removal", opt=APPLY, name="studios.applications.people.remove", status_code=303)  # fmt: skip
    async def remove_person(self, request: HouseRequest, application: FromPath[UUID], person: FromPath[UUID]) -> Response[Any]:  # fmt: skip
        """Take somebody out."""
        form = await read_form(request, VersionForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.remove_person(actor_of(request), application, person, version=form.data.version)
                return await see_other(request, f"{HOME}/{application}#part-team")
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/papers/{part:int}", opt=APPLY, name="studios.applications.papers.add", status_code=303)
    async def add_paper(self, request: HouseRequest, application: FromPath[UUID], part: FromPath[int]) -> Response[Any]:
        """Upload a paper."""
        given, form = (await request.form()).get("file"), Bound[Any]({})
        refused = showing.Refused(form)
        with refused:
            if not isinstance(given, UploadFile) or not given.filename:
                raise Refusal("file_missing", "请选择文件", field="file")
            body = await given.read(UPLOAD)
            await operations.add_paper(actor_of(request), application, part, body, given.filename)
            return await see_other(request, f"{HOME}/{application}#part-papers", flash=_("已上传"))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/papers/{paper:uuid}/removal", opt=APPLY, name="studios.applications.papers.remove", status_code=303)  # fmt: skip
    async def remove_paper(self, request: HouseRequest, application: FromPath[UUID], paper: FromPath[UUID]) -> Response[Any]:  # fmt: skip
        """Take a paper out."""
        form = Bound[Any]({})
        refused = showing.Refused(form)
        with refused:
            await operations.remove_paper(actor_of(request), application, paper)
            return await see_other(request, f"{HOME}/{application}#part-papers")
        return await show_application(request, application, other=form, status=refused.status)

    @get("/{application:uuid}/papers/{paper:uuid}", opt=SEE, name="studios.applications.papers.file")
    async def paper(self, request: HouseRequest, application: FromPath[UUID], paper: FromPath[UUID]) -> Response[Any]:
        """Download a paper."""
        return download(*await operations.paper_for(actor_of(request), application, paper))

    @post("/{application:uuid}/submission", opt=APPLY, name="studios.applications.submit", status_code=303)
    async def submit(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Hand in; what is missing is said at once."""
        form = await read_form(request, VersionForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.submit(actor_of(request), application, version=form.data.version)
                return await see_other(request, f"{HOME}/{application}", flash=_("已提交，等待区县总工会推荐"))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/withdrawal", opt=APPLY, name="studios.applications.withdraw", status_code=303)
    async def withdraw(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Take it back."""
        form = await read_form(request, MoveForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                said = form.data
                await move_application(actor_of(request), application, "withdraw", opinion=said.opinion, version=said.version)  # fmt: skip
                return await see_other(request, HOME, flash=_("已撤回申报"))
        return await show_application(request, application, other=form, status=refused.status)

    @post(
        "/{application:uuid}/decision/{action:str}", opt=RECOMMEND, name="studios.applications.decide", status_code=303
    )
    async def decide(self, request: HouseRequest, application: FromPath[UUID], action: FromPath[str]) -> Response[Any]:
        """Recommend, return, reject, approve."""
        form = await read_form(request, MoveForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                said = form.data
                await operations.decide(
                    actor_of(request), application, action, opinion=said.opinion, version=said.version
                )
                return await see_other(request, f"{HOME}/{application}", flash=_("已办理"))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/visit", opt=REVIEW, name="studios.applications.visit", status_code=303)
    async def arrange(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Material review passed: send a panel."""
        form = await read_form(request, VisitForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.arrange_visit(actor_of(request), application, form.data)
                return await see_other(request, f"{HOME}/{application}", flash=_("已安排走访"))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/visit/end", opt=REVIEW, name="studios.applications.visit.end", status_code=303)
    async def end_visit(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Every sheet is in: reckon the panel, hand on to the meeting."""
        form = Bound[Any]({})
        refused = showing.Refused(form)
        with refused:
            closed = await operations.end_visit(actor_of(request), application)
            return await see_other(request, f"{HOME}/{application}", flash=_("走访结束，得分 %(n)s", n=closed.total))
        return await show_application(request, application, other=form, status=refused.status)

    @post("/{application:uuid}/visit/cancellation", opt=REVIEW, name="studios.applications.visit.call_off", status_code=303)  # fmt: skip
    async def call_off(self, request: HouseRequest, application: FromPath[UUID]) -> Response[Any]:
        """Nobody has signed yet: call the visit off, back to the material review."""
        form = await read_form(request, MoveForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                said = form.data
                await operations.call_off_visit(
                    actor_of(request), application, reason=said.opinion, version=said.version
                )
                return await see_other(request, f"{HOME}/{application}", flash=_("已取消走访"))
        return await show_application(request, application, other=form, status=refused.status)


async def show_application(
    request: HouseRequest, application: UUID, *, typed: dict[str, Bound[Any]] | None = None,
    other: Bound[Any] | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The page of one application."""
    actor = actor_of(request)
    row = await access.row_for(actor, application, Permission.SEE_APPLICATIONS)
    context = await showing.context_of(actor, row, typed or {})
    return await page(
        request, f"{TEMPLATES}/application.html", status_code=status, other=other, stale=status == 412,
        crumbs=[*crumbs(), {"label": row["number"] or row["leader_name"], "href": ""}], **context,
    )  # fmt: skip


async def _pairs(request: HouseRequest) -> list[tuple[str, str]]:
    data = await request.form()
    return [(name, value) for name, value in data.multi_items() if name != CSRF_FIELD and isinstance(value, str)][:100]


def crumbs() -> list[dict[str, str]]:
    return [{"label": _("工作室申报"), "href": HOME}]
