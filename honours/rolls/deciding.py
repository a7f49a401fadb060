"""表彰决定: the lists of a decision, its document, its number (H70, H71).

A cycle has one decision at a time between draft and publication. Its lines are taken from the nominees who are through the
city's notice; paired titles (H2) add a second line for the same nominee. The document is written and checked by
``publications.documents``: its sentence is generated from these lines and read back against them before it gets a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.rolls import rules
from honours.rolls.reading import decision_for, lines_of, nominees
from honours.rolls.schemas import DecisionForm, Line, Wording, kept_wording
from publications.documents import operations as documents
from publications.documents.orders import DecisionOrder, Roll
from publications.documents.schemas import Entry, Of

SOURCE = "honours.decision"
KINDS = {"person": Of.PEOPLE, "unit": Of.UNITS, "team": Of.TEAMS}
READY = ("review", "noticed", "decided", "published")
"""Stages of a cycle in which its noticed nominees may be decided."""


async def draft(actor: Actor, cycle: UUID, form: DecisionForm) -> UUID:
    """Draft a decision over a cycle's noticed nominees; returns its id.

    Raises ``NotFound`` for a cycle out of reach, ``Conflict`` ``decision_open`` while another one of the cycle waits,
    ``Refusal`` ``roll_empty`` without nominees, ``pair_unknown`` for a paired title that does not fit.
    """
    async with transaction():
        row = await _cycle_for(actor, cycle)
        if await fetchval("SELECT 1 FROM decision WHERE cycle = $1 AND stage <> 'published'", cycle):
            raise Conflict("decision_open", "本周期已有一份未完成的决定，请先办完或删去", rule="H70")
        if row["stage"] not in READY:
            raise Conflict("cycle_not_ready", "本周期还没有完成评审和公示，不能起草决定", rule="H30")
        made = new_id()
        await fetch(
            "INSERT INTO decision (id, cycle, number, title, decided_on, wording, stage, made_by, made_at, version)"
            f" VALUES ($1, $2, '', $3, $4, $5::jsonb, 'draft', $6, {NOW_SQL}, 1)",
            made, cycle, form.title, form.decided_on, _json(form.wording()), actor.account,
        )  # fmt: skip
        count = await _write_lines(made, cycle, form)
        await trail.record(actor, "decision.drafted", "decision", made, {"lines": count, "order": form.order})
        return made


async def edit(actor: Actor, decision: UUID, form: DecisionForm) -> None:
    """Change a draft and take its lists anew; a document that was drafted for it is thrown away and has to be drafted again.

    Raises ``Stale`` where somebody else changed it since, ``Conflict`` once it was issued.
    """
    async with transaction():
        row = await decision_for(actor, decision, lock=True)
        _require_draft(row)
        if row["version"] != form.version:
            raise Stale("decision_changed", "这份决定刚刚被他人修改，请看过新的内容再操作", current=row["version"])
        await _drop_document(actor, row)
        await fetch(
            "UPDATE decision SET title = $2, decided_on = $3, wording = $4::jsonb, document = NULL, version = version + 1"
            " WHERE id = $1",
            decision, form.title, form.decided_on, _json(form.wording()),
        )  # fmt: skip
        await fetch("DELETE FROM decision_line WHERE decision = $1", decision)
        count = await _write_lines(decision, row["cycle"], form)
        await trail.record(actor, "decision.edited", "decision", decision, {"lines": count, "order": form.order})


async def discard(actor: Actor, decision: UUID) -> None:
    """Throw a draft away, its drafted document too; what was issued is withdrawn in public, never deleted."""
    async with transaction():
        row = await decision_for(actor, decision, lock=True)
        _require_draft(row)
        await _drop_document(actor, row)
        await fetch("DELETE FROM decision WHERE id = $1", decision)
        await trail.record(actor, "decision.discarded", "decision", decision)


async def draft_document(actor: Actor, decision: UUID) -> UUID:
    """Write the official document as a draft for officers to read and polish; asked again, the same one. Returns its id."""
    async with transaction():
        row = await decision_for(actor, decision, lock=True)
        _require_draft(row)
        made = await documents.draft_decision(actor, await order_of(row))
        await fetch("UPDATE decision SET document = $2, version = version + 1 WHERE id = $1", decision, made)
        await trail.record(actor, "decision.document_drafted", "decision", decision, {"document": str(made)})
        return made


async def issue(actor: Actor, decision: UUID) -> str:
    """Number and issue the decision; returns its number.

    Raises what the document's issue raises: counts and first names that are not the annex's (H70, A11), a date that cannot be,
    ``decision_roll_changed`` where the drafted document holds other lists. ``Conflict`` once it was issued.
    """
    async with transaction():
        row = await decision_for(actor, decision, lock=True)
        _require_draft(row)
        document, number = await documents.issue_decision(actor, await order_of(row))
        await _issued(actor, row, document, number)
        return number


async def heard_issued(body: Mapping[str, Any]) -> None:
    """``document.issued``: an officer may issue the drafted document on its own page; the decision follows, once."""
    if body.get("source_kind") != SOURCE:
        return
    row = await fetchrow("SELECT * FROM decision WHERE id = $1 AND stage = 'draft' FOR UPDATE", UUID(body["source"]))
    if row is not None:
        await _issued(None, row, UUID(body["document"]), body["number"])


async def heard_withdrawn(body: Mapping[str, Any]) -> None:
    """``document.withdrawn``: a decision whose document was taken back is a draft again, unless its roll is out."""
    if body.get("source_kind") == SOURCE:
        await fetch(
            "UPDATE decision SET stage = 'draft', number = '', document = NULL, version = version + 1"
            " WHERE id = $1 AND stage = 'issued' AND document = $2",
            UUID(body["source"]), UUID(body["document"]),
        )  # fmt: skip


async def _issued(actor: Actor | None, row: Any, document: UUID, number: str) -> None:
    await fetch(
        "UPDATE decision SET stage = 'issued', document = $2, number = $3, version = version + 1 WHERE id = $1",
        row["id"], document, number,
    )  # fmt: skip
    await fetch(
        "UPDATE cycle SET stage = 'decided', decided_at = $2, version = version + 1"
        " WHERE id = $1 AND stage IN ('review', 'noticed')",
        row["cycle"], await clock.now(),
    )  # fmt: skip
    await trail.record(actor, "decision.issued", "decision", row["id"], {"number": number, "document": str(document)})


async def order_of(row: Any) -> DecisionOrder:
    """The document that a decision asks for: one roll for each honour, its lines in the decision's order."""
    said, lines = kept_wording(row["wording"]), await lines_of(row["id"])
    if not lines:
        raise Refusal("roll_empty", "决定的名单是空的", rule="H70")
    rolls = tuple(
        Roll(award=group.title, kind=KINDS[group.kind], lines=tuple(entry_of(line) for line in group.lines))
        for group in rules.grouped(lines)
    )
    return DecisionOrder(
        organisation=row["organisation"], organs=said.organs, series=said.series, title=row["title"], rolls=rolls,
        opening=_paragraphs(said.opening), reason=said.reason, closing=_paragraphs(said.closing),
        addressees=said.addressees, signed_on=row["decided_on"], copies=said.copies, source_kind=SOURCE, source=row["id"],
    )  # fmt: skip


def entry_of(line: Line) -> Entry:
    """A line as the annex prints it (H71): a person with unit and post, a unit or team alone."""
    detail = " ".join(part for part in (line.unit_name, line.post) if part) if line.kind == "person" else ""
    return Entry(name=line.name, detail=detail, region=line.region)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


async def _cycle_for(actor: Actor, cycle: UUID) -> Any:
    row = await fetchrow(
        "SELECT c.id, c.stage FROM cycle c JOIN organisation o ON o.id = c.organisation"
        " WHERE c.id = $1 AND o.ancestors && $2::uuid[] FOR UPDATE OF c",
        cycle, list(Permission.DECIDE.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def _write_lines(decision: UUID, cycle: UUID, form: DecisionForm) -> int:
    waiting = await nominees(cycle)
    if not waiting:
        raise Refusal("roll_empty", "没有公示期满、待表彰的对象", rule="H30")
    lines = rules.ordered([*(line for _code, line in waiting), *await _paired(waiting, form)], form.order)
    await connection().executemany(
        "INSERT INTO decision_line (id, decision, honour, nomination, place, paired) VALUES ($1, $2, $3, $4, $5, $6)",
        [(new_id(), decision, line.honour, line.nomination, line.place, line.paired) for line in lines],
    )
    return len(lines)


async def _paired(waiting: Sequence[tuple[str, Line]], form: DecisionForm) -> list[Line]:
    """The further lines of paired titles (H2): an honour of this city, for the same kind of holder, not the award itself."""
    made: list[Line] = []
    for place, pair in enumerate(form.pairs):
        if not pair.also:
            continue
        also = await fetchrow(
            "SELECT id, title, kind, place FROM honour WHERE code = $1 AND conferred_here AND code <> $2",
            pair.also,
            pair.award,
        )
        receivers = [line for code, line in waiting if code == pair.award]
        if also is None or any(line.kind != also["kind"] for line in receivers):
            raise Refusal("pair_unknown", "同时授予的荣誉应是本会授予、对象类别相同的另一项", field=f"pairs-{place}-also", rule="H2")  # fmt: skip
        holding = {line.nomination for _code, line in waiting if line.honour == also["id"]}
        made += [
            msgspec.structs.replace(
                line, honour=also["id"], honour_title=also["title"], honour_place=also["place"], paired=True
            )
            for line in receivers
            if line.nomination not in holding
        ]
    return made


async def _drop_document(actor: Actor, row: Any) -> None:
    if row["document"] is not None:
        await documents.discard(actor, row["document"])


def _require_draft(row: Any) -> None:
    if row["stage"] != "draft":
        raise Conflict("decision_not_draft", "决定已经印发，不能再改；有误请撤回公文后重新起草", rule="H70")


def _json(wording: Wording) -> str:
    return msgspec.json.encode(wording).decode()
