"""随填随查: what a nomination still lacks and which rule wants it, at every moment and at each gate.

``obstacles`` is what the gates ask; the pages show the whole ``Checklist``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.errors import Refusal
from honours.nominations import access, facts, rules
from honours.nominations.findings import CITY_GATE, COUNTY_GATE, UNIT_GATE, Check, Facts, State
from honours.nominations.schemas import Dossier
from honours.nominations.stages import Stage

GATES = (UNIT_GATE, COUNTY_GATE, CITY_GATE)
"""Who is about to hand on: the unit hands in, the first gate accepts, the running union accepts."""


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """Every demand on a nomination as it stands, and what of it blocks its next gate."""

    checks: tuple[Check, ...]
    gate: str
    facts: Facts

    @property
    def missing(self) -> list[Check]:
        """What blocks and is the unit's to mend."""
        return [one for one in self.checks if one.state is State.BAD]

    @property
    def warnings(self) -> list[Check]:
        return [one for one in self.checks if one.state is State.WARN]

    @property
    def waiting(self) -> list[Check]:
        """What others owe."""
        return [one for one in self.checks if one.state is State.WAIT]

    @property
    def required(self) -> list[Check]:
        """Everything that must be met in the end; warnings are not."""
        return [one for one in self.checks if one.required]

    @property
    def done(self) -> int:
        return sum(one.state is State.OK for one in self.required)

    @property
    def blocking(self) -> list[Check]:
        """What stands in the way at the next gate."""
        return rules.blocking(self.checks, self.gate)

    def of(self, part: str) -> list[Check]:
        """What one part of the form has to answer for."""
        return [one for one in self.checks if one.part == part]

    def count(self, part: str, state: str) -> int:
        return sum(one.part == part and one.state == state for one in self.checks)


def next_gate(stage: Stage) -> str:
    """The gate that a nomination in this stage has before it."""
    if stage in (Stage.COUNTY, Stage.COUNTY_NOTICE):
        return COUNTY_GATE
    return UNIT_GATE if stage in (Stage.DRAFT, Stage.RETURNED) else CITY_GATE


async def checklist_of(row: Any, *, dossier: Dossier | None = None) -> Checklist:
    """The checklist of a nomination's row; with ``dossier`` as it would be with what is being typed."""
    found = await facts.gather(row, dossier=dossier)
    return Checklist(checks=tuple(rules.review(found)), gate=next_gate(found.stage), facts=found)


async def obstacles(nomination_id: UUID, gate: str) -> list[Refusal]:
    """Everything that blocks handing in (``gate`` "unit") or accepting at that gate ("county", "city"), each with its rule.

    Missing or negative clearances block the city's review only (H45). Raises ``NotFound``, ``ValueError`` for another gate.
    """
    if gate not in GATES:
        raise ValueError(f"no such gate: {gate}")
    found = await checklist_of(await access.row_of(nomination_id))
    return refusals_of(rules.blocking(found.checks, gate))


def refusals_of(checks: Sequence[Check]) -> list[Refusal]:
    """The refusals of unmet checks."""
    return [check.refusal for check in checks if check.refusal is not None]
