"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

import studios.upkeep.schedule  # noqa: F401 - registers what comes about by time alone
from foundation.i18n import N_
from foundation.outbox import on
from foundation.trail.words import speak
from foundation.web import home, navigation
from studios.applications import notices as application_notices
from studios.applications import showing as applications
from studios.applications import todo as application_todo
from studios.applications.api import StudioApplicationApi
from studios.applications.pages import ApplicationPages
from studios.applications.programme_api import StudioCallApi, StudioProgrammeApi
from studios.applications.programme_pages import CallPages, ProgrammePages
from studios.applications.table_pages import ScoringTablePages
from studios.applications.visit_pages import VisitApi, VisitPages
from studios.deeds import DEEDS
from studios.directory.comparing import ComparisonPages
from studios.directory.public_pages import PublicStudioPages
from studios.outputs.api import StudioFundApi, StudioOutputApi
from studios.outputs.pages import StudioFundPages, StudioOutputPages
from studios.permissions import Permission
from studios.upkeep import rereview
from studios.upkeep import todo as upkeep_todo
from studios.upkeep.api import StudioRegisterApi
from studios.upkeep.pages import StudioRegisterPages

HANDLERS: list[ControllerRouterHandler] = [
    ApplicationPages,
    ProgrammePages,
    CallPages,
    ScoringTablePages,
    VisitPages,
    VisitApi,
    PublicStudioPages,
    ComparisonPages,
    StudioRegisterPages,
    StudioOutputPages,
    StudioFundPages,
    StudioApplicationApi,
    StudioProgrammeApi,
    StudioCallApi,
    StudioRegisterApi,
    StudioOutputApi,
    StudioFundApi,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("我们单位"), label=N_("工作室申报"), path="/studios/applications", icon="bulb", policy=Permission.APPLY,
        place=32, badge=applications.returned,
    ),
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("申报审核"), path="/studios/applications", icon="clipboard-check",
        policy=Permission.RECOMMEND, place=310, badge=applications.waiting,
    ),
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("创建项目"), path="/studios/programmes", icon="settings",
        policy=Permission.RUN_PROGRAMMES, place=320,
    ),
    navigation.NavItem(
        section=N_("评审"), label=N_("我的走访"), path="/studios/visits", icon="device-tablet", policy=Permission.VISIT, place=25,
    ),
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("工作室管理"), path="/studio-register", icon="bulb", policy=Permission.SEE_STUDIOS,
        place=340,
    ),
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("补助台账"), path="/studio-funds", icon="file-text",
        policy=Permission.SEE_APPLICATIONS, place=350,
    ),
    navigation.NavItem(
        section=N_("创新工作室"), label=N_("工作室比较"), path="/studios/comparison", icon="chart-bar",
        policy=Permission.COMPARE_STUDIOS, place=360,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    application_notices.listen()
    home.register(to_dos=application_todo.to_dos)
    home.register(to_dos=upkeep_todo.to_dos)
    on("achievement.withdrawn", rereview.honour_withdrawn)
    on("worker.left", rereview.leader_gone)
    on("worker.moved", rereview.leader_gone)
