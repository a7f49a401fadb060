"""推荐审批表的规则: each part of the form against the cycle's rules (H5, H11, H17, H31, H61–H63), and all of it in one list. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.i18n import N_
from honours.cycles.schemas import UNIT_CLASSES
from honours.nominations import eligibility, papers, timing, voting
from honours.nominations.counting import count
from honours.nominations.findings import PARTS, Check, Facts, State, met, unmet
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import FRONTLINE, JOB_CATEGORIES
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.codes.table import CodeTable

ORDER = [*PARTS, "materials"]


def review(facts: Facts) -> list[Check]:
    """Every demand on the nomination as it stands now, met or not, in the order of the form's parts."""
    found = [
        *timing.check_due(facts), *_basic(facts), *_identity(facts), *_history(facts), *_record(facts), *_deeds(facts),
        *_procedure(facts), *eligibility.check_all(facts), *papers.check_materials(facts), *papers.check_consent(facts),
        *(one.check for one in papers.clearings(facts)),
    ]  # fmt: skip
    return sorted(found, key=lambda check: ORDER.index(check.part))


def blocking(checks: Iterable[Check], gate: str) -> list[Check]:
    """What stands in the way at a gate (``unit``, ``county``, ``city``)."""
    return [check for check in checks if check.blocks(gate)]


def _filled(part: str, field: str, title: str, value: str, *, rule: str = "H63") -> Check:
    if value.strip():
        return met(f"{field}_given", part, title, rule, field=field)
    return unmet(f"{field}_missing", part, title, rule, N_("未填写"), field=field)


def _coded(field: str, title: str, value: str, table: CodeTable, *, needed: bool = True) -> Check:
    if value in table or (not value and not needed):
        return met(f"{field}_given", "basic", title, "H63", field=field)
    if not value:
        return unmet(f"{field}_missing", "basic", title, "H63", N_("未选择"), field=field)
    return unmet(
        f"{field}_unknown", "basic", title, "I5", N_("“{value}”不在代码表中，请重新选择"), field=field, value=value[:20]
    )


def _basic(facts: Facts) -> list[Check]:
    """H63: what the form asks of a person, of a unit or a team."""
    typed = facts.dossier.basic
    shared = [_filled("basic", "address", N_("通讯地址"), typed.address), _postcode(typed.postcode)]
    if facts.kind != "person":
        members = voting.count_of(typed.members)
        head = _filled("basic", "head", N_("负责人"), typed.head)
        if members:
            return [head, met("members_given", "basic", N_("人数"), "H63", field="members"), *shared]
        return [
            head,
            unmet("members_missing", "basic", N_("人数"), "H63", N_("应填人数（整数）"), field="members"),
            *shared,
        ]
    return [
        _coded("ethnic_group", N_("民族"), typed.ethnic_group, ETHNIC_GROUPS),
        _filled("basic", "native_place", N_("籍贯"), typed.native_place),
        _coded("political_status", N_("政治面貌"), typed.political_status, POLITICAL_STATUSES),
        _coded("education", N_("学历"), typed.education, EDUCATION_LEVELS),
        _joined(facts),
        _filled("basic", "post", N_("职务（岗位）"), typed.post),
        _coded("skill_level", N_("技能等级"), typed.skill_level, SKILL_LEVELS, needed=False),
        *shared,
    ]


def _postcode(value: str) -> Check:
    if value.isascii() and value.isdigit() and len(value) == 6:
        return met("postcode_given", "basic", N_("邮编"), "H63", field="postcode")
    return unmet("postcode_missing", "basic", N_("邮编"), "H63", N_("邮编应为 6 位数字"), field="postcode")


def _joined(facts: Facts) -> Check:
    title, value = N_("参加工作时间"), facts.dossier.basic.joined_work
    month = timing.month_of(value)
    if month is None:
        return unmet("joined_work_missing", "basic", title, "H63", N_("应填年月，如 2007-07"), field="joined_work")
    if month > facts.today or (facts.person and month.year - facts.person.born_on.year < 14):
        return unmet(
            "joined_work_impossible", "basic", title, "H63", N_("与出生年月或今天对不上，请核对"), field="joined_work"
        )
    return met("joined_work_given", "basic", title, "H63", field="joined_work")


def _identity(facts: Facts) -> list[Check]:
    """H17: one category with its evidence; the unit's class; H5: a separate listing with its reason."""
    typed, checks = facts.dossier.identity, []
    if facts.kind == "person":
        if typed.category in JOB_CATEGORIES:
            checks.append(met("category_given", "identity", N_("人员类别"), "H17", field="category"))
        else:
            checks.append(
                unmet(
                    "category_missing",
                    "identity",
                    N_("缺人员类别"),
                    "H17",
                    N_("只选一类，结构比例按它计算"),
                    field="category",
                )
            )
        checks.append(_evidence(facts))
    if typed.unit_class in UNIT_CLASSES:
        checks.append(met("unit_class_given", "identity", N_("单位类别"), "H40", field="unit_class"))
    else:
        message = N_("选择单位类别，决定向哪些部门征求意见")
        checks.append(unmet("unit_class_missing", "identity", N_("缺单位类别"), "H40", message, field="unit_class"))
    if typed.listing == "separate" and not typed.listing_reason.strip():
        message = N_("单列须写明事由，如竞赛优胜、重大项目、抢险救灾")
        checks.append(unmet("listing_reason", "identity", N_("缺单列事由"), "H5", message, field="listing_reason"))
    return checks


def _evidence(facts: Facts) -> Check:
    """Quotas depend on the category: words, and for front-line people with a title of command a paper."""
    typed = facts.dossier.identity
    post = facts.dossier.basic.post
    doubtful = typed.category in FRONTLINE and any(word in post for word in ("长", "主任", "经理", "主管", "总监"))
    if doubtful and not facts.materials.get("post_proof"):
        message = N_("“{post}”是否中层以下？一线职工限中层干部以下，请上传岗位证明")
        return unmet("post_proof", "identity", N_("缺岗位证明"), "H17", message, field="category", post=post)
    if not typed.evidence.strip():
        message = N_("写明类别依据，如劳动合同岗位、任职文件")
        return unmet("evidence_missing", "identity", N_("缺类别依据"), "H17", message, field="evidence")
    return met("evidence_given", "identity", N_("类别依据"), "H17", field="evidence")


def _history(facts: Facts) -> list[Check]:
    title = N_("个人简历") if facts.kind == "person" else N_("基本概况")
    return [_filled("history", "resume", title, facts.dossier.history.resume)]


def _record(facts: Facts) -> list[Check]:
    """H63: prizes with month, title and conferrer; sanctions said, if only 无."""
    typed = facts.dossier.record
    checks = [_filled("record", "sanctions", N_("何时何地受过何种处分"), typed.sanctions)]
    for number, prize in enumerate(typed.prizes):
        month = timing.month_of(prize.when)
        if month is None or month > facts.today or not prize.title.strip() or not prize.conferrer.strip():
            message = N_("第 {n} 行：年月（如 2022-11）、名称、授予机关都要填")
            checks.append(
                unmet("prize_incomplete", "record", N_("奖励填写不全"), "H63", message, field=f"prizes-{number}-title", n=number + 1)
            )  # fmt: skip
    return checks


def _deeds(facts: Facts) -> list[Check]:
    """H61, H62: at most 500 and about 2,000, counted as characters and words."""
    text, typed = facts.rules.text, facts.dossier.deeds
    n = count(typed.summary)
    if n == 0:
        summary = unmet(
            "summary_missing",
            "deeds",
            N_("缺事迹简介"),
            "H61",
            N_("不超过 {most} 字，一页 A4"),
            field="summary",
            most=text.summary_max,
        )
    elif n > text.summary_max:
        summary = unmet(
            "summary_too_long", "deeds", N_("事迹简介超长"), "H61", N_("现 {n} 字，超出 {over} 字：压到 {most} 字以内"), field="summary",
            n=n, over=n - text.summary_max, most=text.summary_max,
        )  # fmt: skip
    else:
        summary = met("summary_given", "deeds", N_("事迹简介"), "H61", field="summary")
    return [summary, _long_text(facts)]


def bounds(about: int, tolerance: int) -> tuple[int, int]:
    """``about`` ± ``tolerance`` percent, as whole characters: 2000 ± 20 % → (1600, 2400)."""
    return -(-about * (100 - tolerance) // 100), about * (100 + tolerance) // 100


def _long_text(facts: Facts) -> Check:
    text, n = facts.rules.text, count(facts.dossier.deeds.deeds)
    low, high = bounds(text.deeds_about, text.deeds_tolerance)
    if n == 0:
        return unmet(
            "deeds_missing",
            "deeds",
            N_("缺主要先进事迹"),
            "H60",
            N_("约 {about} 字"),
            field="deeds",
            about=text.deeds_about,
        )
    if low <= n <= high:
        return met("deeds_given", "deeds", N_("主要先进事迹"), "H60", field="deeds")
    return unmet(
        "deeds_length", "deeds", N_("先进事迹字数"), "H62", N_("现 {n} 字，建议 {low}–{high} 字；可以上报，初审时会提示"),
        state=State.WARN, field="deeds", n=n, low=low, high=high,
    )  # fmt: skip


def _procedure(facts: Facts) -> list[Check]:
    """H31: who was called, who came, who agreed; H32: the unit's notice."""
    typed = facts.dossier.procedure
    checks = [_filled("procedure", "meeting", N_("民主程序"), typed.meeting, rule="H31")]
    held = timing.day_of(typed.held_on)
    if held is None or held > facts.today:
        checks.append(
            unmet(
                "held_on_missing", "procedure", N_("缺会议日期"), "H31", N_("应填已经开过的会议日期"), field="held_on"
            )
        )
    refused = voting.judge(
        typed.called, typed.present, typed.agreed, facts.rules.vote, leader=eligibility.is_leader(facts)
    )
    for one in refused:
        checks.append(
            Check(code=one.code, part="procedure", title=N_("民主程序票数"), rule="H31", state=State.BAD, refusal=one, field=one.field or "")
        )  # fmt: skip
    if not refused:
        checks.append(met("vote", "procedure", N_("民主程序票数"), "H31"))
    return [*checks, *timing.check_notice(facts)]
