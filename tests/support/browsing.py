"""How long tests wait for a browser. A bound only tells a hanging page from a slow one: on a busy machine a second lasts long."""

from __future__ import annotations

from typing import Any

LONG = 60_000
"""Milliseconds that a browser may take before a test gives up: never how long it does take."""


def patient(context: Any) -> Any:
    """The same browser context, waiting that long for everything; ``expect`` too."""
    from playwright.async_api import expect

    expect.set_options(timeout=LONG)
    context.set_default_timeout(LONG)
    return context
