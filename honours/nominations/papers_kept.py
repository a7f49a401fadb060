"""材料与照片 (H60, SECURITY 15): written anew, random names, downloads only for those who see the nomination."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from uuid import UUID

from foundation import storage, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal
from foundation.i18n import N_
from foundation.web.policy import Actor
from honours.nominations import access, operations
from honours.nominations.papers import EXTRA_KINDS
from honours.permissions import Permission
from publications.notices.objections.attachments import clean

MOST_MATERIALS = 60
PORTRAIT = (826, 1157)
"""Pixels at most: 35 × 49 mm at 600 dpi."""
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}


async def cleaned(body: bytes, *, field: str = "file") -> tuple[bytes, str]:
    """A PDF, JPEG or PNG written anew. Refuses ``material_large``, ``material_kind``, ``material_broken`` beside ``field``."""
    try:
        return await clean(body)
    except Refusal as refusal:
        words = {
            "attachment_large": N_("文件不能超过 10 MB"),
            "attachment_kind": N_("只收 PDF、JPG 和 PNG"),
        }
        message = words.get(refusal.code, N_("文件打不开：请重新扫描或另存后再传"))
        code = refusal.code.replace("attachment", "material")
        raise Refusal(code, message, field=field, rule="H60") from None


def named(name: str, media_type: str) -> str:
    """What the file is called when it is given back: its own stem, the suffix of what it now is."""
    stem = name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].rsplit(".", 1)[0]
    stem = "".join(char for char in stem if char.isprintable() and char not in '<>:"/\\|?*')[:80].strip() or "材料"
    return stem + SUFFIXES[media_type]


async def add_material(actor: Actor, nomination: UUID, kind: str, body: bytes, name: str, *, note: str = "") -> UUID:
    """Add one paper of a kind that the rule set or the house knows (H60, H61).

    Raises ``NotFound``, ``Refusal`` ``not_with_unit``, ``material_unknown``, ``material_many`` and those of :func:`cleaned`.
    """
    kept, media_type = await cleaned(body)
    async with transaction():
        row = await operations.lock_own(actor, nomination)
        await _require_kind(row, kind)
        if await fetchval("SELECT count(*) FROM material WHERE nomination = $1 AND removed_at IS NULL", nomination) >= MOST_MATERIALS:  # fmt: skip
            raise Refusal("material_many", "一件最多 {most} 份材料", field="file", rule="H60", most=MOST_MATERIALS)
        file = await storage.keep(kept, name=named(name, media_type), media_type=media_type, made_by=actor.account)
        made = new_id()
        await fetch(
            "INSERT INTO material (id, nomination, kind, file, note, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
            made, nomination, kind, file, note[:200], actor.account,
        )  # fmt: skip
        await trail.record(
            actor, "material.added", "nomination", nomination, {"kind": kind, "file": str(file), "bytes": len(kept)}
        )
        return made


async def _require_kind(row: Any, kind: str) -> None:
    from honours.cycles.queries import rules_of

    known = {rule.kind for rule in (await rules_of(row["cycle"])).materials if rule.upload} | set(EXTRA_KINDS)
    if kind not in known:
        raise Refusal("material_unknown", "没有这一类材料", field="kind", rule="H60")


async def remove_material(actor: Actor, nomination: UUID, material: UUID) -> None:
    """Take a paper out; it stays in the history. Raises ``NotFound``, ``Refusal`` ``not_with_unit``."""
    async with transaction():
        await operations.lock_own(actor, nomination)
        gone = await fetchval(
            f"UPDATE material SET removed_at = {NOW_SQL} WHERE id = $1 AND nomination = $2 AND removed_at IS NULL"
            " RETURNING kind",
            material, nomination,
        )  # fmt: skip
        if gone is None:
            raise NotFound
        await trail.record(actor, "material.removed", "nomination", nomination, {"kind": gone})


async def material_for(actor: Actor, nomination: UUID, material: UUID) -> tuple[bytes, str, str]:
    """(body, name, media type) of a paper whose nomination the actor sees, taken out or not; else ``NotFound``."""
    await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
    row = await fetchrow("SELECT file FROM material WHERE id = $1 AND nomination = $2", material, nomination)
    if row is None:
        raise NotFound
    return await storage.load(row["file"])


async def materials_of(nomination: UUID) -> list[Any]:
    """The papers in the dossier: rows of (id, kind, note, name, size, media_type, made_at), by kind and age."""
    return await fetch(
        "SELECT m.id, m.kind, m.note, f.name, f.size, f.media_type, m.made_at FROM material m JOIN stored_file f"
        " ON f.id = m.file WHERE m.nomination = $1 AND m.removed_at IS NULL ORDER BY m.kind, m.made_at, m.id",
        nomination,
    )


async def set_portrait(actor: Actor, nomination: UUID, body: bytes) -> None:
    """近期免冠照片 (H63): only its pixels are kept, upright, 5 : 7. Refuses what is no picture or is too small."""
    kept, media_type = await cleaned(body, field="portrait")
    if media_type != "image/jpeg":
        raise Refusal("portrait_kind", "照片只收 JPG 和 PNG", field="portrait", rule="H63")
    picture = await asyncio.to_thread(_trimmed, kept)
    async with transaction():
        row = await operations.lock_own(actor, nomination)
        if row["kind"] != "person":
            raise Refusal("portrait_of_nobody", "只有个人需要照片", field="portrait", rule="H63")
        file = await storage.keep(picture, name="portrait.jpg", media_type="image/jpeg", made_by=actor.account)
        await fetch("UPDATE nomination SET portrait = $2 WHERE id = $1", nomination, file)
        await trail.record(actor, "nomination.portrait", "nomination", nomination, {"bytes": len(picture)})


def _trimmed(body: bytes) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(body), formats=("JPEG",)) as given:
        if given.width < 200 or given.height < 280:
            raise Refusal("portrait_small", "照片太小：至少 200×280 像素", field="portrait", rule="H63")
        wide = min(PORTRAIT[0], given.width, given.height * PORTRAIT[0] // PORTRAIT[1])
        fitted = ImageOps.fit(given.convert("RGB"), (wide, wide * PORTRAIT[1] // PORTRAIT[0]), centering=(0.5, 0.3))
        kept = io.BytesIO()
        fitted.save(kept, "JPEG", quality=90, optimize=True)
        return kept.getvalue()


async def portrait_for(actor: Actor, nomination: UUID) -> bytes:
    """The portrait of a nomination that the actor sees; else ``NotFound``."""
    row = await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
    if row["portrait"] is None:
        raise NotFound
    return (await storage.load(row["portrait"]))[0]
