"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import studios.upkeep.schedule  # noqa: F401 - registers what comes about by time alone
from foundation.i18n import N_
from foundation.outbox import on
from foundation.web import navigation
from studios.applications import notices as application_notices
from studios.directory.comparing import ComparisonPages
from studios.directory.public_pages import PublicStudioPages
from studios.permissions import Permission
from studios.upkeep import rereview

HANDLERS: list[ControllerRouterHandler] = [
    PublicStudioPages,
    ComparisonPages,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("工作室比较"), path="/studios/comparison", icon="chart-bar",
        policy=Permission.COMPARE_STUDIOS, place=360,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    application_notices.listen()
    on("achievement.withdrawn", rereview.honour_withdrawn)
    on("worker.left", rereview.leader_gone)
    on("worker.moved", rereview.leader_gone)
