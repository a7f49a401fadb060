"""The public keys that certificates are verified with: kept when a signer first shows them, published to everybody.

A retired key stays published, with the period in which it was in use: what it signed stays verifiable. Nothing is signed
by it any more, for every signer shows its public halves here before it is asked for anything.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.certificates.proof.keys import Period, document
from publications.certificates.proof.schemas import Published

STATEMENT, SEAL = "statement", "seal"


async def publish(shown: Published) -> None:
    """Keep a signer's public halves, each once. Raises ``Conflict`` for a retired key, and where two keys would share one
    short id."""
    halves = [(STATEMENT, name, public) for name, public in shown.keys.items()]
    halves += [(SEAL, hashlib.sha256(der).hexdigest(), der) for der in shown.certificates]
    async with transaction():
        for kind, name, public in halves:
            made = await fetchval(
                "INSERT INTO certificate_key (id, kind, name, public, made_at) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (name) DO NOTHING RETURNING id",
                new_id(), kind, name, public, await clock.now(),
            )  # fmt: skip
            if made is not None:
                await trail.record(None, "certificate_key.published", "certificate_key", made, {"kind": kind})
            else:
                await _require_same_and_in_use(name, public)


async def _require_same_and_in_use(name: str, public: bytes) -> None:
    known = await fetchrow("SELECT public, retired_at FROM certificate_key WHERE name = $1", name)
    assert known is not None
    if bytes(known["public"]) != public:
        raise Conflict("key_taken", "另一把钥匙已用同一短号 {name}，请更换签名钥匙", name=name)
    if known["retired_at"] is not None:
        raise Conflict("key_retired", "签名钥匙 {name} 已经停用，请先在服务器上换成新的钥匙", name=name[:16])


async def published() -> Published:
    """Every key that ever signed here: retired ones still verify what they signed."""
    rows = await fetch("SELECT kind, name, public FROM certificate_key ORDER BY made_at, name")
    return Published(
        keys={row["name"]: bytes(row["public"]) for row in rows if row["kind"] == STATEMENT},
        certificates=tuple(bytes(row["public"]) for row in rows if row["kind"] == SEAL),
    )


async def retire(actor: Actor, key: UUID, reason: str) -> None:
    """Take a key out of use from now on; what it signed stays verifiable. Raises ``Conflict`` where it was retired before."""
    async with transaction():
        row = await fetchrow("SELECT name, kind, retired_at FROM certificate_key WHERE id = $1 FOR UPDATE", key)
        if row is None:
            raise NotFound
        if row["retired_at"] is not None:
            raise Conflict("key_retired_before", "这把钥匙已经停用", name=row["name"])
        if not reason.strip():
            raise Refusal("reason_required", "请写明原因", field="reason")
        await fetch("UPDATE certificate_key SET retired_at = $2 WHERE id = $1", key, await clock.now())
        body = {"kind": row["kind"], "name": row["name"], "reason": reason}
        await trail.record(actor, "certificate_key.retired", "certificate_key", key, body)


async def key_document() -> dict[str, Any]:
    """What ``/.well-known/gongjiang-keys.json`` answers."""
    rows = await fetch("SELECT name, made_at, retired_at FROM certificate_key ORDER BY made_at, name")
    periods = [Period(key=row["name"], since=row["made_at"], until=row["retired_at"]) for row in rows]
    return document(settings().public_url, settings().federation, await published(), periods)
