"""Refusals: every one of them at once, their facts filled in after translation, their place kept."""

from __future__ import annotations

import pytest

from foundation.errors import Conflict, Refusal, Refusals, Stale, TooMany, gather


def no(code: str, **kwargs):
    def refuse() -> None:
        raise Refusal(code, "不行", **kwargs)

    return refuse


def test_gather_runs_every_check_and_raises_all():
    ran = []

    def several() -> None:
        raise Refusals([Refusal("c", "x"), Refusal("d", "y")])

    with pytest.raises(Refusals) as refused:
        gather(no("a", field="f"), lambda: ran.append(1), several, lambda: ran.append(2), no("e"))
    assert [r.code for r in refused.value.refusals] == ["a", "c", "d", "e"]
    assert ran == [1, 2]


def test_gather_is_silent_where_all_is_well():
    gather(lambda: None, lambda: 0)


def test_gather_lets_faults_of_ours_through():
    with pytest.raises(ZeroDivisionError):
        gather(no("a"), lambda: 1 // 0)


def test_facts_are_filled_in_after_translation():
    refusal = Refusal("too_many", "最多 {most} 人", most=3)
    assert str(refusal) == "最多 3 人"
    assert refusal.text({"最多 {most} 人": "at most {most}"}.__getitem__) == "at most 3"


def test_a_fact_with_braces_is_only_text():
    assert str(Refusal("x", "没有“{name}”", name="{name.__class__}")) == "没有“{name.__class__}”"


def test_a_message_without_facts_may_hold_braces():
    assert str(Refusal("x", "形如 {a}")) == "形如 {a}"


def test_moving_a_refusal_keeps_everything_but_the_field():
    for kind in (Refusal, Conflict, Stale):
        moved = kind("c", "最多 {most}", field="a", rule="C14", most=1).at("b")
        assert (type(moved), moved.code, moved.field, moved.rule, str(moved)) == (kind, "c", "b", "C14", "最多 1")


@pytest.mark.parametrize(
    ("exception", "status"),
    [(Refusal("a", "b"), 422), (Conflict("a", "b"), 409), (Stale("a", "b"), 412), (TooMany(3), 429), (TooMany(3, overloaded=True), 503)],
)  # fmt: skip
def test_each_has_its_status(exception, status):
    assert exception.status == status
