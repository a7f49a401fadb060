"""What a seat's sheet rests on, kept in the process: the panel's aspects and the rule set in force.

Rule sets never change, so they may be kept for ever; which one is in force may change, so every write states what it
relied on and the database checks it in the same statement.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from uuid import UUID

import msgspec

from competitions.judging.rules import aspects_of
from competitions.scoring.bundle import Rules
from competitions.scoring.plan import AspectPlan
from foundation.database import fetchrow
from foundation.errors import NotFound, Refusal

KEPT = 2000

FACTS_SQL = """
SELECT s.event, e.rule_set, p.aspects, r.rules
FROM seat s JOIN event e ON e.id = s.event JOIN panel p ON p.id = s.panel LEFT JOIN rule_set r ON r.id = e.rule_set
WHERE s.id = $1
"""


class SheetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The event of a seat, its rules, and the aspects of its panel by code, in the order of the rules."""

    event: UUID
    rule_set: UUID
    codes: list[str]
    rules: Rules
    aspects: dict[str, AspectPlan]


_kept: OrderedDict[UUID, SheetFacts] = OrderedDict()


@lru_cache(maxsize=256)
def _rules(rule_set: UUID, text: str) -> Rules:
    return msgspec.json.decode(text, type=Rules)


async def facts_of(seat: UUID, *, fresh: bool = False) -> SheetFacts:
    """The facts of a seat, from memory unless ``fresh``. Raises ``NotFound``, and ``Refusal`` where no rules stand."""
    known = _kept.get(seat)
    if known is not None and not fresh:
        return known
    row = await fetchrow(FACTS_SQL, seat)
    if row is None:
        raise NotFound
    if row["rules"] is None:
        raise Refusal("no_rule_set", "该项目还没有规则集，请先编制规则")
    rules = _rules(row["rule_set"], row["rules"])
    codes = list(row["aspects"])
    facts = SheetFacts(
        event=row["event"], rule_set=row["rule_set"], codes=codes, rules=rules, aspects=aspects_of(rules, codes)
    )
    _kept[seat] = facts
    _kept.move_to_end(seat)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return facts
