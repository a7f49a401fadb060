"""Rate limits (SECURITY 20): counted in the database, by an address that only a trusted proxy may name."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from litestar.connection import ASGIConnection

from foundation.database import fetch, fetchval
from foundation.errors import TooMany
from foundation.settings import settings
from foundation.web import limits
from foundation.web.limits import client_address, limit

MINUTE = timedelta(minutes=1)


async def count_until_refused(kind: str, who: str, *, most: int, tries: int) -> int:
    for n in range(tries):
        try:
            await limit(kind, who, most=most, window=MINUTE)
        except TooMany:
            return n
    return tries


async def test_exactly_as_many_as_allowed(db):
    assert await count_until_refused("sign-in", "qian", most=5, tries=20) == 5


async def test_one_does_not_use_up_anothers(db):
    await count_until_refused("sign-in", "qian", most=1, tries=3)
    await limit("sign-in", "sun", most=1, window=MINUTE)
    await limit("verify", "qian", most=1, window=MINUTE)


async def test_the_refusal_says_how_long_to_wait(db):
    with pytest.raises(TooMany) as refused:
        for _ in range(2):
            await limit("verify", "a", most=1, window=MINUTE)
    assert 1 <= refused.value.retry_after <= 60
    assert refused.value.status == 429


async def test_a_window_that_has_passed_counts_anew(db):
    await count_until_refused("verify", "a", most=1, tries=2)
    await fetch("UPDATE rate_count SET window_start = window_start - interval '61 seconds'")
    await limit("verify", "a", most=1, window=MINUTE)
    with pytest.raises(TooMany):
        await limit("verify", "a", most=1, window=MINUTE)


async def test_trying_on_during_the_wait_does_not_lengthen_it(db):
    await count_until_refused("verify", "a", most=1, tries=9)
    before = await fetchval("SELECT window_start FROM rate_count")
    await count_until_refused("verify", "a", most=1, tries=9)
    assert await fetchval("SELECT window_start FROM rate_count") == before


async def test_the_table_keeps_no_address_or_login(db):
    await limit("sign-in", "13800001234", most=5, window=MINUTE)
    assert await fetchval("SELECT count(*) FROM rate_count r WHERE r::text LIKE '%13800001234%'") == 0


@pytest.mark.parametrize("who", ["", "\x00", "证书" * 5000, "\udcff"])
async def test_whatever_the_name_it_is_counted(db, who):
    assert await count_until_refused("verify", who, most=2, tries=5) == 2


async def test_many_at_once_are_counted_one_by_one(committed):
    async def one() -> bool:
        try:
            await limit("verify", "crowd", most=7, window=MINUTE)
        except TooMany:
            return False
        return True

    allowed = await asyncio.gather(*(one() for _ in range(20)))
    assert sum(allowed) == 7


def connection(peer: str | None, forwarded: list[str]) -> ASGIConnection:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return ASGIConnection(
        {"type": "http", "client": (peer, 1) if peer else None, "headers": headers, "path": "/", "state": {}}  # type: ignore[arg-type]
    )


@pytest.fixture
def proxies(monkeypatch):
    def trust(*networks: str) -> None:
        changed = msgspec.structs.replace(settings(), trusted_proxies=networks)
        monkeypatch.setattr(limits, "settings", lambda: changed)

    return trust


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ((), "203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ((), "10.0.0.1", ["198.51.100.1"], "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (("10.0.0.0/8",), "203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        (("10.0.0.0/8",), "10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
        (("10.0.0.0/8",), "10.0.0.1", ["10.1.1.1"], "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", [], "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", [" , ,"], "10.0.0.1"),
        (("::1/128",), "::1", ["2001:db8::7"], "2001:db8::7"),
        (("10.0.0.1",), "10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_only_a_trusted_proxy_may_say_who_asks(proxies, trusted, peer, forwarded, expected):
    proxies(*trusted)
    assert client_address(connection(peer, forwarded)) == expected


def test_several_forwarded_headers_are_read_as_one(proxies):
    """A client that sends the header itself stands before what the proxy appended in a header of its own."""
    proxies("10.0.0.0/8")
    assert client_address(connection("10.0.0.1", ["1.2.3.4", "198.51.100.1"])) == "198.51.100.1"


def test_a_junk_hop_is_not_trusted_and_not_endless(proxies):
    proxies("10.0.0.0/8")
    assert len(client_address(connection("10.0.0.1", ["x" * 5000]))) <= 64
