"""The live board: what it shows while marking goes on, what a frozen one hides, and the stream over a real server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from datetime import timedelta

import httpx
import pytest

from competitions.results import operations
from competitions.results.board import board_of
from foundation import clock
from foundation.database import engine, fetch, fetchval
from foundation.errors import Conflict, NotFound
from tests.competitions import support
from tests.competitions.results.support_results import MARKS, marked
from tests.support.live import live_server
from tests.support.people import House


def shown(board) -> list[tuple[str, int | None, str]]:
    return [(row.entry, row.rank, str(row.total)) for row in board.rows]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def half_marked(house, code):
    """A01 complete, A02 with theory only, A03 not begun."""
    stage = await support.standard(house, code=code)
    await support.mark_all(stage, {"A01": MARKS["A01"], "A02": {"T": ["90.5"]}})
    return stage


async def test_places_are_provisional_and_follow_complete_modules(house):
    await half_marked(house, "2026-l1")
    board = await board_of("2026-l1")
    # A01 24 + 59.031 = 83.03; A02 0.3 × 90.5 = 27.15; A03 has nothing.
    assert shown(board) == [("A01", 1, "83.03"), ("A02", 2, "27.15"), ("A03", None, "0.00")]
    assert board.progress == (("理论", 2, 3), ("实操", 1, 3))


async def test_codes_stand_there_until_an_officer_lets_it_name_entrants(house, browse):
    stage = await half_marked(house, "2026-l2")
    visitor = await browse(None)
    assert "示例队" not in (await visitor.get("/live/2026-l2")).text
    qian = await house.person("qian", "city_officer", at="city")
    await operations.name_on_board(qian, stage.event, named=True)
    html = (await visitor.get("/live/2026-l2")).text
    if "示例队A01" not in html:  # the board of a moment ago may be kept for a second and a half
        await asyncio.sleep(1.6)
        html = (await visitor.get("/live/2026-l2")).text
    assert "示例队A01" in html


async def test_a_frozen_board_stands_still_and_sends_no_hidden_mark(house):
    stage = await half_marked(house, "2026-l3")
    qian = await house.person("qian", "city_officer", at="city")
    now = await clock.now()
    async with clock.moved_to(now + timedelta(minutes=1)):
        await operations.freeze_board(qian, stage.event, frozen=True)
    async with clock.moved_to(now + timedelta(minutes=2)):
        later = await clock.now()
        for aspect, judge, value in (("P1", "J2", "59.5"), ("P1", "J3", "59.5"), ("P2", "J2", "3"), ("P2", "J3", "3")):
            await fetch(
                "INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_at, reason)"
                " SELECT $1, s.id, $2, $3::varchar, 1, $4::varchar, $4::varchar::numeric, $5, '' FROM seat s JOIN panel p ON p.id = s.panel"
                " WHERE s.event = $1 AND s.code = $6 AND $3::varchar = ANY(p.aspects)",
                stage.event, stage.entries["A02"], aspect, value, later, judge,
            )  # fmt: skip
    board = await board_of("2026-l3")
    assert shown(board) == [("A01", 1, "83.03"), ("A02", 2, "27.15"), ("A03", None, "0.00")]
    row = next(row for row in board.rows if row.entry == "A02")
    assert [cell.hidden for cell in row.cells] == [0, 2]
    from competitions.results.live_pages import fragment_of

    html = fragment_of(board, "zh")
    assert "待揭 2" in plain(html)
    assert "59.5" not in html
    assert "96.8" not in html


async def test_a_deduction_after_the_freeze_is_hidden_too(house):
    stage = await half_marked(house, "2026-l4")
    qian = await house.person("qian", "city_officer", at="city")
    now = await clock.now()
    async with clock.moved_to(now + timedelta(minutes=1)):
        await operations.freeze_board(qian, stage.event, frozen=True)
    await fetch(
        "INSERT INTO adjustment (id, event, entry, place, kind, value, reason, made_at)"
        " VALUES (gen_random_uuid(), $1, $2, 0, 'deduction', '5', '安全违规', $3)",
        stage.event, stage.entries["A01"], now + timedelta(minutes=2),
    )  # fmt: skip
    assert shown(await board_of("2026-l4"))[0] == ("A01", 1, "83.03")


async def test_movement_looks_ten_minutes_back(house):
    stage = await support.standard(house, code="2026-l5")
    now = await clock.now()
    await support.mark(stage, "A01", "T", "J1", "50")
    for entry, value, minutes in (("A02", "60", 30), ("A03", "70", 5)):
        await fetch(
            "INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_at, reason)"
            " SELECT $1, s.id, $2, 'T', 1, $3::varchar, $3::varchar::numeric, $4, '' FROM seat s WHERE s.event = $1 AND s.code = 'J1'",
            stage.event, stage.entries[entry], value, now - timedelta(minutes=minutes),
        )  # fmt: skip
    board = await board_of("2026-l5")
    changes = {row.entry: row.change for row in board.rows}
    # Ten minutes ago only A02 had a mark: it was first and is second now, behind A03.
    assert changes == {"A03": None, "A02": -1, "A01": None}


async def test_freezing_is_the_officers_and_of_an_event_on_air(house):
    stage, zhou = await marked(house, code="2026-l6")
    xuan = await house.person("sun", "county_officer", at="ningguo")
    for stranger in (zhou, xuan):
        with pytest.raises(NotFound):
            await operations.freeze_board(stranger, stage.event, frozen=True)
    qian = await house.person("qian", "city_officer", at="city")
    await operations.freeze_board(qian, stage.event, frozen=True)
    first = await fetchval("SELECT frozen_at FROM event WHERE id = $1", stage.event)
    await operations.freeze_board(qian, stage.event, frozen=True)
    assert await fetchval("SELECT frozen_at FROM event WHERE id = $1", stage.event) == first
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    with pytest.raises(Conflict):
        await operations.freeze_board(qian, stage.event, frozen=False)


@pytest.mark.parametrize(("stage_name", "public"), [("draft", True), ("registration", True), ("judging", False)])
async def test_no_board_before_judging_or_where_it_is_not_public(house, browse, stage_name, public):
    code = f"2026-l7-{stage_name}"
    await support.event(house, code=code, stage=stage_name, live_public=public)
    visitor = await browse(None)
    for path in ("", "/board", "/stream"):
        assert (await visitor.get(f"/live/{code}{path}")).status_code == 404


async def test_after_publication_the_board_leads_to_the_result(house, browse):
    stage, zhou = await marked(house, code="2026-l8")
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    visitor = await browse(None)
    answer = await visitor.get("/live/2026-l8")
    assert (answer.status_code, answer.headers["location"]) == (303, "/results/2026-l8")
    assert (await visitor.get("/live/2026-l8/board")).headers["x-board-over"] == "/results/2026-l8"


def url_of_the_database() -> str:
    """The address of the ``committed`` fixture's own database."""
    config = engine().config
    if "dsn" in config:
        return config["dsn"]
    run = os.environ["DATABASE_URL"]
    return run.replace(run.rsplit("/", 1)[1].partition("?")[0], config["database"])


class Stream:
    """Server-sent events as they come: ``await next_event()`` → (name, data)."""

    def __init__(self, answer: httpx.Response) -> None:
        self.lines = answer.aiter_lines()

    async def next_event(self) -> tuple[str, str]:
        name, data = "", []
        async for line in self.lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))
            elif not line and name:
                return name, "\n".join(data)
        return "end", ""


async def changed(event) -> None:
    await fetch("SELECT pg_notify('event_changed', $1)", str(event))


async def listeners() -> int:
    """How many connections listen, once one does."""
    for _try in range(600):
        count = await fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
        )
        if count:
            return count
        await asyncio.sleep(0.05)
    return 0


async def test_watchers_see_each_change_and_the_end_over_one_listening_connection(committed):
    house = await House().build()
    stage = await half_marked(house, "2026-l9")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    async with (
        live_server(url_of_the_database()) as address,
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", f"{address}/live/2026-l9/stream") as one,
        client.stream("GET", f"{address}/live/2026-l9/stream") as two,
    ):
        assert one.headers["content-type"].startswith("text/event-stream")
        assert one.headers["cache-control"] == "no-store"
        streams = [Stream(one), Stream(two)]
        for stream in streams:
            name, html = await stream.next_event()
            assert name == "board"
            assert "83.03" in html
        assert await listeners() == 1
        await support.mark_all(stage, {"A03": MARKS["A03"]})
        await changed(stage.event)
        for stream in streams:
            name, html = await stream.next_event()
            assert name == "board"
            assert "63.35" in html
        await support.mark_all(stage, {"A02": {k: v for k, v in MARKS["A02"].items() if k != "T"}})
        await fetch("UPDATE seat SET sheet_state = 'signed', signed_at = now() WHERE event = $1", stage.event)
        await operations.confirm_result(zhou, stage.event)
        await operations.publish_result(zhou, stage.event)
        for stream in streams:
            seen = [await stream.next_event()]
            while seen[-1][0] == "board":
                seen.append(await stream.next_event())
            assert seen[-1] == ("over", "/results/2026-l9")


async def test_streams_end_when_the_server_stops(committed):
    house = await House().build()
    await half_marked(house, "2026-l10")
    async with httpx.AsyncClient(timeout=60) as client:
        async with live_server(url_of_the_database()) as address:
            answer = await client.send(client.build_request("GET", f"{address}/live/2026-l10/stream"), stream=True)
            stream = Stream(answer)
            assert (await stream.next_event())[0] == "board"
        with contextlib.suppress(httpx.TransportError):
            assert (await asyncio.wait_for(stream.next_event(), 60))[0] == "end"
        await answer.aclose()


async def test_watchers_are_bounded_and_do_not_count_against_other_visitors():
    from uuid import uuid4

    from competitions.results.hub import MOST, Hub
    from foundation.errors import TooMany
    from foundation.web.protection import IN_FLIGHT_LIMIT, _stays_open

    hub = Hub()
    hub.count = MOST
    with pytest.raises(TooMany) as full:
        hub.require_room()
    assert full.value.status == 503
    assert IN_FLIGHT_LIMIT["public"] < MOST
    assert _stays_open("/live/x/stream")
    assert not _stays_open("/live/x")
    assert not _stays_open("/results/stream")
    assert hub.watchers == {}
    assert uuid4() not in hub.watchers
