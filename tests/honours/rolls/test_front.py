"""The newest roll on the public home page: there once it is published, without what was revoked."""

from __future__ import annotations

from foundation.database import fetch
from foundation.web import front
from honours.rolls import deciding, publishing
from tests.honours.support import form


async def test_the_newest_roll_stands_on_the_home_page(ready, browse):
    visitor = await browse(None)
    assert 'id="honours"' not in (await visitor.get("/")).text
    decision = await deciding.draft(ready.city, ready.cycle, form())
    await deciding.issue(ready.city, decision)
    await publishing.publish_roll(ready.city, decision)
    section = (await visitor.get("/")).text.partition('id="honours"')[2].partition("</section>")[0]
    for said in ("赵立春", "钱雨水", "丁大寒", "宣工〔2026〕1号", "/honours/rolls/2026-1", "查看全榜 5 项"):
        assert said in section, said
    await fetch(
        "UPDATE roll_entry SET revoked_at = now(), revoked_on = current_date, repeat = NULL WHERE name = '钱雨水'"
    )
    section = (await visitor.get("/")).text.partition('id="honours"')[2].partition("</section>")[0]
    assert "钱雨水" not in section
    assert "查看全榜 4 项" in section


async def test_sections_stand_in_their_places_and_a_silent_wing_is_left_out(monkeypatch):
    monkeypatch.setattr(front, "_sections", {})

    async def one():
        return front.Section(template="one", of=1)

    async def two():
        return front.Section(template="two", of=2)

    async def silent():
        return None

    for provider, place in ((two, 20), (silent, 5), (one, 10), (one, 10)):
        front.register(provider, place=place)
    assert [section.template for section in await front.sections()] == ["one", "two"]
