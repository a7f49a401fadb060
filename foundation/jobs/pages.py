"""Watching long work: progress survives closing the page; it can be cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.i18n import gettext as _
from foundation.jobs import queries
from foundation.web.pages import HouseRequest, actor_of, page, see_other, wants_fragment
from foundation.web.policy import SIGNED_IN


class JobPages(Controller):
    """/jobs"""

    path = "/jobs"
    opt = {"policy": SIGNED_IN}

    @get("/", name="jobs.list")
    async def jobs(self, request: HouseRequest) -> Response[Any]:
        """My long work, the newest first."""
        crumbs = [{"label": _("后台任务"), "href": None}]
        return await page(request, "jobs/list.html", jobs=await queries.jobs_of(actor_of(request)), crumbs=crumbs)

    @get("/{job:uuid}", name="jobs.show")
    async def job(self, request: HouseRequest, job: FromPath[UUID]) -> Response[Any]:
        """One job: a page, or its progress alone for htmx."""
        view = await queries.job_for(actor_of(request), job)
        template = "jobs/progress.html" if wants_fragment(request) else "jobs/show.html"
        crumbs = [{"label": _("后台任务"), "href": "/jobs"}, {"label": view.kind, "href": None}]
        return await page(request, template, job=view, crumbs=crumbs)

    @post("/{job:uuid}/cancellation", name="jobs.cancel", status_code=303)
    async def cancel(self, request: HouseRequest, job: FromPath[UUID]) -> Response[Any]:
        """Ask it to stop."""
        await queries.ask_to_cancel(actor_of(request), job)
        return await see_other(request, f"/jobs/{job}", flash=_("已请求取消，将在当前步骤完成后停止"))


class JobApi(Controller):
    """/api/v1/jobs"""

    path = "/api/v1/jobs"
    opt = {"policy": SIGNED_IN}

    @get("/{job:uuid}", name="api.jobs.show", operation_id="getJob")
    async def job(self, request: HouseRequest, job: FromPath[UUID]) -> dict[str, Any]:
        """How far a job is."""
        return msgspec.to_builtins(await queries.job_for(actor_of(request), job))
