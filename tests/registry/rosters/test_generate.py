"""A synthetic city stands under the city and counties that are there already, and adds up."""

from __future__ import annotations

from commands.roster import generate
from foundation.database import fetch, fetchval
from registry.codes import id_card


async def test_a_generated_city_hangs_together(house):
    made = await generate(300, 60, seed=5)
    assert made["workers"] == 300
    assert await fetchval("SELECT count(*) FROM organisation WHERE kind = 'city'") == 1
    assert await fetchval("SELECT count(*) FROM organisation WHERE kind = 'county'") == 7
    assert await fetchval("SELECT count(*) FROM organisation") == 5 + made["organisations"]
    torn = await fetchval(
        "SELECT count(*) FROM organisation o LEFT JOIN organisation u ON u.id = o.parent"
        " WHERE o.ancestors <> coalesce(u.ancestors, '{}') || o.id"
    )
    assert torn == 0
    assert await fetchval("SELECT count(*) FROM worker w JOIN organisation o ON o.id = w.organisation WHERE o.kind <> 'grassroots' OR o.region <> w.region") == 0  # fmt: skip


async def test_generated_numbers_can_be_nobodys(house):
    from registry.workers.sealing import numbers_of

    await generate(50, 60, seed=6)
    for row in await fetch("SELECT id FROM worker"):
        numbers = await numbers_of(row["id"])
        assert numbers.id_number.startswith("341899")
        assert id_card.check_character(numbers.id_number[:17]) == numbers.id_number[17]
        assert numbers.phone.startswith("154")


async def test_generating_again_passes_over_whoever_is_there(house):
    await generate(200, 60, seed=5)
    again = await generate(200, 60, seed=5)
    assert again["workers"] == 0
    assert await fetchval("SELECT count(*) FROM worker") == 200
