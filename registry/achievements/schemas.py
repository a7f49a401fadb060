"""What goes into the achievements and what comes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.i18n import N_

KINDS: dict[str, str] = {
    "competition": N_("竞赛成绩"),
    "honour": N_("荣誉称号"),
    "studio": N_("创新工作室"),
    "title": N_("技能称号"),
}

LEVELS: dict[str, str] = {
    "national": N_("国家级"),
    "province": N_("省级"),
    "city": N_("市级"),
    "county": N_("县级"),
    "unit": N_("单位级"),
}


class Achieved(msgspec.Struct, frozen=True, kw_only=True):
    """A fact to record about one person (``worker``), one unit (``organisation``), or a person for a unit (both).

    ``source`` is the id of the row that established it (a result row, a roll entry), ``source_kind`` what that is. One
    source tells each holder once. ``facts`` holds what an area wants to know later: ids, codes and numbers as strings,
    never a personal number.
    """

    holder_name: str
    kind: str
    title: str
    achieved_on: date
    source_kind: str
    source: UUID
    worker: UUID | None = None
    organisation: UUID | None = None
    level: str = "city"
    rank: int | None = None
    award: str = ""
    facts: dict[str, Any] = {}


class Achievement(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded fact. ``withdrawn_at`` is set once its area took it back (H77): it stays in the history."""

    id: UUID
    worker: UUID | None
    organisation: UUID | None
    holder_name: str
    kind: str
    title: str
    level: str
    rank: int | None
    award: str
    achieved_on: date
    source_kind: str
    source: UUID
    withdrawn_at: datetime | None
    withdrawn_reason: str
    facts: dict[str, Any]

    @property
    def kind_label(self) -> str:
        return KINDS.get(self.kind, self.kind)

    @property
    def level_label(self) -> str:
        return LEVELS.get(self.level, self.level)
