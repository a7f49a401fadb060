"""材料、征求意见与公开同意 (H40–H45, H60, H61, P2): which papers there must be, which departments speak. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import msgspec

from foundation.i18n import N_
from honours.cycles.schemas import DEPARTMENTS, CycleRules, MaterialRule
from honours.nominations.eligibility import LEADERS
from honours.nominations.findings import CITY_GATE, Check, Facts, State, met, unmet

EXPIRES_SOON = 30
"""Days before its end at which a clearance is said to expire."""
CITY = frozenset({CITY_GATE})
NOTICE_KINDS = frozenset({"notice_scan", "unit_notice", "notice"})
CLEARANCE_KINDS = frozenset({"clearance_forms", "clearances"})
DEEDS_KINDS = frozenset({"deeds"})
PORTRAIT_KINDS = frozenset({"portrait"})
BASIS_KINDS = frozenset({"basis", "honour_certificate"})
EXTRA_KINDS: dict[str, str] = {
    "honour_certificate": N_("荣誉证书"),
    "post_proof": N_("岗位证明"),
    "photo": N_("工作照片"),
    "other": N_("其他材料"),
}
"""Kinds that may always be added beside those of the rule set."""


def wanted_materials(facts: Facts) -> list[MaterialRule]:
    """The rule set's papers for this nominee (H60)."""
    return [
        rule
        for rule in facts.rules.materials
        if facts.kind in rule.nominee and (not rule.when_flag or rule.when_flag in facts.flags)
    ]


def stands_already(rule: MaterialRule, facts: Facts) -> bool:
    """Whether a paper needs no upload: the house prints or holds it, or something here says the same."""
    if not rule.upload or facts.materials.get(rule.kind):
        return True
    if rule.kind in NOTICE_KINDS:
        return facts.posted is not None
    if rule.kind in CLEARANCE_KINDS:
        return True  # departments answer the officers; part 7 says who has
    if rule.kind in DEEDS_KINDS:
        return bool(facts.dossier.deeds.deeds.strip())
    if rule.kind in PORTRAIT_KINDS:
        return facts.kind == "person"  # part 8 asks for it
    if rule.kind in BASIS_KINDS:  # H10 asks for it where nothing in the ledger is the basis
        return bool(facts.materials.get("honour_certificate")) or not facts.dossier.record.prizes
    return False


def check_materials(facts: Facts) -> list[Check]:
    """Each wanted paper: sent or not. What the house prints itself waits for nobody."""
    checks = []
    for rule in wanted_materials(facts):
        if stands_already(rule, facts):
            checks.append(met(f"material_{rule.kind}", "materials", rule.label, rule.rule))
        else:
            checks.append(
                unmet(
                    f"material_{rule.kind}", "materials", N_("缺材料"), rule.rule, N_("缺{label}：盖章后扫描上传"), field=rule.kind,
                    label=rule.label,
                )
            )  # fmt: skip
    return checks


def candidate_classes(facts: Facts) -> tuple[str, ...]:
    """Which classes of the rule set's clearances a nominee belongs to (H40–H45); ``any`` is everybody."""
    me = facts.dossier.identity
    flags = facts.flags | {"non_public"} if facts.non_public else facts.flags
    return classes_of(facts.kind, me.category, me.unit_class, flags)


def classes_of(kind: str, category: str, unit_class: str, flags: Collection[str]) -> tuple[str, ...]:
    """The same from a nominee's plain values; who heads a unit of whatever kind is a leader (H17)."""
    if kind != "person":
        return ("unit", "any") if unit_class in ("", "enterprise") else ("any",)
    if category in LEADERS or ("unit_head" in flags and unit_class == "enterprise"):
        owned = ("state_leader",) if "state_owned" in flags else ()
        private = ("non_public_leader",) if "non_public" in flags else ()
        return ("enterprise_leader", *owned, *private, "any")
    if category == "official" or (unit_class in ("organ", "institution") and category == "manager"):
        return ("official", "any")
    return ("worker", "any")


def departments_for(rules: CycleRules, classes: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """department → (days that an answer counts, rule), each once, in the order of the rule set."""
    wanted: dict[str, tuple[int, str]] = {}
    for clearance in rules.clearances:
        if clearance.candidate in classes:
            for department in clearance.departments:
                wanted.setdefault(department, (clearance.valid_days, clearance.rule))
    return wanted


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """Where one department stands: unasked, waiting, agreed, expiring, expired, negative."""

    department: str
    label: str
    rule: str
    standing: str
    check: Check


def clearings(facts: Facts) -> list[Clearing]:
    """Each department that must speak, and what it said (H40–H45): missing or negative cannot pass the city's review."""
    return [
        _clearing(facts, department, rule)
        for department, (_days, rule) in departments_for(facts.rules, candidate_classes(facts)).items()
    ]


def _clearing(facts: Facts, department: str, rule: str) -> Clearing:
    label, asked = DEPARTMENTS.get(department, department), facts.clearances.get(department)
    code, title = f"clearance_{department}", N_("部门意见")

    def made(standing: str, check: Check) -> Clearing:
        return Clearing(department=department, label=label, rule=rule, standing=standing, check=check)

    def missing(standing: str, words: str, message: str, state: State, **more: Any) -> Clearing:
        return made(
            standing, unmet(code, "clearances", words, rule, message, state=state, gates=CITY, department=label, **more)
        )

    if asked is None:
        return missing("unasked", title, N_("{department}：尚未发函"), State.WAIT)
    if asked.opinion == "":
        return missing("waiting", title, N_("{department}：{asked} 已发函，未回"), State.WAIT, asked=asked.asked_on)
    if asked.opinion != "agree":
        message = N_("{department}：意见为不同意或有保留，不能通过复审")
        return missing("negative", N_("部门意见不同意"), message, State.BAD)
    if asked.valid_until is not None and asked.valid_until < facts.today:
        return missing(
            "expired",
            N_("部门意见过期"),
            N_("{department}：意见 {until} 已过期，须重新征求"),
            State.WAIT,
            until=asked.valid_until,
        )
    soon = asked.valid_until is not None and asked.valid_until <= facts.today + timedelta(days=EXPIRES_SOON)
    return made("expiring" if soon else "agreed", met(code, "clearances", title, rule))


def check_consent(facts: Facts) -> list[Check]:
    """P2: a person agrees in writing to what will be published; the form wants a portrait (H63)."""
    if facts.kind != "person":
        return []
    if facts.consent is not None and "roll" in facts.consent:
        checks = [met("consent", "consent", N_("公开同意"), "P2")]
    elif facts.consent is None:
        checks = [
            unmet(
                "consent_missing",
                "consent",
                N_("缺公开同意书"),
                "P2",
                N_("登记本人对公开姓名、单位、岗位的书面同意"),
                field="given",
            )
        ]
    else:
        checks = [
            unmet(
                "consent_refused",
                "consent",
                N_("本人不同意公开"),
                "P2",
                N_("本人不同意公开的，不能公示，也就不能推荐"),
                field="given",
            )
        ]
    if facts.portrait:
        checks.append(met("portrait", "consent", N_("近期照片"), "H63"))
    else:
        checks.append(
            unmet("portrait_missing", "consent", N_("缺近期照片"), "H63", N_("上传近期二寸免冠照片"), field="portrait")
        )
    return checks
