"""Pages of the catalogue: titles by level and kind, one title, its form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, listing
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.catalogue import operations, queries
from honours.catalogue.rules import FAMILIES, KINDS, LEVELS, SHEETS, TREATMENTS
from honours.catalogue.schemas import HonourForm
from honours.catalogue.shipped import SHIPPED
from honours.permissions import Permission
from publications.certificates.designs.kinds import KINDS as DESIGNS

WORDS: dict[str, Any] = {
    "levels": LEVELS,
    "kinds": KINDS,
    "families": FAMILIES,
    "treatments": TREATMENTS,
    "designs": DESIGNS,
}


class CataloguePages(Controller):
    """`/honours/catalogue`: the titles, for whoever nominates or reviews; city officers keep them."""

    path = "/honours/catalogue"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.catalogue.list", opt={"policy": Permission.SEE_CATALOGUE})
    async def index(self, request: HouseRequest) -> Response[str]:
        """The list, filtered and sorted by its address."""
        found = await queries.LIST.fetch(queries.LIST.ask(request.query_params), "true")
        keeps = Permission.RUN_CYCLE.allows(actor_of(request))
        missing = await queries.missing_titles([form.code for form in SHIPPED]) if keeps else 0
        return await page(
            request, "honours/catalogue/list.html", found=found, keeps=keeps, missing=missing, crumbs=[{"label": _("荣誉目录")}], **WORDS
        )  # fmt: skip

    @get("/export", name="honours.catalogue.export", opt={"policy": Permission.SEE_CATALOGUE})
    async def export(self, request: HouseRequest) -> Response[bytes]:
        """The list as asked, as an xlsx."""
        note = f"{actor_of(request).name} · {clock.local(await clock.now()):%Y-%m-%d %H:%M}"
        asked = queries.LIST.ask(request.query_params)
        body = await listing.export(queries.LIST, asked, "true", sheet=_("荣誉目录"), note=note)
        return download(body, "honours.xlsx", listing.XLSX)

    @post("/shipment", name="honours.catalogue.ship", status_code=303)
    async def ship(self, request: HouseRequest) -> Response[Any]:
        """Add the titles that the house brings along and the catalogue does not hold."""
        made = await operations.ship_catalogue(actor_of(request))
        return await see_other(request, "/honours/catalogue", flash=_("已载入 %(n)s 项荣誉", n=made))

    @get("/new", name="honours.catalogue.new")
    async def new(self, request: HouseRequest) -> Response[str]:
        """An empty form."""
        return await _form(
            request, Bound({"level": "city", "kind": "person", "family": "other", "place": 100, "prize": 0}), None
        )

    @post("/", name="honours.catalogue.create", status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Add a title."""
        form = await read_form(request, HonourForm)
        if form.ok:
            with form.catching():
                made = await operations.create_honour(actor_of(request), form.data)
                return await see_other(request, f"/honours/catalogue/{made}", flash=_("已添加"))
        return await _form(request, form, None, status_code=422)

    @get("/{honour_id:uuid}", name="honours.catalogue.show", opt={"policy": Permission.SEE_CATALOGUE})
    async def show(self, request: HouseRequest, honour_id: FromPath[UUID]) -> Response[str]:
        """One title with its treatment, certificate and use."""
        honour = await queries.honour_of(honour_id)
        return await page(
            request, "honours/catalogue/show.html", honour=honour, use=await queries.use_of(honour_id),
            keeps=Permission.RUN_CYCLE.allows(actor_of(request)), crumbs=_crumbs(honour.title), **WORDS,
        )  # fmt: skip

    @get("/{honour_id:uuid}/edit", name="honours.catalogue.edit")
    async def edit(self, request: HouseRequest, honour_id: FromPath[UUID]) -> Response[str]:
        """The form, filled."""
        honour = await queries.honour_of(honour_id)
        return await _form(request, Bound(values_of(honour)), honour)

    @post("/{honour_id:uuid}", name="honours.catalogue.save", status_code=303)
    async def save(self, request: HouseRequest, honour_id: FromPath[UUID]) -> Response[Any]:
        """Save a changed title."""
        honour = await queries.honour_of(honour_id)
        form = await read_form(request, HonourForm)
        if form.ok:
            with form.catching():
                await operations.edit_honour(actor_of(request), honour_id, form.data)
                return await see_other(request, f"/honours/catalogue/{honour_id}", flash=_("已保存"))
        stale = any(fault.code == "stale" for _name, fault in form.all_faults)
        return await _form(request, form, honour, status_code=412 if stale else 422)


def _crumbs(last: str) -> list[dict[str, str]]:
    return [{"label": _("荣誉目录"), "href": "/honours/catalogue"}, {"label": last}]


async def _form(
    request: HouseRequest, form: Bound[Any], known: queries.HonourView | None, *, status_code: int = 200
) -> Response[str]:
    sheets = dict.fromkeys(key for keys in SHEETS.values() for key in keys)
    return await page(
        request, "honours/catalogue/form.html", form=form, known=known, status_code=status_code,
        options={name: [(v, _(t)) for v, t in words.items()] for name, words in WORDS.items() if name != "designs"},
        sheet_options=[("", _("不发证书")), *((key, _(DESIGNS[key].title)) for key in sheets)],
        crumbs=_crumbs(known.title if known else _("添加荣誉")),
    )  # fmt: skip
