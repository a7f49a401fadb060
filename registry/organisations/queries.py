"""Reads about organisations, one function a screen; always within what the actor may see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, current_locale, gettext
from foundation.listing import Bind, Column, Filter, Listing
from foundation.web.policy import Actor
from registry.codes import regions
from registry.codes.industries import INDUSTRIES
from registry.codes.unit_types import UNIT_TYPES
from registry.organisations.rules import KINDS, UNION_STATES
from registry.organisations.schemas import Above, Choice, Counts, Deed, Node, Organisation
from registry.permissions import Permission
from registry.search_keys import keys_for_query

COLUMNS = ", ".join(f"o.{name}" for name in Organisation.__struct_fields__)
SCOPE = "o.ancestors && {}::uuid[]"
LIVE = "o.merged_into IS NULL"
HISTORY = 30


def english() -> bool:
    return current_locale.get() == "en"


def region_name(code: str) -> str:
    """A region in the reader's language."""
    return regions.name_en(code) if english() else regions.name_of(code)


def region_options() -> list[tuple[str, str]]:
    """The counties, then what belongs to the city itself and the development zone."""
    return [(code, region_name(code)) for code in (*regions.COUNTIES, "341871", regions.CITY)]


def kind_options() -> list[tuple[str, str]]:
    return [(kind, gettext(label)) for kind, label in KINDS.items()]


def union_options() -> list[tuple[str, str]]:
    return [(state, gettext(label)) for state, label in UNION_STATES.items()]


def search(q: str, bind: Bind) -> str:
    """By name, 拼音 and initials through the keys; by the beginning of either code."""
    found = f"o.search_keys @> {bind(keys_for_query(q))}::varchar[]"
    code = re.sub(r"\s", "", q).upper()
    if re.fullmatch(r"[0-9A-Z]{6,18}", code):
        place = bind(code + "%")
        return f"{found} OR o.union_code LIKE {place} OR o.unit_code LIKE {place}"
    return found


LIST = Listing(
    path="/registry/organisations",
    select="o.id, o.name, o.kind, o.region, o.union_code, o.union_state, o.unit_name, o.unit_code, o.unit_type, o.industry,"
    " o.member_count, o.contact_name, o.contact_phone, o.closed_at, u.name AS above",
    source="organisation o LEFT JOIN organisation u ON u.id = o.parent",
    count_source="organisation o",
    search=search,
    columns=(
        Column(key="name", title=N_("组织名称"), sort="o.sort_key"),
        Column(
            key="kind", title=N_("类别"), sort="o.kind", show=lambda r: gettext(KINDS[r["kind"]])
        ),
        Column(key="region", title=N_("地区"), sort="o.region", show=lambda r: region_name(r["region"])),
        Column(key="above", title=N_("上级工会")),
        Column(key="unit_name", title=N_("所在单位")),
        Column(key="union_code", title=N_("工会信用代码")),
        Column(
            key="union_state", title=N_("建会情况"), show=lambda r: gettext(UNION_STATES[r["union_state"]])
        ),
        Column(key="unit_code", title=N_("单位信用代码")),
        Column(key="unit_type", title=N_("单位性质"), show=lambda r: UNIT_TYPES.zh(r["unit_type"])),
        Column(key="industry", title=N_("行业"), show=lambda r: INDUSTRIES.zh(r["industry"])),
        Column(key="member_count", title=N_("会员数"), sort="o.member_count", number=True),
        Column(key="contact_name", title=N_("联系人")),
        Column(key="contact_phone", title=N_("联系电话")),
    ),
    filters=(
        Filter(key="region", title=N_("地区"), where="o.region = {}", options=region_options),
        Filter(key="kind", title=N_("类别"), where="o.kind = {}", options=kind_options),
        Filter(
            key="type", title=N_("单位性质"), where="o.unit_type = {}",
            options=lambda: UNIT_TYPES.options(english=english()),
        ),
        Filter(key="union", title=N_("建会情况"), where="o.union_state = {}", options=union_options),
        Filter(
            key="state", title=N_("状态"), default="open", options=lambda: [("open", gettext("在册")), ("closed", gettext("已关闭"))],
            conditions={"open": f"o.closed_at IS NULL AND {LIVE}", "closed": f"o.closed_at IS NOT NULL AND {LIVE}"},
        ),
        Filter(key="under", title=N_("上级"), where="o.ancestors @> ARRAY[{}::uuid]", convert=UUID),
    ),
    order="o.sort_key, o.id",
)  # fmt: skip


async def find_for(actor: Actor, organisation: UUID, permission: Permission, *, lock: bool = False) -> Organisation:
    """One organisation within the actor's scope of ``permission``; else ``NotFound``."""
    row = await fetchrow(
        f"SELECT {COLUMNS} FROM organisation o WHERE o.id = $1 AND {SCOPE.format('$2')}" + (" FOR UPDATE" if lock else ""),
        organisation, list(permission.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return Organisation(**dict(row))


async def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of several organisations, for pages that hold their ids."""
    rows = await fetch("SELECT id, name FROM organisation WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["name"] for row in rows}


async def path_of(ancestors: list[UUID]) -> list[Above]:
    """From the root down to the organisation itself."""
    rows = await fetch(
        "SELECT o.id, o.name, o.kind FROM unnest($1::uuid[]) WITH ORDINALITY AS a(id, place)"
        " JOIN organisation o ON o.id = a.id ORDER BY a.place",
        ancestors,
    )
    return [Above(**dict(row)) for row in rows]


async def counts_of(organisation: UUID) -> Counts:
    """What hangs on it: children, all below, workers now, accounts that can sign in."""
    row = await fetchrow(
        "SELECT (SELECT count(*) FROM organisation WHERE parent = $1 AND closed_at IS NULL) AS children,"
        " (SELECT count(*) - 1 FROM organisation WHERE ancestors @> ARRAY[$1::uuid] AND closed_at IS NULL) AS below,"
        " (SELECT count(*) FROM worker WHERE organisation = $1 AND left_at IS NULL) AS workers,"
        " (SELECT count(*) FROM account WHERE organisation = $1 AND closed_at IS NULL) AS accounts",
        organisation,
    )
    assert row is not None
    return Counts(**dict(row))


async def history_of(organisation: UUID) -> list[Deed]:
    """The newest deeds, from the trail (which holds no names)."""
    rows = await fetch(
        f"SELECT at, action, body FROM trail_entry WHERE subject = $1 ORDER BY id DESC LIMIT {HISTORY}", organisation
    )
    return [Deed(at=row["at"], action=row["action"], facts=msgspec.json.decode(row["body"])) for row in rows]


NODE_SQL = """
SELECT o.id, o.name, o.kind, o.region, o.member_count,
       (SELECT count(*) FROM organisation c WHERE c.parent = o.id AND c.closed_at IS NULL) AS children
FROM organisation o WHERE o.closed_at IS NULL AND {where}
ORDER BY array_position(ARRAY['city', 'county', 'industry', 'town', 'grassroots']::varchar[], o.kind), o.region, o.sort_key
LIMIT 500
"""


async def roots_for(actor: Actor) -> list[Node]:
    """Where the actor's tree begins: the organisations of the scope itself."""
    rows = await fetch(NODE_SQL.format(where="o.id = ANY($1::uuid[])"), list(Permission.SEE_ORGANISATIONS.scope(actor)))
    return [Node(**dict(row)) for row in rows]


async def children_for(actor: Actor, parent: UUID) -> list[Node]:
    """What stands directly below, at most 500 (the list has the rest); ``NotFound`` outside the scope."""
    await find_for(actor, parent, Permission.SEE_ORGANISATIONS)
    rows = await fetch(NODE_SQL.format(where="o.parent = $1"), parent)
    return [Node(**dict(row)) for row in rows]


async def pick(actor: Actor, q: str, permission: Permission, *, above: str = "", limit: int = 20) -> list[Choice]:
    """Organisations for a picker, by name or code, within the scope; ``above`` keeps those that a kind may stand under."""
    from registry.organisations.rules import ABOVE

    values: list[Any] = [list(permission.scope(actor))]

    def bind(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    where = [SCOPE.format("$1"), "o.closed_at IS NULL", LIVE]
    if q.strip():
        where.append(f"({search(q[:100], bind)})")
    if above in ABOVE:
        where.append(f"o.kind = ANY({bind(sorted(ABOVE[above]))}::varchar[])")
    rows = await fetch(
        "SELECT o.id, o.name, o.kind, o.region, coalesce(u.name, '') AS path FROM organisation o"
        f" LEFT JOIN organisation u ON u.id = o.parent WHERE {' AND '.join(where)} ORDER BY o.sort_key LIMIT {int(limit)}",
        *values,
    )  # fmt: skip
    return [Choice(**dict(row)) for row in rows]
