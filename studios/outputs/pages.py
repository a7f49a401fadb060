"""成果台账、师徒与补助: a studio's ledger, the city's table of subsidies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from foundation import storage
from foundation.database import fetch
from foundation.errors import NotFound, Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import N_, _, gettext
from foundation.listing import XLSX, Column, Filter, Listing, export
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.policy import Actor
from studios.outputs import consents, funds, operations, queries, rules, schemas
from studios.permissions import Permission
from studios.upkeep import access
from studios.upkeep.pages import words
from studios.upkeep.queries import PATH, scope_of

SEE, KEEP, FUNDS = ({"policy": p} for p in (Permission.SEE_STUDIOS, Permission.KEEP_STUDIO, Permission.KEEP_FUNDS))
VERDICTS = {"excellent": N_("优秀"), "qualified": N_("合格"), "failed": N_("不合格"), "broken_off": N_("中止")}
SKILLS = {
    "1": N_("一级/高级技师"),
    "2": N_("二级/技师"),
    "3": N_("三级/高级工"),
    "4": N_("四级/中级工"),
    "5": N_("五级/初级工"),
}
OUTPUT_STAGES = {"claimed": N_("待核"), "confirmed": N_("已核"), "struck": N_("已剔除")}
Verb = tuple[type[msgspec.Struct], Callable[[Actor, UUID, Any], Awaitable[Any]]]
KEEPING: dict[str, Verb] = {
    "claim": (schemas.OutputForm, operations.claim_output),
    "agreement": (schemas.AgreementForm, operations.agree),
    "consent": (schemas.ConsentForm, consents.keep_consent),
    "log": (schemas.LogForm, operations.log_teaching),
    "verdict": (schemas.VerdictForm, operations.finish),
    "voucher": (schemas.SpendForm, funds.spend),
}
"""Acts of whoever keeps the studio; the id is the studio's, the agreement's, the worker's or the subsidy's."""
PAYING: dict[str, Verb] = {
    "approval": (schemas.ApproveForm, funds.approve),
    "payment": (schemas.PayForm, funds.pay),
    "return": (schemas.ReturnForm, funds.give_back),
}
MONEY = {"voucher", *PAYING}
LIST = Listing(
    path="/studio-funds",
    select="f.*, f.id AS subsidy",
    source=f"""(SELECT x.*, s.organisation, s.county, c.name AS county_name, o.ancestors AS above, c.ancestors AS above_county
    FROM ({queries.ACCOUNTS_SQL}) x JOIN studio s ON s.id = x.studio JOIN organisation o ON o.id = s.organisation
    JOIN organisation c ON c.id = s.county) f""",
    columns=(
        Column(key="studio_name", title=N_("工作室"), sort="f.studio_name"),
        Column(key="county_name", title=N_("县市区"), sort="f.county_name"),
        Column(key="year", title=N_("年度"), sort="f.year"),
        Column(key="kind", title=N_("补助类别"), sort="f.kind", show=lambda row: gettext(rules.SUBSIDY_KINDS[row["kind"]])),
        Column(key="document_number", title=N_("文号")),
        Column(key="fen", title=N_("批准（元）"), sort="f.fen", number=True, show=lambda row: rules.yuan_text(row["fen"])),
        Column(key="paid", title=N_("已拨（元）"), sort="f.paid", number=True, show=lambda row: rules.yuan_text(row["paid"])),
        Column(key="spent", title=N_("已支（元）"), sort="f.spent", number=True, show=lambda row: rules.yuan_text(row["spent"])),
        Column(key="returned", title=N_("退回（元）"), number=True, show=lambda row: rules.yuan_text(row["returned"])),
        Column(key="balance", title=N_("结余（元）"), number=True, show=lambda row: rules.yuan_text(queries.account_of(row).balance)),
    ),
    filters=(
        Filter(key="kind", title=N_("补助类别"), where="f.kind = {}", options=lambda: [(k, gettext(v)) for k, v in rules.SUBSIDY_KINDS.items()]),
        Filter(key="year", title=N_("年度"), where="f.year = {}", convert=int),
    ),
    order="f.year DESC, f.studio_name, f.id",
    search=lambda q, bind: f"f.studio_name LIKE '%' || {bind(q.replace('%', '').replace('_', ''))} || '%'",
)  # fmt: skip
SCOPE = "(f.above && {0}::uuid[] OR f.above_county && {0}::uuid[])"


class StudioOutputPages(Controller):
    """/studio-register/<studio>/outputs, …/funds"""

    path = PATH

    @get("/{studio:uuid}/outputs", opt=SEE, name="studios.outputs.show")
    async def show(self, request: HouseRequest, studio: FromPath[UUID]) -> Response[Any]:
        """The ledger and the apprentices."""
        return await _outputs(request, studio)

    @get("/{studio:uuid}/funds", opt=SEE, name="studios.funds.show")
    async def funds(self, request: HouseRequest, studio: FromPath[UUID]) -> Response[Any]:
        """The subsidies with every payment, voucher and return."""
        return await _funds(request, studio)

    @post("/{studio:uuid}/keeping/{act:str}/{about:uuid}", opt=KEEP, name="studios.outputs.keep", status_code=303)
    async def keep(
        self, request: HouseRequest, studio: FromPath[UUID], act: FromPath[str], about: FromPath[UUID]
    ) -> Response[Any]:
        """Claim, agree, log, finish, enter a voucher."""
        return await _act(request, KEEPING, studio, act, about)

    @post("/{studio:uuid}/paying/{act:str}/{about:uuid}", opt=FUNDS, name="studios.funds.pay", status_code=303)
    async def pay(
        self, request: HouseRequest, studio: FromPath[UUID], act: FromPath[str], about: FromPath[UUID]
    ) -> Response[Any]:
        """Approve, pay, take back."""
        return await _act(request, PAYING, studio, act, about)

    @post(
        "/{studio:uuid}/outputs/{output:uuid}/decision",
        opt={"policy": Permission.RECOMMEND},
        name="studios.outputs.decide",
        status_code=303,
    )
    async def decide(self, request: HouseRequest, studio: FromPath[UUID], output: FromPath[UUID]) -> Response[Any]:
        """Confirm or strike."""
        return await _act(
            request, {"decision": (schemas.StrikeForm, operations.decide_output)}, studio, "decision", output
        )

    @post(
        "/{studio:uuid}/outputs/{output:uuid}/evidence", opt=KEEP, name="studios.outputs.evidence.add", status_code=303
    )
    async def evidence(self, request: HouseRequest, studio: FromPath[UUID], output: FromPath[UUID]) -> Response[Any]:
        """Add a paper."""
        form: Bound[Any] = Bound()
        given = (await request.form()).get("file")
        with form.catching():
            if not isinstance(given, UploadFile) or not given.filename:
                raise Refusal("file_missing", "请选择文件", field="file")
            body = await given.read(storage.UPLOAD_LIMIT + 1)
            await operations.add_evidence(actor_of(request), output, body, given.filename)
            return await see_other(request, f"{PATH}/{studio}/outputs", flash=_("已添加佐证"))
        return await _outputs(request, studio, "evidence", form)

    @get("/{studio:uuid}/outputs/{output:uuid}/evidence/{file:uuid}", opt=SEE, name="studios.outputs.evidence.file")
    async def file(
        self, request: HouseRequest, studio: FromPath[UUID], output: FromPath[UUID], file: FromPath[UUID]
    ) -> Response[Any]:
        """One paper, to keep."""
        body, name, media_type = await operations.evidence_for(actor_of(request), output, file)
        return download(body, name, media_type)


class StudioFundPages(Controller):
    """/studio-funds"""

    path = "/studio-funds"
    opt = {"policy": Permission.SEE_APPLICATIONS}

    @get("/", name="studios.funds.table")
    async def table(self, request: HouseRequest) -> Response[Any]:
        """All subsidies within reach."""
        found = await LIST.fetch(LIST.ask(request.query_params), SCOPE, scope_of(actor_of(request)))
        crumbs = [{"label": _("补助台账"), "href": ""}]
        return await page(request, "studios/outputs/table.html", found=found, columns=LIST.columns, crumbs=crumbs)

    @get("/export", name="studios.funds.export")
    async def export(self, request: HouseRequest) -> Response[Any]:
        """The same as xlsx."""
        body = await export(
            LIST, LIST.ask(request.query_params), SCOPE, scope_of(actor_of(request)), sheet=_("补助台账")
        )
        return download(body, f"{_('补助台账')}.xlsx", XLSX)


async def _act(request: HouseRequest, verbs: dict[str, Verb], studio: UUID, act: str, about: UUID) -> Response[Any]:
    if act not in verbs:
        raise NotFound
    struct, verb = verbs[act]
    form: Bound[Any] = await read_form(request, struct)
    place = "funds" if act in MONEY else "outputs"
    if form.ok:
        with form.catching():
            await verb(actor_of(request), about, form.data)
            return await see_other(request, f"{PATH}/{studio}/{place}", flash=_("已保存"))
    return await (_funds if act in MONEY else _outputs)(request, studio, act, form)


async def _outputs(request: HouseRequest, studio: UUID, act: str = "", form: Bound[Any] | None = None) -> Response[Any]:
    row = await access.studio_for(actor_of(request), studio, Permission.SEE_STUDIOS)
    people = await fetch(
        "SELECT id, name, post FROM worker WHERE organisation = $1 AND left_at IS NULL ORDER BY sort_key LIMIT 300",
        row["organisation"],
    )
    return await page(
        request, "studios/outputs/outputs.html", status_code=422 if form else 200, act=act, form=form, people=people,
        years=await queries.years_of(studio), rows=await queries.outputs_of(studio), evidence=await queries.evidence_of(studio),
        pairs=await queries.apprenticeships_of(studio), logs=await queries.logs_of(studio),
        consents=await consents.consents_of(studio),
        tree=await queries.three_generations(studio, row["leader"]), **_common(request, row, _("成果与师徒")),
    )  # fmt: skip


async def _funds(request: HouseRequest, studio: UUID, act: str = "", form: Bound[Any] | None = None) -> Response[Any]:
    row = await access.studio_for(actor_of(request), studio, Permission.SEE_STUDIOS)
    subsidies = await queries.subsidies_of(studio)
    return await page(
        request, "studios/outputs/funds.html", status_code=422 if form else 200, act=act, form=form, subsidies=subsidies,
        accounts={one["id"]: queries.account_of(one) for one in subsidies}, yuan=rules.yuan_text,
        pays=access.may(actor_of(request), row, Permission.KEEP_FUNDS),
        **await queries.movements_of([one["id"] for one in subsidies]), **_common(request, row, _("补助台账")),
    )  # fmt: skip


def _common(request: HouseRequest, row: Any, title: str) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "s": row, "keeps": access.may(actor, row, Permission.KEEP_STUDIO), "recommends": access.may(actor, row, Permission.RECOMMEND),
        "verdict_labels": {code: _(label) for code, label in VERDICTS.items()},
        "skill_labels": {code: _(label) for code, label in SKILLS.items()},
        "output_labels": {code: _(label) for code, label in OUTPUT_STAGES.items()},
        "subsidy_labels": {code: _(label) for code, label in rules.SUBSIDY_KINDS.items()},
        "crumbs": [{"label": _("工作室管理"), "href": PATH}, {"label": row["name"], "href": f"{PATH}/{row['id']}"}, {"label": title, "href": ""}],
        **words(),
    }  # fmt: skip
