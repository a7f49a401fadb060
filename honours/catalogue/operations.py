"""Verbs about the catalogue of honours: bring along what is shipped, add, edit. One verb is one transaction."""

from __future__ import annotations

from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Forbidden, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from honours.catalogue import rules
from honours.catalogue.schemas import HonourForm
from honours.catalogue.shipped import SHIPPED
from honours.permissions import Permission

_COLUMNS = (
    "code", "title", "title_en", "level", "kind", "family", "conferrer", "conferred_here", "treatment", "prize",
    "certificate", "series", "valid_from", "valid_until", "place",
)  # fmt: skip
_FIXED = ("level", "kind", "code")
"""What must not change once somebody holds it or a cycle awards it: rolls and rule sets name it by these."""


async def ship_catalogue(actor: Actor | None) -> int:
    """Add the shipped titles that the catalogue does not hold yet, by code; returns how many. What officers changed stays.

    The catalogue's page offers it where one is missing, and the demonstration calls it without an actor.
    """
    _require(actor)
    async with transaction():
        made = 0
        for form in SHIPPED:
            rules.require_honour(form)
            made += await _insert(actor, form) is not None
        if made:
            await trail.record(actor, "honours.shipped", "honour", None, {"titles": made})
        return made


async def create_honour(actor: Actor, form: HonourForm) -> UUID:
    """Add a title; raises ``Refusals`` beside their fields."""
    _require(actor)
    async with transaction():
        rules.require_honour(form)
        made = await _insert(actor, form)
        if made is None:
            raise Refusal("code_taken", "代号“{taken}”已有人使用", field="code", taken=form.code)
        await trail.record(actor, "honour.created", "honour", made, {"code": form.code})
        return made


async def edit_honour(actor: Actor, honour_id: UUID, form: HonourForm) -> None:
    """Change a title. Level, kind and code stay once it was awarded or a cycle awards it; raises ``Stale``, ``Refusals``."""
    _require(actor)
    async with transaction():
        row = await fetchrow("SELECT * FROM honour WHERE id = $1 FOR UPDATE", honour_id)
        if row is None:
            raise NotFound
        if row["version"] != form.version:
            raise Stale("stale", "他人刚刚改过（现为第 {current} 版），请核对后再保存", current=row["version"])
        rules.require_honour(form)
        changed = [name for name in _COLUMNS if row[name] != getattr(form, name)]
        if not changed:
            return
        await _require_changeable(honour_id, row["code"], changed)
        if "code" in changed and await fetchval("SELECT 1 FROM honour WHERE code = $1", form.code):
            raise Refusal("code_taken", "代号“{taken}”已有人使用", field="code", taken=form.code)
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(_COLUMNS, 2))
        await fetch(
            f"UPDATE honour SET {sets}, version = version + 1 WHERE id = $1",
            honour_id, *(getattr(form, name) for name in _COLUMNS),
        )  # fmt: skip
        await trail.record(actor, "honour.edited", "honour", honour_id, {"changed": changed})


def _require(actor: Actor | None) -> None:
    if actor is not None and not Permission.RUN_CYCLE.allows(actor):
        raise Forbidden


async def _insert(actor: Actor | None, form: HonourForm) -> UUID | None:
    places = ", ".join(f"${n}" for n in range(4, 4 + len(_COLUMNS)))
    return await fetchval(
        f"INSERT INTO honour (id, made_by, made_at, {', '.join(_COLUMNS)}) VALUES ($1, $2, $3, {places})"
        " ON CONFLICT (code) DO NOTHING RETURNING id",
        new_id(), actor.account if actor else None, await clock.now(), *(getattr(form, name) for name in _COLUMNS),
    )  # fmt: skip


async def _require_changeable(honour_id: UUID, code: str, changed: list[str]) -> None:
    """Raises ``Refusals`` for each fixed field of a title that is in use."""
    held = [name for name in _FIXED if name in changed]
    if not held:
        return
    used = await fetchval(
        "SELECT EXISTS (SELECT 1 FROM roll_entry WHERE honour = $1) OR EXISTS (SELECT 1 FROM cycle_award WHERE honour = $1)"
        " OR EXISTS (SELECT 1 FROM cycle_rule_set WHERE position($2 IN rules) > 0)",
        honour_id, f'"{code}"',
    )  # fmt: skip
    if used:
        raise Refusals(
            Refusal("honour_in_use", "已有周期或荣誉册使用这项荣誉，不能再改；可停授后另立一项", field=name, rule="H2")
            for name in held
        )
