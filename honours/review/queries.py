"""What review gives the rest of the wing: the ordered lists that are ready for decision."""

from __future__ import annotations

from uuid import UUID

import msgspec

from foundation.database import fetch
from honours.nominations.candidates import Row, candidates_of
from honours.nominations.stages import Stage
from honours.review import selection
from honours.review.methods import Outcome


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """One award's list, in order: regular ones as the panel ranked them, else as they were handed on; separate ones last."""

    award: UUID
    honour: str
    title: str
    rows: tuple[Row, ...]


async def selected(cycle: UUID, *, stages: tuple[Stage, ...] = (Stage.NOTICED,)) -> list[Selected]:
    """A cycle's awards in their order with those through the notice (or in ``stages``). Whether each one's notice is settled
    is told by ``notices.notice_obstacles``."""
    awards = await fetch(
        "SELECT a.id, h.code, h.title, c.organisation FROM cycle_award a JOIN honour h ON h.id = a.honour"
        " JOIN cycle c ON c.id = a.cycle WHERE a.cycle = $1 ORDER BY a.place, h.code",
        cycle,
    )
    made = []
    for award in awards:
        ranks = await ranks_of(award["id"], award["organisation"])
        field = selection.field_of(await candidates_of(award["id"], stages, with_rows=True), ranks)
        made.append(
            Selected(award=award["id"], honour=award["code"], title=award["title"], rows=field.chosen + field.separate)
        )
    return made


async def ranks_of(award: UUID, union: UUID) -> dict[str, int]:
    """nomination → its rank in the newest closed round of this union's panel that had it on its paper."""
    rows = await fetch(
        "SELECT result FROM review_round WHERE award = $1 AND organisation = $2 AND stage = 'closed' ORDER BY number DESC LIMIT 12",
        award, union,
    )  # fmt: skip
    ranks: dict[str, int] = {}
    for row in rows:
        for one in msgspec.json.decode(row["result"], type=Outcome).standings:
            if one.rank is not None:
                ranks.setdefault(one.nomination, one.rank)
    return ranks
