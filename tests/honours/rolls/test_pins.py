"""Lists ask as often for three rows as for one; a portrait is served only with its holder's consent (P2)."""

from __future__ import annotations

import pytest

from foundation import storage
from foundation.database import fetch, fetchval
from honours.rolls import deciding, publishing
from tests.honours.support import counted, form, held, honour

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd4"
    "0000000049454e44ae426082"
)


@pytest.mark.parametrize("path", ["/honours/ledger", "/honours?year=2023"])
async def test_three_rows_ask_no_more_than_one(house, browse, path):
    officer = await house.person("zheng", "city_officer", at="city")
    title = await honour("pin-medal", "示例奖章")
    roll = await fetchval(
        "INSERT INTO roll (id, code, title, year, organ, document_number, decided_on, sentence, composition, digest, published_at)"
        " VALUES (gen_random_uuid(), '2023-1', '示例', 2023, '示例', '', '2023-04-28', '', '[]', '', now()) RETURNING id"
    )

    async def show(names: tuple[str, ...]) -> int:
        for name in names:
            await held(title, name, roll=roll)
        await fetch("UPDATE roll_entry SET published_at = now()")
        browser = await browse(officer)
        await browser.get(path)  # what is remembered of the first visit is not the list's
        with counted() as asked:
            said = (await browser.get(path)).text
        assert all(name in said for name in names)
        return len(asked)

    one = await show(("赵立春",))
    assert await show(("钱雨水", "孙惊蛰")) == one


async def test_a_portrait_is_served_only_where_it_may_be(ready, browse):
    kept = await storage.keep(PNG, name="a.png", media_type="image/png", made_by=None)
    await fetch("UPDATE nomination SET portrait = $1 WHERE kind = 'person'", kept)
    await ready.consent(ready.nominations["赵立春"], ("roll", "portrait"))
    decision = await deciding.draft(ready.city, ready.cycle, form())
    await deciding.issue(ready.city, decision)
    await publishing.publish_roll(ready.city, decision)
    visitor = await browse(None)
    for name, status in (("赵立春", 200), ("钱雨水", 404)):
        entry = await fetchval("SELECT id FROM roll_entry WHERE name = $1", name)
        answer = await visitor.get(f"/honours/entries/{entry}/portrait")
        assert answer.status_code == status, name
        assert (
            f"/honours/entries/{entry}/portrait" in (await visitor.get("/honours/rolls/2026-1")).text or status == 404
        )
    assert await fetchval("SELECT count(*) FROM roll_entry WHERE portrait IS NOT NULL") == 1
