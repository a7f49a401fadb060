"""Pages of the rule set: the builder, its live checks and trial run, the versions and what differs between them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from competitions.judging.live_signal import changed
from competitions.permissions import Permission
from competitions.programme import presets, queries, rule_faults, rule_form, rule_sets
from competitions.programme.bundles import bundle_of
from competitions.programme.event_pages import event_page
from competitions.programme.rule_view import place_of, view_of
from competitions.scoring.bundle import Rules
from competitions.scoring.checks import check_rules
from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import Bound, grow
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, fragment, see_other, wants_fragment
from foundation.web.protection import CSRF_FIELD

MOST_FIELDS = 12_000


class RulePages(Controller):
    """`/events/{id}/rules`: the rule set of one event."""

    path = "/events/{event_id:uuid}/rules"
    opt = {"policy": Permission.RUN_COMPETITION}

    @get("/", name="competitions.programme.rules.edit")
    async def edit(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """The builder, filled with the rules in force, or with a template or another event's rules (``?from=``)."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        versions = await rule_sets.versions_of(event_id)
        source = str(request.query_params.get("from") or "")
        rules = await _source(request, source, versions[0].rules if versions else None)
        tree = rule_form.tree_of(rules)
        tree["based_on"] = str(versions[0].number if versions else 0)
        tree["hundred"] = "true" if not versions or _is_hundred(rules) else ""
        return await _builder(request, event, tree, [], versions)

    @post("/", name="competitions.programme.rules.save", status_code=303)
    async def save(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[Any]:
        """Save a new version; every fault at once beside its field."""
        actor = actor_of(request)
        event = await queries.event_for(actor, event_id, Permission.RUN_COMPETITION)
        tree = await read_tree(request)
        refused, status = rule_faults.faults_of(tree), 422
        if not refused:
            try:
                based_on = int(tree["based_on"]) if tree["based_on"].isascii() and tree["based_on"].isdigit() else 0
                number = await rule_sets.save_rules(
                    actor, event_id, rule_form.decode(tree), based_on=based_on, reason=tree["reason"],
                    hundred=tree["hundred"] == "true",
                )  # fmt: skip
                changed(event_id)
                return await see_other(request, f"/events/{event_id}/rules", flash=_("已存为第 %(n)s 版", n=number))
            except Refusals as several:
                refused = list(several.refusals)
            except Refusal as one:
                refused, status = [one], one.status
        return await _builder(request, event, tree, refused, await rule_sets.versions_of(event_id), status=status)

    @post("/rows", name="competitions.programme.rules.rows", status_code=200)
    async def rows(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """Add, remove or move a row, or just check: nothing is saved. With scripts only the form is swapped."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        form = await request.form()
        tree = await read_tree(request)
        action = str(form.get("act") or "")
        focus = rule_form.act(tree, action)
        if action == "reseed":
            tree["seed"] = secrets.token_hex(3)
        return await _builder(request, event, tree, [], await rule_sets.versions_of(event_id), status=200, focus=focus)

    @post("/preview", name="competitions.programme.rules.preview", status_code=200)
    async def preview(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[str]:
        """The checks and the trial run of what is typed, for the panel beside the form."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        tree = await read_tree(request)
        view = await _view(event, tree, await queries.rules_of(event_id))
        return await fragment(request, "competitions/programme/_rules_preview.html", event=event, view=view, oob=True)

    @get("/export", name="competitions.programme.rules.export")
    async def export(self, request: HouseRequest, event_id: FromPath[UUID]) -> Response[bytes]:
        """The rules in force as JSON, as an event bundle holds them."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        rules = await queries.rules_of(event_id)
        if rules is None:
            raise NotFound
        body = msgspec.json.format(msgspec.json.encode(rules, order="sorted"), indent=1)
        return download(body, f"{event.code}-rules.json", "application/json")

    @get("/versions/{number:int}", name="competitions.programme.rules.version")
    async def version(self, request: HouseRequest, event_id: FromPath[UUID], number: FromPath[int]) -> Response[str]:
        """A version and what it changed."""
        event = await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        versions = await rule_sets.versions_of(event_id)
        shown = rule_sets.version_named(versions, number)
        before = next((v for v in versions if v.number == number - 1), None)
        return await event_page(
            request, "competitions/programme/rules_version.html", event, version=shown, before=before,
            changes=rule_sets.difference(before.rules if before else None, shown.rules), labels=rule_sets.LABELS,
            current=versions[0].number, here=_("规则第 %(n)s 版", n=number), names=rule_sets.VALUE_NAMES,
        )  # fmt: skip


async def read_tree(request: HouseRequest) -> rule_form.Tree:
    """The form's fields as a tree; raises ``Refusal`` where there are far too many."""
    form = await request.form()
    flat = [(k, v) for k, v in form.multi_items() if k != CSRF_FIELD and isinstance(v, str)]
    if len(flat) > MOST_FIELDS:
        raise Refusal("too_many_fields", "表单的字段过多（最多 {most} 个）", most=MOST_FIELDS)
    return rule_form.clean(grow(flat))


async def _source(request: HouseRequest, source: str, current: Rules | None) -> Rules:
    """What the builder begins with: a template, another event's rules, the rules in force, else the first template."""
    if source in presets.PRESETS:
        return msgspec.convert(presets.PRESETS[source].rules, Rules)
    if source:
        try:
            other = UUID(source)
        except ValueError:
            raise NotFound from None
        await queries.event_for(actor_of(request), other, Permission.RUN_COMPETITION)
        found = await queries.rules_of(other)
        if found is None:
            raise NotFound
        return found
    return current or msgspec.convert(next(iter(presets.PRESETS.values())).rules, Rules)


def _is_hundred(rules: Rules) -> bool:
    """Whether the rules are those of an event marked out of 100: then the form goes on insisting on it."""
    wanted = ("weights-sum-to-1", "maxima-sum-to-100")
    return all(check.level == "pass" for check in check_rules(rules) if check.name in wanted)


async def _view(event: queries.EventView, tree: rule_form.Tree, before: Rules | None) -> Mapping[str, Any]:
    own = await bundle_of(event.id) if before else None
    return view_of(tree, own=own, seats=await queries.seats_of(event.id), before=before)


async def _builder(
    request: HouseRequest,
    event: queries.EventView,
    tree: rule_form.Tree,
    refused: list[Refusal],
    versions: list[rule_sets.Version],
    *,
    status: int = 200,
    focus: str = "",
) -> Response[str]:
    form: Bound[Any] = Bound(dict(rule_form.leaves(tree)))
    form.refuse(Refusals(refused))
    view = await _view(event, tree, versions[0].rules if versions else None)
    copy_options = [(key, _(preset.title)) for key, preset in presets.PRESETS.items()]
    faults = [
        {"field": r.field, "place": place_of(r.field or "", tree), "message": r.text(_), "rule": r.rule}
        for r in refused
    ]
    context: dict[str, Any] = {
        "faults": faults,
        "form": form, "tree": tree, "view": view, "versions": versions, "focus": focus, "status_code": status,
        "editable": event.stage in rule_sets.EDITABLE, "names": rule_sets.VALUE_NAMES, "keys": _keys(tree), "oob": False,
        "copy_options": [*copy_options, *await rule_sets.copyable(actor_of(request), event.id)],
    }  # fmt: skip
    if wants_fragment(request):
        return await fragment(request, "competitions/programme/_rules_form.html", event=event, **context)
    return await event_page(request, "competitions/programme/rules.html", event, here=_("规则集"), **context)


def _keys(tree: rule_form.Tree) -> list[tuple[str, str]]:
    """What a ranking key may be, as (value, text) pairs: the total, each module, each aspect, another number."""
    modules = [(f"module:{m['code']}", f"{_('模块')} {m['title'] or m['code']}") for m in tree["modules"]]
    aspects = [(f"aspect:{a['code']}", f"{a['code']} {a['title']}") for m in tree["modules"] for a in m["aspects"]]
    return [("", "—"), ("total", _("总分")), *modules, *aspects, ("value", _("其他数值"))]
