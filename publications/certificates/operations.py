"""Issue, reissue, revoke. Numbers are taken under a lock, gap-free; each holder of a source gets exactly one (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from foundation import clock, jobs, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound
from foundation.web.policy import Actor
from publications.certificates.numbering import Order, Placing, held_keys, lock_source, order_again, place, prefix_of
from publications.certificates.rules import State, require_public_reason
from publications.permissions import Permission

RENDER = "certificates.render"


async def order_certificates(
    actor: Actor | None, orders: Sequence[Order], *, prefix: str, source_kind: str, source: UUID
) -> UUID | None:
    """Number certificates and ask for their rendering, in the caller's transaction; returns the job.

    Asking again for the same source and holders issues nothing new and returns None. Raises ``Refusal`` where a text
    cannot stand on a certificate.
    """
    async with transaction():
        await lock_source(source)
        known = await held_keys(source)
        fresh = [order for order in orders if order.holder_key not in known]
        if not fresh:
            return None
        numbers = await place([Placing(order=order, prefix=prefix) for order in fresh], source_kind, source)
        body = {"count": len(fresh), "first": numbers[0], "last": numbers[-1]}
        await trail.record(actor, "certificates.ordered", source_kind, source, body)
        return await jobs.enqueue(RENDER, {"source": str(source)}, actor)


async def certificate_for(actor: Actor, certificate: UUID, permission: Permission):
    """A certificate within the actor's scope, locked; else not found."""
    row = await fetchrow(
        "SELECT c.* FROM certificate c LEFT JOIN organisation o ON o.id = c.organisation WHERE c.id = $1"
        " AND (o.ancestors && $2::uuid[] OR (c.organisation IS NULL AND $3)) FOR UPDATE OF c",
        certificate, list(permission.scope(actor)), await reaches_the_city(actor, permission),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def reaches_the_city(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's scope is the whole city: external holders have no unit to be scoped by."""
    scope = list(permission.scope(actor))
    return bool(await fetchval("SELECT 1 FROM organisation WHERE id = ANY($1::uuid[]) AND kind = 'city'", scope))


async def revoke(actor: Actor, certificate: UUID, reason: str) -> None:
    """End a certificate for good (D6: its number is never used again). Raises ``Conflict`` where it was ended before."""
    async with transaction():
        row = await certificate_for(actor, certificate, Permission.REVOKE_CERTIFICATES)
        await end(row, State.REVOKED, reason)
        await trail.record(
            actor, "certificate.revoked", "certificate", certificate, {"number": row["number"], "reason": reason}
        )


async def reissue(actor: Actor, certificate: UUID, reason: str) -> UUID:
    """A new number for the same holder, linked to the old one, which is superseded (补发). Returns the new id."""
    async with transaction():
        row = await certificate_for(actor, certificate, Permission.ISSUE_CERTIFICATES)
        await end(row, State.SUPERSEDED, reason)
        again = Placing(
            order=order_again(row), prefix=prefix_of(row["number"]), replaces=certificate, replaced=row["number"]
        )
        (number,) = await place([again], row["source_kind"], row["source"])
        made = await fetchval("SELECT id FROM certificate WHERE number = $1", number)
        body = {"number": number, "replaces": row["number"], "reason": reason}
        await trail.record(actor, "certificate.reissued", "certificate", made, body)
        await jobs.enqueue(RENDER, {"source": str(row["source"])}, actor)
        return made


async def render_again(actor: Actor, certificate: UUID) -> UUID:
    """Set a faulty certificate once more, after its cause (a missing font, say) was put right; its number stays its own.

    Returns the job. Raises ``Conflict`` where there is no fault to repair.
    """
    async with transaction():
        row = await certificate_for(actor, certificate, Permission.ISSUE_CERTIFICATES)
        if row["state"] != State.FAULTY:
            raise Conflict("not_faulty", "只有未能生成的证书才需要重新生成")
        await _clear_faults(actor, [row])
        return await jobs.enqueue(RENDER, {"source": str(row["source"])}, actor)


async def render_source_again(actor: Actor, source: UUID) -> UUID:
    """The same for every faulty certificate of a source within the actor's scope, and for those that a cancelled job left."""
    async with transaction():
        rows = await fetch(
            "SELECT c.id, c.source, c.source_kind, c.state FROM certificate c LEFT JOIN organisation o ON o.id = c.organisation"
            " WHERE c.source = $1 AND c.state IN ('faulty', 'numbered')"
            " AND (o.ancestors && $2::uuid[] OR (c.organisation IS NULL AND $3)) ORDER BY c.number FOR UPDATE OF c",
            source, list(Permission.ISSUE_CERTIFICATES.scope(actor)),
            await reaches_the_city(actor, Permission.ISSUE_CERTIFICATES),
        )  # fmt: skip
        faulty = [row for row in rows if row["state"] == State.FAULTY]
        if not rows or (not faulty and await _is_at_work(source)):
            raise Conflict("not_faulty", "只有未能生成的证书才需要重新生成")
        if faulty:
            await _clear_faults(actor, faulty)
        return await jobs.enqueue(RENDER, {"source": str(source)}, actor)


async def _is_at_work(source: UUID) -> bool:
    return bool(
        await fetchval(
            "SELECT 1 FROM job WHERE kind = $1 AND args->>'source' = $2 AND state IN ('waiting', 'running') LIMIT 1",
            RENDER, str(source),
        )
    )  # fmt: skip


async def _clear_faults(actor: Actor, rows: Sequence[Any]) -> None:
    """Of one source's certificates."""
    await fetch(
        "UPDATE certificate SET state = 'numbered', fault = '' WHERE id = ANY($1::uuid[]) AND state = 'faulty'",
        [row["id"] for row in rows],
    )
    source_kind, source = rows[0]["source_kind"], rows[0]["source"]
    await trail.record(actor, "certificates.rendered_again", source_kind, source, {"count": len(rows)})


async def end(row, state: State, reason: str) -> None:
    """Nothing ends twice, nothing without a reason."""
    if row["state"] in (State.REVOKED, State.SUPERSEDED):
        raise Conflict("certificate_ended", "证书 {number} 已经失效，不能再次操作", rule="D6", number=row["number"])
    require_public_reason(reason)
    await fetch(
        "UPDATE certificate SET state = $2, ended_at = $3, ended_reason = $4 WHERE id = $1",
        row["id"], state.value, await clock.now(), reason,
    )  # fmt: skip


async def revoke_source(actor: Actor | None, source: UUID, reason: str) -> int:
    """End every live certificate of a withdrawn publication; returns how many."""
    require_public_reason(reason)
    async with transaction():
        ended = await fetch(
            "UPDATE certificate SET state = 'revoked', ended_at = $2, ended_reason = $3 WHERE source = $1"
            " AND state NOT IN ('revoked', 'superseded') RETURNING source_kind",
            source, await clock.now(), reason,
        )  # fmt: skip
        if ended:
            body = {"count": len(ended), "reason": reason}
            await trail.record(actor, "certificates.revoked", ended[0]["source_kind"], source, body)
        return len(ended)
