"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation.web import navigation

HANDLERS: list[ControllerRouterHandler] = []
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = []


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
