"""The register, the due list and one studio's working page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.i18n import N_, gettext
from foundation.listing import Bind, Column, Filter, Listing
from foundation.web.policy import Actor
from registry.search_keys import keys_for_query
from studios.permissions import Permission
from studios.stages import LABELS
from studios.upkeep.access import LISTED_WORDS, SOURCE, UNIT, VISIBLE

PATH = "/studio-register"
LEVELS: dict[str, str] = {
    "national": N_("全国"), "province": N_("省级"), "city": N_("市级"), "county": N_("县级"), "enterprise": N_("企业级")
}  # fmt: skip
GRADES: dict[str, str] = {
    "excellent": N_("优秀"), "qualified": N_("合格"), "rectify": N_("限期整改"), "failed": N_("不合格")
}  # fmt: skip
STAGE_CHIPS = {"active": "ok", "rectifying": "warn", "rereview": "warn", "lapsed": "wait"}
GRADE_CHIPS = {"excellent": "ok", "qualified": "info", "rectify": "warn", "failed": "bad"}
EVENTS: dict[str, str] = {
    "named": N_("命名"), "reported": N_("年度报告上报"), "assessed": N_("年度考核"), "rectification": N_("责令限期整改"),
    "cleared": N_("整改通过"), "rereview": N_("启动复核"), "rereview_closed": N_("复核结束"), "lapsed": N_("命名到期"),
    "renewed": N_("续认定"), "upgraded": N_("晋级"), "leader_changed": N_("变更领衔人"), "moved": N_("迁址"),
    "merged_in": N_("并入另一工作室"), "merged": N_("并入其他工作室"), "withdrawn": N_("摘牌"), "revoked": N_("撤销命名"),
    "closed": N_("注销"), "subsidy": N_("批准补助"),
}  # fmt: skip
CAUSES: dict[str, str] = {
    "honour": N_("领衔人的荣誉已撤销"), "left": N_("领衔人已离职或退休"), "moved": N_("领衔人已调离本单位"), "officer": N_("经办人启动"),
}  # fmt: skip
REPORT_STAGES: dict[str, str] = {
    "draft": N_("待填报"), "submitted": N_("待县市区意见"), "returned": N_("已退回"), "opined": N_("已签意见")
}  # fmt: skip


def _search(q: str, bind: Bind) -> str:
    keys = bind(keys_for_query(q))
    return f"s.search_keys @> {keys}::varchar[] OR o.search_keys @> {keys}::varchar[] OR s.name LIKE '%' || {bind(q.replace('%', '').replace('_', ''))} || '%'"  # fmt: skip


def _labels(labels: dict[str, str]) -> Any:
    return lambda: [(str(code), gettext(label)) for code, label in labels.items()]


LIST = Listing(
    path=PATH,
    select=f"s.id, s.code, s.name, s.leader_name, s.level, s.stage, s.named_on, s.cycle_ends_on, s.last_grade, s.last_assessed,"
    f" c.name AS county, {UNIT.format('o')} AS unit",
    source=SOURCE,
    search=_search,
    columns=(
        Column(key="name", title=N_("工作室"), sort="s.sort_key"),
        Column(key="leader_name", title=N_("领衔人")),
        Column(key="unit", title=N_("单位"), sort="o.sort_key"),
        Column(key="county", title=N_("县市区"), sort="c.sort_key"),
        Column(key="level", title=N_("级别"), sort="s.level", show=lambda row: gettext(LEVELS[row["level"]])),
        Column(key="stage", title=N_("状态"), sort="s.stage", show=lambda row: gettext(LABELS[row["stage"]])),
        Column(
            key="last_grade", title=N_("最近考核"), sort="s.last_assessed",
            show=lambda row: f"{row['last_assessed']} {gettext(GRADES[row['last_grade']])}" if row["last_grade"] else "",
        ),
        Column(key="named_on", title=N_("命名日期"), sort="s.named_on"),
        Column(key="cycle_ends_on", title=N_("到期"), sort="s.cycle_ends_on"),
    ),
    filters=(
        Filter(key="stage", title=N_("状态"), where="s.stage = {}", options=_labels(LABELS)),
        Filter(key="level", title=N_("级别"), where="s.level = {}", options=_labels(LEVELS)),
        Filter(key="grade", title=N_("最近考核"), where="s.last_grade = {}", options=_labels(GRADES)),
        Filter(key="county", title=N_("县市区"), where="s.county = {}", convert=UUID),
    ),
    order="s.sort_key, s.id",
)  # fmt: skip


def scope_of(actor: Actor) -> list[UUID]:
    return list(Permission.SEE_STUDIOS.scope(actor))


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is due: ``kind`` report, opinion, assess, term, rectification, rereview, raise, recovery."""

    studio: UUID
    name: str
    unit: str
    kind: str
    due_on: date | None
    about: UUID


DUE_KINDS: dict[str, str] = {
    "report": N_("交年度报告"), "opinion": N_("县市区签意见"), "assess": N_("年度考核"), "term": N_("续认定"),
    "rectification": N_("整改复查"), "rereview": N_("复核"), "raise": N_("确认提高的等次"), "recovery": N_("收回牌匾"),
}  # fmt: skip
DUE_SQL = f"""
WITH mine AS (SELECT s.*, {UNIT.format("o")} AS unit FROM {SOURCE} WHERE {VISIBLE.format("$1")})
SELECT m.id AS studio, m.name, m.unit, d.kind, d.due_on, d.about FROM mine m JOIN (
  SELECT studio, CASE stage WHEN 'submitted' THEN 'opinion' WHEN 'opined' THEN 'assess' ELSE 'report' END AS kind, due_on,
         id AS about FROM annual_report r WHERE NOT EXISTS (
         SELECT FROM assessment a WHERE a.studio = r.studio AND a.year = r.year)
  UNION ALL SELECT id, 'term', cycle_ends_on, id FROM studio WHERE stage = 'lapsed' OR stage = 'active' AND cycle_ends_on <= $3
  UNION ALL SELECT studio, 'rectification', due_on, id FROM rectification WHERE closed_on IS NULL
  UNION ALL SELECT studio, 'rereview', due_on, id FROM re_review WHERE closed_on IS NULL
  UNION ALL SELECT studio, 'raise', NULL, id FROM assessment WHERE decided_at IS NULL
) d ON d.studio = m.id WHERE m.stage = ANY($2::varchar[])
UNION ALL SELECT m.id, m.name, m.unit, 'recovery', r.due_on, r.id FROM mine m JOIN plaque_recovery r ON r.studio = m.id
WHERE r.closed_on IS NULL ORDER BY due_on NULLS FIRST, name LIMIT 500
"""
AHEAD = 90
"""Days before a term's end at which it is due to be thought of."""


async def due(actor: Actor) -> list[Due]:
    """What is due within the actor's reach, the earliest first."""
    from datetime import timedelta

    rows = await fetch(DUE_SQL, scope_of(actor), LISTED_WORDS, await clock.today() + timedelta(days=AHEAD))
    return [Due(**dict(row)) for row in rows]


async def page_of(studio: UUID) -> dict[str, Any]:
    """All that one studio's working page shows beside its row."""
    rectification = await fetchrow("SELECT * FROM rectification WHERE studio = $1 AND closed_on IS NULL", studio)
    return {
        "reports": await fetch("SELECT * FROM annual_report WHERE studio = $1 ORDER BY year DESC LIMIT 20", studio),
        "assessments": await fetch("SELECT * FROM assessment WHERE studio = $1 ORDER BY year DESC LIMIT 20", studio),
        "namings": await fetch("SELECT * FROM studio_naming WHERE studio = $1 ORDER BY named_on DESC", studio),
        "rectification": rectification,
        "points": await fetch("SELECT * FROM rectification_point WHERE rectification = $1 ORDER BY place", rectification["id"]) if rectification else [],
        "rereviews": await fetch("SELECT * FROM re_review WHERE studio = $1 AND closed_on IS NULL ORDER BY made_at", studio),
        "recovery": await fetchrow("SELECT * FROM plaque_recovery WHERE studio = $1", studio),
        "events": await fetch("SELECT kind, happened_on, public_text, facts FROM studio_event WHERE studio = $1 ORDER BY happened_on DESC, id DESC LIMIT 100", studio),
        "members": await fetch("SELECT name, role, joined_on FROM studio_member WHERE studio = $1 AND left_on IS NULL ORDER BY role, joined_on, id", studio),
        "reminders": await fetch("SELECT kind, due_on, days FROM upkeep_reminder WHERE studio = $1 ORDER BY made_at DESC LIMIT 5", studio),
    }  # fmt: skip
