"""向上级推荐: honours that the level above confers: forwarded after the city's notice, then its answer recorded (H33)."""

from __future__ import annotations

from uuid import UUID

from foundation.database import fetchrow, transaction
from foundation.errors import Conflict, NotFound, Refusals
from foundation.web.policy import Actor
from honours.nominations.moving import move_nomination
from honours.nominations.stages import Stage
from honours.permissions import Permission
from honours.review.notices import notice_obstacles
from honours.rolls.recording import record_conferred


async def forward(actor: Actor, nomination: UUID, *, opinion: str = "", version: int | None = None) -> Stage:
    """Recommend to the level above. Raises ``conferred_here`` for a title of this city, and what its notice leaves open."""
    async with transaction():
        await _require_higher(actor, nomination)
        if refused := await notice_obstacles(nomination):
            raise Refusals(refused)
        return await move_nomination(actor, nomination, "forward", opinion=opinion, version=version)


async def record_outcome(
    actor: Actor, nomination: UUID, *, conferred: bool, opinion: str, version: int | None = None
) -> Stage:
    """What the level above decided, with its document in ``opinion``: its number and day where it conferred, and then the title
    enters the ledger, without a certificate of ours. Raises what ``rolls.recording.document_of`` raises."""
    async with transaction():
        await _require_higher(actor, nomination)
        action = "honour" if conferred else "not_conferred"
        stage = await move_nomination(actor, nomination, action, opinion=opinion, version=version)
        if conferred:
            await record_conferred(actor, nomination, opinion)
        return stage


async def _require_higher(actor: Actor, nomination: UUID) -> None:
    row = await fetchrow(
        "SELECT h.conferred_here FROM nomination n JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour"
        " JOIN cycle c ON c.id = n.cycle WHERE n.id = $1 AND c.organisation = ANY($2::uuid[])",
        nomination, list(Permission.REVIEW_LAST.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    if row["conferred_here"]:
        raise Conflict("conferred_here", "这项荣誉由本级授予，不需要向上推荐", rule="H33")
