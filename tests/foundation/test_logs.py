"""Logs (SECURITY 11): what went wrong and where, never whose data it was."""

from __future__ import annotations

import io
import json

import asyncpg
import pytest
import structlog

from foundation import logs
from foundation.database import fetch, transaction

CANARY = "341899199001011234"


@pytest.fixture
def lines():
    """What is logged, line by line, as JSON."""
    logs.configure()
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=written))
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logs.configure()


async def told(lines, statement: str, *values) -> dict:
    with pytest.raises(Exception) as failed:
        async with transaction():
            await fetch(statement, *values)
    structlog.get_logger("test").error("failed", exc_info=failed.value)
    return lines()[-1]


async def test_a_row_that_was_refused_is_not_quoted(db, lines):
    line = await told(lines, "INSERT INTO rate_count (bucket, count) VALUES ($1, NULL)", CANARY)
    assert "NotNullViolationError" in line["exception"]
    assert CANARY not in json.dumps(line)


async def test_a_key_that_exists_is_not_quoted(db, lines):
    await fetch("INSERT INTO rate_count (bucket) VALUES ($1)", CANARY)
    line = await told(lines, "INSERT INTO rate_count (bucket) VALUES ($1)", CANARY)
    assert "UniqueViolationError" in line["exception"]
    assert CANARY not in json.dumps(line)


async def test_an_argument_of_the_wrong_kind_is_not_quoted(db, lines):
    line = await told(lines, "SELECT $1::int", CANARY)
    assert "DataError" in line["exception"]
    assert CANARY not in json.dumps(line)


async def test_a_text_that_is_no_number_is_not_quoted(db, lines):
    for statement in ("SELECT $1::text::int", "SELECT $1::text::date", "SELECT ('[' || $1::text)::jsonb"):
        line = await told(lines, statement, CANARY)
        assert CANARY not in json.dumps(line), statement


async def test_a_cause_behind_another_error_is_not_quoted_either(db, lines):
    with pytest.raises(RuntimeError) as failed:
        try:
            async with transaction():
                await fetch("INSERT INTO rate_count (bucket, count) VALUES ($1, NULL)", CANARY)
        except asyncpg.PostgresError as why:
            raise RuntimeError("while counting") from why
    structlog.get_logger("test").error("failed", exc_info=failed.value)
    line = lines()[-1]
    assert "NotNullViolationError" in line["exception"]
    assert CANARY not in json.dumps(line)


async def test_a_request_is_logged_by_its_route_alone(app, db, house, browse, lines):
    officer = await browse(await house.person("qian", "city_officer", at="city"))
    await officer.get(f"/search?q={CANARY}")
    await officer.submit("/calendar/days", {"day": CANARY, "kind": CANARY, "name": CANARY})
    await officer.get(f"/nothing/{CANARY}", headers={"Referer": f"https://testserver.local/{CANARY}", "X-Note": CANARY})
    written = lines()
    assert [line["route"] for line in written if line.get("event") == "answered"] == ["search", "calendar.amend", "-"]
    assert CANARY not in json.dumps(written)


async def test_each_line_is_one_json_object(lines):
    structlog.get_logger("test").info("钱\n{", note='"\x00\n')
    assert lines()[-1]["event"] == "钱\n{"
