"""A programme's rules as data: conditions, the scoring table, the term, the subsidies, the gates. Each part cites its rule.

Points are decimal strings in steps of the table's ``step`` and only ever used in exact arithmetic (``foundation.exact``).
"""

from __future__ import annotations

from typing import Literal

import msgspec

FORMAT = "gongjiang.programme/1"
COLLEGE = "学院"
"""The title kind of a 工匠学院, which is a unit's and not named after its head."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts: what is not known is refused, so that a mistyped rule never passes in silence."""


class Check(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is looked at within an item, and what it costs.

    ``yes_no``: absent costs ``deduct`` once. ``count``: each one short of ``target`` costs ``deduct``. ``note``: costs
    nothing, but goes on the rectification list where it is wrong.
    """

    code: str
    label: str
    kind: Literal["yes_no", "count", "note"]
    deduct: str = "0"
    target: int = 0
    says: str = ""
    """满 10 人；每少 1 人扣 1 分."""


class Item(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """考核项: worth ``points``. ``judged``: an expert gives 0..points. ``deducted``: starts full, loses by its checks, never
    below 0 (T10). ``evidence``: what papers are wanted."""

    code: str
    label: str
    points: str
    kind: Literal["judged", "deducted"] = "judged"
    checks: tuple[Check, ...] = ()
    zero_if: str = ""
    """The code of a ``yes_no`` check whose absence makes the whole item 0 (无场地 0)."""
    evidence: str = ""
    rule: str = "T5"


class Section(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section of the table, e.g. 基础保障 35."""

    code: str
    label: str
    items: tuple[Item, ...]


class Bonus(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """加分项: so much for each, capped; outside the table's total."""

    code: str
    label: str
    each: str
    cap: str
    rule: str = "T10"


class PanelRule(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How several experts' totals become one (as a competition's panels do): satisfies ``foundation.exact.panels.Panel``."""

    method: Literal["mean", "trimmed_mean", "median"] = "mean"
    minimum: int = 3
    drop_low: int = 1
    drop_high: int = 1

    @property
    def how(self) -> Literal["mean", "trimmed_mean", "median", "sum"]:
        return self.method

    @property
    def least(self) -> int:
        """The number of experts below which there is no result."""
        return self.minimum

    @property
    def lows(self) -> int:
        """How many of the lowest are dropped."""
        return self.drop_low if self.method == "trimmed_mean" else 0

    @property
    def highs(self) -> int:
        """How many of the highest are dropped."""
        return self.drop_high if self.method == "trimmed_mean" else 0


class ScoringTable(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """评分表 (T5, T10): sections, bonus, the panel's rule, and the lines between grades."""

    title: str
    source: str
    sections: tuple[Section, ...]
    bonus: tuple[Bonus, ...] = ()
    step: str = "0.5"
    panel: PanelRule = PanelRule()
    places: int = 2
    """Decimals of the panel's result, half-up."""
    excellent: str = "90"
    qualified: str = "70"
    rectify: str = "60"
    """Below this: 不合格."""


class Conditions(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an application must show (T2, T6, T9)."""

    leader_level: str = "city"
    """The leader holds a valid honour of at least this level (T2); "" where no honour is asked (工匠学院)."""
    leader_families: tuple[str, ...] = ("model_worker", "may1_medal", "craftsman")
    leader_one_studio: bool = True
    """Who leads a named studio is not named again ("不再重复授予")."""
    team_min: int = 5
    """T6: default 5."""
    topics_a_year: int = 1
    lower_level: str = ""
    """T9: named at this level before."""
    lower_years: int = 0


class SubsidyRule(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """补助标准 in yuan (T4): for a new naming, a renewal, or an excellent year."""

    kind: Literal["named", "renewed", "excellent"]
    yuan: int
    tranches: tuple[int, ...] = (100,)
    """Percent of each payment; they sum to 100."""


class Terms(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days and years (T4, T8, H32)."""

    cycle_years: int = 3
    """认定周期 [default 3, T12's state machine]."""
    notice_days: int = 5
    return_days: int = 5
    rectify_days: int = 60
    report_month: int = 12
    """The annual report is due by the end of this month."""
    remind_days: tuple[int, ...] = (60, 30, 7)


class ProgrammeRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """规则集 of a programme."""

    format: str = FORMAT
    title: str
    source: str
    conditions: Conditions = Conditions()
    naming_table: ScoringTable
    assessment_table: ScoringTable | None = None
    """None: the naming's table."""
    subsidies: tuple[SubsidyRule, ...] = ()
    terms: Terms = Terms()
    papers: tuple[str, ...] = (
        "牌匾标志",
        "固定场所",
        "配套设施",
        "创新团队",
        "管理制度",
        "保障经费",
        "工作台账",
        "创新成效",
    )
    """What the dossier has a part for (T5)."""

    @property
    def assessing(self) -> ScoringTable:
        return self.assessment_table or self.naming_table
