"""The site visit's arithmetic, by the published table of deductions (T10) and against a naive reference."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal
from studios.schemas import Bonus, Check, Item, PanelRule, ScoringTable, Section
from studios.scoring import (
    Answer,
    bonus_points,
    dropped,
    full_points,
    grade,
    item_result,
    missing,
    open_range,
    panel_result,
    require_answer,
    sheet_total,
)

PLACE = Item(
    code="place", label="场地", points="10", kind="deducted", zero_if="room", rule="T10",
    checks=(Check(code="room", label="有场地", kind="yes_no", deduct="10"),
            Check(code="sign", label="有标牌", kind="yes_no", deduct="2"),
            Check(code="shelf", label="有成果栏", kind="yes_no", deduct="3")),
)  # fmt: skip
TRAINING = Item(
    code="training", label="名师带徒", points="10", kind="deducted", rule="T10",
    checks=(Check(code="list", label="有徒弟花名册", kind="yes_no", deduct="2"),
            Check(code="many", label="本年带徒人数", kind="count", target=10, deduct="1"),
            Check(code="agreed", label="协议与台账一致", kind="note")),
)  # fmt: skip
SKILLED = Item(
    code="skilled", label="培养高技能人才", points="10", kind="deducted", rule="T10",
    checks=(Check(code="many", label="本年培养人数", kind="count", target=3, deduct="3"),),
)  # fmt: skip
JUDGED = Item(code="effect", label="创新成效", points="20")
TABLE = ScoringTable(
    title="样例评分表", source="T10", sections=(Section(code="all", label="全部", items=(PLACE, TRAINING, SKILLED, JUDGED)),),
    bonus=(Bonus(code="patent", label="发明专利", each="2", cap="5"),), excellent="45", qualified="35", rectify="30",
)  # fmt: skip
YES = {"room": True, "sign": True, "shelf": True}


@pytest.mark.parametrize(
    ("item", "checks", "value"),
    [
        (PLACE, YES, 10),
        (PLACE, {**YES, "sign": False}, 8),
        (PLACE, {**YES, "sign": False, "shelf": False}, 5),
        (PLACE, {"room": False}, 0),  # 无场地 0 分: nothing else is asked
        (TRAINING, {"list": True, "many": 10}, 10),
        (TRAINING, {"list": True, "many": 14}, 10),  # more than the target brings nothing more
        (TRAINING, {"list": True, "many": 7}, 7),
        (TRAINING, {"list": False, "many": 7}, 5),
        (TRAINING, {"list": False, "many": 0}, 0),  # −12 of 10: the floor
        (SKILLED, {"many": 2}, 7),
        (SKILLED, {"many": 0}, 1),
        (TRAINING, {"list": True}, None),  # a number that was not counted is not 0
        (TRAINING, {}, None),
    ],
)
def test_deductions_have_a_floor_and_a_forgotten_answer_is_no_zero(item, checks, value):
    assert item_result(item, Answer(checks=checks)).value == value


def test_a_note_costs_nothing_and_goes_on_the_list():
    result = item_result(TRAINING, Answer(checks={"list": True, "many": 10, "agreed": False}))
    assert result.value == 10
    assert result.to_rectify == ("agreed",)


def test_what_may_still_come_of_a_sheet():
    answers = {
        "place": Answer(checks=YES),
        "training": Answer(checks={"list": False}),
        "skilled": Answer(checks={"many": 2}),
    }
    assert [item.code for item in missing(TABLE, answers)] == ["training", "effect"]
    assert open_range(TABLE, answers) == (17, 45)  # 10 + 7 are sure; 8 of the training's 10 and the judged 20 are open


def test_an_unfinished_sheet_has_no_total_and_says_what_is_missing():
    with pytest.raises(Refusal) as refused:
        sheet_total(TABLE, {"place": Answer(checks=YES)})
    assert refused.value.code == "sheet_incomplete"
    assert "名师带徒、培养高技能人才、创新成效" in str(refused.value)


def test_bonus_is_capped():
    assert bonus_points(TABLE, {"patent": 2}) == 4
    assert bonus_points(TABLE, {"patent": 9}) == 5
    with pytest.raises(Refusal):
        bonus_points(TABLE, {"medal": 1})


@pytest.mark.parametrize(
    ("item", "answer", "code"),
    [
        (JUDGED, Answer(points="20.5"), "points_out_of_range"),
        (JUDGED, Answer(points="-1"), "points_out_of_range"),
        (JUDGED, Answer(points="NaN"), "points_out_of_range"),
        (JUDGED, Answer(points="10.25"), "points_between_steps"),
        (PLACE, Answer(points="3"), "item_not_judged"),
        (TRAINING, Answer(checks={"nothing": True}), "check_unknown"),
        (TRAINING, Answer(checks={"many": True}), "check_answer_unknown"),
        (TRAINING, Answer(checks={"many": -1}), "check_answer_unknown"),
        (TRAINING, Answer(checks={"list": 3}), "check_answer_unknown"),
    ],
)
def test_an_answer_that_the_item_does_not_take_is_refused(item, answer, code):
    with pytest.raises(Refusal) as refused:
        require_answer(TABLE, item, answer)
    assert refused.value.code == code


def test_too_few_experts_give_no_result():
    with pytest.raises(Refusal) as refused:
        panel_result(TABLE, [Fraction(40), Fraction(41)])
    assert refused.value.code == "panel_too_small"


def test_trimmed_panels_drop_one_of_each_end():
    table = TABLE.__class__(
        title="x", source="x", sections=TABLE.sections, panel=PanelRule(method="trimmed_mean", minimum=5)
    )
    totals = [Fraction(n) for n in (95, 95, 90, 85, 85)]
    assert panel_result(table, totals) == "90.00"  # A8's figures
    assert dropped(table, totals) == ["counted", "dropped_high", "counted", "dropped_low", "counted"]


@pytest.mark.parametrize(
    ("total", "name"),
    [("45.00", "excellent"), ("44.99", "qualified"), ("35.00", "qualified"), ("34.99", "rectify"), ("30", "rectify"),
     ("29.99", "failed"), ("0.00", "failed")],
)  # fmt: skip
def test_the_line_itself_counts_as_reached(total, name):
    assert grade(TABLE, total) == name


def test_the_table_is_worth_its_items():
    assert full_points(TABLE) == 50


@given(
    room=st.booleans(), sign=st.booleans(), shelf=st.booleans(), listed=st.booleans(),
    apprentices=st.integers(0, 40), skilled=st.integers(0, 9), halves=st.integers(0, 40), patents=st.integers(0, 9),
)  # fmt: skip
def test_a_sheet_agrees_with_sums_by_hand(room, sign, shelf, listed, apprentices, skilled, halves, patents):
    answers = {
        "place": Answer(checks={"room": room, "sign": sign, "shelf": shelf}),
        "training": Answer(checks={"list": listed, "many": apprentices}),
        "skilled": Answer(checks={"many": skilled}),
        "effect": Answer(points=str(Decimal(halves) / 2)),
    }
    place = 10 - (0 if sign else 2) - (0 if shelf else 3) if room else 0
    training = max(0, 10 - (0 if listed else 2) - max(0, 10 - apprentices))
    high = max(0, 10 - 3 * max(0, 3 - skilled))
    by_hand = place + training + high + Fraction(halves, 2) + min(5, 2 * patents)
    assert sheet_total(TABLE, answers, {"patent": patents}) == by_hand
    low, top = open_range(TABLE, answers)
    assert low == top == by_hand - min(5, 2 * patents)


@given(st.lists(st.integers(0, 200), min_size=3, max_size=9))
def test_the_panels_mean_is_rounded_half_up(halves):
    wanted = (Decimal(sum(halves)) / 2 / len(halves)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert panel_result(TABLE, [Fraction(n, 2) for n in halves]) == str(wanted)
