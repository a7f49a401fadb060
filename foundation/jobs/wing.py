"""What the plumbing adds to the application: watching jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import foundation.outbox  # noqa: F401 - registers the job that delivers news
from foundation.jobs.pages import JobApi, JobPages

HANDLERS: list[ControllerRouterHandler] = [JobPages, JobApi]


def register() -> None:
    """Nothing besides the handlers."""
