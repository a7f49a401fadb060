"""One line of the checklist, and the facts that it is reckoned from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from foundation.errors import Refusal
from foundation.i18n import N_
from foundation.working_days import Calendar
from honours.cycles.schemas import CycleRules, Eligibility
from honours.nominations.schemas import Dossier
from honours.nominations.stages import Stage
from registry.codes.nationalities import CHINA

PARTS: dict[str, str] = {
    "basic": N_("基本情况"),
    "identity": N_("类别与身份"),
    "history": N_("个人简历"),
    "record": N_("奖励与处分"),
    "deeds": N_("先进事迹"),
    "procedure": N_("民主程序与公示"),
    "clearances": N_("征求意见表"),
    "consent": N_("同意书与照片"),
    "opinions": N_("各级意见"),
}
"""The form's parts in their order; ``materials`` stands beside them."""

UNIT_GATE, COUNTY_GATE, CITY_GATE = "unit", "county", "city"
EVERY_GATE = frozenset({UNIT_GATE, COUNTY_GATE, CITY_GATE})


class State(StrEnum):
    OK = "ok"
    BAD = "bad"
    """Blocks, and is the unit's to mend."""
    WARN = "warn"
    """Said, and blocks nothing."""
    WAIT = "wait"
    """Somebody else's turn."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One demand: met or not, where it is mended, and at whose gate it blocks (``gates``)."""

    code: str
    part: str
    title: str
    rule: str
    state: State = State.OK
    refusal: Refusal | None = None
    field: str = ""
    gates: frozenset[str] = EVERY_GATE

    @property
    def required(self) -> bool:
        """Counted in the progress: warnings are not."""
        return self.state is not State.WARN

    def blocks(self, gate: str) -> bool:
        return self.state in (State.BAD, State.WAIT) and gate in self.gates


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules ask of the nominee's record in the registry."""

    sex: str
    born_on: date
    present: bool
    """Still in service with the nominating unit or below it."""
    has_number: bool
    nationality: str = CHINA


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """An honour held (H10, H12); those of ``rolls.ledger`` that count for this nominee."""

    code: str
    title: str
    level: str
    year: int
    revoked: bool


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A veto fact in the file, not removed (H53)."""

    kind: str
    about: str
    """person or unit."""
    happened_on: date
    until_on: date | None
    source: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The newest question to one department, and its answer."""

    department: str
    asked_on: date
    opinion: str
    valid_until: date | None


class Sibling(msgspec.Struct, frozen=True, kw_only=True):
    """Another nomination of the same unit for the same award, not ended (H16)."""

    role: str
    category: str
    place: int


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A notice of ours that the unit published here."""

    first_day: date | None
    last_day: date | None
    refusals: tuple[Refusal, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the checklist is reckoned from."""

    kind: str
    honour: str
    honour_level: str
    cycle_year: int
    cycle_stage: str
    stage: Stage
    rules: CycleRules
    eligibility: Eligibility
    now: datetime
    today: date
    unit_due_at: datetime | None = None
    county_due_at: datetime | None = None
    returned_due_at: datetime | None = None
    name: str = ""
    dossier: Dossier = Dossier()
    flags: frozenset[str] = frozenset()
    person: Person | None = None
    union_state: str = "own"
    unit_open: bool = True
    non_public: bool = False
    materials: Mapping[str, int] = {}
    portrait: bool = False
    consent: tuple[str, ...] | None = None
    """What was agreed to, newest; None: never asked; empty: withdrawn or refused."""
    held: Sequence[Prior] = ()
    vetoes: Sequence[Fact] = ()
    clearances: Mapping[str, Asked] = {}
    siblings: Sequence[Sibling] = ()
    barred: str = ""
    """The cycle whose disqualification bars the unit from this one (H36)."""
    waived: frozenset[str] = frozenset()
    posted: Posted | None = None
    calendar: Calendar | None = None
    """The working days of every year that the dates of the dossier need; None where one is missing."""


def met(code: str, part: str, title: str, rule: str, *, field: str = "") -> Check:
    """A demand that is met."""
    return Check(code=code, part=part, title=title, rule=rule, field=field)


def unmet(
    code: str,
    part: str,
    title: str,
    rule: str,
    message: str,
    *,
    field: str = "",
    state: State = State.BAD,
    gates: frozenset[str] = EVERY_GATE,
    **facts: object,
) -> Check:
    """A demand that is not met; ``message`` with its ``{facts}`` says what would satisfy it."""
    refusal = Refusal(code, message, field=field or part, rule=rule, **facts)
    return Check(
        code=code, part=part, title=title, rule=rule, state=state, refusal=refusal, field=field, gates=gates
    )  # fmt: skip
