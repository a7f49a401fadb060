"""工作室管理: the register, what is due, one studio's working page and its acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.forms import Bound, read_form
from foundation.i18n import _
from foundation.listing import XLSX, export
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.policy import Actor
from studios.outputs import queries as outputs
from studios.permissions import Permission
from studios.stages import LABELS, MOVES, Stage
from studios.upkeep import access, queries, schemas, visiting
from studios.upkeep import operations as life

SEE, DECIDE = {"policy": Permission.SEE_STUDIOS}, {"policy": Permission.DECIDE_STUDIOS}
PATH, TEMPLATES = queries.PATH, "studios/upkeep"
Act = tuple[type[msgspec.Struct], Callable[[Actor, UUID, Any], Awaitable[Any]]]
ACTS: dict[str, Act] = {
    "assessment": (schemas.AssessForm, life.assess),
    "visit": (schemas.SendPanelForm, visiting.send_panel),
    "visit-end": (schemas.EndVisitForm, visiting.end_visit),
    "visit-off": (schemas.ReasonForm, visiting.call_off),
    "revisit": (schemas.RevisitForm, life.revisit),
    "review": (schemas.ReasonForm, life.keep_after_rereview),
    "renewal": (schemas.RenewForm, life.renew),
    "upgrade": (schemas.UpgradeForm, life.upgrade),
    "leader": (schemas.LeaderForm, life.change_leader),
    "merger": (schemas.MergeForm, life.merge_studio),
    "relocation": (schemas.MoveForm, life.relocate),
    "ending": (schemas.EndForm, life.end_studio),
    "recovery": (schemas.RecoveryForm, life.keep_recovery),
}
"""What the naming union's officers do with a studio: one address each."""


class StudioRegisterPages(Controller):
    """/studio-register"""

    path = PATH

    @get("/", opt=SEE, name="studios.register.list")
    async def list(self, request: HouseRequest) -> Response[Any]:
        """The studios within reach: an enterprise's own, a county's, the city's."""
        actor = actor_of(request)
        found = await queries.LIST.fetch(
            queries.LIST.ask(request.query_params), access.VISIBLE, queries.scope_of(actor)
        )
        return await page(request, f"{TEMPLATES}/register.html", found=found, crumbs=_crumbs(), **words())

    @get("/export", opt={"policy": Permission.SEE_APPLICATIONS}, name="studios.register.export")
    async def export(self, request: HouseRequest) -> Response[Any]:
        """All matching rows as xlsx."""
        scope = queries.scope_of(actor_of(request))
        body = await export(
            queries.LIST, queries.LIST.ask(request.query_params), access.VISIBLE, scope, sheet=_("工作室名册")
        )
        return download(body, f"{_('工作室名册')}.xlsx", XLSX)

    @get("/due", opt=SEE, name="studios.register.due")
    async def due(self, request: HouseRequest) -> Response[Any]:
        """What is due, the earliest first."""
        crumbs = [*_crumbs(), {"label": _("到期清单"), "href": ""}]
        return await page(
            request, f"{TEMPLATES}/due.html", due=await queries.due(actor_of(request)), crumbs=crumbs, **words()
        )

    @get("/{studio:uuid}", opt=SEE, name="studios.register.show")
    async def show(self, request: HouseRequest, studio: FromPath[UUID]) -> Response[Any]:
        """One studio: where it stands, what is due, its years and its time-line."""
        return await show_studio(request, studio)

    @post("/{studio:uuid}/acts/{act:str}", opt=DECIDE, name="studios.register.act", status_code=303)
    async def act(self, request: HouseRequest, studio: FromPath[UUID], act: FromPath[str]) -> Response[Any]:
        """One of the naming union's acts."""
        if act not in ACTS:
            raise NotFound
        struct, verb = ACTS[act]
        form: Bound[Any] = await read_form(request, struct)
        if form.ok:
            with form.catching():
                await verb(actor_of(request), studio, form.data)
                return await see_other(request, f"{PATH}/{studio}", flash=_("已办理"))
        return await show_studio(request, studio, act=act, form=form)

    @post(
        "/{studio:uuid}/answers",
        opt={"policy": Permission.KEEP_STUDIO},
        name="studios.register.answers",
        status_code=303,
    )
    async def answers(self, request: HouseRequest, studio: FromPath[UUID]) -> Response[Any]:
        """The enterprise reports what was mended."""
        form = await read_form(request, schemas.AnswersForm)
        if form.ok:
            with form.catching():
                await life.answer_points(actor_of(request), studio, form.data)
                return await see_other(request, f"{PATH}/{studio}", flash=_("整改情况已上报"))
        return await show_studio(request, studio, act="answers", form=form)

    @post("/assessments/{assessment:uuid}/decision", opt=DECIDE, name="studios.register.decide", status_code=303)
    async def decide(self, request: HouseRequest, assessment: FromPath[UUID]) -> Response[Any]:
        """A second person on a raised grade."""
        one = await fetchrow("SELECT studio FROM assessment WHERE id = $1", assessment)
        if one is None:
            raise NotFound
        form = await read_form(request, schemas.DecideForm)
        if form.ok:
            with form.catching():
                await life.decide_raised(actor_of(request), assessment, form.data)
                return await see_other(request, f"{PATH}/{one['studio']}", flash=_("已办理"))
        return await show_studio(request, one["studio"], act="decision", form=form)

    @get("/reports/{report:uuid}", opt=SEE, name="studios.reports.show")
    async def report(self, request: HouseRequest, report: FromPath[UUID]) -> Response[Any]:
        """A year's report."""
        return await _report(request, report)

    @post(
        "/reports/{report:uuid}", opt={"policy": Permission.KEEP_STUDIO}, name="studios.reports.save", status_code=303
    )
    async def save(self, request: HouseRequest, report: FromPath[UUID]) -> Response[Any]:
        """Keep it, or hand it in."""
        form = await read_form(request, schemas.ReportForm)
        if form.ok:
            with form.catching():
                await life.save_report(actor_of(request), report, form.data)
                return await see_other(
                    request, f"{PATH}/reports/{report}", flash=_("已上报") if form.data.hand_in else _("已保存")
                )
        return await _report(request, report, form)

    @post(
        "/reports/{report:uuid}/opinion",
        opt={"policy": Permission.RECOMMEND},
        name="studios.reports.opinion",
        status_code=303,
    )
    async def opinion(self, request: HouseRequest, report: FromPath[UUID]) -> Response[Any]:
        """The county's opinion."""
        form = await read_form(request, schemas.OpinionForm)
        if form.ok:
            with form.catching():
                await life.give_opinion(actor_of(request), report, form.data)
                return await see_other(request, f"{PATH}/reports/{report}", flash=_("已办理"))
        return await _report(request, report, form)


async def show_studio(
    request: HouseRequest, studio: UUID, *, act: str = "", form: Bound[Any] | None = None
) -> Response[Any]:
    """The working page, as its reader may use it; ``act`` is the form that was refused."""
    actor = actor_of(request)
    row = await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    stage = Stage(row["stage"])
    candidates = await fetch("SELECT id, name, post FROM worker WHERE organisation = $1 AND left_at IS NULL AND id IS DISTINCT FROM $2 ORDER BY sort_key LIMIT 200", row["organisation"], row["leader"])  # fmt: skip
    return await page(
        request, f"{TEMPLATES}/studio.html", status_code=422 if form else 200, s=row, act=act, form=form,
        decides=access.may(actor, row, Permission.DECIDE_STUDIOS), keeps=access.may(actor, row, Permission.KEEP_STUDIO),
        moves={action for at, action in MOVES if at is stage}, years=await outputs.years_of(studio), candidates=candidates,
        programmes=await fetch("SELECT id, title FROM programme WHERE id <> $1 ORDER BY title", row["programme"]),
        others=await fetch(f"SELECT s.id, s.name FROM {access.SOURCE} WHERE {access.VISIBLE.format('$1')} AND s.id <> $2 AND s.stage = ANY($3::varchar[]) ORDER BY s.sort_key LIMIT 200", queries.scope_of(actor), studio, access.LISTED_WORDS),
        crumbs=_crumbs(row), **await queries.page_of(studio), **await visiting.visit_of(row), **words(),
    )  # fmt: skip


async def _report(request: HouseRequest, report: UUID, form: Bound[Any] | None = None) -> Response[Any]:
    actor = actor_of(request)
    one = await fetchrow("SELECT * FROM annual_report WHERE id = $1", report)
    if one is None:
        raise NotFound
    row = await access.studio_for(actor, one["studio"], Permission.SEE_STUDIOS)
    body = msgspec.json.decode(one["body"], type=schemas.ReportBody)
    frozen = msgspec.json.decode(one["figures"])
    return await page(
        request, f"{TEMPLATES}/report.html", status_code=422 if form else 200, s=row, r=one,
        form=form or Bound(msgspec.to_builtins(body)), refused=form is not None, body=body,
        figures=frozen or await outputs.figures_of(row["id"], one["year"]),
        keeps=access.may(actor, row, Permission.KEEP_STUDIO), recommends=access.may(actor, row, Permission.RECOMMEND),
        crumbs=[*_crumbs(row), {"label": _("%(y)s 年度报告", y=one["year"]), "href": ""}], **words(),
    )  # fmt: skip


def words() -> dict[str, Any]:
    """Labels that the templates of this feature show."""
    from studios.outputs.rules import KINDS

    return {
        "stage_labels": {code: _(label) for code, label in LABELS.items()}, "stage_chips": queries.STAGE_CHIPS,
        "grade_labels": {code: _(label) for code, label in queries.GRADES.items()}, "grade_chips": queries.GRADE_CHIPS,
        "level_labels": {code: _(label) for code, label in queries.LEVELS.items()},
        "event_labels": {code: _(label) for code, label in queries.EVENTS.items()},
        "cause_labels": {code: _(label) for code, label in queries.CAUSES.items()},
        "due_labels": {code: _(label) for code, label in queries.DUE_KINDS.items()},
        "report_labels": {code: _(label) for code, label in queries.REPORT_STAGES.items()},
        "kind_labels": {code: _(label) for code, label in KINDS.items()},
    }  # fmt: skip


def _crumbs(row: Any = None) -> list[dict[str, str]]:
    first = [{"label": _("工作室管理"), "href": PATH}]
    return [*first, {"label": row["name"], "href": f"{PATH}/{row['id']}"}] if row else first
