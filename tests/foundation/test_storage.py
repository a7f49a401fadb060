"""Files: what was kept comes back or is refused; names and places are ours."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from foundation import storage
from foundation.database import fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound
from foundation.settings import settings


def on_disk(file) -> Path:
    return Path(unquote(urlsplit(settings().storage_url).path)) / file.hex[-2:] / file.hex


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", bytes(range(256)) * 4000])
async def test_what_was_kept_comes_back(db, body):
    file = await storage.keep(body, name="证书.pdf", media_type="application/pdf", made_by=None)
    assert await storage.load(file) == (body, "证书.pdf", "application/pdf")


async def test_a_file_never_lies_under_the_name_it_came_with(db):
    file = await storage.keep(b"x", name="../../etc/passwd", media_type="a/b", made_by=None)
    assert on_disk(file).read_bytes() == b"x"
    assert "passwd" not in str(on_disk(file))


async def test_changed_bytes_are_not_handed_out(db):
    file = await storage.keep(b"genuine", name="a", media_type="a/b", made_by=None)
    on_disk(file).write_bytes(b"forged!")
    with pytest.raises(ValueError, match="changed in storage"):
        await storage.load(file)


async def test_what_was_never_kept_is_not_found(db):
    with pytest.raises(NotFound):
        await storage.load(new_id())


async def test_a_row_taken_back_leaves_no_file_that_can_be_reached(db):
    made = []
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            made.append(await storage.keep(b"x", name="a", media_type="a/b", made_by=None))
            raise ZeroDivisionError
    with pytest.raises(NotFound):
        await storage.load(made[0])


async def test_size_and_digest_stand_in_the_row(db):
    import hashlib

    file = await storage.keep(b"abc", name="n" * 500, media_type="a/b", made_by=None)
    row = await fetchrow("SELECT size, sha256, length(name) AS named FROM stored_file WHERE id = $1", file)
    assert tuple(row) == (3, hashlib.sha256(b"abc").digest(), 200)
    assert await fetchval("SELECT count(*) FROM stored_file WHERE id = $1", file) == 1
