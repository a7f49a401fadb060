"""The public pages of results: the list, one result, how a rank came about, the open bundle, the table as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from competitions.programme.rules import LEVELS
from competitions.results import queries
from competitions.results.frozen import frozen_of
from competitions.results.rules import RULE_TEXTS, STATUSES
from competitions.results.showing import CACHED, public_page, result_context
from foundation.errors import NotFound
from foundation.forms import CONTROL
from foundation.i18n import gettext as _
from foundation.listing import XLSX, workbook
from foundation.web.pages import HouseRequest, download
from foundation.web.policy import EVERYBODY


class ResultPages(Controller):
    """/results"""

    path = "/results"
    opt = {"policy": EVERYBODY}

    @get("/", name="competitions.results.list")
    async def listed(self, request: HouseRequest) -> Response[str]:
        """What was published, the newest first."""
        found = await queries.LIST.fetch(queries.LIST.ask(request.query_params))
        return await public_page(
            request, "competitions/results/list.html", section="results", found=found, years=await queries.years(),
            levels=LEVELS,
        )  # fmt: skip

    @get("/{event_code:str}", name="competitions.results.show")
    async def show(self, request: HouseRequest, event_code: FromPath[str]) -> Response[str]:
        """One published result; a withdrawn one says why and shows nobody."""
        head, _frozen, rows, context = await result_context(event_code)
        if head.withdrawn:
            return await public_page(request, "competitions/results/withdrawn.html", section="results", **context)
        asked = {name: CONTROL.sub(" ", request.query_params.get(name, ""))[:100] for name in ("q", "unit", "award")}
        return await public_page(
            request, "competitions/results/result.html", section="results", rows=queries.narrowed(rows, **asked),
            asked=asked, picked="", **context,
        )  # fmt: skip

    @get("/{event_code:str}/entries/{entry_code:str}/explanation", name="competitions.results.explain")
    async def explain(
        self, request: HouseRequest, event_code: FromPath[str], entry_code: FromPath[str]
    ) -> Response[str]:
        """How one entry came by its rank (名次是怎样得出的): every step from the marks to the award."""
        head, frozen, rows, context = await result_context(event_code)
        row = next((row for row in rows if row.entry == entry_code), None)
        if head.withdrawn or row is None:
            raise NotFound
        return await public_page(
            request, "competitions/results/explanation.html", section="results", rows=rows, picked=entry_code,
            asked={"q": "", "unit": "", "award": ""}, row=row, it=frozen.explainer.explain(entry_code),
            rule_texts=RULE_TEXTS, mine=Decimal(row.total) if row.total else None, **context,
        )  # fmt: skip

    @get("/{event_code:str}/bundle.json", name="competitions.results.bundle")
    async def bundle(self, request: HouseRequest, event_code: FromPath[str]) -> Response[bytes]:
        """The open bundle in canonical form: its SHA-256 is the one on the page."""
        head = await queries.head_of(event_code)
        if head.withdrawn:
            raise NotFound
        frozen = await frozen_of(head.current.id)
        answer = download(frozen.data, f"{head.code}.json", "application/json")
        answer.headers |= {"ETag": f'"{head.current.public_sha256}"', "Cache-Control": f"public, max-age={CACHED}"}
        return answer

    @get("/{event_code:str}/table.xlsx", name="competitions.results.table")
    async def table(self, request: HouseRequest, event_code: FromPath[str]) -> Response[bytes]:
        """The places as a sheet."""
        head, _frozen, rows, context = await result_context(event_code)
        if head.withdrawn:
            raise NotFound
        modules = context["modules"]
        titles = [_("名次"), _("参赛号"), _("姓名"), _("单位"), *(f"{m['heading']}{m['share']}" for m in modules), _("总成绩"), _("奖项"), _("备注")]  # fmt: skip

        async def cells() -> AsyncIterator[Iterable[str]]:
            for row in rows:
                remark = _(STATUSES.get(row.status, "")) if row.rank is None else _("编外") if row.guest else _("并列") if row.shared else ""  # fmt: skip
                parts = [row.modules.get(m["code"], "") for m in modules]
                yield [str(row.rank or ""), row.entry, row.name, row.unit, *parts, row.total, row.award, remark]

        note = _("第 %(n)s 版；开放数据包 SHA-256 %(sha)s", n=head.current.number, sha=head.current.public_sha256)
        body = await workbook(titles, cells(), sheet=_("成绩"), note=note)
        return download(body, f"{head.code}.xlsx", XLSX)


@get("/about/recompute", opt={"policy": EVERYBODY}, name="competitions.results.about")
async def about_recompute(request: HouseRequest) -> Response[str]:
    """How anybody recomputes a published result."""
    return await public_page(request, "competitions/results/recompute.html", section="recompute", cache_for=300)


HANDLERS: list[Any] = [ResultPages, about_recompute]
