"""The form of a rule set: back and forth without loss, every fault beside its field, rows by button."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.programme import presets, rule_faults, rule_form, trial
from competitions.programme.rule_sets import difference, marks_refused
from competitions.programme.rule_view import place_of, view_of
from competitions.scoring.bundle import Rules
from competitions.scoring.checks import check_rules
from competitions.scoring.reading import check, parse
from competitions.scoring.standings import standings
from foundation.forms import grow
from tests.competitions import support
from tests.competitions.scoring import events

SMALL = msgspec.convert(support.RULES, Rules)


def tree(**changes):
    """The form of the small rules, with fields changed by their names."""
    fields = dict(rule_form.leaves(rule_form.tree_of(SMALL)))
    return rule_form.clean(grow(list({**fields, **changes}.items())))


def faults(**changes) -> list[tuple[str | None, str]]:
    return [(refusal.field, refusal.code) for refusal in rule_faults.faults_of(tree(**changes))]


@pytest.mark.parametrize("seed", range(150))
def test_rules_score_the_same_after_a_walk_through_the_form(seed):
    """Whatever defaults the form writes out, the meaning stays: the same marks give the same standings."""
    bundle = parse(msgspec.json.encode(events.event(Random(seed))))
    there = rule_form.tree_of(bundle.event.rules)
    typed = rule_form.clean(grow(list(rule_form.leaves(there))))
    again = rule_form.decode(typed)
    assert rule_form.tree_of(again) == there
    walked = msgspec.structs.replace(bundle, event=msgspec.structs.replace(bundle.event, rules=again))
    assert check(walked) == []
    was, now = standings(bundle), standings(walked)
    assert (now.rows, now.unresolved_ties, now.incomplete) == (was.rows, was.unresolved_ties, was.incomplete)


def test_everything_that_is_wrong_is_said_at_once_each_beside_its_field():
    found = faults(**{
        "modules-0-code": "理论", "modules-0-weight": "0.3.1", "modules-1-aspects-0-max": "", "modules-1-aspects-0-step": "0",
        "modules-1-aspects-1-code": "T", "modules-1-aspects-0-minimum": "two", "places-total": "7", "ranking-0-by": "module:none",
        "tiers-0-share": "", "tiers-1-name": "", "ties": "maybe",
    })  # fmt: skip
    assert sorted(found, key=str) == sorted(
        [
            ("modules-0-code", "code"), ("modules-0-weight", "quantity"), ("modules-1-aspects-0-max", "missing"),
            ("modules-1-aspects-0-step", "range"), ("modules-1-aspects-1-code", "duplicate"),
            ("modules-1-aspects-0-minimum", "type"), ("places-total", "places"), ("ranking-0-by", "unknown-module"),
            ("tiers-0-share", "missing"), ("tiers-1-name", "required"),
            ("ties", "choice"),
        ],
        key=str,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1e3", "+1", "NaN", "１００", "100 分", "0x10", "1,000", "01", "1234567890", "1.12345678901", "Infinity"]
)
def test_what_is_no_quantity_is_refused_as_the_maximum(text):
    assert ("modules-0-aspects-0-max", "quantity") in faults(**{"modules-0-aspects-0-max": text})


@pytest.mark.parametrize("text", ["-1", "1.5", "three", "²"])
def test_what_is_no_count_is_refused_as_the_minimum(text):
    assert [field for field, _code in faults(**{"modules-1-aspects-0-minimum": text})] == [
        "modules-1-aspects-0-minimum"
    ]


def test_texts_that_are_too_long_or_hold_control_characters_are_refused():
    assert faults(**{"modules-0-title": "题" * 101}) == [("modules-0-title", "too_long")]
    assert faults(**{"modules-0-title": "题" * 100}) == []
    assert faults(**{"modules-0-title": "理\u2028论"}) == [("modules-0-title", "control_characters")]


def test_a_key_on_another_number_wants_its_name():
    assert faults(**{"ranking-1-by": "value", "ranking-1-name": ""}) == [("ranking-1-name", "required")]
    typed = tree(**{"ranking-1-by": "value", "ranking-1-name": "time", "ranking-1-order": "asc"})
    assert rule_faults.faults_of(typed) == []
    assert rule_form.decode(typed).ranking[1] == msgspec.convert(
        {"by": "value:time", "order": "asc"}, type(SMALL.ranking[0])
    )


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.text(max_size=6) | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["modules", "aspects", "code", "max", "ranking", "by", "tiers", "places", "0", "1"]), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_no_body_breaks_the_form(body):
    """Whatever was sent, there is a tree, and either faults or rules that hold."""
    typed = rule_form.clean(body if isinstance(body, dict) else {})
    if not rule_faults.faults_of(typed):
        rule_form.decode(typed)
    view_of(typed, own=None, seats={}, before=None)
    for refusal in rule_faults.faults_of(typed):
        place_of(refusal.field or "", typed)


def test_rows_are_added_moved_and_removed():
    typed = tree()
    assert rule_form.act(typed, "add-aspect-1") == "modules-1-aspects-2-code"
    added = typed["modules"][1]["aspects"][2]
    assert (added["code"], added["kind"]) == ("P3", "judgement")
    rule_form.act(typed, "up-aspect-1-2")
    assert [a["code"] for a in typed["modules"][1]["aspects"]] == ["P1", "P3", "P2"]
    rule_form.act(typed, "remove-aspect-1-1")
    assert [a["code"] for a in typed["modules"][1]["aspects"]] == ["P1", "P2"]
    rule_form.act(typed, "down-module-0")
    assert [m["code"] for m in typed["modules"]] == ["practical", "theory"]
    assert rule_form.act(typed, "add-module") == "modules-2-code"
    assert len(typed["modules"][2]["aspects"]) == 1
    rule_form.act(typed, "remove-tier-0")
    assert [t["name"] for t in typed["tiers"]] == ["二等奖"]
    rule_form.act(typed, "up-key-1")
    assert [k["by"] for k in typed["ranking"]] == ["module:practical", "total"]


@pytest.mark.parametrize(
    "action",
    [
        "",
        "add",
        "add-aspect",
        "add-aspect-9",
        "remove-module-9",
        "up-module-0",
        "down-module-1",
        "drop-key-0",
        "remove-tier--1",
        "add-aspect-0-0-0",
        "x" * 500,
    ],
)
def test_a_button_that_leads_nowhere_changes_nothing(action):
    typed = tree()
    rule_form.act(typed, action)
    assert typed == tree()


@pytest.mark.parametrize("preset", presets.PRESETS.values(), ids=lambda preset: preset.key)
def test_a_template_passes_all_its_checks_and_can_be_tried(preset):
    rules = msgspec.convert(preset.rules, Rules)
    assert rule_faults.faults_of(rule_form.tree_of(rules)) == []
    assert [found.name for found in check_rules(rules) if found.level != "pass"] == []
    found = trial.try_rules(rules, None, seed="a")
    assert len(found.standings.rows) == 12
    assert {row.entry for row in found.standings.rows if row.shared} >= {"A03", "A04"}


@pytest.mark.parametrize("seed", range(60))
def test_random_marks_are_valid_under_any_rules(seed):
    """The trial's marks are in range, on step and complete, whatever the rules."""
    rules = parse(msgspec.json.encode(events.event(Random(seed)))).event.rules
    made = trial.random_bundle(rules, f"s{seed}")
    assert check(made) == []
    assert standings(made).incomplete == ()


def test_a_trial_says_what_a_change_does_to_ranks():
    """Theory 30 % to 90 %: with A better in theory and B in practice the two change places."""
    rules = {
        **support.RULES,
        "modules": [{**support.RULES["modules"][0], "weight": "0.9"}, {**support.RULES["modules"][1], "weight": "0.1"}],
    }
    made = msgspec.json.encode({
        "format": "gongjiang.event/1", "event": {"code": "e", "title": "e", "rules": support.RULES},
        "entries": [{"code": c, "name": c, "organisation": ""} for c in "AB"],
        "marks": [
            {"entry": e, "aspect": a, "judge": j, "value": v}
            for e, values in {"A": ("90", "30", "1"), "B": ("60", "60", "3")}.items()
            for a, v in zip(("T", "P1", "P2"), values, strict=True) for j in ("J1", "J2")
        ],
    })  # fmt: skip
    found = trial.try_rules(msgspec.convert(rules, Rules), parse(made), seed="a", before=SMALL)
    assert (found.own_marks, found.ranks, found.awards) == (True, 2, 2)


def test_a_moved_aspect_is_no_difference_and_a_changed_one_is():
    typed = tree()
    rule_form.act(typed, "down-aspect-1-0")
    assert difference(SMALL, rule_form.decode(typed)) == []
    changed = rule_form.decode(tree(**{"modules-1-aspects-0-max": "55", "tiers-0-share": "2"}))
    assert [(c.where, c.what, c.was, c.now) for c in difference(SMALL, changed)] == [
        ("P1", "max", "60", "55"),
        ("一等奖", "share", "1", "2"),
    ]


def test_rules_that_marks_already_given_would_break_are_refused():
    made = trial.random_bundle(SMALL, "x")
    gone = tree()
    rule_form.act(gone, "remove-aspect-1-1")
    assert [(r.code, r.facts["aspect"], r.facts["count"]) for r in marks_refused(made, rule_form.decode(gone))] == [
        ("aspect_marked", "P2", 24)
    ]
    tight = rule_form.decode(tree(**{"modules-0-aspects-0-max": "1"}))
    assert [(r.code, r.field) for r in marks_refused(made, tight)] == [("marks_do_not_fit", "modules-0-aspects-0-max")]
    assert marks_refused(made, rule_form.decode(tree(**{"modules-0-weight": "0.4"}))) == []
