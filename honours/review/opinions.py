"""征求意见 on the board (H40–H45): which departments' opinions are wanting, many nominees at once.

An opinion is wanting where the department was never asked, has not answered, did not agree, or where its answer has run out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.database import fetch
from honours.cycles.schemas import CycleRules
from honours.nominations import papers
from honours.nominations.candidates import Row
from honours.review.selection import COUNTY_STAGES

SAID_SQL = """
SELECT q.nomination, array_agg(q.department) AS asked, array_agg(q.department) FILTER (WHERE NOT q.good) AS lacking
FROM (SELECT DISTINCT ON (k.nomination, k.department) k.nomination, k.department,
             k.opinion = 'agree' AND (k.valid_until IS NULL OR k.valid_until >= $2) AS good
      FROM clearance k {where} ORDER BY k.nomination, k.department, k.asked_on DESC, k.made_at DESC) q
GROUP BY q.nomination
"""
LACKING_SQL = SAID_SQL.format(
    where="WHERE k.nomination IN (SELECT x.nomination FROM clearance x JOIN nomination n ON n.id = x.nomination WHERE n.award = $1"
    " AND (x.opinion <> 'agree' OR x.valid_until < $2))"
)
"""Only those with an answer that is wanting, negative or run out: few, where there are thousands of nominees."""
SHOWN_SQL = SAID_SQL.format(where="WHERE k.nomination = ANY($1::uuid[])")
ASKED_SQL = """
SELECT q.asked, array_agg(q.nomination) AS nominations
FROM (SELECT k.nomination, array_agg(DISTINCT k.department) AS asked FROM clearance k JOIN nomination n ON n.id = k.nomination
      WHERE n.award = $1 GROUP BY k.nomination) q GROUP BY q.asked
"""
"""Nominees by the departments that were asked about them: few lines, however many nominees."""


class Opinions(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """征求意见: agreed of wanted, and which departments are wanting."""

    agreed: int
    wanted: int
    lacking: tuple[str, ...] = ()


async def wanting(award: UUID, rules: CycleRules, rows: Iterable[Row]) -> dict[UUID, Opinions]:
    """Those of ``rows`` about whom an opinion is wanting."""
    said = {row["nomination"]: row for row in await fetch(LACKING_SQL, award, await clock.today())}
    asked = {one: tuple(row["asked"]) for row in await fetch(ASKED_SQL, award) for one in row["nominations"]}
    found, wanted = {}, _Wanted(rules)
    for row in rows:
        one = _of(row, wanted, said.get(row.nomination), asked.get(row.nomination, ()))
        if one is not None and one.lacking:
            found[row.nomination] = one
    return found


async def shown(rules: CycleRules, rows: Sequence[Row]) -> dict[UUID, Opinions]:
    """The opinions on these nominees, as a page of the list shows them; about whom nobody need be asked is not in it."""
    said = {
        row["nomination"]: row for row in await fetch(SHOWN_SQL, [row.nomination for row in rows], await clock.today())
    }
    wanted = _Wanted(rules)
    found = {row.nomination: _of(row, wanted, said.get(row.nomination), ()) for row in rows}
    return {nomination: one for nomination, one in found.items() if one is not None}


def _of(row: Row, wanted: _Wanted, said: Any, asked: tuple[str, ...]) -> Opinions | None:
    asked = tuple(said["asked"]) if said is not None else asked
    lacking = tuple(said["lacking"] or ()) if said is not None else ()
    unasked = tuple(one for one in wanted.of(row) if one not in asked)
    if not asked and not unasked:
        return None
    return Opinions(
        agreed=len(asked) - len(lacking), wanted=len(asked) + len(unasked), lacking=(*lacking, *unasked)
    )  # fmt: skip


class _Wanted:
    """Who must speak about a nominee: reckoned once for all that are alike."""

    def __init__(self, rules: CycleRules) -> None:
        self._rules = rules
        self._known: dict[tuple[str, str, str, frozenset[str]], tuple[str, ...]] = {}

    def of(self, row: Row) -> tuple[str, ...]:
        """Its departments; none before it reached the running union, whose review asks for them (H45)."""
        if row.stage in COUNTY_STAGES:
            return ()
        one = row.candidate
        alike = (one.kind, one.category, one.unit_class, one.flags)
        if alike not in self._known:
            self._known[alike] = tuple(papers.departments_for(self._rules, papers.classes_of(*alike)))
        return self._known[alike]
