"""Cycles for programs, as JSON."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath
from msgspec import Struct

from foundation.forms import Line300, read_json
from foundation.web.pages import HouseRequest, actor_of
from honours.cycles import operations, queries, showing
from honours.cycles.apportionment import Inputs, Result, apportion
from honours.cycles.forms import CycleForm, CycleMove
from honours.cycles.queries import AwardView, CycleView
from honours.cycles.schemas import CycleRules
from honours.cycles.showing import Figures
from honours.permissions import Permission


class CyclesOut(Struct, frozen=True, kw_only=True):
    """Cycles that take nominations, as far as the actor sees them."""

    cycles: list[CycleView]
    page: int
    pages: int
    total: int


class CycleOut(Struct, frozen=True, kw_only=True):
    """A cycle with its awards (none before it opens) and its figures by county."""

    cycle: CycleView
    awards: list[AwardView]
    figures: list[Figures]


class RulesIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new version of the rules: the rules as JSON text; ``based_on`` is the version that was read."""

    rules: Annotated[str, msgspec.Meta(max_length=400_000, extra={"lines": True})]
    based_on: int
    reason: Line300 = ""


class RulesOut(Struct, frozen=True, kw_only=True):
    """A version of the rules."""

    number: int
    rules: CycleRules


class CycleApi(Controller):
    """`/api/v1/cycles`."""

    path = "/api/v1/cycles"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.cycles.api.list", operation_id="listCycles", opt={"policy": Permission.SEE_CATALOGUE})
    async def index(self, request: HouseRequest) -> CyclesOut:
        """A page of the list (``q``, ``level``, ``stage``, ``page``)."""
        actor = actor_of(request)
        scope = list(Permission.SEE_CATALOGUE.scope(actor))
        found = await showing.LIST.fetch(showing.LIST.ask(request.query_params), showing.SCOPE, scope)
        cycles = await queries.cycles_of([row["id"] for row in found.rows])
        return CyclesOut(cycles=cycles, page=found.page, pages=found.pages, total=found.total)

    @post("/", name="honours.cycles.api.create", operation_id="createCycle")
    async def create(self, request: HouseRequest) -> CycleOut:
        """Make a cycle as a draft."""
        form = await read_json(request, CycleForm)
        return await _out(request, await operations.create_cycle(actor_of(request), form.data))

    @get(
        "/{cycle_id:uuid}",
        name="honours.cycles.api.show",
        operation_id="showCycle",
        opt={"policy": Permission.SEE_CATALOGUE},
    )
    async def show(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> CycleOut:
        """A cycle."""
        return await _out(request, cycle_id)

    @put("/{cycle_id:uuid}", name="honours.cycles.api.save", operation_id="saveCycle")
    async def save(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> CycleOut:
        """Change a cycle."""
        form = await read_json(request, CycleForm)
        await operations.edit_cycle(actor_of(request), cycle_id, form.data)
        return await _out(request, cycle_id)

    @post("/{cycle_id:uuid}/stage", name="honours.cycles.api.move", operation_id="moveCycle", status_code=200)
    async def move(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> CycleOut:
        """Open, close, reopen or cancel."""
        said = (await read_json(request, CycleMove)).data
        await operations.move_cycle(actor_of(request), cycle_id, said.action, version=said.version, reason=said.reason)
        return await _out(request, cycle_id)

    @get(
        "/{cycle_id:uuid}/rules",
        name="honours.cycles.api.rules",
        operation_id="showCycleRules",
        opt={"policy": Permission.SEE_CATALOGUE},
    )
    async def rules(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> RulesOut:
        """The rules in force."""
        await queries.cycle_for(actor_of(request), cycle_id, Permission.SEE_CATALOGUE)
        newest = (await queries.versions_of(cycle_id))[0]
        return RulesOut(number=newest.number, rules=newest.rules)

    @post(
        "/{cycle_id:uuid}/rules", name="honours.cycles.api.rules.save", operation_id="saveCycleRules", status_code=200
    )
    async def save_rules(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> RulesOut:
        """Append a version."""
        said = (await read_json(request, RulesIn)).data
        rules = operations.decode_text(said.rules)
        number = await operations.save_rules(
            actor_of(request), cycle_id, rules, based_on=said.based_on, reason=said.reason
        )
        return RulesOut(number=number, rules=rules)

    @post(
        "/apportionment",
        name="honours.cycles.api.apportion",
        operation_id="apportion",
        status_code=200,
        opt={"policy": Permission.SEE_CATALOGUE},
    )
    async def reckon(self, request: HouseRequest) -> Result:
        """Share places out; nothing is kept (H29)."""
        return apportion((await read_json(request, Inputs)).data)


async def _out(request: HouseRequest, cycle_id: UUID) -> CycleOut:
    actor = actor_of(request)
    cycle = await queries.cycle_for(actor, cycle_id, Permission.SEE_CATALOGUE)
    figures = await showing.figures_of(actor, cycle_id) if Permission.SEE_NOMINATIONS.allows(actor) else []
    return CycleOut(cycle=cycle, awards=await queries.awards_of(cycle_id), figures=figures)
