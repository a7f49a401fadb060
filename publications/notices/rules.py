"""The life of a notice, its period, and what it may say (H32, H34, D4, P3). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from foundation import working_days
from foundation.clock import SHANGHAI
from foundation.errors import Refusal
from foundation.i18n import N_
from foundation.moves import Moves
from foundation.working_days import Calendar, Years
from publications.permissions import Permission
from publications.privacy import private_in

LEAST_DAYS = 5
"""H32: unit, city and provincial notices alike, unless a cycle's rule says more."""
MOST_DAYS = 60
MOST_SUBJECTS = 2000
MOST_COLUMNS = 4


class Stage(StrEnum):
    """Where a notice stands. Nothing leads back to a draft, and nothing ends before its last day."""

    DRAFT = "draft"
    OPEN = "open"
    ENDED = "ended"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"


MOVES: Moves[Stage] = {
    (Stage.DRAFT, "open"): (Stage.OPEN, Permission.OPEN_NOTICES),
    (Stage.OPEN, "end"): (Stage.ENDED, None),
    (Stage.ENDED, "conclude"): (Stage.CONCLUDED, Permission.OPEN_NOTICES),
    (Stage.CONCLUDED, "reopen"): (Stage.ENDED, None),
    (Stage.OPEN, "withdraw"): (Stage.WITHDRAWN, Permission.OPEN_NOTICES),
    (Stage.ENDED, "withdraw"): (Stage.WITHDRAWN, Permission.OPEN_NOTICES),
    (Stage.CONCLUDED, "withdraw"): (Stage.WITHDRAWN, Permission.OPEN_NOTICES),
}
"""``end`` is the clock's; ``reopen`` a letter's that was posted in time and came after the conclusion (H34)."""

STAGES = {
    Stage.DRAFT: N_("草稿"),
    Stage.OPEN: N_("公示中"),
    Stage.ENDED: N_("公示期满"),
    Stage.CONCLUDED: N_("已办结"),
    Stage.WITHDRAWN: N_("已撤回"),
}
LEVELS = {
    "unit": N_("单位公示"),
    "county": N_("县市区公示"),
    "industry": N_("产业工会公示"),
    "city": N_("市级公示"),
    "province": N_("省级公示"),
}
LEVELS_OF = {
    "grassroots": ("unit",),
    "town": ("unit",),
    "county": ("county",),
    "industry": ("industry",),
    "city": ("city", "province"),
}
"""The levels at which an organisation of each kind may publish."""


def ends_at(last_day: date) -> datetime:
    """The first moment after the period: midnight of the last day, Shanghai's."""
    return datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)


def status(stage: str, last_day: date | None, now: datetime) -> Stage:
    """What a notice is at ``now``: an open one has ended by itself once its last day is over (H32)."""
    at = Stage(stage)
    return Stage.ENDED if at is Stage.OPEN and last_day is not None and now >= ends_at(last_day) else at


def last_day(first: date, days: int, calendar: Calendar, years: Years) -> date:
    """The last day of ``days`` working days from ``first``, itself counted (H32).

    Raises ``calendar_missing`` for a year without a calendar (A5), ``calendar_may_change`` where the period ends in late
    December and the next year's arrangement, not held, could still move it over the year's end.
    """
    last = working_days.last_day(first, days, calendar, years=years)
    if working_days.may_still_change(last, calendar, years=years):
        raise Refusal(
            "calendar_may_change",
            "公示期将到 {last}，而 {year} 年的放假安排可能调整年末的工作日，该年日历尚未录入：请先在“工作日历”中补录",
            field="days",
            rule="H32",
            last=last.isoformat(),
            year=str(last.year + 1),
        )
    return last


def require_days(days: int, least: int) -> None:
    """Never fewer working days than the rule's minimum."""
    if not least <= days <= MOST_DAYS:
        raise Refusal(
            "notice_days",
            "公示期应为 {least} 至 {most} 个工作日，现为 {days} 个",
            field="days",
            rule="H32",
            least=least,
            most=MOST_DAYS,
            days=days,
        )


def require_today(planned_on: date | None, today: date) -> None:
    """A notice planned for a later day is not opened early."""
    if planned_on is not None and planned_on > today:
        raise Refusal(
            "notice_too_early",
            "拟定的起始日是 {planned}，今天是 {today}：到日再发布，或先修改起始日",
            field="planned_on",
            rule="H32",
            planned=planned_on.isoformat(),
            today=today.isoformat(),
        )


def require_seen(seen: date, last: date) -> None:
    """Whoever opens has seen the last day that is going to be promised."""
    if seen != last:
        raise Refusal(
            "notice_last_day_moved",
            "按现在的工作日历，公示期满日是 {last}，与您看到的 {seen} 不同：请看过新的日期再发布",
            rule="H32",
            last=last.isoformat(),
            seen=seen.isoformat(),
        )


def require_later(before: date, after: date) -> None:
    """The promised last day may move later only."""
    if after <= before:
        raise Refusal(
            "notice_never_shorter",
            "公示期只能延长，不能缩短或提前结束：现在的期满日是 {before}",
            field="days",
            rule="H32",
            before=before.isoformat(),
        )


def require_over(last: date, now: datetime) -> None:
    """Closing early is impossible."""
    if now < ends_at(last):
        raise Refusal(
            "notice_still_open",
            "公示到 {last} 24:00 才期满，不能提前结束",
            rule="H32",
            last=last.isoformat(),
        )


def require_level(kind: str, level: str) -> None:
    """An organisation publishes at its own level."""
    if level not in LEVELS_OF.get(kind, ()):
        raise Refusal("notice_level", "这个组织不能发布这一级的公示", field="level", rule="H30")


def require_publishable(text: str, field: str) -> None:
    """Refuse identity numbers and mobile numbers in what the public will read (P3, A16); the office's own phone stands
    apart, in its own field."""
    found = private_in(text)
    if found == "id_number":
        raise Refusal("notice_id_number", "含有身份证号：公示只写姓名、单位和岗位", field=field, rule="P3")
    if found == "mobile":
        raise Refusal("notice_mobile", "含有手机号：公示只写姓名、单位和岗位", field=field, rule="P3")


def require_list(headings: Sequence[str], rows: Sequence[Sequence[str]], field: str = "subjects") -> None:
    """A list has lines, each as many cells as there are heads, the first not empty, no line twice (D4)."""
    if not 1 <= len(headings) <= MOST_COLUMNS or not all(headings):
        raise Refusal(
            "notice_headings", "名单应有 1 至 {most} 栏，每栏写明栏目名", field="headings", rule="D4", most=MOST_COLUMNS
        )
    if not rows:
        raise Refusal("notice_no_subjects", "名单还没有一个对象", field=field, rule="D4")
    if len(rows) > MOST_SUBJECTS:
        raise Refusal("notice_too_long", "名单最多 {most} 行", field=field, rule="D4", most=MOST_SUBJECTS)
    seen: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(rows, 1):
        _require_row(tuple(row), place, len(headings), field)
        if tuple(row) in seen:
            raise Refusal(
                "notice_twice", "名单第 {place} 行与第 {first} 行相同", field=field, rule="D4", place=place, first=seen[tuple(row)]
            )  # fmt: skip
        seen[tuple(row)] = place


def _require_row(row: tuple[str, ...], place: int, width: int, field: str) -> None:
    if len(row) != width:
        raise Refusal(
            "notice_cells", "名单第 {place} 行有 {cells} 栏，应为 {width} 栏（以 | 分隔）",
            field=field, rule="D4", place=place, cells=len(row), width=width,
        )  # fmt: skip
    if not row[0]:
        raise Refusal("notice_no_name", "名单第 {place} 行没有名称", field=field, rule="D4", place=place)
    if any(len(cell) > 200 for cell in row):
        raise Refusal("notice_cell_long", "名单第 {place} 行有一栏超过 200 字", field=field, rule="D4", place=place)
    found = next((kind for cell in row if (kind := private_in(cell))), "") or private_in(" ".join(row))
    if found:
        raise Refusal(
            "notice_row_private", "名单第 {place} 行含有身份证号或手机号：公示只写姓名、单位和岗位",
            field=field, rule="P3", place=place,
        )  # fmt: skip


def require_contact(office: str, phone: str, email: str, address: str) -> None:
    """The office, an address to write to, and a phone or an e-mail stand on every notice (D4)."""
    for field, value in (("office", office), ("address", address)):
        if not value:
            raise Refusal("notice_contact", "公示须写明受理部门和地址", field=field, rule="D4")
    for field, value in (("phone", phone), ("email", email)):
        if private_in(value) == "id_number":
            raise Refusal("notice_id_number", "含有身份证号：公示只写姓名、单位和岗位", field=field, rule="P3")
    if not (phone or email):
        raise Refusal("notice_contact_way", "公示须写明联系电话或电子邮箱", field="phone", rule="D4")
