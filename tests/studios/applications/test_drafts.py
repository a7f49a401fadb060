"""Drafts of an application: kept while typing, the writer's own, shown again, gone once saved; nothing saved by it."""

from __future__ import annotations

import pytest_asyncio

from foundation.database import fetchval
from studios.applications import drafts, operations
from studios.applications.schemas import Place
from tests.studios.applications.support import Scene

HOME = "/studios/applications"


@pytest_asyncio.fixture
async def scene(house):
    return await Scene(house).build()


async def test_what_is_typed_is_there_after_the_page_was_closed(scene: Scene, browse):
    made = await scene.draft()
    qian = await browse(scene.contact)
    typed = {"field_of_work": "焊接与检测", "area": "一百", "version": "1"}
    assert (await qian.submit(f"{HOME}/{made}/drafts/place", typed)).status_code == 204
    page = (await qian.get(f"{HOME}/{made}")).text
    assert 'value="焊接与检测"' in page
    assert 'value="一百"' in page, "also what could not be saved as it stands"
    assert "放弃草稿" in page
    assert await fetchval("SELECT dossier->'place'->>'field_of_work' FROM studio_application WHERE id = $1", made) == ""


async def test_saving_or_discarding_ends_the_draft(scene: Scene, browse):
    made = await scene.draft()
    qian = await browse(scene.contact)
    await qian.submit(f"{HOME}/{made}/drafts/place", {"field_of_work": "草稿里的"})
    await operations.save_section(
        scene.contact, made, "place", Place(field_of_work="存上的"), version=await scene.version(made)
    )
    assert await drafts.of(scene.contact, made) == {}
    await qian.submit(f"{HOME}/{made}/drafts/place", {"field_of_work": "不要了"})
    assert (await qian.submit(f"{HOME}/{made}/drafts/place/discarding", {})).status_code == 303
    page = (await qian.get(f"{HOME}/{made}")).text
    assert "存上的" in page
    assert "不要了" not in page


async def test_a_draft_is_its_writers_and_the_units_own(scene: Scene, browse):
    made = await scene.draft()
    colleague = await browse(await scene.house.person("zhu", "enterprise_contact", at="jia"))
    await (await browse(scene.contact)).submit(f"{HOME}/{made}/drafts/place", {"field_of_work": "钱的字"})
    assert "钱的字" not in (await colleague.get(f"{HOME}/{made}")).text
    stranger = await browse(scene.neighbour)
    assert (await stranger.submit(f"{HOME}/{made}/drafts/place", {"field_of_work": "x"})).status_code == 404
    assert (await colleague.submit(f"{HOME}/{made}/drafts/nothing", {"x": "1"})).status_code == 404
    long = await colleague.submit(f"{HOME}/{made}/drafts/work", {"rules": "长" * 60_001})
    assert long.status_code == 422
    assert await drafts.of(scene.neighbour, made) == {}


async def test_handing_in_saves_what_was_typed_first(scene: Scene, browse):
    made = await scene.full()
    qian = await browse(scene.contact)
    place = {
        "title_kind": "劳模",
        "field_of_work": "新写的方向",
        "address": "示例路1号",
        "area": "120",
        "equipment": "焊机",
    }
    await qian.submit(f"{HOME}/{made}/drafts/place", place)
    answer = await qian.submit(f"{HOME}/{made}/submission", {"version": await scene.version(made)})
    assert answer.status_code == 303
    assert await fetchval("SELECT dossier->'place'->>'field_of_work' FROM studio_application WHERE id = $1", made) == (
        "新写的方向"
    )
    assert await drafts.of(scene.contact, made) == {}
    assert (await qian.submit(f"{HOME}/{made}/drafts/place", place)).status_code == 422, "handed in: T3"
