"""Who watches what: one connection of a process listens for changed events and wakes all its watchers.

The connection is its own, not of the pool, opened for the first watcher and opened again where it breaks. Watchers are
bounded; at the stop of the process they all end.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import structlog
from litestar import Litestar

from competitions.judging import live_signal
from competitions.judging.live_signal import CHANNEL
from foundation.database import engine
from foundation.errors import TooMany

MOST = 400
"""Watchers in one process."""
AGAIN = (0.5, 1, 2, 5, 10)
"""Seconds before the listening connection is opened again, the last for ever."""

log = structlog.get_logger("live_hub")


class Watcher(asyncio.Event):
    """Set when something changed; ``since`` is when that was heard (:func:`time.monotonic`): older boards will not do."""

    since: float | None = None

    def wake(self, at: float) -> None:
        self.since = at
        self.set()


class Hub:
    """The watchers of one process."""

    def __init__(self) -> None:
        self.watchers: dict[UUID, set[Watcher]] = {}
        self.count = 0
        self.closing = False
        self.listening = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    def require_room(self) -> None:
        """Raises ``TooMany`` (503) in a full house."""
        if self.count >= MOST or self.closing:
            raise TooMany(5, overloaded=True)

    @contextmanager
    def watching(self, event: UUID) -> Iterator[Watcher]:
        """A watcher that wakes when this event changes or the process stops."""
        if self._listener is None or self._listener.done():
            loop = asyncio.get_running_loop()
            self._listener = loop.create_task(self._listen())
            _on_stop(lambda: loop.call_soon_threadsafe(self.stop))
        woken = Watcher()
        self.watchers.setdefault(event, set()).add(woken)
        self.count += 1
        try:
            yield woken
        finally:
            self.count -= 1
            left = self.watchers.get(event, set())
            left.discard(woken)
            if not left:
                self.watchers.pop(event, None)

    def tell(self, event: UUID | None = None) -> None:
        """Wake the watchers of one event, or all."""
        now = time.monotonic()
        for woken in [w for key, known in self.watchers.items() if event in (None, key) for w in known]:
            woken.wake(now)

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        try:
            self.tell(UUID(payload))
        except ValueError:  # whoever may NOTIFY may write anything
            return

    async def _listen(self) -> None:
        """Keep the one connection that listens; after a break tell everybody, since a change may have been missed."""
        failures = 0
        while not self.closing:
            try:
                await self._hear()
                failures = 0
            except Exception as why:  # the database is away: try again, boards stand still meanwhile
                log.warning("listening failed", kind=type(why).__name__)
                await asyncio.sleep(AGAIN[min(failures, len(AGAIN) - 1)])
                failures += 1

    async def _hear(self) -> None:
        """Listen until the connection breaks; it is closed in either case, also where it never came to listening."""
        connection = await engine().get_new_connection()
        try:
            broken = asyncio.Event()
            connection.add_termination_listener(lambda _connection: broken.set())
            await connection.add_listener(CHANNEL, self._heard)
            self.listening.set()
            self.tell()
            await broken.wait()
        finally:
            self.listening.clear()
            if not connection.is_closed():
                await connection.close(timeout=2)

    def stop(self) -> None:
        """Let all watchers end."""
        self.closing = True
        self.tell()

    async def close(self) -> None:
        """End all watchers and the listening connection."""
        self.stop()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)


def _on_stop(stop: Callable[[], Any]) -> None:
    """Hear of the process's stop before the server waits for open answers, which a stream would keep open for ever.

    The handler that stands is called too. Where the signals are not ours to take (another thread), nothing is done.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if not callable(before):
            continue

        def both(sign: int, frame: Any, before: Callable[[int, Any], Any] = before) -> None:
            stop()
            before(sign, frame)

        with contextlib.suppress(ValueError):
            signal.signal(number, both)


hub = Hub()


@asynccontextmanager
async def watching_ends(app: Litestar) -> AsyncIterator[None]:
    """With the application's life: its watchers end when it stops, and a next life starts with none. What changed in the
    last moment is told before the pool closes: other processes have watchers too."""
    hub.__init__()
    try:
        yield
    finally:
        await hub.close()
        await live_signal.tell_now()
