"""Where an application stands, and the one table of its moves (T3). Pure."""

from __future__ import annotations

from enum import StrEnum

from foundation.i18n import N_
from studios.permissions import Permission


class Step(StrEnum):
    """申报状态."""

    DRAFT = "draft"
    RETURNED = "returned"
    COUNTY = "county"
    """区县初审: the county or industry union recommends."""
    CITY = "city"
    """材料审查: the naming union checks that everything is there."""
    VISIT = "visit"
    MEETING = "meeting"
    """会议审定."""
    NOTICE = "notice"
    """Approved: to be announced, or announced and waiting for the last day."""
    NAMED = "named"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    """The day for mending a returned application passed."""


LABELS: dict[str, str] = {
    Step.DRAFT: N_("草稿"),
    Step.RETURNED: N_("已退回"),
    Step.COUNTY: N_("区县初审"),
    Step.CITY: N_("材料审查"),
    Step.VISIT: N_("实地走访"),
    Step.MEETING: N_("会议审定"),
    Step.NOTICE: N_("公示"),
    Step.NAMED: N_("已命名"),
    Step.REJECTED: N_("未通过"),
    Step.WITHDRAWN: N_("已撤回"),
    Step.ABANDONED: N_("逾期放弃"),
}

CHIPS: dict[str, str] = {
    Step.DRAFT: "neutral", Step.RETURNED: "bad", Step.COUNTY: "wait", Step.CITY: "info", Step.VISIT: "info",
    Step.MEETING: "info", Step.NOTICE: "info", Step.NAMED: "ok", Step.REJECTED: "bad", Step.WITHDRAWN: "neutral",
    Step.ABANDONED: "neutral",
}  # fmt: skip

PATH = (Step.DRAFT, Step.COUNTY, Step.CITY, Step.VISIT, Step.MEETING, Step.NOTICE, Step.NAMED)
"""The straight way, for the stepper."""

WITH_UNIT = frozenset({Step.DRAFT, Step.RETURNED})
"""The unit may change it."""

RUNNING = frozenset({*WITH_UNIT, Step.COUNTY, Step.CITY, Step.VISIT, Step.MEETING, Step.NOTICE})
"""Not decided yet: a call with such an application cannot change its rules, and a leader has one of them."""

_COUNTY, _CITY, _DECIDE = Permission.RECOMMEND, Permission.REVIEW_APPLICATIONS, Permission.DECIDE_STUDIOS

MOVES: dict[tuple[Step, str], tuple[Step, Permission]] = {
    (Step.DRAFT, "submit"): (Step.COUNTY, Permission.APPLY),
    (Step.RETURNED, "submit"): (Step.COUNTY, Permission.APPLY),
    (Step.COUNTY, "recommend"): (Step.CITY, _COUNTY),
    (Step.COUNTY, "return"): (Step.RETURNED, _COUNTY),
    (Step.COUNTY, "reject"): (Step.REJECTED, _COUNTY),
    (Step.CITY, "return"): (Step.RETURNED, _CITY),
    (Step.CITY, "reject"): (Step.REJECTED, _CITY),
    (Step.CITY, "arrange_visit"): (Step.VISIT, _CITY),
    (Step.VISIT, "close_visit"): (Step.MEETING, _CITY),
    (Step.VISIT, "call_off_visit"): (Step.CITY, _CITY),
    (Step.VISIT, "reject"): (Step.REJECTED, _DECIDE),
    (Step.MEETING, "approve"): (Step.NOTICE, _DECIDE),
    (Step.MEETING, "reject"): (Step.REJECTED, _DECIDE),
    (Step.NOTICE, "name"): (Step.NAMED, _DECIDE),
    (Step.NOTICE, "reject"): (Step.REJECTED, _DECIDE),
    **{(step, "withdraw"): (Step.WITHDRAWN, Permission.APPLY) for step in (Step.DRAFT, Step.RETURNED, Step.COUNTY)},
    (Step.RETURNED, "abandon"): (Step.ABANDONED, _CITY),
}
"""(step, action) → (where it leads, who may); every other pair is refused. Nothing leads out of an end."""

REASONED = frozenset({"return", "reject", "abandon", "call_off_visit"})
"""Moves that say no: each wants its reason in words."""

SAID: dict[str, str] = {
    "submit": N_("提交"), "recommend": N_("推荐"), "return": N_("退回"), "reject": N_("不通过"), "arrange_visit": N_("安排走访"),
    "close_visit": N_("走访结束"), "call_off_visit": N_("取消走访"), "approve": N_("会议通过"), "name": N_("命名"), "withdraw": N_("撤回"), "abandon": N_("逾期放弃"),
    "announce": N_("发布公示"),
}  # fmt: skip
