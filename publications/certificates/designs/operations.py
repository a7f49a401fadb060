"""Save, hand in, put into force, give back, restore. Nothing is rewritten: every saving is a version of its own."""

from __future__ import annotations

from uuid import UUID

from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from publications.certificates.designs import proving, queries
from publications.certificates.designs.kinds import KINDS, built_in
from publications.certificates.designs.schemas import Version
from publications.certificates.designs.sheets import TemplateText

FIRST_NOTE = "随系统提供"


async def _lock(kind: str) -> None:
    """One at a time for each kind, to the end of the transaction."""
    if kind not in KINDS:
        raise NotFound
    await fetchval("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"certificate_design:{kind}")


async def freeze_first(kind: str) -> None:
    """Keep the built-in text as version 1, once: a later release cannot change what certificates were issued by."""
    text = built_in(kind)
    await fetch(
        "INSERT INTO certificate_design (id, kind, number, html, css, note, based_on, made_by, made_at)"
        " VALUES ($1, $2, 1, $3, $4, $5, NULL, NULL, $6) ON CONFLICT (kind, number) DO NOTHING",
        new_id(), kind, text.html, text.css, FIRST_NOTE, await clock.now(),
    )  # fmt: skip


async def save(actor: Actor, kind: str, *, html: str, css: str, note: str, seen: int) -> int:
    """A new version; returns its number. Raises ``Stale`` where somebody saved after ``seen``, a refusal if nothing changed."""
    async with transaction():
        await _lock(kind)
        await freeze_first(kind)
        newest = await fetchrow(
            "SELECT number, html, css FROM certificate_design WHERE kind = $1 ORDER BY number DESC LIMIT 1", kind
        )
        assert newest is not None
        if newest["number"] != seen:
            raise Stale("stale", "第 {number} 版已由他人保存，请先比较再改", number=newest["number"])
        if (newest["html"], newest["css"]) == (html, css):
            raise Refusal("unchanged", "内容与第 {number} 版相同，没有可保存的改动", field="html", number=seen)
        return await _insert(actor, kind, seen + 1, html, css, note, seen)


async def _insert(actor: Actor, kind: str, number: int, html: str, css: str, note: str, based_on: int) -> int:
    made = new_id()
    await fetch(
        "INSERT INTO certificate_design (id, kind, number, html, css, note, based_on, made_by, made_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        made, kind, number, html, css, note, based_on, actor.account, await clock.now(),
    )  # fmt: skip
    await trail.record(actor, "design.saved", "certificate_design", made, {"kind": kind, "number": number})
    return number


async def restore(actor: Actor, kind: str, number: int, *, seen: int) -> int:
    """An old version's text as a new draft; it takes effect only when it is confirmed in its turn."""
    old = await queries.version(kind, number)
    return await save(actor, kind, html=old.html, css=old.css, note=f"恢复第 {number} 版", seen=seen)


async def submit(actor: Actor, kind: str, number: int) -> None:
    """Hand a version in, once every sample was set without a fault. Raises ``Refusals`` with all of them."""
    found = await queries.version(kind, number)
    require_open(found)
    text = TemplateText(name=f"{kind}/{number}", html=found.html, css=found.css)
    if faults := proving.all_faults(await proving.prove(text)):
        raise Refusals(faults)
    async with transaction():
        await _lock(kind)
        require_open(await queries.version(kind, number))
        await _step(actor, found.id, "submitted")
        await trail.record(actor, "design.submitted", "certificate_design", found.id, {"kind": kind, "number": number})


def require_open(version: Version) -> None:
    """A version that is handed in, given back or in force is not handed in again."""
    if version.state != "draft":
        raise Conflict("not_draft", "第 {number} 版不是草稿", number=version.number)


async def _step(actor: Actor, design: UUID | None, action: str, reason: str = "") -> None:
    await fetch(
        "INSERT INTO certificate_design_step (id, design, action, reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id(), design, action, reason, actor.account, await clock.now(),
    )  # fmt: skip


async def _waiting(kind: str, number: int) -> Version:
    await _lock(kind)
    found = await queries.version(kind, number)
    if found.state != "submitted":
        raise Conflict("not_submitted", "第 {number} 版没有等待确认", number=number)
    return found


async def confirm(actor: Actor, kind: str, number: int) -> None:
    """Put a version into force: by somebody who neither made it nor handed it in."""
    async with transaction():
        found = await _waiting(kind, number)
        if actor.account in (found.made_by, found.submitter):
            raise Refusal("same_person", "须由另一人确认：编辑或提交的人不能自己启用")
        await _step(actor, found.id, "confirmed")
        await trail.record(actor, "design.confirmed", "certificate_design", found.id, {"kind": kind, "number": number})


async def give_back(actor: Actor, kind: str, number: int, reason: str) -> None:
    """Give a version back, with a reason; a new one is made of it."""
    async with transaction():
        found = await _waiting(kind, number)
        if not reason.strip():
            raise Refusal("reason_required", "请写明原因", field="reason")
        await _step(actor, found.id, "returned", reason)
        await trail.record(actor, "design.returned", "certificate_design", found.id, {"kind": kind, "number": number})
