"""The desk's pages and API, the board, the officer's panels: who gets in, what is shown, what is refused."""

from __future__ import annotations

import re
from uuid import uuid4

import msgspec
import pytest

from competitions.judging.alarms import alarms_of
from competitions.judging.board import board_of
from competitions.judging.rules import aspects_of
from competitions.scoring.bundle import Rules
from foundation.database import fetch, fetchval
from tests.competitions import support

FULL = {
    "A01": {"T": ["80"], "P1": ["50", "51"], "P2": ["2", "3"]},
    "A02": {"T": ["70.5"], "P1": ["40", "41"], "P2": ["1", "1"]},
    "A03": {"T": ["90"], "P1": ["55.5", "60"], "P2": ["3", "3"]},
}


@pytest.fixture
async def stage(house) -> support.Stage:
    return await support.standard(house)


def body(*marks: tuple, key=None) -> dict:
    names = ("entry", "aspect", "value", "base")
    return {"key": str(key or uuid4()), "marks": [dict(zip(names, mark, strict=True)) for mark in marks]}


class TestApi:
    async def test_a_mark_and_the_state_that_shows_it(self, stage, browse):
        browser = await browse(stage.judges["J2"])
        seat = stage.seats["实操", "J2"]
        answer = await browser.send_json("PUT", f"/api/v1/sheets/{seat}/marks", body(("A01", "P1", "55.5", 0)))
        assert answer.status_code == 200
        assert answer.json()["marks"] == [{"entry": "A01", "aspect": "P1", "version": 1, "value": "55.5"}]
        state = (await browser.get(f"/api/v1/sheets/{seat}")).json()
        assert state["marks"] == [{"entry": "A01", "aspect": "P1", "version": 1, "value": "55.5", "changed": False}]
        assert [a["code"] for a in state["aspects"]] == ["P1", "P2"]
        assert [e["code"] for e in state["entries"]] == ["A01", "A02", "A03"]
        assert state["csrf"] == await browser.token()

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"key": "x", "marks": []}, "key"),
            ({"marks": []}, "key"),
            ({"key": str(uuid4()), "marks": [{"entry": "A01", "aspect": "P1", "value": 13.5, "base": 0}]}, "marks-0-value"),
            ({"key": str(uuid4()), "marks": [{"entry": "A01", "aspect": "P1", "value": "1", "base": -1}]}, "marks-0-base"),
            ({"key": str(uuid4()), "marks": [{"entry": "A01", "aspect": "P1", "value": "1", "base": 0, "x": 1}]}, "marks-0-x"),
            ({"key": str(uuid4()), "marks": [{"aspect": "P1", "value": "1", "base": 0}]}, "marks-0-entry"),
            ({"key": str(uuid4()), "marks": [{"entry": "A01", "aspect": "P1", "value": "61", "base": 0}]}, "marks-0-value"),
        ],
    )  # fmt: skip
    async def test_a_body_that_is_wrong_is_named_by_field(self, stage, browse, sent, field):
        browser = await browse(stage.judges["J2"])
        answer = await browser.send_json("PUT", f"/api/v1/sheets/{stage.seats['实操', 'J2']}/marks", sent)
        assert answer.status_code == 422
        assert field in [fault["field"] for fault in answer.json()["faults"]]
        assert await fetchval("SELECT count(*) FROM mark") == 0

    async def test_no_json_nan_and_a_stale_version(self, stage, browse):
        browser = await browse(stage.judges["J2"])
        path = f"/api/v1/sheets/{stage.seats['实操', 'J2']}/marks"
        headers = {"X-CSRF-Token": await browser.token(), "Content-Type": "application/json"}
        for text in ("", "{", "[]", '{"key": NaN}', "null"):
            assert (await browser.put(path, content=text, headers=headers)).status_code == 422
        await browser.send_json("PUT", path, body(("A01", "P1", "55", 0)))
        stale = await browser.send_json("PUT", path, body(("A01", "P1", "50", 0)))
        assert stale.status_code == 412
        assert "55" in stale.json()["faults"][0]["message"]

    async def test_another_judge_a_visitor_and_an_officer(self, house, stage, browse):
        path = f"/api/v1/sheets/{stage.seats['实操', 'J2']}"
        other = await browse(stage.judges["J3"])
        assert (await other.get(path)).status_code == 404
        assert (await other.send_json("PUT", path + "/marks", body(("A01", "P1", "1", 0)))).status_code == 404
        officer = await browse(await house.person("zhao", "city_officer", at="city"))
        assert (await officer.get(path)).status_code == 403
        assert (await (await browse(None)).get(path)).status_code == 401
        assert (await other.get("/api/v1/sheets/no-uuid")).status_code == 404

    async def test_without_the_token_of_this_browser_nothing_is_written(self, stage, browse):
        browser = await browse(stage.judges["J2"])
        answer = await browser.put(
            f"/api/v1/sheets/{stage.seats['实操', 'J2']}/marks", json=body(("A01", "P1", "1", 0))
        )
        assert answer.status_code == 403
        assert await fetchval("SELECT count(*) FROM mark") == 0

    async def test_an_excusals_reason_never_reaches_the_desk(self, stage, browse):
        await fetch(
            "INSERT INTO excusal (id, seat, entry, reason) VALUES (gen_random_uuid(), $1, $2, '师徒关系不外传')",
            stage.seats["实操", "J2"], stage.entries["A01"],
        )  # fmt: skip
        browser = await browse(stage.judges["J2"])
        state = await browser.get(f"/api/v1/sheets/{stage.seats['实操', 'J2']}")
        assert [e["excused"] for e in state.json()["entries"]] == [True, False, False]
        for path in (
            f"/api/v1/sheets/{stage.seats['实操', 'J2']}",
            f"/desk/{stage.seats['实操', 'J2']}/plain?entry=A01",
            "/desk",
        ):
            assert "师徒关系" not in (await browser.get(path)).text


class TestDeskPages:
    async def test_my_sheets_show_how_far_each_is(self, stage, browse):
        await support.mark(stage, "A01", "P1", "J2", "50")
        text = (await (await browse(stage.judges["J2"])).get("/desk")).text
        assert "1 / 6 项" in text
        assert "汽车装调工" in text

    async def test_the_worker_stands_at_one_address_for_the_desk_alone(self, app, browse):
        answer = await (await browse(None)).get("/desk/worker.js")
        assert answer.status_code == 200
        assert answer.headers["service-worker-allowed"] == "/desk"
        assert answer.headers["cache-control"] == "no-cache"
        assert re.search(r'"/static/desk\.[0-9a-f]{10}\.js"', answer.text), "files are named with their hashes"

    async def test_the_desk_and_the_sign_page_of_another_judge_are_not_found(self, stage, browse):
        browser = await browse(stage.judges["J3"])
        for path in ("", "/plain", "/sign"):
            assert (await browser.get(f"/desk/{stage.seats['实操', 'J2']}{path}")).status_code == 404
        assert (await browser.submit(f"/desk/{stage.seats['实操', 'J2']}/signature", {})).status_code == 404

    async def test_the_plain_form_saves_what_changed_and_keeps_what_was_typed(self, stage, browse):
        browser = await browse(stage.judges["J2"])
        path = f"/desk/{stage.seats['实操', 'J2']}/marks"
        form = {"key": str(uuid4()), "entry": "A01", "marks-0-aspect": "P1", "marks-0-base": "0", "marks-0-value": "60.5",
                "marks-1-aspect": "P2", "marks-1-base": "0", "marks-1-value": "2"}  # fmt: skip
        wrong = await browser.submit(path, form)
        assert wrong.status_code == 422
        assert "60.5 超出范围，应在 0 到 60 之间" in wrong.text
        assert 'value="60.5"' in wrong.text
        assert await fetchval("SELECT count(*) FROM mark") == 0
        good = await browser.submit(path, {**form, "key": str(uuid4()), "marks-0-value": "60"})
        assert good.status_code == 303
        assert good.headers["location"].endswith("/plain?entry=A02")
        only = {
            **form,
            "key": str(uuid4()),
            "marks-0-value": "60",
            "marks-0-base": "1",
            "marks-1-base": "1",
            "marks-1-value": "",
        }
        await browser.submit(path, only)
        rows = await fetch("SELECT aspect, version, value FROM mark ORDER BY aspect, version")
        assert [tuple(row) for row in rows] == [("P1", 1, "60"), ("P2", 1, "2"), ("P2", 2, None)]

    async def test_the_sign_page_lists_what_is_missing_and_the_subtotals(self, stage, browse):
        await support.mark(stage, "A01", "P1", "J2", "50.5")
        await support.mark(stage, "A01", "P2", "J2", "2")
        text = (await (await browse(stage.judges["J2"])).get(f"/desk/{stage.seats['实操', 'J2']}/sign")).text
        assert "作品 A02 缺 2 项：P1、P2" in text
        assert "0.00" not in text, "a blank is never zero"
        assert text.count("未评") == 2
        assert "77.17" in text  # 50.5 + 2 ÷ 3 × 40 = 26.67
        assert 'form="sign"' not in text


class TestBoard:
    @pytest.fixture
    async def chief(self, house, stage):
        await support.mark_all(stage, FULL)
        return await house.person("he", "chief_judge", event=stage.event)

    async def test_results_are_the_engines_and_missing_is_told_by_seat(self, stage, chief):
        found = await board_of(stage.event, panel=stage.panels["实操"])
        assert found.panel is not None
        # A01: P1 mean(50, 51) = 50.50; P2 mean(2, 3) = 2.50 → ÷3×40 = 33.33; together 83.83
        assert [row.result for row in found.panel.rows] == ["83.83", "53.83", "97.75"]
        assert (found.wanted, found.given, found.missing) == (15, 15, ())
        await support.mark(stage, "A03", "P1", "J3", None, version=2)
        found = await board_of(stage.event, panel=stage.panels["实操"])
        assert found.missing == (("J3", 1, ("A03",)),)
        assert found.panel is not None
        assert found.panel.rows[2].result == "—"

    async def test_an_absent_entry_is_neither_missing_nor_zero(self, stage, chief):
        await fetch("UPDATE entry SET status = 'absent' WHERE id = $1", stage.entries["A02"])
        found = await board_of(stage.event, panel=stage.panels["实操"])
        assert found.panel is not None
        assert [cell.state for cell in found.panel.rows[1].cells] == ["none", "none"]
        assert found.wanted == 10

    async def test_the_page_for_its_chief_but_not_for_anothers_nor_a_judge(self, house, stage, chief, browse):
        path = f"/events/{stage.event}/board"
        answer = await (await browse(chief)).get(path)
        assert answer.status_code == 200
        assert "未签评分表" in answer.text
        assert "实操 J2 的评分表未签署" in answer.text
        elsewhere = await support.event(house, code="other")
        stranger = await house.person("feng", "chief_judge", event=elsewhere.event)
        assert (await (await browse(stranger)).get(path)).status_code == 404
        assert (await (await browse(stage.judges["J2"])).get(path)).status_code == 403
        county = await house.person("county", "county_officer", at="ningguo")
        assert (await (await browse(county)).get(path)).status_code == 404

    async def test_the_fragment_is_sent_again_only_if_something_changed(self, stage, chief, browse):
        browser = await browse(chief)
        path = f"/events/{stage.event}/board?panel={stage.panels['实操']}"
        headers = {"HX-Request": "true"}
        first = await browser.get(path, headers=headers)
        seen = re.search(r"seen=([0-9a-f]{16})", first.text)
        assert seen
        assert "<html" not in first.text
        assert (await browser.get(f"{path}&seen={seen[1]}", headers=headers)).status_code == 204
        await support.mark(stage, "A01", "P1", "J2", "49", version=2)
        assert (await browser.get(f"{path}&seen={seen[1]}", headers=headers)).status_code == 200

    async def test_a_status_and_an_adjustment_by_form(self, stage, chief, browse):
        browser = await browse(chief)
        base = f"/events/{stage.event}"
        bad = await browser.submit(
            f"{base}/statuses", {"entry": f"{stage.entries['A02']}~1", "status": "absent", "reason": ""}
        )
        assert bad.status_code == 422
        await browser.submit(
            f"{base}/statuses", {"entry": f"{stage.entries['A02']}~1", "status": "absent", "reason": "未到"}
        )
        assert await fetchval("SELECT status FROM entry WHERE id = $1", stage.entries["A02"]) == "absent"
        wrong = {"entry": str(stage.entries["A01"]), "kind": "deduction", "value": "-2", "reason": "违规"}
        answer = await browser.submit(f"{base}/adjustments", wrong)
        assert answer.status_code == 422
        assert "不是大于 0 的分数" in answer.text
        await browser.submit(f"{base}/adjustments", {**wrong, "value": "2"})
        made = await fetchval("SELECT id FROM adjustment")
        await browser.submit(f"{base}/adjustments/{made}/cancellation", {"reason": "误记"})
        assert await fetchval("SELECT count(*) FROM adjustment WHERE cancels = $1", made) == 1

    async def test_the_query_count_does_not_grow_with_the_event(self, house, stage, chief, monkeypatch):
        import competitions.judging.board as module

        async def count() -> int:
            calls = 0

            async def counting(*args):
                nonlocal calls
                calls += 1
                return await fetch(*args)

            monkeypatch.setattr(module, "fetch", counting)
            await board_of(stage.event)
            monkeypatch.undo()
            return calls

        few = await count()
        for n in range(10, 30):
            await support.entry(house, stage, f"A{n}")
        assert await count() == few == 5


def plan_of_aspect(**fields):
    rules = {"modules": [{"code": "m", "aspects": [{"code": "P", **fields}]}], "ranking": [{"by": "total"}]}
    return aspects_of(msgspec.convert(rules, Rules), ["P"])["P"]


@pytest.mark.parametrize(
    ("values", "seats"),
    [
        (["6.5", "15", "15.5", "16", "16.5"], ["J1"]),  # the median is 15.5: 9 > 30 % of 20
        (["9.5", "15", "15.5", "16", "16.5"], []),  # exactly 6 is not beyond 6
        (["9.4", "15", "15.5", "16", "16.5"], ["J1"]),
        (["5", "15"], []),  # two marks have no middle
        (["1", "1", "20", "20"], ["J1", "J2", "J3", "J4"]),  # the median is 10.5: all stand 9.5 apart
    ],
)
def test_alarms_of_points(values, seats):
    aspect = plan_of_aspect(kind="points", max="20")
    named = [(f"J{n}", value) for n, value in enumerate(values, 1)]
    assert [alarm.seat for alarm in alarms_of("A01", aspect, named)] == seats


@pytest.mark.parametrize(
    ("values", "seats"), [(["1", "3", "3"], ["J1"]), (["2", "3", "3"], []), (["0", "2", "2", "2", "3"], ["J1"])]
)
def test_alarms_of_judgements(values, seats):
    aspect = plan_of_aspect(kind="judgement", max="10")
    named = [(f"J{n}", value) for n, value in enumerate(values, 1)]
    assert [alarm.seat for alarm in alarms_of("A01", aspect, named)] == seats


async def test_leniency_needs_ten_entries_and_sums_to_nought(house):
    stage = await support.standard(house, entries=10)
    for n in range(1, 11):
        for judge, p1, p2 in (("J2", "50", "3"), ("J3", "40", "3")):
            await support.mark(stage, f"A{n:02}", "P1", judge, p1)
            await support.mark(stage, f"A{n:02}", "P2", judge, p2)
    found = await board_of(stage.event, panel=stage.panels["实操"])
    assert found.panel is not None
    assert [seat.leniency for seat in found.panel.seats] == ["+5.00", "-5.00"]
    await support.mark(stage, "A10", "P1", "J3", None, version=2)
    found = await board_of(stage.event, panel=stage.panels["实操"])
    assert found.panel is not None
    assert [seat.leniency for seat in found.panel.seats] == ["", ""]


class TestPanelsPage:
    async def test_an_officer_sets_up_a_panel_and_seats_a_judge(self, house, browse):
        stage = await support.event(house)
        await support.entry(house, stage, "A01", at="jia")
        officer = await house.person("zhao", "city_officer", at="city")
        judge = await house.person("qian", "judge", at="jia")
        browser = await browse(officer)
        base = f"/events/{stage.event}"
        assert (await browser.submit(f"{base}/panels", {"title": "实操组", "aspects": "P1"})).status_code == 303
        panel = await fetchval("SELECT id FROM panel")
        refused = await browser.submit(f"{base}/panels/{panel}/seats", {"account": str(judge.account)})
        assert refused.status_code == 422
        assert "回避后人数不足" in refused.text
        neutral = await house.person("li", "judge")
        for _ in range(2):
            await browser.submit(f"{base}/panels/{panel}/seats", {"account": str(neutral.account)})
            neutral = await house.person(f"li{_}", "judge")
        page = await browser.get(f"{base}/panels")
        assert "2 人 / 最低 2 人" in page.text

    async def test_a_chief_judge_does_not_seat_and_a_stranger_finds_no_event(self, house, stage, browse):
        chief = await house.person("he", "chief_judge", event=stage.event)
        assert (await (await browse(chief)).get(f"/events/{stage.event}/panels")).status_code == 403
        county = await house.person("county", "county_officer", at="ningguo")
        assert (await (await browse(county)).get(f"/events/{stage.event}/panels")).status_code == 404
