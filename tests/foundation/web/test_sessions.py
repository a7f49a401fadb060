"""Sessions (SECURITY 2): who holds a token, until when, and that nothing revives one."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import pytest

from foundation.database import fetch, fetchval
from foundation.web import sessions
from foundation.web.sessions import COOKIE, close_session, digest, find_session, open_session
from tests.support.people import browser_for


async def opened(house, **kwargs):
    actor = await house.person("qian", "city_officer", at="city")
    return actor, await open_session(actor.account, state="signed_in", **kwargs)


async def rows() -> int:
    return await fetchval("SELECT count(*) FROM session")


async def age(token: str, *, started: timedelta = timedelta(), seen: timedelta = timedelta()) -> None:
    await fetch(
        "UPDATE session SET started_at = started_at - $2::interval, seen_at = seen_at - $3::interval WHERE digest = $1",
        digest(token), started, seen,
    )  # fmt: skip


async def test_the_table_never_holds_the_token(house):
    _actor, token = await opened(house)
    assert len(token) >= 43  # 256 bits
    stored = await fetchval("SELECT digest FROM session")
    assert stored == hashlib.sha256(token.encode()).digest()
    assert await fetchval("SELECT count(*) FROM session s WHERE s::text LIKE '%' || $1 || '%'", token) == 0


async def test_the_digest_itself_opens_nothing(house):
    _actor, token = await opened(house)
    for guess in (
        digest(token).hex(),
        token.upper() if token != token.upper() else token[::-1],
        token + "a",
        token[:-1],
    ):
        assert await find_session(guess) is None


async def test_an_idle_session_ends_after_two_hours_and_a_used_one_goes_on(house):
    _actor, token = await opened(house)
    await age(token, seen=timedelta(hours=1, minutes=59))
    assert await find_session(token) is not None  # this use counts: it is written, since the last is over 5 minutes old
    await age(token, seen=timedelta(hours=1, minutes=59))
    assert await find_session(token) is not None
    await age(token, seen=timedelta(hours=2, minutes=1))
    assert await find_session(token) is None


async def test_even_a_used_session_ends_after_twelve_hours(house):
    _actor, token = await opened(house)
    await age(token, started=timedelta(hours=11, minutes=59))
    assert await find_session(token) is not None
    await age(token, started=timedelta(minutes=2))
    assert await find_session(token) is None


async def test_reading_is_no_write(house):
    _actor, token = await opened(house)
    before = await fetchval("SELECT xmin::text FROM session")
    for _ in range(3):
        assert await find_session(token) is not None
    assert await fetchval("SELECT xmin::text FROM session") == before


async def test_half_signed_in_is_nobody(app, house, browse):
    actor, _token = await opened(house)
    for state in ("second_factor", "enrol"):
        browser = await browse(None)
        browser.cookies.set(COOKIE, await open_session(actor.account, state=state))
        answer = await browser.get("/home")
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


async def test_visitors_leave_nothing_behind(db, house, app):
    before = await rows()
    for cookie in ("", "x" * 43, "__Host-session=" + "a" * 43):
        async with browser_for(app) as browser:
            if cookie:
                browser.cookies.set(COOKIE, cookie)
            for path in ("/verify", "/sign-in", "/about/trail", "/nothing"):
                answer = await browser.get(path)
                assert COOKIE not in answer.headers.get("set-cookie", ""), path
    assert await rows() == before


async def test_a_token_the_browser_chose_is_never_taken_up(house, app):
    """Session fixation: whatever stands in the cookie, no session comes to stand under it."""
    chosen = "attackers-choice-" + "a" * 26
    async with browser_for(app) as browser:
        browser.cookies.set(COOKIE, chosen)
        await browser.submit("/sign-in", {"login": "qian", "password": "wrong"})
        await browser.get("/home")
    assert await fetchval("SELECT count(*) FROM session WHERE digest = $1", digest(chosen)) == 0


async def test_a_closed_account_is_signed_in_nowhere(house, app, browse):
    actor = await house.person("qian", "city_officer", at="city")
    browser = await browse(actor)
    assert (await browser.get("/home")).status_code == 200
    await fetch("UPDATE account SET closed_at = now() WHERE id = $1", actor.account)
    assert (await browser.get("/home")).status_code in (303, 401)


async def test_the_cookie_is_shut_tight():
    for cookie in (sessions.session_cookie("t"), sessions.ended_cookie()):
        header = cookie.to_header(header="")
        assert header.startswith("__Host-session=")
        for part in ("Path=/", "Secure", "HttpOnly", "SameSite=lax"):
            assert part.lower() in header.lower(), part
        assert "domain" not in header.lower()


async def test_signing_out_beats_a_read_in_flight(committed, databases):
    """A GET that found the session just before it ended, and notes its use just after, must not bring it back."""
    from tests.support.people import House

    house = await House().build()
    actor = await house.person("qian", "city_officer", at="city")
    token = await open_session(actor.account, state="signed_in")
    await age(token, seen=timedelta(minutes=30))  # so that the read will write
    pool = committed.pool
    async with pool.acquire() as holder:
        ending = holder.transaction()
        await ending.start()
        await holder.execute("DELETE FROM session WHERE digest = $1", digest(token))
        reading = asyncio.create_task(find_session(token))
        for _ in range(100):  # until the read waits for the row that is being deleted
            if await pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ):
                break
            await asyncio.sleep(0.02)
        await ending.commit()
    await reading
    assert await find_session(token) is None
    assert await rows() == 0


async def test_signing_out_ends_the_session_in_the_table(house, browse):
    actor = await house.person("qian", "city_officer", at="city")
    browser = await browse(actor)
    token = browser.cookies.get(COOKIE)
    answer = await browser.submit("/sign-out")
    assert answer.status_code == 303
    assert await find_session(token) is None
    browser.cookies.clear()
    browser.cookies.set(COOKIE, token)
    assert (await browser.get("/home")).status_code == 303


async def test_closing_twice_is_no_fault(house):
    _actor, token = await opened(house)
    await close_session(digest(token))
    await close_session(digest(token))
    assert await find_session(token) is None


@pytest.mark.parametrize("token", ["", "\x00", "证书", "\udcff", "a" * 10_000])
async def test_any_text_may_be_looked_up(db, token):
    assert await find_session(token) is None
