"""The own account: password, other devices; language and look, for visitors too."""

from __future__ import annotations

import pytest

from foundation.database import fetch, fetchval
from foundation.web.sessions import COOKIE
from tests.registry.accounts.conftest import PASSWORD, failures, give_password

NEW = "大雪封山柴门闻犬 no.9"


@pytest.fixture
async def li(house):
    """李: contact of factory 甲."""
    return await give_password(await house.person("li", "enterprise_contact", at="jia"))


async def test_a_new_password_keeps_this_browser_and_ends_the_others(li, sign_in):
    here, _ = await sign_in("li")
    there, _ = await sign_in("li")
    token = here.cookies[COOKIE]
    answer = await here.submit("/me/password", {"current": PASSWORD, "password": NEW, "again": NEW})
    assert answer.headers["location"] == "/me"
    assert here.cookies[COOKIE] != token
    assert "密码已更改" in (await here.get("/me")).text
    assert (await there.get("/me")).status_code == 303
    assert (await sign_in("li", PASSWORD))[1].status_code == 422
    assert (await sign_in("li", NEW))[1].status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "again", "said"),
    [
        ("not the password", NEW, NEW, ["当前密码不正确"]),
        (PASSWORD, PASSWORD, PASSWORD, ["新密码须与当前密码不同"]),
        (PASSWORD, "short", "other", ["密码至少 12 个字符", "两次输入的密码不一致"]),
        (PASSWORD, "li-li-li-li-li-li", "li-li-li-li-li-li", ["密码不能含有登录名或姓名"]),
        ("", "", "", ["必填"]),
    ],
)
async def test_a_password_is_not_changed(li, sign_in, current, password, again, said):
    browser, _ = await sign_in("li")
    answer = await browser.submit("/me/password", {"current": current, "password": password, "again": again})
    assert answer.status_code == 422
    assert all(words in answer.text for words in said)
    assert (await browser.get("/me")).status_code == 200
    assert (await sign_in("li"))[1].status_code == 303


async def test_a_stolen_browser_cannot_try_passwords_without_end(li, sign_in):
    browser, _ = await sign_in("li")
    for _ in range(5):
        await browser.submit("/me/password", {"current": "a guess, a guess", "password": NEW, "again": NEW})
    assert await failures(li) == 5
    answer = await browser.submit("/me/password", {"current": PASSWORD, "password": NEW, "again": NEW})
    assert "已锁定 15 分钟" in answer.text


async def test_other_devices_are_shown_and_signed_out(li, browse, sign_in):
    here, there = await browse(None), await browse(None)
    here.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    there.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"
    await sign_in("li", browser=here)
    await sign_in("li", browser=there)
    page = (await here.get("/me")).text
    assert "Firefox · Windows" in page
    assert "Chrome · Android" in page
    assert (await here.submit("/me/other-sessions/ending")).status_code == 303
    assert (await there.get("/me")).status_code == 303
    page = (await here.get("/me")).text
    assert "Firefox · Windows" in page
    assert "Chrome · Android" not in page


async def test_ending_others_touches_nobody_elses(li, house, browse, sign_in):
    wang = await browse(await house.person("wang", "enterprise_contact", at="yi"))
    browser, _ = await sign_in("li")
    await browser.submit("/me/other-sessions/ending")
    assert (await wang.get("/me")).status_code == 200


async def test_a_visitor_chooses_a_language(db, browse):
    visitor = await browse(None)
    answer = await visitor.submit("/preferences/language", {"language": "en", "back": "/sign-in"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 'lang="en"' in (await visitor.get("/sign-in")).text
    assert await fetchval("SELECT count(*) FROM session") == 0


async def test_a_preference_is_kept_with_the_account(li, sign_in):
    browser, _ = await sign_in("li")
    await browser.submit("/preferences/language", {"language": "en"})
    await browser.submit("/preferences/theme", {"theme": "dark"})
    row = (await fetch("SELECT locale, theme FROM account WHERE id = $1", li.account))[0]
    assert (row["locale"], row["theme"]) == ("en", "dark")
    elsewhere, _ = await sign_in("li")
    page = (await elsewhere.get("/me")).text
    assert '<html lang="en" data-bs-theme="dark">' in page
    assert "<small>Enterprise contact</small>" in page


@pytest.mark.parametrize(("path", "body"), [("language", {"language": "fr"}), ("theme", {"theme": "pink"}), ("theme", {})])  # fmt: skip
async def test_no_such_preference(db, browse, path, body):
    visitor = await browse(None)
    answer = await visitor.submit(f"/preferences/{path}", body)
    assert answer.status_code == 422
    assert path not in visitor.cookies


@pytest.mark.parametrize(
    ("referer", "back", "expected"),
    [
        ("https://testserver.local/accounts?q=li&page=2", "/me", "/accounts?q=li&page=2"),
        ("https://testserver.local/sign-in", "", "/sign-in"),
        ("https://evil.example/accounts", "/me", "/me"),
        ("https://evil.example/accounts", "", "/"),
        ("https://evil.example/", "https://evil.example/", "/"),
        ("", "//evil.example/", "/"),
        ("https://testserver.local@evil.example/me", "", "/"),
        ("https://testserver.local//evil.example/me", "", "/"),
        ("https://testserver.local/nowhere", "", "/"),
        ("http://[broken", "/me", "/me"),
    ],
)
async def test_back_to_the_same_page_if_it_is_ours(db, browse, referer, back, expected):
    visitor = await browse(None)
    headers = {"Referer": referer} if referer else {}
    answer = await visitor.submit("/preferences/theme", {"theme": "light", "back": back}, headers=headers)
    assert answer.headers["location"] == expected
