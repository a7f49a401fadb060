"""推荐申报: the pages of the unit — what is open, our nominations, the dossier — and the officers' list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from foundation.database import transaction
from foundation.errors import NotFound
from foundation.forms import Bound, read_form
from foundation.i18n import _
from foundation.listing import XLSX, export
from foundation.web.pages import HouseRequest, actor_of, download, fragment, page, see_other
from foundation.web.protection import CSRF_FIELD
from honours.nominations import access, checklist, choices, drafts, operations, queries, showing, starting
from honours.nominations.schemas import SECTIONS, StartForm, VersionForm, WithdrawForm, dossier_of
from honours.permissions import Permission
from registry.organisations import queries as organisations
from registry.permissions import Permission as Registry
from registry.workers import queries as workers

SEE, NOMINATE = {"policy": Permission.SEE_NOMINATIONS}, {"policy": Permission.NOMINATE}
TEMPLATES = "honours/nominations"
HOME = "/nominations"


class NominationPages(Controller):
    """From what is open to what was handed in."""

    path = HOME

    @get("/", opt=SEE, name="honours.nominations.list")
    async def list(self, request: HouseRequest) -> Response[Any]:
        """A unit sees what is open and its own; officers search theirs."""
        if Permission.NOMINATE.allows(actor_of(request)):
            return await _own(request)
        found = await queries.listed(actor_of(request), request.query_params)
        return await page(
            request, f"{TEMPLATES}/officers.html", found=found, crumbs=_crumbs(), **choices.words("person")
        )

    @get("/export", opt={"policy": Permission.KEEP_CLEARANCES}, name="honours.nominations.export")
    async def export(self, request: HouseRequest) -> Response[Any]:
        """All matching rows as xlsx."""
        actor = actor_of(request)
        scope = list(Permission.SEE_NOMINATIONS.scope(actor))
        body = await export(
            queries.LIST, queries.LIST.ask(request.query_params), access.VISIBLE, scope, sheet=_("推荐名单")
        )
        return download(body, f"{_('推荐名单')}.xlsx", XLSX)

    @get("/new", opt=NOMINATE, name="honours.nominations.new")
    async def new(self, request: HouseRequest, award: FromQuery[str] = "", q: FromQuery[str] = "") -> Response[Any]:
        """Whom to put forward for an award."""
        return await _new(request, award, q[:100])

    @post("/", opt=NOMINATE, name="honours.nominations.start", status_code=303)
    async def start(self, request: HouseRequest) -> Response[Any]:
        """Begin a draft, prefilled."""
        form = await read_form(request, StartForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                made = await starting.start_nomination(actor_of(request), form.data)
                return await see_other(request, f"{HOME}/{made}", flash=_("已建草稿，内容由档案带出，请核对"))
        return await _new(request, str(form.values.get("award", "")), "", form=form, status_code=refused.status)

    @get("/{nomination:uuid}", opt=SEE, name="honours.nominations.show")
    async def show(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """The dossier: forms while it is with the unit, else to be read."""
        return await show_dossier(request, nomination)

    @post("/{nomination:uuid}/sections/{section:str}", opt=NOMINATE, name="honours.nominations.save", status_code=303)
    async def save(self, request: HouseRequest, nomination: FromPath[UUID], section: FromPath[str]) -> Response[Any]:
        """Save one part as typed."""
        if section not in SECTIONS:
            raise NotFound
        pairs = await _pairs(request)
        form, version = drafts.bound(section, pairs), dict(pairs).get("version", "")
        refused = showing.Refused(form)
        if form.ok and version.isascii() and version.isdigit() and len(version) < 9:
            with refused:
                await operations.save_section(
                    actor_of(request), nomination, section, form.data, version=int(version)
                )  # fmt: skip
                return await see_other(request, f"{HOME}/{nomination}#part-{section}", flash=_("已保存"))
        return await show_dossier(request, nomination, typed={section: form}, status_code=refused.status)

    @post("/{nomination:uuid}/drafts/{section:str}", opt=NOMINATE, name="honours.nominations.draft", status_code=200)
    async def draft(self, request: HouseRequest, nomination: FromPath[UUID], section: FromPath[str]) -> Response[Any]:
        """Keep what is being typed, and answer with the checklist as it would be."""
        actor = actor_of(request)
        if section not in SECTIONS:
            raise NotFound
        async with transaction():
            row = await operations.lock_own(actor, nomination)
            at = await drafts.keep(actor, nomination, section, await _pairs(request))
            dossier = drafts.overlay(dossier_of(row["dossier"]), await drafts.of(actor, nomination))
            found = await checklist.checklist_of(row, dossier=dossier)
        return await fragment(
            request, f"{TEMPLATES}/checklist.html", n=row, found=found, kept_at=at, swapped=True,
            **showing.checklist_words(found),
        )  # fmt: skip

    @post("/{nomination:uuid}/drafts/{section:str}/discarding", opt=NOMINATE, name="honours.nominations.discard_draft", status_code=303)  # fmt: skip
    async def discard(self, request: HouseRequest, nomination: FromPath[UUID], section: FromPath[str]) -> Response[Any]:
        """Throw away what was typed and not saved: back to what is saved."""
        if section not in SECTIONS:
            raise NotFound
        async with transaction():
            await operations.lock_own(actor_of(request), nomination)
            await drafts.drop(actor_of(request), nomination, section)
        return await see_other(request, f"{HOME}/{nomination}#part-{section}", flash=_("已回到上次保存的内容"))

    @post("/{nomination:uuid}/submission", opt=NOMINATE, name="honours.nominations.submit", status_code=303)
    async def submit(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Hand in; what stands in the way is shown all at once."""
        form = await read_form(request, VersionForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.hand_in(actor_of(request), nomination, version=form.data.version)
                return await see_other(request, f"{HOME}/{nomination}", flash=_("已上报，等待初审"))
        return await show_dossier(request, nomination, said=True, other=form, status_code=refused.status)

    @post("/{nomination:uuid}/withdrawal", opt=NOMINATE, name="honours.nominations.withdraw", status_code=303)
    async def withdraw(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Take it back before the first gate decided."""
        form = await read_form(request, WithdrawForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                data = form.data
                await operations.withdraw(actor_of(request), nomination, version=data.version, reason=data.reason)
                return await see_other(request, HOME, flash=_("已撤回推荐"))
        return await show_dossier(request, nomination, other=form, status_code=refused.status)

    @get("/{nomination:uuid}/changes", opt=SEE, name="honours.nominations.changes")
    async def changes(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """What changed since the return, and what was said."""
        from honours.nominations.changes import since_return

        row = await access.row_for(actor_of(request), nomination, Permission.SEE_NOMINATIONS)
        return await page(
            request, f"{TEMPLATES}/changes.html", n=row, changed=await since_return(row), opinions=await queries.opinions_of(nomination),
            crumbs=[*_crumbs(row), {"label": _("退回意见与改动"), "href": ""}], **choices.words(row["kind"]),
        )  # fmt: skip


async def show_dossier(
    request: HouseRequest, nomination: UUID, *, typed: dict[str, Bound[Any]] | None = None, said: bool = False,
    other: Bound[Any] | None = None, status_code: int = 200,
) -> Response[Any]:  # fmt: skip
    """The page of one nomination, as its reader may use it."""
    actor = actor_of(request)
    row = await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
    context = await showing.dossier_context(actor, row, typed=typed, said=said, other=other)
    return await page(
        request, f"{TEMPLATES}/dossier.html", status_code=status_code, crumbs=_crumbs(row), **context,
        stale=status_code == 412,
    )  # fmt: skip


async def _pairs(request: HouseRequest) -> list[tuple[str, str]]:
    data = await request.form()
    return [(name, value) for name, value in data.multi_items() if name != CSRF_FIELD and isinstance(value, str)][:400]


async def _own(request: HouseRequest) -> Response[Any]:
    actor = actor_of(request)
    mine = await queries.own(actor)
    left = {one.due_at: await queries.days_left(one.due_at) for one in mine if one.due_at}
    return await page(
        request, f"{TEMPLATES}/list.html", offers=await queries.offers(actor), mine=mine, left=left, crumbs=_crumbs(),
        **choices.words("person"),
    )  # fmt: skip


async def _new(
    request: HouseRequest, award: str, q: str, *, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[Any]:
    actor = actor_of(request)
    offers = await queries.offers(actor)
    chosen = next((one for one in offers if str(one.award) == award), None)
    if chosen is None:
        raise NotFound
    people = await workers.pick_workers(actor, q) if chosen.kind == "person" else []
    units = await organisations.pick(actor, q, Registry.SEE_ORGANISATIONS) if chosen.kind != "person" else []
    return await page(
        request, f"{TEMPLATES}/new.html", status_code=status_code, award=chosen, q=q, people=people, units=units, form=form,
        crumbs=[*_crumbs(), {"label": _("新的推荐"), "href": ""}], **choices.words("person"),
    )  # fmt: skip


def _crumbs(row: Any = None) -> list[dict[str, str]]:
    first = [{"label": _("推荐申报"), "href": HOME}]
    if row is None:
        return first
    return [*first, {"label": row["cycle_title"], "href": ""}, {"label": row["name"], "href": f"{HOME}/{row['id']}"}]


__all__ = ["NominationPages", "show_dossier"]
