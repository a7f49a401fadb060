"""H31 against Fractions: whatever the shares and the counts, exactly the votes that carry, carry."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.cycles.schemas import VoteRules
from honours.nominations import voting

SHARES = st.tuples(st.integers(1, 100), st.integers(1, 100)).filter(lambda pair: pair[0] <= pair[1])


@given(SHARES, SHARES, st.none() | SHARES, st.integers(1, 999), st.data(), st.booleans())
def test_a_vote_carries_exactly_where_the_fractions_say(present, agree, leader_agree, called, data, leader):
    here = data.draw(st.integers(0, called))
    yes = data.draw(st.integers(0, here))
    rules = VoteRules(present=present, agree=agree, leader_agree=leader_agree)
    quorum = Fraction(here, called) >= Fraction(*present)
    majority = Fraction(yes, called) > Fraction(*agree)
    wanted = not leader or leader_agree is None or Fraction(yes) >= Fraction(*leader_agree) * here
    codes = {one.code for one in voting.judge(str(called), str(here), str(yes), rules, leader=leader)}
    assert ("vote_quorum" in codes) is not quorum
    assert ("vote_majority" in codes) is not majority
    assert ("vote_leader" in codes) is not wanted


@given(SHARES, st.integers(0, 999))
def test_thresholds_are_the_smallest_that_do(share, of):
    fraction = Fraction(*share)
    assert voting.least(share, of) == min(n for n in range(of + 2) if n >= fraction * of)
    assert voting.more_than(share, of) == min(n for n in range(of + 2) if n > fraction * of)


def test_the_sentence_of_the_mock_up():
    (refused,) = voting.judge("86", "55", "53", VoteRules(), leader=False)
    assert (refused.field, refused.rule) == ("present", "H31")
    assert refused.text() == ("实到须不少于应到的三分之二：⌈86×2/3⌉ = 58 人，现 55 人，差 3 人。核对签到表，或重新召开")


@pytest.mark.parametrize(("present", "agreed", "codes"), [
    (58, 44, []), (57, 44, ["vote_quorum"]), (58, 43, ["vote_majority"]), (57, 43, ["vote_quorum", "vote_majority"]),
    (87, 44, ["vote_more_than_called"]), (58, 59, ["vote_more_than_present"]),
])  # fmt: skip
def test_the_edges_of_86_delegates(present, agreed, codes):
    """⌈172/3⌉ = 58; more than 43 is 44."""
    assert [one.code for one in voting.judge("86", str(present), str(agreed), VoteRules(), leader=False)] == codes


@pytest.mark.parametrize("typed", ["", "八十六", "-3", "4.5", "１２", "1e3", "9999999", " "])
def test_what_is_no_count_is_asked_for_again(typed):
    refused = voting.judge(typed, "58", "44", VoteRules(), leader=False)
    assert [(one.code, one.field) for one in refused] == [("vote_count_missing", "called")]


def test_leaders_need_more_where_the_cycle_asks():
    rules = VoteRules(leader_agree=(85, 100))
    assert [one.code for one in voting.judge("100", "80", "67", rules, leader=True)] == ["vote_leader"]
    assert voting.judge("100", "80", "68", rules, leader=True) == []
    assert voting.judge("100", "80", "67", rules, leader=False) == []


@pytest.mark.parametrize(
    ("share", "words"), [((2, 3), "三分之二"), ((1, 2), "二分之一"), ((85, 100), "百分之八十五"), ((4, 5), "五分之四")]
)
def test_shares_in_words(share, words):
    assert voting.in_words(share) == words
