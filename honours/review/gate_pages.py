"""审核: the officers' list, one nomination as its reviewers see it, and what they do with it (H30–H36)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.database import fetchrow
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX
from foundation.web.navigation import navigation
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.nominations import access, changes, checklist
from honours.nominations.queries import opinions_of
from honours.nominations.schemas import dossier_of
from honours.permissions import Permission
from honours.review import gate_list, gates, objections, showing, upper
from honours.review.schemas import BulkForm, DecisionForm

FIRST = {"policy": Permission.REVIEW_FIRST}
LAST = {"policy": Permission.REVIEW_LAST}
Act = Callable[..., Awaitable[Any]]


class GatePages(Controller):
    """/honours/review"""

    path = gate_list.PATH

    @get("/", opt=FIRST, name="honours.review.list")
    async def listed(self, request: HouseRequest) -> Response[str]:
        """What waits at my gates, by deadline in working days; or everything in reach."""
        actor = actor_of(request)
        found, left = await gate_list.listed(actor, request.query_params)
        return await page(
            request, "honours/review/list.html", found=found, left=left, options=await gate_list.choices(actor), outcome=None,
            query=request.url.query, crumbs=[{"label": _("审核"), "href": None}], **showing.words(),
        )  # fmt: skip

    @get("/export", opt=FIRST, name="honours.review.export")
    async def export(self, request: HouseRequest) -> Response[bytes]:
        """The list as asked, as an xlsx."""
        body = await gate_list.exported(actor_of(request), request.query_params)
        return download(body, f"{_('审核名单')}-{await clock.today()}.xlsx", XLSX)

    @post("/acceptances", opt=FIRST, name="honours.review.accept_many", status_code=200)
    async def accept_many(self, request: HouseRequest) -> Response[Any]:
        """Accept the ticked ones that nothing stands against; the others are listed with their reasons."""
        actor, form = actor_of(request), await read_form(request, BulkForm)
        chosen = [gates.Chosen(id=UUID(one[:36]), version=int(one[37:])) for one in form.data.chosen]
        done, left = await gates.accept_clear(actor, chosen, opinion=form.data.opinion)
        back = _safe_query(form.data.back)
        if not left:
            path = f"{gate_list.PATH}?{back}" if back else gate_list.PATH
            return await see_other(request, path, flash=_("已通过 %(n)s 件", n=len(done)))
        found, days = await gate_list.listed(actor, dict(parse_qsl(back)))
        return await page(
            request, "honours/review/list.html", found=found, left=days, options=await gate_list.choices(actor), query=back,
            outcome={"done": len(done), "left": left}, nav=await navigation(actor, gate_list.PATH),
            crumbs=[{"label": _("审核"), "href": None}], **showing.words(),
        )  # fmt: skip

    @get("/{nomination:uuid}", opt=FIRST, name="honours.review.show")
    async def show(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[str]:
        """One nomination: dossier, checklist, opinions, what changed since its return, what I may do."""
        return await _show(request, nomination)

    @post("/{nomination:uuid}/acceptance", opt=FIRST, name="honours.review.accept", status_code=303)
    async def accept(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Hand on, or select at the last gate."""
        return await _decide(request, nomination, gates.accept, _("已通过"), "accept", signed=True)

    @post("/{nomination:uuid}/return", opt=FIRST, name="honours.review.return", status_code=303)
    async def send_back(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Return with reasons and a day."""
        return await _decide(
            request, nomination, gates.send_back, _("已退回，原因和期限已告知单位"), "return", dated=True
        )

    @post("/{nomination:uuid}/rejection", opt=FIRST, name="honours.review.reject", status_code=303)
    async def reject(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Reject with reasons."""
        return await _decide(request, nomination, gates.reject, _("已作不通过处理"), "reject", signed=True)

    @post("/{nomination:uuid}/reservation", opt=LAST, name="honours.review.reserve", status_code=303)
    async def reserve(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Hold in reserve."""
        return await _decide(request, nomination, gates.reserve, _("已转为递补"), "reserve")

    @post("/{nomination:uuid}/promotion", opt=LAST, name="honours.review.promote", status_code=303)
    async def promote(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Call a substitute."""
        return await _decide(request, nomination, gates.promote, _("已递补为拟表彰对象"), "promote")

    @post("/{nomination:uuid}/disqualification", opt=LAST, name="honours.review.disqualify", status_code=303)
    async def disqualify(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Disqualify for false merit; place and unit's next cycle are lost."""
        return await _decide(request, nomination, _disqualify, _("已取消资格，名额作废"), "disqualify")

    @post("/{nomination:uuid}/forwarding", opt=LAST, name="honours.review.forward", status_code=303)
    async def forward(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Recommend to the level above."""
        return await _decide(request, nomination, upper.forward, _("已推荐上级"), "forward")

    @post("/{nomination:uuid}/conferral", opt=LAST, name="honours.review.conferred", status_code=303)
    async def conferred(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Record that the level above conferred it."""
        return await _decide(request, nomination, _conferred, _("已记录上级授予"), "honour")

    @post("/{nomination:uuid}/refusal", opt=LAST, name="honours.review.not_conferred", status_code=303)
    async def not_conferred(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Record that the level above did not."""
        return await _decide(request, nomination, _not_conferred, _("已记录上级未授予"), "not_conferred")


async def _disqualify(actor: Any, nomination: UUID, *, opinion: str, version: int) -> None:
    await gates.disqualify(actor, nomination, reason=opinion, version=version)


async def _conferred(actor: Any, nomination: UUID, *, opinion: str, version: int) -> None:
    await upper.record_outcome(actor, nomination, conferred=True, opinion=opinion, version=version)


async def _not_conferred(actor: Any, nomination: UUID, *, opinion: str, version: int) -> None:
    await upper.record_outcome(actor, nomination, conferred=False, opinion=opinion, version=version)


async def _decide(
    request: HouseRequest,
    nomination: UUID,
    act: Act,
    flash: str,
    action: str,
    *,
    signed: bool = False,
    dated: bool = False,
) -> Response[Any]:
    """One act, then the page again: what refuses stands beside what was typed, with the status of its kind."""
    form, actor = await read_form(request, DecisionForm), actor_of(request)
    status = 422
    if form.ok:
        data = form.data
        extra = {"signed_by": data.signed_by} if signed else {"due_at": data.due_at} if dated else {}
        try:
            await act(actor, nomination, opinion=data.opinion, version=data.version, **extra)
            return await see_other(request, f"{gate_list.PATH}/{nomination}", flash=flash)
        except (Refusal, Refusals) as refused:
            form.refuse(refused)
            status = refused.status if isinstance(refused, Refusal) else 422
    return await _show(request, nomination, form=form, acted=action, status_code=status)


async def _show(
    request: HouseRequest, nomination: UUID, *, form: Bound[Any] | None = None, acted: str = "", status_code: int = 200
) -> Response[str]:
    actor = actor_of(request)
    row = await access.row_for(actor, nomination, Permission.REVIEW_FIRST)
    more = await fetchrow(
        "SELECT h.conferred_here FROM cycle_award a JOIN honour h ON h.id = a.honour WHERE a.id = $1", row["award"]
    )
    assert more is not None
    row = {**dict(row), **dict(more)}
    listed = await checklist.checklist_of(row)
    due = row["county_due_at"] if row["stage"] in ("county", "county_notice") else row["returned_due_at"]
    return await page(
        request, "honours/review/show.html", status_code=status_code, row=row, dossier=dossier_of(row["dossier"]),
        checks=listed, differences=await changes.since_return(row), opinions=await opinions_of(nomination),
        standing=gate_list.standing(actor, row), open_objections=await objections.require_none(nomination), form=form, acted=acted,
        due=due, left=await showing.days_left(due), steps=_steps(row),
        crumbs=[{"label": _("审核"), "href": gate_list.PATH}, {"label": row["name"], "href": None}], **showing.words(),
    )  # fmt: skip


def _steps(row: Any) -> list[dict[str, str]]:
    """The way of one nomination through the gates, with who acts at each."""
    order = {"draft": 0, "returned": 0, "county": 1, "county_notice": 1, "city": 2, "selected": 3, "reserved": 3, "noticed": 3, "forwarded": 4, "honoured": 5, "not_conferred": 5}  # fmt: skip
    at = order.get(row["stage"])
    labels = [
        (_("单位申报"), row["organisation_name"]), (_("县市区初审"), row["gate_name"]), (_("市总工会复审"), row["running_name"]),
        (_("市级公示"), ""), (_("会议审定") if row["conferred_here"] else _("推荐上级"), ""),
        (_("表彰决定") if row["conferred_here"] else _("上级决定"), ""),
    ]  # fmt: skip
    if at is None:
        return [
            {"label": label, "state": "stopped" if n == 0 else "todo", "note": note if n == 0 else ""}
            for n, (label, note) in enumerate(labels)
        ]
    state = "stopped" if row["stage"] in ("returned", "not_conferred") else "current"
    return [
        {"label": label, "state": "done" if n < at else state if n == at else "todo", "note": note}
        for n, (label, note) in enumerate(labels)
    ]


def _safe_query(text: str) -> str:
    """The list's own query, rebuilt: nothing else of what was sent comes back in an address."""
    asked = gate_list.LIST.ask(dict(parse_qsl(text)))
    kept = {"q": asked.q, **asked.values, "sort": asked.sort, "page": asked.page if asked.page > 1 else ""}
    return urlencode({key: value for key, value in kept.items() if value})
