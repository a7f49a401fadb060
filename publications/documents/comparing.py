"""Is this the file that was issued? (核对文件) A document or notice sheet that somebody holds, against the bytes that were kept.

Only its SHA-256 is computed: nothing of the file is opened, parsed or kept.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from foundation.database import fetchrow
from foundation.errors import Refusal
from foundation.forms import Bound
from foundation.trail.showing import head_shown
from foundation.web.limits import client_address, limit
from foundation.web.pages import HouseRequest, page

LARGEST = 10 << 20
BODY = LARGEST + (1 << 16)
TRIES, WINDOW = 30, timedelta(minutes=5)
KNOWN_SQL = """
SELECT 'documents' AS section, d.number AS label, d.title, '/documents/' || d.number AS href, d.stage = 'withdrawn' AS withdrawn
FROM document_copy c JOIN document d ON d.id = c.document WHERE c.pdf_sha256 = $1 AND d.public
UNION ALL
SELECT 'notices', coalesce(n.number, n.title), n.title, '/notices/' || n.id, n.stage = 'withdrawn'
FROM notice_paper p JOIN notice n ON n.id = p.notice WHERE p.pdf_sha256 = $1
LIMIT 1
"""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A file of ours: its document or notice, where that stands, whether it was taken back."""

    section: str
    label: str
    title: str
    href: str
    withdrawn: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """``same``: the very file · ``other``: another file of ours · ``differs``: none of ours, or changed since."""

    verdict: str
    digest: str
    known: Known | None = None


async def known_by(digest: bytes) -> Known | None:
    """The public document or notice whose kept file has this SHA-256."""
    row = await fetchrow(KNOWN_SQL, digest)
    return None if row is None else Known(**dict(row))


async def compare(body: bytes, href: str) -> Compared:
    """A file against what ``href`` (``/documents/…`` or ``/notices/…``) issued."""
    digest = hashlib.sha256(body).digest()
    known = await known_by(digest)
    verdict = "differs" if known is None else "same" if known.href == href else "other"
    return Compared(verdict=verdict, digest=digest.hex(), known=known)


async def page_of_known(request: HouseRequest, body: bytes) -> Response[Any] | None:
    """The verdict's page of a file of ours that was sent in elsewhere (with a certificate's form); None for any other."""
    digest = hashlib.sha256(body).digest()
    known = await known_by(digest)
    if known is None:
        return None
    found = Compared(verdict="same", digest=digest.hex(), known=known)
    return await _page(
        request, Bound(), found, href=known.href, label=known.label, title=known.title, digest=found.digest,
        section=known.section, status_code=200,
    )  # fmt: skip


async def given_file(request: HouseRequest) -> bytes:
    """The PDF of the form, counted against its sender's tries; refuses nothing, too much, and what is no PDF."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise Refusal("file_missing", "请选择要核对的 PDF 文件", field="file")
    await limit("compare", client_address(request), most=TRIES, window=WINDOW)
    body = await given.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refusal("file_too_large", "文件超过 {most} MB", field="file", most=LARGEST >> 20)
    if not body.startswith(b"%PDF-"):
        raise Refusal("compare_no_pdf", "这不是 PDF 文件：请选下载时的原始文件，不要用照片或扫描件", field="file")
    return body


async def comparison_page(
    request: HouseRequest, *, href: str, label: str, title: str, digest: str, section: str, send: bool
) -> Response[Any]:
    """The form; with ``send`` the verdict of what was sent (200 same, 422 otherwise)."""
    form: Bound[Any] = Bound()
    found: Compared | None = None
    if send:
        request.scope["state"]["no_store"] = True
        with form.catching():
            found = await compare(await given_file(request), href)
    status = 422 if send and (found is None or found.verdict != "same") else 200
    return await _page(
        request, form, found, href=href, label=label, title=title, digest=digest, section=section, status_code=status
    )


async def _page(
    request: HouseRequest, form: Bound[Any], found: Compared | None, *, status_code: int, **context: str
) -> Response[Any]:
    shared = {"form": form, "found": found, "most_mb": LARGEST >> 20, "trail_head": await head_shown()}
    return await page(request, "publications/documents/comparison.html", status_code=status_code, **shared, **context)
