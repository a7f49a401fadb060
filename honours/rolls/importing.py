"""往年荣誉导入: the rolls of past years from a sheet, matched with the registry by name and unit (H12, H77).

A row whose name and unit meet exactly one person (or unit) of the registry is linked; where several fit, the officer writes
the number of the right one, or 不关联, into the column 对应; where none fits it stays unlinked. What the ledger holds already is
refused. The rows stand in the ledger at once, and on the public rolls when the import is published; until then it may be undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.i18n import N_
from foundation.sheets import Field, Row, Sheet, import_pages
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.rolls import rules
from honours.rolls.copying import copy_entries
from honours.rolls.matching import UNLINKED, Match, Register, taken_by
from honours.rolls.publishing import achieved, digest_of, insert_roll, names_of, public_list
from publications.documents.rules import PRIVATE
from registry.achievements.operations import record_many
from registry.codes import regions
from registry.codes.job_categories import JOB_CATEGORIES

MOST_ROWS = 10_000
FIRST_YEAR = 1949
COUNTIES = {regions.REGIONS[code].zh: code for code in regions.COUNTIES} | {"市直": "", "宣城市": ""}
CATEGORIES = {zh: code for code, (zh, _en) in JOB_CATEGORIES.items()}
FIELDS: tuple[Field, ...] = (
    Field(name="honour", title="荣誉名称", required=True, width=28, most=100, example="宣城市五一劳动奖章", comment="荣誉目录里的全称或代码（H1）"),
    Field(name="decided_on", title="表彰日期", required=True, width=14, most=20, example="2019-04-26", comment="年-月-日；只知道年份的填 2019"),
    Field(name="name", title="姓名或名称", required=True, width=26, most=200, example="冯壬和", comment="个人填姓名，单位填全称，集体填单位加集体名称"),
    Field(name="unit_name", title="所在单位", width=32, most=200, example="宁国示范密封件股份有限公司", comment="个人和集体填授予时的单位，据此与职工、组织库对应"),
    Field(name="post", title="职务或岗位", width=20, most=100, example="硫化车间大班长"),
    Field(name="county", title="县市区", most=20, choices=tuple(COUNTIES), example="宁国市", comment="不填为市直"),
    Field(name="document_number", title="文号", width=20, most=80, example="宣工〔2019〕8号"),
    Field(name="category", title="人员类别", width=18, most=30, choices=tuple(CATEGORIES), comment="H17；只用于统计，不公开到个人"),
    Field(name="match", title="对应", width=12, most=10, example="1", comment="同名同单位有几人时填编号；确无对应的填“不关联”"),
    Field(name="repeat", title="重复授予理由", width=28, most=300, comment="已获同一称号又再次授予的，写明理由（H12）"),
)  # fmt: skip


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is ready."""

    honour: UUID
    kind: str
    day: date
    region: str
    category: str
    match: Match
    repeat: int


async def check_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> None:
    """Every fault of every row: unknown honours, impossible dates, counties out of reach, people of whom there are several,
    titles held already (H12), private numbers (P3)."""
    honours = await _honours()
    reach = await _reach(actor)
    register = await Register.load(
        [row.cells.get("name", "") for row in rows], [row.cells.get("unit_name", "") for row in rows]
    )
    today = await clock.today()
    first: list[tuple[Row, Any, date, str, Match]] = []
    for row in rows:
        honour = honours.get(row.cells.get("honour", ""))
        if honour is None and row.cells.get("honour"):
            row.refuse(Refusal("honour_unknown", "荣誉目录中没有这个名称", field="honour", rule="H1"))
        day = _day(row, today)
        region = _county(row, reach)
        _words(row)
        if honour is not None:
            found = register.match(honour["kind"], row)
            if day is not None and found is not None:
                first.append((row, honour, day, region, found))
    await _no_repeats(first)


async def _no_repeats(ready: Sequence[tuple[Row, Any, date, str, Match]]) -> None:
    """H12 against the ledger and within the sheet: the same award never twice, the same title only with a reason."""
    held = await taken_by([(one["id"], match) for _row, one, _day, _region, match in ready])
    seen: dict[tuple[UUID, str], list[int]] = {}
    for row, honour, day, region, match in ready:
        key = (honour["id"], match.key)
        known = held.setdefault(key, [])
        if day.year in known:
            row.refuse(Refusal("honour_twice", "台账中已有同一年的这项荣誉（或与第 {rows} 行重复）", field="name", rule="H12", rows="、".join(map(str, seen.get(key, []))) or "—"))  # fmt: skip
        elif known and not row.cells.get("repeat"):
            row.refuse(Refusal("honour_held_before", "已于 {years} 年获同一称号：不重复授予；确有其事的写明“重复授予理由”", field="repeat", rule="H12", years="、".join(map(str, known))))  # fmt: skip
        row.data = Planned(
            honour=honour["id"], kind=honour["kind"], day=day, region=region, match=match, repeat=len(known),
            category=CATEGORIES.get(row.cells.get("category", ""), ""),
        )  # fmt: skip
        known.append(day.year)
        seen.setdefault(key, []).append(row.number)


def _day(row: Row, today: date) -> date | None:
    text = row.cells.get("decided_on", "")[:10]
    if not text:
        return None
    try:
        day = date(int(text), 5, 1) if len(text) == 4 else date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        row.refuse(Refusal("not_a_date", "日期形如 2019-04-26，或只填年份", field="decided_on"))
        return None
    if not day.year >= FIRST_YEAR or day > today:
        row.refuse(
            Refusal("date_out_of_range", "日期应在 {first} 年之后、今天之前", field="decided_on", first=FIRST_YEAR)
        )
        return None
    return day


def _county(row: Row, reach: frozenset[str] | None) -> str:
    text = row.cells.get("county", "")
    if text and text not in COUNTIES:
        row.refuse(
            Refusal("not_a_choice", "没有这个选项，可填：{choices}", field="county", choices="、".join(COUNTIES))
        )
        return ""
    region = COUNTIES.get(text, "")
    if reach is not None and region not in reach:
        row.refuse(Refusal("county_not_yours", "只能导入本县市区的荣誉", field="county"))
    return region


def _words(row: Row) -> None:
    for field in ("name", "unit_name", "post"):
        if PRIVATE.search(row.cells.get(field, "")):
            row.refuse(
                Refusal("roll_private_cell", "含有身份证号或手机号：只写姓名、单位和职务", field=field, rule="P3")
            )
    if row.cells.get("category") and row.cells["category"] not in CATEGORIES:
        row.refuse(
            Refusal("not_a_choice", "没有这个选项，可填：{choices}", field="category", choices="、".join(CATEGORIES))
        )


async def _honours() -> dict[str, Any]:
    rows = await fetch("SELECT id, code, title, kind, place, level, family FROM honour")
    return {**{row["title"]: row for row in rows}, **{row["code"]: row for row in rows}}


async def _reach(actor: Actor) -> frozenset[str] | None:
    """The county codes an officer may import for; None: all."""
    rows = await fetch(
        "SELECT kind, region FROM organisation WHERE id = ANY($1::uuid[])", list(Permission.KEEP_LEDGER.scope(actor))
    )
    if any(row["kind"] == "city" for row in rows):
        return None
    return frozenset(row["region"] for row in rows if row["kind"] == "county")


async def write_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> int:
    """All rows as entries of the ledger, under one import that may be undone until it is published."""
    batch = new_id()
    linked = sum(1 for row in rows if row.data.match.linked)
    home = next(iter(Permission.KEEP_LEDGER.scope(actor)))
    await fetch(
        "INSERT INTO ledger_import (id, organisation, rows, linked, made_by, made_at, undone_reason)"
        f" VALUES ($1, $2, $3, $4, $5, {NOW_SQL}, '')",
        batch, home, len(rows), linked, actor.account,
    )  # fmt: skip
    places: dict[tuple[UUID, date, str], int] = {}
    entries = []
    for row in rows:
        key = (row.data.honour, row.data.day, row.cells.get("document_number", ""))
        places[key] = places.get(key, 0) + 1
        entries.append(_entry(actor, row, batch, places[key]))
    await copy_entries(entries, await clock.now())
    await trail.record(actor, "ledger.imported", "ledger_import", batch, {"rows": len(rows), "linked": linked})
    return len(rows)


def _entry(actor: Actor, row: Row, batch: UUID, place: int) -> dict[str, Any]:
    planned: Planned = row.data
    name, unit = row.cells["name"], row.cells.get("unit_name", "")
    return {
        **names_of(planned.kind, name, unit),
        "id": new_id(), "honour": planned.honour, "roll": None, "decision": None, "nomination": None,
        "year": planned.day.year, "conferred_on": planned.day, "document_number": row.cells.get("document_number", ""),
        "place": place, "kind": planned.kind, "worker": planned.match.worker, "organisation": planned.match.organisation,
        "name": name, "unit_name": unit, "post": row.cells.get("post", ""), "region": planned.region,
        "county_name": rules.county_name(planned.region), "category": planned.category, "unit_class": "", "flags": [],
        "listing": "regular", "posthumous": False, "summary": "", "portrait": None, "source": "import", "batch": batch,
        "published_at": None, "repeat": planned.repeat, "repeat_reason": row.cells.get("repeat", ""),
        "made_by": actor.account,
    }  # fmt: skip


async def undo(actor: Actor, batch: UUID, reason: str) -> int:
    """Take an import back that nobody has published; returns how many rows went. Raises ``Conflict`` once it is published."""
    async with transaction():
        await _open_batch(actor, batch, Permission.KEEP_LEDGER)
        if not reason.strip():
            raise Refusal("reason_required", "请写明原因", field="reason")
        if await fetchrow("SELECT 1 FROM revocation r JOIN roll_entry e ON e.id = r.entry WHERE e.batch = $1", batch):
            raise Conflict("import_in_use", "其中有荣誉已在办理撤销，不能整批撤回")
        gone = await fetch("DELETE FROM roll_entry WHERE batch = $1 RETURNING id", batch)
        await fetch(
            f"UPDATE ledger_import SET undone_at = {NOW_SQL}, undone_by = $2, undone_reason = $3 WHERE id = $1",
            batch, actor.account, reason,
        )  # fmt: skip
        await trail.record(actor, "ledger.import_undone", "ledger_import", batch, {"rows": len(gone)})
        return len(gone)


async def publish(actor: Actor, batch: UUID) -> int:
    """Put an import's entries on the public rolls, one for each document of the past; returns how many rolls."""
    async with transaction():
        await _open_batch(actor, batch, Permission.DECIDE)
        now = await clock.now()
        rows = await fetch(
            "SELECT e.*, h.title, h.code, h.level, h.family, h.conferrer FROM roll_entry e JOIN honour h ON h.id = e.honour"
            " WHERE e.batch = $1 ORDER BY e.conferred_on, e.document_number, h.place, h.id, e.place",
            batch,
        )
        parts: dict[tuple[date, str, str], list[Any]] = {}
        for row in rows:
            part = row["document_number"] or row["conferrer"]
            parts.setdefault((row["conferred_on"], part, row["document_number"]), []).append(row)
        for (day, _part, number), held in parts.items():
            made = new_id()
            titles = list(dict.fromkeys(row["title"] for row in held))
            await insert_roll(
                made, title="、".join(titles) if len(titles) < 3 else held[0]["conferrer"] + "表彰", year=day.year,
                organ=held[0]["conferrer"], number=number, decided_on=day, sentence="",
                digest=digest_of(public_list(held)), now=now, made_by=actor.account, batch=batch,
            )  # fmt: skip
            await fetch(
                "UPDATE roll_entry SET roll = $2, published_at = $3, version = version + 1 WHERE id = ANY($1::uuid[])",
                [row["id"] for row in held], made, now,
            )  # fmt: skip
        known = [achieved(row) for row in rows if (row["worker"] or row["organisation"]) and row["repeat"] is not None]
        if known:
            await record_many(actor, known)
        await fetch(
            "UPDATE ledger_import SET published_at = $2, published_by = $3 WHERE id = $1", batch, now, actor.account
        )
        await trail.record(actor, "ledger.import_published", "ledger_import", batch, {"rows": len(rows), "rolls": len(parts)})  # fmt: skip
        return len(parts)


async def _open_batch(actor: Actor, batch: UUID, permission: Permission) -> Any:
    row = await fetchrow(
        "SELECT b.* FROM ledger_import b JOIN organisation o ON o.id = b.organisation"
        " WHERE b.id = $1 AND o.ancestors && $2::uuid[] FOR UPDATE OF b",
        batch, list(permission.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    if row["published_at"] or row["undone_at"]:
        raise Conflict("import_closed", "这批导入已经公布或撤回")
    return row


SHEET = Sheet(
    kind="honours.ledger", title=N_("往年荣誉"), fields=FIELDS, check=check_rows, write=write_rows, most_rows=MOST_ROWS
)
LedgerImport = import_pages(
    SHEET, path="/honours/ledger/import", name="honours.ledger.import", policy=Permission.KEEP_LEDGER,
    done="/honours/ledger/imports",
)  # fmt: skip
__all__ = ["SHEET", "UNLINKED", "LedgerImport", "publish", "undo"]
