"""评审办法: criteria scoring, approval by ballot, ranking by ballot; quorum, thresholds, ties. Pure and exact.

All shares are fractions of integers, all points decimals read as fractions; nothing is rounded before it is compared. What
each method does, in words that the pages show too:

- scores: a criterion counts ``points / maximum × weight``; a nominee's total is the mean over the reviewers who did not
  recuse themselves, where the rules say so without one highest and one lowest (from five on, C21). Totals are shown and
  compared with two decimals, half up (C22): what looks equal is a tie.
- approval: a nominee passes whose yes votes reach the threshold of those who voted and were not recused. Abstentions count
  among them. Order: share of yes, exactly; equal shares are a tie.
- ranked: each voter puts up to ``seats`` nominees in order; the first gets ``seats`` points, the next one less, the others
  none. A nominee's result is the mean of its points over those who voted and were not recused. Equal means are told apart
  by the share of first places, then of second places and so on; still equal is a tie.
- A tie across the last seat is never broken by the house: a run-off round among the tied decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Literal

import msgspec

from foundation.errors import Refusal, gather
from foundation.i18n import N_

METHODS: dict[str, str] = {
    "scores": N_("指标打分"),
    "approval": N_("无记名投票：赞成或反对"),
    "ranked": N_("无记名投票：排序计分"),
}
YES, NO, ABSTAIN = 1, 2, 0
CHOICES: dict[int, str] = {YES: N_("赞成"), NO: N_("反对"), ABSTAIN: N_("弃权")}
MOST_CANDIDATES = 200
TRIM_FROM = 5
"""C21: one highest and one lowest are left out only where at least five scored."""
Share = tuple[int, int]


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """评分指标: ``weight`` in percent, ``maximum`` points; both decimal strings."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,20}$")]
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    weight: str
    maximum: str = "100"


class RoundRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a round goes by."""

    method: Literal["scores", "approval", "ranked"]
    quorum: Share = (2, 3)
    """Voted ≥ this share of the seats, else the round is void and repeated."""
    threshold: Share = (1, 2)
    strict: bool = True
    """More than the threshold; else at least."""
    most: int = 0
    """Approval: at most so many yes on one paper; 0: any number."""
    seats: int = 0
    """How many are to be found: the line under which a tie matters; ranked: also how many a voter may rank."""
    trim: bool = False
    criteria: tuple[Criterion, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one nominee came out. ``rank`` None: nobody could judge it. ``figure`` is what the list shows, exact or rounded as
    the method says; ``votes`` the yes votes or points; ``of`` how many judged it; ``passed`` None where no threshold applies."""

    nomination: str
    rank: int | None
    figure: str
    votes: int | None
    of: int
    no: int = 0
    abstained: int = 0
    passed: bool | None = None
    chosen: bool = False
    """Among the seats, without a tie across the line."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round: ``standings`` best first; ``tied`` those who must be voted on again for the last seats."""

    seats: int
    voted: int
    standings: tuple[Standing, ...]
    tied: tuple[str, ...] = ()
    open_seats: int = 0
    """How many seats the tied ones share."""


def reached(part: int, whole: int, share: Share, *, strict: bool = False) -> bool:
    """Whether ``part`` of ``whole`` is at least (``strict``: more than) the share; nothing of nothing reaches nothing."""
    if whole <= 0:
        return False
    left, right = part * share[1], whole * share[0]
    return left > right if strict else left >= right


def needed(whole: int, share: Share, *, strict: bool = False) -> int:
    """The fewest of ``whole`` that reach the share."""
    exact = Fraction(share[0] * whole, share[1])
    return (exact.numerator // exact.denominator) + 1 if strict else -(-exact.numerator // exact.denominator)


def check_rules(rules: RoundRules) -> None:
    """Raises Refusals for shares that are none, weights that do not add up to 100 (C20), a ranked paper without seats."""
    gather(
        lambda: _require_share(rules.quorum, "quorum"),
        lambda: _require_share(rules.threshold, "threshold"),
        lambda: _require_criteria(rules),
        lambda: _require_seats(rules),
    )


def _require_share(share: Share, field: str) -> None:
    part, whole = share
    if not (0 < part <= whole <= 1000):
        raise Refusal(
            "share_impossible", "比例应在 0 与 1 之间，如 2/3，现为 {part}/{whole}", field=field, part=part, whole=whole
        )


def _require_criteria(rules: RoundRules) -> None:
    if rules.method != "scores":
        return
    if not rules.criteria:
        raise Refusal("criteria_missing", "请列出评分指标与权重", field="criteria")
    if len({one.code for one in rules.criteria}) < len(rules.criteria):
        raise Refusal("criteria_twice", "指标代码不能重复", field="criteria")
    weights = [decimal_of(one.weight, "criteria") for one in rules.criteria]
    maxima = [decimal_of(one.maximum, "criteria") for one in rules.criteria]
    if min(weights) <= 0 or min(maxima) <= 0 or max(maxima) > 1000:
        raise Refusal("criteria_range", "权重应大于 0，满分应在 0 至 1000 之间", field="criteria")
    if sum(weights) != 100:
        raise Refusal(
            "weights_sum", "各指标权重之和应为 100，现为 {total}", field="criteria", rule="C20", total=str(sum(weights))
        )


def _require_seats(rules: RoundRules) -> None:
    if rules.method == "ranked" and not 1 <= rules.seats <= MOST_CANDIDATES:
        raise Refusal("seats_missing", "排序投票须写明拟选名额（1 至 {most}）", field="seats", most=MOST_CANDIDATES)
    if rules.seats < 0 or rules.most < 0:
        raise Refusal("negative", "名额与最多赞成数不能为负", field="seats")


def decimal_of(text: str, field: str | None = None) -> Decimal:
    """A plain decimal of at most two places; refuses anything else."""
    whole, dot, places = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 4) or (
        dot and not (places.isascii() and places.isdigit() and len(places) <= 2)
    ):
        raise Refusal("points_form", "“{text}”应为数字，最多两位小数", field=field, text=text[:20])
    return Decimal(text)


def require_points(criterion: Criterion, text: str, field: str | None = None) -> Decimal:
    """Points for one criterion, within 0 and its maximum."""
    points = decimal_of(text, field)
    if points > decimal_of(criterion.maximum):
        raise Refusal(
            "points_above",
            "“{label}”满分 {maximum}，不能给 {points}",
            field=field,
            label=criterion.label,
            maximum=criterion.maximum,
            points=text,
        )
    return points


def check_approval(choices: Mapping[str, int], candidates: Sequence[str], rules: RoundRules) -> None:
    """A paper: one of yes, no, abstained for each nominee that the voter may judge, not more yes than the rules allow."""
    _require_paper(choices, candidates)
    if any(choice not in CHOICES for choice in choices.values()):
        raise Refusal("choice_unknown", "每位候选人只能选赞成、反对或弃权之一", field="choices")
    yes = sum(choice == YES for choice in choices.values())
    if rules.most and yes > rules.most:
        raise Refusal("too_many_yes", "最多赞成 {most} 位，现为 {yes} 位", field="choices", most=rules.most, yes=yes)


def check_ranking(choices: Mapping[str, int], candidates: Sequence[str], rules: RoundRules) -> None:
    """A paper: places 1 … n given once each, without a gap, to at most ``seats`` nominees; 0 for the others."""
    _require_paper(choices, candidates)
    places = sorted(place for place in choices.values() if place)
    if any(place < 0 for place in choices.values()) or len(places) > rules.seats:
        raise Refusal(
            "too_many_places", "最多给 {most} 位排序，现为 {n} 位", field="choices", most=rules.seats, n=len(places)
        )
    if places != list(range(1, len(places) + 1)):
        raise Refusal("places_gap", "名次须从 1 开始，不重复、不跳号", field="choices")


def _require_paper(choices: Mapping[str, int], candidates: Sequence[str]) -> None:
    missing = len(set(candidates) - set(choices))
    if missing or len(choices) != len(candidates):
        raise Refusal(
            "paper_incomplete",
            "还有 {n} 位候选人没有选择",
            field="choices",
            n=missing or len(choices) - len(candidates),
        )


def tally_approval(slips: Mapping[str, Sequence[int]], rules: RoundRules, *, seats: int, voted: int) -> Outcome:
    """``slips``: nomination → choices of those who voted and were not recused, in any order."""
    keys: dict[str, tuple[Fraction, ...] | None] = {}
    made: dict[str, Standing] = {}
    for one, choices in slips.items():
        yes, of = sum(c == YES for c in choices), len(choices)
        keys[one] = (Fraction(yes, of),) if of else None
        made[one] = Standing(
            nomination=one, rank=None, figure=f"{yes}/{of}", votes=yes, of=of, no=sum(c == NO for c in choices),
            abstained=sum(c == ABSTAIN for c in choices), passed=reached(yes, of, rules.threshold, strict=rules.strict) if of else None,
        )  # fmt: skip
    return _ordered(made, keys, rules, seats, voted)


def tally_ranked(slips: Mapping[str, Sequence[int]], rules: RoundRules, *, seats: int, voted: int) -> Outcome:
    """``slips``: nomination → places given by those who voted and were not recused (0: none)."""
    keys: dict[str, tuple[Fraction, ...] | None] = {}
    made: dict[str, Standing] = {}
    for one, places in slips.items():
        of = len(places)
        points = sum(rules.seats + 1 - place for place in places if place)
        by_place = (Fraction(sum(p == n for p in places), of) if of else Fraction(0) for n in range(1, rules.seats + 1))
        keys[one] = (Fraction(points, of), *by_place) if of else None
        made[one] = Standing(nomination=one, rank=None, figure=f"{points}/{of}", votes=points, of=of)
    return _ordered(made, keys, rules, seats, voted)


def total_of(points: Mapping[str, Decimal], criteria: Sequence[Criterion]) -> Fraction:
    """One reviewer's total for one nominee, out of 100: the weighted shares of each maximum, exactly."""
    return sum(
        (Fraction(points[c.code]) * Fraction(Decimal(c.weight)) / Fraction(Decimal(c.maximum)) for c in criteria),
        Fraction(0),
    )


def tally_scores(totals: Mapping[str, Sequence[Fraction]], rules: RoundRules, *, seats: int, voted: int) -> Outcome:
    """``totals``: nomination → the totals of those who handed in and were not recused."""
    keys: dict[str, tuple[Fraction, ...] | None] = {}
    made: dict[str, Standing] = {}
    for one, given in totals.items():
        counted = sorted(given)[1:-1] if rules.trim and len(given) >= TRIM_FROM else list(given)
        mean = two_places(sum(counted, Fraction(0)) / len(counted)) if counted else None
        keys[one] = (Fraction(mean),) if mean is not None else None
        made[one] = Standing(
            nomination=one, rank=None, figure="" if mean is None else str(mean), votes=None, of=len(given)
        )
    return _ordered(made, keys, rules, seats, voted)


def two_places(value: Fraction) -> Decimal:
    """Half up to two decimals, exactly (C22)."""
    hundredths = (value * 100 + Fraction(1, 2)).__floor__()
    return (Decimal(hundredths) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _ordered(
    made: Mapping[str, Standing],
    keys: Mapping[str, tuple[Fraction, ...] | None],
    rules: RoundRules,
    seats: int,
    voted: int,
) -> Outcome:
    judged = sorted((one for one in made if keys[one] is not None), key=lambda one: keys[one] or (), reverse=True)
    ranks = {one: 1 + sum((keys[other] or ()) > (keys[one] or ()) for other in judged) for one in judged}
    eligible = [one for one in judged if made[one].passed is not False]
    limit = rules.seats or len(eligible)
    chosen, tied = _cut(eligible, ranks, limit)
    standings = tuple(
        msgspec.structs.replace(made[one], rank=ranks.get(one), chosen=one in chosen)
        for one in [*judged, *(one for one in made if keys[one] is None)]
    )
    return Outcome(
        seats=seats, voted=voted, standings=standings, tied=tied, open_seats=limit - len(chosen) if tied else 0
    )


def _cut(order: Sequence[str], ranks: Mapping[str, int], limit: int) -> tuple[frozenset[str], tuple[str, ...]]:
    """Who stands above the line without doubt, and who shares the line."""
    if len(order) <= limit:
        return frozenset(order), ()
    if not limit:
        return frozenset(), ()
    line = ranks[order[limit - 1]]
    if ranks[order[limit]] != line:
        return frozenset(order[:limit]), ()
    return frozenset(one for one in order if ranks[one] < line), tuple(one for one in order if ranks[one] == line)
