"""How large each text of a sheet may be, from the faces' own advances: the ``fit`` of a template. Points and millimetres.

A text that would need less than its smallest legible size is refused (`render.overflow`, naming its field).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from publications.certificates.designs import sheets
from publications.certificates.rendering import wording
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.layout import MM, arrange, fitted, lines_needed
from publications.certificates.rendering.schemas import RenderRefused

Faces = Mapping[str, Face]
Fit = dict[str, Any]
SEAL = 42.0
_UNIT_LINES = {1: (30.0, 16.0), 2: (28.0, 14.8), 3: (25.0, 13.2), 4: (23.0, 11.8)}
THANKS_LINES = 8


def _common(sheet: Any, faces: Faces) -> Fit:
    """Date, number and code, as on every sheet."""
    when, heavy = sheet.issued_on, faces["HeiB"]
    code = wording.grouped(sheet.check_code)
    return {
        "date": wording.chinese_date(when) if sheet.day_printed else wording.chinese_month(when),
        "code": code,
        "number_size": fitted("number", heavy, sheet.number, 9.4, 80, 6, spacing=0.05),
        "code_size": fitted("check_code", heavy, code, 9.4, 80, 6, spacing=0.05),
    }


def _signed(sheet: Any, faces: Faces, date: str, *, axis: float, right: float, size: float, middle: float) -> Fit:
    """Who issues and when, around one axis with the seal; a long name moves the axis to the left."""
    kai = faces["Kai"]
    organ = fitted("issuer", kai, sheet.issuer, size, 110, 9.5, spacing=0.1)
    ems = ((sheet.issuer, organ), (date, size))
    wide = max((kai.width(text) + 0.1 * len(text)) * pt * MM for text, pt in ems)
    return {
        "organ_size": organ,
        "date_size": size,
        "axis": round(min(axis, right - max(wide, SEAL) / 2), 2),
        "seal_top": round(middle - 0.56 * SEAL, 2),
    }


def _named(sheet: Any, faces: Faces, base: float, address: float, room: float) -> Fit:
    """A person's name on one line: opened, scaled by its length, never wrapped."""
    kai, name = faces["Kai"], wording.open_name(sheet.recipient)
    tail = (kai.width(sheet.address + "：") + 0.06 * (len(sheet.address) + 1)) * address * MM
    wanted = base * wording.name_scale(len(name.replace("　", "")))
    size = fitted("recipient", kai, name, wanted, room - tail - 2, 12, spacing=0.06)
    return {"name": name, "name_size": size, "address_size": address}


def medal(sheet: sheets.Medal, faces: Faces) -> Fit:
    fit = _common(sheet, faces) | _named(sheet, faces, 37, 22, 201)
    honour = fitted("honour", faces["Title"], sheet.honour, 27.5, 118, 15, spacing=0.09)
    return (
        fit | {"honour_size": honour} | _signed(sheet, faces, fit["date"], axis=212.9, right=254, size=17, middle=163.4)
    )


def medal_fold(sheet: sheets.MedalFold, faces: Faces) -> Fit:
    title = faces["Title"]
    fit = _common(sheet, faces) | _named(sheet, faces, 28, 18, 152)
    return (
        fit
        | {
            "cover_size": fitted("honour", title, sheet.honour, 27.5, 150, 14, spacing=0.12),
            "honour_size": fitted("honour", title, sheet.honour, 21, 88, 11, spacing=0.08),
        }
        | _signed(sheet, faces, fit["date"], axis=150, right=185, size=16, middle=250.8)
    )


def _units(sheet: sheets.Commendation, faces: Faces, middle: float) -> Fit:
    """The unit's lines: all in one size, around their own middle."""
    size, pitch = _UNIT_LINES[len(sheet.lines)]
    size = min(fitted("lines", faces["Title"], text, size, 300, 13, spacing=0.08) for text in sheet.lines)
    return {"line_size": size, "line_pitch": pitch, "lines_top": round(middle - pitch * len(sheet.lines) / 2, 2)}


def commendation(sheet: sheets.Commendation, faces: Faces) -> Fit:
    fit = _common(sheet, faces) | _units(sheet, faces, 169.2)
    title = faces["Title"]
    return (
        fit
        | {
            "region_size": fitted("region", title, sheet.region, 31, 240, 15, spacing=0.5),
            "honour_size": fitted("honour", title, sheet.honour, 82, 300, 30, spacing=0.14),
        }
        | _signed(sheet, faces, fit["date"], axis=317.7, right=362, size=22, middle=219.6)
    )


def pioneer(sheet: sheets.Pioneer, faces: Faces) -> Fit:
    fit, title, kai = _common(sheet, faces) | _units(sheet, faces, 213.1), faces["Title"], faces["Kai"]
    # Without a seal the names stand on one line, clear of the code on the left.
    organ = fitted("issuer", title, sheet.issuer, 20, 110, 10, spacing=0.12)
    return fit | {
        "region_size": fitted("region", title, sheet.region, 34, 240, 15, spacing=0.5),
        "honour_size": fitted("honour", title, sheet.honour, 86, 300, 30, spacing=0.19),
        "organ_size": organ,
        "date_size": 20,
        "opened": kai.width("　"),
    }


def plaque(sheet: sheets.Plaque, faces: Faces) -> Fit:
    title, when = faces["Title"], sheet.issued_on
    return {
        "date": wording.chinese_date(when) if sheet.day_printed else wording.chinese_month(when),
        "level_size": fitted("level_title", title, sheet.level_title, 60, 465, 28, spacing=0.19),
        "studio_size": fitted("studio", title, sheet.studio, 95, 455, 40, spacing=0.01),
        "organ_size": fitted("issuer", title, sheet.issuer, 46, 420, 22, spacing=0.16),
        "date_size": 32,
    }


FACTS = (
    ("level", "命名等级"), ("leader", "领 衔 人"), ("unit", "依托单位"), ("direction", "专业方向"),
    ("document", "命名文号"), ("valid_until", "有效期至"),
)  # fmt: skip


def naming(sheet: sheets.Naming, faces: Faces) -> Fit:
    kai, title, song = faces["Kai"], faces["Title"], faces["Song"]
    fit = _common(sheet, faces)
    studio = fitted("studio", title, sheet.studio, 18, 190, 11, spacing=0.02)
    words = [
        *wording.unbreakable("经研究决定，命名"),
        sheet.studio,
        *wording.unbreakable(f"为{sheet.level_title}。特发此证。"),
    ]
    # Three lines are set a little closer, to end as high above the facts as two.
    settings = ((17.0, 10.7, 82.2, 2), (16.0, 8.9, 81.4, 3), (15.0, 8.9, 81.4, 3))
    fits = (one for one in settings if lines_needed(kai, words, one[0] * 1.04, 213, indent=2) <= one[3])
    body, pitch, top, _ = next(fits, (0.0, 0.0, 0.0, 0))
    if not body:
        raise RenderRefused(
            "render.overflow", "正文过长，一页排不下（{length} 字）", field="level_title", length=sum(map(len, words))
        )
    facts = []
    for field, label in FACTS:
        value = getattr(sheet, field)
        text = wording.chinese_month(value) if field == "valid_until" and value else (value or "")
        if text:
            size = fitted(field, song, text, 10, 97, 6)
            facts.append({"label": label, "value": text, "size": size})
    return (
        fit
        | {"studio_size": min(studio, body * 1.08), "body_size": body, "body_pitch": pitch, "body_top": top}
        | {"facts": tuple(facts)}
        | _signed(sheet, faces, fit["date"], axis=211.9, right=256, size=16.5, middle=156.0)
    )


def thanks(sheet: sheets.Thanks, faces: Faces) -> Fit:
    kai = faces["Kai"]
    fit = _common(sheet, faces)
    body = next((pt for pt in (16.5, 15.0, 13.5, 12.0) if _ruled(sheet, kai, pt) <= THANKS_LINES), 0.0)
    if not body:
        length = sum(map(len, sheet.paragraphs))
        raise RenderRefused("render.overflow", "正文过长，一页排不下（{length} 字）", field="paragraphs", length=length)
    tail = (kai.width(sheet.address) + 3) * 14 * MM
    name = fitted("recipient", kai, sheet.recipient, 16.5, 152 - tail, 9, spacing=0.02)
    return (
        fit
        | {"body_size": body, "name_size": name, "name": wording.open_name(sheet.recipient)}
        | _signed(sheet, faces, fit["date"], axis=150, right=184, size=16.5, middle=210.7)
    )


def _ruled(sheet: sheets.Thanks, kai: Face, size: float) -> int:
    """Lines that the paragraphs fill, each opened by two cells."""
    return sum(lines_needed(kai, wording.unbreakable(text), size * 1.02, 154, indent=2) for text in sheet.paragraphs)


def competition(sheet: sheets.Competition, faces: Faces) -> Fit:
    certificate = sheet.certificate
    layout = arrange(certificate, faces)
    return {name: getattr(layout, name) for name in layout.__struct_fields__}


FITS: Mapping[str, Callable[[Any, Faces], Fit]] = {
    "medal": medal, "medal-fold": medal_fold, "commendation": commendation, "pioneer": pioneer, "plaque": plaque,
    "naming": naming, "thanks": thanks, "competition": competition,
}  # fmt: skip
