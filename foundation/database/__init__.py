"""The engine, the embedded server, migrations, roles; and plain SQL on the current transaction.

Writes stand in ``async with transaction():``. Piccolo serves everyday reads and writes; the few statements where a
compare-and-set, ``ON CONFLICT`` or ``RETURNING`` matters are written out and run by :func:`fetch` and its kin, on the
same connection as everything else of the transaction.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from foundation.database.safe_engine import SafeEngine, SafeTransaction

_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,  # what the driver says of a connection that the server ended while it was idle
    ConnectionError,
    TimeoutError,
)


def is_passing(why: BaseException) -> bool:
    """Whether the database cannot serve just now (restarting, full, locked, frozen, gone): 503, try again; else a fault of ours."""
    if isinstance(
        why, asyncpg.InterfaceError
    ):  # asyncpg also says so of wrong arguments, which will not mend by waiting
        return not isinstance(why, ValueError) and any(word in str(why) for word in ("closed", "closing", "released"))
    return isinstance(why, _PASSING)


@cache
def engine() -> SafeEngine:
    """The installation's engine, as ``piccolo_conf`` names it."""
    from piccolo.engine.finder import engine_finder

    found = engine_finder()
    if found is None:
        raise RuntimeError("piccolo_conf names no engine")
    return found  # type: ignore[return-value]  # piccolo_conf makes a SafeEngine


def transaction() -> SafeTransaction:
    """One transaction; nested, a savepoint."""
    return engine().transaction()


def connection() -> Any:
    """asyncpg's connection of the current transaction; raises outside one."""
    current = engine().current_transaction.get()
    if current is None:
        raise RuntimeError("this must run inside a transaction")
    return current.connection


async def fetch(sql: str, *args: Any) -> list[Any]:
    """Rows of a statement with ``$1``-style parameters, in the current transaction or on a connection of the pool."""
    current = engine().current_transaction.get()
    if current is not None:
        return await current.connection.fetch(sql, *args)
    if engine().pool:
        return await engine()._run_in_pool(sql, args)
    return await engine()._run_in_new_connection(sql, args)


async def fetchrow(sql: str, *args: Any) -> Any | None:
    """The first row, or None."""
    rows = await fetch(sql, *args)
    return rows[0] if rows else None


async def fetchval(sql: str, *args: Any) -> Any:
    """The first column of the first row, or None."""
    row = await fetchrow(sql, *args)
    return row[0] if row is not None else None
