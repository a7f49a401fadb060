"""What stands between marks and a published result (成绩确认与发布), and how a result is shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct, UnsetType

from competitions.scoring.bundle import Rules, given
from competitions.scoring.standings import Standings
from foundation.errors import Refusal, Stale
from foundation.i18n import N_

SERIES = "XCJS"
"""竞赛证书的编号字头 (D6)."""
LEVELS_OF_ACHIEVEMENTS = {"enterprise": "unit"}
"""A competition's level → the level that an achievement bears, where the words differ."""
STATUSES = {"absent": N_("缺考"), "withdrawn": N_("弃赛"), "disqualified": N_("取消资格")}
CORNER = Decimal("0.01")

RULE_TEXTS = {
    "C21": N_("主观项由各裁判独立评分；去掉最高分和最低分后取平均的，按规则集写明的个数去掉。"),
    "C22": N_("按规则集写明的位数四舍五入；名次按公布的数比较，不比较未公布的尾数。"),
    "C25": N_("缺考、弃赛、取消资格的不计分、不排名；零分不是缺考。"),
    "C30": N_("同分时按规则集列明的顺序逐项比较，先分出高下的一项决定名次。"),
    "C31": N_("各项都相同的并列；名次 = 1 + 排在前面的正式选手人数，如 1、2、2、4。"),
    "C40": N_("各奖项名额按实际参赛的正式选手人数乘以比例，四舍五入取整。"),
    "C42": N_("奖项分界处同名次的如何处理，由规则集写明。"),
}


def series_prefix(year: int, code: str) -> str:
    """The series of an event's certificates: (2026, "2026-auto-assembly") → ``XCJS-2026-AUTOASSEMBLY``. The same for ever.

    The code's own year is left out and at most 12 letters are kept; two events that then agree share one gap-free series.
    """
    plain = re.sub(r"[^A-Z0-9]", "", re.sub(rf"^{year}[-_.]", "", code).upper())
    return f"{SERIES}-{year}-{plain[:12] if len(plain) >= 2 else 'SJ' + plain}"


def tie_obstacles(standings: Standings, names: Mapping[str, str]) -> list[Refusal]:
    """The ties that the rules leave for somebody to decide: for a rank (C30) or across an award's boundary (C42)."""
    found: list[Refusal] = []
    for tie in standings.unresolved_ties:
        who = "、".join(f"{code} {names.get(code, '')}".strip() for code in tie.entries)
        if tie.why == "ranking":
            found.append(
                Refusal("tie_open", "第 {rank} 名有并列须先分出高下：{who}", rule="C30", rank=tie.rank, who=who)
            )
        else:
            found.append(Refusal("award_tie_open", "第 {rank} 名并列跨过奖项分界，须先决定：{who}", rule="C42", rank=tie.rank, who=who))  # fmt: skip
    return found


def require_shown(shown: str, current: str) -> None:
    """What is confirmed is what was looked at: the fingerprint of the marks on the page is still that of the marks."""
    if shown and shown != current:
        raise Stale(
            "marks_changed", "页面打开以后给分或名单有变动，请核对新的名次后再确认", rule="C24", current=current
        )


def require_reason(reason: str) -> str:
    """A step back names its reason (C57)."""
    if not reason.strip():
        raise Refusal("reason_missing", "请写明理由", field="reason", rule="C57")
    return reason.strip()


def require_publishable(*, live: bool) -> None:
    """There is a confirmed result that was not taken back."""
    if not live:
        raise Refusal("nothing_to_publish", "上一次发布已撤回；请先退回评分，更正后重新确认")


def tier_of(rules: Rules, award: str | None) -> int:
    """The place of an award among the tiers, from 1; 0 for none."""
    if not award or isinstance(rules.awards, UnsetType):
        return 0
    return next((at for at, tier in enumerate(rules.awards.tiers, 1) if tier.name == award), 0)


def award_terms(rules: Rules) -> list[dict[str, str]]:
    """How the tiers are stated: name and ``10%`` or a count; none where the event gives no awards."""
    if isinstance(rules.awards, UnsetType):
        return []
    return [
        {
            "name": tier.name,
            "share": f"{tier.percent}%" if isinstance(tier.percent, str) else "",
            "count": str(given(tier.count, 0)),
        }
        for tier in rules.awards.tiers
    ]


def shares(rules: Rules) -> list[dict[str, str]]:
    """Each module with its weight as a percentage where the weights are parts of one, else as it is written."""
    weights = [Decimal(module.share) for module in rules.modules]
    parts = len(weights) > 1 and sum(weights) == 1 and all(weight > 0 for weight in weights)
    return [
        {
            "code": module.code,
            "heading": module.heading,
            "share": plain(weight * 100) + "%" if parts else "" if weight == 1 else "×" + plain(weight),
        }
        for module, weight in zip(rules.modules, weights, strict=True)
    ]


def plain(value: Decimal) -> str:
    """A decimal without trailing zeros: 30.0 → 30."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Bin(Struct, frozen=True, kw_only=True):
    """One column of the distribution: from ``lo`` (in) to ``hi`` (out, but for the last)."""

    lo: Decimal
    hi: Decimal
    count: int


class Summary(Struct, frozen=True, kw_only=True):
    """The distribution of the official totals; the mean rounded half up to two decimals."""

    bins: tuple[Bin, ...]
    values: tuple[Decimal, ...]
    highest: Decimal
    lowest: Decimal
    median: Decimal
    mean: Decimal


STEPS = [Decimal(s) for s in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100", "200", "500", "1000")]


def summary(totals: Sequence[Decimal]) -> Summary | None:
    """The distribution in 4 to 10 columns of a round width; None for fewer than five, which a chart would not tell more of."""
    if len(totals) < 5:
        return None
    values = sorted(totals)
    low, high = values[0], values[-1]
    step = next((s for s in STEPS if (high - low) / s <= 9), Decimal(10_000))
    start = (low // step) * step if low >= 0 else -((-low) // step + 1) * step
    bins: list[Bin] = []
    while not bins or bins[-1].hi <= high:
        lo = bins[-1].hi if bins else start
        bins.append(Bin(lo=_short(lo), hi=_short(lo + step), count=sum(lo <= v < lo + step for v in values)))
    half = len(values) // 2
    median = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
    return Summary(
        bins=tuple(bins), values=tuple(values), highest=high, lowest=low,
        median=_round(median, high), mean=_round(sum(values, Decimal(0)) / len(values), high),
    )  # fmt: skip


def _round(value: Decimal, like: Decimal) -> Decimal:
    places = max(2, -int(like.as_tuple().exponent))
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _short(value: Decimal) -> Decimal:
    return Decimal(plain(value))
