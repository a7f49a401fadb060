"""Published results for programs: the same frozen copies as on the pages, open to everybody."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from competitions.results import queries
from competitions.results.schemas import PlaceOut, PlaceRow, ResultHead, ResultLine, ResultOut, ResultPage
from competitions.results.showing import CACHED, result_context
from foundation.web.pages import HouseRequest
from foundation.web.policy import EVERYBODY


class ResultApi(Controller):
    """/api/v1/results"""

    path = "/api/v1/results"
    opt = {"policy": EVERYBODY}

    @get("/", name="api.results.list", operation_id="listResults")
    async def listed(self, request: HouseRequest) -> Response[ResultPage]:
        """Published results, the newest first; takes ``q``, ``year``, ``level`` and ``page`` as the page does."""
        found = await queries.LIST.fetch(queries.LIST.ask(request.query_params))
        lines = tuple(
            ResultLine(
                event=row["code"], title=row["title"], competition=row["competition"], year=row["year"], level=row["level"],
                version=row["number"], published_at=row["published_at"], withdrawn=row["withdrawn_at"] is not None,
                entries=row["entries"],
            )
            for row in found.rows
        )  # fmt: skip
        return _kept(request, ResultPage(total=found.total, page=found.page, pages=found.pages, results=lines))

    @get("/{event_code:str}", name="api.results.show", operation_id="showResult")
    async def show(self, request: HouseRequest, event_code: FromPath[str]) -> Response[ResultOut]:
        """A published result: its places in order. A withdrawn one says why and has no places."""
        head, _frozen, rows, _context = await result_context(event_code)
        return _kept(request, _out(head, rows))


def _out(head: ResultHead, rows: list[PlaceRow]) -> ResultOut:
    places = tuple(
        PlaceOut(
            rank=row.rank, shared=row.shared, entry=row.entry, name=row.name, organisation=row.unit, guest=row.guest,
            status=row.status, total=row.total or None, modules=row.modules, award=row.award or None,
            scaled=row.scaled or None,
        )
        for row in rows
    )  # fmt: skip
    return ResultOut(
        event=head.code, title=head.title, competition=head.competition_title, version=head.current.number,
        published_at=head.current.published_at, withdrawn_at=head.current.withdrawn_at,
        withdrawn_reason=head.current.withdrawn_reason, bundle=f"/results/{head.code}/bundle.json",
        bundle_sha256=head.current.public_sha256, places=places,
    )  # fmt: skip


def _kept(request: HouseRequest, body: Any) -> Response[Any]:
    headers = {"Cache-Control": f"public, max-age={CACHED}"} if request.scope.get("auth") is None else {}
    return Response(body, headers=headers)
