"""The pages and the API: the same operations, every fault beside its field, another's entry not found."""

from __future__ import annotations

import re

import pytest

from competitions.entries import queries
from competitions.entries.operations import start_entry, submit_entry
from foundation.clock import moved_to
from foundation.database import fetchval
from tests.competitions.entries.support import CLOSES, DURING, lines, open_event, worker


@pytest.fixture
async def li(house):
    return await house.person("li", "enterprise_contact", at="jia")


@pytest.fixture
async def zhou(house):
    return await house.person("zhou", "city_officer", at="city")


def form_of(view, **changes) -> dict[str, str]:
    """The fields of the editing page as it was shown."""
    data = {"version": str(view.version), "name": view.name, "act": "save"}
    for n, member in enumerate(view.members):
        data |= {
            f"members-{n}-worker": str(member.worker),
            f"members-{n}-role": member.role,
            f"members-{n}-place": str(n + 1),
        }
    return data | changes


async def test_from_the_list_to_a_number_without_a_script(house, li, zhou, browse):
    async with moved_to(DURING):
        stage = await open_event(house)
        wang, zhao = await worker(house, "王立春"), await worker(house, "周雨水")
        contact, officer = await browse(li), await browse(zhou)
        listing = (await contact.get("/entries")).text
        assert "汽车装调工" in listing
        started = await contact.submit("/entries", {"event": str(stage.event)})
        place = started.headers["location"]
        entry = re.fullmatch(r"/entries/([0-9a-f-]{36})", place)[1]

        found = (await contact.get(f"{place}?q=wlc")).text
        assert "王立春" in found
        assert "周雨水" not in found
        view = await queries.entry_for(li, entry)
        added = await contact.submit(place, form_of(view, add=[str(wang), str(zhao)], act="add"))
        assert added.headers["location"] == place
        view = await queries.entry_for(li, entry)
        assert [m.name for m in view.members] == ["王立春", "周雨水"]
        swapped = form_of(view, **{"members-0-place": "2", "members-1-place": "1"}, name="先锋队", act="submit")
        done = await contact.submit(place, swapped)
        assert done.headers["location"] == place
        view = await queries.entry_for(li, entry)
        assert (view.stage, view.name, [m.name for m in view.members]) == ("submitted", "先锋队", ["周雨水", "王立春"])

        review = (await officer.get(f"/events/{stage.event}/entries?q=xianfeng")).text
        assert "先锋队" in review
        accepted = await officer.submit(
            "/entries/acceptances", {"entry": f"{entry}:{view.version}", "back": f"{stage.event}"}
        )
        assert accepted.headers["location"] == f"/events/{stage.event}/entries"
        shown = (await contact.get(place)).text
        assert "A01" in shown


async def test_all_faults_stand_on_the_page_and_the_draft_is_kept(house, li, browse):
    from datetime import date

    async with moved_to(DURING):
        stage = await open_event(house)
        young = await worker(house, "孙小满", born_on=date(2011, 1, 1))
        entry = await start_entry(li, stage.event, name="一队", members=lines(young))
        contact = await browse(li)
        view = await queries.entry_for(li, entry)
        answer = await contact.submit(f"/entries/{entry}", form_of(view, name="改过的队名", act="submit"))
        assert answer.status_code == 422
        assert 'href="#f-members-0"' in answer.text
        assert "15 周岁，须年满 16 周岁" in answer.text
        assert "还差 1 名" in answer.text
        assert "改过的队名" in answer.text
        assert await fetchval("SELECT name || ' ' || stage FROM entry WHERE id = $1", entry) == "改过的队名 draft"


async def test_a_stale_window_is_told_and_writes_nothing(house, li, browse):
    async with moved_to(DURING):
        stage = await open_event(house)
        entry = await start_entry(li, stage.event, name="一队")
        contact = await browse(li)
        view = await queries.entry_for(li, entry)
        assert (await contact.submit(f"/entries/{entry}", form_of(view, name="新名"))).status_code == 303
        late = await contact.submit(f"/entries/{entry}", form_of(view, name="旧窗口"))
        assert late.status_code == 412
        assert "刚刚被他人修改" in late.text
        assert await fetchval("SELECT name FROM entry WHERE id = $1", entry) == "新名"


async def test_after_the_close_the_page_offers_nothing_to_press(house, li, browse):
    async with moved_to(DURING):
        stage = await open_event(house)
        entry = await start_entry(li, stage.event, name="一队")
    async with moved_to(CLOSES):
        contact = await browse(li)
        shown = (await contact.get(f"/entries/{entry}")).text
        assert 'value="submit"' not in shown
        refused = await contact.submit("/entries", {"event": str(stage.event)})
        assert refused.status_code == 422
        assert "报名已于 2026-04-17 17:30:00 截止" in refused.text


@pytest.mark.parametrize("method", ["page", "edit", "withdraw", "candidates", "api", "api_put", "api_submit"])
async def test_the_neighbour_gets_404_everywhere(house, li, browse, method):
    async with moved_to(DURING):
        stage = await open_event(house)
        entry = await start_entry(li, stage.event, name="一队")
        neighbour = await browse(await house.person("zhao", "enterprise_contact", at="yi"))
        answer = {
            "page": lambda: neighbour.get(f"/entries/{entry}"),
            "edit": lambda: neighbour.submit(f"/entries/{entry}", {"version": "1", "name": "x"}),
            "withdraw": lambda: neighbour.submit(f"/entries/{entry}/withdrawal", {"version": "1"}),
            "candidates": lambda: neighbour.get(f"/entries/{entry}/candidates"),
            "api": lambda: neighbour.get(f"/api/v1/entries/{entry}"),
            "api_put": lambda: neighbour.send_json("PUT", f"/api/v1/entries/{entry}", {"version": 1}),
            "api_submit": lambda: neighbour.send_json("POST", f"/api/v1/entries/{entry}/submission", {"version": 1}),
        }[method]
        assert (await answer()).status_code == 404


@pytest.mark.parametrize("act", ["acceptance", "return", "rejection", "striking"])
async def test_another_countys_officer_gets_404_and_a_contact_403(house, li, browse, act):
    async with moved_to(DURING):
        stage = await open_event(house, at="xuanzhou", least=1, most=1)
        entry = await start_entry(li, stage.event, members=lines(await worker(house, "王立春")))
        await submit_entry(li, entry, version=1)
        other = await browse(await house.person("wu", "county_officer", at="ningguo"))
        data = {"version": "2"} | ({} if act == "acceptance" else {"reason": "原因"})
        assert (await other.submit(f"/entries/{entry}/{act}", data)).status_code == 404
        assert (await other.get(f"/events/{stage.event}/entries")).status_code == 404
        assert (await (await browse(li)).submit(f"/entries/{entry}/{act}", data)).status_code == 403
        assert await fetchval("SELECT stage FROM entry WHERE id = $1", entry) == "submitted"


async def test_returning_without_a_reason_keeps_the_officer_on_the_page(house, li, zhou, browse):
    async with moved_to(DURING):
        stage = await open_event(house, least=1, most=1)
        entry = await start_entry(li, stage.event, members=lines(await worker(house, "王立春")))
        await submit_entry(li, entry, version=1)
        officer = await browse(zhou)
        empty = await officer.submit(f"/entries/{entry}/return", {"version": "2", "reason": " "})
        assert empty.status_code == 422
        assert "请写明原因" in empty.text
        assert (
            await officer.submit(f"/entries/{entry}/return", {"version": "2", "reason": "请补教练"})
        ).status_code == 303
        assert "请补教练" in (await (await browse(li)).get("/entries")).text
        second = await officer.submit(f"/entries/{entry}/acceptance", {"version": "2"})
        assert second.status_code == 409


async def test_the_api_says_every_refusal_with_its_rule(house, li, browse):
    async with moved_to(DURING):
        stage = await open_event(house)
        wang = await worker(house, "王立春", left_at=None)
        api = await browse(li)
        made = (await api.send_json("POST", "/api/v1/entries", {"event": str(stage.event), "name": "一队"})).json()
        put = await api.send_json(
            "PUT", f"/api/v1/entries/{made['id']}",
            {"version": made["version"], "name": "一队", "members": [{"worker": str(wang), "role": "competitor"}]},
        )  # fmt: skip
        body = put.json()
        assert [(m["name"], m["role"]) for m in body["members"]] == [("王立春", "competitor")]
        assert {(f["severity"], f["code"]) for f in body["findings"]} == {("bad", "team_too_small")}
        refused = await api.send_json("POST", f"/api/v1/entries/{made['id']}/submission", {"version": body["version"]})
        assert refused.status_code == 422
        assert [(f["code"], f["rule"], f["field"]) for f in refused.json()["faults"]] == [
            ("team_too_small", "C14", "members")
        ]
        unknown = await api.send_json("PUT", f"/api/v1/entries/{made['id']}", {"version": 2, "code": "A99"})
        assert [f["code"] for f in unknown.json()["faults"]] == ["unknown_field"]
        role = await api.send_json(
            "PUT", f"/api/v1/entries/{made['id']}", {"version": 2, "members": [{"worker": str(wang), "role": "judge"}]}
        )
        assert [f["field"] for f in role.json()["faults"]] == ["members-0-role"]


async def test_the_list_costs_the_same_queries_whatever_its_length(house, li, zhou, browse, monkeypatch):
    from competitions.entries import review
    from foundation import listing

    counted: list[str] = []
    real = listing.fetch

    async def counting(sql, *args):
        counted.append(sql)
        return await real(sql, *args)

    monkeypatch.setattr(listing, "fetch", counting)
    async with moved_to(DURING):
        stage = await open_event(house, least=1, most=1, entries_per_unit=9)
        for n, name in enumerate(("王立春", "周雨水", "钱惊蛰"), start=1):
            entry = await start_entry(li, stage.event, members=lines(await worker(house, name)))
            await submit_entry(li, entry, version=1)
            counted.clear()
            assert len((await review.reviewed(zhou, {})).rows) == n
            assert len(counted) == 1
