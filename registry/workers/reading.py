"""A worker as a row of a sheet or a roster: the columns, and from their words to a checked person. Pure.

The same for an enterprise's own sheet and for the whole city's roster, so that both mean the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from foundation.errors import Refusal, Refusals
from foundation.forms import CONTROL
from foundation.sheets.declaration import Field
from registry.codes import id_card, phone
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.occupations import OCCUPATIONS
from registry.codes.political_status import SHORT_NAMES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.workers import rules
from registry.workers.schemas import Checked, WorkerForm

YES_NO = ("是", "否")
COMMON_EDUCATION = ("研究生", "本科", "大专", "中专", "技校", "高中", "初中", "小学")

FIELDS: tuple[Field, ...] = (
    Field(name="name", title="姓名", required=True, most=100, example="王示例"),
    Field(
        name="id_number", title="身份证号", required=True, width=22, most=30, mask=id_card.mask,
        example=id_card.build("341899", date(1990, 6, 15), 11),
        comment="18 位，校验位须正确；性别、出生日期和国籍由号码得出（I1）。单元格须为文本格式。示例号码不对应任何人。",
    ),
    Field(name="phone", title="手机号", width=16, most=20, mask=phone.mask, example="15400000001", comment="11 位手机号"),
    Field(name="sex", title="性别", width=8, most=10, choices=("男", "女"), example="男", comment="可不填；填了须与身份证号一致（I1）"),
    Field(name="nationality", title="国籍", width=10, most=40, example="中国", comment="可不填；由证件号得出：9 开头的外国人永久居留身份证含国籍代码（I1、H14）"),
    Field(name="ethnic_group", title="民族", width=10, most=20, choices=tuple(n for n, _ in ETHNIC_GROUPS.values()), example="汉族", comment="GB/T 3304 名称或代码；不填为汉族（I5）"),
    Field(name="political_status", title="政治面貌", most=30, choices=tuple(SHORT_NAMES.values()), example="群众", comment="不填为群众（I5）"),
    Field(name="education", title="学历", most=30, choices=COMMON_EDUCATION, example="大专", comment="GB/T 4658 名称或代码（I5）"),
    Field(name="job_category", title="人员类别", required=True, width=26, most=40, choices=tuple(n for n, _ in JOB_CATEGORIES.values()), example="产业工人", comment="按实际岗位填一类（H17），评选比例据此计算"),
    Field(name="skill_level", title="技能等级", most=30, choices=tuple(n for n, _ in SKILL_LEVELS.values()), example="三级/高级工", comment="没有可不填（I7）"),
    Field(name="occupation", title="职业", most=40, choices=tuple(n for n, _ in OCCUPATIONS.values()), comment="职业分类大典名称或代码，可不填（I7）"),
    Field(name="post", title="岗位", most=100, example="数控车工"),
    Field(name="is_migrant", title="农民工", width=8, most=2, choices=YES_NO, example="否", comment="是或否，不填为否"),
    Field(name="is_new_form", title="新就业形态", width=10, most=2, choices=YES_NO, example="否", comment="是或否，不填为否"),
    Field(name="is_non_public", title="非公企业职工", width=12, most=2, choices=YES_NO, comment="私营、外资单位自动认定，不必填（H17）"),
    Field(name="employed_on", title="入职日期", most=20, example="2020-03-01", comment="形如 2020-03-01"),
    Field(name="evidence", title="认定依据", width=30, most=300, comment="人员类别与标识的依据（H17）"),
    Field(name="union_code", title="工会统一社会信用代码", width=24, most=30, comment="所属基层工会的代码（81 开头）；只导入本单位时可不填（I3）"),
    Field(name="union_name", title="所属工会", width=30, most=200, comment="供核对，以代码为准"),
)  # fmt: skip

LIMITS = {field.name: field.most for field in FIELDS}
FLAGS = ("is_migrant", "is_new_form", "is_non_public")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?")


@lru_cache(maxsize=50_000)
def date_of(text: str) -> date | None:
    """2020-03-01, 2020/3/1, 2020.3, 2020年3月1日; None where there is no such day."""
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None
    except ValueError:
        return None


def read(cells: Mapping[str, str], *, today: date, unit_type: str) -> Checked:
    """A row's words as a checked worker (I1 to I7, H17); raises ``Refusals`` with every fault, beside its column."""
    refused: list[Refusal] = []
    if CONTROL.search("".join(cells.values())):
        refused.append(Refusal("control_characters", "含有不可见的控制字符，请删去后重填", field="name"))
    for name, text in cells.items():
        if len(text) > LIMITS.get(name, 300):
            refused.append(
                Refusal("too_long", "过长：最多 {max_length} 个字", field=name, max_length=LIMITS.get(name, 300))
            )
    if not cells.get("name"):
        refused.append(Refusal("required", "必填", field="name"))
    started = _started(cells.get("employed_on", ""), refused)
    flags = {name: _flag(name, cells.get(name, ""), refused) for name in FLAGS}
    get = cells.get
    form = WorkerForm(
        name=unicodedata.normalize("NFC", get("name", "")), id_number=get("id_number", ""), phone=get("phone", ""),
        sex=get("sex", ""), nationality=get("nationality", ""), ethnic_group=get("ethnic_group") or "01", political_status=get("political_status") or "13",
        education=get("education", ""), job_category=get("job_category", ""), evidence=get("evidence", ""),
        skill_level=get("skill_level", ""), occupation=get("occupation", ""), post=get("post", ""),
        employed_on=started, is_migrant=flags["is_migrant"], is_new_form=flags["is_new_form"],
        is_non_public=flags["is_non_public"],
    )  # fmt: skip
    try:
        checked = rules.check(form, today=today, unit_type=unit_type)
    except Refusals as several:
        raise Refusals([*refused, *map(_with_choices, several.refusals)]) from None
    if refused:
        raise Refusals(refused)
    return checked


def _with_choices(refusal: Refusal) -> Refusal:
    """A short list of choices says more than an example of a code."""
    choices = next((f.choices for f in FIELDS if f.name == refusal.field), ())
    if refusal.code != "code_unknown" or not 0 < len(choices) <= 15:
        return refusal
    return Refusal(
        "not_a_choice", "没有这个选项，可填：{choices}", field=refusal.field, rule=refusal.rule,
        choices="、".join(choices),
    )  # fmt: skip


def _started(text: str, refused: list[Refusal]) -> date | None:
    if not text:
        return None
    started = date_of(text)
    if started is None:
        refused.append(Refusal("no_such_date", "没有这个日期，应形如 2026-04-17", field="employed_on"))
    return started


def _flag(name: str, text: str, refused: list[Refusal]) -> bool:
    if text and text not in YES_NO:
        refused.append(Refusal("not_yes_no", "应填“是”或“否”", field=name))
    return text == "是"
