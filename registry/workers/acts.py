"""Acts on a worker beyond editing: change of employer, leaving, merging, erasing; and requests for transfers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, parse_id, see_other
from registry.merging.operations import ask_merge
from registry.merging.schemas import AskForm
from registry.organisations import queries as organisations
from registry.permissions import Permission
from registry.workers import endings, operations, queries, transfers
from registry.workers.pages import KEEP, ROOT, TEMPLATES, crumbs, name_of, show, units_for
from registry.workers.schemas import ChangeForm, DecisionForm, LeaveForm, TransferForm

TRANSFERS = "/registry/transfers"


class WorkerActs(Controller):
    """/registry/workers/<worker>/…"""

    path = ROOT
    opt = KEEP

    @get("/{worker:uuid}/employment", name="registry.workers.employment")
    async def employment(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Choose another unit."""
        return await self._change(request, worker, Bound())

    @post("/{worker:uuid}/employment", name="registry.workers.move", status_code=303)
    async def move(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Change the employer within what the actor keeps, or take somebody back."""
        form = await read_form(request, ChangeForm)
        if form.ok:
            with form.catching():
                await operations.change_employer(actor_of(request), worker, form.data)
                return await see_other(request, f"{ROOT}/{worker}", flash=_("已变更单位"))
        return await self._change(request, worker, form, 422)

    async def _change(self, request: HouseRequest, worker: UUID, form: Bound[Any], status: int = 200) -> Response[Any]:
        actor = actor_of(request)
        found = await queries.find_for(actor, worker, Permission.KEEP_WORKERS)
        q = str(request.query_params.get("q", ""))[:100]
        return await page(
            request, f"{TEMPLATES}/employment.html", status_code=status, w=found, form=form, q=q,
            units=await units_for(actor, q), today=(await clock.today()).isoformat(),
            crumbs=crumbs((found.name, f"{ROOT}/{worker}"), (_("变更单位"), None)),
        )  # fmt: skip

    @post("/{worker:uuid}/leaving", name="registry.workers.leave", status_code=303)
    async def leave(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Somebody left."""
        form = await read_form(request, LeaveForm)
        if form.ok:
            with form.catching():
                await operations.leave(actor_of(request), worker, form.data)
                return await see_other(request, f"{ROOT}/{worker}", flash=_("已办理离职"))
        return await show(request, worker, form=form, status=422)

    @get("/{worker:uuid}/merging", name="registry.workers.merging")
    async def merging(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Choose the record that goes into this one."""
        return await self._merging(request, worker, Bound())

    @post("/{worker:uuid}/merging", name="registry.workers.merge", status_code=303)
    async def merge(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Ask for the merge: another person confirms it."""
        form = await read_form(request, AskForm)
        if form.ok:
            with form.catching():
                await ask_merge(actor_of(request), "worker", worker, form.data)
                return await see_other(request, "/registry/merges", flash=_("已提出，等另一人确认"))
        return await self._merging(request, worker, form, 422)

    async def _merging(self, request: HouseRequest, worker: UUID, form: Bound[Any], status: int = 200) -> Response[Any]:
        actor = actor_of(request)
        found = await queries.find_for(actor, worker, Permission.KEEP_WORKERS)
        q = str(request.query_params.get("q", ""))[:100]
        choices = await queries.pick_workers(actor, q) if q else await queries.likely_duplicates(actor, found)
        return await page(
            request, f"{TEMPLATES}/merging.html", status_code=status, w=found, form=form, q=q,
            choices=[choice for choice in choices if choice.id != worker],
            crumbs=crumbs((found.name, f"{ROOT}/{worker}"), (_("合并"), None)),
        )  # fmt: skip

    @post(
        "/{worker:uuid}/erasure", name="registry.workers.erase", opt={"policy": Permission.KEEP_ORGANISATIONS},
        status_code=303,
    )  # fmt: skip
    async def erase(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Delete a person by rule."""
        form: Bound[Any] = Bound()
        with form.catching():
            await endings.erase_worker(actor_of(request), worker)
            return await see_other(request, f"{ROOT}/{worker}", flash=_("个人信息已删除"))
        return await show(request, worker, form=form, status=422)


class TransferPages(Controller):
    """/registry/transfers"""

    path = TRANSFERS
    opt = KEEP

    @get("/", name="registry.transfers.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Requests for our workers, and ours for others'."""
        found = await queries.transfers_for(actor_of(request))
        return await page(
            request, f"{TEMPLATES}/transfers.html", found=found, form=None, crumbs=crumbs((_("调动申请"), None))
        )

    @get("/new", name="registry.transfers.new")
    async def new(self, request: HouseRequest) -> Response[Any]:
        """Ask for somebody; the unit comes first where there are several."""
        actor = actor_of(request)
        q = str(request.query_params.get("q", ""))[:100]
        unit = request.query_params.get("unit")
        if not unit:
            units = await units_for(actor, q)
            if len(units) != 1 or q:
                return await page(
                    request, f"{TEMPLATES}/unit.html", units=units, q=q, next=f"{TRANSFERS}/new",
                    title=_("申请调动：先选调入单位"), crumbs=crumbs((_("调动申请"), TRANSFERS), (_("申请"), None)),
                )  # fmt: skip
            unit = str(units[0].id)
        return await self._form(request, Bound({"organisation": unit}), parse_id(unit))

    @post("/", name="registry.transfers.request", status_code=303)
    async def ask(self, request: HouseRequest) -> Response[Any]:
        """Send the request."""
        form = await read_form(request, TransferForm)
        if form.ok:
            with form.catching():
                await transfers.request_transfer(actor_of(request), form.data)
                return await see_other(request, TRANSFERS, flash=_("已申请，等原单位答复"))
        return await self._form(request, form, parse_id(str(form.values.get("organisation", ""))), 422)

    async def _form(self, request: HouseRequest, form: Bound[Any], unit: UUID, status: int = 200) -> Response[Any]:
        employer = await organisations.find_for(actor_of(request), unit, Permission.KEEP_WORKERS)
        return await page(
            request, f"{TEMPLATES}/transfer.html", status_code=status, form=form, unit=employer,
            crumbs=crumbs((_("调动申请"), TRANSFERS), (_("申请"), None)),
        )  # fmt: skip

    @post("/{transfer:uuid}/decision", name="registry.transfers.decide", status_code=303)
    async def decide(self, request: HouseRequest, transfer: FromPath[UUID]) -> Response[Any]:
        """Accept, refuse, withdraw."""
        actor = actor_of(request)
        form = await read_form(request, DecisionForm)
        if form.ok:
            with form.catching():
                await transfers.decide_transfer(actor, transfer, form.data)
                return await see_other(request, TRANSFERS, flash=_("已办理"))
        return await page(
            request, f"{TEMPLATES}/transfers.html", status_code=422, found=await queries.transfers_for(actor),
            form=form, crumbs=crumbs((_("调动申请"), None)),
        )  # fmt: skip


class WorkerApi(Controller):
    """/api/v1/workers"""

    path = "/api/v1/workers"
    opt = {"policy": Permission.SEE_WORKERS}

    @get("/", name="api.workers.pick", operation_id="pickWorkers")
    async def picked(self, request: HouseRequest) -> dict[str, Any]:
        """At most 20 present workers for ``?q=`` (and ``&unit=``), within what the caller may see; numbers masked."""
        unit = request.query_params.get("unit")
        found = await queries.pick_workers(
            actor_of(request), str(request.query_params.get("q", "")), parse_id(unit) if unit else None
        )
        return {
            "workers": [{**msgspec.to_builtins(one), "skill": name_of("skill_level", one.skill_level)} for one in found]
        }


HANDLERS = [WorkerActs, TransferPages, WorkerApi]
