"""Sheets that differ in the holder's name, number, code and QR code only: laid out once, then only these are exchanged.

The layout of a first sheet is kept; for the next of the same pattern four boxes get their own text or picture, by the
layout engine's own functions, and what follows the name is moved. Its bytes are those of a sheet laid out from the
beginning: `tests/publications/certificates/rendering/test_repeating.py` compares them. Anything unexpected is laid out.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from typing import Any

import msgspec
from weasyprint import DEFAULT_OPTIONS
from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.images import get_image_from_uri
from weasyprint.layout.inline import split_text_box

from publications.certificates.rendering.layout import Layout
from publications.certificates.rendering.schemas import CompetitionCertificate

MOST = 8
_OWN = ("number", "check_code", "qr_payload", "statement")


def pattern(certificate: CompetitionCertificate, layout: Layout) -> Hashable | None:
    """What sheets must have in common; None for one that is laid out by itself (a team, a name with spaces)."""
    if certificate.team or layout.name_wraps or any(char.isspace() and char != "\u3000" for char in layout.name):
        return None
    blank: dict[str, Any] = dict.fromkeys(_OWN, "-")
    alike = msgspec.structs.replace(certificate, recipients=("-",), **blank)
    return alike, msgspec.structs.replace(layout, name="", code="")


class Master:
    """A sheet's layout and the boxes in it that are each holder's own. Raises ``LookupError`` where they are not found."""

    def __init__(self, document: Any, certificate: CompetitionCertificate, layout: Layout) -> None:
        self._document, self._page = document, document.pages[0]
        found = list(self._page._page_box.descendants(placeholders=True))
        self._name = _text(found, "span", layout.name)
        self._number = _text(found, "p", certificate.number)
        self._code = _text(found, "p", layout.code)
        self._line, self._span, self._after = _around(found, self._name)
        codes = [box for box in found if isinstance(box, boxes.ReplacedBox) and box.element.get("class") == "qr"]
        if len(codes) != 1:
            raise LookupError("one QR code is wanted")
        (self._qr,) = codes

    def sheet(self, certificate: CompetitionCertificate, layout: Layout, title: str, qr: str) -> Any | None:
        """The document of another holder, or None where a text does not fit into its box's line as the first one did."""
        texts = ((self._name, layout.name), (self._number, certificate.number), (self._code, layout.code))
        if not all(_reset(box, text) for box, text in texts):
            return None
        self._span.width = self._name.margin_width()
        self._after.position_x = self._span.position_x + self._span.margin_width()
        fetcher = self._document.url_fetcher
        image = get_image_from_uri({}, fetcher, DEFAULT_OPTIONS, qr)
        if image is None:
            return None
        self._qr.replacement = image
        metadata = copy.copy(self._document.metadata)
        metadata.title = title
        first = self._document
        return Document([self._page], metadata, fetcher, first.font_config, first.color_profiles, first.output_intent)


def _text(found: list[Any], tag: str, text: str) -> Any:
    """The one box that holds exactly this text."""
    fitting = [box for box in found if isinstance(box, boxes.TextBox) and box.element_tag == tag and box.text == text]
    if len(fitting) != 1:
        raise LookupError("one box with this text is wanted")
    return fitting[0]


def _around(found: list[Any], name: Any) -> tuple[Any, Any, Any]:
    """(line, span, the text after the name): the name stands alone in its span, the form of address after it."""
    for line in found:
        if isinstance(line, boxes.LineBox) and len(line.children) == 2:
            span, after = line.children
            if isinstance(span, boxes.InlineBox) and list(span.children) == [name] and isinstance(after, boxes.TextBox):
                return line, span, after
    raise LookupError("a name and its form of address are wanted")


def _reset(box: Any, text: str) -> bool:
    """Give a box of one line another text; False where that would take another height or a second line."""
    draft = box.copy_with_text(text)
    split: Any = split_text_box(None, draft, None, 0)
    made, resume, _preserved = split
    if made is None or resume is not None or made.text != text or made.height != box.height:
        return False
    box.text, box.width, box.pango_layout = made.text, made.width, made.pango_layout
    return True
