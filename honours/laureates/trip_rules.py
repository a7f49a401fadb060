"""劳模疗休养的规则 (H73): who may be asked and in which order, who has a place, who waits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from foundation.errors import Refusal
from foundation.i18n import N_

STAGES = {"inviting": N_("邀请中"), "done": N_("已成行"), "cancelled": N_("已取消")}
ANSWERS = {"": N_("未答复"), "accepted": N_("参加"), "waiting": N_("候补"), "declined": N_("不参加")}
MOVES: dict[tuple[str, str], str] = {("inviting", "finish"): "done", ("inviting", "cancel"): "cancelled"}
"""(stage, act) → where it leads; every other pair is refused."""


def require_days(first_day: date, last_day: date, answer_by: date, today: date) -> list[Refusal]:
    """The trip lies ahead, ends after it begins, and is answered before it begins."""
    refused = []
    if first_day < today:
        refused.append(Refusal("trip_past", "出发日期应在今天或以后", field="first_day", rule="H73"))
    if last_day < first_day:
        refused.append(Refusal("trip_days", "返回日期不应早于出发日期", field="last_day", rule="H73"))
    if not today <= answer_by <= first_day:
        refused.append(Refusal("trip_answer_by", "答复期限应在今天至出发日之间", field="answer_by", rule="H73"))
    return refused


def require_open(stage: str, answer_by: date, today: date) -> None:
    """Refuse asking and answering once the trip is settled, or after the last day to answer: no answer is no."""
    if stage != "inviting":
        raise Refusal("trip_settled", "这次疗休养已成行或已取消", rule="H73")
    if today > answer_by:
        raise Refusal("trip_answer_late", "答复期限已过：未答复的按不参加计", rule="H73")


def settled(answers: Sequence[str], at: int, said: str, places: int) -> list[str]:
    """All answers after the one at ``at`` says ``accepted`` or ``declined``: in the order in which people were asked.

    Who says yes has a place while there is one, else waits. A place given back goes to the first who waits.
    """
    after = list(answers)
    if said == "declined":
        after[at] = "declined"
    elif after[at] != "accepted":
        after[at] = "accepted" if after.count("accepted") < places else "waiting"
    for n, answer in enumerate(after):
        if answer == "waiting" and after.count("accepted") < places:
            after[n] = "accepted"
    return after
