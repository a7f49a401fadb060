"""What the pages show of a sheet: rows of the plain form, subtotals and changed marks of the signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import msgspec

from competitions.judging import queries, rules
from competitions.judging.schemas import AspectOut, EntryOut, SheetOut
from competitions.judging.words import STATUSES
from foundation.errors import Refusals
from foundation.exact.quantities import Rounding, exact, half_up, print_units
from foundation.i18n import _, gettext


def worth(value: str, aspect: AspectOut, sheet: SheetOut) -> Fraction:
    """What one mark brings: rounded as a panel and as an aspect of the rules (as the desk shows it)."""
    panel = _rounded(exact(value), sheet.panel_places)
    factor = exact(aspect.factor)
    full = panel * exact(aspect.max) / 3 * factor if aspect.kind == "judgement" else panel * factor
    return _rounded(full, sheet.aspect_places)


def _rounded(value: Fraction, places: int | None) -> Fraction:
    level = Rounding(places)
    return level.value(level.units(value.numerator, value.denominator))


def two_places(value: Fraction) -> str:
    """Half-up at 2 places: 84.67."""
    return print_units(half_up(value.numerator * 100, value.denominator), 2)


def brief(value: Fraction) -> str:
    return two_places(value).rstrip("0").rstrip(".") if value else "0"


def most(sheet: SheetOut) -> Fraction:
    """The most that the sheet's aspects bring together."""
    return sum((worth(aspect.high, aspect, sheet) for aspect in sheet.aspects), Fraction(0))


def subtotals(sheet: SheetOut) -> dict[str, Fraction]:
    """Each entry's sum of what its marks bring on this sheet."""
    aspects = {aspect.code: aspect for aspect in sheet.aspects}
    sums: dict[str, Fraction] = {}
    for cell in sheet.marks:
        if cell.value is not None:
            sums[cell.entry] = sums.get(cell.entry, Fraction(0)) + worth(cell.value, aspects[cell.aspect], sheet)
    return sums


class PlainCellView(msgspec.Struct, frozen=True, kw_only=True):
    """An aspect of the plain form with what stands, or what was typed."""

    aspect: AspectOut
    base: int
    value: str


def cells_of(sheet: SheetOut, entry: str | None, typed: Mapping[str, Any]) -> list[PlainCellView]:
    """The aspects of one entry; what was typed is kept, with the version that it was typed over."""
    stands = {cell.aspect: cell for cell in sheet.marks if cell.entry == entry}
    found = []
    for n, aspect in enumerate(sheet.aspects):
        cell = stands.get(aspect.code)
        value = typed.get(f"marks-{n}-value", (cell.value if cell else None) or "")
        found.append(PlainCellView(aspect=aspect, base=cell.version if cell else 0, value=str(value or "")))
    return found


def next_code(sheet: SheetOut, code: str) -> str:
    """The entry after this one; the last stays."""
    codes = [entry.code for entry in sheet.entries]
    at = codes.index(code) if code in codes else -1
    return codes[min(at + 1, len(codes) - 1)]


@contextmanager
def fields_of_form(places: Sequence[int]) -> Iterator[None]:
    """Refusals of the marks that were sent, back at the places that they have on the form."""
    try:
        yield
    except Refusals as several:
        raise Refusals(_at_place(one, places) for one in several.refusals) from several


def _at_place(refusal: Any, places: Sequence[int]) -> Any:
    name, _dash, rest = (refusal.field or "").partition("-")
    number, _dash, part = rest.partition("-")
    if name != "marks" or not number.isdigit() or int(number) >= len(places):
        return refusal
    return refusal.at(f"marks-{places[int(number)]}-{'value' if part in ('base', 'entry') else part}")


def signing(sheet: SheetOut) -> dict[str, Any]:
    """Everything of the signature's page but the request: obstacles, subtotals, changed marks, checksum."""
    sums = subtotals(sheet)
    changed = {cell.entry for cell in sheet.marks if cell.changed}
    missing = {entry: aspects for entry, aspects in queries.missing_of(sheet).items() if aspects}
    out = [entry for entry in sheet.entries if entry.status != "competed"]
    excused = [entry for entry in sheet.entries if entry.excused and entry.status == "competed"]
    inside = {entry.code for entry in sheet.entries} - {entry.code for entry in (*out, *excused)}
    checksum = queries.sheet_checksum(sheet).hex()
    return {
        "missing": _missing(missing),
        "rows": [
            {
                "code": entry.code, "total": two_places(sums.get(entry.code, Fraction(0))), "changed": entry.code in changed,
                "word": _word(sheet, entry, missing.get(entry.code, ())),
            }
            for entry in sheet.entries
        ],
        "done": len(inside - missing.keys()),
        "saved": len(inside - missing.keys()),
        "marks": sum(cell.value is not None and cell.entry in inside for cell in sheet.marks),
        "absent": [entry.code for entry in out],
        "excused": [entry.code for entry in excused],
        "changed": sorted(changed),
        "changed_marks": sum(cell.changed for cell in sheet.marks),
        "full": brief(most(sheet)),
        "checksum": checksum,
        "short": f"{checksum[:4]}·{checksum[4:8]}".upper(),
        "entry_options": [(entry.code, entry.code) for entry in sheet.entries if entry.code in inside],
        "aspect_options": [(a.code, f"{a.code} {a.title}") for a in sheet.aspects],
    }  # fmt: skip


def _word(sheet: SheetOut, entry: EntryOut, missing: Sequence[str]) -> str:
    """What stands instead of a subtotal: a blank is never zero, and half a sheet is no subtotal."""
    if entry.excused:
        return _("免评")
    if entry.status != "competed":
        return gettext(STATUSES[entry.status])
    if len(missing) == len(sheet.aspects):
        return _("未评")
    return f"{len(sheet.aspects) - len(missing)}/{len(sheet.aspects)}" if missing else ""


def _missing(missing: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    try:
        rules.require_complete(missing)
    except Refusals as found:
        return [{"message": one.text(gettext), "rule": one.rule} for one in found.refusals]
    return []
