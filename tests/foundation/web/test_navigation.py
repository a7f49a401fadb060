"""The side bar's numbers: several wings' questions in one statement, each with its own parameters."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from foundation import clock
from foundation.database import connection
from foundation.web import navigation
from foundation.web.navigation import Count, NavItem, navigation_now
from foundation.web.policy import EVERYBODY


def item(path: str, badge: Count | None) -> NavItem:
    return NavItem(
        section="",
        label=path,
        path=path,
        icon="user",
        policy=EVERYBODY,
        badge=None if badge is None else lambda actor: badge,
    )


async def test_each_badge_keeps_its_own_parameters_and_all_are_one_statement(db, house, monkeypatch):
    sun = await house.person("sun", "city_officer", at="city")
    items = [
        item("/a", Count(sql="SELECT $2::int - $1::int", values=(1, 12))),
        item("/b", None),
        item("/c", Count(sql="SELECT count(*) FROM generate_series(1, $1::int) n WHERE n > $1::int - $2::int", values=(40, 7))),
        item("/d", Count(sql="SELECT 0", values=())),
    ]  # fmt: skip
    monkeypatch.setattr(navigation, "_items", items)
    seen: list[str] = []
    note = lambda record: seen.append(record.query)  # noqa: E731
    connection().add_query_logger(note)
    try:
        sections, now = await navigation_now(sun, "/c/7")
    finally:
        connection().remove_query_logger(note)
    links = sections[0]["items"]
    assert [(link["href"], link["count"], link["current"]) for link in links] == [  # type: ignore[attr-defined]  # a list of dicts
        ("/a", 11, False), ("/b", None, False), ("/c", 7, True), ("/d", None, False),
    ]  # fmt: skip
    await asyncio.sleep(0)  # asyncpg tells its loggers on the next turn
    assert len(seen) == 1
    assert now == await clock.now()


async def test_the_time_beside_the_numbers_is_the_moved_one(db, house, monkeypatch):
    sun = await house.person("sun", "city_officer", at="city")
    monkeypatch.setattr(navigation, "_items", [])
    moment = (await clock.now()) - timedelta(days=40)
    async with clock.moved_to(moment):
        assert (await navigation_now(sun, "/home"))[1] == moment


async def test_a_visitor_is_asked_no_numbers(db, monkeypatch):
    monkeypatch.setattr(navigation, "_items", [item("/a", Count(sql="SELECT 5", values=()))])
    sections, _ = await navigation_now(None, "/a")
    assert sections[0]["items"][0]["count"] is None  # type: ignore[index]  # a list of dicts
