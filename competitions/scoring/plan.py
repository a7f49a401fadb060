"""A rule set (规则集) made ready for arithmetic: defaults applied, quantities as integers, codes as positions."""

from dataclasses import dataclass
from fractions import Fraction

from competitions.scoring.bundle import Aspect, Panel, Places, Rules, given
from foundation.exact.quantities import SCALE, Rounding, scaled


@dataclass(frozen=True, slots=True)
class AspectPlan:
    """An aspect; `low`, `high`, `step` in 10⁻¹⁰; an exact panel value × `worth` is the exact aspect value."""

    code: str
    heading: str
    panel: Panel
    low: int
    high: int
    step: int | None
    worth: Fraction
    kind: str
    rules: Aspect


@dataclass(frozen=True, slots=True)
class ModulePlan:
    """A module; its aspects are `aspects[first:last]` of the whole plan; `weight` is exact."""

    code: str
    heading: str
    weight: Fraction
    share: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole rule set; aspects in the order of the file over all modules."""

    aspects: tuple[AspectPlan, ...]
    modules: tuple[ModulePlan, ...]
    panel: Rounding
    aspect: Rounding
    module: Rounding
    total: Rounding
    rules: Rules

    def aspect_at(self, code: str) -> int:
        return next(i for i, aspect in enumerate(self.aspects) if aspect.code == code)

    def module_at(self, code: str) -> int:
        return next(i for i, module in enumerate(self.modules) if module.code == code)


def plan_of(rules: Rules) -> Plan:
    """Prepare a rule set that satisfies the format; the default is 2 places at every level (C22)."""
    aspects: list[AspectPlan] = []
    modules: list[ModulePlan] = []
    for module in rules.modules:
        first = len(aspects)
        aspects += [_aspect(aspect) for aspect in module.aspects]
        weight = Fraction(scaled(module.share), SCALE)
        modules.append(ModulePlan(module.code, module.heading, weight, module.share, first, len(aspects)))
    places = given(rules.places, Places())
    return Plan(
        aspects=tuple(aspects),
        modules=tuple(modules),
        panel=Rounding(given(places.panel, 2)),
        aspect=Rounding(given(places.aspect, 2)),
        module=Rounding(given(places.module, 2)),
        total=Rounding(given(places.total, 2)),
        rules=rules,
    )


def _aspect(aspect: Aspect) -> AspectPlan:
    worth = Fraction(scaled(given(aspect.factor, "1")), SCALE)
    if aspect.kind == "judgement":
        worth *= Fraction(scaled(aspect.max), 3 * SCALE)
    step = given(aspect.step, None)
    return AspectPlan(
        code=aspect.code,
        heading=aspect.heading,
        panel=aspect.jury,
        low=scaled(aspect.lowest),
        high=scaled(aspect.highest),
        step=None if step is None else scaled(step),
        worth=worth,
        kind=aspect.kind,
        rules=aspect,
    )
