"""The life of a competition (竞赛) and of its events (竞赛项目): stages, moves, and what an event may be.

Pure: times and facts are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from competitions.permissions import Permission
from foundation.errors import Refusal
from foundation.i18n import N_


class CompetitionStage(StrEnum):
    """竞赛的状态."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class EventStage(StrEnum):
    """竞赛项目的状态."""

    DRAFT = "draft"
    REGISTRATION = "registration"
    JUDGING = "judging"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"


COMPETITION_STAGES: Mapping[str, str] = {
    CompetitionStage.DRAFT: N_("草稿"),
    CompetitionStage.OPEN: N_("进行中"),
    CompetitionStage.CLOSED: N_("已结束"),
}
EVENT_STAGES: Mapping[str, str] = {
    EventStage.DRAFT: N_("草稿"),
    EventStage.REGISTRATION: N_("报名中"),
    EventStage.JUDGING: N_("评分中"),
    EventStage.CONFIRMED: N_("成绩已确认"),
    EventStage.PUBLISHED: N_("成绩已发布"),
}

COMPETITION_MOVES: Mapping[tuple[CompetitionStage, str], tuple[CompetitionStage, Permission]] = {
    (CompetitionStage.DRAFT, "open"): (CompetitionStage.OPEN, Permission.RUN_COMPETITION),
    (CompetitionStage.OPEN, "close"): (CompetitionStage.CLOSED, Permission.RUN_COMPETITION),
    (CompetitionStage.CLOSED, "reopen"): (CompetitionStage.OPEN, Permission.RUN_COMPETITION),
}
EVENT_MOVES: Mapping[tuple[EventStage, str], tuple[EventStage, Permission]] = {
    (EventStage.DRAFT, "open_registration"): (EventStage.REGISTRATION, Permission.RUN_COMPETITION),
    (EventStage.REGISTRATION, "to_draft"): (EventStage.DRAFT, Permission.RUN_COMPETITION),
    (EventStage.REGISTRATION, "start_judging"): (EventStage.JUDGING, Permission.RUN_COMPETITION),
    (EventStage.JUDGING, "reopen_registration"): (EventStage.REGISTRATION, Permission.RUN_COMPETITION),
    (EventStage.JUDGING, "confirm"): (EventStage.CONFIRMED, Permission.CONFIRM_RESULT),
    (EventStage.CONFIRMED, "return_to_judging"): (EventStage.JUDGING, Permission.CONFIRM_RESULT),
    (EventStage.CONFIRMED, "publish"): (EventStage.PUBLISHED, Permission.CONFIRM_RESULT),
    (EventStage.PUBLISHED, "withdraw_publication"): (EventStage.CONFIRMED, Permission.CONFIRM_RESULT),
}
"""``confirm``, ``return_to_judging`` (with a reason), ``publish`` and ``withdraw_publication`` belong to the results."""


def require_importable(code: str, stage: EventStage, *, external: bool) -> None:
    """A code may be imported again while its event came from a file and nothing of it is confirmed or published."""
    if not external:
        raise Refusal("code_in_use", "代号“{event}”已用于本系统自办的项目，不能用文件覆盖", field="file", event=code)
    if stage is EventStage.PUBLISHED:
        raise Refusal("already_published", "该项目的成绩已发布，不能再次导入；请先撤回发布", field="file")
    if stage is EventStage.CONFIRMED:
        raise Refusal("already_confirmed", "该项目的成绩已由裁判长确认，不能再次导入；请先退回评分", field="file")


def within_registration(now: datetime, opens: datetime | None, closes: datetime | None) -> bool:
    """Whether the registration window (C15) holds ``now``; an end that is not set does not bind."""
    return (opens is None or opens <= now) and (closes is None or now < closes)
