"""The fonts of a document: logical families, the first one present wins (D3), every character checked before it is set."""

from __future__ import annotations

from collections.abc import Mapping

from publications.certificates.rendering.fonts import CANDIDATES, Face, hb, require_glyphs, resolve
from publications.documents.schemas import Paper

FAMILIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Title": CANDIDATES["Title"],
    "Fang": (("FangSong_GB2312", ""), ("仿宋_GB2312", ""), ("FangSong", ""), ("Noto Serif CJK SC", "Regular")),
    "Kai": (("KaiTi_GB2312", ""), ("KaiTi", ""), ("LXGW WenKai", "Regular")),
    "Hei": CANDIDATES["Hei"],
    "Song": CANDIDATES["Song"],
}
FULL, HALF = {"fwid": True, "kern": False}, {"hwid": True, "kern": False}


def faces() -> dict[str, Face]:
    """The machine's faces. Raises ``render.fonts`` naming the families that are absent."""
    return resolve(candidates=FAMILIES)


def advance(face: Face, text: str) -> float:
    """The width of a run in em, as the style sheet's features set it: half-width ASCII, full-width everything else."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(face.font, buffer, HALF if is_half(text[0]) else FULL)
    return sum(place.x_advance for place in buffer.glyph_positions) / face.hb_face.upem


def is_half(char: str) -> bool:
    """ASCII takes half a cell."""
    return " " <= char <= "~"


def family_of(char: str, family: str, found: Mapping[str, Face]) -> str:
    """The family that sets a character: 楷体's narrow quotation marks and dots are taken from 仿宋."""
    if family == "Kai" and not is_half(char) and char != "　" and advance(found["Kai"], char) < 0.9:
        return "Fang"
    return family


def texts(paper: Paper) -> list[tuple[str, str, str]]:
    """(field, family, text) of everything that a user wrote."""
    found = [("title", "Title", paper.title.replace("\n", "")), ("addressees", "Fang", paper.addressees)]
    for organ in paper.organs:
        found += [("organs", "Title", organ), ("organs", "Fang", organ)]
    found += [("mark", "Title", paper.mark), ("number", "Fang", paper.number)]
    found += [("copies", "Fang", paper.copies), ("printed_by", "Fang", paper.printed_by)]
    families = {"first": ("Hei", "Fang"), "second": ("Kai", "Fang")}
    for block in paper.body:
        found += [("body", family, block.text) for family in families.get(block.level, ("Fang",))]
    for place, annex in enumerate(paper.annexes):
        field = f"annexes-{place}-rows"
        found += [(f"annexes-{place}-title", family, annex.title.replace("\n", "")) for family in ("Title", "Fang")]
        for entry in annex.entries:
            found += [(field, "Hei" if entry.heading else "Fang", entry.name), (field, "Fang", entry.detail)]
    return [one for one in found if one[2]]


def check(paper: Paper, found: Mapping[str, Face]) -> None:
    """Refuse the first field with a character that its font lacks (生僻字), naming the character (``render.glyph``)."""
    for field, family, text in texts(paper):
        require_glyphs(field, text, found[family])
