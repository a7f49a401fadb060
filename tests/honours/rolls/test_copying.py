"""Entries written by ``COPY`` are what they were, odd characters and empty values included."""

from __future__ import annotations

from datetime import date

from foundation import clock
from foundation.database import fetchrow
from foundation.database.columns import new_id
from honours.rolls.copying import copy_entries
from honours.rolls.publishing import ENTRY_COLUMNS, names_of
from tests.honours.support import honour

ODD = 'C:\\新\t"甲",{乙}\\N'


async def test_what_is_copied_is_read_back(db):
    medal, made, now = await honour("odd-medal", "示例奖章"), new_id(), await clock.now()
    entry = dict.fromkeys(ENTRY_COLUMNS) | names_of("person", "赵示例", "示例单位") | {
        "id": made, "honour": medal, "year": 2001, "conferred_on": date(2001, 5, 1), "document_number": "", "place": 7,
        "kind": "person", "name": "赵示例", "unit_name": ODD, "post": "\\", "region": "341881", "county_name": "宁国市",
        "category": "", "unit_class": "", "flags": ["woman", ODD], "listing": "regular", "posthumous": False, "summary": "一\n二",
        "source": "import", "repeat": 0, "repeat_reason": "",
    }  # fmt: skip
    await copy_entries([entry, {**entry, "id": new_id(), "posthumous": True}], now)
    kept = await fetchrow("SELECT * FROM roll_entry WHERE id = $1", made)
    assert kept is not None
    assert {name: kept[name] for name in ENTRY_COLUMNS} == entry
    assert (kept["version"], kept["revoked_reason"], kept["made_at"]) == (1, "", now)
