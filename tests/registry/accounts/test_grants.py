"""Roles: who gives and takes them where, who may not be two things, and what happens to the sessions."""

from __future__ import annotations

import uuid

import pytest

from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from registry.accounts import operations
from registry.accounts.roles import Role

EVENT, OTHER = uuid.UUID(int=701), uuid.UUID(int=702)


@pytest.fixture
async def people(house):
    """孙 security, 陈 city officer, 周 officer of 宣州, 吴 officer of 宁国, 李 contact of 甲, 王 contact of 乙."""
    return {
        "sun": await house.person("sun", "security_admin", at="city"),
        "chen": await house.person("chen", "city_officer", at="city"),
        "zhou": await house.person("zhou", "county_officer", at="xuanzhou"),
        "wu": await house.person("wu", "county_officer", at="ningguo"),
        "li": await house.person("li", "enterprise_contact", at="jia"),
        "wang": await house.person("wang", "enterprise_contact", at="yi"),
    }


async def held(account) -> set[tuple[str, object]]:
    rows = await fetch("SELECT role, organisation, event FROM role_grant WHERE account = $1 AND ended_at IS NULL", account)  # fmt: skip
    return {(row["role"], row["event"] or row["organisation"]) for row in rows}


def codes(refused) -> set[str]:
    one = refused.value
    return {each.code for each in one.refusals} if isinstance(one, Refusals) else {one.code}


async def test_zhou_makes_li_a_reviewer_and_li_must_sign_in_again(people, house, browse):
    li = await browse(people["li"])
    assert (await li.get("/me")).status_code == 200
    jia = house.organisations["jia"]
    await operations.grant_role(people["zhou"], people["li"].account, Role.REVIEWER, organisation=jia)
    assert await held(people["li"].account) == {("enterprise_contact", jia), ("reviewer", jia)}
    assert (await li.get("/me")).status_code == 303
    by = await fetchval("SELECT granted_by FROM role_grant WHERE role = 'reviewer'")
    assert by == people["zhou"].account


async def test_granting_what_is_held_changes_nothing_and_signs_nobody_out(people, house, browse):
    li = await browse(people["li"])
    first = await fetchval("SELECT id FROM role_grant WHERE account = $1", people["li"].account)
    same = await operations.grant_role(people["zhou"], people["li"].account, "enterprise_contact", organisation=house.organisations["jia"])  # fmt: skip
    assert same == first
    assert (await li.get("/me")).status_code == 200
    assert await fetchval("SELECT count(*) FROM trail_entry") == 0


# Who grants an organisation role to 李 where: written out by hand.
MAY = {
    ("chen", "county_officer", "xuanzhou"), ("chen", "enterprise_contact", "yi"), ("chen", "reviewer", "city"),
    ("zhou", "enterprise_contact", "jia"), ("zhou", "studio_expert", "xuanzhou"),
    ("sun", "city_officer", "city"), ("sun", "county_officer", "ningguo"), ("sun", "audit_admin", "city"),
    ("sun", "enterprise_contact", "yi"),
}  # fmt: skip
MAY_NOT = {
    ("chen", "city_officer", "city"), ("chen", "security_admin", "city"), ("chen", "audit_admin", "city"),
    ("zhou", "enterprise_contact", "yi"), ("zhou", "reviewer", "city"), ("zhou", "county_officer", "xuanzhou"),
    ("zhou", "system_admin", "xuanzhou"), ("wu", "enterprise_contact", "jia"), ("li", "enterprise_contact", "jia"),
    ("wang", "reviewer", "jia"),
}  # fmt: skip


@pytest.mark.parametrize(("who", "role", "where"), sorted(MAY | MAY_NOT))
async def test_who_grants_which_role_where(people, house, who, role, where):
    qian = await operations.create_account(None, login="qian", name="钱")
    at = house.organisations[where]
    if (who, role, where) in MAY:
        await operations.grant_role(people[who], qian, role, organisation=at)
        assert await held(qian) == {(role, at)}
    else:
        with pytest.raises(Refusals) as refused:
            await operations.grant_role(people[who], qian, role, organisation=at)
        assert codes(refused) == {"role_above_scope"}
        assert await held(qian) == set()


@pytest.mark.parametrize("who", ["sun", "chen", "zhou"])
async def test_nobody_changes_the_own_roles(people, house, who):
    me = people[who]
    with pytest.raises(Refusals) as refused:
        await operations.grant_role(me, me.account, "enterprise_contact", organisation=house.organisations["jia"])
    assert codes(refused) == {"own_grants"}
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", me.account)
    with pytest.raises(Refusal) as refused:
        await operations.end_grant(me, grant)
    assert codes(refused) == {"own_grants"}


async def test_everything_wrong_with_a_grant_is_said_at_once(people, house):
    await operations.grant_role(None, people["sun"].account, Role.CODE_KEEPER, event=EVENT)
    with pytest.raises(Refusals) as refused:
        await operations.grant_role(people["sun"], people["sun"].account, Role.JUDGE, event=EVENT)
    assert codes(refused) == {"own_grants", "code_keeper_marks"}


async def test_no_code_keeper_marks_in_the_same_event(people):
    li = people["li"].account
    await operations.grant_role(people["zhou"], li, Role.CODE_KEEPER, event=EVENT)
    with pytest.raises(Refusals) as refused:
        await operations.grant_role(people["zhou"], li, Role.JUDGE, event=EVENT)
    assert codes(refused) == {"code_keeper_marks"}
    await operations.grant_role(people["zhou"], li, Role.JUDGE, event=OTHER)
    await operations.end_role(people["zhou"], li, Role.CODE_KEEPER, event=EVENT)
    await operations.grant_role(people["zhou"], li, Role.JUDGE, event=EVENT)
    assert {("judge", EVENT), ("judge", OTHER)} <= await held(li)


async def test_two_administrators_in_one_person_are_refused(people):
    li = people["li"].account
    await operations.grant_role(people["sun"], li, Role.AUDIT_ADMIN)
    with pytest.raises(Refusals) as refused:
        await operations.grant_role(people["sun"], li, Role.SYSTEM_ADMIN)
    assert codes(refused) == {"administrators_separate"}


async def test_ending_a_role_ends_the_sessions_and_keeps_the_row(people, house, browse):
    li = await browse(people["li"])
    await operations.end_role(people["zhou"], people["li"].account, "enterprise_contact", organisation=house.organisations["jia"])  # fmt: skip
    assert (await li.get("/me")).status_code == 303
    row = (await fetch("SELECT ended_at, ended_by FROM role_grant WHERE account = $1", people["li"].account))[0]
    assert row["ended_at"] is not None
    assert row["ended_by"] == people["zhou"].account
    assert [r["action"] for r in await fetch("SELECT action FROM trail_entry")] == ["role.ended"]
    with pytest.raises(NotFound):
        await operations.end_role(people["zhou"], people["li"].account, "enterprise_contact", organisation=house.organisations["jia"])  # fmt: skip


async def test_an_ended_grant_ends_once(people):
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", people["li"].account)
    await operations.end_grant(people["zhou"], grant)
    with pytest.raises(Conflict):
        await operations.end_grant(people["sun"], grant)


async def test_the_neighbours_officer_ends_nothing_here(people):
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", people["li"].account)
    with pytest.raises(Refusal) as refused:
        await operations.end_grant(people["wu"], grant)
    assert codes(refused) == {"role_above_scope"}
    with pytest.raises(NotFound):
        await operations.end_grant_of(people["wu"], people["li"].account, grant)


async def test_a_grant_is_ended_through_its_own_account_only(people):
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", people["wang"].account)
    with pytest.raises(NotFound):
        await operations.end_grant_of(people["sun"], people["li"].account, grant)


async def test_an_events_roles_are_ended_by_who_gave_them_by_the_city_or_by_security(people, house):
    qian = await operations.create_account(None, login="qian", name="钱", organisation=house.organisations["jia"])
    grant = await operations.grant_role(people["wu"], qian, Role.JUDGE, event=EVENT)
    with pytest.raises(Refusal):
        await operations.end_grant(people["zhou"], grant)
    await operations.end_grant(people["wu"], grant)
    for who in ("chen", "sun"):
        grant = await operations.grant_role(people["wu"], qian, Role.JUDGE, event=EVENT)
        await operations.end_grant(people[who], grant)


async def test_event_roles_are_not_granted_from_the_accounts_pages(people, house, browse):
    zhou, jia = await browse(people["zhou"]), str(house.organisations["jia"])
    answer = await zhou.submit(f"/accounts/{people['li'].account}/grants", {"role": "chief_judge", "organisation": jia})
    assert answer.status_code == 422
    assert "须在某一赛项内授予" in answer.text
    answer = await zhou.send_json("POST", f"/api/v1/accounts/{people['li'].account}/grants", {"role": "chief_judge", "organisation": jia})  # fmt: skip
    assert answer.json()["faults"][0]["rule"] == "C60"


async def test_grants_by_page_and_by_api(people, house, browse):
    zhou, li, jia = await browse(people["zhou"]), people["li"].account, house.organisations["jia"]
    answer = await zhou.submit(f"/accounts/{li}/grants", {"role": "reviewer", "organisation": str(jia)})
    assert answer.headers["location"] == f"/accounts/{li}"
    shown = await zhou.get(f"/accounts/{li}")
    assert "已授予角色" in shown.text
    assert "评审委员" in shown.text
    answer = await zhou.send_json("POST", f"/api/v1/accounts/{li}/grants", {"role": "studio_expert", "organisation": str(jia)})  # fmt: skip
    assert answer.status_code == 201
    made = {grant["role"]: grant["id"] for grant in answer.json()["grants"]}
    assert set(made) == {"enterprise_contact", "reviewer", "studio_expert"}
    answer = await zhou.send_json("POST", f"/api/v1/accounts/{li}/grants/{made['reviewer']}/ending", {})
    assert {g["role"] for g in answer.json()["grants"] if g["ended_at"] is None} == {"enterprise_contact", "studio_expert"}  # fmt: skip
    answer = await zhou.submit(f"/accounts/{li}/grants/{made['studio_expert']}/ending")
    assert answer.status_code == 303
    assert await held(li) == {("enterprise_contact", jia)}
