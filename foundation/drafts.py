"""草稿: what somebody typed into a form and has not saved; each person's own, kept on the server until it is saved or discarded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from foundation.clock import NOW_SQL
from foundation.database import fetch
from foundation.database.columns import new_id
from foundation.errors import Refusal
from foundation.web.policy import Actor

MOST = 60_000
"""Characters of one draft."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The fields as a browser sent them, in order, and when."""

    values: tuple[tuple[str, str], ...]
    saved_at: datetime


async def keep(actor: Actor, form: str, pairs: Sequence[tuple[str, str]]) -> datetime:
    """Keep what is typed, replacing this person's draft of ``form`` before; returns when. Refuses ``draft_too_long``."""
    if sum(len(name) + len(value) for name, value in pairs) > MOST:
        raise Refusal("draft_too_long", "草稿过长，请先保存或删减")
    body = msgspec.json.encode({"pairs": pairs}).decode().replace("\\u0000", "")
    rows = await fetch(
        "INSERT INTO draft (id, account, form, values, saved_at) VALUES ($1, $2, $3, $4::jsonb,"
        f" {NOW_SQL}) ON CONFLICT (account, form) DO UPDATE SET values = excluded.values, saved_at = excluded.saved_at"
        " RETURNING saved_at",
        new_id(), actor.account, form, body,
    )  # fmt: skip
    return rows[0]["saved_at"]


async def of(actor: Actor, forms: Iterable[str]) -> dict[str, Draft]:
    """This person's drafts of these forms, by form."""
    rows = await fetch(
        "SELECT form, values, saved_at FROM draft WHERE account = $1 AND form = ANY($2::varchar[])",
        actor.account, list(forms),
    )  # fmt: skip
    found: dict[str, Draft] = {}
    for row in rows:
        body = msgspec.json.decode(row["values"]) if isinstance(row["values"], str) else row["values"]
        pairs = tuple((str(name), str(value)) for name, value in body.get("pairs", []))
        found[row["form"]] = Draft(values=pairs, saved_at=row["saved_at"])
    return found


async def drop(actor: Actor, form: str) -> None:
    """Done with: it was saved, or thrown away."""
    await fetch("DELETE FROM draft WHERE account = $1 AND form = $2", actor.account, form)
