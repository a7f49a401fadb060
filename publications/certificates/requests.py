"""Certificates for what another wing publishes (honour rolls, studios, judges' thanks), asked for in its own transaction:

    lines = [Line(subject=entry.id, recipient="赵立春", kind="person", award="宣城市五一劳动奖章", issued_on=day,
                  series="XCWY-2026-GR", organisation=unit, worker=person), …]          # see `lines.Line`, `lines.DESIGNS`
    job = await request_certificates(actor, lines, source_kind="roll", source=roll.id)   # one job; None: nothing new
Idempotent by (source, subject, design). ``supersede_certificates`` gives a new number where a line's words have changed,
``revoke_subjects`` ends what a subject holds, ``revoke_source`` what a publication gave; ``certificates_of`` tells a page.
What was revoked stays so: a publication that comes again is a new source. The caller checks its own permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import jobs, trail
from foundation.database import fetch, transaction
from foundation.errors import Conflict, Refusal
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.certificates.designs.issuing import DesignedOrder, wording_of
from publications.certificates.lines import Line, orders_of
from publications.certificates.numbering import Placing, held_keys, lock_source, place, prefix_of
from publications.certificates.operations import RENDER, end, revoke_source
from publications.certificates.rules import State

__all__ = ["Given", "Line", "certificates_of", "request_certificates", "revoke_source", "revoke_subjects", "supersede_certificates"]  # fmt: skip
LIVE_SQL = (
    "SELECT * FROM certificate WHERE subject = ANY($1::uuid[]) AND state NOT IN ('revoked', 'superseded')"
    " ORDER BY id FOR UPDATE"
)
UNSAID = {"replaces": "", "sample": False}
"""What a certificate bears without saying anything of its holder."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate of a subject, for the asking wing's own pages; its page is ``/certificates/<id>``."""

    id: UUID
    subject: UUID
    number: str
    design: str
    state: str
    has_file: bool


async def request_certificates(
    actor: Actor | None, lines: Sequence[Line], *, source_kind: str, source: UUID, issuer: str = ""
) -> UUID | None:
    """Number a publication's certificates and ask for their rendering; returns the job, or None where all were asked for before.

    ``issuer`` is who confers (the federation of the settings where left out). Raises ``Refusals`` naming every wrong line
    (``lines-3``); then nothing was numbered.
    """
    orders = orders_of(lines, issuer=issuer or settings().federation)
    async with transaction():
        await lock_source(source)
        known = await held_keys(source)
        fresh = [Placing(order=order, prefix=series) for order, series in orders if order.holder_key not in known]
        return await _placed(actor, "certificates.ordered", fresh, source_kind, source)


async def supersede_certificates(
    actor: Actor | None, lines: Sequence[Line], reason: str, *, source_kind: str, source: UUID, issuer: str = ""
) -> UUID | None:
    """Give a subject's live certificate a new number wherever the line now says something else (更名、更正、续期换证).

    The old one is superseded and points to the new. Lines that say what is printed already change nothing, so that asking
    twice is asking once; None where none changed. Raises ``Conflict`` for a subject without a live certificate of the design.
    """
    if not reason.strip():
        raise Refusal("reason_required", "请写明原因", field="reason")
    orders = orders_of(lines, issuer=issuer or settings().federation)
    async with transaction():
        await lock_source(source)
        live = {(row["subject"], _design(row)): row for row in await fetch(LIVE_SQL, [line.subject for line in lines])}
        changed: list[Placing] = []
        for order, series in orders:
            row = live.get((order.subject, order.kind))
            if row is None:
                raise Conflict(
                    "no_live_certificate", "“{holder}”没有可以换发的有效证书", rule="D6", holder=order.holder
                )
            if not _says(row, order):
                await end(row, State.SUPERSEDED, reason)
                changed.append(Placing(order=order, prefix=series, replaces=row["id"], replaced=row["number"]))
        return await _placed(actor, "certificates.superseded", changed, source_kind, source, reason=reason)


async def revoke_subjects(actor: Actor | None, subjects: Iterable[UUID], reason: str) -> int:
    """End whatever these subjects hold (H77, D6); returns how many certificates that were. Asking again ends nothing more."""
    async with transaction():
        rows = await fetch(LIVE_SQL, list(subjects))
        for row in rows:
            await end(row, State.REVOKED, reason)
            body = {"number": row["number"], "reason": reason}
            await trail.record(actor, "certificate.revoked", "certificate", row["id"], body)
        return len(rows)


async def certificates_of(subjects: Iterable[UUID]) -> dict[UUID, list[Given]]:
    """What each subject was ever given, the newest first; subjects without any are left out."""
    rows = await fetch(
        "SELECT id, subject, number, template, state, file IS NOT NULL AS has_file FROM certificate"
        " WHERE subject = ANY($1::uuid[]) ORDER BY made_at DESC, number DESC",
        list(subjects),
    )
    found: dict[UUID, list[Given]] = {}
    for row in rows:
        given = Given(
            id=row["id"], subject=row["subject"], number=row["number"], design=_design(row), state=row["state"],
            has_file=row["has_file"],
        )  # fmt: skip
        found.setdefault(given.subject, []).append(given)
    return found


async def _placed(
    actor: Actor | None, action: str, placings: Sequence[Placing], source_kind: str, source: UUID, **more: str
) -> UUID | None:
    if not placings:
        return None
    numbers = await place(placings, source_kind, source)
    series: dict[str, list[str]] = {}
    for number in numbers:
        series.setdefault(prefix_of(number), []).append(number)
    ranges = {prefix: [held[0], held[-1]] for prefix, held in series.items()}
    await trail.record(actor, action, source_kind, source, {"count": len(numbers), "numbers": ranges, **more})
    return await jobs.enqueue(RENDER, {"source": str(source)}, actor)


def _design(row: Any) -> str:
    return row["template"].partition("/")[0]


def _says(row: Any, order: DesignedOrder) -> bool:
    """Whether the certificate prints what the order would print."""
    kept = msgspec.json.decode(row["wording"])
    asked = wording_of(order, number=row["number"], issuer=order.issuer, issued_on=order.issued_on or row["issued_on"])
    return {**kept, **UNSAID} == {**asked, **UNSAID} and row["award"] == order.award
