"""Sealing: batches of trail rows become leaves of a Merkle tree, each seal holds the digest of the one before.

leaf = sha256(0x00 ‖ row), node = sha256(0x01 ‖ left ‖ right) (an odd node is carried up), digest = sha256(0x02 ‖ previous ‖
first leaf's id ‖ rows ‖ root ‖ time). Whoever holds a later digest can tell whether anything before it was changed, taken
out, put in or cut off. The head is signed with Ed25519 once a day at least and published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.settings import settings

GENESIS = bytes(32)
MOST = 5000
SEAL_LOCK = 0x7365616C
WINDOW = 200_000
"""How far below the newest sealed row a late commit is looked for every second; ``verify`` looks everywhere."""

WAITING_SQL = """
SELECT e.* FROM trail_entry e
WHERE e.id > coalesce((SELECT max(id) FROM trail_leaf), 0) - $1
  AND NOT EXISTS (SELECT 1 FROM trail_leaf l WHERE l.id = e.id)
ORDER BY e.id LIMIT $2
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What verification found: how much stands, and each thing that does not."""

    seals: int
    rows: int
    unsealed: int
    head: str
    faults: tuple[str, ...] = ()


def leaf_of(row: Any) -> bytes:
    """The leaf of one trail row, over all its columns."""
    parts = (
        str(row["id"]), _moment(row["at"]), str(row["actor"] or ""), row["action"], row["subject_kind"],
        str(row["subject"] or ""), row["body"],
    )  # fmt: skip
    hasher = hashlib.sha256(b"\x00")
    for part in parts:
        data = part.encode()
        hasher.update(len(data).to_bytes(4, "big") + data)
    return hasher.digest()


def _moment(at: datetime) -> str:
    return str(round(at.timestamp() * 1_000_000))


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0]


def seal_digest(previous: bytes, first: int, rows: int, root: bytes, at: datetime) -> bytes:
    return hashlib.sha256(
        b"\x02" + previous + first.to_bytes(8, "big") + rows.to_bytes(4, "big") + root + _moment(at).encode()
    ).digest()


def signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings().trail_key))


def public_key() -> bytes:
    """The raw Ed25519 key with which the published heads verify (32 bytes)."""
    return signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


async def seal_waiting() -> int:
    """Close what waits into one seal; returns how many rows. One sealer at a time; writers are never held up."""
    async with transaction():
        if not await fetchval("SELECT pg_try_advisory_xact_lock($1)", SEAL_LOCK):
            return 0
        rows = await fetch(WAITING_SQL, WINDOW, MOST)
        if not rows:
            return 0
        last = await fetchrow("SELECT digest, sealed_at FROM trail_seal ORDER BY id DESC LIMIT 1")
        at = await fetchval("SELECT clock_timestamp()")
        previous = last["digest"] if last else GENESIS
        root = merkle_root([leaf_of(row) for row in rows])
        digest = seal_digest(previous, rows[0]["id"], len(rows), root, at)
        signature = signing_key().sign(digest) if await _signature_due(at) else None
        seal = await fetchval(
            "INSERT INTO trail_seal (sealed_at, rows, root, previous, digest, signature)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            at, len(rows), root, previous, digest, signature,
        )  # fmt: skip
        await fetch(
            "INSERT INTO trail_leaf (id, seal, place) SELECT u.id, $1, u.place - 1"
            " FROM unnest($2::bigint[]) WITH ORDINALITY AS u(id, place)",
            seal, [row["id"] for row in rows],
        )  # fmt: skip
        return len(rows)


async def _signature_due(at: datetime) -> bool:
    newest = await fetchval("SELECT max(sealed_at) FROM trail_seal WHERE signature IS NOT NULL")
    return newest is None or (at - newest).total_seconds() >= 24 * 3600


UNTIL_SQL = "SELECT max(e.at) FROM trail_leaf l JOIN trail_entry e ON e.id = l.id WHERE l.seal = s.id"


async def head() -> dict[str, Any] | None:
    """The newest signed head, as the public page shows it: when, digest, signature, key (hex).

    ``at`` is the server's own time, which the digest covers. In a demonstration, whose season stands elsewhere, ``until``
    is the season's time of the newest row sealed; None outside one.
    """
    until = f"({UNTIL_SQL})" if settings().demo else "NULL::timestamptz"
    row = await fetchrow(
        f"SELECT s.id, s.sealed_at, s.digest, s.signature, {until} AS until FROM trail_seal s"
        " WHERE s.signature IS NOT NULL ORDER BY s.id DESC LIMIT 1"
    )
    if row is None:
        return None
    return {
        "seal": row["id"], "at": row["sealed_at"], "until": row["until"], "digest": row["digest"].hex(),
        "signature": row["signature"].hex(), "key": public_key().hex(),
    }  # fmt: skip


async def verify(expected_head: str | None = None) -> Verdict:
    """Recompute every seal. ``expected_head`` is a digest that was published: without it in the chain, the tail was cut."""
    faults: list[str] = []
    previous, total, digest = GENESIS, 0, GENESIS
    key = Ed25519PublicKey.from_public_bytes(public_key())
    seals = await fetch("SELECT * FROM trail_seal ORDER BY id")
    seen_expected = expected_head is None
    for seal in seals:
        rows = await fetch(
            "SELECT e.*, l.place FROM trail_leaf l LEFT JOIN trail_entry e ON e.id = l.id WHERE l.seal = $1 ORDER BY l.place",
            seal["id"],
        )
        faults += _check_seal(seal, rows, previous, key)
        previous = digest = seal["digest"]
        total += len(rows)
        seen_expected = seen_expected or digest.hex() == expected_head
    if not seen_expected:
        faults.append(f"head {expected_head}: not in the chain, the tail was cut or another chain was put in its place")
    unsealed = await fetchval(
        "SELECT count(*) FROM trail_entry e WHERE NOT EXISTS (SELECT 1 FROM trail_leaf l WHERE l.id = e.id)"
    )
    low = await fetchval("SELECT coalesce(max(id), 0) FROM trail_leaf") - WINDOW
    late = await fetchval(
        "SELECT count(*) FROM trail_entry e WHERE e.id <= $1 AND NOT EXISTS (SELECT 1 FROM trail_leaf l WHERE l.id = e.id)",
        low,
    )
    if late:
        faults.append(f"{late} old rows stand in no seal: they were put in afterwards")
    return Verdict(seals=len(seals), rows=total, unsealed=unsealed, head=digest.hex(), faults=tuple(faults))


def _check_seal(seal: Any, rows: Sequence[Any], previous: bytes, key: Ed25519PublicKey) -> list[str]:
    name = f"seal {seal['id']}"
    if any(row["action"] is None for row in rows):
        return [f"{name}: a row it sealed is gone"]
    if len(rows) != seal["rows"] or not rows:
        return [f"{name}: holds {len(rows)} rows, sealed {seal['rows']}"]
    faults: list[str] = []
    if merkle_root([leaf_of(row) for row in rows]) != seal["root"]:
        faults.append(f"{name}: a row was changed")
    if seal["previous"] != previous:
        faults.append(f"{name}: does not follow the seal before it")
    if seal_digest(seal["previous"], rows[0]["id"], seal["rows"], seal["root"], seal["sealed_at"]) != seal["digest"]:
        faults.append(f"{name}: its digest does not fit")
    if seal["signature"] is not None:
        try:
            key.verify(seal["signature"], seal["digest"])
        except InvalidSignature:
            faults.append(f"{name}: its signature does not fit")
    return faults
