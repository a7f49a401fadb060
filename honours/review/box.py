"""票箱: how a ballot stays secret in the database itself (decision 0010).

While a round is open, nothing is written that a vote could be recognised by: no row a paper, no time, no growing order. All
slips lie in one row, under a key of the round's own that is itself sealed with the house's secret; each vote opens the box,
drops its slips in, shuffles, and seals it anew. The seat of the voter changes in the same transaction, but so does the
box as a whole, which holds everybody's. Papers are taken apart into slips, one for each nominee, because a paper with gaps
where its voter was recused would name its voter. At the close the slips are written out at once, shuffled; box and key go.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from random import SystemRandom
from uuid import UUID

import msgspec

from foundation import crypto
from foundation.database import connection, fetch, fetchrow

Slips = dict[str, list[int]]
"""nomination → choices, in no order."""
_WIDTH = 100
"""Added to each choice inside the box, so that all are written with three digits and its length tells nothing."""
_chance = SystemRandom()


def _label(round_id: UUID) -> str:
    return f"ballot_box/{round_id}"


def shuffled(slips: Mapping[str, list[int]]) -> Slips:
    """The same slips, each nominee's in a new random order."""
    return {nomination: _chance.sample(choices, len(choices)) for nomination, choices in slips.items()}


async def make(round_id: UUID, nominations: list[UUID]) -> None:
    """An empty box with a key of its own."""
    key = os.urandom(32)
    wrapped = crypto.seal_secret(key.hex(), label=_label(round_id))
    await fetch(
        "INSERT INTO ballot_box (id, round, key, sealed) VALUES ($1, $2, $3, $4)",
        uuid.uuid4(), round_id, wrapped, _sealed(key, {str(one): [] for one in nominations}, round_id),
    )  # fmt: skip


def _sealed(key: bytes, slips: Slips, round_id: UUID) -> bytes:
    return crypto.seal(key, msgspec.json.encode(slips).decode(), label=_label(round_id))


async def _opened(round_id: UUID) -> tuple[bytes, Slips]:
    row = await fetchrow("SELECT key, sealed FROM ballot_box WHERE round = $1 FOR UPDATE", round_id)
    if row is None:
        raise LookupError("the round has no box: it is not open")
    key = bytes.fromhex(crypto.unseal_secret(row["key"], label=_label(round_id)))
    return key, msgspec.json.decode(crypto.unseal(key, row["sealed"], label=_label(round_id)), type=Slips)


async def drop(round_id: UUID, choices: Mapping[str, int]) -> None:
    """Drop one voter's slips in, within the transaction that marks the seat; the box is locked meanwhile."""
    connection()
    key, slips = await _opened(round_id)
    for nomination, choice in choices.items():
        slips[nomination].append(_WIDTH + choice)
    await fetch("UPDATE ballot_box SET sealed = $2 WHERE round = $1", round_id, _sealed(key, shuffled(slips), round_id))


async def pour_out(round_id: UUID, *, keep: bool) -> Slips:
    """Open the box for good: returns its slips; writes them out, shuffled among all, where ``keep``; deletes box and key."""
    connection()
    _key, wide = await _opened(round_id)
    slips = {one: [choice - _WIDTH for choice in choices] for one, choices in wide.items()}
    if keep:
        rows = [(uuid.uuid4(), round_id, UUID(one), choice) for one, choices in slips.items() for choice in choices]
        _chance.shuffle(rows)
        await connection().executemany(
            "INSERT INTO ballot_slip (id, round, nomination, choice) VALUES ($1, $2, $3, $4)", rows
        )
    await fetch("DELETE FROM ballot_box WHERE round = $1", round_id)
    return shuffled(slips)
