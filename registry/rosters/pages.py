"""The city officers' page for whole-city rosters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.forms import Bound
from foundation.i18n import gettext as _
from foundation.listing import XLSX
from foundation.sheets.pages import uploaded
from foundation.sheets.template import template
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from registry.organisations.sheet import SHEET as ORGANISATIONS
from registry.permissions import Permission
from registry.rosters import jobs
from registry.rosters.importing import MOST_BYTES
from registry.workers.sheet import SHEET as WORKERS

ROOT = "/registry/rosters"


class RosterPages(Controller):
    """/registry/rosters"""

    path = ROOT
    opt = {"policy": Permission.BULK_IMPORT}

    @get("/", name="registry.rosters.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Upload one; the last ones."""
        return await self._list(request, None)

    async def _list(self, request: HouseRequest, form: Bound[Any] | None, status: int = 200) -> Response[Any]:
        return await page(
            request, "registry/rosters/list.html", status_code=status, form=form, most_mb=MOST_BYTES // 1024 // 1024,
            rosters=await jobs.recent(actor_of(request)),
            crumbs=[{"label": _("职工"), "href": "/registry/workers"}, {"label": _("全市花名册"), "href": None}],
        )  # fmt: skip

    @get("/template/{kind:str}", name="registry.rosters.template")
    async def blank(self, request: HouseRequest, kind: FromPath[str]) -> Response[Any]:
        """The template of either kind."""
        sheet = ORGANISATIONS if kind == "organisations" else WORKERS
        return download(template(sheet), f"{_(sheet.title)}-{_('模板')}.xlsx", XLSX)

    @post("/", name="registry.rosters.upload", status_code=303, request_max_body_size=MOST_BYTES + 1024 * 1024)
    async def upload(self, request: HouseRequest) -> Response[Any]:
        """Take a roster in and check it as a job."""
        form: Bound[Any] = Bound()
        with form.catching():
            body, name = await uploaded(request, most=MOST_BYTES)
            data = await request.form()
            job = await jobs.receive(
                actor_of(request), body, file_name=name, kind=str(data.get("kind", "")),
                skip_known=data.get("skip_known") == "true",
            )  # fmt: skip
            return await see_other(request, f"/jobs/{job}")
        return await self._list(request, form, 422)

    @get("/{job:uuid}", name="registry.rosters.show")
    async def shown(self, request: HouseRequest, job: FromPath[UUID]) -> Response[Any]:
        """What the check found, or what was written."""
        found = await jobs.find_for(actor_of(request), job)
        return await page(
            request, "registry/rosters/show.html", r=found,
            crumbs=[
                {"label": _("职工"), "href": "/registry/workers"}, {"label": _("全市花名册"), "href": ROOT},
                {"label": found.file_name, "href": None},
            ],
        )  # fmt: skip

    @post("/{job:uuid}/confirmation", name="registry.rosters.confirm", status_code=303)
    async def confirm(self, request: HouseRequest, job: FromPath[UUID]) -> Response[Any]:
        """Write it."""
        made = await jobs.confirm(actor_of(request), job)
        return await see_other(request, f"/jobs/{made}")


HANDLERS = [RosterPages]
