"""草稿: what somebody typed into a part of the form and has not saved; each person's own, kept on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.clock import NOW_SQL
from foundation.database import fetch
from foundation.database.columns import new_id
from foundation.errors import Refusal
from foundation.forms import Bound, bind_tree, grow
from foundation.web.policy import Actor
from honours.nominations.schemas import SECTIONS, Dossier, Part

MOST = 60_000
"""Characters of one draft."""
PLAIN = ("version",)
"""Fields of the form that belong to no part."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The fields as a browser sent them, in order, and when."""

    values: tuple[tuple[str, str], ...]
    saved_at: datetime


def _form(nomination: UUID, section: str) -> str:
    return f"nomination:{nomination}:{section}"


async def keep(actor: Actor, nomination: UUID, section: str, pairs: Sequence[tuple[str, str]]) -> datetime:
    """Keep what is typed, replacing this person's draft before; returns when. Refuses ``draft_too_long``."""
    kept = [(name, value) for name, value in pairs if name not in PLAIN]
    if sum(len(name) + len(value) for name, value in kept) > MOST:
        raise Refusal("draft_too_long", "草稿过长，请先保存或删减")
    body = msgspec.json.encode({"pairs": kept}).decode().replace("\\u0000", "")
    rows = await fetch(
        "INSERT INTO draft (id, account, form, values, saved_at) VALUES ($1, $2, $3, $4::jsonb,"
        f" {NOW_SQL}) ON CONFLICT (account, form) DO UPDATE SET values = excluded.values, saved_at = excluded.saved_at"
        " RETURNING saved_at",
        new_id(), actor.account, _form(nomination, section), body,
    )  # fmt: skip
    return rows[0]["saved_at"]


async def of(actor: Actor, nomination: UUID) -> dict[str, Draft]:
    """This person's drafts of one nomination, by part."""
    forms = {_form(nomination, section): section for section in SECTIONS}
    rows = await fetch(
        "SELECT form, values, saved_at FROM draft WHERE account = $1 AND form = ANY($2::varchar[])",
        actor.account, list(forms),
    )  # fmt: skip
    found: dict[str, Draft] = {}
    for row in rows:
        body = msgspec.json.decode(row["values"]) if isinstance(row["values"], str) else row["values"]
        pairs = tuple((str(name), str(value)) for name, value in body.get("pairs", []))
        found[forms[row["form"]]] = Draft(values=pairs, saved_at=row["saved_at"])
    return found


async def drop(actor: Actor, nomination: UUID, section: str) -> None:
    """Done with: it was saved, or thrown away."""
    await fetch("DELETE FROM draft WHERE account = $1 AND form = $2", actor.account, _form(nomination, section))


def bound(section: str, pairs: Sequence[tuple[str, str]]) -> Bound[Any]:
    """A part of the form from the fields as typed; faults (too long, control characters) beside their fields."""
    tree = _tidy(grow([(name, value) for name, value in pairs if name not in PLAIN]))
    return bind_tree(tree, SECTIONS[section], values=dict(pairs))


def _tidy(tree: dict[str, Any]) -> dict[str, Any]:
    """Empty lines of prizes are no lines."""
    if isinstance(tree.get("prizes"), list):
        tree["prizes"] = [one for one in tree["prizes"] if not isinstance(one, dict) or any(one.values())]
    return tree


def overlay(dossier: Dossier, drafts: Mapping[str, Draft]) -> Dossier:
    """The dossier as it would be with what is typed; a draft that cannot be kept as it stands is passed over."""
    typed: dict[str, Part] = {}
    for section, draft in drafts.items():
        made = bound(section, draft.values)
        if made.ok:
            typed[section] = made.data
    return msgspec.structs.replace(dossier, **typed)
