"""公示 of what the meeting approved (T3, H30, H32): one notice over a call's applications, and what is heard of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from foundation import outbox, trail
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from publications.notices.operations import open_notice
from publications.notices.schemas import NoticeOrder, SubjectOrder
from studios.applications import access
from studios.applications.moving import move_application
from studios.applications.naming import approved, name_in
from studios.applications.schemas import NoticeForm
from studios.permissions import Permission

SOURCE = "studio_call"
SUBJECT = "studio_application"
HEADINGS = ("工作室名称", "领衔人", "所在单位")


async def announce(actor: Actor, call: UUID, form: NoticeForm) -> UUID:
    """Open a notice over everything approved in a call and not announced yet; returns the notice.

    Raises ``Refusal`` ``nobody_approved``, the notice's own refusals (H32), ``NotFound`` for another union's call.
    """
    async with transaction():
        row = await fetchrow(
            "SELECT c.id, p.organisation, c.rule_set, o.kind FROM studio_call c JOIN programme p ON p.id = c.programme"
            " JOIN organisation o ON o.id = p.organisation"
            " WHERE c.id = $1 AND p.organisation = ANY($2::uuid[]) FOR UPDATE OF c",
            call, list(Permission.DECIDE_STUDIOS.scope(actor)),
        )  # fmt: skip
        if row is None:
            raise NotFound
        rows = [one for one in await approved(call) if one["notice"] is None]
        if not rows:
            raise Refusals([Refusal("nobody_approved", "没有待公示的工作室", rule="T3")])
        least = (await access.rules_by(row["rule_set"])).terms.notice_days
        order = NoticeOrder(
            organisation=row["organisation"], level=row["kind"], title=form.title, basis=form.basis, headings=HEADINGS,
            days=form.days, least=least, office=form.office, address=form.address, phone=form.phone, email=form.email,
            source_kind=SOURCE, source=call,
            subjects=tuple(
                SubjectOrder(
                    cells=(name_in(one), one["leader_name"], one["organisation_name"]),
                    kind=SUBJECT, source=one["id"],
                )
                for one in rows
            ),
        )  # fmt: skip
        notice = await open_notice(actor, order)
        await fetch(
            "UPDATE studio_application SET notice = $2, version = version + 1 WHERE id = ANY($1::uuid[])",
            [one["id"] for one in rows], notice,
        )  # fmt: skip
        await trail.record(actor, "studio_call.announced", "studio_call", call, {"notice": str(notice), "n": len(rows)})
        return notice


async def require_reason_to_reject(row: Any) -> None:
    """What was announced falls only by an objection that was upheld, or once its leader no longer qualifies (H34, H77)."""
    from publications.notices.queries import outcome_of
    from studios.applications.honour_check import leader_refusals

    rules = await access.rules_by(row["rule_set"])
    if row["id"] in (await outcome_of(row["notice"])).upheld:
        return
    if not await leader_refusals(row["leader"], rules.conditions, upgrades=row["upgrades"]):
        raise Refusal("announced", "已公示的工作室，只有异议成立或领衔人失去资格才能不予命名", rule="H34")


async def heard_conclusion(body: Mapping[str, Any]) -> None:
    """``objection.concluded``: one that was upheld takes its studio out (H34). Told twice, it happens once."""
    if body.get("outcome") != "upheld" or body.get("subject_kind") != SUBJECT or not body.get("subject"):
        return
    async with transaction():
        row = await fetchrow("SELECT id, stage FROM studio_application WHERE id = $1 FOR UPDATE", UUID(body["subject"]))
        if row is not None and row["stage"] == "notice":
            await move_application(None, row["id"], "reject", opinion="公示期间的异议经核查成立")


async def heard_withdrawal(body: Mapping[str, Any]) -> None:
    """``notice.withdrawn``: what it announced is to be announced anew (H30)."""
    if body.get("source_kind") == SOURCE:
        await fetch(
            "UPDATE studio_application SET notice = NULL, version = version + 1 WHERE notice = $1 AND stage = 'notice'",
            UUID(body["notice"]),
        )


def listen() -> None:
    """Hear of objections and withdrawn notices; called when the wing is registered."""
    outbox.on("objection.concluded", heard_conclusion)
    outbox.on("notice.withdrawn", heard_withdrawal)
