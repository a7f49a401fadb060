"""A cycle's rule set as data: what a year demands of nominees, dossiers, compositions and gates. Each part cites its rule.

Percentages are decimal strings (``"13"``, ``"12.5"``) and are only ever used in exact arithmetic (H28).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from foundation.i18n import N_

FORMAT = "gongjiang.cycle/1"

FLAGS: dict[str, str] = {
    "woman": N_("女职工"),
    "ethnic_minority": N_("少数民族"),
    "migrant_worker": N_("农民工"),
    "non_public": N_("非公企业职工"),
    "new_employment": N_("新就业形态劳动者"),
    "county_head": N_("县处级干部"),
    "community_worker": N_("社区工作者"),
    "unit_head": N_("单位负责人（含正副职）"),
    "key_industry": N_("重点产业"),
    "small_tech": N_("小微或科技型企业"),
    "state_owned": N_("国有企业"),
    "grassroots_team": N_("班组（科室）"),
    "countryside": N_("农村"),
}
"""Identities beside the one category (H17). The first five come from the worker's record, the others are declared."""

UNIT_CLASSES: dict[str, str] = {
    "enterprise": N_("企业"),
    "institution": N_("事业单位"),
    "organ": N_("机关"),
    "social": N_("社会组织"),
}

DEPARTMENTS: dict[str, str] = {
    "market": N_("市场监管"),
    "tax": N_("税务"),
    "labour": N_("人力资源和社会保障"),
    "safety": N_("应急管理"),
    "environment": N_("生态环境"),
    "audit": N_("审计"),
    "discipline": N_("纪检监察"),
    "personnel": N_("组织人事"),
    "assets": N_("国资监管"),
    "united_front": N_("统战（工商联）"),
    "police": N_("公安"),
}
"""Whom a clearance is asked of (H40–H45)."""

CANDIDATE_CLASSES: dict[str, str] = {
    "unit": N_("企业（奖状）"),
    "enterprise_leader": N_("企业负责人"),
    "state_leader": N_("国有企业负责人"),
    "non_public_leader": N_("非公企业负责人"),
    "official": N_("机关事业单位干部"),
    "worker": N_("一线职工和农民"),
    "any": N_("全部人选"),
}


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts: what is not known is refused, so that a mistyped rule never passes in silence."""


class Condition(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One demand on a nominee: ``field`` holds one of ``values`` (category, unit_class, kind, listing), or one of the flags."""

    field: Literal["category", "flag", "unit_class", "kind", "listing", "county"]
    values: tuple[str, ...]


class Predicate(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which nominees are meant: all conditions hold; without any, everybody."""

    all: tuple[Condition, ...] = ()


class Constraint(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A floor or ceiling on a composition (H20–H28): ``subset`` of ``base``, as a percentage of it or as a head-count.

    ``op`` "min": at least ceil(percent × base); "max": at most floor(percent × base). Exactly one of ``percent`` and
    ``count`` is given (0 ≤ percent ≤ 100). Separate listings are outside every base (H5).
    """

    code: str
    label: str
    subset: Predicate
    op: Literal["min", "max"]
    base: Predicate = Predicate()
    percent: str | None = None
    count: int | None = None
    rule: str = ""
    """The rule's number: ``H20``."""


class Eligibility(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be put forward (H10–H16)."""

    basis_levels_below: int = 1
    """荣誉基础: a valid earlier honour at level ≥ the award's level − this (H10)."""
    basis_required: Literal["none", "warn", "block"] = "warn"
    basis_years: int = 0
    """How many years back it counts; 0: however old."""
    window_years: int = 3
    """业绩窗口 (H11): deeds of so many years before the cycle's year."""
    no_repeat: Literal["none", "warn", "block"] = "block"
    """H12: the same title is held already."""
    excluded_flags: tuple[str, ...] = ()
    """H13: identities that are not eligible, e.g. ``county_head``."""
    excluded_categories: tuple[str, ...] = ()
    foreigners: bool = False
    leader_needs_worker: bool = True
    """H16: who puts forward an enterprise leader names a front-line worker as substitute."""
    substitutes_per_unit: int = 1
    warn_retired: bool = True
    """H15: no age limit is invented; under 18 or retired is said."""


class Surplus(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """差额: how many more first choices than places each county may hand on. One of ``percent`` (of its places) and ``count``."""

    percent: str | None = None
    count: int | None = None
    rounding: Literal["up", "down"] = "up"
    """What a percentage of the places is rounded to."""


class AwardRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One honour's part of the cycle."""

    honour: str
    """The catalogue's code."""
    places: int
    """名额 of regular commendations."""
    separate_places: int = 0
    """单列 (H5), on top."""
    surplus: Surplus | None = None
    """差额 beyond the places, 0 for 等额; None: a county may hand on as many as it likes, and the notice counts (H29)."""
    eligibility: Eligibility = Eligibility()
    composition: tuple[Constraint, ...] = ()


class Veto(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """一票否决 (H50–H52): a kind of fact that excludes a unit, its leader or a person for so many years."""

    code: str
    label: str
    applies_to: tuple[Literal["unit", "leader", "person"], ...] = ("unit", "leader")
    years: int = 3
    rule: str = "H50"


class ClearanceRule(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which departments are asked about one class of nominees, and how long an answer counts (H40–H45)."""

    candidate: str
    departments: tuple[str, ...]
    valid_days: int = 180
    rule: str = "H40"


class MaterialRule(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of paper in the dossier (H60, H61)."""

    kind: str
    label: str
    copies: int = 1
    nominee: tuple[Literal["person", "unit", "team"], ...] = ("person", "unit", "team")
    when_flag: str = ""
    """Only where the nominee has this flag (户口本 of 农民工)."""
    upload: bool = True
    """False: printed by the house (the approval form itself)."""
    rule: str = "H60"


class VoteRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """民主推荐与职代会 (H31): shares as fractions of integers, compared exactly."""

    present: tuple[int, int] = (2, 3)
    """Present ≥ this share of those called."""
    agree: tuple[int, int] = (1, 2)
    """Agreeing > this share of all called."""
    leader_agree: tuple[int, int] | None = None
    """Agreeing ≥ this share of those present, for leaders; e.g. 85/100."""


class TextRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """H61, H62: characters counted as CJK characters and words, without white space."""

    summary_max: int = 500
    deeds_about: int = 2000
    deeds_tolerance: int = 20
    """Percent around ``deeds_about`` without a warning."""


class GateRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days and means of the gates (H30–H35)."""

    unit_notice_days: int = 5
    county_notice: bool = False
    county_notice_days: int = 5
    city_notice_days: int = 5
    return_days: int = 3
    """Working days that a unit has to correct a returned dossier."""
    complaint_verify_days: int = 10
    compose_at: dict[str, Literal["warn", "block"]] = msgspec.field(
        default_factory=lambda: {"county": "warn", "city": "block", "notice": "block"}
    )
    """How a composition that does not hold is met at each gate (H28)."""


class CycleRules(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """规则集: everything that a cycle's year decides."""

    format: str = FORMAT
    title: str
    source: str
    """Where it comes from, as shown on screen: document, year, and what is this house's default."""
    awards: tuple[AwardRules, ...]
    vetoes: tuple[Veto, ...] = ()
    clearances: tuple[ClearanceRule, ...] = ()
    materials: tuple[MaterialRule, ...] = ()
    vote: VoteRules = VoteRules()
    text: TextRules = TextRules()
    gates: GateRules = GateRules()

    def of(self, honour: str) -> AwardRules:
        """The part of one honour (its catalogue code); raises ``KeyError``."""
        return next((award for award in self.awards if award.honour == honour), None) or _unknown(honour)


def _unknown(honour: str) -> AwardRules:
    raise KeyError(honour)


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a composition looks at of one nominee; ``id`` is the nomination's."""

    id: str
    kind: str
    category: str = ""
    flags: frozenset[str] = frozenset()
    unit_class: str = ""
    role: str = "principal"
    listing: str = "regular"
    county: str = ""
