"""The public pages ask the database as often for two places as for twenty."""

from __future__ import annotations

from contextlib import contextmanager

import msgspec
import pytest

from competitions.programme.bundles import store_bundle
from competitions.results import operations
from competitions.scoring.reading import parse
from foundation.database import connection
from tests.competitions.support import RULES


@contextmanager
def counted():
    """The statements sent on the test's connection, without savepoints."""
    current = connection()
    sent: list[str] = []

    def logger(record) -> None:
        if not record.query.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(record.query)

    with current.query_logger(logger):
        yield sent


async def publish(house, code: str, entries: int) -> None:
    """An imported event with so many entries, published."""
    codes = [f"A{n:02}" for n in range(1, entries + 1)]
    bundle = {
        "format": "gongjiang.event/1",
        "event": {
            "code": code,
            "title": "示例项目",
            "rules": {**RULES, "awards": {"tiers": [{"name": "一等奖", "count": 1}]}},
        },
        "entries": [{"code": entry, "name": f"示例{entry}", "organisation": f"示例单位{entry}"} for entry in codes],
        "marks": [
            {"entry": entry, "aspect": aspect, "judge": judge, "value": str(at % 4)}
            for at, entry in enumerate(codes)
            for aspect, judges in (("T", "1"), ("P1", "23"), ("P2", "23"))
            for judge in judges
        ],
    }
    officer = house.actors.get("qian") or await house.person("qian", "city_officer", at="city")
    event = await store_bundle(officer, parse(msgspec.json.encode(bundle)))
    zhou = await house.person(f"zhou-{code}", "chief_judge", event=event)
    await operations.confirm_result(zhou, event)
    await operations.publish_result(zhou, event, certificates=False)


@pytest.mark.parametrize(
    ("path", "most"),
    [("", 7), ("/entries/A01/explanation", 7), ("?q=a", 7)],
)
async def test_a_result_takes_the_same_queries_however_many_places(house, browse, path, most):
    visitor = await browse(None)
    taken = []
    for entries in (2, 20):
        code = f"2026-q{len(path)}-{entries}"
        await publish(house, code, entries)
        assert (await visitor.get(f"/results/{code}{path}")).status_code == 200  # the frozen copy is opened once
        with counted() as sent:
            assert (await visitor.get(f"/results/{code}{path}")).status_code == 200
        taken.append(len(sent))
    assert taken[0] == taken[1]
    assert taken[0] <= most


async def test_the_list_takes_the_same_queries_for_one_and_three(house, browse):
    visitor = await browse(None)
    taken = []
    for number in range(3):
        await publish(house, f"2026-ql-{number}", 2)
        with counted() as sent:
            assert (await visitor.get("/results")).status_code == 200
        taken.append(len(sent))
    assert taken[0] == taken[1] == taken[2] <= 5


async def test_the_home_page_takes_the_same_queries_for_one_and_three(house, browse):
    visitor = await browse(None)
    taken = []
    for number in range(3):
        await publish(house, f"2026-qh-{number}", 2)
        with counted() as sent:
            assert (await visitor.get("/")).status_code == 200
        taken.append(len(sent))
    assert taken[0] == taken[1] == taken[2] <= 12  # one of them asks for the open notices, one for the newest roll
