"""What compositions look at (H20–H28): the nominees of one award in given stages, plain values only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch
from honours.cycles.schemas import Candidate
from honours.nominations.stages import Stage


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A candidate with what a list shows of it."""

    candidate: Candidate
    nomination: UUID
    number: str
    name: str
    unit_name: str
    post: str
    stage: Stage
    place: int
    organisation: UUID
    first_gate: UUID
    gate_name: str
    version: int


_STAGES = {stage.value: stage for stage in Stage}
"""A look-up is fifty times quicker than the enumeration's own, and a board has thousands of rows."""
CANDIDATES_SQL = """
SELECT n.id, n.kind, n.category, n.flags, n.unit_class, n.role, n.listing, n.name, n.unit_name, n.post, n.stage, n.place,
       n.organisation, n.first_gate, n.version, coalesce(n.number, '') AS number, g.name AS gate_name, g.kind AS gate_kind,
       CASE WHEN g.kind = 'city' THEN '' ELSE g.region END AS county
FROM nomination n JOIN organisation g ON g.id = n.first_gate
WHERE n.award = $1 AND n.stage = ANY($2::varchar[])
ORDER BY n.role, g.sort_key, n.first_gate, n.place, n.sort_key, n.id
"""


async def candidates_of(award_id: UUID, stages: Iterable[Stage | str], *, with_rows: bool = False) -> list[Any]:
    """The award's nominees in ``stages``, principals first, then by county, place and name: a list of ``Candidate``, or of
    :class:`Row` (candidate and what lists show) where ``with_rows``. Separate listings are among them (H5): a composition
    leaves them out itself. ``county`` is the region code of the first gate, empty where the running city reviews first.
    """
    wanted = [Stage(stage).value for stage in stages]
    rows = await fetch(CANDIDATES_SQL, award_id, wanted)
    return [_row(row) if with_rows else _candidate(row) for row in rows]


@lru_cache(maxsize=4096)
def _flags(codes: tuple[str, ...]) -> frozenset[str]:
    """Few combinations, many nominees: one set each."""
    return frozenset(codes)


def _candidate(row: Any) -> Candidate:
    return Candidate(
        id=str(row["id"]), kind=row["kind"], category=row["category"], flags=_flags(tuple(row["flags"])),
        unit_class=row["unit_class"], role=row["role"], listing=row["listing"], county=row["county"],
    )  # fmt: skip


def _row(row: Any) -> Row:
    return Row(
        candidate=_candidate(row), nomination=row["id"], number=row["number"], name=row["name"],
        unit_name=row["unit_name"], post=row["post"], stage=_STAGES[row["stage"]], place=row["place"],
        organisation=row["organisation"], first_gate=row["first_gate"], gate_name=row["gate_name"], version=row["version"],
    )  # fmt: skip
