"""The rules of a programme as a form: conditions, term, subsidies. The scoring table has a form of its own (:mod:`.table_form`)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from foundation.forms import Line300
from studios.schemas import ProgrammeRules, SubsidyRule

Small = Annotated[int, msgspec.Meta(ge=0, le=400)]


class RulesForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer may change here."""

    leader_level: Annotated[str, msgspec.Meta(pattern="^(national|province|city|county|enterprise)?$")] = ""
    team_min: Small
    topics_a_year: Small
    lower_level: Annotated[str, msgspec.Meta(pattern="^(province|city|county|enterprise)?$")] = ""
    lower_years: Small = 0
    cycle_years: Annotated[int, msgspec.Meta(ge=1, le=20)]
    notice_days: Annotated[int, msgspec.Meta(ge=5, le=60)]
    return_days: Annotated[int, msgspec.Meta(ge=1, le=60)]
    rectify_days: Annotated[int, msgspec.Meta(ge=1, le=400)]
    named_yuan: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = 0
    renewed_yuan: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = 0
    reason: Line300
    version: int


def form_values(rules: ProgrammeRules) -> dict[str, str]:
    """The rules as the form shows them."""
    want, terms = rules.conditions, rules.terms
    yuan = {one.kind: one.yuan for one in rules.subsidies}
    values: dict[str, object] = {
        "leader_level": want.leader_level, "team_min": want.team_min, "topics_a_year": want.topics_a_year,
        "lower_level": want.lower_level, "lower_years": want.lower_years, "cycle_years": terms.cycle_years,
        "notice_days": terms.notice_days, "return_days": terms.return_days, "rectify_days": terms.rectify_days,
        "named_yuan": yuan.get("named", 0), "renewed_yuan": yuan.get("renewed", 0),
    }  # fmt: skip
    return {name: str(value) for name, value in values.items()}


def with_form(rules: ProgrammeRules, form: RulesForm) -> ProgrammeRules:
    """The rules with what the form says; what it does not say stays."""
    replace = msgspec.structs.replace
    conditions = replace(
        rules.conditions, leader_level=form.leader_level, team_min=form.team_min, topics_a_year=form.topics_a_year,
        lower_level=form.lower_level, lower_years=form.lower_years,
    )  # fmt: skip
    terms = replace(
        rules.terms, cycle_years=form.cycle_years, notice_days=form.notice_days, return_days=form.return_days,
        rectify_days=form.rectify_days,
    )  # fmt: skip
    return replace(rules, conditions=conditions, terms=terms, subsidies=_subsidies(rules, form))


def _subsidies(rules: ProgrammeRules, form: RulesForm) -> tuple[SubsidyRule, ...]:
    kept = {one.kind: one for one in rules.subsidies}
    typed = (
        SubsidyRule(kind="named", yuan=form.named_yuan),
        SubsidyRule(kind="renewed", yuan=form.renewed_yuan),
    )
    for said in typed:
        if said.yuan:
            kept[said.kind] = msgspec.structs.replace(kept.get(said.kind, said), yuan=said.yuan)
        else:
            kept.pop(said.kind, None)
    return tuple(kept.values())
