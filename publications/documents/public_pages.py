"""Issued public documents for everybody: the list, one by its number, its PDF."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import NotFound
from foundation.i18n import gettext as _
from foundation.trail.showing import head_shown
from foundation.web.pages import HouseRequest, download, page
from foundation.web.policy import EVERYBODY
from publications.documents import comparing, queries, wording
from publications.documents.paper.layout import LEAD
from publications.documents.rules import Stage

CACHE = 60


class PublicDocumentPages(Controller):
    """/documents"""

    path = "/documents"
    opt = {"policy": EVERYBODY}

    @get("/", name="public_documents.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The newest first; searched by title and number."""
        found = await queries.PUBLIC_LIST.fetch(queries.PUBLIC_LIST.ask(request.query_params), queries.PUBLIC)
        context = {
            "found": found, "years": await queries.years(), "kinds": queries.KINDS, "section": "documents",
            "trail_head": await head_shown(), "cache_for": CACHE,
        }  # fmt: skip
        return await page(request, "publications/documents/public_list.html", **context)

    @get("/{number:str}", name="public_documents.show")
    async def show(self, request: HouseRequest, number: FromPath[str]) -> Response[Any]:
        """One document as it was issued; a withdrawn one says so and names nobody any more."""
        shown = await queries.public_one(number)
        frozen = await queries.copy_of(shown.id)
        context = {
            "it": shown, "withdrawn": shown.stage is Stage.WITHDRAWN, "kind": _(queries.KINDS[shown.kind]),
            "body": [
                (block.level in LEAD and "。" not in block.text, mark + block.text)
                for block, mark in wording.numbered(shown.paper.body)
            ],
            "date": wording.day_of(shown.signed_on), "digest": bytes(frozen["pdf_sha256"]).hex(), "frozen": frozen,
            "section": "documents", "trail_head": await head_shown(), "cache_for": CACHE,
        }  # fmt: skip
        return await page(request, "publications/documents/public_show.html", **context)

    @get("/{number:str}/file", name="public_documents.file")
    async def file(self, request: HouseRequest, number: FromPath[str]) -> Response[Any]:
        """Its PDF, byte for byte; a withdrawn one is no longer handed out."""
        shown = await queries.public_one(number)
        if shown.stage is not Stage.ISSUED:
            raise NotFound
        return download(bytes((await queries.copy_of(shown.id))["pdf"]), f"{shown.number}.pdf", "application/pdf")

    @get("/{number:str}/comparison", name="public_documents.comparison")
    async def comparison(self, request: HouseRequest, number: FromPath[str]) -> Response[Any]:
        """Is this the file that was issued?"""
        return await self._comparison(request, number, send=False)

    @post("/{number:str}/comparison", name="public_documents.compare", status_code=200, request_max_body_size=comparing.BODY)  # fmt: skip
    async def compare(self, request: HouseRequest, number: FromPath[str]) -> Response[Any]:
        """The verdict."""
        return await self._comparison(request, number, send=True)

    async def _comparison(self, request: HouseRequest, number: str, *, send: bool) -> Response[Any]:
        shown = await queries.public_one(number)
        digest = bytes((await queries.copy_of(shown.id))["pdf_sha256"]).hex()
        return await comparing.comparison_page(
            request, href=f"/documents/{shown.number}", label=str(shown.number), title=shown.title, digest=digest,
            section="documents", send=send,
        )  # fmt: skip
