"""Notices for those who publish them: list, draft with its last day told beforehand, opening, extension, withdrawal."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.errors import Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.web.pages import HouseRequest, actor_of, download, fragment, page, see_other
from publications.documents.notices import notice_pdf
from publications.notices import operations, queries, rules, sheet, showing
from publications.notices.rules import Stage
from publications.notices.schemas import DraftForm, ExtensionForm, Notice, OpeningForm, ReasonForm
from publications.permissions import Permission

DRAFT = {"policy": Permission.DRAFT_NOTICES}
OPEN = {"policy": Permission.OPEN_NOTICES}
HOME = "/publicity"


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


def _days(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else rules.LEAST_DAYS


class NoticePages(Controller):
    """/publicity"""

    path = HOME

    @get("/", opt=DRAFT, name="notices.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The notices within my scope."""
        found = await queries.listed(actor_of(request), queries.LIST.ask(request.query_params))
        context = {"found": found, "chips": queries.CHIP, "crumbs": [{"label": _("公示"), "href": None}]}
        return await page(request, "publications/notices/list.html", **context, **showing.HELPERS)

    @get("/export", opt=DRAFT, name="notices.export")
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The same list as a workbook."""
        actor = actor_of(request)
        scope = list(Permission.DRAFT_NOTICES.scope(actor))
        note = _("导出：%(who)s %(at)s", who=actor.name, at=f"{clock.local(await clock.now()):%Y-%m-%d %H:%M}")
        asked = queries.LIST.ask(request.query_params)
        body = await export(queries.LIST, asked, queries.WITHIN, scope, sheet=_("公示"), note=note)
        return download(body, f"{_('公示')}-{await clock.today()}.xlsx", XLSX)

    @get("/period", opt=DRAFT, name="notices.period")
    async def period(self, request: HouseRequest) -> Response[Any]:
        """The days panel of the draft's form, for what is typed in it just now."""
        asked = request.query_params
        shown = await queries.preview(_day(asked.get("planned_on")), _days(asked.get("days")))
        return await fragment(request, "publications/notices/_period.html", preview=shown, **showing.HELPERS)

    @get("/new", opt=DRAFT, name="notices.new")
    async def new(self, request: HouseRequest) -> Response[Any]:
        """An empty draft; ``?of=`` a withdrawn notice, its text and list."""
        actor = actor_of(request)
        mine = await showing.organisations(actor)
        first = mine[0] if mine else None
        values: dict[str, Any] = {
            "days": rules.LEAST_DAYS, "organisation": str(first["id"]) if first else "",
            "office": first["name"] if first else "", "phone": first["contact_phone"] if first else "",
            "address": first["address"] if first else "", "signature": first["name"] if first else "",
            "headings": _("姓名 | 单位 | 岗位"),
        }  # fmt: skip
        if of := request.query_params.get("of"):
            before = await queries.one(actor, _uuid(of))
            values = {**showing.typed(before), "replaces": str(before.id), "planned_on": ""}
        return await self._form(request, Bound(values), None)

    @post("/", opt=DRAFT, name="notices.draft", status_code=303)
    async def draft(self, request: HouseRequest) -> Response[Any]:
        """Keep a draft."""
        form = await read_form(request, DraftForm)
        if form.ok:
            with form.catching():
                made = await operations.draft_notice(actor_of(request), showing.order_of(form.data))
                return await see_other(request, f"{HOME}/{made}", flash=_("草稿已保存"))
        return await self._form(request, form, None, status_code=422)

    @post("/preview", opt=DRAFT, name="notices.preview", status_code=200)
    async def preview(self, request: HouseRequest) -> Response[Any]:
        """The form again with its last day computed: the way without scripts."""
        form = await read_form(request, DraftForm)
        return await self._form(request, Bound(form.values), None)

    @get("/{notice:uuid}", opt=DRAFT, name="notices.show")
    async def show(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """One notice: its paper, its days, what may be done."""
        return await self._show(request, notice)

    @get("/{notice:uuid}/sheet", opt=DRAFT, name="notices.sheet")
    async def sheet_file(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The sealed sheet of what was published; of a draft, the sheet as it would be, unsealed."""
        found = await queries.one(actor_of(request), notice)
        if found.stage is not Stage.DRAFT:
            return download((await sheet.kept(notice)).pdf, f"{found.number or found.title}.pdf", "application/pdf")
        form: Bound[Any] = Bound()
        with form.catching():
            return download(await notice_pdf(await sheet.paper_of_draft(found)), "draft.pdf", "application/pdf")
        return await self._show(request, notice, opening=form, status_code=422)

    @post("/{notice:uuid}/sheet", opt=OPEN, name="notices.sheet.make", status_code=303)
    async def make_sheet(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Have a missing sheet made."""
        return await see_other(request, f"/jobs/{await sheet.ask_again(actor_of(request), notice)}")

    @get("/{notice:uuid}/edit", opt=DRAFT, name="notices.edit")
    async def edit(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """A draft in its form."""
        found = await queries.one(actor_of(request), notice)
        if found.stage is not Stage.DRAFT:
            return await see_other(request, f"{HOME}/{notice}")
        return await self._form(request, Bound(showing.typed(found)), found)

    @post("/{notice:uuid}/draft", opt=DRAFT, name="notices.save", status_code=303)
    async def save(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Change a draft."""
        form, actor = await read_form(request, DraftForm), actor_of(request)
        if form.ok:
            with form.catching():
                order = showing.order_of(form.data)
                await operations.edit_draft(actor, notice, order, version=form.data.version)
                return await see_other(request, f"{HOME}/{notice}", flash=_("草稿已保存"))
        return await self._form(request, form, await queries.one(actor, notice), status_code=422)

    @post("/{notice:uuid}/preview", opt=DRAFT, name="notices.preview_saved", status_code=200)
    async def preview_saved(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The form of a kept draft again, its last day computed."""
        form = await read_form(request, DraftForm)
        return await self._form(request, Bound(form.values), await queries.one(actor_of(request), notice))

    @post("/{notice:uuid}/discarding", opt=DRAFT, name="notices.discard", status_code=303)
    async def discard(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Throw a draft away."""
        await operations.discard_draft(actor_of(request), notice)
        return await see_other(request, HOME, flash=_("草稿已删除"))

    @post("/{notice:uuid}/opening", opt=OPEN, name="notices.open", status_code=303)
    async def open(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Publish it."""
        form = await read_form(request, OpeningForm)
        if form.ok:
            with form.catching():
                if not form.data.checked:
                    raise Refusal("notice_unchecked", "请核对名单和期满日后勾选确认", field="checked", rule="D4")
                seen, version = form.data.last_day, form.data.version
                await operations.open_draft(actor_of(request), notice, last_day=seen, version=version)
                return await see_other(request, f"{HOME}/{notice}", flash=_("已发布，文本即刻冻结"))
        return await self._show(request, notice, opening=form, status_code=422)

    @post("/{notice:uuid}/extension", opt=OPEN, name="notices.extend", status_code=303)
    async def extend(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Let it run longer."""
        form = await read_form(request, ExtensionForm)
        if form.ok:
            with form.catching():
                await operations.extend(actor_of(request), notice, days=form.data.days, reason=form.data.reason)
                return await see_other(request, f"{HOME}/{notice}", flash=_("公示期已延长，公开页面写明理由"))
        return await self._show(request, notice, extension=form, status_code=422)

    @post("/{notice:uuid}/withdrawal", opt=OPEN, name="notices.withdraw", status_code=303)
    async def withdraw(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Take it back in public."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                await operations.withdraw(actor_of(request), notice, form.data.reason)
                return await see_other(request, f"{HOME}/{notice}", flash=_("已撤回，公开页面写明理由"))
        return await self._show(request, notice, withdrawal=form, status_code=422)

    @post("/{notice:uuid}/conclusion", opt=OPEN, name="notices.conclude", status_code=303)
    async def conclude(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """State how it came out."""
        form: Bound[Any] = Bound()
        with form.catching():
            await operations.conclude(actor_of(request), notice)
            return await see_other(request, f"{HOME}/{notice}", flash=_("公示已办结"))
        return await self._show(request, notice, conclusion=form, status_code=422)

    async def _form(
        self, request: HouseRequest, form: Bound[Any], notice: Notice | None, *, status_code: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        mine = list(await showing.organisations(actor))
        if notice is not None and notice.organisation not in {o["id"] for o in mine}:
            mine.append({"id": notice.organisation, "name": notice.organisation_name, "kind": ""})
        context = {
            "form": form, "notice": notice, "organisations": [(str(o["id"]), o["name"]) for o in mine],
            "level_options": showing.level_choices({o["kind"] for o in mine}) or queries.level_options(),
            "preview": await queries.preview(_day(form.values.get("planned_on")), _days(form.values.get("days"))),
            "least": notice.least if notice else rules.LEAST_DAYS,
            "crumbs": [{"label": _("公示"), "href": HOME}, {"label": _("草拟公示"), "href": None}],
        }  # fmt: skip
        return await page(request, "publications/notices/form.html", status_code=status_code, **context, **showing.HELPERS)  # fmt: skip

    async def _show(
        self, request: HouseRequest, notice: UUID, *, opening: Bound[Any] | None = None,
        extension: Bound[Any] | None = None, withdrawal: Bound[Any] | None = None, conclusion: Bound[Any] | None = None,
        status_code: int = 200,
    ) -> Response[Any]:  # fmt: skip
        actor = actor_of(request)
        found = await queries.one(actor, notice)
        draft = found.stage is Stage.DRAFT
        preview = await queries.preview(found.planned_on, found.days) if draft else None
        period = preview.period if preview else await showing.period_of(found)
        context = {
            "n": found, "preview": preview, "period": period, "chip": queries.CHIP[found.stage],
            "paper": await showing.paper_of_draft(found, period) if draft else await showing.paper_of(notice),
            "frozen": None if draft else await queries.frozen(notice), "sheet": await sheet.of(notice),
            "outcome": None if draft else await queries.outcome_of(notice),
            "obstacles": [] if draft else await _shown_obstacles(notice),
            "opening": opening or Bound(), "extension": extension or Bound({"days": found.days + 1}),
            "withdrawal": withdrawal or Bound(), "conclusion": conclusion or Bound(),
            "may_handle": found.handling in Permission.HANDLE_OBJECTIONS.scope(actor),
            "today": await clock.today(),
            "crumbs": [{"label": _("公示"), "href": HOME}, {"label": found.number or found.title, "href": None}],
        }  # fmt: skip
        return await page(request, "publications/notices/show.html", status_code=status_code, **context, **showing.HELPERS)  # fmt: skip


async def _shown_obstacles(notice: UUID) -> list[dict[str, Any]]:
    return [{"message": refused.text(_), "rule": refused.rule} for refused in await queries.obstacles(notice)]


def _uuid(text: str) -> UUID:
    from foundation.web.pages import parse_id

    return parse_id(text)
