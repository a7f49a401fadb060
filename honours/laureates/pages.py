"""Pages of model workers' files, allowances and entitlements; officers' pages, the inbox also for the unit's contact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, trail
from foundation.database import fetchval, transaction
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.web.home import ToDo
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.policy import Actor
from foundation.workbooks import workbook
from honours.catalogue.rules import LEVELS, TREATMENTS
from honours.laureates import allowances, entitlements, files, rules
from honours.laureates.schemas import (
    CareForm,
    ChangeForm,
    EntitlementRuleForm,
    HealthForm,
    PayForm,
    RateForm,
    ReasonForm,
)
from honours.permissions import Permission

ROOT, TEMPLATES = "/honours/laureates", "honours/laureates"


def crumbs(*steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"label": _("劳模档案"), "href": ROOT}, *({"label": label, "href": href} for label, href in steps)]


class LaureatePages(Controller):
    """/honours/laureates"""

    path = ROOT
    opt = {"policy": Permission.KEEP_LAUREATES}

    @get("/", name="honours.laureates.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The files within reach."""
        found = await files.listed(actor_of(request), request.query_params)
        return await page(
            request, f"{TEMPLATES}/list.html", found=found, county=files.county, treatments=TREATMENTS,
            standings=rules.STANDINGS, pays=Permission.RUN_CYCLE.allows(actor_of(request)), crumbs=crumbs(),
        )  # fmt: skip

    @post("/opening", name="honours.laureates.open", status_code=303)
    async def opened(self, request: HouseRequest) -> Response[Any]:
        """Open the files that the ledger asks for now, without waiting for the clock."""
        made = await files.open_files(actor_of(request))
        return await see_other(request, ROOT, flash=_("新建 %(n)s 份档案", n=made))

    @post("/export", name="honours.laureates.export", status_code=200)
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The list as asked, as an xlsx, with a reason that stays in the trail (SECURITY 16)."""
        actor, reason = actor_of(request), (await read_form(request, ReasonForm)).data.reason
        async with transaction():
            await trail.record(actor, "laureates.exported", "laureates", None, {"reason": reason})
        note = _("%(who)s 导出；事由：%(why)s", who=actor.name, why=reason)
        asked = files.LIST.ask(request.query_params)
        body = await export(files.LIST, asked, files.REACH, files.scope(actor), sheet=_("劳模档案"), note=note)
        return download(body, "laureates.xlsx", XLSX)

    @get("/{laureate:uuid}", name="honours.laureates.show")
    async def show(self, request: HouseRequest, laureate: FromPath[UUID]) -> Response[Any]:
        """One person's file."""
        return await _show(request, laureate)

    @post("/{laureate:uuid}/changes", name="honours.laureates.change", status_code=303)
    async def change(self, request: HouseRequest, laureate: FromPath[UUID]) -> Response[Any]:
        """A move, retirement, stay abroad, death (H74)."""
        form = await read_form(request, ChangeForm)
        if form.ok:
            with form.catching():
                await files.add_change(actor_of(request), laureate, form.data)
                return await see_other(request, f"{ROOT}/{laureate}", flash=_("已记录"))
        return await _show(request, laureate, change=form)

    @post("/{laureate:uuid}/cares", name="honours.laureates.care", status_code=303)
    async def care(self, request: HouseRequest, laureate: FromPath[UUID]) -> Response[Any]:
        """A visit, check-up, trip, help, lecture (H73)."""
        form = await read_form(request, CareForm)
        if form.ok:
            with form.catching():
                await files.add_care(actor_of(request), laureate, form.data)
                return await see_other(request, f"{ROOT}/{laureate}", flash=_("已记录"))
        return await _show(request, laureate, care=form)

    @post("/{laureate:uuid}/health", name="honours.laureates.health", status_code=303)
    async def health(self, request: HouseRequest, laureate: FromPath[UUID]) -> Response[Any]:
        """Seal a note on health."""
        form = await read_form(request, HealthForm)
        if form.ok:
            with form.catching():
                await files.save_health(actor_of(request), laureate, form.data)
                return await see_other(request, f"{ROOT}/{laureate}", flash=_("已加密保存"))
        return await _show(request, laureate, sealing=form)

    @post("/{laureate:uuid}/health-reading", name="honours.laureates.health.read", status_code=200)
    async def read(self, request: HouseRequest, laureate: FromPath[UUID]) -> Response[Any]:
        """Show the note, for a reason."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            note = await files.read_health(actor_of(request), laureate, form.data.reason)
            return await _show(request, laureate, health=note or _("没有记录"), status=200)
        return await _show(request, laureate, reading=form)


async def _show(
    request: HouseRequest, laureate: UUID, *, change: Bound[Any] | None = None, care: Bound[Any] | None = None,
    sealing: Bound[Any] | None = None, reading: Bound[Any] | None = None, health: str = "", status: int | None = None,
) -> Response[Any]:  # fmt: skip
    row = await files.row_for(actor_of(request), laureate)
    refused = any((change, care, sealing, reading))
    return await page(
        request, f"{TEMPLATES}/show.html", r=row, change=change, care=care, sealing=sealing, reading=reading, health=health,
        county=files.county(row["home"]), treatments=TREATMENTS, standings=rules.STANDINGS, changes_of=rules.CHANGES,
        cares_of=rules.CARES, yuan=rules.yuan, today=(await clock.today()).isoformat(), **await files.beside(row),
        crumbs=crumbs((row["shown_name"], None)), status_code=status or (422 if refused else 200),
    )  # fmt: skip


class AllowancePages(Controller):
    """/honours/allowances"""

    path = "/honours/allowances"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.allowances.show")
    async def show(self, request: HouseRequest) -> Response[Any]:
        """A month: whom to pay, whom not and why; the table of amounts."""
        return await self._show(request)

    async def _show(self, request: HouseRequest, form: Bound[Any] | None = None, typed: str = "") -> Response[Any]:
        month = typed or str(request.query_params.get("month") or (await clock.today()).isoformat()[:7])
        return await page(
            request, f"{TEMPLATES}/allowances.html", found=await allowances.reckon(rules.month_of(month)), month=month, form=form,
            rates=await allowances.rates(), treatments=TREATMENTS, excluded=rules.EXCLUDED, yuan=rules.yuan,
            status_code=422 if form else 200, crumbs=crumbs((_("荣誉津贴"), None)),
        )  # fmt: skip

    @post("/payments", name="honours.allowances.pay", status_code=303)
    async def pay(self, request: HouseRequest) -> Response[Any]:
        """Pay the month, once."""
        form = await read_form(request, PayForm)
        if form.ok:
            with form.catching():
                total = await allowances.pay(actor_of(request), form.data)
                return await see_other(
                    request,
                    f"/honours/allowances?month={form.data.month}",
                    flash=_("已发放 %(n)s 元", n=rules.yuan(total)),
                )
        return await self._show(request, form)

    @post("/rates", name="honours.allowances.rate", status_code=303)
    async def rate(self, request: HouseRequest) -> Response[Any]:
        """Add a line to the table."""
        form = await read_form(request, RateForm)
        if form.ok:
            with form.catching():
                await allowances.add_rate(actor_of(request), form.data)
                return await see_other(request, "/honours/allowances", flash=_("已添加"))
        return await self._show(request, form)

    @post("/export", name="honours.allowances.export", status_code=200)
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The month's reckoning as an xlsx, with a reason."""
        actor, reason = actor_of(request), (await read_form(request, ReasonForm)).data.reason
        month = rules.month_of(str(request.query_params.get("month") or ""))
        found = await allowances.reckon(month)
        async with transaction():
            await trail.record(actor, "allowances.exported", "allowances", None, {"reason": reason, "month": month})

        async def rows() -> AsyncIterator[list[str]]:
            for line in (*found.pay, *found.out):
                amount = line.due.amount if line.paid is None else line.paid
                why = _(rules.EXCLUDED[line.due.why_not]) if line.due.why_not else ""
                yield [
                    line.name,
                    line.unit,
                    _(TREATMENTS[line.due.treatment]),
                    str(line.due.titles),
                    rules.yuan(amount),
                    why,
                ]

        heads = [_("姓名"), _("单位"), _("待遇"), _("有效荣誉"), _("金额（元）"), _("说明")]
        note = _("%(who)s 导出；事由：%(why)s", who=actor.name, why=reason)
        return download(
            await workbook(heads, rows(), sheet=f"{month:%Y-%m}", note=note), f"allowances-{month:%Y-%m}.xlsx", XLSX
        )


class EntitlementPages(Controller):
    """/honours/entitlements"""

    path = "/honours/entitlements"
    opt = {"policy": Permission.SEE_ENTITLEMENTS}

    @get("/", name="honours.entitlements.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Results that entitle, and the rules."""
        return await self._show(request)

    async def _show(self, request: HouseRequest, form: Bound[Any] | None = None) -> Response[Any]:
        actor = actor_of(request)
        return await page(
            request, f"{TEMPLATES}/entitlements.html", rows=await entitlements.inbox(actor), form=form,
            table=await entitlements.rules_in_force(), keeps=Permission.RUN_CYCLE.allows(actor), levels=LEVELS,
            starts=Permission.NOMINATE.allows(actor), honours=await entitlements.honour_choices(),
            status_code=422 if form else 200, crumbs=[{"label": _("成绩对应荣誉"), "href": None}],
        )  # fmt: skip

    @post(
        "/{achievement:uuid}/{honour:uuid}/nomination", name="honours.entitlements.start",
        opt={"policy": Permission.NOMINATE}, status_code=303,
    )  # fmt: skip
    async def start(self, request: HouseRequest, achievement: FromPath[UUID], honour: FromPath[UUID]) -> Response[Any]:
        """Open the draft in one step."""
        form: Bound[Any] = Bound()
        with form.catching():
            made = await entitlements.start(actor_of(request), achievement, honour)
            return await see_other(request, f"/nominations/{made}", flash=_("已建推荐草稿"))
        return await self._show(request, form)

    @post("/{achievement:uuid}/{honour:uuid}/dismissal", name="honours.entitlements.dismiss", status_code=303)
    async def dismiss(
        self, request: HouseRequest, achievement: FromPath[UUID], honour: FromPath[UUID]
    ) -> Response[Any]:
        """Put it aside with a reason."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                await entitlements.dismiss(actor_of(request), achievement, honour, form.data.reason)
                return await see_other(request, "/honours/entitlements", flash=_("已办理"))
        return await self._show(request, form)

    @post("/rules", name="honours.entitlements.rule", opt={"policy": Permission.RUN_CYCLE}, status_code=303)
    async def rule(self, request: HouseRequest) -> Response[Any]:
        """Put a rule in force."""
        form = await read_form(request, EntitlementRuleForm)
        if form.ok:
            with form.catching():
                await entitlements.add_rule(actor_of(request), form.data)
                return await see_other(request, "/honours/entitlements", flash=_("已添加"))
        return await self._show(request, form)


async def to_dos(actor: Actor, _now: datetime) -> Sequence[ToDo]:
    """Officers: how many model workers were not visited this year, or not examined for a year (H73)."""
    if not Permission.KEEP_LAUREATES.allows(actor):
        return []
    found = []
    for key, words in files.DUE_WORDS.items():
        count = await fetchval(
            f"SELECT count(*) FROM {files.SOURCE} WHERE {files.DUE[key]} AND {files.REACH.format('$1')}",
            files.scope(actor),
        )
        if count:
            title = f"{_('劳模档案')}：{_(words)} {count}"
            found.append(
                ToDo(title=title, kind=_("劳模档案"), href=f"{ROOT}?due={key}", act=_("查看"), icon="users", rule="H73")
            )
    return found


HANDLERS = [LaureatePages, AllowancePages, EntitlementPages]
