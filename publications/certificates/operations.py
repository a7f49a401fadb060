"""Issue, reissue, revoke. Numbers are taken under a lock, gap-free; each holder of a source gets exactly one (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, jobs, trail
from foundation.crypto import blind_index, seal_secret, unseal_secret
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.certificates import rules
from publications.certificates.designs import issuing
from publications.certificates.designs.issuing import DesignedOrder
from publications.certificates.designs.operations import freeze_first
from publications.certificates.designs.queries import in_force
from publications.certificates.proof.schemas import Claim, Statement
from publications.certificates.rendering.schemas import CompetitionCertificate
from publications.certificates.rules import State
from publications.certificates.schemas import CertificateOrder
from publications.permissions import Permission
from registry.search_keys import keys_for_name

CODE_LABEL = "certificate.code"
TEMPLATE = "competition/1"
"""The competition's own setting; every other name is a version's text, kept with the designs."""
Order = CertificateOrder | DesignedOrder
RENDER = "certificates.render"


def code_index(number: str, code: str) -> bytes:
    """The keyed hash by which number and code are looked up together."""
    return blind_index(f"{number}\n{code}", label=CODE_LABEL)


def qr_payload(number: str, code: str) -> str:
    """The address of number and code, upper case throughout: what the QR held before it carried a token, and still opens."""
    return f"{settings().public_url}/V/{number}/{code}".upper()


def token_payload(token: str) -> str:
    """The address behind the QR, in the alphanumeric set: it verifies on line, and by itself off line."""
    return f"{settings().public_url}/V/{token}".upper()


async def _take_numbers(prefix: str, count: int) -> tuple[UUID, list[str]]:
    """The next ``count`` numbers of a series; the row stays locked until the caller's transaction ends."""
    row = await fetchrow(
        "INSERT INTO certificate_series (id, prefix, last) VALUES ($1, $2, $3)"
        " ON CONFLICT (prefix) DO UPDATE SET last = certificate_series.last + $3 RETURNING id, last",
        new_id(), prefix, count,
    )  # fmt: skip
    assert row is not None
    return row["id"], [rules.number_of(prefix, n) for n in range(row["last"] - count + 1, row["last"] + 1)]


async def order_certificates(
    actor: Actor | None, orders: Sequence[Order], *, prefix: str, source_kind: str, source: UUID
) -> UUID | None:
    """Number certificates and ask for their rendering, in the caller's transaction; returns the job.

    Asking again for the same source and holders issues nothing new and returns None. Raises ``Refusal`` where a text
    cannot stand on a certificate.
    """
    async with transaction():
        await fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"certificates:{source}")
        known = {
            row["holder_key"] for row in await fetch("SELECT holder_key FROM certificate WHERE source = $1", source)
        }
        fresh = [order for order in orders if order.holder_key not in known]
        if not fresh:
            return None
        series, numbers = await _take_numbers(prefix, len(fresh))
        today = await clock.today()
        templates = {kind: await template_of(kind) for kind in sorted({_kind(order) for order in fresh})}
        for order, number in zip(fresh, numbers, strict=True):
            await _insert(order, number, series, today, source_kind, source, template=templates[_kind(order)])
        await trail.record(
            actor,
            "certificates.ordered",
            source_kind,
            source,
            {"count": len(fresh), "first": numbers[0], "last": numbers[-1]},
        )
        return await jobs.enqueue(RENDER, {"source": str(source)}, actor)


def _kind(order: Order) -> str:
    return order.kind if isinstance(order, DesignedOrder) else "competition"


async def template_of(kind: str) -> str:
    """The version in force, which a certificate keeps for ever; its text is kept with it."""
    await freeze_first(kind)
    return await in_force(kind)


def _competition_wording(order: CertificateOrder, number: str, today, replaced_number: str) -> dict[str, Any]:
    """What is kept of a competition certificate; its secrets are sealed or made when it is set."""
    sheet = CompetitionCertificate(
        recipients=order.recipients, competition=order.competition, event=order.event, award=order.award, tier=order.tier,
        year=order.year, issuer=settings().federation, issued_on=today, number=number, check_code="-", qr_payload="-",
        team=order.team, unit=order.unit, replaces=replaced_number,
    )  # fmt: skip
    return {name: value for name, value in msgspec.to_builtins(sheet).items() if name not in issuing.SECRETS}


async def _insert(
    order: Order,
    number: str,
    series: UUID,
    today,
    source_kind: str,
    source: UUID,
    replaces=None,
    replaced_number: str = "",
    *,
    template: str = TEMPLATE,
) -> UUID:
    code = rules.new_code()
    if isinstance(order, DesignedOrder):
        wording, title = (
            issuing.wording_of(
                order, number=number, issuer=settings().federation, issued_on=today, replaces=replaced_number
            ),
            order.title,
        )
    else:
        wording = _competition_wording(order, number, today, replaced_number)
        title = f"{order.competition} {order.event}".strip()
    made = new_id()
    await fetch(
        "INSERT INTO certificate (id, series, number, code_sealed, code_index, template, organisation, worker, holder, award,"
        " title, wording, issued_on, source_kind, source, holder_key, state, replaces, fault, made_at, ended_reason, search_keys, credential)"
        " VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12::jsonb,$13,$14,$15,$16,'numbered',$17,'',$18,'',$19,'')",
        made, series, number, seal_secret(code, label=CODE_LABEL), code_index(number, code), template, order.organisation,
        order.worker, order.holder, order.award, title,
        msgspec.json.encode(wording).decode(), today, source_kind, source, order.holder_key, replaces, await clock.now(),
        _search_keys(order),
    )  # fmt: skip
    return made


def _search_keys(order: Order) -> list[str]:
    """Found by holder, by each member, by unit."""
    return sorted(
        {key for name in (order.holder, order.unit, *order.recipients) if name for key in keys_for_name(name)}
    )


def sheet_of(row, statement: Statement | None = None) -> Any:
    """The sheet to set, its code put back in; with a statement it carries token and credential."""
    code = unseal_secret(row["code_sealed"], label=CODE_LABEL)
    wording = msgspec.json.decode(row["wording"])
    wording |= {"check_code": rules.grouped(code), "qr_payload": qr_payload(row["number"], code)}
    if statement is not None:
        wording |= {"qr_payload": token_payload(statement.token), "statement": statement.credential}
    return issuing.sheet_from(wording)


def claim_of(row) -> Claim:
    """What is signed of a certificate: exactly what its sheet says."""
    sheet = sheet_of(row)
    if not isinstance(sheet, CompetitionCertificate):
        return _claim_of_designed(row, sheet)
    return Claim(
        home=settings().public_url, number=row["number"], code=unseal_secret(row["code_sealed"], label=CODE_LABEL),
        holder=row["holder"], members=sheet.recipients if sheet.team else (), award=sheet.award,
        competition=sheet.competition, event=sheet.event, year=sheet.year, issuer=sheet.issuer,
        issued_on=sheet.issued_on, unit=sheet.unit, replaces=sheet.replaces,
    )  # fmt: skip


def _claim_of_designed(row, sheet: Any) -> Claim:
    """The same of the other kinds: what it was given for stands where a competition stands."""
    return Claim(
        home=settings().public_url, number=row["number"], code=unseal_secret(row["code_sealed"], label=CODE_LABEL),
        holder=row["holder"], members=(), award=row["award"], competition=row["title"], event="",
        year=sheet.issued_on.year, issuer=sheet.issuer, issued_on=sheet.issued_on, unit=getattr(sheet, "unit", ""),
        replaces=sheet.replaces, kind=issuing.CLAIM_KINDS[sheet.__struct_config__.tag],
    )  # fmt: skip


def _order_again(row) -> Order:
    """The order that a certificate came from, for its reissue."""
    sheet = sheet_of(row)
    if isinstance(sheet, CompetitionCertificate):
        return CertificateOrder(
            holder_key=row["holder_key"], holder=row["holder"], recipients=tuple(sheet.recipients), award=sheet.award,
            tier=sheet.tier, competition=sheet.competition, event=sheet.event, year=sheet.year, team=sheet.team,
            unit=sheet.unit, organisation=row["organisation"], worker=row["worker"],
        )  # fmt: skip
    ours = {"kind", "issuer", "issued_on", "number", "replaces"}
    words = {name: value for name, value in msgspec.json.decode(row["wording"]).items() if name not in ours}
    return DesignedOrder(
        kind=str(sheet.__struct_config__.tag), holder_key=row["holder_key"], holder=row["holder"], award=row["award"],
        title=row["title"], words=words, organisation=row["organisation"], worker=row["worker"],
    )  # fmt: skip


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
        await _end(row, State.REVOKED, reason)
        await trail.record(
            actor, "certificate.revoked", "certificate", certificate, {"number": row["number"], "reason": reason}
        )


async def reissue(actor: Actor, certificate: UUID, reason: str) -> UUID:
    """A new number for the same holder, linked to the old one, which is superseded (补发). Returns the new id."""
    async with transaction():
        row = await certificate_for(actor, certificate, Permission.ISSUE_CERTIFICATES)
        await _end(row, State.SUPERSEDED, reason)
        prefix = row["number"].rsplit("-", 1)[0]
        series, numbers = await _take_numbers(prefix, 1)
        order = _order_again(row)
        made = await _insert(
            order,
            numbers[0],
            series,
            await clock.today(),
            row["source_kind"],
            row["source"],
            replaces=certificate,
            replaced_number=row["number"],
            template=await template_of(_kind(order)),
        )
        await trail.record(
            actor,
            "certificate.reissued",
            "certificate",
            made,
            {"number": numbers[0], "replaces": row["number"], "reason": reason},
        )
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
        await _clear_faults(actor, row["source"], [certificate])
        return await jobs.enqueue(RENDER, {"source": str(row["source"])}, actor)


async def render_source_again(actor: Actor, source: UUID) -> UUID:
    """The same for every faulty certificate of a source within the actor's scope."""
    async with transaction():
        rows = await fetch(
            "SELECT c.id FROM certificate c LEFT JOIN organisation o ON o.id = c.organisation"
            " WHERE c.source = $1 AND c.state = 'faulty' AND (o.ancestors && $2::uuid[] OR (c.organisation IS NULL AND $3))"
            " ORDER BY c.number FOR UPDATE OF c",
            source, list(Permission.ISSUE_CERTIFICATES.scope(actor)),
            await reaches_the_city(actor, Permission.ISSUE_CERTIFICATES),
        )  # fmt: skip
        if not rows:
            raise Conflict("not_faulty", "只有未能生成的证书才需要重新生成")
        await _clear_faults(actor, source, [row["id"] for row in rows])
        return await jobs.enqueue(RENDER, {"source": str(source)}, actor)


async def _clear_faults(actor: Actor, source: UUID, certificates: list[UUID]) -> None:
    await fetch(
        "UPDATE certificate SET state = 'numbered', fault = '' WHERE id = ANY($1::uuid[]) AND state = 'faulty'",
        certificates,
    )
    await trail.record(actor, "certificates.rendered_again", "result", source, {"count": len(certificates)})


async def _end(row, state: State, reason: str) -> None:
    if row["state"] in (State.REVOKED, State.SUPERSEDED):
        raise Conflict("certificate_ended", "证书 {number} 已经失效，不能再次操作", rule="D6", number=row["number"])
    if not reason.strip():
        raise Refusal("reason_required", "请写明原因", field="reason")
    await fetch(
        "UPDATE certificate SET state = $2, ended_at = $3, ended_reason = $4 WHERE id = $1",
        row["id"], state.value, await clock.now(), reason,
    )  # fmt: skip


async def revoke_source(actor: Actor | None, source: UUID, reason: str) -> int:
    """End every live certificate of a withdrawn publication; returns how many."""
    async with transaction():
        ended = await fetch(
            "UPDATE certificate SET state = 'revoked', ended_at = $2, ended_reason = $3 WHERE source = $1"
            " AND state NOT IN ('revoked', 'superseded') RETURNING id",
            source, await clock.now(), reason,
        )  # fmt: skip
        if ended:
            await trail.record(actor, "certificates.revoked", "result", source, {"count": len(ended), "reason": reason})
        return len(ended)
