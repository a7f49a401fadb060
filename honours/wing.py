"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation.i18n import N_
from foundation.web import navigation
from honours.catalogue.api import CatalogueApi
from honours.catalogue.pages import CataloguePages
from honours.permissions import Permission

HANDLERS: list[ControllerRouterHandler] = [
    CataloguePages,
    CatalogueApi,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("荣誉"), label=N_("荣誉目录"), path="/honours/catalogue", icon="award", policy=Permission.SEE_CATALOGUE,
        place=290,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
