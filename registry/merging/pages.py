"""Requests to merge duplicates (合并申请): the list, the second person's decision, and the same for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.forms import Bound, read_form, read_json
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from registry.merging import operations, queries
from registry.merging.schemas import DecisionForm
from registry.permissions import Permission

ROOT = "/registry/merges"


class MergePages(Controller):
    """/registry/merges"""

    path = ROOT
    opt = {"policy": Permission.KEEP_WORKERS}

    @get("/", name="registry.merges.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """What waits for a second person, then what was decided."""
        return await self._list(request, Bound())

    @post("/{merge:uuid}/decision", name="registry.merges.decide", status_code=303)
    async def decide(self, request: HouseRequest, merge: FromPath[UUID]) -> Response[Any]:
        """Confirm, refuse, withdraw."""
        form = await read_form(request, DecisionForm)
        if form.ok:
            with form.catching():
                moved = await operations.decide_merge(actor_of(request), merge, form.data)
                merged = _("已合并，改挂 {n} 条记录").format(n=sum(moved.values()))
                return await see_other(request, ROOT, flash=merged if form.data.decision == "accepted" else _("已办理"))
        return await self._list(request, form, 422)

    async def _list(self, request: HouseRequest, form: Bound[Any], status: int = 200) -> Response[Any]:
        actor = actor_of(request)
        return await page(
            request, "registry/merging/list.html", status_code=status, found=await queries.listed(actor), form=form,
            me=actor.account, crumbs=[{"label": _("合并申请"), "href": None}],
        )  # fmt: skip


class MergeApi(Controller):
    """/api/v1/merges"""

    path = "/api/v1/merges"
    opt = {"policy": Permission.KEEP_WORKERS}

    @get("/", name="api.merges.list", operation_id="listMerges")
    async def listed(self, request: HouseRequest) -> dict[str, Any]:
        """At most 100 requests whose records the caller keeps, the open ones first."""
        return {"merges": [msgspec.to_builtins(one) for one in await queries.listed(actor_of(request))]}

    @post("/{merge:uuid}/decision", name="api.merges.decide", operation_id="decideMerge", status_code=200)
    async def decide(self, request: HouseRequest, merge: FromPath[UUID]) -> dict[str, Any]:
        """``{"decision": "accepted" | "refused" | "withdrawn", "reason": ""}`` → ``{"moved": {"table.column": rows}}``."""
        form = await read_json(request, DecisionForm)
        return {"moved": await operations.decide_merge(actor_of(request), merge, form.data)}


HANDLERS = [MergePages, MergeApi]
