""" "Explain my rank": open any total to the marks, the dropped ones, each rounding, and the key that decided."""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from msgspec import UnsetType

from competitions.scoring.awards import Allotment, allot, award_at, crossing
from competitions.scoring.bundle import Bundle, Entry, Mark, RankingKey, given
from competitions.scoring.explanation import (
    AdjustmentStep,
    AspectStep,
    AwardStep,
    Explanation,
    KeyStep,
    MarkStep,
    ModuleStep,
    Neighbour,
    ScaleStep,
    Term,
    TierStep,
    TotalStep,
    digits_of,
    written,
)
from competitions.scoring.plan import AspectPlan, ModulePlan
from competitions.scoring.ranking import Place, deciding_key, key_units, rank_all
from competitions.scoring.scale import Scaling, scaling_of
from competitions.scoring.standings import gaps_of
from competitions.scoring.table import Table
from competitions.scoring.totals import Score, adjustments_of, panel_units, score_all, weighted
from foundation.exact.panels import Fate, condense, fates, suffices, wanted
from foundation.exact.quantities import SCALE, Rounding, Units, scaled

_WHOLE = Rounding(0)


def explain(bundle: Bundle, entry: str) -> Explanation:
    """Explain one entry of a valid bundle. Raises `KeyError` for an unknown code. For many entries keep an `Explainer`."""
    return Explainer(Table(bundle)).explain(entry)


class Explainer:
    """Explains the entries of one event; scores it once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.plan = table.plan
        self._entries = {entry.code: entry for entry in table.bundle.entries}
        self._scores = {score.entry.code: score for score in score_all(table)}
        scores = list(self._scores.values())
        self.complete = not gaps_of(self.plan, scores)
        self._places = rank_all(self.plan, scores) if self.complete else []
        self._official = [place for place in self._places if not place.score.entry.is_guest]
        self._ranks = [place.rank for place in self._official]
        self._scaling: Scaling | None = None
        if self._official and not isinstance(self.plan.rules.scale, UnsetType):
            self._scaling = scaling_of([self.plan.total.value(_total(place.score)) for place in self._official])
        self._marks: dict[str, list[Mark]] = {}
        for mark in table.in_order():
            self._marks.setdefault(mark.entry, []).append(mark)

    def explain(self, code: str) -> Explanation:
        """Explain one entry. Raises `KeyError` for an unknown code."""
        entry = self._entries[code]
        score = self._scores.get(code)
        place = next((place for place in self._places if place.score is score), None)
        modules = () if score is None else tuple(self._module(score, module) for module in self.plan.modules)
        award, awards = self._awards(place)
        scale = self._scale(place)
        return Explanation(
            entry=code,
            name=entry.name,
            organisation=entry.organisation,
            status=entry.state,
            guest=entry.is_guest,
            rank=place.rank if place else None,
            shared=place.shared if place else False,
            better=place.rank - 1 if place else 0,
            decided_by=place.decided_by if place else None,
            award=award,
            scaled=scale.scaled if scale else None,
            modules=modules,
            total=None if score is None else self._total(score),
            above=self._neighbour(place, -1),
            below=self._neighbour(place, +1),
            awards=awards,
            scale=scale,
            lacking_values=self._lacking(entry),
        )

    def _lacking(self, entry: Entry) -> tuple[str, ...]:
        names = (key.by.partition(":")[2] for key in self.plan.rules.ranking if key.by.startswith("value:"))
        return tuple(name for name in dict.fromkeys(names) if entry.competed and name not in entry.figures)

    def _module(self, score: Score, module: ModulePlan) -> ModuleStep:
        values = [self.plan.aspect.value(u) for u in score.aspects[module.first : module.last] if u is not None]
        whole = len(values) == module.last - module.first
        return ModuleStep(
            code=module.code,
            heading=module.heading,
            weight=module.share,
            aspects=tuple(self._aspect(score, aspect) for aspect in self.plan.aspects[module.first : module.last]),
            value=digits_of(sum(values, Fraction(0)), self.plan.module) if whole else None,
        )

    def _aspect(self, score: Score, aspect: AspectPlan) -> AspectStep:
        marks = [mark for mark in self._marks.get(score.entry.code, ()) if mark.aspect == aspect.code]
        numbers = [scaled(mark.value) for mark in marks]
        enough = suffices(aspect.panel, len(marks))
        total, divisor = condense(aspect.panel, numbers) if enough else (0, 0)
        fate: list[Fate] = fates(aspect.panel, numbers) if enough else ["counted"] * len(marks)
        panel = self.plan.panel.value(panel_units(self.plan, total, divisor)) if enough else None
        return AspectStep(
            code=aspect.code,
            heading=aspect.heading,
            kind=aspect.rules.kind,
            max=aspect.rules.max,
            factor=given(aspect.rules.factor, "1"),
            method=aspect.panel.how,
            marks=tuple(MarkStep(judge=m.judge, value=m.value, fate=f) for m, f in zip(marks, fate, strict=True)),
            missing=max(0, wanted(aspect.panel) - len(marks)),
            sum=written(Fraction(total, SCALE)),
            divisor=divisor,
            panel=digits_of(Fraction(total, divisor * SCALE), self.plan.panel) if enough else None,
            plain=aspect.worth == 1 and aspect.kind == "points",
            value=None if panel is None else digits_of(panel * aspect.worth, self.plan.aspect),
        )

    def _total(self, score: Score) -> TotalStep:
        plan, terms, value = self.plan, list[Term](), Fraction(0)
        for module, units in zip(plan.modules, score.modules, strict=True):
            if units is None:
                continue
            product = weighted(plan, module, units)
            value += product
            terms.append(
                Term(
                    module=module.code,
                    heading=module.heading,
                    weight=module.share,
                    value=plan.module.text(units),
                    product=written(product),
                )
            )
        changes = [change for change in self.table.bundle.changes if change.entry == score.entry.code]
        value += adjustments_of(changes).get(score.entry.code, Fraction(0))
        steps = tuple(AdjustmentStep(kind=c.kind, value=c.value, reason=c.reason) for c in changes)
        return TotalStep(terms=tuple(terms), adjustments=steps, value=digits_of(value, plan.total))

    def _neighbour(self, place: Place | None, step: int) -> Neighbour | None:
        """Compare with the official entry next above (−1) or below (+1)."""
        if place is None:
            return None
        if place.score.entry.is_guest:  # listed behind the official entries of its rank, some of which it may beat
            after = bisect_right([row.standing for row in self._official], place.standing)
            at = after + (step - 1) // 2
        else:
            at = self._official.index(place) + step
        if not 0 <= at < len(self._official):
            return None
        other = self._official[at]
        return Neighbour(
            entry=other.score.entry.code,
            name=other.score.entry.name,
            rank=other.rank,
            keys=self._keys(place, other),
            decided_by=deciding_key(self.plan, place.standing, other.standing),
        )

    def _keys(self, place: Place, other: Place) -> tuple[KeyStep, ...]:
        steps: list[KeyStep] = []
        decided = False
        for index, key in enumerate(self.plan.rules.ranking):
            mine, theirs = place.standing[index], other.standing[index]
            verdict = "unused" if decided else "equal" if mine == theirs else "better" if mine < theirs else "worse"
            decided = decided or mine != theirs
            steps.append(
                KeyStep(
                    by=key.by,
                    subject=self._subject(key),
                    order="asc" if key.ascending else "desc",
                    mine=self._key_text(key, place.score),
                    theirs=self._key_text(key, other.score),
                    verdict=verdict,
                )
            )
        return tuple(steps)

    def _subject(self, key: RankingKey) -> str:
        kind, _, name = key.by.partition(":")
        if kind == "module":
            return self.plan.modules[self.plan.module_at(name)].heading
        return self.plan.aspects[self.plan.aspect_at(name)].heading if kind == "aspect" else name

    def _key_text(self, key: RankingKey, score: Score) -> str:
        kind, _, name = key.by.partition(":")
        if kind == "value":
            return score.entry.figures[name]
        level = {"total": self.plan.total, "module": self.plan.module, "aspect": self.plan.aspect}[kind]
        return level.text(cast(Units, key_units(self.plan, key, score)))

    def _awards(self, place: Place | None) -> tuple[str | None, AwardStep | None]:
        rules = self.plan.rules.awards
        if place is None or place.score.entry.is_guest or isinstance(rules, UnsetType):
            return None, None
        allotments = allot(rules, len(self._official))
        undecided = place.rank in crossing(rules, allotments, self._ranks)
        award = None if undecided else award_at(allotments, place.rank)
        step = AwardStep(
            official=len(self._official),
            ties=given(rules.ties, "extend"),
            tiers=_tiers(allotments, None if undecided else place.rank),
            award=award,
            open=undecided,
        )
        return award, step

    def _scale(self, place: Place | None) -> ScaleStep | None:
        if place is None or self._scaling is None or place.score.entry.is_guest:
            return None
        total = self.plan.total.value(_total(place.score))
        return ScaleStep(
            median=written(self._scaling.median),
            mad=written(self._scaling.mad),
            value=digits_of(self._scaling.exact(total), _WHOLE),
            scaled=str(self._scaling.scaled(total)),
        )


def _tiers(allotments: Sequence[Allotment], rank: int | None) -> tuple[TierStep, ...]:
    winner = next((a for a in allotments if rank is not None and rank <= a.last), None)
    return tuple(
        TierStep(
            name=a.tier.name,
            percent=given(a.tier.percent, None),
            count=given(a.tier.count, None),
            at_least=given(a.tier.at_least, 0),
            exact=written(a.exact),
            places=a.places,
            first=a.first,
            last=a.last,
            won=a is winner,
        )
        for a in allotments
    )


def _total(score: Score) -> Units:
    assert score.total is not None, "a complete event has every total"
    return score.total
