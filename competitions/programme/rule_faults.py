"""What is wrong with the form of a rule set: every fault of the format, in Chinese, beside the field that holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from competitions.programme.rule_form import Tree, leaves, rules_tree
from competitions.scoring.bundle import FORMAT
from competitions.scoring.faults import Fault
from competitions.scoring.reading import examine
from foundation.errors import Refusal
from foundation.forms import CONTROL
from foundation.i18n import N_

LONGEST = {"title": 100, "reason": 300}


def faults_of(tree: Tree) -> list[Refusal]:
    """Everything that is wrong with the form as a rule set, each beside its field, in Chinese."""
    head = {"code": "x", "title": "", "rules": rules_tree(tree)}
    found = [_refusal(fault) for fault in examine({"format": FORMAT, "event": head, "entries": [], "marks": []})]
    return [*_text_faults(tree), *found]


def _text_faults(tree: Tree) -> Iterator[Refusal]:
    for n, tier in enumerate(tree["tiers"]):
        if not tier["name"]:
            yield Refusal("required", "必填", field=f"tiers-{n}-name")
    for name, value in leaves(tree):
        most = LONGEST.get(name.rpartition("-")[2], 200)
        if CONTROL.search(value) or "\n" in value:
            yield Refusal("control_characters", "含有不可见的控制字符，请删去后重填", field=name)
        elif len(value) > most:
            yield Refusal("too_long", "过长：最多 {max_length} 个字", field=name, max_length=most)


_STEPS: tuple[tuple[str, str], ...] = (
    (r"^\$\.event\.rules\.?", ""),
    (r"^awards\.", ""),
    (r"\.panel\.(method|drop_high|drop_low|minimum)", r".\1"),
    (r"\.levels\[(\d)\]", r".level\1"),
    (r"\.levels$", ".level0"),
    (r"^(tiers\[\d+\])(\.percent|\.count)?$", r"\1.share"),
    (r"\[(\d+)\]", r"-\1"),
    (r"\.", "-"),
)


def field_of(path: str) -> str:
    """The form's field for a JSON path of the format: ``$.event.rules.modules[0].code`` → ``modules-0-code``."""
    for pattern, text in _STEPS:
        path = re.sub(pattern, text, path)
    return path


_MESSAGES: Mapping[str, str] = {
    "missing": N_("必填"),
    "type": N_("应为 0 或更大的整数"),
    "quantity": N_("应为十进制数，如 89.5（整数至多 9 位，小数至多 10 位）"),
    "code": N_("代号只用字母、数字、- _ .，1 至 64 个"),
    "count": N_("应为 0 或更大的整数"),
    "places": N_("小数位数应为 0 到 6，或不取整"),
    "choice": N_("没有这个选项"),
    "length": N_("至少要有一行"),
    "duplicate": N_("代号重复，每个代号只能用一次"),
    "unknown-module": N_("规则里没有这个模块"),
    "unknown-aspect": N_("规则里没有这个评分项"),
    "unknown-key": N_("应为总分、模块、评分项或其他数值"),
    "text": N_("含有不可见的控制字符，请删去后重填"),
    "unfit": N_("与这一行的其他选择不合"),
}
_RULES = {"duplicate": "C23", "quantity": "C23", "unknown-key": "C30", "unknown-module": "C30", "unknown-aspect": "C30"}


def _refusal(fault: Fault) -> Refusal:
    field = field_of(fault.path)
    if fault.code == "range":
        name = field.rpartition("-")[2]
        message = {"step": "步长应大于 0", "max": "满分不能小于最低分"}.get(name, "超出允许的范围")
        return Refusal("range", message, field=field, rule="C23")
    if fault.code == "length" and field.endswith("aspects"):
        return Refusal("length", "每个模块至少要有一个评分项", field=field, rule="C23")
    if fault.code == "unknown-key" and '"value:"' in fault.what:
        return Refusal("required", "请填数值的名称，如 time", field=field.replace("-by", "-name"), rule="C30")
    if fault.code == "missing" and field.endswith("-share"):
        return Refusal("missing", "请填比例或名额", field=field, rule="C40")
    return Refusal(fault.code, _MESSAGES.get(fault.code, "格式不对"), field=field, rule=_RULES.get(fault.code))


_ALSO = (N_("步长应大于 0"), N_("满分不能小于最低分"), N_("超出允许的范围"), N_("格式不对"))
