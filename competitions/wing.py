"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from competitions.judging.api import CorrectionApi, SheetApi
from competitions.permissions import Permission
from competitions.programme.event_pages import EventPages
from competitions.programme.pages import CompetitionPages
from foundation.i18n import N_
from foundation.web import navigation

HANDLERS: list[ControllerRouterHandler] = [
    CompetitionPages,
    EventPages,
    SheetApi,
    CorrectionApi,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("劳动和技能竞赛"), label=N_("竞赛与工种"), path="/competitions", icon="trophy",
        policy=Permission.RUN_COMPETITION, place=100,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
