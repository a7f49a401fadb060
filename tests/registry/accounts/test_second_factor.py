"""Officers, administrators and chief judges come in by two steps; the phone is bound once."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from pyotp.totp import TOTP

from foundation import clock
from foundation.database import fetch, fetchval
from foundation.web.sessions import COOKIE, digest
from registry.accounts import second_factor
from registry.accounts.roles import Role
from tests.registry.accounts.conftest import (
    PASSWORD,
    SECRET,
    code_of,
    failures,
    give_password,
    give_phone,
    is_locked,
    wrong_code,
)

WRONG = "验证码不正确、已过期或已用过"
TWO_STEPS = {"county_officer", "city_officer", "chief_judge", "system_admin", "security_admin", "audit_admin"}


@pytest.fixture
async def zhou(house):
    """周: county officer, phone bound before."""
    return await give_password(await house.person("zhou", "county_officer", at="xuanzhou"))


@pytest.fixture
async def phone(zhou):
    return await give_phone(zhou)


async def codes_on(answer) -> list[str]:
    return re.findall(r"<code>([A-Z2-9]{4}(?:-[A-Z2-9]{4}){3})</code>", answer.text)


@pytest.mark.parametrize("role", [str(role) for role in Role])
async def test_which_roles_take_two_steps(house, sign_in, role):
    scope = {"event": uuid.uuid4()} if role in ("judge", "chief_judge", "scorekeeper", "code_keeper", "supervisor") else {"at": "city"}  # fmt: skip
    await give_password(await house.person("somebody", role, **scope))
    _, answer = await sign_in("somebody")
    expected = ["/sign-in/enrol"] if role in TWO_STEPS else ["/home", "/me"]
    assert answer.headers["location"] in expected


async def test_half_a_sign_in_opens_nothing(zhou, phone, sign_in):
    browser, answer = await sign_in("zhou", next_path="/accounts")
    assert answer.headers["location"] == "/sign-in/second-factor?next=%2Faccounts"
    for path in ("/me", "/accounts", "/sign-in/enrol"):
        assert (await browser.get(path)).status_code == 303, path
    assert (await browser.get("/api/v1/accounts")).status_code == 401
    assert (await browser.submit("/me/other-sessions/ending")).status_code == 303


async def test_zhou_comes_in_with_a_new_token(zhou, phone, sign_in):
    browser, _ = await sign_in("zhou", next_path="/accounts")
    half = browser.cookies[COOKIE]
    form = await browser.get("/sign-in/second-factor?next=%2Faccounts")
    assert 'autocomplete="one-time-code"' in form.text
    answer = await browser.submit("/sign-in/second-factor", {"code": code_of(phone), "next": "/accounts"})
    assert answer.headers["location"] == "/accounts"
    assert browser.cookies[COOKIE] != half
    assert (await browser.get("/accounts")).status_code == 200
    assert await fetchval("SELECT count(*) FROM session WHERE digest = $1", digest(half)) == 0
    assert await failures(zhou) == 0


@pytest.mark.parametrize("steps", [-1, 1])
async def test_a_clock_half_a_minute_off_is_forgiven(zhou, phone, sign_in, steps):
    browser, _ = await sign_in("zhou")
    assert (await browser.submit("/sign-in/second-factor", {"code": code_of(phone, steps=steps)})).status_code == 303


@pytest.mark.parametrize("steps", [-3, 3])
async def test_a_clock_further_off_is_not(zhou, phone, sign_in, steps):
    browser, _ = await sign_in("zhou")
    answer = await browser.submit("/sign-in/second-factor", {"code": code_of(phone, steps=steps)})
    assert WRONG in answer.text


async def test_codes_follow_real_time_even_while_the_house_lives_in_another_year(zhou, phone, sign_in):
    async with clock.moved_to(datetime(2026, 4, 14, 6, 36, tzinfo=UTC)):
        browser, _ = await sign_in("zhou")
        assert (await browser.submit("/sign-in/second-factor", {"code": code_of(phone)})).status_code == 303


async def test_a_code_opens_once(zhou, phone, sign_in):
    code = code_of(phone)
    first, _ = await sign_in("zhou")
    assert (await first.submit("/sign-in/second-factor", {"code": code})).status_code == 303
    over_the_shoulder, _ = await sign_in("zhou")
    answer = await over_the_shoulder.submit("/sign-in/second-factor", {"code": code})
    assert WRONG in answer.text
    earlier = code_of(phone, steps=-1)
    assert WRONG in (await over_the_shoulder.submit("/sign-in/second-factor", {"code": earlier})).text


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
async def test_what_is_no_code(zhou, phone, sign_in, code):
    browser, _ = await sign_in("zhou")
    answer = await browser.submit("/sign-in/second-factor", {"code": code})
    assert answer.status_code == 422
    assert (await browser.get("/me")).status_code == 303


async def test_wrong_codes_lock_and_the_password_does_not_forgive_them(zhou, phone, sign_in):
    """Whoever knows the password could else guess codes for ever by signing in again between."""
    for n in range(1, 5):
        browser, _ = await sign_in("zhou")
        await browser.submit("/sign-in/second-factor", {"code": wrong_code(phone)})
        assert await failures(zhou) == n
    browser, answer = await sign_in("zhou")
    assert answer.headers["location"] == "/sign-in/second-factor"
    assert await failures(zhou) == 4
    await browser.submit("/sign-in/second-factor", {"code": wrong_code(phone)})
    assert await is_locked(zhou)
    answer = await browser.submit("/sign-in/second-factor", {"code": code_of(phone)})
    assert "已锁定 15 分钟" in answer.text


async def test_a_sign_in_left_lying_ends(zhou, phone, sign_in):
    browser, _ = await sign_in("zhou")
    await fetch("UPDATE session SET started_at = clock_timestamp() - interval '16 minutes'")
    answer = await browser.submit("/sign-in/second-factor", {"code": code_of(phone)})
    assert answer.headers["location"] == "/sign-in"
    assert (await browser.get("/sign-in")).status_code == 200


async def test_a_recovery_code_opens_once(zhou, phone, sign_in):
    code = second_factor.new_recovery_codes()[0]
    await fetch("INSERT INTO recovery_code (digest, account) VALUES ($1, $2)", second_factor.recovery_digest(zhou.account, code), zhou.account)  # fmt: skip
    browser, _ = await sign_in("zhou")
    assert (await browser.submit("/sign-in/second-factor", {"recovery": code.lower()})).status_code == 303
    assert "已使用一个恢复码" in (await browser.get("/me")).text
    again, _ = await sign_in("zhou")
    assert WRONG in (await again.submit("/sign-in/second-factor", {"recovery": code})).text
    assert await failures(zhou) == 1


async def test_somebody_elses_recovery_code_opens_nothing(zhou, phone, house, sign_in):
    wu = await house.person("wu", "county_officer", at="ningguo")
    code = second_factor.new_recovery_codes()[0]
    await fetch("INSERT INTO recovery_code (digest, account) VALUES ($1, $2)", second_factor.recovery_digest(wu.account, code), wu.account)  # fmt: skip
    browser, _ = await sign_in("zhou")
    assert WRONG in (await browser.submit("/sign-in/second-factor", {"recovery": code})).text


async def test_the_first_sign_in_binds_a_phone(zhou, sign_in):
    browser, answer = await sign_in("zhou", next_path="/accounts")
    assert answer.headers["location"] == "/sign-in/enrol?next=%2Faccounts"
    form = await browser.get("/sign-in/enrol")
    assert 'src="data:image/png;base64,' in form.text
    assert form.headers["cache-control"] == "no-store"
    secret = re.search(r"<code>([A-Z2-7 ]{39})</code>", form.text)[1].replace(" ", "")
    phone = TOTP(secret)
    refused = await browser.submit("/sign-in/enrol", {"code": wrong_code(phone)})
    assert WRONG in refused.text
    half = browser.cookies[COOKIE]
    shown = await browser.submit("/sign-in/enrol", {"code": code_of(phone), "next": "/accounts"})
    codes = await codes_on(shown)
    assert len(set(codes)) == 10
    assert 'href="/accounts"' in shown.text
    assert browser.cookies[COOKIE] != half
    assert (await browser.get("/accounts")).status_code == 200
    stored = await fetch("SELECT digest FROM recovery_code WHERE account = $1", zhou.account)
    assert {row["digest"] for row in stored} == {second_factor.recovery_digest(zhou.account, code) for code in codes}
    sealed = await fetchval("SELECT totp_sealed FROM account WHERE id = $1", zhou.account)
    assert secret.encode() not in sealed
    assert (await browser.get("/sign-in/enrol")).status_code == 303, "the secret is shown no more"
    used_up, _ = await sign_in("zhou")
    assert WRONG in (await used_up.submit("/sign-in/second-factor", {"code": code_of(phone)})).text


async def test_a_sign_in_that_was_not_finished_leaves_no_secret_that_works(zhou, sign_in):
    first, _ = await sign_in("zhou")
    seen = re.search(r"<code>([A-Z2-7 ]{39})</code>", (await first.get("/sign-in/enrol")).text)[1].replace(" ", "")
    second, _ = await sign_in("zhou")
    answer = await second.submit("/sign-in/enrol", {"code": code_of(TOTP(seen))})
    assert WRONG in answer.text


async def test_a_bound_phone_is_asked_for_whatever_the_roles(house, sign_in):
    """Whoever bound a phone keeps the second step when the role that asked for it has ended."""
    li = await give_password(await house.person("li", "enterprise_contact", at="jia"))
    await give_phone(li)
    _, answer = await sign_in("li")
    assert answer.headers["location"] == "/sign-in/second-factor"


async def test_new_recovery_codes_take_the_password_and_void_the_old(zhou, phone, sign_in):
    browser, _ = await sign_in("zhou")
    await browser.submit("/sign-in/second-factor", {"code": code_of(phone)})
    old = await codes_on(await browser.submit("/me/recovery-codes", {"present": PASSWORD}))
    refused = await browser.submit("/me/recovery-codes", {"present": "not the password"})
    assert "当前密码不正确" in refused.text
    assert await failures(zhou) == 1
    new = await codes_on(await browser.submit("/me/recovery-codes", {"present": PASSWORD}))
    assert len(new) == 10
    assert not set(old) & set(new)
    other, _ = await sign_in("zhou")
    assert WRONG in (await other.submit("/sign-in/second-factor", {"recovery": old[0]})).text
    assert (await other.submit("/sign-in/second-factor", {"recovery": new[0]})).status_code == 303


async def test_a_new_phone_takes_the_password_and_ends_the_old_one(zhou, phone, sign_in):
    browser, _ = await sign_in("zhou")
    await browser.submit("/sign-in/second-factor", {"code": code_of(phone)})
    assert (await browser.submit("/me/second-factor", {"present": "not the password"})).status_code == 422
    answer = await browser.submit("/me/second-factor", {"present": PASSWORD})
    assert answer.headers["location"] == "/sign-in/enrol?next=%2Fme"
    assert (await browser.get("/me")).status_code == 303, "not in again until the new phone is bound"
    secret = re.search(r"<code>([A-Z2-7 ]{39})</code>", (await browser.get("/sign-in/enrol")).text)[1].replace(" ", "")
    assert secret != SECRET
    assert (await browser.submit("/sign-in/enrol", {"code": code_of(TOTP(secret))})).status_code == 200
    assert (await browser.get("/me")).status_code == 200


async def test_recovery_codes_without_a_phone_are_refused(house, browse):
    li = await give_password(await house.person("li", "enterprise_contact", at="jia"))
    browser = await browse(li)
    answer = await browser.submit("/me/recovery-codes", {"present": PASSWORD})
    assert "尚未绑定第二因素" in answer.text
