"""What the plumbing adds to the application: the first page, the search box, jobs, the calendar, the trail."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import foundation.outbox  # noqa: F401 - registers the job that delivers news
from foundation import jobs, upkeep
from foundation.clock.pages import CalendarPages
from foundation.i18n import N_
from foundation.jobs.pages import JobApi, JobPages
from foundation.permissions import Permission
from foundation.trail import pages as trail
from foundation.trail.deeds import DEEDS
from foundation.trail.words import speak
from foundation.web import navigation
from foundation.web.home import HomePages
from foundation.web.policy import SIGNED_IN

HANDLERS: list[ControllerRouterHandler] = [HomePages, JobPages, JobApi, CalendarPages, *trail.HANDLERS]

NAVIGATION = [
    navigation.NavItem(section="", label=N_("首页"), path="/home", icon="layout-dashboard", policy=SIGNED_IN, place=0),
    navigation.NavItem(
        section=N_("基础"),
        label=N_("工作日历"),
        path="/calendar",
        icon="calendar",
        policy=Permission.KEEP_CALENDAR,
        place=880,
    ),
    navigation.NavItem(
        section=N_("基础"), label=N_("留痕"), path="/trail", icon="shield-check", policy=Permission.SEE_TRAIL, place=890
    ),
]


def register() -> None:
    """The first page, the calendar and the trail, where the actor may."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    jobs.tick(upkeep.tick)
