"""Keys and check strings that every wing's tables share."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable

from piccolo.columns import UUID


def new_id() -> uuid.UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then random; rows made together lie together on disk."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    return uuid.UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


def key() -> UUID:
    """A primary key of :func:`new_id`."""
    return UUID(primary_key=True, default=new_id, null=False)


def one_of(column: str, values: Iterable[str]) -> str:
    """The text of a CHECK that a column holds one of these words (Piccolo's own ``is_in`` writes broken SQL there)."""
    words = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({words})"
