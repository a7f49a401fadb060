"""Signals of changed events: few, never lost at the end of a process, and none that keeps a connection of the pool."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from competitions.judging import live_signal
from foundation.database import engine, transaction
from tests.support.pools import holders


async def hear(channel: str, heard: list[str]):
    connection = await engine().get_new_connection()
    await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: heard.append(payload))
    return connection


async def until(true) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the listener is told by the server
            await asyncio.sleep(0.02)


async def test_what_waits_for_its_turn_is_told_before_the_end(committed):
    event, heard = uuid4(), []
    connection = await hear(live_signal.CHANNEL, heard)
    try:
        live_signal.changed(event)
        await until(lambda: heard)
        for _ in range(5):  # within the pace of the first: one signal for all, and that one waits
            live_signal.changed(event)
        assert event in live_signal._waiting
        await live_signal.tell_now()
        assert live_signal._waiting == {}
        assert holders(committed.pool) == []
        await until(lambda: len(heard) == 2)
    finally:
        await connection.close()
    assert heard == [str(event)] * 2


async def test_a_signal_at_the_end_is_not_part_of_the_callers_transaction(committed):
    event, heard = uuid4(), []
    connection = await hear(live_signal.CHANNEL, heard)
    try:
        async with transaction():
            live_signal.changed(event)
            await live_signal.tell_now()
            await until(lambda: heard)  # told at once, though the transaction has not ended
    finally:
        await connection.close()
    assert heard == [str(event)]
    assert holders(committed.pool) == []


async def test_nothing_waits_where_nothing_changed():
    await live_signal.tell_now()
    assert live_signal._waiting == {}
