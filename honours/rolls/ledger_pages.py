"""Pages of the ledger for officers: search, one holder's honours, imports, corrections, revocations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from foundation import storage, trail
from foundation.database import fetchrow, transaction
from foundation.errors import NotFound, Refusal
from foundation.forms import CONTROL, Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.permissions import Permission
from honours.rolls import correcting, importing, keeping, revoking, rules
from honours.rolls.public import LEVELS, _counties
from honours.rolls.revoking import REACH, REVOCATION_SQL
from honours.rolls.schemas import (
    CAUSES,
    CorrectionForm,
    OpinionForm,
    OutcomeForm,
    ReasonForm,
    RecallForm,
    RevocationForm,
)

LEDGER, REVOCATIONS = "/honours/ledger", "/honours/revocations"
TEMPLATES = "honours/rolls"
MOST_BYTES = 10 * 1024 * 1024
KINDS = {b"%PDF": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def crumbs(*steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"label": _("荣誉台账"), "href": LEDGER}, *({"label": label, "href": href} for label, href in steps)]


async def scan_of(request: HouseRequest, field: str = "file") -> tuple[bytes, str, str] | None:
    """(bytes, name, type) of an uploaded PDF, JPEG or PNG; None where none was chosen. Refuses anything else."""
    given = (await request.form()).get(field)
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    body = await given.read(MOST_BYTES + 1)
    kind = next((kind for head, kind in KINDS.items() if body.startswith(head)), None)
    if len(body) > MOST_BYTES or kind is None:
        raise Refusal("scan_kind", "请上传 10 MB 以内的 PDF、JPG 或 PNG 文件", field=field)
    return body, given.filename, kind


class LedgerPages(Controller):
    """/honours/ledger"""

    path = LEDGER
    opt = {"policy": Permission.KEEP_LEDGER}

    @get("/", name="honours.ledger.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The ledger: search by name, 拼音 or unit; by honour, level, county, year, state."""
        actor = actor_of(request)
        found = await keeping.ledger(actor, keeping.LEDGER.ask(request.query_params))
        return await page(
            request, f"{TEMPLATES}/ledger.html", found=found, levels=LEVELS, honours=await keeping.honour_choices(),
            counties=_counties(), states=keeping.STATES, state_of=keeping.state_of, crumbs=crumbs(),
        )  # fmt: skip

    @post("/export", name="honours.ledger.export", status_code=200)
    async def exported(self, request: HouseRequest) -> Response[Any]:
        """The ledger as asked, as an xlsx: personal, so with a reason that stays in the trail (SECURITY 16)."""
        actor = actor_of(request)
        form = (await read_form(request, ReasonForm)).data
        asked = keeping.LEDGER.ask(request.query_params)
        async with transaction():
            await trail.record(actor, "ledger.exported", "ledger", None, {"reason": form.reason})
        note = _("%(who)s 导出；事由：%(why)s", who=actor.name, why=form.reason)
        body = await export(keeping.LEDGER, asked, REACH.strip(), keeping.reach(actor), sheet=_("荣誉台账"), note=note)
        return download(body, f"{_('荣誉台账')}.xlsx", XLSX)

    @get("/imports", name="honours.ledger.imports")
    async def imports(self, request: HouseRequest) -> Response[Any]:
        """What was imported: publish it, or take it back before."""
        return await page(
            request, f"{TEMPLATES}/imports.html", rows=await keeping.imports(actor_of(request)),
            may_publish=Permission.DECIDE.allows(actor_of(request)), crumbs=crumbs((_("往年导入"), None)),
        )  # fmt: skip

    @post("/imports/{batch:uuid}/undo", name="honours.ledger.undo", status_code=303)
    async def undo(self, request: HouseRequest, batch: FromPath[UUID]) -> Response[Any]:
        """Take an import back."""
        form = (await read_form(request, ReasonForm)).data
        count = await importing.undo(actor_of(request), batch, form.reason)
        return await see_other(request, f"{LEDGER}/imports", flash=_("已撤回 %(n)s 行", n=count))

    @post("/imports/{batch:uuid}/publication", name="honours.ledger.publish", opt={"policy": Permission.DECIDE}, status_code=303)  # fmt: skip
    async def publish(self, request: HouseRequest, batch: FromPath[UUID]) -> Response[Any]:
        """Put an import on the public rolls."""
        count = await importing.publish(actor_of(request), batch)
        return await see_other(request, f"{LEDGER}/imports", flash=_("已公布 %(n)s 份荣誉册", n=count))

    @get("/{entry:uuid}", name="honours.ledger.show")
    async def show(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """One honour, and every other one of its holder."""
        return await self._show(request, entry)

    async def _show(
        self, request: HouseRequest, entry: UUID, form: Bound[Any] | None = None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        row = await keeping.entry_for(actor, entry, Permission.KEEP_LEDGER)
        values = {name: row[name] for name in ("name", "unit_name", "post", "region", "version")}
        return await page(
            request, f"{TEMPLATES}/entry.html", status_code=status, e=row, form=form or Bound(values),
            **await keeping.beside(row), levels=LEVELS, state=keeping.state_of(row), states=keeping.STATES,
            sources=keeping.SOURCES, stages=rules.STAGES, chips=rules.CHIPS, may_correct=Permission.DECIDE.allows(actor),
            counties=[("", _("市直")), *_counties()[:-1]], crumbs=crumbs((row["name"], None)),
        )  # fmt: skip

    @post(
        "/{entry:uuid}/corrections", name="honours.ledger.correct", opt={"policy": Permission.DECIDE}, status_code=303
    )
    async def correct(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Propose a correction."""
        form = await read_form(request, CorrectionForm)
        if form.ok:
            with form.catching():
                await correcting.propose(actor_of(request), entry, form.data)
                return await see_other(request, f"{LEDGER}/{entry}", flash=_("更正已提出，待另一人确认"))
        return await self._show(request, entry, form, 422)

    @post("/{entry:uuid}/corrections/{correction:uuid}/{outcome:str}", name="honours.ledger.corrected", opt={"policy": Permission.DECIDE}, status_code=303)  # fmt: skip
    async def corrected(
        self, request: HouseRequest, entry: FromPath[UUID], correction: FromPath[UUID], outcome: FromPath[str]
    ) -> Response[Any]:
        """Confirm or drop a correction."""
        act = {"confirmation": correcting.confirm, "drop": correcting.drop}.get(outcome)
        if act is None:
            raise NotFound
        form: Bound[Any] = Bound()
        with form.catching():
            await act(actor_of(request), correction)
            return await see_other(request, f"{LEDGER}/{entry}", flash=_("已办理"))
        return await self._show(request, entry, form, 422)


class RevocationPages(Controller):
    """/honours/revocations"""

    path = REVOCATIONS
    opt = {"policy": Permission.REPORT_REVOCATION}

    @get("/", name="honours.revocations.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """What was reported, within reach."""
        asked = keeping.REVOCATIONS.ask(request.query_params)
        scope = keeping.reach(actor_of(request), Permission.REPORT_REVOCATION)
        found = await keeping.REVOCATIONS.fetch(asked, REACH.strip(), scope)
        return await page(
            request, f"{TEMPLATES}/revocations.html", found=found, stages=rules.STAGES, chips=rules.CHIPS, causes=CAUSES,
            crumbs=[{"label": _("撤销荣誉"), "href": None}],
        )  # fmt: skip

    @get("/new", name="honours.revocations.new")
    async def new(self, request: HouseRequest) -> Response[Any]:
        """Choose an honour, then say why."""
        return await self._new(request, str(request.query_params.get("entry", "")))

    async def _new(
        self, request: HouseRequest, entry: str, form: Bound[Any] | None = None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        q = CONTROL.sub(" ", str(request.query_params.get("q", "")))[:100].strip()
        chosen = None
        if entry:
            try:
                chosen = await keeping.entry_for(actor, UUID(entry), Permission.REPORT_REVOCATION)
            except ValueError:
                raise NotFound from None
        return await page(
            request, f"{TEMPLATES}/revocation_form.html", status_code=status, form=form, chosen=chosen, q=q,
            rows=[] if chosen else await keeping.own_entries(actor, q), causes=[(k, _(v)) for k, v in CAUSES.items()],
            crumbs=[{"label": _("撤销荣誉"), "href": REVOCATIONS}, {"label": _("上报"), "href": None}],
        )  # fmt: skip

    @post("/new/{entry:uuid}", name="honours.revocations.report", status_code=303)
    async def report(self, request: HouseRequest, entry: FromPath[UUID]) -> Response[Any]:
        """Report it, with copies."""
        form = await read_form(request, RevocationForm)
        if form.ok:
            with form.catching():
                made = await revoking.report(actor_of(request), entry, form.data, await scan_of(request))
                return await see_other(request, f"{REVOCATIONS}/{made}", flash=_("已上报"))
        return await self._new(request, str(entry), form, 422)

    @get("/{revocation:uuid}", name="honours.revocations.show")
    async def show(self, request: HouseRequest, revocation: FromPath[UUID]) -> Response[Any]:
        """One report: its path, what is next, who waits for whom."""
        return await self._show(request, revocation)

    async def _show(
        self, request: HouseRequest, revocation: UUID, form: Bound[Any] | None = None, status: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        row = await self._row(request, revocation)
        open_to = [
            action for (stage, action), (_to, permission) in rules.MOVES.items()
            if stage == row["stage"] and permission.allows(actor)
            and not (action == "withdraw" and row["made_by"] != actor.account)
            and not (action == "propose" and not row["conferred_here"])
            and not (action == "refer" and row["conferred_here"])
        ]  # fmt: skip
        return await page(
            request, f"{TEMPLATES}/revocation.html", status_code=status, r=row, form=form,
            steps=await keeping.steps_of(revocation), actions=open_to, stages=rules.STAGES, chips=rules.CHIPS, causes=CAUSES,
            second=row["stage"] == "proposed" and row["proposed_by"] == actor.account, levels=LEVELS,
            officer=Permission.REVOKE.allows(actor),
            crumbs=[{"label": _("撤销荣誉"), "href": REVOCATIONS}, {"label": row["name"], "href": None}],
        )  # fmt: skip

    async def _row(self, request: HouseRequest, revocation: UUID) -> Any:
        scope = list(Permission.REPORT_REVOCATION.scope(actor_of(request)))
        row = await fetchrow(REVOCATION_SQL, revocation, scope)
        if row is None:
            raise NotFound
        return row

    @get("/{revocation:uuid}/copies", name="honours.revocations.copies")
    async def copies(self, request: HouseRequest, revocation: FromPath[UUID]) -> Response[bytes]:
        """The scan that came with the report."""
        row = await self._row(request, revocation)
        body, name, kind = await storage.load(row["file"])
        return download(body, name, kind)

    @post("/{revocation:uuid}/steps/{action:str}", name="honours.revocations.step", status_code=303)
    async def step(self, request: HouseRequest, revocation: FromPath[UUID], action: FromPath[str]) -> Response[Any]:
        """Opinion, proposal, referral, withdrawal; or the decision."""
        actor = actor_of(request)
        outcome = action in ("decide", "keep")
        form: Bound[Any] = await read_form(request, OutcomeForm if outcome else OpinionForm)
        if form.ok:
            with form.catching():
                if outcome:
                    await revoking.decide(actor, revocation, action, form.data, await scan_of(request))
                else:
                    await revoking.step(actor, revocation, action, form.data.opinion, version=form.data.version)
                return await see_other(request, f"{REVOCATIONS}/{revocation}", flash=_("已办理"))
        return await self._show(request, revocation, form, 422)

    @post(
        "/{revocation:uuid}/recall",
        name="honours.revocations.recall",
        opt={"policy": Permission.REVOKE},
        status_code=303,
    )
    async def recall(self, request: HouseRequest, revocation: FromPath[UUID]) -> Response[Any]:
        """Medal, certificate, treatment: what came back and stopped, when."""
        form = await read_form(request, RecallForm)
        if form.ok:
            with form.catching():
                await revoking.recall(actor_of(request), revocation, form.data)
                return await see_other(request, f"{REVOCATIONS}/{revocation}", flash=_("已记录"))
        return await self._show(request, revocation, form, 422)


__all__ = ["LedgerPages", "RevocationPages"]
