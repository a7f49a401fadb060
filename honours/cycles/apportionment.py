"""名额分配: places to counties by stated weights and largest remainders, exact and reproducible on paper (H29). Pure.

Each county's weight is the sum, over the measures, of the measure's share times the county's part of that measure's total (50 % of
the staff, 50 % of the output). Its exact quota is weight × places. It gets the whole part; what is left goes one by one to the
largest remainders. Equal remainders: the larger weight first, then the code.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from foundation.errors import Refusal, Refusals


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What the places follow: 在岗职工人数, 规上工业增加值 … ``share`` in percent, a decimal string; all shares make 100."""

    code: str
    label: str
    share: str


class County(msgspec.Struct, frozen=True, kw_only=True):
    """One receiver with its figure for each measure (decimal strings, in the order of the measures)."""

    code: str
    name: str
    values: tuple[str, ...]
    organisation: str = ""
    """The union's id, where the reckoning is a cycle's."""


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """All that an apportionment rests on. ``minimum``: places that everybody gets before the rest is shared out."""

    places: int
    measures: tuple[Measure, ...]
    counties: tuple[County, ...]
    minimum: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One county's reckoning; exact numbers as ``numerator/denominator`` (or a whole number)."""

    code: str
    name: str
    parts: tuple[str, ...]
    """The county's part of each measure's total."""
    weight: str
    quota: str
    """weight × the places that are shared out."""
    whole: int
    remainder: str
    extra: int
    """1 where a left-over place came here."""
    order: int
    """Its turn among the remainders, from 1."""
    minimum: int
    seats: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole reckoning; ``left`` places went to the largest remainders."""

    places: int
    shared: int
    left: int
    rows: tuple[Row, ...]


def apportion(inputs: Inputs) -> Result:
    """Share ``places`` out (H29). Raises ``Refusals`` with everything that is wrong with the inputs (:func:`faults`)."""
    if found := faults(inputs):
        raise Refusals(found)
    parts = _parts(inputs)
    shares = [_number(m.share) / 100 for m in inputs.measures]
    weights = [sum((s * p for s, p in zip(shares, row, strict=True)), Fraction(0)) for row in parts]
    shared = inputs.places - inputs.minimum * len(inputs.counties)
    quotas = [weight * shared for weight in weights]
    whole = [quota.numerator // quota.denominator for quota in quotas]
    left = shared - sum(whole)
    turns = sorted(
        range(len(quotas)), key=lambda n: (whole[n] - quotas[n], -weights[n], inputs.counties[n].code)
    )  # the largest remainder first
    rows = tuple(
        Row(
            code=county.code, name=county.name, parts=tuple(map(str, parts[n])), weight=str(weights[n]),
            quota=str(quotas[n]), whole=whole[n], remainder=str(quotas[n] - whole[n]), extra=int(turns.index(n) < left),
            order=turns.index(n) + 1, minimum=inputs.minimum,
            seats=inputs.minimum + whole[n] + int(turns.index(n) < left),
        )
        for n, county in enumerate(inputs.counties)
    )  # fmt: skip
    return Result(places=inputs.places, shared=shared, left=left, rows=rows)


def faults(inputs: Inputs) -> list[Refusal]:
    """Everything that is wrong with the inputs, with the fields of the form (``measures-0-share``)."""
    found = [*_figure_faults(inputs), *_sum_faults(inputs)]
    codes = [county.code for county in inputs.counties]
    if not codes:
        found.append(Refusal("no_counties", "没有可分配的县市区", field="counties", rule="H29"))
    found += [
        Refusal("county_twice", "县市区“{name}”出现了两次", field=f"counties-{n}-code", rule="H29", name=county.name)
        for n, county in enumerate(inputs.counties)
        if county.code in codes[:n]
    ]
    if inputs.places < 0 or inputs.minimum < 0:
        found.append(Refusal("places_negative", "名额不能为负数", field="places", rule="H29"))
    elif inputs.minimum * len(codes) > inputs.places:
        found.append(
            Refusal(
                "minimum_too_large",
                "每地至少 {minimum} 个共需 {needed} 个，超过总名额 {places} 个",
                field="minimum",
                rule="H29",
                minimum=inputs.minimum,
                needed=inputs.minimum * len(codes),
                places=inputs.places,
            )
        )
    return found


def decimal_text(exact: str, places: int = 4) -> str:
    """An exact number for reading: ``1/3`` → ``0.3333…`` (cut, never rounded: a cut remainder keeps its order)."""
    number = Fraction(exact)
    scaled = number * 10**places
    cut, rest = divmod(scaled.numerator, scaled.denominator)
    text = f"{cut // 10**places}.{cut % 10**places:0{places}d}"
    return text + "…" if rest else text.rstrip("0").rstrip(".") if "." in text else text


def _parts(inputs: Inputs) -> list[list[Fraction]]:
    totals = [sum((_number(c.values[m]) for c in inputs.counties), Fraction(0)) for m in range(len(inputs.measures))]
    return [[_number(county.values[m]) / totals[m] for m in range(len(inputs.measures))] for county in inputs.counties]


def _number(text: str) -> Fraction:
    return Fraction(Decimal(text))


def _is_figure(text: str) -> bool:
    whole, dot, places = text.partition(".")
    return (
        text.isascii() and whole.isdigit() and len(whole) <= 15 and ((places.isdigit() and len(places) <= 6) or not dot)
    )


def _figure_faults(inputs: Inputs) -> list[Refusal]:
    found = [
        Refusal("not_a_share", "占比应为 0 到 100 的数字", field=f"measures-{n}-share", rule="H29")
        for n, measure in enumerate(inputs.measures)
        if not _is_figure(measure.share)
    ]
    for n, county in enumerate(inputs.counties):
        if len(county.values) != len(inputs.measures):
            found.append(
                Refusal(
                    "values_missing",
                    "“{name}”的指标数据不全",
                    field=f"counties-{n}-values",
                    rule="H29",
                    name=county.name,
                )
            )
        found += [
            Refusal("not_a_figure", "应为不小于 0 的数字，最多 6 位小数", field=f"counties-{n}-values-{m}", rule="H29")
            for m, value in enumerate(county.values)
            if not _is_figure(value)
        ]
    return found


def _sum_faults(inputs: Inputs) -> list[Refusal]:
    if not inputs.measures:
        return [Refusal("no_measures", "请至少填写一项分配依据", field="measures", rule="H29")]
    found = []
    if all(_is_figure(m.share) for m in inputs.measures):
        total = sum(Decimal(m.share) for m in inputs.measures)
        if total != 100:
            found.append(
                Refusal(
                    "shares_not_100",
                    "各项占比合计应为 100%，现为 {total}%",
                    field="measures",
                    rule="H29",
                    total=f"{total:f}",
                )
            )
    for m, measure in enumerate(inputs.measures):
        column = [c.values[m] for c in inputs.counties if m < len(c.values)]
        if column and all(map(_is_figure, column)) and not sum(map(Decimal, column)):
            found.append(
                Refusal(
                    "measure_empty",
                    "“{label}”各地合计为 0，无法按它分配",
                    field=f"measures-{m}-label",
                    rule="H29",
                    label=measure.label,
                )
            )
    return found
