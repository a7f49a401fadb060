"""发起推荐 (H1, H12, H16): from a worker, a unit or a team of the registry, prefilled with what the registry knows (H63)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal
from foundation.i18n import N_
from foundation.web.policy import Actor
from honours.cycles.schemas import FLAGS
from honours.nominations.facts import ENDED
from honours.nominations.identities import flags_of, unit_class_of
from honours.nominations.schemas import Basic, Dossier, History, Identity, Record, StartForm
from honours.permissions import Permission
from registry.search_keys import keys_for_name, keys_for_organisation, organisation_sort_key, sort_key
from registry.workers.queries import employments_of

AWARD_SQL = """
SELECT a.id, a.cycle, h.kind, c.stage, c.organisation, c.unit_due_at FROM cycle_award a
JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle
JOIN organisation s ON s.id = ANY($2::uuid[]) AND c.organisation = ANY(s.ancestors)
WHERE a.id = $1 AND c.stage <> 'draft' LIMIT 1
"""
WORKER_SQL = """
SELECT w.*, o.id AS unit FROM worker w JOIN organisation o ON o.id = w.organisation
WHERE w.id = $1 AND o.ancestors && $2::uuid[] AND w.left_at IS NULL AND w.merged_into IS NULL AND w.erased_at IS NULL
"""
UNIT_SQL = """
SELECT o.*, coalesce(nullif(o.unit_name, ''), o.name) AS employer FROM organisation o
WHERE o.id = $1 AND o.ancestors && $2::uuid[] AND o.closed_at IS NULL AND o.merged_into IS NULL
"""
GATE_SQL = """
SELECT o.id FROM unnest($1::uuid[]) WITH ORDINALITY AS a(id, place) JOIN organisation o ON o.id = a.id
WHERE o.kind IN ('county', 'industry') AND o.id <> $2 ORDER BY a.place DESC LIMIT 1
"""
ONCE = frozenset({"nomination_one_person", "nomination_one_unit", "nomination_one_team"})


async def start_nomination(actor: Actor, form: StartForm) -> UUID:
    """Begin a draft for the contact's unit. One nominee stands once for an award (the database sees to it).

    Raises ``NotFound`` for an award, a worker or a unit outside the actor's scope, Refusals: ``cycle_not_open`` (H35),
    ``nominee_kind`` (H1), ``team_name_missing``, ``nominee_already`` (H12).
    """
    async with transaction():
        scope = list(Permission.NOMINATE.scope(actor))
        award = await fetchrow(AWARD_SQL, form.award, scope)
        if award is None:
            raise NotFound
        if award["stage"] != "open":
            raise Refusal("cycle_not_open", "这个评选周期现在不接收申报", field="award", rule="H35")
        _require_kind(award["kind"], form)
        worker = await fetchrow(WORKER_SQL, form.worker, scope) if form.worker else None
        unit = await fetchrow(UNIT_SQL, worker["unit"] if worker else form.unit, scope)
        if unit is None or (form.worker and worker is None):
            raise NotFound
        made = await _insert(actor, award, worker, unit, form)
        await trail.record(
            actor, "nomination.started", "nomination", made, {"award": str(form.award), "kind": award["kind"]}
        )
        return made


def _require_kind(kind: str, form: StartForm) -> None:
    if (kind == "person") != (form.worker is not None):
        message = N_("这个奖项授予个人，请选择职工") if kind == "person" else N_("这个奖项授予单位或集体，不授予个人")
        raise Refusal("nominee_kind", message, field="worker", rule="H1")
    if kind != "person" and form.unit is None:
        raise Refusal("unit_missing", "请选择单位", field="unit", rule="H1")
    if kind == "team" and not form.team.strip():
        raise Refusal("team_name_missing", "工人先锋号授予班组、车间、科室，请填集体名称", field="team", rule="H1")


async def _insert(actor: Actor, award: Any, worker: Any, unit: Any, form: StartForm) -> UUID:
    made, kind = new_id(), award["kind"]
    place = await _next_place(award["id"], unit["id"], form.role)
    dossier = await _prefilled(kind, worker, unit, form, place)
    name = worker["name"] if worker else unit["employer"] + (form.team.strip() if kind == "team" else "")
    gate = await fetchval(GATE_SQL, list(unit["ancestors"]), unit["id"]) or award["organisation"]
    keys = keys_for_name(name) if worker else keys_for_organisation(name)
    try:
        async with transaction():  # a savepoint: the refusal below may still ask
            await fetch(
                "INSERT INTO nomination (id, cycle, award, organisation, first_gate, kind, worker, unit, name, unit_name, post,"
                " category, flags, unit_class, role, place, listing, listing_reason, posthumous, stage, dossier,"
                " override_reason, search_keys, sort_key, version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
                " $10, $11, $12, $13, $14, $15, $16, 'regular', '', false, 'draft', $17::jsonb, '', $18, $19, 1, $20, $21)",
                made, award["cycle"], award["id"], unit["id"], gate, kind, form.worker,
                None if worker else unit["id"], name[:200], unit["employer"], dossier.basic.post,
                dossier.identity.category, flags_of(kind, worker, unit["unit_type"], dossier.identity.declared),
                dossier.identity.unit_class, form.role, place, msgspec.json.encode(dossier).decode(), keys,
                sort_key(name) if worker else organisation_sort_key(name)[:300], actor.account, await clock.now(),
            )  # fmt: skip
    except asyncpg.UniqueViolationError as twice:
        if getattr(twice, "constraint_name", "") not in ONCE:
            raise
        raise Refusal(
            "nominee_already", "“{name}”已在本奖项的推荐名单中，同一对象只推荐一次", field="worker" if worker else "unit",
            rule="H12", name=name,
        ) from None  # fmt: skip
    return made


async def _next_place(award: UUID, unit: UUID, role: str) -> int:
    return await fetchval(
        "SELECT coalesce(max(place), 0) + 1 FROM nomination WHERE award = $1 AND organisation = $2 AND role = $3"
        " AND stage <> ALL($4::varchar[])",
        award, unit, role, list(ENDED),
    )  # fmt: skip


async def _prefilled(kind: str, worker: Any, unit: Any, form: StartForm, place: int) -> Dossier:
    """What the registry knows, as the form's first words; all of it may be corrected."""
    identity = Identity(
        category=worker["job_category"] if worker else "", evidence=worker["evidence"] if worker else "",
        unit_class=unit_class_of(unit["unit_type"]), role=form.role, place=str(place),
        declared=tuple(flag for flag in ("state_owned",) if unit["unit_type"] == "110" and flag in FLAGS and kind == "person"),
    )  # fmt: skip
    if worker is None:
        members = str(unit["member_count"]) if kind == "unit" and unit["member_count"] else ""
        return Dossier(basic=Basic(address=unit["address"][:200], members=members), identity=identity)
    joined = f"{worker['employed_on']:%Y-%m}" if worker["employed_on"] else ""
    basic = Basic(
        ethnic_group=worker["ethnic_group"], political_status=worker["political_status"], education=worker["education"],
        joined_work=joined, post=worker["post"], skill_level=worker["skill_level"], address=unit["address"][:200],
    )  # fmt: skip
    return Dossier(
        basic=basic, identity=identity, history=History(resume=await _resume(worker["id"])), record=Record(sanctions="")
    )


async def _resume(worker: UUID) -> str:
    """One line for each employment, the oldest first, as the form writes it."""
    lines = []
    for one in reversed(await employments_of(worker)):
        begun = f"{one.started_on:%Y.%m}" if one.started_on else "……"
        ended = f"{one.ended_on:%Y.%m}" if one.ended_on else "至今"
        lines.append(f"{begun}—{ended}　{one.unit}　{one.post}".rstrip("　"))
    return "\n".join(lines)[:3000]
