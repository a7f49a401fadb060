"""Passwords, logins, who may grant what, who may not be two things at once: the rules by themselves."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal, Refusals
from foundation.web.policy import Actor, Grant
from registry.accounts import rules, second_factor
from registry.accounts.roles import EVENT_ROLES, ROSTER_ROLES, SEPARATE, Role

CITY, XUANZHOU, JIA, NINGGUO = (uuid.UUID(int=n) for n in range(1, 5))
EVENT, OTHER_EVENT = uuid.UUID(int=91), uuid.UUID(int=92)


def codes_of(check) -> set[str]:
    try:
        check()
    except Refusals as several:
        return {one.code for one in several.refusals}
    except Refusal as one:
        return {one.code}
    return set()


@pytest.mark.parametrize("login", ["qian", "li.yi-er_2", "9x", "a" * 60])
def test_logins_that_are_taken(login):
    rules.require_login(login)


@pytest.mark.parametrize("login", ["", "a", "Qian", "钱", "a b", "_a", "a" * 61, "a\n", "١٢"])
def test_logins_that_are_refused(login):
    assert codes_of(lambda: rules.require_login(login)) == {"login_form"}


@pytest.mark.parametrize("email", ["", "qian@example.com", "a.b@mail.example.cn"])
def test_addresses_that_are_taken(email):
    rules.require_email(email)


@pytest.mark.parametrize("email", ["qian", "qian@", "@example.com", "qian@example", "a b@example.com", "a@b@c.cn"])
def test_addresses_that_are_refused(email):
    assert codes_of(lambda: rules.require_email(email)) == {"email_form"}


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("correct horse battery", set()),
        ("秋分时节稻谷黄满仓十二", {"password_short"}),
        ("秋分时节稻谷黄满仓十二字", set()),
        ("short", {"password_short"}),
        ("x" * 129 + "abcdefg", {"password_long"}),
        ("my qian secret phrase", {"password_own_name"}),
        ("my QIAN secret phrase", {"password_own_name"}),
        ("这是钱乙宁的长长的密码啊", {"password_own_name"}),
        ("aaaaaaaaaaaaaaaa", {"password_common"}),
        ("123456789012", {"password_common"}),
        ("210987654321", {"password_common"}),
        ("abcdefghijklm", {"password_common"}),
        ("Password1234", {"password_common"}),
        ("qian", {"password_short", "password_own_name", "password_common"}),
    ],
)
def test_every_objection_to_a_password_at_once(password, expected):
    assert codes_of(lambda: rules.require_password(password, login="qian", name="钱乙宁")) == expected


def actor(*grants: Grant) -> Actor:
    return Actor(account=uuid.UUID(int=7), login="x", name="x", grants=frozenset(grants))


CITY_OFFICER = actor(Grant(role=Role.CITY_OFFICER, organisation=CITY))
COUNTY_OFFICER = actor(Grant(role=Role.COUNTY_OFFICER, organisation=XUANZHOU))
SECURITY = actor(Grant(role=Role.SECURITY_ADMIN))
CONTACT = actor(Grant(role=Role.ENTERPRISE_CONTACT, organisation=JIA))
SYSTEM = actor(Grant(role=Role.SYSTEM_ADMIN), Grant(role=Role.AUDIT_ADMIN))
BELOW = {"enterprise_contact", "reviewer", "studio_expert"}
IN_EVENTS = {"judge", "chief_judge", "scorekeeper", "code_keeper", "supervisor"}


@pytest.mark.parametrize(
    ("who", "at", "expected"),
    [
        (CITY_OFFICER, (CITY, XUANZHOU, JIA), BELOW | IN_EVENTS | {"county_officer"}),
        (CITY_OFFICER, (), IN_EVENTS),
        (COUNTY_OFFICER, (CITY, XUANZHOU, JIA), BELOW | IN_EVENTS),
        (COUNTY_OFFICER, (), IN_EVENTS),
        (COUNTY_OFFICER, (CITY, NINGGUO), set()),
        (COUNTY_OFFICER, (CITY,), set()),
        (SECURITY, (CITY,), {str(role) for role in Role}),
        (CONTACT, (CITY, XUANZHOU, JIA), set()),
        (SYSTEM, (CITY,), set()),
    ],
)
def test_who_may_grant_what_where(who, at, expected):
    assert {str(role) for role in Role if rules.may_grant(who, role, ancestors=at)} == expected


def test_an_unscoped_officer_grants_nothing():
    assert not any(rules.may_grant(actor(Grant(role=Role.CITY_OFFICER)), role, ancestors=(CITY,)) for role in Role)


def test_nobody_changes_the_own_grants_not_even_security():
    assert codes_of(lambda: rules.require_may_grant(SECURITY, SECURITY.account, Role.JUDGE)) == {"own_grants"}


@pytest.mark.parametrize("role", sorted(EVENT_ROLES - ROSTER_ROLES))
def test_event_roles_want_an_event(role):
    assert codes_of(lambda: rules.require_place(role, organisation_kind="county", event=None)) == {"role_wants_event"}
    rules.require_place(role, organisation_kind=None, event=EVENT)


@pytest.mark.parametrize(
    ("role", "kind", "expected"),
    [
        ("city_officer", "city", set()),
        ("city_officer", "county", {"role_other_kind"}),
        ("county_officer", "city", {"role_other_kind"}),
        ("county_officer", "county", set()),
        ("county_officer", "industry", set()),
        ("county_officer", None, {"role_wants_organisation"}),
        ("enterprise_contact", "grassroots", set()),
        ("enterprise_contact", None, {"role_wants_organisation"}),
        ("security_admin", None, set()),
    ],
)
def test_where_a_role_may_be_held(role, kind, expected):
    assert codes_of(lambda: rules.require_place(Role(role), organisation_kind=kind, event=None)) == expected


# 加密≠评分; supervisors hold no judging role (C60): written out by hand, (held, wanted) → refused.
TOGETHER_IN_ONE_EVENT = {
    ("judge", "code_keeper"), ("chief_judge", "code_keeper"), ("judge", "supervisor"), ("chief_judge", "supervisor"),
    ("scorekeeper", "supervisor"), ("code_keeper", "supervisor"),
}  # fmt: skip


@pytest.mark.parametrize("held", sorted(IN_EVENTS))
@pytest.mark.parametrize("wanted", sorted(IN_EVENTS))
def test_what_nobody_is_both_of_in_one_event(held, wanted):
    refused = (held, wanted) in TOGETHER_IN_ONE_EVENT or (wanted, held) in TOGETHER_IN_ONE_EVENT
    grants = [Grant(role=held, event=EVENT)]
    assert bool(codes_of(lambda: rules.require_separate(grants, wanted, event=EVENT))) is refused
    assert codes_of(lambda: rules.require_separate(grants, wanted, event=OTHER_EVENT)) == set()


@pytest.mark.parametrize("held", sorted(SEPARATE))
@pytest.mark.parametrize("wanted", sorted(SEPARATE))
def test_the_three_administrators_are_three_people(held, wanted):
    refused = {"administrators_separate"} if held != wanted else set()
    assert codes_of(lambda: rules.require_separate([Grant(role=held)], wanted, event=None)) == refused


# RFC 6238, appendix B (SHA-1): the last six of the eight digits; the secret is the ASCII text 12345678901234567890.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at", "code", "step"),
    [(59, "287082", 1), (1111111109, "081804", 37037036), (1111111111, "050471", 37037037), (1234567890, "005924", 41152263)],
)  # fmt: skip
def test_codes_of_the_standard(at, code, step):
    assert second_factor.matching_step(RFC_SECRET, code, at=at) == step
    assert second_factor.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", at=at) == step
    assert second_factor.matching_step(RFC_SECRET, code, at=at + 30) == step, "a phone half a minute late"
    assert second_factor.matching_step(RFC_SECRET, code, at=at + 61) is None


@given(st.text(max_size=12))
def test_whatever_else_is_typed_is_no_code(text):
    digits = "".join(text.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        assert second_factor.matching_step(RFC_SECRET, text, at=59) is None


def test_recovery_codes_are_ten_different_ones_and_forgive_how_they_are_typed():
    codes, one = second_factor.new_recovery_codes(), uuid.UUID(int=5)
    assert len(set(codes)) == 10
    typed = codes[0].lower().replace("-", " ")
    assert second_factor.recovery_digest(one, typed) == second_factor.recovery_digest(one, codes[0])
    assert second_factor.recovery_digest(uuid.UUID(int=6), codes[0]) != second_factor.recovery_digest(one, codes[0])


def test_a_judge_may_stand_on_the_roster_of_an_organisation():
    rules.require_place(Role.JUDGE, organisation_kind="grassroots", event=None)
    assert codes_of(lambda: rules.require_place(Role.JUDGE, organisation_kind=None, event=None)) == {
        "role_wants_organisation"
    }
