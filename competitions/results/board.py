"""The live board (直播榜): provisional places as the public may see them now, how they moved, and what is still hidden."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from competitions.judging.obstacles import missing_marks
from competitions.programme.bundles import bundle_of
from competitions.results.moments import Times, bundle_at, hidden_since
from competitions.results.queries import require_code
from competitions.results.rules import plain, shares
from competitions.scoring.bundle import Bundle, Rules, given
from competitions.scoring.live import LiveRow, LiveStandings, live_standings
from foundation import clock
from foundation.database import fetchrow
from foundation.errors import NotFound

WINDOW = timedelta(minutes=10)
"""How far back "rose by 2" looks."""
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)
"""Later than any mark: the board of an event that is not frozen shows all."""
FRESH = 1.5
"""Seconds for which a process shows the same board without computing it again."""
RESTS = 4
"""How many times as long as a board took to compute until the next one is begun."""
KEPT = 200
CHANGES = 4
EVENT_SQL = """
SELECT e.id, e.code, e.title, e.stage, e.frozen_at, e.live_public, e.live_names,
       CASE WHEN starts_with(c.code, 'imported-') THEN '' ELSE c.title END AS competition_title
FROM event e JOIN competition c ON c.id = e.competition
WHERE e.code = $1
"""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One module of one row: its weighted part of the total once it is complete, else how many hidden marks wait."""

    value: str | None
    done: int
    aspects: int
    hidden: int


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: ``change`` is how many places it rose within the window (None: it had none before)."""

    entry: str
    name: str
    place: str
    rank: int | None
    guest: bool
    change: int | None
    cells: tuple[Cell, ...]
    total: Decimal
    started: bool


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A module that was completed lately: when, whose, what for, and the ranks before and now."""

    at: datetime
    name: str
    heading: str
    value: str
    was: int | None
    now: int | None


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the board shows. Of a frozen event nothing in it is later than ``frozen_at``.

    ``competition_title`` is empty where the competition is only a collection of imported events.
    """

    event: UUID
    code: str
    title: str
    competition_title: str
    named: bool
    frozen_at: datetime | None
    at: datetime
    modules: tuple[Mapping[str, str], ...]
    rows: tuple[BoardRow, ...]
    progress: tuple[tuple[str, int, int], ...]
    changes: tuple[Change, ...]
    full: Decimal
    marks: int
    missing: int
    over: bool = False
    """The result is published: the board is over."""

    @property
    def full_text(self) -> str:
        return plain(self.full)


class _Kept:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.made = self.cost = 0.0
        self.board: Board | None = None


_kept: OrderedDict[str, _Kept] = OrderedDict()


async def board_of(code: str, *, after: float | None = None) -> Board:
    """The event's board, computed once for all who look at about the same time.

    ``after`` (a moment of :func:`time.monotonic`) asks for a board begun no earlier; else one of the last ``FRESH`` seconds
    will do. Computing takes a quarter of the time at most, however large the event. Raises ``NotFound`` where there is no
    such event or its board is not public.
    """
    require_code(code)
    kept = _kept.setdefault(code, _Kept())
    async with kept.lock:
        now = time.monotonic()
        if kept.board is None or kept.made < (now - max(FRESH, RESTS * kept.cost) if after is None else after):
            if after is not None and (rest := kept.made + RESTS * kept.cost - now) > 0:
                await asyncio.sleep(rest)
            began = time.monotonic()
            try:
                kept.board = await _compute(code)
            except NotFound:
                _kept.pop(code, None)
                raise
            kept.made, kept.cost = began, time.monotonic() - began
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return kept.board


async def _compute(code: str) -> Board:
    event = await fetchrow(EVENT_SQL, code)
    if event is None or not event["live_public"] or event["stage"] not in ("judging", "confirmed", "published"):
        raise NotFound
    now = await clock.now()
    base = await bundle_of(event["id"])
    frozen = event["frozen_at"]
    seen, times = await bundle_at(event["id"], frozen or FOR_EVER, base=base)
    before, _times = await bundle_at(event["id"], (frozen or now) - WINDOW, base=base)
    hidden = await hidden_since(event["id"], frozen, base) if frozen else set[tuple[str, str]]()
    live, earlier = await asyncio.to_thread(lambda: (live_standings(seen), live_standings(before)))
    named = {e.code: (e.name, e.organisation) if event["live_names"] else (e.code, "") for e in base.entries}
    was = {row.entry: row.rank for row in earlier.rows}
    rules = base.event.rules
    return Board(
        event=event["id"], code=code, title=event["title"], competition_title=event["competition_title"],
        named=event["live_names"], frozen_at=event["frozen_at"], at=now, modules=tuple(shares(rules)),
        rows=tuple(_row(row, was, named, rules, hidden) for row in live.rows),
        progress=tuple((p.heading, p.done, p.entries) for p in live.progress),
        changes=_changes(live, was, named, seen, times), full=full_of(rules, live), marks=live.marks,
        missing=max(live.missing, 0 if frozen else await missing_marks(event["id"])), over=event["stage"] == "published",
    )  # fmt: skip


def _row(
    row: LiveRow, was: Mapping[str, int | None], named: Mapping[str, tuple[str, str]], rules: Rules,
    hidden: set[tuple[str, str]],
) -> BoardRow:  # fmt: skip
    name, place = named[row.entry]
    waits = [sum((row.entry, aspect.code) in hidden for aspect in module.aspects) for module in rules.modules]
    before = was.get(row.entry)
    return BoardRow(
        entry=row.entry, name=name, place=place, rank=row.rank, guest=row.guest, total=Decimal(row.total),
        change=None if before is None or row.rank is None else before - row.rank, started=row.rank is not None,
        cells=tuple(
            Cell(value=m.weighted, done=m.done, aspects=m.aspects, hidden=wait)
            for m, wait in zip(row.modules, waits, strict=True)
        ),
    )  # fmt: skip


def _changes(
    live: LiveStandings, was: Mapping[str, int | None], named: Mapping[str, tuple[str, str]], seen: Bundle, times: Times
) -> tuple[Change, ...]:
    """The newest modules that are complete, by the time of their last mark."""
    found: list[Change] = []
    for row in live.rows:
        for module, rules in zip(row.modules, seen.event.rules.modules, strict=True):
            moments = [times[place] for a in rules.aspects if (place := (row.entry, a.code)) in times]
            if module.weighted is None or not moments:
                continue
            found.append(
                Change(
                    at=max(moments), name=named[row.entry][0], heading=rules.heading, value=module.weighted,
                    was=was.get(row.entry), now=row.rank,
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda change: change.at, reverse=True)[:CHANGES])


def full_of(rules: Rules, live: LiveStandings) -> Decimal:
    """The length of a whole bar: the most that the rules let an entry reach, or where that cannot be told the best total."""
    aspects: Sequence[tuple[str, str, str, str]] = [
        (module.share, aspect.max, given(aspect.factor, "1"), aspect.jury.how)
        for module in rules.modules
        for aspect in module.aspects
    ]
    most = sum((Decimal(share) * Decimal(top) * Decimal(factor) for share, top, factor, _how in aspects), Decimal(0))
    best = max((Decimal(row.total) for row in live.rows), default=Decimal(0))
    told = all(how != "sum" and Decimal(share) > 0 and Decimal(factor) > 0 for share, _top, factor, how in aspects)
    return max(most, best, Decimal(1)) if told else max(best, Decimal(1))
