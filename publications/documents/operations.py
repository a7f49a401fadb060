"""Draft, issue, withdraw. A number is taken under a lock at issue, gap-free; what was issued is kept as bytes (D2, H70).

How another wing makes a 表彰决定 from its rolls: ``issue_decision(actor, DecisionOrder(rolls=(Roll(award=…, kind=Of.PEOPLE,
lines=(Entry(…), …)), …), source_kind=…, source=…, …))`` in its own transaction, once for each source; or ``draft_decision``
with the same order, officers look and polish the prose, and the same ``issue_decision`` (or their 印发) issues that draft as
long as its rolls are still the order's. The sentence is generated from the rolls and read back against them (H70); every
refusal comes together, and none spends a number. ``document.issued`` and ``document.withdrawn`` tell ``{document, source_kind,
source}``, the first with ``number``.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, moves, outbox, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.documents import rules
from publications.documents.orders import DecisionOrder
from publications.documents.rules import MOVES, Stage
from publications.documents.schemas import Paper
from publications.documents.sealing import sealer
from publications.documents.wording import number_of
from publications.permissions import Permission
from registry.search_keys import keys_for_organisation

PATIENCE = "150s"
"""A long roll is set for a minute while its number stays locked: the connection waits, longer than the house's usual."""


def wording_of(paper: Paper) -> bytes:
    """Canonical JSON of what a document says."""
    return trail.canonical(msgspec.to_builtins(paper)).encode()


def _search_keys(paper: Paper, number: str = "") -> list[str]:
    return sorted(
        {*keys_for_organisation(paper.title.replace("\n", "")), *(keys_for_organisation(number) if number else ())}
    )


async def draft(
    actor: Actor | None, organisation: UUID, series: str, paper: Paper, *, public: bool,
    source_kind: str = "", source: UUID | None = None,
) -> UUID:  # fmt: skip
    """Keep a draft; returns its id. Raises ``document_series_form``; ``NotFound`` for an organisation out of reach."""
    async with transaction():
        await _require_within(actor, organisation)
        rules.require_series(series)
        made = new_id()
        await fetch(
            "INSERT INTO document (id, organisation, kind, series, title, paper, signed_on, public, stage, withdrawn_reason,"
            " source_kind, source, search_keys, version, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, 'draft', '', $9, $10, $11, 1, $12, $13)",
            made, organisation, paper.kind.value, series, paper.title.replace("\n", ""), wording_of(paper).decode(),
            paper.signed_on, public, source_kind, source, _search_keys(paper), actor.account if actor else None,
            await clock.now(),
        )  # fmt: skip
        await trail.record(
            actor, "document.drafted", "document", made, {"kind": paper.kind, "annexes": len(paper.annexes)}
        )
        return made


async def edit(actor: Actor, document: UUID, organisation: UUID, series: str, paper: Paper, *, public: bool, version: int) -> None:  # fmt: skip
    """Change a draft. Raises ``Stale`` where somebody else changed it since, ``Conflict`` once it was issued."""
    async with transaction():
        row = await locked(actor, document, Permission.DRAFT_DOCUMENTS)
        _require_version(row, version)
        _require_draft(row)
        await _require_within(actor, organisation)
        rules.require_series(series)
        await fetch(
            "UPDATE document SET organisation = $2, kind = $3, series = $4, title = $5, paper = $6::jsonb, signed_on = $7,"
            " public = $8, search_keys = $9, version = version + 1 WHERE id = $1",
            document, organisation, paper.kind.value, series, paper.title.replace("\n", ""), wording_of(paper).decode(),
            paper.signed_on, public, _search_keys(paper),
        )  # fmt: skip
        await trail.record(actor, "document.edited", "document", document, {"annexes": len(paper.annexes)})


async def discard(actor: Actor, document: UUID) -> None:
    """Throw a draft away; what was issued is never deleted."""
    async with transaction():
        _require_draft(await locked(actor, document, Permission.DRAFT_DOCUMENTS))
        await fetch("DELETE FROM document WHERE id = $1", document)
        await trail.record(actor, "document.discarded", "document", document)


async def issue(actor: Actor, document: UUID, *, version: int) -> str:
    """Number a draft, set its PDF and freeze both; returns the number.

    Raises all that forbids it together: count and first name against the annex (H70, A11), private numbers (P3), a date
    that cannot be (D2); ``render.glyph`` where a character has no glyph. No number is spent on a refusal.
    """
    async with transaction():
        row = await locked(actor, document, Permission.ISSUE_DOCUMENTS)
        _require_version(row, version)
        return await _issue(actor, row)


async def draft_decision(actor: Actor | None, order: DecisionOrder) -> UUID:
    """Keep a decision over rolls as a draft for officers to read; for one source there is one. Returns its id."""
    async with transaction():
        known = await _of_source(order)
        if known is not None:
            return known["id"]
        return await draft(
            actor, order.organisation, order.series, order.paper(), public=order.public, source_kind=order.source_kind,
            source=order.source,
        )  # fmt: skip


async def issue_decision(actor: Actor | None, order: DecisionOrder) -> tuple[UUID, str]:
    """Draft and issue a decision over rolls, in the caller's transaction; returns its id and number. Raises as both do.

    Asked again for the same source, the document that was issued for it is returned. A draft that stands for the source is
    issued as officers left it; ``decision_roll_changed`` where its rolls are no longer the order's (H70).
    """
    async with transaction():
        known = await _of_source(order)
        if known is not None and known["stage"] == Stage.ISSUED:
            return known["id"], known["number"]
        if known is not None:
            rules.require_same_rolls(paper_of(known), order.paper())
        made = known["id"] if known is not None else await draft_decision(actor, order)
        row = await fetchrow("SELECT * FROM document WHERE id = $1 FOR UPDATE", made)
        return made, await _issue(actor, row)


async def _of_source(order: DecisionOrder) -> Any:
    """The draft or issued document of an order's source, locked, as is the source until the transaction ends."""
    if order.source is None:
        return None
    await fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"document:{order.source}")
    return await fetchrow(
        "SELECT * FROM document WHERE source = $1 AND source_kind = $2 AND stage <> 'withdrawn'"
        " ORDER BY stage = 'issued' DESC, made_at DESC LIMIT 1 FOR UPDATE",
        order.source, order.source_kind,
    )  # fmt: skip


async def withdraw(actor: Actor, document: UUID, reason: str) -> None:
    """Take an issued document back, with its reason: its number stays its own and is never used again (D6)."""
    async with transaction():
        row = await locked(actor, document, Permission.WITHDRAW_DOCUMENTS)
        if not reason.strip():
            raise Refusal("reason_required", "请写明原因", field="reason")
        await moves.move("document", document, MOVES, Stage(row["stage"]), "withdraw")
        await fetch(
            "UPDATE document SET withdrawn_at = $2, withdrawn_reason = $3 WHERE id = $1",
            document, await clock.now(), reason.strip(),
        )  # fmt: skip
        await trail.record(
            actor, "document.withdrawn", "document", document, {"number": row["number"], "reason": reason}
        )
        await outbox.emit("document.withdrawn", _event(row))


async def _issue(actor: Actor | None, row: Any) -> str:
    paper = paper_of(row)
    rules.require(paper)
    rules.require_date(paper.signed_on, await clock.today())
    stage = moves.target(MOVES, Stage(row["stage"]), "issue")
    await fetch(f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENCE}'")
    async with sealer() as press:
        number = await _take_number(row["organisation"], row["series"], paper.signed_on)
        final = msgspec.structs.replace(paper, number=number, sample=settings().marks_samples)
        sealed = await press.seal(final)
    wording, now = wording_of(final), await clock.now()
    digest = hashlib.sha256(wording).digest()
    await fetch(
        "UPDATE document SET number = $2, issued_at = $3, stage = $6, paper = $4::jsonb, search_keys = $5,"
        " version = version + 1 WHERE id = $1",
        row["id"], number, now, wording.decode(), _search_keys(final, number), stage.value,
    )  # fmt: skip
    await fetch(
        "INSERT INTO document_copy (id, document, wording, wording_sha256, pdf, pdf_sha256, seal, issued_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(), row["id"], wording, digest, sealed.pdf, sealed.sha256, sealed.seal, now,
    )  # fmt: skip
    body = {"number": number, "wording_sha256": digest.hex(), "pdf_sha256": sealed.sha256.hex(), "seal": sealed.seal}
    await trail.record(actor, "document.issued", "document", row["id"], body)
    await outbox.emit("document.issued", {**_event(row), "number": number})
    return number


def _event(row: Any) -> dict[str, Any]:
    source = None if row["source"] is None else str(row["source"])
    return {"document": str(row["id"]), "source_kind": row["source_kind"], "source": source}


async def _take_number(organisation: UUID, code: str, day: date) -> str:
    """The next number of a series and year; its row stays locked until the caller's transaction ends."""
    row = await fetchrow(
        "INSERT INTO document_series (id, organisation, code, year, last) VALUES ($1, $2, $3, $4, 1)"
        " ON CONFLICT (code, year) DO UPDATE SET last = document_series.last + 1 WHERE document_series.organisation = $2"
        " RETURNING last",
        new_id(), organisation, code, day.year,
    )  # fmt: skip
    if row is None:
        raise Refusal("document_series_taken", "发文代字“{series}”是另一组织的", field="series", rule="D2", series=code)
    return number_of(code, day.year, row["last"])


def paper_of(row: Any) -> Paper:
    """The document of a row."""
    return msgspec.convert(msgspec.json.decode(row["paper"]), Paper, strict=False)


async def locked(actor: Actor, document: UUID, permission: Permission) -> Any:
    """A document within the actor's scope, locked; else not found."""
    row = await fetchrow(
        "SELECT d.* FROM document d JOIN organisation o ON o.id = d.organisation"
        " WHERE d.id = $1 AND o.ancestors && $2::uuid[] FOR UPDATE OF d",
        document, list(permission.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def _require_within(actor: Actor | None, organisation: UUID) -> None:
    if actor is None:
        return
    row = await fetchrow(
        "SELECT 1 FROM organisation WHERE id = $1 AND ancestors && $2::uuid[]",
        organisation, list(Permission.DRAFT_DOCUMENTS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise Refusal("no_such_choice", "没有这个选项", field="organisation")


def _require_version(row: Any, version: int) -> None:
    if row["version"] != version:
        raise Stale("document_changed", "这份文稿刚刚被他人修改，请刷新后再试", current=row["version"])


def _require_draft(row: Any) -> None:
    if row["stage"] != Stage.DRAFT:
        raise Conflict("document_not_draft", "文件已经印发，不能再改；有误请撤回后另发", rule="D2")
