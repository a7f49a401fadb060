"""民主推荐与职代会 (H31): present, agreeing, exact. Pure, integers only."""

from __future__ import annotations

from foundation.errors import Refusal
from honours.cycles.schemas import VoteRules

RULE = "H31"
_DIGITS = "零一二三四五六七八九"


def least(share: tuple[int, int], of: int) -> int:
    """The smallest number that is at least ``share`` of ``of``: ⌈86 × 2/3⌉ = 58."""
    part, whole = share
    return -(-part * of // whole)


def more_than(share: tuple[int, int], of: int) -> int:
    """The smallest number that is more than ``share`` of ``of``: of 86, more than 1/2 is 44."""
    part, whole = share
    return part * of // whole + 1


def in_words(share: tuple[int, int]) -> str:
    """(2, 3) → 三分之二; (85, 100) → 百分之八十五."""
    part, whole = share
    return f"百分之{_number(part)}" if whole == 100 else f"{_number(whole)}分之{_number(part)}"


def _number(value: int) -> str:
    if value < 10:
        return _DIGITS[value]
    tens, ones = divmod(value, 10)
    if value < 100:
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    return str(value)


def count_of(text: str) -> int | None:
    """A head-count as typed; None where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def judge(called: str, present: str, agreed: str, rules: VoteRules, *, leader: bool) -> list[Refusal]:
    """Everything that is wrong with a vote, each refusal beside its count. Empty: the vote carries (H31).

    Present ≥ the share of those called; agreeing > the share of all called; for a leader, agreeing ≥ a further share of those
    present where the cycle asks for one.
    """
    counts = {"called": count_of(called), "present": count_of(present), "agreed": count_of(agreed)}
    refused = [
        Refusal("vote_count_missing", "应填人数（整数）", field=field, rule=RULE)
        for field, value in counts.items()
        if value is None
    ]
    if refused:
        return refused
    all_, here, yes = (int(value or 0) for value in counts.values())
    if all_ == 0:
        return [Refusal("vote_nobody_called", "应到人数须大于 0", field="called", rule=RULE)]
    if here > all_:
        refused.append(
            Refusal("vote_more_than_called", "实到 {here} 人多于应到 {all} 人", field="present", rule=RULE, here=here, all=all_)
        )  # fmt: skip
    if yes > here:
        refused.append(
            Refusal("vote_more_than_present", "同意 {yes} 人多于实到 {here} 人", field="agreed", rule=RULE, yes=yes, here=here)
        )  # fmt: skip
    return refused or [*_present(all_, here, rules), *_agreed(all_, here, yes, rules, leader=leader)]


def _present(called: int, present: int, rules: VoteRules) -> list[Refusal]:
    wanted = least(rules.present, called)
    if present >= wanted:
        return []
    return [
        Refusal(
            "vote_quorum",
            "实到须不少于应到的{share}：⌈{called}×{fraction}⌉ = {wanted} 人，现 {present} 人，差 {short} 人。核对签到表，或重新召开",
            field="present", rule=RULE, share=in_words(rules.present), fraction=_fraction(rules.present), called=called,
            wanted=wanted, present=present, short=wanted - present,
        )
    ]  # fmt: skip


def _agreed(called: int, present: int, agreed: int, rules: VoteRules, *, leader: bool) -> list[Refusal]:
    refused = []
    wanted = more_than(rules.agree, called)
    if agreed < wanted:
        refused.append(
            Refusal(
                "vote_majority",
                "同意须超过应到的{share}：应到 {called} 人，至少 {wanted} 人，现 {agreed} 人，差 {short} 人",
                field="agreed", rule=RULE, share=in_words(rules.agree), fraction=_fraction(rules.agree), called=called,
                wanted=wanted, agreed=agreed, short=wanted - agreed,
            )
        )  # fmt: skip
    if leader and rules.leader_agree is not None and agreed < (wanted := least(rules.leader_agree, present)):
        refused.append(
            Refusal(
                "vote_leader",
                "负责人的同意票须不少于实到的{share}：⌈{present}×{fraction}⌉ = {wanted} 票，现 {agreed} 票",
                field="agreed", rule=RULE, share=in_words(rules.leader_agree), fraction=_fraction(rules.leader_agree),
                present=present, wanted=wanted, agreed=agreed,
            )
        )  # fmt: skip
    return refused


def _fraction(share: tuple[int, int]) -> str:
    return f"{share[0]}/{share[1]}"
