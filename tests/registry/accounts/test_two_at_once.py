"""Two people, or one person twice, at the same moment: everything here commits on connections of its own."""

from __future__ import annotations

import asyncio

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.sessions import COOKIE, find_session
from registry.accounts import keeping, links, operations, signing_in
from registry.accounts.roles import Role
from tests.registry.accounts.conftest import PASSWORD, code_of, failures, give_password, give_phone, is_locked
from tests.support.people import House, browser_for


async def outcomes(*tries) -> list[object]:
    """What came of each, in order; refusals as their codes."""
    done = await asyncio.gather(*tries, return_exceptions=True)
    said = []
    for one in done:
        if isinstance(one, Refusals):
            said.append(one.refusals[0].code)
        elif isinstance(one, Refusal):
            said.append(one.code)
        elif isinstance(one, BaseException) and not isinstance(one, NotFound):
            raise one
        else:
            said.append(type(one).__name__ if isinstance(one, BaseException) else "done")
    return said


async def test_two_wrong_passwords_at_once_both_count(committed):
    li = await give_password(await (await House().build()).person("li", "enterprise_contact", at="jia"))
    said = await outcomes(*(signing_in.sign_in("li", "wrong wrong wrong") for _ in range(2)))
    assert said == ["sign_in_wrong"] * 2
    assert await failures(li) == 2


async def test_of_twelve_guesses_at_once_five_are_heard(committed):
    li = await give_password(await (await House().build()).person("li", "enterprise_contact", at="jia"))
    said = await outcomes(*(signing_in.sign_in("li", "wrong wrong wrong") for _ in range(12)))
    assert sorted(said) == ["sign_in_locked"] * 7 + ["sign_in_wrong"] * 5
    assert await is_locked(li)
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'account.locked'") >= 1


async def test_of_twelve_guesses_at_a_login_nobody_has_five_are_heard(committed):
    said = await outcomes(*(signing_in.sign_in("ghost", "wrong wrong wrong") for _ in range(12)))
    assert sorted(said) == ["sign_in_locked"] * 7 + ["sign_in_wrong"] * 5


async def test_one_code_used_twice_at_once_opens_once(committed):
    zhou = await give_password(await (await House().build()).person("zhou", "county_officer", at="xuanzhou"))
    phone = await give_phone(zhou)
    halves = [await find_session((await signing_in.sign_in("zhou", PASSWORD)).token) for _ in range(4)]
    code = code_of(phone)
    said = await outcomes(*(signing_in.pass_second_factor(half, code=code) for half in halves))
    assert sorted(said) == ["done"] + ["second_factor_wrong"] * 3
    assert await fetchval("SELECT count(*) FROM session WHERE state = 'signed_in'") == 1


async def test_one_recovery_code_used_twice_at_once_opens_once(committed):
    zhou = await give_password(await (await House().build()).person("zhou", "county_officer", at="xuanzhou"))
    await give_phone(zhou)
    codes = await signing_in.renew_recovery_codes(zhou.account)
    halves = [await find_session((await signing_in.sign_in("zhou", PASSWORD)).token) for _ in range(4)]
    said = await outcomes(*(signing_in.pass_second_factor(half, recovery=codes[0]) for half in halves))
    assert sorted(said) == ["done"] + ["second_factor_wrong"] * 3


async def test_one_link_used_twice_at_once_sets_one_password(committed):
    house = await House().build()
    sun = await house.person("sun", "security_admin", at="city")
    li = await house.person("li", "enterprise_contact", at="jia")
    token, _ = await keeping.issue_link(sun, li.account)
    passwords = [f"夏至之日昼最长 no.{n}" for n in range(3)]
    said = await outcomes(*(links.set_password_by_link(token, text, text) for text in passwords))
    assert sorted(said) == ["NotFound", "NotFound", "done"]
    right = [await outcomes(signing_in.sign_in("li", text)) for text in passwords]
    assert right == [["done"] if one == "done" else ["sign_in_wrong"] for one in said]


async def test_one_login_taken_twice_at_once_is_one_account(committed):
    said = await outcomes(*(operations.create_account(None, login="zheng", name="郑") for _ in range(4)))
    assert sorted(said) == ["done"] + ["login_taken"] * 3


async def test_one_role_granted_twice_at_once_is_one_grant(committed):
    house = await House().build()
    sun, li = await house.person("sun", "security_admin", at="city"), await house.person("li", "enterprise_contact", at="jia")  # fmt: skip
    jia = house.organisations["jia"]
    tries = (operations.grant_role(sun, li.account, Role.REVIEWER, organisation=jia) for _ in range(4))
    assert len(set(await asyncio.gather(*tries))) == 1
    assert await fetchval("SELECT count(*) FROM role_grant WHERE role = 'reviewer'") == 1


async def test_code_keeper_and_judge_granted_at_once_leave_one_of_them(committed):
    house = await House().build()
    sun, li = await house.person("sun", "security_admin", at="city"), await house.person("li", "enterprise_contact", at="jia")  # fmt: skip
    event = house.organisations["jia"]  # any id
    said = await outcomes(
        operations.grant_role(sun, li.account, Role.JUDGE, event=event),
        operations.grant_role(sun, li.account, Role.CODE_KEEPER, event=event),
        operations.grant_role(sun, li.account, Role.SUPERVISOR, event=event),
    )
    assert said.count("done") == 1
    assert await fetchval("SELECT count(*) FROM role_grant WHERE event = $1", event) == 1


async def test_a_grant_ended_twice_at_once_ends_once(committed):
    house = await House().build()
    sun, li = await house.person("sun", "security_admin", at="city"), await house.person("li", "enterprise_contact", at="jia")  # fmt: skip
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", li.account)
    assert sorted(await outcomes(*(operations.end_grant(sun, grant) for _ in range(3)))) == ["done"] + ["grant_ended"] * 2  # fmt: skip


async def test_closing_beats_a_sign_in_under_way(committed):
    """However the two interleave, nobody is left signed in to a closed account."""
    house = await House().build()
    sun = await house.person("sun", "security_admin", at="city")
    li = await give_password(await house.person("li", "enterprise_contact", at="jia"))
    for _ in range(4):
        await asyncio.gather(
            signing_in.sign_in("li", PASSWORD), keeping.close_account(sun, li.account), return_exceptions=True
        )
        assert await fetchval("SELECT count(*) FROM session WHERE account = $1", li.account) == 0
        await keeping.reopen_account(sun, li.account)


async def test_a_sign_out_is_not_undone_by_a_page_still_loading(committed, app):
    """A GET in flight while the person signs out brings nothing back (SECURITY 2)."""
    li = await give_password(await (await House().build()).person("li", "enterprise_contact", at="jia"))
    async with browser_for(app) as browser:
        await browser.submit("/sign-in", {"login": "li", "password": PASSWORD})
        token = browser.cookies[COOKIE]
        await fetch("UPDATE session SET seen_at = clock_timestamp() - interval '6 minutes'")  # the GETs will touch it
        await asyncio.gather(*(browser.get("/me") for _ in range(5)), browser.submit("/sign-out"))
        assert await find_session(token) is None
        assert await fetchrow("SELECT 1 FROM session WHERE account = $1", li.account) is None


async def test_a_second_closing_says_so(committed):
    house = await House().build()
    sun, li = await house.person("sun", "security_admin", at="city"), await house.person("li", "enterprise_contact", at="jia")  # fmt: skip
    done = await asyncio.gather(*(keeping.close_account(sun, li.account) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "NoneType"]
    assert sum(isinstance(one, Conflict) for one in done) == 1


async def test_two_security_administrators_who_end_each_other_leave_one(committed):
    house = await House().build()
    for act in ("close", "end"):
        sun, qin = [await house.person(f"{name}-{act}", "security_admin", at="city") for name in ("sun", "qin")]
        if act == "close":
            tries = keeping.close_account(sun, qin.account), keeping.close_account(qin, sun.account)
        else:
            grants = {row["account"]: row["id"] for row in await fetch("SELECT account, id FROM role_grant WHERE ended_at IS NULL")}  # fmt: skip
            tries = operations.end_grant(sun, grants[qin.account]), operations.end_grant(qin, grants[sun.account])
        assert sorted(await outcomes(*tries)) == ["done", "last_security_admin"], act
        await fetch("UPDATE role_grant SET ended_at = now() WHERE ended_at IS NULL")
