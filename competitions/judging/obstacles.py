"""Everything that keeps an event from being confirmed (C24, C54), all at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UnsetType

from competitions.programme.bundles import bundle_of
from competitions.programme.queries import rules_of
from competitions.scoring.plan import plan_of
from competitions.scoring.standings import standings
from foundation.database import fetch
from foundation.errors import Refusal

MISSING_SQL = """
SELECT s.id, s.code, p.title, count(*) AS count, array_agg(DISTINCT n.code ORDER BY n.code) AS entries
FROM seat s JOIN panel p ON p.id = s.panel
JOIN entry n ON n.event = s.event AND n.stage = 'accepted' AND n.status = 'competed' AND n.code IS NOT NULL
CROSS JOIN unnest(p.aspects) AS a(code)
LEFT JOIN (SELECT DISTINCT ON (seat, entry, aspect) seat, entry, aspect, value FROM mark WHERE event = $1
           ORDER BY seat, entry, aspect, version DESC) m ON m.seat = s.id AND m.entry = n.id AND m.aspect = a.code
WHERE s.event = $1 AND s.vacated_at IS NULL AND s.account IS NOT NULL AND a.code = ANY($2::varchar[]) AND m.value IS NULL
  AND NOT EXISTS (SELECT FROM excusal x WHERE x.seat = s.id AND x.entry = n.id)
GROUP BY s.id, s.code, p.title, p.place ORDER BY p.place, s.code
"""
UNSIGNED_SQL = """
SELECT s.code, p.title FROM seat s JOIN panel p ON p.id = s.panel
WHERE s.event = $1 AND s.vacated_at IS NULL AND s.account IS NOT NULL AND s.sheet_state <> 'signed' ORDER BY p.place, s.code
"""
OPEN_CORRECTIONS_SQL = """
SELECT n.code AS entry, c.aspect, s.code FROM correction c JOIN seat s ON s.id = c.seat JOIN entry n ON n.id = c.entry
WHERE c.event = $1 AND NOT EXISTS (SELECT FROM correction_decision d WHERE d.correction = c.id) ORDER BY c.asked_at
"""
UNCOVERED_SQL = """
SELECT a.code FROM unnest($2::varchar[]) WITH ORDINALITY AS a(code, place)
WHERE NOT EXISTS (SELECT FROM panel p JOIN seat s ON s.panel = p.id AND s.vacated_at IS NULL
                  WHERE p.event = $1 AND a.code = ANY(p.aspects)) ORDER BY a.place
"""


async def obstacles(event_id: UUID) -> list[Refusal]:
    """Why the event cannot be confirmed: no rules, no entries; aspects without judges; marks missing on any seat, whatever
    the rule's minimum; unsigned sheets; corrections without their second signature; what the engine finds incomplete.

    Ties that the rules leave open are the results' business. Judges of an imported file (no account) have no sheets to
    sign: for them the engine's own completeness decides.
    """
    known = await rules_of(event_id)
    if known is None:
        return [Refusal("no_rule_set", "该项目还没有规则集，请先编制规则")]
    codes = [aspect.code for aspect in plan_of(known).aspects]
    found = [
        Refusal("aspect_without_judges", "评分项 {aspect} 还没有裁判", rule="C21", aspect=row["code"])
        for row in await fetch(UNCOVERED_SQL, event_id, codes)
    ]
    missing = await fetch(MISSING_SQL, event_id, codes)
    found += [_missing(row) for row in missing]
    found += [
        Refusal("sheet_unsigned", "{panel} {seat} 的评分表未签署", rule="C24", panel=row["title"], seat=row["code"])
        for row in await fetch(UNSIGNED_SQL, event_id)
    ]
    found += [
        Refusal("correction_waiting", "作品 {entry} 的 {aspect}（{seat}）有一项更正等第二人签字", rule="C57", entry=row["entry"], aspect=row["aspect"], seat=row["code"])
        for row in await fetch(OPEN_CORRECTIONS_SQL, event_id)
    ]  # fmt: skip
    return found + await _incomplete(event_id, bool(missing))


async def missing_marks(event_id: UUID) -> int:
    """How many marks are still to be given on all seats, whatever the rule's minimum."""
    known = await rules_of(event_id)
    if known is None:
        return 0
    codes = [aspect.code for aspect in plan_of(known).aspects]
    return sum(row["count"] for row in await fetch(MISSING_SQL, event_id, codes))


def _missing(row: Any) -> Refusal:
    entries = list(row["entries"])
    named = "、".join(entries[:6]) + ("…" if len(entries) > 6 else "")
    return Refusal(
        "marks_missing", "{panel} {seat} 缺 {count} 项（作品 {entries}）", rule="C24",
        panel=row["title"], seat=row["code"], count=row["count"], entries=named,
    )  # fmt: skip


async def _incomplete(event_id: UUID, marks_missing: bool) -> list[Refusal]:
    bundle = await bundle_of(event_id)
    if not any(entry.competed for entry in bundle.entries):
        return [Refusal("no_entries", "没有参赛作品，无成绩可确认")]
    found: list[Refusal] = []
    for gap in standings(bundle).incomplete:
        if not isinstance(gap.value, UnsetType):
            found.append(
                Refusal(
                    "value_missing", "作品 {entry} 缺排名所用的“{value}”", rule="C30", entry=gap.entry, value=gap.value
                )
            )
        elif not marks_missing:  # else the same gap was told seat by seat
            found.append(
                Refusal("panel_incomplete", "作品 {entry} 的 {aspect} 只有 {marks} 个分，规则要求至少 {minimum} 个", rule="C21",
                        entry=gap.entry, aspect=gap.aspect, marks=gap.marks, minimum=gap.minimum)
            )  # fmt: skip
    return found
