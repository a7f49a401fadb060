"""留痕: every write adds a row in its own transaction; a sealer closes them into a chain of Merkle trees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation.clock import NOW_SQL
from foundation.crypto import pseudonym
from foundation.database import fetch

_encoder = msgspec.json.Encoder(order="sorted", decimal_format="string")

INSERT_SQL = f"""
INSERT INTO trail_entry (at, actor, action, subject_kind, subject, body)
VALUES ({NOW_SQL}, $1, $2, $3, $4, $5)
"""


def canonical(body: Any) -> str:
    """Canonical JSON: sorted keys, no white space."""
    return _encoder.encode(body).decode()


async def record(actor: Any | None, action: str, subject_kind: str, subject: UUID | None, body: Any = None) -> None:
    """Add one row for one write, in the caller's transaction.

    ``actor`` is an :class:`~foundation.web.policy.Actor` (or None: the system itself); ``action`` reads like
    ``marks.entered``; ``body`` holds what changed, and never an ID number, a phone or a name.
    """
    who = None if actor is None else pseudonym(actor.account)
    what = None if subject is None else pseudonym(subject) if subject_kind in PERSONAL else subject
    await fetch(INSERT_SQL, who, action, subject_kind, what, canonical(body or {}))


PERSONAL = frozenset({"worker", "account"})
"""Subjects that are people: they stand in the trail under pseudonyms."""
