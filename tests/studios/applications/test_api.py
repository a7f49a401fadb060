"""Applications by the API: the pages' operations and refusals; another unit's is not found."""

from __future__ import annotations

import pytest_asyncio

from tests.studios.applications.support import Scene

HOME = "/api/v1/studio-applications"


@pytest_asyncio.fixture
async def scene(house):
    return await Scene(house).build()


async def test_from_draft_to_the_county_and_back(scene: Scene, browse):
    qian, sun = await browse(scene.contact), await browse(scene.neighbour)
    wu = await browse(scene.county)
    [call] = (await qian.get(f"{HOME}/calls")).json()
    assert call["id"] == str(scene.call)
    start = {"call": call["id"], "leader": str(scene.leader)}
    made = (await qian.send_json("POST", f"{HOME}/", start)).json()
    here = f"{HOME}/{made['id']}"
    assert (made["stage"], made["number"]) == ("draft", None)
    assert (await sun.get(here)).status_code == 404
    assert (await wu.get(here)).status_code == 404, "a draft is the unit's alone"
    place = {"title_kind": "劳模", "field_of_work": "焊接", "address": "示例路1号", "area": 120}
    saved = (await qian.send_json("PUT", f"{here}/sections/place?version={made['version']}", place)).json()
    assert saved["dossier"]["place"]["field_of_work"] == "焊接"
    stale = await qian.send_json("PUT", f"{here}/sections/place?version={made['version']}", place)
    assert stale.status_code == 412
    assert (await qian.send_json("PUT", f"{here}/sections/none?version=1", place)).status_code == 404
    refused = await qian.send_json("POST", f"{here}/submission", {"version": saved["version"]})
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("application/problem+json")
    lacking = [one for one in saved["checks"] if not one["ok"]]
    assert len(refused.json()["faults"]) == len(lacking) > 3, "all at once"


async def test_a_county_recommends_or_returns(scene: Scene, browse):
    made = await scene.submitted()
    qian, wu, zheng = await browse(scene.contact), await browse(scene.county), await browse(scene.city)
    here, version = f"{HOME}/{made}", await scene.version(made)
    word = {"opinion": "", "version": version}
    assert (await qian.send_json("POST", f"{here}/decision/recommend", word)).status_code == 403
    wordless = await wu.send_json("POST", f"{here}/decision/return", word)
    assert wordless.status_code == 422
    assert "opinion_missing" in wordless.text
    assert (await zheng.send_json("POST", f"{here}/decision/promote", word)).status_code == 404
    shown = (await wu.send_json("POST", f"{here}/decision/return", word | {"opinion": "请补充台账"})).json()
    assert shown["stage"] == "returned"
    assert shown["opinions"][0]["opinion"] == "请补充台账"
    again = (await qian.send_json("POST", f"{here}/submission", {"version": shown["version"]})).json()
    assert again["stage"] == "county"
    done = (await wu.send_json("POST", f"{here}/decision/recommend", {"version": again["version"]})).json()
    assert done["stage"] == "city"


async def test_programmes_and_calls_belong_to_their_union(scene: Scene, browse):
    zheng, wu = await browse(scene.city), await browse(scene.county)
    [programme] = (await zheng.get("/api/v1/studio-programmes/")).json()
    assert programme["id"] == str(scene.programme)
    shown = (await zheng.get(f"/api/v1/studio-programmes/{scene.programme}")).json()
    assert [one["id"] for one in shown["calls"]] == [str(scene.call)]
    assert shown["rules"]["conditions"]["team_min"] == 5, "T6"
    assert (await wu.get(f"/api/v1/studio-programmes/{scene.programme}")).status_code == 403
    await scene.submitted()
    call = (await zheng.get(f"/api/v1/studio-calls/{scene.call}")).json()
    assert [one["leader_name"] for one in call["applications"]] == ["陈癸成"]
    running = await zheng.send_json("POST", f"/api/v1/studio-calls/{scene.call}/closing", {})
    assert running.status_code == 422
    assert "call_running" in running.text
