"""Honours of the levels above, told after they were conferred (H33): in the ledger, never with a certificate of ours."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.clock import moved_to
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Refusals
from honours.review import upper
from honours.rolls.ledger import held_by_workers
from honours.rolls.recording import document_of
from registry.achievements.queries import of_worker
from tests.honours.support import DECIDED

TODAY = date(2026, 4, 30)


@pytest.mark.parametrize(
    ("said", "number", "day"),
    [
        ("皖工〔2026〕9号，2026年4月28日", "皖工〔2026〕9号", date(2026, 4, 28)),
        ("2026-04-28 皖劳赛〔2026〕12号", "皖劳赛〔2026〕12号", date(2026, 4, 28)),
        ("已由省总工会授予（皖工〔2025〕31号）2025/12/1", "皖工〔2025〕31号", date(2025, 12, 1)),
    ],
)
def test_number_and_day_are_read_from_the_officers_words(said, number, day):
    assert document_of(said, TODAY) == (number, day)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("已授予", ["upper_day", "upper_number"]),
        ("皖工〔2026〕9号", ["upper_day"]),
        ("皖工〔2026〕9号，2026年2月30日", ["upper_day"]),
        ("2026年4月28日，皖工2026第9号", ["upper_number"]),
        ("皖工〔2026〕9号，2026年5月1日", ["upper_future"]),
    ],
)
def test_what_is_missing_is_named(said, codes):
    with pytest.raises(Refusals) as refused:
        document_of(said, TODAY)
    assert sorted(one.code for one in refused.value.refusals) == codes


async def test_what_the_province_conferred_stands_in_the_ledger_without_a_certificate_of_ours(ready):
    nominee, worker = ready.nominations["赵立春"], ready.workers["赵立春"]
    await fetch("UPDATE honour SET conferred_here = false, level = 'province' WHERE code = 'city-may1-medal'")
    async with moved_to(DECIDED):
        await upper.forward(ready.city, nominee)
        with pytest.raises(Refusals):
            await upper.record_outcome(ready.city, nominee, conferred=True, opinion="已授予")
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", nominee) == "forwarded"  # nothing half
    assert await fetchval("SELECT count(*) FROM roll_entry") == 0
    async with moved_to(DECIDED):
        await upper.record_outcome(ready.city, nominee, conferred=True, opinion="皖工〔2026〕9号，2026年4月22日")
    entry = await fetchrow("SELECT * FROM roll_entry WHERE nomination = $1", nominee)
    assert entry is not None
    assert (entry["source"], entry["document_number"], entry["conferred_on"]) == (
        "record",
        "皖工〔2026〕9号",
        date(2026, 4, 22),
    )
    assert (entry["roll"], entry["published_at"], entry["worker"], entry["county_name"]) == (
        None,
        None,
        worker,
        "宣州区",
    )
    assert [(a.kind, a.source, a.level) for a in await of_worker(worker)] == [("honour", entry["id"], "province")]
    assert [one.entry for one in (await held_by_workers([worker]))[worker]] == [entry["id"]]
    assert await fetchval("SELECT count(*) FROM certificate") == 0
    assert await fetchval("SELECT stage FROM nomination WHERE id = $1", nominee) == "honoured"
