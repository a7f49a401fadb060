"""The last touches on a PDF before it is written: the ornament under the text, each stream compressed once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pydyf

Form = tuple[str, bytes, tuple[float, float], tuple[float, float]]  # name, content, size, place


def underlay(pdf: pydyf.PDF, forms: Iterable[Form]) -> None:
    """Put (name, deflated content, size, place) under the only page's own content, as artifacts. Measures in mm."""
    page = pdf.objects[pdf.pages["Kids"][0]]
    resources = _referred(pdf, page["Resources"])
    content = _referred(pdf, page["Contents"])
    unit, top = 72 / 25.4, float(page["MediaBox"][3])
    lines = [b"/Artifact BMC"]
    for name, data, (width, height), (x, y) in forms:
        extra = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([0, 0, width, height]),
            "Filter": "/FlateDecode",
        }
        form = pydyf.Stream([data], pydyf.Dictionary(extra))
        pdf.add_object(form)
        resources["XObject"][name] = form.reference
        matrix = f"{unit:.6f} 0 0 {-unit:.6f} {x * unit:.4f} {top - y * unit:.4f}"
        lines.append(f"q {matrix} cm /{name} Do Q".encode())
    content.stream[:0] = [*lines, b"EMC"]


def deflate(pdf: pydyf.PDF) -> None:
    """Compress each stream once; pydyf would do it at every look, once to write and once more for the identifier."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and item.compress:
            raw = b"\n".join(part if isinstance(part, bytes) else pydyf._to_bytes(part) for part in item.stream)
            item.stream, item.compress = [_deflated(raw)], False
            item.extra["Filter"] = "/FlateDecode"


@lru_cache(maxsize=32)
def _deflated(raw: bytes) -> bytes:
    """The colour profile and small common streams come again on every sheet."""
    return zlib.compress(raw)


def _referred(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
