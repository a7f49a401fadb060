"""The life of a competition (竞赛) and of its events (竞赛项目): stages, moves, and what an event may be.

Pure: times and facts are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from competitions.permissions import Permission
from foundation.errors import Refusal, Refusals
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


YEARS = (2000, 2100)
LEVELS: Mapping[str, str] = {
    "national": N_("国家级"),
    "province": N_("省级"),
    "city": N_("市级"),
    "county": N_("县区级"),
    "enterprise": N_("企业级"),
}
PLAN_CLASSES: Mapping[str, str] = {"一类": N_("一类"), "二类": N_("二类"), "专项": N_("专项")}
"""C1: as the yearly plan of skills competitions sorts them."""
KINDS: Mapping[str, str] = {"individual": N_("个人"), "team": N_("团队")}
ACTIONS: Mapping[str, str] = {
    "open": N_("开放竞赛"),
    "close": N_("结束竞赛"),
    "reopen": N_("重新开放"),
    "open_registration": N_("开始报名"),
    "to_draft": N_("退回草稿"),
    "start_judging": N_("转入评分"),
    "reopen_registration": N_("重开报名"),
}


def require_competition(*, starts_on: date, ends_on: date) -> None:
    """The days of a competition are in order, and in years that a competition can be in."""
    wrong = _odd_years({"starts_on": starts_on, "ends_on": ends_on})
    if ends_on < starts_on:
        wrong.append(Refusal("ends_before_start", "结束日期早于开始日期", field="ends_on"))
    if wrong:
        raise Refusals(wrong)


def _odd_years(days: Mapping[str, date | None]) -> list[Refusal]:
    return [
        Refusal("odd_year", "年份应在 {first} 到 {last} 之间", field=name, first=YEARS[0], last=YEARS[1])
        for name, day in days.items()
        if day is not None and not YEARS[0] <= day.year <= YEARS[1]
    ]


def require_event(
    *,
    kind: str,
    team_min: int,
    team_max: int,
    registration_opens_at: datetime | None,
    registration_closes_at: datetime | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> None:
    """Team sizes fit the kind (C14) and the times stand in order; raises all that is wrong together."""
    wrong = _odd_years(
        {"registration_opens_at": registration_opens_at, "registration_closes_at": registration_closes_at,
         "starts_at": starts_at, "ends_at": ends_at}
    )  # fmt: skip
    if kind == "individual" and (team_min, team_max) != (1, 1):
        wrong.append(Refusal("individual_is_one", "个人项目每队 1 人", field="team_max", rule="C14"))
    elif team_max < team_min:
        wrong.append(Refusal("team_size", "最多人数 {most} 少于最少人数 {least}", field="team_max", rule="C14", most=team_max, least=team_min))  # fmt: skip
    elif kind == "team" and team_max < 2:
        wrong.append(Refusal("team_of_one", "团队项目每队至少可以有 2 人", field="team_max", rule="C14"))
    if registration_opens_at and registration_closes_at and registration_closes_at <= registration_opens_at:
        wrong.append(Refusal("window_order", "报名截止不晚于报名开始", field="registration_closes_at", rule="C15"))
    if registration_closes_at and starts_at and registration_closes_at > starts_at:
        wrong.append(Refusal("window_after_start", "报名截止晚于开赛", field="registration_closes_at", rule="C15"))
    if starts_at and ends_at and ends_at <= starts_at:
        wrong.append(Refusal("times_order", "比赛结束不晚于开赛", field="ends_at"))
    if wrong:
        raise Refusals(wrong)


class EventFacts(Struct, frozen=True, kw_only=True):
    """What a move of an event is judged by. ``wanted`` and ``seats`` count judges for each aspect's code."""

    competition_stage: str
    has_rules: bool
    wanted: Mapping[str, int]
    seats: Mapping[str, int]
    accepted: int
    waiting: int
    entries: int
    marks: int
    registration_closes_at: datetime | None


def obstacles(action: str, facts: EventFacts, now: datetime) -> list[Refusal]:
    """Everything that stands in the way of a move, together; none where the way is free."""
    if action == "open_registration":
        return _before_registration(facts)
    if action == "start_judging":
        return _before_judging(facts, now)
    if action == "to_draft" and facts.entries:
        return [Refusal("has_entries", "已有 {count} 份报名，不能退回草稿", count=facts.entries)]
    if action == "reopen_registration" and facts.marks:
        return [Refusal("has_marks", "已有 {count} 个给分，不能重开报名", rule="C15", count=facts.marks)]
    return []


def _before_registration(facts: EventFacts) -> list[Refusal]:
    found: list[Refusal] = []
    if facts.competition_stage != CompetitionStage.OPEN:
        found.append(Refusal("competition_not_open", "所属竞赛还没有开放"))
    if not facts.has_rules:
        found.append(Refusal("no_rule_set", "该项目还没有规则集，请先编制规则"))
    if facts.registration_closes_at is None:
        found.append(Refusal("no_window", "还没有填写报名截止时间", rule="C15"))
    return found


def _before_judging(facts: EventFacts, now: datetime) -> list[Refusal]:
    found: list[Refusal] = []
    if not facts.has_rules:
        found.append(Refusal("no_rule_set", "该项目还没有规则集，请先编制规则"))
    if facts.registration_closes_at is not None and now < facts.registration_closes_at:
        found.append(Refusal("still_registering", "报名尚未截止", rule="C15"))
    if not facts.accepted:
        found.append(Refusal("no_entries", "还没有已接受的报名"))
    if facts.waiting:
        found.append(Refusal("entries_waiting", "还有 {count} 份报名等待审核", count=facts.waiting))
    if not facts.seats:
        found.append(Refusal("no_panel", "还没有评分组和评分席"))
        return found
    for aspect, wanted in facts.wanted.items():
        seated = facts.seats.get(aspect, 0)
        if seated < wanted:
            found.append(Refusal("too_few_seats", "评分项 {aspect} 需要 {wanted} 名裁判，现有 {seated} 名", rule="C21", aspect=aspect, wanted=wanted, seated=seated))  # fmt: skip
    return found


def require_fixed(stage: str, values: Sequence[tuple[str, object, object]]) -> None:
    """What stands fixed once registration has begun, as (field, was, now)."""
    if stage == EventStage.DRAFT:
        return
    wrong = [Refusal("fixed", "报名开始后不能再改", field=name) for name, was, now in values if was != now]
    if wrong:
        raise Refusals(wrong)
