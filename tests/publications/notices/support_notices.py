"""Notices of the small federation: 宣城市示例总工会 publishes, people object."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from foundation.clock import SHANGHAI
from foundation.clock.operations import fill_year
from publications.notices.schemas import NoticeOrder, SubjectOrder


def at(text: str) -> datetime:
    """``2026-04-27 08:30`` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def order(house: Any, where: str = "city", **changes: Any) -> NoticeOrder:
    """A naming of two studios by the city."""
    values: dict[str, Any] = {
        "organisation": house.organisations[where], "level": {"city": "city", "jia": "unit"}.get(where, "county"),
        "title": "关于2026年宣城市示例创新工作室拟命名名单的公示", "basis": "根据示例办法，经推荐、审查、考察和审定，现予公示。",
        "headings": ("工作室名称", "所在单位"), "list_title": "拟命名名单",
        "subjects": (
            SubjectOrder(cells=("时小暑示例创新工作室", "旌德县示例砚雕工坊"), kind="studio"),
            SubjectOrder(cells=("傅大暑示例创新工作室", "宣州区示例压力容器有限公司"), kind="studio"),
        ),
        "office": "示例总工会经济技术部", "address": "宣城市示例路1号", "phone": "0563-0000000",
    }  # fmt: skip
    return NoticeOrder(**{**values, **changes})


async def calendar_2026() -> None:
    await fill_year(None, 2026)


def person(**changes: Any) -> dict[str, Any]:
    """What an individual sends by the public form."""
    return {"kind": "person", "name": "康秋分", "phone": "138-0000-1111", "matter": "该工作室的成果另有归属，可查示例档案。", "honest": "true", **changes}  # fmt: skip


DAY = date
