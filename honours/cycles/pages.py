"""Pages of cycles: the list, one cycle with its gates and figures, its form, what comes next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, listing, moves
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.catalogue.queries import honours_by_code
from honours.catalogue.rules import LEVELS
from honours.cycles import operations, queries, rules, showing
from honours.cycles.forms import CycleForm, CycleMove
from honours.cycles.presets import PRESETS
from honours.cycles.queries import CycleView
from honours.cycles.words import surplus_sentence
from honours.permissions import Permission

STATES = {
    "draft": "neutral", "open": "info", "review": "info", "noticed": "wait", "decided": "ok", "published": "ok",
    "cancelled": "neutral",
}  # fmt: skip


class CyclePages(Controller):
    """`/honours/cycles`: whoever nominates or reviews sees the cycles above; the running union's city officers run them."""

    path = "/honours/cycles"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.cycles.list", opt={"policy": Permission.SEE_CATALOGUE})
    async def index(self, request: HouseRequest) -> Response[str]:
        """The list, filtered and sorted by its address."""
        actor = actor_of(request)
        scope = list(Permission.SEE_CATALOGUE.scope(actor))
        found = await showing.LIST.fetch(showing.LIST.ask(request.query_params), showing.SCOPE, scope)
        return await page(
            request, "honours/cycles/list.html", found=found, levels=LEVELS, stages=rules.STAGES, states=STATES,
            runs=Permission.RUN_CYCLE.allows(actor), crumbs=[{"label": _("评选周期")}],
        )  # fmt: skip

    @get("/export", name="honours.cycles.export", opt={"policy": Permission.SEE_CATALOGUE})
    async def export(self, request: HouseRequest) -> Response[bytes]:
        """The list as asked, as an xlsx."""
        actor = actor_of(request)
        scope = list(Permission.SEE_CATALOGUE.scope(actor))
        asked = showing.LIST.ask(request.query_params)
        note = f"{actor.name} · {clock.local(await clock.now()):%Y-%m-%d %H:%M}"
        body = await listing.export(showing.LIST, asked, showing.SCOPE, scope, sheet=_("评选周期"), note=note)
        return download(body, "cycles.xlsx", listing.XLSX)

    @get("/new", name="honours.cycles.new")
    async def new(self, request: HouseRequest) -> Response[str]:
        """An empty form."""
        actor = actor_of(request)
        year = (await clock.today()).year
        first = {"level": "city", "year": year, "organisation": str(actor.organisation or ""), "begin": "city-default"}
        return await _form(request, Bound(first), None)

    @post("/", name="honours.cycles.create", status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Make a cycle as a draft."""
        form = await read_form(request, CycleForm)
        if form.ok:
            with form.catching():
                made = await operations.create_cycle(actor_of(request), form.data)
                return await see_other(request, f"/honours/cycles/{made}", flash=_("周期已创建，请核对规则集"))
        return await _form(request, form, None, status_code=422)

    @get("/{cycle_id:uuid}", name="honours.cycles.show", opt={"policy": Permission.SEE_CATALOGUE})
    async def show(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[str]:
        """A cycle: its gates, its awards, its figures by county."""
        return await _detail(request, cycle_id)

    @get("/{cycle_id:uuid}/edit", name="honours.cycles.edit")
    async def edit(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[str]:
        """The form, filled."""
        known = await queries.cycle_for(actor_of(request), cycle_id, Permission.RUN_CYCLE)
        values = values_of(known)
        for name in ("unit_due_at", "county_due_at"):
            if values[name]:
                values[name] = clock.local(values[name]).strftime("%Y-%m-%dT%H:%M")
        return await _form(request, Bound(values), known)

    @post("/{cycle_id:uuid}", name="honours.cycles.save", status_code=303)
    async def save(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[Any]:
        """Save a changed cycle."""
        actor = actor_of(request)
        known = await queries.cycle_for(actor, cycle_id, Permission.RUN_CYCLE)
        form = await read_form(request, CycleForm)
        if form.ok:
            with form.catching():
                await operations.edit_cycle(actor, cycle_id, form.data)
                return await see_other(request, f"/honours/cycles/{cycle_id}", flash=_("已保存"))
        stale = any(fault.code == "stale" for _name, fault in form.all_faults)
        return await _form(request, form, known, status_code=412 if stale else 422)

    @post("/{cycle_id:uuid}/stage", name="honours.cycles.move", status_code=303)
    async def move(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[Any]:
        """Open, close, reopen or cancel; what stands in the way is shown all at once."""
        form = await read_form(request, CycleMove)
        try:
            said = form.data
            await operations.move_cycle(
                actor_of(request), cycle_id, said.action, version=said.version, reason=said.reason
            )
        except (Refusal, Refusals) as refused:
            return await _detail(request, cycle_id, refused=refused, status_code=refused.status)
        return await see_other(request, f"/honours/cycles/{cycle_id}", flash=_(rules.ACTIONS[said.action]))


def crumbs_of(cycle: CycleView | None, last: str) -> list[dict[str, str]]:
    """评选周期 → the cycle → here."""
    above = [{"label": cycle.title, "href": f"/honours/cycles/{cycle.id}"}] if cycle and last != cycle.title else []
    return [{"label": _("评选周期"), "href": "/honours/cycles"}, *above, {"label": last}]


async def _form(
    request: HouseRequest, form: Bound[Any], known: CycleView | None, *, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    begins = [(key, _("样本：%(title)s", title=_(preset.title))) for key, preset in PRESETS.items()]
    begins += (
        [(key, _("沿用：%(title)s", title=title)) for key, title in await showing.former_cycles(actor)]
        if not known
        else []
    )
    return await page(
        request, "honours/cycles/form.html", form=form, known=known, status_code=status_code, begins=begins,
        locked=bool(known and known.stage != "draft"), unions=await showing.running_unions(actor),
        levels=[(v, _(t)) for v, t in LEVELS.items()], crumbs=crumbs_of(known, _("编辑") if known else _("新建周期")),
    )  # fmt: skip


async def _detail(
    request: HouseRequest, cycle_id: UUID, *, refused: Refusal | Refusals | None = None, status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    cycle = await queries.cycle_for(actor, cycle_id, Permission.SEE_CATALOGUE)
    ours = await queries.rules_of(cycle_id)
    figures = await showing.figures_of(actor, cycle_id) if Permission.SEE_NOMINATIONS.allows(actor) else []
    runs = Permission.RUN_CYCLE.allows(actor) and await showing.runs(actor, cycle)
    stage = rules.CycleStage(cycle.stage)
    facts = await operations.facts_of(cycle) if runs and stage == rules.CycleStage.DRAFT else None
    form: Bound[Any] = Bound()
    if refused is not None:
        form.refuse(refused)
    obstacles = rules.obstacles(facts, await clock.now()) if facts else []
    return await page(
        request, "honours/cycles/show.html", cycle=cycle, rules=ours, figures=figures, runs=runs, form=form,
        total={name: sum(getattr(row, name) or 0 for row in figures) for name in _SUMS}, states=STATES, stages=rules.STAGES,
        levels=LEVELS, honours=await honours_by_code(), allotted=set(facts.allotments) if facts else None,
        steps=await showing.timeline(cycle, ours.gates.city_notice_days, figures), status_code=status_code,
        surpluses={a.honour: surplus_sentence(a.surplus) for a in ours.awards if a.surplus is not None},
        obstacles=[{"message": one.text(_), "rule": one.rule, "href": _place(cycle_id, one.field)} for one in obstacles],
        actions=[(a, _(rules.ACTIONS[a]), a in rules.REASONED) for a in moves.actions(rules.CYCLE_MOVES, stage)] if runs else [],
        crumbs=crumbs_of(cycle, cycle.title),
    )  # fmt: skip


_SUMS = ("places", "drafts", "handed_in", "returned", "waiting", "accepted", "out")


def _place(cycle_id: UUID, field: str | None) -> str:
    """Where an obstacle can be put right."""
    if field in ("opens_on", "unit_due_at", "county_due_at"):
        return f"/honours/cycles/{cycle_id}/edit#f-{field}"
    return f"/honours/cycles/{cycle_id}/rules" + (f"#f-{field}" if field and field.startswith("awards-") else "")
