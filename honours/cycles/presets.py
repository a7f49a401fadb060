"""规则集样本: the cited rule sets as starting points (H20–H27, H40–H45, H50–H52, H60–H62), each saying where it comes from.

They are data to copy and edit, never in force by themselves. What a source does not state is this house's default, and
``source`` says so. Awards name the catalogue's codes; the city's own are put in where a source is of another place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from foundation.i18n import N_
from honours.cycles.schemas import (
    AwardRules,
    ClearanceRule,
    Condition,
    Constraint,
    CycleRules,
    Eligibility,
    MaterialRule,
    Predicate,
    Veto,
)


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A rule set to begin with. ``title`` is a msgid."""

    title: str
    rules: CycleRules


def who(**values: str | tuple[str, ...]) -> Predicate:
    """``who(category="farmer", flag=("woman",))``: one condition for each name."""
    return Predicate(
        all=tuple(
            Condition(field=field, values=(v,) if isinstance(v, str) else v)  # pyright: ignore[reportArgumentType]
            for field, v in values.items()
        )
    )


def line(
    code: str,
    label: str,
    op: Literal["min", "max"],
    share: str | int,
    subset: Predicate,
    rule: str,
    base: Predicate | None = None,
) -> Constraint:
    """A floor or ceiling: a text is a percentage, a number a head-count."""
    said: dict[str, Any] = {"percent": share} if isinstance(share, str) else {"count": share}
    return Constraint(code=code, label=label, op=op, subset=subset, base=base or Predicate(), rule=rule, **said)


WORKERS, FRONTLINE = who(category="industrial_worker"), who(category=("industrial_worker", "other_frontline"))
OTHERS, SCIENCE = who(category="other_frontline"), who(category="science_education")
LEADERS, MIGRANTS = who(category="enterprise_leader"), who(flag="migrant_worker")
NON_PUBLIC, NEW_FORM = who(flag="non_public"), who(flag="new_employment")
PUBLIC = who(unit_class=("institution", "organ"))
ENTERPRISES, FARMERS = who(unit_class="enterprise"), who(category="farmer")
FRONTLINE_FARMERS = who(category=("industrial_worker", "other_frontline", "farmer"))
SMALL_LEADERS = who(category="enterprise_leader", flag="small_tech")
HEADS, WOMEN, TEAMS = who(flag="county_head"), who(flag="woman"), who(flag="grassroots_team")


def national_medal(rule: str = "H20", non_public: str = "35") -> tuple[Constraint, ...]:
    """H20: what 2022 and 2024 asked of medals."""
    return (
        line("workers", "产业工人", "min", "35", WORKERS, rule),
        line("others", "其他一线职工和专业技术人员", "min", "20", OTHERS, rule),
        line("science", "科教人员", "min", "20", SCIENCE, rule),
        line("migrants", "农民工", "min", "10", MIGRANTS, rule),
        line("non_public", "非公企业职工", "min", non_public, NON_PUBLIC, rule),
    )


KEY_INDUSTRY = line("key_industry", "重点产业", "min", "35", who(flag="key_industry"), "H20")
PIONEER_TEAMS = line("teams", "班组（科室）", "min", "70", TEAMS, "H21")


def non_public(share: str, rule: str) -> Constraint:
    return line("non_public", "非公企业", "min", share, NON_PUBLIC, rule)


ENTERPRISE = ("market", "tax", "labour", "safety", "environment")
CLEARANCES = (
    ClearanceRule(candidate="unit", departments=ENTERPRISE, rule="H40"),
    ClearanceRule(candidate="enterprise_leader", departments=ENTERPRISE, rule="H40"),
    ClearanceRule(candidate="state_leader", departments=("audit", "discipline", "personnel"), rule="H41"),
    ClearanceRule(candidate="non_public_leader", departments=("united_front",), rule="H42"),
    ClearanceRule(candidate="official", departments=("discipline", "personnel"), rule="H43"),
    ClearanceRule(candidate="worker", departments=("police",), rule="H44"),
    ClearanceRule(candidate="any", departments=("police",), rule="H45"),
)
VETOES = (
    Veto(code="safety", label="安全生产事故、严重职业危害"),
    Veto(code="mass_incident", label="群体性事件"),
    Veto(code="wages", label="拖欠工资"),
    Veto(code="social_security", label="欠缴社保"),
    Veto(code="labour_relations", label="劳动关系不和谐"),
    Veto(code="no_union", label="未组建工会"),
    Veto(code="no_congress", label="未建立职代会和集体合同制度"),
    Veto(code="energy", label="能耗超标"),
    Veto(code="environment", label="环境污染严重"),
)
MORE_VETOES = (
    Veto(code="union_dues", label="拖欠工会经费", rule="H51"),
    Veto(code="no_contract", label="未签集体合同", rule="H51"),
    Veto(code="hidden_danger", label="较大及以上生产安全责任事故、重大隐患不整改、未办“三同时”", rule="H51"),
    Veto(code="tax", label="偷漏欠税", years=2, rule="H51"),
    Veto(code="false_identity", label="身份或事迹弄虚作假", applies_to=("unit", "leader", "person"), rule="H51"),
    Veto(code="discipline", label="党纪政务处分影响期内", applies_to=("leader", "person"), rule="H52"),
    Veto(code="criminal", label="刑事处罚", applies_to=("leader", "person"), rule="H52"),
    Veto(code="dishonest", label="失信被执行人", applies_to=("unit", "leader", "person"), rule="H52"),
)
MATERIALS = (
    MaterialRule(kind="congress_minutes", label="职代会（职工大会）纪要", copies=2),
    MaterialRule(kind="notice_scan", label="公示件（载明“公示无异议”并盖章）", copies=2),
    MaterialRule(kind="report", label="推荐报告", copies=2),
    MaterialRule(kind="approval_form", label="推荐审批表（A3 双面）", copies=3, upload=False),
    MaterialRule(kind="clearance_forms", label="征求意见表", copies=2),
    MaterialRule(kind="deeds", label="先进事迹（约 2000 字）", copies=3),
    MaterialRule(
        kind="household", label="户口本（户主页和本人页）", copies=2, nominee=("person",), when_flag="migrant_worker"
    ),
    MaterialRule(kind="basis", label="荣誉基础证书", rule="H61"),
    MaterialRule(kind="portrait", label="个人照或单位照片", rule="H61"),
)


def award(honour: str, places: int, *composition: Constraint, separate: int = 0, **eligibility: Any) -> AwardRules:
    return AwardRules(
        honour=honour,
        places=places,
        separate_places=separate,
        eligibility=Eligibility(**eligibility),
        composition=composition,
    )


def _set(title: str, source: str, *awards: AwardRules, vetoes: tuple[Veto, ...] = VETOES + MORE_VETOES) -> CycleRules:
    return CycleRules(
        title=title, source=source, awards=awards, vetoes=vetoes, clearances=CLEARANCES, materials=MATERIALS
    )


_REST = "；名额之外未载明的各项（否决、征求意见、材料、期限）为本系统默认，请按当年通知核对"

PRESETS: Mapping[str, Preset] = {
    "city-default": Preset(
        title=N_("市级默认"),
        rules=_set(
            "宣城市五一劳动奖（市级默认）",
            "本系统默认：结构比例参照全国 2024 年和宁夏 2024 年，女职工参照厦门 2016 年；市级办法和名额以当年通知为准",
            award("city-may1-certificate", 10, non_public("35", "H20"), excluded_flags=()),
            award(
                "city-may1-medal", 60, *national_medal()[:2],
                line("science", "科教人员", "min", "10", SCIENCE, "H20"), *national_medal()[3:],
                line("women", "女职工", "min", "20", WOMEN, "H24"),
                line("leaders", "企业负责人", "max", "13", LEADERS, "H22"),
                line("county_heads", "县处级干部", "max", "10", HEADS, "H22", PUBLIC),
                line("new_form", "新就业形态劳动者", "min", 1, NEW_FORM, "H22"), separate=5,
            ),
            award("city-pioneer", 40, PIONEER_TEAMS, non_public("35", "H20")),
        ),
    ),
    "national-2024": Preset(
        title=N_("全国 2024 年"),
        rules=_set(
            "全国五一劳动奖和全国工人先锋号（2024 年）", "全国总工会 2024 年评选通知的结构比例（H20、H21）；本市推荐名额请自填" + _REST,
            award("national-may1-certificate", 2, non_public("35", "H20"), KEY_INDUSTRY),
            award("national-may1-medal", 5, *national_medal(), KEY_INDUSTRY),
            award("national-pioneer", 3, PIONEER_TEAMS, non_public("35", "H20"), KEY_INDUSTRY),
        ),
    ),
    "ningxia-2024": Preset(
        title=N_("宁夏 2024 年"),
        rules=_set(
            "自治区五一劳动奖（宁夏 2024 年）", "宁夏 2024 年评选通知（H22；不予推荐的范围见 H13），名额 15/60/40" + _REST,
            award("province-may1-certificate", 15, non_public("40", "H22"), KEY_INDUSTRY),
            award(
                "province-may1-medal", 60, *national_medal("H22", "40"),
                line("leaders", "企业负责人", "max", "13", LEADERS, "H22"),
                line("county_heads", "县处级干部", "max", "10", HEADS, "H22", PUBLIC),
                line("new_form", "新就业形态劳动者", "min", 1, NEW_FORM, "H22"),
            ),
            award("province-pioneer", 40, PIONEER_TEAMS, non_public("40", "H22"), KEY_INDUSTRY),
        ),
    ),
    "ningxia-2022": Preset(
        title=N_("宁夏 2022 年"),
        rules=_set(
            "自治区五一劳动奖（宁夏 2022 年）",
            "宁夏 2022 年评选通知（H23），名额 20/70/55，其中竞赛表彰 5/10/15 单列（H5）" + _REST,
            award("province-may1-certificate", 15, non_public("35", "H23"), separate=5),
            award(
                "province-may1-medal", 60,
                line("leaders", "企业负责人", "max", "13", LEADERS, "H23"),
                line("small_leaders", "小微、科技型企业负责人", "min", "5", SMALL_LEADERS, "H23"),
                line("county_heads", "县处级干部", "max", "20", HEADS, "H23", PUBLIC), non_public("35", "H23"), separate=10,
            ),
            award("province-pioneer", 40, non_public("35", "H23"), separate=15),
        ),
    ),
    "anhui-2007": Preset(
        title=N_("安徽省劳模 2007 年"),
        rules=_set(
            "安徽省劳动模范和先进集体（2007 年）", "安徽省 2007 年劳模评选通知的结构比例（H26）；本市推荐名额请自填" + _REST,
            award(
                "province-model-worker", 10,
                line("frontline_farmers", "一线职工和农民", "min", "50", FRONTLINE_FARMERS, "H26"),
                line("science", "科教人员", "min", "20", SCIENCE, "H26"),
            ),
            award(
                "province-advanced-collective", 5, line("countryside", "农村", "min", "20", who(flag="countryside"), "H26"),
                line("teams", "班组、科室、队、站", "min", "25", TEAMS, "H26"),
            ),
        ),
    ),
    "national-model-2015": Preset(
        title=N_("全国劳模 2015 年"),
        rules=_set(
            "全国劳动模范（2015 年）", "全国 2015 年劳模评选的结构比例（H27）：占企业人选和农民人选计算；本市推荐名额请自填" + _REST,
            award(
                "national-model-worker", 5,
                line("frontline", "企业一线职工", "min", "57", FRONTLINE, "H27", ENTERPRISES),
                line("leaders", "企业负责人", "max", "20", LEADERS, "H27", ENTERPRISES),
                line("migrants", "农民工", "min", "25", MIGRANTS, "H27", FARMERS), window_years=5,
            ),
        ),
    ),
    "xiamen-2016": Preset(
        title=N_("厦门 2016 年"),
        rules=_set(
            "市五一劳动奖章（厦门 2016 年）", "厦门 2016 年评选通知（H24；允许外籍职工，H14）；名额请自填" + _REST,
            award(
                "city-may1-medal", 50,
                line("unit_heads", "单位负责人（含正副职）", "max", "15", who(flag="unit_head"), "H24"),
                line("community", "社区工作者", "max", "10", who(flag="community_worker"), "H24"),
                line("frontline", "一线职工", "min", "60", FRONTLINE, "H24"),
                line("enterprise", "企业职工", "min", "50", who(unit_class="enterprise"), "H24"),
                line("science", "科教人员", "min", "20", SCIENCE, "H24"),
                line("women", "女职工", "min", "20", WOMEN, "H24"),
                line("migrants", "农民工", "min", "20", MIGRANTS, "H24"), foreigners=True,
            ),
        ),
    ),
    "funing-2021": Preset(
        title=N_("阜宁县 2021 年"),
        rules=_set(
            "县五一劳动奖和工人先锋号（阜宁县 2021 年）", "阜宁县 2021 年评选通知（H25、H50），名额 20/60/45" + _REST,
            award("city-may1-certificate", 20, non_public("60", "H25")),
            award(
                "city-may1-medal", 60, line("frontline", "一线职工或技术人员", "min", "60", FRONTLINE, "H25"),
                line("science", "科教人员", "min", "5", SCIENCE, "H25"),
                line("leaders", "企业负责人", "max", "12", LEADERS, "H25"), non_public("65", "H25"),
            ),
            award("city-pioneer", 45, non_public("60", "H25"), line("teams", "班组（科室）", "min", "70", TEAMS, "H25")),
            vetoes=VETOES,
        ),
    ),
}  # fmt: skip
