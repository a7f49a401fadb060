"""劳模待遇的规则 (H4, H73–H76): treatment and allowance follow from the honours that are valid on a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from foundation.errors import Refusal
from foundation.i18n import N_

TREATMENT_ORDER = ("", "city_model", "province_model", "national_model")
CHANGES: dict[str, str] = {
    "work": N_("工作变动"), "retired": N_("退休"), "abroad": N_("长期出国学习"), "returned": N_("回国或复职"),
    "moved": N_("迁出本市"), "deceased": N_("去世"),
}  # fmt: skip
STANDINGS: dict[str, str] = {
    "working": N_("在职"), "retired": N_("退休"), "abroad": N_("长期出国学习"), "moved": N_("迁出本市"), "deceased": N_("去世"),
}  # fmt: skip
CARES: dict[str, str] = {
    "trip": N_("疗休养"), "visit": N_("慰问"), "checkup": N_("体检"), "help": N_("困难帮扶"), "lecture": N_("劳模宣讲"),
}  # fmt: skip


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """An honour of the ledger: from when it counts, and the day of the decision that revoked it (H76)."""

    treatment: str
    conferred_on: date
    revoked_on: date | None = None

    def valid_on(self, day: date) -> bool:
        """It ends with the day of the decision itself."""
        return self.conferred_on <= day and (self.revoked_on is None or day < self.revoked_on)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: ``amount`` fen a month from ``titles`` titles on; ``treatment`` "" for any."""

    treatment: str
    titles: int
    amount: int
    valid_from: date


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is due: fen, or why nothing."""

    amount: int = 0
    treatment: str = ""
    titles: int = 0
    why_not: str = ""


EXCLUDED: dict[str, str] = {
    "deceased": N_("当月之前已去世"), "moved": N_("当月之前已迁出本市"), "no_title": N_("当月末没有有效荣誉"),
    "no_rate": N_("没有适用的津贴标准"), "paid": N_("当月已发放"),
}  # fmt: skip


def treatment_of(titles: Iterable[Title], day: date) -> tuple[str, int]:
    """(the highest treatment, how many titles) that hold on ``day`` (H4)."""
    valid = [one for one in titles if one.valid_on(day)]
    return max((one.treatment for one in valid), key=TREATMENT_ORDER.index, default=""), len(valid)


def rate_for(rates: Sequence[Rate], treatment: str, titles: int, day: date) -> int | None:
    """Fen a month (H73). A treatment's own line goes before the general ones, then the most titles, then the newest."""
    fitting = [
        one for one in rates
        if one.treatment in ("", treatment) and one.titles <= titles and one.valid_from <= day
    ]  # fmt: skip
    best = max(fitting, key=lambda one: (one.treatment != "", one.titles, one.valid_from), default=None)
    return None if best is None else best.amount


def due(titles: Sequence[Title], rates: Sequence[Rate], month: date, standing: str, *, paid: bool = False) -> Due:
    """What is due for the month that begins on ``month``: honours at its end (H76), standing at its beginning."""
    end = month_end(month)
    treatment, count = treatment_of(titles, end)
    amount = rate_for(rates, treatment, count, end)
    why = (
        "paid" if paid else standing if standing in ("deceased", "moved")
        else "no_title" if not count else "no_rate" if amount is None else ""
    )  # fmt: skip
    return Due(amount=0 if why else amount or 0, treatment=treatment, titles=count, why_not=why)


def month_end(month: date) -> date:
    """The last day of a month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def month_of(text: str) -> date:
    """``2026-11`` → its first day; raises ``Refusal`` ``no_such_month``."""
    try:
        if len(text) == 7 and text.isascii():
            return date.fromisoformat(text + "-01")
    except ValueError:
        pass
    raise Refusal("no_such_month", "请填写月份，如 2026-11", field="month", rule="H73")


def yuan(fen: int) -> str:
    """``7050`` → ``70.50``."""
    return f"{fen // 100}.{fen % 100:02d}"


def require_day(day: date, today: date) -> None:
    """What happened has happened. Raises ``Refusal`` ``day_ahead``."""
    if day > today:
        raise Refusal("day_ahead", "日期不能晚于今天", field="happened_on", rule="H74")
