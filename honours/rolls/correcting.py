"""荣誉册更正: what was published wrongly is mended in public, with its reason (PRODUCT); a second officer confirms.

Name, unit, post and county only. The roll keeps its first digest; a correction changes the entry, its achievement and, where
the sheet says something else now, gives a certificate a new number. The public roll lists every correction.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.rolls import rules
from honours.rolls.publishing import CODES, achieved, names_of
from honours.rolls.schemas import CorrectionForm
from publications.certificates.requests import Line, certificates_of, supersede_certificates
from publications.documents.rules import PRIVATE
from registry.achievements.operations import record
from registry.codes import regions

FIELDS = ("name", "unit_name", "post", "region")
ENTRY_SQL = """
SELECT e.*, h.title, h.code, h.level, h.family, h.series, h.certificate FROM roll_entry e JOIN honour h ON h.id = e.honour
WHERE e.id = $1 AND EXISTS (SELECT 1 FROM organisation s WHERE s.id = ANY($2::uuid[]) AND s.kind = 'city') FOR UPDATE OF e
"""


async def propose(actor: Actor, entry: UUID, form: CorrectionForm) -> UUID:
    """Propose how a published entry ought to read. Raises ``correction_nothing``, ``correction_private`` (P3), ``Conflict``
    where one is open or the entry is not public, ``Stale``."""
    async with transaction():
        row = await _entry(actor, entry)
        if row["version"] != form.version:
            raise Stale("entry_changed", "这一条刚刚被更正，请刷新后再看", current=row["version"])
        if row["published_at"] is None or row["revoked_at"] is not None:
            raise Conflict("entry_not_public", "只有已公布且未撤销的条目才能更正")
        after = {name: getattr(form, name) for name in FIELDS if getattr(form, name) != row[name]}
        if not after:
            raise Refusal("correction_nothing", "没有改动", field="name")
        if "region" in after and after["region"] not in ("", *regions.COUNTIES):
            raise Refusal("no_such_choice", "没有这个选项", field="region")
        if any(PRIVATE.search(text) for text in (*after.values(), form.reason)):
            raise Refusal("correction_private", "含有身份证号或手机号：荣誉册只写姓名、单位和职务", field="reason", rule="P3")  # fmt: skip
        made = await fetchval(
            'INSERT INTO roll_correction (id, roll, entry, "before", "after", reason, proposed_by, proposed_at, outcome,'
            f" version) VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, {NOW_SQL}, '', 1)"
            " ON CONFLICT ON CONSTRAINT roll_correction_one_open DO NOTHING RETURNING id",
            new_id(), row["roll"], entry, _json({name: row[name] for name in after}), _json(after), form.reason,
            actor.account,
        )  # fmt: skip
        if made is None:
            raise Conflict("correction_open", "这一条已有一项更正等待确认")
        await trail.record(actor, "correction.proposed", "roll_correction", made, {"fields": sorted(after)})
        return made


async def confirm(actor: Actor, correction: UUID) -> None:
    """Confirm as the second person; entry, achievement and certificate follow at once."""
    async with transaction():
        found = await _open(actor, correction)
        if found["proposed_by"] == actor.account:
            raise Refusal("correction_second_person", "须由提出人以外的另一人确认")
        row = dict(await _entry(actor, found["entry"]))
        after = msgspec.json.decode(found["after"])
        row |= after
        if "region" in after:
            row["county_name"] = rules.county_name(after["region"])
        row |= names_of(row["kind"], row["name"], row["unit_name"])
        await fetch(
            "UPDATE roll_entry SET name = $2, unit_name = $3, post = $4, region = $5, county_name = $6, search_keys = $7,"
            " sort_key = $8, stroke_key = $9, team_key = $10, version = version + 1 WHERE id = $1",
            row["id"], row["name"], row["unit_name"], row["post"], row["region"], row["county_name"], row["search_keys"],
            row["sort_key"], row["stroke_key"], row["team_key"],
        )  # fmt: skip
        if row["worker"] or row["organisation"]:
            await record(actor, achieved(row))
        await _certificate(actor, row, found["reason"])
        await _close(actor, correction, "made")


async def drop(actor: Actor, correction: UUID) -> None:
    """Leave the entry as it is."""
    async with transaction():
        await _open(actor, correction)
        await _close(actor, correction, "dropped")


async def _certificate(actor: Actor, row: dict[str, Any], reason: str) -> None:
    live = [
        one
        for one in (await certificates_of([row["id"]])).get(row["id"], ())
        if one.state not in ("revoked", "superseded")
    ]
    if not live:
        return
    organ = await fetchval("SELECT organ FROM roll WHERE id = $1", row["roll"])
    line = Line(
        subject=row["id"], recipient=row["name"], kind=row["kind"], award=row["title"], issued_on=row["conferred_on"],
        series=f"{row['series']}-{row['year']}-{CODES[row['kind']]}", design=row["certificate"],
        unit=row["unit_name"] if row["kind"] == "team" else "", organisation=row["organisation"], worker=row["worker"],
    )  # fmt: skip
    await supersede_certificates(
        actor, [line], reason, source_kind="roll", source=row["roll"], issuer=organ.split("、")[0]
    )


async def _entry(actor: Actor, entry: UUID) -> Any:
    row = await fetchrow(ENTRY_SQL, entry, list(Permission.DECIDE.scope(actor)))
    if row is None:
        raise NotFound
    return row


async def _open(actor: Actor, correction: UUID) -> Any:
    row = await fetchrow("SELECT * FROM roll_correction WHERE id = $1 FOR UPDATE", correction)
    if row is None or not Permission.DECIDE.allows(actor):
        raise NotFound
    await _entry(actor, row["entry"])
    if row["outcome"]:
        raise Conflict("correction_done", "这项更正已经办理")
    return row


async def _close(actor: Actor, correction: UUID, outcome: str) -> None:
    await fetch(
        f"UPDATE roll_correction SET outcome = $2, decided_by = $3, decided_at = {NOW_SQL}, version = version + 1 WHERE id = $1",
        correction, outcome, actor.account,
    )  # fmt: skip
    await trail.record(actor, f"correction.{outcome}", "roll_correction", correction)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
