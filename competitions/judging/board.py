"""The chief judge's board (裁判长看板): who has marked what, what is missing, what stands apart. Nothing here is official."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec

from competitions.judging import rules
from competitions.judging.alarms import Alarm, alarms_of, hints_of
from competitions.judging.showing import two_places
from competitions.programme.queries import rules_of
from competitions.scoring.plan import AspectPlan, Plan, plan_of
from competitions.scoring.totals import aspect_units, panel_units
from foundation.database import fetch
from foundation.exact.panels import condense, suffices
from foundation.exact.quantities import scaled
from foundation.i18n import _


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the board."""


class SeatView(View, frozen=True, kw_only=True):
    """A column: one judge of the panel. ``marked`` counts entries that are complete, ``wanted`` those to be marked."""

    id: UUID
    code: str
    name: str
    state: str
    signed_at: datetime | None
    marked: int
    wanted: int
    missing: int
    leniency: str


class CellView(View, frozen=True, kw_only=True):
    """One seat's subtotal or mark. ``state``: "" complete, part, missing, excused, alarm, none (did not compete)."""

    text: str
    state: str


class RowView(View, frozen=True, kw_only=True):
    """One entry. ``low`` and ``high`` bound the complete subtotals of its judges; ``hints`` say what stands apart."""

    id: UUID
    code: str
    status: str
    version: int
    cells: tuple[CellView, ...]
    result: str
    low: Decimal | None
    high: Decimal | None
    spread: str
    hints: tuple[str, ...]
    alarm: bool
    missing: int


class PanelView(View, frozen=True, kw_only=True):
    """The board of one panel, for all its aspects together or for one."""

    id: UUID
    title: str
    aspects: tuple[tuple[str, str], ...]
    chosen: str
    seats: tuple[SeatView, ...]
    rows: tuple[RowView, ...]
    alarms: tuple[Alarm, ...]
    floor: Decimal
    top: Decimal
    sample: int


class Board(View, frozen=True, kw_only=True):
    """An event's board: figures over all panels, and one panel in full."""

    panels: tuple[tuple[UUID, str], ...]
    panel: PanelView | None
    wanted: int
    given: int
    unsigned: tuple[str, ...]
    signed: int
    seats: int
    missing: tuple[tuple[str, int, tuple[str, ...]], ...]
    """(seat's code, marks, entries) where marks are missing."""


PANELS_SQL = "SELECT id, title, aspects FROM panel WHERE event = $1 ORDER BY place, title"
SEATS_SQL = """
SELECT id, panel, code, name, sheet_state, signed_at FROM seat
WHERE event = $1 AND vacated_at IS NULL ORDER BY length(code), code
"""
ENTRIES_SQL = """
SELECT id, code, status, version FROM entry WHERE event = $1 AND stage = 'accepted' AND code IS NOT NULL
ORDER BY code COLLATE "C"
"""
MARKS_SQL = """
SELECT DISTINCT ON (seat, entry, aspect) seat, entry, aspect, value FROM mark WHERE event = $1
ORDER BY seat, entry, aspect, version DESC
"""
EXCUSED_SQL = "SELECT x.seat, x.entry FROM excusal x JOIN seat s ON s.id = x.seat WHERE s.event = $1"

Marks = Mapping[tuple[UUID, UUID], Mapping[str, str]]


async def board_of(event: UUID, *, panel: UUID | None = None, aspect: str = "") -> Board:
    """The board of an event that the caller has fetched for its actor: six queries, whatever its size."""
    known = await rules_of(event)
    panels, seats = await fetch(PANELS_SQL, event), await fetch(SEATS_SQL, event)
    entries = await fetch(ENTRIES_SQL, event)
    excused = {(row["seat"], row["entry"]) for row in await fetch(EXCUSED_SQL, event)}
    marks: dict[tuple[UUID, UUID], dict[str, str]] = defaultdict(dict)
    for seat, entry, code, value in await fetch(MARKS_SQL, event):
        if value is not None:
            marks[seat, entry][code] = value
    plan = plan_of(known) if known else None
    aspects_of = {p["id"]: rules.aspects_of(known, p["aspects"]) if known else {} for p in panels}
    counted = [
        _count(seat, entries, excused, marks, list(aspects_of.get(seat["panel"], {})))
        for seat in seats
    ]  # fmt: skip
    chosen = next((p for p in panels if p["id"] == panel), panels[0] if panels else None)
    shown = None
    if chosen is not None and plan is not None:
        here = [(seat, count) for seat, count in zip(seats, counted, strict=True) if seat["panel"] == chosen["id"]]
        shown = _Panel(plan, aspects_of[chosen["id"]], here, entries, excused, marks).view(chosen, aspect)
    open_seats = [seat["code"] for seat in seats if seat["sheet_state"] != "signed"]
    return Board(
        panels=tuple((p["id"], p["title"]) for p in panels),
        panel=shown,
        wanted=sum(count.wanted for count in counted),
        given=sum(count.given for count in counted),
        unsigned=tuple(open_seats),
        signed=len(seats) - len(open_seats),
        seats=len(seats),
        missing=tuple(
            (seat["code"], c.wanted - c.given, c.short) for seat, c in zip(seats, counted, strict=True) if c.short
        ),
    )


class _Count(View, frozen=True, kw_only=True):
    wanted: int
    given: int
    done: int
    entries: int
    short: tuple[str, ...]


def _count(seat: Any, entries: Sequence[Any], excused: set[Any], marks: Marks, aspects: Sequence[str]) -> _Count:
    """How many marks a seat owes and gave, how many entries are done, and which are short."""
    mine = [e for e in entries if e["status"] == "competed" and (seat["id"], e["id"]) not in excused]
    given = [sum(code in marks.get((seat["id"], e["id"]), {}) for code in aspects) for e in mine]
    short = tuple(e["code"] for e, n in zip(mine, given, strict=True) if n < len(aspects))
    return _Count(
        wanted=len(mine) * len(aspects), given=sum(given), done=len(mine) - len(short), entries=len(mine), short=short
    )


class _Panel:
    """Works out one panel's matrix."""

    def __init__(
        self, plan: Plan, aspects: dict[str, AspectPlan], seats: Any, entries: Any, excused: Any, marks: Marks
    ) -> None:
        self.plan, self.aspects, self.seats, self.entries = plan, aspects, seats, entries
        self.excused, self.marks = excused, marks
        self.sums: dict[tuple[UUID, UUID], Fraction] = {}

    def view(self, panel: Any, aspect: str) -> PanelView:
        aspect = aspect if aspect in self.aspects else ""
        codes = [aspect] if aspect else list(self.aspects)
        alarms = [alarm for entry in self.entries for alarm in self._alarms(entry)]
        at = {(a.entry, a.seat) for a in alarms if a.aspect in codes}
        rows = [self._row(entry, codes, alarms, at) for entry in self.entries]
        ends = [value for row in rows for value in (row.low, row.high) if value is not None]
        leniency, sample = self._leniency(codes)
        return PanelView(
            id=panel["id"],
            title=panel["title"],
            aspects=tuple((code, a.heading) for code, a in self.aspects.items()),
            chosen=aspect,
            seats=tuple(
                SeatView(
                    id=s["id"], code=s["code"], name=s["name"], state=s["sheet_state"], signed_at=s["signed_at"],
                    marked=c.done, wanted=c.entries, missing=c.wanted - c.given, leniency=leniency.get(s["id"], ""),
                )
                for s, c in self.seats
            ),
            rows=tuple(rows),
            alarms=tuple(alarms),
            floor=min(ends, default=Decimal(0)),
            top=max(ends, default=Decimal(100)),
            sample=sample,
        )  # fmt: skip

    def _worth(self, code: str, value: str) -> Fraction:
        units = panel_units(self.plan, scaled(value), 1)
        return self.plan.aspect.value(aspect_units(self.plan, self.aspects[code], units))

    def _row(self, entry: Any, codes: Sequence[str], alarms: Sequence[Alarm], at: set[tuple[str, str]]) -> RowView:
        cells, whole = [], []
        for seat, _counted in self.seats:
            cell, total = self._cell(seat, entry, codes, (entry["code"], seat["code"]) in at)
            cells.append(cell)
            if total is not None:
                whole.append(total)
                self.sums[seat["id"], entry["id"]] = total
        low, high = (min(whole), max(whole)) if len(whole) > 1 else (None, None)
        mine = [a for a in alarms if a.entry == entry["code"]]
        missing = sum(cell.state == "missing" for cell in cells)
        part = sum(cell.state == "part" for cell in cells)
        return RowView(
            id=entry["id"],
            code=entry["code"],
            status=entry["status"],
            version=entry["version"],
            cells=tuple(cells),
            result=self._result(entry, codes),
            low=None if low is None else Decimal(two_places(low)),
            high=None if high is None else Decimal(two_places(high)),
            spread="" if low is None or high is None else two_places(high - low),
            hints=tuple(hints_of(mine, missing, part, sum(c.state == "excused" for c in cells), len(cells))),
            alarm=bool(mine),
            missing=missing + part,
        )

    def _cell(self, seat: Any, entry: Any, codes: Sequence[str], alarm: bool) -> tuple[CellView, Fraction | None]:
        if entry["status"] != "competed":
            return CellView(text="—", state="none"), None
        if (seat["id"], entry["id"]) in self.excused:
            return CellView(text=_("免评"), state="excused"), None
        given = {code: value for code, value in self.marks.get((seat["id"], entry["id"]), {}).items() if code in codes}
        if not given:
            return CellView(text=_("缺"), state="missing"), None
        if len(given) < len(codes):
            return CellView(text=f"{len(given)}/{len(codes)}", state="part"), None
        total = sum((self._worth(code, value) for code, value in given.items()), Fraction(0))
        text = next(iter(given.values())) if len(codes) == 1 else two_places(total)
        return CellView(text=text, state="alarm" if alarm else ""), total

    def _values(self, entry: Any, code: str) -> list[tuple[str, str]]:
        """(seat's code, mark) of one entry and aspect."""
        return [
            (seat["code"], value)
            for seat, _counted in self.seats
            if (seat["id"], entry["id"]) not in self.excused
            and (value := self.marks.get((seat["id"], entry["id"]), {}).get(code)) is not None
        ]

    def _result(self, entry: Any, codes: Sequence[str]) -> str:
        """The panel's own value for the aspects shown, once enough judges marked each; not official."""
        if entry["status"] != "competed":
            return "—"
        total = Fraction(0)
        for code in codes:
            plan, values = self.aspects[code], [scaled(value) for _seat, value in self._values(entry, code)]
            if not suffices(plan.panel, len(values)):
                return "—"
            units = panel_units(self.plan, *condense(plan.panel, values))
            total += self.plan.aspect.value(aspect_units(self.plan, plan, units))
        return two_places(total)

    def _alarms(self, entry: Any) -> list[Alarm]:
        if entry["status"] != "competed":
            return []
        return [
            alarm
            for code in self.aspects
            for alarm in alarms_of(entry["code"], self.aspects[code], self._values(entry, code))
        ]

    def _leniency(self, codes: Sequence[str]) -> tuple[dict[UUID, str], int]:
        """Each judge's mean distance from the panel's mean, over entries that all of the panel marked; advisory."""
        ids = [seat["id"] for seat, _counted in self.seats]
        whole = [e for e in self.entries if all((seat, e["id"]) in self.sums for seat in ids)]
        if len(whole) < rules.SAMPLE or len(ids) < 2:
            return {}, len(whole)
        found: dict[UUID, str] = {}
        for seat in ids:
            off = Fraction(0)
            for entry in whole:
                mean = sum((self.sums[other, entry["id"]] for other in ids), Fraction(0)) / len(ids)
                off += self.sums[seat, entry["id"]] - mean
            mean = off / len(whole)
            found[seat] = ("+" if mean > 0 else "") + two_places(mean)
        return found, len(whole)
