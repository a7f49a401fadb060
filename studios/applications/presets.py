"""Shipped rules (规则样例), each citing its source: the eight criteria, Hangzhou's table with deductions, Hefei's conditions.

Points of the eight criteria are not in the sources that name them: the split here is a proposal for the union to amend.
"""

from __future__ import annotations

from collections.abc import Callable

from foundation.i18n import N_
from studios.schemas import (
    Bonus,
    Check,
    Conditions,
    Item,
    PanelRule,
    ProgrammeRules,
    ScoringTable,
    Section,
    SubsidyRule,
    Terms,
)

EIGHT = (
    ("sign", "标志明显", "10", "牌匾标志：悬挂于入口，文字与命名文件一致"),
    ("place", "场所规范", "10", "固定场所：面积、分区和安全"),
    ("kit", "设施齐全", "10", "配套设施：设备清单与实物"),
    ("team", "职工参与", "15", "创新团队：成员名册、分工和活动记录"),
    ("rules", "制度完善", "10", "管理制度：上墙并执行"),
    ("funds", "经费保障", "10", "保障经费：到账凭证和使用明细"),
    ("books", "台帐详实", "15", "工作台账：课题、活动、成果逐项可查"),
    ("results", "成效明显", "20", "创新成效：专利、技改、工法、奖项和效益证明"),
)

PANEL = PanelRule(method="mean", minimum=3)


def eight_table() -> ScoringTable:
    """T5: 亳州 (Anhui 2014) names the eight, 荆门 scores them; 100 points."""
    items = tuple(
        Item(code=code, label=label, points=points, evidence=evidence, rule="T5")
        for code, label, points, evidence in EIGHT
    )
    return ScoringTable(
        title="创新工作室评分表（八项标准）", source="亳州、荆门八项标准（T5）；各项分值为建议，可修改", panel=PANEL,
        sections=(Section(code="all", label="八项标准", items=items),),
    )  # fmt: skip


def _yes(code: str, label: str, deduct: str) -> Check:
    return Check(code=code, label=label, kind="yes_no", deduct=deduct, says=f"无则扣 {deduct} 分")


def _each(code: str, label: str, deduct: str, target: int) -> Check:
    return Check(
        code=code,
        label=label,
        kind="count",
        deduct=deduct,
        target=target,
        says=f"满 {target} 人；每少 1 人扣 {deduct} 分",
    )


def _base() -> Section:
    room = Item(
        code="room", label="场地", points="10", kind="deducted", zero_if="has_room", rule="T10",
        checks=(
            Check(code="has_room", label="有固定场地", kind="yes_no", deduct="10", says="无场地，本项 0 分"),
            _yes("sign", "有标牌", "2"), _yes("wall", "有成果栏", "3"),
        ),
    )  # fmt: skip
    support = Item(
        code="support", label="配套", points="10", kind="deducted", rule="T10",
        checks=(_yes("money", "有配套资金", "5"), _yes("house_rules", "有管理制度", "5")),
    )  # fmt: skip
    return Section(
        code="base", label="基础保障",
        items=(
            room, Item(code="kit", label="设备", points="5", rule="T10"), support,
            Item(code="accounts", label="账目", points="10", rule="T10", evidence="专账、凭证"),
        ),
    )  # fmt: skip


def _taught() -> Item:
    return Item(
        code="taught", label="带徒", points="10", kind="deducted", rule="T10", evidence="徒弟花名册、师徒协议",
        checks=(
            _yes("list", "有徒弟花名册", "2"), _each("apprentices", "本年带徒人数", "1", 10),
            Check(code="agree", label="师徒协议与台账一致", kind="note", says="不一致的记入整改，不扣分"),
        ),
    )  # fmt: skip


def hangzhou_table() -> ScoringTable:
    """T10: the 100-point table of 杭州技能大师工作室, with deductions, a floor of 0 for each item, and bonus."""
    skilled = Item(
        code="skilled", label="培养高技能人才", points="10", kind="deducted", rule="T10",
        checks=(_each("masters", "本年培养高技能人才人数", "3", 3),),
    )  # fmt: skip
    sections = (
        _base(),
        Section(code="daily", label="日常管理", items=(
            Item(code="wall_rules", label="制度上墙", points="5", rule="T10"),
            Item(code="plans", label="计划与总结", points="10", rule="T10"),
        )),
        Section(code="work", label="技术攻关", items=(
            Item(code="topics", label="攻关课题", points="5", rule="T10"),
            Item(code="solved", label="攻关成果", points="10", rule="T10"),
        )),
        Section(code="outward", label="交流服务", items=(
            Item(code="exchange", label="技术交流", points="5", rule="T10"),
            Item(code="service", label="技术服务", points="5", rule="T10"),
            Item(code="school", label="校企合作", points="5", rule="T10"),
        )),
        Section(code="people", label="名师带徒", items=(_taught(), skilled)),
    )  # fmt: skip
    bonus = (
        Bonus(code="award", label="省级以上获奖", each="2", cap="4"),
        Bonus(code="patent", label="发明专利", each="1", cap="3"),
    )
    return ScoringTable(
        title="创新工作室评分表（扣分制）", source="杭州技能大师工作室考核表（T10）；加分项目和上限为建议", sections=sections,
        bonus=bonus, panel=PANEL,
    )  # fmt: skip


def eight() -> ProgrammeRules:
    """市级默认: the eight criteria, Hefei's conditions for leader and topics."""
    return ProgrammeRules(
        title="市级劳模（工匠）创新工作室", source="T2、T4–T8", conditions=Conditions(), naming_table=eight_table(),
    )  # fmt: skip


def hangzhou() -> ProgrammeRules:
    """The eight named, the deductions assessed."""
    return ProgrammeRules(
        title="市级劳模（工匠）创新工作室（扣分制）", source="T10", conditions=Conditions(), naming_table=hangzhou_table(),
    )  # fmt: skip


def hefei() -> ProgrammeRules:
    """T2–T4: Hefei's conditions; 5万 for a new studio, 3万 where it is confirmed again; three years [default]."""
    return ProgrammeRules(
        title="劳模工匠人才创新工作室", source="《合肥市劳模工匠人才创新工作室命名管理办法》（T2–T4）",
        conditions=Conditions(leader_level="city", topics_a_year=1, team_min=5), naming_table=eight_table(),
        assessment_table=hangzhou_table(), terms=Terms(cycle_years=3),
        subsidies=(SubsidyRule(kind="named", yuan=50_000), SubsidyRule(kind="renewed", yuan=30_000)),
    )  # fmt: skip


def provincial() -> ProgrammeRules:
    """T9: from among studios that a city named before."""
    return ProgrammeRules(
        title="省级劳模（工匠）创新工作室", source="T9", naming_table=eight_table(),
        conditions=Conditions(leader_level="city", lower_level="city", lower_years=1),
    )  # fmt: skip


def _college_table() -> ScoringTable:
    def item(code: str, label: str, points: str, evidence: str) -> Item:
        return Item(code=code, label=label, points=points, evidence=evidence, rule="T1")

    teachers = Item(
        code="teachers", label="师资队伍", points="20", kind="deducted", rule="T1", evidence="聘书、授课记录",
        checks=(_each("hired", "在聘的劳模、工匠和高技能教师人数", "2", 10), _yes("plan", "有师资培养计划", "4")),
    )  # fmt: skip
    trained = Item(
        code="trained", label="培训规模", points="20", kind="deducted", rule="T1", evidence="学员名册、培训台账",
        checks=(_yes("roster", "有学员名册", "5"), _each("classes", "本年办班期数", "2", 8)),
    )  # fmt: skip
    sections = (
        Section(code="ground", label="办学条件", items=(
            item("sites", "教室和实训场地", "10", "场地证明、平面图"), item("kit", "实训设备", "10", "设备清单与实物"),
            item("money", "办学经费", "10", "预算、到账凭证"),
        )),
        Section(code="staff", label="师资", items=(teachers,)),
        Section(code="teaching", label="教学", items=(
            item("courses", "课程和教材", "10", "课程表、教材、课件"), item("rules", "教学管理制度", "5", "制度文本"), trained,
        )),
        Section(code="outcome", label="成效", items=(
            item("levels", "学员技能等级提升", "10", "证书名单"), item("served", "服务企业和基层", "5", "服务记录"),
        )),
    )  # fmt: skip
    return ScoringTable(
        title="工匠学院评分表", source="项目和分值均为建议，没有外部依据，可修改", sections=sections, panel=PANEL,
        bonus=(Bonus(code="shared", label="面向中小微企业的公开课（期）", each="1", cap="3", rule="T1"),),
    )  # fmt: skip


def college() -> ProgrammeRules:
    """工匠学院 beside the studios: a unit's school. No public source gives its conditions; all of them are proposals."""
    return ProgrammeRules(
        title="工匠学院", source="建议样例，没有外部依据（T1）", naming_table=_college_table(),
        conditions=Conditions(leader_level="", leader_families=(), leader_one_studio=False, team_min=10, topics_a_year=0),
        papers=("牌匾标志", "教学场所", "实训设施", "师资名册", "管理制度", "办学经费", "培训台账", "培训成效"),
    )  # fmt: skip


PRESETS: dict[str, tuple[str, Callable[[], ProgrammeRules]]] = {
    "eight": (N_("市级默认：八项标准（亳州、荆门，T5）"), eight),
    "hangzhou": (N_("百分制扣分表（杭州，T10）"), hangzhou),
    "hefei": (N_("合肥命名管理办法（T2–T4，含补助）"), hefei),
    "provincial": (N_("省级：市级工作室升级（T9）"), provincial),
    "college": (N_("工匠学院（建议样例）"), college),
}
COLLEGES = frozenset({"college"})
"""Presets of programmes of the kind 工匠学院."""
