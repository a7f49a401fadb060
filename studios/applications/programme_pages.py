"""创建项目的页面: programmes, rules with versions and differences, calls, the notice and the naming of a call."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.exact.quantities import print_free
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.settings import settings
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from studios.applications import naming, notices, programmes, rule_form, rule_words, showing
from studios.applications.presets import PRESETS
from studios.applications.schemas import CallForm, NamingForm, NoticeForm, ProgrammeForm
from studios.permissions import Permission
from studios.schemas import ProgrammeRules
from studios.scoring import full_points

HOME = "/studios/programmes"
TEMPLATES = "studios/applications"
LEVELS = ("city", "province", "county", "enterprise", "national")


class ProgrammePages(Controller):
    """/studios/programmes"""

    path = HOME
    opt = {"policy": Permission.RUN_PROGRAMMES}

    @get("/", name="studios.programmes.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Programmes and the form for another."""
        return await self._list(request, None)

    @post("/", name="studios.programmes.create", status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Make a programme from a preset."""
        form = await read_form(request, ProgrammeForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await programmes.create_programme(actor_of(request), form.data)
                return await see_other(request, f"{HOME}/{made}", flash=_("已创建"))
        return await self._list(request, form, refused.status)

    async def _list(self, request: HouseRequest, form: Bound[Any] | None, status: int = 200) -> Response[Any]:
        return await page(
            request, f"{TEMPLATES}/programmes.html", status_code=status, form=form, crumbs=_crumbs(), levels=_levels(),
            rows=await programmes.programmes_of(actor_of(request)),
            presets=[(key, _(label)) for key, (label, _make) in PRESETS.items()],
        )  # fmt: skip

    @get("/{programme:uuid}", name="studios.programmes.show")
    async def show(self, request: HouseRequest, programme: FromPath[UUID]) -> Response[Any]:
        """The rules in force, their history, the calls."""
        return await self._show(request, programme)

    @post("/{programme:uuid}/rules", name="studios.programmes.rules", status_code=303)
    async def rules(self, request: HouseRequest, programme: FromPath[UUID]) -> Response[Any]:
        """A new version of the rules, with its reason."""
        await programmes.programme_for(actor_of(request), programme)
        form = await read_form(request, rule_form.RulesForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                said = form.data
                made = rule_form.with_form(await programmes.rules_of(programme), said)
                number = await programmes.save_rules(
                    actor_of(request), programme, msgspec.json.encode(made).decode(), reason=said.reason, version=said.version
                )  # fmt: skip
                return await see_other(request, f"{HOME}/{programme}", flash=_("规则第 %(n)s 版已生效", n=number))
        return await self._show(request, programme, rules=form, status=refused.status)

    @post("/{programme:uuid}/calls", name="studios.programmes.call", status_code=303)
    async def open_call(self, request: HouseRequest, programme: FromPath[UUID]) -> Response[Any]:
        """Open a call."""
        form = await read_form(request, CallForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await programmes.open_call(actor_of(request), programme, form.data)
                return await see_other(request, f"/studios/calls/{made}", flash=_("申报批次已开放，规则已锁定"))
        return await self._show(request, programme, call=form, status=refused.status)

    async def _show(
        self, request: HouseRequest, programme: UUID, *, rules: Bound[Any] | None = None, call: Bound[Any] | None = None,
        status: int = 200,
    ) -> Response[Any]:  # fmt: skip
        row = await programmes.programme_for(actor_of(request), programme)
        sets = await fetch("SELECT * FROM programme_rule_set WHERE programme = $1 ORDER BY number DESC", programme)
        versions = [msgspec.json.decode(one["rules"], type=ProgrammeRules) for one in sets]
        changes = [rule_words.difference(old, new) for new, old in pairwise(versions)] + [[]]
        now = versions[0]
        calls = await fetch("SELECT * FROM studio_call WHERE programme = $1 ORDER BY opens_on DESC", programme)
        return await page(
            request, f"{TEMPLATES}/programme.html", status_code=status, p=row, rules=now, sets=list(zip(sets, changes, strict=True)),
            form=rules or Bound(rule_form.form_values(now)), call_form=call, calls=calls, full=print_free(full_points(now.naming_table)),
            levels=_levels(), crumbs=[*_crumbs(), {"label": row["title"], "href": ""}],
        )  # fmt: skip


class CallPages(Controller):
    """/studios/calls"""

    path = "/studios/calls"
    opt = {"policy": Permission.RUN_PROGRAMMES}

    @get("/{call:uuid}", name="studios.calls.show")
    async def show(self, request: HouseRequest, call: FromPath[UUID]) -> Response[Any]:
        """One call: its applications by step, the notice, the naming."""
        return await self._show(request, call)

    @post("/{call:uuid}/notice", name="studios.calls.notice", status_code=303)
    async def announce(self, request: HouseRequest, call: FromPath[UUID]) -> Response[Any]:
        """Announce what the meeting approved."""
        form = await read_form(request, NoticeForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await notices.announce(actor_of(request), call, form.data)
                return await see_other(request, f"/notices/{made}", flash=_("公示已发布"))
        return await self._show(request, call, notice=form, status=refused.status)

    @post("/{call:uuid}/naming", name="studios.calls.naming", status_code=303)
    async def name_all(self, request: HouseRequest, call: FromPath[UUID]) -> Response[Any]:
        """Issue the document and name."""
        form = await read_form(request, NamingForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                number, made = await naming.name_call(actor_of(request), call, form.data)
                words = _("%(n)s 已印发，命名 %(k)s 家工作室，牌匾和证书正在制作", n=number, k=len(made))
                return await see_other(request, f"/studios/calls/{call}", flash=words)
        return await self._show(request, call, document=form, status=refused.status)

    @post("/{call:uuid}/closing", name="studios.calls.close", status_code=303)
    async def close(self, request: HouseRequest, call: FromPath[UUID]) -> Response[Any]:
        """End the call."""
        form = Bound[Any]({})
        refused = showing.Refused(form)
        with refused:
            await programmes.close_call(actor_of(request), call)
            return await see_other(request, f"/studios/calls/{call}", flash=_("批次已结束"))
        return await self._show(request, call, other=form, status=refused.status)

    async def _show(
        self, request: HouseRequest, call: UUID, *, notice: Bound[Any] | None = None, document: Bound[Any] | None = None,
        other: Bound[Any] | None = None, status: int = 200,
    ) -> Response[Any]:  # fmt: skip
        row = await fetchrow(
            "SELECT c.*, p.title AS programme_title, p.organisation AS running, o.name AS union_name, o.address, o.contact_phone"
            " FROM studio_call c JOIN programme p ON p.id = c.programme JOIN organisation o ON o.id = p.organisation"
            " WHERE c.id = $1 AND p.organisation = ANY($2::uuid[])",
            call, list(Permission.RUN_PROGRAMMES.scope(actor_of(request))),
        )  # fmt: skip
        if row is None:
            raise NotFound
        rows = await fetch(
            "SELECT a.*, coalesce(nullif(o.unit_name, ''), o.name) AS unit, v.result, v.grade FROM studio_application a"
            " JOIN organisation o ON o.id = a.organisation LEFT JOIN visit v ON v.subject = a.id AND v.stage = 'closed'"
            " WHERE a.call = $1 AND a.stage <> 'draft' ORDER BY a.number",
            call,
        )
        today = await clock.today()
        announce = notice or Bound(
            {
                "title": _("关于%(t)s拟命名对象的公示", t=row["programme_title"]), "days": "5", "office": row["union_name"],
                "basis": _("经申报、推荐、实地走访和会议审定，现将%(t)s拟命名对象予以公示。", t=row["programme_title"]),
                "address": row["address"], "phone": row["contact_phone"],
            }
        )  # fmt: skip
        name = document or Bound(
            {
                "title": _("关于命名%(t)s的决定", t=row["programme_title"]), "series": "宣工", "named_on": today.isoformat(),
                "reason": _("为发挥劳模工匠示范引领作用，"),
            }
        )  # fmt: skip
        return await page(
            request, f"{TEMPLATES}/call.html", status_code=status, c=row, rows=rows, notice_form=announce, naming_form=name,
            other=other, federation=settings().federation, **showing.words(),
            crumbs=[*_crumbs(), {"label": row["programme_title"], "href": f"{HOME}/{row['programme']}"}, {"label": row["title"], "href": ""}],
        )  # fmt: skip


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("创建项目"), "href": HOME}]


def _levels() -> list[tuple[str, str]]:
    return [("city", _("市级")), ("province", _("省级")), ("county", _("县级")), ("enterprise", _("企业级")), ("national", _("国家级"))]  # fmt: skip
