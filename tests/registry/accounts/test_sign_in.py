"""The door: passwords, lock-out, where it leads, what a session is worth."""

from __future__ import annotations

import re

import pytest
import structlog

from foundation.database import fetch, fetchval
from foundation.web.sessions import ANONYMOUS_COOKIE, COOKIE, digest
from tests.registry.accounts.conftest import PASSWORD, failures, give_password, is_locked

WRONG = "登录名或密码不正确"
SHUT = "已锁定 15 分钟"


@pytest.fixture
async def zhao(house):
    """赵: contact of factory 甲; no second factor."""
    return await give_password(await house.person("zhao", "enterprise_contact", at="jia"))


async def test_zhao_signs_in_and_is_somebody(zhao, sign_in):
    browser, answer = await sign_in("zhao")
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(part in cookie.lower() for part in ("secure", "httponly", "samesite=lax", "path=/"))
    assert "domain" not in cookie.lower()
    page = await browser.get("/me")
    assert "zhao（示例）" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await fetchval("SELECT signed_in_at FROM account WHERE id = $1", zhao.account) is not None


async def test_capitals_and_spaces_around_the_login_do_not_matter(zhao, sign_in):
    _, answer = await sign_in(" ZHAO ")
    assert answer.status_code == 303


@pytest.mark.parametrize("login", ["zhao", "nobody", "closed", "invited", "", "' OR 1=1 --", "赵"])
async def test_whatever_is_wrong_the_answer_is_the_same(zhao, house, sign_in, login):
    gone = await give_password(await house.person("closed", "enterprise_contact", at="jia"))
    await fetch("UPDATE account SET closed_at = now() WHERE id = $1", gone.account)
    await house.person("invited", "enterprise_contact", at="jia")
    password = PASSWORD if login in ("closed", "invited") else "not the password"
    browser, answer = await sign_in(login, password)
    assert answer.status_code == 422
    assert COOKIE not in browser.cookies
    if login:
        assert WRONG in answer.text


async def test_what_was_typed_stays_but_never_the_password(zhao, sign_in):
    _, answer = await sign_in("zhao", "a-wrong-password-typed")
    assert 'value="zhao"' in answer.text
    assert "a-wrong-password-typed" not in answer.text


async def test_five_failures_lock_even_the_right_password_out(zhao, sign_in):
    for n in range(1, 6):
        _, answer = await sign_in("zhao", "wrong wrong wrong")
        assert WRONG in answer.text
        assert await failures(zhao) == n
    assert await is_locked(zhao)
    _, answer = await sign_in("zhao", PASSWORD)
    assert SHUT in answer.text
    assert answer.status_code == 422


async def test_a_login_that_nobody_has_is_locked_just_the_same(db, sign_in):
    answers = [(await sign_in("ghost", "wrong wrong wrong"))[1].text for _ in range(6)]
    assert [WRONG in text for text in answers] == [True] * 5 + [False]
    assert SHUT in answers[5]


async def test_after_the_lock_the_count_starts_anew(zhao, sign_in):
    await fetch(
        "UPDATE account SET failures = 5, locked_until = clock_timestamp() - interval '1 second' WHERE id = $1",
        zhao.account,
    )
    _, answer = await sign_in("zhao", "wrong wrong wrong")
    assert WRONG in answer.text
    assert (await failures(zhao), await is_locked(zhao)) == (1, False)
    _, answer = await sign_in("zhao")
    assert answer.status_code == 303
    assert await failures(zhao) == 0


async def test_the_lock_lasts_fifteen_minutes(zhao, sign_in):
    for _ in range(5):
        await sign_in("zhao", "wrong wrong wrong")
    left = await fetchval(
        "SELECT extract(epoch FROM locked_until - clock_timestamp())::int FROM account WHERE id = $1", zhao.account
    )
    assert 14 * 60 < left <= 15 * 60


async def test_one_address_may_not_try_without_end(zhao, sign_in):
    await sign_in("ghost", "x")  # the first try makes the address's row
    await fetch("UPDATE rate_count SET count = 120 WHERE bucket LIKE 'sign-in:%'")
    _, answer = await sign_in("zhao")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_a_session_known_beforehand_is_worth_nothing(zhao, browse, sign_in):
    """Session fixation: a cookie that an attacker planted is not the one that gets signed in."""
    browser = await browse(None)
    browser.cookies.set(COOKIE, "planted-" + "x" * 30, domain="testserver.local", path="/")
    form = (await browser.get("/sign-in")).text
    token = re.findall(r'name="_csrf_token" value="([^"]+)"', form)[-1]
    body = {"login": "zhao", "password": PASSWORD, "_csrf_token": token}
    answer = await browser.post("/sign-in", data=body)
    assert answer.status_code == 303
    assert "planted" not in answer.headers["set-cookie"]
    stranger = await browse(None)
    stranger.cookies.set(COOKIE, "planted-" + "x" * 30)
    assert (await stranger.get("/me")).status_code == 303


async def test_signing_in_again_ends_the_session_before(zhao, browse, sign_in):
    browser, _ = await sign_in("zhao")
    first = browser.cookies[COOKIE]
    await sign_in("zhao", browser=browser)
    assert browser.cookies[COOKIE] != first
    assert await fetchval("SELECT count(*) FROM session WHERE digest = $1", digest(first)) == 0


async def test_signing_out_ends_the_session_in_the_table(zhao, browse, sign_in):
    browser, _ = await sign_in("zhao")
    token = browser.cookies[COOKIE]
    answer = await browser.submit("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    thief = await browse(None)
    thief.cookies.set(COOKIE, token)
    assert (await thief.get("/me")).headers["location"] == "/sign-in?next=%2Fme"
    assert await fetchval("SELECT count(*) FROM session WHERE account = $1", zhao.account) == 0


async def test_a_get_cannot_sign_anybody_out(zhao, sign_in):
    browser, _ = await sign_in("zhao")
    assert (await browser.get("/sign-out")).status_code == 405
    assert (await browser.get("/me")).status_code == 200


@pytest.mark.parametrize(("column", "hours", "lives"), [("seen_at", 1.9, True), ("seen_at", 2.1, False), ("started_at", 11.9, True), ("started_at", 12.1, False)])  # fmt: skip
async def test_sessions_end_by_idleness_and_by_age(zhao, sign_in, column, hours, lives):
    browser, _ = await sign_in("zhao")
    await fetch(f"UPDATE session SET {column} = clock_timestamp() - $1 * interval '1 hour'", hours)
    assert (await browser.get("/me")).status_code == (200 if lives else 303)


async def test_sessions_that_ran_out_are_cleared_away_at_the_next_sign_in(zhao, house, sign_in):
    await sign_in("zhao")
    await sign_in("zhao")
    await fetch("UPDATE session SET seen_at = clock_timestamp() - interval '3 hours'")
    browser, _ = await sign_in("zhao")
    assert await fetchval("SELECT count(*) FROM session") == 1
    assert (await browser.get("/me")).status_code == 200


async def test_the_token_of_another_session_is_refused(zhao, house, browse, sign_in):
    mallory = await browse(await give_password(await house.person("mallory", "enterprise_contact", at="yi")))
    browser, _ = await sign_in("zhao")
    answer = await browser.post("/sign-out", data={"_csrf_token": await mallory.token()})
    assert answer.status_code == 403
    assert (await browser.get("/me")).status_code == 200


async def test_a_visitors_token_is_refused_once_signed_in(zhao, browse, sign_in):
    browser = await browse(None)
    before = await browser.token()
    await sign_in("zhao", browser=browser)
    assert (await browser.post("/sign-out", data={"_csrf_token": before})).status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])  # fmt: skip
async def test_another_site_cannot_sign_anybody_in_or_out(zhao, browse, sign_in, headers):
    visitor = await browse(None)
    body = {"login": "zhao", "password": PASSWORD}
    assert (await visitor.submit("/sign-in", body, headers=headers)).status_code == 403
    browser, _ = await sign_in("zhao")
    assert (await browser.submit("/sign-out", headers=headers)).status_code == 403
    assert (await browser.get("/me")).status_code == 200


async def test_visitors_make_no_sessions(db, browse):
    visitor = await browse(None)
    for path in ("/sign-in", "/sign-in/forgotten", "/me"):
        await visitor.get(path)
    assert await fetchval("SELECT count(*) FROM session") == 0
    assert visitor.cookies.get(ANONYMOUS_COOKIE)


@pytest.mark.parametrize(
    ("next_path", "expected"),
    [
        ("/accounts", "/accounts"),
        ("/accounts?q=zhao&page=2", "/accounts?q=zhao&page=2"),
        ("https://evil.example/", None),
        ("//evil.example/me", None),
        ("/\\evil.example", None),
        ("/nowhere/at/all", None),
        ("/api/v1/accounts", None),
        ("/sign-in", None),
        ("/me/../../x", None),
        ("/me\r\nSet-Cookie: a=b", None),
        ("javascript:alert(1)", None),
    ],
)
async def test_the_door_leads_to_our_own_pages_only(zhao, sign_in, next_path, expected):
    _, answer = await sign_in("zhao", next_path=next_path)
    if "\n" in next_path:
        assert answer.status_code == 422, "control characters are a fault of the field"
        return
    assert answer.headers["location"] in ([expected] if expected else ["/home", "/me"])


async def test_who_asks_for_a_page_comes_back_to_it(zhao, browse, sign_in):
    visitor = await browse(None)
    answer = await visitor.get("/me?secret=1")
    assert answer.headers["location"] == "/sign-in?next=%2Fme"
    form = await visitor.get(answer.headers["location"])
    assert 'name="next" value="/me"' in form.text


async def test_passwords_and_tokens_never_reach_the_log(zhao, sign_in):
    with structlog.testing.capture_logs() as lines:
        browser, _ = await sign_in("zhao")
        await sign_in("zhao", "a-wrong-password-typed")
    said = repr(lines)
    assert lines, "the access log was captured"
    assert PASSWORD not in said
    assert "a-wrong-password-typed" not in said
    assert browser.cookies[COOKIE] not in said


async def test_the_trail_tells_of_it_without_names(zhao, browse, sign_in):
    browser, _ = await sign_in("zhao")
    await browser.submit("/sign-out")
    for _ in range(5):
        await sign_in("zhao", "wrong wrong wrong")
    rows = await fetch("SELECT action, subject, body FROM trail_entry ORDER BY id")
    assert [row["action"] for row in rows] == ["account.signed_in", "account.signed_out", "account.locked"]
    assert all(row["subject"] != zhao.account and "zhao" not in row["body"] for row in rows)
