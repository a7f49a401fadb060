"""Hashing: argon2id, at most four at once (SECURITY 12: 121 ms and 64 MiB each), in threads, with bounded waiting."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.errors import TooMany

AT_ONCE = 4
WAIT_SECONDS = 8

_hasher = PasswordHasher()


@cache
def _places(loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    return asyncio.Semaphore(AT_ONCE)


@cache
def _dummy() -> str:
    """What an unknown login is checked against, so that its answer takes as long as any other."""
    return _hasher.hash("nobody's password")


def _verify(stored: str, password: str) -> bool:
    known = stored or _dummy()
    try:
        return _hasher.verify(known, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


async def _in_turn(function, *args):
    places = _places(asyncio.get_running_loop())
    try:
        await asyncio.wait_for(places.acquire(), WAIT_SECONDS)
    except TimeoutError:
        raise TooMany(5, overloaded=True) from None
    try:
        return await asyncio.to_thread(function, *args)
    finally:
        places.release()


async def hash_password(password: str) -> str:
    """The argon2id hash to store. Call it outside a transaction: it takes a tenth of a second."""
    return await _in_turn(_hasher.hash, password)


async def verify_password(stored: str, password: str) -> bool:
    """Whether this is the password; an empty ``stored`` (no such account, none set) takes as long and is False."""
    return await _in_turn(_verify, stored, password)
