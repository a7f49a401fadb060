"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation.i18n import N_
from foundation.web import navigation
from honours.catalogue.api import CatalogueApi
from honours.catalogue.pages import CataloguePages
from honours.nominations import queries as nominations
from honours.nominations.api import NominationApiPages
from honours.nominations.pages import NominationPages
from honours.nominations.paper_pages import NominationPaperPages
from honours.nominations.vetting_pages import VettingPages
from honours.permissions import Permission

HANDLERS: list[ControllerRouterHandler] = [
    CataloguePages,
    CatalogueApi,
    NominationPages,
    NominationPaperPages,
    VettingPages,
    NominationApiPages,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("我们单位"), label=N_("推荐申报"), path="/nominations", icon="medal", policy=Permission.NOMINATE,
        place=31, badge=nominations.returned_count,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("征求意见到期"), path="/nominations/clearances", icon="clock",
        policy=Permission.KEEP_CLEARANCES, place=216, badge=nominations.overdue_count,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("荣誉目录"), path="/honours/catalogue", icon="award", policy=Permission.SEE_CATALOGUE,
        place=290,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
