"""Choices and names of the form, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.i18n import N_, current_locale, gettext
from honours.cycles.schemas import DEPARTMENTS, FLAGS, UNIT_CLASSES
from honours.nominations import papers, queries
from honours.nominations.identities import DECLARED, FROM_RECORD
from honours.nominations.stages import LABELS
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.industries import INDUSTRIES
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.codes.unit_types import UNIT_TYPES

MEETINGS = {"congress": N_("职代会"), "assembly": N_("职工大会"), "village": N_("村民会议")}
LEVELS = {"national": N_("国家级"), "province": N_("省级"), "city": N_("市级"), "county": N_("县级")}
ROLES = {"principal": N_("正选"), "substitute": N_("递补")}
ACTIONS = {
    "submit": N_("上报"), "withdraw": N_("撤回"), "accept": N_("同意"), "open_notice": N_("开始公示"), "return": N_("退回补正"),
    "reject": N_("不通过"), "reserve": N_("列为递补"), "promote": N_("递补为拟表彰"), "honour": N_("表彰"), "forward": N_("推荐上级"),
    "not_conferred": N_("上级未授予"), "abandon": N_("逾期放弃"), "disqualify": N_("取消资格"), "take_back": N_("公示撤回"),
}  # fmt: skip
CHIPS = {
    "draft": "neutral", "county": "wait", "county_notice": "wait", "returned": "warn", "city": "wait", "selected": "info",
    "reserved": "neutral", "noticed": "info", "forwarded": "wait", "honoured": "ok", "not_conferred": "neutral", "rejected": "bad",
    "withdrawn": "neutral", "abandoned": "bad", "disqualified": "bad",
}  # fmt: skip


def options(table: Any, *, empty: bool = True) -> list[tuple[str, str]]:
    """A code table's choices in the reader's language."""
    found = table.options(english=current_locale.get() == "en")
    return [("", gettext("请选择")), *found] if empty else list(found)


def labelled(labels: Mapping[str, str], *, empty: bool = False) -> list[tuple[str, str]]:
    found = [(value, gettext(text)) for value, text in labels.items()]
    return [("", gettext("请选择")), *found] if empty else found


def words(kind: str) -> dict[str, Any]:
    """Choices of the form, in the reader's language."""
    english = current_locale.get() == "en"

    def name_of(table: Any, code: str) -> str:
        return (table.en(code) if english else table.zh(code)) if code else ""

    return {
        "ethnic_groups": options(ETHNIC_GROUPS), "political": options(POLITICAL_STATUSES), "educations": options(EDUCATION_LEVELS),
        "skills": options(SKILL_LEVELS), "categories": options(JOB_CATEGORIES, empty=False),
        "unit_classes": labelled(UNIT_CLASSES, empty=True), "meetings": labelled(MEETINGS, empty=True),
        "levels": labelled(LEVELS, empty=True), "declarable": [(flag, gettext(FLAGS[flag])) for flag in DECLARED[kind]],
        "flag_labels": {flag: gettext(label) for flag, label in FLAGS.items()}, "from_record": FROM_RECORD,
        "role_labels": {key: gettext(label) for key, label in ROLES.items()}, "departments": {k: gettext(v) for k, v in DEPARTMENTS.items()},
        "standings": {k: gettext(v) for k, v in queries.STANDINGS.items()}, "actions": {k: gettext(v) for k, v in ACTIONS.items()},
        "extra_kinds": labelled(papers.EXTRA_KINDS), "level_labels": {k: gettext(v) for k, v in LEVELS.items()},
        "sex_of": lambda code: name_of(SEXES, code), "type_of": lambda code: name_of(UNIT_TYPES, code),
        "industry_of": lambda code: name_of(INDUSTRIES, code), "stage_labels": {k: gettext(v) for k, v in LABELS.items()}, "stage_chips": CHIPS,
    }  # fmt: skip
