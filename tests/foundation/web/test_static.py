"""Static files: only what was built, for a year, packed where the browser can unpack; and the metrics' door."""

from __future__ import annotations

import gzip

import pytest

from foundation.assets import STATIC_ROOT, asset_url
from tests.support.people import browser_for


@pytest.fixture
async def visitor(app, db):
    async with browser_for(app) as browser:
        yield browser


async def test_a_built_file_may_be_kept_for_a_year(visitor):
    answer = await visitor.get(asset_url("working.css"), headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    assert answer.content == (STATIC_ROOT / "built" / asset_url("working.css").rsplit("/", 1)[1]).read_bytes()


async def test_packed_and_plain_hold_the_same(visitor):
    url = asset_url("working.css")
    async with visitor.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    plain = await visitor.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2fmain.py", "%2e%2e%2fmanifest.json", "%2e%2e", "..%5c..%5cmain.py", "%00", "a%00.css", "",
     "x" * 5000, "%2fetc%2fpasswd", "manifest.json%00.css", ".hidden", "nothing.css", "%ff%fe", "built", "a/b.css"],
)  # fmt: skip
async def test_nothing_else_is_served(visitor, name):
    answer = await visitor.get("/static/" + name)
    assert answer.status_code == 404
    assert b"create_app" not in answer.content


async def test_a_name_that_is_not_hashed_is_not_served(visitor):
    for name in ("working.css", "app.js"):
        assert (await visitor.get("/static/" + name)).status_code == 404


async def test_metrics_are_for_this_machine_and_not_for_its_proxy(visitor):
    answer = await visitor.get("/metrics")
    assert answer.status_code == 200
    assert "gongjiang_requests_total" in answer.text
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await visitor.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404


async def test_answers_are_counted_by_few_labels(visitor):
    for path in ("/nothing-" + "x" * 40, "/verify"):
        await visitor.get(path)
    await visitor.request("BREW", "/verify")
    text = (await visitor.get("/metrics")).text
    assert 'gongjiang_requests_total{method="GET",status="4xx"}' in text
    assert "BREW" not in text
    assert "nothing-" not in text
