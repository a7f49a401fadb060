"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation import permissions as plumbing
from foundation.i18n import N_
from foundation.trail.words import speak
from foundation.web import home, navigation
from registry import finding
from registry.accounts import handlers as accounts
from registry.accounts.guides import guides
from registry.deeds import DEEDS
from registry.merging import pages as merging_pages
from registry.organisations import pages as organisation_pages
from registry.organisations.sheet import OrganisationImport
from registry.permissions import Permission
from registry.rosters import pages as roster_pages
from registry.workers import acts as worker_acts
from registry.workers import pages as worker_pages
from registry.workers.sheet import WorkerImport

HANDLERS: list[ControllerRouterHandler] = [
    *accounts.HANDLERS,
    *organisation_pages.HANDLERS,
    OrganisationImport,
    worker_pages.WorkerPages,
    *worker_acts.HANDLERS,
    WorkerImport,
    *merging_pages.HANDLERS,
    *roster_pages.HANDLERS,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    *accounts.NAVIGATION,
    navigation.NavItem(
        section=N_("基础"), label=N_("工会组织"), path="/registry/organisations", icon="building-factory-2",
        policy=Permission.SEE_ORGANISATIONS, place=700,
    ),
    navigation.NavItem(
        section=N_("基础"), label=N_("职工"), path="/registry/workers", icon="users",
        policy=Permission.SEE_WORKERS, place=710,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    home.register(search=finding.search, to_dos=finding.to_dos, guides=guides)
    plumbing.assign(plumbing.Permission.KEEP_CALENDAR, Permission.KEEP_CALENDAR)
    plumbing.assign(plumbing.Permission.SEE_TRAIL, Permission.SEE_TRAIL)
