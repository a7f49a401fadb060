"""Started by the kill test: does one job in a process of its own. ``python -m … JOB``; the environment names the database."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from foundation.database import engine
from foundation.jobs.worker import do_job
from foundation.web.application import open_pool
from publications.certificates import rendering_job


async def main() -> None:
    assert rendering_job.render_source
    await open_pool(size=4)
    try:
        await do_job(UUID(sys.argv[1]))
    finally:
        await engine().close_connection_pool()


if __name__ == "__main__":
    asyncio.run(main())
