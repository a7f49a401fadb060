"""An enterprise's own workers from a sheet: checked row by row, written together."""

from __future__ import annotations

from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch
from foundation.errors import Conflict, Refusal, Refusals
from foundation.i18n import N_
from foundation.sheets import Row, Sheet, import_pages
from foundation.web.pages import HouseRequest, actor_of, parse_id
from foundation.web.policy import Actor
from registry.codes import credit_code, id_card
from registry.organisations.schemas import Organisation
from registry.permissions import Permission
from registry.workers import bulk, queries, reading
from registry.workers.operations import employer_for
from registry.workers.sealing import id_index

KEEP = Permission.KEEP_WORKERS
UNITS_SQL = """
SELECT o.id, o.union_code, o.unit_type, o.region FROM organisation o
WHERE o.union_code = ANY($1::varchar[]) AND o.closed_at IS NULL AND o.ancestors && $2::uuid[]
"""


async def check_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> None:
    """The rules of one person in each row; then nobody twice in the sheet, nobody registered already (I1)."""
    own = await employer_for(actor, scope, field="union_code") if scope else None
    units = await _units(actor, rows)
    today = await clock.today()
    seen: dict[bytes, int] = {}
    for row in rows:
        _refuse_double(row, seen)
        unit = _unit_of(row, own, units)
        try:
            checked = reading.read(row.cells, today=today, unit_type=unit[2] if unit else "")
        except Refusals as several:
            known = {(fault.field, fault.code) for fault in row.faults}
            for refusal in several.refusals:
                if (refusal.field, refusal.code) not in known:
                    row.refuse(refusal)
            continue
        row.data = (id_index(checked.id_number), checked, unit)
    await _refuse_known(actor, [row for row in rows if row.data])


def _refuse_double(row: Row, seen: dict[bytes, int]) -> None:
    """Whatever else is wrong with a row, it is said that the same number stands elsewhere."""
    number = id_card.normalise(row.cells.get("id_number", ""))
    if len(number) != 18:
        return
    index = id_index(number)
    if index in seen:
        row.refuse(Refusal("row_twice", "与第 {row} 行是同一个身份证号", field="id_number", rule="I1", row=seen[index]))
    seen.setdefault(index, row.number)


async def _units(actor: Actor, rows: list[Row]) -> dict[str, tuple[UUID, str, str]]:
    codes = list({credit_code.normalise(row.cells.get("union_code", "")) for row in rows} - {""})
    found = await fetch(UNITS_SQL, codes, list(KEEP.scope(actor))) if codes else []
    return {row["union_code"]: (row["id"], row["region"], row["unit_type"]) for row in found}


def _unit_of(
    row: Row, own: Organisation | None, units: dict[str, tuple[UUID, str, str]]
) -> tuple[UUID, str, str] | None:
    """(id, region, type) of the unit that a row names, else of the one that is imported into."""
    code = credit_code.normalise(row.cells.get("union_code", ""))
    if code and code in units:
        if own is not None and units[code][0] != own.id:
            row.refuse(Refusal("unit_other", "这一行写的是另一个工会的代码", field="union_code", rule="I3"))
        return units[code]
    if code:
        row.refuse(Refusal("unit_unknown_code", "您管辖的组织中没有这个工会代码", field="union_code", rule="I3"))
        return None
    if own is None:
        row.refuse(Refusal("required", "必填", field="union_code", rule="I3"))
        return None
    return own.id, own.region, own.unit_type


async def _refuse_known(actor: Actor, rows: list[Row]) -> None:
    known = await fetch(
        "SELECT w.id_number_index, o.ancestors && $2::uuid[] AS ours FROM worker w"
        " JOIN organisation o ON o.id = w.organisation WHERE w.id_number_index = ANY($1::bytea[])",
        [row.data[0] for row in rows], queries.scope_of(actor),
    )  # fmt: skip
    ours = {bytes(found["id_number_index"]): found["ours"] for found in known}
    for row in rows:
        if row.data[0] in ours:
            row.refuse(
                Refusal("row_registered", "已登记过，请从表中删去这一行", field="id_number", rule="I1")
                if ours[row.data[0]]
                else Refusal("worker_elsewhere", "这个身份证号已登记在其他单位：如确已调入，请申请调动", field="id_number", rule="I1")
            )  # fmt: skip


async def write_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> int:
    """All of them, by ``COPY``; where somebody was registered a moment ago, none."""
    import asyncpg

    people = [(checked, unit[0], unit[1]) for _index, checked, unit in (row.data for row in rows)]
    try:
        await bulk.copy_lines(bulk.lines_of(people, await clock.now()))
    except asyncpg.UniqueViolationError:
        raise Conflict("row_registered_meanwhile", "表中有人刚刚被登记：一行也没有写入，请刷新后核对") from None
    units = {unit[0] for _index, _checked, unit in (row.data for row in rows)}
    for unit in units:
        count = sum(1 for row in rows if row.data[2][0] == unit)
        await trail.record(actor, "workers.imported", "organisation", unit, {"count": count})
    return len(rows)


SHEET = Sheet(
    kind="registry.workers",
    title=N_("职工"),
    fields=reading.FIELDS,
    check=check_rows,
    write=write_rows,
    most_rows=5_000,
)


async def scope_of(request: HouseRequest) -> tuple[UUID | None, str]:
    """The unit that is imported into: ``?unit=``, or a contact's only one; None where each row names its own."""
    actor = actor_of(request)
    asked = request.query_params.get("unit")
    if asked:
        unit = await employer_for(actor, parse_id(asked))
        return unit.id, unit.unit_name or unit.name
    own = list(KEEP.scope(actor))
    if len(own) == 1:
        found = await fetch(
            "SELECT id, coalesce(nullif(unit_name, ''), name) AS name FROM organisation"
            " WHERE id = $1 AND kind = 'grassroots' AND closed_at IS NULL",
            own[0],
        )
        if found:
            return found[0]["id"], found[0]["name"]
    return None, ""


WorkerImport = import_pages(
    SHEET, path="/registry/workers/import", name="registry.workers.import", policy=KEEP, scope=scope_of,
    done="/registry/workers",
)  # fmt: skip
