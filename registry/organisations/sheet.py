"""Organisations from a sheet: each row names its parent by code or name, which may stand earlier in the same sheet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from foundation import trail
from foundation.database import fetch
from foundation.database.columns import new_id
from foundation.errors import Refusal, Refusals
from foundation.forms import bind_tree
from foundation.i18n import N_
from foundation.sheets import Field, Row, Sheet, import_pages
from foundation.web.policy import Actor
from registry.codes import credit_code, regions
from registry.codes.industries import INDUSTRIES
from registry.codes.unit_types import UNIT_TYPES
from registry.organisations import rules
from registry.organisations.operations import insert
from registry.organisations.schemas import OrganisationForm
from registry.permissions import Permission

KEEP = Permission.KEEP_ORGANISATIONS
KIND_CODES = {label: kind for kind, label in rules.KINDS.items()}
UNION_CODES = {label: state for state, label in rules.UNION_STATES.items()}
REGION_CODES = {regions.REGIONS[code].zh: code for code in (*regions.COUNTIES, "341871", regions.CITY)}

FIELDS: tuple[Field, ...] = (
    Field(name="name", title="组织名称", required=True, width=36, most=200, example="宣州区示例机械有限公司工会委员会"),
    Field(name="kind", title="类别", most=20, width=20, choices=tuple(KIND_CODES), example="基层工会", comment="不填为基层工会（I6）"),
    Field(name="above", title="上级工会", required=True, width=30, most=200, example="宣州区总工会", comment="上级工会的信用代码或全称；可以是本表中靠前的一行（I6）"),
    Field(name="region", title="地区", most=20, choices=tuple(REGION_CODES), example="宣州区", comment="不填则随上级工会（I4）"),
    Field(name="union_code", title="工会统一社会信用代码", width=24, most=30, comment="《工会法人资格证书》上的代码，81 开头（I3）"),
    Field(name="union_state", title="建会情况", width=18, most=20, choices=tuple(UNION_CODES), example="已建工会", comment="不填为已建工会；未组建的不能参评（H50）"),
    Field(name="unit_name", title="所在单位", width=32, most=200, example="宣州区示例机械有限公司", comment="基层工会必填"),
    Field(name="unit_code", title="单位统一社会信用代码", width=24, most=30, comment="营业执照或法人证书上的代码（I3）"),
    Field(name="unit_type", title="单位性质", width=20, most=20, choices=tuple(n for n, _ in UNIT_TYPES.values()), example="私营企业"),
    Field(name="industry", title="行业", width=26, most=40, choices=tuple(n for n, _ in INDUSTRIES.values()), example="制造业"),
    Field(name="member_count", title="会员数", most=7, example="86"),
    Field(name="short_name", title="简称", most=100),
    Field(name="contact_name", title="联系人", most=100, example="李示例"),
    Field(name="contact_phone", title="联系电话", width=18, most=40, example="0563-0000000"),
    Field(name="address", title="地址", width=36, most=300),
)  # fmt: skip


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something may be hung: an organisation that stands, or one that an earlier row makes."""

    id: UUID
    kind: str
    region: str
    ancestors: tuple[UUID, ...]


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is ready: its form, where it goes."""

    form: OrganisationForm
    region: str
    above: Place
    id: UUID


async def check_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> None:
    """The rules of one organisation in each row; parents within the actor's scope; no code twice."""
    await plan(rows, await places_for(list(KEEP.scope(actor))))


async def places_for(scope: Sequence[UUID]) -> dict[str, Place | None]:
    """Parents within a scope by code and by name; None where a name is not the only one."""
    found = await fetch(
        "SELECT id, name, union_code, kind, region, ancestors FROM organisation o"
        " WHERE ancestors && $1::uuid[] AND closed_at IS NULL AND kind <> 'grassroots'",
        list(scope),
    )
    places: dict[str, Place | None] = {}
    for row in found:
        place = Place(id=row["id"], kind=row["kind"], region=row["region"], ancestors=tuple(row["ancestors"]))
        places[row["name"]] = None if row["name"] in places else place
        if row["union_code"]:
            places[row["union_code"]] = place
    return places


async def plan(rows: list[Row], places: dict[str, Place | None]) -> None:
    """Check all rows against ``places``, which grows by what the rows themselves make."""
    codes = {code for row in rows if (code := credit_code.normalise(row.cells.get("union_code", "")))}
    taken = {
        row["union_code"]
        for row in await fetch("SELECT union_code FROM organisation WHERE union_code = ANY($1::varchar[])", list(codes))
    }
    seen: dict[str, int] = {}
    for row in rows:
        try:
            planned = _planned(row, places)
        except Refusals as several:
            known = {(fault.field, fault.code) for fault in row.faults}
            row.refuse(Refusals(r for r in several.refusals if (r.field, r.code) not in known))
            continue
        code = rules.union_code_of(planned.form.union_code)
        if code in taken:
            row.refuse(
                Refusal("union_code_taken", "这个工会信用代码已登记在另一组织名下", field="union_code", rule="I3")
            )
        if code in seen:
            row.refuse(Refusal("row_twice_code", "与第 {row} 行是同一个工会代码", field="union_code", row=seen[code]))
        row.data = planned
        place = Place(
            id=planned.id,
            kind=planned.form.kind,
            region=planned.region,
            ancestors=(*planned.above.ancestors, planned.id),
        )
        if code:
            seen[code] = row.number
            places[code] = place
        if planned.form.kind != "grassroots":
            places[planned.form.name] = place


def _planned(row: Row, places: dict[str, Place | None]) -> Planned:
    """A row's form and place; raises ``Refusals`` with everything that is wrong."""
    cells = {
        name: text
        for name, text in row.cells.items()
        if text and name not in ("above", "kind", "region", "union_state")
    }
    refused: list[Refusal] = []
    kind = _word(row, "kind", KIND_CODES, "grassroots", refused)
    region = _word(row, "region", REGION_CODES, "", refused)
    union = _word(row, "union_state", UNION_CODES, "own", refused)
    for name, table in (("unit_type", UNIT_TYPES), ("industry", INDUSTRIES)):
        if name in cells:
            cells[name] = table.find(cells[name]) or cells[name]
    above = _above(row, places, refused)
    form = _bound({**cells, "kind": kind, "union_state": union}, refused)
    try:
        if form is not None:
            rules.check(form)
    except Refusals as several:
        refused.extend(several.refusals)
    try:
        if above is not None:
            rules.require_place(kind, above.kind)
            region = rules.region_under(region, "" if above.region == regions.CITY else above.region)
    except Refusal as one:
        refused.append(one.at("above") if one.field == "parent" else one)
    if refused or above is None or form is None:
        raise Refusals(refused)
    return Planned(form=form, region=region, above=above, id=new_id())


def _bound(cells: dict[str, str], refused: list[Refusal]) -> OrganisationForm | None:
    """The form of a row; a cell that does not fit is noted and left out, so that the rules still see the others."""
    bound = bind_tree(cells, OrganisationForm)
    for name, faults in bound.faults.items():
        refused.extend(Refusal(f.code, f.message, field=name, rule=f.rule) for f in faults)
    if bound.faults:
        bound = bind_tree({name: text for name, text in cells.items() if name not in bound.faults}, OrganisationForm)
    return bound.data if bound.ok else None


def _above(row: Row, places: dict[str, Place | None], refused: list[Refusal]) -> Place | None:
    text = row.cells.get("above", "")
    place = places.get(text) or places.get(credit_code.normalise(text))
    if place is None and text:
        refused.append(
            Refusal("above_not_unique", "有几个同名的上级工会：请改填信用代码", field="above", rule="I6")
            if text in places
            else Refusal("above_unknown", "您管辖的组织中没有这个上级工会", field="above", rule="I6")
        )
    return place


def _word(row: Row, field: str, known: dict[str, str], default: str, refused: list[Refusal]) -> str:
    text = row.cells.get(field, "")
    if not text:
        return default
    if text in known.values():
        return text
    if text not in known:
        refused.append(Refusal("not_a_choice", "没有这个选项，可填：{choices}", field=field, choices="、".join(known)))
    return known.get(text, default)


async def write_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> int:
    """All of them, parents before children as they stand."""
    for row in rows:
        planned: Planned = row.data
        await insert(planned.form, planned.region, planned.above.ancestors, planned.above.id, made=planned.id)
    for above in {row.data.above.id for row in rows}:
        count = sum(1 for row in rows if row.data.above.id == above)
        await trail.record(actor, "organisation.imported", "organisation", above, {"count": count})
    return len(rows)


SHEET = Sheet(
    kind="registry.organisations", title=N_("工会组织"), fields=FIELDS, check=check_rows, write=write_rows,
    most_rows=5_000,
)  # fmt: skip
OrganisationImport = import_pages(
    SHEET, path="/registry/organisations/import", name="registry.organisations.import", policy=KEEP,
    done="/registry/organisations",
)  # fmt: skip
