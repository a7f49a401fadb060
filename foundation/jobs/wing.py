"""What the plumbing adds to the application: watching jobs, preferences."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

HANDLERS: list[ControllerRouterHandler] = []


def register() -> None:
    """Nothing to register yet besides the handlers."""
