"""Event files through pages, API and command line: every fault at once, nothing half written, one code again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from competitions.programme.bundles import bundle_of, store_bundle
from competitions.scoring.canonical import bundle_sha256, canonical
from competitions.scoring.reading import parse
from foundation.database import engine, fetch, fetchval
from foundation.errors import Forbidden, NotFound, Refusal
from foundation.storage import UPLOAD_LIMIT
from tests.competitions import support
from tests.support import ROOT, SHARED, needs_shared
from tests.support.people import House

SKATING = "isu-gp-2016-skate-canada-international-men-short-program.json"


def bundle(**changes):
    made = {
        "format": "gongjiang.event/1",
        "event": {"code": "2026-import", "title": "导入示例", "rules": support.RULES},
        "entries": [
            {"code": "A01", "name": "甲队", "organisation": "示例甲厂", "members": ["钱立春", "孙雨水"]},
            {"code": "A02", "name": "乙队", "organisation": "示例乙厂", "guest": False},
        ],
        "marks": [
            {"entry": e, "aspect": a, "judge": j, "value": v}
            for e, p1 in (("A01", "50.0"), ("A02", "40"))
            for a, j, v in (("T", "J1", "80"), ("P1", "J2", p1), ("P1", "J3", "41"), ("P2", "J2", "2"), ("P2", "J3", "3"))
        ],
        "adjustments": [{"entry": "A02", "kind": "bonus", "value": "0.50", "reason": "提前完成"}],
    }  # fmt: skip
    return {**made, **changes}


def body(**changes) -> bytes:
    return json.dumps(bundle(**changes), ensure_ascii=False).encode()


@pytest.fixture
async def qian(house):
    return await house.person("qian", "city_officer", at="city")


async def upload(browser, data: bytes, name: str = "event.json"):
    return await browser.submit("/bundles", files={"file": (name, data, "application/json")})


async def test_a_file_is_previewed_then_stored_then_given_back(house, browse, qian):
    browser = await browse(qian)
    sent = await upload(browser, body())
    assert sent.status_code == 303
    assert await fetchval("SELECT count(*) FROM event") == 0
    preview = await browser.get(sent.headers["location"])
    # A01: 80×0.3 + (45.5 + 33.33)×0.7 = 79.18; A02: 24 + (40.5 + 33.33)×0.7 + 0.5 = 76.18
    for text in ("79.18", "76.18", "一等奖", bundle_sha256(parse(body()))):
        assert text in preview.text, text
    stored = await browser.submit(sent.headers["location"] + "/confirmation", {"competition": ""})
    assert stored.status_code == 303
    back = await browser.get(stored.headers["location"] + "/bundle")
    assert back.content == canonical(parse(body()))
    kept = await fetch("SELECT external, stage, kind FROM event")
    assert [tuple(row) for row in kept] == [(True, "judging", "team")]
    organiser = await fetchval("SELECT organiser FROM competition")
    assert organiser == house.organisations["city"]


async def test_panels_are_what_the_marks_show(house, qian):
    event = await store_bundle(qian, parse(body()))
    panels = await fetch(
        "SELECT p.aspects, array_agg(s.code ORDER BY s.code) AS judges, bool_and(s.account IS NULL) AS nobody"
        " FROM panel p JOIN seat s ON s.panel = p.id WHERE p.event = $1 GROUP BY p.id ORDER BY p.place",
        event,
    )
    assert [(row["aspects"], row["judges"], row["nobody"]) for row in panels] == [
        (["T"], ["J1"], True),
        (["P1", "P2"], ["J2", "J3"], True),
    ]
    members = await fetch("SELECT name, worker FROM entry_member ORDER BY place")
    assert [tuple(row) for row in members] == [("钱立春", None), ("孙雨水", None)]


async def test_every_fault_of_a_file_is_listed_with_its_path(house, browse, qian):
    wrong = bundle()
    wrong["surprise"] = 1
    wrong["event"]["rules"] = {**support.RULES, "mystery": True}
    wrong["entries"][1]["code"] = "A01"
    wrong["marks"][0]["value"] = "100.5"
    wrong["marks"][1]["value"] = "50.3"
    wrong["marks"][2]["value"] = 41
    wrong["marks"][3]["entry"] = "A99"
    paths = {
        "$.surprise", "$.event.rules.mystery", "$.entries[1].code", "$.marks[0].value", "$.marks[1].value",
        "$.marks[2].value", "$.marks[3].entry",
    }  # fmt: skip
    browser = await browse(qian)
    data = json.dumps(wrong).encode()
    page = await upload(browser, data)
    assert page.status_code == 422
    for path in paths:
        assert f"<code>{path}</code>" in page.text, path
    answer = await browser.send_json("POST", "/api/v1/bundles", wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert paths <= {fault["field"] for fault in answer.json()["faults"]}
    assert await fetchval("SELECT count(*) FROM stored_file") == 0
    assert await fetchval("SELECT count(*) FROM event") == 0


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 5000, b'{"format":"gongjiang.event/1"}']
)
async def test_what_is_no_bundle_is_refused_with_a_reason(house, browse, qian, data):
    page = await upload(await browse(qian), data)
    assert page.status_code == 422
    assert "<code>$" in page.text


async def test_no_file_and_too_large_a_file_are_refused(house, browse, qian):
    browser = await browse(qian)
    assert (await browser.submit("/bundles")).status_code == 422
    large = await upload(browser, b" " * (UPLOAD_LIMIT + 1))
    assert (large.status_code, "文件超过 10 MB" in large.text) == (422, True)


async def test_texts_longer_than_the_house_keeps_are_faults_too(house, browse, qian):
    wrong = bundle()
    wrong["entries"][0]["name"] = "长" * 201
    wrong["entries"][1]["organisation"] = "厂\x00"
    page = await upload(await browse(qian), json.dumps(wrong).encode())
    assert page.status_code == 422
    assert "<code>$.entries[0].name</code>" in page.text
    assert "<code>$.entries[1].organisation</code>" in page.text


async def test_another_officers_upload_is_not_found(house, browse, qian):
    zheng = await house.person("zheng", "city_officer", at="city")
    where = (await upload(await browse(qian), body())).headers["location"]
    other = await browse(zheng)
    assert (await other.get(where)).status_code == 404
    assert (await other.submit(where + "/confirmation", {})).status_code == 404


async def test_a_code_again_is_a_new_version_and_keeps_the_old_marks(house, qian):
    event = await store_bundle(qian, parse(body()))
    second = bundle()
    second["marks"][1]["value"] = "55.0"
    del second["entries"][1], second["adjustments"]
    second["marks"] = [mark for mark in second["marks"] if mark["entry"] == "A01"]
    again = parse(json.dumps(second).encode())
    assert await store_bundle(qian, again) == event
    assert canonical(await bundle_of(event)) == canonical(again)
    versions = await fetch("SELECT m.version, m.value FROM mark m JOIN entry n ON n.id = m.entry JOIN seat s ON s.id = m.seat WHERE n.code = 'A01' AND m.aspect = 'P1' ORDER BY s.code, m.version")  # fmt: skip
    assert [tuple(row) for row in versions] == [(1, "50.0"), (2, "55.0"), (1, "41")]
    assert [row["number"] for row in await fetch("SELECT number FROM imported_bundle ORDER BY number")] == [1, 2]
    assert await fetchval("SELECT stage FROM entry WHERE code = 'A02'") == "withdrawn"
    assert await fetchval("SELECT count(*) FROM rule_set") == 1


@pytest.mark.parametrize(("stage", "code"), [("confirmed", "already_confirmed"), ("published", "already_published")])
async def test_a_settled_event_is_not_imported_over(house, browse, qian, stage, code):
    event = await store_bundle(qian, parse(body()))
    before = canonical(await bundle_of(event))
    await fetch("UPDATE event SET stage = $2 WHERE id = $1", event, stage)
    changed = bundle()
    changed["marks"][0]["value"] = "81"
    answer = await (await browse(qian)).send_json("POST", "/api/v1/bundles", changed)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert canonical(await bundle_of(event)) == before
    assert await fetchval("SELECT count(*) FROM imported_bundle") == 1


async def test_a_house_event_and_anothers_event_are_not_imported_over(house, qian):
    own = await support.event(house, code="own")
    taken = bundle()
    taken["event"]["code"] = "own"
    with pytest.raises(Refusal, match="自办"):
        await store_bundle(qian, parse(json.dumps(taken).encode()))
    assert (await fetchval("SELECT external FROM event WHERE id = $1", own.event)) is False
    sun = await house.person("sun", "county_officer", at="xuanzhou")
    li = await house.person("li", "county_officer", at="ningguo")
    await store_bundle(sun, parse(body()))
    with pytest.raises(Refusal) as refused:
        await store_bundle(li, parse(body()))
    assert refused.value.code == "code_taken"


async def test_an_import_goes_into_a_competition_of_ones_own(house, qian):
    sun = await house.person("sun", "county_officer", at="xuanzhou")
    county = await support.competition(house, at="xuanzhou", code="county")
    foreign = await support.competition(house, at="ningguo", code="foreign")
    with pytest.raises(NotFound):
        await store_bundle(sun, parse(body()), competition_id=foreign)
    event = await store_bundle(sun, parse(body()), competition_id=county)
    assert await fetchval("SELECT competition FROM event WHERE id = $1", event) == county


async def test_nobody_but_an_officer_imports(house, browse):
    wu = await house.person("wu", "enterprise_contact", at="jia")
    with pytest.raises(Forbidden):
        await store_bundle(wu, parse(body()))
    assert (await (await browse(wu)).send_json("POST", "/api/v1/bundles", bundle())).status_code == 403
    assert (await (await browse(None)).send_json("POST", "/api/v1/bundles", bundle())).status_code == 401


@needs_shared
async def test_a_skating_programme_goes_through_the_api_and_back(house, browse, qian):
    data = (SHARED / "data/skating-2016-17" / SKATING).read_bytes()
    browser = await browse(qian)
    made = await browser.send_json("POST", "/api/v1/bundles", json.loads(data))
    assert made.status_code == 201
    back = await browser.get(f"/api/v1/events/{made.json()['event']}/bundle")
    assert back.content == canonical(parse(data))


def command(url: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """The command as it is called, in a process of its own."""
    env = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "-m", "commands.cli", *words], cwd=ROOT, env=env, capture_output=True, timeout=60, check=False
    )


async def test_the_command_imports_and_exports_the_same_bytes(committed, tmp_path: Path):
    house = await House().build()
    await house.person("sun", "county_officer", at="xuanzhou")
    await house.person("qian", "city_officer", at="city")
    await house.person("wu", "enterprise_contact", at="jia")
    url = engine().config["dsn"]
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(canonical(parse(body())))
    bad.write_bytes(body(extra=1))

    both = command(url, "import", str(good), str(bad))
    assert both.returncode == 2
    assert b"$.extra" in both.stderr
    assert await fetchval("SELECT count(*) FROM event") == 0, "one bad file, and nothing is written"
    assert command(url, "import", str(good), "--as", "wu").returncode == 2
    assert command(url, "import", str(good), "--as", "nobody").returncode == 2

    done = command(url, "import", str(good))
    assert (done.returncode, done.stderr) == (0, b"")
    assert await fetchval("SELECT organiser FROM competition") == house.organisations["city"]
    out = tmp_path / "out.json"
    assert command(url, "export", "2026-import", "--output", str(out)).returncode == 0
    assert out.read_bytes() == good.read_bytes()
    assert command(url, "export", "2026-import").stdout == good.read_bytes()
    assert command(url, "export", "none").returncode == 1
    await fetch("UPDATE event SET stage = 'published'")
    assert command(url, "import", str(good)).returncode == 1


async def test_two_officers_importing_one_code_at_once_make_one_event(committed):
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    zheng = await house.person("zheng", "city_officer", at="city")
    outcomes = await asyncio.gather(
        store_bundle(qian, parse(body())), store_bundle(zheng, parse(body())), return_exceptions=True
    )
    made = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, UUID)]
    assert made, outcomes
    assert all(isinstance(outcome, Refusal) and outcome.code == "code_taken_meanwhile" for outcome in refused)
    assert await fetchval("SELECT count(*) FROM event") == 1
    assert await fetchval("SELECT count(*) FROM competition") == 1
    assert await fetchval("SELECT count(*) FROM mark") == 10
    assert canonical(await bundle_of(made[0])) == canonical(parse(body()))


async def test_two_imports_over_one_event_at_once_leave_one_of_the_files(committed):
    house = await House().build()
    qian = await house.person("qian", "city_officer", at="city")
    event = await store_bundle(qian, parse(body()))
    files = []
    for value in ("10", "20", "30"):
        changed = bundle()
        for mark in changed["marks"]:
            if mark["aspect"] == "T":
                mark["value"] = value
        files.append(parse(json.dumps(changed).encode()))
    await asyncio.gather(*(store_bundle(qian, file) for file in files))
    assert canonical(await bundle_of(event)) in {canonical(file) for file in files}
    assert [row["number"] for row in await fetch("SELECT number FROM imported_bundle ORDER BY number")] == [1, 2, 3, 4]
