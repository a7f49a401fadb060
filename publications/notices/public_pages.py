"""Notices for everybody: the list, one notice as it was frozen, its bytes to check, and the form to object."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.enums import MediaType
from litestar.params import FromPath

from foundation import clock
from foundation.errors import NotFound
from foundation.forms import Bound, read_form
from foundation.trail.showing import head_shown
from foundation.web.limits import client_address, limit
from foundation.web.pages import HouseRequest, download, page
from foundation.web.policy import EVERYBODY
from publications.documents import comparing
from publications.notices import queries, sheet, showing
from publications.notices.objections import operations as objections
from publications.notices.objections import retention
from publications.notices.objections import rules as objection_rules
from publications.notices.objections.pages import BODY, labelled, scan_of, subject_choices
from publications.notices.objections.schemas import ObjectionForm
from publications.notices.rules import Stage
from publications.notices.schemas import Notice

MOST_OBJECTIONS, WINDOW = 12, timedelta(hours=1)
MOST_A_NOTICE = 300
"""A day's objections to one notice from everywhere: beyond, the office takes them by letter, phone and visit."""
PAGE_FOR = 60


async def public_page(request: HouseRequest, template: str, **context: Any) -> Response[Any]:
    """A page of the public face, its section marked."""
    shared = {"section": "notices", "trail_head": await head_shown(), **showing.HELPERS}
    return await page(request, template, **{**shared, **context})


class PublicNoticePages(Controller):
    """/notices"""

    path = "/notices"
    opt = {"policy": EVERYBODY}

    @get("/", name="notices.public.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Open ones first, then by the day they were opened."""
        found = await queries.PUBLIC_LIST.fetch(queries.PUBLIC_LIST.ask(request.query_params), queries.PUBLIC)
        running = {n.id: n for n in await queries.open_notices(limit=50)}
        context = {"found": found, "running": running}
        return await public_page(request, "publications/notices/public_list.html", cache_for=PAGE_FOR, **context)

    @get("/{notice:uuid}", name="notices.public.show")
    async def show(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """One notice: the frozen paper, its days, how to object; afterwards how it came out."""
        n = await queries.public_one(notice)
        shown = await queries.names_shown(n)
        context = {
            "n": n, "period": await showing.period_of(n), "frozen": await queries.frozen(notice),
            "paper": await showing.paper_of(notice) if shown else None, "outcome": await queries.outcome_of(notice),
            "sheet": await sheet.of(notice),
        }  # fmt: skip
        return await public_page(request, "publications/notices/public_show.html", **context)

    @get("/{notice:uuid}/text.html", name="notices.public.text")
    async def text(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The bytes whose SHA-256 stands under the notice."""
        await _shown_or_gone(notice)
        body = (await queries.frozen(notice)).html
        headers = {"Content-Disposition": f'attachment; filename="notice-{notice}.html"'}
        return Response(body, media_type="text/html; charset=utf-8", headers=headers)

    @get("/{notice:uuid}/list.json", name="notices.public.roll")
    async def roll(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The list's bytes."""
        await _shown_or_gone(notice)
        body = (await queries.frozen(notice)).roll
        headers = {"Content-Disposition": f'attachment; filename="notice-{notice}.json"'}
        return Response(body, media_type=MediaType.JSON, headers=headers)

    @get("/{notice:uuid}/sheet", name="notices.public.sheet")
    async def sheet_file(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The sealed sheet, byte for byte; once the list is no longer shown it is no longer handed out (P4)."""
        n = await _shown_or_gone(notice)
        return download((await sheet.kept(notice)).pdf, f"{n.number or n.title}.pdf", "application/pdf")

    @get("/{notice:uuid}/comparison", name="notices.public.comparison")
    async def comparison(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Is this the sheet that was published?"""
        return await self._comparison(request, notice, send=False)

    @post("/{notice:uuid}/comparison", name="notices.public.compare", status_code=200, request_max_body_size=comparing.BODY)  # fmt: skip
    async def compare(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The verdict."""
        return await self._comparison(request, notice, send=True)

    async def _comparison(self, request: HouseRequest, notice: UUID, *, send: bool) -> Response[Any]:
        n, kept = await queries.public_one(notice), await sheet.kept(notice)
        return await comparing.comparison_page(
            request, href=f"/notices/{notice}", label=n.number or n.title, title=n.title, digest=kept.sha256,
            section="notices", send=send,
        )  # fmt: skip

    @get("/{notice:uuid}/objection", name="notices.public.objection")
    async def objection(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """The form to object, in a person's or a unit's name."""
        n = await _open_or_gone(notice)
        kind = "unit" if request.query_params.get("as") == "unit" else "person"
        return await self._form(request, n, Bound({"kind": kind}))

    @post("/{notice:uuid}/objection", name="notices.public.object", status_code=200, request_max_body_size=BODY)
    async def send(self, request: HouseRequest, notice: FromPath[UUID]) -> Response[Any]:
        """Send it in: within the period, to the second."""
        await limit("objection", client_address(request), most=MOST_OBJECTIONS, window=WINDOW)
        await limit("objection-notice", str(notice), most=MOST_A_NOTICE, window=timedelta(days=1))
        request.scope["state"]["no_store"] = True
        n = await queries.public_one(notice)
        form = await read_form(request, ObjectionForm)
        if form.ok:
            with form.catching():
                number = await objections.object_publicly(notice, form.data, await scan_of(request))
                return await public_page(request, "publications/notices/public_received.html", n=n, number=number)
        return await self._form(request, n, form, status_code=422)

    async def _form(
        self, request: HouseRequest, n: Notice, form: Bound[Any], *, status_code: int = 200
    ) -> Response[Any]:
        context = {
            "n": n, "form": form, "kind": "unit" if form.values.get("kind") == "unit" else "person",
            "kinds": labelled(objection_rules.KINDS), "subjects": subject_choices(n), "now": await clock.now(),
            "kept_days": retention.keeping_days(),
        }  # fmt: skip
        return await public_page(request, "publications/notices/public_objection.html", status_code=status_code, **context)  # fmt: skip


async def _shown_or_gone(notice: UUID) -> Notice:
    n = await queries.public_one(notice)
    if not await queries.names_shown(n):
        raise NotFound
    return n


async def _open_or_gone(notice: UUID) -> Notice:
    """A notice that still takes objections by the form; of any other the form is not there."""
    n = await queries.public_one(notice)
    if n.stage is not Stage.OPEN:
        raise NotFound
    return n
