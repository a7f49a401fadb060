"""A paper set and sealed: PAdES B-B by the same signer process as certificates, its certificate among the published keys.

The signature is invisible and covers the whole file; the round seal on the sheet is a drawing marked 示例 (D2 tells its place)
and signs nothing. Sealing appends: not a byte of what was set changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from foundation.settings import settings
from publications.certificates import keys
from publications.certificates.proof.signing import SignerProcess
from publications.documents.paper.pool import DocumentPool, press
from publications.documents.schemas import Paper


class SealedPaper(Struct, frozen=True, kw_only=True):
    """The file, its SHA-256, and the name (SHA-256) of the certificate that sealed it."""

    pdf: bytes
    sha256: bytes
    seal: str


class Sealer:
    """A warm press and a signer beside it."""

    def __init__(self, pool: DocumentPool, signer: SignerProcess) -> None:
        self._pool, self._signer = pool, signer

    async def seal(self, paper: Paper) -> SealedPaper:
        """The sealed PDF/A-3u of a paper. Raises ``RenderRefused``, ``ProofRefused``."""
        bare = await self._pool.set(paper, for_seal=True)
        published = self._signer.published
        await keys.publish(published)  # before the first file that needs them is out of the house
        pdf, name = await self._signer.seal(bare), hashlib.sha256(published.certificates[0]).hexdigest()
        return SealedPaper(pdf=pdf, sha256=hashlib.sha256(pdf).digest(), seal=name)


@asynccontextmanager
async def sealer() -> AsyncIterator[Sealer]:
    """Press and signer, started and ready: what must be locked is locked after this. Raises ``ProofRefused`` without a key."""
    async with press() as pool, SignerProcess(settings()) as signer:
        await pool.warm()
        yield Sealer(pool, signer)
