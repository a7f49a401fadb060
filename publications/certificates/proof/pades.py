"""Sealing a PDF: PAdES baseline B-B by pyHanko, behind an interface that another algorithm can stand behind (SM2)."""

from __future__ import annotations

import asyncio
import io
from typing import Protocol

from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import SimpleSigner

from publications.certificates.proof.schemas import ProofRefused
from publications.certificates.rendering.carrying import FIELD

_ROOM = (
    12288  # hex digits kept free for the signature: a chain of three certificates fits, nothing need be signed twice
)


class Signer(Protocol):
    """Seals PDFs. ``certificates`` are its own first, then its chain, in DER."""

    @property
    def certificates(self) -> tuple[bytes, ...]: ...

    def sign(self, pdf: bytes) -> bytes:
        """The same PDF with its one signature, appended: not a byte of what was given changes. Raises ``ProofRefused``."""
        ...


class _Archival(IncrementalPdfFileWriter):
    """Keeps the file PDF 1.7: PDF/A-3 knows no later one, and pyHanko would raise it for an elliptic curve."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        if version <= (1, 7):
            super().ensure_output_version(version)

    def register_extension(self, ext: DeveloperExtension) -> None:
        if ext.base_version == "/1.7":
            super().register_extension(ext)

    def _update_meta(self) -> None:
        """Leave the metadata as they were set: written anew they would lose what PDF/A asks of them."""


class PadesSigner:
    """PAdES B-B with a key from PKCS#12 (RSA, ECDSA, EdDSA), certifying that nothing may be changed afterwards."""

    def __init__(self, store: bytes, passphrase: bytes | None) -> None:
        try:
            loaded = SimpleSigner.load_pkcs12_data(store, other_certs=[], passphrase=passphrase)
        except ValueError:
            loaded = None
        if loaded is None or loaded.signing_cert is None:
            raise ProofRefused("proof.signer", "PKCS#12 文件或口令不对")
        self._signer = loaded
        chain = [one.dump() for one in loaded.cert_registry if one != loaded.signing_cert]
        self.certificates: tuple[bytes, ...] = (loaded.signing_cert.dump(), *chain)
        self._metadata = signers.PdfSignatureMetadata(
            field_name=FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )  # fmt: skip
        self._loop = asyncio.new_event_loop()  # made before the process is sealed off from sockets

    def sign(self, pdf: bytes) -> bytes:
        output = io.BytesIO()
        try:
            writer = _Archival(io.BytesIO(pdf), strict=True)
            sealing = signers.PdfSigner(self._metadata, signer=self._signer).async_sign_pdf(
                writer, existing_fields_only=True, bytes_reserved=_ROOM, output=output
            )
            self._loop.run_until_complete(sealing)
        except Exception as why:  # whatever the library stumbles over is this file's fault, not the process's
            raise ProofRefused(
                "proof.signer", "签章失败：{reason}", reason=f"{type(why).__name__}: {why}"[:200]
            ) from why
        return output.getvalue()
