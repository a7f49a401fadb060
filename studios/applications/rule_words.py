"""A programme's rules as sentences, and what two versions say differently. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.i18n import N_
from foundation.i18n import gettext as _
from studios.applications.table_form import METHODS, said_of
from studios.schemas import Item, ProgrammeRules, ScoringTable

LEVELS = {
    "city": N_("市级"), "province": N_("省级"), "county": N_("县级"), "enterprise": N_("企业级"), "national": N_("国家级"),
}  # fmt: skip
SUBSIDIES = {"named": N_("新命名"), "renewed": N_("重新确认"), "excellent": N_("年度优秀")}


def sentences(rules: ProgrammeRules) -> dict[str, str]:
    """Each rule as a sentence under a key that stays with it from version to version."""
    return dict([*_conditions(rules), *_terms(rules), *_money(rules), *_tables(rules)])


def difference(before: ProgrammeRules, after: ProgrammeRules) -> list[tuple[str, str]]:
    """(was, is now) of every sentence that differs, in the order of the newer; "" where there was or is none."""
    old, new = sentences(before), sentences(after)
    keys = [*new, *(key for key in old if key not in new)]
    return [(old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)]


def _conditions(rules: ProgrammeRules) -> Iterator[tuple[str, str]]:
    want = rules.conditions
    yield "title", _("名称：%(t)s；依据：%(s)s", t=rules.title, s=rules.source)
    if want.leader_level:
        yield "leader", _("领衔人持有%(level)s及以上的有效荣誉", level=_(LEVELS[want.leader_level]))
    else:
        yield "leader", _("对领衔人不要求荣誉")
    yield "team", _("团队不少于 %(n)s 人", n=want.team_min)
    yield "topics", _("每年课题不少于 %(n)s 个", n=want.topics_a_year)
    if want.lower_level:
        yield "lower", _("须先命名为%(level)s，满 %(n)s 年", level=_(LEVELS[want.lower_level]), n=want.lower_years)


def _terms(rules: ProgrammeRules) -> Iterator[tuple[str, str]]:
    terms = rules.terms
    yield "cycle", _("认定周期 %(n)s 年", n=terms.cycle_years)
    yield "notice", _("公示 %(n)s 个工作日", n=terms.notice_days)
    yield "return", _("退回补正 %(n)s 个工作日", n=terms.return_days)
    yield "rectify", _("整改 %(n)s 天", n=terms.rectify_days)
    yield "report", _("年度报告 %(n)s 月底前交", n=terms.report_month)


def _money(rules: ProgrammeRules) -> Iterator[tuple[str, str]]:
    for one in rules.subsidies:
        parts = "、".join(f"{share}%" for share in one.tranches)
        yield f"money.{one.kind}", _("%(kind)s补助 %(yuan)s 元，分期 %(parts)s", kind=_(SUBSIDIES[one.kind]), yuan=one.yuan, parts=parts)  # fmt: skip


def _tables(rules: ProgrammeRules) -> Iterator[tuple[str, str]]:
    yield from _table(rules.naming_table, "naming", _("命名评分表"))
    if rules.assessment_table is not None:
        yield from _table(rules.assessment_table, "assessing", _("年度考核表"))


def _table(table: ScoringTable, key: str, name: str) -> Iterator[tuple[str, str]]:
    yield f"{key}.title", f"{name}：{table.title}（{table.source}）"
    yield (
        f"{key}.lines",
        _(
            "%(t)s：优秀 %(a)s、合格 %(b)s、限期整改 %(c)s 分以上",
            t=name,
            a=table.excellent,
            b=table.qualified,
            c=table.rectify,
        ),
    )
    panel = table.panel
    yield f"{key}.panel", _(
        "%(t)s：评审组至少 %(n)s 人，%(how)s（去低 %(low)s、去高 %(high)s），保留 %(p)s 位小数，每档 %(step)s 分", t=name,
        n=panel.minimum, how=_(METHODS[panel.method]), low=panel.lows, high=panel.highs, p=table.places, step=table.step,
    )  # fmt: skip
    for section in table.sections:
        for item in section.items:
            yield f"{key}.item.{item.code}", f"{name} · {section.label} · {_item(item)}"
    for bonus in table.bonus:
        yield (
            f"{key}.bonus.{bonus.code}",
            f"{name} · "
            + _("加分：%(label)s 每件 %(each)s 分，最多 %(cap)s 分", label=bonus.label, each=bonus.each, cap=bonus.cap),
        )


def _item(item: Item) -> str:
    said = _("%(label)s %(points)s 分", label=item.label, points=item.points)
    if item.kind == "deducted":
        said += _("，按检查点扣分")
    for check in item.checks:
        zero = _("，缺则本项 0 分") if check.code == item.zero_if else ""
        said += f"；{check.label}（{check.says or said_of(check)}{zero}）"
    return said + (_("；凭据：%(e)s", e=item.evidence) if item.evidence else "")
