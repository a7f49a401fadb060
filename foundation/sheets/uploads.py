"""An upload between preview and confirmation: one row of ``SheetUpload``, personal cells sealed in it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.crypto import seal_secret, unseal_secret
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.sheets.declaration import Row, RowFault, Sheet
from foundation.sheets.opening import read_rows
from foundation.web.policy import Actor

KEPT = "7 days"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as its page shows it. ``rows`` hold the cells in the clear: mask them before they are shown."""

    id: UUID
    kind: str
    scope: UUID | None
    file_name: str
    rows: list[Any]
    row_count: int
    fault_count: int
    confirmed: bool


def _label(sheet: Sheet, field: str) -> str:
    return f"sheet:{sheet.kind}:{field}"


def _packed(sheet: Sheet, rows: list[Row]) -> str:
    secret = {field.name for field in sheet.fields if field.mask}
    packed = []
    for row in rows:
        sealed = {
            name: base64.b64encode(seal_secret(text, label=_label(sheet, name))).decode()
            for name, text in row.cells.items()
            if name in secret and text
        }
        plain = {name: text for name, text in row.cells.items() if name not in secret and text}
        packed.append({"n": row.number, "c": plain, "s": sealed, "f": row.faults})
    return msgspec.json.encode(packed).decode()


def _unpacked(sheet: Sheet, text: str) -> list[Row]:
    rows = []
    for kept in msgspec.json.decode(text):
        cells = dict(kept["c"])
        for name, sealed in kept["s"].items():
            cells[name] = unseal_secret(base64.b64decode(sealed), label=_label(sheet, name))
        row = Row(kept["n"], cells)
        row.faults = msgspec.convert(kept["f"], list[RowFault])
        rows.append(row)
    return rows


async def receive(actor: Actor, sheet: Sheet, body: bytes, *, file_name: str, scope: UUID | None) -> UUID:
    """Read an uploaded file, check every row, keep it for the preview; returns the upload's id.

    Refuses what cannot be read (see :mod:`foundation.sheets.opening`), ``sheet_columns``, ``sheet_no_rows``,
    ``sheet_too_long``; faulty rows are no refusal here: they stand in the preview.
    """
    lines = await read_rows(body, most_rows=sheet.most_rows)
    rows = rows_from(sheet, lines)
    async with transaction():
        faulty = await sheet.examine(actor, scope, rows)
        made = new_id()
        await fetch(f"DELETE FROM sheet_upload WHERE made_at < {NOW_SQL} - interval '{KEPT}'")
        await fetch(
            "INSERT INTO sheet_upload (id, kind, scope, file_name, rows, fault_count, row_count, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, {NOW_SQL})",
            made, sheet.kind, scope, file_name[:200], _packed(sheet, rows), faulty, len(rows), actor.account,
        )  # fmt: skip
        await trail.record(actor, "sheet.uploaded", "sheet", made, {"kind": sheet.kind, "rows": len(rows)})
        return made


def rows_from(sheet: Sheet, lines: list[list[str]]) -> list[Row]:
    """The rows under the head; empty lines are passed over, their numbers kept."""
    at = next((index for index, line in enumerate(lines) if any(line)), None)
    if at is None:
        raise Refusal("sheet_no_rows", "表格里没有数据", field="file")
    places = sheet.places(lines[at])
    rows = []
    for number, line in enumerate(lines[at + 1 :], at + 2):
        cells = {name: line[place] for name, place in places.items() if place < len(line)}
        if any(cells.values()):
            rows.append(Row(number, cells))
    if not rows:
        raise Refusal("sheet_no_rows", "表格里没有数据", field="file")
    if len(rows) > sheet.most_rows:
        raise Refusal("sheet_too_long", "表格超过 {most} 行或内容过多：请分成几份", field="file", most=sheet.most_rows)
    return rows


async def find_for(actor: Actor, sheet: Sheet, upload: UUID, *, lock: bool = False) -> Upload:
    """An upload of one's own; anybody else's is not found."""
    row = await fetchrow(
        "SELECT * FROM sheet_upload WHERE id = $1 AND kind = $2 AND made_by = $3" + (" FOR UPDATE" if lock else ""),
        upload, sheet.kind, actor.account,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return Upload(
        id=row["id"], kind=row["kind"], scope=row["scope"], file_name=row["file_name"],
        rows=_unpacked(sheet, row["rows"]), row_count=row["row_count"], fault_count=row["fault_count"],
        confirmed=row["confirmed_at"] is not None,
    )  # fmt: skip


async def repair(actor: Actor, sheet: Sheet, upload: UUID, *, number: int, field: str, value: str) -> None:
    """Correct one cell in the preview; all rows are checked again, since a row's fault may rest on another row."""
    async with transaction():
        found = await find_for(actor, sheet, upload, lock=True)
        _require_open(found)
        row = next((row for row in found.rows if row.number == number), None)
        if row is None or field not in {known.name for known in sheet.fields}:
            raise NotFound
        row.cells[field] = value.strip()
        await _save(actor, sheet, found)


async def _save(actor: Actor, sheet: Sheet, found: Upload) -> int:
    faulty = await sheet.examine(actor, found.scope, found.rows)
    await fetch(
        "UPDATE sheet_upload SET rows = $2::jsonb, fault_count = $3 WHERE id = $1",
        found.id, _packed(sheet, found.rows), faulty,
    )  # fmt: skip
    return faulty


def _require_open(found: Upload) -> None:
    if found.confirmed:
        raise Conflict("sheet_confirmed", "这张表已经导入")


async def confirm(actor: Actor, sheet: Sheet, upload: UUID) -> int:
    """Write all rows or none; confirming again writes nothing and answers the same. Returns how many were written.

    Every row is checked once more inside the transaction: where one is faulty now, nothing is written, the faults stand in
    the preview, and ``Conflict`` ``sheet_faulty`` says so.
    """
    async with transaction():
        found = await find_for(actor, sheet, upload, lock=True)
        if found.confirmed:
            return found.row_count
        faulty = await _save(actor, sheet, found)
        if not faulty:
            written = await sheet.write(actor, found.scope, found.rows)
            await fetch(
                f"UPDATE sheet_upload SET confirmed_at = {NOW_SQL}, rows = '[]'::jsonb, row_count = $2 WHERE id = $1",
                upload, written,
            )  # fmt: skip
            await trail.record(actor, "sheet.confirmed", "sheet", upload, {"kind": sheet.kind, "rows": written})
            return written
    # Outside: the faults that were found are kept, and only then refused.
    raise Conflict("sheet_faulty", "有 {count} 行有错，一行也没有写入：请改正后再导入", count=faulty)


async def abandon(actor: Actor, sheet: Sheet, upload: UUID) -> None:
    """Throw an upload away, personal cells and all."""
    async with transaction():
        _require_open(await find_for(actor, sheet, upload, lock=True))
        await fetch("DELETE FROM sheet_upload WHERE id = $1", upload)
        await trail.record(actor, "sheet.abandoned", "sheet", upload, {"kind": sheet.kind})


async def open_uploads(actor: Actor, sheet: Sheet) -> list[Any]:
    """One's own uploads of this kind that wait for confirmation, the newest first."""
    return await fetch(
        "SELECT id, file_name, row_count, fault_count, made_at FROM sheet_upload"
        " WHERE kind = $1 AND made_by = $2 AND confirmed_at IS NULL ORDER BY made_at DESC LIMIT 5",
        sheet.kind, actor.account,
    )  # fmt: skip


async def purge(older_than: str = KEPT) -> int:
    """Delete unconfirmed uploads that nobody came back to; for a schedule."""
    return await fetchval(
        f"WITH gone AS (DELETE FROM sheet_upload WHERE made_at < {NOW_SQL} - $1::text::interval"
        " AND confirmed_at IS NULL RETURNING 1) SELECT count(*) FROM gone",
        older_than,
    )
