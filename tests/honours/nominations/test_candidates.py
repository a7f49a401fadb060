"""What compositions are given: stages, order, plain values, the county."""

from __future__ import annotations

from honours.cycles.schemas import Candidate
from honours.nominations.candidates import candidates_of
from honours.nominations.stages import Stage
from tests.honours.nominations import support


async def test_candidates_of_the_asked_stages_only_as_plain_values(house, round_):
    one = await round_.nomination(
        await support.worker(house), stage="city", flags=["woman", "migrant_worker"], listing="separate"
    )
    await round_.nomination(await support.worker(house), stage="draft")
    other = await round_.nomination(await support.worker(house, at="yi"), at="yi", stage="county", role="substitute")
    found = await candidates_of(round_.awards["city-may1-medal"], [Stage.CITY, Stage.COUNTY])
    assert found == [
        Candidate(
            id=str(one), kind="person", category="industrial_worker", flags=frozenset({"woman", "migrant_worker"}),
            unit_class="enterprise", role="principal", listing="separate", county="341802",
        ),
        Candidate(
            id=str(other), kind="person", category="industrial_worker", unit_class="enterprise", role="substitute",
            listing="regular", county="341881",
        ),
    ]  # fmt: skip
    assert await candidates_of(round_.awards["city-pioneer"], list(Stage)) == []


async def test_rows_say_what_a_list_shows(house, round_):
    it = await round_.nomination(await support.worker(house), stage="city", number="XC-2026-JZ-0117", place=2)
    (row,) = await candidates_of(round_.awards["city-may1-medal"], ["city"], with_rows=True)
    assert (row.nomination, row.number, row.place, row.stage) == (it, "XC-2026-JZ-0117", 2, Stage.CITY)
    assert row.gate_name == "宣州区示例总工会"
    assert row.candidate.county == "341802"
