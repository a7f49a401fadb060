"""同意公开姓名 (P2, P3): who of a studio's masters and apprentices agreed to be named in public, and who took it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal
from foundation.web.policy import Actor
from studios.outputs.schemas import ConsentForm
from studios.permissions import Permission
from studios.upkeep.access import studio_for

TEXT_VERSION = "2026-1"
"""The wording below; a changed wording is a new version, and what was agreed to stays known."""
NEWEST_SQL = """
SELECT DISTINCT ON (c.worker) c.worker, c.given, c.said_on, c.text_version FROM naming_consent c
WHERE c.studio = $1 ORDER BY c.worker, c.made_at DESC, c.id DESC
"""


async def keep_consent(actor: Actor, worker: UUID, form: ConsentForm) -> None:
    """Write down what a worker said: named from now on, or not any more (P2). A new row; the newest one holds.

    Raises ``NotFound`` for a studio out of reach, ``Refusal`` ``not_in_studio`` for somebody who neither teaches nor
    learns there, ``consent_day`` for a day to come.
    """
    async with transaction():
        await studio_for(actor, form.studio, Permission.KEEP_STUDIO, lock=True)
        if not await fetchval(
            "SELECT 1 FROM apprenticeship WHERE studio = $1 AND $2 IN (master, apprentice) LIMIT 1", form.studio, worker
        ):
            raise NotFound
        if form.said_on > await clock.today():
            raise Refusal("consent_day", "表态的日期应在今天或以前", field="said_on", rule="P2")
        await fetch(
            "INSERT INTO naming_consent (id, studio, worker, given, text_version, said_on, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW_SQL})",
            new_id(), form.studio, worker, form.given, TEXT_VERSION, form.said_on, actor.account,
        )  # fmt: skip
        said = "consent.given" if form.given else "consent.withdrawn"
        await trail.record(actor, said, "studio", form.studio, {"text": TEXT_VERSION})


async def consents_of(studio: UUID) -> dict[UUID, Any]:
    """The newest word of everybody who was asked."""
    return {row["worker"]: row for row in await fetch(NEWEST_SQL, studio)}


async def named_in(studio: UUID) -> frozenset[UUID]:
    """Who may be named in public now."""
    rows = await fetch(f"SELECT worker FROM ({NEWEST_SQL}) newest WHERE given", studio)
    return frozenset(row["worker"] for row in rows)
