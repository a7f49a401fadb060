"""Pages of decisions: the list, the form, one decision with what still stands in its way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock
from foundation.database import fetch
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.settings import settings
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from honours.cycles.queries import cycle_for
from honours.permissions import Permission
from honours.rolls import deciding, keeping, publishing, reading, rules
from honours.rolls.schemas import ORDERS, DecisionForm, WithVersion, kept_wording

ROOT = "/honours/decisions"
TEMPLATES = "honours/rolls"


def crumbs(*steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"label": _("表彰决定"), "href": ROOT}, *({"label": label, "href": href} for label, href in steps)]


class DecisionPages(Controller):
    """/honours/decisions"""

    path = ROOT
    opt = {"policy": Permission.DECIDE}

    @get("/", name="honours.decisions.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Decisions, and cycles whose nominees wait for one."""
        made, waiting = await keeping.decisions(actor_of(request))
        return await page(request, f"{TEMPLATES}/decisions.html", made=made, waiting=waiting, crumbs=crumbs())

    @get("/new/{cycle:uuid}", name="honours.decisions.new")
    async def new(self, request: HouseRequest, cycle: FromPath[UUID]) -> Response[Any]:
        """The form, filled with what such a decision usually says."""
        found = await cycle_for(actor_of(request), cycle, Permission.DECIDE)
        form: Bound[Any] = Bound(
            {
                "title": _("关于表彰%(t)s的决定", t=found.title), "roll_title": found.title.removeprefix(f"{found.year}年"),
                "series": "宣工", "organs": settings().federation, "order": "strokes", "reason": _("为表彰先进、弘扬劳模精神，"),
                "decided_on": (await clock.today()).isoformat(),
            }
        )  # fmt: skip
        return await self._form(request, cycle, form)

    @post("/new/{cycle:uuid}", name="honours.decisions.draft", status_code=303)
    async def draft(self, request: HouseRequest, cycle: FromPath[UUID]) -> Response[Any]:
        """Draft it."""
        form = await read_form(request, DecisionForm)
        if form.ok:
            with form.catching():
                made = await deciding.draft(actor_of(request), cycle, form.data)
                return await see_other(request, f"{ROOT}/{made}", flash=_("已起草"))
        return await self._form(request, cycle, form, status=422)

    async def _form(
        self, request: HouseRequest, cycle: UUID, form: Bound[Any], *, status: int = 200, decision: UUID | None = None
    ) -> Response[Any]:
        found = await cycle_for(actor_of(request), cycle, Permission.DECIDE)
        awards = await fetch(
            "SELECT h.code, h.title, h.kind FROM cycle_award a JOIN honour h ON h.id = a.honour WHERE a.cycle = $1"
            " AND h.conferred_here ORDER BY a.place, h.place",
            cycle,
        )
        honours = await fetch(
            "SELECT code, title, kind FROM honour WHERE conferred_here ORDER BY place, title LIMIT 100"
        )
        return await page(
            request, f"{TEMPLATES}/decision_form.html", status_code=status, form=form, cycle=found, awards=awards,
            honours=honours, orders=[(key, _(text)) for key, text in ORDERS.items()], decision=decision,
            crumbs=crumbs((_("修改") if decision else _("起草"), None)),
        )  # fmt: skip

    @get("/{decision:uuid}", name="honours.decisions.show")
    async def show(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """One decision: its lists, its document, what stands in the way of publication."""
        return await self._show(request, decision)

    async def _show(
        self, request: HouseRequest, decision: UUID, refused: list[Refusal] | None = None, status: int = 200
    ) -> Response[Any]:
        row = await reading.decision_for(actor_of(request), decision)
        published = row["stage"] == "published"
        facts, _totals = await reading.facts_of(row)
        lines = facts.lines
        roll = await fetch("SELECT code FROM roll WHERE decision = $1", decision)
        return await page(
            request, f"{TEMPLATES}/decision.html", status_code=status, d=row, said=kept_wording(row["wording"]),
            groups=rules.grouped(lines), count=len(lines), obstacles=[] if published else _said(rules.obstacles(facts)),
            refused=_said(refused or []), roll=roll[0]["code"] if roll else None, orders=ORDERS, crumbs=crumbs((row["title"], None)),
        )  # fmt: skip

    @get("/{decision:uuid}/edit", name="honours.decisions.edit")
    async def edit(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """The form of a draft."""
        row = await reading.decision_for(actor_of(request), decision)
        said = kept_wording(row["wording"])
        form: Bound[Any] = Bound(
            {
                "title": said.title, "roll_title": said.roll_title, "series": said.series, "organs": "\n".join(said.organs),
                "opening": said.opening, "reason": said.reason, "closing": said.closing, "addressees": said.addressees,
                "copies": said.copies, "order": said.order, "decided_on": row["decided_on"].isoformat(),
                "version": row["version"],
            }
        )  # fmt: skip
        return await self._form(request, row["cycle"], form, decision=decision)

    @post("/{decision:uuid}/edit", name="honours.decisions.save", status_code=303)
    async def save(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """Keep the changes; the lists are taken anew."""
        row = await reading.decision_for(actor_of(request), decision)
        form = await read_form(request, DecisionForm)
        if form.ok:
            with form.catching():
                await deciding.edit(actor_of(request), decision, form.data)
                return await see_other(request, f"{ROOT}/{decision}", flash=_("已保存，名单已重新取自公示结果"))
        return await self._form(request, row["cycle"], form, status=422, decision=decision)

    @post("/{decision:uuid}/document", name="honours.decisions.document", status_code=303)
    async def document(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """Write the official document as a draft and go there."""
        return await self._tried(request, decision, self._document)

    @post("/{decision:uuid}/issue", name="honours.decisions.issue", status_code=303)
    async def issue(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """Number and issue (H70)."""
        return await self._tried(request, decision, self._issue)

    @post("/{decision:uuid}/publication", name="honours.decisions.publish", status_code=303)
    async def publish(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """Publish the roll."""
        return await self._tried(request, decision, self._publish)

    @post("/{decision:uuid}/discard", name="honours.decisions.discard", status_code=303)
    async def discard(self, request: HouseRequest, decision: FromPath[UUID]) -> Response[Any]:
        """Throw the draft away."""
        await deciding.discard(actor_of(request), decision)
        return await see_other(request, ROOT, flash=_("草稿已删去"))

    async def _document(self, request: HouseRequest, decision: UUID) -> tuple[str, str]:
        made = await deciding.draft_document(actor_of(request), decision)
        return f"/official-documents/{made}", _("公文已起草，可在这里修饰文字")

    async def _issue(self, request: HouseRequest, decision: UUID) -> tuple[str, str]:
        number = await deciding.issue(actor_of(request), decision)
        return f"{ROOT}/{decision}", _("已印发：%(n)s", n=number)

    async def _publish(self, request: HouseRequest, decision: UUID) -> tuple[str, str]:
        form = await read_form(request, WithVersion)
        await publishing.publish_roll(actor_of(request), decision, version=form.data.version)
        return f"{ROOT}/{decision}", _("荣誉册已公布，证书正在生成")

    async def _tried(self, request: HouseRequest, decision: UUID, act: Any) -> Response[Any]:
        try:
            where, words = await act(request, decision)
        except (Refusal, Refusals) as refused:
            several = refused.refusals if isinstance(refused, Refusals) else (refused,)
            return await self._show(request, decision, list(several), refused.status)
        return await see_other(request, where, flash=words)


def _said(refused: list[Refusal]) -> list[dict[str, Any]]:
    """Refusals as the page shows them, in the reader's language."""
    return [{"message": one.text(_), "rule": one.rule} for one in refused]
