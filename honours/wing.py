"""The wing as the application sees it: its handlers, its navigation, its jobs."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation import outbox
from foundation.i18n import N_
from foundation.trail.words import speak
from foundation.web import front, home, navigation
from honours.catalogue.api import CatalogueApi
from honours.catalogue.pages import CataloguePages
from honours.cycles.api import CycleApi
from honours.cycles.pages import CyclePages
from honours.cycles.rule_pages import AllotmentPages, CycleRulePages
from honours.deeds import DEEDS
from honours.laureates import entitlements as laureate_entitlements
from honours.laureates import pages as laureates
from honours.laureates import trip_pages
from honours.nominations import finding as nomination_finding
from honours.nominations import queries as nominations
from honours.nominations.api import NominationApiPages
from honours.nominations.pages import NominationPages
from honours.nominations.paper_pages import NominationPaperPages
from honours.nominations.vetting_pages import VettingPages
from honours.permissions import Permission
from honours.review import gate_list, round_reading
from honours.review import notices as review_notices
from honours.review import todo as review_todo
from honours.review.api import ReviewApi
from honours.review.board_pages import BoardPages
from honours.review.gate_pages import GatePages
from honours.review.my_pages import MyRoundPages
from honours.review.notice_pages import ReviewNoticePages
from honours.review.round_pages import RoundPages
from honours.rolls import api as rolls_api
from honours.rolls import deciding, keeping
from honours.rolls import front as newest_roll
from honours.rolls.decision_pages import DecisionPages
from honours.rolls.importing import LedgerImport
from honours.rolls.ledger_pages import LedgerPages, RevocationPages
from honours.rolls.public_pages import PublicRollPages

HANDLERS: list[ControllerRouterHandler] = [
    PublicRollPages,
    DecisionPages,
    LedgerPages,
    LedgerImport,
    RevocationPages,
    *rolls_api.HANDLERS,
    CataloguePages,
    CatalogueApi,
    CyclePages,
    CycleRulePages,
    AllotmentPages,
    CycleApi,
    NominationPages,
    NominationPaperPages,
    VettingPages,
    NominationApiPages,
    GatePages,
    BoardPages,
    ReviewNoticePages,
    RoundPages,
    MyRoundPages,
    ReviewApi,
    *laureates.HANDLERS,
    *trip_pages.HANDLERS,
]
"""Every controller of the wing, one line each."""

NAVIGATION: list[navigation.NavItem] = [
    navigation.NavItem(
        section=N_("荣誉"), label=N_("评选周期"), path="/honours/cycles", icon="calendar", policy=Permission.SEE_CATALOGUE,
        place=285,
    ),
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
    navigation.NavItem(
        section=N_("荣誉"), label=N_("审核"), path="/honours/review", icon="clipboard-check", policy=Permission.REVIEW_FIRST,
        place=210, badge=gate_list.waiting,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("结构比例"), path="/honours/composition", icon="chart-bar",
        policy=Permission.SEE_COMPOSITION, place=222,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("评审轮次"), path="/honours/rounds", icon="gavel", policy=Permission.RUN_ROUNDS, place=224,
        badge=round_reading.open_here,
    ),
    navigation.NavItem(
        section=N_("评审"), label=N_("我的评审"), path="/honours/my-rounds", icon="list-check",
        policy=Permission.SCORE_NOMINATIONS, place=24, badge=round_reading.my_open,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("表彰决定"), path="/honours/decisions", icon="file-text", policy=Permission.DECIDE, place=240,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("荣誉台账"), path="/honours/ledger", icon="list-check", policy=Permission.KEEP_LEDGER,
        place=250,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("撤销荣誉"), path="/honours/revocations", icon="x", policy=Permission.REPORT_REVOCATION,
        place=260, badge=keeping.revocations_waiting,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("劳模档案"), path="/honours/laureates", icon="users", policy=Permission.KEEP_LAUREATES, place=270,
    ),
    navigation.NavItem(
        section=N_("荣誉"), label=N_("成绩对应荣誉"), path="/honours/entitlements", icon="medal",
        policy=Permission.SEE_ENTITLEMENTS, place=275, badge=laureate_entitlements.waiting,
    ),
]  # fmt: skip


def register() -> None:
    """Make the wing known: called once when the application is made."""
    navigation.register(*NAVIGATION)
    speak(DEEDS)
    home.register(to_dos=nomination_finding.to_dos, search=nomination_finding.search)
    home.register(to_dos=review_todo.to_dos)
    front.register(newest_roll.section, place=10)
    home.register(to_dos=laureates.to_dos)
    review_notices.listen()
    outbox.on("document.issued", deciding.heard_issued)
    outbox.on("document.withdrawn", deciding.heard_withdrawn)
