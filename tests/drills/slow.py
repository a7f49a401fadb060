"""A worker that also knows a slow job: ``python -m tests.drills.slow``."""

from __future__ import annotations

import asyncio
import sys

from foundation import jobs
from foundation.database import fetch

STEPS = 30


@jobs.handler("drill.slow")
async def slow(job: jobs.JobContext) -> None:
    """Thirty steps of a tenth of a second, each safe to take again."""
    for step in range(STEPS):
        await fetch("INSERT INTO rate_count (bucket) VALUES ($1) ON CONFLICT (bucket) DO NOTHING", f"{job.id}:{step}")
        await job.progress(step + 1, STEPS)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    from commands.serve import work

    sys.exit(work(once=False))
