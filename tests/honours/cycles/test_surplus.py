"""差额推荐: how many may be handed on for so many places; its form, its words, its faults (H16, H29)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusals
from honours.cycles import rule_faults, rule_form, words
from honours.cycles.presets import PRESETS
from honours.cycles.rule_form import Tree
from honours.cycles.schemas import CycleRules, Surplus
from honours.cycles.surplus import invited

RULES = PRESETS["city-default"].rules


@pytest.mark.parametrize(
    ("surplus", "places", "most", "text"),
    [
        (Surplus(percent="20"), 12, 15, "20% × 12 = 2.4 → 3，12 + 3 = 15"),
        (Surplus(percent="20", rounding="down"), 12, 14, "20% × 12 = 2.4 → 2，12 + 2 = 14"),
        (Surplus(percent="20"), 10, 12, "20% × 10 = 2 → 2，10 + 2 = 12"),
        (Surplus(percent="12.5", rounding="down"), 7, 7, "7"),
        (Surplus(count=2), 7, 9, "7 + 2 = 9"),
        (Surplus(count=0), 7, 7, "7"),
        (Surplus(percent="0"), 7, 7, "7"),
        (Surplus(count=2), 0, 0, "0"),
    ],
)
def test_the_arithmetic_as_on_paper(surplus, places, most, text):
    found = invited(surplus, places)
    assert (found.most, found.text) == (most, text)


@given(st.integers(0, 1_000_000), st.integers(1, 5000), st.sampled_from(["up", "down"]))
def test_a_rounded_share_is_the_nearest_whole_number_on_its_side(parts, places, rounding):
    """``parts`` ten-thousandths of a percent: never off by a binary fraction."""
    percent = f"{parts // 10_000}.{parts % 10_000:04d}"
    exact = Fraction(parts, 1_000_000) * places
    extra = invited(Surplus(percent=percent, rounding=rounding), places).extra
    assert (0 <= extra - exact < 1) if rounding == "up" else (0 <= exact - extra < 1)


def typed(**changes: str) -> Tree:
    tree = rule_form.tree_of(RULES)
    tree["awards"][0] |= changes
    return rule_form.clean(tree)


def of(rules: CycleRules) -> Surplus | None:
    return rules.awards[0].surplus


@pytest.mark.parametrize(
    ("changes", "surplus"),
    [
        ({"surplus": ""}, None),
        ({"surplus": "0"}, Surplus(percent="0")),
        ({"surplus": "20", "surplus_rounding": "down"}, Surplus(percent="20", rounding="down")),
        ({"surplus": "2", "surplus_unit": "count"}, Surplus(count=2)),
    ],
)
def test_the_form_says_it_and_says_it_again(changes, surplus):
    rules = rule_faults.decode(typed(**changes))
    assert of(rules) == surplus
    assert of(rule_faults.decode(rule_form.clean(rule_form.tree_of(rules)))) == surplus


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"surplus": "101"}, "awards-0-surplus"),
        ({"surplus": "-1"}, "awards-0-surplus"),
        ({"surplus": "许多"}, "awards-0-surplus"),
        ({"surplus": "1.5", "surplus_unit": "count"}, "awards-0-surplus"),
        ({"surplus": "1", "surplus_unit": "dozen"}, "awards-0-surplus_unit"),
        ({"surplus": "1", "surplus_rounding": "half"}, "awards-0-surplus_rounding"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changes, field):
    with pytest.raises(Refusals) as refused:
        rule_faults.decode(typed(**changes))
    assert field in {one.field for one in refused.value.refusals}


@pytest.mark.parametrize(
    ("surplus", "said"),
    [
        (Surplus(percent="20"), "差额推荐：各地可多报名额的 20%（向上取整）"),
        (Surplus(percent="20", rounding="down"), "差额推荐：各地可多报名额的 20%（向下取整）"),
        (Surplus(count=2), "差额推荐：各地可多报 2 名"),
        (Surplus(count=0), "等额推荐：各地不得多报"),
        (Surplus(percent="0"), "等额推荐：各地不得多报"),
    ],
)
def test_it_is_a_sentence_among_the_rules(surplus, said):
    assert words.surplus_sentence(surplus) == said
    changed: Any = msgspec.structs.replace(
        RULES, awards=(msgspec.structs.replace(RULES.awards[0], surplus=surplus), *RULES.awards[1:])
    )
    assert [change.now for change in words.difference(RULES, changed, {})] == [said]
