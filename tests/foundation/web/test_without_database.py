"""When the database cannot serve (SECURITY 8, 18): 503 with Retry-After, nobody is sent to sign in, and it recovers."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from foundation.database import safe_engine
from foundation.web.sessions import COOKIE, open_session
from tests.support.people import House, browser_for


@asynccontextmanager
async def full(engine):
    """Every connection is in somebody's hands."""
    held = [await engine.pool.acquire() for _ in range(engine.pool.get_max_size())]
    try:
        yield
    finally:
        for one in held:
            await engine.pool.release(one)


@pytest.fixture
async def people(app, committed, monkeypatch):
    monkeypatch.setattr(safe_engine, "ACQUIRE_SECONDS", 0.2)
    house = await House().build()
    actor = await house.person("qian", "city_officer", at="city")
    officer, visitor = browser_for(app), browser_for(app)
    officer.cookies.set(COOKIE, await open_session(actor.account, state="signed_in"))
    yield officer, visitor
    await officer.aclose()
    await visitor.aclose()


async def test_a_full_pool_is_503_for_everybody_and_passes(people, committed):
    officer, visitor = people
    async with full(committed):
        for browser, path in (
            (officer, "/home"),
            (officer, "/search?q=x"),
            (visitor, "/verify"),
            (visitor, "/about/trail"),
        ):
            answer = await browser.get(path)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "2"), path
            assert "content-security-policy" in answer.headers
        answer = await officer.submit("/calendar/days", {"day": "2026-04-17", "kind": "off"})
        assert answer.status_code == 503
        answer = await visitor.get("/readyz")
        assert answer.status_code == 503
    assert (await officer.get("/home")).status_code == 200
    assert (await visitor.get("/verify")).status_code == 200
    assert (await visitor.get("/readyz")).text == "ok"


async def test_what_needs_no_database_goes_on(people, committed):
    officer, visitor = people
    from foundation.assets import asset_url

    async with full(committed):
        for browser in (officer, visitor):
            assert (await browser.get("/livez")).text == "ok"
            assert (await browser.get(asset_url("app.js"))).status_code == 200


async def test_an_api_client_is_told_in_json(people, committed):
    _officer, visitor = people
    async with full(committed):
        answer = await visitor.get("/verify", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["retry-after"] == "2"


async def test_being_signed_in_survives_it(people, committed):
    officer, _visitor = people
    async with full(committed):
        answer = await officer.get("/home")
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert (await officer.get("/home")).status_code == 200


async def test_a_page_waits_for_the_database_once_only(people, committed, monkeypatch):
    """Session, handler and the page that says sorry would each wait otherwise: three times the patience."""
    officer, visitor = people
    waits = []
    async with full(committed):
        pool, acquire = committed.pool, type(committed.pool).acquire

        def counted(self, **kwargs):
            waits.append(kwargs)
            return acquire(self, **kwargs)

        monkeypatch.setattr(type(pool), "acquire", counted)
        await officer.get("/home")
        assert len(waits) == 1
        await visitor.get("/about/trail")
        assert len(waits) == 2
