"""Pages of the workers: list, one worker, registering and changing, export."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, trail
from foundation.database import fetchval, transaction
from foundation.errors import Refusal, Stale
from foundation.forms import Bound, read_form, values_of
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export, workbook
from foundation.web.pages import HouseRequest, actor_of, download, page, parse_id, see_other
from foundation.web.policy import Actor
from registry.achievements.queries import of_worker
from registry.codes import id_card
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.nationalities import CHINA, NATIONALITIES
from registry.codes.occupations import OCCUPATIONS
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.organisations import queries as organisations
from registry.permissions import Permission
from registry.workers import operations, queries, sealing
from registry.workers.schemas import Line, ReasonForm, UnmaskForm, Worker, WorkerForm

ROOT = "/registry/workers"
TEMPLATES = "registry/workers"
KEEP = {"policy": Permission.KEEP_WORKERS}
TABLES = {
    "sex": SEXES, "nationality": NATIONALITIES, "ethnic_group": ETHNIC_GROUPS, "political_status": POLITICAL_STATUSES, "education": EDUCATION_LEVELS,
    "job_category": JOB_CATEGORIES, "skill_level": SKILL_LEVELS, "occupation": OCCUPATIONS,
}  # fmt: skip
MOST_PERSONAL = 5_000


def crumbs(*steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"label": _("职工"), "href": ROOT}, *({"label": label, "href": href} for label, href in steps)]


def name_of(field: str, code: str) -> str:
    """A code in the reader's language."""
    table = TABLES[field]
    return (table.en(code) if organisations.english() else table.zh(code)) if code else ""


def options_of(field: str, *, empty: bool = True) -> list[tuple[str, str]]:
    return [*([("", "—")] if empty else []), *TABLES[field].options(english=organisations.english())]


def keeps(actor: Actor, worker: Worker) -> bool:
    """Whether the actor may change this worker."""
    return not Permission.KEEP_WORKERS.scope(actor).isdisjoint(worker.ancestors)


def _words(rows: Sequence[Line]) -> dict[str, dict[str, str]]:
    """The codes of a page's rows in the reader's language, each looked up once: {field: {code: name}}."""
    return {
        "region": {code: organisations.region_name(code) for code in {row.region for row in rows}},
        "job_category": {code: name_of("job_category", code) for code in {row.job_category for row in rows}},
        "skill_level": {code: name_of("skill_level", code) for code in {row.skill_level for row in rows}},
    }


async def units_for(actor: Actor, q: str) -> list[Any]:
    """Units to register somebody with, at most 50."""
    return await organisations.pick(actor, q, Permission.KEEP_WORKERS, limit=50)


class WorkerPages(Controller):
    """/registry/workers"""

    path = ROOT
    opt = {"policy": Permission.SEE_WORKERS}

    @get("/", name="registry.workers.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The list: by name, 拼音, unit; by region, category, level, flag. An ID number is never searched by address."""
        actor = actor_of(request)
        q = id_card.normalise(str(request.query_params.get("q", ""))[:40])
        if len(q) == 18 and id_card.is_valid(q, today=await clock.today()):
            return await see_other(request, ROOT, flash=_("身份证号不在地址栏中查询，请用“按证件号查找”"))
        found = await queries.listed(actor, request.query_params)
        unit = parse_id(found.chosen("unit")) if found.chosen("unit") else None
        unit_name = (await organisations.names([unit])).get(unit, "") if unit else ""
        return await page(
            request, f"{TEMPLATES}/list.html", found=found, unit=unit, unit_name=unit_name, form=None,
            words=_words(found.rows), keeps=Permission.KEEP_WORKERS.allows(actor),
            bulk=Permission.BULK_IMPORT.allows(actor), crumbs=crumbs(),
        )  # fmt: skip

    @post("/lookup", name="registry.workers.lookup", status_code=303)
    async def looked_up(self, request: HouseRequest) -> Response[Any]:
        """Find by ID number, in the body of a request: never in an address."""
        number = str((await request.form()).get("id_number", ""))[:40]
        card = id_card.parse(number, today=await clock.today(), field="id_number")
        found = await fetchval(
            "SELECT w.id FROM worker w JOIN organisation o ON o.id = w.organisation"
            " WHERE w.id_number_index = $1 AND o.ancestors && $2::uuid[]",
            sealing.id_index(card.number), queries.scope_of(actor_of(request)),
        )  # fmt: skip
        if found is None:
            raise Refusal("worker_unknown", "您管辖的单位中没有这个身份证号的登记", field="id_number")
        return await see_other(request, f"{ROOT}/{found}")

    @get("/export", name="registry.workers.export")
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The list as asked, without personal numbers."""
        actor = actor_of(request)
        asked = queries.LIST.ask(request.query_params)
        body = await export(queries.LIST, asked, queries.SCOPE, queries.scope_of(actor), sheet=_("职工"))
        async with transaction():
            await trail.record(actor, "workers.exported", "list", None, {"personal": False})
        return download(body, f"{_('职工')}.xlsx", XLSX)

    @post("/export", name="registry.workers.export.personal", opt={"policy": Permission.UNMASK}, status_code=200)
    async def exported_with_numbers(self, request: HouseRequest) -> Response[Any]:
        """With ID numbers and phones: for a reason, with a trail, at most 5,000 people, the exporter's name in the file."""
        actor = actor_of(request)
        form = await read_form(request, ReasonForm)
        body = await personal_export(actor, request.query_params, form.data.reason)
        return download(body, f"{_('职工（含证件号）')}.xlsx", XLSX)

    @get("/new", name="registry.workers.new", opt=KEEP)
    async def new(self, request: HouseRequest) -> Response[Any]:
        """The empty form for a unit; first the unit is chosen where there are several."""
        actor = actor_of(request)
        q = str(request.query_params.get("q", ""))[:100]
        unit = request.query_params.get("unit")
        if not unit:
            units = await units_for(actor, q)
            if len(units) != 1 or q:
                return await page(
                    request, f"{TEMPLATES}/unit.html", units=units, q=q, next="/registry/workers/new",
                    title=_("新增职工：先选单位"), crumbs=crumbs((_("新增职工"), None)),
                )  # fmt: skip
            unit = str(units[0].id)
        form: Bound[Any] = Bound({"organisation": unit, "ethnic_group": "01", "political_status": "13"})
        return await self._form(request, form, parse_id(unit), None)

    @post("/", name="registry.workers.create", opt=KEEP, status_code=303)
    async def create(self, request: HouseRequest) -> Response[Any]:
        """Register somebody."""
        form = await read_form(request, WorkerForm)
        if form.ok:
            with form.catching():
                made = await operations.register_worker(actor_of(request), form.data)
                return await see_other(request, f"{ROOT}/{made}", flash=_("已登记"))
        return await self._form(request, form, parse_id(str(form.values.get("organisation", ""))), None, 422)

    @get("/{worker:uuid}", name="registry.workers.show")
    async def shown(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """One worker, numbers masked."""
        return await show(request, worker)

    @get("/{worker:uuid}/edit", name="registry.workers.edit", opt=KEEP)
    async def edit(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """The form with what stands; the numbers stay sealed and are typed only to change them."""
        found = await queries.find_for(actor_of(request), worker, Permission.KEEP_WORKERS)
        return await self._form(request, Bound(values_of(found)), found.organisation, found)

    @post("/{worker:uuid}", name="registry.workers.update", opt=KEEP, status_code=303)
    async def update(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Save."""
        actor = actor_of(request)
        found = await queries.find_for(actor, worker, Permission.KEEP_WORKERS)
        form = await read_form(request, WorkerForm)
        if form.ok:
            with form.catching():
                await operations.edit_worker(actor, worker, form.data)
                return await see_other(request, f"{ROOT}/{worker}", flash=_("已保存"))
        stale = any(fault.code == "stale" for _field, fault in form.all_faults)
        form.values["version"] = found.version
        return await self._form(request, form, found.organisation, found, Stale.status if stale else 422)

    @post(
        "/{worker:uuid}/unmasking", name="registry.workers.unmask", opt={"policy": Permission.UNMASK}, status_code=200
    )
    async def unmask(self, request: HouseRequest, worker: FromPath[UUID]) -> Response[Any]:
        """Show one number once, for a reason."""
        form = await read_form(request, UnmaskForm)
        if form.ok:
            with form.catching():
                number = await operations.unmask(actor_of(request), worker, form.data)
                return await show(request, worker, unmasked=(form.data.field, number))
        return await show(request, worker, form=form, status=422)

    async def _form(
        self, request: HouseRequest, form: Bound[Any], unit: UUID, found: Worker | None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        employer = await organisations.find_for(actor, unit, Permission.KEEP_WORKERS)
        elsewhere = any(fault.code == "worker_elsewhere" for _field, fault in form.all_faults)
        return await page(
            request, f"{TEMPLATES}/form.html", status_code=status, form=form, w=found, unit=employer,
            options=options_of, elsewhere=elsewhere,
            crumbs=crumbs((found.name, f"{ROOT}/{found.id}") if found else (_("新增职工"), None)),
        )  # fmt: skip


async def show(
    request: HouseRequest, worker: UUID, *, form: Bound[Any] | None = None, status: int = 200,
    unmasked: tuple[str, str] | None = None,
) -> Response[Any]:  # fmt: skip
    """A worker's page; ``unmasked`` is (field, number) right after it was asked for, in this answer only."""
    actor = actor_of(request)
    found = await queries.find_for(actor, worker)
    keeping = keeps(actor, found)
    return await page(
        request, f"{TEMPLATES}/show.html", status_code=status, w=found, form=form, unmasked=unmasked, name_of=name_of,
        employments=await queries.employments_of(worker), achievements=await of_worker(worker),
        unmaskings=await queries.unmaskings_of(worker) if keeping else [], keeps=keeping,
        officer=not Permission.KEEP_ORGANISATIONS.scope(actor).isdisjoint(found.ancestors),
        flags=[_(queries.FLAGS[key]) for key in flags_of(found)], region=organisations.region_name,
        kept=await kept_name(actor, found), crumbs=crumbs((found.name, None)),
    )  # fmt: skip


async def kept_name(actor: Actor, found: Worker) -> str:
    """The name of the record that this one went into."""
    return (await queries.find_for(actor, found.merged_into)).name if found.merged_into else ""


def flags_of(worker: Worker) -> list[str]:
    """The flags that hold, in the list's order (H17)."""
    held = {
        "migrant": worker.is_migrant, "woman": worker.sex == "2", "non_public": worker.is_non_public,
        "minority": worker.ethnic_group not in ("", "01", "98"), "new_form": worker.is_new_form,
        "foreign": worker.nationality != CHINA,
    }  # fmt: skip
    return [key for key in queries.FLAGS if held[key]]


async def personal_export(actor: Actor, query: Any, reason: str) -> bytes:
    """An xlsx with full numbers. Raises ``export_too_long`` beyond 5,000 people; leaves the trail (SECURITY 16)."""
    listing, scope = queries.LIST, list(Permission.UNMASK.scope(actor))
    columns = [column for column in listing.columns if column.export]
    asked = listing.ask(query)
    count = 0

    async def rows() -> AsyncIterator[list[str]]:
        nonlocal count
        async for row in listing.every(asked, queries.SCOPE, scope):
            count += 1
            if count > MOST_PERSONAL:
                raise Refusal("export_too_long", "一次最多导出 {most} 行：请先用筛选缩小范围", most=MOST_PERSONAL)
            numbers = queries.numbers_of_row(row)
            yield [numbers.id_number, numbers.phone, *(column.cell(row) for column in columns)]

    async with transaction():
        now = clock.local(await clock.now())
        note = _("{name} 于 {at} 导出，事由：{reason}").format(
            name=actor.name, at=f"{now:%Y-%m-%d %H:%M}", reason=reason
        )
        titles = [_("身份证号"), _("手机号"), *(_(column.title) for column in columns)]
        body = await workbook(titles, rows(), sheet=_("职工"), note=note)
        await trail.record(actor, "workers.exported", "list", None, {"personal": True, "count": count})
        return body
