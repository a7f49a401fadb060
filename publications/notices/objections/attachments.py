"""Scans with a unit's seal: an allow-list of three kinds, each written anew, kept under the objection's key."""

from __future__ import annotations

import asyncio
import base64
import io

from foundation.crypto import seal, unseal
from foundation.errors import Refusal
from foundation.storage import UPLOAD_LIMIT

LABEL = "objection.attachment"
MOST_PIXELS = 40_000_000
MOST_PAGES = 30
SIDE = 3000
"""Longest side of a picture as kept: enough for a page at 250 dpi."""


async def clean(body: bytes) -> tuple[bytes, str]:
    """(bytes written anew, media type) of a PNG, JPEG or PDF. Raises ``attachment_large``, ``attachment_kind``,
    ``attachment_broken``."""
    if len(body) > UPLOAD_LIMIT:
        raise Refusal("attachment_large", "扫描件不能超过 10 MB", field="file", rule="H34")
    if body.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return await asyncio.to_thread(_picture, body)
    if body.startswith(b"%PDF-"):
        return await asyncio.to_thread(_pdf, body)
    raise Refusal("attachment_kind", "扫描件只收 PDF、PNG 和 JPEG", field="file", rule="H34")


def _broken() -> Refusal:
    return Refusal("attachment_broken", "扫描件打不开：请重新扫描或另存后再传", field="file", rule="H34")


def _picture(body: bytes) -> tuple[bytes, str]:
    """Only the pixels go on: no metadata, no place where it was taken."""
    from PIL import Image, ImageFile, ImageOps

    # A library that sets pages wants halves of pictures shown and says so for the whole process; a half scan is no scan.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(body), formats=("PNG", "JPEG")) as given:
            if given.width * given.height > MOST_PIXELS:
                raise _broken()
            drawn = ImageOps.exif_transpose(given).convert("RGB")
    except Refusal:
        raise
    except Exception as why:  # a decoder meets hostile bytes in many ways; all mean the same to whoever sent them
        raise _broken() from why
    drawn.thumbnail((SIDE, SIDE))
    plain = Image.new("RGB", drawn.size)
    plain.paste(drawn)
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=88, optimize=True)
    return kept.getvalue(), "image/jpeg"


def _pdf(body: bytes) -> tuple[bytes, str]:
    """Only the pages go on: no scripts, actions, annotations or files within the file."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(body)) as given, pikepdf.new() as plain:
            if not 1 <= len(given.pages) <= MOST_PAGES:
                raise _broken()
            plain.pages.extend(given.pages)
            for page in plain.pages:
                for name in ("/AA", "/Annots", "/B", "/PieceInfo", "/Metadata"):
                    if name in page:
                        del page[name]
            kept = io.BytesIO()
            plain.save(kept, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except Refusal:
        raise
    except Exception as why:  # as above
        raise _broken() from why
    if len(kept.getvalue()) > 2 * UPLOAD_LIMIT:
        raise _broken()
    return kept.getvalue(), "application/pdf"


def lock(key: bytes, body: bytes) -> bytes:
    """The bytes under the objection's key."""
    return seal(key, base64.b85encode(body).decode(), label=LABEL)


def unlock(key: bytes, sealed: bytes) -> bytes:
    return base64.b85decode(unseal(key, sealed, label=LABEL))
