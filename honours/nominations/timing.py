"""单位公示与期限 (H32, H35): days as typed, the last day of the notice, what is due when. Pure; the calendar is an argument."""

from __future__ import annotations

import re
from datetime import date, datetime

from foundation import working_days
from foundation.errors import Refusal
from foundation.i18n import N_
from foundation.working_days import Calendar
from honours.nominations.findings import UNIT_GATE, Check, Facts, State, met, unmet
from honours.nominations.stages import Stage

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def day_of(text: str) -> date | None:
    """``2026-03-30`` as a date; None where it is none."""
    text = text.strip()
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def month_of(text: str) -> date | None:
    """``2007-07`` as its first day; None where it is no month."""
    text = text.strip()
    return date.fromisoformat(text + "-01") if _MONTH.fullmatch(text) and int(text[:4]) > 0 else None


def notice_days(start: date, days: int, calendar: Calendar) -> list[date]:
    """The working days of a notice that opens on ``start``, the first counted (H32)."""
    first = working_days.last_day(start, 1, calendar)
    return [first] + [working_days.add(first, n, calendar) for n in range(1, days)]


def check_notice(facts: Facts) -> list[Check]:
    """The unit's own notice (H32): five working days over, without objection; by a notice of ours, or by dates and a scan."""
    title = N_("单位公示")
    typed = facts.dossier.procedure
    if facts.posted is not None:
        wrong = [
            Check(code=one.code, part="procedure", title=title, rule=one.rule or "H32", state=State.BAD, refusal=one, field="notice")
            for one in facts.posted.refusals
        ]  # fmt: skip
        return wrong or [met("notice", "procedure", title, "H32")]
    checks = [_dates(facts, title)]
    if typed.no_objection:
        checks.append(met("notice_conclusion", "procedure", N_("公示结论"), "H32"))
    else:
        checks.append(
            unmet(
                "notice_conclusion",
                "procedure",
                N_("缺公示结论"),
                "H32",
                N_("期满后勾选“公示无异议”；有异议的先按 H34 核查"),
                field="no_objection",
            )
        )
    return checks


def _dates(facts: Facts, title: str) -> Check:
    typed, days = facts.dossier.procedure, facts.rules.gates.unit_notice_days
    start = day_of(typed.notice_from)
    if start is None:
        return unmet(
            "notice_start", "procedure", N_("缺单位公示起日"), "H32", N_("填公示起日（首日计入），或关联一则站内公示"),
            field="notice_from",
        )  # fmt: skip
    try:
        shown = notice_days(start, days, facts.calendar if facts.calendar is not None else {})
    except Refusal as refusal:
        return unmet(
            "notice_calendar", "procedure", N_("公示止日不能计算"), "H32",
            N_("{years} 年的工作日历尚未录入，不能推算公示止日；请与市总工会联系补录"), field="notice_from",
            years=refusal.facts.get("years", start.year),
        )  # fmt: skip
    held = day_of(typed.held_on)
    if held is not None and start < held:
        return unmet(
            "notice_before_vote", "procedure", N_("公示早于民主程序"), "H31",
            N_("先经职代会通过再公示：会议 {held}，公示起于 {start}"), field="notice_from", held=held, start=start,
        )  # fmt: skip
    if facts.today <= shown[-1]:
        return unmet(
            "notice_running", "procedure", N_("单位公示未满"), "H32",
            N_("公示须满 {days} 个工作日（首日计入），到 {last} 24:00 才期满"), field="notice_from", days=days, last=shown[-1],
        )  # fmt: skip
    return met("notice", "procedure", title, "H32")


def check_due(facts: Facts) -> list[Check]:
    """Late is given up (H35); nothing is handed in while the cycle does not take it."""
    title = N_("上报期限")
    if facts.stage is Stage.DRAFT and facts.cycle_stage != "open":
        return [
            unmet(
                "cycle_closed",
                "basic",
                N_("本周期不收申报"),
                "H35",
                N_("这个评选周期现在不接收上报"),
                gates=frozenset({UNIT_GATE}),
            )
        ]
    due = facts.returned_due_at if facts.stage is Stage.RETURNED else facts.unit_due_at
    if facts.stage in (Stage.DRAFT, Stage.RETURNED) and due is not None and facts.now > due:
        return [
            unmet(
                "too_late",
                "basic",
                N_("已过期限"),
                "H35",
                N_("上报期限 {due} 已过，逾期视为放弃"),
                gates=frozenset({UNIT_GATE}),
                due=in_shanghai(due),
            )
        ]
    return [met("due", "basic", title, "H35")]


def in_shanghai(moment: datetime) -> str:
    """``2026-04-16 17:30``, as refusals name a moment."""
    from foundation.clock import local

    return f"{local(moment):%Y-%m-%d %H:%M}"
