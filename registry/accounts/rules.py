"""What accounts, passwords and grants must satisfy. Pure: time and everything else are arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from uuid import UUID

from foundation.errors import Refusal, gather
from foundation.web.policy import Actor, Grant
from registry.accounts.roles import EVENT_ROLES, OFFICERS, ROSTER_ROLES, SEPARATE, Role

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128

COMMON = frozenset(
    {
        "administrator", "password1234", "password12345", "password123456", "passwordpassword", "admin1234567",
        "admin12345678", "admin123456789", "adminadminadmin", "welcome12345", "letmein12345", "changeme1234",
        "iloveyou1234", "woaini1314520", "woaini520520", "woaini123456", "qq123456789", "abc123456789",
        "abcd12345678", "a1234567890b", "1q2w3e4r5t6y", "1qaz2wsx3edc", "qazwsxedcrfv", "zaq12wsxcde3",
        "zxcvbnm123456", "asdfghjkl123", "qwerty123456", "qwertyuiop123", "gongjiang123", "gongjiang1234",
        "gongjiang2026", "xuancheng123", "xuancheng2026", "zonggonghui123",
    }
)  # fmt: skip
"""Passwords of twelve and more characters that are guessed first; shorter ones are refused for their length."""

_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890qwertyuiop")

OFFICER_GRANTS: dict[str, frozenset[Role]] = {
    Role.COUNTY_OFFICER: EVENT_ROLES | {Role.ENTERPRISE_CONTACT, Role.REVIEWER, Role.STUDIO_EXPERT},
    Role.CITY_OFFICER: EVENT_ROLES | {Role.ENTERPRISE_CONTACT, Role.REVIEWER, Role.STUDIO_EXPERT, Role.COUNTY_OFFICER},
}
"""What an officer may grant: roles below the officer's own, never an administrator's."""

ROLE_KINDS: dict[str, frozenset[str]] = {
    Role.CITY_OFFICER: frozenset({"city"}),
    Role.COUNTY_OFFICER: frozenset({"county", "industry"}),
}
"""Where a role may be held, by the organisation's kind; the others anywhere."""

JUDGING = frozenset({Role.JUDGE, Role.CHIEF_JUDGE, Role.SCOREKEEPER, Role.CODE_KEEPER})
"""Who takes part in judging an event, as far as a supervisor is concerned (C60)."""


def require_login(login: str) -> None:
    """A login: 2 to 60 of a–z, 0–9, ``.``, ``_``, ``-``, already in lower case."""
    if not LOGIN.fullmatch(login):
        raise Refusal("login_form", "登录名须为 2 至 60 个小写字母、数字或 . _ -，并以字母或数字开头", field="login")


def require_email(email: str) -> None:
    """An address that could be one; empty is allowed."""
    if email and not EMAIL.fullmatch(email):
        raise Refusal("email_form", "电子邮箱格式不对，应形如 name@example.com", field="email")


def require_password(password: str, *, login: str, name: str, field: str = "password") -> None:
    """A password that is not guessed first; raises every objection at once."""
    folded = password.casefold()

    def length() -> None:
        if len(password) < SHORTEST_PASSWORD:
            raise Refusal("password_short", "密码至少 {least} 个字符", field=field, least=SHORTEST_PASSWORD)
        if len(password) > LONGEST_PASSWORD:
            raise Refusal("password_long", "密码至多 {most} 个字符", field=field, most=LONGEST_PASSWORD)

    def not_oneself() -> None:
        own = [part.casefold() for part in (login, name) if len(part) >= 2]
        if any(part in folded for part in own):
            raise Refusal("password_own_name", "密码不能含有登录名或姓名", field=field)

    def not_common() -> None:
        in_a_run = any(folded in run * 7 or folded in run[::-1] * 7 for run in _RUNS)
        if folded in COMMON or len(set(folded)) < 5 or (len(folded) >= SHORTEST_PASSWORD and in_a_run):
            raise Refusal("password_common", "这个密码太常见或太有规律，请换一个", field=field)

    gather(length, not_oneself, not_common)


def require_place(role: Role, *, organisation_kind: str | None, event: UUID | None) -> None:
    """An event role is held in one event; the others within an organisation of the right kind."""
    if role in EVENT_ROLES and not (event is None and role in ROSTER_ROLES):
        if event is None:
            raise Refusal("role_wants_event", "这个角色须在某一赛项内授予", field="role", rule="C60")
        return
    if event is not None:
        raise Refusal("role_wants_no_event", "这个角色不在赛项内授予", field="role")
    if role in SEPARATE:
        return
    if organisation_kind is None:
        raise Refusal("role_wants_organisation", "请选择这个角色所在的组织", field="organisation")
    kinds = ROLE_KINDS.get(role)
    if kinds and organisation_kind not in kinds:
        raise Refusal("role_other_kind", "这个角色不能授予在这一级组织", field="organisation")


def may_grant(actor: Actor, role: str, *, ancestors: Collection[UUID] = ()) -> bool:
    """Whether ``actor`` may grant or end ``role`` at the organisation that has these ``ancestors`` (itself included).

    For an event role the caller has fetched the event for the actor, so only the role itself is asked for here.
    """
    if actor.has(Role.SECURITY_ADMIN):
        return True
    for officer in OFFICERS:
        scope = actor.organisations_as(officer)
        if (
            scope
            and role in OFFICER_GRANTS[officer]
            and ((role in EVENT_ROLES and not ancestors) or not scope.isdisjoint(ancestors))
        ):
            return True
    return False


def require_may_grant(actor: Actor, account: UUID, role: str, *, ancestors: Collection[UUID] = ()) -> None:
    """Nobody changes the own roles; nobody grants above the own scope or an administrator's role."""
    if actor.account == account:
        raise Refusal("own_grants", "不能变更自己的角色，请由其他有权人员办理", field="role")
    if not may_grant(actor, role, ancestors=ancestors):
        raise Refusal("role_above_scope", "这个角色超出了您可以授予的范围", field="role")


def require_separate(held: Iterable[Grant], role: str, *, event: UUID | None) -> None:
    """三员分立, and within one event 加密≠评分, supervisors hold no judging role (C60)."""
    grants = list(held)
    if role in SEPARATE and any(grant.role in SEPARATE and grant.role != role for grant in grants):
        raise Refusal("administrators_separate", "系统、安全、审计三类管理员须由不同的人担任（三员分立）", field="role")
    if event is None:
        return
    here = {grant.role for grant in grants if grant.event == event}
    marking = {Role.JUDGE, Role.CHIEF_JUDGE}
    if (role == Role.CODE_KEEPER and here & marking) or (role in marking and Role.CODE_KEEPER in here):
        raise Refusal("code_keeper_marks", "同一赛项中加密裁判不能兼任评分裁判", field="role", rule="C60")
    if (role == Role.SUPERVISOR and here & JUDGING) or (role in JUDGING and Role.SUPERVISOR in here):
        raise Refusal("supervisor_judges", "同一赛项中监督仲裁不能兼任裁判工作", field="role", rule="C60")
