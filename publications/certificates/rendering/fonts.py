"""Fonts of a certificate: found on the machine, checked against the text, cut to one job's characters.

The system's families are TrueType collections in which the Japanese face stands first, so a face is always taken by
its index. A cut face keeps every OpenType feature and a few kilobytes; a character that a family lacks is a named
fault (`render.glyph`), never a silent box or another family's glyph.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import uharfbuzz

from publications.certificates.rendering.schemas import RenderRefused

hb: Any = uharfbuzz  # a compiled module without type stubs

# The first one present wins. (family, style) as fontconfig names them; no style means the regular weight.
CANDIDATES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Title": (("FZXiaoBiaoSong-B05S", ""), ("方正小标宋简体", ""), ("Noto Serif CJK SC", "Bold")),
    "Kai": (("KaiTi_GB2312", ""), ("KaiTi", ""), ("LXGW WenKai", "Regular")),
    "Hei": (("SimHei", ""), ("Noto Sans CJK SC", "Regular")),
    "HeiB": (("Noto Sans CJK SC", "Bold"), ("SimHei", "")),
    "Song": (("SimSun", ""), ("Noto Serif CJK SC", "Regular")),
}
QUOTES = "“”‘’"
_REGULAR = {"", "Regular", "Normal", "Book", "Roman"}


class Face:
    """One face of one font file: the file, its index in the collection, and what it can print."""

    def __init__(self, path: str, index: int, *, quotes: Face | None = None) -> None:
        self.path = path
        self.index = index
        self.quotes = quotes  # the face that sets this one's quotation marks, where its own are too narrow

    @cached_property
    def hb_face(self) -> Any:
        return hb.Face(hb.Blob.from_file_path(self.path), self.index)

    @cached_property
    def font(self) -> Any:
        return hb.Font(self.hb_face)

    @cached_property
    def characters(self) -> Any:
        return self.hb_face.unicodes

    def missing(self, text: str) -> str:
        """The characters of ``text`` that this face has no glyph for, each once, in order."""
        return "".join(dict.fromkeys(char for char in text if ord(char) not in self.characters))

    def width(self, text: str) -> float:
        """The advance of ``text`` set in one line, in em."""
        if self.quotes is not None:
            marks = "".join(char for char in text if char in QUOTES)
            return self._advance("".join(char for char in text if char not in QUOTES)) + self.quotes.width(marks)
        return self._advance(text)

    def _advance(self, text: str) -> float:
        font, upem = self.font, self.hb_face.upem
        return sum(font.get_glyph_h_advance(font.get_nominal_glyph(ord(char)) or 0) for char in text) / upem

    def cut(self, characters: Iterable[str]) -> bytes:
        """A font file that holds these characters only, all layout features kept."""
        wanted = sorted({ord(char) for char in characters})
        options = hb.SubsetInput()
        options.sets(hb.SubsetInputSets.UNICODE).update(wanted)
        features = options.sets(hb.SubsetInputSets.LAYOUT_FEATURE_TAG)
        features.clear()
        features.invert()
        return hb.subset(self.hb_face, options).blob.data


def installed() -> list[tuple[str, str, str, int]]:
    """(family, style, file, index) of every face that fontconfig lists; names in all languages."""
    # The worker hides the system's fonts from Pango by FONTCONFIG_FILE; this listing must still see them.
    environment = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    command = ["fc-list", "--format", "%{file}\t%{index}\t%{family}\t%{style}\n"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise RenderRefused("render.fonts", "系统字体清单无法读取：{reason}", reason=str(error)) from error
    faces = []
    for line in run.stdout.splitlines():
        path, index, families, styles = line.split("\t")
        names = families.split(",")
        for position, family in enumerate(names):
            style_names = styles.split(",")
            style = style_names[min(position, len(style_names) - 1)]
            faces.append((family, style, path, int(index)))
    return faces


def resolve(
    faces: Iterable[tuple[str, str, str, int]] | None = None,
    candidates: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> dict[str, Face]:
    """Logical family → face, the first candidate present winning. Raises `render.fonts` naming what is absent."""
    wanted_families = CANDIDATES if candidates is None else candidates
    listed = sorted(installed() if faces is None else faces, key=lambda face: (face[2], face[3]))
    found: dict[str, Face] = {}
    for logical, choices in wanted_families.items():
        for family, style in choices:
            wanted = {style} if style == "Bold" else _REGULAR
            match = next((face for face in listed if face[0] == family and face[1] in wanted), None)
            # A named display face such as 小标宋 has one weight, whatever it calls its style.
            match = match or next((face for face in listed if not style and face[0] == family), None)
            if match and Path(match[2]).exists():
                found[logical] = Face(match[2], match[3])
                break
    if absent := [logical for logical in wanted_families if logical not in found]:
        names = "；".join(f"{one}: {' / '.join(family for family, _ in wanted_families[one])}" for one in absent)
        raise RenderRefused("render.fonts", "缺少字体：{families}", families=names)
    # The marks of 楷体 stand in a third of a cell: 宋体 sets them instead (`Quote`, next in the style sheet's list).
    found["Quote"] = found["Song"]
    found["Kai"].quotes = found["Quote"]
    return found


def require_glyphs(field: str, text: str, face: Face) -> None:
    """Refuse a text with a character that its family cannot print (facts: ``field``, ``characters``)."""
    if missing := face.missing(text):
        named = "、".join(f"{char}（U+{ord(char):04X}）" for char in missing)
        raise RenderRefused("render.glyph", "字库缺字，无法印制：{characters}", field=field, characters=named)


def address_of(data: bytes) -> str:
    """The name under which a worker's own table serves these bytes."""
    return "asset:" + hashlib.sha256(data).hexdigest()
