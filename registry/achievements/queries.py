"""What a person or a unit has achieved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch
from registry.achievements.schemas import Achievement

COLUMNS = (
    "id, worker, organisation, holder_name, kind, title, level, rank, award, achieved_on, source_kind, source,"
    " withdrawn_at, withdrawn_reason, facts"
)
MOST = 500


def _made(row: Any) -> Achievement:
    values = dict(row)
    values["facts"] = msgspec.json.decode(values["facts"])
    return Achievement(**values)


async def of_worker(worker: UUID, *, withdrawn: bool = True) -> list[Achievement]:
    """A person's achievements, the newest first; ``withdrawn=False`` leaves out what no longer counts (H77)."""
    return await _of("worker", worker, withdrawn)


async def of_organisation(organisation: UUID, *, withdrawn: bool = True) -> list[Achievement]:
    """A unit's achievements and those of its people that were told with it, the newest first."""
    return await _of("organisation", organisation, withdrawn)


async def _of(column: str, holder: UUID, withdrawn: bool) -> list[Achievement]:
    rows = await fetch(
        f"SELECT {COLUMNS} FROM achievement WHERE {column} = $1 AND ($2 OR withdrawn_at IS NULL)"
        f" ORDER BY achieved_on DESC, id DESC LIMIT {MOST}",
        holder, withdrawn,
    )  # fmt: skip
    return [_made(row) for row in rows]


async def of_workers(workers: Sequence[UUID]) -> dict[UUID, list[Achievement]]:
    """The achievements that count now, of several people in one query: H10 and C11 ask this of a whole list."""
    rows = await fetch(
        f"SELECT {COLUMNS} FROM achievement WHERE worker = ANY($1::uuid[]) AND withdrawn_at IS NULL"
        " ORDER BY achieved_on DESC, id DESC",
        list(workers),
    )  # fmt: skip
    found: dict[UUID, list[Achievement]] = {worker: [] for worker in workers}
    for row in rows:
        found[row["worker"]].append(_made(row))
    return found
