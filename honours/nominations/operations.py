"""What a unit does with its nomination: save a part, hand in, withdraw, agree to publication. One verb, one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Forbidden, Refusal, Refusals
from foundation.web.policy import Actor
from honours.nominations import access, checklist, drafts, timing
from honours.nominations.findings import UNIT_GATE
from honours.nominations.identities import flags_of
from honours.nominations.moving import move_nomination, require_version
from honours.nominations.schemas import SECTIONS, ConsentForm, Content, Dossier, Part, dossier_of
from honours.nominations.stages import WITH_UNIT, Stage
from honours.permissions import Permission

CONSENT_WORDING = "2026-1"
"""The version of the words that nominees sign (P2); the page shows them."""


async def lock_own(actor: Actor, nomination: UUID, *, version: int | None = None) -> Any:
    """The unit's own row, held to the end of the transaction, while the dossier is with the unit.

    Raises ``NotFound``, ``Stale``, ``Refusal`` ``not_with_unit`` once it was handed in.
    """
    row = await access.row_for(actor, nomination, Permission.NOMINATE, lock=True)
    if not access.may_act(actor, row, Permission.NOMINATE):
        raise Forbidden
    if Stage(row["stage"]) not in WITH_UNIT:
        raise Refusal("not_with_unit", "此件已上报，现在不能修改；需要修改的请联系审核单位退回", rule="H33")
    require_version(row, version)
    return row


async def save_section(actor: Actor, nomination: UUID, section: str, data: Part, *, version: int) -> int:
    """Keep one part of the form as typed, right or wrong; returns the new version. The actor's draft of it is done with.

    Raises ``Stale`` where somebody saved since ``version`` was shown, ``Refusal`` once it was handed in.
    """
    async with transaction():
        row = await lock_own(actor, nomination, version=version)
        await _store(row, section, data)
        await drafts.drop(actor, nomination, section)
        await trail.record(actor, "nomination.saved", "nomination", nomination, {"part": section})
        return row["version"] + 1


async def _store(row: Any, section: str, data: Part) -> None:
    if section not in SECTIONS or type(data) is not SECTIONS[section]:
        raise ValueError(f"no such section: {section}")
    dossier = msgspec.structs.replace(dossier_of(row["dossier"]), **{section: data})
    await fetch(
        "UPDATE nomination SET dossier = $2::jsonb, version = version + 1 WHERE id = $1",
        row["id"], msgspec.json.encode(dossier).decode(),
    )  # fmt: skip
    if section == "identity":
        await _put_identity(row, dossier)
    if section == "basic":
        await fetch("UPDATE nomination SET post = $2 WHERE id = $1", row["id"], dossier.basic.post)


async def _put_identity(row: Any, dossier: Dossier) -> None:
    """The columns that lists and compositions read; a place that is no number leaves the last one."""
    me = dossier.identity
    worker = await fetchrow("SELECT * FROM worker WHERE id = $1", row["worker"]) if row["worker"] else None
    unit_type = await fetchval("SELECT unit_type FROM organisation WHERE id = $1", row["unit"] or row["organisation"])
    place = int(me.place) if me.place.isascii() and me.place.isdigit() and 0 < int(me.place) < 1000 else row["place"]
    await fetch(
        "UPDATE nomination SET category = $2, flags = $3, unit_class = $4, role = $5, place = $6, listing = $7,"
        " listing_reason = $8, posthumous = $9 WHERE id = $1",
        row["id"], me.category, flags_of(row["kind"], worker, unit_type, me.declared), me.unit_class[:12], me.role, place,
        me.listing, me.listing_reason, me.posthumous,
    )  # fmt: skip


async def hand_in(actor: Actor, nomination: UUID, *, version: int) -> Stage:
    """上报 (H30–H33, H35): what this actor typed and did not save is saved first; then everything that blocks is said at once.

    Raises ``Refusals`` with each obstacle and its rule, ``Stale``, ``Conflict`` where somebody handed in before. What was handed
    in is kept, so that a later version can be compared with it.
    """
    async with transaction():
        row = await lock_own(actor, nomination, version=version)
        saved = await _save_drafts(actor, row)
        found = await checklist.checklist_of(await access.row_of(nomination))
        refused = checklist.refusals_of([one for one in found.checks if one.blocks(UNIT_GATE)])
        if refused:
            raise Refusals(refused)
        to = await move_nomination(actor, nomination, "submit", version=version + saved)
        await _keep_copy(actor, nomination)
        return to


async def _save_drafts(actor: Actor, row: Any) -> int:
    """How many parts were saved from drafts; one that cannot be kept as it stands is refused beside its field."""
    saved = 0
    for section, draft in (await drafts.of(actor, row["id"])).items():
        bound = drafts.bound(section, draft.values)
        current = await access.row_of(row["id"])
        await _store(current, section, bound.data)
        await drafts.drop(actor, row["id"], section)
        saved += 1
    return saved


async def content_of(row: Any) -> Content:
    """The dossier with the names of its papers, as it stands."""
    papers = await fetch(
        "SELECT m.kind, f.name FROM material m JOIN stored_file f ON f.id = m.file WHERE m.nomination = $1"
        " AND m.removed_at IS NULL ORDER BY m.kind, f.name, m.id",
        row["id"],
    )
    return Content(
        name=row["name"], post=row["post"], dossier=dossier_of(row["dossier"]), flags=tuple(row["flags"]),
        materials=tuple((one["kind"], one["name"]) for one in papers), portrait=row["portrait"] is not None,
    )  # fmt: skip


async def _keep_copy(actor: Actor, nomination: UUID) -> None:
    content = await content_of(await access.row_of(nomination))
    number = await fetchval("SELECT count(*) + 1 FROM handed_in WHERE nomination = $1", nomination)
    await fetch(
        "INSERT INTO handed_in (id, nomination, number, content, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, {NOW_SQL})",
        new_id(), nomination, number, msgspec.json.encode(content).decode(), actor.account,
    )  # fmt: skip


async def withdraw(actor: Actor, nomination: UUID, *, version: int, reason: str = "") -> Stage:
    """The unit takes its nomination back, while the first gate has not decided. Raises as ``move_nomination`` does."""
    return await move_nomination(actor, nomination, "withdraw", opinion=reason, version=version)


async def record_consent(actor: Actor, nomination: UUID, form: ConsentForm, *, file: UUID | None = None) -> None:
    """The nominee's signed consent to publication, or its refusal or withdrawal (P2); allowed at any time: the newest counts.

    Raises ``NotFound``, ``Refusal`` for a day that has not come or a consent that covers nothing.
    """
    async with transaction():
        row = await access.row_for(actor, nomination, Permission.NOMINATE, lock=True)
        if row["kind"] != "person":
            raise Refusal("consent_of_nobody", "单位和集体不需要个人同意书", rule="P2")
        if form.signed_on > await clock.today():
            raise Refusal("signed_in_the_future", "签署日期不能晚于今天", field="signed_on", rule="P2")
        covers = list(dict.fromkeys(form.covers)) if form.given == "yes" else []
        if form.given == "yes" and "roll" not in covers:
            raise Refusal("consent_covers_nothing", "同意的至少包括公开姓名、单位和岗位", field="covers", rule="P2")
        await fetch(
            "INSERT INTO publication_consent (id, nomination, given, wording, covers, text, signed_on, file, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8, {NOW_SQL})",
            new_id(), nomination, form.given == "yes", CONSENT_WORDING, covers, form.signed_on, file, actor.account,
        )  # fmt: skip
        await trail.record(
            actor, "nomination.consent", "nomination", nomination, {"given": form.given, "covers": covers}
        )


async def notices_of_unit(organisation: UUID) -> list[tuple[str, str]]:
    """The unit's own published notices, for the picker of part 6: (id, title with its days)."""
    rows = await fetch(
        "SELECT id, title, first_day, last_day FROM notice WHERE organisation = $1 AND stage NOT IN ('draft', 'withdrawn')"
        " ORDER BY made_at DESC LIMIT 20",
        organisation,
    )
    return [(str(row["id"]), f"{row['title']}（{row['first_day']}—{row['last_day']}）") for row in rows]


def notice_span(dossier: Dossier, days: int, calendar: Any) -> list[Any]:
    """The working days of the notice as dated, to be shown; empty where they cannot be told."""
    start = timing.day_of(dossier.procedure.notice_from)
    try:
        return timing.notice_days(start, days, calendar) if start and calendar is not None else []
    except Refusal:
        return []
