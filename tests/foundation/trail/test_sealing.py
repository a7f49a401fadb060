"""The chain of seals: what it must detect, and that sealing never skips a late commit."""

from __future__ import annotations

import hashlib
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import trail
from foundation.crypto import pseudonym
from foundation.database import fetch, fetchval, transaction
from foundation.trail import sealing

WHO = UUID(int=7)


async def write(count: int) -> None:
    for number in range(count):
        await trail.record(None, "test.written", "test", UUID(int=number), {"n": number})


async def test_a_row_holds_canonical_json_and_a_pseudonym(db, house):
    officer = await house.person("qian", "city_officer", at="city")
    await trail.record(officer, "worker.changed", "worker", WHO, {"b": 1, "a": "值"})
    row = (await fetch("SELECT * FROM trail_entry ORDER BY id DESC LIMIT 1"))[0]
    assert row["body"] == '{"a":"值","b":1}'
    assert row["actor"] == pseudonym(officer.account) != officer.account
    assert row["subject"] == pseudonym(WHO) != WHO


async def test_whole_chain_verifies_and_seals_everything_once(db):
    await write(3)
    assert await sealing.seal_waiting() == 3
    await write(2)
    assert await sealing.seal_waiting() == 2
    assert await sealing.seal_waiting() == 0
    verdict = await sealing.verify()
    assert (verdict.seals, verdict.rows, verdict.unsealed, verdict.faults) == (2, 5, 0, ())


def test_merkle_root_by_hand():
    a, b, c = (hashlib.sha256(bytes([n])).digest() for n in range(3))
    ab = hashlib.sha256(b"\x01" + a + b).digest()
    assert sealing.merkle_root([a]) == a
    assert sealing.merkle_root([a, b, c]) == hashlib.sha256(b"\x01" + ab + c).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_any_changed_leaf_changes_the_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != leaves[index]))
    changed = [*leaves[:index], other, *leaves[index + 1 :]]
    assert sealing.merkle_root(leaves) != sealing.merkle_root(changed)


async def owner_connection(committed) -> asyncpg.Connection:
    """Somebody with the database's keys, as the tamperer is."""
    config = {k: v for k, v in committed.config.items() if k in ("host", "port", "database", "dsn")}
    if "dsn" in config:
        return await asyncpg.connect(dsn=config["dsn"].replace("gongjiang_app@", "postgres@"))
    return await asyncpg.connect(**config, user="postgres")


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE trail_entry SET body = '{\"n\":9}' WHERE id = 2", "a row was changed"),
        ("UPDATE trail_entry SET actor = gen_random_uuid() WHERE id = 2", "a row was changed"),
        ("UPDATE trail_entry SET at = at + interval '1 second' WHERE id = 3", "a row was changed"),
        ("DELETE FROM trail_entry WHERE id = 2", "is gone"),
        ("DELETE FROM trail_entry WHERE id = 2; DELETE FROM trail_leaf WHERE id = 2", "holds 2 rows, sealed 3"),
        ("UPDATE trail_seal SET root = digest WHERE id = 1", "a row was changed"),
        ("UPDATE trail_seal SET previous = digest WHERE id = 2", "does not follow"),
        ("DELETE FROM trail_leaf WHERE seal = 1; DELETE FROM trail_seal WHERE id = 1", "does not follow"),
        ("UPDATE trail_seal SET signature = '\\x00' WHERE id = 1", "signature does not fit"),
    ],
)
async def test_tampering_is_found(committed, tampering, found):
    await write(3)
    await sealing.seal_waiting()
    await write(3)
    await sealing.seal_waiting()
    assert (await sealing.verify()).faults == ()
    owner = await owner_connection(committed)
    await owner.execute(tampering)
    await owner.close()
    assert any(found in fault for fault in (await sealing.verify()).faults)


async def test_a_cut_tail_is_found_by_the_published_head(committed):
    await write(3)
    await sealing.seal_waiting()
    await write(3)
    await sealing.seal_waiting()
    head = (await sealing.verify()).head
    owner = await owner_connection(committed)
    await owner.execute(
        "DELETE FROM trail_leaf WHERE seal = 2; DELETE FROM trail_seal WHERE id = 2; DELETE FROM trail_entry WHERE id > 3"
    )
    await owner.close()
    assert (await sealing.verify()).faults == ()
    assert any("tail was cut" in fault for fault in (await sealing.verify(head)).faults)


async def test_a_row_that_commits_late_is_still_sealed(committed):
    slow = await committed.pool.acquire()
    late = slow.transaction()
    await late.start()
    await slow.execute("INSERT INTO trail_entry (action, subject_kind) VALUES ('late', 'test')")
    await write(2)  # higher ids, committed earlier
    assert await sealing.seal_waiting() == 2
    await late.commit()
    await committed.pool.release(slow)
    assert await sealing.seal_waiting() == 1
    assert (await sealing.verify()).unsealed == 0


async def test_the_application_cannot_rewrite_the_trail(committed):
    await write(1)
    for statement in (
        "UPDATE trail_entry SET body = '{}'",
        "DELETE FROM trail_entry",
        "TRUNCATE trail_seal",
        "DELETE FROM mark",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction():
                await fetch(statement)
    assert await fetchval("SELECT count(*) FROM trail_entry") == 1
