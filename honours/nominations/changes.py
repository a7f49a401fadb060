"""改动对照 (H35): what changed between two hand-ins, or since a return, part by part. Pure but for the two reads at the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch
from foundation.i18n import N_
from honours.nominations.operations import content_of
from honours.nominations.schemas import Content
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.skill_levels import SKILL_LEVELS

LABELS: dict[str, str] = {
    "basic.ethnic_group": N_("民族"), "basic.native_place": N_("籍贯"), "basic.political_status": N_("政治面貌"),
    "basic.education": N_("学历"), "basic.joined_work": N_("参加工作时间"), "basic.post": N_("职务（岗位）"),
    "basic.skill_level": N_("技能等级"), "basic.title": N_("职称"), "basic.address": N_("通讯地址"), "basic.postcode": N_("邮编"),
    "basic.head": N_("负责人"), "basic.members": N_("人数"), "basic.founded": N_("成立时间"),
    "identity.category": N_("人员类别"), "identity.declared": N_("另具身份"), "identity.evidence": N_("类别依据"),
    "identity.unit_class": N_("单位类别"), "identity.role": N_("推荐方式"), "identity.place": N_("次序"),
    "identity.listing": N_("常规或单列"), "identity.listing_reason": N_("单列事由"), "identity.posthumous": N_("追授"),
    "history.resume": N_("个人简历"), "record.prizes": N_("何时何地受过何种奖励"), "record.sanctions": N_("何时何地受过何种处分"),
    "deeds.summary": N_("事迹简介"), "deeds.deeds": N_("主要先进事迹"), "procedure.meeting": N_("民主程序"),
    "procedure.held_on": N_("会议日期"), "procedure.called": N_("应到"), "procedure.present": N_("实到"), "procedure.agreed": N_("同意"),
    "procedure.notice_from": N_("单位公示起"), "procedure.notice": N_("站内公示"), "procedure.no_objection": N_("公示无异议"),
    "flags": N_("身份"), "materials": N_("材料"), "portrait": N_("近期照片"), "name": N_("姓名"), "post": N_("职务（岗位）"),
}  # fmt: skip
CODED = {
    "basic.ethnic_group": ETHNIC_GROUPS, "basic.political_status": POLITICAL_STATUSES, "basic.education": EDUCATION_LEVELS,
    "basic.skill_level": SKILL_LEVELS, "identity.category": JOB_CATEGORIES,
}  # fmt: skip


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field that differs, in words."""

    field: str
    label: str
    was: str
    now: str


def flat(content: Content) -> dict[str, str]:
    """Every field of a content as words."""
    fields: dict[str, str] = {}
    for part in msgspec.structs.fields(content.dossier):
        inner = getattr(content.dossier, part.name)
        for field in msgspec.structs.fields(inner):
            path = f"{part.name}.{field.name}"
            fields[path] = _words(path, getattr(inner, field.name))
    fields["flags"] = "、".join(content.flags)
    fields["materials"] = "、".join(f"{kind}:{name}" for kind, name in content.materials)
    fields["portrait"] = "✓" if content.portrait else ""
    return fields


def _words(path: str, value: Any) -> str:
    if path in CODED:
        return CODED[path].zh(value)
    if path == "record.prizes":
        return "\n".join("　".join(x for x in (one.when, one.title, one.conferrer, one.level) if x) for one in value)
    if isinstance(value, bool):
        return "✓" if value else ""
    return "、".join(value) if isinstance(value, tuple) else str(value)


def between(before: Content, after: Content) -> list[Change]:
    """What differs, in the order of the form."""
    was, now = flat(before), flat(after)
    return [
        Change(field=path, label=LABELS[path], was=was.get(path, ""), now=words)
        for path, words in now.items()
        if was.get(path, "") != words
    ]


async def handed_in(nomination: UUID) -> list[Any]:
    """Every hand-in, the newest first: rows of (number, content, made_at)."""
    return await fetch(
        "SELECT number, content, made_at FROM handed_in WHERE nomination = $1 ORDER BY number DESC LIMIT 20", nomination
    )


async def since_return(row: Any) -> list[Change] | None:
    """What changed since the last return: with the unit, against what is being written; handed in again, between the last two
    hand-ins. None where it was never returned."""
    copies = await handed_in(row["id"])
    contents = [msgspec.json.decode(one["content"], type=Content) for one in copies[:2]]
    if row["stage"] in ("returned", "draft"):
        return between(contents[0], await content_of(row)) if contents else None
    return between(contents[1], contents[0]) if len(contents) > 1 else None
