"""The engine (SECURITY 8): nothing waits for ever, nothing leaks, a nested transaction is a savepoint."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars

import asyncpg
import pytest

from foundation.database import fetch, fetchval, is_passing, safe_engine, transaction
from foundation.database.safe_engine import parse_url


def free_of(engine) -> int:
    """Connections of the pool that nobody holds, open or not."""
    return engine.pool.get_max_size() - sum(1 for holder in engine.pool._holders if holder._in_use is not None)


async def note(bucket: str) -> None:
    await fetch("INSERT INTO rate_count (bucket) VALUES ($1)", bucket)


async def kept() -> set[str]:
    return {row["bucket"] for row in await fetch("SELECT bucket FROM rate_count")}


# -- savepoints


async def test_an_inner_failure_takes_back_the_inner_part_only(committed):
    async with transaction():
        await note("outer")
        with pytest.raises(ValueError):
            async with transaction():
                await note("inner")
                async with transaction():
                    await note("innermost")
                raise ValueError
        async with transaction():
            await note("second")
    assert await kept() == {"outer", "second"}


async def test_an_inner_statement_that_fails_leaves_the_outer_usable(committed):
    async with transaction():
        await note("outer")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with transaction():
                await note("outer")
        await note("after")
    assert await kept() == {"outer", "after"}


async def test_an_outer_failure_takes_back_what_the_inner_had_done(committed):
    with pytest.raises(ValueError):
        async with transaction():
            async with transaction():
                await note("inner")
            raise ValueError
    assert await kept() == set()


async def test_a_failed_statement_swallowed_without_savepoint_keeps_nothing(committed):
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        async with transaction():
            await note("outer")
            with pytest.raises(asyncpg.UniqueViolationError):
                await note("outer")
            await note("after")
    assert await kept() == set()
    assert free_of(committed) == committed.pool.get_max_size()


async def test_a_cancelled_task_keeps_nothing_and_gives_its_connection_back(committed):
    begun = asyncio.Event()

    async def write() -> None:
        async with transaction():
            await note("cancelled")
            begun.set()
            await fetch("SELECT pg_sleep(5)")

    task = asyncio.create_task(write())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert free_of(committed) == committed.pool.get_max_size()
    assert await kept() == set()


async def test_tasks_do_not_share_a_transaction(committed):
    seen = []

    async def other() -> None:
        seen.append(await kept())

    async with transaction():
        await note("mine")
        await asyncio.create_task(other(), context=contextvars.Context())
    assert seen == [set()]


# -- a connection that fails at BEGIN or COMMIT


async def test_a_backend_that_dies_before_begin_costs_one_attempt(committed):
    await _end_all_backends()
    for _ in range(committed.pool.get_max_size() + 3):
        try:
            async with transaction():
                await fetchval("SELECT 1")
        except Exception as why:
            if not is_passing(why):
                raise
    assert free_of(committed) == committed.pool.get_max_size()
    async with transaction():
        assert await fetchval("SELECT 1") == 1


async def test_a_backend_that_dies_before_commit_is_an_error_and_no_leak(committed):
    for _ in range(committed.pool.get_max_size() + 3):  # more often than there are connections: a leak would show
        with pytest.raises(Exception) as failed:
            async with transaction():
                await note("lost")
                await _end_backend_of_this_transaction()
        assert is_passing(failed.value), repr(failed.value)
    assert free_of(committed) == committed.pool.get_max_size()
    assert await kept() == set()


async def test_a_commit_that_the_database_refuses_is_not_taken_for_done(committed):
    """A deferred constraint fails at COMMIT only."""
    async with transaction():
        await fetch("CREATE TEMP TABLE later (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction():
            await fetch("CREATE TEMP TABLE later (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
            await note("with it")
            await fetch("INSERT INTO later VALUES (1), (1)")
    assert await kept() == set()
    assert free_of(committed) == committed.pool.get_max_size()


async def _end_backend_of_this_transaction() -> None:
    pid = await fetchval("SELECT pg_backend_pid()")
    other = await asyncpg.connect(**_owner())
    try:
        await other.execute("SELECT pg_terminate_backend($1, 2000)", pid)
    finally:
        await other.close()


async def _end_all_backends() -> None:
    other = await asyncpg.connect(**_owner())
    try:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await other.close()


def _owner() -> dict:
    """The same database, as a role that may end backends."""
    from foundation.database import embedded, engine

    config = {k: v for k, v in engine().config.items() if k in ("host", "port", "database", "dsn")}
    return {**config, "user": embedded.OWNER_ROLE}


# -- what runs on while the engine's pool is closed or exchanged (a signal in the background, at the end of a life)


async def _while_the_pool_is_exchanged(engine, work) -> None:
    """Let ``work`` begin on the engine's pool, take that pool away, open another one, and wait for the work's end."""
    first, begun = engine.pool, asyncio.Event()
    task = asyncio.create_task(work(begun))
    try:
        await begun.wait()
        engine.pool = None
        await engine.start_connection_pool(min_size=1, max_size=2)
        await task
        await engine.close_connection_pool()
    finally:
        engine.pool = first


@pytest.mark.parametrize("fails", [False, True])
async def test_a_transaction_gives_back_to_the_pool_it_took_from(committed, fails):
    async def work(begun: asyncio.Event) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with transaction():
                await note("slow")
                begun.set()
                await fetch("SELECT pg_sleep(0.5)")
                if fails:
                    raise ZeroDivisionError

    await _while_the_pool_is_exchanged(committed, work)
    assert free_of(committed) == committed.pool.get_max_size()
    assert await kept() == (set() if fails else {"slow"})


async def test_a_single_statement_gives_back_to_the_pool_it_took_from(committed):
    async def work(begun: asyncio.Event) -> None:
        asyncio.get_running_loop().call_later(0.2, begun.set)
        assert await fetch("SELECT pg_sleep(1), 7") is not None

    await _while_the_pool_is_exchanged(committed, work)
    assert free_of(committed) == committed.pool.get_max_size()


async def test_a_transaction_that_ends_in_another_context_is_a_fault_but_no_leak(committed):
    """As an asynchronous generator does that is thrown away: its end runs in a context of its own."""
    one = transaction()
    await asyncio.create_task(one.__aenter__(), context=contextvars.Context())
    with pytest.raises(ValueError, match="Context"):
        await asyncio.create_task(one.__aexit__(None, None, None), context=contextvars.Context())
    assert free_of(committed) == committed.pool.get_max_size()


# -- waits


async def test_a_full_pool_says_so_within_the_time_and_recovers(committed, monkeypatch):
    monkeypatch.setattr(safe_engine, "ACQUIRE_SECONDS", 0.2)
    held = [await committed.pool.acquire() for _ in range(committed.pool.get_max_size())]
    try:
        with pytest.raises(TimeoutError):
            await fetch("SELECT 1")
        with pytest.raises(TimeoutError):
            async with transaction():
                pass
    finally:
        for one in held:
            await committed.pool.release(one)
    assert await fetchval("SELECT 1") == 1
    assert free_of(committed) == committed.pool.get_max_size()


async def test_what_raised_first_is_told_even_where_the_connection_died_with_it(committed):
    for nested in (False, True):
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                if nested:
                    async with transaction():
                        await _end_backend_of_this_transaction()
                        raise ZeroDivisionError
                await _end_backend_of_this_transaction()
                raise ZeroDivisionError
    assert free_of(committed) == committed.pool.get_max_size()


async def test_a_frozen_begin_is_given_up(committed, monkeypatch):
    """The server does not answer BEGIN: the wait ends, the connection is ended, the pool is whole."""
    monkeypatch.setattr(safe_engine, "ACQUIRE_SECONDS", 0.3)

    async def never(self) -> None:
        await asyncio.sleep(60)

    with monkeypatch.context() as frozen:
        frozen.setattr(safe_engine.SafeTransaction, "begin", never)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with transaction():
                    pass
    assert free_of(committed) == committed.pool.get_max_size()
    assert await fetchval("SELECT 1") == 1


async def test_every_connection_has_the_houses_time_limits(committed):
    wanted = {
        "statement_timeout": "10s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "15s", "TimeZone": "UTC"
    }  # fmt: skip
    for _ in range(3):
        async with transaction():
            assert {name: await fetchval("SELECT current_setting($1)", name) for name in wanted} == wanted


async def test_a_setting_of_one_transaction_does_not_follow_into_the_next(committed):
    async with transaction():
        await fetch("SET LOCAL statement_timeout = '1ms'")
    async with transaction():
        assert await fetchval("SELECT current_setting('statement_timeout')") == "10s"


async def test_a_connection_given_back_within_a_transaction_is_clean(committed):
    held = await committed.pool.acquire()
    await held.execute("BEGIN")
    await held.execute("INSERT INTO rate_count (bucket) VALUES ('half')")
    await committed.pool.release(held)
    assert await kept() == set()
    assert await committed.pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()") == 0  # fmt: skip


async def test_a_socket_that_is_gone_is_passing(tmp_path):
    """PostgreSQL takes its socket away while it restarts."""
    engine = safe_engine.make_engine({"host": str(tmp_path), "port": 5432, "user": "x", "database": "x"})
    with pytest.raises(ConnectionError) as gone, safe_engine.unreachable_is_passing():
        await asyncpg.connect(**engine.config)
    assert is_passing(gone.value)


# -- what is passing and what is a fault of ours


@pytest.mark.parametrize(
    ("why", "passing"),
    [
        (TimeoutError(), True),
        (ConnectionRefusedError(), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.TooManyConnectionsError("x"), True),
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), False),
        (asyncpg.exceptions.DataError("invalid input for query argument $1: 'closed'"), False),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.UndefinedTableError("x"), False),
        (FileNotFoundError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_only_what_mends_by_waiting_is_passing(why, passing):
    assert is_passing(why) is passing


@pytest.mark.parametrize(
    ("url", "config"),
    [
        ("postgresql://a:b%40c@db.example:5433/city", {"host": "db.example", "port": 5433, "user": "a", "password": "b@c", "database": "city"}),
        ("postgresql://a@/city?host=/run/pg&port=5", {"dsn": "postgresql://a@/city?host=/run/pg&port=5", "user": "a"}),
        ("postgresql://db1,db2/city", {"dsn": "postgresql://db1,db2/city", "user": None}),
        ("postgresql:///city", {"host": "127.0.0.1", "port": 5432, "database": "city"}),
    ],
)  # fmt: skip
def test_urls_are_read(url, config):
    assert parse_url(url) == config
