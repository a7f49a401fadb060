"""Organisations through the bulk lane: the same rules as the officers' sheet, for the whole city at once."""

from __future__ import annotations

from pathlib import Path

import msgspec

from foundation import trail
from foundation.database import fetch, transaction
from foundation.errors import Refusal
from foundation.i18n import gettext
from foundation.sheets.declaration import Row, check_cell
from foundation.sheets.uploads import rows_from
from foundation.web.policy import Actor
from registry.organisations import sheet
from registry.organisations.operations import insert
from registry.permissions import Permission
from registry.rosters.importing import Fault, Outcome, look_into, pieces_of

SHEET = msgspec.structs.replace(sheet.SHEET, most_rows=100_000)


async def import_organisations(path: Path, actor: Actor | None, *, write: bool) -> Outcome:
    """Check a list of organisations, and with ``write`` write it whole or not at all. ``actor`` None: anywhere."""
    look_into(path)
    lines: list[list[str]] = []
    async for body in pieces_of(path):
        lines.extend(msgspec.msgpack.decode(body, type=tuple[int, list[list[str]]])[1])
        if len(lines) > SHEET.most_rows:
            raise Refusal("sheet_too_long", "表格超过 {most} 行或内容过多：请分成几份", most=SHEET.most_rows)
    rows = rows_from(SHEET, lines)
    async with transaction():
        if actor is None:
            roots = [row["id"] for row in await fetch("SELECT id FROM organisation WHERE parent IS NULL")]
        else:
            roots = list(Permission.BULK_IMPORT.scope(actor))
        for row in rows:
            for field in SHEET.fields:
                check_cell(field, row)
        await sheet.plan(rows, await sheet.places_for(roots))
        outcome = Outcome(rows=len(rows))
        outcome.add([fault for row in rows for fault in _faults(row)])
        if write and not outcome.fault_count:
            for row in rows:
                planned = row.data
                await insert(planned.form, planned.region, planned.above.ancestors, planned.above.id, made=planned.id)
            outcome.written = len(rows)
            await trail.record(actor, "roster.imported", "roster", None, {"organisations": len(rows)})
        return outcome


def _faults(row: Row) -> list[Fault]:
    titles = {field.name: field.title for field in SHEET.fields}
    return [
        Fault(row=row.number, title=titles.get(f.field, ""), message=Refusal(f.code, f.message, **f.facts).text(gettext), rule=f.rule)
        for f in row.faults
    ]  # fmt: skip
