"""The event bundle (`gongjiang.event/1`) as structs: one event (竞赛项目/工种) with its rules, entries and marks.

Fields stand in alphabetical order, because that is the order of the canonical form. An optional field that a file does
not state is `UNSET`, so that writing gives back what was read; the properties apply the format's defaults.
"""

from typing import Final, Literal, TypeVar, overload

from msgspec import UNSET, Struct, UnsetType

FORMAT: Final = "gongjiang.event/1"

T = TypeVar("T")


@overload
def given(value: T | UnsetType, default: None) -> T | None: ...
@overload
def given(value: T | UnsetType, default: T) -> T: ...
def given(value: T | UnsetType, default: T | None) -> T | None:
    """Take a stated value, or the format's default for it."""
    return default if isinstance(value, UnsetType) else value


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a bundle have in common."""


class Panel(Shape, frozen=True, kw_only=True):
    """How the marks of several judges become one value (C21)."""

    drop_high: int | UnsetType = UNSET
    drop_low: int | UnsetType = UNSET
    method: Literal["mean", "trimmed_mean", "median", "sum"] | UnsetType = UNSET
    minimum: int | UnsetType = UNSET

    @property
    def how(self) -> Literal["mean", "trimmed_mean", "median", "sum"]:
        return given(self.method, "mean")

    @property
    def least(self) -> int:
        """The number of marks below which the event is incomplete."""
        return given(self.minimum, 1)

    @property
    def lows(self) -> int:
        """How many of the lowest marks are dropped."""
        return given(self.drop_low, 1) if self.how == "trimmed_mean" else 0

    @property
    def highs(self) -> int:
        """How many of the highest marks are dropped."""
        return given(self.drop_high, 1) if self.how == "trimmed_mean" else 0


class Aspect(Shape, frozen=True, kw_only=True):
    """One thing that judges mark (评分项): by points, or by judgement on the levels 0 to 3."""

    code: str
    factor: str | UnsetType = UNSET
    kind: Literal["points", "judgement"]
    levels: tuple[str, ...] | UnsetType = UNSET
    max: str
    min: str | UnsetType = UNSET
    panel: Panel | UnsetType = UNSET
    step: str | UnsetType = UNSET
    title: str | UnsetType = UNSET

    @property
    def heading(self) -> str:
        return given(self.title, self.code)

    @property
    def lowest(self) -> str:
        """The lowest mark that may be given."""
        return "0" if self.kind == "judgement" else given(self.min, "0")

    @property
    def highest(self) -> str:
        """The highest mark that may be given: 3 for a judgement, whatever it is worth."""
        return "3" if self.kind == "judgement" else self.max

    @property
    def jury(self) -> Panel:
        return given(self.panel, Panel())


class Module(Shape, frozen=True, kw_only=True):
    """A part of the event that is added up by itself (模块), such as theory or practice (C23)."""

    aspects: tuple[Aspect, ...]
    code: str
    title: str | UnsetType = UNSET
    weight: str | UnsetType = UNSET

    @property
    def heading(self) -> str:
        return given(self.title, self.code)

    @property
    def share(self) -> str:
        """The weight of the module in the total."""
        return given(self.weight, "1")


class Places(Shape, frozen=True, kw_only=True):
    """The decimals kept at each level, null for no rounding (C22)."""

    aspect: int | UnsetType | None = UNSET
    module: int | UnsetType | None = UNSET
    panel: int | UnsetType | None = UNSET
    total: int | UnsetType | None = UNSET


class RankingKey(Shape, frozen=True, kw_only=True):
    """One step of the comparison: `total`, `module:CODE`, `aspect:CODE` or `value:NAME` (C30)."""

    by: str
    order: Literal["desc", "asc"] | UnsetType = UNSET

    @property
    def ascending(self) -> bool:
        return self.order == "asc"


class Tier(Shape, frozen=True, kw_only=True):
    """One award (奖项) with either a number of places or a percentage of the official entries (C40, C41)."""

    at_least: int | UnsetType = UNSET
    count: int | UnsetType = UNSET
    name: str
    percent: str | UnsetType = UNSET


class Awards(Shape, frozen=True, kw_only=True):
    """The awards from the highest down, and what a tie at a boundary does (C42)."""

    tiers: tuple[Tier, ...]
    ties: Literal["extend", "strict"] | UnsetType = UNSET


class Scale(Shape, frozen=True, kw_only=True):
    """A second, comparable scale for the totals."""

    method: Literal["worldskills-700"]


class Rules(Shape, frozen=True, kw_only=True):
    """The rule set of an event (规则集)."""

    awards: Awards | UnsetType = UNSET
    modules: tuple[Module, ...]
    places: Places | UnsetType = UNSET
    ranking: tuple[RankingKey, ...]
    scale: Scale | UnsetType = UNSET
    ties: Literal["share", "refuse"] | UnsetType = UNSET


class Event(Shape, frozen=True, kw_only=True):
    """The event (竞赛项目/工种) and its rules."""

    code: str
    rules: Rules
    title: str


class Entry(Shape, frozen=True, kw_only=True):
    """One competitor or team (参赛选手/队)."""

    code: str
    group: str | UnsetType = UNSET
    guest: bool | UnsetType = UNSET
    members: tuple[str, ...] | UnsetType = UNSET
    name: str
    organisation: str
    status: Literal["competed", "absent", "withdrawn", "disqualified"] | UnsetType = UNSET
    values: dict[str, str] | UnsetType = UNSET

    @property
    def state(self) -> Literal["competed", "absent", "withdrawn", "disqualified"]:
        return given(self.status, "competed")

    @property
    def competed(self) -> bool:
        """Whether the entry is scored at all; an absent one is never a zero (C25)."""
        return self.state == "competed"

    @property
    def is_guest(self) -> bool:
        """Whether the entry is out of contest."""
        return self.guest is True

    @property
    def figures(self) -> dict[str, str]:
        """Other numbers of the entry, such as its time."""
        return {} if isinstance(self.values, UnsetType) else self.values


class Mark(Shape, frozen=True, kw_only=True, gc=False):
    """What one judge gave one entry for one aspect."""

    aspect: str
    entry: str
    judge: str
    value: str


class Adjustment(Shape, frozen=True, kw_only=True):
    """A deduction or a bonus on the total, with its reason."""

    entry: str
    kind: Literal["deduction", "bonus"]
    reason: str
    value: str


class Bundle(Shape, frozen=True, kw_only=True):
    """A whole event file."""

    adjustments: tuple[Adjustment, ...] | UnsetType = UNSET
    entries: tuple[Entry, ...]
    event: Event
    format: Literal["gongjiang.event/1"]
    marks: tuple[Mark, ...]

    @property
    def changes(self) -> tuple[Adjustment, ...]:
        """The adjustments, none where the file states none."""
        return given(self.adjustments, ())
