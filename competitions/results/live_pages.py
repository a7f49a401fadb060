"""The live board on pages: for projector and phone, as a fragment, and as a stream of server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from litestar import Controller, Response, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from competitions.results.board import Board, board_of
from competitions.results.hub import hub
from competitions.results.showing import public_page
from foundation.i18n import current_locale
from foundation.web.pages import HouseRequest
from foundation.web.policy import EVERYBODY
from foundation.web.templates import render

HEARTBEAT = 15.0
"""Seconds of silence after which a comment keeps the line open; every fourth looks whether a signal was missed."""
PACE = 1.0
"""Seconds between two boards for one watcher, at least."""
LIFE = 600.0
"""Seconds after which a stream ends and the browser opens it again: nobody holds a place for ever."""
SCREEN = 12
"""Rows on one screen of the projector."""
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class LivePages(Controller):
    """/live/{event}"""

    path = "/live/{event_code:str}"
    opt = {"policy": EVERYBODY}

    @get("/", name="competitions.results.live")
    async def show(self, request: HouseRequest, event_code: FromPath[str]) -> Response[Any]:
        """The board as a page; after publication, the result."""
        board = await board_of(event_code)
        if board.over:
            return Redirect(f"/results/{event_code}", status_code=303)
        return await public_page(
            request, "competitions/results/live.html", board=board, screen=SCREEN, cache_for=1,
            address=request.url.netloc + request.url.path,
        )  # fmt: skip

    @get("/board", name="competitions.results.live.board")
    async def board(self, request: HouseRequest, event_code: FromPath[str]) -> Response[str]:
        """The board alone, for browsers without the stream: asked again every few seconds."""
        board = await board_of(event_code)
        headers = {"Cache-Control": "public, max-age=1"}
        if board.over:
            headers["X-Board-Over"] = f"/results/{event_code}"
        return Response(fragment_of(board, current_locale.get()), media_type=MediaType.HTML, headers=headers)

    @get("/stream", name="competitions.results.live.stream")
    async def stream(self, request: HouseRequest, event_code: FromPath[str]) -> Stream:
        """The board each time it changed, as ``board`` events; ``over`` once the result is published."""
        board = await board_of(event_code)
        hub.require_room()
        events = _stream(board, current_locale.get())
        return Stream(events, media_type="text/event-stream", headers=STREAM_HEADERS)


async def _stream(first: Board, locale: str) -> AsyncIterator[bytes]:
    ends, silent, shown, code = time.monotonic() + LIFE, 0, "", first.code
    with hub.watching(first.event) as woken:
        yield b"retry: 3000\n\n"
        woken.set()
        while not hub.closing and time.monotonic() < ends:
            try:
                await asyncio.wait_for(woken.wait(), HEARTBEAT)
            except TimeoutError:
                silent += 1
                yield b": still here\n\n"
                if silent % 4:
                    continue
                woken.wake(time.monotonic())
            if hub.closing:
                break
            woken.clear()
            board = await board_of(code, after=woken.since)
            if board.over:
                yield _event("over", f"/results/{code}")
                break
            html = fragment_of(board, locale)
            if html != shown:
                shown, silent = html, 0
                yield _event("board", html)
                await asyncio.sleep(PACE)  # what changes meanwhile comes in one board


def _event(name: str, text: str) -> bytes:
    lines = "\n".join(f"data: {line}" for line in text.splitlines())
    return f"event: {name}\n{lines}\n\n".encode()


def fragment_of(board: Board, locale: str) -> str:
    """The board's moving part as HTML in one language; the time of making is not in it, so that equal boards are equal."""
    token = current_locale.set(locale)
    try:
        return render("competitions/results/_board.html", {"board": board, "screen": SCREEN, "locale": locale})
    finally:
        current_locale.reset(token)
