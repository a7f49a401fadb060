"""The engine against the second scorer, on random events: every field of the standings, the fingerprint too."""

import json
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.reading import parse
from competitions.scoring.standings import standings, standings_from
from tests.competitions.scoring import events, reference


def printed(answer):
    return json.loads(msgspec.json.encode(answer))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**64))
def test_any_event_gets_the_standings_of_the_second_scorer(seed):
    bundle = events.event(Random(seed))
    data = json.dumps(bundle, ensure_ascii=seed % 2 == 0).encode()
    expected = reference.score(bundle)
    assert printed(standings_from(data)) == expected
    assert printed(standings(parse(data))) == expected


def test_the_random_events_reach_what_they_are_meant_to_reach():
    seen = {"rows": 0, "incomplete": 0, "shared": 0, "guest": 0, "award": 0, "scaled": 0, "refused": 0, "strict": 0}
    for seed in range(400):
        result = reference.score(events.event(Random(seed)))
        seen["rows"] += bool(result["rows"])
        seen["incomplete"] += bool(result["incomplete"])
        for name in ("shared", "guest", "award", "scaled"):
            seen[name] += any(row[name] for row in result["rows"])
        seen["refused"] += any(tie["why"] == "ranking" for tie in result["unresolved_ties"])
        seen["strict"] += any(tie["why"] == "award" for tie in result["unresolved_ties"])
    assert all(times >= 10 for times in seen.values()), seen
