"""评分表的页面: the scoring table of a programme row by row, for the naming or for the yearly assessment."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import Bound, grow
from foundation.i18n import gettext as _
from foundation.trees import Tree, act, clean, leaves
from foundation.web.pages import HouseRequest, actor_of, fragment, page, see_other, wants_fragment
from foundation.web.protection import CSRF_FIELD
from studios.applications import programmes, table_form
from studios.permissions import Permission
from studios.schemas import ProgrammeRules, ScoringTable

HOME = "/studios/programmes"
Which = Literal["naming", "assessment"]


class ScoringTablePages(Controller):
    """/studios/programmes/{programme}/tables/{naming or assessment}"""

    path = HOME + "/{programme:uuid}/tables/{which:str}"
    opt = {"policy": Permission.RUN_PROGRAMMES}

    @get("/", name="studios.programmes.table")
    async def show(self, request: HouseRequest, programme: FromPath[UUID], which: FromPath[str]) -> Response[Any]:
        """The table as it stands, to be edited while no call is open."""
        row = await programmes.programme_for(actor_of(request), programme)
        tree = table_form.tree_of(_table(await programmes.rules_of(programme), which)) | {
            "version": str(row["version"])
        }
        return await _page(request, row, which, tree)

    @post("/", name="studios.programmes.table.save", status_code=303)
    async def save(self, request: HouseRequest, programme: FromPath[UUID], which: FromPath[str]) -> Response[Any]:
        """A new version of the rules with this table; for the yearly assessment also ``act=same``: the naming's table again."""
        row = await programmes.programme_for(actor_of(request), programme)
        rules = await programmes.rules_of(programme)
        _table(rules, which)
        tree, action = await _sent(request)
        try:
            made = None if which == "assessment" and action == "same" else table_form.table_in(tree)
            changed = _with(rules, which, made)
            version = int(tree["version"]) if tree["version"].isascii() and tree["version"].isdigit() else 0
            number = await programmes.save_rules(
                actor_of(request),
                programme,
                msgspec.json.encode(changed).decode(),
                reason=tree["reason"],
                version=version,
            )
        except (Refusal, Refusals) as refused:
            return await _page(request, row, which, tree, refused=refused, status=refused.status)
        return await see_other(request, f"{HOME}/{programme}", flash=_("规则第 %(n)s 版已生效", n=number))

    @post("/rows", name="studios.programmes.table.rows", status_code=200)
    async def rows(self, request: HouseRequest, programme: FromPath[UUID], which: FromPath[str]) -> Response[Any]:
        """Add, remove or move a row, or just check: nothing is saved. With scripts only the form is swapped."""
        row = await programmes.programme_for(actor_of(request), programme)
        _table(await programmes.rules_of(programme), which)
        tree, action = await _sent(request)
        refused: Refusals | None = None
        if action == "check":
            try:
                table_form.table_in(tree)
            except Refusals as several:
                refused = several
        focus = act(tree, action, table_form.TABLE)
        return await _page(request, row, which, tree, refused=refused, focus=focus)


def _table(rules: ProgrammeRules, which: str) -> ScoringTable:
    if which not in ("naming", "assessment"):
        raise NotFound
    return rules.naming_table if which == "naming" else rules.assessing


def _with(rules: ProgrammeRules, which: str, table: ScoringTable | None) -> ProgrammeRules:
    if which == "naming":
        assert table is not None
        return msgspec.structs.replace(rules, naming_table=table)
    return msgspec.structs.replace(rules, assessment_table=None if table == rules.naming_table else table)


async def _sent(request: HouseRequest) -> tuple[Tree, str]:
    flat = [(k, v) for k, v in (await request.form()).multi_items() if k != CSRF_FIELD and isinstance(v, str)]
    if len(flat) > 4000:
        raise Refusal("too_many_fields", "表单的字段过多（最多 {most} 个）", most=4000)
    return clean(grow([(k, v) for k, v in flat if k != "act"]), table_form.TABLE), dict(flat).get("act", "")


async def _page(
    request: HouseRequest, row: Any, which: str, tree: Tree, *, refused: Refusal | Refusals | None = None, focus: str = "",
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    form: Bound[Any] = Bound(dict(leaves(tree)))
    if refused is not None:
        form.refuse(refused)
    title = _("命名评分表") if which == "naming" else _("年度考核表")
    context: dict[str, Any] = {
        "p": row, "which": which, "tree": tree, "form": form, "focus": focus, "heading": title, "status_code": status,
        "full": _full(tree), "kinds": _said(table_form.KINDS), "check_kinds": _said(table_form.CHECK_KINDS),
        "methods": _said(table_form.METHODS),
        "own": which == "assessment" and (await programmes.rules_of(row["id"])).assessment_table is not None,
    }  # fmt: skip
    if wants_fragment(request):
        return await fragment(request, "studios/applications/_table_form.html", **context)
    crumbs = [
        {"label": _("创建项目"), "href": HOME}, {"label": row["title"], "href": f"{HOME}/{row['id']}"},
        {"label": title, "href": ""},
    ]  # fmt: skip
    return await page(request, "studios/applications/table.html", crumbs=crumbs, **context)


def _said(labels: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, _(text)) for key, text in labels.items()]


def _full(tree: Tree) -> str:
    """What the items sum to as typed; "—" while a number is none."""
    from foundation.exact.quantities import exact, is_quantity, print_free

    points = [item["points"] for section in tree["sections"] for item in section["items"]]
    if not points or not all(is_quantity(text) for text in points):
        return "—"
    return print_free(sum(exact(text) for text in points))  # type: ignore[arg-type]
