"""Real events, imported, confirmed, published and read back through the web: every rank, total and module."""

from __future__ import annotations

import json
import re

import pytest

from competitions.programme.bundles import store_bundle
from competitions.results import operations
from competitions.scoring.reading import parse
from foundation.database import fetchval
from tests.competitions.results.test_public_pages import Places
from tests.support import SHARED, needs_shared

FILES = [
    "euroskills-2025/euroskills-2025-s17-module-a",
    "skating-2016-17/isu-european-figure-skating-championships-2017-men-short-program",
    "skating-2016-17/isu-gp-2016-progressive-skate-america-ice-dance-free-dance",
]


@needs_shared
@pytest.mark.parametrize("name", FILES)
async def test_a_real_event_is_read_back_rank_by_rank(house, browse, name):
    data = (SHARED / "data" / f"{name}.json").read_bytes()
    expected = json.loads((SHARED / "data" / f"{name}.expected.json").read_text())
    officer = await house.person("qian", "city_officer", at="city")
    bundle = parse(data)
    event = await store_bundle(officer, bundle)
    zhou = await house.person("zhou", "chief_judge", event=event)
    await operations.confirm_result(zhou, event)
    result = await operations.publish_result(zhou, event)
    visitor = await browse(None)
    page = await visitor.get(f"/results/{bundle.event.code}")
    shown = Places(page.text).rows
    told = (await visitor.get(f"/api/v1/results/{bundle.event.code}")).json()["places"]
    by_entry = {row["entry"]: row for row in shown}
    modules = {place["entry"]: place["modules"] for place in told}
    assert len(shown) == len(expected) == len(told)
    for want in expected:
        row = by_entry[want["entry"]]
        assert (row["rank"], row["total"]) == (str(want["rank"]), want["total"]), want
        for code, value in want.get("modules", {}).items():
            assert modules[want["entry"]][code] == value, want
    assert [row["rank"] for row in shown] == [str(rank) for rank in sorted(want["rank"] for want in expected)]
    assert await fetchval("SELECT count(*) FROM certificate WHERE source = $1", result) == 0
    assert (
        await fetchval(
            "SELECT count(*) FROM achievement a JOIN result_row r ON r.id = a.source WHERE r.result = $1", result
        )
        == 0
    )
    for row in (shown[0], shown[len(shown) // 2], shown[-1]):
        html = (await visitor.get(row["href"])).text
        drawer = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition('<section class="drawer"')[2]))
        assert f"→ {row['total']}" in drawer or f"= {row['total']}" in drawer
        assert f"= {row['rank']}" in drawer


@needs_shared
async def test_a_deduction_is_explained_with_its_reason(house, browse):
    data = (SHARED / "data" / f"{FILES[1]}.json").read_bytes()
    officer = await house.person("qian", "city_officer", at="city")
    event = await store_bundle(officer, parse(data))
    zhou = await house.person("zhou", "chief_judge", event=event)
    await operations.confirm_result(zhou, event)
    await operations.publish_result(zhou, event)
    visitor = await browse(None)
    html = (await visitor.get(f"/results/{parse(data).event.code}/entries/12/explanation")).text
    assert "扣 2.00 分：technical panel" in html
    assert html.count("去最高") == html.count("去最低") == 5  # nine judges, five components, one dropped at each end


@needs_shared
async def test_winners_of_an_imported_event_get_certificates_only_where_asked_for(house):
    bundle = json.loads((SHARED / "data" / f"{FILES[2]}.json").read_text())
    bundle["event"]["rules"]["awards"] = {"tiers": [{"name": "一等奖", "count": 2}]}
    officer = await house.person("qian", "city_officer", at="city")
    event = await store_bundle(officer, parse(json.dumps(bundle).encode()))
    zhou = await house.person("zhou", "chief_judge", event=event)
    await operations.confirm_result(zhou, event)
    result = await operations.publish_result(zhou, event, certificates=True)
    assert await fetchval("SELECT count(*) FROM certificate WHERE source = $1", result) == 2
