"""Make, change, move, close and merge organisations: one verb, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Stale
from foundation.outbox import emit
from foundation.web.policy import Actor
from registry.codes import regions
from registry.organisations import queries, rules
from registry.organisations.schemas import MergeForm, MoveForm, Organisation, OrganisationForm, ReasonForm
from registry.permissions import Permission
from registry.references import repoint
from registry.search_keys import keys_for_organisation, organisation_sort_key

KEEP = Permission.KEEP_ORGANISATIONS
PLAIN = ("name", "short_name", "unit_name", "union_state", "unit_type", "industry", "member_count", "contact_name", "contact_phone", "address")  # fmt: skip


def search_keys(name: str, short_name: str, unit_name: str) -> list[str]:
    """What an organisation is found by: its own name, the short one and the employer's."""
    return sorted({key for text in (name, short_name, unit_name) if text for key in keys_for_organisation(text)})


def columns_of(form: OrganisationForm, region: str) -> dict[str, Any]:
    """The row's values that a form decides."""
    values: dict[str, Any] = {name: getattr(form, name) for name in PLAIN}
    values["union_code"] = rules.union_code_of(form.union_code)
    values["unit_code"] = rules.unit_code_of(form.unit_code)
    values["region"] = region
    values["search_keys"] = search_keys(form.name, form.short_name, form.unit_name)
    values["sort_key"] = organisation_sort_key(form.name)
    return values


async def _parent_for(actor: Actor, parent: UUID | None) -> Organisation:
    """The organisation above, within the actor's scope and open; refuses beside ``parent``."""
    if parent is None:
        raise Refusal("parent_missing", "请选择上级工会", field="parent", rule="I6")
    try:
        above = await queries.find_for(actor, parent, KEEP, lock=True)
    except NotFound:
        raise Refusal("parent_unknown", "没有这个上级工会", field="parent", rule="I6") from None
    if above.closed_at is not None or above.merged_into is not None:
        raise Refusal("parent_closed", "上级工会已关闭", field="parent", rule="I6")
    return above


def _code_taken(violation: asyncpg.UniqueViolationError) -> Refusal:
    if "union_code" in str(violation):
        return Refusal("union_code_taken", "这个工会信用代码已登记在另一组织名下", field="union_code", rule="I3")
    return Refusal("already_there", "已有同样的记录")


async def create_organisation(actor: Actor, form: OrganisationForm) -> UUID:
    """Register an organisation under one of the actor's. Raises Refusals: codes (I2, I3), place (I6), region (I4)."""
    rules.check(form)
    async with transaction():
        above = await _parent_for(actor, form.parent)
        rules.require_place(form.kind, above.kind)
        region = rules.region_under(form.region, "" if above.region == regions.CITY else above.region)
        made = await insert(form, region, above.ancestors, above.id)
        await trail.record(actor, "organisation.created", "organisation", made, {"kind": form.kind, "region": region})
        return made


async def insert(
    form: OrganisationForm, region: str, above: Sequence[UUID], parent: UUID, *, made: UUID | None = None
) -> UUID:
    """The bare row; the caller has checked and holds the parent. Raises ``Refusal`` ``union_code_taken``."""
    made = made or new_id()
    values = {**columns_of(form, region), "id": made, "kind": form.kind, "parent": parent, "ancestors": [*above, made]}
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    try:
        async with transaction():
            await fetch(
                f"INSERT INTO organisation ({', '.join(values)}, version, made_at) VALUES ({places}, 1, {NOW_SQL})",
                *values.values(),
            )
    except asyncpg.UniqueViolationError as taken:
        raise _code_taken(taken) from None
    return made


async def edit_organisation(actor: Actor, organisation: UUID, form: OrganisationForm) -> None:
    """Change what is on the form (its place in the tree moves by its own act). Raises ``Stale`` for an older version."""
    rules.check(form)
    async with transaction():
        old = await _locked(actor, organisation, form.version)
        above = await queries.path_of(old.ancestors[-2:-1])
        rules.require_place(form.kind, above[0].kind if above else None)
        if form.kind != old.kind and (await queries.counts_of(organisation)).children:
            raise Conflict("kind_with_children", "有下级组织时不能改变类别", field="kind", rule="I6")
        region = rules.region_under(form.region, await _county_of(old.parent))
        values = {**columns_of(form, region), "kind": form.kind}
        changed = sorted(
            name for name in values if name in old.__struct_fields__ and values[name] != getattr(old, name)
        )
        places = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
        try:
            async with transaction():
                await fetch(
                    f"UPDATE organisation SET {places}, version = version + 1 WHERE id = $1",
                    organisation, *values.values(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError as taken:
            raise _code_taken(taken) from None
        if region != old.region:
            await _set_region(organisation, region)
        await trail.record(actor, "organisation.edited", "organisation", organisation, {"changed": changed})


async def _county_of(parent: UUID | None) -> str:
    region = await fetchval("SELECT region FROM organisation WHERE id = $1", parent) if parent else ""
    return "" if region in (None, regions.CITY) else region


async def _locked(actor: Actor, organisation: UUID, version: int) -> Organisation:
    found = await queries.find_for(actor, organisation, KEEP, lock=True)
    if found.version != version:
        raise Stale("stale", "内容已被他人更新（现为第 {current} 版）：请核对后重新提交", current=found.version)
    if found.merged_into is not None:
        raise Conflict("organisation_merged", "这个组织已并入另一组织")
    return found


async def _set_region(organisation: UUID, region: str) -> None:
    """A subtree's region, and its workers' with it."""
    await fetch(
        "UPDATE organisation SET region = $2 WHERE ancestors @> ARRAY[$1::uuid] AND region <> $2", organisation, region
    )
    await fetch(
        "UPDATE worker SET region = $2 WHERE region <> $2 AND organisation IN"
        " (SELECT id FROM organisation WHERE ancestors @> ARRAY[$1::uuid])",
        organisation, region,
    )  # fmt: skip


async def move_organisation(actor: Actor, organisation: UUID, form: MoveForm) -> None:
    """Hang it, with all below, under another parent (I6): paths and regions are recomputed in the same transaction."""
    async with transaction():
        # One move at a time: two crossing ones could make a loop that neither sees.
        await fetch("SELECT pg_advisory_xact_lock(hashtext('organisation.tree'))")
        moved = await _locked(actor, organisation, form.version)
        above = await _parent_for(actor, form.parent)
        rules.require_movable(organisation, above.ancestors)
        rules.require_place(moved.kind, above.kind)
        await fetch(
            "UPDATE organisation SET ancestors = $2::uuid[] || ancestors[array_position(ancestors, $1):]"
            " WHERE ancestors @> ARRAY[$1::uuid]",
            organisation, above.ancestors,
        )  # fmt: skip
        await fetch("UPDATE organisation SET parent = $2, version = version + 1 WHERE id = $1", organisation, above.id)
        if above.region not in (regions.CITY, moved.region):
            await _set_region(organisation, above.region)
        body = {"from": str(moved.parent), "to": str(above.id), "reason": form.reason}
        await trail.record(actor, "organisation.moved", "organisation", organisation, body)


async def close_organisation(actor: Actor, organisation: UUID, form: ReasonForm) -> None:
    """Close what has nobody left in it. Raises all obstacles at once."""
    async with transaction():
        found = await _locked(actor, organisation, form.version)
        if found.closed_at is not None:
            raise Conflict("organisation_closed", "这个组织已关闭")
        counts = await queries.counts_of(organisation)
        rules.require_closable(children=counts.children, workers=counts.workers, accounts=counts.accounts)
        await fetch(f"UPDATE organisation SET closed_at = {NOW_SQL}, version = version + 1 WHERE id = $1", organisation)
        await trail.record(actor, "organisation.closed", "organisation", organisation, {"reason": form.reason})
        await emit("organisation.closed", {"organisation": str(organisation)})


async def reopen_organisation(actor: Actor, organisation: UUID, form: ReasonForm) -> None:
    """Undo a closing."""
    async with transaction():
        found = await _locked(actor, organisation, form.version)
        if found.closed_at is None:
            raise Conflict("organisation_open", "这个组织没有关闭")
        await fetch("UPDATE organisation SET closed_at = NULL, version = version + 1 WHERE id = $1", organisation)
        await trail.record(actor, "organisation.reopened", "organisation", organisation, {"reason": form.reason})


async def merge_organisation(actor: Actor, keep: UUID, form: MergeForm) -> dict[str, int]:
    """Let ``form.other`` go into ``keep``: workers, accounts, entries and all else that refers to it are re-pointed.

    Returns how many rows of each table moved. The other row stays, closed, saying where it went; the wings hear
    ``organisation.merged``. Raises Refusals: kinds, children, and ``merge_overlap``.
    """
    async with transaction():
        kept = await queries.find_for(actor, keep, KEEP, lock=True)
        try:
            other = await queries.find_for(actor, form.other, KEEP, lock=True)
        except NotFound:
            raise Refusal("organisation_unknown", "没有这个组织", field="other") from None
        if kept.merged_into or kept.closed_at or other.merged_into:
            raise Conflict("organisation_merged", "这个组织已并入另一组织", field="other")
        children = (await queries.counts_of(other.id)).children
        rules.require_mergeable(keep, other.id, kind=kept.kind, other_kind=other.kind, children=children)
        moved = await repoint("organisation", other.id, keep, leave=frozenset({("organisation", "parent")}))
        await fetch("UPDATE worker SET region = $2 WHERE organisation = $1 AND region <> $2", keep, kept.region)
        await _settle(kept, other)
        body = {"other": str(other.id), "moved": moved, "reason": form.reason}
        await trail.record(actor, "organisation.merged", "organisation", keep, body)
        await trail.record(actor, "organisation.merged_away", "organisation", other.id, {"into": str(keep)})
        await emit("organisation.merged", {"kept": str(keep), "other": str(other.id)})
        return moved


async def _settle(kept: Organisation, other: Organisation) -> None:
    """The other row gives up its codes, which are unique; the kept one takes those that it lacks."""
    await fetch(
        f"UPDATE organisation SET merged_into = $2, closed_at = coalesce(closed_at, {NOW_SQL}), union_code = NULL,"
        " version = version + 1 WHERE id = $1",
        other.id, kept.id,
    )  # fmt: skip
    await fetch(
        "UPDATE organisation SET union_code = coalesce(union_code, $2), unit_code = coalesce(unit_code, $3),"
        " union_state = CASE WHEN $4 = 'own' THEN 'own' ELSE union_state END, version = version + 1 WHERE id = $1",
        kept.id, other.union_code, other.unit_code, other.union_state,
    )  # fmt: skip
