"""Rule sets: the cited presets, plain words both ways, faults beside their fields, warnings, differences."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from foundation.errors import Refusal, Refusals
from foundation.i18n import current_locale
from honours.catalogue.shipped import SHIPPED
from honours.cycles import rule_faults, rule_form, words
from honours.cycles.composition import bound_of
from honours.cycles.presets import PRESETS
from honours.cycles.schemas import FLAGS, UNIT_CLASSES, Condition, Constraint, CycleRules, Predicate
from registry.codes.job_categories import JOB_CATEGORIES


def lines(preset: str, honour: str) -> dict[str, str]:
    award = PRESETS[preset].rules.of(honour)
    return {line.code: f"{'≥' if line.op == 'min' else '≤'}{line.percent or line.count}" for line in award.composition}


def test_the_cited_sets_say_what_their_sources_say():
    national = lines("national-2024", "national-may1-medal")  # H20
    assert {k: national[k] for k in ("workers", "others", "science", "migrants", "non_public", "key_industry")} == {
        "workers": "≥35", "others": "≥20", "science": "≥20", "migrants": "≥10", "non_public": "≥35", "key_industry": "≥35",
    }  # fmt: skip
    for honour in ("national-may1-certificate", "national-pioneer"):
        assert lines("national-2024", honour)["non_public"] == "≥35"
    assert lines("national-2024", "national-pioneer")["teams"] == "≥70"  # H21
    ningxia = lines("ningxia-2024", "province-may1-medal")  # H22
    assert (ningxia["leaders"], ningxia["county_heads"], ningxia["new_form"], ningxia["non_public"]) == (
        "≤13",
        "≤10",
        "≥1",
        "≥40",
    )
    heads = next(
        c for c in PRESETS["ningxia-2024"].rules.of("province-may1-medal").composition if c.code == "county_heads"
    )
    assert heads.base.all == (Condition(field="unit_class", values=("institution", "organ")),)
    assert [a.places for a in PRESETS["ningxia-2024"].rules.awards] == [15, 60, 40]
    assert lines("ningxia-2022", "province-may1-medal") == {  # H23; 非公 as §0.2 says
        "leaders": "≤13", "small_leaders": "≥5", "county_heads": "≤20", "non_public": "≥35",
    }  # fmt: skip
    shares = [(a.places + a.separate_places, a.separate_places) for a in PRESETS["ningxia-2022"].rules.awards]
    assert shares == [(20, 5), (70, 10), (55, 15)]
    assert lines("anhui-2007", "province-model-worker") == {"frontline_farmers": "≥50", "science": "≥20"}  # H26
    assert lines("anhui-2007", "province-advanced-collective") == {"countryside": "≥20", "teams": "≥25"}
    assert lines("national-model-2015", "national-model-worker") == {  # H27
        "frontline": "≥57", "leaders": "≤20", "migrants": "≥25",
    }  # fmt: skip
    assert PRESETS["national-model-2015"].rules.awards[0].eligibility.window_years == 5  # H11
    assert lines("xiamen-2016", "city-may1-medal") == {
        "unit_heads": "≤15", "community": "≤10", "frontline": "≥60", "enterprise": "≥50", "science": "≥20", "women": "≥20",
        "migrants": "≥20",
    }  # fmt: skip
    assert PRESETS["xiamen-2016"].rules.awards[0].eligibility.foreigners  # H14
    assert lines("funing-2021", "city-may1-medal") == {
        "frontline": "≥60",
        "science": "≥5",
        "leaders": "≤12",
        "non_public": "≥65",
    }
    assert [a.places for a in PRESETS["funing-2021"].rules.awards] == [20, 60, 45]
    assert len(PRESETS["funing-2021"].rules.vetoes) == 9


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_names_known_titles_has_no_fault_and_survives_its_form_in_both_languages(name):
    rules = PRESETS[name].rules
    codes = {form.code for form in SHIPPED}
    assert {award.honour for award in rules.awards} <= codes
    assert rule_faults.faults(rules) == []
    for locale in ("zh", "en"):
        token = current_locale.set(locale)
        try:
            assert rule_faults.decode(rule_form.clean(rule_form.tree_of(rules))) == rules
        finally:
            current_locale.reset(token)


CONDITIONS = st.one_of(
    st.lists(st.sampled_from(list(JOB_CATEGORIES)), min_size=1, max_size=3, unique=True).map(
        lambda v: Condition(field="category", values=tuple(v))
    ),
    st.lists(st.sampled_from(list(FLAGS)), min_size=1, max_size=3, unique=True).map(
        lambda v: Condition(field="flag", values=tuple(v))
    ),
    st.lists(st.sampled_from(list(UNIT_CLASSES)), min_size=1, max_size=3, unique=True).map(
        lambda v: Condition(field="unit_class", values=tuple(v))
    ),
)


@given(st.lists(CONDITIONS, max_size=3), st.sampled_from(["zh", "en"]))
def test_words_are_read_back_as_they_were_told(conditions, locale):
    predicate = Predicate(all=tuple(conditions))
    token = current_locale.set(locale)
    try:
        assert words.read(words.told(predicate), field="x") == predicate
    finally:
        current_locale.reset(token)


def test_a_word_that_is_not_known_and_mixed_fields_are_refused():
    with pytest.raises(Refusal) as unknown:
        words.read("产业工人 且 宇航员", field="awards-0-composition-0-subset")
    assert (unknown.value.code, unknown.value.field, unknown.value.facts["word"]) == (
        "unknown_word",
        "awards-0-composition-0-subset",
        "宇航员",
    )
    with pytest.raises(Refusal) as mixed:
        words.read("产业工人 或 女职工", field="x")
    assert mixed.value.code == "mixed_words"
    assert words.read("", field="x") == words.read("全部人选", field="x") == Predicate()


def broken() -> rule_form.Tree:
    tree = rule_form.tree_of(PRESETS["city-default"].rules)
    medal = tree["awards"][1]["composition"]
    medal[0]["amount"] = "135"
    medal[1]["subset"] = "宇航员"
    medal[2]["label"] = ""
    medal[3]["amount"] = "1e1"
    tree["awards"][0]["places"] = "-3"
    tree["vote"]["present"] = "3/2"
    tree["gates"]["city_notice_days"] = "4"
    tree["title"] = ""
    return tree


def test_every_fault_of_the_form_is_said_at_once_beside_its_field():
    with pytest.raises(Refusals) as refused:
        rule_faults.decode(broken())
    assert {(r.code, r.field) for r in refused.value.refusals} == {
        ("percent_range", "awards-1-composition-0-amount"), ("unknown_word", "awards-1-composition-1-subset"),
        ("required", "awards-1-composition-2-label"), ("percent_range", "awards-1-composition-3-amount"),
        ("not_whole", "awards-0-places"), ("not_a_fraction", "vote-present"), ("required", "title"),
        ("notice_too_short", "gates-city_notice_days"),
    }  # fmt: skip


def changed(*composition: Constraint) -> CycleRules:
    rules = PRESETS["city-default"].rules
    return replace(rules, awards=(replace(rules.awards[1], composition=composition),))


def test_rules_from_programs_meet_the_same_faults():
    subset = Predicate(all=(Condition(field="flag", values=("astronaut",)),))
    both = Constraint(code="a", label="a", subset=subset, op="min", percent="10", count=1)
    neither = Constraint(code="a", label="b", subset=Predicate(), op="max")
    told = {(r.code, r.field) for r in rule_faults.faults(changed(both, neither))}
    assert told == {
        ("percent_or_count", "awards-0-composition-0-amount"), ("unknown_flag", "awards-0-composition-0-subset"),
        ("percent_or_count", "awards-0-composition-1-amount"), ("subset_missing", "awards-0-composition-1-subset"),
        ("twice", "awards-0-composition-1-label"),
    }  # fmt: skip


def floor(code: str, category: str | tuple[str, ...], percent: str, op: Literal["min", "max"] = "min") -> Constraint:
    values = (category,) if isinstance(category, str) else category
    return Constraint(
        code=code,
        label=code,
        subset=Predicate(all=(Condition(field="category", values=values),)),
        op=op,
        percent=percent,
    )


def test_floors_of_distinct_categories_over_one_hundred_percent_warn_and_overlapping_ones_do_not():
    over = rule_faults.warnings(changed(floor("a", "industrial_worker", "60"), floor("b", "official", "40.5")))
    assert [(w.code, w.facts["total"]) for w in over] == [("floors_over_100", "100.5")]
    assert (
        rule_faults.warnings(
            changed(floor("a", "industrial_worker", "60"), floor("b", ("industrial_worker", "official"), "60"))
        )
        == []
    )
    crossed = rule_faults.warnings(changed(floor("a", "official", "20"), floor("b", "official", "10", op="max")))
    assert [w.code for w in crossed] == ["floor_above_ceiling"]
    assert rule_faults.warnings(PRESETS["city-default"].rules) == []


def test_a_difference_is_sentences_that_were_and_are():
    before = PRESETS["city-default"].rules
    medal = before.of("city-may1-medal")
    kept = tuple(replace(c, percent="30") if c.code == "workers" else c for c in medal.composition if c.code != "women")
    after = replace(before, awards=(before.awards[0], replace(medal, places=58, composition=kept), before.awards[2]))
    found = words.difference(before, after, {"city-may1-medal": "宣城市五一劳动奖章"})
    assert [(c.was, c.now) for c in found] == [
        ("宣城市五一劳动奖章：名额 60，单列 5", "宣城市五一劳动奖章：名额 58，单列 5"),
        ("产业工人在全部人选中不低于 35%", "产业工人在全部人选中不低于 30%"),
        ("女职工在全部人选中不低于 20%", ""),
    ]
    assert words.difference(before, before, {}) == []


def test_rows_are_added_moved_and_removed_and_unknown_buttons_do_nothing():
    tree = rule_form.tree_of(PRESETS["city-default"].rules)
    assert rule_form.act(tree, "add-composition-0") == "awards-0-composition-1-label"
    first = [row["code"] for row in tree["awards"][1]["composition"]]
    rule_form.act(tree, "down-composition-1-0")
    assert [row["code"] for row in tree["awards"][1]["composition"]][:2] == [first[1], first[0]]
    count = len(tree["vetoes"])
    rule_form.act(tree, "remove-vetoes-0")
    rule_form.act(tree, "remove-vetoes-99")
    rule_form.act(tree, "explode-vetoes-0")
    rule_form.act(tree, "up-composition-9-0")
    assert len(tree["vetoes"]) == count - 1
    assert bound_of(PRESETS["city-default"].rules.of("city-may1-medal").composition[0], 60) == 21
