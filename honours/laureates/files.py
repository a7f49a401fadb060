"""劳模档案: opened from the ledger, kept by officers (H73, H74). Standing, honours and treatment are derived, never kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from foundation import clock, crypto, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Stale
from foundation.i18n import N_, gettext
from foundation.jobs import tick
from foundation.listing import Column, Filter, Found, Listing
from foundation.web.policy import Actor
from honours.catalogue.rules import TREATMENTS
from honours.laureates import rules
from honours.laureates.schemas import CareForm, ChangeForm, HealthForm
from honours.permissions import Permission
from honours.rolls.public import _counties
from registry.codes import regions
from registry.search_keys import keys_for_name, keys_for_query, sort_key
from registry.workers.sealing import unseal

HEALTH = "laureate.health"
QUALIFIES = (
    "e.kind = 'person' AND h.family IN ('model_worker', 'may1_medal') AND h.level IN ('city', 'province', 'national')"
)
"""Which honours open a file and count for treatment (H4, H73)."""
HOLDS = (
    "(e.worker = l.worker OR (l.worker IS NULL AND e.worker IS NULL AND l.holder = e.name || E'\\n' || e.unit_name))"
)
VALID = f"EXISTS (SELECT 1 FROM roll_entry e JOIN honour h ON h.id = e.honour WHERE {HOLDS} AND {QUALIFIES} AND e.revoked_at IS NULL)"
REACH = """
EXISTS (SELECT 1 FROM organisation s WHERE s.id = ANY({}::uuid[]) AND (s.kind = 'city'
  OR (s.kind = 'county' AND s.region = coalesce(o.region, l.region)) OR s.id = ANY(coalesce(o.ancestors, '{{}}'))))
"""
SOURCE = "laureate l LEFT JOIN worker w ON w.id = l.worker LEFT JOIN organisation o ON o.id = w.organisation"
STANDING = """
coalesce((SELECT CASE c.kind WHEN 'returned' THEN 'working' ELSE c.kind END FROM laureate_change c
  WHERE c.laureate = l.id AND c.kind <> 'work' ORDER BY c.kind = 'deceased' DESC, c.happened_on DESC, c.id DESC LIMIT 1), 'working')
"""
TREATMENT = f"""
coalesce((SELECT h.treatment FROM roll_entry e JOIN honour h ON h.id = e.honour
  WHERE {HOLDS} AND {QUALIFIES} AND e.revoked_at IS NULL
  ORDER BY array_position(ARRAY['national_model', 'province_model', 'city_model', ''], h.treatment::text) LIMIT 1), '')
"""
NAME = "coalesce(nullif(w.name, ''), l.name)"
UNIT = "coalesce(nullif(o.unit_name, ''), o.name, l.unit_name)"


def _last(kind: str) -> str:
    return f"(SELECT max(c.happened_on) FROM laureate_care c WHERE c.laureate = l.id AND c.kind = '{kind}')"


TODAY = f"({NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::date"
LIVING = f"{STANDING} NOT IN ('deceased', 'moved') AND {VALID}"
DUE = {
    "visit": f"{LIVING} AND coalesce({_last('visit')} < date_trunc('year', {TODAY}), true)",
    "checkup": f"{LIVING} AND coalesce({_last('checkup')} < {TODAY} - interval '12 months', true)",
}
DUE_WORDS = {"visit": N_("今年未慰问"), "checkup": N_("一年内未体检")}

LIST = Listing(
    path="/honours/laureates",
    select=f"l.id, {NAME} AS name, {UNIT} AS unit, coalesce(o.region, l.region) AS region, {STANDING} AS standing,"
    f" {TREATMENT} AS treatment, {VALID} AS valid, {_last('visit')} AS visited, {_last('checkup')} AS checked, {_last('trip')} AS trip",
    source=SOURCE,
    search=lambda q, bind: (
        f"(l.search_keys @> {bind(keys_for_query(q))}::varchar[] OR w.search_keys @> {bind(keys_for_query(q))}::varchar[]"
        f" OR strpos({UNIT}, {bind(q)}) > 0)"
    ),
    columns=(
        Column(key="name", title=N_("姓名"), sort='l.sort_key COLLATE "C"'),
        Column(key="unit", title=N_("单位")),
        Column(key="region", title=N_("县市区"), sort="coalesce(o.region, l.region)", show=lambda row: county(row["region"])),
        Column(key="treatment", title=N_("待遇"), show=lambda row: gettext(TREATMENTS[row["treatment"]])),
        Column(key="standing", title=N_("状态"), show=lambda row: gettext(rules.STANDINGS[row["standing"]])),
        Column(key="visited", title=N_("慰问"), sort=_last("visit")),
        Column(key="checked", title=N_("体检"), sort=_last("checkup")),
        Column(key="trip", title=N_("疗休养"), sort=_last("trip")),
    ),
    filters=(
        Filter(
            key="county", title=N_("县市区"), options=_counties,
            conditions={
                **{code: f"coalesce(o.region, l.region) = '{code}'" for code in regions.COUNTIES},
                "city": "coalesce(o.region, l.region) NOT IN (" + ", ".join(f"'{c}'" for c in regions.COUNTIES) + ")",
            },
        ),
        Filter(
            key="treatment", title=N_("待遇"), where=f"{TREATMENT} = {{}}",
            options=lambda: [(code, gettext(text)) for code, text in TREATMENTS.items() if code],
        ),
        Filter(
            key="standing", title=N_("状态"), where=f"{STANDING} = {{}}",
            options=lambda: [(code, gettext(text)) for code, text in rules.STANDINGS.items()],
        ),
        Filter(key="due", title=N_("待办"), conditions=DUE, options=lambda: [(k, gettext(t)) for k, t in DUE_WORDS.items()]),
    ),
    order='l.sort_key COLLATE "C", l.id',
)  # fmt: skip


def county(code: str) -> str:
    """A county's name, else 市直."""
    return dict(_counties()).get(code, gettext("市直"))


def scope(actor: Actor) -> list[UUID]:
    return list(Permission.KEEP_LAUREATES.scope(actor))


async def listed(actor: Actor, query: Mapping[str, Any]) -> Found:
    """A page of the files within reach."""
    return await LIST.fetch(LIST.ask(query), REACH, scope(actor))


async def row_for(actor: Actor, laureate: UUID, *, lock: bool = False) -> Any:
    """One file within reach, sealed parts still sealed; else ``NotFound``."""
    row = await fetchrow(
        f"SELECT l.*, {NAME} AS shown_name, {UNIT} AS unit, coalesce(o.region, l.region) AS home, {STANDING} AS standing,"
        f" {TREATMENT} AS treatment, {VALID} AS valid, w.phone_sealed, w.id_number_sealed, k.wrapped, w.post FROM {SOURCE}"
        " LEFT JOIN subject_key k ON k.subject = w.id"
        f" WHERE l.id = $1 AND {REACH.format('$2')}" + (" FOR UPDATE OF l" if lock else ""),
        laureate, scope(actor),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def beside(row: Any) -> dict[str, Any]:
    """Honours from the ledger, changes, care, payments, and the telephone number masked."""
    honours = await fetch(
        f"SELECT e.id, h.title, h.level, e.conferred_on, e.document_number, e.revoked_on, e.revoked_at FROM laureate l"
        f" JOIN roll_entry e ON {HOLDS} JOIN honour h ON h.id = e.honour WHERE l.id = $1 ORDER BY e.conferred_on DESC",
        row["id"],
    )
    history = "SELECT kind, happened_on, note FROM {} WHERE laureate = $1 ORDER BY happened_on DESC, id DESC LIMIT 200"
    numbers = (
        unseal(row["worker"], row["wrapped"], row["id_number_sealed"], row["phone_sealed"]) if row["worker"] else None
    )
    return {
        "honours": honours,
        "changes": await fetch(history.format("laureate_change"), row["id"]),
        "cares": await fetch(history.format("laureate_care"), row["id"]),
        "payments": await fetch(
            "SELECT month, amount FROM allowance_payment WHERE laureate = $1 ORDER BY month DESC LIMIT 24", row["id"]
        ),
        "phone": numbers.phone_masked if numbers else "",
    }


async def open_files(actor: Actor | None = None) -> int:
    """Open a file for whoever holds a valid honour of the kinds and has none (H74); idempotent. Returns how many."""
    async with transaction():
        rows = await fetch(
            "SELECT DISTINCT ON (e.worker, CASE WHEN e.worker IS NULL THEN e.name || E'\\n' || e.unit_name END)"
            " e.worker, e.name, e.unit_name, e.region FROM roll_entry e JOIN honour h ON h.id = e.honour"
            f" WHERE {QUALIFIES} AND e.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM laureate l WHERE {HOLDS})"
            " ORDER BY e.worker, CASE WHEN e.worker IS NULL THEN e.name || E'\\n' || e.unit_name END, e.conferred_on DESC LIMIT 5000"
        )
        made = 0
        for row in rows:
            outside = None if row["worker"] else f"{row['name']}\n{row['unit_name']}"
            made += len(
                await fetch(
                    "INSERT INTO laureate (id, worker, holder, name, unit_name, region, search_keys, sort_key, version, made_at)"
                    f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, {NOW_SQL}) ON CONFLICT DO NOTHING RETURNING id",
                    new_id(), row["worker"], outside, row["name"], row["unit_name"], row["region"],
                    keys_for_name(row["name"]), sort_key(row["name"])[:300],
                )
            )  # fmt: skip
        if made:
            await trail.record(actor, "laureates.opened", "laureates", None, {"count": made})
        return made


@tick
async def open_new_files() -> None:
    """Whoever was honoured since gets a file by itself."""
    await open_files()


async def add_change(actor: Actor, laureate: UUID, form: ChangeForm) -> None:
    """Add a change of a life (H74). Refuses a day ahead, and anything after a death was told."""
    async with transaction():
        row = await row_for(actor, laureate, lock=True)
        rules.require_day(form.happened_on, await clock.today())
        if row["standing"] == "deceased":
            raise Refusal("laureate_deceased", "已登记去世，不再登记变动", field="kind", rule="H74")
        await _append(actor, "laureate_change", laureate, form)
        await trail.record(actor, "laureate.changed", "laureate", laureate, {"kind": form.kind})


async def add_care(actor: Actor, laureate: UUID, form: CareForm) -> None:
    """Write down a visit, check-up, trip, help or lecture (H73). Refuses a day ahead and holders without a valid honour (H76)."""
    async with transaction():
        row = await row_for(actor, laureate, lock=True)
        rules.require_day(form.happened_on, await clock.today())
        if not row["valid"]:
            raise Refusal("treatment_stopped", "没有有效荣誉，待遇已停止", field="kind", rule="H76")
        await _append(actor, "laureate_care", laureate, form)
        await trail.record(actor, "laureate.cared", "laureate", laureate, {"kind": form.kind})


async def _append(actor: Actor, table: str, laureate: UUID, form: ChangeForm | CareForm) -> None:
    await fetch(
        f"INSERT INTO {table} (id, laureate, kind, happened_on, note, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
        new_id(), laureate, form.kind, form.happened_on, form.note, actor.account,
    )  # fmt: skip


async def save_health(actor: Actor, laureate: UUID, form: HealthForm) -> None:
    """Seal a note on somebody's health under the person's key. Raises ``Stale``."""
    async with transaction():
        row = await row_for(actor, laureate, lock=True)
        if row["version"] != form.version:
            raise Stale("laureate_changed", "档案刚刚被他人修改，请刷新后再改", current=row["version"])
        if row["worker"]:
            sealed = crypto.seal(await crypto.subject_key(row["worker"]), form.health, label=HEALTH)
        else:
            sealed = crypto.seal_secret(form.health, label=HEALTH)
        await fetch("UPDATE laureate SET health_sealed = $2, version = version + 1 WHERE id = $1", laureate, sealed)
        await trail.record(actor, "laureate.health_noted", "laureate", laureate, {})


async def read_health(actor: Actor, laureate: UUID, reason: str) -> str:
    """The note in the clear, for a reason that stays in the trail (SECURITY 11); "" where there is none or the key is gone."""
    async with transaction():
        row = await row_for(actor, laureate)
        await trail.record(actor, "laureate.health_read", "laureate", laureate, {"reason": reason})
    if row["health_sealed"] is None:
        return ""
    try:
        if row["worker"] is None:
            return crypto.unseal_secret(row["health_sealed"], label=HEALTH)
        return crypto.unseal(await crypto.subject_key(row["worker"]), row["health_sealed"], label=HEALTH)
    except (InvalidTag, LookupError):
        return ""
