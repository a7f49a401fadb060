"""What the desk, the board and the confirmation read. Fetching is authorising: another judge's seat is not found."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from competitions.judging.facts import facts_of
from competitions.judging.schemas import AspectOut, CellOut, EntryOut, Out, SheetOut
from competitions.scoring.bundle import given
from competitions.scoring.plan import plan_of
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal
from foundation.web.policy import Actor

SEAT_SQL = """
SELECT s.id, s.code, s.name, s.event, s.sheet_state, s.sheet_version, s.signed_at, s.checksum, p.title AS panel,
       e.code AS event_code, e.title AS event_title, e.stage, c.title AS competition_title
FROM seat s JOIN panel p ON p.id = s.panel JOIN event e ON e.id = s.event JOIN competition c ON c.id = e.competition
WHERE s.id = $1 AND s.account = $2 AND s.vacated_at IS NULL
"""
SHEET_ENTRIES_SQL = """
SELECT n.code, n.name, n.status, x.id IS NOT NULL AS excused
FROM entry n LEFT JOIN excusal x ON x.seat = $2 AND x.entry = n.id
WHERE n.event = $1 AND n.stage = 'accepted' AND n.code IS NOT NULL
ORDER BY n.code COLLATE "C"
"""
SHEET_MARKS_SQL = """
SELECT n.code AS entry, m.aspect, m.version, m.value,
       m.version > 1 AND EXISTS (SELECT FROM mark o WHERE o.entry = m.entry AND o.aspect = m.aspect AND o.seat = $1
                                 AND o.version < m.version AND o.value IS NOT NULL AND o.value IS DISTINCT FROM m.value)
       AS changed
FROM (SELECT DISTINCT ON (entry, aspect) entry, aspect, version, value FROM mark
      WHERE event = $3 AND seat = $1 AND aspect = ANY($2::varchar[]) ORDER BY entry, aspect, version DESC) m
JOIN entry n ON n.id = m.entry AND n.stage = 'accepted'
ORDER BY n.code COLLATE "C", m.aspect COLLATE "C"
"""
MINE_SQL = """
SELECT s.id, s.code, s.sheet_state, s.signed_at, p.title AS panel, cardinality(p.aspects) AS aspects,
       e.id AS event, e.title AS event_title, e.stage, e.starts_at, c.title AS competition_title,
       (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'accepted' AND n.status = 'competed'
          AND n.code IS NOT NULL
          AND NOT EXISTS (SELECT FROM excusal x WHERE x.seat = s.id AND x.entry = n.id)) AS entries,
       (SELECT count(*) FROM (SELECT DISTINCT ON (m.entry, m.aspect) m.value FROM mark m
          JOIN entry n ON n.id = m.entry AND n.status = 'competed' AND n.stage = 'accepted'
          WHERE m.event = e.id AND m.seat = s.id AND m.aspect = ANY(p.aspects)
          ORDER BY m.entry, m.aspect, m.version DESC) newest WHERE value IS NOT NULL) AS marked
FROM seat s JOIN panel p ON p.id = s.panel JOIN event e ON e.id = s.event JOIN competition c ON c.id = e.competition
WHERE s.account = $1 AND s.vacated_at IS NULL AND e.stage IN ('registration', 'judging', 'confirmed', 'published')
ORDER BY e.stage <> 'judging', s.sheet_state = 'signed', e.starts_at DESC NULLS LAST, e.title, p.place
LIMIT 100
"""


class MySheet(Out, frozen=True, kw_only=True):
    """One of the judge's sheets: how far it is."""

    id: UUID
    code: str
    sheet_state: str
    signed_at: datetime | None
    panel: str
    aspects: int
    event: UUID
    event_title: str
    stage: str
    starts_at: datetime | None
    competition_title: str
    entries: int
    marked: int

    @property
    def wanted(self) -> int:
        """Marks that the sheet shall hold."""
        return self.entries * self.aspects


async def my_sheets(actor: Actor) -> list[MySheet]:
    """The actor's seats, those to be marked now first."""
    return [MySheet(**dict(row)) for row in await fetch(MINE_SQL, actor.account)]


async def sheet_for(actor: Actor, seat_id: UUID) -> SheetOut:
    """The whole state of the actor's own sheet: five queries at most. Raises ``NotFound`` for another judge's."""
    seat = await fetchrow(SEAT_SQL, seat_id, actor.account)
    if seat is None:
        raise NotFound
    facts = await facts_of(seat_id, fresh=True)
    plan = plan_of(facts.rules)
    modules = {a.code: m.heading for m in plan.modules for a in plan.aspects[m.first : m.last]}
    entries = await fetch(SHEET_ENTRIES_SQL, seat["event"], seat_id)
    marks = await fetch(SHEET_MARKS_SQL, seat_id, list(facts.aspects), seat["event"])
    return SheetOut(
        seat=seat_id,
        code=seat["code"],
        judge=seat["name"] or actor.name,
        panel=seat["panel"],
        event=seat["event_code"],
        event_title=seat["event_title"],
        competition_title=seat["competition_title"],
        stage=seat["stage"],
        state=seat["sheet_state"],
        version=seat["sheet_version"],
        checksum=(seat["checksum"] or b"").hex(),
        signed_at=seat["signed_at"],
        panel_places=plan.panel.places,
        aspect_places=plan.aspect.places,
        aspects=tuple(_aspect(a.rules, modules[a.code]) for a in facts.aspects.values()),
        entries=tuple(EntryOut(**dict(row)) for row in entries),
        marks=tuple(CellOut(**dict(row)) for row in marks),
    )


def _aspect(aspect: Any, module: str) -> AspectOut:
    return AspectOut(
        code=aspect.code,
        title=aspect.heading,
        module=module,
        kind=aspect.kind,
        low=aspect.lowest,
        high=aspect.highest,
        step=given(aspect.step, "1" if aspect.kind == "judgement" else None),
        max=aspect.max,
        factor=given(aspect.factor, "1"),
        levels=given(aspect.levels, ()),
    )


def missing_of(sheet: SheetOut) -> dict[str, list[str]]:
    """What the sheet still lacks (C24): entry → aspects without a mark; every seat marks everything, whatever the
    rule's minimum, but for entries that did not compete (C25) or that the seat is excused from (C61).
    """
    marked = {(cell.entry, cell.aspect) for cell in sheet.marks if cell.value is not None}
    return {
        entry.code: [aspect.code for aspect in sheet.aspects if (entry.code, aspect.code) not in marked]
        for entry in sheet.entries
        if entry.status == "competed" and not entry.excused
    }


def sheet_checksum(sheet: SheetOut) -> bytes:
    """SHA-256 over the sheet's marks in canonical order: what the judge signs (C24)."""
    rows = sorted((c.entry, c.aspect, c.version, c.value) for c in sheet.marks if c.value is not None)
    return hashlib.sha256(msgspec.json.encode({"marks": rows, "seat": sheet.seat})).digest()


async def obstacles(event_id: UUID) -> list[Refusal]:
    """Everything that keeps an event from being confirmed; see :func:`competitions.judging.obstacles.obstacles`."""
    from competitions.judging.obstacles import obstacles as found

    return await found(event_id)


class CorrectionView(Out, frozen=True, kw_only=True):
    """A correction as it is shown to those who may decide it."""

    id: UUID
    event: UUID
    event_title: str
    seat: UUID
    seat_code: str
    entry: str
    aspect: str
    was: str | None
    becomes: str
    reason: str
    asked_by: UUID
    asker: str
    asked_at: datetime
    approved: bool | None
    note: str | None
    decider: str | None
    decided_at: datetime | None


CORRECTIONS_SQL = """
SELECT c.id, c.event, e.title AS event_title, c.seat, s.code AS seat_code, n.code AS entry, c.aspect, c.was, c.becomes,
       c.reason, c.asked_by, a.name AS asker, c.asked_at, d.approved, d.note, b.name AS decider, d.decided_at
FROM correction c JOIN seat s ON s.id = c.seat JOIN event e ON e.id = c.event JOIN entry n ON n.id = c.entry
JOIN account a ON a.id = c.asked_by LEFT JOIN correction_decision d ON d.correction = c.id
LEFT JOIN account b ON b.id = d.decided_by
"""


async def corrections_for(actor: Actor) -> list[CorrectionView]:
    """Corrections on the actor's own seats, those without a decision first."""
    where = "WHERE s.account = $1 ORDER BY d.id IS NOT NULL, c.asked_at DESC LIMIT 50"
    return [CorrectionView(**dict(row)) for row in await fetch(CORRECTIONS_SQL + where, actor.account)]


async def corrections_of(event: UUID) -> list[CorrectionView]:
    """All corrections of an event; the caller has fetched the event for its actor."""
    where = "WHERE c.event = $1 ORDER BY d.id IS NOT NULL, c.asked_at DESC LIMIT 200"
    return [CorrectionView(**dict(row)) for row in await fetch(CORRECTIONS_SQL + where, event)]


async def event_of_correction(correction: UUID) -> UUID | None:
    row = await fetchrow("SELECT event FROM correction WHERE id = $1", correction)
    return row["event"] if row else None


async def strokes_of(seat: UUID) -> list[str]:
    """A signed seat's handwriting as SVG paths in a box of 1000 × 300; the caller has fetched the sheet for its actor."""
    row = await fetchrow("SELECT signature FROM seat WHERE id = $1", seat)
    strokes = msgspec.json.decode(row["signature"]) if row and row["signature"] else []
    if not isinstance(strokes, list):
        return []
    return ["M" + "L".join(f"{x} {y * 3 // 10}" for x, y in points) for points in strokes]


class AdjustmentView(Out, frozen=True, kw_only=True):
    """A deduction or bonus, with its cancellation where there was one."""

    id: UUID
    entry: str
    kind: str
    value: str
    reason: str
    maker: str
    made_at: datetime
    cancelled_reason: str | None


class StatusView(Out, frozen=True, kw_only=True):
    """Who did not compete and why (C25)."""

    entry: str
    was: str
    becomes: str
    reason: str
    maker: str
    made_at: datetime


async def adjustments_of(event: UUID) -> list[AdjustmentView]:
    """Deductions and bonuses of an event that the caller has fetched for its actor."""
    rows = await fetch(
        "SELECT j.id, n.code AS entry, j.kind, j.value, j.reason, coalesce(a.name, '') AS maker, j.made_at,"
        " c.reason AS cancelled_reason FROM adjustment j JOIN entry n ON n.id = j.entry"
        " LEFT JOIN account a ON a.id = j.made_by LEFT JOIN adjustment c ON c.cancels = j.id"
        " WHERE j.event = $1 AND j.kind <> 'cancel' AND n.code IS NOT NULL ORDER BY j.place LIMIT 500",
        event,
    )
    return [AdjustmentView(**dict(row)) for row in rows]


async def status_changes_of(event: UUID) -> list[StatusView]:
    """Changes of status of an event that the caller has fetched for its actor, the newest first."""
    rows = await fetch(
        "SELECT n.code AS entry, h.was, h.becomes, h.reason, coalesce(a.name, '') AS maker, h.made_at"
        " FROM status_change h JOIN entry n ON n.id = h.entry LEFT JOIN account a ON a.id = h.made_by"
        " WHERE n.event = $1 AND n.code IS NOT NULL ORDER BY h.made_at DESC LIMIT 200",
        event,
    )
    return [StatusView(**dict(row)) for row in rows]
