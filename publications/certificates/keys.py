"""The public keys that certificates are verified with: kept when a signer first shows them, published to everybody."""

from __future__ import annotations

import hashlib
from typing import Any

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict
from foundation.settings import settings
from publications.certificates.proof.keys import document
from publications.certificates.proof.schemas import Published

STATEMENT, SEAL = "statement", "seal"


async def publish(shown: Published) -> None:
    """Keep a signer's public halves, each once. Raises ``Conflict`` where two keys would share one short id."""
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
            elif bytes(await fetchval("SELECT public FROM certificate_key WHERE name = $1", name)) != public:
                raise Conflict("key_taken", "另一把钥匙已用同一短号 {name}，请更换签名钥匙", name=name)


async def published() -> Published:
    """Every key that ever signed here: retired ones still verify what they signed."""
    rows = await fetch("SELECT kind, name, public FROM certificate_key ORDER BY made_at, name")
    return Published(
        keys={row["name"]: bytes(row["public"]) for row in rows if row["kind"] == STATEMENT},
        certificates=tuple(bytes(row["public"]) for row in rows if row["kind"] == SEAL),
    )


async def retire(name: str) -> None:
    """Mark a key as no longer in use."""
    await fetch(f"UPDATE certificate_key SET retired_at = {NOW_SQL} WHERE name = $1 AND retired_at IS NULL", name)


async def key_document() -> dict[str, Any]:
    """What ``/.well-known/gongjiang-keys.json`` answers."""
    retired = await fetch("SELECT name FROM certificate_key WHERE retired_at IS NOT NULL")
    return document(settings().public_url, settings().federation, await published(), [row["name"] for row in retired])
