"""What the plumbing adds to the application: the first page, the search box, watching jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import foundation.outbox  # noqa: F401 - registers the job that delivers news
from foundation.jobs.pages import JobApi, JobPages
from foundation.web.home import HomePages

HANDLERS: list[ControllerRouterHandler] = [HomePages, JobPages, JobApi]


def register() -> None:
    """Nothing besides the handlers."""
