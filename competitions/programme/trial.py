"""A trial run (试算) of rules while they are written: on the event's own marks where they fit, else on random ones."""

from __future__ import annotations

from random import Random

from msgspec import UNSET, Struct
from msgspec.structs import replace

from competitions.scoring.bundle import FORMAT, Aspect, Bundle, Entry, Event, Mark, Rules
from competitions.scoring.reading import check
from competitions.scoring.standings import Standings, standings
from foundation.exact.panels import wanted
from foundation.exact.quantities import SCALE, print_units, scaled

ENTRIES = 12
MOST_MARKS = 20_000
"""Beyond so many marks a trial after every keystroke would wait: random ones are taken."""
FINEST = SCALE // 100


class Trial(Struct, frozen=True, kw_only=True):
    """What the rules make of some marks. ``ranks`` and ``awards`` count the entries that differ from the rules in force
    (None: they cannot score the same marks, or are the same).
    """

    own_marks: bool
    standings: Standings
    names: dict[str, str]
    ranks: int | None = None
    awards: int | None = None


def try_rules(rules: Rules, own: Bundle | None, *, seed: str, before: Rules | None = None) -> Trial:
    """Score valid rules. ``own`` is the event's bundle with marks; ``seed`` chooses the random marks."""
    bundle = None
    if own is not None and own.marks and len(own.marks) <= MOST_MARKS:
        kept = replace(own, event=replace(own.event, rules=rules))
        bundle = kept if not check(kept) else None
    own_marks = bundle is not None
    bundle = bundle or random_bundle(rules, seed)
    found = standings(bundle)
    ranks, awards = _changes(bundle, found, before) if before is not None and before != rules else (None, None)
    return Trial(own_marks=own_marks, standings=found, names=key_names(rules), ranks=ranks, awards=awards)


def random_bundle(rules: Rules, seed: str) -> Bundle:
    """A complete event of twelve synthetic entries; the third and fourth have the same marks, to show how ties fall."""
    codes = [f"A{n:02}" for n in range(1, ENTRIES + 1)]
    aspects = [aspect for module in rules.modules for aspect in module.aspects]
    names = [key.by.partition(":")[2] for key in rules.ranking if key.by.startswith("value:")]
    marks: list[Mark] = []
    values: dict[str, dict[str, str]] = {}
    for n, code in enumerate(codes):
        rng = Random(f"{seed}/{codes[2] if n == 3 else code}")  # noqa: S311 - examples, not secrets
        skill = rng.uniform(0.55, 0.95)
        values[code] = {name: str(rng.randint(60, 180)) for name in names}
        for aspect in aspects:
            for judge in range(1, wanted(aspect.jury) + 1):
                marks.append(Mark(entry=code, aspect=aspect.code, judge=f"J{judge}", value=_mark(aspect, skill, rng)))
    entries = tuple(
        Entry(code=code, name=code, organisation="", values=values[code] if names else UNSET) for code in codes
    )
    return Bundle(format=FORMAT, event=Event(code="trial", title="", rules=rules), entries=entries, marks=tuple(marks))


def _mark(aspect: Aspect, skill: float, rng: Random) -> str:
    """One mark in range and on step. The float only chooses which; the mark itself is exact."""
    low, high = scaled(aspect.lowest), scaled(aspect.highest)
    step = scaled(aspect.step) if isinstance(aspect.step, str) else (SCALE if aspect.kind == "judgement" else FINEST)
    most = (high - low) // step
    chosen = min(most, max(0, round(most * min(1.0, max(0.0, rng.gauss(skill, 0.08))))))
    text = print_units(low + chosen * step, 10)
    return text.rstrip("0").rstrip(".")


def _changes(bundle: Bundle, found: Standings, before: Rules) -> tuple[int | None, int | None]:
    old_bundle = replace(bundle, event=replace(bundle.event, rules=before))
    if check(old_bundle):
        return None, None
    old = {row.entry: row for row in standings(old_bundle).rows}
    if not old or not found.rows:
        return None, None
    moved = sum(row.rank != old[row.entry].rank for row in found.rows if row.entry in old)
    awarded = sum(row.award != old[row.entry].award for row in found.rows if row.entry in old)
    return moved, awarded


def key_names(rules: Rules) -> dict[str, str]:
    """What each ranking key is called: the headings of modules and aspects, the names of values."""
    names = {f"module:{module.code}": module.heading for module in rules.modules}
    names |= {f"aspect:{a.code}": a.heading for module in rules.modules for a in module.aspects}
    names |= {key.by: key.by.partition(":")[2] for key in rules.ranking if key.by.startswith("value:")}
    return names
