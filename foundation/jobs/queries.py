"""Reads about jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_
from foundation.web.policy import Actor

STATES = {
    "waiting": N_("排队中"),
    "running": N_("进行中"),
    "done": N_("已完成"),
    "failed": N_("未完成"),
    "cancelled": N_("已取消"),
}


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its page shows it. ``result`` may name ``href`` and ``label`` of where to go next."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    message: str
    result: dict[str, Any]
    cancel_asked: bool
    made_at: datetime
    ended_at: datetime | None

    @property
    def live(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def label(self) -> str:
        return STATES[self.state]


def _view(row: Any) -> JobView:
    values = {field.name: row[field.name] for field in msgspec.structs.fields(JobView)}
    return JobView(**{**values, "result": msgspec.json.decode(row["result"])})


async def job_for(actor: Actor, job: UUID) -> JobView:
    """The actor's own job; anybody else's is not found."""
    row = await fetchrow("SELECT * FROM job WHERE id = $1 AND made_by = $2", job, actor.account)
    if row is None:
        raise NotFound
    return _view(row)


async def jobs_of(actor: Actor) -> list[JobView]:
    """The actor's newest 50 jobs."""
    rows = await fetch("SELECT * FROM job WHERE made_by = $1 ORDER BY made_at DESC LIMIT 50", actor.account)
    return [_view(row) for row in rows]


async def ask_to_cancel(actor: Actor, job: UUID) -> None:
    """Ask a waiting or running job to stop at its next step."""
    await job_for(actor, job)
    await fetch("UPDATE job SET cancel_asked = true WHERE id = $1 AND state IN ('waiting', 'running')", job)
