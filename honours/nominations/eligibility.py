"""评选条件与一票否决 (H10–H17, H36, H50–H53): who may be put forward at all. Pure."""

from __future__ import annotations

from datetime import date

from foundation.errors import Refusal
from foundation.i18n import N_
from honours.cycles.schemas import FLAGS, Veto
from honours.nominations.findings import Check, Fact, Facts, State, met, unmet
from registry.codes.job_categories import FRONTLINE, JOB_CATEGORIES
from registry.codes.nationalities import CHINA, NATIONALITIES
from registry.organisations.rules import UNION_STATES, WITH_UNION

LEVELS = ("county", "city", "province", "national")
LEADERS = frozenset({"enterprise_leader"})


def is_leader(facts: Facts) -> bool:
    """企业负责人, or the head of a unit of whatever kind (H17)."""
    return facts.dossier.identity.category in LEADERS or "unit_head" in facts.flags


def check_all(facts: Facts) -> list[Check]:
    """Every rule about who may be a nominee, in the order of their numbers."""
    return [
        *_basis(facts), *_repeat(facts), *_excluded(facts), *_nationality(facts), *_age(facts), *_substitute(facts), *_union(facts), *_vetoes(facts)
    ]  # fmt: skip


def _severity(asked: str) -> State:
    return State.BAD if asked == "block" else State.WARN


def _basis(facts: Facts) -> list[Check]:
    """H10: a valid earlier honour at level ≥ the award's − n, within so many years."""
    rules = facts.eligibility
    floor = LEVELS.index(facts.honour_level) - rules.basis_levels_below
    if rules.basis_required == "none" or floor < 0:
        return []
    title, since = N_("荣誉基础"), facts.cycle_year - rules.basis_years if rules.basis_years else 0
    counting = [
        one for one in facts.held if not one.revoked and LEVELS.index(one.level) >= floor and one.year >= since
    ]  # fmt: skip
    if counting or "H10" in facts.waived:
        return [met("honour_basis", "record", title, "H10")]
    state = _severity(rules.basis_required)
    typed = [one for one in facts.dossier.record.prizes if one.level in LEVELS and LEVELS.index(one.level) >= floor]
    if typed and (facts.materials.get("honour_certificate") or facts.materials.get("basis")):
        message = N_("台账里没有，凭证书“{prize}”由初审核对")
        return [
            unmet(
                "basis_unproven",
                "record",
                title,
                "H10",
                message,
                state=State.WARN,
                field="prizes",
                prize=typed[0].title,
            )
        ]
    if typed:
        message = N_("“{prize}”缺证书扫描件，否则不作荣誉基础")
        return [
            unmet("basis_certificate", "record", N_("缺荣誉证书"), "H10", message, state=state, field="prizes", prize=typed[0].title)
        ]  # fmt: skip
    message = N_("台账中没有{level}以上有效荣誉；补填并传证书，或由经办人写明理由后放行")
    return [
        unmet(
            "honour_basis",
            "record",
            N_("缺荣誉基础"),
            "H10",
            message,
            state=state,
            field="prizes",
            level=level_name(floor),
        )
    ]


def level_name(index: int) -> str:
    """县级, 市级, 省级, 国家级."""
    return ("县级", "市级", "省级", "国家级")[index]


def _repeat(facts: Facts) -> list[Check]:
    """H12: the same title is not given again."""
    if facts.eligibility.no_repeat == "none":
        return []
    same = [one for one in facts.held if one.code == facts.honour and not one.revoked]
    if not same or "H12" in facts.waived:
        return [met("no_repeat", "record", N_("不重复授予"), "H12")]
    message = N_("{year} 年已获“{honour}”，同一称号不再授予；确有新的突出贡献的，由经办人写明理由后放行")
    return [
        unmet("already_held", "record", N_("已获同一称号"), "H12", message, state=_severity(facts.eligibility.no_repeat),
              year=same[0].year, honour=same[0].title)
    ]  # fmt: skip


def _excluded(facts: Facts) -> list[Check]:
    """H13: identities and categories that are not eligible this year."""
    rules, checks = facts.eligibility, []
    for flag in rules.excluded_flags:
        if flag in facts.flags:
            checks.append(
                unmet("excluded_flag", "identity", N_("不在评选范围"), "H13", N_("本周期规则：{what}不参加评选"), field="declared",
                      what=FLAGS.get(flag, flag))
            )  # fmt: skip
    category = facts.dossier.identity.category
    if category and category in rules.excluded_categories:
        checks.append(
            unmet("excluded_category", "identity", N_("不在评选范围"), "H13", N_("本周期规则：{what}不参加评选"), field="category",
                  what=JOB_CATEGORIES.zh(category))
        )  # fmt: skip
    return checks


def _nationality(facts: Facts) -> list[Check]:
    """H14: whether foreigners may be put forward is the cycle's to say; only who is one hears of it."""
    if facts.person is None or facts.person.nationality == CHINA:
        return []
    title = N_("外籍人选")
    if facts.eligibility.foreigners:
        return [met("foreigner", "basic", title, "H14")]
    message = N_("职工档案的国籍为{country}；本周期规则：外籍职工不参加评选")
    return [
        unmet("foreigner", "basic", title, "H14", message, field="name", country=NATIONALITIES.zh(facts.person.nationality))
    ]  # fmt: skip


def age_on(born: date, day: date) -> int:
    """Full years on a day; who was born on 29 February grows older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _age(facts: Facts) -> list[Check]:
    """H15: no age limit is invented; under 18 and the usual age of retirement are said. H35: the nominee is still with us."""
    if facts.person is None:
        return []
    checks = []
    if not facts.person.present:
        checks.append(
            unmet(
                "not_in_service",
                "basic",
                N_("已不在本单位"),
                "H30",
                N_("职工档案显示已离职或调出，请先核对档案"),
                field="name",
            )
        )
    if not facts.person.has_number:
        checks.append(
            unmet(
                "number_missing",
                "basic",
                N_("缺身份号码"),
                "I1",
                N_("职工档案里没有公民身份号码，请先补录"),
                field="name",
            )
        )
    age = age_on(facts.person.born_on, facts.today)
    if age < 18 or (facts.eligibility.warn_retired and age >= (60 if facts.person.sex == "1" else 55)):
        message = N_("现年 {age} 岁：没有年龄限制，请核对是否在职")
        checks.append(
            unmet("age_unusual", "basic", N_("年龄请核对"), "H15", message, state=State.WARN, field="born", age=age)
        )
    return checks


def _substitute(facts: Facts) -> list[Check]:
    """H16: a leader's nomination wants a front-line worker as substitute; substitutes are few and in order."""
    me, rules, checks = facts.dossier.identity, facts.eligibility, []
    if rules.leader_needs_worker and me.role == "principal" and me.category in LEADERS:
        if any(one.role == "substitute" and one.category in FRONTLINE for one in facts.siblings):
            checks.append(met("leader_substitute", "identity", N_("一线职工递补"), "H16"))
        else:
            message = N_("推荐企业负责人的，须同时推荐一名一线职工作递补人选")
            checks.append(unmet("leader_substitute", "identity", N_("缺一线职工递补"), "H16", message, field="role"))
    if me.role == "substitute":
        others = sum(one.role == "substitute" for one in facts.siblings)
        if others + 1 > rules.substitutes_per_unit:
            checks.append(
                unmet("too_many_substitutes", "identity", N_("递补人选过多"), "H16", N_("每个单位最多 {most} 名递补，现有 {now} 名"),
                      field="role", most=rules.substitutes_per_unit, now=others + 1)
            )  # fmt: skip
    place = int(me.place) if me.place.isascii() and me.place.isdigit() and len(me.place) < 4 else 0
    if place < 1:
        checks.append(
            unmet("place_missing", "identity", N_("缺次序"), "H16", N_("次序应为 1 以上的整数"), field="place")
        )
    elif any((one.role, one.place) == (me.role, place) for one in facts.siblings):
        checks.append(
            unmet("place_taken", "identity", N_("次序重复"), "H16", N_("本单位同一奖项已有第 {place} 顺位，请排出先后"), field="place", place=place)
        )  # fmt: skip
    return checks


def _union(facts: Facts) -> list[Check]:
    """H50: a unit without a union is out; H36: so is one that was disqualified in the cycle before."""
    checks = []
    if not facts.unit_open:
        message = N_("单位的登记已关闭或并入另一组织，请先核对组织档案")
        checks.append(unmet("unit_closed", "basic", N_("单位已关闭"), "H50", message, field="unit"))
    elif facts.union_state in WITH_UNION:
        checks.append(met("union", "basic", UNION_STATES[facts.union_state], "H50"))
    else:
        message = N_("组织档案登记为“{standing}”，单位及其人选不能参评；已建会的，请管辖的工会更正建会情况")
        checks.append(
            unmet("no_union", "basic", N_("单位未建工会"), "H50", message, field="unit", standing=UNION_STATES[facts.union_state])
        )  # fmt: skip
    if facts.barred:
        message = N_("本单位在“{cycle}”中弄虚作假或程序违规，本周期不得推荐")
        checks.append(unmet("unit_barred", "basic", N_("单位被限制推荐"), "H36", message, cycle=facts.barred))
    return checks


def in_force(fact: Fact, veto: Veto | None, today: date) -> bool:
    """Whether a fact still excludes: to its own last day where it has one, else so many years back (H51, H52)."""
    if fact.until_on is not None:
        return fact.until_on >= today
    years = veto.years if veto is not None else 3
    try:
        end = fact.happened_on.replace(year=fact.happened_on.year + years)
    except ValueError:  # 29 February
        end = date(fact.happened_on.year + years, 3, 1)
    return today < end


def _concerns(fact: Fact, veto: Veto | None, facts: Facts) -> bool:
    """A unit's fact excludes the unit, its teams and its leader; a person's excludes that person (H50, H52)."""
    whom = veto.applies_to if veto is not None else ("unit", "leader", "person")
    if fact.about == "person":
        return "person" in whom or ("leader" in whom and is_leader(facts))
    return ("leader" in whom and is_leader(facts)) if facts.kind == "person" else "unit" in whom


def _vetoes(facts: Facts) -> list[Check]:
    kinds = {veto.code: veto for veto in facts.rules.vetoes}
    checks = []
    for fact in facts.vetoes:
        veto = kinds.get(fact.kind)
        if _concerns(fact, veto, facts) and in_force(fact, veto, facts.today):
            label, rule = (veto.label, veto.rule) if veto else (fact.kind, "H50")
            message = N_("{label}：{day}，来源“{source}”；在影响期内不能参评")
            checks.append(
                Check(
                    code="veto", part="clearances", title=N_("一票否决"), rule=rule, state=State.BAD,
                    refusal=Refusal("veto", message, field="clearances", rule=rule, label=label, day=fact.happened_on, source=fact.source),
                )
            )  # fmt: skip
    return checks or [met("veto", "clearances", N_("无一票否决事实"), "H50")]
