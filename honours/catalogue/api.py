"""The catalogue for programs, as JSON."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, get, post, put
from litestar.params import FromPath
from msgspec import Struct

from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from honours.catalogue import operations, queries
from honours.catalogue.queries import HonourView
from honours.catalogue.schemas import HonourForm
from honours.permissions import Permission


class HonoursOut(Struct, frozen=True, kw_only=True):
    """The whole catalogue, by level and place."""

    honours: list[HonourView]


class CatalogueApi(Controller):
    """`/api/v1/honours`."""

    path = "/api/v1/honours"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.catalogue.api.list", operation_id="listHonours", opt={"policy": Permission.SEE_CATALOGUE})
    async def index(self) -> HonoursOut:
        """Every title."""
        return HonoursOut(honours=await queries.honours())

    @get(
        "/{honour_id:uuid}",
        name="honours.catalogue.api.show",
        operation_id="showHonour",
        opt={"policy": Permission.SEE_CATALOGUE},
    )
    async def show(self, honour_id: FromPath[UUID]) -> HonourView:
        """One title."""
        return await queries.honour_of(honour_id)

    @post("/", name="honours.catalogue.api.create", operation_id="createHonour")
    async def create(self, request: HouseRequest) -> HonourView:
        """Add a title."""
        form = await read_json(request, HonourForm)
        return await queries.honour_of(await operations.create_honour(actor_of(request), form.data))

    @put("/{honour_id:uuid}", name="honours.catalogue.api.save", operation_id="saveHonour")
    async def save(self, request: HouseRequest, honour_id: FromPath[UUID]) -> HonourView:
        """Change a title; ``version`` is the one that was read."""
        form = await read_json(request, HonourForm)
        await operations.edit_honour(actor_of(request), honour_id, form.data)
        return await queries.honour_of(honour_id)
