"""Pages of a cycle's rule set and of the sharing out of its places."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.database import fetchrow
from foundation.errors import NotFound, Refusal, Refusals, Stale
from foundation.forms import Bound, grow
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, fragment, page, see_other, wants_fragment
from foundation.web.protection import CSRF_FIELD
from honours.catalogue.queries import honours_by_code
from honours.cycles import operations, queries, rule_faults, rule_form, showing, words
from honours.cycles.apportionment import County, Inputs, Measure, Result, apportion, decimal_text
from honours.cycles.pages import crumbs_of
from honours.cycles.presets import PRESETS
from honours.cycles.queries import CycleView, RulesVersion
from honours.cycles.schemas import CANDIDATE_CLASSES, DEPARTMENTS, FLAGS, AwardRules
from honours.cycles.surplus import invited
from honours.permissions import Permission
from registry.codes.job_categories import JOB_CATEGORIES

MOST_FIELDS = 6_000
MEASURES = 3


class CycleRulePages(Controller):
    """`/honours/cycles/{id}/rules`: the rule set, its versions, what differs."""

    path = "/honours/cycles/{cycle_id:uuid}"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/rules", name="honours.cycles.rules", opt={"policy": Permission.SEE_CATALOGUE})
    async def show(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[str]:
        """The form while it is a draft of one's own (``?from=`` fills in a preset or another cycle's rules); else sentences."""
        actor = actor_of(request)
        cycle = await queries.cycle_for(actor, cycle_id, Permission.SEE_CATALOGUE)
        versions = await queries.versions_of(cycle_id)
        runs = Permission.RUN_CYCLE.allows(actor) and await showing.runs(actor, cycle)
        if not (runs and cycle.stage == "draft"):
            return await _sentences(request, cycle, versions, runs=runs)
        source = str(request.query_params.get("from") or "")
        rules = await _source(request, source) if source else versions[0].rules
        tree = rule_form.tree_of(rules)
        tree["based_on"] = str(versions[0].number)
        return await _builder(request, cycle, tree, [], versions)

    @post("/rules", name="honours.cycles.rules.save", status_code=303)
    async def save(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[Any]:
        """Save a new version; every fault at once beside its field."""
        actor = actor_of(request)
        cycle = await queries.cycle_for(actor, cycle_id, Permission.RUN_CYCLE)
        tree = await _read_tree(request)
        based_on = int(tree["based_on"]) if re.fullmatch(r"[0-9]{1,6}", tree["based_on"]) else 0
        try:
            rules = rule_faults.decode(tree)
            number = await operations.save_rules(actor, cycle_id, rules, based_on=based_on, reason=tree["reason"])
            return await see_other(request, f"/honours/cycles/{cycle_id}/rules", flash=_("已存为第 %(n)s 版", n=number))
        except Refusals as several:
            refused, status = list(several.refusals), 422
        except Refusal as one:
            refused, status = [one], one.status
        versions = await queries.versions_of(cycle_id)
        if cycle.stage != "draft":
            return await _sentences(request, cycle, versions, runs=True, refused=refused, status=status)
        return await _builder(request, cycle, tree, refused, versions, status=status)

    @post("/rules/rows", name="honours.cycles.rules.rows", status_code=200)
    async def rows(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[str]:
        """Add, remove or move a row, or just check: nothing is saved. With scripts only the form is swapped."""
        cycle = await queries.cycle_for(actor_of(request), cycle_id, Permission.RUN_CYCLE)
        tree = await _read_tree(request)
        action = str((await request.form()).get("act") or "")
        focus = rule_form.act(tree, action)
        refused: list[Refusal] = []
        if action == "check":
            try:
                rule_faults.decode(tree)
            except Refusals as several:
                refused = list(several.refusals)
        return await _builder(request, cycle, tree, refused, await queries.versions_of(cycle_id), focus=focus)

    @get("/rules/difference", name="honours.cycles.rules.difference", opt={"policy": Permission.SEE_CATALOGUE})
    async def difference(self, request: HouseRequest, cycle_id: FromPath[UUID]) -> Response[str]:
        """What differs: between two versions (``?from=1&to=2``), or from another cycle's rules in force (``?cycle=``)."""
        actor = actor_of(request)
        cycle = await queries.cycle_for(actor, cycle_id, Permission.SEE_CATALOGUE)
        versions = {v.number: v for v in await queries.versions_of(cycle_id)}
        asked = request.query_params
        after = versions.get(_number(asked.get("to"), max(versions)))
        if after is None:
            raise NotFound
        if other := str(asked.get("cycle") or ""):
            from_title, before = await _other(request, other)
        else:
            version = versions.get(_number(asked.get("from"), after.number - 1))
            if version is None:
                raise NotFound
            from_title, before = _("第 %(n)s 版", n=version.number), version.rules
        titles = await _titles()
        return await page(
            request, "honours/cycles/difference.html", cycle=cycle, after=after, from_title=from_title,
            changes=words.difference(before, after.rules, titles), crumbs=crumbs_of(cycle, _("规则对比")),
            others=[("", "—"), *_presets(), *await showing.former_cycles(actor)], other=other,
        )  # fmt: skip


class AllotmentPages(Controller):
    """`/honours/cycles/{id}/allotments/{honour}`: the sharing out of one award's places, row by row (H29)."""

    path = "/honours/cycles/{cycle_id:uuid}/allotments/{honour:str}"
    opt = {"policy": Permission.RUN_CYCLE}

    @get("/", name="honours.cycles.allotment", opt={"policy": Permission.SEE_CATALOGUE})
    async def show(self, request: HouseRequest, cycle_id: FromPath[UUID], honour: FromPath[str]) -> Response[str]:
        """The reckoning; with its form while the cycle is a draft of one's own."""
        actor = actor_of(request)
        cycle = await queries.cycle_for(actor, cycle_id, Permission.SEE_CATALOGUE)
        runs = Permission.RUN_CYCLE.allows(actor) and await showing.runs(actor, cycle)
        places = (await _award(cycle_id, honour)).places
        inputs, result = await _kept(cycle, honour)
        form = Bound(_values(inputs, await showing.receivers_of(cycle), places))
        return await _allotment(request, cycle, honour, form, inputs, result, editable=runs and cycle.stage == "draft")

    @post("/", name="honours.cycles.allotment.save", status_code=303)
    async def save(self, request: HouseRequest, cycle_id: FromPath[UUID], honour: FromPath[str]) -> Response[Any]:
        """Reckon and keep (``act=save``), reckon only (``act=try``), or let the places be unlimited by county (``act=clear``)."""
        actor = actor_of(request)
        cycle = await queries.cycle_for(actor, cycle_id, Permission.RUN_CYCLE)
        await _award(cycle_id, honour)
        flat = [(k, v) for k, v in (await request.form()).multi_items() if k != CSRF_FIELD and isinstance(v, str)]
        said = dict(flat)
        form: Bound[Any] = Bound(said)
        inputs = None if said.get("act") == "clear" else _inputs(grow(flat), await showing.receivers_of(cycle), said)
        result, status = None, 200
        try:
            if said.get("act") != "try":
                version = _number(said.get("version"), 0)
                await operations.save_allotment(actor, cycle_id, honour, inputs, version=version)
                path = f"/honours/cycles/{cycle_id}/allotments/{honour}"
                return await see_other(request, path, flash=_("名额分配已保存") if inputs else _("已取消名额分配"))
            assert inputs is not None
            result = apportion(inputs)
        except (Refusal, Refusals) as refused:
            form.refuse(_renamed(refused, inputs, said))
            status = refused.status
        return await _allotment(request, cycle, honour, form, inputs, result, editable=True, status=status)


async def _sentences(
    request: HouseRequest,
    cycle: CycleView,
    versions: list[RulesVersion],
    *,
    runs: bool,
    refused: list[Refusal] | None = None,
    status: int = 200,
) -> Response[str]:
    sections: dict[str, list[str]] = {}
    for _key, section, text in words.sentences(versions[0].rules, await _titles()):
        sections.setdefault(section, []).append(text)
    return await page(
        request, "honours/cycles/rules_read.html", cycle=cycle, sections=sections, versions=versions, runs=runs,
        refused=[{"message": one.text(_), "rule": one.rule} for one in refused or []], status_code=status,
        crumbs=crumbs_of(cycle, _("规则集")),
    )  # fmt: skip


async def _builder(
    request: HouseRequest, cycle: CycleView, tree: rule_form.Tree, refused: list[Refusal], versions: list[RulesVersion],
    *, status: int = 200, focus: str = "",
) -> Response[str]:  # fmt: skip
    form: Bound[Any] = Bound(dict(rule_form.leaves(tree)))
    if refused:
        form.refuse(Refusals(refused))
    try:
        odd = rule_faults.warnings(rule_faults.decode(tree))
    except Refusals:
        odd = []
    known = await honours_by_code()
    context: dict[str, Any] = {
        "cycle": cycle, "form": form, "tree": tree, "versions": versions, "focus": focus, "status_code": status,
        "odd": [{"message": one.text(_), "rule": one.rule, "href": f"#f-{one.field}"} for one in odd],
        "honours": [("", "—"), *((c, h.title) for c, h in known.items() if h.level == cycle.level or c in {a["honour"] for a in tree["awards"]})],
        "vocabulary": words.vocabulary(), "flags": [(c, _(t)) for c, t in FLAGS.items()],
        "categories": JOB_CATEGORIES.options(english=_("或") == "or"), "departments": [(c, _(t)) for c, t in DEPARTMENTS.items()],
        "classes": [(c, _(t)) for c, t in CANDIDATE_CLASSES.items()], "modes": [(c, _(t)) for c, t in words.MODES.items()],
        "kinds": [(c, _(t)) for c, t in words.KINDS.items()], "gates": words.GATES,
        "begins": [*_presets(), *await showing.former_cycles(actor_of(request))],
    }  # fmt: skip
    if wants_fragment(request):
        return await fragment(request, "honours/cycles/_rules_form.html", **context)
    return await page(request, "honours/cycles/rules.html", crumbs=crumbs_of(cycle, _("规则集")), **context)


async def _read_tree(request: HouseRequest) -> rule_form.Tree:
    flat = [(k, v) for k, v in (await request.form()).multi_items() if k != CSRF_FIELD and isinstance(v, str)]
    if len(flat) > MOST_FIELDS:
        raise Refusal("too_many_fields", "表单的字段过多（最多 {most} 个）", most=MOST_FIELDS)
    return rule_form.clean(grow(flat))


def _presets() -> list[tuple[str, str]]:
    return [(key, _("样本：%(title)s", title=_(preset.title))) for key, preset in PRESETS.items()]


async def _source(request: HouseRequest, source: str) -> Any:
    return (await _other(request, source))[1]


async def _other(request: HouseRequest, source: str) -> tuple[str, Any]:
    """A preset's or another cycle's rules, with its title; raises ``NotFound``."""
    if source in PRESETS:
        return _(PRESETS[source].title), PRESETS[source].rules
    try:
        other = await queries.cycle_for(actor_of(request), UUID(source), Permission.SEE_CATALOGUE)
    except ValueError:
        raise NotFound from None
    return other.title, await queries.rules_of(other.id)


async def _titles() -> dict[str, str]:
    return {code: honour.title for code, honour in (await honours_by_code()).items()}


def _number(text: object, default: int) -> int:
    return int(str(text)) if re.fullmatch(r"[0-9]{1,6}", str(text or "")) else default


async def _award(cycle_id: UUID, honour: str) -> AwardRules:
    rules = await queries.rules_of(cycle_id)
    found = next((award for award in rules.awards if award.honour == honour), None)
    if found is None:
        raise NotFound
    return found


async def _kept(cycle: CycleView, honour: str) -> tuple[Inputs | None, Result | None]:
    """What is kept: a draft's inputs, reckoned now; an open cycle's reckoning as it was frozen."""
    if cycle.stage == "draft":
        inputs = (await operations.allotments_of(cycle.id)).get(honour)
        return inputs, apportion(inputs) if inputs else None
    row = await fetchrow(
        "SELECT p.inputs, p.result FROM apportionment p JOIN cycle_award a ON a.id = p.award JOIN honour h ON h.id = a.honour"
        " WHERE a.cycle = $1 AND h.code = $2 ORDER BY p.number DESC LIMIT 1",
        cycle.id, honour,
    )  # fmt: skip
    if row is None:
        return None, None
    return msgspec.json.decode(row["inputs"], type=Inputs), msgspec.json.decode(row["result"], type=Result)


def _values(inputs: Inputs | None, receivers: list[showing.Receiver], places: int) -> dict[str, Any]:
    """The form's fields: what is kept, else one measure, the registry's members."""
    held = {county.organisation: county.values for county in inputs.counties} if inputs else {}
    values: dict[str, Any] = {
        "places": str(inputs.places if inputs else places),
        "minimum": str(inputs.minimum if inputs else 0),
    }
    measures = inputs.measures if inputs else (Measure(code="m0", label=_("会员人数"), share="100"),)
    for m, measure in enumerate(measures):
        values |= {f"measures-{m}-label": measure.label, f"measures-{m}-share": measure.share}
    for n, receiver in enumerate(receivers):
        given = held.get(str(receiver.id), ()) if inputs else ((str(receiver.members),) if receiver.members else ())
        values |= {f"counties-{n}-values-{m}": value for m, value in enumerate(given)}
    return values


def _inputs(tree: dict[str, Any], receivers: list[showing.Receiver], said: dict[str, str]) -> Inputs:
    """What was typed: measures with a label or share, unions with any figure."""
    used = [
        m
        for m in range(MEASURES)
        if said.get(f"measures-{m}-label", "").strip() or said.get(f"measures-{m}-share", "").strip()
    ]
    counties = []
    for n, receiver in enumerate(receivers):
        values = tuple(said.get(f"counties-{n}-values-{m}", "").strip() for m in used)
        if any(values):
            counties.append(
                County(code=receiver.code, name=receiver.name, values=values, organisation=str(receiver.id))
            )
    measures = tuple(
        Measure(
            code=f"m{m}",
            label=said.get(f"measures-{m}-label", "").strip()[:60],
            share=said.get(f"measures-{m}-share", "").strip(),
        )
        for m in used
    )
    return Inputs(
        places=_number(said.get("places"), 0),
        minimum=_number(said.get("minimum"), 0),
        measures=measures,
        counties=tuple(counties),
    )


def _renamed(refused: Refusal | Refusals, inputs: Inputs | None, said: dict[str, str]) -> Refusal | Refusals:
    """Faults count the unions that were filled in; the form's rows count all."""
    if inputs is None or isinstance(refused, Stale):
        return refused
    filled = sorted(
        {
            int(m[1])
            for name, value in said.items()
            if value.strip() and (m := re.fullmatch(r"counties-(\d{1,4})-values-\d", name))
        }
    )
    found = refused.refusals if isinstance(refused, Refusals) else (refused,)

    def place(field: str | None) -> str:
        return re.sub(r"counties-(\d+)", lambda m: f"counties-{filled[int(m[1])]}", field or "")

    return Refusals(one.at(place(one.field)) for one in found)


async def _allotment(
    request: HouseRequest, cycle: CycleView, honour: str, form: Bound[Any], inputs: Inputs | None, result: Result | None,
    *, editable: bool, status: int = 200,
) -> Response[str]:  # fmt: skip
    title = (await _titles()).get(honour, honour)
    award = await _award(cycle.id, honour)
    return await page(
        request, "honours/cycles/allotment.html", cycle=cycle, honour=honour, title=title, form=form, inputs=inputs,
        result=result, editable=editable, receivers=await showing.receivers_of(cycle), measures=range(MEASURES),
        places=award.places, surplus=award.surplus, invited=invited,
        surplus_text=words.surplus_sentence(award.surplus) if award.surplus else "", decimal_text=decimal_text, status_code=status,
        crumbs=crumbs_of(cycle, _("名额分配")),
    )  # fmt: skip
