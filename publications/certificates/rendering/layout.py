"""Where each text stands on the sheet and how large, decided before the page is set, from the faces' own advances.

A text shrinks within its bounds and is refused (`render.overflow`, naming its field) where it would need less than its
smallest legible size: nothing runs over the frame, the seal or the QR code. Millimetres and points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from msgspec import Struct

from publications.certificates.rendering import wording
from publications.certificates.rendering.fonts import Face
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

MM = 25.4 / 72
LEFT, COLUMN = 90.0, 181.0
WORDS_BOTTOM = 142.5
SIGN_MIDDLE, SEAL_SHARE = 164.9, 0.56
_NAME, _ADDRESS, _MEMBERS, _UNIT = 31.0, 18.0, 15.0, 14.0

# (award pt, middle of the award, rule, top of the words): the fuller the words, the higher the rule.
_DENSITIES = ((100.0, 59.0, 93.4, 101.4), (84.0, 56.0, 84.0, 90.5), (64.0, 50.5, 71.5, 77.0), (48.0, 45.0, 60.5, 65.5))
_BODIES = ((18.0, 12.2), (16.0, 10.6), (14.0, 8.8))
_STEPS = ((0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 1), (3, 2))


class Band(Struct, frozen=True, kw_only=True):
    """The title on the coloured band: columns from the right, each (middle, text), or one turned line. Millimetres."""

    columns: tuple[tuple[float, str], ...]
    turned: str
    size: float
    pitch: float


class Layout(Struct, frozen=True, kw_only=True):
    """Sizes in points, places in millimetres from the sheet's upper left corner."""

    head: str
    head_size: float
    band: Band
    award_size: float
    award_middle: float
    rule: float
    words_top: float
    name: str
    name_size: float
    name_wraps: bool
    address_size: float
    members: tuple[str, ...]
    members_size: float
    unit_size: float
    body_size: float
    body_pitch: float
    organ_size: float
    axis: float
    seal_top: float
    number_size: float
    code: str
    code_size: float
    date: str


def fitted(field: str, face: Face, text: str, size: float, room: float, floor: float, *, spacing: float = 0.0) -> float:
    """The largest size up to ``size`` pt at which ``text`` is no wider than ``room`` mm; refused under ``floor`` pt."""
    em = face.width(text) + spacing * len(text)
    fits = min(size, room / MM / em) if em else size
    if fits < floor:
        raise RenderRefused("render.overflow", "文字过长，排不下（{length} 字）", field=field, length=len(text))
    return math.floor(fits * 100) / 100


def lines_needed(face: Face, words: Iterable[str], size: float, room: float, *, indent: float = 0.0) -> int:
    """How many lines of ``room`` mm unbreakable ``words`` fill at ``size`` pt; half a cell a line is kept in reserve."""
    cells, used, lines = room / MM / size - 0.5, indent, 1
    for word in words:
        width = face.width(word)
        if used and used + width > cells:
            used, lines = 0.0, lines + 1
        lines += int(width / cells) if width > cells else 0
        used += width
    return lines


def arrange(certificate: CompetitionCertificate, faces: Mapping[str, Face]) -> Layout:
    """The sheet's layout; raises `render.overflow` for a text that has no place."""
    kai, heavy = faces["Kai"], faces["HeiB"]
    name, name_size, wraps = _name(certificate, kai)
    members = certificate.recipients if wording.is_team(certificate) else ()
    density, body = _density(certificate, kai, name_size, wraps, members)
    award, middle, rule, top = _DENSITIES[density]
    body_size, pitch = _BODIES[body]
    head = wording.head_line(certificate)
    when = certificate.issued_on
    date = wording.chinese_date(when) if certificate.day_printed else wording.chinese_month(when)
    organ = fitted("issuer", kai, certificate.issuer, 15, 100, 9.5, spacing=0.06)
    signed = max(
        (kai.width(text) + 0.06 * len(text)) * size * MM for text, size in ((certificate.issuer, organ), (date, 15))
    )
    axis = min(238.8, LEFT + COLUMN + 2 - max(signed, 42) / 2)
    code = wording.grouped(certificate.check_code)
    return Layout(
        head=head,
        head_size=_head_size(faces["Hei"], head),
        band=_band(certificate, faces["Title"]),
        award_size=fitted("award", faces["Title"], certificate.award, award, COLUMN, 24, spacing=0.095),
        award_middle=middle,
        rule=rule,
        words_top=top,
        name=name,
        name_size=name_size,
        name_wraps=wraps,
        address_size=_ADDRESS,
        members=members,
        members_size=_MEMBERS,
        unit_size=_UNIT,
        body_size=body_size,
        body_pitch=pitch,
        organ_size=organ,
        axis=axis,
        seal_top=SIGN_MIDDLE - SEAL_SHARE * 42,
        number_size=fitted("number", heavy, certificate.number, 9.4, 80, 6, spacing=0.05),
        code=code,
        code_size=fitted("check_code", heavy, code, 9.4, 80, 6, spacing=0.05),
        date=date,
    )


def _name(certificate: CompetitionCertificate, kai: Face) -> tuple[str, float, bool]:
    """The large name: a person's is never wrapped; a team's may take two lines."""
    if certificate.team:
        name, field, tail = certificate.team, "team", "："
    else:
        name, field = "　".join(wording.open_name(one) for one in certificate.recipients), "recipients"
        tail = f"{certificate.address}："
    room = COLUMN - (kai.width(tail) + 0.5) * _ADDRESS * 1.06 * MM
    wanted = _NAME * wording.name_scale(len(name.replace("　", "")))
    if certificate.team and kai.width(name) * 17 * MM > room:
        fitted(field, kai, name, 17, 2 * room - 20, 17)
        return name, 17.0, True
    return name, fitted(field, kai, name, wanted, room, 12, spacing=0.04), False


def _density(
    certificate: CompetitionCertificate, kai: Face, name_size: float, wraps: bool, members: tuple[str, ...]
) -> tuple[int, int]:
    """The airiest setting in which unit, name, members and body end above the seal."""
    fixed = 9.4 if wraps else 0.0
    fixed += max(name_size, _ADDRESS) * MM * 1.35
    if certificate.unit:
        fixed += 2 + 7.4 * lines_needed(kai, wording.unbreakable(certificate.unit), _UNIT * 1.03, COLUMN)
    if members:
        fixed += 2 + 8.4 * lines_needed(kai, ["队员：", *(f"{one}　" for one in members)], _MEMBERS * 1.03, COLUMN)
    body_words = [*wording.unbreakable(wording.sentence(certificate)), certificate.award + wording.CLOSING[0]]
    body_words += wording.unbreakable(wording.CLOSING[1:])
    for density, body in _STEPS:
        size, pitch = _BODIES[body]
        body_height = pitch * lines_needed(kai, body_words, size * 1.02, COLUMN, indent=2)
        if _DENSITIES[density][3] + fixed + body_height <= WORDS_BOTTOM:
            return density, body
    raise RenderRefused(
        "render.overflow", "正文过长，一页排不下（{length} 字）", field="competition", length=sum(map(len, body_words))
    )


def _head_size(hei: Face, head: str) -> float:
    """One line down to 8.6 pt, then two."""
    em = hei.width(head) + 0.12 * len(head)
    if COLUMN / MM / em >= 8.6:
        return fitted("competition", hei, head, 12, COLUMN, 8.6, spacing=0.12)
    return fitted("competition", hei, head, 8.6, 2 * COLUMN - 12, 7.2, spacing=0.12)


def _band(certificate: CompetitionCertificate, title: Face) -> Band:
    """The competition's title down the band: columns for Chinese, one turned line for a title in Latin letters."""
    text = wording.without_year(certificate.competition, certificate.year)
    if wording.is_latin(text):
        size = fitted("competition", title, text, 20, 126, 7, spacing=0.02)
        return Band(columns=(), turned=text, size=size * MM, pitch=0)
    rows = 14 if len(text) <= 42 else 20
    cut = wording.columns(text, first=rows)
    pitch = min(9.92, 132 / max(len(column) for column in cut))
    if len(cut) == 1:
        return Band(columns=((27.5, cut[0]),), turned="", size=pitch / 1.4, pitch=pitch)
    step = min(9.5, 37 / len(cut))
    size = min(pitch / 1.32, step * 0.72)
    start = 39.5 + step * (len(cut) - 1) / 2
    places = tuple((start - step * at, column) for at, column in enumerate(cut))
    return Band(columns=places, turned="", size=size, pitch=pitch)
