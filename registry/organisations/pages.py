"""Pages of the union's tree: list, tree, one organisation, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.database import fetch
from foundation.errors import Stale
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.web.pages import HouseRequest, actor_of, download, page, parse_id, see_other
from foundation.web.policy import Actor
from registry.achievements.queries import of_organisation
from registry.codes.industries import INDUSTRIES
from registry.codes.unit_types import UNIT_TYPES
from registry.merging.operations import ask_merge
from registry.merging.schemas import AskForm
from registry.organisations import operations, queries
from registry.organisations.rules import KINDS, UNION_STATES
from registry.organisations.schemas import MoveForm, Organisation, OrganisationForm, ReasonForm
from registry.permissions import Permission

ROOT = "/registry/organisations"
TEMPLATES = "registry/organisations"
KEEP = {"policy": Permission.KEEP_ORGANISATIONS}
PARENT_KINDS = ("city", "county", "industry", "town")


def crumbs(*steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"label": _("工会组织"), "href": ROOT}, *({"label": label, "href": href} for label, href in steps)]


def keeps(actor: Actor, found: Organisation) -> bool:
    """Whether the actor may change this organisation."""
    return not Permission.KEEP_ORGANISATIONS.scope(actor).isdisjoint(found.ancestors)


class OrganisationPages(Controller):
    """/registry/organisations"""

    path = ROOT
    opt = {"policy": Permission.SEE_ORGANISATIONS}

    @get("/", name="registry.organisations.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The list: search by name, 拼音 or code; by region, kind and type."""
        actor = actor_of(request)
        asked = queries.LIST.ask(request.query_params)
        found = await queries.LIST.fetch(asked, queries.SCOPE, list(Permission.SEE_ORGANISATIONS.scope(actor)))
        under = parse_id(found.chosen("under")) if found.chosen("under") else None
        above = (await queries.names([under])).get(under, "") if under else ""
        return await page(
            request, f"{TEMPLATES}/list.html", found=found, kinds=KINDS, above=above, region=queries.region_name,
            keeps=Permission.KEEP_ORGANISATIONS.allows(actor), crumbs=crumbs(),
        )  # fmt: skip

    @get("/export", name="registry.organisations.export")
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The list as asked, as an xlsx."""
        actor = actor_of(request)
        asked = queries.LIST.ask(request.query_params)
        scope = list(Permission.SEE_ORGANISATIONS.scope(actor))
        body = await export(queries.LIST, asked, queries.SCOPE, scope, sheet=_("工会组织"))
        return download(body, f"{_('工会组织')}.xlsx", XLSX)

    @get("/tree", name="registry.organisations.tree")
    async def tree(self, request: HouseRequest) -> Response[Any]:
        """The tree from where the actor's scope begins, one level open."""
        actor = actor_of(request)
        roots = await queries.roots_for(actor)
        opened = {root.id: await queries.children_for(actor, root.id) for root in roots[:3]}
        return await page(
            request, f"{TEMPLATES}/tree.html", roots=roots, opened=opened, kinds=KINDS, region=queries.region_name,
            crumbs=crumbs((_("组织树"), None)),
        )  # fmt: skip

    @get("/tree/{parent:uuid}", name="registry.organisations.branch")
    async def branch(self, request: HouseRequest, parent: FromPath[UUID]) -> Response[Any]:
        """What stands below one node, fetched when it is opened."""
        children = await queries.children_for(actor_of(request), parent)
        return await page(
            request, f"{TEMPLATES}/branch.html", children=children, kinds=KINDS, parent=parent,
            region=queries.region_name,
        )  # fmt: skip

    @get("/{organisation:uuid}", name="registry.organisations.show")
    async def shown(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """One organisation."""
        return await self._shown(request, organisation)

    async def _shown(
        self, request: HouseRequest, organisation: UUID, form: Bound[Any] | None = None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        found = await queries.find_for(actor, organisation, Permission.SEE_ORGANISATIONS)
        return await page(
            request, f"{TEMPLATES}/show.html", status_code=status, o=found, form=form, kinds=KINDS, unions=UNION_STATES,
            path=await queries.path_of(found.ancestors), counts=await queries.counts_of(organisation),
            history=await queries.history_of(organisation), achievements=await of_organisation(organisation),
            into=(await queries.names([found.merged_into])) if found.merged_into else {},
            region=queries.region_name, unit_type=_name(UNIT_TYPES, found.unit_type),
            industry=_name(INDUSTRIES, found.industry), keeps=keeps(actor, found),
            workers=Permission.SEE_WORKERS.allows(actor), crumbs=crumbs((found.name, None)),
        )  # fmt: skip

    @get("/new", name="registry.organisations.new", opt=KEEP)
    async def new(self, request: HouseRequest) -> Response[Any]:
        """The empty form; ``?parent=`` fills in where it shall stand."""
        parent = request.query_params.get("parent", "")
        form: Bound[Any] = Bound({"parent": parent} if parent else {})
        return await self._form(request, form, None)

    @post("/", name="registry.organisations.create", status_code=303, opt=KEEP)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Register one."""
        form = await read_form(request, OrganisationForm)
        if form.ok:
            with form.catching():
                made = await operations.create_organisation(actor_of(request), form.data)
                return await see_other(request, f"{ROOT}/{made}", flash=_("已登记"))
        return await self._form(request, form, None, 422)

    @get("/{organisation:uuid}/edit", name="registry.organisations.edit", opt=KEEP)
    async def edit(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """The form with what stands."""
        found = await queries.find_for(actor_of(request), organisation, Permission.KEEP_ORGANISATIONS)
        return await self._form(request, Bound(values_of(found)), found)

    @post("/{organisation:uuid}", name="registry.organisations.update", status_code=303, opt=KEEP)
    async def update(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Save; an older version is refused (412) with the current one shown."""
        actor = actor_of(request)
        found = await queries.find_for(actor, organisation, Permission.KEEP_ORGANISATIONS)
        form = await read_form(request, OrganisationForm)
        status = 422
        if form.ok:
            try:
                with form.catching():
                    await operations.edit_organisation(actor, organisation, form.data)
                    return await see_other(request, f"{ROOT}/{organisation}", flash=_("已保存"))
            finally:
                if any(fault.code == "stale" for _name_, fault in form.all_faults):
                    status = Stale.status
        form.values["version"] = found.version
        return await self._form(request, form, found, status)

    async def _form(
        self, request: HouseRequest, form: Bound[Any], found: Organisation | None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        return await page(
            request, f"{TEMPLATES}/form.html", status_code=status, form=form, o=found,
            parents=[] if found else await parents_for(actor), kinds=queries.kind_options(),
            unions=queries.union_options(),
            regions=[("", _("随上级工会")), *queries.region_options()],
            unit_types=[("", "—"), *UNIT_TYPES.options(english=queries.english())],
            industries=[("", "—"), *INDUSTRIES.options(english=queries.english())],
            crumbs=crumbs((found.name, f"{ROOT}/{found.id}") if found else (_("登记组织"), None)),
        )  # fmt: skip

    @get("/{organisation:uuid}/place", name="registry.organisations.place", opt=KEEP)
    async def place(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Choose another parent."""
        return await self._choose(request, organisation, "place", Bound())

    @post("/{organisation:uuid}/place", name="registry.organisations.move", status_code=303, opt=KEEP)
    async def move(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Move it, with all below."""
        form = await read_form(request, MoveForm)
        if form.ok:
            with form.catching():
                await operations.move_organisation(actor_of(request), organisation, form.data)
                return await see_other(request, f"{ROOT}/{organisation}", flash=_("已移动"))
        return await self._choose(request, organisation, "place", form, 422)

    @get("/{organisation:uuid}/merging", name="registry.organisations.merging", opt=KEEP)
    async def merging(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Choose what goes into this one; the likeliest duplicates stand first."""
        return await self._choose(request, organisation, "merging", Bound())

    @post("/{organisation:uuid}/merging", name="registry.organisations.merge", status_code=303, opt=KEEP)
    async def merge(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Ask that the chosen one go into this one: another person confirms it."""
        form = await read_form(request, AskForm)
        if form.ok:
            with form.catching():
                await ask_merge(actor_of(request), "organisation", organisation, form.data)
                return await see_other(request, "/registry/merges", flash=_("已提出，等另一人确认"))
        return await self._choose(request, organisation, "merging", form, 422)

    async def _choose(
        self, request: HouseRequest, organisation: UUID, act: str, form: Bound[Any], status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        found = await queries.find_for(actor, organisation, Permission.KEEP_ORGANISATIONS)
        q = str(request.query_params.get("q", ""))[:100]
        if act == "place":
            choices = await queries.pick(actor, q, Permission.KEEP_ORGANISATIONS, above=found.kind)
        elif q:
            choices = await queries.pick(actor, q, Permission.KEEP_ORGANISATIONS)
        else:
            choices = await likely_duplicates(actor, found)
        return await page(
            request, f"{TEMPLATES}/choose.html", status_code=status, o=found, act=act, form=form, q=q,
            choices=[c for c in choices if c.id != organisation], kinds=KINDS, region=queries.region_name,
            crumbs=crumbs((found.name, f"{ROOT}/{found.id}"), (_("移动") if act == "place" else _("合并"), None)),
        )  # fmt: skip

    @post("/{organisation:uuid}/closing", name="registry.organisations.close", status_code=303, opt=KEEP)
    async def close(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Close it."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                await operations.close_organisation(actor_of(request), organisation, form.data)
                return await see_other(request, f"{ROOT}/{organisation}", flash=_("已关闭"))
        return await self._again(request, organisation, form)

    @post("/{organisation:uuid}/reopening", name="registry.organisations.reopen", status_code=303, opt=KEEP)
    async def reopen(self, request: HouseRequest, organisation: FromPath[UUID]) -> Response[Any]:
        """Open it again."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                await operations.reopen_organisation(actor_of(request), organisation, form.data)
                return await see_other(request, f"{ROOT}/{organisation}", flash=_("已恢复"))
        return await self._again(request, organisation, form)

    async def _again(self, request: HouseRequest, organisation: UUID, form: Bound[Any]) -> Response[Any]:
        return await self._shown(request, organisation, form, 422)


async def parents_for(actor: Actor) -> list[tuple[str, str]]:
    """What something may be hung under, indented as the tree is, at most 500."""
    rows = await fetch(
        "SELECT id, name, cardinality(ancestors) AS depth FROM organisation o"
        f" WHERE kind = ANY($2::varchar[]) AND closed_at IS NULL AND {queries.SCOPE.format('$1')}"
        " ORDER BY cardinality(ancestors), region, sort_key LIMIT 500",
        list(Permission.KEEP_ORGANISATIONS.scope(actor)), list(PARENT_KINDS),
    )  # fmt: skip
    return [("", "—"), *((str(row["id"]), "　" * (row["depth"] - 1) + row["name"]) for row in rows)]


async def likely_duplicates(actor: Actor, found: Organisation) -> list[Any]:
    """Organisations with the same employer code, employer or name."""
    from registry.organisations.schemas import Choice

    rows = await fetch(
        "SELECT o.id, o.name, o.kind, o.region, coalesce(u.name, '') AS path FROM organisation o"
        " LEFT JOIN organisation u ON u.id = o.parent"
        f" WHERE {queries.SCOPE.format('$1')} AND {queries.LIVE} AND o.id <> $2 AND (o.unit_code = $3 OR o.name = $4"
        " OR ($5 <> '' AND o.unit_name = $5)) ORDER BY o.sort_key LIMIT 20",
        list(Permission.KEEP_ORGANISATIONS.scope(actor)), found.id, found.unit_code, found.name, found.unit_name,
    )  # fmt: skip
    return [Choice(**dict(row)) for row in rows]


def _name(table: Any, code: str) -> str:
    return (table.en(code) if queries.english() else table.zh(code)) if code else ""


class OrganisationApi(Controller):
    """/api/v1/organisations"""

    path = "/api/v1/organisations"
    opt = {"policy": Permission.SEE_ORGANISATIONS}

    @get("/", name="api.organisations.pick", operation_id="pickOrganisations")
    async def picked(self, request: HouseRequest) -> dict[str, Any]:
        """At most 20 organisations for ``?q=``, within what the caller may see."""
        q = str(request.query_params.get("q", ""))
        found = await queries.pick(actor_of(request), q, Permission.SEE_ORGANISATIONS)
        return {"organisations": [{"id": str(c.id), "name": c.name, "under": c.path, "kind": c.kind} for c in found]}


HANDLERS = [OrganisationPages, OrganisationApi]
