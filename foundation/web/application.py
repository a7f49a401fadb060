"""The application's frame: middleware, guard, handlers of the plumbing, start and stop."""

from __future__ import annotations

import ctypes
import multiprocessing
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from foundation import logs
from foundation.database import engine, fetchval
from foundation.settings import settings
from foundation.web import health, openapi, problems
from foundation.web.policy import require_policy
from foundation.web.protection import LoadMiddleware, WallMiddleware, require_csrf
from foundation.web.sessions import ActorLoader, BothFinder, SessionMiddleware

BODY_LIMIT = 11 * 1024 * 1024
PATIENCE_OF_PEOPLE = 6.0
"""A server that is frozen or cut off costs a person at most this and 3 s for ending the connection."""
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


async def season_offset() -> timedelta | None:
    """How far the demonstration's clock is from the server's; None outside a demonstration."""
    if not settings().demo:
        return None
    return await fetchval('SELECT "offset" FROM season_clock')


async def open_pool(*, size: int | None = None, patience: float | None = None) -> bool:
    """Open the engine's pool unless it is open; returns whether this call opened it.

    ``patience`` bounds the wait for one statement's answer in seconds, whatever the server does.
    """
    db = engine()
    if db.pool is not None:  # a test or a command already opened it
        return False
    offset = await season_offset()
    if offset is not None:
        db.config["server_settings"]["gongjiang.clock_offset"] = f"{offset.total_seconds()} seconds"
    if patience is not None:
        db.config["command_timeout"] = patience
    size = size or settings().pool_size
    await db.start_connection_pool(min_size=min(2, size), max_size=size, max_inactive_connection_lifetime=300)
    return True


@asynccontextmanager
async def pool(app: Litestar) -> AsyncIterator[None]:
    """The connection pool for the life of the process (SECURITY 8)."""
    _end_with_parent()
    opened = await open_pool(patience=PATIENCE_OF_PEOPLE)
    try:
        yield
    finally:
        if opened:
            await engine().close_connection_pool()


def _end_with_parent() -> None:
    """In a worker process of the server, on Linux: end when its parent was killed, instead of holding the port for ever."""
    if multiprocessing.parent_process() is not None and sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Frame:
    """Turns the wings' handlers into an application with the house's walls around it."""

    def __init__(self, *, load_actor: ActorLoader, find_both: BothFinder | None = None) -> None:
        self.load_actor, self.find_both = load_actor, find_both

    def build(self, handlers: Sequence[ControllerRouterHandler], lifespans: Sequence[Lifespan] = ()) -> Litestar:
        logs.configure()
        app = Litestar(
            route_handlers=[*health.HANDLERS, openapi.schema, *handlers],
            guards=[require_policy],
            before_request=require_csrf,
            exception_handlers=problems.HANDLERS,
            lifespan=[pool, *lifespans],
            openapi_config=None,  # our own description knows what Litestar's cannot
            request_max_body_size=BODY_LIMIT,
            debug=False,
        )
        # Around the router itself, not around each route: unknown paths and wrong methods meet the same walls.
        app.asgi_handler = WallMiddleware(
            SessionMiddleware(LoadMiddleware(app.asgi_handler), self.load_actor, self.find_both)
        )
        return app
