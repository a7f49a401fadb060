"""征求意见、一票否决、例外: the officers' pages under a nomination, and their list of what is due."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from foundation import storage
from foundation.forms import Bound, read_form
from foundation.i18n import _, gettext
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.nominations import choices, papers_kept, queries, showing, vetting
from honours.nominations.pages import HOME, TEMPLATES
from honours.nominations.paper_pages import BODY, sent_file
from honours.nominations.schemas import AnswerForm, AskForm, ReasonForm, VetoForm, WaiverForm
from honours.permissions import Permission

KEEP = {"policy": Permission.KEEP_CLEARANCES}


class VettingPages(Controller):
    """/nominations/clearances and /nominations/{id}/…"""

    path = HOME

    @get("/clearances", opt=KEEP, name="honours.nominations.clearances")
    async def due(self, request: HouseRequest, standing: FromQuery[str] = "") -> Response[Any]:
        """到期清单: what departments owe."""
        every = await queries.due_clearances(actor_of(request))
        rows = [row for row in every if standing not in queries.STANDINGS or row["standing"] == standing]
        shown = ("negative", "expired", "expiring", "waiting")
        tabs = [
            {"label": _("全部"), "href": f"{HOME}/clearances", "current": standing not in shown, "count": len(every)}
        ]
        tabs += [
            {
                "label": gettext(queries.STANDINGS[key]), "href": f"{HOME}/clearances?standing={key}", "current": standing == key,
                "count": sum(row["standing"] == key for row in every),
            }
            for key in shown
        ]  # fmt: skip
        crumbs = [{"label": _("推荐名单"), "href": HOME}, {"label": _("征求意见到期清单"), "href": ""}]
        return await page(
            request, f"{TEMPLATES}/clearances.html", rows=rows, tabs=tabs, crumbs=crumbs, **choices.words("person")
        )  # fmt: skip

    @get("/{nomination:uuid}/vetting", opt=KEEP, name="honours.nominations.vetting")
    async def show(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Clearances, facts and exceptions of one nomination."""
        return await _show(request, nomination)

    @post("/{nomination:uuid}/clearances", opt=KEEP, name="honours.nominations.clearance.ask", status_code=303)
    async def ask(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Note that departments were asked."""
        form = await read_form(request, AskForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                n = await vetting.ask(actor_of(request), nomination, form.data)
                return await _back(request, nomination, _("已登记向 %(n)s 个部门发函", n=n))
        return await _show(request, nomination, form, refused.status)

    @post("/{nomination:uuid}/clearances/{clearance:uuid}/opinion", opt=KEEP, name="honours.nominations.clearance.answer", status_code=303, request_max_body_size=BODY)  # fmt: skip
    async def answer(
        self, request: HouseRequest, nomination: FromPath[UUID], clearance: FromPath[UUID]
    ) -> Response[Any]:
        """Note what a department answered, with its scan."""
        form = await read_form(request, AnswerForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                body, name = await sent_file(request, needed=False)
                await _answer(actor_of(request), nomination, clearance, form.data, body, name)
                return await _back(request, nomination, _("已登记答复"))
        return await _show(request, nomination, form, refused.status)

    @get("/{nomination:uuid}/clearances/{clearance:uuid}/file", opt=KEEP, name="honours.nominations.clearance.file")
    async def file(self, request: HouseRequest, nomination: FromPath[UUID], clearance: FromPath[UUID]) -> Response[Any]:
        """The scan of an opinion."""
        body, name, media_type = await storage.load(
            await vetting.opinion_file(actor_of(request), nomination, clearance)
        )  # fmt: skip
        return download(body, name, media_type)

    @post("/{nomination:uuid}/vetoes", opt=KEEP, name="honours.nominations.veto.add", status_code=303)
    async def add(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Enter a fact that excludes."""
        form = await read_form(request, VetoForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await vetting.add_veto(actor_of(request), nomination, form.data)
                return await _back(request, nomination, _("已登记否决事实"))
        return await _show(request, nomination, form, refused.status)

    @post("/{nomination:uuid}/vetoes/{fact:uuid}/removal", opt=KEEP, name="honours.nominations.veto.remove", status_code=303)  # fmt: skip
    async def remove(self, request: HouseRequest, nomination: FromPath[UUID], fact: FromPath[UUID]) -> Response[Any]:
        """Strike a fact that somebody else entered."""
        form = await read_form(request, ReasonForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await vetting.remove_veto(actor_of(request), nomination, fact, form.data.reason)
                return await _back(request, nomination, _("已撤除"))
        return await _show(request, nomination, form, refused.status)

    @post("/{nomination:uuid}/waivers", opt=KEEP, name="honours.nominations.waive", status_code=303)
    async def waive(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Allow an exception."""
        form = await read_form(request, WaiverForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await vetting.waive(actor_of(request), nomination, form.data)
                return await _back(request, nomination, _("已放行并留痕"))
        return await _show(request, nomination, form, refused.status)


async def _answer(actor: Any, nomination: UUID, clearance: UUID, data: AnswerForm, body: bytes, name: str) -> None:
    """The scan is kept with the answer or not at all."""
    from foundation.database import transaction

    kept, media_type = await papers_kept.cleaned(body) if body else (b"", "")
    async with transaction():
        await vetting.row_for_officer(actor, nomination, lock=True)
        file = None
        if kept:
            file = await storage.keep(
                kept, name=papers_kept.named(name, media_type), media_type=media_type, made_by=actor.account
            )  # fmt: skip
        await vetting.answer(actor, nomination, clearance, data, file=file)


async def _back(request: HouseRequest, nomination: UUID, flash: str) -> Response[Any]:
    return await see_other(request, f"{HOME}/{nomination}/vetting", flash=flash)


async def _show(
    request: HouseRequest, nomination: UUID, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[Any]:
    actor = actor_of(request)
    row = await vetting.row_for_officer(actor, nomination)
    crumbs = [
        {"label": _("推荐名单"), "href": HOME},
        {"label": row["name"], "href": f"{HOME}/{nomination}"},
        {"label": _("征求意见与否决"), "href": ""},
    ]
    return await page(
        request, f"{TEMPLATES}/vetting.html", status_code=status_code, crumbs=crumbs,
        **await showing.vetting_context(actor, row, form=form),
    )  # fmt: skip
