"""公布荣誉册: a decision becomes the roll that everybody reads; everything or nothing, in one transaction.

Lock → every obstacle at once → the roll and its frozen entries → achievements → one certificate job → nominations honoured →
stages → trail. A process that dies in the middle leaves what was there before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import connection, fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict
from foundation.web.policy import Actor
from honours.nominations.moving import move_nomination
from honours.rolls import rules
from honours.rolls.reading import Consent, consents, decision_for, facts_of
from honours.rolls.schemas import Line, kept_wording
from publications.certificates.requests import Line as CertificateLine
from publications.certificates.requests import request_certificates
from publications.documents import wording
from publications.documents.operations import paper_of
from registry.achievements.operations import record_many
from registry.achievements.schemas import Achieved
from registry.search_keys import keys_for_name, keys_for_organisation, organisation_sort_key, sort_key
from registry.strokes import stroke_sort_key

CODES = {"person": "GR", "unit": "DW", "team": "JT"}
"""Third part of a certificate's number (D6)."""
ENTRY_COLUMNS = (
    "id", "honour", "roll", "decision", "nomination", "year", "conferred_on", "document_number", "place", "kind", "worker",
    "organisation", "name", "unit_name", "post", "region", "county_name", "category", "unit_class", "flags", "listing",
    "posthumous", "summary", "portrait", "search_keys", "sort_key", "stroke_key", "source", "batch", "published_at",
    "team_key", "repeat", "repeat_reason", "made_by",
)  # fmt: skip
INSERT_SQL = (
    f"INSERT INTO roll_entry ({', '.join(ENTRY_COLUMNS)}, revoked_reason, version, made_at)"
    f" VALUES ({', '.join(f'${n}' for n in range(1, len(ENTRY_COLUMNS) + 1))}, '', 1, {NOW_SQL})"
)
HOLDERS_SQL = """
SELECT n.*, h.id AS honour_id, h.title AS honour_title, h.code AS honour_code, h.level, h.family, h.series, h.certificate,
       (SELECT count(*) FROM roll_entry e WHERE e.honour = h.id AND e.repeat IS NOT NULL AND (e.worker = n.worker
          OR (n.kind <> 'person' AND e.organisation = n.unit AND e.kind = n.kind AND (n.kind = 'unit' OR e.name = n.name)))
       )::int AS held, d.place AS line_place
FROM decision_line d JOIN nomination n ON n.id = d.nomination JOIN honour h ON h.id = d.honour WHERE d.decision = $1
"""


async def publish_roll(actor: Actor, decision: UUID, *, version: int | None = None) -> UUID:
    """Publish a decision's roll; returns the roll's id.

    Raises ``Refusals`` with every obstacle (:func:`honours.rolls.rules.obstacles`), ``Conflict`` ``roll_published`` where
    somebody was first, ``NotFound`` out of reach.
    """
    async with transaction():
        row = await decision_for(actor, decision, lock=True)
        if row["stage"] == "published":
            raise Conflict("roll_published", "荣誉册已经公布", rule="H70")
        facts, totals = await facts_of(row)
        rules.require_publishable(facts)
        made, now = new_id(), await clock.now()
        rows = await _frozen(actor, row, facts.lines, made, now)
        await _insert_roll(actor, row, made, rows, totals, now)
        await connection().executemany(INSERT_SQL, [tuple(one[c] for c in ENTRY_COLUMNS) for one in rows])
        await record_many(actor, [achieved(one) for one in rows])
        await _order_certificates(actor, row, made, rows)
        for nomination in dict.fromkeys(line.nomination for line in facts.lines):
            await move_nomination(actor, nomination, "honour")
        await fetch("UPDATE decision SET stage = 'published', version = version + 1 WHERE id = $1", decision)
        await fetch(
            "UPDATE cycle SET stage = 'published', published_at = $2, version = version + 1"
            " WHERE id = $1 AND stage IN ('review', 'noticed', 'decided')",
            row["cycle"], now,
        )  # fmt: skip
        await trail.record(actor, "roll.published", "roll", made, {"entries": len(rows), "digest": _digest(rows)})
        return made


async def _frozen(actor: Actor, row: Any, lines: Sequence[Line], roll: UUID, now: Any) -> list[dict[str, Any]]:
    """The entries as they will stand: copies, with portrait and summary only where their publication is consented to (P2)."""
    held = {(one["honour_id"], one["id"]): one for one in await fetch(HOLDERS_SQL, row["id"])}
    given = await consents([line.nomination for line in lines])
    made = []
    for line in lines:
        n = held[line.honour, line.nomination]
        consent = given.get(line.nomination, Consent())
        made.append(
            {
                **names_of(n["kind"], n["name"], n["unit_name"]),
                "id": new_id(), "honour": line.honour, "roll": roll, "decision": row["id"], "nomination": line.nomination,
                "year": row["year"], "conferred_on": row["decided_on"], "document_number": row["number"],
                "place": line.place, "kind": n["kind"], "worker": n["worker"],
                "organisation": n["organisation"] if n["kind"] == "person" else n["unit"], "name": n["name"],
                "unit_name": n["unit_name"], "post": n["post"], "region": line.region, "county_name": line.group_name,
                "category": n["category"], "unit_class": n["unit_class"], "flags": n["flags"], "listing": n["listing"],
                "posthumous": n["posthumous"], "summary": _summary(n) if consent.allows("deeds") else "",
                "portrait": n["portrait"] if consent.allows("portrait") else None, "source": "decision", "batch": None,
                "published_at": now, "repeat": n["held"], "repeat_reason": n["override_reason"], "made_by": actor.account,
                "title": n["honour_title"], "code": n["honour_code"], "level": n["level"], "family": n["family"],
                "series": n["series"], "certificate": n["certificate"],
            }
        )  # fmt: skip
    return made


@lru_cache(maxsize=4096)
def _unit_keys(name: str) -> tuple[str, ...]:
    """A sheet names the same units again and again."""
    return tuple(keys_for_organisation(name))


def names_of(kind: str, name: str, unit_name: str) -> dict[str, Any]:
    """How an entry is found and ordered: search keys of name and unit, sort keys, what tells a team from its unit."""
    own = keys_for_name(name) if kind == "person" else _unit_keys(name)
    return {
        "search_keys": sorted({*own, *(_unit_keys(unit_name) if unit_name else ())}),
        "sort_key": sort_key(name)[:300] if kind == "person" else organisation_sort_key(name)[:300],
        "stroke_key": stroke_sort_key(name)[:300] if kind == "person" else "",
        "team_key": rules.team_key(kind, name, unit_name),
    }


def _summary(row: Any) -> str:
    return msgspec.json.decode(row["dossier"] or "{}").get("deeds", {}).get("summary", "")


async def _insert_roll(
    actor: Actor, row: Any, made: UUID, rows: Sequence[Mapping[str, Any]], totals: list[dict[str, Any]], now: Any
) -> None:
    said = kept_wording(row["wording"])
    document = await fetchrow("SELECT paper FROM document WHERE id = $1", row["document"])
    assert document is not None
    await insert_roll(
        made, title=said.roll_title, year=row["year"], organ="、".join(said.organs), number=row["number"],
        decided_on=row["decided_on"], sentence=wording.decision(said.organs[0], paper_of(document).annexes), totals=totals,
        digest=_digest(rows), now=now, made_by=actor.account, decision=row["id"],
    )  # fmt: skip


async def insert_roll(
    made: UUID, *, title: str, year: int, organ: str, number: str, decided_on: Any, sentence: str, digest: str, now: Any,
    made_by: UUID | None, totals: Sequence[Mapping[str, Any]] = (), decision: UUID | None = None, batch: UUID | None = None,
) -> None:  # fmt: skip
    """Write a roll under the next number of its year; a lock holds the number until the transaction ends."""
    await fetch("SELECT pg_advisory_xact_lock(hashtext('honours.roll'), $1)", year)
    count = await fetchval("SELECT count(*) + 1 FROM roll WHERE year = $1", year)
    await fetch(
        "INSERT INTO roll (id, code, title, year, decision, batch, organ, document_number, decided_on, sentence, composition,"
        " digest, published_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, $13, $14)",
        made, f"{year}-{count}", title, year, decision, batch, organ, number, decided_on, sentence,
        msgspec.json.encode(list(totals)).decode(), digest, now, made_by,
    )  # fmt: skip


def public_list(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The list as everybody may have it: name, unit, post and county in its order (P3)."""
    return [
        {
            "honour": one["title"], "place": one["place"], "kind": one["kind"], "name": one["name"],
            "unit": one["unit_name"], "post": one["post"], "county": one["county_name"],
        }
        for one in rows
    ]  # fmt: skip


def _digest(rows: Sequence[Mapping[str, Any]]) -> str:
    return digest_of(public_list(rows))


def digest_of(listed: list[dict[str, Any]]) -> str:
    """SHA-256 of the list's canonical JSON."""
    return hashlib.sha256(trail.canonical(listed).encode()).hexdigest()


def achieved(one: Mapping[str, Any]) -> Achieved:
    """The achievement that an entry is: how competitions and studios hear of it, and of its end (H77)."""
    return Achieved(
        holder_name=one["name"], kind="honour", title=one["title"], level=one["level"], achieved_on=one["conferred_on"],
        source_kind="roll_entry", source=one["id"], worker=one["worker"], organisation=one["organisation"],
        award=one["title"][:60],
        facts={"honour": one["code"], "family": one["family"], "holder": one["kind"], "document": one["document_number"]},
    )  # fmt: skip


async def _order_certificates(actor: Actor, row: Any, roll: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """One job for all: an honour whose catalogue entry names no series gives no certificates of this house."""
    lines = [
        CertificateLine(
            subject=one["id"], recipient=one["name"], kind=one["kind"], award=one["title"], issued_on=row["decided_on"],
            series=f"{one['series']}-{row['year']}-{CODES[one['kind']]}", design=one["certificate"],
            unit=one["unit_name"] if one["kind"] == "team" else "", organisation=one["organisation"], worker=one["worker"],
        )
        for one in rows
        if one["series"]
    ]  # fmt: skip
    if lines:
        said = kept_wording(row["wording"])
        await request_certificates(actor, lines, source_kind="roll", source=roll, issuer=said.organs[0])
