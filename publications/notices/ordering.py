"""What an order becomes: its values checked, every fault at once, and what is derived from them (H30, H32, H34, D4, P3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import connection, fetchrow, fetchval
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, gather
from foundation.web.policy import Actor
from publications.notices import rules
from publications.notices.rules import Stage
from publications.notices.schemas import NoticeOrder, SubjectOrder
from publications.permissions import Permission
from registry.search_keys import keys_for_name

FIELDS = (
    "organisation", "handling", "level", "channel", "series", "title", "basis", "done", "list_title", "headings", "days",
    "least", "planned_on", "office", "address", "phone", "email", "signature", "source_kind", "source", "replaces",
    "search_keys",
)  # fmt: skip
SHOWN = ("title", "basis", "done", "list_title", "channel", "signature", "office", "address")
"""Texts that the public reads and that may hold no private number; the office's phone has its own field."""


async def checked(actor: Actor | None, order: NoticeOrder) -> list[Any]:
    """The values of ``FIELDS``; every fault of the order at once."""
    where = await fetchrow(
        "SELECT id, kind, name FROM organisation WHERE id = $1 AND closed_at IS NULL AND ($2::uuid[] IS NULL OR ancestors && $2)",
        order.organisation, None if actor is None else list(Permission.DRAFT_NOTICES.scope(actor)),
    )  # fmt: skip
    if where is None:
        raise NotFound
    rows = [subject.cells for subject in order.subjects]
    gather(
        lambda: rules.require_level(where["kind"], order.level),
        lambda: rules.require_days(order.days, max(order.least, rules.LEAST_DAYS)),
        lambda: rules.require_contact(order.office, order.phone, order.email, order.address),
        lambda: rules.require_list(order.headings, rows),
        *(lambda f=field: rules.require_publishable(getattr(order, f), f) for field in SHOWN),
        lambda: rules.require_publishable(" ".join(order.headings), "headings"),
    )
    signature = order.signature or where["name"]
    derived = {
        "handling": order.handling or await handling_of(order.organisation), "signature": signature,
        "least": max(order.least, rules.LEAST_DAYS), "headings": list(order.headings),
        "replaces": await _replaced(actor, order.replaces), "search_keys": _search_keys(order, signature),
    }  # fmt: skip
    return [derived.get(name, getattr(order, name, None)) for name in FIELDS]


async def handling_of(organisation: UUID) -> UUID:
    """Who handles the objections: the organisation itself, or above a unit's own union the next above it, so that nobody
    has to object to their own employer (H34)."""
    found = await fetchval(
        "SELECT a.id FROM organisation o JOIN organisation a ON a.id = ANY(o.ancestors)"
        " WHERE o.id = $1 AND a.kind IN ('county', 'industry', 'city')"
        " ORDER BY cardinality(a.ancestors) DESC LIMIT 1",
        organisation,
    )
    return found or organisation


async def _replaced(actor: Actor | None, replaced: UUID | None) -> UUID | None:
    """The withdrawn notice that this one stands for; another tenant's is not found."""
    if replaced is None:
        return None
    row = await fetchrow(
        "SELECT n.stage FROM notice n JOIN organisation o ON o.id = n.organisation"
        " WHERE n.id = $1 AND ($2::uuid[] IS NULL OR o.ancestors && $2)",
        replaced, None if actor is None else list(Permission.DRAFT_NOTICES.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    if row["stage"] != Stage.WITHDRAWN:
        raise Refusal("notice_not_withdrawn", "只有已撤回的公示才由新公示代替", rule="D4")
    return replaced


def _search_keys(order: NoticeOrder, signature: str) -> list[str]:
    """Found by title, organisation, and every name on the list."""
    texts = {order.title, signature, *(subject.cells[0] for subject in order.subjects if subject.cells)}
    return sorted({key for text in texts if text for key in keys_for_name(text)})


async def set_subjects(notice: UUID, subjects: Sequence[SubjectOrder]) -> None:
    await connection().executemany(
        "INSERT INTO notice_subject (id, notice, place, kind, source, cells) VALUES ($1, $2, $3, $4, $5, $6)",
        [(new_id(), notice, place, s.kind, s.source, list(s.cells)) for place, s in enumerate(subjects, 1)],
    )


def with_list_of(order: NoticeOrder, row: Any, kept: Sequence[Any]) -> NoticeOrder:
    subjects = tuple(SubjectOrder(cells=tuple(s["cells"]), kind=s["kind"], source=s["source"]) for s in kept)
    return msgspec.structs.replace(
        order, subjects=subjects, headings=tuple(row["headings"]), source=row["source"], source_kind=row["source_kind"],
        least=row["least"],
    )  # fmt: skip
