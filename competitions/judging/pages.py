"""The judge's pages: my sheets, the desk with and without scripts, the signature, corrections."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from competitions.judging import corrections, operations, queries, showing
from competitions.judging.schemas import CorrectionIn, DecisionIn, MarkIn, SheetOut, SignIn
from competitions.judging.words import STATUSES, desk_words
from competitions.permissions import Permission
from foundation import clock
from foundation.assets import STATIC_ROOT, load_manifest
from foundation.database.columns import new_id
from foundation.errors import NotFound
from foundation.forms import Bound, read_form
from foundation.i18n import _
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from foundation.web.policy import EVERYBODY


class PlainCell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One aspect of the plain form."""

    aspect: Annotated[str, msgspec.Meta(max_length=64)]
    base: Annotated[int, msgspec.Meta(ge=0, le=30000)] = 0
    value: Annotated[str, msgspec.Meta(max_length=24)] | None = None


class PlainEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a sheet, as the plain form sends it."""

    key: UUID
    entry: Annotated[str, msgspec.Meta(max_length=64)]
    marks: tuple[PlainCell, ...] = ()


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction as the sheet's page sends it: the version is the newest, which the page looks up itself."""

    entry: Annotated[str, msgspec.Meta(max_length=64)]
    aspect: Annotated[str, msgspec.Meta(max_length=64)]
    value: Annotated[str, msgspec.Meta(max_length=24)]
    reason: Annotated[str, msgspec.Meta(max_length=300)]


class DeskPages(Controller):
    """The judge's own sheets. Another judge's is not found."""

    path = "/desk"

    @get("/", opt={"policy": Permission.MARK}, name="competitions.judging.sheets")
    async def sheets(self, request: HouseRequest) -> Response[str]:
        """My sheets, those to be marked first."""
        actor = actor_of(request)
        return await page(
            request, "competitions/judging/sheets.html", sheets=await queries.my_sheets(actor),
            corrections=await queries.corrections_for(actor), crumbs=[{"label": _("我的评分表"), "href": None}],
        )  # fmt: skip

    @get("/worker.js", opt={"policy": EVERYBODY}, name="competitions.judging.worker", sync_to_thread=False)
    def worker(self) -> Response[bytes]:
        """The service worker at its one address: asked for again each time, so that a new release takes over."""
        body = (STATIC_ROOT / "built" / load_manifest().files["worker.js"].file).read_bytes()
        headers = {"Service-Worker-Allowed": "/desk", "Cache-Control": "no-cache"}
        return Response(body, media_type="text/javascript; charset=utf-8", headers=headers)

    @get("/{seat:uuid}", opt={"policy": Permission.MARK}, name="competitions.judging.desk")
    async def desk(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[str]:
        """The desk; without scripts, the first entry that lacks a mark as a form."""
        sheet = await queries.sheet_for(actor_of(request), seat)
        return await _plain(request, sheet, None, "competitions/judging/desk.html", words=desk_words())

    @get("/{seat:uuid}/plain", opt={"policy": Permission.MARK}, name="competitions.judging.plain")
    async def plain(self, request: HouseRequest, seat: FromPath[UUID], entry: FromQuery[str] = "") -> Response[str]:
        """One entry as a plain form."""
        sheet = await queries.sheet_for(actor_of(request), seat)
        return await _plain(request, sheet, entry)

    @post(
        "/{seat:uuid}/marks", opt={"policy": Permission.MARK}, name="competitions.judging.plain.save", status_code=303
    )
    async def save(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[Any]:
        """Save what changed on the plain form, then show the next entry."""
        actor = actor_of(request)
        form = await read_form(request, PlainEntry)
        sheet = await queries.sheet_for(actor, seat)
        if form.ok:
            stands = {(c.entry, c.aspect): c.value for c in sheet.marks}
            code = form.data.entry
            changed = tuple(
                MarkIn(entry=code, aspect=m.aspect, value=m.value or None, base=m.base)
                for m in form.data.marks
                if (m.value or None) != stands.get((code, m.aspect))
            )
            with form.catching():
                if changed:
                    places = {m.aspect: n for n, m in enumerate(form.data.marks)}
                    with showing.fields_of_form([places[m.aspect] for m in changed]):
                        await operations.enter_marks(actor, seat, changed, key=form.data.key)
                following = showing.next_code(sheet, code)
                return await see_other(
                    request, f"/desk/{seat}/plain?entry={following}", flash=_("作品 {code} 已保存").format(code=code)
                )
        answer = await _plain(request, sheet, str(form.values.get("entry", "")), form=form)
        answer.status_code = 422
        return answer

    @get("/{seat:uuid}/sign", opt={"policy": Permission.MARK}, name="competitions.judging.sign")
    async def sign_page(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[str]:
        """All subtotals and the signature; signed, the locked sheet."""
        return await _sign(request, seat, None)

    @post(
        "/{seat:uuid}/signature", opt={"policy": Permission.MARK}, name="competitions.judging.sign.do", status_code=303
    )
    async def sign(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[Any]:
        """Sign and lock."""
        form = await read_form(request, SignIn)
        if form.ok:
            with form.catching():
                await operations.sign_sheet(actor_of(request), seat, form.data)
                return await see_other(request, f"/desk/{seat}/sign", flash=_("已签署并锁定"))
        return await _sign(request, seat, form)

    @post(
        "/{seat:uuid}/corrections",
        opt={"policy": Permission.CORRECT_MARK},
        name="competitions.judging.correction.ask",
        status_code=303,
    )
    async def ask(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[Any]:
        """Ask for a correction of one's own signed sheet."""
        actor = actor_of(request)
        form = await read_form(request, CorrectionForm)
        sheet = await queries.sheet_for(actor, seat)
        if form.ok:
            at = (form.data.entry, form.data.aspect)
            base = next((c.version for c in sheet.marks if (c.entry, c.aspect) == at), 0)
            with form.catching():
                given = CorrectionIn(**msgspec.structs.asdict(form.data), base=base)
                await corrections.ask_correction(actor, seat, given)
                return await see_other(request, f"/desk/{seat}/sign", flash=_("更正已提出，等第二人签字"))
        return await _sign(request, seat, form)

    @post(
        "/corrections/{correction:uuid}/decision",
        opt={"policy": Permission.CORRECT_MARK},
        name="competitions.judging.correction.decide",
        status_code=303,
    )
    async def decide(self, request: HouseRequest, correction: FromPath[UUID]) -> Response[Any]:
        """The second signature; back to where this reader decides corrections."""
        actor = actor_of(request)
        given = (await read_form(request, DecisionIn)).data
        await corrections.decide_correction(actor, correction, approve=given.approve, note=given.note)
        event = await queries.event_of_correction(correction)
        back = f"/events/{event}/board" if event in actor.events_as("chief_judge", "supervisor") else "/desk"
        return await see_other(request, back, flash=_("已签字") if given.approve else _("已退回"))


async def _plain(
    request: HouseRequest, sheet: SheetOut, code: str | None, template: str = "competitions/judging/plain.html",
    *, form: Bound[PlainEntry] | None = None, **context: Any,
) -> Response[str]:  # fmt: skip
    codes = [entry.code for entry in sheet.entries]
    missing = queries.missing_of(sheet)
    first = next((entry for entry, aspects in missing.items() if aspects), codes[0] if codes else None)
    chosen = code or first
    if chosen is not None and chosen not in codes:
        raise NotFound
    at = codes.index(chosen) if chosen is not None else 0
    entry = sheet.entries[at] if codes else None
    locked = (
        entry is None
        or sheet.state != "open"
        or sheet.stage != "judging"
        or entry.excused
        or entry.status != "competed"
    )
    return await page(
        request, template, sheet=sheet, entry=entry, place=at + 1, form=form, locked=locked, statuses=STATUSES,
        cells=showing.cells_of(sheet, chosen, form.values if form else {}), key=new_id(),
        before=codes[at - 1] if at else None, after=codes[at + 1] if at + 1 < len(codes) else None, **context,
    )  # fmt: skip


async def _sign(request: HouseRequest, seat: UUID, form: Bound[Any] | None) -> Response[str]:
    actor = actor_of(request)
    sheet = await queries.sheet_for(actor, seat)
    shown = showing.signing(sheet)
    return await page(
        request, "competitions/judging/sign.html", status_code=422 if form else 200, sheet=sheet, form=form,
        signed=sheet.state == "signed", now=await clock.now(), paths=await queries.strokes_of(seat),
        corrections=[c for c in await queries.corrections_for(actor) if c.seat == seat], **shown,
    )  # fmt: skip
