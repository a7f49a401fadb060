"""A piece of a roster made ready, in a process of the pool: read, checked, and where it shall be written, sealed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from foundation.errors import Refusal, Refusals
from registry.codes import credit_code
from registry.workers import reading
from registry.workers.bulk import Lines, lines_of
from registry.workers.schemas import Checked
from registry.workers.sealing import id_index

Unit = tuple[UUID, str, str]
"""(id, region, unit type)."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal of one row; it never holds what was typed into a personal column."""

    row: int
    title: str
    message: str
    rule: str = ""


class Piece(msgspec.Struct, kw_only=True):
    """What came of a piece: how many rows held something, their faults, the numbers' indexes with their row numbers."""

    rows: int
    faults: list[Fault]
    numbers: list[int]
    indexes: list[bytes]
    lines: Lines | None = None


_units: dict[str, Unit] = {}
_places: dict[str, int] = {}
_titles = {field.name: field.title for field in reading.FIELDS}
_today = date.min
_now = datetime(1970, 1, 1, tzinfo=UTC)
_write = False


def begin(units: Mapping[str, Unit], places: Mapping[str, int], today: date, now: datetime, write: bool) -> None:
    """What every piece needs, once for each process."""
    global _today, _now, _write
    _units.clear()
    _units.update(units)
    _places.clear()
    _places.update(places)
    _today, _now, _write = today, now, write


def prepare(body: bytes) -> Piece:
    """Check every row of a piece: msgpack of (first number, rows)."""
    first, rows = msgspec.msgpack.decode(body, type=tuple[int, list[list[str]]])
    made = Piece(rows=0, faults=[], numbers=[], indexes=[])
    people: list[tuple[Checked, UUID, str]] = []
    for number, row in enumerate(rows, first):
        cells = {name: row[place] for name, place in _places.items() if place < len(row) and row[place]}
        if not cells:
            continue
        made.rows += 1
        ready = _row(number, cells, made.faults)
        if ready is None:
            continue
        made.numbers.append(number)
        people.append(ready)
    if _write and not made.faults:
        made.lines = lines_of(people, _now)
        made.indexes = made.lines.indexes
    else:
        made.indexes = [id_index(person.id_number) for person, _unit, _region in people]
    return made


def _row(number: int, cells: dict[str, str], faults: list[Fault]) -> tuple[Checked, UUID, str] | None:
    code = cells.get("union_code", "")
    unit = _units.get(code) or _units.get(credit_code.normalise(code))
    refused: list[Refusal] = []
    if unit is None:
        refused.append(
            Refusal("unit_unknown_code", "您管辖的组织中没有这个工会代码", field="union_code", rule="I3")
            if code
            else Refusal("required", "必填", field="union_code", rule="I3")
        )
    try:
        checked = reading.read(cells, today=_today, unit_type=unit[2] if unit else "")
    except Refusals as several:
        refused.extend(several.refusals)
        checked = None
    faults.extend(
        Fault(row=number, title=_titles.get(r.field or "", ""), message=r.text(), rule=r.rule or "") for r in refused
    )
    return None if refused or checked is None or unit is None else (checked, unit[0], unit[1])
