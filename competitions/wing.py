"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from competitions.deeds import DEEDS
from competitions.entries import queries as entry_queries
from competitions.entries.api import EntryApiPages
from competitions.entries.import_pages import EntryImport
from competitions.entries.pages import EntryPages
from competitions.entries.review_pages import ReviewPages
from competitions.judging import boards
from competitions.judging.api import CorrectionApi, SheetApi
from competitions.judging.board_pages import BoardPages, PanelPages
from competitions.judging.boards import BoardsPage
from competitions.judging.pages import DeskPages
from competitions.permissions import Permission
from competitions.programme.api import ProgrammeApi
from competitions.programme.bundle_pages import BundleApi, BundlePages
from competitions.programme.event_pages import EventPages
from competitions.programme.names import event_names
from competitions.programme.pages import CompetitionPages
from competitions.programme.rule_pages import RulePages
from competitions.results import todo
from competitions.results.api import ResultApi
from competitions.results.front import front
from competitions.results.hub import watching_ends
from competitions.results.live_pages import LivePages
from competitions.results.pages import EventResultPages
from competitions.results.public_pages import ResultPages, about_recompute
from foundation.i18n import N_
from foundation.trail.words import speak
from foundation.web import home, navigation
from registry.accounts.queries import name_events_by

HANDLERS: list[ControllerRouterHandler] = [
    CompetitionPages,
    EventPages,
    RulePages,
    BundlePages,
    BundleApi,
    ProgrammeApi,
    SheetApi,
    CorrectionApi,
    DeskPages,
    BoardPages,
    BoardsPage,
    PanelPages,
    EntryPages,
    ReviewPages,
    EntryApiPages,
    EntryImport,
    EventResultPages,
    ResultPages,
    about_recompute,
    LivePages,
    ResultApi,
    front,
]
"""Every controller of the wing, one line each."""

LIFESPANS = [watching_ends]
"""What begins and ends with the application."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("评分"), label=N_("我的评分表"), path="/desk", icon="list-check", policy=Permission.MARK, place=20,
    ),
    navigation.NavItem(
        section=N_("评分"), label=N_("赛项看板"), path="/boards", icon="chart-bar", policy=Permission.WATCH_BOARD, place=22,
        badge=boards.waiting_count,
    ),
    navigation.NavItem(
        section=N_("劳动和技能竞赛"), label=N_("竞赛与工种"), path="/competitions", icon="trophy",
        policy=Permission.RUN_COMPETITION, place=100,
    ),
    navigation.NavItem(
        section=N_("劳动和技能竞赛"), label=N_("报名审核"), path="/entries/review", icon="clipboard-check",
        policy=Permission.DECIDE_ENTRY, place=104, badge=entry_queries.waiting_count,
    ),
    navigation.NavItem(
        section=N_("我们单位"), label=N_("竞赛报名"), path="/entries", icon="trophy",
        policy=Permission.REGISTER_ENTRY, place=30, badge=entry_queries.returned_count,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    home.register(to_dos=todo.to_dos, figures=todo.figures, search=todo.search)
    name_events_by(event_names)
