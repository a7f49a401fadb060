"""The life of competitions and events by table, and what an event may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from competitions.programme import rules
from competitions.programme.rules import (
    COMPETITION_MOVES,
    EVENT_MOVES,
    CompetitionStage,
    EventFacts,
    EventStage,
)
from foundation.errors import Conflict, Refusal, Refusals
from foundation.moves import target

NOON = datetime(2026, 4, 17, 4, 0, tzinfo=UTC)

ALLOWED = {
    ("draft", "open_registration"): "registration",
    ("registration", "to_draft"): "draft",
    ("registration", "start_judging"): "judging",
    ("judging", "reopen_registration"): "registration",
    ("judging", "confirm"): "confirmed",
    ("confirmed", "return_to_judging"): "judging",
    ("confirmed", "publish"): "published",
    ("published", "withdraw_publication"): "confirmed",
}


@pytest.mark.parametrize("stage", list(EventStage))
@pytest.mark.parametrize("action", sorted({action for _stage, action in ALLOWED}))
def test_an_event_moves_by_its_table_and_no_other_way(stage, action):
    expected = ALLOWED.get((stage.value, action))
    if expected is None:
        with pytest.raises(Conflict):
            target(EVENT_MOVES, stage, action)
    else:
        assert target(EVENT_MOVES, stage, action).value == expected


@pytest.mark.parametrize(
    ("stage", "action", "to"),
    [("draft", "open", "open"), ("open", "close", "closed"), ("closed", "reopen", "open")],
)
def test_a_competition_opens_closes_and_reopens(stage, action, to):
    assert target(COMPETITION_MOVES, CompetitionStage(stage), action).value == to


def test_a_draft_competition_cannot_be_closed():
    with pytest.raises(Conflict):
        target(COMPETITION_MOVES, CompetitionStage.DRAFT, "close")


def facts(**changes) -> EventFacts:
    values = {
        "competition_stage": "open", "has_rules": True, "wanted": {"T": 1, "P": 5}, "seats": {"T": 1, "P": 5},
        "accepted": 3, "waiting": 0, "entries": 3, "marks": 0, "registration_closes_at": NOON - timedelta(days=1),
    }  # fmt: skip
    return EventFacts(**{**values, **changes})


def codes(action: str, **changes) -> list[str]:
    return [refusal.code for refusal in rules.obstacles(action, facts(**changes), NOON)]


@pytest.mark.parametrize("action", ["open_registration", "start_judging"])
def test_an_event_with_everything_moves_on(action):
    assert codes(action) == []


def test_every_obstacle_to_registration_is_named_at_once():
    found = codes("open_registration", competition_stage="draft", has_rules=False, registration_closes_at=None)
    assert found == ["competition_not_open", "no_rule_set", "no_window"]


def test_every_obstacle_to_judging_is_named_at_once():
    found = codes("start_judging", has_rules=False, accepted=0, waiting=2, seats={}, registration_closes_at=NOON + timedelta(seconds=1))  # fmt: skip
    assert found == ["no_rule_set", "still_registering", "no_entries", "entries_waiting", "no_panel"]


def test_registration_that_closes_this_instant_is_closed():
    assert codes("start_judging", registration_closes_at=NOON) == []


def test_an_aspect_without_enough_seats_stops_judging():
    """C21: five marks are wanted and four judges seated; the aspect that no panel marks counts as none."""
    found = rules.obstacles("start_judging", facts(seats={"P": 4}), NOON)
    assert [(r.code, r.facts["aspect"], r.facts["seated"]) for r in found] == [
        ("too_few_seats", "T", 0),
        ("too_few_seats", "P", 4),
    ]


def test_an_event_with_entries_does_not_go_back_to_draft_and_one_with_marks_not_to_registration():
    assert codes("to_draft", entries=1) == ["has_entries"]
    assert codes("to_draft", entries=0) == []
    assert codes("reopen_registration", marks=1) == ["has_marks"]
    assert codes("reopen_registration", marks=0) == []


GOOD = {
    "kind": "team", "team_min": 2, "team_max": 3, "registration_opens_at": NOON,
    "registration_closes_at": NOON + timedelta(days=1), "starts_at": NOON + timedelta(days=2),
    "ends_at": NOON + timedelta(days=3),
}  # fmt: skip


def test_a_sound_event_is_taken():
    rules.require_event(**GOOD)  # raises nothing


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "individual"}, "team_max"),
        ({"team_max": 1, "team_min": 1}, "team_max"),
        ({"team_max": 1}, "team_max"),
        ({"registration_closes_at": NOON}, "registration_closes_at"),
        ({"registration_closes_at": NOON + timedelta(days=2, seconds=1)}, "registration_closes_at"),
        ({"ends_at": NOON + timedelta(days=2)}, "ends_at"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused_beside_the_field(changes, field):
    with pytest.raises(Refusals) as refused:
        rules.require_event(**{**GOOD, **changes})
    assert [r.field for r in refused.value.refusals] == [field]


def test_registration_may_close_when_the_contest_starts():
    rules.require_event(**{**GOOD, "registration_closes_at": GOOD["starts_at"]})  # raises nothing


def test_a_confirmed_or_published_or_own_event_is_not_imported_over():
    rules.require_importable("e", EventStage.JUDGING, external=True)
    for stage in (EventStage.CONFIRMED, EventStage.PUBLISHED):
        with pytest.raises(Refusal):
            rules.require_importable("e", stage, external=True)
    with pytest.raises(Refusal):
        rules.require_importable("e", EventStage.DRAFT, external=False)


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_years_that_no_competition_is_in_are_refused_with_the_rest(year):
    with pytest.raises(Refusals) as refused:
        rules.require_competition(starts_on=date(2026, 4, 17), ends_on=date(year, 1, 1))
    assert {r.field for r in refused.value.refusals} == {"ends_on"}
    with pytest.raises(Refusals) as refused:
        rules.require_event(**{**GOOD, "starts_at": datetime(year, 6, 1, tzinfo=UTC)})
    assert "starts_at" in {r.field for r in refused.value.refusals}
