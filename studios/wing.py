"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import studios.upkeep.schedule  # noqa: F401 - registers what comes about by time alone
from foundation.outbox import on
from foundation.web import navigation
from studios.upkeep import rereview

HANDLERS: list[ControllerRouterHandler] = []
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = []


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    on("achievement.withdrawn", rereview.honour_withdrawn)
    on("worker.left", rereview.leader_gone)
    on("worker.moved", rereview.leader_gone)
