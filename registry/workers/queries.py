"""Reads about workers, one function a screen; always within what the actor may see, always masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, gettext
from foundation.leads import Lead
from foundation.listing import Bind, Column, Filter, Found, Listing
from foundation.web.policy import Actor
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.nationalities import NATIONALITIES
from registry.codes.political_status import SHORT_NAMES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.organisations.queries import english, region_name, region_options
from registry.permissions import Permission
from registry.search_keys import is_broad, keys_for_query, sort_prefix
from registry.workers.schemas import Employment, Line, Picked, Transfer, Worker
from registry.workers.sealing import Numbers, unseal

SCOPE = "w.organisation IN (SELECT s.id FROM organisation s WHERE s.ancestors && {}::uuid[])"
LIVE = "w.merged_into IS NULL AND w.erased_at IS NULL"
UNIT = "coalesce(nullif(o.unit_name, ''), o.name)"


IN_ORDER = 'w.sort_key COLLATE "C"'
"""By pinyin, bytewise whatever the database's own collation: what the index ``worker_in_order`` serves."""
WALK = 4_000
LEAD = Lead(
    column=IN_ORDER, prefix=sort_prefix, broad=is_broad,
    walked=f"(SELECT * FROM worker w ORDER BY {IN_ORDER}, w.id LIMIT {WALK}) w",
)  # fmt: skip


def search(q: str, bind: Bind) -> str:
    """By name, 拼音 and initials; by the unit where enough was typed to mean one."""
    keys = bind(keys_for_query(q))
    found = f"w.search_keys @> {keys}::varchar[]"
    if len(q) >= (2 if not q.isascii() else 4):
        units = f"ARRAY(SELECT s.id FROM organisation s WHERE s.search_keys @> {keys}::varchar[])"
        return f"{found} OR w.organisation = ANY({units})"
    return found


def _options(table: Any) -> list[tuple[str, str]]:
    return table.options(english=english())


FLAGS: dict[str, str] = {
    "migrant": N_("农民工"),
    "woman": N_("女职工"),
    "minority": N_("少数民族"),
    "non_public": N_("非公企业职工"),
    "new_form": N_("新就业形态"),
    "foreign": N_("外籍"),
}
_YES_NO = {True: "是", False: "否"}

LIST = Listing(
    path="/registry/workers",
    select="w.id, w.name, w.id_number_sealed, w.phone_sealed, k.wrapped, w.organisation, w.region, w.job_category,"
    f" w.skill_level, w.post, w.left_at, {UNIT} AS unit, w.sex, w.born_on, w.nationality, w.ethnic_group, w.political_status,"
    " w.education, w.is_migrant, w.is_non_public, w.is_new_form, w.occupation, w.employed_on",
    source="worker w JOIN organisation o ON o.id = w.organisation LEFT JOIN subject_key k ON k.subject = w.id",
    count_source="worker w",
    key="w.id",
    search=search,
    columns=(
        Column(key="name", title=N_("姓名"), sort=IN_ORDER),
        Column(key="unit", title=N_("单位")),
        Column(key="region", title=N_("地区"), show=lambda row: region_name(row["region"])),
        Column(key="sex", title=N_("性别"), show=lambda row: SEXES.zh(row["sex"])),
        Column(key="nationality", title=N_("国籍"), show=lambda row: NATIONALITIES.zh(row["nationality"])),
        Column(key="ethnic_group", title=N_("民族"), show=lambda row: ETHNIC_GROUPS.zh(row["ethnic_group"])),
        Column(
            key="political_status", title=N_("政治面貌"),
            show=lambda row: SHORT_NAMES.get(row["political_status"]) or "",
        ),
        Column(key="education", title=N_("学历"), show=lambda row: EDUCATION_LEVELS.zh(row["education"])),
        Column(key="job_category", title=N_("人员类别"), sort="w.job_category", show=lambda row: JOB_CATEGORIES.zh(row["job_category"])),
        Column(key="skill_level", title=N_("技能等级"), show=lambda row: SKILL_LEVELS.zh(row["skill_level"])),
        Column(key="occupation", title=N_("职业")),
        Column(key="post", title=N_("岗位")),
        Column(key="is_migrant", title=N_("农民工"), show=lambda row: _YES_NO[row["is_migrant"]]),
        Column(key="is_non_public", title=N_("非公企业职工"), show=lambda row: _YES_NO[row["is_non_public"]]),
        Column(key="is_new_form", title=N_("新就业形态"), show=lambda row: _YES_NO[row["is_new_form"]]),
        Column(key="employed_on", title=N_("入职日期"), sort="w.employed_on"),
    ),
    filters=(
        Filter(key="region", title=N_("地区"), where="w.region = {}", options=region_options),
        Filter(key="category", title=N_("类别"), where="w.job_category = {}", options=lambda: _options(JOB_CATEGORIES)),
        Filter(key="skill", title=N_("等级"), where="w.skill_level = {}", options=lambda: _options(SKILL_LEVELS)),
        Filter(
            key="flag", title=N_("标识"), options=lambda: [(key, gettext(label)) for key, label in FLAGS.items()],
            conditions={
                "migrant": "w.is_migrant", "non_public": "w.is_non_public", "new_form": "w.is_new_form", "foreign": "w.nationality <> 'CHN'",
                "woman": "w.sex = '2'", "minority": "w.ethnic_group NOT IN ('', '01', '98')",
            },
        ),
        Filter(
            key="state", title=N_("状态"), default="here",
            options=lambda: [("here", gettext("在册")), ("left", gettext("已离职"))],
            conditions={"here": f"w.left_at IS NULL AND {LIVE}", "left": f"w.left_at IS NOT NULL AND {LIVE}"},
        ),
        Filter(
            key="unit", title=N_("单位"), convert=UUID,
            where="w.organisation IN (SELECT s.id FROM organisation s WHERE s.ancestors @> ARRAY[{}::uuid])",
        ),
    ),
    order=f"{IN_ORDER}, w.id",
    lead=LEAD,
)  # fmt: skip


def scope_of(actor: Actor) -> list[UUID]:
    """Within which organisations the actor sees workers."""
    return list(Permission.SEE_WORKERS.scope(actor))


def scope_sql(actor: Actor) -> tuple[str, Any]:
    """The scope as a condition with its value; none for whoever holds every root, since that is everybody."""
    scope = scope_of(actor)
    return ("", None) if actor.tops and actor.tops.issubset(scope) else (SCOPE, scope)


async def listed(actor: Actor, query: Mapping[str, Any]) -> Found:
    """A page of the list; personal numbers masked before they leave this function."""
    found = await LIST.fetch(LIST.ask(query), *scope_sql(actor))
    return Found(
        path=found.path, asked=found.asked, rows=[_line(row) for row in found.rows], total=found.total,
        capped=found.capped, filters=found.filters,
    )  # fmt: skip


def _line(row: Any) -> Line:
    numbers = numbers_of_row(row)
    return Line(
        id=row["id"], name=row["name"], id_masked=numbers.id_masked, phone_masked=numbers.phone_masked,
        unit=row["unit"], organisation=row["organisation"], region=row["region"], job_category=row["job_category"],
        skill_level=row["skill_level"], post=row["post"], left_at=row["left_at"],
    )  # fmt: skip


def numbers_of_row(row: Any) -> Numbers:
    """A row's numbers in the clear, to be masked or counted at once."""
    return unseal(row["id"], row["wrapped"], row["id_number_sealed"], row["phone_sealed"])


WORKER_SQL = f"""
SELECT w.*, k.wrapped, o.ancestors, {UNIT} AS unit
FROM worker w JOIN organisation o ON o.id = w.organisation LEFT JOIN subject_key k ON k.subject = w.id
WHERE w.id = $1 AND o.ancestors && $2::uuid[]
"""


async def row_for(actor: Actor, worker: UUID, permission: Permission, *, lock: bool = False) -> Any:
    """The raw row within the actor's scope of ``permission``, sealed; else ``NotFound``."""
    row = await fetchrow(WORKER_SQL + (" FOR UPDATE OF w" if lock else ""), worker, list(permission.scope(actor)))
    if row is None:
        raise NotFound
    return row


def worker_of(row: Any) -> Worker:
    """A raw row as the page may have it."""
    numbers = numbers_of_row(row)
    plain = {name: row[name] for name in Worker.__struct_fields__ if name not in ("id_masked", "phone_masked")}
    return Worker(**plain, id_masked=numbers.id_masked, phone_masked=numbers.phone_masked)


async def find_for(actor: Actor, worker: UUID, permission: Permission = Permission.SEE_WORKERS) -> Worker:
    """One worker, masked, within the actor's scope; else ``NotFound``."""
    return worker_of(await row_for(actor, worker, permission))


async def employments_of(worker: UUID) -> list[Employment]:
    """Where somebody was, the newest first."""
    rows = await fetch(
        f"SELECT e.id, e.organisation, {UNIT} AS unit, e.post, e.started_on, e.ended_on, e.reason FROM employment e"
        " JOIN organisation o ON o.id = e.organisation WHERE e.worker = $1"
        " ORDER BY e.ended_on DESC NULLS FIRST, e.started_on DESC NULLS LAST, e.id DESC",
        worker,
    )
    return [Employment(**dict(row)) for row in rows]


async def unmaskings_of(worker: UUID) -> list[Any]:
    """Who looked at the full numbers, the newest first: rows of (at, field, reason, name)."""
    return await fetch(
        "SELECT u.at, u.field, u.reason, coalesce(a.name, '') AS name FROM unmasking u"
        " LEFT JOIN account a ON a.id = u.account WHERE u.worker = $1 ORDER BY u.at DESC LIMIT 20",
        worker,
    )


PICK_SQL = f"""
SELECT w.id, w.name, {UNIT} AS unit, w.organisation, w.id_number_sealed, NULL::bytea AS phone_sealed, k.wrapped, w.sex,
       w.born_on, w.skill_level, w.occupation, w.job_category, w.post
FROM worker w JOIN organisation o ON o.id = w.organisation LEFT JOIN subject_key k ON k.subject = w.id
WHERE w.left_at IS NULL AND {LIVE} AND o.ancestors && $1::uuid[]
"""


def _picked(row: Any) -> Picked:
    plain = {name: row[name] for name in Picked.__struct_fields__ if name != "id_masked"}
    return Picked(**plain, id_masked=numbers_of_row(row).id_masked)


async def pick_workers(actor: Actor, q: str, organisation: UUID | None = None, *, limit: int = 20) -> list[Picked]:
    """Present workers whose name fits ``q`` (name, 拼音, initials), within the actor's scope and, where given, within
    ``organisation`` and all below it. At most ``limit`` (≤ 50), by name; those first whose name begins with ``q``."""
    sql, values, most = PICK_SQL, list[Any]([scope_of(actor)]), min(int(limit), 50)
    order = f"{IN_ORDER}, w.id"

    def bind(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    if organisation is not None:
        sql += f" AND o.ancestors && {bind([organisation])}::uuid[]"
    if q := q.strip()[:100]:
        if begins := LEAD.begins(q, bind):
            rows = await fetch(f"{sql} AND {begins} ORDER BY {order} LIMIT {most}", *values)
            if len(rows) == most:
                return [_picked(row) for row in rows]
            order = f"{begins} DESC, {order}"
        sql += f" AND w.search_keys @> {bind(keys_for_query(q))}::varchar[]"
    return [_picked(row) for row in await fetch(f"{sql} ORDER BY {order} LIMIT {most}", *values)]


async def workers_by_id(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Picked]:
    """Several present workers at once, those that the actor may see; others are absent."""
    rows = await fetch(f"{PICK_SQL} AND w.id = ANY($2::uuid[])", scope_of(actor), list(ids))
    return {row["id"]: _picked(row) for row in rows}


async def likely_duplicates(actor: Actor, worker: Worker) -> list[Picked]:
    """People of the same name and birthday within the actor's scope."""
    rows = await fetch(
        f"{PICK_SQL.replace('w.left_at IS NULL AND', '')} AND w.name = $2 AND w.born_on = $3 AND w.id <> $4 LIMIT 20",
        list(Permission.KEEP_WORKERS.scope(actor)), worker.name, worker.born_on, worker.id,
    )  # fmt: skip
    return [_picked(row) for row in rows]


TRANSFER_SQL = """
SELECT t.id, t.worker, w.name AS worker_name, t.from_organisation, t.to_organisation, t.post, t.reason, t.decision,
       t.decision_reason, t.asked_at, t.decided_at, coalesce(nullif(f.unit_name, ''), f.name) AS from_unit,
       coalesce(nullif(g.unit_name, ''), g.name) AS to_unit
FROM transfer t JOIN worker w ON w.id = t.worker JOIN organisation f ON f.id = t.from_organisation
JOIN organisation g ON g.id = t.to_organisation
"""


async def transfers_for(actor: Actor, *, waiting: bool = False) -> list[tuple[Transfer, bool, bool]]:
    """Requests to and from the actor's units, the open ones first: (request, may decide, may withdraw).

    ``waiting`` keeps what waits for this actor's decision.
    """
    rows = await fetch(
        "SELECT * FROM (SELECT t.*, f.ancestors && $1::uuid[] AS ours, g.ancestors && $1::uuid[] AS asked_by_us"
        f" FROM ({TRANSFER_SQL}) t JOIN organisation f ON f.id = t.from_organisation"
        " JOIN organisation g ON g.id = t.to_organisation) t WHERE (ours OR asked_by_us)"
        + (" AND ours AND NOT asked_by_us AND decision = ''" if waiting else "")
        + " ORDER BY decided_at IS NOT NULL, asked_at DESC LIMIT 100",
        list(Permission.KEEP_WORKERS.scope(actor)),
    )
    return [
        (Transfer(**{name: row[name] for name in Transfer.__struct_fields__}), row["ours"], row["asked_by_us"])
        for row in rows
    ]
