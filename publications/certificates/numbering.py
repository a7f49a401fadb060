"""Certificates enter the register: numbered gap-free within their series, worded, their code sealed (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.crypto import seal_secret
from foundation.database import fetch, fetchrow, fetchval
from foundation.database.columns import new_id
from foundation.settings import settings
from publications.certificates import rules
from publications.certificates.designs import issuing
from publications.certificates.designs.issuing import DesignedOrder
from publications.certificates.designs.operations import freeze_first
from publications.certificates.designs.queries import in_force
from publications.certificates.papers import CODE_LABEL, code_index, sheet_of
from publications.certificates.rendering.schemas import CompetitionCertificate
from publications.certificates.schemas import CertificateOrder
from registry.search_keys import keys_for_name

TEMPLATE = "competition/1"
"""The competition's own setting; every other name is a version's text, kept with the designs."""
Order = CertificateOrder | DesignedOrder
INSERT_SQL = (
    "INSERT INTO certificate (id, series, number, code_sealed, code_index, template, organisation, worker, holder, award,"
    " title, wording, issued_on, source_kind, source, holder_key, subject, state, replaces, fault, made_at, ended_reason,"
    " search_keys, credential) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12::jsonb,$13,$14,$15,$16,$17,'numbered',$18,'',"
    " $19,'',$20,'')"
)


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """An order, its series, and the certificate (id and number) that it replaces, if any."""

    order: Order
    prefix: str
    replaces: UUID | None = None
    replaced: str = ""


async def lock_source(source: UUID) -> None:
    """Whoever asks for the same publication's certificates waits until this transaction ends."""
    await fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"certificates:{source}")


async def held_keys(source: UUID) -> set[str]:
    """Who has a certificate of this source already, whatever became of it."""
    return {row["holder_key"] for row in await fetch("SELECT holder_key FROM certificate WHERE source = $1", source)}


async def place(placings: Sequence[Placing], source_kind: str, source: UUID) -> list[str]:
    """Number and keep them all, within the caller's transaction; returns the numbers, in order.

    Series are locked in the order of their names, so that two batches never wait for each other. Raises ``Refusal`` where
    the words make no sheet.
    """
    waiting: dict[str, list[int]] = {}
    for at, placing in enumerate(placings):
        waiting.setdefault(placing.prefix, []).append(at)
    taken: dict[int, tuple[UUID, str]] = {}
    for prefix in sorted(waiting):
        series, numbers = await _take_numbers(prefix, len(waiting[prefix]))
        taken |= {at: (series, number) for at, number in zip(waiting[prefix], numbers, strict=True)}
    templates = {kind: await template_of(kind) for kind in sorted({_kind(placing.order) for placing in placings})}
    today = await clock.today()
    for at, placing in enumerate(placings):
        await _insert(placing, *taken[at], today, source_kind, source, templates[_kind(placing.order)])
    return [taken[at][1] for at in range(len(placings))]


async def _take_numbers(prefix: str, count: int) -> tuple[UUID, list[str]]:
    """The next ``count`` numbers of a series; the row stays locked until the caller's transaction ends."""
    row = await fetchrow(
        "INSERT INTO certificate_series (id, prefix, last) VALUES ($1, $2, $3)"
        " ON CONFLICT (prefix) DO UPDATE SET last = certificate_series.last + $3 RETURNING id, last",
        new_id(), prefix, count,
    )  # fmt: skip
    assert row is not None
    return row["id"], [rules.number_of(prefix, n) for n in range(row["last"] - count + 1, row["last"] + 1)]


def _kind(order: Order) -> str:
    return order.kind if isinstance(order, DesignedOrder) else "competition"


async def template_of(kind: str) -> str:
    """The version in force, which a certificate keeps for ever; its text is kept with it."""
    await freeze_first(kind)
    return await in_force(kind)


def _wording(placing: Placing, number: str, issued_on: date) -> dict[str, Any]:
    """What is kept of the sheet; its secrets are sealed, or made when it is set."""
    order = placing.order
    issuer = order.issuer or settings().federation
    if isinstance(order, DesignedOrder):
        return issuing.wording_of(order, number=number, issuer=issuer, issued_on=issued_on, replaces=placing.replaced)
    sheet = CompetitionCertificate(
        recipients=order.recipients, competition=order.competition, event=order.event, award=order.award, tier=order.tier,
        year=order.year, issuer=issuer, issued_on=issued_on, number=number, check_code="-", qr_payload="-",
        team=order.team, unit=order.unit, replaces=placing.replaced, sample=settings().marks_samples,
    )  # fmt: skip
    return {name: value for name, value in msgspec.to_builtins(sheet).items() if name not in issuing.SECRETS}


async def _insert(
    placing: Placing, series: UUID, number: str, today: date, source_kind: str, source: UUID, template: str
) -> None:
    order, code = placing.order, rules.new_code()
    issued_on = order.issued_on or today
    wording = _wording(placing, number, issued_on)
    title = order.title if isinstance(order, DesignedOrder) else f"{order.competition} {order.event}".strip()
    await fetch(
        INSERT_SQL,
        new_id(), series, number, seal_secret(code, label=CODE_LABEL), code_index(number, code), template,
        order.organisation, order.worker, order.holder, order.award, title, msgspec.json.encode(wording).decode(),
        issued_on, source_kind, source, order.holder_key, order.subject, placing.replaces, await clock.now(),
        _search_keys(order),
    )  # fmt: skip


def _search_keys(order: Order) -> list[str]:
    """Found by holder, by each member, by unit."""
    return sorted(
        {key for name in (order.holder, order.unit, *order.recipients) if name for key in keys_for_name(name)}
    )


def prefix_of(number: str) -> str:
    """The series that a number stands in."""
    return number.rsplit("-", 1)[0]


def order_again(row: Any) -> Order:
    """The order that a certificate came from, for its reissue: same issuer and subject. A date that a roll set stays; else it is today."""
    sheet = sheet_of(row)
    kept: dict[str, Any] = {name: row[name] for name in ("holder_key", "holder", "organisation", "worker", "subject")}
    kept |= {"issuer": sheet.issuer, "issued_on": sheet.issued_on if row["subject"] else None}
    if isinstance(sheet, CompetitionCertificate):
        return CertificateOrder(
            recipients=tuple(sheet.recipients), award=sheet.award, tier=sheet.tier, competition=sheet.competition,
            event=sheet.event, year=sheet.year, team=sheet.team, unit=sheet.unit, **kept,
        )  # fmt: skip
    words = {name: value for name, value in msgspec.json.decode(row["wording"]).items() if name not in issuing.OURS}
    kind = str(sheet.__struct_config__.tag)
    return DesignedOrder(kind=kind, award=row["award"], title=row["title"], words=words, **kept)
