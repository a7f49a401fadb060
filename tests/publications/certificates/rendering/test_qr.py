"""The code is segno's to the module, whatever way its masks are weighed; and it is read again."""

from __future__ import annotations

import io
import subprocess

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from publications.certificates.rendering import qr
from publications.certificates.rendering.schemas import RenderRefused

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
payloads = st.one_of(st.text(LETTERS, min_size=1, max_size=300), st.text(min_size=1, max_size=80))


def version_for(payload: str) -> int | None:
    for version in range(qr.LEAST, qr.DENSEST + 1):
        try:
            segno.make_qr(payload, error="m", version=version, boost_error=False, mask=0)
        except segno.DataOverflowError:
            continue
        return version
    return None


@given(payloads)
@settings(max_examples=150, deadline=None)
def test_the_same_modules_as_segno_chooses_by_itself(payload):
    version = version_for(payload)
    if version is None:
        with pytest.raises(RenderRefused):
            qr.modules(payload)
        return
    whole = segno.make_qr(payload, error="m", version=version, boost_error=False)
    assert [bytes(row) for row in qr.modules(payload)] == [bytes(row) for row in whole.matrix]


@given(st.lists(st.lists(st.integers(0, 1), min_size=21, max_size=21), min_size=21, max_size=21))
@settings(max_examples=100, deadline=None)
def test_the_penalty_is_the_standards_whatever_the_picture(rows):
    """ISO/IEC 18004, 7.8.3.1, module by module: segno's own weighing is the reference."""
    from segno import encoder

    matrix = tuple(bytearray(row) for row in rows)
    assert qr.penalty(b"".join(matrix), 21) == encoder.evaluate_mask(matrix, 21, 21)


@pytest.mark.parametrize("shade", [0, 1])
def test_the_penalty_of_one_colour(shade):
    from segno import encoder

    matrix = tuple(bytearray([shade] * 45) for _ in range(45))
    assert qr.penalty(b"".join(matrix), 45) == encoder.evaluate_mask(matrix, 45, 45)


def test_the_picture_is_one_pixel_a_module_with_its_quiet_zone():
    payload = "HTTPS://EXAMPLE.INVALID/V/" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 4
    picture = Image.open(io.BytesIO(qr.qr_png(payload)))
    rows = qr.modules(payload)
    assert (picture.mode, picture.size) == ("L", (len(rows) + 8, len(rows) + 8))
    for y in range(picture.height):
        for x in range(picture.width):
            inside = 4 <= x < 4 + len(rows) and 4 <= y < 4 + len(rows)
            dark = bool(rows[y - 4][x - 4]) if inside else False
            assert picture.getpixel((x, y)) == (0 if dark else 255)


def test_a_reader_reads_it(tmp_path):
    if not _zbar():
        pytest.skip("needs zbar-tools")
    payload = "HTTPS://EXAMPLE.INVALID/V/" + "Z8Y7X6W5" * 14
    picture = Image.open(io.BytesIO(qr.qr_png(payload)))
    file = tmp_path / "code.png"
    picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST).save(file)
    assert subprocess.check_output(["zbarimg", "-q", "--raw", str(file)], text=True).strip() == payload


def _zbar() -> bool:
    import shutil

    return shutil.which("zbarimg") is not None
