"""Real judged events with their official results: 88 skating programmes and a EuroSkills module."""

import json

import msgspec
import pytest

from competitions.scoring.standings import standings_from
from tests.competitions.scoring import reference
from tests.support import SHARED, needs_shared

EXPECTED = sorted(SHARED.glob("data/*/*.expected.json"))


@needs_shared
def test_all_the_real_events_are_there():
    assert len([path for path in EXPECTED if path.parent.name == "skating-2016-17"]) == 88
    assert len([path for path in EXPECTED if path.parent.name == "euroskills-2025"]) == 1


@needs_shared
@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_a_real_event_comes_out_as_it_was_published(path):
    data = path.with_name(path.name.replace(".expected", "")).read_bytes()
    found = standings_from(data)
    rows = {row.entry: row for row in found.rows}
    official = json.loads(path.read_text())
    assert rows.keys() == {row["entry"] for row in official}
    assert not found.incomplete
    for row in official:
        mine = rows[row["entry"]]
        assert (mine.rank, mine.total) == (row["rank"], row["total"])
        assert mine.modules == row.get("modules", mine.modules)
    assert json.loads(msgspec.json.encode(found)) == reference.score(json.loads(data))
