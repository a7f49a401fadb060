"""For the print shop (印厂模式): one PDF of many certificates, with bleed and crop marks. Pure: bytes in, bytes out.

Trim is the sheet itself; the ground runs 3 mm beyond it (BleedBox), marks stand outside that, within 10 mm (MediaBox). The
pages are pictures for paper: seals, statements and tags stay with the single files, and nothing here claims PDF/A.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

import pikepdf

from publications.certificates.rendering import ornament

MM = 72 / 25.4
MARGIN, BLEED = 10.0, 3.0
_MARK_FROM, _MARK_TO = 4.0, 9.0


class PrintShop:
    """Collects sheets: ``add`` each sealed file, a competition's with its tier, then ``pdf`` once."""

    def __init__(self) -> None:
        self._pdf = pikepdf.new()

    def add(self, sealed: bytes, tier: int | None) -> None:
        """One more sheet; raises ``ValueError`` for a file of another shape than ours."""
        with pikepdf.open(io.BytesIO(sealed)) as source:
            if len(source.pages) != 1:
                raise ValueError("a certificate has one page")
            self._pdf.pages.append(source.pages[0])
        page = self._pdf.pages[-1]
        for name in ("/Annots", "/StructParents", "/Tabs"):
            if name in page.obj:
                del page.obj[name]
        width, height = (float(value) for value in page.obj.MediaBox[2:])
        page.obj.TrimBox = page.obj.CropBox = pikepdf.Array([0, 0, width, height])
        page.obj.BleedBox = _around(width, height, BLEED)
        page.obj.MediaBox = page.obj.CropBox = _around(width, height, MARGIN)
        if tier is None:
            page.contents_add(_ornament_behind(width, height), prepend=True)
        else:
            _let_ornament_bleed(page)
            page.contents_add(_ground(tier, width, height), prepend=True)
        page.contents_add(_marks(width, height))

    def __len__(self) -> int:
        return len(self._pdf.pages)

    def pdf(self) -> bytes:
        out = io.BytesIO()
        self._pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of (name, body); PDFs are packed already."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, body in files:
            packed.writestr(name, body)
    return out.getvalue()


def _around(width: float, height: float, by: float) -> pikepdf.Array:
    return pikepdf.Array([round(value, 3) for value in (-by * MM, -by * MM, width + by * MM, height + by * MM)])


def _let_ornament_bleed(page: pikepdf.Page) -> None:
    """The ornament is drawn larger than the sheet and cut by its form's box: let it out as far as the bleed."""
    for name, form in page.obj.Resources.XObject.items():
        if name == "/Ornament":
            form.BBox = pikepdf.Array([-BLEED, -BLEED, ornament.WIDTH + BLEED, ornament.HEIGHT + BLEED])


def _ornament_behind(width: float, height: float) -> bytes:
    """The sheet's own ground once more behind it, stretched to the bleed: nothing but ground stands so near its edge."""
    out = BLEED * MM
    across, down = (width + 2 * out) / width, (height + 2 * out) / height
    return f"q {MM * across:.6f} 0 0 {-MM * down:.6f} {-out:.4f} {height + out:.4f} cm /Ornament Do Q\n".encode()


def _colour(colour: str) -> str:
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))


def _ground(tier: int, width: float, height: float) -> bytes:
    """Ivory and the band's colour, out to the bleed."""
    out, band = BLEED * MM, ornament.BAND * MM
    box = f"{-out:.3f} {-out:.3f} {{:.3f}} {height + 2 * out:.3f} re f"
    return (
        f"q {_colour(ornament.IVORY)} rg {box.format(width + 2 * out)}"
        f" {_colour(ornament.palette(tier).ground)} rg {box.format(band + out)} Q\n"
    ).encode()


def _marks(width: float, height: float) -> bytes:
    """Two hair lines at each corner, clear of the bleed."""
    near, far = _MARK_FROM * MM, _MARK_TO * MM
    lines = []
    for x, outward in ((0.0, -1), (width, 1)):
        for y, upward in ((0.0, -1), (height, 1)):
            lines.append(f"{x:.3f} {y + upward * near:.3f} m {x:.3f} {y + upward * far:.3f} l S")
            lines.append(f"{x + outward * near:.3f} {y:.3f} m {x + outward * far:.3f} {y:.3f} l S")
    return ("\nq 0 0 0 RG 0.25 w " + " ".join(lines) + " Q\n").encode()
