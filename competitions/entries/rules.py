"""报名规则: the life of an entry (参赛报名), and who may be entered (C10 to C15).

Pure: time and facts are arguments. :func:`check` finds everything at once: what refuses (``bad``) and what a person
should look at (``warn``), each beside the member or field that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from competitions.entries import retirement
from competitions.permissions import Permission
from competitions.programme.rules import EventStage, within_registration
from foundation.clock import local
from foundation.errors import Refusal
from foundation.i18n import N_


class EntryStage(StrEnum):
    """报名的状态."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STAGES: Mapping[str, str] = {
    EntryStage.DRAFT: N_("草稿"),
    EntryStage.SUBMITTED: N_("已报待审"),
    EntryStage.RETURNED: N_("已退回"),
    EntryStage.ACCEPTED: N_("已接收"),
    EntryStage.REJECTED: N_("未接收"),
    EntryStage.WITHDRAWN: N_("已撤回"),
}
STAGE_COLOURS: Mapping[str, str] = {
    EntryStage.DRAFT: "info",
    EntryStage.SUBMITTED: "wait",
    EntryStage.RETURNED: "bad",
    EntryStage.ACCEPTED: "ok",
    EntryStage.REJECTED: "neutral",
    EntryStage.WITHDRAWN: "neutral",
}
STATUSES: Mapping[str, str] = {
    "competed": N_("正常"),
    "absent": N_("缺考"),
    "withdrawn": N_("弃赛"),
    "disqualified": N_("取消资格"),
}

MOVES: Mapping[tuple[EntryStage, str], tuple[EntryStage, Permission]] = {
    (EntryStage.DRAFT, "submit"): (EntryStage.SUBMITTED, Permission.REGISTER_ENTRY),
    (EntryStage.RETURNED, "submit"): (EntryStage.SUBMITTED, Permission.REGISTER_ENTRY),
    (EntryStage.SUBMITTED, "accept"): (EntryStage.ACCEPTED, Permission.DECIDE_ENTRY),
    (EntryStage.SUBMITTED, "return"): (EntryStage.RETURNED, Permission.DECIDE_ENTRY),
    (EntryStage.SUBMITTED, "reject"): (EntryStage.REJECTED, Permission.DECIDE_ENTRY),
    (EntryStage.SUBMITTED, "withdraw"): (EntryStage.WITHDRAWN, Permission.REGISTER_ENTRY),
    (EntryStage.RETURNED, "withdraw"): (EntryStage.WITHDRAWN, Permission.REGISTER_ENTRY),
    (EntryStage.ACCEPTED, "withdraw"): (EntryStage.WITHDRAWN, Permission.REGISTER_ENTRY),
    (EntryStage.SUBMITTED, "strike"): (EntryStage.WITHDRAWN, Permission.DECIDE_ENTRY),
    (EntryStage.RETURNED, "strike"): (EntryStage.WITHDRAWN, Permission.DECIDE_ENTRY),
}
"""An accepted entry that an officer takes out stays accepted and gets the status 弃赛 (C25): it is listed, not ranked."""

EDITABLE = frozenset({EntryStage.DRAFT, EntryStage.RETURNED})
HELD = (EntryStage.SUBMITTED, EntryStage.RETURNED, EntryStage.ACCEPTED)
"""Stages that count towards a unit's entries (C14) and hold their competitors (C13)."""

COMPETITOR, LEADER, COACH = "competitor", "leader", "coach"
ROLES: Mapping[str, str] = {COMPETITOR: N_("队员"), LEADER: N_("领队"), COACH: N_("教练")}
MOST_MEMBERS = 60
BARRED_TITLES = ("中华技能大奖", "全国技术能手")
"""C11: who holds one of these may not compete."""


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules need to know of an event. ``held_on`` is the day ages and periods are counted to."""

    stage: str
    kind: str
    team_min: int
    team_max: int
    entries_per_unit: int
    min_age: int
    held_on: date
    opens: datetime | None
    closes: datetime | None
    external: bool = False


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Another entry of the competition that already holds a person. ``ours``: of the same unit, so it may be named."""

    event: str
    entry: str
    ours: bool


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules need to know of a member. ``local_since``: since when employed in the place of the competition."""

    worker: UUID
    name: str
    role: str
    sex: str
    born_on: date
    ours: bool = True
    manager: bool = False
    local_since: date | None = None
    titles: tuple[tuple[int, str], ...] = ()
    """(year, title) of C11's titles that are held."""
    elsewhere: tuple[Elsewhere, ...] = ()
    drafted: tuple[Elsewhere, ...] = ()
    """Other drafts of the same unit that name the person too: worth a word, no obstacle."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One remark: ``bad`` refuses, ``warn`` does not. ``member`` is the place in the list, None for the whole entry."""

    severity: str
    refusal: Refusal
    member: int | None = None


def require_open(occasion: Occasion, now: datetime) -> None:
    """Registration goes from its opening to its closing second (C15), while the event registers."""
    if occasion.external:
        raise Refusal("entry_event_external", "该项目由成绩文件导入，不接受网上报名", rule="C15")
    if occasion.stage != EventStage.REGISTRATION:
        raise Refusal("registration_not_open", "该项目现在不接受报名", rule="C15")
    if within_registration(now, occasion.opens, occasion.closes):
        return
    if occasion.opens is not None and now < occasion.opens:
        raise Refusal(
            "registration_not_yet", "报名尚未开始：{opens} 开始", rule="C15",
            opens=f"{local(occasion.opens):%Y-%m-%d %H:%M:%S}",
        )  # fmt: skip
    assert occasion.closes is not None
    raise Refusal(
        "registration_closed", "报名已于 {closes} 截止；需要变动请联系主办方经办人", rule="C15",
        closes=f"{local(occasion.closes):%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip


def closed(occasion: Occasion, now: datetime) -> bool:
    """Whether the closing moment has passed, or the event has moved on (C15)."""
    return occasion.stage != EventStage.REGISTRATION or (occasion.closes is not None and now >= occasion.closes)


def check(
    occasion: Occasion, members: Sequence[Candidate], *, unit_entries: Sequence[str], name: str = ""
) -> list[Finding]:
    """Everything there is to say about an entry, the entry as a whole first. ``unit_entries``: the names of the unit's
    other entries in the event (C14)."""
    whole = [*_size(occasion, members), *_number(occasion, unit_entries, name), *_doubles(members)]
    found = [Finding(severity="bad", refusal=refusal) for refusal in whole]
    for place, member in enumerate(members):
        found += check_member(occasion, member, place)
    return found


def check_member(occasion: Occasion, member: Candidate, place: int) -> list[Finding]:
    """Everything about one member, beside ``members-<place>``."""
    field = f"members-{place}"
    bad = [Finding(severity="bad", refusal=one.at(field), member=place) for one in _obstacles(occasion, member)]
    warn = [Finding(severity="warn", refusal=one.at(field), member=place) for one in _doubts(occasion, member)]
    return bad + warn


def _size(occasion: Occasion, members: Sequence[Candidate]) -> Iterator[Refusal]:
    count = sum(member.role == COMPETITOR for member in members)
    least, most = occasion.team_min, occasion.team_max
    if occasion.kind == "individual":
        if count != 1:
            yield Refusal("one_competitor", "个人项目一份报名限 1 名选手，现有 {count} 名", field="members", rule="C14", count=count)  # fmt: skip
    elif count < least:
        yield Refusal(
            "team_too_small", "每队至少 {least} 名队员，现有 {count} 名，还差 {missing} 名", field="members", rule="C14",
            least=least, count=count, missing=least - count,
        )  # fmt: skip
    elif count > most:
        yield Refusal(
            "team_too_large", "每队至多 {most} 名队员，现有 {count} 名，请减去 {over} 名", field="members", rule="C14",
            most=most, count=count, over=count - most,
        )  # fmt: skip


def _number(occasion: Occasion, unit_entries: Sequence[str], name: str) -> Iterator[Refusal]:
    if len(unit_entries) >= occasion.entries_per_unit:
        yield Refusal(
            "unit_limit", "本单位在该项目至多报 {most} 份，已报 {count} 份", field="name", rule="C14",
            most=occasion.entries_per_unit, count=len(unit_entries),
        )  # fmt: skip
    if occasion.kind == "team" and name in unit_entries:
        yield Refusal("team_name_taken", "本单位在该项目已有“{name}”，请换一个队名", field="name", name=name)


def _doubles(members: Sequence[Candidate]) -> Iterator[Refusal]:
    seen: set[tuple[UUID, str]] = set()
    for member in members:
        if (member.worker, member.role) in seen:
            yield Refusal("member_twice", "{name} 在名单中重复", field="members", rule="C13", name=member.name)
        seen.add((member.worker, member.role))


def _obstacles(occasion: Occasion, member: Candidate) -> Iterator[Refusal]:
    if not member.ours:
        yield Refusal("member_left", "{name} 已不是本单位在册职工，请移出名单", rule="C15", name=member.name)
    if member.role != COMPETITOR:
        return
    age = full_years(member.born_on, occasion.held_on)
    if age < occasion.min_age:
        yield Refusal(
            "too_young", "到比赛日（{day}）{age} 周岁，须年满 {least} 周岁", rule="C10",
            day=occasion.held_on.isoformat(), age=age, least=occasion.min_age,
        )  # fmt: skip
    retired = retirement.latest(member.sex, member.born_on)
    if retired <= occasion.held_on:
        yield Refusal("retired", "已于 {day} 达到法定退休年龄，不得参赛", rule=retirement.RULE, day=retired.isoformat())
    for year, title in member.titles:
        yield Refusal("holds_title", "{year} 年获“{title}”，不得再参赛；可改任教练", rule="C11", year=year, title=title)
    for other in member.elsewhere:
        if other.ours:
            yield Refusal(
                "entered_elsewhere", "已在“{event}”{entry}报名，一人只报一项", rule="C13",
                event=other.event, entry=other.entry,
            )  # fmt: skip
        else:
            yield Refusal("entered_by_another", "已由其他单位在本竞赛中报名，一人只报一项", rule="C13")


def _doubts(occasion: Occasion, member: Candidate) -> Iterator[Refusal]:
    if member.role != COMPETITOR:
        return
    sure, unsure = retirement.latest(member.sex, member.born_on), retirement.earliest(member.sex, member.born_on)
    if unsure <= occasion.held_on < sure and not member.manager:
        yield Refusal(
            "maybe_retired", "按工人岗位已于 {day} 达到法定退休年龄；在管理或技术岗位的请核对后参赛", rule="C10",
            day=unsure.isoformat(),
        )  # fmt: skip
    if member.local_since is None:
        yield Refusal("residence_unknown", "没有入职日期：请确认本地户籍或在本地工作满一年", rule="C12")
    elif (months := full_months(member.local_since, occasion.held_on)) < 12:
        yield Refusal(
            "residence_short", "{since} 入职，到比赛日满 {months} 个月；须有本地户籍才符合条件，请核对", rule="C12",
            since=member.local_since.isoformat(), months=months,
        )  # fmt: skip
    for other in member.drafted:
        yield Refusal(
            "drafted_elsewhere",
            "也在“{event}”{entry}的草稿中：先报上的有效",
            rule="C13",
            event=other.event,
            entry=other.entry,
        )


def full_years(born_on: date, day: date) -> int:
    """Completed years of age on a day; a birthday on 29 February falls on 1 March of other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def full_months(start: date, day: date) -> int:
    """Completed months from ``start`` to ``day``; 0 where it lies ahead."""
    months = (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day)
    return max(0, months)


def age_band(born_on: date, day: date) -> str:
    """The band that a snapshot keeps instead of the birth date: ``-24``, ``25-34``, ``35-44``, ``45-54``, ``55-``."""
    age = full_years(born_on, day)
    if age < 25:
        return "-24"
    if age >= 55:
        return "55-"
    low = 25 + (age - 25) // 10 * 10
    return f"{low}-{low + 9}"


def require_editable(stage: EntryStage) -> None:
    """Only a draft or a returned entry is edited."""
    if stage not in EDITABLE:
        raise Refusal("entry_not_editable", "该报名已上报，不能直接修改；换人请用“更换队员”，或等待主办方退回")


def require_reason(reason: str) -> str:
    """A return, rejection or substitution says why."""
    if not reason.strip():
        raise Refusal("reason_required", "请写明原因", field="reason")
    return reason.strip()


def next_code(taken: Sequence[str]) -> str:
    """The next 参赛号 of an event: A01, A02 …; codes of another form do not count."""
    numbers = [int(code[1:]) for code in taken if code[:1] == "A" and code[1:].isdigit()]
    return f"A{max(numbers, default=0) + 1:02d}"
