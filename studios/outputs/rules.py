"""成果、师徒与补助的规则 (T4, T11): natural keys, money in fen, tranches, balances, generations. Pure, exact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from foundation.errors import Refusal
from foundation.i18n import N_
from studios.schemas import SubsidyRule

KINDS: dict[str, str] = {
    "invention": N_("发明专利"),
    "utility": N_("实用新型专利"),
    "improvement": N_("技改项目"),
    "method": N_("工法、操作法"),
    "award": N_("成果奖"),
    "benefit": N_("经济效益（万元）"),
    "training": N_("培训（人次）"),
}
NUMBERED = frozenset({"invention", "utility", "award", "method"})
"""Kinds whose papers have a number of their own."""
PATENTS = frozenset({"invention", "utility"})
SUBSIDY_KINDS: dict[str, str] = {"named": N_("新命名"), "renewed": N_("续认定"), "excellent": N_("考核优秀")}
_SKIPPED = re.compile(r"[\W_]+")
_PATENT = re.compile(r"(?:CN|ZL)?(\d{12}[\dX]|\d{8}[\dX])(?:[A-Z]\d?)?")
_CHECK = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
N = TypeVar("N")


def plain(text: str) -> str:
    """A text as it is compared: full-width forms folded, no spaces and marks, upper case."""
    return _SKIPPED.sub("", unicodedata.normalize("NFKC", text)).upper()


def patent_number(text: str) -> str:
    """An application or patent number as digits with its check sign, whether written ZL 2023 1 0123456.7 or CN202310123456.7.

    Refuses ``patent_number``: neither 12 digits (since 2003) nor 8, or a check sign that does not fit.
    """
    found = _PATENT.fullmatch(plain(text))
    if found is None:
        raise Refusal("patent_number", "专利号应形如 ZL202310123456.7", field="reference", rule="T11")
    number = found[1]
    total = sum(int(digit) * weight for digit, weight in zip(number[:-1], _CHECK, strict=False))
    wanted = "0123456789X"[total % 11]
    if number[-1] != wanted:
        raise Refusal(
            "patent_check",
            "专利号校验位不符：末位应为 {wanted}，请对照证书",
            field="reference",
            rule="T11",
            wanted=wanted,
        )
    return number


def require_patent_kind(kind: str, number: str) -> None:
    """The fifth digit of a 13-digit number tells the kind: 1 and 8 invention, 2 and 9 utility model."""
    if len(number) == 13:
        told = {"1": "invention", "8": "invention", "2": "utility", "9": "utility"}.get(number[4])
        if told != kind:
            raise Refusal(
                "patent_kind", "专利号第 5 位与类别不符：1、8 为发明，2、9 为实用新型", field="kind", rule="T11"
            )


def natural_key(kind: str, *, reference: str, title: str, unit: str, studio: str, year: int) -> str:
    """What makes an output the same one whoever claims it and whenever (T11).

    A patent is its number; a numbered paper its number; an improvement without number its title within its unit; benefit
    and training are sums of a year, so the studio, the year and the title name them.
    """
    if kind in PATENTS:
        number = patent_number(reference)
        require_patent_kind(kind, number)
        return f"patent:{number}"
    if kind in NUMBERED and plain(reference):
        return f"{kind}:{plain(reference)}"
    if kind in NUMBERED and kind != "method":
        raise Refusal(
            "reference_missing", "请填写证书或文件编号：同一成果只计一次，以编号为准", field="reference", rule="T11"
        )
    if kind in ("benefit", "training"):
        return f"{kind}:{studio}:{year}:{plain(title)}"
    return f"{kind}:{unit}:{plain(reference) or plain(title)}"


def require_output(kind: str, *, year: int, achieved_on: date, wan_yuan: str, people: int | None, today: date) -> None:
    """Refuses what cannot be counted in ``year``: another year's day, a day to come, missing or superfluous figures."""
    if kind not in KINDS:
        raise Refusal("output_kind", "没有这一类成果", field="kind", rule="T11")
    if achieved_on > today:
        raise Refusal("output_to_come", "取得日期晚于今天", field="achieved_on", rule="T11")
    if achieved_on.year != year:
        raise Refusal(
            "output_year", "取得日期不在 {year} 年：成果按取得年度计", field="achieved_on", rule="T11", year=year
        )
    if kind == "benefit" and (not wan_yuan or Decimal(wan_yuan) <= 0 or places(wan_yuan) > 4):
        raise Refusal("benefit_amount", "请填写效益金额（万元，大于 0，最多四位小数）", field="wan_yuan", rule="T11")
    if kind == "training" and (people is None or people <= 0):
        raise Refusal("training_people", "请填写培训人次", field="people", rule="T11")


def places(text: str) -> int:
    """Decimals of a decimal string: "3.50" has 2."""
    return len(text.partition(".")[2])


def tranche_fen(total: int, percents: Sequence[int]) -> list[int]:
    """What each payment comes to in fen; the last takes what rounding leaves, so that they sum to ``total`` exactly.

    Refuses ``tranches_sum`` where the percentages do not sum to 100, or one is not above 0.
    """
    if sum(percents) != 100 or any(percent <= 0 for percent in percents):
        raise Refusal(
            "tranches_sum",
            "各期拨付比例应都大于 0 且合计 100%，现为 {sum}%",
            field="tranches",
            rule="T4",
            sum=sum(percents),
        )
    parts = [total * percent // 100 for percent in percents[:-1]]
    parts.append(total - sum(parts))
    if min(parts) <= 0:
        raise Refusal("tranche_empty", "金额太小，分不成这么多期", field="tranches", rule="T4")
    return parts


def rule_for(rules: Iterable[SubsidyRule], kind: str) -> SubsidyRule:
    """The programme's rule for a kind of subsidy; refuses ``subsidy_no_rule``."""
    for rule in rules:
        if rule.kind == kind:
            return rule
    raise Refusal(
        "subsidy_no_rule",
        "该项目的规则没有“{kind}”这一类补助",
        field="kind",
        rule="T4",
        kind=SUBSIDY_KINDS.get(kind, kind),
    )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A subsidy's account in fen."""

    approved: int
    paid: int = 0
    spent: int = 0
    returned: int = 0

    @property
    def unpaid(self) -> int:
        return self.approved - self.paid

    @property
    def balance(self) -> int:
        """What lies with the enterprise: never below 0."""
        return self.paid - self.spent - self.returned


def require_room(account: Account, fen: int, *, field: str = "yuan") -> None:
    """Refuses spending or giving back more than lies there (T4)."""
    if fen <= 0:
        raise Refusal("money_positive", "金额应大于 0", field=field, rule="T4")
    if fen > account.balance:
        raise Refusal("over_balance", "超出结余：现有 {have} 元，本次 {asked} 元", field=field, rule="T4", have=yuan_text(account.balance), asked=yuan_text(fen))  # fmt: skip


def fen_of(text: str, *, field: str = "yuan") -> int:
    """Yuan as typed → fen; refuses more than two decimals and what is not above 0."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", text):
        raise Refusal("money_written", "金额应形如 12345.67（元，最多两位小数）", field=field, rule="T4")
    fen = int(Decimal(text) * 100)
    if fen <= 0:
        raise Refusal("money_positive", "金额应大于 0", field=field, rule="T4")
    return fen


def yuan_text(fen: int) -> str:
    """``1234567`` → ``12,345.67``."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02d}"


def require_pair(before: str, after: str) -> None:
    """Skill level codes: 1 is the highest; an apprentice's level does not fall by learning."""
    if before and after and after > before:
        raise Refusal("skill_fell", "出师等级不应低于拜师时的等级", field="skill_after", rule="T11")


def generations(taught: Mapping[N, Sequence[N]], root: N, most: int = 3) -> list[list[N]]:
    """Masters and apprentices by generation from ``root`` (the first is ``[root]``): each person once, where met first."""
    levels, seen = [[root]], {root}
    while len(levels) < most:
        below: list[N] = []
        for master in levels[-1]:
            for apprentice in taught.get(master, ()):
                if apprentice not in seen:
                    seen.add(apprentice)
                    below.append(apprentice)
        if not below:
            break
        levels.append(below)
    return levels
