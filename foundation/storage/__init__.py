"""Files through obstore: a folder by default, an S3-compatible store by setting; random names, sha256 kept."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any
from uuid import UUID

from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow
from foundation.database.columns import new_id
from foundation.errors import NotFound
from foundation.settings import settings

UPLOAD_LIMIT = 10 * 1024 * 1024


@cache
def store() -> Any:
    """The installation's object store."""
    from obstore.store import from_url

    url = settings().storage_url
    if url.startswith("file://"):
        from pathlib import Path
        from urllib.parse import unquote, urlsplit

        Path(unquote(urlsplit(url).path)).mkdir(parents=True, exist_ok=True)
    return from_url(url)


def _place(file: UUID) -> str:
    return f"{file.hex[-2:]}/{file.hex}"


async def keep(body: bytes, *, name: str, media_type: str, made_by: UUID | None) -> UUID:
    """Store a file and its row in the current transaction; a rolled-back row leaves an unreachable file behind, no more."""
    import obstore

    file = new_id()
    await obstore.put_async(store(), _place(file), body)
    await fetch(
        "INSERT INTO stored_file (id, name, media_type, size, sha256, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
        file, name[:200], media_type, len(body), hashlib.sha256(body).digest(), made_by,
    )  # fmt: skip
    return file


async def load(file: UUID) -> tuple[bytes, str, str]:
    """(body, name, media type). Raises ``NotFound``; raises ``ValueError`` where the bytes are not those that were kept."""
    import obstore

    row = await fetchrow("SELECT name, media_type, sha256 FROM stored_file WHERE id = $1", file)
    if row is None:
        raise NotFound
    body = bytes(await (await obstore.get_async(store(), _place(file))).bytes_async())
    if hashlib.sha256(body).digest() != row["sha256"]:
        raise ValueError(f"the bytes of file {file} were changed in storage")
    return body, row["name"], row["media_type"]


async def drop(file: UUID) -> None:
    """Forget a file: its row in the current transaction, its bytes at once. Dropping it again does nothing."""
    import obstore

    if await fetchrow("DELETE FROM stored_file WHERE id = $1 RETURNING id", file) is not None:
        await obstore.delete_async(store(), _place(file))
