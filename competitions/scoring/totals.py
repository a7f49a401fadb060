"""From panels to totals: panel → aspect → module → total, each level rounded as the rules say (C20, C22, C23)."""

from collections.abc import Sequence
from fractions import Fraction

from competitions.scoring.bundle import Adjustment, Entry
from competitions.scoring.plan import AspectPlan, ModulePlan, Plan
from competitions.scoring.table import Table
from foundation.exact.panels import condense, suffices
from foundation.exact.quantities import SCALE, Units, exact


class Score:
    """The values of one competed entry at every level, in that level's units; None where marks are missing."""

    __slots__ = ("aspects", "counts", "entry", "modules", "total")

    def __init__(self, entry: Entry, aspects: Sequence[Units | None], counts: Sequence[int], plan: Plan) -> None:
        self.entry = entry
        self.aspects = aspects
        self.counts = counts
        self.modules = [module_units(plan, module, aspects) for module in plan.modules]
        self.total: Units | None = None


def score_all(table: Table) -> list[Score]:
    """Score every competed entry, guests too, in the order of their codes; a total is None where marks are missing."""
    plan = table.plan
    panels = table.panels()
    entries = sorted((entry for entry in table.bundle.entries if entry.competed), key=lambda entry: entry.code)
    columns = [
        _column(plan, aspect, [panels[table.place(e.code, aspect.code)] for e in entries]) for aspect in plan.aspects
    ]
    changes = adjustments_of(table.bundle.changes)
    scores: list[Score] = []
    for row, entry in enumerate(entries):
        counts = [len(panels[table.place(entry.code, aspect.code)]) for aspect in plan.aspects]
        score = Score(entry, [column[row] for column in columns], counts, plan)
        if all(module is not None for module in score.modules):
            score.total = total_units(plan, score.modules, changes.get(entry.code, Fraction(0)))
        scores.append(score)
    return scores


def _column(plan: Plan, aspect: AspectPlan, panels: Sequence[Sequence[int]]) -> list[Units | None]:
    """Give one aspect's value for each entry's panel."""
    panel, known = aspect.panel, dict[Units, Units]()
    column: list[Units | None] = []
    for marks in panels:
        if not suffices(panel, len(marks)):
            column.append(None)
            continue
        value = panel_units(plan, *condense(panel, marks))
        units = known.get(value)
        if units is None:
            units = known[value] = aspect_units(plan, aspect, value)
        column.append(units)
    return column


def panel_units(plan: Plan, total: int, divisor: int) -> Units:
    """Round a panel's value, given as a sum of marks in 10⁻¹⁰ and its divisor."""
    return plan.panel.units(total, divisor * SCALE)


def aspect_units(plan: Plan, aspect: AspectPlan, panel: Units) -> Units:
    """Bring a panel's value to its aspect: × factor, and for a judgement ÷ 3 × max."""
    value = plan.panel.value(panel) * aspect.worth
    return plan.aspect.units(value.numerator, value.denominator)


def module_units(plan: Plan, module: ModulePlan, aspects: Sequence[Units | None]) -> Units | None:
    """Add the aspects of a module; None where one is missing."""
    total: Units = 0
    for units in aspects[module.first : module.last]:
        if units is None:
            return None
        total += units
    return plan.module.units(total.numerator, total.denominator * plan.aspect.unit)


def weighted(plan: Plan, module: ModulePlan, units: Units) -> Fraction:
    """Give a module's exact share of the total."""
    return module.weight * plan.module.value(units)


def total_units(plan: Plan, modules: Sequence[Units | None], change: Fraction) -> Units:
    """Add the weighted modules that are there, then the adjustments; it may be negative."""
    parts = (weighted(plan, module, u) for module, u in zip(plan.modules, modules, strict=True) if u is not None)
    value = sum(parts, change)
    return plan.total.units(value.numerator, value.denominator)


def adjustments_of(changes: Sequence[Adjustment]) -> dict[str, Fraction]:
    """Add up each entry's bonuses less its deductions."""
    sums: dict[str, Fraction] = {}
    for change in changes:
        value = exact(change.value)
        sums[change.entry] = sums.get(change.entry, Fraction(0)) + (value if change.kind == "bonus" else -value)
    return sums
