"""The engine: Piccolo's, made safe (SECURITY 8).

What is different: waits are bounded (acquire 3 s, statement 10 s, lock 5 s, idle in transaction 15 s); a connection that
fails at BEGIN or COMMIT is ended and given back instead of leaked, always to the pool it came from; a nested ``transaction()`` is a real savepoint.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction, Savepoint

ACQUIRE_SECONDS = 3.0
END_SECONDS = 8.0
PATIENCE = 130.0
"""Seconds that a client waits for one statement's answer; the site, where somebody waits, has less (application.open_pool)."""
ENDED = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError, OSError, TimeoutError)
SERVER_SETTINGS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
    "jit": "off",
    "search_path": "public",
}


@contextlib.contextmanager
def unreachable_is_passing() -> Iterator[None]:
    """Around connecting: a socket that is gone while the server restarts is no missing file of ours."""
    try:
        yield
    except OSError as why:
        if isinstance(why, (ConnectionError, TimeoutError)):
            raise
        raise ConnectionError("the database cannot be reached") from why


class SafeTransaction(PostgresTransaction):
    """A transaction that never leaks its connection; nested, it is a savepoint that rolls back alone."""

    __slots__ = ("_pool", "_savepoint")

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            self._savepoint: Savepoint = await self._parent.savepoint(f"nested_{self._parent.get_savepoint_id()}")
            return self._parent
        self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction()
            async with asyncio.timeout(ACQUIRE_SECONDS):  # a frozen server answers nothing, not even BEGIN
                await self.begin()
        except BaseException:
            await self._give_back(broken=True)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def get_connection(self):
        self._pool = self.engine.pool  # remembered: meanwhile the engine may close it, or open another
        if self._pool:
            with unreachable_is_passing():
                return await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        return await self.engine.get_new_connection()

    async def _give_back(self, *, broken: bool) -> None:
        if broken:
            with contextlib.suppress(asyncpg.InterfaceError):  # it has ended by itself and left the pool already
                self.connection.terminate()
        if self._pool:
            await self._pool.release(self.connection)
        elif not broken:
            await self.connection.close()

    async def __aexit__(self, exception_type, exception, traceback) -> Literal[False]:
        if self._parent is not None:
            if exception is None:
                await self._savepoint.release()
            else:
                with contextlib.suppress(*ENDED):  # then what raised is the news, and the outer one will fail too
                    await self._savepoint.rollback_to()
            return False
        broken = True
        try:
            async with asyncio.timeout(END_SECONDS):
                if exception is None and not self._committed and not self._rolled_back:
                    await self.commit()
                elif exception is not None and not self._rolled_back:
                    await self.rollback()
            broken = False
        except ENDED:
            if exception is None:
                raise  # whether the commit came through is not known; otherwise what raised first is the news
        finally:
            try:
                self.engine.current_transaction.reset(self.context)
            finally:  # also where it ends in another context than it began: that is a fault, but must cost no connection
                await self._give_back(broken=broken)
        return False


async def _as_it_was(connection: Any) -> None:
    """Nothing to reset: settings change by SET LOCAL only, locks end with their transaction, nobody listens on the pool.

    asyncpg's own reset would cost another round trip for each statement outside a transaction; an open transaction it
    rolls back in either case.
    """


class SafeEngine(PostgresEngine):
    """PostgreSQL with bounded waits."""

    def transaction(self, allow_nested: bool = True) -> SafeTransaction:
        return SafeTransaction(engine=self, allow_nested=allow_nested)

    async def start_connection_pool(self, **kwargs) -> None:
        await super().start_connection_pool(**{"reset": _as_it_was, **kwargs})

    async def _run_in_pool(self, query: str, args=None):
        pool = self.pool  # remembered: while the statement runs, the engine may close it, or open another
        if pool is None:
            raise RuntimeError("The connection pool is not running.")
        with unreachable_is_passing():
            connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
        try:
            return await connection.fetch(query, *(args or ()))
        finally:
            await pool.release(connection)

    async def get_version(self) -> float:
        """Known by decision: 15 or later is checked at start-up, not at import."""
        return 15.0


def parse_url(url: str) -> dict[str, Any]:
    """asyncpg's arguments from a PostgreSQL URL; several hosts are kept as they stand, through ``dsn``."""
    split = urlsplit(url)
    if "," in split.netloc or split.query:
        return {"dsn": url, "user": unquote(split.username or "") or None}
    config: dict[str, Any] = {"host": split.hostname or "127.0.0.1", "port": split.port or 5432}
    config["user"] = unquote(split.username) if split.username else None
    config["database"] = split.path.lstrip("/") or None
    if split.password:
        config["password"] = unquote(split.password)
    return {key: value for key, value in config.items() if value is not None}


def make_engine(config: dict[str, Any], *, application_name: str = "gongjiang") -> SafeEngine:
    """An engine whose every connection has the house's time-outs."""
    settings = {**SERVER_SETTINGS, "application_name": application_name, **config.get("server_settings", {})}
    return SafeEngine(config={"timeout": 5, "command_timeout": PATIENCE, **config, "server_settings": settings})
