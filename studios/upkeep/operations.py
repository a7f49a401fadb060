"""The verbs of a studio's life, in one place for pages, API and other features."""

from studios.upkeep.assessing import answer_points, assess, decide_raised, revisit
from studios.upkeep.changes import change_leader, lapse_due, merge_studio, relocate, renew, upgrade
from studios.upkeep.endings import end_studio, keep_recovery
from studios.upkeep.reports import give_opinion, open_reports, save_report
from studios.upkeep.rereview import honour_withdrawn, keep_after_rereview, leader_gone, open_rereview

__all__ = [
    "answer_points", "assess", "change_leader", "decide_raised", "end_studio", "give_opinion", "honour_withdrawn",
    "keep_after_rereview", "keep_recovery", "lapse_due", "leader_gone", "merge_studio", "open_reports", "open_rereview",
    "relocate", "renew", "revisit", "save_report", "upgrade",
]  # fmt: skip
