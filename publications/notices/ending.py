"""Notices end by themselves: the worker looks twice a minute for those whose last day is over."""

from __future__ import annotations

from foundation import jobs
from publications.notices.operations import end_due


@jobs.tick
async def end_notices() -> None:
    """End what is due; each tells ``notice.ended`` once."""
    await end_due()
